#include "policy/finding.h"

#include "base/path.h"
#include "base/vec.h"


static int compare_str(str a, str b)
{
    return str_cmp(a, b);
}

static int compare_findings(const struct sources *sources, const struct finding *a, const struct finding *b)
{
    int c = span_compare(sources, (span){a->at.file, a->at.start, 0}, (span){b->at.file, b->at.start, 0});
    if (!c)
        c = compare_str(a->rule->id, b->rule->id);
    if (!c && a->resource && b->resource)
        c = compare_str(a->resource->address, b->resource->address);
    if (!c)
        c = (a->unit > b->unit) - (a->unit < b->unit);
    return c ? c : compare_str(a->message, b->message);
}

/* Merge sort: stable, and qsort has no place for the sources. */
static void sort(struct finding *at, struct finding *scratch, size_t n, const struct sources *sources)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    sort(at, scratch, half, sources);
    sort(at + half, scratch, n - half, sources);
    memcpy(scratch, at, n * sizeof(*at));
    size_t i = 0, j = half;
    for (size_t k = 0; k < n; k++) {
        bool left = j >= n || (i < half && compare_findings(sources, &scratch[i], &scratch[j]) <= 0);
        at[k] = left ? scratch[i++] : scratch[j++];
    }
}

void findings_sort(struct findings *f, const struct sources *sources)
{
    if (f->n < 2)
        return;
    size_t size = f->n * sizeof(struct finding);
    struct finding *scratch = alloc_get(size);
    sort(f->at, scratch, f->n, sources);
    alloc_put(scratch, size);
}

void findings_release(struct findings *f)
{
    VEC_RELEASE(f);
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
