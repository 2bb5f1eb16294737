#include "frontend/cloudformation/intrinsics.h"

#include "base/path.h"
#include "base/vec.h"
#include "frontend/cloudformation/assume.h"
#include "frontend/cloudformation/conditions.h"
#include "frontend/cloudformation/foreach.h"

const struct value *cfn_unknown(struct cfn_stack *s, const struct node *n, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str reason = arena_vprintf(s->arena, fmt, ap);
    va_end(ap);
    return value_unknown(s->arena, reason, cfn_origin(s, n));
}

static const struct value *complain(struct cfn_stack *s, enum diag_id id, const struct node *n, str message)
{
    cfn_complain(s, id, n->at, STR_FMT, STR_ARG(message));
    return value_unknown(s->arena, message, cfn_origin(s, n));
}

const struct value *cfn_wrong(struct cfn_stack *s, const struct node *n, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(s->arena, fmt, ap);
    va_end(ap);
    return complain(s, DIAG_EXPRESSION, n, message);
}

const struct value *cfn_malformed(struct cfn_stack *s, const struct node *n, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(s->arena, fmt, ap);
    va_end(ap);
    return complain(s, DIAG_STRUCTURE, n, message);
}

const struct value *cfn_unknown_from(struct cfn_stack *s, const struct node *n, const struct value *argument,
                                     const char *function)
{
    const struct value *cause = argument;
    for (size_t i = 0; value_is(argument, VALUE_TEXT) && i < argument->u.list.n && cause == argument; i++) {
        if (value_is(argument->u.list.item[i], VALUE_UNKNOWN))
            cause = argument->u.list.item[i];
    }
    str reason = value_is(cause, VALUE_UNKNOWN)
                     ? cause->u.reason
                     : arena_printf(s->arena, "Fn::%s of a value that is not known", function);
    struct value *v = value_unknown(s->arena, reason, cfn_origin(s, n));
    v->ref = argument ? argument->ref : NULL;
    v->flags |= argument ? argument->flags & VALUE_SENSITIVE : 0;
    return v;
}

const struct value *cfn_lift(struct cfn_stack *s, const struct node *n, world_fn *fn, void *context,
                             const struct value **argument, size_t count, const struct world *w)
{
    struct world_lift lift = {
        .arena = s->arena, .fn = fn, .context = context, .origin = cfn_origin(s, n), .leaves = LIMIT_ALTERNATIVES};
    const struct value *v = world_lift(&lift, argument, count, w ? w : s->world);
    return lift.overflow ? cfn_unknown(s, n, "over %u alternatives", (unsigned)LIMIT_ALTERNATIVES) : v;
}

bool cfn_has_optional(const struct value *list)
{
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *v = list->u.list.item[i];
        for (size_t j = 0; value_is(v, VALUE_CHOICE) && j < v->u.choice.by->n_options; j++) {
            if (!v->u.choice.option[j] || v->u.choice.option[j]->kind == VALUE_CHOICE)
                return true;
        }
    }
    return false;
}

/* Text of a file beside the template, as the rain tool puts it in before deployment. */
static const struct value *eval_embedded(struct cfn_stack *s, const struct node *n, str path)
{
    struct inputs *in = s->run->inputs;
    enum source_error error;
    const struct source *file =
        source_open(in->sources, path_join(s->arena, path_dir(s->path), path), in->root, &error);
    if (!file)
        cfn_complain(s, DIAG_NOT_ANALYSED, n->at, "\"" STR_FMT "\", to be embedded by rain: %s", STR_ARG(path),
                     source_error_text(error));
    if (!file)
        return cfn_unknown(s, n, "text of \"" STR_FMT "\"", STR_ARG(path));
    return value_string(s->arena, file->text, cfn_origin(s, n));
}

/* Rain::Embed, Rain::S3, ...: directives of the rain tool, which packages templates. */
static const struct value *eval_rain(struct cfn_stack *s, const struct node *n, str name, const struct node *a)
{
    str path;
    if (str_eq_c(name, "Rain::Embed") && cfn_scalar_text(s, a, &path))
        return eval_embedded(s, n, path);
    cfn_complain_once(s, name, DIAG_NOT_ANALYSED, n->at, "what " STR_FMT " puts here is not analysed", STR_ARG(name));
    return cfn_unknown(s, n, "put in by " STR_FMT, STR_ARG(name));
}

