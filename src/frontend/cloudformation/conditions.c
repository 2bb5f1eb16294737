#include "frontend/cloudformation/conditions.h"

#include "frontend/cloudformation/assume.h"
#include "frontend/cloudformation/intrinsics.h"
#include "frontend/cloudformation/parameters.h"
#include "frontend/cloudformation/worlds.h"

/* Tests that cannot be decided. */

static const struct value *by_default(struct cfn_stack *s, const struct node *n)
{
    enum cfn_mode mode = s->mode;
    s->mode = CFN_DEFAULTS;
    const struct value *v = cfn_condition_eval(s, n);
    s->mode = mode;
    return v;
}

static str opaque_name(struct cfn_stack *s, const struct node *n)
{
    const struct cfn_condition *c = map_find(&s->conditions, s->condition_name);
    if (c && c->node == n)
        return arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(s->prefix), STR_ARG(c->name));
    const struct source *source = source_at(s->run->inputs->sources, n->at.file);
    unsigned line = source ? source_position(source, n->at.start).line : 0;
    if (c)
        return arena_printf(s->arena, STR_FMT STR_FMT " (the test in line %u)", STR_ARG(s->prefix), STR_ARG(c->name),
                            line);
    return arena_printf(s->arena, "the test in line %u", line);
}

/* The text of a test, with the values of loop variables, tells equal tests. */
static str opaque_key(struct cfn_stack *s, const struct node *n)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    node_dump(n, &b);
    for (const struct cfn_scope *c = s->scope; c; c = c->outer)
        buf_printf(&b, "|" STR_FMT "=" STR_FMT, STR_ARG(c->name), STR_ARG(value_str(c->value)));
    str key = buf_copy(&b, s->arena);
    buf_release(&b);
    return key;
}

static const struct value *undecided(struct cfn_stack *s, const struct node *n, bool has_default)
{
    static const str labels[] = {{"true", 4}, {"false", 5}};
    if (s->mode == CFN_DEFAULTS)
        return value_unknown(s->arena, STR("an input has no default"), NULL);
    str key = opaque_key(s, n);
    const struct value *known = map_find(&s->opaque, key);
    if (known)
        return known;
    const struct value *standard = has_default ? by_default(s, n) : NULL;
    struct decider *d = ARENA_NEW(s->arena, struct decider);
    *d = (struct decider){.name = opaque_name(s, n),
                          .option = labels,
                          .n_options = 2,
                          .known = value_is(standard, VALUE_BOOL),
                          .at = n->at,
                          .default_option = SIZE_MAX};
    if (d->known)
        d->default_option = standard->u.boolean ? 0 : 1;
    const struct value **options = ARENA_ARRAY(s->arena, const struct value *, 2);
    options[0] = s->yes;
    options[1] = s->no;
    const struct value *v = world_choice(s->arena, d, options, cfn_origin(s, n));
    map_set(&s->opaque, key, (void *)(uintptr_t)v);
    struct cfn_opaque *test = ARENA_NEW(s->arena, struct cfn_opaque);
    *test = (struct cfn_opaque){d, n};
    map_set(&s->opaque_by_name, d->name, test);
    return v;
}

static const struct value *opaque(struct cfn_stack *s, const struct node *n)
{
    return undecided(s, n, true);
}

static bool has_unknown(const struct value *v)
{
    if (value_is(v, VALUE_CHOICE)) {
        for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
            if (has_unknown(v->u.choice.option[i]))
                return true;
        }
        return false;
    }
    return !value_is(v, VALUE_BOOL);
}

/* Equality. */

/* "Anything else" of a parameter is none of the texts that conditions name. */
static bool is_other(struct cfn_stack *s, const struct value *other, const struct value *text)
{
    if (!str_starts(other->u.reason, STR(CFN_OTHER_VALUE)))
        return false;
    str name = str_slice(other->u.reason, sizeof(CFN_OTHER_VALUE) - 1, other->u.reason.n);
    const struct cfn_parameter *p = map_find(&s->parameters, name);
    for (size_t j = 0; p && p->other == other && j < p->n_literals; j++) {
        if (str_eq(p->literal[j], value_str(text)))
            return true;
    }
    return false;
}

