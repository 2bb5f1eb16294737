/* base64.h - base64 with the standard alphabet (RFC 4648, section 4). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

enum base64_form {
    BASE64_STRICT = 0,        /* padded to groups of four, nothing else in it */
    BASE64_LINES = 1 << 0,    /* ends of lines are skipped */
    BASE64_SPACES = 1 << 1,   /* all white space is skipped */
    BASE64_UNPADDED = 1 << 2, /* padding may be left out */
};

str base64_encode(struct arena *a, str bytes);
void base64_add(struct buf *out, str bytes);
/* `form` is a set of enum base64_form. False: not base64 of that form; ret_bad (may be NULL) is the byte that shows it. */
bool base64_decode(struct arena *a, str text, unsigned form, str *ret, size_t *ret_bad);

#endif
