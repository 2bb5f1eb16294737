#include "frontend/terraform/function.h"

/* Helpers for the families. */

const struct value *function_fail(struct call *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(c->arena, fmt, ap);
    va_end(ap);
    return eval_fail(c->e, c->node->at, "%s(): " STR_FMT, c->function->name, STR_ARG(message));
}

const struct value *function_string(struct call *c, str s)
{
    if (s.n > LIMIT_STRING_BYTES)
        return eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "%s(): the result is too long", c->function->name);
    return value_string(c->arena, s, c->origin);
}

const struct value *function_buf(struct call *c, struct buf *b)
{
    bool overflow = b->overflow;
    str s = buf_copy(b, c->arena);
    buf_release(b);
    if (overflow)
        return eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "%s(): the result is too long", c->function->name);
    return value_string(c->arena, s, c->origin);
}

const struct value *function_unknown(struct call *c)
{
    return tf_unknown_from(c->arena, c->arg, c->n, c->origin);
}

bool function_int(struct call *c, size_t arg, int64_t *ret, const struct value **ret_failure)
{
    if (tf_int_of(c->arg[arg], ret))
        return true;
    *ret_failure = function_fail(c, "argument %zu must be a whole number", arg + 1);
    return false;
}

str function_str(const struct call *c, size_t arg)
{
    return value_str(c->arg[arg]);
}

/* Finding. */

static const struct function *find_in(const struct function *table, str name)
{
    for (; table->name; table++) {
        if (table->name[0] == name.p[0] && str_eq_c(name, table->name))
            return table;
    }
    return NULL;
}

static const struct function *find(str name)
{
    static const struct function *const tables[] = {
        functions_string, functions_format, functions_number, functions_list, functions_map,     functions_encoding,
        functions_hash,   functions_ip,     functions_date,   functions_file, functions_convert, functions_impure};
    if (str_starts(name, STR("core::")))
        name = str_slice(name, 6, name.n);
    for (size_t i = 0; i < ARRAY_LEN(tables) && name.n; i++) {
        const struct function *f = find_in(tables[i], name);
        if (f)
            return f;
    }
    return NULL;
}

/* Arguments. */

static char letter_for(const char *spec, size_t i)
{
    char last = 0;
    for (; *spec; spec++) {
        if (*spec == '?')
            continue;
        if (*spec == '*')
            return last;
        if (i == 0 && spec[1] != '*')
            return *spec;
        if (spec[1] != '*')
            i--;
        last = *spec;
    }
    return 0;
}

static size_t least_arguments(const char *spec)
{
    size_t n = 0;
    for (; *spec && *spec != '?'; spec++)
        n += *spec == '*' ? (size_t)-1 : 1;
    return n;
}

static const struct type *type_for(char letter)
{
    static const struct type strings = {.kind = TYPE_LIST, .element = &type_string};
    static const struct type set = {.kind = TYPE_SET, .element = &type_any};
    switch (letter) {
    case 's':
        return &type_string;
    case 'n':
        return &type_number;
    case 'b':
        return &type_bool;
    case 'L':
        return &strings;
    case 'S':
        return &set;
    default:
        return &type_any;
    }
}

static bool fits(char letter, const struct value *v)
{
    bool json = v->flags & VALUE_JSON;
    if (letter == 'l')
        return v->kind == VALUE_LIST && !json;
    if (letter == 'm')
        return v->kind == VALUE_MAP && !json;
    if (letter == 'c')
        return (v->kind == VALUE_LIST || v->kind == VALUE_MAP) && !json;
    return true;
}

static const struct value *check_argument(struct call *c, size_t i, char letter, bool *unknown)
{
    const struct value *v = eval_force(c->e, c->arg[i]);
    unsigned flags = c->function->flags;
    if (v->flags & TF_FAILED && !(flags & FN_UNKNOWNS && letter == 'a' && flags & FN_NULLS))
        return v;
    if (strchr("snbLS", letter)) {
        const struct value *made = eval_convert(c->e, v, type_for(letter), c->node->at);
        if (made->flags & TF_FAILED && !(v->flags & TF_FAILED))
            return made;
        v = letter == 's' || letter == 'a' ? tf_plain(c->arena, made) : made;
    }
    c->arg[i] = v;
    if (v->kind == VALUE_NULL && !(flags & FN_NULLS))
        return function_fail(c, "argument %zu must not be null", i + 1);
    bool settled = tf_settled(v) || (flags & FN_NO_LIFT && v->kind == VALUE_CHOICE);
    if (settled && v->kind != VALUE_NULL && !fits(letter, v))
        return function_fail(c, "argument %zu is of the wrong type", i + 1);
    if (!settled && !(flags & FN_UNKNOWNS))
        *unknown = true;
    if (v->flags & TF_OPEN && !(flags & FN_PARTIAL))
        *unknown = true;
    if (flags & FN_DEEP && !value_is_known(v))
        *unknown = true;
    return NULL;
}