/* A text with holes differs from one that lacks its fixed beginning or end. */
static bool cannot_be(const struct value *holes, str text)
{
    const struct value *first = holes->u.list.item[0], *last = holes->u.list.item[holes->u.list.n - 1];
    return (value_is(first, VALUE_STRING) && !str_starts(text, first->u.string)) ||
           (value_is(last, VALUE_STRING) && !str_ends(text, last->u.string));
}

static const struct value *equal_texts(struct cfn_stack *s, const struct value *a, const struct value *b)
{
    str x, y;
    if (a && b && value_to_text(a, s->arena, &x) && value_to_text(b, s->arena, &y))
        return str_eq(x, y) ? s->yes : s->no;
    if (value_is(b, VALUE_UNKNOWN) || value_is(b, VALUE_TEXT)) {
        const struct value *swap = a;
        a = b;
        b = swap;
    }
    if (value_is(b, VALUE_STRING)) {
        if (value_is(a, VALUE_UNKNOWN) && ((b->u.string.n == 0 && (a->flags & VALUE_NONEMPTY)) || is_other(s, a, b)))
            return s->no;
        if (value_is(a, VALUE_TEXT) &&
            ((b->u.string.n == 0 && (a->flags & VALUE_NONEMPTY)) || cannot_be(a, b->u.string)))
            return s->no;
    }
    if (a && b && value_is_known(a) && value_is_known(b))
        return value_equal(a, b) ? s->yes : s->no;
    return NULL;
}

static const struct value *equal_leaf(void *context, const struct value *const *argument, size_t n,
                                      const struct world *w)
{
    (void)n;
    (void)w;
    return equal_texts(context, argument[0], argument[1]);
}

static const struct value *eval_equals(struct cfn_stack *s, const struct node *n, const struct node *arguments)
{
    if (arguments->kind != NODE_LIST || arguments->u.list.n != 2) {
        cfn_complain(s, DIAG_STRUCTURE, n->at, "Fn::Equals takes a list of two values");
        return opaque(s, n);
    }
    const struct value *argument[2];
    for (size_t i = 0; i < 2; i++)
        argument[i] = cfn_eval_text(s, arguments->u.list.item[i]);
    struct world_lift lift = {.arena = s->arena, .fn = equal_leaf, .context = s, .leaves = LIMIT_ALTERNATIVES};
    const struct value *v = world_lift(&lift, argument, 2, NULL);
    return lift.overflow || has_unknown(v) ? opaque(s, n) : v;
}

/* Logic. */

struct junction {
    struct cfn_stack *stack;
    const struct value *decisive; /* what one operand settles: false of And, true of Or */
};

/* Only the first operand is decided; the second is looked at where it matters. */
static const struct value *join_leaf(void *context, const struct value *const *argument, size_t n,
                                     const struct world *w)
{
    (void)n;
    (void)w;
    const struct junction *j = context;
    struct cfn_stack *s = j->stack;
    const struct value *other = j->decisive == s->yes ? s->no : s->yes;
    for (size_t i = 0; i < 2; i++) {
        if (value_is(argument[i], VALUE_BOOL) && argument[i]->u.boolean == j->decisive->u.boolean)
            return j->decisive;
    }
    return value_is(argument[0], VALUE_BOOL) && value_is(argument[1], VALUE_BOOL) ? other : NULL;
}

struct second {
    struct world_lift *lift;
    struct junction *junction;
    const struct value *operand;
};

