/* JUnit XML as the Jenkins schema has it: one suite a file, one case for each rule and resource. */
#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "report/report.h"
#include "report/svg.h"

/* CodeBuild shows at most this many cases a report. */
enum { MAX_CASES = 500 };

static void attribute(struct buf *out, const char *name, str value)
{
    buf_printf(out, " %s=\"", name);
    svg_text(out, value);
    buf_add_char(out, '"');
}

/* One case: a finding, a diagnostic, what was cut, or that a file has nothing of these. */
struct junit_case {
    str file;
    const struct finding *finding;
    const struct diag *diag;
    size_t cut;     /* how many cases were left out */
    unsigned worst; /* higher first when cases are cut */
    size_t order;
};

struct junit_cases {
    struct junit_case *at;
    size_t n, cap;
};

static bool is_listed(const struct report *r, const struct finding *f)
{
    return r->junit_passes || f->status != STATUS_PASS;
}

static unsigned badness(const struct finding *f)
{
    if (f->suppressed || f->status == STATUS_UNKNOWN)
        return 1;
    return f->status == STATUS_FAIL ? 10u + (unsigned)f->severity : 0;
}

static int compare_worst(const void *a, const void *b)
{
    const struct junit_case *x = a, *y = b;
    if (x->worst != y->worst)
        return x->worst > y->worst ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_file(const void *a, const void *b)
{
    const struct junit_case *x = a, *y = b;
    int c = str_cmp(x->file, y->file);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

static void add_case(struct junit_cases *cases, struct junit_case c)
{
    c.order = cases->n;
    VEC_PUSH(cases, c);
}

/* A file in which nothing is wrong passes as a whole. */
static void add_clean_files(const struct report *r, struct junit_cases *cases, struct arena *a)
{
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < cases->n; i++)
        map_set(&seen, cases->at[i].file, cases);
    for (size_t i = 0; i < r->n_files; i++) {
        str file = report_path(r, (span){r->file[i], 0, 0}, a);
        if (!map_has(&seen, file))
            add_case(cases, (struct junit_case){file, NULL, NULL, 0, 0, 0});
        map_set(&seen, file, cases);
    }
    map_release(&seen);
}

static void collect(const struct report *r, struct junit_cases *cases, struct arena *a)
{
    for (size_t i = 0; i < r->findings->n; i++) {
        const struct finding *f = &r->findings->at[i];
        if (is_listed(r, f))
            add_case(cases, (struct junit_case){report_path(r, f->at, a), f, NULL, 0, badness(f), 0});
    }
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->at[i];
        if (d->severity == DIAG_NOTE)
            continue;
        str file = d->at.file ? report_path(r, d->at, a) : d->path;
        add_case(cases, (struct junit_case){file, NULL, d, 0, d->severity == DIAG_ERROR ? 100 : 1, 0});
    }
    for (size_t i = 0; i < cases->n; i++)
        if (!cases->at[i].file.n)
            cases->at[i].file = STR("hipaalint");
    add_clean_files(r, cases, a);
    if (cases->n > MAX_CASES) {
        qsort(cases->at, cases->n, sizeof(*cases->at), compare_worst);
        size_t cut = cases->n - (MAX_CASES - 1);
        cases->n = MAX_CASES - 1;
        add_case(cases, (struct junit_case){STR("hipaalint"), NULL, NULL, cut, 0, 0});
    }
    if (cases->n)
        qsort(cases->at, cases->n, sizeof(*cases->at), compare_file);
}

static struct position place(const struct report *r, span at)
{
    const struct source *s = source_at(r->sources, at.file);
    return s ? source_position(s, at.start) : (struct position){0, 0};
}

static void open_case(const struct report *r, const struct junit_case *c, struct buf *out, struct map *names,
                      struct arena *a)
{
    span at = c->finding ? c->finding->at : c->diag ? c->diag->at : SPAN_NONE;
    struct position p = place(r, at);
    str name;
    if (c->finding)
        name = arena_printf(a, STR_FMT " " STR_FMT ":%u", STR_ARG(c->finding->rule->id),
                            STR_ARG(c->finding->resource ? c->finding->resource->address : STR("unit")), p.line);
    else if (!c->diag)
        name = c->cut ? STR("cases that are not listed") : STR("no findings");
    else
        name = arena_printf(a, "diagnostic %s:%u:%u", diag_id_name(c->diag->id), p.line, p.column);
    str key = arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(c->file), STR_ARG(name));
    uintptr_t seen = (uintptr_t)map_find(names, key) + 1;
    map_set(names, key, (void *)seen);
    if (seen > 1)
        name = arena_printf(a, STR_FMT " #%zu", STR_ARG(name), (size_t)seen);
    buf_add_c(out, "    <testcase");
    attribute(out, "name", name);
    attribute(out, "classname", c->file);
    buf_add_c(out, " time=\"0\"");
    if (r->junit_locations && at.file) {
        attribute(out, "file", c->file);
        buf_printf(out, " line=\"%u\"", p.line);
    }
}