static const struct value *run_function(struct call *c)
{
    bool unknown = false;
    for (size_t i = 0; i < c->n; i++) {
        const struct value *failure = check_argument(c, i, letter_for(c->function->spec, i), &unknown);
        if (failure)
            return failure;
    }
    if (unknown)
        return function_unknown(c);
    const struct value *v = c->function->run(c);
    eval_charge_value(c->e, v);
    if (value_is_too_long(v) && !(v->flags & TF_FAILED))
        v = eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "%s(): the result is too long", c->function->name);
    uint16_t marks = tf_marks_of(c->arg, c->n);
    const struct ref *refs =
        tf_settled(v) && v->kind != VALUE_LIST && v->kind != VALUE_MAP ? tf_refs_of(c->arena, c->arg, c->n) : NULL;
    return marks || refs ? tf_with_marks(c->arena, v, marks, refs) : v;
}

struct argument_lift {
    const struct call *call;
    size_t i;
    unsigned choices;
};

static const struct value *lift_arguments(struct call *c, size_t from, unsigned choices);

static const struct value *with_alternative(void *context, const struct value *v)
{
    struct argument_lift *l = context;
    struct call c = *l->call;
    c.arg = arena_copy(c.arena, l->call->arg, c.n * sizeof(struct value *));
    c.arg[l->i] = v;
    return lift_arguments(&c, l->i + 1, l->choices + 1);
}

static const struct value *lift_arguments(struct call *c, size_t from, unsigned choices)
{
    enum { MOST = 4 };
    for (size_t i = from; i < c->n; i++) {
        if (c->arg[i]->kind != VALUE_CHOICE || c->function->flags & FN_NO_LIFT)
            continue;
        if (choices == MOST)
            return function_unknown(c);
        struct argument_lift l = {c, i, choices};
        return eval_lift(c->e, c->arg[i], with_alternative, &l);
    }
    return run_function(c);
}

/* Choices inside a list or map, for functions that must know all of it: the collection becomes a choice
 * of collections, where one input decides. */
static const struct decider *inner_decider(const struct value *v, unsigned depth, size_t *budget)
{
    if (depth > 8 || *budget == 0)
        return NULL;
    --*budget;
    if (v && v->kind == VALUE_CHOICE)
        return v->u.choice.by;
    size_t n = value_is(v, VALUE_LIST) ? v->u.list.n : value_is(v, VALUE_MAP) ? v->u.map.n : 0;
    for (size_t i = 0; i < n; i++) {
        const struct value *inner = v->kind == VALUE_LIST ? v->u.list.item[i] : v->u.map.entry[i].value;
        const struct decider *by = inner_decider(inner, depth + 1, budget);
        if (by)
            return by;
    }
    return NULL;
}

static const struct decider *decider_inside(const struct value *v)
{
    size_t budget = LIMIT_COLLECTION;
    return inner_decider(v, 0, &budget);
}

static const struct value *decide_inside(struct arena *a, const struct value *v, const struct decider *by,
                                         size_t option)
{
    while (value_is(v, VALUE_CHOICE) && v->u.choice.by == by)
        v = v->u.choice.option[option];
    if (!v || (v->kind != VALUE_LIST && v->kind != VALUE_MAP) || !decider_inside(v))
        return v;
    struct value *copy = value_copy(a, v);
    if (v->kind == VALUE_LIST) {
        copy->u.list.item = arena_copy(a, v->u.list.item, v->u.list.n * sizeof(struct value *));
        for (size_t i = 0; i < v->u.list.n; i++)
            copy->u.list.item[i] = decide_inside(a, v->u.list.item[i], by, option);
        return copy;
    }
    struct value_entry *entries = arena_copy(a, v->u.map.entry, v->u.map.n * sizeof(*entries));
    for (size_t i = 0; i < v->u.map.n; i++)
        entries[i].value = decide_inside(a, entries[i].value, by, option);
    copy->u.map.entry = entries;
    return copy;
}

static const struct value *hoist(struct arena *a, const struct value *v, unsigned depth)
{
    const struct decider *by = v->kind == VALUE_CHOICE ? NULL : decider_inside(v);
    if (!by || depth == 3)
        return v;
    const struct value **options = ARENA_ARRAY(a, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++)
        options[i] = hoist(a, decide_inside(a, v, by, i), depth + 1);
    return value_choice(a, by, options, v->origin);
}

/* Calls. */

