#include "analysis/labels.h"

#include "base/diag.h"

struct matching {
    struct arena *arena;
    const struct value *wanted; /* a text, a map of labels, a selector */
    const struct value *labels;
};

static const struct value certain_yes = {.kind = VALUE_BOOL, .u = {.boolean = true}};
static const struct value certain_no = {.kind = VALUE_BOOL};

static const struct value *unknown(struct arena *a, const char *reason)
{
    return value_unknown(a, str_of(reason), NULL);
}

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

/* ---- one label ---- */

static const struct value *equals(struct arena *a, const struct value *x, const struct value *y)
{
    str s, t;
    if (x->kind == VALUE_STRING && y->kind == VALUE_STRING)
        return str_eq(x->u.string, y->u.string) ? &certain_yes : NULL;
    const struct ref *p = value_find_ref(x), *q = value_find_ref(y);
    if (p && q && p->target && p->target == q->target && str_eq(p->attribute, q->attribute) &&
        x->kind == VALUE_UNKNOWN && y->kind == VALUE_UNKNOWN)
        return &certain_yes;
    if (!value_is_known(x) || !value_is_known(y))
        return unknown(a, "a label or selector is not known");
    return value_to_text(x, a, &s) && value_to_text(y, a, &t) && str_eq(s, t) ? &certain_yes : NULL;
}

static const struct value *is_wanted(void *context, const struct value *label)
{
    struct matching *m = context;
    const struct value *v = m->wanted;
    if (label->kind == VALUE_NULL)
        return &certain_no;
    const struct value *same = v->kind == VALUE_CHOICE ? unknown(m->arena, "a selector depends on an undecided input")
                                                       : equals(m->arena, label, v);
    return same ? same : &certain_no;
}

static const struct value *label_is(struct arena *a, const struct value *label, const struct value *wanted)
{
    struct matching m = {.arena = a, .wanted = wanted};
    if (value_is(wanted, VALUE_CHOICE) && label->kind != VALUE_CHOICE) {
        m.wanted = label;
        return value_lift(a, wanted, is_wanted, &m);
    }
    return value_lift(a, label, is_wanted, &m);
}

/* The label, NULL when it is not there; *ret_open: it may be there. */
static const struct value *find_label(const struct value *labels, str key, bool *ret_open)
{
    *ret_open =
        labels && (labels->kind == VALUE_UNKNOWN || labels->kind == VALUE_TEXT || (labels->flags & VALUE_PARTIAL));
    const struct value *v = value_is(labels, VALUE_MAP) ? value_get(labels, key) : NULL;
    if (is_nothing(v))
        return NULL;
    *ret_open = false;
    return v;
}

/* ---- maps of labels ---- */

static const struct value *match_map(struct arena *a, const struct value *wanted, const struct value *labels)
{
    if (wanted->kind != VALUE_MAP)
        return unknown(a, "a selector is not known");
    const struct value *all = wanted->flags & VALUE_PARTIAL ? unknown(a, "a selector is not known") : &certain_yes;
    for (size_t i = 0; i < wanted->u.map.n && !verdict_is_no(all); i++) {
        const struct value_entry *e = &wanted->u.map.entry[i];
        if (is_nothing(e->value))
            continue;
        bool open;
        const struct value *label = find_label(labels, e->key, &open);
        const struct value *one =
            label ? label_is(a, label, e->value) : (open ? unknown(a, "the labels are not known") : NULL);
        all = verdict_and(a, all, one);
    }
    return all;
}

static const struct value *match_alternative(void *context, const struct value *labels)
{
    struct matching *m = context;
    const struct value *v = match_map(m->arena, m->wanted, labels);
    return v ? v : &certain_no;
}

static const struct value *match_wanted(void *context, const struct value *wanted)
{
    struct matching *m = context;
    struct matching inner = {.arena = m->arena, .wanted = wanted};
    if (value_is(m->labels, VALUE_CHOICE))
        return value_lift(m->arena, m->labels, match_alternative, &inner);
    const struct value *v = match_map(m->arena, wanted, m->labels);
    return v ? v : &certain_no;
}

const struct value *labels_match(struct arena *a, const struct value *wanted, const struct value *labels)
{
    if (is_nothing(wanted))
        return NULL;
    struct matching m = {.arena = a, .labels = labels};
    return value_lift(a, wanted, match_wanted, &m);
}

/* ---- expressions ---- */

static const struct value *is_among(struct arena *a, const struct value *label, const struct value *values)
{
    if (!value_is(values, VALUE_LIST))
        return is_nothing(values) ? NULL : unknown(a, "the values of a selector are not known");
    const struct value *any =
        values->flags & VALUE_PARTIAL ? unknown(a, "the values of a selector are not known") : NULL;
    for (size_t i = 0; i < values->u.list.n && !verdict_is_yes(any); i++)
        if (!is_nothing(values->u.list.item[i]))
            any = verdict_or(a, any, label_is(a, label, values->u.list.item[i]));
    return any;
}

enum operator{ IN, NOT_IN, EXISTS, DOES_NOT_EXIST, NO_OPERATOR };

static enum operator operator_of(const struct value *expression)
{
    static const char *const names[] = {"In", "NotIn", "Exists", "DoesNotExist"};
    str name = value_str(value_get(expression, STR("operator")));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(name, names[i]))
            return (enum operator)i;
    return NO_OPERATOR;
}

