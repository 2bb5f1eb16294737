/* frontend.h - what the three front ends have in common: documents in, resources out.
 *
 * Each front end looks at the inputs and plans jobs, one for each unit (a Terraform root, a template,
 * an overlay, ...). Jobs are independent and run on several threads; each fills its own
 * graph_builder. A front end resolves expressions of its format as far as can be known statically,
 * keeps undecided inputs as choices, and gives every value its origin. It fills `raw` with values
 * shaped as written; names are folded and moved later, by the model. */
#ifndef FRONTEND_FRONTEND_H
#define FRONTEND_FRONTEND_H

#include "frontend/input.h"
#include "graph/graph.h"

struct assignment { /* --var K=V, --parameter K=V */
    str name, value;
};

struct frontend_options {
    const struct assignment *var; /* Terraform */
    size_t n_vars;
    const str *var_file;
    size_t n_var_files;
    const struct assignment *parameter; /* CloudFormation */
    size_t n_parameters;
    const str *parameter_file;
    size_t n_parameter_files;
    str workspace;        /* terraform.workspace; "default" when empty */
    bool assume_defaults; /* a module linted alone: defaults count as values */
    bool frees_documents; /* documents are freed when the job that reads them is done */
};

struct frontend_job {
    str name; /* unit name */
    void (*run)(struct frontend_job *job, struct graph *g);
    struct inputs *inputs;
    const struct frontend_options *options;
    size_t order;             /* fixed order of units, given by the caller of plan */
    void *data;               /* the front end's own */
    struct input_file **file; /* planned for this job alone; NULL: none */
    size_t n_files;
    struct diag_list diags; /* of this job; merged in order by the caller */
};

struct frontend_jobs {
    struct frontend_job *at;
    size_t n, cap;
};

/* Plans only append jobs (name, run, data); they run alone, may iterate in->file, and may add
 * diagnostics to in->diags. Jobs run in parallel and must not iterate in->file (it grows): what they need
 * of it they gather while planning, or open by name with inputs_open. */
void terraform_plan(struct inputs *in, const struct frontend_options *o, struct arena *a, struct frontend_jobs *jobs);
void cloudformation_plan(struct inputs *in, const struct frontend_options *o, struct arena *a,
                         struct frontend_jobs *jobs);
void kubernetes_plan(struct inputs *in, const struct frontend_options *o, struct arena *a, struct frontend_jobs *jobs);

/* Plans all three, runs the jobs, and leaves a graph that is built but not linked. */
struct graph *frontend_load(struct inputs *in, const struct frontend_options *o, unsigned jobs,
                            struct diag_list *diags);

#endif
