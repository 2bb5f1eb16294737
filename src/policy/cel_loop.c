/* The macros: all, exists, map, ... over lists and maps, and the ones that bind one name. */
#include "policy/cel_internal.h"

struct loop {
    struct cel_context *c;
    const struct cel_node *node;
    struct cel_value range; /* settled */
    size_t n;
    bool partial;
};

struct outcome {
    struct cel_value unknown, error; /* the first of each; null: none */
};

static struct cel_value more_possible(const struct loop *l)
{
    struct cel_value u = cel_unknown(STR("more elements are possible"));
    u.from = l->range.from;
    u.owner = l->range.owner;
    return u;
}

/* False: *ret_result is the result of the whole macro. */
static bool begin(struct loop *l, struct cel_context *c, const struct cel_node *n, struct cel_value *ret_result)
{
    struct cel_value range = cel_eval_node(c, n->u.loop->range);
    *ret_result = range;
    if (range.kind == CEL_UNKNOWN || range.kind == CEL_ERROR)
        return false;
    if (cel_is_lax_null(&range)) {
        range = cel_list(c, NULL, 0);
        range.flags = CEL_LAX;
    }
    if (range.kind != CEL_LIST && range.kind != CEL_MAP) {
        *ret_result = cel_no_overload(c, cel_macro_name((enum cel_macro)n->op), &range, 1);
        return false;
    }
    *l = (struct loop){.c = c, .node = n, .range = cel_settle(c, range)};
    l->n = range.kind == CEL_LIST ? cel_list_size(&l->range) : cel_map_size(&l->range);
    l->partial = l->range.flags & CEL_PARTIAL;
    if (l->n > LIMIT_COLLECTION) {
        *ret_result = cel_hit_limit(c, "a macro over more than 100000 elements");
        return false;
    }
    return true;
}

/* Gives the variables their values for element i. */
static struct cel_value bind_element(const struct loop *l, size_t i)
{
    struct cel_value *local = l->c->local;
    size_t slot1 = l->node->u.loop->slot1, slot2 = l->node->u.loop->slot2;
    bool two = l->node->u.loop->name2.n != 0;
    if (l->range.kind == CEL_LIST) {
        struct cel_value item = cel_list_at(l->c, &l->range, i);
        local[slot1] = two ? cel_int((int64_t)i) : item;
        if (two)
            local[slot2] = item;
        return item;
    }
    struct cel_map_entry e = cel_map_at(l->c, &l->range, i);
    local[slot1] = e.key;
    if (two)
        local[slot2] = e.value;
    return e.key;
}

static enum cel_truth ask(const struct loop *l, const struct cel_node *condition, struct outcome *o)
{
    struct cel_value v = cel_eval_node(l->c, condition);
    enum cel_truth t = cel_truth(&v);
    if (t == CEL_MAYBE && o->unknown.kind == CEL_NULL)
        o->unknown = v;
    if (t == CEL_WRONG && o->error.kind == CEL_NULL)
        o->error = v.kind == CEL_ERROR ? v : cel_no_overload(l->c, cel_macro_name((enum cel_macro)l->node->op), &v, 1);
    return t;
}

/* all: one false decides; exists: one true does. */
static struct cel_value quantify(const struct loop *l, bool all)
{
    struct outcome o = {cel_null(), cel_null()};
    for (size_t i = 0; i < l->n && !l->c->over_limit; i++) {
        struct cel_value item = bind_element(l, i);
        if (ask(l, l->node->u.loop->body, &o) == (all ? CEL_NO : CEL_YES)) {
            if (l->range.from && l->range.from == l->c->pointed_list)
                cel_point(l->c, l->c->pointed_of, item.from);
            return cel_bool(!all);
        }
    }
    if (o.unknown.kind != CEL_NULL)
        return o.unknown;
    if (o.error.kind != CEL_NULL)
        return o.error;
    return l->partial ? more_possible(l) : cel_bool(all);
}

static struct cel_value exists_one(const struct loop *l)
{
    struct outcome o = {cel_null(), cel_null()};
    size_t yes = 0;
    for (size_t i = 0; i < l->n && !l->c->over_limit; i++) {
        bind_element(l, i);
        yes += ask(l, l->node->u.loop->body, &o) == CEL_YES;
    }
    if (o.error.kind != CEL_NULL)
        return o.unknown.kind != CEL_NULL ? o.unknown : o.error;
    if (yes > 1)
        return cel_bool(false);
    if (o.unknown.kind != CEL_NULL)
        return o.unknown;
    return l->partial ? more_possible(l) : cel_bool(yes == 1);
}

/* Whether element i, which is bound, takes part. False in *ret_ok: an error. */
static bool takes_part(struct loop *l, struct outcome *o)
{
    const struct cel_node *filter = l->node->op == CEL_MACRO_FILTER ? l->node->u.loop->body : l->node->u.loop->filter;
    if (!filter)
        return true;
    enum cel_truth t = ask(l, filter, o);
    if (t == CEL_MAYBE)
        l->partial = true;
    return t == CEL_YES;
}

static uint8_t result_flags(const struct loop *l)
{
    return (uint8_t)((l->range.flags & CEL_LAX) | (l->partial ? CEL_PARTIAL : 0));
}

