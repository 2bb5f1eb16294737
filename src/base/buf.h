/* buf.h - a growing output buffer with a mandatory maximum.
 *
 * A piece that would pass the maximum is dropped whole, with all that follows, and sets `overflow`,
 * which the caller checks once at the end. The text is always NUL-terminated after the last byte.
 *
 * With a sink the buffer is handed on whenever it is full, and holds only what was not handed on yet. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
    char *p;
    size_t n;
    size_t cap; /* never more than max and a NUL, so what fits in is allowed */
    size_t max;
    bool overflow;
    void (*sink)(void *context, str text); /* NULL: none */
    void *context;
};

void buf_init(struct buf *b, size_t max);
void buf_init_sink(struct buf *b, void (*sink)(void *context, str text), void *context);
void buf_flush(struct buf *b); /* hands the rest to the sink */
void buf_release(struct buf *b);
void buf_clear(struct buf *b);
/* Makes room for n bytes and a NUL; false, and nothing may be added, when that would pass the maximum. */
bool buf_reserve(struct buf *b, size_t n);
static inline bool buf_has_room(struct buf *b, size_t n)
{
    return (n < b->cap - b->n && !b->overflow) || buf_reserve(b, n);
}
static inline void buf_add(struct buf *b, str s)
{
    if (s.n == 0 || !buf_has_room(b, s.n))
        return;
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = '\0';
}
static inline void buf_add_c(struct buf *b, const char *cstr)
{
    buf_add(b, str_of(cstr));
}
static inline void buf_add_char(struct buf *b, char c)
{
    if (!buf_has_room(b, 1))
        return;
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}
void buf_add_repeated(struct buf *b, char c, size_t n);
void buf_add_utf8(struct buf *b, uint32_t code_point);
/* A string of JSON, quoted: control characters and those that turn the direction of text are escaped, and what is not
 * UTF-8 is replaced. What passes the maximum is cut there, not dropped whole. */
void buf_add_json(struct buf *b, str s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
str buf_str(const struct buf *b);                   /* borrowed until the next change */
str buf_copy(const struct buf *b, struct arena *a); /* copied into the arena */

#endif
