/* Lists and maps, made in CEL or seen through a view of the graph. */
#include "policy/cel_internal.h"

#include <math.h>

struct cel_map {
    const struct cel_map_entry *entry;
    size_t n;
    uint32_t *slot; /* index + 1; NULL for few entries */
    size_t n_slots; /* a power of two */
};

enum { FEW_KEYS = 8 };

/* ---- lists ---- */

size_t cel_list_size(const struct cel_value *list)
{
    if (list->u.list)
        return list->u.list->n;
    return list->from ? list->from->u.list.n : 0;
}

struct cel_value cel_list_at(struct cel_context *c, const struct cel_value *list, size_t i)
{
    if (list->u.list)
        return list->u.list->item[i];
    return cel_from_graph(c, list->from->u.list.item[i], list->owner);
}

/* ---- keys ---- */

static bool is_key(const struct cel_value *v)
{
    return v->kind == CEL_INT || v->kind == CEL_UINT || v->kind == CEL_BOOL || v->kind == CEL_STRING;
}

/* A double that is a whole number looks like the int or uint that it equals. */
static struct cel_value plain_key(struct cel_value key)
{
    if (key.kind == CEL_DOUBLE && floor(key.u.d) == key.u.d) {
        if (key.u.d >= -9223372036854775808.0 && key.u.d < 9223372036854775808.0)
            return cel_int((int64_t)key.u.d);
        if (key.u.d >= 0 && key.u.d < 18446744073709551616.0)
            return cel_uint((uint64_t)key.u.d);
    }
    if (key.kind == CEL_UINT && key.u.u <= INT64_MAX)
        return cel_int((int64_t)key.u.u);
    return key;
}

static uint64_t key_hash(const struct cel_value *plain)
{
    switch (plain->kind) {
    case CEL_INT:
        return (uint64_t)plain->u.i * 0x9E3779B97F4A7C15u;
    case CEL_UINT:
        return plain->u.u * 0x9E3779B97F4A7C15u;
    case CEL_BOOL:
        return plain->u.boolean ? 0x51 : 0x52;
    default:
        return str_hash(plain->u.text);
    }
}

static bool same_key(const struct cel_value *a, const struct cel_value *b)
{
    struct cel_value x = plain_key(*a), y = plain_key(*b);
    if (x.kind != y.kind)
        return false;
    switch (x.kind) {
    case CEL_INT:
        return x.u.i == y.u.i;
    case CEL_UINT:
        return x.u.u == y.u.u;
    case CEL_BOOL:
        return x.u.boolean == y.u.boolean;
    case CEL_STRING:
        return str_eq(x.u.text, y.u.text);
    default:
        return false;
    }
}

/* ---- maps ---- */

/* The entry with that key, or NULL; *ret_slot is where it would go in the table. */
static const struct cel_map_entry *find_entry(const struct cel_map *m, size_t n, const struct cel_value *key,
                                              size_t *ret_slot)
{
    if (!m->slot) {
        for (size_t i = 0; i < n; i++) {
            if (same_key(&m->entry[i].key, key))
                return &m->entry[i];
        }
        return NULL;
    }
    struct cel_value plain = plain_key(*key);
    uint64_t hash = key_hash(&plain);
    size_t at = (size_t)(hash ^ (hash >> 32)) & (m->n_slots - 1);
    for (; m->slot[at]; at = (at + 1) & (m->n_slots - 1)) {
        if (same_key(&m->entry[m->slot[at] - 1].key, key))
            return &m->entry[m->slot[at] - 1];
    }
    *ret_slot = at;
    return NULL;
}

struct cel_value cel_map_new(struct cel_context *c, const struct cel_map_entry *entry, size_t n)
{
    struct cel_map *m = ARENA_NEW(c->arena, struct cel_map);
    m->entry = entry;
    m->n = n;
    if (n > LIMIT_COLLECTION)
        return cel_hit_limit(c, "a map of over 100000 keys");
    if (n > FEW_KEYS) {
        m->n_slots = 16;
        while (m->n_slots < 2 * n)
            m->n_slots *= 2;
        m->slot = ARENA_ARRAY(c->arena, uint32_t, m->n_slots);
    }
    for (size_t i = 0; i < n; i++) {
        size_t slot = 0;
        if (!is_key(&entry[i].key))
            return cel_error(c, "unsupported key type: " STR_FMT, STR_ARG(cel_type_name(&entry[i].key)));
        if (find_entry(m, i, &entry[i].key, &slot))
            return cel_error(c, "a key stands twice in a map");
        if (m->slot)
            m->slot[slot] = (uint32_t)(i + 1);
    }
    struct cel_value v;
    memset(&v, 0, sizeof v);
    v.kind = CEL_MAP;
    v.u.map = m;
    return v;
}

