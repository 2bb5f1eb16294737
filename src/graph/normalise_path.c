#include "graph/model_internal.h"

/* Changing one place in an immutable value: what lies on the way is copied, the rest is shared. */

static const struct value *with_entry(struct arena *a, const struct value *map, str key, const struct value *v)
{
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, map->u.map.n + 1);
    if (map->u.map.n)
        memcpy(entries, map->u.map.entry, map->u.map.n * sizeof(*entries));
    size_t i = 0;
    while (i < map->u.map.n && !str_eq(entries[i].key, key))
        i++;
    struct value *out = value_copy(a, map);
    entries[i].key = key;
    if (i == map->u.map.n || !entries[i].value)
        entries[i].key_at = value_span(v);
    entries[i].value = v;
    out->u.map.entry = entries;
    out->u.map.n = map->u.map.n + (i == map->u.map.n);
    return out;
}

static const struct value *empty_map(struct arena *a, const struct value *for_value)
{
    struct value *map = value_map(a, NULL, 0, for_value->origin);
    map->flags = for_value->flags & VALUE_DEFAULTED;
    return map;
}

static const struct value *chosen(const struct value *v, const struct decider *by, size_t option)
{
    while (value_is(v, VALUE_CHOICE) && v->u.choice.by == by)
        v = v->u.choice.option[option];
    return v;
}

const struct value *path_set(struct arena *a, const struct value *map, const struct path *p, size_t from,
                             const struct value *v)
{
    if (!v || from == p->n)
        return v ? v : map;
    if (!map || map->kind == VALUE_NULL)
        map = empty_map(a, v);
    if (map->kind == VALUE_CHOICE) {
        const struct decider *by = map->u.choice.by;
        const struct value **option = ARENA_ARRAY(a, const struct value *, by->n_options);
        for (size_t i = 0; i < by->n_options; i++)
            option[i] = path_set(a, map->u.choice.option[i], p, from, chosen(v, by, i));
        return value_choice(a, by, option, map->origin);
    }
    if (map->kind != VALUE_MAP)
        return map;
    return with_entry(a, map, p->step[from], path_set(a, value_get(map, p->step[from]), p, from + 1, v));
}

static const struct value *default_in_choice(struct arena *a, const struct value *v, const struct path *p, size_t from,
                                             const struct model_default *d)
{
    const struct decider *by = v->u.choice.by;
    const struct value **option = ARENA_ARRAY(a, const struct value *, by->n_options);
    bool changed = false;
    for (size_t i = 0; i < by->n_options; i++) {
        option[i] = path_default(a, v->u.choice.option[i], p, from, d);
        changed = changed || option[i] != v->u.choice.option[i];
    }
    return changed ? value_choice(a, by, option, v->origin) : v;
}

/* An element that is absent in some alternatives stays so. */
static const struct value *default_in_item(struct arena *a, const struct value *item, const struct path *p, size_t from,
                                           const struct model_default *d)
{
    if (!item || item->kind != VALUE_CHOICE)
        return item ? path_default(a, item, p, from, d) : NULL;
    const struct decider *by = item->u.choice.by;
    const struct value **option = ARENA_ARRAY(a, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++)
        option[i] = default_in_item(a, item->u.choice.option[i], p, from, d);
    return value_choice(a, by, option, item->origin);
}

static const struct value *default_in_list(struct arena *a, const struct value *v, const struct path *p, size_t from,
                                           const struct model_default *d)
{
    const struct value **items = NULL;
    for (size_t i = 0; i < v->u.list.n; i++) {
        const struct value *item = v->u.list.item[i];
        const struct value *now = default_in_item(a, item, p, from, d);
        if (now != item && !items)
            items = arena_copy(a, v->u.list.item, v->u.list.n * sizeof(*items));
        if (items)
            items[i] = now;
    }
    if (!items)
        return v;
    struct value *out = value_copy(a, v);
    out->u.list.item = items;
    return out;
}

/* Puts the default where nothing is. Lists on the way: into each element that is there. */
const struct value *path_default(struct arena *a, const struct value *v, const struct path *p, size_t from,
                                 const struct model_default *d)
{
    if (value_is(v, VALUE_CHOICE))
        return default_in_choice(a, v, p, from, d);
    if (from == p->n)
        return v ? v : d->value;
    if (value_is(v, VALUE_LIST))
        return default_in_list(a, v, p, from, d);
    if (!v && d->inside)
        return NULL;
    if (!v)
        v = empty_map(a, d->value);
    if (v->kind != VALUE_MAP)
        return v;
    const struct value *old = value_get(v, p->step[from]);
    if (!old && (v->flags & VALUE_PARTIAL))
        return v;
    const struct value *now = path_default(a, old, p, from + 1, d);
    return now == old ? v : with_entry(a, v, p->step[from], now);
}

/* `fill` where v is absent, in some alternatives or altogether. */
const struct value *value_without_holes(struct arena *a, const struct value *v, const struct value *fill)
{
    if (!v || !fill)
        return v ? v : fill;
    if (v->kind != VALUE_CHOICE)
        return v;
    const struct decider *by = v->u.choice.by;
    const struct value **option = ARENA_ARRAY(a, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++)
        option[i] = value_without_holes(a, v->u.choice.option[i], chosen(fill, by, i));
    return value_choice(a, by, option, v->origin);
}
