/* Markdown: a summary for a pull request or a job page. Rows are capped; the rest is counted. */
#include "report/listing.h"

enum { MAX_ROWS = 100, MAX_DIAGS = 20, MAX_CELL = 400 };

static void cell(struct buf *out, str s)
{
    listing_markdown(out, str_slice(s, 0, MAX_CELL));
}

static void write_head(const struct report *r, const struct finding *const *list, size_t n, struct buf *out)
{
    size_t count[SEVERITY_CRITICAL + 1];
    listing_by_severity(list, n, count);
    buf_printf(out, "## hipaalint: %zu finding%s\n\n", n, n == 1 ? "" : "s");
    if (r->incomplete)
        buf_printf(out, "**The analysis is incomplete:** %zu error%s.\n\n", diag_count(r->diags, DIAG_ERROR),
                   diag_count(r->diags, DIAG_ERROR) == 1 ? "" : "s");
    buf_add_c(out, "| critical | high | medium | low | info | suppressed | unknown | passed |\n| -: | -: | -: | -: | "
                   "-: | -: | -: | -: |\n|");
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_INFO; s--)
        buf_printf(out, " %zu |", count[s]);
    buf_printf(out, " %zu | %zu | %zu |\n\n", r->summary.suppressed, r->summary.unknown, r->summary.pass);
}

static void write_finding(const struct report *r, const struct finding *f, struct buf *out, struct arena *a)
{
    const struct source *s = source_at(r->sources, f->at.file);
    buf_printf(out, "| %s | ", severity_name(f->severity));
    cell(out, f->rule->id);
    buf_add_c(out, " | ");
    cell(out, report_path(r, f->at, a));
    if (s)
        buf_printf(out, ":%u", source_position(s, f->at.start).line);
    buf_add_c(out, " | ");
    cell(out, f->message);
    if (f->when.n) {
        buf_add_c(out, ", ");
        cell(out, f->when);
    }
    if (f->n_instances > 1)
        buf_printf(out, " (%zu instances)", f->n_instances);
    buf_add_c(out, " |\n");
}

static void write_sections(const struct report *r, const struct finding *const *list, size_t n, struct buf *out,
                           struct arena *a)
{
    size_t n_sections;
    struct listing_count *sections = listing_by_section(list, n, a, &n_sections);
    buf_add_c(out, "\n<details><summary>Sections of 45 CFR that the findings are evidence for</summary>\n\n| section | "
                   "findings |\n| - | -: |\n");
    for (size_t i = 0; i < n_sections; i++) {
        buf_add_c(out, "| ");
        cell(out, sections[i].name);
        buf_add_c(out, " ");
        cell(out, listing_section_title(r, sections[i].name));
        buf_printf(out, " | %zu |\n", sections[i].n);
    }
    buf_add_c(out, "\n</details>\n");
}

static void write_diags(const struct report *r, struct buf *out, struct arena *a)
{
    size_t shown = 0, left = 0;
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->at[i];
        if (d->severity == DIAG_NOTE)
            continue;
        if (shown == MAX_DIAGS) {
            left++;
            continue;
        }
        buf_add_c(out, shown++ ? "- " : "\nNot understood:\n\n- ");
        cell(out, d->at.file ? report_path(r, d->at, a) : d->path);
        if (d->at.file)
            buf_printf(out, ":%u", source_position(source_at(r->sources, d->at.file), d->at.start).line);
        buf_printf(out, " %s: ", diag_severity_name(d->severity));
        cell(out, d->message);
        buf_add_c(out, "\n");
    }
    if (left)
        buf_printf(out, "- and %zu more\n", left);
}

void report_markdown(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    size_t n;
    const struct finding **list = listing_worst_first(r, a, &n);
    write_head(r, list, n, out);
    if (n)
        buf_add_c(out, "| severity | rule | place | finding |\n| - | - | - | - |\n");
    for (size_t i = 0; i < n && i < MAX_ROWS; i++)
        write_finding(r, list[i], out, a);
    if (n > MAX_ROWS)
        buf_printf(out, "\n%zu more findings are not listed here.\n", n - MAX_ROWS);
    if (n)
        write_sections(r, list, n, out, a);
    write_diags(r, out, a);
    buf_printf(
        out, "\n%zu file%s, %zu resource%s. Findings are evidence; no tool can say that a system is compliant.\n",
        r->summary.files, r->summary.files == 1 ? "" : "s", r->summary.resources, r->summary.resources == 1 ? "" : "s");
    arena_free(a);
}