static str details(const struct report *r, const struct junit_case *c, struct arena *a)
{
    const struct finding *f = c->finding;
    struct position p = place(r, f->at);
    struct buf b;
    buf_init(&b, SIZE_MAX);
    buf_printf(&b, STR_FMT ":%u:%u: " STR_FMT, STR_ARG(c->file), p.line, p.column, STR_ARG(f->message));
    if (f->when.n)
        buf_printf(&b, ", " STR_FMT, STR_ARG(f->when));
    for (size_t i = 0; i < f->n_related; i++) {
        struct position q = place(r, f->related[i].at);
        buf_printf(&b, "\n  " STR_FMT ":%u: " STR_FMT, STR_ARG(report_path(r, f->related[i].at, a)), q.line,
                   STR_ARG(f->related[i].text));
    }
    buf_add_c(&b, "\nevidence for 45 CFR");
    for (size_t i = 0; i < f->rule->n_citations; i++)
        buf_printf(&b, " " STR_FMT, STR_ARG(f->rule->citation[i].section));
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static void write_case(const struct report *r, const struct junit_case *c, struct buf *out, struct map *names,
                       struct arena *a)
{
    open_case(r, c, out, names, a);
    const struct finding *f = c->finding;
    if (f ? f->status == STATUS_PASS : !c->diag && !c->cut) {
        buf_add_c(out, "/>\n");
        return;
    }
    buf_add_c(out, ">\n");
    if (c->cut) {
        buf_printf(out, "      <skipped>%zu cases that are less bad are left out: CodeBuild takes %d</skipped>\n",
                   c->cut, MAX_CASES);
    } else if (!f) {
        buf_add_c(out, c->diag->severity == DIAG_ERROR ? "      <error" : "      <skipped>");
        if (c->diag->severity == DIAG_ERROR) {
            attribute(out, "message", c->diag->message);
            attribute(out, "type", str_of(diag_id_name(c->diag->id)));
            buf_add_c(out, "/>\n");
        } else {
            svg_text(out, c->diag->message);
            buf_add_c(out, "</skipped>\n");
        }
    } else if (f->suppressed || f->status == STATUS_UNKNOWN) {
        buf_add_c(out, "      <skipped>");
        buf_add_c(out, f->suppressed ? "suppressed: " : "unknown: ");
        svg_text(out, f->suppressed ? f->suppression_reason : f->reason);
        buf_add_c(out, "</skipped>\n");
    } else {
        buf_add_c(out, "      <failure");
        attribute(out, "message", f->message);
        attribute(out, "type", str_of(severity_name(f->severity)));
        buf_add_char(out, '>');
        svg_text(out, details(r, c, a));
        buf_add_c(out, "</failure>\n");
    }
    buf_add_c(out, "    </testcase>\n");
}

struct junit_counts {
    size_t tests, failures, errors, skipped;
};

static struct junit_counts count(const struct junit_case *at, size_t n)
{
    struct junit_counts c = {.tests = n};
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = at[i].finding;
        if (!f && !at[i].diag) {
            c.skipped += at[i].cut > 0;
        } else if (!f) {
            c.errors += at[i].diag->severity == DIAG_ERROR;
            c.skipped += at[i].diag->severity != DIAG_ERROR;
        } else if (f->suppressed || f->status == STATUS_UNKNOWN) {
            c.skipped++;
        } else {
            c.failures += f->status == STATUS_FAIL;
        }
    }
    return c;
}

static void write_suite(const struct report *r, const struct junit_case *at, size_t n, struct buf *out,
                        struct map *names, struct arena *a)
{
    struct junit_counts c = count(at, n);
    buf_add_c(out, "  <testsuite");
    attribute(out, "name", at[0].file);
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n", c.tests, c.failures,
               c.errors, c.skipped);
    for (size_t i = 0; i < n; i++)
        write_case(r, &at[i], out, names, a);
    buf_add_c(out, "  </testsuite>\n");
}

void report_junit(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    struct junit_cases cases = {0};
    struct map names;
    map_init(&names);
    collect(r, &cases, a);
    struct junit_counts total = count(cases.at, cases.n);
    buf_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_printf(out, "<testsuites name=\"hipaalint\" time=\"0\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
               cases.n ? total.tests : 1, total.failures, total.errors);
    for (size_t i = 0; i < cases.n;) {
        size_t k = i + 1;
        while (k < cases.n && str_eq(cases.at[k].file, cases.at[i].file))
            k++;
        write_suite(r, &cases.at[i], k - i, out, &names, a);
        i = k;
    }
    if (!cases.n)
        buf_printf(out,
                   "  <testsuite name=\"hipaalint\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">\n"
                   "    <testcase name=\"no findings in %zu resources\" classname=\"hipaalint\" time=\"0\"/>\n  "
                   "</testsuite>\n",
                   r->summary.resources);
    buf_add_c(out, "</testsuites>\n");
    VEC_RELEASE(&cases);
    map_release(&names);
    arena_free(a);
}
