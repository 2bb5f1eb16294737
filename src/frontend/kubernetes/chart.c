#include "frontend/kubernetes/chart.h"

#include "base/path.h"

static bool is_chart_file(const struct input_file *f)
{
    return str_eq_c(path_base(f->path), "Chart.yaml");
}

/* A chart in the charts/ directory of another. */
static bool is_inside_chart(const struct inputs *in, const struct input_file *f, struct arena *a)
{
    str dir = path_dir(path_dir(f->real));
    if (!str_eq_c(path_base(dir), "charts"))
        return false;
    return map_has(&in->by_real, path_join(a, path_dir(dir), STR("Chart.yaml")));
}

bool chart_report_unrendered(struct inputs *in, struct arena *a)
{
    bool any = false;
    for (size_t i = 0; i < in->n; i++) {
        const struct input_file *f = in->file[i];
        if (!is_chart_file(f) || f->context || is_inside_chart(in, f, a))
            continue;
        any = true;
        str dir = path_dir(f->path);
        span at = f->source ? (span){f->source->id, 0, 0} : SPAN_NONE;
        diag_add(in->diags, DIAG_NOT_ANALYSED, at,
                 "the Helm chart is not rendered: run `helm template " STR_FMT " | hipaalint -`", STR_ARG(dir));
    }
    return any;
}

bool chart_is_values_file(const struct inputs *in, const struct input_file *f, struct arena *a)
{
    str name = path_base(f->path);
    if (!str_starts(name, STR("values")) || !f->real.n)
        return false;
    return map_has(&in->by_real, path_join(a, path_dir(f->real), STR("Chart.yaml")));
}

str chart_source_path(const struct document *d, size_t *next)
{
    static const str word = {"Source: ", 8};
    str found = STR_NONE;
    uint32_t start = d->root ? d->root->at.start : 0;
    for (; *next < d->n_comments && d->root && d->comment[*next].at.start < start; ++*next) {
        const struct comment *c = &d->comment[*next];
        if (c->own_line && str_starts(c->text, word))
            found = str_trim(str_slice(c->text, word.n, c->text.n));
    }
    /* Comments inside this document say nothing of the next one. */
    while (d->root && *next < d->n_comments && d->comment[*next].at.start < d->root->at.end)
        ++*next;
    return str_contains(found, STR("/templates/")) || str_contains(found, STR("/crds/")) ? found : STR_NONE;
}

str chart_of_source(str source_path)
{
    str rest;
    return str_cut(source_path, '/', &rest);
}
