/* color.h - the few terminal styles in use; nothing is said by colour alone. */
#ifndef REPORT_COLOR_H
#define REPORT_COLOR_H

#include "report/report.h"

enum style { STYLE_BOLD, STYLE_DIM, STYLE_PATH, STYLE_CRITICAL, STYLE_HIGH, STYLE_MEDIUM, STYLE_LOW, STYLE_GOOD };

void style_begin(const struct report *r, struct buf *out, enum style s);
void style_end(const struct report *r, struct buf *out);
/* A terminal hyperlink to the file, around what is written between the two; nothing without report.links. */
void link_begin(const struct report *r, struct buf *out, str path);
void link_end(const struct report *r, struct buf *out);
/* Columns that a character takes on a terminal when report_safe_text has written it. */
size_t display_columns(uint32_t c);
size_t display_width(str text);
/* Words of a plain text, broken at the width of the terminal; lines after the first are indented. `column`: where the
 * text begins. */
void write_wrapped(const struct report *r, struct buf *out, str text, size_t column, size_t indent);
enum style style_of_severity(enum severity s);

#endif
