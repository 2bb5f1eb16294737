/* resources.h - the Resources section, to resources of the graph.
 *
 * Every declared resource becomes one, with its properties as written; one whose condition is surely
 * false does not exist. Conditions that are undecided become `exists`. */
#ifndef FRONTEND_CLOUDFORMATION_RESOURCES_H
#define FRONTEND_CLOUDFORMATION_RESOURCES_H

#include "frontend/cloudformation/stack.h"

/* Adds the section's entries to s->resources. Called again for included files. */
void cfn_resources_read(struct cfn_stack *s, const struct node *resources);
/* Adds all resources, and those of nested stacks, to the unit. */
void cfn_resources_emit(struct cfn_stack *s, struct graph_builder *b);

/* One resource of the graph that the template's entry r makes: spans, condition, metadata and call are
 * those of r. NULL: it does not exist. `id` is its logical id (generated resources have their own). */
struct resource *cfn_resource_add(struct cfn_stack *s, struct graph_builder *b, const struct cfn_resource *r, str type,
                                  str id, const struct value *raw);
/* Whether it exists: true, false, a choice of them, or unknown. */
const struct value *cfn_resource_condition(struct cfn_stack *s, const struct cfn_resource *r);
/* The properties as values; an empty map when there are none. */
const struct value *cfn_resource_properties(struct cfn_stack *s, const struct cfn_resource *r);

#endif
