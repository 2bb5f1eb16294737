/* rules_reference.h - the rule reference: every rule as Markdown, made from the rule files. */
#ifndef CLI_RULES_REFERENCE_H
#define CLI_RULES_REFERENCE_H

#include "policy/pack.h"

/* Rules in the order given, under a heading for each service; `a` holds temporary memory. */
void rules_reference(const struct rule *const *rule, size_t n, struct pack *pack, struct arena *a, struct buf *out);

#endif
