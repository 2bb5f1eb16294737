#include "base/intern.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/arena.h"

/* Readers take no lock. Names stand in chunks of 256, 512, 1024 ... that never move. The hash table
 * holds words of (upper half of the hash, symbol); it is replaced when half full, and replaced
 * tables are kept for readers that are still in them. Writers hold the mutex. A reader that misses
 * looks again as a writer. */

enum { FIRST_CHUNK = 256, CHUNKS = 24, FIRST_TABLE = 1024 };

struct table {
    struct table *older;
    size_t n_slots;
    _Atomic uint64_t slots[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct table *) current;
static _Atomic(str *) chunks[CHUNKS];
static uint32_t n_syms;
static struct arena *names;

static size_t table_size(size_t n_slots)
{
    return sizeof(struct table) + n_slots * sizeof(_Atomic uint64_t);
}

/* Where name s stands: the chunk's number, its size, and the place in it. */
static size_t locate(sym s, unsigned *ret_chunk, size_t *ret_size)
{
    size_t index = (size_t)s - 1;

    *ret_chunk = 0;
    *ret_size = FIRST_CHUNK;
    while (index >= *ret_size) {
        index -= *ret_size;
        *ret_size *= 2;
        ++*ret_chunk;
    }
    assert(*ret_chunk < CHUNKS);
    return index;
}

static str name_at(sym s)
{
    size_t size;
    unsigned chunk;
    size_t index = locate(s, &chunk, &size);
    const str *at = atomic_load_explicit(&chunks[chunk], memory_order_acquire);

    assert(at != NULL);
    return at[index];
}

static void set_name(sym s, str name)
{
    size_t size;
    unsigned chunk;
    size_t index = locate(s, &chunk, &size);
    str *at = atomic_load_explicit(&chunks[chunk], memory_order_relaxed);

    if (at == NULL) {
        at = alloc_get(size * sizeof(*at));
        atomic_store_explicit(&chunks[chunk], at, memory_order_release);
    }
    at[index] = name;
}

/* Sets *ret_slot to the free slot where the name belongs when the answer is 0. */
static sym look_up(struct table *t, str name, uint64_t hash, size_t *ret_slot)
{
    size_t mask = t->n_slots - 1;

    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        uint64_t word = atomic_load_explicit(&t->slots[i], memory_order_acquire);

        if (word == 0) {
            *ret_slot = i;
            return 0;
        }
        if (word >> 32 == hash >> 32 && str_eq(name_at((sym)word), name))
            return (sym)word;
    }
}

static struct table *grow(struct table *old)
{
    size_t n_slots = old == NULL ? FIRST_TABLE : old->n_slots * 2;
    struct table *t = alloc_get(table_size(n_slots));
    size_t slot;

    t->older = old;
    t->n_slots = n_slots;
    for (sym s = 1; s <= n_syms; s++) {
        str name = name_at(s);
        uint64_t hash = str_hash_table(name);

        look_up(t, name, hash, &slot);
        atomic_store_explicit(&t->slots[slot], hash >> 32 << 32 | s, memory_order_relaxed);
    }
    atomic_store_explicit(&current, t, memory_order_release);
    return t;
}

static sym add(str name, uint64_t hash)
{
    struct table *t = atomic_load_explicit(&current, memory_order_relaxed);
    size_t slot;
    sym s;

    if (t == NULL || n_syms >= t->n_slots / 2)
        t = grow(t);
    s = look_up(t, name, hash, &slot);
    if (s != 0)
        return s;
    if (names == NULL)
        names = arena_new();
    s = n_syms + 1;
    set_name(s, arena_str(names, name));
    n_syms = s;
    atomic_store_explicit(&t->slots[slot], hash >> 32 << 32 | s, memory_order_release);
    return s;
}

static sym find(str name, uint64_t hash)
{
    struct table *t = atomic_load_explicit(&current, memory_order_acquire);
    size_t slot;

    return t == NULL ? 0 : look_up(t, name, hash, &slot);
}

sym sym_of(str name)
{
    uint64_t hash;
    sym s;

    if (name.n == 0)
        return 0;
    hash = str_hash_table(name);
    s = find(name, hash);
    if (s == 0) {
        pthread_mutex_lock(&mutex);
        s = add(name, hash);
        pthread_mutex_unlock(&mutex);
    }
    return s;
}

sym sym_find(str name)
{
    return name.n == 0 ? 0 : find(name, str_hash_table(name));
}

str sym_str(sym s)
{
    return s == 0 ? STR("") : name_at(s);
}

/* Takes no lock: a thread that died of lack of memory may hold it. */
void intern_release(void)
{
    struct table *t = atomic_exchange(&current, NULL);
    size_t size = FIRST_CHUNK;

    while (t != NULL) {
        struct table *older = t->older;

        alloc_put(t, table_size(t->n_slots));
        t = older;
    }
    for (size_t i = 0; i < CHUNKS; i++, size *= 2)
        alloc_put(atomic_exchange(&chunks[i], NULL), size * sizeof(str));
    arena_free(names);
    names = NULL;
    n_syms = 0;
}
