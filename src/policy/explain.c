/* The condition of a rule as a tree, with the value of every part, for one resource. */
#include "base/vec.h"
#include "policy/cel_ast.h"
#include "policy/ask.h"
#include "policy/evaluate.h"
#include "policy/locate.h"

struct seen_value {
    const struct cel_node *node;
    str text;
};

struct seen_values {
    struct seen_value *at;
    size_t n, cap;
};

struct explaining {
    struct seen_values values; /* the last value of a node counts (loops) */
    struct cel_context *context;
    struct arena *arena;
    const struct sources *sources;
};

enum { MAX_TREE_CHILDREN = 64, MAX_VALUE_BYTES = 100 };

static void note_value(void *data, const struct cel_node *n, const struct cel_value *v)
{
    struct explaining *x = data;
    struct buf b;
    buf_init(&b, 4096);
    cel_value_brief(x->context, v, &b, MAX_VALUE_BYTES);
    VEC_PUSH(&x->values, ((struct seen_value){n, buf_copy(&b, x->arena)}));
    buf_release(&b);
}

static str value_of(const struct explaining *x, const struct cel_node *n)
{
    for (size_t i = x->values.n; i-- > 0;)
        if (x->values.at[i].node == n)
            return x->values.at[i].text;
    return STR_NONE;
}

/* The text of a part, with the parentheses that it closes. */
static str balanced_text(const struct cel_program *p, const struct cel_node *n)
{
    str text = cel_node_text(p, n);
    size_t open = 0, missing = 0;
    for (size_t i = 0; i < text.n; i++) {
        open += text.p[i] == '(';
        if (text.p[i] == ')' && open-- == 0)
            open = 0, missing++;
    }
    size_t start = (size_t)(text.p - p->text.p), end = start + text.n;
    while (missing && start > 0 && (p->text.p[start - 1] == '(' || p->text.p[start - 1] == ' '))
        missing -= p->text.p[--start] == '(';
    return missing ? text : str_slice(p->text, start, end);
}

static void write_line_text(struct buf *out, str text)
{
    bool blank = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool space = c == ' ' || c == '\n' || c == '\t';
        if (!space)
            buf_add_char(out, c);
        else if (!blank)
            buf_add_char(out, ' ');
        blank = space;
    }
}

static void write_tree(const struct explaining *x, const struct cel_program *p, const struct cel_node *n,
                       unsigned depth, struct buf *out)
{
    if (n->kind == CEL_NODE_LITERAL || depth > LIMIT_CEL_DEPTH)
        return;
    buf_printf(out, "  %*s", (int)(2 * depth), "");
    write_line_text(out, balanced_text(p, n));
    str value = value_of(x, n);
    buf_printf(out, "  ->  " STR_FMT "\n", STR_ARG(value.p ? value : STR("not evaluated")));
    if (n->chain || !value.p)
        return;
    const struct cel_node *child[MAX_TREE_CHILDREN];
    size_t count = cel_node_children(n, child, MAX_TREE_CHILDREN);
    for (size_t i = 0; i < count && i < MAX_TREE_CHILDREN; i++)
        write_tree(x, p, child[i], depth + 1, out);
}

static void write_span(const struct explaining *x, span at, struct buf *out)
{
    const struct source *s = source_at(x->sources, at.file);
    if (!s)
        return;
    struct position p = source_position(s, at.start);
    buf_printf(out, STR_FMT ":%u:%u", STR_ARG(s->path), p.line, p.column);
}

/* Read before, from another part of the condition? And what every resource has is no attribute. */
static bool is_left_out(const struct cel_context *c, size_t i)
{
    const struct cel_read *r = &c->read[i];
    if (!r->value && (str_eq_c(r->path, "kind") || str_eq_c(r->path, "type") || str_eq_c(r->path, "address")))
        return true;
    for (size_t k = 0; k < i; k++)
        if (c->read[k].value == r->value && str_eq(c->read[k].variable, r->variable) &&
            str_eq(c->read[k].path, r->path))
            return true;
    return false;
}

static void write_reads(const struct explaining *x, const struct cel_context *c, struct buf *out)
{
    for (size_t i = 0; i < c->n_reads; i++) {
        const struct cel_read *r = &c->read[i];
        if (is_left_out(c, i))
            continue;
        buf_printf(out, "    " STR_FMT "." STR_FMT, STR_ARG(r->variable), STR_ARG(r->path));
        if (!r->value) {
            buf_add_c(out, " is not set\n");
            continue;
        }
        buf_add_c(out, " = ");
        value_brief(r->value, out, MAX_VALUE_BYTES);
        if (r->value->flags & VALUE_DEFAULTED)
            buf_add_c(out, "  (default)");
        for (const struct origin *o = r->value->origin; o; o = o->via) {
            if (!o->at.file)
                continue;
            buf_add_c(out, o == r->value->origin ? "  at " : "  <-  ");
            write_span(x, o->at, out);
            if (origin_note(o).n)
                buf_printf(out, " (" STR_FMT ")", STR_ARG(origin_note(o)));
        }
        buf_add_c(out, "\n");
    }
}

