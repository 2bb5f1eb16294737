#include "analysis/verdict.h"

enum { NESTING = 5 }; /* binary choices inside each other: LIMIT_ALTERNATIVES of them */

enum verdict_state verdict_state(const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return VERDICT_NO;
    if (v->kind == VALUE_BOOL)
        return v->u.boolean ? VERDICT_YES : VERDICT_NO;
    return v->kind == VALUE_CHOICE ? VERDICT_CHOICE : VERDICT_UNKNOWN;
}

bool verdict_is_yes(const struct value *v)
{
    return verdict_state(v) == VERDICT_YES;
}

bool verdict_is_no(const struct value *v)
{
    return verdict_state(v) == VERDICT_NO;
}

static const struct value *too_many(struct arena *a)
{
    return value_unknown(a, STR("depends on more alternatives than are looked at"), NULL);
}

static size_t leaves(const struct value *v)
{
    if (!value_is(v, VALUE_CHOICE))
        return 1;
    size_t n = 0;
    for (size_t i = 0; i < v->u.choice.by->n_options && n <= LIMIT_ALTERNATIVES; i++)
        n += leaves(v->u.choice.option[i]);
    return n;
}

/* What v is where `by` has its option i. */
static const struct value *given(struct arena *a, const struct value *v, const struct decider *by, size_t option)
{
    while (value_is(v, VALUE_CHOICE) && v->u.choice.by == by)
        v = v->u.choice.option[option];
    if (!value_is(v, VALUE_CHOICE))
        return v;
    size_t n = v->u.choice.by->n_options;
    const struct value **options = ARENA_ARRAY(a, const struct value *, n);
    for (size_t i = 0; i < n; i++)
        options[i] = given(a, v->u.choice.option[i], by, option);
    return value_choice(a, v->u.choice.by, options, v->origin);
}

enum operation { OR, AND };

static const struct value *combine(struct arena *a, enum operation op, const struct value *x, const struct value *y,
                                   unsigned depth)
{
    enum verdict_state decisive = op == OR ? VERDICT_YES : VERDICT_NO;
    enum verdict_state neutral = op == OR ? VERDICT_NO : VERDICT_YES;
    enum verdict_state xs = verdict_state(x), ys = verdict_state(y);
    if (xs == decisive || ys == neutral)
        return x;
    if (ys == decisive || xs == neutral)
        return y;
    if (xs != VERDICT_CHOICE && ys != VERDICT_CHOICE)
        return x;
    if (depth >= NESTING)
        return too_many(a);
    const struct value *c = xs == VERDICT_CHOICE ? x : y;
    const struct decider *by = c->u.choice.by;
    const struct value **options = ARENA_ARRAY(a, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++)
        options[i] = combine(a, op, given(a, x, by, i), given(a, y, by, i), depth + 1);
    const struct value *v = value_choice(a, by, options, c->origin);
    return leaves(v) > LIMIT_ALTERNATIVES ? too_many(a) : v;
}

const struct value *verdict_or(struct arena *a, const struct value *x, const struct value *y)
{
    return combine(a, OR, x, y, 0);
}

const struct value *verdict_and(struct arena *a, const struct value *x, const struct value *y)
{
    return combine(a, AND, x, y, 0);
}

static const struct value *negate(struct arena *a, const struct value *x, unsigned depth)
{
    switch (verdict_state(x)) {
    case VERDICT_NO:
        return value_bool(a, true, x ? x->origin : NULL);
    case VERDICT_YES:
        return value_bool(a, false, x->origin);
    case VERDICT_CHOICE: {
        if (depth > NESTING)
            return too_many(a);
        size_t n = x->u.choice.by->n_options;
        const struct value **options = ARENA_ARRAY(a, const struct value *, n);
        for (size_t i = 0; i < n; i++)
            options[i] = negate(a, x->u.choice.option[i], depth + 1);
        return value_choice(a, x->u.choice.by, options, x->origin);
    }
    case VERDICT_UNKNOWN:
        break;
    }
    return x;
}

const struct value *verdict_not(struct arena *a, const struct value *x)
{
    return negate(a, x, 0);
}

