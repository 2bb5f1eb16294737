/* network.h - which subnets are public.
 *
 * A subnet is public when its effective route table has a default route to an internet gateway. The
 * effective table is the one that is associated with it, else the main table of its VPC: one that is made
 * main, the managed default table, or, when nothing manages it, the table that comes with every VPC and has
 * only the local route. Default subnets and subnets of the default VPC are public (Amazon VPC User Guide,
 * Default VPCs). Unknown where the VPC or the table is not in the graph or a part of the unit is not known.
 *
 * Facts: aws.ec2.route_table.has_internet_route, aws.ec2.subnet.is_public, aws.ec2.subnet.route_table (address). */
#ifndef ANALYSIS_NETWORK_H
#define ANALYSIS_NETWORK_H

#include "analysis/pass.h"

enum truth { FALSE_, TRUE_, UNKNOWN_ };

/* The answer for a subnet and, when public, the route that makes it so. */
enum truth network_subnet_is_public(const struct analysis *a, const struct resource *subnet, const struct origin **ret_cause);
/* The resource that the attribute of r refers to, when there is one of that kind; NULL. */
struct resource *network_target(const struct resource *r, const char *attribute, sym kind);

#endif
