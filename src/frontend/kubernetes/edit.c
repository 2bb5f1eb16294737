#include "frontend/kubernetes/edit.h"

#include "base/map.h"

static const struct value *with_entries(struct arena *a, const struct value *like, struct value_entry *entries,
                                        size_t n)
{
    const struct value *v = value_map(a, entries, n, like ? like->origin : NULL);
    if (!like || like->kind != VALUE_MAP || like->flags == v->flags)
        return v;
    struct value *copy = value_copy(a, v);
    copy->flags = like->flags;
    return copy;
}

const struct value *edit_set(struct arena *a, const struct value *map, str key, span key_at, const struct value *v)
{
    if (!value_is(map, VALUE_MAP)) {
        struct value_entry one = {key, key_at, v};
        return v ? value_map(a, arena_copy(a, &one, sizeof(one)), 1, v->origin) : map;
    }
    const struct value_entry *old = value_get_entry(map, key);
    if ((old ? old->value : NULL) == v)
        return map;
    size_t n = map->u.map.n;
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n + 1);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        struct value_entry e = map->u.map.entry[i];
        if (&map->u.map.entry[i] == old) {
            if (!v)
                continue;
            e.value = v;
        }
        entries[count++] = e;
    }
    if (!old)
        entries[count++] = (struct value_entry){key, key_at, v};
    return with_entries(a, map, entries, count);
}

const struct value *edit_add_all(struct arena *a, const struct value *map, const struct value *more)
{
    if (!value_is(more, VALUE_MAP) || !more->u.map.n)
        return map;
    if (!value_is(map, VALUE_MAP))
        return more;
    struct map places;
    map_init(&places);
    size_t n = map->u.map.n;
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n + more->u.map.n);
    for (size_t i = 0; i < n; i++) {
        entries[i] = map->u.map.entry[i];
        map_set(&places, entries[i].key, &entries[i]);
    }
    for (size_t i = 0; i < more->u.map.n; i++) {
        struct value_entry *there = map_find(&places, more->u.map.entry[i].key);
        if (there)
            there->value = more->u.map.entry[i].value;
        else
            entries[n++] = more->u.map.entry[i];
    }
    map_release(&places);
    return with_entries(a, map, entries, n);
}

const struct value *edit_at(struct arena *a, const struct value *v, const str *steps, size_t n, bool create,
                            edit_fn *fn, void *context)
{
    if (v && v->kind == VALUE_NULL)
        v = NULL;
    if (n == 0)
        return v || create ? fn(context, v) : v;
    if (value_is(v, VALUE_LIST)) {
        const struct value **items = NULL;
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *new = edit_at(a, v->u.list.item[i], steps, n, create, fn, context);
            if (!items && new != v->u.list.item[i])
                items = arena_copy(a, v->u.list.item, v->u.list.n * sizeof(*items));
            if (items && new)
                items[i] = new;
        }
        if (!items)
            return v;
        struct value *list = value_copy(a, v);
        list->u.list.item = items;
        return list;
    }
    if (v ? v->kind != VALUE_MAP : !create)
        return v;
    str step = str_ends(steps[0], STR("[]")) ? str_slice(steps[0], 0, steps[0].n - 2) : steps[0];
    bool list_step = step.n < steps[0].n;
    const struct value_entry *e = value_get_entry(v, step);
    const struct value *old = e ? e->value : NULL;
    if (list_step && !value_is(old, VALUE_LIST))
        return v;
    const struct value *new = edit_at(a, old, steps + 1, n - 1, create, fn, context);
    if (new == old || (!new && !old))
        return v;
    return edit_set(a, v, step, e ? e->key_at : value_span(new), new);
}

struct edit_steps edit_split(const char *path)
{
    struct edit_steps s = {.n = 0};
    for (str rest = str_of(path); rest.p && s.n < ARRAY_LEN(s.at);)
        s.at[s.n++] = str_cut(rest, '/', &rest);
    return s;
}
