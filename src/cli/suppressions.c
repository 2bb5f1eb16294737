/* hipaalint suppressions: every directive and exception, with what it does. */
#include "base/path.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/report.h"

static str rules_of(const struct suppression *x, struct arena *a)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < x->n_rules; i++) {
        buf_add_c(&b, i ? "," : "");
        buf_add(&b, x->rule[i]);
    }
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static size_t uses_of(const struct suppression *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_rules; i++)
        n += x->uses[i];
    return n;
}

static const char *scope_of(const struct suppression *x)
{
    return x->by == SUPPRESSED_FILE       ? "exception"
           : x->whole_file                ? "file"
           : x->by == SUPPRESSED_METADATA ? "resource"
                                          : "comment";
}

static void write_text(const struct run *r, const struct suppression *x, struct buf *out)
{
    const struct source *s = source_at(r->sources, x->at.file);
    struct position p = source_position(s, x->at.start);
    report_safe_text(out, s->path);
    buf_printf(out, ":%u:%u: %s: ", p.line, p.column, scope_of(x));
    report_safe_text(out, rules_of(x, r->arena));
    if (x->tool) {
        buf_add_c(out, x->n_rules ? " (" : "(");
        report_safe_text(out, x->said);
        buf_add_char(out, ')');
    }
    if (x->until.n)
        buf_printf(out, " until " STR_FMT, STR_ARG(x->until));
    if (x->refused)
        buf_printf(out, " [%s]", x->refused);
    else if (uses_of(x))
        buf_printf(out, " [suppresses %zu]", uses_of(x));
    else
        buf_add_c(out, " [unused]");
    if (x->reason.n && !x->tool) {
        buf_add_c(out, " ");
        report_safe_text(out, x->reason);
    }
    buf_add_c(out, "\n");
}

static void write_json(const struct run *r, const struct suppression *x, struct buf *out)
{
    const struct source *s = source_at(r->sources, x->at.file);
    buf_add_c(out, "  {\"rules\": [");
    for (size_t i = 0; i < x->n_rules; i++) {
        buf_add_c(out, i ? ", " : "");
        buf_add_json(out, x->rule[i]);
    }
    buf_printf(out, "], \"scope\": \"%s\"", scope_of(x));
    report_json_field(out, "file", finding_path(x->at, r->sources, r->inputs->root, path_cwd(r->arena), r->arena));
    buf_printf(out, ", \"line\": %u", source_position(s, x->at.start).line);
    if (x->tool) {
        report_json_field(out, "tool", str_of(x->tool));
        report_json_field(out, "directive", x->said);
    }
    if (x->until.n)
        report_json_field(out, "until", x->until);
    if (x->reason.n)
        report_json_field(out, "reason", x->reason);
    if (x->path.n)
        report_json_field(out, "path", x->path);
    if (x->address.n)
        report_json_field(out, "address", x->address);
    report_json_field(out, "status", x->refused ? str_of(x->refused) : uses_of(x) ? STR("used") : STR("unused"));
    buf_printf(out, ", \"findings\": %zu}", uses_of(x));
}

static int compare(const struct run *r, const struct suppression *a, const struct suppression *b)
{
    return span_compare(r->sources, a->at, b->at);
}

/* In the order of the files; the list itself is ordered by what is covered. */
static const struct suppression **in_order(const struct run *r)
{
    const struct suppressions *all = &r->suppressions;
    const struct suppression **order = ARENA_ARRAY(r->arena, const struct suppression *, all->n + 1);
    const struct suppression **scratch = ARENA_ARRAY(r->arena, const struct suppression *, all->n + 1);
    for (size_t i = 0; i < all->n; i++)
        order[i] = &all->at[i];
    for (size_t width = 1; width < all->n; width *= 2) {
        for (size_t from = 0; from < all->n; from += 2 * width) {
            size_t middle = from + width < all->n ? from + width : all->n,
                   to = middle + width < all->n ? middle + width : all->n;
            for (size_t i = from, j = middle, k = from; k < to; k++)
                scratch[k] = j >= to || (i < middle && compare(r, order[i], order[j]) <= 0) ? order[i++] : order[j++];
        }
        const struct suppression **swap = order;
        order = scratch;
        scratch = swap;
    }
    return order;
}

static void write(const struct run *r, bool json, struct buf *out)
{
    const struct suppression **order = in_order(r);
    buf_add_c(out, json ? "[" : "");
    for (size_t i = 0; i < r->suppressions.n; i++) {
        if (json) {
            buf_add_c(out, i ? ",\n" : "\n");
            write_json(r, order[i], out);
        } else {
            write_text(r, order[i], out);
        }
    }
    buf_add_c(out, json ? "]\n" : "");
    if (!json)
        buf_printf(out, "%zu suppression%s\n", r->suppressions.n, r->suppressions.n == 1 ? "" : "s");
}

static bool is_about_suppressions(const struct diag *d)
{
    return d->id == DIAG_SUPPRESSION || d->severity == DIAG_ERROR;
}

static int list(struct run *r, bool json)
{
    const struct str_list *paths = &r->options->operands;
    if (!run_configure(r, paths->at, paths->n) || !run_open_pack(r, false) || !run_read(r, paths->at, paths->n))
        return EXIT_USAGE;
    run_link(r);
    if (!run_evaluate(r))
        return EXIT_USAGE;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    write(r, json, &out);
    int status = output_write(r->options->output, buf_str(&out)) && !diag_count(&r->diags, DIAG_ERROR)
                     ? EXIT_CLEAN
                     : EXIT_INCOMPLETE;
    buf_release(&out);
    size_t kept = 0;
    for (size_t i = 0; i < r->diags.n; i++)
        if (is_about_suppressions(&r->diags.at[i]))
            r->diags.at[kept++] = r->diags.at[i];
    r->diags.n = kept;
    run_print_diags(r);
    return status;
}

int command_suppressions(const struct options *o)
{
    bool json = o->formats.n && str_eq_c(o->formats.at[0], "json");
    if (o->formats.n && !json && !str_eq_c(o->formats.at[0], "text"))
        return cli_usage_error("suppressions are printed as text or json");
    struct run r;
    run_init(&r, o);
    int status = list(&r, json);
    run_release(&r);
    return status;
}
