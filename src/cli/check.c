/* hipaalint check: lint and report. */
#include <signal.h>
#include <unistd.h>

#include "base/path.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/fixer.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "report/report.h"

struct target {
    const struct report_format *format;
    str path;
};

struct targets {
    struct target *at;
    size_t n, cap;
};

/* Every --format must name a writer before anything is read. */
static bool parse_targets(const struct options *o, struct targets *ret)
{
    for (size_t i = 0; i < o->formats.n; i++) {
        str path, name = str_cut(o->formats.at[i], '=', &path);
        const struct report_format *format = report_format_find(name);
        if (!format) {
            cli_usage_error("unknown format '" STR_FMT "'", STR_ARG(name));
            return false;
        }
        if (path.p && !path.n) {
            cli_usage_error("--format " STR_FMT "= needs a file name", STR_ARG(name));
            return false;
        }
        VEC_PUSH(ret, ((struct target){format, path}));
    }
    if (!ret->n)
        VEC_PUSH(ret, ((struct target){report_format_find(STR("text")), STR_NONE}));
    if (o->output.n) {
        if (ret->n > 1) {
            cli_usage_error("--output goes with one format; use --format NAME=FILE");
            return false;
        }
        ret->at[0].path = o->output;
    }
    size_t on_stdout = 0;
    for (size_t i = 0; i < ret->n; i++)
        on_stdout += !ret->at[i].path.n;
    if (on_stdout > 1) {
        cli_usage_error("only one report can go to standard output; use --format NAME=FILE");
        return false;
    }
    return true;
}

static bool check_profile(const struct options *o)
{
    static const char *const profiles[] = {"base", "strict", "nprm"};
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        if (!o->profile.n || str_eq_c(o->profile, profiles[i]))
            return true;
    cli_usage_error("unknown profile '" STR_FMT "': base, strict or nprm", STR_ARG(o->profile));
    return false;
}

static bool has_finding_to_fail_on(const struct run *r)
{
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct finding *f = &r->findings.at[i];
        if (f->status == STATUS_FAIL && !f->suppressed && f->severity >= r->options->fail_on)
            return true;
    }
    return false;
}

/* A rule of the user that cannot be evaluated; those that cannot be read have ended the run. */
static bool has_wrong_rule(const struct run *r)
{
    for (size_t i = 0; i < r->diags.n; i++)
        if (r->diags.at[i].id == DIAG_RULE)
            return true;
    return false;
}

static int exit_status(const struct run *r)
{
    if (has_wrong_rule(r))
        return EXIT_USAGE;
    if (run_is_incomplete(r))
        return EXIT_INCOMPLETE;
    return has_finding_to_fail_on(r) && !r->options->exit_zero ? EXIT_FINDINGS : EXIT_CLEAN;
}

enum { SUMMARY_BYTES = 1000 * 1000 }; /* GitHub takes 1 MiB from a step */

/* --summary: what GitHub shows on the page of the job. Several steps append to one file. */
static bool append_summary(const struct report *report)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!path || !*path) {
        fputs("hipaalint: --summary: GITHUB_STEP_SUMMARY is not set; no summary was written\n", stderr);
        return true;
    }
    struct buf out;
    buf_init(&out, SUMMARY_BYTES);
    report_markdown(report, &out);
    FILE *f = fopen(path, "a");
    bool ok = f && fwrite(out.p, 1, out.n, f) == out.n;
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        cli_say("hipaalint: cannot write the summary to %s\n", path);
    buf_release(&out);
    return ok;
}

static const uint32_t *reported_files(const struct run *r, size_t *ret_n)
{
    uint32_t *files = ARENA_ARRAY(r->arena, uint32_t, r->inputs->n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < r->inputs->n; i++) {
        const struct input_file *f = r->inputs->file[i];
        if (f->source && !f->context && f->claim != CLAIM_NONE && f->claim != CLAIM_AUXILIARY)
            files[(*ret_n)++] = f->source->id;
    }
    return files;
}

static bool write_reports(const struct run *r, const struct targets *targets, int status)
{
    const struct options *o = r->options;
    size_t n_files;
    struct report report = {
        .version = STR(HIPAALINT_VERSION),
        .findings = &r->findings,
        .diags = &r->diags,
        .summary = r->summary,
        .graph = r->graph,
        .rules = r->rules,
        .sources = r->sources,
        .file = reported_files(r, &n_files),
        .root = r->inputs->root,
        .cwd = path_cwd(r->arena),
        .verbose = o->verbose,
        .quiet = o->quiet,
        .exit_status = status,
        .incomplete = run_is_incomplete(r),
        .today = r->today,
        .controls = pack_controls(r->pack),
        .category = o->category.n ? o->category : STR("hipaalint/"),
        .since = o->since,
        .sarif_suppressed = o->sarif_suppressed,
        .junit_passes = o->junit_passes,
        .junit_locations = o->junit_locations,
    };
    report.n_files = n_files;
    bool ok = true;
    for (size_t i = 0; i < targets->n; i++) {
        const struct target *t = &targets->at[i];
        bool terminal = !t->path.n && output_is_terminal(STDOUT_FILENO);
        report.color = output_wants_color(o->color, terminal);
        report.links = output_has_links(terminal && report.color);
        report.width = terminal ? output_width(STDOUT_FILENO) : 0;
        struct output output;
        if (output_open(&output, t->path)) {
            struct buf out;
            buf_init_sink(&out, output_take, &output);
            t->format->write(&report, &out);
            buf_flush(&out);
            buf_release(&out);
        }
        ok &= output_close(&output);
    }
    if (o->summary)
        ok &= append_summary(&report);
    return ok;
}

static bool evaluate_all(struct run *r)
{
    if (!run_open_pack(r, false))
        return false;
    progress_phase("reading");
    if (!run_read(r, r->options->operands.at, r->options->operands.n))
        return false;
    progress_phase("joining resources");
    run_link(r);
    progress_phase("evaluating");
    return run_evaluate(r);
}

static int check(struct run *r, const struct targets *targets)
{
    const struct str_list *paths = &r->options->operands;
    if (!run_configure(r, paths->at, paths->n) || !check_profile(r->options))
        return EXIT_USAGE;
    bool fixes = r->options->fixes; /* each is tried, which costs more than the linting */
    for (size_t i = 0; i < targets->n; i++) {
        fixes |= targets->at[i].format->fixes;
        r->wants_prose |= targets->at[i].format->prose || fixes;
    }
    r->keeps_documents = r->keeps_answers = fixes;
    progress_start(r->options->quiet);
    bool ok = evaluate_all(r);
    if (ok && fixes) {
        progress_phase("trying fixes");
        fixer_attach(r);
        run_drop_answers(r);
    }
    progress_stop();
    if (!ok)
        return EXIT_USAGE;
    int status = exit_status(r);
    if (!write_reports(r, targets, status))
        return EXIT_INCOMPLETE;
    return status;
}

int command_check(const struct options *o)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write */
    struct targets targets = {0};
    int status = EXIT_USAGE;
    if (parse_targets(o, &targets)) {
        struct run r;
        run_init(&r, o);
        status = check(&r, &targets);
        run_release(&r);
    }
    VEC_RELEASE(&targets);
    return status;
}
