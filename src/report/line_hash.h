/* line_hash.h - GitHub's primaryLocationLineHash of every line of a file.
 *
 * A rolling polynomial (base 37, 64-bit wrap-around) over the 100 UTF-16 units that begin with the line:
 * spaces and tabs are skipped, CR LF and CR count as LF, an end mark (65535) follows the text, then zeros.
 * The second number counts the lines up to this one that have the same hash. Linear in the file. */
#ifndef REPORT_LINE_HASH_H
#define REPORT_LINE_HASH_H

#include "base/source.h"

struct line_hash {
    uint64_t hash;
    unsigned occurrence; /* from 1 */
};

/* By line: [0] is unused, the last is the empty line after a final newline. In the arena. */
const struct line_hash *line_hashes(const struct source *s, struct arena *a, size_t *ret_n);

#endif
