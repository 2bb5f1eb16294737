/* intrinsics.h - document nodes to values, with every intrinsic function applied.
 *
 * NULL is AWS::NoValue: absent. Entries of mappings and items of lists that are absent are left out; an
 * item that is absent in some worlds stays in its list as a choice with a NULL option, and readers of
 * lists take NULL for "not there". What cannot be evaluated as written is a diagnostic and unknown. */
#ifndef FRONTEND_CLOUDFORMATION_INTRINSICS_H
#define FRONTEND_CLOUDFORMATION_INTRINSICS_H

#include "frontend/cloudformation/stack.h"
#include "frontend/cloudformation/worlds.h"

const struct value *cfn_eval(struct cfn_stack *s, const struct node *n);
const struct value *cfn_eval_in(struct cfn_stack *s, const struct node *n, const struct cfn_scope *scope);

/* The same where text is wanted: a plain `yes` or 010 is what is written, not a boolean or number. */
const struct value *cfn_eval_text(struct cfn_stack *s, const struct node *n);

/* One function: `n` is the call, `a` its argument. */
typedef const struct value *cfn_function(struct cfn_stack *s, const struct node *n, const struct node *a);

/* text.c */
cfn_function cfn_eval_sub, cfn_eval_join, cfn_eval_split, cfn_eval_base64, cfn_eval_to_json;
/* Replaces {{resolve:…}} in a text by an unknown. */
const struct value *cfn_hide_dynamic(struct cfn_stack *s, const struct value *v);
/* functions.c */
cfn_function cfn_eval_select, cfn_eval_length, cfn_eval_cidr, cfn_eval_find_in_map;
/* lookup.c */
cfn_function cfn_eval_ref, cfn_eval_get_att, cfn_eval_import, cfn_eval_zones;
/* What a name or Name.Attribute is worth, as in Sub. */
const struct value *cfn_lookup(struct cfn_stack *s, str name, const struct node *use);
const struct value *cfn_lookup_attribute(struct cfn_stack *s, str id, str attribute, const struct node *use);

/* For the families: a diagnostic and unknown. Wrong is what a value makes so, and a warning; malformed is a call that
 * CloudFormation refuses whatever the values are, and an error. */
const struct value *cfn_wrong(struct cfn_stack *s, const struct node *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
const struct value *cfn_malformed(struct cfn_stack *s, const struct node *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
const struct value *cfn_unknown(struct cfn_stack *s, const struct node *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Unknown because an argument is: keeps its reason and refs. */
const struct value *cfn_unknown_from(struct cfn_stack *s, const struct node *n, const struct value *argument,
                                     const char *function);
/* Applies fn to every combination of alternatives; unknown when there are too many. */
const struct value *cfn_lift(struct cfn_stack *s, const struct node *n, world_fn *fn, void *context,
                             const struct value **argument, size_t count, const struct world *w);
/* True when some item is absent in some world. */
bool cfn_has_optional(const struct value *list);

#endif
