#include "base/glob.h"
#include "fuzz.h"

/* The first line is the pattern, the rest the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str text, pattern = str_cut((str){(const char *)data, size}, '\n', &text);
    bool a = glob_match(pattern, text), b = wildcard_match(pattern, text), c = wildcard_match_nocase(pattern, text);
    /* What both patterns match, they overlap on. */
    if (text.p && b && !str_contains(text, STR("*")) && !str_contains(text, STR("?")) &&
        !wildcard_overlap(pattern, text))
        abort();
    return a && b && c && text.n > size;
}
