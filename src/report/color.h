/* color.h - the few terminal styles in use; nothing is said by colour alone. */
#ifndef REPORT_COLOR_H
#define REPORT_COLOR_H

#include "report/report.h"

enum style { STYLE_BOLD, STYLE_DIM, STYLE_PATH, STYLE_CRITICAL, STYLE_HIGH, STYLE_MEDIUM, STYLE_LOW, STYLE_GOOD };

void style_begin(const struct report *r, struct buf *out, enum style s);
void style_end(const struct report *r, struct buf *out);
enum style style_of_severity(enum severity s);

#endif
