#include "frontend/cloudformation/worlds.h"

const struct value *world_restrict(const struct value *v, const struct world *w)
{
    while (value_is(v, VALUE_CHOICE)) {
        const struct world *decided = w;
        while (decided && decided->by != v->u.choice.by)
            decided = decided->outer;
        if (!decided)
            return v;
        v = v->u.choice.option[decided->option];
    }
    return v;
}

const struct value *world_choice(struct arena *a, const struct decider *by, const struct value **options,
                                 const struct origin *o)
{
    bool same = true;
    for (size_t i = 1; i < by->n_options; i++)
        same = same && options[i] == options[0];
    return same && by->n_options ? options[0] : value_choice(a, by, options, o);
}

const struct value *world_lift(struct world_lift *l, const struct value **argument, size_t n, const struct world *w)
{
    if (l->overflow || l->depth > LIMIT_ALTERNATIVES) {
        l->overflow = true;
        return NULL;
    }
    size_t at = 0;
    while (at < n && !value_is(world_restrict(argument[at], w), VALUE_CHOICE))
        at++;
    if (at < n) {
        const struct value *choice = world_restrict(argument[at], w);
        const struct decider *by = choice->u.choice.by;
        const struct value **options = ARENA_ARRAY(l->arena, const struct value *, by->n_options);
        l->depth++;
        for (size_t i = 0; i < by->n_options; i++) {
            const struct world below = {by, i, w};
            options[i] = world_lift(l, argument, n, &below);
        }
        l->depth--;
        return l->overflow ? NULL : world_choice(l->arena, by, options, l->origin);
    }
    if (l->leaves == 0) {
        l->overflow = true;
        return NULL;
    }
    l->leaves--;
    const struct value **leaf = ARENA_ARRAY(l->arena, const struct value *, n);
    for (size_t i = 0; i < n; i++)
        leaf[i] = world_restrict(argument[i], w);
    return l->fn(l->context, leaf, n, w);
}
