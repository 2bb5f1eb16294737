/* cloudformation.h - CloudFormation templates, SAM and CDK output, to resources.
 *
 * cloudformation_plan() (frontend.h) makes one job for each template that no other template nests.
 * How the parts share the work:
 *   stack        one template with its parameters, conditions and mappings: what everything else asks
 *   parameters   what each parameter may be; given: what the user says, parameter files
 *   conditions   the Conditions section, lifted over undecided parameters
 *   assume       what holds below a condition: in a branch of Fn::If, in a conditional resource
 *   worlds       choices: applying a function to each alternative, keeping same inputs together
 *   intrinsics   document nodes to values; text, lookup and functions are its families
 *   foreach      Fn::ForEach, and local AWS::Include: one mapping node to its real entries
 *   fragment     files and texts that are no templates by themselves
 *   resources    the Resources section to graph resources; nested: stacks inside stacks
 *   sam          AWS::Serverless resources to what they create
 *   plan         files to jobs, exports */
#ifndef FRONTEND_CLOUDFORMATION_CLOUDFORMATION_H
#define FRONTEND_CLOUDFORMATION_CLOUDFORMATION_H

#include "frontend/frontend.h"

/* Evaluates a fragment (YAML, or JSON as its subset) as if it stood in the template; what
 * `hipaalint eval --template` prints. The result lives in the arena. NULL is AWS::NoValue: *absent*;
 * a template or fragment that cannot be read gives unknown after a diagnostic. `template_path` is opened through
 * inputs_open when the inputs do not have it. */
const struct value *cloudformation_eval_text(struct inputs *in, const struct frontend_options *o, str template_path,
                                             str fragment, struct arena *a, struct diag_list *diags);

#endif