static const struct value *first_leaf(void *context, const struct value *const *argument, size_t n,
                                      const struct world *w)
{
    (void)n;
    struct second *x = context;
    if (value_is(argument[0], VALUE_BOOL) && argument[0]->u.boolean == x->junction->decisive->u.boolean)
        return x->junction->decisive;
    const struct value *both[2] = {argument[0], x->operand};
    struct world_lift inner = {.arena = x->lift->arena,
                               .fn = join_leaf,
                               .context = x->junction,
                               .leaves = x->lift->leaves + 1,
                               .depth = x->lift->depth};
    const struct value *v = world_lift(&inner, both, 2, w);
    x->lift->leaves = inner.leaves < x->lift->leaves ? inner.leaves : x->lift->leaves;
    x->lift->overflow = x->lift->overflow || inner.overflow;
    return v;
}

static const struct value *join(struct cfn_stack *s, const struct value *a, const struct value *b,
                                const struct value *decisive, bool *ret_overflow)
{
    struct junction j = {s, decisive};
    struct second x = {.junction = &j, .operand = b};
    struct world_lift lift = {.arena = s->arena, .fn = first_leaf, .context = &x, .leaves = LIMIT_ALTERNATIVES};
    x.lift = &lift;
    const struct value *v = world_lift(&lift, &a, 1, NULL);
    *ret_overflow = lift.overflow;
    return v;
}

static const struct value *eval_junction(struct cfn_stack *s, const struct node *n, const struct node *arguments,
                                         bool is_and)
{
    if (arguments->kind != NODE_LIST || arguments->u.list.n == 0) {
        cfn_complain(s, DIAG_STRUCTURE, n->at, "Fn::%s takes a list of conditions", is_and ? "And" : "Or");
        return opaque(s, n);
    }
    const struct value *all = is_and ? s->yes : s->no;
    for (size_t i = 0; i < arguments->u.list.n; i++) {
        bool overflow;
        const struct value *one = cfn_condition_eval(s, arguments->u.list.item[i]);
        all = join(s, all, one, is_and ? s->no : s->yes, &overflow);
        if (overflow)
            return opaque(s, n);
        if (!all)
            all = value_unknown(s->arena, STR("an input has no default"), NULL);
    }
    return s->mode != CFN_DEFAULTS && has_unknown(all) ? opaque(s, n) : all;
}

static const struct value *not_leaf(void *context, const struct value *const *argument, size_t n, const struct world *w)
{
    (void)n;
    (void)w;
    struct cfn_stack *s = context;
    if (!value_is(argument[0], VALUE_BOOL))
        return argument[0];
    return argument[0]->u.boolean ? s->no : s->yes;
}

static const struct value *eval_not(struct cfn_stack *s, const struct node *n, const struct node *arguments)
{
    const struct node *operand = arguments;
    if (arguments->kind == NODE_LIST) {
        if (arguments->u.list.n != 1) {
            cfn_complain(s, DIAG_STRUCTURE, n->at, "Fn::Not takes a list of one condition");
            return opaque(s, n);
        }
        operand = arguments->u.list.item[0];
    }
    const struct value *v = cfn_condition_eval(s, operand);
    struct world_lift lift = {.arena = s->arena, .fn = not_leaf, .context = s, .leaves = LIMIT_ALTERNATIVES};
    v = world_lift(&lift, &v, 1, NULL);
    return lift.overflow ? opaque(s, n) : v;
}

/* A text that CloudFormation takes for a boolean. */
static const struct value *eval_literal(struct cfn_stack *s, const struct node *n)
{
    str text;
    if (cfn_scoped_text(s, n, &text)) {
        if (str_eq_c(text, "true"))
            return s->yes;
        if (str_eq_c(text, "false"))
            return s->no;
    }
    cfn_complain(s, DIAG_STRUCTURE, n->at, "this is no condition: And, Or, Not, Equals or Condition is expected");
    return undecided(s, n, false);
}

