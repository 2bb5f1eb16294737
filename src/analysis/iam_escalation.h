/* iam_escalation.h - known ways from some permissions to more: the action sets, and chains of roles. */
#ifndef ANALYSIS_IAM_ESCALATION_H
#define ANALYSIS_IAM_ESCALATION_H

#include "analysis/iam_match.h"

/* The known paths with their actions in normal form; made once for a run. */
struct iam_escalations;
const struct iam_escalations *iam_escalations_new(struct arena *a);
size_t iam_escalation_count(const struct iam_escalations *e);

/* Texts, one a path that the permissions open ("iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction: ...").
 * An administrator has one. Unknown when none is certain and some cannot be decided. */
const struct value *iam_escalation_paths(struct arena *a, const struct iam_escalations *e, const struct iam_policy *p);

#endif
