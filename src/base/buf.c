#include "base/buf.h"

#include "base/alloc.h"
#include "base/format.h"

enum { FIRST_BYTES = 64, SINK_BYTES = 256 << 10 };

static char nothing[1]; /* what an empty buffer points to; never written */

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.p = nothing, .max = max};
}

void buf_init_sink(struct buf *b, void (*sink)(void *context, str text), void *context)
{
    *b = (struct buf){.p = nothing, .max = SIZE_MAX, .sink = sink, .context = context};
}

void buf_flush(struct buf *b)
{
    if (b->n != 0)
        b->sink(b->context, buf_str(b));
    buf_clear(b);
}

void buf_release(struct buf *b)
{
    if (b->cap != 0)
        alloc_put(b->p, b->cap);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->overflow = false;
    if (b->cap != 0)
        b->p[0] = '\0';
}

/* After one failure all later text is dropped too, so that the result has no holes. */
bool buf_reserve(struct buf *b, size_t n)
{
    size_t cap = b->cap;

    if (b->overflow || n > b->max - b->n) {
        b->overflow = true;
        return false;
    }
    if (b->sink != NULL && b->n != 0 && b->n + n >= SINK_BYTES) {
        buf_flush(b);
        cap = b->cap;
    }
    if (b->n + n < cap)
        return true;
    if (cap == 0)
        cap = FIRST_BYTES;
    while (cap <= b->n + n)
        cap = cap > SIZE_MAX / 2 ? b->n + n + 1 : cap * 2;
    if (cap > b->max)
        cap = b->max + 1;
    b->p = alloc_resize(b->cap == 0 ? NULL : b->p, b->cap, cap);
    b->cap = cap;
    return true;
}

void buf_add_repeated(struct buf *b, char c, size_t n)
{
    if (n == 0 || !buf_has_room(b, n))
        return;
    memset(b->p + b->n, c, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_add_utf8(struct buf *b, uint32_t code_point)
{
    char bytes[4];

    buf_add(b, (str){bytes, utf8_encode(code_point, bytes)});
}

static bool is_plain_json(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void add_json_char(struct buf *b, uint32_t c)
{
    static const char special[] = "\"\\\n\r\t", letter[] = "\"\\nrt";
    const char *found = c < 0x7f ? memchr(special, (int)c, sizeof(special) - 1) : NULL;

    if (found != NULL) {
        buf_add_char(b, '\\');
        buf_add_char(b, letter[found - special]);
    } else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || utf8_is_bidi_control(c)) {
        buf_printf(b, "\\u%04x", (unsigned)c);
    } else {
        buf_add_utf8(b, c);
    }
}

void buf_add_json(struct buf *b, str s)
{
    size_t i = 0;

    buf_add_char(b, '"');
    while (i < s.n && !b->overflow) {
        size_t plain = i;
        size_t n;

        while (plain < s.n && is_plain_json(s.p[plain]))
            plain++;
        if (plain - i > b->max - b->n) {
            buf_add(b, str_slice(s, i, i + (b->max - b->n)));
            b->overflow = true;
            return;
        }
        buf_add(b, str_slice(s, i, plain));
        i = plain;
        if (i < s.n) {
            add_json_char(b, utf8_at(s, i, &n));
            i += n != 0 ? n : 1;
        }
    }
    buf_add_char(b, '"');
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    char small[256];
    struct format f;
    va_list again;
    int n;

    if (format_read(&f, fmt, ap)) {
        if (f.length != 0 && buf_has_room(b, f.length)) {
            format_write(&f, b->p + b->n);
            b->n += f.length;
        }
        return;
    }
    va_copy(again, ap);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    if (n > 0 && buf_has_room(b, (size_t)n)) {
        if ((size_t)n < sizeof(small))
            memcpy(b->p + b->n, small, (size_t)n + 1);
        else
            vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

str buf_str(const struct buf *b)
{
    return (str){b->p != NULL ? b->p : nothing, b->n};
}

str buf_copy(const struct buf *b, struct arena *a)
{
    return arena_str(a, buf_str(b));
}
