/* diff.h - two texts as a unified diff, by lines. */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/buf.h"

/* Nothing when they are equal. Names are written as they are. Bounded: texts that differ in very many lines give one
 * hunk from the first to the last difference. */
void diff_unified(str before, str after, str before_name, str after_name, struct buf *out);

#endif
