/* environment.h - what a rule's CEL can see: the variables, how fields of resources are read, and the
 * functions of the domain.
 *
 * Variables: `resource` (the subject), `item` (the element of `each`), `address` (text), `param` (the
 * parameters, as a map). Fields of a resource are its normalised attributes, then its facts
 * (src/analysis), then `address`, `name`, `type`, `kind`, and `metadata`: what the format says beside the
 * properties (lifecycle, DeletionPolicy). */
#ifndef POLICY_ENVIRONMENT_H
#define POLICY_ENVIRONMENT_H

#include "graph/graph.h"
#include "policy/cel.h"

struct analysis;
struct ruleset;

enum environment_variable { ENV_RESOURCE, ENV_ITEM, ENV_ADDRESS, ENV_PARAM, ENV_VARIABLES };

/* Answers that hold for all resources of a kind in a unit, remembered by one worker. */
enum { ENVIRONMENT_MEMO = 256 };
struct environment_memo {
    struct {
        uint64_t key; /* 0: free */
        bool answer;
    } at[ENVIRONMENT_MEMO];
};

/* cel_context.data of every evaluation in this program. */
struct environment {
    const struct graph *graph;
    const struct analysis *facts;
    const struct resource *subject;
    struct environment_memo *memo; /* NULL: nothing is remembered */
};

const struct cel_environment *environment_get(void);

/* The domain's functions (functions.c and functions_*.c), for documentation too. */
extern const struct cel_function_table functions_graph;
extern const struct cel_function_table functions_network;
extern const struct cel_function_table functions_policy;
extern const struct cel_function_table functions_resource;
extern const struct cel_function_table functions_secrets;

#endif
