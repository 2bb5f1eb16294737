/* assume.h - what is known inside the branch of a condition.
 *
 * A resource with a Condition, and a branch of Fn::If, are only there when the condition holds: below
 * it the inputs that the condition settles are settled, and a parameter whose default would contradict
 * it is not worth its default (`HasKey` holds: KeyArn is not ""). */
#ifndef FRONTEND_CLOUDFORMATION_ASSUME_H
#define FRONTEND_CLOUDFORMATION_ASSUME_H

#include "frontend/cloudformation/stack.h"

/* A parameter's worth in the current branch. */
struct cfn_assumption {
    const struct cfn_parameter *parameter;
    const struct value *value;
    const struct cfn_assumption *outer;
};

struct cfn_assumed { /* the state before, for the end */
    const struct world *world;
    const struct cfn_assumption *assumption;
};

/* The condition (true, false or a choice of them) is `holds` from here on. */
struct cfn_assumed cfn_assume(struct cfn_stack *s, const struct value *condition, bool holds);
/* Nothing is assumed but what holds for the whole stack. */
struct cfn_assumed cfn_assume_nothing(struct cfn_stack *s);
void cfn_assume_end(struct cfn_stack *s, struct cfn_assumed before);
/* What is assumed of the parameter; NULL: nothing. */
const struct value *cfn_assumed_value(const struct cfn_stack *s, const struct cfn_parameter *p);

#endif
