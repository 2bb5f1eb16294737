/* sam.h - AWS::Serverless resources, to what the SAM transform makes of them.
 *
 * Globals are merged, then each resource becomes the CloudFormation resources that deployment would create,
 * under the names that SAM gives them (hashes left out): rules never see SAM. Everything made has the
 * spans, condition and metadata of the SAM resource; values keep their own places. */
#ifndef FRONTEND_CLOUDFORMATION_SAM_H
#define FRONTEND_CLOUDFORMATION_SAM_H

#include "frontend/cloudformation/stack.h"

/* False: not a type that is normalised, or properties that cannot be known: to be added as it is. */
bool sam_emit(struct cfn_stack *s, struct graph_builder *b, struct cfn_resource *r);
/* After all resources: the APIs that only events ask for (ServerlessRestApi, ServerlessHttpApi). */
void sam_emit_implicit(struct cfn_stack *s, struct graph_builder *b);

#endif
