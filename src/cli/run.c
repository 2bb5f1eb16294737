#include "cli/run.h"

#include <errno.h>
#include <unistd.h>

#include "base/path.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"

static str today(struct arena *a)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[16] = "";
    if (gmtime_r(&now, &tm))
        strftime(text, sizeof(text), "%Y-%m-%d", &tm);
    return arena_str(a, str_of(text));
}

void run_init(struct run *r, const struct options *o)
{
    *r = (struct run){.effective = *o, .arena = arena_new(), .sources = sources_new()};
    r->options = &r->effective;
    r->today = o->today.n ? o->today : today(r->arena);
    diag_list_init(&r->diags, r->arena);
    diag_list_init(&r->directive_diags, r->arena);
    suppressions_init(&r->suppressions, r->arena, &r->directive_diags);
    r->frontend = (struct frontend_options){
        .var = o->vars.at,
        .n_vars = o->vars.n,
        .var_file = o->var_files.at,
        .n_var_files = o->var_files.n,
        .parameter = o->parameters.at,
        .n_parameters = o->parameters.n,
        .parameter_file = o->parameter_files.at,
        .n_parameter_files = o->parameter_files.n,
        .workspace = o->workspace,
        .assume_defaults = o->assume_defaults,
    };
    buf_init(&r->stdin_text, LIMIT_FILE_BYTES);
}

void run_fork(struct run *r, const struct run *from, const struct map *texts)
{
    *r = (struct run){.from = from,
                      .effective = from->effective,
                      .config = from->config,
                      .baseline = from->baseline,
                      .today = from->today,
                      .frontend = from->frontend,
                      .pack = from->pack,
                      .keeps_documents = true,
                      .keeps_answers = true,
                      .arena = arena_new(),
                      .sources = sources_fork(from->sources)};
    r->options = &r->effective;
    r->effective.verbose = false;
    diag_list_init(&r->diags, r->arena);
    diag_list_init(&r->directive_diags, r->arena);
    suppressions_init(&r->suppressions, r->arena, &r->directive_diags);
    buf_init(&r->stdin_text, LIMIT_FILE_BYTES);
    for (size_t i = 0; i < texts->n; i++)
        source_override(r->sources, texts->at[i].key, *(const str *)texts->at[i].value);
    r->inputs = inputs_fork(from->inputs, texts, r->sources, &r->diags);
    r->graph = frontend_load(r->inputs, &r->frontend, (unsigned)r->options->jobs, &r->diags);
}

void run_release(struct run *r)
{
    findings_release(&r->findings);
    suppressions_release(&r->suppressions);
    catalog_release(&r->catalog);
    if (!r->from) {
        baseline_release(&r->baseline);
        git_changes_release(&r->changes);
        pack_free(r->pack);
    }
    diag_list_release(&r->diags);
    diag_list_release(&r->directive_diags);
    analysis_free(r->analysis);
    graph_free(r->graph);
    inputs_free(r->inputs);
    sources_free(r->sources);
    buf_release(&r->stdin_text);
    arena_free(r->arena);
}

void run_print_diags(const struct run *r)
{
    progress_stop();
    for (size_t i = 0; i < r->diags.n; i++) {
        const struct diag *d = &r->diags.at[i];
        const struct source *s = source_at(r->sources, d->at.file);
        struct position p = s ? source_position(s, d->at.start) : (struct position){0, 0};
        str path = s ? s->path : d->path;
        if (s)
            cli_say(STR_FMT ":%u:%u: %s: " STR_FMT " [%s]\n", STR_ARG(path), p.line, p.column,
                    diag_severity_name(d->severity), STR_ARG(d->message), diag_id_name(d->id));
        else
            cli_say(STR_FMT "%s%s: " STR_FMT " [%s]\n", STR_ARG(path), path.n ? ": " : "",
                    diag_severity_name(d->severity), STR_ARG(d->message), diag_id_name(d->id));
    }
}

bool run_check_pack_diags(struct run *r)
{
    bool bad = false;
    for (size_t i = 0; i < r->diags.n; i++) {
        enum diag_id id = r->diags.at[i].id;
        bad |= r->diags.at[i].severity == DIAG_ERROR && (id == DIAG_RULE || id == DIAG_MODEL || id == DIAG_CONFIG);
    }
    if (bad) {
        diag_sort(&r->diags, r->sources);
        run_print_diags(r);
    }
    return !bad;
}

