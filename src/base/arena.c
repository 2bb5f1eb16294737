#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>

#include "base/alloc.h"
#include "base/format.h"

/* Small objects are cut from the top block of a chain. An object of more than a quarter of a block
 * is allocated by itself; a record of it is cut from the chain, so that rewinding past the record
 * frees the object.
 *
 * Large blocks come as fresh pages, which are zero; `dirty` is how far a block was ever used: below it,
 * memory is zeroed a little ahead of what is handed out, up to `clean`. A small block is dirty from the
 * start, so that most of what is never handed out is never touched. Under AddressSanitizer unused memory
 * is poisoned, objects are kept apart by a poisoned gap, and nothing is done ahead. */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
enum { GAP = 16, AHEAD = 0 };
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { GAP = 0, AHEAD = 256 };
#endif

/* What objects of ours are made of. */
union word {
    void *p;
    uint64_t n;
    double d;
};

enum {
    ALIGNMENT = alignof(union word),
    PAGE = 4 << 10,
    FIRST_BLOCK = 4 << 10, /* there is an arena a file and a job, and most stay small */
    FULL_BLOCK = 64 << 10, /* a small object never makes the arena go on with smaller blocks than these */
    FRESH_BLOCK = 256 << 10,
    LAST_BLOCK = 256 << 10,
};

struct block {
    struct block *below;
    size_t size; /* of the data that follows */
    size_t used;
    size_t clean; /* from `used` to here it is zero */
    size_t dirty;
};

struct large {
    struct large *below;
    struct block *home; /* where this record is cut from */
    size_t offset;
    void *data;
    size_t size;
};

struct arena {
    struct block *top;
    struct block *spare; /* kept by the last rewind, so that scratch arenas do not thrash */
    struct large *large;
    size_t next_size; /* of the next block, with its header */
    size_t total;     /* of all blocks */
};

static char *block_data(struct block *b)
{
    return (char *)(b + 1);
}

static void block_free(struct arena *a, struct block *b)
{
    if (b == NULL)
        return;
    a->total -= sizeof(*b) + b->size;
    UNPOISON(block_data(b), b->size);
    alloc_put(b, sizeof(*b) + b->size);
}

static void block_cut_back(struct block *b, size_t used)
{
    if (b->dirty < b->used)
        b->dirty = b->used;
    b->used = b->clean = used;
    POISON(block_data(b) + used, b->size - used);
}

static struct block *push_block(struct arena *a, size_t need)
{
    struct block *b = a->spare;

    a->spare = NULL;
    if (b != NULL && b->size < need) {
        block_free(a, b);
        b = NULL;
    }
    if (b == NULL) {
        bool fresh = a->next_size >= FRESH_BLOCK;

        b = fresh ? alloc_get(a->next_size) : alloc_get_unset(a->next_size);
        b->size = a->next_size - sizeof(*b);
        b->used = b->clean = 0;
        b->dirty = fresh ? 0 : b->size;
        POISON(block_data(b), b->size);
        a->total += a->next_size;
        /* An eighth of what is there: little is left over in the last block, however large the arena. */
        if (a->total / 8 > a->next_size)
            a->next_size = a->total / 8 < LAST_BLOCK ? a->total / 8 / PAGE * PAGE : LAST_BLOCK;
    }
    b->below = a->top;
    a->top = b;
    return b;
}

static void *alloc_large(struct arena *a, size_t size, bool zeroed)
{
    struct large *record = ARENA_NEW(a, struct large);

    record->data = zeroed ? alloc_get(size) : alloc_get_unset(size);
    record->size = size;
    record->home = a->top;
    record->offset = (size_t)((char *)record - block_data(a->top));
    record->below = a->large;
    a->large = record;
    return record->data;
}

/* Frees the large objects whose records stand in b at `from` or later. */
static void free_large(struct arena *a, const struct block *b, size_t from)
{
    while (a->large != NULL && a->large->home == b && a->large->offset >= from) {
        struct large *record = a->large;

        a->large = record->below;
        alloc_put(record->data, record->size);
    }
}

struct arena *arena_new(void)
{
    struct arena *a = alloc_get(sizeof(*a));

