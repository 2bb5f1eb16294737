/* foreach.h - what a mapping of the template really has for entries.
 *
 * Fn::ForEach::X entries are unrolled (nested loops too), AWS::Include transforms with a local file
 * put in. A collection that is not known gives one symbolic entry (`open`) whose loop variable is
 * unknown; more than LIMIT_INSTANCES copies are folded to one after a diagnostic. */
#ifndef FRONTEND_CLOUDFORMATION_FOREACH_H
#define FRONTEND_CLOUDFORMATION_FOREACH_H

#include "frontend/cloudformation/stack.h"

struct cfn_entry {
    str key; /* loop variables replaced */
    const struct node *key_node;
    const struct node *value;
    const struct cfn_scope *scope;
    bool open;
};

struct cfn_entries { /* VEC: release with VEC_RELEASE */
    struct cfn_entry *at;
    size_t n, cap;
};

/* False for a plain mapping, which needs no expansion. */
bool cfn_has_expansion(const struct node *map);
void cfn_expand(struct cfn_stack *s, const struct node *map, struct cfn_entries *ret_entries);

/* The mapping that an AWS::Include ({Name, Parameters: {Location}}) puts in its place; NULL after a
 * diagnostic when it is remote, leaves the root, is no mapping, or the transform is another macro. */
const struct node *cfn_included(struct cfn_stack *s, const struct node *transform);
/* The same at the top of a template: sections of the file are added where the template has none. False:
 * could not be read. */
bool cfn_include(struct cfn_stack *s, const struct node *transform);

#endif
