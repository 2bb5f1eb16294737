#include "frontend/cloudformation/parameters.h"

#include "base/regex.h"
#include "frontend/cloudformation/assume.h"
#include "frontend/cloudformation/worlds.h"

static const char *const pseudo_parameters[] = {"AWS::AccountId", "AWS::NotificationARNs", "AWS::Partition",
                                                "AWS::Region",    "AWS::StackId",          "AWS::StackName",
                                                "AWS::URLSuffix"};

/* Values from texts. */

static const struct value *list_of_text(struct arena *a, str text, uint16_t flags, const struct origin *o)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    if (n > LIMIT_COLLECTION)
        return value_unknown(a, STR("a list with too many items"), o);
    const struct value **items = ARENA_ARRAY(a, const struct value *, n);
    str rest = text;
    for (size_t i = 0; i < n; i++) {
        struct value *item = value_string(a, str_trim(str_cut(rest, ',', &rest)), o);
        item->flags |= flags;
        items[i] = item;
    }
    return value_list(a, items, n, o);
}

static const struct value *value_of_text(struct cfn_stack *s, const struct cfn_parameter *p, str text,
                                         const struct origin *o)
{
    uint16_t flags = p->is_secret ? VALUE_SENSITIVE : 0;
    if (p->is_lookup) {
        str reason = arena_printf(s->arena, "SSM parameter \"" STR_FMT "\"", STR_ARG(text));
        struct value *v = value_unknown(s->arena, reason, o);
        v->flags |= VALUE_NONEMPTY;
        return v;
    }
    if (p->is_list)
        return list_of_text(s->arena, text, flags, o);
    struct value *v = value_string(s->arena, text, o);
    v->flags |= flags;
    return v;
}

/* Whatever the value will be, it is not empty: the declaration refuses that. */
static bool refuses_empty(struct cfn_stack *s, const struct cfn_parameter *p)
{
    str least, pattern;
    if (cfn_scalar_text(s, node_find(p->node, "MinLength"), &least) && !str_eq_c(least, "0"))
        return true;
    if (!cfn_scalar_text(s, node_find(p->node, "AllowedPattern"), &pattern))
        return false;
    str whole = arena_printf(s->arena, "^(?:" STR_FMT ")$", STR_ARG(pattern)), error;
    size_t at;
    struct regex *re = regex_new(whole, REGEX_ANY_TEXTS, &error, &at, s->arena);
    struct regex_match match;
    bool refuses = re && regex_find(re, STR(""), 0, &match) == REGEX_NO;
    regex_free(re);
    return refuses;
}

/* What the declaration promises of a value that is not known. */
static uint16_t promised(struct cfn_stack *s, const struct cfn_parameter *p)
{
    bool is_typed = p->type.n && !str_eq_c(p->type, "String") && !str_eq_c(p->type, "CommaDelimitedList");
    uint16_t flags = !p->node || is_typed || refuses_empty(s, p) ? VALUE_NONEMPTY : 0;
    if (!p->node || (is_typed && !p->is_lookup))
        flags |= VALUE_NO_SECRET;
    return flags;
}

static const struct value *as_promised(struct cfn_stack *s, const struct cfn_parameter *p, const struct value *unknown)
{
    struct value *v = value_copy(s->arena, unknown);
    v->flags |= promised(s, p);
    return v;
}

/* In a property, an unknown List<AWS::EC2::Subnet::Id> is a list of one subnet at least. */
static const struct value *as_list(struct cfn_stack *s, const struct cfn_parameter *p, const struct value *v)
{
    if (!value_is(v, VALUE_UNKNOWN) || !str_starts(p->type, STR("List<AWS::")))
        return v;
    const struct value **item = ARENA_ARRAY(s->arena, const struct value *, 1);
    item[0] = v;
    struct value *list = value_list(s->arena, item, 1, v->origin);
    list->flags |= VALUE_PARTIAL;
    return list;
}

static const struct value *value_of_nothing(struct cfn_stack *s, const struct cfn_parameter *p, const char *why)
{
    str reason = p->node ? arena_printf(s->arena, "parameter " STR_FMT " %s", STR_ARG(p->name), why) : p->name;
    const struct origin *o = p->node ? origin_new(s->arena, p->at, reason, NULL) : NULL;
    struct value *v = value_unknown(s->arena, reason, o);
    if (p->is_secret)
        v->flags |= VALUE_SENSITIVE;
    else if (p->node)
        v->flags |= VALUE_IN_CLEAR;
    return as_promised(s, p, v);
}

