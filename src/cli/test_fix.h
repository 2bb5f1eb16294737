/* test_fix.h - the fix texts of a rule, carried out on the examples that fail (hipaalint test). */
#ifndef CLI_TEST_FIX_H
#define CLI_TEST_FIX_H

#include "cli/run.h"
#include "policy/examples.h"

/* One text as a repository of one file. */
struct example_run {
    struct options options;
    struct run run;
};

void example_open(struct example_run *x, const struct options *o, struct pack *pack, str file, str text);
void example_close(struct example_run *x);

struct fix_result {
    bool ok;
    bool untested;                      /* no example fails: that is told as the example's mistake */
    const struct rule_example *example; /* the nearest to passing; NULL: there is none in the format */
    str detail;                         /* of a failure: why, and what the last attempt looked like */
};

/* Merges the fix into an example that fails, until the rule passes: of all examples in the format one must. */
struct fix_result fix_test(const struct options *o, struct pack *pack, const struct ruleset *rules,
                           const struct rule *rule, const struct rule_fix *fix, struct arena *a);

#endif