size_t cel_map_size(const struct cel_value *map)
{
    if (map->u.map)
        return map->u.map->n;
    return map->from ? map->from->u.map.n : 0;
}

struct cel_map_entry cel_map_at(struct cel_context *c, const struct cel_value *map, size_t i)
{
    if (map->u.map)
        return map->u.map->entry[i];
    const struct value_entry *e = &map->from->u.map.entry[i];
    return (struct cel_map_entry){cel_string(e->key), cel_from_graph(c, e->value, map->owner)};
}

bool cel_map_find(struct cel_context *c, const struct cel_value *map, const struct cel_value *key,
                  struct cel_value *ret)
{
    if (map->u.map) {
        size_t slot;
        const struct cel_map_entry *e = find_entry(map->u.map, map->u.map->n, key, &slot);
        if (e)
            *ret = e->value;
        return e != NULL;
    }
    if (key->kind != CEL_STRING || !map->from)
        return false;
    cel_spend(c, map->from->u.map.n / 16);
    const struct value *v = value_get(map->from, key->u.text);
    if (!v)
        return false;
    *ret = cel_from_graph(c, v, map->owner);
    /* An option that is absent in this world: the key is not there. */
    return !(v->kind == VALUE_CHOICE && cel_is_lax_null(ret) && !ret->from);
}

/* ---- choices inside ---- */

static bool has_choice(const struct value *v)
{
    size_t n = v->kind == VALUE_LIST ? v->u.list.n : v->u.map.n;
    for (size_t i = 0; i < n; i++) {
        const struct value *member = v->kind == VALUE_LIST ? v->u.list.item[i] : v->u.map.entry[i].value;
        if (!member || member->kind == VALUE_CHOICE)
            return true;
    }
    return false;
}

/* Can the undecided member be absent? */
static bool may_be_absent(const struct value *v, unsigned depth)
{
    if (!v)
        return true;
    if (v->kind != VALUE_CHOICE)
        return false;
    for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
        if (depth >= LIMIT_ALTERNATIVES || may_be_absent(v->u.choice.option[i], depth + 1))
            return true;
    }
    return false;
}

/* False: the member is not there, or may not be (*partial). */
static bool settle_member(struct cel_context *c, const struct value *member, uint32_t owner, struct cel_value *ret,
                          bool *partial)
{
    *ret = cel_from_graph(c, member, owner);
    if (cel_is_lax_null(ret) && !ret->from)
        return false;
    if (ret->kind == CEL_UNKNOWN && member->kind == VALUE_CHOICE && may_be_absent(member, 0)) {
        *partial = true;
        return false;
    }
    return true;
}

static struct cel_value settle_list(struct cel_context *c, struct cel_value v)
{
    const struct value *from = v.from;
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, from->u.list.n);
    bool partial = false;
    size_t n = 0;
    for (size_t i = 0; i < from->u.list.n; i++)
        n += settle_member(c, from->u.list.item[i], v.owner, &item[n], &partial);
    struct cel_value list = cel_list(c, item, n);
    v.u.list = list.u.list;
    v.flags |= partial ? CEL_PARTIAL : 0;
    return v;
}

static struct cel_value settle_map(struct cel_context *c, struct cel_value v)
{
    const struct value *from = v.from;
    struct cel_map_entry *entry = ARENA_ARRAY(c->arena, struct cel_map_entry, from->u.map.n);
    bool partial = false;
    size_t n = 0;
    for (size_t i = 0; i < from->u.map.n; i++) {
        entry[n].key = cel_string(from->u.map.entry[i].key);
        n += settle_member(c, from->u.map.entry[i].value, v.owner, &entry[n].value, &partial);
    }
    struct cel_value map = cel_map_new(c, entry, n);
    if (map.kind == CEL_MAP)
        v.u.map = map.u.map;
    v.flags |= partial || map.kind != CEL_MAP ? CEL_PARTIAL : 0;
    return v;
}

struct cel_value cel_settle(struct cel_context *c, struct cel_value v)
{
    bool list = v.kind == CEL_LIST && !v.u.list, map = v.kind == CEL_MAP && !v.u.map;
    if ((!list && !map) || !v.from)
        return v;
    cel_spend(c, (list ? v.from->u.list.n : v.from->u.map.n) / 16);
    if (!has_choice(v.from))
        return v;
    return list ? settle_list(c, v) : settle_map(c, v);
}
