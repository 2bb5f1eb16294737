/* One page for people: no other file, no network; works without its script, which only filters. */
#include <stdlib.h>

#include "base/map.h"
#include "report/graph_view.h"
#include "report/html_page.h"
#include "report/listing.h"

enum { MAX_FINDINGS = 5000, MAX_DIAGS = 500, MAX_ACCEPTED = 500, BEFORE = 1, AFTER = 3, LEAD = 60, OPEN_GRAPH = 80 };

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void write_place(const struct report *r, span at, struct buf *out, struct arena *a)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return;
    struct position p = source_position(s, at.start);
    buf_add_c(out, "<code>");
    listing_html(out, report_path(r, at, a));
    buf_printf(out, ":%u:%u</code>", p.line, p.column);
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t at_character(str line, size_t i)
{
    while (i > 0 && i < line.n && is_continuation(line.p[i]))
        i--;
    return i < line.n ? i : line.n;
}

/* One line, cut around what is marked (from, to: bytes; equal: nothing). */
static void write_line(struct buf *out, uint32_t number, str line, size_t from, size_t to)
{
    size_t start = from > LIMIT_SNIPPET_BYTES / 2 ? at_character(line, from - LEAD) : 0;
    size_t end = at_character(line, start + LIMIT_SNIPPET_BYTES);
    from = from < start ? start : from > end ? end : from;
    to = to < from ? from : to > end ? end : to;
    buf_printf(out, "<span>%6u  </span>%s", number, start ? "..." : "");
    listing_html(out, str_slice(line, start, from));
    if (to > from) {
        buf_add_c(out, "<mark>");
        listing_html(out, str_slice(line, from, to));
        buf_add_c(out, "</mark>");
    }
    listing_html(out, str_slice(line, to, end));
    buf_add_c(out, end < line.n ? "...\n" : "\n");
}

static void write_excerpt(const struct report *r, span at, struct buf *out)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return;
    struct position from = source_position(s, at.start), to = source_position(s, at.end);
    uint32_t first = from.line > BEFORE ? from.line - BEFORE : 1, last = from.line + AFTER,
             lines = source_line_count(s);
    buf_add_c(out, "<pre>");
    for (uint32_t n = first; n <= last && n <= lines; n++) {
        str line = source_line(s, n);
        size_t mark_from = n == from.line ? from.column - 1 : 0, mark_to = n > to.line    ? 0
                                                                           : n == to.line ? to.column - 1
                                                                                          : line.n;
        bool marked = n >= from.line && n <= to.line;
        write_line(out, n, line, marked ? mark_from : 0, marked ? mark_to : 0);
    }
    buf_add_c(out, "</pre>\n");
}

static void write_related(const struct report *r, const struct finding *f, struct buf *out, struct arena *a)
{
    if (!f->n_related)
        return;
    buf_add_c(out, "<ul>");
    for (size_t i = 0; i < f->n_related; i++) {
        buf_add_c(out, "<li>");
        write_place(r, f->related[i].at, out, a);
        buf_add_c(out, " ");
        listing_html(out, f->related[i].text);
        buf_add_c(out, "</li>");
    }
    buf_add_c(out, "</ul>\n");
}