bool run_configure(struct run *r, const str *paths, size_t n)
{
    if (!suppression_is_date(r->today)) {
        cli_usage_error("--today takes a date (YYYY-MM-DD), not '" STR_FMT "'", STR_ARG(r->today));
        return false;
    }
    bool ok = config_load(&r->config, &r->effective, paths, n, r->arena, r->sources, &r->diags);
    if (ok && r->options->baseline.n)
        ok = baseline_read(&r->baseline, r->options->baseline, r->sources, r->arena, &r->diags);
    if (!ok) {
        diag_sort(&r->diags, r->sources);
        run_print_diags(r);
    }
    return ok;
}

bool run_open_pack(struct run *r, bool full)
{
    struct pack_options o = {
        .directory = r->options->rules.at,
        .n_directories = r->options->rules.n,
        .no_builtin = r->options->no_builtin_rules,
        .full = full,
        .prose = r->wants_prose,
    };
    r->pack = pack_open(&o, r->sources, &r->diags);
    if (!r->pack) {
        diag_sort(&r->diags, r->sources);
        run_print_diags(r);
        return false;
    }
    return run_check_pack_diags(r);
}

static void read_stdin(struct buf *out, struct diag_list *diags)
{
    char chunk[65536];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            diag_add_path(diags, DIAG_UNREADABLE, STR("<stdin>"), "cannot be read to its end: %s", strerror(errno));
        if (n <= 0)
            return;
        if (out->n + (size_t)n > LIMIT_FILE_BYTES) {
            diag_add_path(diags, DIAG_TOO_LARGE, STR("<stdin>"), "more than %u bytes", (unsigned)LIMIT_FILE_BYTES);
            return;
        }
        buf_add(out, (str){chunk, (size_t)n});
    }
}

static bool carries_directives(const struct input_file *f)
{
    return f->source && f->documents.at && f->documents.n &&
           (f->claim == CLAIM_TERRAFORM || f->claim == CLAIM_CLOUDFORMATION || f->claim == CLAIM_KUBERNETES ||
            f->claim == CLAIM_KUSTOMIZATION || f->kind == INPUT_TFVARS);
}

/* Of the files that `done`, of n_done, does not have; NULL: of all. */
static void read_directives(struct run *r, const bool *done, size_t n_done)
{
    for (size_t i = 0; i < r->inputs->n; i++) {
        const struct input_file *f = r->inputs->file[i];
        if (!carries_directives(f) || (i < n_done && done[i]))
            continue;
        enum suppression_shape *shape = ARENA_ARRAY(r->arena, enum suppression_shape, f->documents.n);
        for (size_t k = 0; k < f->documents.n; k++)
            shape[k] = f->document_claim && f->document_claim[k] == CLAIM_KUBERNETES       ? SHAPE_KUBERNETES
                       : f->document_claim && f->document_claim[k] == CLAIM_CLOUDFORMATION ? SHAPE_CLOUDFORMATION
                                                                                           : SHAPE_OTHER;
        suppressions_read_file(&r->suppressions, &f->documents, shape);
    }
}

/* Directives are read before the front ends let go of documents, and of what those open after that. Those of others
 * need the catalog of the rules. */
static void load(struct run *r)
{
    unsigned jobs = (unsigned)r->options->jobs;
    size_t n = r->inputs->n;
    bool *done = ARENA_ARRAY(r->arena, bool, n);
    if (r->options->foreign_suppressions) {
        r->graph = frontend_load(r->inputs, &r->frontend, jobs, &r->diags);
        return;
    }
    read_directives(r, NULL, 0);
    for (size_t i = 0; i < n; i++)
        done[i] = carries_directives(r->inputs->file[i]);
    r->frontend.frees_documents = !r->keeps_documents;
    r->graph = frontend_load(r->inputs, &r->frontend, jobs, &r->diags);
    read_directives(r, done, n);
    if (!r->keeps_documents)
        inputs_free_trees(r->inputs);
}

bool run_read(struct run *r, const str *paths, size_t n)
{
    static const str here = {".", 1};
    if (!n && !r->options->empty_shard) {
        paths = &here;
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(paths[i], "-") && !r->stdin_text.n)
            read_stdin(&r->stdin_text, &r->diags);
    }
    bool since = options_is_given(r->options, "since");
    if (since && !git_changes_read(&r->changes, r->options->since, paths, n, r->arena))
        return false;
    struct input_changes changes = {&r->changes.files, &r->changes.directories, &r->changes.trees};
    struct input_options o = {
        .jobs = (unsigned)r->options->jobs,
        .exclude = r->options->exclude.at,
        .n_exclude = r->options->exclude.n,
        .no_gitignore = r->options->no_gitignore,
        .unclaimed_ok = r->options->allow_empty,
        .stdin_path = r->options->stdin_path,
        .changes = since ? &changes : NULL,
    };
    r->inputs = inputs_discover(paths, n, &o, r->sources, &r->diags, buf_str(&r->stdin_text));
    load(r);
    return true;
}

