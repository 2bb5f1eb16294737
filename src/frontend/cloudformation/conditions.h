/* conditions.h - the Conditions section as booleans over undecided parameters.
 *
 * A condition is true, false, or a choice whose deciders are the parameters it reads. A test that cannot
 * be decided in some world (an unknown input, too many combinations) becomes an input of its own, named
 * after its condition; equal tests share it. So conditions always have a value, and correlate. */
#ifndef FRONTEND_CLOUDFORMATION_CONDITIONS_H
#define FRONTEND_CLOUDFORMATION_CONDITIONS_H

#include "frontend/cloudformation/stack.h"

/* By name; unknown names give a diagnostic at `use` and an undecided value. In mode CFN_DEFAULTS it may be
 * VALUE_UNKNOWN. Never NULL. */
const struct value *cfn_condition_named(struct cfn_stack *s, str name, const struct node *use);
/* A condition expression: And, Or, Not, Equals, Condition. */
const struct value *cfn_condition_eval(struct cfn_stack *s, const struct node *n);
/* `yes` where the condition holds, `no` where not; either may be NULL (absent). */
const struct value *cfn_condition_choose(struct cfn_stack *s, const struct value *condition, const struct value *yes,
                                         const struct value *no, const struct node *use);

#endif
