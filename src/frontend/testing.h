/* testing.h - for the tests of the front ends: files given as text, through the plan of one front end, to a
 * linked graph. Each front end's own testing.h names its plan. */
#ifndef FRONTEND_TESTING_H
#define FRONTEND_TESTING_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "frontend/frontend.h"
#include "graph/model.h"
#include "syntax/yaml.h"

struct testing_file {
    const char *name, *text;
};

/* A run over files written to a fresh directory (or over a directory that is there). */
struct testing {
    char root[64];
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct inputs *inputs;
    struct model *model;
    struct graph *graph;
};

static inline void testing_write(struct testing *t, const struct testing_file *f)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", t->root, f->name);
    for (char *slash = strchr(path + strlen(t->root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *out = fopen(path, "wb");
    if (!out)
        abort();
    (void)fwrite(f->text, 1, strlen(f->text), out);
    (void)fclose(out);
}

static inline void testing_remove(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL) {
        char below[4096];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below) && remove(below) != 0)
            testing_remove(below);
    }
    if (d)
        (void)closedir(d);
    (void)rmdir(path);
}

static inline void testing_start(struct testing *t)
{
    t->arena = arena_new();
    t->sources = sources_new();
    diag_list_init(&t->diags, t->arena);
    t->graph = graph_new();
    t->model = model_new();
}

/* Between testing_start and testing_run. */
static inline void testing_load_model(struct testing *t, const char *path)
{
    enum source_error error;
    struct documents documents = {0};
    const struct source *s = source_open(t->sources, str_of(path), STR_NONE, &error);
    if (!s)
        abort();
    yaml_read(s, t->arena, &t->diags, &documents);
    for (size_t i = 0; i < documents.n; i++)
        model_add(t->model, &documents.at[i], &t->diags);
}

typedef void testing_plan(struct inputs *in, const struct frontend_options *o, struct arena *a,
                          struct frontend_jobs *jobs);

static inline void testing_run_plan(struct testing *t, testing_plan *plan, str path, str stdin_text,
                                    const struct frontend_options *o)
{
    static const struct frontend_options none = {.workspace = {NULL, 0}};
    struct frontend_jobs jobs = {0};
    struct input_options options = {.jobs = 1, .no_gitignore = true};
    t->inputs = inputs_discover(&path, 1, &options, t->sources, &t->diags, stdin_text);
    plan(t->inputs, o ? o : &none, t->inputs->arena, &jobs);
    for (size_t i = 0; i < jobs.n; i++) {
        struct frontend_job *job = &jobs.at[i];
        job->order = i;
        job->inputs = t->inputs;
        job->options = o ? o : &none;
        diag_list_init(&job->diags, t->arena);
        job->run(job, t->graph);
        diag_append(&t->diags, &job->diags);
        diag_list_release(&job->diags);
    }
    alloc_put(jobs.at, jobs.cap * sizeof(*jobs.at));
    for (size_t i = 0; i < t->inputs->n; i++)
        diag_append(&t->diags, &t->inputs->file[i]->diags);
    graph_link(t->graph, t->model, t->sources, 1, &t->diags);
    diag_sort(&t->diags, t->sources);
}

/* A directory that is there; testing_close leaves it. */
static inline void testing_open_plan_path(struct testing *t, testing_plan *plan, const char *path,
                                          const struct frontend_options *o)
{
    t->root[0] = '\0';
    testing_start(t);
    testing_run_plan(t, plan, str_of(path), STR_NONE, o);
}

static inline void testing_open_plan(struct testing *t, testing_plan *plan, const struct testing_file *files, size_t n,
                                     const struct frontend_options *o)
{
    memcpy(t->root, "/tmp/hipaalint-XXXXXX", sizeof("/tmp/hipaalint-XXXXXX"));
    if (!mkdtemp(t->root))
        abort();
    for (size_t i = 0; i < n; i++)
        testing_write(t, &files[i]);
    testing_start(t);
    testing_run_plan(t, plan, str_of(t->root), STR_NONE, o);
}

static inline void testing_close(struct testing *t)
{
    graph_free(t->graph);
    model_free(t->model);
    inputs_free(t->inputs);
    diag_list_release(&t->diags);
    sources_free(t->sources);
    arena_free(t->arena);
    intern_release();
    if (t->root[0] != '\0')
        testing_remove(t->root);
    t->root[0] = '\0';
}

static inline struct resource *testing_find(struct testing *t, const char *address)
{
    for (size_t i = 0; i < graph_count(t->graph); i++) {
        if (str_eq_c(graph_at(t->graph, i)->address, address))
            return graph_at(t->graph, i);
    }
    return NULL;
}

/* JSON of an attribute (dotted path below raw; "" is raw itself); "absent" when it is not there. */
static inline const char *testing_json(struct testing *t, const char *address, const char *path)
{
    const struct resource *r = testing_find(t, address);
    const struct value *v = r ? r->raw : NULL;
    if (r && path[0] != '\0')
        v = value_path(v, str_of(path));
    if (!v)
        return r ? "absent" : "no such resource";
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    value_to_json(v, &b, 0);
    str text = buf_copy(&b, t->arena);
    buf_release(&b);
    return text.p;
}

/* "file.yaml:3" where the value at the path stands, without directories. */
static inline const char *testing_place(struct testing *t, const char *address, const char *path)
{
    const struct resource *r = testing_find(t, address);
    span at = r ? value_span(value_path(r->raw, str_of(path))) : SPAN_NONE;
    const struct source *s = source_at(t->sources, at.file);
    if (!s)
        return "nowhere";
    const char *shown = arena_cstr(t->arena, s->path);
    if (t->root[0] && strncmp(shown, t->root, strlen(t->root)) == 0)
        shown += strlen(t->root) + 1;
    return arena_printf(t->arena, "%s:%u", shown, source_position(s, at.start).line).p;
}

static inline size_t testing_diags(const struct testing *t, enum diag_id id)
{
    size_t n = 0;
    for (size_t i = 0; i < t->diags.n; i++)
        n += t->diags.at[i].id == id;
    return n;
}

static inline void testing_print(const struct testing *t)
{
    for (size_t i = 0; i < t->diags.n; i++) {
        const struct diag *d = &t->diags.at[i];
        const struct source *s = source_at(t->sources, d->at.file);
        unsigned line = s ? source_position(s, d->at.start).line : 0;
        fprintf(stderr, STR_FMT ":%u: %s: %s: " STR_FMT "\n", STR_ARG(s ? s->path : d->path), line,
                diag_severity_name(d->severity), diag_id_name(d->id), STR_ARG(d->message));
    }
}

#endif
