#include "base/vec.h"
#include "frontend/terraform/tree.h"

/* Blocks of one type in a body, gathered in order. */
struct blocks {
    str type;
    span at;
    struct {
        const struct value **at; /* a map (one block), or a list or choice of lists (a dynamic block) */
        size_t n, cap;
    } piece;
    bool partial;
};

struct body {
    struct evaluator *e;
    const struct scope *scope;
    bool top; /* meta-arguments are not content */
    struct {
        struct value_entry *at;
        size_t n, cap;
    } entries;
    struct {
        struct blocks *at;
        size_t n, cap;
    } groups;
};

static bool is_meta_argument(str name)
{
    static const char *const names[] = {"count", "for_each", "depends_on", "provider", "providers"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_c(name, names[i]))
            return true;
    }
    return false;
}

static bool is_meta_block(str type)
{
    return str_eq_c(type, "lifecycle") || str_eq_c(type, "provisioner") || str_eq_c(type, "connection");
}

static struct blocks *group(struct body *b, str type, span at)
{
    for (size_t i = 0; i < b->groups.n; i++) {
        if (str_eq(b->groups.at[i].type, type))
            return &b->groups.at[i];
    }
    struct blocks g = {.type = type, .at = at};
    struct value_entry e = {type, at, NULL};
    VEC_PUSH(&b->groups, g);
    VEC_PUSH(&b->entries, e); /* keeps its place among the attributes */
    return &b->groups.at[b->groups.n - 1];
}

static const struct value *block_value(struct evaluator *e, const struct node *body, const struct scope *s, span header)
{
    const struct value *v = body_value(e, body, s, false);
    struct value *own = value_copy(e->arena, v);
    own->origin = origin_new(e->arena, header, STR_NONE, NULL);
    return own;
}

/* Dynamic blocks. */

struct dynamic {
    struct evaluator *e;
    const struct scope *scope;
    const struct node *content;
    str iterator;
    span header;
};

static const struct value *one_block(struct dynamic *d, const struct value *key, const struct value *value)
{
    struct evaluator *e = d->e;
    struct value_entry *pair = ARENA_ARRAY(e->arena, struct value_entry, 2);
    pair[0] = (struct value_entry){STR("key"), SPAN_NONE, key};
    pair[1] = (struct value_entry){STR("value"), SPAN_NONE, value};
    struct binding bound = {d->iterator, tf_object(e->arena, pair, 2, eval_origin(e, d->header)), d->scope->bound};
    struct scope s = *d->scope;
    s.bound = &bound;
    return block_value(e, d->content, &s, d->header);
}

/* All that the block says, as what is not certain. */
static const struct value *uncertain(struct arena *a, const struct value *v, str reason, unsigned depth)
{
    if (value_is(v, VALUE_MAP) && v->flags & VALUE_IS_BLOCK && depth < LIMIT_DEPTH) {
        struct value *copy = value_copy(a, v);
        struct value_entry *entries = arena_copy(a, v->u.map.entry, v->u.map.n * sizeof(*entries));
        for (size_t i = 0; i < v->u.map.n; i++)
            entries[i].value = uncertain(a, entries[i].value, reason, depth + 1);
        copy->u.map.entry = entries;
        return copy;
    }
    if (value_is(v, VALUE_LIST) && v->flags & VALUE_IS_BLOCK && depth < LIMIT_DEPTH) {
        struct value *copy = value_copy(a, v);
        const struct value **items = ARENA_ARRAY(a, const struct value *, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++)
            items[i] = uncertain(a, v->u.list.item[i], reason, depth + 1);
        copy->u.list.item = items;
        copy->flags |= VALUE_PARTIAL;
        return copy;
    }
    if (!v || v->kind == VALUE_NULL)
        return v;
    struct value *unknown = value_unknown(a, reason, v->origin);
    unknown->ref = value_find_ref(v);
    return unknown;
}

static const struct value *symbolic_block(struct dynamic *d, const struct value *source)
{
    struct evaluator *e = d->e;
    const struct value *unknown = tf_unknown_from(e->arena, &source, 1, eval_origin(e, d->header));
    size_t mark = eval_mark(e);
    const struct value *block = one_block(d, unknown, unknown);
    eval_forget(e, mark);
    str reason = arena_printf(e->arena, "the block depends on for_each: " STR_FMT, STR_ARG(unknown->u.reason));
    struct value *v = value_copy(e->arena, uncertain(e->arena, block, reason, 0));
    v->flags |= VALUE_PARTIAL;
    return v;
}

static const struct value *block_list(struct arena *a, const struct value **items, size_t n, span at, bool partial)
{
    struct value *v = value_list(a, items, n, origin_new(a, at, STR_NONE, NULL));
    v->flags |= VALUE_IS_BLOCK;
    if (partial)
        v->flags |= VALUE_PARTIAL;
    return v;
}

