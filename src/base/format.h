/* format.h - the few forms of printf that nearly every message and name is made of, without printf.
 *
 * `%s`, `%.*s`, `%c`, `%u`, `%zu` and `%%` are understood, with the meaning that they have in printf; a
 * format with anything else is left to vsnprintf. Names are put together by the million. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include "base/base.h"

/* How long the text is; SIZE_MAX when the format has another form. */
size_t format_length(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);
/* Writes the text, whose length was asked for, and a NUL. */
void format_write(char *out, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

#endif
