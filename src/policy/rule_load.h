/* rule_load.h - one document to one rule, with every mistake said at its place. */
#ifndef POLICY_RULE_LOAD_H
#define POLICY_RULE_LOAD_H

#include "policy/rule.h"

/* False after diagnostics. Without a model, nothing is checked that needs one, nor that keys are known: as it is for the
 * built-in rules when the program is built, which its tests check. */
bool rule_load(struct rule *rule, const struct document *d, struct model *m, struct arena *a, struct diag_list *diags);
/* The nearest of the names by edit distance; STR_NONE when none is near. */
str rule_nearest(str name, const char *const *names, size_t n);

#endif
