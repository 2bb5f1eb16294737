/* requirement.h - what a rule asks of an attribute, where its condition says so plainly: a comparison that has to hold
 * whatever else does. */
#ifndef POLICY_REQUIREMENT_H
#define POLICY_REQUIREMENT_H

#include "policy/rule.h"

/* "true", "at least 2190", "one of "a", "b""; STR_NONE where the condition says nothing so plain of `path`, or offers
 * alternatives. Parameters have their values in force. */
str requirement_of(const struct rule *rule, str path, const struct ruleset *rules, struct arena *a);

#endif
