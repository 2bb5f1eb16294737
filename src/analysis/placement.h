/* placement.h - in which subnets a resource stands and which security groups it has.
 *
 * Driven by the model: attributes that refer to subnets and security groups, directly or through carriers
 * (subnet groups, launch templates, the cluster of an instance). */
#ifndef ANALYSIS_PLACEMENT_H
#define ANALYSIS_PLACEMENT_H

#include "analysis/verdict.h"

enum { PLACEMENT_SUBNETS = 8 }; /* that are kept one by one: a resource stands in two or three */

struct placement {
    bool has_subnets, has_groups;                      /* the kind can name some */
    const struct value *is_public;                     /* in a public subnet */
    const struct value *maps_public;                   /* its subnet gives out public addresses */
    const struct value *group_open;                    /* some group lets the internet in */
    const struct resource *public_subnet, *open_group; /* one that does, for the path */
    const struct resource *reached[PLACEMENT_SUBNETS]; /* the first of its subnets that are, or may be, public */
    size_t n_reached;                                  /* all of them */
    struct value_items subnets, zones, groups;
    struct value_items open_rules; /* of several groups; of one: */
    const struct value *rules_of_one;
};

struct placing;

struct placing *placing_new(struct analysis *a);
/* Also notes the resource in `hosts` of its subnets and `attached_to` of its groups. False: the kind has
 * neither. The lists of *ret are the caller's. */
bool placing_find(struct placing *p, const struct resource *r, struct placement *ret);
/* Sets the facts `hosts` and `attached_to`; releases p. */
void placing_finish(struct placing *p);

#endif
