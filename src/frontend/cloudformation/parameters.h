/* parameters.h - what each parameter of a stack may be worth.
 *
 * In properties: what the user or the calling template gave, else each of AllowedValues, else the
 * default, else unknown. In conditions a default does not decide: the texts that conditions compare the
 * parameter with are its alternatives, and "anything else". Secrets (NoEcho) are flagged; values that
 * are looked up (SSM) are unknown. */
#ifndef FRONTEND_CLOUDFORMATION_PARAMETERS_H
#define FRONTEND_CLOUDFORMATION_PARAMETERS_H

#include "frontend/cloudformation/stack.h"

/* The reason of the value that stands for all that no condition names; the parameter's name follows. */
#define CFN_OTHER_VALUE "another value of parameter "

/* Reads the sections (either may be NULL) and adds the pseudo parameters. */
void cfn_parameters_read(struct cfn_stack *s, const struct node *parameters, const struct node *conditions);
/* The value in the current mode; the origin tells the use and the parameter. */
const struct value *cfn_parameter_value(struct cfn_stack *s, const struct cfn_parameter *p, const struct node *use);

/* What the user gave: --parameters FILE in the shapes of the CLI ([{ParameterKey, ParameterValue}],
 * ["K=V"]), of CodePipeline ({Parameters: {K: V}}) and as a plain map; then --parameter K=V. */
void cfn_given_read(struct cfn_run *run, struct diag_list *diags);

#endif
