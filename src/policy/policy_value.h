/* policy_value.h - from what CEL has in hand to a policy in normal form, patterns and contexts. */
#ifndef POLICY_POLICY_VALUE_H
#define POLICY_POLICY_VALUE_H

#include "analysis/iam_context.h"
#include "policy/cel_value.h"

/* A CEL value as a value of the graph, choices decided as the world of the evaluation has them. NULL: absent. */
const struct value *policy_plain_value(struct cel_context *c, const struct cel_value *v);

/* False: no policy value at all. Documents that were read before are not read again; *ret_value is what
 * the index knows them by, else NULL. */
bool policy_of(struct cel_context *c, const struct cel_value *v, const struct iam_policy **ret,
               const struct value **ret_value);

/* Text, an unknown with text around it, or a resource (its ARN). False: nothing of these. */
bool policy_pattern(struct cel_context *c, const struct cel_value *v, unsigned flags, struct iam_pattern *ret);
/* The objects of a bucket, to which a grant on the bucket's own ARN says nothing; false for other values. */
bool policy_pattern_inside(struct cel_context *c, const struct cel_value *v, struct iam_pattern *ret);

/* A map from condition keys to text, bool, number, a list of these, or null for "not in the request". */
bool policy_context(struct cel_context *c, const struct cel_value *v, struct iam_context *ret);

#endif
