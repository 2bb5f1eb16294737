#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "frontend/frontend.h"
#include "fuzz.h"
#include "policy/evaluate.h"
#include "policy/pack.h"

enum { MAX_NAME = 200, DUMP_BYTES = 64 << 20 };

/* ---------------------------------------------------------------- files */

static void remove_below(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL) {
        char below[4096];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below) && remove(below) != 0)
            remove_below(below);
    }
    if (d)
        closedir(d);
    rmdir(path);
}

static bool is_good_name(str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-' || c == '/';
        if (!ok)
            return false;
    }
    return name.n && name.n <= MAX_NAME && name.p[0] != '/' && !str_contains(name, STR(".."));
}

static void write_file(const char *root, str name, str text)
{
    char path[512];
    if (!is_good_name(name))
        return;
    int n = snprintf(path, sizeof(path), "%s/" STR_FMT, root, STR_ARG(name));
    if (n <= 0 || n >= (int)sizeof(path))
        return;
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *out = fopen(path, "wb");
    if (!out)
        return;
    if (text.n)
        fwrite(text.p, 1, text.n, out);
    fclose(out);
}

static void write_files(const char *root, str all, const char *first)
{
    static const char mark[] = "#### ";
    str name = str_of(first), body = all;
    size_t start = 0;
    for (size_t at = 0; at < all.n;) {
        str line, rest = str_slice(all, at, all.n), after;
        line = str_cut(rest, '\n', &after);
        if (str_starts(line, str_of(mark))) {
            write_file(root, name, str_slice(body, start, at));
            name = str_slice(line, strlen(mark), line.n);
            start = at + line.n + 1 < all.n ? at + line.n + 1 : all.n;
        }
        at += line.n + 1;
    }
    write_file(root, name, str_slice(body, start, all.n));
}

/* ---------------------------------------------------------------- the pipeline */

static void check_diags(const struct diag_list *diags, const struct sources *sources)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->at[i];
        const struct source *s = source_at(sources, d->at.file);
        if (d->at.file && (!s || d->at.start > d->at.end || d->at.end > s->text.n || !d->message.n))
            abort();
    }
}

static void check_origin(const struct value *v, const struct sources *sources)
{
    span at = value_span(v);
    const struct source *s = source_at(sources, at.file);
    if (at.file && (!s || at.start > at.end || at.end > s->text.n))
        abort();
}

static void touch(const struct graph *g, const struct sources *sources, struct buf *dump)
{
    struct buf own;
    buf_init(&own, DUMP_BYTES);
    for (size_t i = 0; i < graph_count(g); i++) {
        const struct resource *r = graph_at(g, i);
        own.n = 0;
        value_to_json(r->raw, &own, VALUE_JSON_REVEAL);
        check_origin(r->raw, sources);
        if (dump) {
            buf_printf(dump, STR_FMT ": ", STR_ARG(r->address));
            buf_add(dump, buf_str(&own));
            buf_add_char(dump, '\n');
        }
    }
    buf_release(&own);
}

static void ask(struct pack *pack, const struct graph *graph, const struct analysis *analysis, struct sources *sources,
                struct diag_list *diags)
{
    struct findings findings = {0};
    struct evaluation_summary summary = {0};
    struct evaluate_options o = {
        .jobs = 1, .profile = STR("strict"), .keep_passes = true, .root = STR("/"), .cwd = STR("/")};
    const struct ruleset *rules = pack_rules(pack, graph, diags);
    if (!rules)
        abort();
    evaluate(graph, analysis, rules, sources, &o, diags, &findings, &summary);
    findings_sort(&findings, sources);
    findings_release(&findings);
}

static void run(str path, str stdin_path, str text, bool rules, struct buf *dump)
{
    struct arena *arena = arena_new();
    struct sources *sources = sources_new();
    struct diag_list diags;
    diag_list_init(&diags, arena);
    struct pack_options pack_options = {0};
    struct pack *pack = pack_open(&pack_options, sources, &diags);
    if (!pack)
        abort();
    struct input_options input_options = {.jobs = 1, .stdin_path = stdin_path, .no_gitignore = true};
    struct frontend_options frontend_options = {0};
    struct inputs *inputs = inputs_discover(&path, 1, &input_options, sources, &diags, text);
    struct graph *graph = frontend_load(inputs, &frontend_options, 1, &diags);
    sources_rank(sources);
    graph_link(graph, pack_model(pack), sources, 1, &diags);
    struct analysis_options analysis_options = {
        .jobs = 1, .iam_actions = pack_file("data/iam-actions.txt"), .iam_managed = pack_file("data/iam-managed.txt")};
    struct analysis *analysis = analysis_run(graph, &analysis_options, &diags);
    touch(graph, sources, dump);
    if (rules)
        ask(pack, graph, analysis, sources, &diags);
    diag_sort(&diags, sources);
    check_diags(&diags, sources);
    analysis_free(analysis);
    graph_free(graph);
    pack_free(pack);
    inputs_free(inputs);
    diag_list_release(&diags);
    sources_free(sources);
    arena_free(arena);
}

void fuzz_project(const uint8_t *data, size_t size, const char *first)
{
    const char *above = getenv("TMPDIR");
    char root[200];
    if (snprintf(root, sizeof(root), "%s/hipaalint-fuzz-XXXXXX", above && *above ? above : "/tmp") >=
            (int)sizeof(root) ||
        !mkdtemp(root))
        abort();
    write_files(root, (str){(const char *)data, size}, first);
    run(str_of(root), STR_NONE, STR_NONE, false, NULL);
    remove_below(root);
}

void fuzz_text(str text, const char *name, bool rules, struct buf *dump)
{
    run(STR("-"), str_of(name), text, rules, dump);
}