static size_t count_claimed(const struct inputs *in, size_t *ret_incomplete)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        const struct input_file *f = in->file[i];
        bool empty = f->claim == CLAIM_TERRAFORM && !f->documents.n;
        n += (f->claim != CLAIM_NONE && !empty) || f->incomplete;
        *ret_incomplete += f->incomplete;
    }
    return n;
}

void run_link(struct run *r)
{
    sources_rank(r->sources);
    graph_link(r->graph, pack_model(r->pack), r->sources, (unsigned)r->options->jobs, &r->diags);
    struct analysis_options o = {
        .classification_key = r->config.classification_key,
        .n_classification_keys = r->config.n_classification_keys,
        .classified_value = r->config.classified_value,
        .n_classified_values = r->config.n_classified_values,
        .iam_actions = pack_file("data/iam-actions.txt"),
        .iam_managed = pack_file("data/iam-managed.txt"),
        .jobs = (unsigned)r->options->jobs,
    };
    r->analysis = analysis_run(r->graph, &o, &r->diags);
    size_t incomplete = 0;
    size_t files = count_claimed(r->inputs, &incomplete);
    if (!files && !r->options->allow_empty)
        diag_add_path(&r->diags, DIAG_NOTHING_FOUND, STR_NONE,
                      "no infrastructure as code was found (Terraform, CloudFormation or Kubernetes)");
    r->summary.files = files;
    r->summary.files_incomplete = incomplete;
}

/* A finding in a file that is only context (of a named one, of what changed) counts when its cause is in one that is
 * not. Errors count anywhere: what they hide is not known. */
static bool is_reported(const struct finding *f, const bool *context)
{
    if (!f->at.file || !context[f->at.file])
        return true;
    for (size_t i = 0; i < f->n_related; i++)
        if (f->related[i].at.file && !context[f->related[i].at.file])
            return true;
    return false;
}

static void narrow_to_named(struct run *r)
{
    size_t n_sources = sources_count(r->sources);
    bool *context = ARENA_ARRAY(r->arena, bool, n_sources + 2);
    bool any = false;
    for (size_t i = 0; i < r->inputs->n; i++) {
        const struct input_file *f = r->inputs->file[i];
        if (f->source && f->context)
            any = context[f->source->id] = true;
    }
    if (!any)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < r->findings.n; i++)
        if (is_reported(&r->findings.at[i], context))
            r->findings.at[kept++] = r->findings.at[i];
    r->findings.n = kept;
    kept = 0;
    for (size_t i = 0; i < r->diags.n; i++)
        if (r->diags.at[i].severity == DIAG_ERROR || !context[r->diags.at[i].at.file])
            r->diags.at[kept++] = r->diags.at[i];
    r->diags.n = kept;
}

/* ---------------------------------------------------------------- what is accepted */

void run_read_suppressions(struct run *r)
{
    diag_append(&r->diags, &r->directive_diags);
    r->suppressions.diags = &r->diags;
    catalog_init(&r->catalog, r->options->no_builtin_rules, r->rules, r->arena);
    if (r->options->foreign_suppressions) {
        r->suppressions.foreign = &r->catalog;
        read_directives(r, NULL, 0);
        if (!r->keeps_documents)
            inputs_free_trees(r->inputs);
    }
    config_add_exceptions(&r->config, &r->suppressions);
    suppressions_finish(&r->suppressions, &r->catalog, r->config.inline_mode, r->today);
}

/* Some layer asked about a path and got no answer; it may have taken that for "no such file". */
static void report_trouble(struct run *r)
{
    str path;
    int number;
    if (path_had_trouble(r->arena, &path, &number))
        diag_add_path(&r->diags, DIAG_UNREADABLE, path, "cannot be looked at: %s", strerror(number));
}

/* The files of whose resources unknown answers are kept. */
static bool *files_with_unknowns(struct run *r)
{
    size_t n = sources_count(r->sources) + 2;
    bool *files = ARENA_ARRAY(r->arena, bool, n);
    for (size_t i = 0; i < n && (r->keeps_answers || r->suppressions.n_exceptions); i++)
        files[i] = true;
    for (size_t i = 0; i < r->suppressions.n; i++)
        files[r->suppressions.at[i].at.file] = true;
    return files;
}

