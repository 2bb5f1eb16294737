#include "report/line_hash.h"

#include <stdlib.h>

enum { WINDOW = 100, BASE = 37, END_MARK = 65535 };

struct rolling {
    uint16_t unit[WINDOW]; /* the last ones, as a ring */
    uint32_t line[WINDOW]; /* the line that begins with that unit; 0: none */
    size_t at;
    uint64_t hash, base_to_window;
    struct line_hash *out;
};

static void push(struct rolling *r, uint16_t unit, uint32_t line)
{
    size_t slot = r->at++ % WINDOW;
    r->hash = r->hash * BASE + unit - r->base_to_window * r->unit[slot];
    r->unit[slot] = unit;
    r->line[slot] = line;
    size_t oldest = r->at % WINDOW;
    if (r->at >= WINDOW && r->line[oldest]) {
        r->out[r->line[oldest]].hash = r->hash;
        r->line[oldest] = 0;
    }
}

static void push_text(struct rolling *r, str text)
{
    uint32_t line = 1, starting = 1; /* the line whose first unit is still to come; 0: none */
    for (size_t i = 0; i < text.n;) {
        size_t n;
        uint32_t c = utf8_at(text, i, &n);
        i += n ? n : 1;
        if (c == ' ' || c == '\t')
            continue;
        if (c == '\r') {
            i += i < text.n && text.p[i] == '\n';
            c = '\n';
        }
        if (c > 0xffff) {
            push(r, (uint16_t)(0xd800 + ((c - 0x10000) >> 10)), starting);
            push(r, (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff)), 0);
        } else {
            push(r, (uint16_t)c, starting);
        }
        starting = c == '\n' ? ++line : 0;
    }
    push(r, END_MARK, starting);
    for (size_t i = 1; i < WINDOW; i++)
        push(r, 0, 0);
}

struct hashed_line {
    uint64_t hash;
    uint32_t line;
};

static int compare(const void *a, const void *b)
{
    const struct hashed_line *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static void count_occurrences(struct line_hash *out, size_t n)
{
    struct arena *scratch = arena_new();
    struct hashed_line *sorted = ARENA_ARRAY(scratch, struct hashed_line, n);
    for (size_t i = 1; i < n; i++)
        sorted[i - 1] = (struct hashed_line){out[i].hash, (uint32_t)i};
    qsort(sorted, n - 1, sizeof(*sorted), compare);
    for (size_t i = 0; i + 1 < n; i++) {
        bool again = i && sorted[i].hash == sorted[i - 1].hash;
        out[sorted[i].line].occurrence = again ? out[sorted[i - 1].line].occurrence + 1 : 1;
    }
    arena_free(scratch);
}

const struct line_hash *line_hashes(const struct source *s, struct arena *a, size_t *ret_n)
{
    size_t n = (size_t)source_line_count(s) + 2;
    struct rolling r = {.base_to_window = 1, .out = ARENA_ARRAY(a, struct line_hash, n + 1)};
    for (int i = 0; i < WINDOW; i++)
        r.base_to_window *= BASE;
    push_text(&r, s->text);
    count_occurrences(r.out, n);
    *ret_n = n;
    return r.out;
}
