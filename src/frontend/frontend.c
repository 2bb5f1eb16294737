#include "frontend/frontend.h"

#include "base/pool.h"
#include "base/vec.h"
#include "frontend/kubernetes/kubernetes.h"

struct loading {
    struct graph *graph;
    struct frontend_jobs jobs;
};

static void run_job(void *context, size_t i, unsigned worker)
{
    (void)worker;
    struct loading *l = context;
    struct frontend_job *job = &l->jobs.at[i];
    job->run(job, l->graph);
    for (size_t k = 0; k < job->n_files && job->options->frees_documents; k++)
        inputs_done(job->inputs, job->file[k]);
}

/* The bytes that it reads; a job that opens its files itself may read any number. */
static uint64_t weight_of(const struct frontend_job *job)
{
    uint64_t bytes = 0;
    if (!job->n_files)
        return UINT64_MAX;
    for (size_t i = 0; i < job->n_files; i++)
        bytes += job->file[i]->source ? job->file[i]->source->text.n : 0;
    return bytes;
}

/* Manifests that stand inside resources of another format: type, and the attribute that holds them. */
static const struct {
    const char *type, *attribute;
} manifest_holders[] = {
    {"kubernetes_manifest", "manifest"},
    {"kubectl_manifest", "yaml_body"},
};

static void add_embedded_manifests(struct graph *g)
{
    for (size_t i = 0; i < graph_builder_count(g); i++) {
        struct graph_builder *b = graph_builder_at(g, i);
        for (size_t k = 0, n = b->n; k < n; k++) {
            const struct resource *r = b->resource[k];
            for (size_t t = 0; t < ARRAY_LEN(manifest_holders); t++) {
                const struct value *v = value_get(r->raw, str_of(manifest_holders[t].attribute));
                if (v && str_eq_c(sym_str(r->type), manifest_holders[t].type))
                    kubernetes_add_value(b, v, r);
            }
        }
    }
}

/* What each file had to say, and what charts and the like mean for completeness. */
static void collect_file_diags(struct inputs *in, struct diag_list *diags)
{
    for (size_t i = 0; i < in->n; i++)
        diag_append(diags, &in->file[i]->diags);
}

struct graph *frontend_load(struct inputs *in, const struct frontend_options *o, unsigned jobs, struct diag_list *diags)
{
    struct loading l = {.graph = graph_new()};
    terraform_plan(in, o, in->arena, &l.jobs);
    cloudformation_plan(in, o, in->arena, &l.jobs);
    kubernetes_plan(in, o, in->arena, &l.jobs);
    for (size_t i = 0; i < l.jobs.n; i++) {
        struct frontend_job *job = &l.jobs.at[i];
        job->inputs = in;
        job->options = o;
        job->order = i;
        /* Messages outlive the job: they go to an arena that the graph's units do not share. */
        diag_list_init(&job->diags, graph_job_arena(l.graph));
    }
    uint64_t *weight = alloc_get(l.jobs.n * sizeof(*weight));
    for (size_t i = 0; i < l.jobs.n; i++)
        weight[i] = weight_of(&l.jobs.at[i]);
    pool_run_by_weight(jobs, l.jobs.n, weight, run_job, &l);
    alloc_put(weight, l.jobs.n * sizeof(*weight));
    add_embedded_manifests(l.graph);
    for (size_t i = 0; i < l.jobs.n; i++) {
        diag_append(diags, &l.jobs.at[i].diags);
        diag_list_release(&l.jobs.at[i].diags);
    }
    VEC_RELEASE(&l.jobs);
    collect_file_diags(in, diags);
    return l.graph;
}
