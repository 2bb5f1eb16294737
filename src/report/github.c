/* GitHub Actions: the report for people, then workflow commands. A step shows ten annotations of each
 * kind, so the worst are annotated and the number of the others is said. */
#include "report/listing.h"

enum { MAX_OF_A_KIND = 10 };

enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE, LEVELS };

static const char *const level_names[LEVELS] = {"error", "warning", "notice"};

static enum level level_of(enum severity s)
{
    return s >= SEVERITY_HIGH ? LEVEL_ERROR : s == SEVERITY_MEDIUM ? LEVEL_WARNING : LEVEL_NOTICE;
}

/* The runner takes a line that begins with "::", and one that has "##[" anywhere, for a command: no part
 * of the input may be one. */
static void write_text(const struct report *r, struct buf *out)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    struct report plain = *r;
    plain.color = plain.links = false;
    report_text(&plain, &text);
    bool at_start = true;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool command = at_start && c == ':' && i + 1 < text.n && text.p[i + 1] == ':';
        if (command)
            buf_add_c(out, "./");
        buf_add_char(out, c);
        if (c == '#' && i + 2 < text.n && text.p[i + 1] == '#' && text.p[i + 2] == '[')
            buf_add_char(out, ' ');
        at_start = c == '\n' || (at_start && (c == ' ' || c == '\t'));
    }
    buf_release(&text);
}

static void write_place(const struct report *r, span at, struct buf *out, struct arena *a)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return;
    struct position from = source_position(s, at.start), to = source_position(s, at.end);
    buf_add_c(out, " file=");
    listing_github_property(out, report_path(r, at, a));
    buf_printf(out, ",line=%u,endLine=%u", from.line, to.line);
    if (from.line == to.line)
        buf_printf(out, ",col=%u,endColumn=%u", from.column, to.column);
    buf_add_char(out, ',');
}

static void annotate(const struct report *r, const struct finding *f, enum level level, struct buf *out,
                     struct arena *a)
{
    buf_printf(out, "::%s", level_names[level]);
    span place = report_place(r, f);
    write_place(r, place, out, a);
    if (!place.file)
        buf_add_char(out, ' ');
    buf_add_c(out, "title=");
    listing_github_property(out, f->rule->id);
    buf_add_c(out, " ");
    listing_github_property(out, f->rule->name);
    buf_add_c(out, "::");
    listing_github_data(out, f->message);
    if (f->when.n) {
        buf_add_c(out, ", ");
        listing_github_data(out, f->when);
    }
    for (size_t i = 0; i < f->rule->n_citations; i++) {
        buf_add_c(out, i ? ", " : "%0Aevidence for 45 CFR ");
        listing_github_data(out, f->rule->citation[i].section);
    }
    buf_add_c(out, "\n");
}

static void annotate_diags(const struct report *r, size_t shown[LEVELS], size_t left[LEVELS], struct buf *out,
                           struct arena *a)
{
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->at[i];
        if (d->severity == DIAG_NOTE)
            continue;
        enum level level = d->severity == DIAG_ERROR ? LEVEL_ERROR : LEVEL_WARNING;
        if (shown[level]++ >= MAX_OF_A_KIND) {
            left[level]++;
            continue;
        }
        buf_printf(out, "::%s", level_names[level]);
        write_place(r, d->at, out, a);
        if (!d->at.file && d->path.n) {
            buf_add_c(out, " file=");
            listing_github_property(out, d->path);
            buf_add_char(out, ',');
        }
        buf_printf(out, "%stitle=%s::", d->at.file || d->path.n ? "" : " ", diag_id_name(d->id));
        listing_github_data(out, d->message);
        buf_add_c(out, "\n");
    }
}

void report_github(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    write_text(r, out);
    size_t n, shown[LEVELS] = {0}, left[LEVELS] = {0};
    const struct finding **list = listing_worst_first(r, a, &n);
    for (size_t i = 0; i < n; i++) {
        enum level level = level_of(list[i]->severity);
        if (shown[level]++ < MAX_OF_A_KIND)
            annotate(r, list[i], level, out, a);
        else
            left[level]++;
    }
    annotate_diags(r, shown, left, out, a);
    if (left[LEVEL_ERROR] + left[LEVEL_WARNING] + left[LEVEL_NOTICE])
        buf_printf(out,
                   "not annotated, because GitHub shows %d of each kind: %zu errors, %zu warnings, %zu notices (all "
                   "are in the text above)\n",
                   MAX_OF_A_KIND, left[LEVEL_ERROR], left[LEVEL_WARNING], left[LEVEL_NOTICE]);
    arena_free(a);
}
