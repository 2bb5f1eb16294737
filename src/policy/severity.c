#include "policy/severity.h"

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
static const char *const statuses[] = {"pass", "fail", "unknown", "n-a"};

const char *severity_name(enum severity s)
{
    return severities[s];
}

bool severity_parse(str s, enum severity *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(severities); i++) {
        if (str_eq_c(s, severities[i])) {
            *ret = (enum severity)i;
            return true;
        }
    }
    return false;
}

const char *status_name(enum status s)
{
    return statuses[s];
}

bool status_parse(str s, enum status *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (str_eq_c(s, statuses[i])) {
            *ret = (enum status)i;
            return true;
        }
    }
    return false;
}
