#include "frontend/kubernetes/placeholder.h"

#include "base/vec.h"

static bool is_name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

/* What may follow the name: nothing, or a default or change of the value such as ${A:-b}, ${A#b} or ${A/b/c}. */
static bool is_operator(str rest)
{
    if (!rest.n || rest.p[0] != ':')
        return rest.n && str_find_char(STR("-=?+#%/^,"), rest.p[0]) != SIZE_MAX;
    return rest.n > 1 && str_find_char(STR("-=?+0123456789"), rest.p[1]) != SIZE_MAX;
}

/* The length of the placeholder that starts at text[at]; 0: none does. */
static size_t length_at(str text, size_t at)
{
    str s = str_slice(text, at, text.n);
    if (!str_starts(s, STR("${")) || (at > 0 && text.p[at - 1] == '$'))
        return 0;
    size_t i = 2;
    while (i < s.n && is_name_char(s.p[i], i == 2))
        i++;
    size_t close = str_find_char(str_slice(s, i, s.n), '}');
    if (i == 2 || close == SIZE_MAX || (close > 0 && !is_operator(str_slice(s, i, i + close))))
        return 0;
    return i + close + 1;
}

static const struct value *unfilled(struct arena *a, str placeholder, const struct origin *o)
{
    return value_unknown(
        a, arena_printf(a, "the placeholder " STR_FMT " is not filled in", STR_ARG(str_slice(placeholder, 0, 80))), o);
}

const struct value *placeholder_value(struct arena *a, str text, enum placeholder_place place, const struct origin *o)
{
    if (place == PLACEHOLDER_NEVER || str_find(text, STR("${")) == SIZE_MAX)
        return NULL;
    if (length_at(text, 0) == text.n)
        return unfilled(a, text, o);
    if (place == PLACEHOLDER_WHOLE || str_find_char(text, '\n') != SIZE_MAX)
        return NULL;
    VEC(const struct value *) parts = {0};
    size_t from = 0, found = 0;
    for (size_t at = 0; at < text.n; at++) {
        size_t length = text.p[at] == '$' ? length_at(text, at) : 0;
        if (!length)
            continue;
        if (at > from)
            VEC_PUSH(&parts, value_string(a, str_slice(text, from, at), o));
        VEC_PUSH(&parts, unfilled(a, str_slice(text, at, at + length), o));
        from = at + length;
        at = from - 1;
        found++;
    }
    if (from < text.n)
        VEC_PUSH(&parts, value_string(a, str_slice(text, from, text.n), o));
    size_t n;
    const struct value **all = VEC_MOVE(&parts, a, &n);
    return found ? value_text(a, all, n, o) : NULL;
}
