/* network.h - route tables, subnets and VPCs: which subnets are public.
 *
 * A subnet is public when its effective route table has a default route to an internet gateway. The
 * effective table is the one that is associated with it, else the main table of its VPC: one that is made
 * main, the managed default table, or, when nothing manages it, the table that comes with every VPC and has
 * only the local route. Default subnets and subnets of the default VPC are public (Amazon VPC User Guide,
 * Default VPCs). Unknown where the VPC or the table is not in the graph or a part of the unit is not known. */
#ifndef ANALYSIS_NETWORK_H
#define ANALYSIS_NETWORK_H

#include "analysis/verdict.h"

/* The first resource of that kind that the attribute of r refers to; NULL. */
struct resource *network_target(const struct resource *r, const char *attribute, sym kind);
/* Does the attribute of r point to `to`, where the graph has such an edge? Only alternatives that do count. */
const struct value *network_points_to(struct arena *a, const struct resource *r, const char *attribute,
                                      const struct resource *to);
/* Is it the default VPC or a default subnet: by the model, or as it is looked up? */
bool network_is_default(const struct resource *r);
/* The facts of network ACLs; network_acl.c. */
void network_acl_run(struct analysis *a);
/* Do the entries of the ACL, in their order, let a request through that a security group's rule admits (NULL: any), and
 * the answer to one of the client's ports from 1024 on? */
const struct value *network_acl_admits(struct analysis *a, const struct resource *acl, const struct value *rule);

#endif
