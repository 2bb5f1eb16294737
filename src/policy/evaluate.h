/* evaluate.h - every rule over every resource of its kinds, three-valued.
 *
 * For each pair: `when`, then `assert` (for each element of `each`), in the worlds that the touched
 * choices make (cel_world), at most LIMIT_WORLDS. All pass: pass. All fail: fail. Mixed: fail with
 * "when ..." where the input's values are known, else unknown naming the failing alternative.
 * Resources that are looked up (is_data; unless the rule says looked_up) or certainly absent are not applicable. Unknown in `when`
 * makes the result unknown. A companion-only presence is handled by the model.
 *
 * A limit that a condition hits is a diagnostic: at the resource for a rule of the embedded pack (DIAG_LIMIT), at the
 * condition for a rule of the user (DIAG_RULE), who can mend it.
 *
 * Parallel over resources, results in graph order. Instances of one block (for_each copies) with the
 * same outcome fold into one finding; so does a resource that several units make with the same value. */
#ifndef POLICY_EVALUATE_H
#define POLICY_EVALUATE_H

#include "policy/finding.h"

struct analysis;

struct evaluate_options {
    unsigned jobs;
    str profile;            /* "base" (default), "strict" (base and strict), "nprm" (base and nprm) */
    const str *only, *skip; /* globs over id, name, category */
    size_t n_only, n_skip;
    bool tests_rules;             /* see struct asking */
    bool keep_passes;             /* passes and unknowns as findings too */
    bool note_passes;             /* passes as struct pass */
    const bool *keep_unknowns_of; /* by source id: unknowns of these files are kept in any case; NULL: of none */
    str root, cwd;                /* absolute: fingerprints use paths relative to the root */
};

/* Is the rule asked at all, after profile, `only` and `skip`? */
bool evaluate_selects(const struct evaluate_options *o, str id, str name, str category, str profile);

void evaluate(const struct graph *g, const struct analysis *facts, const struct ruleset *rules,
              const struct sources *sources, const struct evaluate_options *o, struct diag_list *diags,
              struct findings *ret_findings, struct evaluation_summary *ret_summary);

/* For `explain ID PATH --resource ADDRESS`: the condition as a tree with the value of every
 * sub-expression, as text. */
void evaluate_explain(const struct graph *g, const struct analysis *facts, const struct ruleset *rules,
                      const struct rule *rule, const struct resource *r, const struct sources *sources,
                      struct buf *out);

#endif
