/* Myers' greedy algorithm on the lines between the common beginning and end. */
#include "base/diff.h"

#include "base/vec.h"

enum { CONTEXT = 3, MOST_CHANGES = 500 };

struct lines {
    str *at;
    size_t n, cap;
};

struct span_pair { /* lines from..to of the one become those of the other */
    size_t a, a_end, b, b_end;
};

struct changes {
    struct span_pair *at;
    size_t n, cap;
};

static void split(str text, struct lines *ret)
{
    for (size_t at = 0; at < text.n;) {
        size_t end = at;
        while (end < text.n && text.p[end] != '\n')
            end++;
        end += end < text.n;
        VEC_PUSH(ret, str_slice(text, at, end));
        at = end;
    }
}

static void add_change(struct changes *c, size_t a, size_t b, bool from_a)
{
    struct span_pair *last = c->n ? &c->at[c->n - 1] : NULL;
    if (last && last->a_end == a && last->b_end == b) {
        last->a_end += from_a;
        last->b_end += !from_a;
        return;
    }
    struct span_pair one = {a, a + from_a, b, b + !from_a};
    VEC_PUSH(c, one);
}

/* The steps of the shortest way, found backwards in the traces of its search. */
static void walk_back(struct changes *ret, size_t *const *trace, size_t d, size_t offset, size_t n, size_t m,
                      size_t skip)
{
    struct step {
        size_t a, b;
        bool from_a;
    } *steps = alloc_get((d + 1) * sizeof(*steps));
    size_t x = n, y = m, count = 0;
    for (size_t i = d; i > 0; i--) {
        const size_t *v = trace[i];
        ptrdiff_t k = (ptrdiff_t)x - (ptrdiff_t)y, o = (ptrdiff_t)offset;
        bool down = k == -(ptrdiff_t)i || (k != (ptrdiff_t)i && v[o + k - 1] < v[o + k + 1]);
        ptrdiff_t before = down ? k + 1 : k - 1;
        size_t px = v[o + before], py = (size_t)((ptrdiff_t)px - before);
        steps[count++] = (struct step){px + skip, py + skip, !down};
        x = px;
        y = py;
    }
    while (count-- > 0)
        add_change(ret, steps[count].a, steps[count].b, steps[count].from_a);
    alloc_put(steps, (d + 1) * sizeof(*steps));
}

static bool search(struct changes *ret, const str *a, size_t n, const str *b, size_t m, size_t skip)
{
    size_t most = n + m < MOST_CHANGES ? n + m : MOST_CHANGES, width = 2 * most + 3, offset = most + 1;
    size_t **trace = alloc_get((most + 1) * sizeof(*trace));
    size_t *v = alloc_get(width * sizeof(*v));
    size_t made = 0;
    bool found = false;
    memset(v, 0, width * sizeof(*v));
    for (size_t d = 0; d <= most && !found; d++) {
        trace[d] = alloc_get(width * sizeof(*v));
        memcpy(trace[d], v, width * sizeof(*v));
        made = d + 1;
        for (ptrdiff_t k = -(ptrdiff_t)d; k <= (ptrdiff_t)d && !found; k += 2) {
            size_t *at = v + offset;
            bool down = k == -(ptrdiff_t)d || (k != (ptrdiff_t)d && at[k - 1] < at[k + 1]);
            size_t x = down ? at[k + 1] : at[k - 1] + 1;
            size_t y = (size_t)((ptrdiff_t)x - k);
            while (x < n && y < m && str_eq(a[x], b[y]))
                x++, y++;
            at[k] = x;
            found = x == n && y == m;
            if (found)
                walk_back(ret, trace, d, offset, n, m, skip);
        }
    }
    for (size_t d = 0; d < made; d++)
        alloc_put(trace[d], width * sizeof(*v));
    alloc_put(trace, (most + 1) * sizeof(*trace));
    alloc_put(v, width * sizeof(*v));
    return found;
}

static void write_line(struct buf *out, char mark, str line)
{
    buf_add_char(out, mark);
    buf_add(out, line);
    if (!line.n || line.p[line.n - 1] != '\n')
        buf_add_c(out, "\n\\ No newline at end of file\n");
}

static void write_range(struct buf *out, char mark, size_t from, size_t to)
{
    size_t n = to - from;
    buf_printf(out, " %c%zu", mark, n ? from + 1 : from);
    if (n != 1)
        buf_printf(out, ",%zu", n);
}

static void write_hunk(struct buf *out, const struct changes *c, size_t first, size_t last, const struct lines *a,
                       const struct lines *b)
{
    size_t from = c->at[first].a > CONTEXT ? c->at[first].a - CONTEXT : 0;
    size_t lead = c->at[first].a - from;
    size_t to = c->at[last].a_end + CONTEXT < a->n ? c->at[last].a_end + CONTEXT : a->n;
    buf_add_c(out, "@@");
    write_range(out, '-', from, to);
    write_range(out, '+', c->at[first].b - lead, c->at[last].b_end + (to - c->at[last].a_end));
    buf_add_c(out, " @@\n");
    size_t at = from;
    for (size_t i = first; i <= last; i++) {
        for (; at < c->at[i].a; at++)
            write_line(out, ' ', a->at[at]);
        for (; at < c->at[i].a_end; at++)
            write_line(out, '-', a->at[at]);
        for (size_t k = c->at[i].b; k < c->at[i].b_end; k++)
            write_line(out, '+', b->at[k]);
    }
    for (; at < to; at++)
        write_line(out, ' ', a->at[at]);
}

void diff_unified(str before, str after, str before_name, str after_name, struct buf *out)
{
    struct lines a = {0}, b = {0};
    struct changes c = {0};
    split(before, &a);
    split(after, &b);
    size_t head = 0, tail = 0;
    while (head < a.n && head < b.n && str_eq(a.at[head], b.at[head]))
        head++;
    while (tail < a.n - head && tail < b.n - head && str_eq(a.at[a.n - 1 - tail], b.at[b.n - 1 - tail]))
        tail++;
    size_t n = a.n - head - tail, m = b.n - head - tail;
    if ((n || m) && !search(&c, a.at + head, n, b.at + head, m, head)) {
        struct span_pair all = {head, head + n, head, head + m};
        VEC_PUSH(&c, all);
    }
    if (c.n)
        buf_printf(out, "--- " STR_FMT "\n+++ " STR_FMT "\n", STR_ARG(before_name), STR_ARG(after_name));
    for (size_t i = 0; i < c.n;) {
        size_t last = i;
        while (last + 1 < c.n && c.at[last + 1].a - c.at[last].a_end <= 2 * CONTEXT)
            last++;
        write_hunk(out, &c, i, last, &a, &b);
        i = last + 1;
    }
    VEC_RELEASE(&a);
    VEC_RELEASE(&b);
    VEC_RELEASE(&c);
}
