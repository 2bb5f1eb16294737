/* rule_check.h - what a rule's expressions may name: attributes, kinds, `item`; which examples it must have. */
#ifndef POLICY_RULE_CHECK_H
#define POLICY_RULE_CHECK_H

#include "policy/rule.h"

/* The rule's kinds (and `each`, if it has one) must be set. False after diagnostics: an attribute of `resource` that none
 * of the kinds has, a kind in related() or resources() that the model has not, `item` in a rule without `each`. */
bool rule_check_program(const struct rule *rule, const struct cel_program *p, struct model *m, struct arena *a,
                        struct diag_list *diags);
/* The same for one dotted path of `resource`. */
bool rule_check_path(const struct rule *rule, str path, span at, struct model *m, struct arena *a,
                     struct diag_list *diags);
/* Are there a fix and examples that pass, that fail and whose answer is unknown, in every format that has the resource?
 * `fix` and `examples` are where the rule says those. */
bool rule_check_formats(const struct rule *rule, span fix, span examples, const struct model *m,
                        struct diag_list *diags);
/* The message for a kind that is not in the model. */
str rule_unknown_kind(str name, struct arena *a);

#endif