static void write_finding(const struct report *r, const struct finding *f, size_t number, struct buf *out,
                          struct arena *a)
{
    const char *severity = severity_name(f->severity);
    buf_printf(out, "<article id=\"finding-%zu\" tabindex=\"-1\" data-severity=\"%s\" data-service=\"", number,
               severity);
    listing_html(out, listing_service(f));
    buf_add_c(out, "\" data-sections=\"");
    for (size_t i = 0; i < f->rule->n_citations; i++) {
        buf_add_c(out, i ? "|" : "");
        listing_html(out, f->rule->citation[i].section);
    }
    buf_printf(out, "\">\n<h3><span class=\"severity %s\">%s</span> ", severity, severity);
    listing_html(out, f->message);
    if (f->when.n) {
        buf_add_c(out, ", ");
        listing_html(out, f->when);
    }
    buf_add_c(out, "</h3>\n<p>");
    write_place(r, f->at, out, a);
    buf_add_c(out, " <code>");
    listing_html(out, report_finding_address(f, a));
    buf_add_c(out, "</code></p>\n");
    write_excerpt(r, f->at, out);
    write_related(r, f, out, a);
    buf_add_c(out, "<p class=\"dim\"><a href=\"#rule-");
    listing_html(out, f->rule->id);
    buf_add_c(out, "\"><code>");
    listing_html(out, f->rule->id);
    buf_add_c(out, "</code> ");
    listing_html(out, f->rule->title);
    buf_add_c(out, "</a>. Evidence for 45 CFR ");
    for (size_t i = 0; i < f->rule->n_citations; i++) {
        buf_add_c(out, i ? ", " : "");
        listing_html(out, f->rule->citation[i].section);
    }
    buf_add_c(out, "</p>\n</article>\n");
}

static void write_tile(const char *severity, size_t n, struct buf *out)
{
    if (n)
        buf_printf(
            out,
            "<li><a href=\"#findings\" data-pick=\"severity\" data-value=\"%s\"><b class=\"%s\">%zu</b>%s</a></li>",
            severity, severity, n, severity);
    else
        buf_printf(out, "<li><b>0</b>%s</li>", severity);
}

static void write_tiles(const struct report *r, const size_t count[], struct buf *out)
{
    buf_add_c(out, "<ul class=\"tiles\">");
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_INFO; s--)
        write_tile(severity_name((enum severity)s), count[s], out);
    buf_printf(out, "<li><b>%zu</b>suppressed</li><li><b>%zu</b>unknown</li><li><b>%zu</b>passed</li></ul>\n",
               r->summary.suppressed, r->summary.unknown, r->summary.pass);
}

static void write_table(const struct report *r, const char *title, const struct listing_count *rows, size_t n,
                        bool sections, struct buf *out)
{
    const char *what = sections ? "section" : "service";
    buf_printf(
        out,
        "<section><h2>%s</h2><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table><tr><th "
        "scope=\"col\">%s</th><th scope=\"col\">findings</th></tr>\n",
        title, title, sections ? "section of 45 CFR" : "service");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "<tr><td><a href=\"#findings\" data-pick=\"%s\" data-value=\"", what);
        listing_html(out, rows[i].name);
        buf_add_c(out, "\">");
        listing_html(out, rows[i].name);
        buf_add_c(out, "</a>");
        if (sections) {
            buf_add_c(out, " <span class=\"dim\">");
            listing_html(out, listing_section_title(r, rows[i].name));
            buf_add_c(out, "</span>");
        }
        buf_printf(out, "</td><td>%zu</td></tr>\n", rows[i].n);
    }
    buf_add_c(out, "</table></div></section>\n");
}

static void write_options(const char *label, const char *name, const struct listing_count *rows, size_t n,
                          struct buf *out)
{
    buf_printf(out, "<label>%s<select name=\"%s\"><option value=\"\">all</option>", label, name);
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, "<option value=\"");
        listing_html(out, rows[i].name);
        buf_add_c(out, "\">");
        listing_html(out, rows[i].name);
        buf_printf(out, " (%zu)</option>", rows[i].n);
    }
    buf_add_c(out, "</select></label>\n");
}

