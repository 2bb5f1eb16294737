#include "frontend/cloudformation/assume.h"

#include "frontend/cloudformation/intrinsics.h"

/* For each decider that every way to the wanted leaf asks: the options with which it gets there. */

enum { MOST_SETTLED = 16, MOST_OPTIONS = 64 };

struct settled {
    const struct decider *by[MOST_SETTLED];
    uint64_t options[MOST_SETTLED];
    size_t n;
    bool reachable;
};

static void settle_both(struct settled *all, const struct settled *one)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++) {
        for (size_t j = 0; j < one->n; j++) {
            if (all->by[i] != one->by[j])
                continue;
            all->by[kept] = all->by[i];
            all->options[kept++] = all->options[i] | one->options[j];
            break;
        }
    }
    all->n = kept;
}

static void settle(const struct value *tree, bool holds, unsigned depth, struct settled *ret)
{
    ret->n = 0;
    ret->reachable = value_is(tree, VALUE_BOOL) && tree->u.boolean == holds;
    if (!value_is(tree, VALUE_CHOICE) || depth > LIMIT_ALTERNATIVES || tree->u.choice.by->n_options > MOST_OPTIONS)
        return;
    uint64_t own = 0;
    for (size_t i = 0; i < tree->u.choice.by->n_options; i++) {
        struct settled one;
        settle(tree->u.choice.option[i], holds, depth + 1, &one);
        if (!one.reachable)
            continue;
        if (ret->reachable)
            settle_both(ret, &one);
        else
            *ret = one;
        own |= (uint64_t)1 << i;
    }
    if (ret->reachable && ret->n < MOST_SETTLED) {
        ret->by[ret->n] = tree->u.choice.by;
        ret->options[ret->n++] = own;
    }
}

/* What follows for parameters. */

static void assume_value(struct cfn_stack *s, const struct cfn_parameter *p, const struct value *v)
{
    struct cfn_assumption *a = ARENA_NEW(s->arena, struct cfn_assumption);
    *a = (struct cfn_assumption){p, v, s->assumption};
    s->assumption = a;
}

static void assume_unknown(struct cfn_stack *s, const struct cfn_parameter *p, bool nonempty)
{
    str reason =
        arena_printf(s->arena, "parameter " STR_FMT " has another value than its default here", STR_ARG(p->name));
    struct value *v = value_unknown(s->arena, reason, p->of_mode[CFN_PROPERTIES]->origin);
    v->flags |= (nonempty ? VALUE_NONEMPTY : 0) | (p->is_secret ? VALUE_SENSITIVE : 0);
    assume_value(s, p, v);
}

static bool is_open_default(const struct cfn_parameter *p)
{
    return p && p->of_mode[CFN_PROPERTIES] && value_is_known(p->of_mode[CFN_PROPERTIES]) &&
           p->of_mode[CFN_CONDITIONS] != p->of_mode[CFN_PROPERTIES];
}

static void assume_options(struct cfn_stack *s, const struct cfn_parameter *p, const struct decider *by,
                           uint64_t options)
{
    const struct value *choice = p->of_mode[CFN_CONDITIONS];
    if (by->default_option < by->n_options && options >> by->default_option & 1)
        return; /* the default is as good as any */
    bool nonempty = false;
    for (size_t i = 0; i < by->n_options; i++) {
        const struct value *v = choice->u.choice.option[i];
        bool taken = options >> i & 1;
        nonempty = nonempty || (!taken && value_is(v, VALUE_STRING) && v->u.string.n == 0);
        if (options == (uint64_t)1 << i && value_is(v, VALUE_STRING)) {
            assume_value(s, p, v);
            return;
        }
    }
    assume_unknown(s, p, nonempty);
}

/* A test that is an input of its own: the parameters in it are not what they are by default. */
static void assume_inside(struct cfn_stack *s, const struct node *n, unsigned depth)
{
    str name;
    const struct node *a;
    if (depth > LIMIT_DEPTH)
        return;
    if (cfn_call(n, false, &name, &a) && str_eq_c(name, "Ref")) {
        const struct cfn_parameter *p = map_find(&s->parameters, node_string(a));
        if (is_open_default(p) && !cfn_assumed_value(s, p))
            assume_unknown(s, p, true);
        return;
    }
    if (n->kind == NODE_TAGGED)
        assume_inside(s, n->u.tagged.value, depth + 1);
    for (size_t i = 0; n->kind == NODE_LIST && i < n->u.list.n; i++)
        assume_inside(s, n->u.list.item[i], depth + 1);
    for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++)
        assume_inside(s, n->u.map.entry[i].value, depth + 1);
}

static void assume_one(struct cfn_stack *s, const struct decider *by, uint64_t options)
{
    for (size_t i = 0; i < by->n_options; i++) {
        if (options != (uint64_t)1 << i)
            continue;
        struct world *w = ARENA_NEW(s->arena, struct world);
        *w = (struct world){by, i, s->world};
        s->world = w;
    }
    const struct cfn_parameter *p = map_find(
        &s->parameters, str_starts(by->name, s->prefix) ? str_slice(by->name, s->prefix.n, by->name.n) : by->name);
    const struct value *choice = p ? p->of_mode[CFN_CONDITIONS] : NULL;
    if (is_open_default(p) && value_is(choice, VALUE_CHOICE) && choice->u.choice.by == by) {
        assume_options(s, p, by, options);
        return;
    }
    const struct cfn_opaque *test = map_find(&s->opaque_by_name, by->name);
    if (test && test->decider == by && by->default_option < by->n_options && !(options >> by->default_option & 1))
        assume_inside(s, test->node, 0);
}

struct cfn_assumed cfn_assume(struct cfn_stack *s, const struct value *condition, bool holds)
{
    struct cfn_assumed before = {s->world, s->assumption};
    struct settled settled;
    settle(condition, holds, 0, &settled);
    for (size_t i = 0; i < settled.n; i++)
        assume_one(s, settled.by[i], settled.options[i]);
    return before;
}

struct cfn_assumed cfn_assume_nothing(struct cfn_stack *s)
{
    struct cfn_assumed before = {s->world, s->assumption};
    s->world = s->base_world;
    s->assumption = NULL;
    return before;
}

void cfn_assume_end(struct cfn_stack *s, struct cfn_assumed before)
{
    s->world = before.world;
    s->assumption = before.assumption;
}

const struct value *cfn_assumed_value(const struct cfn_stack *s, const struct cfn_parameter *p)
{
    for (const struct cfn_assumption *a = s->assumption; a; a = a->outer) {
        if (a->parameter == p)
            return a->value;
    }
    return NULL;
}
