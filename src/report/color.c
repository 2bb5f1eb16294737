#include "report/color.h"

void style_begin(const struct report *r, struct buf *out, enum style s)
{
    static const char *const codes[] = {
        [STYLE_BOLD] = "1",  [STYLE_DIM] = "2",     [STYLE_PATH] = "1", [STYLE_CRITICAL] = "1;31",
        [STYLE_HIGH] = "31", [STYLE_MEDIUM] = "33", [STYLE_LOW] = "36", [STYLE_GOOD] = "32",
    };
    if (r->color)
        buf_printf(out, "\033[%sm", codes[s]);
}

void style_end(const struct report *r, struct buf *out)
{
    if (r->color)
        buf_add_c(out, "\033[0m");
}

enum style style_of_severity(enum severity s)
{
    switch (s) {
    case SEVERITY_CRITICAL:
        return STYLE_CRITICAL;
    case SEVERITY_HIGH:
        return STYLE_HIGH;
    case SEVERITY_MEDIUM:
        return STYLE_MEDIUM;
    default:
        return STYLE_LOW;
    }
}
