/* trial.h - a lint of the files as they would be, in memory, and whether it is better than another. */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include "cli/run.h"

struct trial {
    struct run *run; /* evaluated, with its answers (run.h, keeps_answers) */
    struct run own;  /* that is it, where the trial made it */
    struct map texts;
    struct arena *arena;
    struct map answers;   /* rule, unit and address without instances, to struct trial_answers */
    struct map diags;     /* what is said about the input, to how often it is said */
    struct map resources; /* unit and address, to what its attributes are; filled when it is asked for */
};

struct trial_answers {
    size_t fail, unknown;
};

void trial_init(struct trial *t);
/* What a run says that was evaluated and kept its answers; it outlives the trial. */
void trial_read(struct trial *t, struct run *r);
/* The files of `from` with the texts of the trial: real path to struct str, both to live as long as the trial; its arena is
 * there for them. False: a rule-pack error (printed). */
bool trial_ask(struct trial *t, const struct run *from);
void trial_close(struct trial *t);
/* What a finding is about, as the key of `answers`. */
str trial_key(const struct run *r, const struct finding *f, struct arena *a);
str trial_resource_key(const struct run *r, const struct resource *resource, struct arena *a);

/* One change that is meant to mend one finding. */
struct trial_aim {
    str key;
    str resource;   /* key of `resources`; empty: a unit */
    bool at_source; /* nothing but that resource may change */
    const struct edit *edit;
    size_t n_edits;
};

/* How a trial compares with the one before. */
struct trial_verdict {
    bool better; /* each aim got better, and nothing worse */
    str why;     /* not: what was wrong first */
    str *blame;  /* of each aim: what was wrong with it or its resource; empty: nothing */
    size_t n_blamed;
    bool all_is_blamed; /* nothing else was wrong */
    bool spoils_files;  /* to blame is, too, whoever changed a file that is wrong then */
};

/* What the verdict points to is in the arena of `after`. */
struct trial_verdict trial_compare(struct trial *after, struct trial *before, const struct trial_aim *aim, size_t n);

#endif
