/* excerpt.h - a few lines of source with the place underlined, for people. */
#ifndef REPORT_EXCERPT_H
#define REPORT_EXCERPT_H

#include "report/report.h"

/* "12 | storage_encrypted = false" and carets below; escapes made visible, lines cut at the width. */
void excerpt_write(const struct report *r, span at, struct buf *out);

#endif
