#include "base/diag.h"

#include "base/alloc.h"
#include "base/vec.h"

static const struct {
    const char *name;
    enum diag_severity severity;
} table[] = {
#define X(enumerator, id, severity, text) [enumerator] = {id, severity},
    DIAG_TABLE(X)
#undef X
};

const char *diag_id_name(enum diag_id id)
{
    return table[id].name;
}

const char *diag_severity_name(enum diag_severity s)
{
    static const char *const names[] = {"note", "warning", "error"};

    return names[s];
}

void diag_list_init(struct diag_list *d, struct arena *arena)
{
    *d = (struct diag_list){NULL, 0, 0, arena};
}

void diag_list_release(struct diag_list *d)
{
    VEC_RELEASE(d);
}

PRINTF_LIKE(3, 0)
static void push(struct diag_list *d, struct diag diag, const char *fmt, va_list ap)
{
    diag.message = arena_vprintf(d->arena, fmt, ap);
    VEC_PUSH(d, diag);
}

void diag_add(struct diag_list *d, enum diag_id id, span at, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    push(d, (struct diag){.id = id, .severity = table[id].severity, .at = at}, fmt, ap);
    va_end(ap);
}

void diag_add_path(struct diag_list *d, enum diag_id id, str path, const char *fmt, ...)
{
    struct diag diag = {.id = id, .severity = table[id].severity, .path = arena_str(d->arena, path)};
    va_list ap;

    va_start(ap, fmt);
    push(d, diag, fmt, ap);
    va_end(ap);
}

void diag_add_as(struct diag_list *d, enum diag_id id, enum diag_severity severity, span at, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    push(d, (struct diag){.id = id, .severity = severity, .at = at}, fmt, ap);
    va_end(ap);
}

void diag_append(struct diag_list *to, const struct diag_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        VEC_PUSH(to, from->at[i]);
}

size_t diag_count(const struct diag_list *d, enum diag_severity at_least)
{
    size_t count = 0;

    for (size_t i = 0; i < d->n; i++)
        count += d->at[i].severity >= at_least;
    return count;
}

struct sort_key {
    str path; /* of the source, or the diagnostic's own */
    str text; /* of the source: tells apart sources of one name */
    struct diag diag;
};

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* Zero for diagnostics that read the same. */
static int compare_said(const struct sort_key *a, const struct sort_key *b)
{
    int order = str_cmp(a->path, b->path);

    if (order == 0 && a->text.p != b->text.p)
        order = str_cmp(a->text, b->text);
    if (order == 0)
        order = compare_numbers(a->diag.at.start, b->diag.at.start);
    if (order == 0)
        order = compare_numbers(a->diag.at.end, b->diag.at.end);
    if (order == 0)
        order = compare_numbers(a->diag.id, b->diag.id);
    return order != 0 ? order : str_cmp(a->diag.message, b->diag.message);
}

static int compare_keys(const void *left, const void *right)
{
    const struct sort_key *a = left;
    const struct sort_key *b = right;
    int order = compare_said(a, b);

    return order != 0 ? order : compare_numbers(b->diag.severity, a->diag.severity);
}

void diag_sort(struct diag_list *d, const struct sources *sources)
{
    struct sort_key *keys;
    size_t n = d->n;

    if (n < 2)
        return;
    keys = alloc_get(n * sizeof(*keys));
    for (size_t i = 0; i < n; i++) {
        const struct source *source = source_at(sources, d->at[i].at.file);

        keys[i].path = source != NULL ? source->path : d->at[i].path;
        keys[i].text = source != NULL ? source->text : STR_NONE;
        keys[i].diag = d->at[i];
    }
    qsort(keys, n, sizeof(*keys), compare_keys);
    d->n = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || compare_said(&keys[i - 1], &keys[i]) != 0)
            d->at[d->n++] = keys[i].diag;
    alloc_put(keys, n * sizeof(*keys));
}
