/* place.h - where a Kubernetes object lives: its unit and namespace, as a key.
 *
 * Objects without a namespace are deployed together, into the namespace "default" of their unit. */
#ifndef ANALYSIS_PLACE_H
#define ANALYSIS_PLACE_H

#include "analysis/pass.h"

/* "3/prod"; STR_NONE when the namespace cannot be known. */
str place_of(struct analysis *a, const struct resource *r);
/* The same for a namespace by name in the unit of r. */
str place_in(struct analysis *a, const struct resource *r, str namespace);
/* "3/prod/api" */
str place_join(struct analysis *a, str place, str name);
/* An attribute of an object, or, where the model leaves it there, of its spec; NULL. */
const struct value *place_field(const struct resource *r, const char *path);

#endif
