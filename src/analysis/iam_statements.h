/* iam_statements.h - statements as plain values, for rules: what functions_policy.c gives out.
 *
 * A map has effect, allow, sid, actions, not_actions, resources, not_resources (lists, as written), principals and
 * not_principals ({type, id, account, any, root}), conditions ({operator, key, values}), conditioned, narrowed and
 * public; what is not written is absent. The maps are policy values again (iam_policy.h). Origins are those of
 * the document. */
#ifndef ANALYSIS_IAM_STATEMENTS_H
#define ANALYSIS_IAM_STATEMENTS_H

#include "analysis/iam_match.h"

const struct value *iam_statement_value(struct arena *a, const struct iam_policy *p, const struct iam_statement *s);
const struct value *iam_statement_list(struct arena *a, const struct iam_policy *p);
const struct value *iam_principal_value(struct arena *a, const struct iam_principal *p);
/* A bool, or an unknown with the reason. */
const struct value *iam_answer_value(struct arena *a, enum iam_answer answer, const char *reason);

/* ---- offenders: lists of actions as written ---- */

enum iam_offence {
    IAM_WILDCARD_ACTIONS, /* with `*` or `?` in them */
    IAM_WHOLE_SERVICES,   /* services of which every action is given on the resource */
    IAM_BROAD_ACTIONS,    /* on every resource, though they reach actions that could be limited */
};
struct iam_offence_query {
    enum iam_offence what;
    const struct iam_facts *facts;
    unsigned levels;             /* of IAM_BROAD_ACTIONS */
    struct iam_pattern resource; /* of IAM_WHOLE_SERVICES */
};
/* Of Allow statements that are not narrowed. Unknown when none is certain and some are possible. */
const struct value *iam_offenders(struct arena *a, const struct iam_policy *p, const struct iam_offence_query *q);

/* Names of known actions that the pattern reaches, of those levels. */
const struct value *iam_reached(struct arena *a, const struct iam_facts *f, const struct iam_pattern *action,
                                unsigned levels);

#endif
