/* trial.h - a lint of the files as they would be, in memory, and whether it is better than another. */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include "cli/run.h"

/* Texts that stand for what files hold: real path to struct str (base/source.h, source_override). */
struct trial {
    struct options options;
    struct run run;
    struct arena *arena;
    struct map answers;   /* rule, unit and address without instances, to struct trial_answers */
    struct map diags;     /* what is said about the input, to how often */
    struct map resources; /* unit and address, to struct trial_resource */
};

struct trial_answers {
    size_t pass, fail, unknown;
};

struct trial_resource {
    uint64_t hash; /* of its attributes */
    span at;
};

/* False: a usage, configuration or rule-pack error (printed). */
bool trial_open(struct trial *t, const struct options *o, const struct map *texts);
void trial_close(struct trial *t);
/* What a finding is about, as the key of `answers`. */
str trial_key(const struct run *r, const struct finding *f, struct arena *a);

/* One change that is meant to mend one finding. */
struct trial_aim {
    str key;
    str resource;   /* key of `resources`; empty: a unit */
    bool at_source; /* nothing but that resource may change */
};
/* Did each aim get better, and nothing worse? *ret_why: what was wrong, in the arena of `after`. */
bool trial_is_better(const struct trial *after, const struct trial *before, const struct trial_aim *aim, size_t n,
                     str *ret_why);
str trial_resource_key(const struct run *r, const struct resource *resource, struct arena *a);

#endif