static const struct value *eval_call(struct cfn_stack *s, const struct node *n, str name, const struct node *arguments)
{
    if (str_eq_c(name, "Equals"))
        return eval_equals(s, n, arguments);
    if (str_eq_c(name, "And") || str_eq_c(name, "Or"))
        return eval_junction(s, n, arguments, str_eq_c(name, "And"));
    if (str_eq_c(name, "Not"))
        return eval_not(s, n, arguments);
    str text;
    if (str_eq_c(name, "Condition")) {
        if (cfn_scoped_text(s, arguments, &text))
            return cfn_condition_named(s, text, arguments);
        cfn_complain(s, DIAG_STRUCTURE, n->at, "Condition takes the name of a condition");
        return opaque(s, n);
    }
    const struct value *v = cfn_eval(s, n);
    if (value_is(v, VALUE_BOOL))
        return v->u.boolean ? s->yes : s->no;
    if (value_to_text(v, s->arena, &text) && (str_eq_c(text, "true") || str_eq_c(text, "false")))
        return str_eq_c(text, "true") ? s->yes : s->no;
    return opaque(s, n);
}

const struct value *cfn_condition_eval(struct cfn_stack *s, const struct node *n)
{
    if (s->depth >= LIMIT_DEPTH || !cfn_spend(s, 1, n->at)) {
        cfn_complain_once(s, STR("depth of conditions"), DIAG_LIMIT, n->at, "conditions are nested too deeply");
        return opaque(s, n);
    }
    enum cfn_mode mode = s->mode;
    if (mode == CFN_PROPERTIES)
        s->mode = CFN_CONDITIONS;
    s->depth++;
    str name;
    const struct node *arguments;
    const struct value *v =
        cfn_call(n, true, &name, &arguments) ? eval_call(s, n, name, arguments) : eval_literal(s, n);
    s->depth--;
    s->mode = mode;
    return v;
}

const struct value *cfn_condition_named(struct cfn_stack *s, str name, const struct node *use)
{
    struct cfn_condition *c = map_find(&s->conditions, name);
    enum cfn_mode mode = s->mode == CFN_DEFAULTS ? CFN_DEFAULTS : CFN_CONDITIONS;
    if (!c) {
        if (!s->has_macro)
            cfn_complain(s, DIAG_REFERENCE, use->at, "there is no condition \"" STR_FMT "\"", STR_ARG(name));
        return undecided(s, use, false);
    }
    if (c->of_mode[mode])
        return c->of_mode[mode];
    if (c->busy) {
        if (!c->in_cycle)
            cfn_complain(s, DIAG_CYCLE, c->at, "condition \"" STR_FMT "\" depends on itself", STR_ARG(name));
        c->in_cycle = true;
        return undecided(s, use, false);
    }
    str outer_name = s->condition_name;
    const struct cfn_scope *outer_scope = s->scope;
    enum cfn_mode outer_mode = s->mode;
    struct cfn_assumed assumed = cfn_assume_nothing(s);
    c->busy = true;
    s->condition_name = name;
    s->scope = c->scope;
    s->mode = mode;
    c->of_mode[mode] = cfn_condition_eval(s, c->node);
    s->mode = outer_mode;
    s->scope = outer_scope;
    s->condition_name = outer_name;
    cfn_assume_end(s, assumed);
    c->busy = false;
    return c->of_mode[mode];
}

/* Choosing. */

struct branches {
    const struct value *yes, *no;
};

static const struct value *choose_leaf(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    const struct branches *b = context;
    return world_restrict(argument[0]->u.boolean ? b->yes : b->no, w);
}

const struct value *cfn_condition_choose(struct cfn_stack *s, const struct value *condition, const struct value *yes,
                                         const struct value *no, const struct node *use)
{
    if (value_is(condition, VALUE_BOOL))
        return condition->u.boolean ? yes : no;
    if (yes == no)
        return yes;
    if (has_unknown(condition))
        return value_unknown(s->arena, STR("an input of the condition has no default"), cfn_origin(s, use));
    struct branches b = {yes, no};
    struct world_lift lift = {.arena = s->arena,
                              .fn = choose_leaf,
                              .context = &b,
                              .leaves = LIMIT_ALTERNATIVES,
                              .origin = cfn_origin(s, use)};
    const struct value *v = world_lift(&lift, &condition, 1, s->world);
    return lift.overflow ? value_unknown(s->arena, STR("too many alternatives"), cfn_origin(s, use)) : v;
}
