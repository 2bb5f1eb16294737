/* regex.h - PCRE2 behind a narrow door: compiled once, matched with limits.
 *
 * A pattern of a rule or a template is hostile: match, depth and heap limits (limits.h) apply to
 * every call, and a limit that is hit is an answer of its own, never "no match". UTF-8 (bytes
 * that are not match nothing), `$` is the very end as in RE2, no JIT. Thread-safe after
 * compilation. */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/arena.h"

struct regex;
/* What will be matched: VALID is for texts that str_is_utf8 has seen, and does not look through the whole text again
 * for each of its matches. */
enum regex_texts { REGEX_ANY_TEXTS, REGEX_VALID_TEXTS };
enum regex_result { REGEX_NO, REGEX_YES, REGEX_LIMIT };
struct regex_match {
    size_t n;         /* groups, 0 is the whole match */
    size_t start[32]; /* SIZE_MAX: the group did not take part */
    size_t end[32];
};

/* NULL on a bad pattern: *ret_error says why, *ret_at where (byte). The regex is freed by
 * regex_free. */
struct regex *regex_new(str pattern, enum regex_texts texts, str *ret_error, size_t *ret_at, struct arena *a);
void regex_free(struct regex *re);
enum regex_result regex_find(const struct regex *re, str text, size_t from, struct regex_match *ret_match);
size_t regex_groups(const struct regex *re);
str regex_group_name(const struct regex *re, size_t group); /* STR_NONE for an unnamed group */

#endif
