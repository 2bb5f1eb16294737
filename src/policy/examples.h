/* examples.h - the examples of rules, run as tests: each text goes through the same readers, front
 * ends, model and evaluation as a repository does. */
#ifndef POLICY_EXAMPLES_H
#define POLICY_EXAMPLES_H

#include "policy/evaluate.h"

struct example_result {
    const struct rule *rule;
    const struct rule_example *example;
    enum status got;
    bool ok;
    str detail; /* for a failure: expected, got, the finding's message or the reason, diagnostics */
};

/* What a rule answers about an example: the worst of its results (fail, unknown, pass; n-a when nothing applied).
 * What of the rule cannot be evaluated is said in rule_diags (DIAG_RULE), and the example has failed. */
struct example_result example_run(const struct rule *rule, const struct rule_example *example,
                                  const struct ruleset *rules, const struct graph *g, const struct analysis *facts,
                                  const struct sources *sources, struct arena *a, struct diag_list *rule_diags);

#endif
