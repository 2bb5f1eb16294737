/* Patterns and prefixes. The first line is a pattern, the rest a text; or two prefixes, one a line. */
#include "analysis/cidr.h"
#include "base/glob.h"
#include "fuzz.h"

static void prefixes(str one, str two)
{
    struct cidr pair[2];
    if (!cidr_parse(one, &pair[0]) || !cidr_parse(two, &pair[1]))
        return;
    bool inner = cidr_contains(&pair[0], &pair[1]), outer = cidr_contains(&pair[1], &pair[0]);
    if (!cidr_contains(&pair[0], &pair[0]) || (inner && pair[0].v6 != pair[1].v6))
        abort();
    if (inner && outer && pair[0].bits != pair[1].bits)
        abort();
    /* What holds all addresses holds them with any neighbour; a private one adds nothing to cover them. */
    if (cidr_is_any(&pair[0]) && !cidr_cover_everything(pair, pair[1].v6 == pair[0].v6 ? 2 : 1, pair[0].v6))
        abort();
    if (inner && cidr_is_private(&pair[0]) && !cidr_is_private(&pair[1]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str text, pattern = str_cut((str){(const char *)data, size}, '\n', &text);
    bool a = glob_match(pattern, text), b = wildcard_match(pattern, text), c = wildcard_match_nocase(pattern, text);
    /* What both patterns match, they overlap on. */
    if (text.p && b && !str_contains(text, STR("*")) && !str_contains(text, STR("?")) &&
        !wildcard_overlap(pattern, text))
        abort();
    if (b && !c)
        abort();
    prefixes(pattern, text);
    return a && text.n > size;
}
