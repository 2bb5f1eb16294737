/* iam_trust.h - whom a trust policy lets in: services, accounts, identity providers, everybody. */
#ifndef ANALYSIS_IAM_TRUST_H
#define ANALYSIS_IAM_TRUST_H

#include "analysis/iam_match.h"

enum iam_trustee { IAM_TRUSTEE_SERVICES, IAM_TRUSTEE_ACCOUNTS, IAM_TRUSTEE_PROVIDERS };
/* The principals of Allow statements as texts, without repeats; accounts are 12 digits. Unknown ones make it partial. */
const struct value *iam_trustees(struct arena *a, const struct iam_policy *p, enum iam_trustee which);

/* One web identity that may assume the role: {provider, kind, subjects, audiences, subject_bound, audience_bound}. */
const struct value *iam_web_identities(struct arena *a, const struct iam_policy *p);

/* Does the trust name exactly this service account of a cluster ("system:serviceaccount:NS:NAME")? */
enum iam_answer iam_trusts_service_account(struct arena *a, const struct iam_policy *p, str subject);
/* May pods get the role through EKS Pod Identity? */
enum iam_answer iam_trusts_pod_identity(const struct iam_policy *p);

#endif
