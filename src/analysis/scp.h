/* scp.h - service control policies that bind the account of an identity.
 *
 * Which account a deployment goes to is rarely in the code. It is when a policy is attached to the deployment's own
 * account (looked up, or a pseudo parameter), or to an account by number that the provider of the identity is limited
 * to. What such a policy denies is denied to every identity there; what it does not allow is not taken away, since
 * which other policies stand beside it (FullAWSAccess at every level) is not known. */
#ifndef ANALYSIS_SCP_H
#define ANALYSIS_SCP_H

#include "analysis/pass.h"

struct scps;
struct scps *scps_find(struct analysis *a);
void scps_release(struct scps *s);
/* Calls fn with a document of Deny statements for each policy that binds the identity. */
void scps_each(const struct scps *s, const struct resource *identity,
               void (*fn)(void *context, const struct value *document), void *context);

#endif
