/* analysis.h - facts that need more than one attribute or more than one resource.
 *
 * Runs once after the graph is linked. Results appear to rules as plain attributes of a resource
 * (resource.facts: `is_public`, `containers`, ...) and as functions (policy documents). Every answer
 * is three-valued. One file an analysis: iam_policy, iam_role, network, security_group, pods,
 * selectors, workload_identity, rbac, classification, embedded. */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "graph/graph.h"

struct analysis;

struct analysis_options {
    const str *classification_key; /* tag and label keys that classify data */
    size_t n_classification_keys;
    const str *classified_value; /* values that mean patient data: "phi" */
    size_t n_classified_values;
    str iam_actions, iam_managed; /* data/iam-actions.txt, data/iam-managed.txt of the pack */
    unsigned jobs;
};

/* Fills resource->facts of every resource and keeps indexes for the functions. */
struct analysis *analysis_run(struct graph *g, const struct analysis_options *o, struct diag_list *diags);
void analysis_free(struct analysis *a);
/* False: the project classifies nothing, so every store counts as classified. */
bool analysis_classifies(const struct analysis *a);

/* The names of facts for a kind, so that the rule loader can check attribute names. */
bool analysis_is_fact(sym kind, str name);

#endif