void run_drop_answers(struct run *r)
{
    struct findings *f = &r->findings;
    size_t kept = 0;
    for (size_t i = 0; i < f->n; i++)
        if (r->options->verbose || f->at[i].status == STATUS_FAIL || f->at[i].suppressed)
            f->at[kept++] = f->at[i];
    f->n = kept;
    VEC_RELEASE(&f->passes);
}

static void report_leftovers(struct run *r, const struct evaluate_options *o)
{
    bool *quiet = ARENA_ARRAY(r->arena, bool, sources_count(r->sources) + 2);
    struct map seen;
    bool everything = !options_is_given(r->options, "since");
    map_init(&seen);
    for (size_t i = 0; i < r->inputs->n; i++) {
        const struct input_file *f = r->inputs->file[i];
        everything &= !f->named;
        if (!f->source)
            continue;
        quiet[f->source->id] = f->context || f->incomplete;
        if (!f->context && !f->incomplete)
            map_set(&seen, finding_path((span){f->source->id, 0, 0}, r->sources, o->root, o->cwd, r->arena), r);
    }
    suppressions_report_unused(&r->suppressions, &r->catalog, o, quiet);
    baseline_report_resolved(&r->baseline, &seen, everything, &r->catalog, o, &r->diags);
    map_release(&seen);
}

static struct evaluate_options what_is_asked(struct run *r)
{
    return (struct evaluate_options){
        .jobs = (unsigned)r->options->jobs,
        .profile = r->options->profile,
        .only = r->options->only.at,
        .n_only = r->options->only.n,
        .skip = r->options->skip.at,
        .n_skip = r->options->skip.n,
        .keep_passes = r->options->verbose,
        .note_passes = r->keeps_answers,
        .root = r->inputs->root,
        .cwd = path_cwd(r->arena),
    };
}

static void ask_rules(struct run *r, struct evaluate_options o)
{
    o.keep_unknowns_of = files_with_unknowns(r);
    evaluate(r->graph, r->analysis, r->rules, r->sources, &o, &r->diags, &r->findings, &r->summary);
}

static void accept(struct run *r, const struct evaluate_options *o)
{
    config_set_severities(&r->config, &r->findings, &r->catalog);
    struct suppression_scope scope = {r->graph, r->sources, o->root, o->cwd};
    suppressions_apply(&r->suppressions, &r->findings, &scope, &r->summary);
    if (r->options->baseline.n)
        baseline_apply(&r->baseline, &r->findings, &r->summary);
}

static void put_in_order(struct run *r)
{
    report_trouble(r);
    findings_sort(&r->findings, r->sources);
    diag_sort(&r->diags, r->sources);
}

bool run_evaluate(struct run *r)
{
    struct ruleset *rules = pack_rules(r->pack, r->graph, &r->diags);
    r->rules = rules;
    if (!rules || !run_check_pack_diags(r))
        return false;
    run_read_suppressions(r);
    if (!config_apply_rules(&r->config, rules, &r->catalog, r->arena, &r->diags))
        return run_check_pack_diags(r);
    struct evaluate_options o = what_is_asked(r);
    ask_rules(r, o);
    accept(r, &o);
    if (!r->keeps_answers)
        run_drop_answers(r);
    narrow_to_named(r);
    report_leftovers(r, &o);
    put_in_order(r);
    return true;
}

bool run_ask(struct run *r)
{
    r->rules = pack_rules(r->pack, r->graph, &r->diags);
    if (!r->rules || !run_check_pack_diags(r))
        return false;
    ask_rules(r, what_is_asked(r));
    narrow_to_named(r);
    put_in_order(r);
    return true;
}

void run_accept(struct run *r)
{
    struct evaluate_options o = what_is_asked(r);
    if (!r->options->foreign_suppressions)
        read_directives(r, NULL, 0);
    run_read_suppressions(r);
    accept(r, &o);
    report_leftovers(r, &o);
    diag_sort(&r->diags, r->sources);
}

bool run_is_incomplete(const struct run *r)
{
    return diag_count(&r->diags, r->options->strict ? DIAG_WARNING : DIAG_ERROR) > 0 ||
           (r->options->strict && r->summary.unknown > 0);
}

int run_answer(const struct options *o, int (*ask)(struct run *r, struct buf *out))
{
    struct run r;
    struct buf out;
    run_init(&r, o);
    buf_init(&out, SIZE_MAX);
    int status = ask(&r, &out);
    if (status != EXIT_USAGE && !output_write(o->output, buf_str(&out)))
        status = EXIT_INCOMPLETE;
    diag_sort(&r.diags, r.sources);
    if (status == EXIT_INCOMPLETE)
        run_print_diags(&r);
    buf_release(&out);
    run_release(&r);
    return status;
}
