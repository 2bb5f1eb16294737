/* testing.h - for the tests of this directory: configurations given as text, to a linked graph. */
#ifndef FRONTEND_TERRAFORM_TESTING_H
#define FRONTEND_TERRAFORM_TESTING_H

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "frontend/frontend.h"
#include "graph/model.h"

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

static inline void write_file(struct testing *t, const struct testing_file *f)
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

static inline void remove_tree(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL) {
        char below[4096];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below) && remove(below) != 0)
            remove_tree(below);
    }
    if (d)
        (void)closedir(d);
    (void)rmdir(path);
}

static inline void testing_open_path(struct testing *t, const char *path, const struct frontend_options *o)
{
    static const struct frontend_options none = {.workspace = {NULL, 0}};
    struct frontend_jobs jobs = {0};
    t->arena = arena_new();
    t->sources = sources_new();
    diag_list_init(&t->diags, t->arena);
    t->graph = graph_new();
    t->model = model_new();
    str root = str_of(path);
    struct input_options options = {.jobs = 1, .no_gitignore = true};
    t->inputs = inputs_discover(&root, 1, &options, t->sources, &t->diags, STR_NONE);
    terraform_plan(t->inputs, o ? o : &none, t->inputs->arena, &jobs);
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

static inline void testing_open(struct testing *t, const struct testing_file *files, size_t n,
                                const struct frontend_options *o)
{
    memcpy(t->root, "/tmp/terraform-XXXXXX", sizeof("/tmp/terraform-XXXXXX"));
    if (!mkdtemp(t->root))
        abort();
    for (size_t i = 0; i < n; i++)
        write_file(t, &files[i]);
    testing_open_path(t, t->root, o);
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
        remove_tree(t->root);
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
        fprintf(stderr, STR_FMT ":%u: %s: " STR_FMT "\n", STR_ARG(s ? s->path : d->path), line, diag_id_name(d->id),
                STR_ARG(d->message));
    }
}

#endif
