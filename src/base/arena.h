/* arena.h - memory that is freed all at once.
 *
 * Chained blocks (4 KiB, growing to 256 KiB) that never move, so pointers stay valid until the
 * arena is freed or rewound past them. Not thread-safe: each thread has its own. Memory is zeroed,
 * and aligned for pointers, doubles and 64-bit numbers.
 * Running out of memory, or over --max-memory, ends the program through the handler of alloc.h with one
 * message and exit status 3; so no function here returns NULL.
 *
 * Lifetimes in this program: run (configuration, rules, findings), file set (sources, documents,
 * graph), scratch (one rule on one resource; rewound). */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;
struct arena_mark {
    void *block;
    size_t used;
};

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */
void *arena_alloc(struct arena *a, size_t size);
void *arena_copy(struct arena *a, const void *data, size_t size);
str arena_str(struct arena *a, str s);    /* copy; also NUL-terminated */
char *arena_cstr(struct arena *a, str s); /* copy, NUL-terminated */
str arena_lower(struct arena *a, str s);  /* a copy; ASCII letters in lower case */
str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
str arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
struct arena_mark arena_mark(struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

#endif
