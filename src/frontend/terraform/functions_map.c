#include "base/map.h"
#include "base/vec.h"
#include "frontend/terraform/function.h"

static const struct value *sequence(struct call *c, const struct value **items, size_t n)
{
    const struct value *map = c->arg[0];
    const struct value *v = map->flags & (VALUE_IS_OBJECT | VALUE_IS_BLOCK) ? tf_tuple(c->arena, items, n, c->origin)
                                                                            : tf_list(c->arena, items, n, c->origin);
    return tf_with_marks(c->arena, v, map->flags & VALUE_PARTIAL, NULL);
}

static const struct value *fn_keys(struct call *c)
{
    const struct value *map = c->arg[0];
    const struct value_entry *e = tf_entries(c->arena, map);
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, map->u.map.n);
    for (size_t i = 0; i < map->u.map.n; i++)
        items[i] = (!e[i].key.n && map->flags & VALUE_PARTIAL) || map->flags & TF_HOLED
                       ? function_unknown(c)
                       : value_string(c->arena, e[i].key, origin_new(c->arena, c->node->at, STR_NONE, map->origin));
    return sequence(c, items, map->u.map.n);
}

static const struct value *fn_values(struct call *c)
{
    const struct value *map = c->arg[0];
    const struct value_entry *e = tf_entries(c->arena, map);
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, map->u.map.n);
    for (size_t i = 0; i < map->u.map.n; i++)
        items[i] = e[i].value;
    return sequence(c, items, map->u.map.n);
}

static const struct value *fn_lookup(struct call *c)
{
    const struct value *map = c->arg[0];
    if (c->n > 3)
        return function_fail(c, "there are two or three arguments");
    bool empty = map->kind == VALUE_MAP && map->u.map.n == 0 && !(map->flags & VALUE_PARTIAL);
    if (empty && c->n == 3 && !tf_settled(c->arg[1]))
        return tf_step(c->arena, c->arg[2], c->node->at, STR_NONE);
    if (!tf_settled(map) || !tf_settled(c->arg[1]))
        return function_unknown(c);
    if (map->kind != VALUE_MAP || c->arg[1]->kind != VALUE_STRING)
        return function_fail(c, "a map and a key are required");
    const struct value *found = tf_lookup(map, c->arg[1]->u.string);
    if (found)
        return found->flags & (TF_RESOURCE | TF_LAZY) ? found : tf_step(c->arena, found, c->node->at, STR_NONE);
    if (map->flags & TF_OPEN)
        return function_unknown(c);
    if (c->n < 3)
        return function_fail(c, "the map has no key \"" STR_FMT "\"", STR_ARG(c->arg[1]->u.string));
    const struct value *fallback = c->arg[2];
    if (!(map->flags & VALUE_IS_OBJECT) && map->u.map.n) {
        struct type_conversion to = {.arena = c->arena};
        const struct value *made = type_convert(&to, fallback, type_of(c->arena, map)->element);
        if (!made)
            return function_fail(c, "the default must have the type of the elements");
        fallback = made;
    }
    return tf_step(c->arena, fallback, c->node->at, STR_NONE);
}

static const struct value *fn_merge(struct call *c)
{
    VEC(struct value_entry) all = {0};
    const struct type *first = NULL;
    bool same = true;
    uint16_t flags = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct value *map = c->arg[i];
        if (map->kind == VALUE_NULL)
            continue;
        if (map->kind == VALUE_UNKNOWN || map->kind == VALUE_TEXT) {
            /* What an unknown map may set again is not known either. */
            for (size_t k = 0; k < all.n; k++)
                all.at[k].value = tf_unknown_from(c->arena, &map, 1, c->origin);
            flags |= VALUE_PARTIAL;
            same = false;
            continue;
        }
        if (map->kind != VALUE_MAP || map->flags & VALUE_JSON) {
            VEC_RELEASE(&all);
            return function_fail(c, "argument %zu is no map", i + 1);
        }
        flags |= map->flags & TF_OPEN;
        const struct type *t = map->flags & VALUE_IS_OBJECT ? &type_any : type_of(c->arena, map);
        same = same && t != &type_any && (!first || type_equal(first, t));
        first = first ? first : t;
        for (size_t k = 0; k < map->u.map.n; k++)
            VEC_PUSH(&all, map->u.map.entry[k]);
    }
    size_t n;
    struct value_entry *entries = VEC_MOVE(&all, c->arena, &n);
    const struct value *v =
        same && first ? tf_map(c->arena, entries, n, c->origin) : tf_object(c->arena, entries, n, c->origin);
    return tf_with_marks(c->arena, v, flags, NULL);
}

static const struct value *fn_zipmap(struct call *c)
{
    const struct value *keys = c->arg[0], *values = c->arg[1];
    if (keys->u.list.n != values->u.list.n)
        return function_fail(c, "there must be as many values as keys");
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, keys->u.list.n);
    for (size_t i = 0; i < keys->u.list.n; i++) {
        const struct value *k = keys->u.list.item[i];
        if (k->kind == VALUE_NULL)
            return function_fail(c, "a key is null");
        if (k->kind != VALUE_STRING)
            return function_unknown(c);
        entries[i] = (struct value_entry){k->u.string, value_span(k), values->u.list.item[i]};
    }
    return values->flags & TF_TUPLE ? tf_object(c->arena, entries, keys->u.list.n, c->origin)
                                    : tf_map(c->arena, entries, keys->u.list.n, c->origin);
}

struct group {
    struct {
        const struct value **at;
        size_t n, cap;
    } items;
};

static const struct value *fn_transpose(struct call *c)
{
    static const struct type strings = {.kind = TYPE_LIST, .element = &type_string};
    static const struct type wanted = {.kind = TYPE_MAP, .element = &strings};
    struct type_conversion to = {.arena = c->arena};
    const struct value *map = type_convert(&to, c->arg[0], &wanted);
    struct map groups;
    bool bad = false;
    if (!map)
        return function_fail(c, "a map of lists of strings is required");
    map_init(&groups);
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct value *list = map->u.map.entry[i].value;
        bad |= list->kind != VALUE_LIST;
        for (size_t k = 0; list->kind == VALUE_LIST && k < list->u.list.n; k++) {
            const struct value *name = list->u.list.item[k];
            if (name->kind != VALUE_STRING) {
                bad = true;
                continue;
            }
            struct group *g = map_find(&groups, name->u.string);
            if (!g)
                g = map_add(&groups, name->u.string, ARENA_NEW(c->arena, struct group));
            VEC_PUSH(&g->items, value_string(c->arena, map->u.map.entry[i].key, c->origin));
        }
    }
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, groups.n);
    for (size_t i = 0; i < groups.n; i++) {
        struct group *g = groups.at[i].value;
        size_t n;
        const struct value **items = VEC_MOVE(&g->items, c->arena, &n);
        entries[i] = (struct value_entry){groups.at[i].key, SPAN_NONE, tf_list(c->arena, items, n, c->origin)};
    }
    size_t n = groups.n;
    map_release(&groups);
    return bad ? function_fail(c, "an element is null") : tf_map(c->arena, entries, n, c->origin);
}

const struct function functions_map[] = {
    {"keys", "m", fn_keys, FN_PARTIAL},
    {"values", "m", fn_values, FN_PARTIAL},
    {"lookup", "asa*", fn_lookup, FN_UNKNOWNS | FN_NULLS | FN_PARTIAL},
    {"merge", "a*", fn_merge, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL},
    {"zipmap", "Ll", fn_zipmap, 0},
    {"transpose", "m", fn_transpose, FN_DEEP},
    {NULL, NULL, NULL, 0},
};
