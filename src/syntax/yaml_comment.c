#include "base/vec.h"
#include "syntax/yaml_internal.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A # begins a comment at the start of a line and after a blank; *ret_own_line is whether there is nothing
 * else before it. */
static bool begins_comment(str text, size_t at, bool *ret_own_line)
{
    size_t i = at;

    while (i > 0 && is_blank(text.p[i - 1]))
        i--;
    *ret_own_line = i == 0 || text.p[i - 1] == '\n' || text.p[i - 1] == '\r';
    return i < at || *ret_own_line;
}

static size_t line_end(str text, size_t at)
{
    const char *newline = memchr(text.p + at, '\n', text.n - at);
    size_t end = newline == NULL ? text.n : (size_t)(newline - text.p);
    const char *cr = memchr(text.p + at, '\r', end - at);

    return cr == NULL ? end : (size_t)(cr - text.p);
}

const struct comment *yaml_comments(const struct source *s, const struct yaml_range *opaque, size_t n_opaque,
                                    struct arena *arena, size_t *ret_n)
{
    VEC(struct comment) comments = {NULL, 0, 0};
    str text = s->text;
    size_t at = 0, k = 0;
    const char *hash;

    while (at < text.n && (hash = memchr(text.p + at, '#', text.n - at)) != NULL) {
        struct comment c = {.at = {s->id, (uint32_t)(hash - text.p), 0}};

        at = c.at.start;
        while (k < n_opaque && opaque[k].end <= at)
            k++;
        if (k < n_opaque && opaque[k].start <= at) {
            at = opaque[k].end;
            continue;
        }
        if (!begins_comment(text, at, &c.own_line)) {
            at++;
            continue;
        }
        at = line_end(text, at);
        c.at.end = (uint32_t)at;
        c.text = str_trim(str_slice(text, c.at.start + 1, at));
        VEC_PUSH(&comments, c);
    }
    return VEC_MOVE(&comments, arena, ret_n);
}
