/* format.h - the few forms of printf that nearly every message and name is made of, without printf.
 *
 * `%s`, `%.*s`, `%c`, `%d`, `%u`, `%x`, `%zu`, `%lld`, `%llu`, `%llx` and `%%` are understood, with the meaning that
 * they have in printf; a format with anything else is left to vsnprintf. Names are put together by the million. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include "base/base.h"

/* A format with its arguments, as the texts to be written one behind the other. */
struct format {
    size_t length; /* of all of them */
    size_t n;
    struct format_piece {
        const char *text; /* borrowed, or in `small` */
        size_t n;
        char small[24];
    } piece[16];
};

/* False when the format has another form, or too many of them. */
bool format_read(struct format *f, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Writes the text, and a NUL behind its f->length bytes. */
void format_write(const struct format *f, char *out);

#endif
