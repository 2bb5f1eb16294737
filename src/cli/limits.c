/* hipaalint limits: the table of base/limits.h. */
#include "cli/cli.h"

int command_limits(const struct options *o)
{
    (void)o;
    static const struct {
        const char *name;
        unsigned value;
        const char *unit, *reason;
    } table[] = {
#define X(name, value, unit, reason) {#name, value, unit, reason},
        LIMITS_TABLE(X)
#undef X
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        printf("%-24s %10u %-12s %s\n", table[i].name + strlen("LIMIT_"), table[i].value, table[i].unit,
               table[i].reason);
    return EXIT_CLEAN;
}
