/* suppression_lines.h - which part of a file begins on which line: what a comment there means. */
#ifndef POLICY_SUPPRESSION_LINES_H
#define POLICY_SUPPRESSION_LINES_H

#include "policy/suppression.h"

/* For each line the outermost part that begins there. `above`: what a comment on the line above means,
 * which is the resource where its first entry begins. `inside`: the block of whose head the line is a part.
 * `resource`: the block, resource or object that the line lies in, counted from the outside. */
struct suppression_lines {
    const struct source *source;
    uint32_t n, first; /* the first line that is neither blank nor a comment */
    span *entry, *above, *inside, *resource;
    uint32_t from,
        next; /* below the comments of the lines from..next-1 stands line `next`; past the end nothing begins */
};

void suppression_lines_init(struct suppression_lines *l, const struct documents *d, const enum suppression_shape *shape,
                            struct arena *a);
uint32_t suppression_lines_of(const struct suppression_lines *l, uint32_t offset);
/* The next line that is neither blank nor a comment. A run of comments is walked once. */
uint32_t suppression_lines_next(struct suppression_lines *l, uint32_t line);
/* What a comment of ours covers: what begins on its line (after text), the block whose head it stands in, what begins
 * on the next line. */
span suppression_lines_target(struct suppression_lines *l, const struct comment *c);

#endif
