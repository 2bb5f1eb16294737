#include "policy/cel_parser.h"

void cel_complain(struct cel_compiler *c, uint32_t start, uint32_t end, const char *fmt, ...)
{
    const struct cel_program *p = c->program;
    span at = p->whole;
    if (p->exact)
        at = (span){p->file, p->base + start, p->base + end};
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(c->arena, fmt, ap);
    va_end(ap);
    if (c->diags)
        diag_add(c->diags, DIAG_RULE, at, STR_FMT, STR_ARG(message));
    c->failed = true;
}

struct cel_program *cel_compile(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                const struct cel_environment *env, struct arena *a, struct diag_list *diags)
{
    struct cel_program *p = ARENA_NEW(a, struct cel_program);
    *p = (struct cel_program){.text = text, .file = file, .base = base, .exact = exact, .whole = whole, .env = env};
    struct cel_compiler c = {.program = p, .arena = a, .diags = diags};
    size_t bad;
    if (text.n > LIMIT_STRING_BYTES) {
        cel_complain(&c, 0, 0, "the expression is too long (limit: %u bytes)", LIMIT_STRING_BYTES);
        return NULL;
    }
    if (!str_is_utf8(text, &bad)) {
        cel_complain(&c, (uint32_t)bad, (uint32_t)bad + 1, "a byte that is not UTF-8");
        return NULL;
    }
    struct cel_node *root = cel_parse(&c);
    if (root)
        cel_resolve(&c, root);
    p->root = root;
    return c.failed ? NULL : p;
}

span cel_node_span(const struct cel_program *p, const struct cel_node *n)
{
    return p->exact ? (span){p->file, p->base + n->start, p->base + n->end} : p->whole;
}

str cel_node_text(const struct cel_program *p, const struct cel_node *n)
{
    return str_slice(p->text, n->start, n->end);
}

size_t cel_node_children(const struct cel_node *n, const struct cel_node **ret, size_t max)
{
    const struct cel_node *few[3] = {NULL, NULL, NULL};
    struct cel_node *const *many = NULL;
    size_t count = 0;
    switch (n->kind) {
    case CEL_NODE_SELECT:
        few[0] = n->u.select.operand;
        break;
    case CEL_NODE_INDEX:
    case CEL_NODE_OPTIONAL:
    case CEL_NODE_NOT:
    case CEL_NODE_NEGATE:
    case CEL_NODE_BINARY:
        few[0] = n->u.binary.left;
        few[1] = n->u.binary.right;
        break;
    case CEL_NODE_CONDITIONAL:
        few[0] = n->u.conditional.test;
        few[1] = n->u.conditional.yes;
        few[2] = n->u.conditional.no;
        break;
    case CEL_NODE_LOOP:
    case CEL_NODE_BIND:
        few[0] = n->u.loop->range;
        few[1] = n->u.loop->filter ? n->u.loop->filter : n->u.loop->body;
        few[2] = n->u.loop->filter ? n->u.loop->body : NULL;
        break;
    case CEL_NODE_CALL:
        many = n->u.call.argument;
        count = n->u.call.n;
        break;
    case CEL_NODE_LIST:
    case CEL_NODE_MAP:
    case CEL_NODE_AND:
    case CEL_NODE_OR:
        many = n->u.list.item;
        count = n->u.list.n;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < count && i < max; i++)
        ret[i] = many[i];
    for (size_t i = 0; i < ARRAY_LEN(few) && few[i]; i++, count++) {
        if (i < max)
            ret[i] = few[i];
    }
    return count;
}

struct attribute_walk {
    const struct cel_program *program;
    cel_attribute_fn *fn;
    void *data;
};

static void walk(const struct attribute_walk *w, const struct cel_node *n, bool inside)
{
    if ((n->kind == CEL_NODE_SELECT || n->kind == CEL_NODE_INDEX) && n->chain) {
        bool select = n->kind == CEL_NODE_SELECT;
        if (!inside && n->chain->path.n) {
            span at = cel_node_span(w->program, n);
            if (w->program->exact && select)
                at.start = w->program->base + n->u.select.name_at;
            w->fn(w->data, n->chain->root, n->chain->path, at);
        }
        walk(w, select ? n->u.select.operand : n->u.binary.left, true);
        if (!select)
            walk(w, n->u.binary.right, false);
        return;
    }
    const struct cel_node *children[8];
    size_t count = cel_node_children(n, children, ARRAY_LEN(children));
    struct cel_node *const *many = n->kind == CEL_NODE_CALL ? n->u.call.argument : n->u.list.item;
    for (size_t i = 0; i < count; i++)
        walk(w, count > ARRAY_LEN(children) ? many[i] : children[i], false);
}

void cel_each_attribute(const struct cel_program *p, cel_attribute_fn *fn, void *data)
{
    struct attribute_walk w = {.program = p, .fn = fn, .data = data};
    walk(&w, p->root, false);
}
