/* rule_text.h - messages of rules: text with CEL expressions in braces, `{address} keeps {param.days} days`.
 * `{{` and `}}` stand for braces. */
#ifndef POLICY_RULE_TEXT_H
#define POLICY_RULE_TEXT_H

#include "policy/cel.h"
#include "policy/rule.h"

bool rule_text_compile(const struct node *n, struct arena *a, struct diag_list *diags, struct rule_text *ret);
/* Strings without quotes; null as "nothing"; an unknown or error as "(unknown)". */
str rule_text_write(const struct rule_text *t, const struct cel_value *binding, struct cel_context *c, struct arena *a);

#endif