static const struct value *match_expression(struct arena *a, const struct value *expression, const struct value *labels)
{
    str key = value_str(value_get(expression, STR("key")));
    enum operator op = operator_of(expression);
    if (!value_is(expression, VALUE_MAP) || !key.n || op == NO_OPERATOR)
        return unknown(a, "a selector has an expression that is not known");
    bool open;
    const struct value *label = find_label(labels, key, &open);
    if (!label && open)
        return unknown(a, "the labels are not known");
    switch (op) {
    case EXISTS:
        return label ? &certain_yes : NULL;
    case DOES_NOT_EXIST:
        return label ? NULL : &certain_yes;
    case IN:
        return label ? is_among(a, label, value_get(expression, STR("values"))) : NULL;
    case NOT_IN:
        return label ? verdict_not(a, is_among(a, label, value_get(expression, STR("values")))) : &certain_yes;
    case NO_OPERATOR:
        break;
    }
    return unknown(a, "a selector has an operator that is not known");
}

static const struct value *match_expressions(struct arena *a, const struct value *list, const struct value *labels)
{
    if (is_nothing(list))
        return &certain_yes;
    if (list->kind != VALUE_LIST)
        return list->kind == VALUE_MAP ? match_expression(a, list, labels) : unknown(a, "a selector is not known");
    const struct value *all = list->flags & VALUE_PARTIAL ? unknown(a, "a selector is not known") : &certain_yes;
    for (size_t i = 0; i < list->u.list.n && !verdict_is_no(all); i++)
        if (!is_nothing(list->u.list.item[i]))
            all = verdict_and(a, all, match_expression(a, list->u.list.item[i], labels));
    return all;
}

static const struct value *match_selector(void *context, const struct value *labels)
{
    struct matching *m = context;
    const struct value *selector = m->wanted, *pairs = value_get(selector, STR("match_labels"));
    const struct value *v = is_nothing(pairs) ? &certain_yes : labels_match(m->arena, pairs, labels);
    if (!verdict_is_no(v))
        v = verdict_and(m->arena, v,
                        match_expressions(m->arena, value_get(selector, STR("match_expressions")), labels));
    return v ? v : &certain_no;
}

static const struct value *select_by(void *context, const struct value *selector)
{
    const struct matching *s = context;
    struct matching m = {.arena = s->arena, .wanted = selector};
    if (selector->kind == VALUE_NULL)
        return &certain_no;
    if (selector->kind != VALUE_MAP)
        return unknown(s->arena, "a selector is not known");
    if (!s->labels)
        return match_selector(&m, value_map(s->arena, NULL, 0, NULL));
    return value_lift(s->arena, s->labels, match_selector, &m);
}

const struct value *selector_match(struct arena *a, const struct value *selector, const struct value *labels)
{
    struct matching s = {.arena = a, .labels = labels};
    return value_lift(a, selector, select_by, &s);
}

/* ---- about selectors ---- */

static bool has_elements(const struct value *v)
{
    if (is_nothing(v))
        return false;
    return v->kind == VALUE_MAP ? v->u.map.n > 0 : v->kind == VALUE_LIST ? v->u.list.n > 0 : true;
}

static bool is_open(const struct value *v)
{
    return v &&
           ((v->kind != VALUE_MAP && v->kind != VALUE_LIST && v->kind != VALUE_NULL) || (v->flags & VALUE_PARTIAL));
}

static const struct value *empty_alternative(void *context, const struct value *selector)
{
    struct arena *a = context;
    if (selector->kind == VALUE_NULL)
        return &certain_no;
    if (is_open(selector))
        return unknown(a, "a selector is not known");
    const struct value *pairs = value_get(selector, STR("match_labels"));
    const struct value *expressions = value_get(selector, STR("match_expressions"));
    if (is_open(pairs) || is_open(expressions))
        return unknown(a, "a selector is not known");
    return value_bool(a, !has_elements(pairs) && !has_elements(expressions), selector->origin);
}

const struct value *selector_is_empty(struct arena *a, const struct value *selector)
{
    return value_lift(a, selector, empty_alternative, a);
}

bool selector_pair(const struct value *selector, str *ret_key, str *ret_value)
{
    const struct value *pairs = value_is(selector, VALUE_MAP) ? value_get(selector, STR("match_labels")) : NULL;
    for (size_t i = 0; value_is(pairs, VALUE_MAP) && i < pairs->u.map.n; i++) {
        const struct value_entry *e = &pairs->u.map.entry[i];
        if (value_is(e->value, VALUE_STRING)) {
            *ret_key = e->key;
            *ret_value = e->value->u.string;
            return true;
        }
    }
    return false;
}

static void check_expression(const struct value *expression, struct diag_list *diags)
{
    const struct value *name = value_get(expression, STR("operator"));
    if (value_is(name, VALUE_STRING) && operator_of(expression) == NO_OPERATOR)
        diag_add(diags, DIAG_STRUCTURE, value_span(name),
                 "a label selector has no operator \"" STR_FMT "\": In, NotIn, Exists or DoesNotExist",
                 STR_ARG(name->u.string));
}

void selector_check(const struct value *selector, struct diag_list *diags)
{
    const struct value *list = value_is(selector, VALUE_MAP) ? value_get(selector, STR("match_expressions")) : NULL;
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++)
        if (value_is(list->u.list.item[i], VALUE_MAP))
            check_expression(list->u.list.item[i], diags);
}
