/* map.h - a hash table from byte strings to pointers.
 *
 * Keys are borrowed (they must outlive the table); iteration is in order of insertion, so output
 * never depends on a hash. Not thread-safe while it is changed. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/str.h"

struct map_entry {
    str key;
    void *value;
};

struct map_slot {
    uint32_t hash;
    uint32_t number; /* of the entry, plus one; 0: free */
};

struct map {
    struct map_entry *at; /* in order of insertion; n of them */
    size_t n, cap;
    struct map_slot *slots;
    size_t n_slots;
};

void map_init(struct map *m);
void map_release(struct map *m);
void *map_find(const struct map *m, str key); /* NULL when absent */
bool map_has(const struct map *m, str key);
void map_set(struct map *m, str key, void *value); /* adds or replaces */
/* Adds unless present; returns the value that is now there. */
void *map_add(struct map *m, str key, void *value);

#endif
