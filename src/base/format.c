#include "base/format.h"

/* One piece of a format: literal text, or what one form stands for. */
struct piece {
    const char *text;
    size_t n;
    char small[24];
};

static void set_number(struct piece *p, size_t n)
{
    char *at = p->small + sizeof(p->small);

    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    p->text = at;
    p->n = (size_t)(p->small + sizeof(p->small) - at);
}

static bool set_text(struct piece *p, const char *text, size_t most)
{
    p->text = text;
    p->n = text == NULL ? 0 : strnlen(text, most);
    return text != NULL;
}

/* Takes a piece off the format; false when it is none of ours. `ap` is that of the caller, who passes a
 * pointer because it is moved on. */
static bool take(const char **fmt, struct piece *p, va_list *ap)
{
    const char *f = *fmt;

    if (*f != '%') {
        p->text = f;
        p->n = strcspn(f, "%");
        *fmt = f + p->n;
        return true;
    }
    if (strncmp(f, "%.*s", 4) == 0) {
        int most = va_arg(*ap, int);

        *fmt = f + 4;
        return most >= 0 && set_text(p, va_arg(*ap, const char *), (size_t)most);
    }
    if (strncmp(f, "%zu", 3) == 0) {
        set_number(p, va_arg(*ap, size_t));
        *fmt = f + 3;
        return true;
    }
    *fmt = f + 2;
    switch (f[1]) {
    case 's':
        return set_text(p, va_arg(*ap, const char *), SIZE_MAX / 2);
    case 'u':
        set_number(p, va_arg(*ap, unsigned));
        return true;
    case 'c':
    case '%':
        p->small[0] = f[1] == '%' ? '%' : (char)va_arg(*ap, int);
        p->text = p->small;
        p->n = 1;
        return true;
    default:
        return false;
    }
}

size_t format_length(const char *fmt, va_list ap)
{
    size_t n = 0;
    struct piece p;
    va_list own;

    va_copy(own, ap);
    while (*fmt != '\0' && n != SIZE_MAX) {
        bool ours = take(&fmt, &p, &own);

        n = ours ? n + p.n : SIZE_MAX;
    }
    va_end(own);
    return n;
}

void format_write(char *out, const char *fmt, va_list ap)
{
    struct piece p;
    va_list own;

    va_copy(own, ap);
    while (*fmt != '\0' && take(&fmt, &p, &own)) {
        memcpy(out, p.text, p.n);
        out += p.n;
    }
    *out = '\0';
    va_end(own);
}