/* map, filter, transformList: an element whose condition is unknown leaves the list partial. */
static struct cel_value make_list(struct loop *l)
{
    struct outcome o = {cel_null(), cel_null()};
    struct cel_value *item = ARENA_ARRAY(l->c->arena, struct cel_value, l->n);
    size_t n = 0;
    for (size_t i = 0; i < l->n && !l->c->over_limit; i++) {
        struct cel_value v = bind_element(l, i);
        bool part = takes_part(l, &o);
        if (o.error.kind != CEL_NULL)
            return o.error;
        if (!part)
            continue;
        if (l->node->op != CEL_MACRO_FILTER)
            v = cel_eval_node(l->c, l->node->u.loop->body);
        if (v.kind == CEL_ERROR)
            return v;
        item[n++] = v;
    }
    struct cel_value list = cel_list(l->c, item, n);
    list.flags = result_flags(l);
    list.owner = l->range.owner;
    return list;
}

struct entries {
    struct cel_map_entry *at;
    size_t n, cap;
};

static void entries_push(struct cel_context *c, struct entries *e, struct cel_map_entry entry)
{
    if (e->n == e->cap) {
        size_t cap = e->cap ? e->cap * 2 : 8;
        struct cel_map_entry *grown = ARENA_ARRAY(c->arena, struct cel_map_entry, cap);
        if (e->n)
            memcpy(grown, e->at, e->n * sizeof *grown);
        e->at = grown;
        e->cap = cap;
    }
    e->at[e->n++] = entry;
}

/* transformMap puts v under the key; transformMapEntry adds the entries of v. Null: fine. */
static struct cel_value add_entry(struct loop *l, struct entries *all, struct cel_value key, struct cel_value v)
{
    if (v.kind == CEL_ERROR)
        return v;
    if (l->node->op == CEL_MACRO_TRANSFORM_MAP) {
        entries_push(l->c, all, (struct cel_map_entry){key, v});
        return cel_null();
    }
    if (v.kind == CEL_UNKNOWN) {
        l->partial = true;
        return cel_null();
    }
    if (v.kind != CEL_MAP)
        return cel_no_overload(l->c, "transformMapEntry", &v, 1);
    v = cel_settle(l->c, v);
    l->partial |= (v.flags & CEL_PARTIAL) != 0;
    for (size_t i = 0; i < cel_map_size(&v) && cel_spend(l->c, 1); i++)
        entries_push(l->c, all, cel_map_at(l->c, &v, i));
    return cel_null();
}

static struct cel_value make_map(struct loop *l)
{
    struct outcome o = {cel_null(), cel_null()};
    struct entries all = {0};
    for (size_t i = 0; i < l->n && !l->c->over_limit; i++) {
        bind_element(l, i);
        struct cel_value key = l->c->local[l->node->u.loop->slot1];
        bool part = takes_part(l, &o);
        if (o.error.kind != CEL_NULL)
            return o.error;
        if (!part)
            continue;
        struct cel_value bad = add_entry(l, &all, key, cel_eval_node(l->c, l->node->u.loop->body));
        if (bad.kind == CEL_ERROR)
            return bad;
    }
    struct cel_value map = cel_map_new(l->c, all.at, all.n);
    if (map.kind == CEL_MAP)
        map.flags = result_flags(l);
    return map;
}

static struct cel_value sort_by(struct loop *l)
{
    if (l->range.kind != CEL_LIST)
        return cel_no_overload(l->c, "sortBy", &l->range, 1);
    if (l->partial)
        return more_possible(l);
    struct cel_value *item = ARENA_ARRAY(l->c->arena, struct cel_value, l->n);
    struct cel_value *key = ARENA_ARRAY(l->c->arena, struct cel_value, l->n);
    for (size_t i = 0; i < l->n && !l->c->over_limit; i++) {
        item[i] = bind_element(l, i);
        key[i] = cel_eval_node(l->c, l->node->u.loop->body);
        if (key[i].kind == CEL_ERROR || key[i].kind == CEL_UNKNOWN)
            return key[i];
    }
    struct cel_value list = cel_sorted(l->c, item, key, l->n);
    list.flags |= list.kind == CEL_LIST ? result_flags(l) : 0;
    return list;
}

struct cel_value cel_eval_loop(struct cel_context *c, const struct cel_node *n)
{
    struct loop l;
    struct cel_value result;
    if (!begin(&l, c, n, &result))
        return result;
    switch (n->op) {
    case CEL_MACRO_ALL:
        return quantify(&l, true);
    case CEL_MACRO_EXISTS:
        return quantify(&l, false);
    case CEL_MACRO_EXISTS_ONE:
        return exists_one(&l);
    case CEL_MACRO_TRANSFORM_MAP:
    case CEL_MACRO_TRANSFORM_MAP_ENTRY:
        return make_map(&l);
    case CEL_MACRO_SORT_BY:
        return sort_by(&l);
    default:
        return make_list(&l);
    }
}

struct cel_value cel_eval_bind(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value v = cel_eval_node(c, n->u.loop->range);
    size_t slot = n->u.loop->slot1;
    if (n->op == CEL_MACRO_BIND) {
        c->local[slot] = v;
        return cel_eval_node(c, n->u.loop->body);
    }
    if (v.kind == CEL_UNKNOWN || v.kind == CEL_ERROR)
        return v;
    if (v.kind != CEL_OPTIONAL)
        return cel_no_overload(c, cel_macro_name((enum cel_macro)n->op), &v, 1);
    if (!v.u.inner)
        return v;
    c->local[slot] = *v.u.inner;
    v = cel_eval_node(c, n->u.loop->body);
    if (v.kind == CEL_UNKNOWN || v.kind == CEL_ERROR)
        return v;
    if (n->op == CEL_MACRO_OPT_MAP)
        return cel_optional(c, &v);
    return v.kind == CEL_OPTIONAL ? v : cel_no_overload(c, "optFlatMap", &v, 1);
}