static void write_summary(const struct report *r, const struct finding *const *list, size_t n, struct buf *out,
                          struct arena *a)
{
    size_t count[SEVERITY_CRITICAL + 1], n_sections, n_services, n_severities = 0;
    struct listing_count severities[SEVERITY_CRITICAL + 1];
    listing_by_severity(list, n, count);
    struct listing_count *sections = listing_by_section(list, n, a, &n_sections);
    struct listing_count *services = listing_by_service(list, n, a, &n_services);
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_INFO; s--)
        if (count[s])
            severities[n_severities++] = (struct listing_count){str_of(severity_name((enum severity)s)), count[s]};
    write_tiles(r, count, out);
    if (!n)
        return;
    buf_add_c(out, "<div class=\"columns\">\n");
    write_table(r, "By section", sections, n_sections, true, out);
    write_table(r, "By service", services, n_services, false, out);
    buf_add_c(
        out,
        "</div>\n<h2 id=\"findings\" tabindex=\"-1\">Findings, worst first</h2>\n<form id=\"filter\" hidden>\n"
        "<label>search (press /; j and k step)<input type=\"search\" name=\"search\" autocomplete=\"off\"></label>\n");
    write_options("severity", "severity", severities, n_severities, out);
    write_options("service", "service", services, n_services, out);
    write_options("section", "section", sections, n_sections, out);
    buf_add_c(out, "<button type=\"reset\">show all</button>\n<output id=\"count\" class=\"dim\"></output></form>\n");
}

static void write_diags(const struct report *r, struct buf *out, struct arena *a)
{
    size_t n = 0;
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->at[i];
        if (d->severity == DIAG_NOTE && !r->verbose)
            continue;
        if (n == 0)
            buf_add_c(out, "<h2 id=\"diagnostics\">Not understood</h2>\n<ul>\n");
        if (++n > MAX_DIAGS)
            continue;
        buf_add_c(out, "<li>");
        write_place(r, d->at, out, a);
        if (!d->at.file)
            listing_html(out, d->path);
        buf_printf(out, " %s: ", diag_severity_name(d->severity));
        listing_html(out, d->message);
        buf_printf(out, " <span class=\"dim\">[%s]</span></li>\n", diag_id_name(d->id));
    }
    if (n > MAX_DIAGS)
        buf_printf(out, "<li>and %zu more</li>\n", n - MAX_DIAGS);
    buf_add_c(out, n ? "</ul>\n" : "");
}

static void write_rule(const struct rule *rule, struct buf *out)
{
    buf_add_c(out, "<details class=\"rule\" id=\"rule-");
    listing_html(out, rule->id);
    buf_add_c(out, "\"><summary><code>");
    listing_html(out, rule->id);
    buf_add_c(out, "</code> ");
    listing_html(out, rule->title);
    buf_add_c(out, "</summary>\n<p>");
    listing_html(out, str_trim(rule->why));
    buf_add_c(out, "</p>\n");
    for (size_t i = 0; i < rule->n_fixes; i++) {
        if (!rule->fix[i].text.n)
            continue;
        buf_add_c(out, "<p>Fix in ");
        listing_html(out, rule->fix[i].format);
        buf_add_c(out, ":</p>\n<pre>");
        for (str rest = str_trim(rule->fix[i].text); rest.p && rest.n;) {
            listing_html(out, str_cut(rest, '\n', &rest));
            buf_add_char(out, '\n');
        }
        buf_add_c(out, "</pre>\n");
    }
    buf_add_c(out, "</details>\n");
}

/* Each rule that found something, once: why, and how to fix it. */
static void write_rules(const struct finding *const *list, size_t n, struct buf *out, struct arena *a)
{
    struct map seen;
    map_init(&seen);
    const struct rule **rules = ARENA_ARRAY(a, const struct rule *, n + 1);
    size_t n_rules = 0;
    for (size_t i = 0; i < n; i++) {
        if (!map_has(&seen, list[i]->rule->id))
            rules[n_rules++] = list[i]->rule;
        map_set(&seen, list[i]->rule->id, a);
    }
    map_release(&seen);
    if (n_rules)
        qsort(rules, n_rules, sizeof(*rules), rule_compare);
    buf_add_c(out, n_rules ? "<h2 id=\"rules\">Why, and how to fix it</h2>\n" : "");
    for (size_t i = 0; i < n_rules; i++)
        write_rule(rules[i], out);
}

