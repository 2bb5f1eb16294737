/* The report for people: findings by file and line, each with its excerpt, where the value came from,
 * and the sections that it is evidence for; then what was not understood; then a summary. */
#include "report/color.h"
#include "report/excerpt.h"
#include "report/report.h"

enum { INDENT = 9 };

static const char margin[] = "         ";

/* "path:line:column: " */
static void write_place(const struct report *r, span at, struct buf *out)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return;
    struct position p = source_position(s, at.start);
    link_begin(r, out, s->path);
    style_begin(r, out, STYLE_PATH);
    report_safe_text(out, s->path);
    buf_printf(out, ":%u:%u", p.line, p.column);
    style_end(r, out);
    link_end(r, out);
    buf_add_c(out, ": ");
}

/* The columns that it takes. */
static size_t width_of_place(const struct report *r, span at)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return 0;
    struct position p = source_position(s, at.start);
    return display_width(s->path) + (size_t)snprintf(NULL, 0, ":%u:%u: ", p.line, p.column);
}

static void write_related(const struct report *r, const struct finding *f, struct buf *out)
{
    struct report dim = *r;
    dim.color = false; /* one style for the whole line */
    for (size_t i = 0; i < f->n_related; i++) {
        buf_add_c(out, margin);
        style_begin(r, out, STYLE_DIM);
        write_place(&dim, f->related[i].at, out);
        size_t columns = r->width ? width_of_place(r, f->related[i].at) : 0;
        write_wrapped(r, out, f->related[i].text, INDENT + columns, INDENT + 2);
        style_end(r, out);
        buf_add_c(out, "\n");
    }
}

static void write_sections(const struct report *r, const struct rule *rule, struct buf *out)
{
    struct buf text;
    buf_init(&text, LIMIT_STRING_BYTES);
    buf_add_c(&text, "evidence for 45 CFR");
    for (size_t i = 0; i < rule->n_citations; i++)
        buf_printf(&text, "%s " STR_FMT, i ? "," : "", STR_ARG(rule->citation[i].section));
    buf_printf(&text, "; hipaalint explain " STR_FMT, STR_ARG(rule->id));
    buf_add_c(out, margin);
    style_begin(r, out, STYLE_DIM);
    write_wrapped(r, out, buf_str(&text), INDENT, INDENT + 2);
    style_end(r, out);
    buf_add_c(out, "\n");
    buf_release(&text);
}

static void write_finding(const struct report *r, const struct finding *f, struct buf *out)
{
    write_place(r, f->at, out);
    if (f->status == STATUS_FAIL) {
        style_begin(r, out, style_of_severity(f->severity));
        buf_add_c(out, severity_name(f->severity));
        style_end(r, out);
    } else {
        buf_add_c(out, status_name(f->status));
    }
    buf_add_c(out, ": ");
    report_safe_text(out, f->message);
    if (f->when.n) {
        buf_add_c(out, ", ");
        report_safe_text(out, f->when);
    }
    if (f->status == STATUS_UNKNOWN && f->reason.n) {
        buf_add_c(out, ": ");
        report_safe_text(out, f->reason);
    }
    if (f->n_instances > 1)
        buf_printf(out, " (%zu instances)", f->n_instances);
    buf_printf(out, " [" STR_FMT " " STR_FMT "]", STR_ARG(f->rule->id), STR_ARG(f->rule->name));
    if (f->suppressed) {
        buf_add_c(out, " (suppressed");
        if (f->suppression_reason.n) {
            buf_add_c(out, ": ");
            report_safe_text(out, f->suppression_reason);
        }
        buf_add_char(out, ')');
    }
    buf_add_c(out, "\n");
    if (r->quiet || f->status == STATUS_PASS)
        return;
    excerpt_write(r, f->at, out);
    write_related(r, f, out);
    if (f->resource && f->resource->display_path.n) {
        buf_add_c(out, margin);
        report_safe_text(out, f->resource->display_path);
        buf_add_c(out, "\n");
    }
    write_sections(r, f->rule, out);
    buf_add_c(out, "\n");
}

static bool is_shown(const struct report *r, const struct finding *f)
{
    if (r->verbose)
        return true;
    return f->status == STATUS_FAIL && !f->suppressed;
}

static void write_diag(const struct report *r, const struct diag *d, struct buf *out)
{
    if (d->at.file) {
        write_place(r, d->at, out);
    } else if (d->path.n) {
        style_begin(r, out, STYLE_PATH);
        report_safe_text(out, d->path);
        style_end(r, out);
        buf_add_c(out, ": ");
    }
    buf_printf(out, "%s: ", diag_severity_name(d->severity));
    report_safe_text(out, d->message);
    buf_printf(out, " [%s]\n", diag_id_name(d->id));
    if (d->at.file && !r->quiet && d->severity == DIAG_ERROR)
        excerpt_write(r, d->at, out);
}

