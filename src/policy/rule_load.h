/* rule_load.h - one document to one rule, with every mistake said at its place. */
#ifndef POLICY_RULE_LOAD_H
#define POLICY_RULE_LOAD_H

#include "policy/rule.h"

/* False after diagnostics. */
bool rule_load(struct rule *rule, const struct document *d, enum rule_reading how, struct model *m, struct arena *a,
               struct diag_list *diags);
/* The nearest of the names by edit distance; STR_NONE when none is near. */
str rule_nearest(str name, const char *const *names, size_t n);

#endif
