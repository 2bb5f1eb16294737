/* selectors.h - which pods a policy, a service or a disruption budget selects.
 *
 * Pods, policies and services that are deployed together (one unit) are grouped by namespace into scopes.
 * A selector that names a label for certain looks only at the pods that have it, so the work grows with
 * what is selected. Private to selectors.c (policies, budgets) and ingress.c (services, ingresses, gateways). */
#ifndef ANALYSIS_SELECTORS_H
#define ANALYSIS_SELECTORS_H

#include "analysis/labels.h"

struct pod {
    const struct resource *r;
    const struct value *address;
    const struct value *labels;
    struct scope *scope;                  /* NULL: its namespace is not known */
    const struct value *ingress, *egress; /* isolated */
    const struct value *metadata;         /* some policy that selects it lets it reach the metadata address */
    struct value_items policies, services, budgets, exposed;
};

struct pod_list {
    struct pod **at;
    size_t n, cap;
};

struct scope {
    str place;
    struct pod_list pods;
    struct map by_label;   /* "key\0value" -> struct pod_list * */
    struct pod_list loose; /* whose labels are not all known */
    const struct value *deny_ingress, *deny_egress;
    bool other_engine; /* Cilium, Calico: policies that are not read here */
};

struct selection {
    struct analysis *a;
    struct map scopes; /* place -> struct scope * */
    struct pod *pod;   /* of every workload, in order */
    size_t n_pods;
    struct map services; /* place/name -> struct service *; ingress.c */
    bool *unplaced;      /* by unit: a policy whose namespace is not known */
    bool *other_engine;  /* by unit: cluster-wide policies of another engine */
    size_t budget;       /* pairs of a selector and a pod that may still be looked at */
    bool over_budget;
};

typedef void selection_fn(struct selection *s, struct pod *p, const struct value *verdict, void *context);

/* Calls fn for every pod of the scope that the verdict of `match` does not rule out. `selector` is a
 * LabelSelector or, when `flat`, a map of labels. */
void selection_each(struct selection *s, struct scope *scope, const struct value *selector, bool flat, selection_fn *fn,
                    void *context);
struct scope *selection_scope(struct selection *s, const struct resource *r); /* made when new; NULL: not known */
/* Services, ingresses and gateways: fills pod.services and pod.exposed, sets the facts of those. */
void ingress_run(struct selection *s);

#endif
