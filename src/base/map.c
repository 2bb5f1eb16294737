#include "base/map.h"

#include "base/alloc.h"
#include "base/vec.h"

/* Entries stand in an array in order of insertion. Up to LINEAR of them are searched one by one;
 * beyond that `slots`, a power of two at most half full, holds entry numbers plus one. The hash
 * differs from run to run, so that no file can be made of keys that collide; the order does not
 * depend on it. */

enum { LINEAR = 8 };

void map_init(struct map *m)
{
    *m = (struct map){NULL, 0, 0, NULL, 0};
}

void map_release(struct map *m)
{
    alloc_put(m->at, m->cap * sizeof(*m->at));
    alloc_put(m->slots, m->n_slots * sizeof(*m->slots));
    map_init(m);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t slot_of(const struct map *m, str key)
{
    size_t mask = m->n_slots - 1;
    size_t i = (size_t)str_hash_table(key) & mask;

    while (m->slots[i] != 0 && !str_eq(m->at[m->slots[i] - 1].key, key))
        i = (i + 1) & mask;
    return i;
}

static struct map_entry *find(const struct map *m, str key)
{
    if (m->n_slots != 0) {
        uint32_t number = m->slots[slot_of(m, key)];

        return number == 0 ? NULL : &m->at[number - 1];
    }
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->at[i].key, key))
            return &m->at[i];
    return NULL;
}

static void rebuild(struct map *m)
{
    size_t n_slots = m->n_slots == 0 ? 4 * LINEAR : 2 * m->n_slots;

    alloc_put(m->slots, m->n_slots * sizeof(*m->slots));
    m->slots = NULL;
    m->n_slots = 0;
    m->slots = alloc_get(n_slots * sizeof(*m->slots));
    m->n_slots = n_slots;
    for (size_t i = 0; i < m->n; i++)
        m->slots[slot_of(m, m->at[i].key)] = (uint32_t)(i + 1);
}

static void insert(struct map *m, str key, void *value)
{
    VEC_PUSH(m, ((struct map_entry){key, value}));
    if (m->n > LINEAR && m->n > m->n_slots / 2)
        rebuild(m);
    else if (m->n_slots != 0)
        m->slots[slot_of(m, key)] = (uint32_t)m->n;
}

void *map_find(const struct map *m, str key)
{
    struct map_entry *entry = find(m, key);

    return entry == NULL ? NULL : entry->value;
}

bool map_has(const struct map *m, str key)
{
    return find(m, key) != NULL;
}

void map_set(struct map *m, str key, void *value)
{
    struct map_entry *entry = find(m, key);

    if (entry != NULL)
        entry->value = value;
    else
        insert(m, key, value);
}

void *map_add(struct map *m, str key, void *value)
{
    struct map_entry *entry = find(m, key);

    if (entry != NULL)
        return entry->value;
    insert(m, key, value);
    return value;
}