static void explain_program(struct explaining *x, const char *name, const struct cel_program *p,
                            const struct cel_value *binding, struct buf *out)
{
    if (!p)
        return;
    struct cel_value v;
    x->values.n = 0;
    x->context->on_value = note_value;
    x->context->on_value_data = x;
    cel_eval(p, binding, x->context, &v);
    x->context->on_value = NULL;
    buf_printf(out, "  %s:\n", name);
    write_tree(x, p, p->root, 1, out);
    write_reads(x, x->context, out);
}

/* The world of the answer about an item: that in which it fails, if it fails in some only. */
static const struct cel_world *world_of(const struct answers *answers, size_t item)
{
    for (size_t i = 0; i < answers->n; i++)
        if (answers->at[i].item == item)
            return answers->at[i].world;
    return NULL;
}

static void explain_items(struct explaining *x, const struct rule *rule, const struct answers *answers,
                          struct cel_value *binding, struct buf *out)
{
    struct cel_value list;
    cel_eval(rule->each, binding, x->context, &list);
    if (list.kind != CEL_LIST) {
        explain_program(x, "each", rule->each, binding, out);
        return;
    }
    list = cel_settle(x->context, list);
    for (size_t i = 0; i < cel_list_size(&list); i++) {
        binding[ENV_ITEM] = cel_list_at(x->context, &list, i);
        x->context->world = world_of(answers, i);
        buf_printf(out, "  item %zu", i);
        if (binding[ENV_ITEM].from && value_span(binding[ENV_ITEM].from).file) {
            buf_add_c(out, "  at ");
            write_span(x, value_span(binding[ENV_ITEM].from), out);
        }
        buf_add_c(out, "\n");
        explain_program(x, "assert", rule->assert_, binding, out);
    }
}

static void write_answers(const struct explaining *x, const struct asking *asking, const struct rule *rule,
                          const struct resource *r, const struct answers *answers, struct buf *out)
{
    for (size_t i = 0; i < answers->n; i++) {
        const struct answer *a = &answers->at[i];
        buf_printf(out, "  answer: %s", status_name(a->status));
        if (a->when.n)
            buf_printf(out, ", " STR_FMT, STR_ARG(a->when));
        if (a->status == STATUS_FAIL) {
            struct finding f = {.rule = rule, .resource = r, .status = a->status, .at = r->header};
            locate(&f, a, asking->environment->graph, asking->rules, x->arena);
            buf_printf(out, ": " STR_FMT "  at ", STR_ARG(a->message));
            write_span(x, f.at, out);
        }
        if (a->status == STATUS_UNKNOWN)
            buf_printf(out, ": " STR_FMT, STR_ARG(a->reason));
        buf_add_c(out, "\n");
    }
}

void evaluate_explain(const struct graph *g, const struct analysis *facts, const struct ruleset *rules,
                      const struct rule *rule, const struct resource *r, const struct sources *sources, struct buf *out)
{
    struct arena *arena = arena_new();
    struct cel_context *context = ARENA_NEW(arena, struct cel_context);
    cel_context_init(context, arena);
    struct diag_list diags;
    diag_list_init(&diags, arena);
    struct environment environment = {.graph = g, .facts = facts, .subject = r};
    struct asking asking = {.rules = rules,
                            .environment = &environment,
                            .parameters = ruleset_parameters(rules, arena),
                            .context = context,
                            .arena = arena,
                            .diags = &diags};
    struct explaining x = {.context = context, .arena = arena, .sources = sources};
    buf_printf(out, STR_FMT " (" STR_FMT ") ", STR_ARG(r->address), STR_ARG(sym_str(r->type)));
    write_span(&x, r->header, out);
    buf_add_c(out, "\n");
    struct answers answers = ask(&asking, rule, r);
    write_answers(&x, &asking, rule, r, &answers, out);

    context->world = world_of(&answers, 0);
    context->data = &environment;
    struct cel_value binding[ENV_VARIABLES] = {
        [ENV_RESOURCE] = cel_resource(r),
        [ENV_ITEM] = cel_null(),
        [ENV_ADDRESS] = cel_string(r->address),
        [ENV_PARAM] = cel_from_graph(context, asking.parameters, 0),
    };
    explain_program(&x, "when", rule->when, binding, out);
    if (rule->each)
        explain_items(&x, rule, &answers, binding, out);
    else
        explain_program(&x, "assert", rule->assert_, binding, out);
    VEC_RELEASE(&x.values);
    diag_list_release(&diags);
    cel_context_release(context);
    arena_free(arena);
}