static bool gather(struct evaluator *e, const struct node *n, const struct scope *s, struct call *c,
                   const struct value **ret_instead)
{
    size_t count = n->u.call->n;
    const struct value *last = NULL;
    size_t extra = 0;
    if (n->u.call->expand_last && count > 0) {
        last = eval_force(e, eval_node(e, n->u.call->argument[--count], s));
        if (last->kind != VALUE_LIST || last->flags & VALUE_JSON) {
            *ret_instead = tf_settled(last) ? eval_fail(e, n->at, "the last argument must be a list to be expanded")
                                            : tf_unknown_from(e->arena, &last, 1, eval_origin(e, n->at));
            return false;
        }
        extra = last->u.list.n;
    }
    c->n = count + extra;
    if (c->n > LIMIT_COLLECTION) {
        *ret_instead = eval_fail_as(e, DIAG_LIMIT, n->at, "the function has too many arguments");
        return false;
    }
    c->arg = ARENA_ARRAY(e->arena, const struct value *, c->n + 1);
    for (size_t i = 0; i < count; i++)
        c->arg[i] = eval_node(e, n->u.call->argument[i], s);
    for (size_t i = 0; i < extra; i++)
        c->arg[count + i] = last->u.list.item[i] ? last->u.list.item[i] : value_null(e->arena, last->origin);
    return true;
}

/* The first argument that has no error. An argument that fails in some alternatives only is replaced
 * there by what follows. */
struct retry {
    struct evaluator *e;
    const struct value *next;
};

static const struct value *mend(void *context, const struct value *v)
{
    struct retry *r = context;
    return v->flags & TF_FAILED && r->next ? r->next : v;
}

static bool fails_somewhere(const struct value *v)
{
    if (v->kind != VALUE_CHOICE)
        return v->flags & TF_FAILED;
    for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
        if (v->u.choice.option[i] && fails_somewhere(v->u.choice.option[i]))
            return true;
    }
    return false;
}

static const struct value *call_try(struct evaluator *e, const struct node *n, const struct scope *s, size_t from)
{
    for (size_t i = from; i < n->u.call->n; i++) {
        size_t mark = eval_mark(e);
        const struct value *v = eval_node(e, n->u.call->argument[i], s);
        bool last = i + 1 == n->u.call->n;
        if (eval_mark(e) == mark && !fails_somewhere(v))
            return v;
        if (v->kind == VALUE_CHOICE && !last) {
            eval_forget(e, mark);
            struct retry r = {e, call_try(e, n, s, i + 1)};
            return value_lift(e->arena, v, mend, &r);
        }
        if (last && v->kind == VALUE_CHOICE)
            return v;
        eval_forget(e, mark);
    }
    return eval_fail(e, n->at, "no argument of try() can be evaluated");
}

static const struct value *can_alternative(void *context, const struct value *v)
{
    struct evaluator *e = context;
    return value_bool(e->arena, !(v->flags & TF_FAILED), v->origin);
}

static const struct value *call_can(struct evaluator *e, const struct node *n, const struct scope *s)
{
    size_t mark = eval_mark(e);
    if (n->u.call->n != 1)
        return eval_fail(e, n->at, "can() has one argument");
    const struct value *v = eval_force(e, eval_node(e, n->u.call->argument[0], s));
    bool failed = eval_mark(e) > mark || v->flags & TF_FAILED;
    eval_forget(e, mark);
    if (failed || tf_settled(v))
        return value_bool(e->arena, !failed, eval_origin(e, n->at));
    if (v->kind == VALUE_CHOICE)
        return value_lift(e->arena, v, can_alternative, e);
    return v->kind == VALUE_TEXT ? value_bool(e->arena, true, eval_origin(e, n->at))
                                 : tf_unknown_from(e->arena, &v, 1, eval_origin(e, n->at));
}

const struct value *function_call(struct evaluator *e, const struct node *n, const struct scope *s)
{
    str name = n->u.call->name;
    if (str_eq_c(name, "try") || str_eq_c(name, "core::try"))
        return call_try(e, n, s, 0);
    if (str_eq_c(name, "can") || str_eq_c(name, "core::can"))
        return call_can(e, n, s);
    struct call c = {.e = e, .arena = e->arena, .node = n, .scope = s, .function = find(name)};
    if (!c.function && str_starts(name, STR("provider::")))
        return value_unknown(e->arena, arena_printf(e->arena, STR_FMT "() belongs to a provider", STR_ARG(name)),
                             eval_origin(e, n->at));
    if (!c.function)
        return eval_fail_as(e, DIAG_STRUCTURE, n->at, "there is no function " STR_FMT "()", STR_ARG(name));
    const struct value *instead;
    if (!gather(e, n, s, &c, &instead))
        return instead;
    if (c.n < least_arguments(c.function->spec) || (c.n > 0 && !letter_for(c.function->spec, c.n - 1)))
        return eval_fail(e, n->at, STR_FMT "() is called with %zu arguments", STR_ARG(name), c.n);
    const struct origin *via = NULL;
    for (size_t i = 0; i < c.n; i++) {
        if (c.function->flags & (FN_DEEP | FN_HOIST))
            c.arg[i] = hoist(e->arena, eval_force(e, c.arg[i]), 0);
        if (!via && c.arg[i]->origin && c.arg[i]->origin->via)
            via = c.arg[i]->origin;
    }
    c.origin = origin_new(e->arena, n->at, STR_NONE, via);
    return lift_arguments(&c, 0, 0);
}