const struct value *verdict_if(struct arena *a, const struct value *condition, const struct value *yes,
                               const struct value *no)
{
    if (verdict_is_yes(condition))
        return yes;
    if (verdict_is_no(condition))
        return no;
    if (verdict_state(yes) == verdict_state(no) && verdict_state(yes) != VERDICT_CHOICE)
        return yes;
    return verdict_or(a, verdict_and(a, condition, yes), verdict_and(a, verdict_not(a, condition), no));
}

static const struct value there = {.kind = VALUE_BOOL, .u = {.boolean = true}};

const struct value *verdict_exists(struct arena *a, const struct resource *r, const struct resource *beside)
{
    if (beside && r->open && beside->open)
        return &there;
    if (r->presence == PRESENCE_CHOICE && r->exists)
        return verdict_of(a, r->exists);
    if (r->presence == PRESENT)
        return &there;
    return value_unknown(a, arena_printf(a, "it is not known whether " STR_FMT " exists", STR_ARG(r->address)), NULL);
}

static const struct value *keep(struct arena *a, const struct value *verdict, const struct value *v, bool *ret_open,
                                unsigned depth)
{
    switch (verdict_state(verdict)) {
    case VERDICT_YES:
        return v;
    case VERDICT_CHOICE: {
        size_t n = verdict->u.choice.by->n_options;
        const struct value **options = ARENA_ARRAY(a, const struct value *, n);
        for (size_t i = 0; i < n; i++)
            options[i] = depth < NESTING ? keep(a, verdict->u.choice.option[i], v, ret_open, depth + 1) : v;
        return value_choice(a, verdict->u.choice.by, options, v->origin);
    }
    case VERDICT_UNKNOWN:
        *ret_open = true;
        break;
    case VERDICT_NO:
        break;
    }
    return NULL;
}

const struct value *verdict_keep(struct arena *a, const struct value *verdict, const struct value *v, bool *ret_open)
{
    return keep(a, verdict, v, ret_open, 0);
}

static const struct value *as_verdict(void *context, const struct value *v)
{
    struct arena *a = context;
    bool b;
    if (v->kind == VALUE_NULL)
        return value_bool(a, false, v->origin);
    if (value_to_bool(v, &b))
        return value_bool(a, b, v->origin);
    return v->kind == VALUE_UNKNOWN ? v : value_unknown(a, STR("not a plain value"), v->origin);
}

const struct value *verdict_of(struct arena *a, const struct value *v)
{
    return value_lift(a, v, as_verdict, a);
}

/* "No" that is nothing is false. */
static const struct value *settle(struct arena *a, const struct value *v, const struct origin *otherwise)
{
    if (!v || v->kind == VALUE_NULL)
        return value_bool(a, false, otherwise);
    if (v->kind != VALUE_CHOICE)
        return v;
    const struct decider *by = v->u.choice.by;
    const struct value **options = ARENA_ARRAY(a, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++)
        options[i] = settle(a, v->u.choice.option[i], otherwise);
    return value_choice(a, by, options, v->origin);
}

void verdict_set(struct analysis *a, const struct resource *r, const char *name, const struct value *verdict,
                 const struct origin *otherwise)
{
    fact_set(a, r, name, settle(a->arena, verdict, otherwise));
}

void items_add(struct arena *a, struct value_items *list, const struct value *verdict, const struct value *v)
{
    const struct value *kept = verdict_keep(a, verdict, v, &list->open);
    if (kept)
        VEC_PUSH(list, kept);
}

const struct value *items_value(struct arena *a, struct value_items *list)
{
    size_t n;
    const struct value **items = VEC_MOVE(list, a, &n);
    struct value *v = value_list(a, items, n, NULL);
    v->flags |= list->open ? VALUE_PARTIAL : 0;
    return v;
}

const struct value *address_value(struct arena *a, const struct resource *r)
{
    return value_string(a, r->address, origin_new(a, r->header, r->address, NULL));
}

const struct value *reference_value(struct arena *a, const struct resource *r, const struct origin *o)
{
    struct ref *ref = ARENA_NEW(a, struct ref);
    *ref = (struct ref){.target = r, .address = r->address};
    struct value *v = value_string(a, r->address, o);
    v->ref = ref;
    return v;
}