/* Alternatives. */

static str label_of(const struct cfn_parameter *p, str text)
{
    if (p->is_secret)
        return STR("(hidden)");
    return text.n ? text : STR("\"\"");
}

static const struct value *choice_of(struct cfn_stack *s, const struct cfn_parameter *p, const str *text, size_t n,
                                     str other, bool known, const str *standard, const struct origin *o)
{
    size_t options = n + (other.n > 0);
    struct decider *d = ARENA_NEW(s->arena, struct decider);
    str *label = ARENA_ARRAY(s->arena, str, options);
    const struct value **value = ARENA_ARRAY(s->arena, const struct value *, options);
    *d = (struct decider){.name = arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(s->prefix), STR_ARG(p->name)),
                          .option = label,
                          .n_options = options,
                          .known = known,
                          .at = p->at,
                          .default_option = SIZE_MAX};
    for (size_t i = 0; i < n; i++) {
        label[i] = label_of(p, text[i]);
        value[i] = value_of_text(s, p, text[i], o);
        if (standard && d->default_option == SIZE_MAX && str_eq(*standard, text[i]))
            d->default_option = i;
    }
    if (other.n > 0) {
        label[n] = other;
        value[n] = p->other;
        if (standard && d->default_option == SIZE_MAX)
            d->default_option = n;
    }
    return world_choice(s->arena, d, value, o);
}

static void add_literal(struct cfn_stack *s, const struct node *ref, const struct node *literal)
{
    str name, text;
    const struct node *argument;
    if (!cfn_call(ref, false, &name, &argument) || !str_eq_c(name, "Ref") || !cfn_scalar_text(s, literal, &text))
        return;
    struct cfn_parameter *p = map_find(&s->parameters, node_string(argument));
    if (!p || p->n_literals >= LIMIT_ALTERNATIVES)
        return;
    for (size_t i = 0; i < p->n_literals; i++) {
        if (str_eq(p->literal[i], text))
            return;
    }
    if (!p->literal)
        p->literal = ARENA_ARRAY(s->arena, str, LIMIT_ALTERNATIVES);
    p->literal[p->n_literals++] = text;
}

static void scan_literals(struct cfn_stack *s, const struct node *n, unsigned depth)
{
    str name;
    const struct node *a;
    if (depth > LIMIT_DEPTH)
        return;
    if (cfn_call(n, false, &name, &a) && str_eq_c(name, "Equals") && a->kind == NODE_LIST && a->u.list.n == 2) {
        add_literal(s, a->u.list.item[0], a->u.list.item[1]);
        add_literal(s, a->u.list.item[1], a->u.list.item[0]);
    }
    if (n->kind == NODE_TAGGED)
        scan_literals(s, n->u.tagged.value, depth + 1);
    for (size_t i = 0; n->kind == NODE_LIST && i < n->u.list.n; i++)
        scan_literals(s, n->u.list.item[i], depth + 1);
    for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++)
        scan_literals(s, n->u.map.entry[i].value, depth + 1);
}

static str label_of_others(struct cfn_stack *s, const struct cfn_parameter *p)
{
    struct buf b;
    buf_init(&b, LIMIT_SNIPPET_BYTES);
    buf_add_c(&b, p->n_literals > 1 ? "none of " : "not ");
    for (size_t i = 0; i < p->n_literals; i++) {
        str label = label_of(p, p->literal[i]);
        buf_printf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(label));
    }
    str done = b.overflow ? STR("anything else") : buf_copy(&b, s->arena);
    buf_release(&b);
    return done;
}

/* What conditions see of a parameter that nobody has decided: what they compare it with, or not that. */
static void open_for_conditions(struct cfn_stack *s, struct cfn_parameter *p, const str *standard, bool known,
                                const struct origin *o)
{
    if (p->is_list || p->is_lookup || p->n_literals == 0 || p->n_literals >= LIMIT_ALTERNATIVES) {
        p->of_mode[CFN_CONDITIONS] = value_of_nothing(s, p, "may be anything");
        return;
    }
    struct value *other = value_unknown(s->arena, STR_NONE, o);
    other->u.reason = arena_printf(s->arena, CFN_OTHER_VALUE STR_FMT, STR_ARG(p->name));
    p->other = other;
    p->of_mode[CFN_CONDITIONS] = choice_of(s, p, p->literal, p->n_literals, label_of_others(s, p), known, standard, o);
}

