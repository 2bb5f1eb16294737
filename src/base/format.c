#include "base/format.h"

static void set_number(struct format_piece *p, uint64_t n)
{
    char *at = p->small + sizeof(p->small);

    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    p->text = at;
    p->n = (size_t)(p->small + sizeof(p->small) - at);
}

static void set_signed(struct format_piece *p, int64_t n)
{
    set_number(p, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
    if (n < 0) {
        p->small[sizeof(p->small) - ++p->n] = '-';
        p->text--;
    }
}

static void set_hex(struct format_piece *p, uint64_t n)
{
    char *at = p->small + sizeof(p->small);

    do
        *--at = "0123456789abcdef"[n & 0xF];
    while ((n >>= 4) != 0);
    p->text = at;
    p->n = (size_t)(p->small + sizeof(p->small) - at);
}

static void set_char(struct format_piece *p, char c)
{
    p->small[0] = c;
    p->text = p->small;
    p->n = 1;
}

static bool set_text(struct format_piece *p, const char *text, size_t most)
{
    p->text = text;
    p->n = text == NULL ? 0 : strnlen(text, most);
    return text != NULL;
}

/* Literal text, up to the next form. */
static const char *set_literal(struct format_piece *p, const char *fmt)
{
    p->text = fmt;
    while (*fmt != '\0' && *fmt != '%')
        fmt++;
    p->n = (size_t)(fmt - p->text);
    return fmt;
}

bool format_read(struct format *f, const char *fmt, va_list ap)
{
    va_list own;
    bool ours = true;

    va_copy(own, ap);
    f->length = f->n = 0;
    while (ours && *fmt != '\0' && (ours = f->n < ARRAY_LEN(f->piece))) {
        struct format_piece *p = &f->piece[f->n++];

        if (*fmt != '%') {
            fmt = set_literal(p, fmt);
        } else if (fmt[1] == '.' && fmt[2] == '*' && fmt[3] == 's') {
            int most = va_arg(own, int);

            ours = most >= 0 && set_text(p, va_arg(own, const char *), (size_t)most);
            fmt += 4;
        } else if (fmt[1] == 's') {
            ours = set_text(p, va_arg(own, const char *), SIZE_MAX / 2);
            fmt += 2;
        } else if (fmt[1] == 'z' && fmt[2] == 'u') {
            set_number(p, va_arg(own, size_t));
            fmt += 3;
        } else if (fmt[1] == 'u') {
            set_number(p, va_arg(own, unsigned));
            fmt += 2;
        } else if (fmt[1] == 'd') {
            set_signed(p, va_arg(own, int));
            fmt += 2;
        } else if (fmt[1] == 'x') {
            set_hex(p, va_arg(own, unsigned));
            fmt += 2;
        } else if (fmt[1] == 'l' && fmt[2] == 'l' && fmt[3] == 'd') {
            set_signed(p, va_arg(own, long long));
            fmt += 4;
        } else if (fmt[1] == 'l' && fmt[2] == 'l' && fmt[3] == 'u') {
            set_number(p, va_arg(own, unsigned long long));
            fmt += 4;
        } else if (fmt[1] == 'l' && fmt[2] == 'l' && fmt[3] == 'x') {
            set_hex(p, va_arg(own, unsigned long long));
            fmt += 4;
        } else if (fmt[1] == 'c' || fmt[1] == '%') {
            set_char(p, fmt[1] == '%' ? '%' : (char)va_arg(own, int));
            fmt += 2;
        } else {
            ours = false;
        }
        if (ours)
            f->length += p->n;
    }
    va_end(own);
    return ours;
}

void format_write(const struct format *f, char *out)
{
    for (size_t i = 0; i < f->n; i++) {
        memcpy(out, f->piece[i].text, f->piece[i].n);
        out += f->piece[i].n;
    }
    *out = '\0';
}
