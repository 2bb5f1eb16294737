/* Files to jobs: kustomizations, rendered charts, plain manifests. */
#include "base/path.h"
#include "base/vec.h"
#include "frontend/kubernetes/chart.h"
#include "frontend/kubernetes/kubernetes.h"
#include "frontend/kubernetes/kustomize.h"
#include "frontend/kubernetes/usage.h"

struct manifest_document {
    const struct document *document;
    str display_path;
};

/* Of a unit of manifests. */
struct manifests {
    VEC(struct manifest_document) documents;
    VEC(struct input_file *) files; /* all of whose documents are these */
    size_t bytes;                   /* of their texts */
    bool incomplete, remote;
    bool continues; /* the unit of the job before */
};

/* Plain manifests are one unit; of more than this, several threads make it. */
enum { PART_BYTES = 128 << 10 };

static void run_manifests(struct frontend_job *job, struct graph *g)
{
    struct manifests *m = job->data;
    struct graph_builder *b = (m->continues ? graph_unit_continue : graph_unit_begin)(
        g, job->name, STR("kubernetes"), job->order, job->inputs->sources, &job->diags);
    b->unit.incomplete = m->incomplete;
    b->unit.has_remote_parts = m->remote;
    struct k8s_objects objects = {0};
    for (size_t i = 0; i < m->documents.n; i++) {
        const struct manifest_document *d = &m->documents.at[i];
        size_t before = objects.n;
        k8s_read_document(b->arena, d->document, (struct k8s_place){0}, &job->diags, &objects);
        for (size_t j = before; j < objects.n; j++)
            objects.at[j].display_path = d->display_path;
    }
    for (size_t i = 0; i < objects.n; i++)
        k8s_emit(b, &objects.at[i]);
    VEC_RELEASE(&objects);
    VEC_RELEASE(&m->documents);
}

static bool is_component(const struct input_file *f)
{
    for (size_t i = 0; i < f->documents.n; i++)
        if (str_eq_c(node_string(node_find(f->documents.at[i].root, "kind")), "Component"))
            return true;
    return false;
}

static void run_kustomization(struct frontend_job *job, struct graph *g)
{
    const struct input_file *f = job->data;
    struct graph_builder *b =
        graph_unit_begin(g, job->name, STR("kubernetes"), job->order, job->inputs->sources, &job->diags);
    struct kustomize k;
    struct k8s_objects objects = {0};
    kustomize_init(&k, job->inputs, b->arena, &job->diags);
    k.lone_component = is_component(f);
    kustomize_build(&k, f->path, &objects);
    for (size_t i = 0; i < objects.n; i++)
        k8s_emit(b, &objects.at[i]);
    b->unit.incomplete = k.incomplete || f->incomplete;
    b->unit.has_remote_parts = k.remote || k.lone_component;
    VEC_RELEASE(&objects);
    kustomize_release(&k);
}

/* ---------------------------------------------------------------- planning */

struct planning {
    struct inputs *in;
    struct arena *arena;
    struct usage usage;
    struct frontend_jobs *jobs;
    VEC(struct manifests *) plain; /* its parts; the last is being filled */
    VEC(str) plain_dirs;
    bool has_charts;
};

static void add_job(struct planning *p, str name, void (*run)(struct frontend_job *, struct graph *), void *data)
{
    struct frontend_job job = {.name = name, .run = run, .inputs = p->in, .data = data};
    VEC_PUSH(p->jobs, job);
}

static void add_manifests_job(struct planning *p, str name, struct manifests *m)
{
    add_job(p, name, run_manifests, m);
    struct frontend_job *job = &p->jobs->at[p->jobs->n - 1];
    job->file = VEC_MOVE(&m->files, p->arena, &job->n_files);
}

/* The charts of one rendered stream. */
struct stream {
    const struct input_file *file;
    struct map charts; /* name -> struct manifests * */
};

static struct manifests *chart_unit(struct planning *p, struct stream *s, str chart)
{
    struct manifests *m = map_find(&s->charts, chart);
    if (m)
        return m;
    m = ARENA_NEW(p->arena, struct manifests);
    m->incomplete = s->file->incomplete;
    map_set(&s->charts, chart, m);
    return m;
}