static size_t allowed_texts(struct cfn_stack *s, const struct cfn_parameter *p, str **ret_text)
{
    const struct node *allowed = p->node ? node_find(p->node, "AllowedValues") : NULL;
    if (!allowed || allowed->kind != NODE_LIST)
        return 0;
    size_t n = 0;
    *ret_text = ARENA_ARRAY(s->arena, str, allowed->u.list.n);
    for (size_t i = 0; i < allowed->u.list.n; i++) {
        str text;
        if (!cfn_scalar_text(s, allowed->u.list.item[i], &text))
            return 0;
        bool repeated = false;
        for (size_t j = 0; j < n && n <= LIMIT_ALTERNATIVES; j++)
            repeated = repeated || str_eq((*ret_text)[j], text);
        if (!repeated)
            (*ret_text)[n++] = text;
    }
    return n;
}

static void decide(struct cfn_stack *s, struct cfn_parameter *p, const struct value *v)
{
    p->is_decided = true;
    if (p->is_secret) {
        struct value *hidden = value_copy(s->arena, v);
        hidden->flags |= VALUE_SENSITIVE;
        v = hidden;
    }
    for (size_t i = 0; i < ARRAY_LEN(p->of_mode); i++)
        p->of_mode[i] = v;
    p->of_mode[CFN_PROPERTIES] = as_list(s, p, v);
}

static void check_allowed(struct cfn_stack *s, const struct cfn_parameter *p, const struct value *v, const str *text,
                          size_t n)
{
    if (n == 0 || !value_is(v, VALUE_STRING) || p->is_lookup || p->is_list)
        return;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(text[i], v->u.string))
            return;
    }
    cfn_complain(s, DIAG_EXPRESSION, p->at, "parameter " STR_FMT ": the value given is none of its AllowedValues",
                 STR_ARG(p->name));
}

/* A value that is already there: from the user, or handed down. */
static bool decide_by_argument(struct cfn_stack *s, struct cfn_parameter *p, const str *allowed, size_t n_allowed)
{
    const struct cfn_argument *argument = s->outer ? map_find(&s->arguments, p->name) : NULL;
    const struct value *v = s->outer ? (argument ? argument->value : NULL) : map_find(&s->run->given, p->name);
    if (!s->outer && v) {
        str text;
        v = value_to_text(v, s->arena, &text) ? value_of_text(s, p, text, v->origin) : v;
        check_allowed(s, p, v, allowed, n_allowed);
    }
    if (!v || (value_is(v, VALUE_UNKNOWN) && n_allowed > 0 && !p->is_list))
        return false;
    if (p->is_list && value_is(v, VALUE_STRING))
        v = list_of_text(s->arena, v->u.string, 0, v->origin);
    if (value_is(v, VALUE_UNKNOWN))
        v = as_promised(s, p, v);
    decide(s, p, v);
    str standard;
    if (argument && argument->by_default && value_to_text(v, s->arena, &standard))
        open_for_conditions(s, p, &standard, true, v->origin);
    return true;
}

static void value_parameter(struct cfn_stack *s, struct cfn_parameter *p)
{
    str *allowed = NULL, text = STR_NONE;
    size_t n_allowed = allowed_texts(s, p, &allowed);
    if (decide_by_argument(s, p, allowed, n_allowed))
        return;
    bool is_given = s->outer && map_has(&s->arguments, p->name); /* but unknown */
    const struct node *standard = p->node && !is_given ? node_find(p->node, "Default") : NULL;
    bool has_default = standard && cfn_scalar_text(s, standard, &text);
    if (standard && !has_default && standard->kind != NODE_NULL)
        cfn_complain(s, DIAG_STRUCTURE, standard->at, "the default of a parameter must be text, not %s",
                     node_kind_name((enum node_kind)standard->kind));
    str note = arena_printf(s->arena, "default of parameter " STR_FMT, STR_ARG(p->name));
    const struct origin *o = has_default ? origin_new(s->arena, standard->at, note, NULL) : NULL;
    const struct value *nothing = value_of_nothing(s, p, "has no value");
    const struct value *by_default = has_default ? value_of_text(s, p, text, o) : nothing;
    p->of_mode[CFN_DEFAULTS] = by_default;
    if (n_allowed > 0 && !p->is_list && !p->is_lookup) {
        const struct origin *from =
            origin_new(s->arena, node_find(p->node, "AllowedValues")->at,
                       arena_printf(s->arena, "AllowedValues of parameter " STR_FMT, STR_ARG(p->name)), NULL);
        if (n_allowed <= LIMIT_ALTERNATIVES) {
            p->of_mode[CFN_PROPERTIES] = p->of_mode[CFN_CONDITIONS] =
                choice_of(s, p, allowed, n_allowed, STR_NONE, true, has_default ? &text : NULL, from);
            return;
        }
        str reason =
            arena_printf(s->arena, "parameter " STR_FMT " has %zu allowed values", STR_ARG(p->name), n_allowed);
        struct value *v = value_unknown(s->arena, reason, from);
        v->flags |= VALUE_NONEMPTY;
        p->of_mode[CFN_PROPERTIES] = v;
        open_for_conditions(s, p, has_default ? &text : NULL, true, from);
        return;
    }
    p->of_mode[CFN_PROPERTIES] = as_list(s, p, by_default);
    open_for_conditions(s, p, has_default && !p->is_lookup ? &text : NULL, has_default, o);
}

