/* nested.h - stacks inside stacks, and the local templates they name.
 *
 * A TemplateURL is local when it is a path, when CDK's asset metadata names a file, or when it is a URL
 * whose last part is the name of exactly one template of the scan near the caller (the packaged form:
 * `aws cloudformation package` replaces paths by URLs). */
#ifndef FRONTEND_CLOUDFORMATION_NESTED_H
#define FRONTEND_CLOUDFORMATION_NESTED_H

#include "frontend/cloudformation/stack.h"

/* The template of a nested stack (AWS::CloudFormation::Stack, StackSet, AWS::Serverless::Application), or NULL: not
 * local. Diagnostics only when `loud`. */
const struct document *cfn_nested_document(struct cfn_stack *s, const struct cfn_resource *r, bool loud, str *ret_path);
/* The stack itself, made at first use; NULL when its template is not known, nests too deeply or itself. */
struct cfn_stack *cfn_nested_stack(struct cfn_stack *s, struct cfn_resource *r);
/* Its output; NULL when that cannot be told (the caller makes a reference of it). */
const struct value *cfn_nested_output(struct cfn_stack *s, struct cfn_resource *r, str output, const struct node *use);
bool cfn_is_stack_type(str type);

#endif
