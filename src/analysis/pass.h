/* pass.h - how an analysis is written: one file, one struct analysis_pass, listed in analysis.c.
 *
 * A pass reads the linked graph and the facts of earlier passes and adds facts to resources. Facts are
 * plain values: known, unknown (with reason) or lists and maps of those; their origins point to where
 * the cause stands, so that a finding can show it. Passes run one after the other, in the order of the
 * list, in one thread. */
#ifndef ANALYSIS_PASS_H
#define ANALYSIS_PASS_H

#include "analysis/analysis.h"
#include "base/map.h"

struct analysis {
    struct graph *graph;
    const struct analysis_options *options;
    struct arena *arena;       /* facts; not for worker threads */
    struct arena *unpublished; /* what is only needed while passes run; not for worker threads */
    struct diag_list *diags;
    struct fact_node **of_resource; /* by resource id; NULL: none */
    bool classifies;                /* classification.c */
    const struct iam_index *iam;    /* iam_role.c */
};

struct fact {
    const char *name;  /* "is_public" */
    const char *kinds; /* the kinds that have it, separated by blanks; "*": all */
    const char *doc;   /* one sentence for the rule reference; says what unknown means */
};

struct analysis_pass {
    const char *name;
    void (*run)(struct analysis *a);
    const struct fact *fact; /* ends with name NULL */
};

/* All passes in their order, for documentation. */
const struct analysis_pass *const *analysis_passes(size_t *ret_n);

/* Adds or replaces a fact. The name is borrowed. */
void fact_set(struct analysis *a, const struct resource *r, const char *name, const struct value *v);
void fact_set_bool(struct analysis *a, const struct resource *r, const char *name, bool b, const struct origin *o);
void fact_set_unknown(struct analysis *a, const struct resource *r, const char *name, const char *reason);
const struct value *fact_get(const struct analysis *a, const struct resource *r, const char *name); /* NULL: none */
/* What the resource gets to (resource.reach). The edges are in the arena; once a resource. */
void analysis_set_reach(struct analysis *a, const struct resource *r, const struct edge *edge, size_t n);

/* Helpers over the graph for every pass. */
bool analysis_exists(const struct resource *r); /* certainly created (PRESENT, not looked up) */
bool analysis_unit_open(const struct analysis *a, const struct resource *r); /* absence proves nothing in its unit */

extern const struct analysis_pass pass_pods;      /* effective pod and container settings */
extern const struct analysis_pass pass_selectors; /* policies, services and budgets to pods */
extern const struct analysis_pass pass_rbac;
extern const struct analysis_pass pass_network; /* route tables, public subnets */
extern const struct analysis_pass pass_security_group;
extern const struct analysis_pass pass_exposure;          /* reachable from the internet, and by which path */
extern const struct analysis_pass pass_iam_role;          /* effective permissions, trust */
extern const struct analysis_pass pass_workload_identity; /* service account to role */
extern const struct analysis_pass pass_workload_reach;    /* over the role to the stores that it opens */
extern const struct analysis_pass pass_classification;    /* patient data and where it flows */
extern const struct analysis_pass pass_phi_roles;         /* who may read it */
extern const struct analysis_pass pass_user_data;         /* scripts that instances start with */
extern const struct analysis_pass pass_embedded;          /* state machines, pipelines, task definitions in text */

#endif