static void write_diags(const struct report *r, struct buf *out)
{
    bool any = false;
    bool nothing = r->summary.files == 0;
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->at[i];
        if (d->severity == DIAG_NOTE && !r->verbose && !nothing)
            continue;
        if (r->quiet && d->severity < DIAG_ERROR)
            continue;
        write_diag(r, d, out);
        any = true;
    }
    if (any && !r->quiet)
        buf_add_c(out, "\n");
}

static size_t count_listed(const struct report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->findings->n; i++)
        n += r->findings->at[i].status == STATUS_FAIL && !r->findings->at[i].suppressed;
    return n;
}

static void write_severities(const struct report *r, struct buf *out)
{
    size_t count[SEVERITY_CRITICAL + 1] = {0};
    for (size_t i = 0; i < r->findings->n; i++) {
        const struct finding *f = &r->findings->at[i];
        if (f->status == STATUS_FAIL && !f->suppressed)
            count[f->severity]++;
    }
    bool first = true;
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_INFO; s--) {
        if (!count[s])
            continue;
        buf_add_c(out, first ? " (" : ", ");
        style_begin(r, out, style_of_severity((enum severity)s));
        buf_printf(out, "%zu %s", count[s], severity_name((enum severity)s));
        style_end(r, out);
        first = false;
    }
    if (!first)
        buf_add_char(out, ')');
}

static void write_unmodelled(const struct report *r, struct buf *out)
{
    const struct map *types = r->graph ? graph_unmodelled(r->graph) : NULL;
    if (!types || !types->n)
        return;
    buf_printf(out, "not modelled, so not evaluated: %zu resource%s of %zu type%s:", r->summary.unmodelled,
               r->summary.unmodelled == 1 ? "" : "s", types->n, types->n == 1 ? "" : "s");
    size_t limit = r->verbose ? types->n : 5;
    for (size_t i = 0; i < types->n && i < limit; i++) {
        buf_add_c(out, i ? ", " : " ");
        report_safe_text(out, types->at[i].key);
    }
    buf_add_c(out, types->n > limit ? ", ... (-v lists all)\n" : "\n");
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void write_summary(const struct report *r, struct buf *out)
{
    const struct evaluation_summary *s = &r->summary;
    size_t listed = count_listed(r);
    style_begin(r, out, listed ? STYLE_BOLD : STYLE_GOOD);
    buf_printf(out, "%zu finding%s", listed, plural(listed));
    style_end(r, out);
    write_severities(r, out);
    buf_printf(out, ", %zu suppressed%s\n", s->suppressed, listed > 1 ? "; the worst stand last" : "");
    if (r->since.n) {
        buf_add_c(out, "only what changed since ");
        report_safe_text(out, r->since);
        buf_add_c(out, " is listed; all files are evaluated\n");
    }
    buf_printf(out, "%zu file%s, %zu resource%s, %zu answer%s: %zu pass, %zu fail, %zu unknown%s\n", s->files,
               plural(s->files), s->resources, plural(s->resources), s->evaluated, plural(s->evaluated), s->pass,
               s->fail, s->unknown, s->unknown && !r->verbose ? " (-v shows why)" : "");
    write_unmodelled(r, out);
    if (s->presumed)
        buf_printf(out,
                   "nothing is classified here, so every store counts as holding patient data: %zu finding%s (tag "
                   "data-classification: phi or none)\n",
                   s->presumed, plural(s->presumed));
    if (r->incomplete)
        buf_printf(out, "the analysis is incomplete: %zu error%s, %zu file%s not fully understood\n",
                   diag_count(r->diags, DIAG_ERROR), plural(diag_count(r->diags, DIAG_ERROR)), s->files_incomplete,
                   plural(s->files_incomplete));
}

/* What was suppressed, passes and cannot be known comes first, then what fails, the worst last: next to the prompt. */
static int turn_of(const struct finding *f)
{
    return f->status != STATUS_FAIL || f->suppressed ? -1 : (int)f->severity;
}

void report_text(const struct report *r, struct buf *out)
{
    for (int turn = -1; turn <= SEVERITY_CRITICAL; turn++)
        for (size_t i = 0; i < r->findings->n; i++)
            if (turn_of(&r->findings->at[i]) == turn && is_shown(r, &r->findings->at[i]))
                write_finding(r, &r->findings->at[i], out);
    write_diags(r, out);
    if (!r->quiet)
        write_summary(r, out);
}