static const struct value *dynamic_over(void *context, const struct value *source)
{
    struct dynamic *d = context;
    struct evaluator *e = d->e;
    struct iteration it;
    const struct value *instead;
    source = eval_force(e, source);
    if (source->kind == VALUE_NULL)
        return block_list(e->arena, NULL, 0, d->header, false);
    bool whole = eval_iterate(e, source, d->header, &it, &instead);
    bool partial = !whole || source->flags & VALUE_PARTIAL;
    size_t n = whole ? it.n : 0;
    e->blocks += n;
    if (n > LIMIT_INSTANCES || e->blocks > LIMIT_COLLECTION) {
        diag_add(e->diags, DIAG_LIMIT, d->header, "a dynamic block makes %zu blocks, more than are looked at", n);
        n = 0;
        partial = true;
    }
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, n + 1);
    for (size_t i = 0; i < n; i++) {
        items[i] = one_block(d, it.key[i], it.value[i]);
        if (partial)
            items[i] =
                uncertain(e->arena, items[i], STR("the block depends on a for_each that is not wholly known"), 0);
    }
    if (partial)
        items[n++] = symbolic_block(d, whole ? tf_unknown_from(e->arena, &source, 1, NULL) : instead);
    return block_list(e->arena, items, n, d->header, partial);
}

static void add_dynamic(struct body *b, const struct node *block)
{
    struct evaluator *e = b->e;
    const struct node *body = block->u.block->body;
    str type = block->u.block->n_labels ? node_string(block->u.block->label[0]) : STR_NONE;
    const struct node *each = node_find(body, "for_each"), *iterator = node_find(body, "iterator"), *content = NULL;
    for (size_t i = 0; i < body->u.map.n; i++) {
        const struct node *v = body->u.map.entry[i].value;
        if (v && v->kind == NODE_BLOCK && str_eq_c(v->u.block->type, "content"))
            content = v->u.block->body;
    }
    if (!type.n || !each || !content) {
        diag_add(e->diags, DIAG_STRUCTURE, block->u.block->header,
                 "a dynamic block needs a type, for_each and content");
        return;
    }
    struct dynamic d = {e, b->scope, content, type, block->u.block->header};
    if (iterator && (iterator->kind == NODE_VARIABLE || iterator->kind == NODE_STRING))
        d.iterator = iterator->u.string;
    const struct value *source = eval_expression(e, each, b->scope);
    size_t mark = eval_mark(e);
    const struct value *v = eval_lift(e, source, dynamic_over, &d);
    eval_flush(e, mark);
    struct blocks *g = group(b, type, block->u.block->header);
    VEC_PUSH(&g->piece, v);
}

/* One list out of the pieces; a piece that is a choice makes the list one. */

struct joining {
    struct arena *arena;
    struct blocks *g;
    size_t i;
};

static const struct value *join_pieces(struct arena *a, struct blocks *g);

static const struct value *join_with(void *context, const struct value *alternative)
{
    struct joining *j = context;
    const struct value *old = j->g->piece.at[j->i];
    j->g->piece.at[j->i] = alternative;
    const struct value *v = join_pieces(j->arena, j->g);
    j->g->piece.at[j->i] = old;
    return v;
}

static const struct value *join_pieces(struct arena *a, struct blocks *g)
{
    size_t n = 0;
    bool partial = false;
    for (size_t i = 0; i < g->piece.n; i++) {
        const struct value *p = g->piece.at[i];
        if (p->kind == VALUE_CHOICE) {
            struct joining j = {a, g, i};
            return value_lift(a, p, join_with, &j);
        }
        n += p->kind == VALUE_LIST ? p->u.list.n : 1;
    }
    const struct value **items = ARENA_ARRAY(a, const struct value *, n);
    n = 0;
    for (size_t i = 0; i < g->piece.n; i++) {
        const struct value *p = g->piece.at[i];
        if (p->kind != VALUE_LIST) {
            items[n++] = p;
            continue;
        }
        partial |= (p->flags & VALUE_PARTIAL) != 0;
        for (size_t k = 0; k < p->u.list.n; k++)
            items[n++] = p->u.list.item[k];
    }
    return n || partial ? block_list(a, items, n, g->at, partial) : NULL;
}

static void add_block(struct body *b, const struct node *block)
{
    str type = block->u.block->type;
    if (b->top && is_meta_block(type))
        return;
    if (str_eq_c(type, "dynamic")) {
        add_dynamic(b, block);
        return;
    }
    const struct value *v = block_value(b->e, block->u.block->body, b->scope, block->u.block->header);
    struct blocks *g = group(b, type, block->u.block->header);
    VEC_PUSH(&g->piece, v);
}

static void add_attribute(struct body *b, const struct node_entry *e)
{
    str name = node_string(e->key);
    if (b->top && is_meta_argument(name))
        return;
    struct evaluator *ev = b->e;
    const struct value *v = eval_force(ev, eval_expression(ev, e->value, b->scope));
    if (v->flags & TF_RESOURCE && v->kind != VALUE_UNKNOWN && v->ref) {
        /* The resource as a whole where an attribute is wanted: only the reference counts. */
        struct value *copy = value_unknown(ev->arena, STR("a resource as a whole"), v->origin);
        copy->ref = v->ref;
        v = copy;
    }
    struct value_entry entry = {name, e->key->at, v};
    VEC_PUSH(&b->entries, entry);
}

