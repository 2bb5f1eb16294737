#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"

struct regex {
    pcre2_code *code;
    pcre2_match_context *limits;
    uint32_t match_options;
    uint32_t groups;
    uint32_t n_names;
    uint32_t name_entry_size;
    PCRE2_SPTR names;
};

static str error_text(int code, struct arena *a)
{
    PCRE2_UCHAR text[256];

    if (pcre2_get_error_message(code, text, sizeof(text)) < 0 && text[0] == '\0')
        return STR("unknown error");
    return arena_str(a, str_of((const char *)text));
}

struct regex *regex_new(str pattern, enum regex_texts texts, str *ret_error, size_t *ret_at, struct arena *a)
{
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY |
                       (texts == REGEX_ANY_TEXTS ? PCRE2_MATCH_INVALID_UTF : 0);
    PCRE2_SPTR text = (PCRE2_SPTR)(pattern.p != NULL ? pattern.p : "");
    struct regex *re = alloc_get(sizeof(*re));
    PCRE2_SIZE at = 0;
    int code = 0;

    re->match_options = texts == REGEX_VALID_TEXTS ? PCRE2_NO_UTF_CHECK : 0;
    re->code = pcre2_compile(text, pattern.n, options, &code, &at, NULL);
    if (re->code == NULL && code == PCRE2_ERROR_HEAP_FAILED)
        alloc_failed(0);
    if (re->code == NULL)
        goto bad;
    re->limits = pcre2_match_context_create(NULL);
    if (re->limits == NULL)
        alloc_failed(0);
    pcre2_set_match_limit(re->limits, LIMIT_REGEX_MATCH);
    pcre2_set_depth_limit(re->limits, LIMIT_REGEX_DEPTH);
    pcre2_set_heap_limit(re->limits, LIMIT_REGEX_HEAP_KB);
    pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &re->groups);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &re->n_names);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &re->name_entry_size);
    pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &re->names);
    return re;

bad:
    *ret_error = error_text(code, a);
    *ret_at = at;
    regex_free(re);
    return NULL;
}

void regex_free(struct regex *re)
{
    if (re == NULL)
        return;
    pcre2_match_context_free(re->limits);
    pcre2_code_free(re->code);
    alloc_put(re, sizeof(*re));
}

enum regex_result regex_find(const struct regex *re, str text, size_t from, struct regex_match *ret_match)
{
    uint32_t pairs = re->groups + 1 < ARRAY_LEN(ret_match->start) ? re->groups + 1 : ARRAY_LEN(ret_match->start);
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.p != NULL ? text.p : "");
    const PCRE2_SIZE *offsets;
    pcre2_match_data *data;
    int n;

    ret_match->n = 0;
    while (from < text.n && (subject[from] & 0xC0) == 0x80)
        from++; /* never start inside a character */
    if (from > text.n)
        return REGEX_NO;
    data = pcre2_match_data_create(pairs, NULL);
    if (data == NULL)
        alloc_failed(0);
    n = pcre2_match(re->code, subject, text.n, from, re->match_options, data, re->limits);
    if (n == PCRE2_ERROR_NOMEMORY)
        alloc_failed(0);
    if (n >= 0) {
        offsets = pcre2_get_ovector_pointer(data);
        ret_match->n = pairs;
        for (uint32_t i = 0; i < pairs; i++) {
            ret_match->start[i] = offsets[2 * i] == PCRE2_UNSET ? SIZE_MAX : offsets[2 * i];
            ret_match->end[i] = offsets[2 * i + 1] == PCRE2_UNSET ? SIZE_MAX : offsets[2 * i + 1];
        }
    }
    pcre2_match_data_free(data);
    if (n >= 0)
        return REGEX_YES;
    return n == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}

size_t regex_groups(const struct regex *re)
{
    return re->groups;
}

str regex_group_name(const struct regex *re, size_t group)
{
    for (uint32_t i = 0; i < re->n_names; i++) {
        PCRE2_SPTR entry = re->names + (size_t)i * re->name_entry_size;

        if (((size_t)entry[0] << 8 | entry[1]) == group)
            return str_of((const char *)entry + 2);
    }
    return STR_NONE;
}
