/* iam_index.h - the policy documents of a graph in normal form, read once.
 *
 * Made by the pass over roles (iam_role.c); read-only afterwards,
 * but for the statement values. */
#ifndef ANALYSIS_IAM_INDEX_H
#define ANALYSIS_IAM_INDEX_H

#include "analysis/iam_policy.h"

struct analysis;

/* NULL before the analysis has run. */
const struct iam_facts *iam_facts_of(const struct analysis *a);
/* The normal form of a policy value; NULL when it was not read ahead (values that have choices in them). */
const struct iam_policy *iam_policy_of(const struct analysis *a, const struct value *v);
/* Its statements as values (iam_statements.h), made when somebody asks; NULL like iam_policy_of. Any thread. */
const struct value *iam_statements_of(const struct analysis *a, const struct value *v);

#endif