static void write_accepted(const struct report *r, struct buf *out, struct arena *a)
{
    size_t n = 0;
    for (size_t i = 0; i < r->findings->n; i++) {
        const struct finding *f = &r->findings->at[i];
        if (!f->suppressed || n++ > MAX_ACCEPTED)
            continue;
        if (n == 1)
            buf_add_c(out, "<h2 id=\"accepted\">Suppressed</h2>\n<ul>\n");
        if (n > MAX_ACCEPTED) {
            buf_add_c(out, "<li>and more</li>\n");
            continue;
        }
        buf_add_c(out, "<li>");
        write_place(r, f->at, out, a);
        buf_add_c(out, " <code>");
        listing_html(out, f->rule->id);
        buf_add_c(out, "</code> ");
        listing_html(out, f->message);
        buf_add_c(out, ": ");
        listing_html(out, f->suppression_reason.n ? f->suppression_reason : STR("no reason is given"));
        buf_add_c(out, "</li>\n");
    }
    buf_add_c(out, n ? "</ul>\n" : "");
}

static void write_graph(const struct report *r, const struct finding *const *list, size_t n, struct buf *out,
                        struct arena *a)
{
    size_t resources = r->graph ? graph_count(r->graph) : 0;
    if (!resources)
        return;
    uint32_t *finding = ARENA_ARRAY(a, uint32_t, resources + 1);
    for (size_t i = n < MAX_FINDINGS ? n : MAX_FINDINGS; i > 0; i--)
        if (list[i - 1]->resource)
            finding[list[i - 1]->resource->id] = (uint32_t)i;
    struct graph_view view = {.graph = r->graph, .sources = r->sources, .finding = finding};
    buf_printf(
        out,
        "<h2 id=\"graph\">Resources, and what they refer to</h2>\n<details%s><summary>%zu resource%s; a red frame: it "
        "has findings, and leads to the worst</summary><div class=\"graph\" tabindex=\"0\" role=\"group\" "
        "aria-label=\"graph of the resources\">\n",
        resources <= OPEN_GRAPH ? " open" : "", resources, plural(resources));
    graph_view_svg(&view, out);
    buf_add_c(out, "</div></details>\n");
}

void report_html(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    size_t n;
    const struct finding **list = listing_worst_first(r, a, &n);
    buf_add_c(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                   "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
                   "<link rel=\"icon\" href=\"data:,\">\n");
    buf_printf(out,
               "<title>hipaalint: %zu finding%s</title>\n<style>\n%s</style>\n</head>\n<body>\n<a class=\"skip\" "
               "href=\"#findings\">to the findings</a>\n<header><h1>hipaalint: "
               "%zu finding%s</h1>\n",
               n, plural(n), html_page_style, n, plural(n));
    buf_printf(out,
               "<p class=\"dim\">%zu file%s, %zu resource%s, %zu answer%s. Findings are evidence for sections of 45 "
               "CFR part 164; no tool can say "
               "from files that a system is compliant.</p>\n",
               r->summary.files, plural(r->summary.files), r->summary.resources, plural(r->summary.resources),
               r->summary.evaluated, plural(r->summary.evaluated));
    if (r->incomplete)
        buf_add_c(out, "<p class=\"warn\">The analysis is incomplete: see <a href=\"#diagnostics\">what was not "
                       "understood</a>.</p>\n");
    buf_add_c(out, "</header>\n<main>\n");
    write_summary(r, list, n, out, a);
    for (size_t i = 0; i < n && i < MAX_FINDINGS; i++) {
        struct arena_mark mark = arena_mark(a);
        write_finding(r, list[i], i + 1, out, a);
        arena_rewind(a, mark);
    }
    if (n > MAX_FINDINGS)
        buf_printf(out, "<p class=\"warn\">%zu more findings are not on this page.</p>\n", n - MAX_FINDINGS);
    write_graph(r, list, n, out, a);
    write_rules(list, n < MAX_FINDINGS ? n : MAX_FINDINGS, out, a);
    write_accepted(r, out, a);
    write_diags(r, out, a);
    buf_printf(out, "</main>\n<script>\n%s</script>\n</body>\n</html>\n", html_page_script);
    arena_free(a);
}
