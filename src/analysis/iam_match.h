/* iam_match.h - what a policy says about requests: allow, explicit deny, public access, TLS.
 *
 * A query is a pattern of actions and a pattern of resources. "Covers" asks about all requests that
 * match the query, "some" about at least one. Deny wins over Allow; a boundary must allow too. Without a
 * context conditions are classified: an Allow that is narrowed does not count, a Deny with conditions does
 * not take anything away. With a context they are evaluated. */
#ifndef ANALYSIS_IAM_MATCH_H
#define ANALYSIS_IAM_MATCH_H

#include "analysis/iam_context.h"

struct iam_query {
    struct arena *arena;
    struct iam_pattern action, resource;
    const struct iam_context *context; /* NULL: none */
    bool some;
};

struct iam_query iam_query_of(struct arena *a, str action, str resource);

enum iam_answer iam_allows(const struct iam_policy *p, const struct iam_query *q);
/* The first statement that allows it by itself; NULL: none does for certain. Denies and the boundary are not asked. */
const struct iam_statement *iam_allowing(const struct iam_policy *p, const struct iam_query *q);
enum iam_answer iam_denies(const struct iam_policy *p, const struct iam_query *q);

/* One statement's elements against the query; no conditions, no principals. */
enum iam_answer iam_statement_has_action(const struct iam_statement *s, const struct iam_pattern *action, bool some);
enum iam_answer iam_statement_has_resource(const struct iam_statement *s, const struct iam_pattern *resource,
                                           bool some);

/* Does this Allow let strangers do (some of) the action, in the policy that it stands in? */
enum iam_answer iam_statement_is_public(const struct iam_policy *p, const struct iam_statement *s,
                                        const struct iam_pattern *action);
enum iam_answer iam_allows_public(const struct iam_policy *p, const struct iam_pattern *action);

/* Requests without TLS are denied to everybody for all actions of the service ("" : whichever the Deny is about). */
enum iam_answer iam_denies_insecure_transport(struct arena *a, const struct iam_policy *p, str service);
/* Requests with less than that TLS version are denied to everybody. */
enum iam_answer iam_requires_tls(const struct iam_policy *p, double version);
/* Every Allow of a service principal says for which account or resource. */
enum iam_answer iam_guards_confused_deputy(const struct iam_policy *p);
/* Every Allow that names an account by number asks for an external id, an organisation or MFA. */
enum iam_answer iam_guards_accounts(const struct iam_policy *p);

#endif
