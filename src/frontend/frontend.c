#include "frontend/frontend.h"

#include "base/pool.h"
#include "base/vec.h"

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
}

/* What each file had to say, and what charts and the like mean for completeness. */
static void collect_file_diags(struct inputs *in, struct diag_list *diags)
{
    for (size_t i = 0; i < in->n; i++)
        diag_append(diags, &in->file[i]->diags);
}

struct graph *frontend_load(struct inputs *in, const struct frontend_options *o, unsigned jobs,
                            struct diag_list *diags)
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
    pool_run(jobs, l.jobs.n, run_job, &l);
    for (size_t i = 0; i < l.jobs.n; i++) {
        diag_append(diags, &l.jobs.at[i].diags);
        diag_list_release(&l.jobs.at[i].diags);
    }
    VEC_RELEASE(&l.jobs);
    collect_file_diags(in, diags);
    return l.graph;
}
