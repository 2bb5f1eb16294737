/* fixer_internal.h - the parts of fixer.h: fixer_choose.c puts proposals together, fixer.c tries and keeps them. */
#ifndef CLI_FIXER_INTERNAL_H
#define CLI_FIXER_INTERNAL_H

#include "cli/fixer.h"

struct work {
    struct fixer_item *item;
    struct trial_aim aim;
    const struct fix_candidate *candidate;
    bool accepted;
    str blame; /* what was wrong with it in the last trial; empty: nothing */
};

struct batch {
    struct fixer *x;
    struct trial *base;
    struct trial *good; /* the last trial that was: of what is accepted; NULL */
    struct arena *arena;
    const struct input_file **file; /* by source id; NULL: none */
    struct work *at;
    size_t n, n_accepted;
    struct map stretches; /* of files, to the edits in them */
    struct map adding;    /* file and type, to the item that adds one */
};

/* Fills the batch; findings for which nothing is left are declined. */
void batch_choose(struct batch *b);
void batch_release(struct batch *b);
str fixer_key(struct fixer *x, uint64_t fingerprint);

#endif