    a->next_size = FIRST_BLOCK;
    return a;
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    arena_rewind(a, (struct arena_mark){NULL, 0});
    block_free(a, a->spare);
    alloc_put(a, sizeof(*a));
}

static void clean_to(struct block *b, size_t end)
{
    if (end > b->size)
        end = b->size;
    if (b->clean < b->dirty) {
        end = end < b->dirty ? end : b->dirty;
        memset(block_data(b) + b->clean, 0, end - b->clean);
        b->clean = end;
    }
    if (b->clean >= b->dirty)
        b->clean = b->size;
}

static size_t rounded(size_t size)
{
    return (size + (size == 0) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Where there is no room, or none that is clean. What need not be zeroed has any content. */
static void *alloc_slowly(struct arena *a, size_t size, bool zeroed)
{
    struct block *b = a->top;
    size_t need;
    char *p;

    if (size >= SIZE_MAX / 2) {
        alloc_get(size); /* cannot succeed: reports the failure */
        abort();
    }
    need = rounded(size) + GAP;
    if (b == NULL || b->size - b->used < need) {
        while (need > a->next_size / 4 && a->next_size < FULL_BLOCK)
            a->next_size *= 2;
        if (need > a->next_size / 4)
            return alloc_large(a, size, zeroed);
        b = push_block(a, need);
    }
    p = block_data(b) + b->used;
    UNPOISON(p, size);
    if (zeroed)
        clean_to(b, b->used + (AHEAD != 0 ? need + AHEAD : size));
    b->used += need;
    if (AHEAD == 0 || b->clean < b->used)
        b->clean = b->used;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct block *b = a->top;
    char *p;

    if (b == NULL || size >= b->clean - b->used)
        return alloc_slowly(a, size, true);
    p = block_data(b) + b->used;
    b->used += rounded(size);
    return p;
}

/* For what is written over at once; of little it would not pay. */
static void *alloc_unset(struct arena *a, size_t size)
{
    return size > AHEAD ? alloc_slowly(a, size, false) : arena_alloc(a, size);
}

void *arena_copy(struct arena *a, const void *data, size_t size)
{
    void *p = alloc_unset(a, size);

    if (size != 0)
        memcpy(p, data, size);
    return p;
}

char *arena_cstr(struct arena *a, str s)
{
    char *p = alloc_unset(a, s.n + 1);

    if (s.n != 0)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

str arena_str(struct arena *a, str s)
{
    return s.n == 0 ? STR("") : (str){arena_cstr(a, s), s.n};
}

str arena_lower(struct arena *a, str s)
{
    char *p = arena_cstr(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] - 'A' + 'a');
    return (str){p, s.n};
}

str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    str s;

    va_start(ap, fmt);
    s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

str arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    char small[256];
    struct format f;
    va_list again;
    char *p;
    int n;

    if (format_read(&f, fmt, ap)) {
        p = alloc_unset(a, f.length + 1);
        format_write(&f, p);
        return (str){p, f.length};
    }
    va_copy(again, ap);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    if (n < 0) {
        va_end(again);
        return STR("");
    }
    p = alloc_unset(a, (size_t)n + 1);
    if ((size_t)n < sizeof(small))
        memcpy(p, small, (size_t)n + 1);
    else
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (str){p, (size_t)n};
}

struct arena_mark arena_mark(struct arena *a)
{
    return (struct arena_mark){a->top, a->top != NULL ? a->top->used : 0};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    while (a->top != mark.block) {
        struct block *b = a->top;

        assert(b != NULL); /* else the mark is of another arena, or was rewound past */
        free_large(a, b, 0);
        a->top = b->below;
        if (a->spare == NULL || a->spare->size < b->size) {
            block_free(a, a->spare);
            block_cut_back(b, 0);
            a->spare = b;
        } else {
            block_free(a, b);
        }
    }
    if (a->top != NULL) {
        assert(mark.used <= a->top->used);
        free_large(a, a->top, mark.used);
        block_cut_back(a->top, mark.used);
    }
}

size_t arena_used(const struct arena *a)
{
    size_t used = 0;

    for (const struct block *b = a->top; b != NULL; b = b->below)
        used += b->used;
    for (const struct large *l = a->large; l != NULL; l = l->below)
        used += l->size;
    return used;
}