const struct value *body_value(struct evaluator *e, const struct node *body, const struct scope *s, bool top)
{
    struct body b = {.e = e, .scope = s, .top = top};
    if (top)
        e->blocks = 0;
    if (e->depth > LIMIT_DEPTH) {
        const struct value *v = eval_fail_as(e, DIAG_LIMIT, body->at, "blocks are nested too deeply");
        return v;
    }
    e->depth++;
    for (size_t i = 0; i < body->u.map.n; i++) {
        const struct node_entry *en = &body->u.map.entry[i];
        if (en->value && en->value->kind == NODE_BLOCK)
            add_block(&b, en->value);
        else if (en->key && en->value)
            add_attribute(&b, en);
    }
    e->depth--;
    size_t kept = 0;
    for (size_t i = 0; i < b.entries.n; i++) {
        struct value_entry en = b.entries.at[i];
        for (size_t k = 0; !en.value && k < b.groups.n; k++) {
            if (str_eq(b.groups.at[k].type, en.key))
                en.value = join_pieces(e->arena, &b.groups.at[k]);
        }
        if (en.value)
            b.entries.at[kept++] = en;
    }
    b.entries.n = kept;
    for (size_t k = 0; k < b.groups.n; k++)
        VEC_RELEASE(&b.groups.at[k].piece);
    VEC_RELEASE(&b.groups);
    size_t n;
    struct value_entry *entries = VEC_MOVE(&b.entries, e->arena, &n);
    struct value *v = value_map(e->arena, entries, n, origin_new(e->arena, body->at, STR_NONE, NULL));
    v->flags |= VALUE_IS_BLOCK;
    if (body->flags & NODE_INCOMPLETE)
        v->flags |= VALUE_PARTIAL;
    return v;
}

/* Metadata. */

static const struct value *name_of(struct evaluator *e, const struct node *n)
{
    struct buf out;
    buf_init(&out, 1024);
    for (const struct node *at = n; at && at->kind == NODE_GET; at = at->u.get.object) {
        str inner = buf_copy(&out, e->arena);
        buf_clear(&out);
        buf_add(&out, at->u.get.name);
        buf_add_c(&out, inner.n ? "." : "");
        buf_add(&out, inner);
        if (at->u.get.object->kind == NODE_VARIABLE) {
            str rest = buf_copy(&out, e->arena);
            buf_clear(&out);
            buf_add(&out, at->u.get.object->u.string);
            buf_add_char(&out, '.');
            buf_add(&out, rest);
        }
    }
    if (n->kind == NODE_VARIABLE || n->kind == NODE_STRING)
        buf_add(&out, n->u.string);
    str s = buf_copy(&out, e->arena);
    buf_release(&out);
    return value_string(e->arena, s, eval_origin(e, n->at));
}

/* Names are names there, not values. */
static const struct value *names_of(struct evaluator *e, const struct node *n, const struct scope *s)
{
    if (n->kind != NODE_LIST)
        return n->kind == NODE_BOOL ? eval_node(e, n, s) : name_of(e, n);
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++)
        items[i] = name_of(e, n->u.list.item[i]);
    return value_list(e->arena, items, n->u.list.n, eval_origin(e, n->at));
}

static const struct value *lifecycle_of(struct evaluator *e, const struct node *body, const struct scope *s)
{
    struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, body->u.map.n);
    size_t n = 0;
    for (size_t i = 0; i < body->u.map.n; i++) {
        const struct node_entry *en = &body->u.map.entry[i];
        if (en->value && en->value->kind != NODE_BLOCK)
            entries[n++] = (struct value_entry){node_string(en->key), en->key->at, names_of(e, en->value, s)};
    }
    return value_map(e->arena, entries, n, eval_origin(e, body->at));
}

const struct value *body_metadata(struct evaluator *e, const struct node *body, const struct scope *s)
{
    VEC(struct value_entry) found = {0};
    for (size_t i = 0; i < body->u.map.n; i++) {
        const struct node_entry *en = &body->u.map.entry[i];
        if (!en->value)
            continue;
        if (en->value->kind == NODE_BLOCK && str_eq_c(en->value->u.block->type, "lifecycle"))
            VEC_PUSH(&found, ((struct value_entry){STR("lifecycle"), en->value->at,
                                                   lifecycle_of(e, en->value->u.block->body, s)}));
        else if (en->value->kind != NODE_BLOCK &&
                 (str_eq_c(node_string(en->key), "depends_on") || str_eq_c(node_string(en->key), "provider")))
            VEC_PUSH(&found, ((struct value_entry){node_string(en->key), en->key->at, names_of(e, en->value, s)}));
    }
    size_t n;
    const struct value_entry *entries = VEC_MOVE(&found, e->arena, &n);
    return value_map(e->arena, entries, n, eval_origin(e, body->at));
}