/* Fn::If and friends. */

static const struct value *eval_if(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    if (a->kind != NODE_LIST || a->u.list.n != 3)
        return cfn_malformed(s, n, "Fn::If takes [condition, value if true, value if false]");
    str name;
    const struct node *test = a->u.list.item[0];
    const struct value *condition =
        cfn_scoped_text(s, test, &name) ? cfn_condition_named(s, name, test) : cfn_condition_eval(s, test);
    condition = world_restrict(condition, s->world);
    if (value_is(condition, VALUE_BOOL))
        return cfn_eval(s, a->u.list.item[condition->u.boolean ? 1 : 2]);
    struct cfn_assumed before = cfn_assume(s, condition, true);
    const struct value *yes = cfn_eval(s, a->u.list.item[1]);
    cfn_assume_end(s, before);
    before = cfn_assume(s, condition, false);
    const struct value *no = cfn_eval(s, a->u.list.item[2]);
    cfn_assume_end(s, before);
    return cfn_condition_choose(s, condition, yes, no, n);
}

static const struct value *eval_condition(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    (void)a;
    return cfn_condition_eval(s, n);
}

static const struct value *eval_transform(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    const struct node *included = cfn_included(s, a);
    if (included)
        return cfn_eval(s, included);
    str name = node_string(node_find(a->kind == NODE_LIST && a->u.list.n > 0 ? a->u.list.item[0] : a, "Name"));
    return cfn_unknown(s, n, "made by macro " STR_FMT, STR_ARG(name));
}

static const struct {
    const char *name;
    cfn_function *function;
} functions[] = {
    {"Ref", cfn_eval_ref},
    {"Sub", cfn_eval_sub},
    {"GetAtt", cfn_eval_get_att},
    {"If", eval_if},
    {"Join", cfn_eval_join},
    {"Select", cfn_eval_select},
    {"Split", cfn_eval_split},
    {"FindInMap", cfn_eval_find_in_map},
    {"ImportValue", cfn_eval_import},
    {"Base64", cfn_eval_base64},
    {"Cidr", cfn_eval_cidr},
    {"GetAZs", cfn_eval_zones},
    {"Length", cfn_eval_length},
    {"ToJsonString", cfn_eval_to_json},
    {"Transform", eval_transform},
    {"And", eval_condition},
    {"Or", eval_condition},
    {"Not", eval_condition},
    {"Equals", eval_condition},
    {"Condition", eval_condition},
};

static const struct value *eval_call(struct cfn_stack *s, const struct node *n, str name, const struct node *a)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (!str_eq_c(name, functions[i].name))
            continue;
        bool extension = str_eq_c(name, "Length") || str_eq_c(name, "ToJsonString");
        if (extension && !s->has_language_extensions && !s->has_macro)
            cfn_complain_once(s, name, DIAG_EXPRESSION, n->at, "Fn::%s needs \"Transform: AWS::LanguageExtensions\"",
                              functions[i].name);
        return functions[i].function(s, n, a);
    }
    if (str_starts(name, STR("Rain::")))
        return eval_rain(s, n, name, a);
    if (s->has_macro)
        return cfn_unknown(s, n, "Fn::" STR_FMT " is for a macro", STR_ARG(name));
    return cfn_malformed(s, n, "there is no intrinsic function \"" STR_FMT "\"", STR_ARG(name));
}

/* Plain nodes. */

static const struct value *eval_number(struct cfn_stack *s, const struct node *n)
{
    struct value *v = value_number(s->arena, n->u.number.value, cfn_origin(s, n));
    str plain;
    double again;
    if (value_to_text(v, s->arena, &plain) && !str_eq(plain, n->u.number.text) &&
        str_to_double(n->u.number.text, &again))
        value_set_exact(v, n->u.number.text);
    return v;
}