static void read_declaration(struct cfn_stack *s, struct cfn_parameter *p, const struct node *n)
{
    p->node = n;
    if (n->kind != NODE_MAP) {
        cfn_complain(s, DIAG_STRUCTURE, n->at, "parameter " STR_FMT " must be a mapping", STR_ARG(p->name));
        return;
    }
    const struct node *type = node_find(n, "Type"), *allowed = node_find(n, "AllowedValues");
    p->type = node_string(type);
    if (!p->type.n && !s->has_macro)
        cfn_complain(s, DIAG_STRUCTURE, type ? type->at : p->at, "parameter " STR_FMT " needs a Type",
                     STR_ARG(p->name));
    if (allowed && allowed->kind != NODE_LIST && allowed->kind != NODE_NULL)
        cfn_complain(s, DIAG_STRUCTURE, allowed->at, "AllowedValues of parameter " STR_FMT " must be a list",
                     STR_ARG(p->name));
    p->is_lookup = str_starts(p->type, STR("AWS::SSM::Parameter::Value"));
    p->is_list = str_eq_c(p->type, "CommaDelimitedList") || str_starts(p->type, STR("List<")) ||
                 (p->is_lookup && str_contains(p->type, STR("List<")));
    str no_echo;
    p->is_secret = cfn_scalar_text(s, node_find(n, "NoEcho"), &no_echo) && str_eq_nocase(no_echo, STR("true"));
}

void cfn_parameters_read(struct cfn_stack *s, const struct node *parameters, const struct node *conditions)
{
    for (size_t i = 0; i < ARRAY_LEN(pseudo_parameters); i++) {
        struct cfn_parameter *p = ARENA_NEW(s->arena, struct cfn_parameter);
        p->name = str_of(pseudo_parameters[i]);
        p->is_list = str_eq_c(p->name, "AWS::NotificationARNs");
        map_set(&s->parameters, p->name, p);
    }
    for (size_t i = 0; parameters && i < parameters->u.map.n; i++) {
        const struct node_entry *e = &parameters->u.map.entry[i];
        struct cfn_parameter *p = ARENA_NEW(s->arena, struct cfn_parameter);
        p->name = node_string(e->key);
        p->at = e->key->at;
        if (str_starts(p->name, STR("Fn::")))
            continue;
        read_declaration(s, p, e->value);
        map_set(&s->parameters, p->name, p);
    }
    if (conditions)
        scan_literals(s, conditions, 0);
    for (size_t i = 0; i < s->parameters.n; i++)
        value_parameter(s, s->parameters.at[i].value);
}

const struct value *cfn_parameter_value(struct cfn_stack *s, const struct cfn_parameter *p, const struct node *use)
{
    const struct value *v = p->of_mode[s->mode];
    if (!v || s->mode != CFN_PROPERTIES || !p->node)
        return v;
    const struct value *assumed = cfn_assumed_value(s, p);
    v = world_restrict(assumed ? assumed : v, s->world);
    struct value *used = value_copy(s->arena, v);
    str note = arena_printf(s->arena, "parameter " STR_FMT, STR_ARG(p->name));
    used->origin = origin_new(s->arena, use->at, note, v->origin);
    return used;
}
