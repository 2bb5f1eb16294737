/* iam_context.h - what is known of a request: the values of condition keys, and who asks.
 *
 * A key that is not listed is unknown; one that is listed as absent is certainly not in the request. */
#ifndef ANALYSIS_IAM_CONTEXT_H
#define ANALYSIS_IAM_CONTEXT_H

#include "analysis/iam_policy.h"

struct iam_context_key {
    str name; /* lower case */
    struct iam_pattern *value;
    size_t n;
    bool absent, unknown;
};

struct iam_context {
    struct iam_context_key *key;
    size_t n;
    const struct iam_pattern *principal; /* ARN, account number or "service:NAME"; NULL: not asked for */
};

/* The statement with the policy variables that the context knows put in; the statement itself when there are none. */
const struct iam_statement *iam_statement_in(struct arena *a, const struct iam_statement *s,
                                             const struct iam_context *context);

/* Is the principal of the context among these? */
enum iam_answer iam_principal_matches(struct arena *a, const struct iam_principals *list,
                                      const struct iam_pattern *principal);

#endif
