#include "policy/finding.h"

#include "base/path.h"
#include "base/vec.h"

static int compare_places(const struct sources *sources, span a, span b)
{
    if (a.file == b.file)
        return (a.start > b.start) - (a.start < b.start);
    return span_compare(sources, (span){a.file, a.start, 0}, (span){b.file, b.start, 0});
}

static int compare_findings(const struct sources *sources, const struct finding *a, const struct finding *b)
{
    int c = compare_places(sources, a->at, b->at);
    if (!c && a->rule != b->rule)
        c = str_cmp(a->rule->id, b->rule->id);
    if (!c && a->resource && b->resource)
        c = str_cmp(a->resource->address, b->resource->address);
    if (!c)
        c = (a->unit > b->unit) - (a->unit < b->unit);
    return c ? c : str_cmp(a->message, b->message);
}

/* Merge sort of pointers: stable, and qsort has no place for the sources. */
static void sort(const struct finding **at, const struct finding **scratch, size_t n, const struct sources *sources)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    sort(at, scratch, half, sources);
    sort(at + half, scratch, n - half, sources);
    memcpy(scratch, at, n * sizeof(*at));
    size_t i = 0, j = half;
    for (size_t k = 0; k < n; k++) {
        bool left = j >= n || (i < half && compare_findings(sources, scratch[i], scratch[j]) <= 0);
        at[k] = left ? scratch[i++] : scratch[j++];
    }
}

/* Puts each finding where the order says, one cycle of moves after the other. */
static void arrange(struct finding *at, const struct finding **order, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct finding first = at[i];
        size_t hole = i;
        while (order[hole] != &at[hole]) {
            size_t from = (size_t)(order[hole] - at);
            order[hole] = &at[hole];
            at[hole] = from == i ? first : at[from];
            hole = from == i ? hole : from;
        }
    }
}

void findings_sort(struct findings *f, const struct sources *sources)
{
    if (f->n < 2)
        return;
    size_t size = 2 * f->n * sizeof(struct finding *);
    const struct finding **order = alloc_get(size);
    for (size_t i = 0; i < f->n; i++)
        order[i] = &f->at[i];
    sort(order, order + f->n, f->n, sources);
    arrange(f->at, order, f->n);
    alloc_put(order, size);
}

void findings_release(struct findings *f)
{
    VEC_RELEASE(f);
    VEC_RELEASE(&f->passes);
    for (size_t i = 0; i < f->n_arenas; i++)
        arena_free(f->arenas[i]);
    f->n_arenas = 0;
}

str finding_path(span at, const struct sources *sources, str root, str cwd, struct arena *a)
{
    const struct source *s = source_at(sources, at.file);
    if (!s)
        return STR_NONE;
    str absolute = path_normalise(a, path_join(a, cwd, s->path));
    return path_is_below(absolute, root) ? path_relative(a, absolute, root) : s->path;
}
