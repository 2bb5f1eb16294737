#include "cli/run.h"

#include <errno.h>
#include <unistd.h>

#include "base/path.h"
#include "cli/cli.h"

void run_init(struct run *r, const struct options *o)
{
    *r = (struct run){.options = o, .arena = arena_new(), .sources = sources_new()};
    diag_list_init(&r->diags, r->arena);
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

void run_release(struct run *r)
{
    findings_release(&r->findings);
    diag_list_release(&r->diags);
    analysis_free(r->analysis);
    graph_free(r->graph);
    pack_free(r->pack);
    inputs_free(r->inputs);
    sources_free(r->sources);
    buf_release(&r->stdin_text);
    arena_free(r->arena);
}

void run_print_diags(const struct run *r)
{
    for (size_t i = 0; i < r->diags.n; i++) {
        const struct diag *d = &r->diags.at[i];
        const struct source *s = source_at(r->sources, d->at.file);
        struct position p = s ? source_position(s, d->at.start) : (struct position){0, 0};
        str path = s ? s->path : d->path;
        if (s)
            fprintf(stderr, STR_FMT ":%u:%u: %s: " STR_FMT " [%s]\n", STR_ARG(path), p.line, p.column,
                    diag_severity_name(d->severity), STR_ARG(d->message), diag_id_name(d->id));
        else
            fprintf(stderr, STR_FMT "%s%s: " STR_FMT " [%s]\n", STR_ARG(path), path.n ? ": " : "",
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

bool run_open_pack(struct run *r, bool full)
{
    struct pack_options o = {
        .directory = r->options->rules.at,
        .n_directories = r->options->rules.n,
        .no_builtin = r->options->no_builtin_rules,
        .full = full,
    };
    r->pack = pack_open(&o, r->sources, &r->diags);
    if (!r->pack) {
        diag_sort(&r->diags, r->sources);
        run_print_diags(r);
        return false;
    }
    return run_check_pack_diags(r);
}

static void read_stdin(struct buf *out)
{
    char chunk[65536];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        buf_add(out, (str){chunk, (size_t)n});
    }
}

bool run_read(struct run *r, const str *paths, size_t n)
{
    static const str here = {".", 1};
    if (!n) {
        paths = &here;
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(paths[i], "-") && !r->stdin_text.n)
            read_stdin(&r->stdin_text);
    }
    struct input_options o = {
        .jobs = (unsigned)r->options->jobs,
        .exclude = r->options->exclude.at,
        .n_exclude = r->options->exclude.n,
        .no_gitignore = r->options->no_gitignore,
        .stdin_path = r->options->stdin_path,
    };
    r->inputs = inputs_discover(paths, n, &o, r->sources, &r->diags, buf_str(&r->stdin_text));
    r->graph = frontend_load(r->inputs, &r->frontend, (unsigned)r->options->jobs, &r->diags);
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

/* A finding in a file that was read only as context of a named one counts when its cause is in a
 * named file. */
static bool is_reported(const struct run *r, const struct finding *f, const bool *context)
{
    if (!f->at.file || !context[f->at.file])
        return true;
    for (size_t i = 0; i < f->n_related; i++)
        if (f->related[i].at.file && !context[f->related[i].at.file])
            return true;
    (void)r;
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
        if (is_reported(r, &r->findings.at[i], context))
            r->findings.at[kept++] = r->findings.at[i];
    r->findings.n = kept;
}

bool run_evaluate(struct run *r)
{
    r->rules = pack_rules(r->pack, r->graph, &r->diags);
    if (!r->rules || !run_check_pack_diags(r))
        return false;
    struct evaluate_options o = {
        .jobs = (unsigned)r->options->jobs,
        .profile = r->options->profile,
        .only = r->options->only.at,
        .n_only = r->options->only.n,
        .skip = r->options->skip.at,
        .n_skip = r->options->skip.n,
        .keep_passes = r->options->verbose,
        .root = r->inputs->root,
        .cwd = path_cwd(r->arena),
    };
    evaluate(r->graph, r->analysis, r->rules, r->sources, &o, &r->diags, &r->findings, &r->summary);
    narrow_to_named(r);
    findings_sort(&r->findings, r->sources);
    diag_sort(&r->diags, r->sources);
    return true;
}

bool run_is_incomplete(const struct run *r)
{
    return diag_count(&r->diags, r->options->strict ? DIAG_WARNING : DIAG_ERROR) > 0 ||
           (r->options->strict && r->summary.unknown > 0);
}
