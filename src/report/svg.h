/* svg.h - text inside SVG and HTML: escaped, no control characters. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "base/buf.h"

void svg_text(struct buf *out, str s);

#endif
