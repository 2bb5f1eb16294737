/* rbac_rules.h - does a list of RBAC rules permit a verb on a resource? */
#ifndef ANALYSIS_RBAC_RULES_H
#define ANALYSIS_RBAC_RULES_H

#include "analysis/iam_pattern.h"

/* `resource` may be a subresource ("pods/exec"). `group` empty: of any API group; "core" is the group "". Rules that
 * name single objects (resource_names) do not count. */
enum iam_answer rbac_permits(const struct value *rules, str verb, str resource, str group);

#endif
