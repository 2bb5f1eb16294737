#include "base/map.h"

#include "base/alloc.h"
#include "base/vec.h"

/* Entries stand in an array in order of insertion. Up to LINEAR of them are searched one by one;
 * beyond that `slots`, a power of two at most half full, holds entry numbers plus one beside half of the
 * hash, so that keys are compared when they are likely to be equal, and never hashed again. The hash
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

static uint32_t hash_of(str key)
{
    return (uint32_t)str_hash_table(key);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct map_slot *slot_of(const struct map *m, str key, uint32_t hash)
{
    size_t mask = m->n_slots - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct map_slot *slot = &m->slots[i];

        if (slot->number == 0 || (slot->hash == hash && str_eq(m->at[slot->number - 1].key, key)))
            return slot;
    }
}

static struct map_entry *find_linear(const struct map *m, str key)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->at[i].key, key))
            return &m->at[i];
    return NULL;
}

static struct map_entry *find(const struct map *m, str key)
{
    uint32_t number;

    if (m->n_slots == 0)
        return find_linear(m, key);
    number = slot_of(m, key, hash_of(key))->number;
    return number == 0 ? NULL : &m->at[number - 1];
}

/* Puts it where its hash leads, which no other key of the map has to be compared for. */
static void place(struct map *m, struct map_slot what)
{
    size_t mask = m->n_slots - 1;
    size_t i = what.hash & mask;

    while (m->slots[i].number != 0)
        i = (i + 1) & mask;
    m->slots[i] = what;
}

static void grow_slots(struct map *m)
{
    struct map_slot *old = m->slots;
    size_t n_old = m->n_slots;
    size_t n_slots = n_old == 0 ? 4 * LINEAR : 2 * n_old;

    m->slots = alloc_get(n_slots * sizeof(*m->slots));
    m->n_slots = n_slots;
    for (size_t i = 0; i < n_old; i++)
        if (old[i].number != 0)
            place(m, old[i]);
    for (size_t i = 0; n_old == 0 && i < m->n; i++)
        place(m, (struct map_slot){hash_of(m->at[i].key), (uint32_t)(i + 1)});
    alloc_put(old, n_old * sizeof(*old));
}

/* The entry of the key, which is made if there is none: *ret_made. */
static struct map_entry *find_or_make(struct map *m, str key, bool *ret_made)
{
    struct map_slot *slot = NULL;
    struct map_entry *entry = NULL;
    uint32_t hash = 0;

    if (m->n_slots == 0) {
        entry = find_linear(m, key);
    } else {
        hash = hash_of(key);
        slot = slot_of(m, key, hash);
        if (slot->number != 0)
            entry = &m->at[slot->number - 1];
    }
    *ret_made = entry == NULL;
    if (entry != NULL)
        return entry;
    VEC_PUSH(m, ((struct map_entry){key, NULL}));
    if (slot != NULL)
        *slot = (struct map_slot){hash, (uint32_t)m->n};
    if (m->n > LINEAR && m->n > m->n_slots / 2)
        grow_slots(m);
    return &m->at[m->n - 1];
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
    bool made;

    find_or_make(m, key, &made)->value = value;
}

void *map_add(struct map *m, str key, void *value)
{
    bool made;
    struct map_entry *entry = find_or_make(m, key, &made);

    if (made)
        entry->value = value;
    return entry->value;
}