static const struct value *eval_items(struct cfn_stack *s, const struct node *n)
{
    const struct value **items = ARENA_ARRAY(s->arena, const struct value *, n->u.list.n);
    size_t count = 0;
    for (size_t i = 0; i < n->u.list.n; i++) {
        const struct value *v = cfn_eval(s, n->u.list.item[i]);
        if (v)
            items[count++] = v;
    }
    return value_list(s->arena, items, count, cfn_origin(s, n));
}

static const struct value *eval_expanded(struct cfn_stack *s, const struct node *n)
{
    struct cfn_entries all = {0};
    bool partial = s->has_remote_parts;
    s->has_remote_parts = false;
    cfn_expand(s, n, &all);
    bool remote = s->has_remote_parts;
    s->has_remote_parts = partial || remote;
    struct value_entry *entries = ARENA_ARRAY(s->arena, struct value_entry, all.n);
    size_t count = 0;
    for (size_t i = 0; i < all.n; i++) {
        remote = remote || all.at[i].open;
        if (all.at[i].open)
            continue;
        const struct value *v = cfn_eval_in(s, all.at[i].value, all.at[i].scope);
        if (v)
            entries[count++] = (struct value_entry){all.at[i].key, all.at[i].key_node->at, v};
    }
    VEC_RELEASE(&all);
    struct value *map = value_map(s->arena, entries, count, cfn_origin(s, n));
    map->flags |= remote ? VALUE_PARTIAL : 0;
    return map;
}

static const struct value *eval_map(struct cfn_stack *s, const struct node *n)
{
    if (cfn_has_expansion(n))
        return eval_expanded(s, n);
    struct value_entry *entries = ARENA_ARRAY(s->arena, struct value_entry, n->u.map.n);
    size_t count = 0;
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        str key = STR_NONE;
        (void)cfn_scoped_text(s, e->key, &key);
        if (str_starts(key, STR("Fn::")) && !s->has_macro)
            cfn_complain(s, DIAG_STRUCTURE, e->key->at, "an intrinsic function must be alone in its mapping");
        const struct value *v = cfn_eval(s, e->value);
        if (v)
            entries[count++] = (struct value_entry){key, e->key->at, v};
    }
    return value_map(s->arena, entries, count, cfn_origin(s, n));
}

static const struct value *eval_plain(struct cfn_stack *s, const struct node *n)
{
    str text;
    switch ((enum node_kind)n->kind) {
    case NODE_NULL:
        return value_null(s->arena, cfn_origin(s, n));
    case NODE_BOOL:
        return value_bool(s->arena, n->u.boolean, cfn_origin(s, n));
    case NODE_NUMBER:
        return eval_number(s, n);
    case NODE_STRING:
        (void)cfn_scoped_text(s, n, &text);
        return cfn_hide_dynamic(s, value_string(s->arena, text, cfn_origin(s, n)));
    case NODE_LIST:
        return eval_items(s, n);
    case NODE_MAP:
        return eval_map(s, n);
    default:
        return cfn_unknown(s, n, "this could not be read");
    }
}

const struct value *cfn_eval(struct cfn_stack *s, const struct node *n)
{
    static const struct value over = {.kind = VALUE_UNKNOWN, .u.reason = {"a limit was hit", 15}};
    if (!cfn_spend(s, 1, n->at))
        return &over;
    if (s->depth >= LIMIT_DEPTH) {
        cfn_complain_once(s, STR("depth"), DIAG_LIMIT, n->at, "this is nested too deeply");
        return &over;
    }
    s->depth++;
    str name;
    const struct node *a;
    const struct value *v = cfn_call(n, false, &name, &a) ? eval_call(s, n, name, a) : eval_plain(s, n);
    s->depth--;
    return v;
}

const struct value *cfn_eval_in(struct cfn_stack *s, const struct node *n, const struct cfn_scope *scope)
{
    const struct cfn_scope *outer = s->scope;
    s->scope = scope;
    const struct value *v = cfn_eval(s, n);
    s->scope = outer;
    return v;
}

const struct value *cfn_eval_text(struct cfn_stack *s, const struct node *n)
{
    str text;
    if ((n->kind == NODE_BOOL || n->kind == NODE_NUMBER) && cfn_scalar_text(s, n, &text))
        return value_string(s->arena, text, cfn_origin(s, n));
    return cfn_eval(s, n);
}
