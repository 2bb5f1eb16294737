/* svg.h - text inside SVG, HTML and other XML: escaped, also for attributes, no control characters. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "base/buf.h"

void svg_text(struct buf *out, str s);

#endif
