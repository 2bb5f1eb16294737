/* worlds.h - choices: values that depend on undecided inputs.
 *
 * A choice is a tree whose inner nodes are deciders. Functions are applied leaf by leaf; while going
 * down, what was decided above stays decided (two values of the same input change together), so only
 * the inputs that the arguments really touch are looked at, and never their full product: at most
 * LIMIT_ALTERNATIVES leaves. */
#ifndef FRONTEND_CLOUDFORMATION_WORLDS_H
#define FRONTEND_CLOUDFORMATION_WORLDS_H

#include "graph/value.h"

/* Decisions made so far. */
struct world {
    const struct decider *by;
    size_t option;
    const struct world *outer;
};

/* The alternative of v in that world: not a choice over anything that the world has decided. */
const struct value *world_restrict(const struct value *v, const struct world *w);

/* One leaf: none of the arguments is a choice; NULL is absent. `w` tells what was decided. */
typedef const struct value *world_fn(void *context, const struct value *const *argument, size_t n,
                                     const struct world *w);

struct world_lift {
    struct arena *arena;
    world_fn *fn;
    void *context;
    const struct origin *origin;
    size_t leaves; /* left: LIMIT_ALTERNATIVES at the start */
    size_t depth;  /* of decisions; each has two options at least */
    bool overflow; /* there were more: the result is to be thrown away */
};

/* Applies fn to every combination of the arguments' alternatives below `w`. */
const struct value *world_lift(struct world_lift *l, const struct value **argument, size_t n, const struct world *w);
/* A choice, unless all options are the same value. */
const struct value *world_choice(struct arena *a, const struct decider *by, const struct value **options,
                                 const struct origin *o);

#endif