static void add_streams(struct planning *p, struct stream *s)
{
    for (size_t i = 0; i < s->charts.n; i++) {
        str name = s->file->path;
        if (s->charts.n > 1)
            name = arena_printf(p->arena, STR_FMT "#" STR_FMT, STR_ARG(name), STR_ARG(s->charts.at[i].key));
        add_manifests_job(p, name, s->charts.at[i].value);
    }
}

static struct manifests *plain_part(struct planning *p)
{
    struct manifests *last = p->plain.n ? p->plain.at[p->plain.n - 1] : NULL;
    if (last && last->bytes < PART_BYTES)
        return last;
    struct manifests *m = ARENA_NEW(p->arena, struct manifests);
    m->continues = last != NULL;
    VEC_PUSH(&p->plain, m);
    return m;
}

/* Documents of one file go to the charts that they came from, or to the plain manifests. */
static void sort_documents(struct planning *p, struct input_file *f)
{
    struct stream s = {.file = f};
    size_t next = 0;
    bool others = false;
    struct manifests *plain = NULL, *last = NULL;
    map_init(&s.charts);
    for (size_t i = 0; i < f->documents.n; i++) {
        const struct document *d = &f->documents.at[i];
        str source = chart_source_path(d, &next);
        others |= d->root && f->document_claim[i] == CLAIM_CLOUDFORMATION;
        if (!d->root || f->document_claim[i] != CLAIM_KUBERNETES)
            continue;
        if (!source.n && !plain)
            plain = plain_part(p);
        struct manifests *m = source.n ? chart_unit(p, &s, chart_of_source(source)) : plain;
        struct manifest_document one = {d, source};
        VEC_PUSH(&m->documents, one);
        others |= last && last != m;
        last = m;
    }
    if (last && !others)
        VEC_PUSH(&last->files, f);
    if (plain) {
        plain->incomplete |= f->incomplete;
        plain->bytes += f->source ? f->source->text.n : 0;
        VEC_PUSH(&p->plain_dirs, path_dir(f->path));
    }
    add_streams(p, &s);
    map_release(&s.charts);
}

static bool is_manifest_file(struct planning *p, const struct input_file *f)
{
    if (!f->documents.n || !f->document_claim || f->claim == CLAIM_KUSTOMIZATION || f->claim == CLAIM_HELM_CHART)
        return false;
    return !(f->real.n && map_has(&p->usage.files, f->real)) && !chart_is_values_file(p->in, f, p->arena);
}

/* The directory that all of them share. */
static str common_directory(struct planning *p)
{
    str common = p->plain_dirs.n ? p->plain_dirs.at[0] : STR(".");
    for (size_t i = 1; i < p->plain_dirs.n; i++)
        while (!path_is_below(p->plain_dirs.at[i], common) && common.n && !str_eq_c(common, ".") &&
               !str_eq_c(common, "/"))
            common = path_dir(common);
    return common;
}

static void add_kustomizations(struct planning *p)
{
    for (size_t i = 0; i < p->usage.n_kustomizations; i++) {
        struct input_file *f = p->usage.kustomization[i];
        if (p->usage.is_root[i])
            add_job(p, path_dir(f->path), run_kustomization, f);
    }
}

void kubernetes_plan(struct inputs *in, const struct frontend_options *o, struct arena *a, struct frontend_jobs *jobs)
{
    (void)o;
    struct planning p = {.in = in, .arena = a, .jobs = jobs};
    usage_init(&p.usage, in, a);
    bool remote = chart_report_unrendered(in, a);
    add_kustomizations(&p);
    for (size_t i = 0; i < in->n; i++)
        if (is_manifest_file(&p, in->file[i]))
            sort_documents(&p, in->file[i]);
    for (size_t i = 0; i < p.plain.n; i++) {
        p.plain.at[i]->remote = remote;
        add_manifests_job(&p, common_directory(&p), p.plain.at[i]);
    }
    VEC_RELEASE(&p.plain);
    usage_release(&p.usage);
    VEC_RELEASE(&p.plain_dirs);
}
