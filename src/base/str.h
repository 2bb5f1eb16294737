/* str.h - a slice of bytes that someone else owns.
 *
 * Not NUL-terminated; usually points into a mapped source file or an arena and lives as long as
 * that does. The empty slice may have p == NULL. Bytes are kept as they came (UTF-8 is validated
 * once, by the readers). */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/base.h"

typedef struct str {
    const char *p;
    size_t n;
} str;

#define STR(literal) ((str){("" literal), sizeof(literal) - 1})
#define STR_FMT      "%.*s"
#define STR_ARG(s)   (int)((s).n > INT32_MAX ? INT32_MAX : (s).n), ((s).p ? (s).p : "")
#define STR_NONE     ((str){0, 0})

/* NULL gives STR_NONE. The length of a literal is known when compiled. */
static inline str str_of(const char *cstr)
{
    return cstr == NULL ? STR_NONE : (str){cstr, strlen(cstr)};
}
static inline bool str_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* With a literal, its length is known when compiled. */
static inline bool str_eq_c(str a, const char *b)
{
    return str_eq(a, (str){b, b == NULL ? 0 : strlen(b)});
}
bool str_eq_nocase(str a, str b);              /* ASCII only */
int str_cmp(str a, str b);                     /* bytewise; shorter first on a tie */
int str_compare(const void *a, const void *b); /* the same of qsort over str */
static inline bool str_starts(str s, str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}
static inline bool str_ends(str s, str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}
bool str_contains(str s, str needle);
size_t str_find(str s, str needle);   /* SIZE_MAX when absent */
size_t str_find_char(str s, char c);  /* SIZE_MAX when absent */
size_t str_rfind_char(str s, char c); /* SIZE_MAX when absent */
/* Clamped to s. */
static inline str str_slice(str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return s.p == NULL ? STR_NONE : (str){s.p + from, to - from};
}
str str_trim(str s); /* ASCII white space */
/* Cuts s at the first `sep`: returns the part before, leaves the part after in *rest (STR_NONE and
 * p == NULL when there is none). */
str str_cut(str s, char sep, str *ret_rest);
uint64_t str_hash(str s);                 /* the same on every run and machine */
uint64_t str_hash_table(str s);           /* differs from run to run: for keys strangers choose */
bool str_to_int(str s, int64_t *ret);     /* whole string, decimal, optional sign */
bool str_to_double(str s, double *ret);   /* whole string; JSON number syntax; false when infinite */
bool str_is_utf8(str s, size_t *ret_bad); /* offset of the first bad byte */
/* How many letters must be put in, left out, changed or swapped with their neighbour; case counts for nothing. At most
 * `most`: more, or texts of over 64 bytes, give most + 1. */
size_t str_distance(str a, str b, size_t most);

/* Decode the code point at s.p[at] (s must be valid UTF-8 there; a bad byte gives U+FFFD, length 1). */
uint32_t utf8_decode(str s, size_t at, size_t *ret_len);
static inline uint32_t utf8_at(str s, size_t at, size_t *ret_len)
{
    if (at >= s.n || (unsigned char)s.p[at] >= 0x80)
        return utf8_decode(s, at, ret_len);
    *ret_len = 1;
    return (unsigned char)s.p[at];
}
size_t utf8_encode(uint32_t cp, char out[4]);
size_t utf8_count(str s);              /* code points */
bool utf8_is_bidi_control(uint32_t c); /* can make a line read as something else */

#endif
