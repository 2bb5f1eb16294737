/* severity.h - the two scales that every layer above policy speaks: how bad, and how it ended. */
#ifndef POLICY_SEVERITY_H
#define POLICY_SEVERITY_H

#include "base/str.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
enum status { STATUS_PASS, STATUS_FAIL, STATUS_UNKNOWN, STATUS_NOT_APPLICABLE };

const char *severity_name(enum severity s); /* "info" ... "critical" */
bool severity_parse(str s, enum severity *ret);
const char *status_name(enum status s); /* "pass", "fail", "unknown", "n-a" */
bool status_parse(str s, enum status *ret);

#endif
