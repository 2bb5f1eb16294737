/* ask.h - one rule's question about one resource, in every world that the answer depends on.
 *
 * A world is a set of assumptions about undecided inputs (struct cel_world). The question is asked
 * with no assumption first; when the answer depends on an input, once for each of its options, and
 * so on: only inputs that the question touches are ever looked at, at most LIMIT_WORLDS worlds. */
#ifndef POLICY_ASK_H
#define POLICY_ASK_H

#include "policy/environment.h"
#include "policy/finding.h"

/* What decided an answer: the attribute that was read last and is there, or whose absence counts. */
struct deciding {
    str path;                    /* "storage_encrypted", below the resource */
    const struct value *value;   /* NULL: absent */
    const struct value *part;    /* what in the value decided (the statement of a policy); NULL: all of it */
    const struct value *nearest; /* the nearest part of the path that is there; NULL: none */
    uint32_t owner;              /* id + 1 of the resource that has it */
};

struct answer { /* about one item (0 without `each`), over all worlds */
    size_t item;
    const struct value *item_value; /* of the graph; NULL for none */
    enum status status;
    str when;    /* "when Environment is dev"; empty: always */
    str reason;  /* of an unknown */
    str message; /* of a fail or unknown, in the world that gave it */
    struct deciding deciding;
    const struct cel_read *read; /* reads of that world, for related places */
    size_t n_reads;
    const struct cel_world *world; /* the world that gave it; NULL: nothing was assumed */
};

struct asking {
    const struct ruleset *rules;
    struct environment *environment;
    const struct value *parameters; /* ruleset_parameters */
    struct cel_context *context;
    struct arena *arena; /* answers live here */
    struct diag_list *diags;
    bool tests_rules; /* whatever cannot be evaluated is the rule's mistake */
};

struct answers {
    struct answer *at;
    size_t n;
};

struct answers ask(struct asking *a, const struct rule *rule, const struct resource *r);

#endif
