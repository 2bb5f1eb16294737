/* svg.h - text inside SVG, HTML and other XML: escaped, also for attributes, no control characters;
 * bidirectional overrides are shown as such. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "base/buf.h"

void svg_text(struct buf *out, str s);

#endif
