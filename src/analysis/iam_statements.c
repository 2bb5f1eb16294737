#include "analysis/iam_statements.h"

#include "analysis/iam_values.h"

static const struct value yes = {.kind = VALUE_BOOL, .u = {.boolean = true}};
static const struct value no = {.kind = VALUE_BOOL, .u = {.boolean = false}};

const struct value *iam_answer_value(struct arena *a, enum iam_answer answer, const char *reason)
{
    if (answer == IAM_MAYBE)
        return value_unknown(a, str_of(reason), NULL);
    return answer == IAM_YES ? &yes : &no;
}

/* The place of a list is that of its first element. */
static const struct origin *origin_of(const struct iam_list *list)
{
    return list->n && list->at[0].value ? list->at[0].value->origin : NULL;
}

static void add_list(struct arena *a, struct field_list *map, const char *name, const struct iam_list *list)
{
    struct item_list items = {0};
    bool partial = false;
    if (!list->given || !list->n)
        return;
    for (size_t i = 0; i < list->n; i++) {
        const struct value *v = list->at[i].value;
        if (v && v->kind == VALUE_LIST)
            partial = true;
        else
            VEC_PUSH(&items, v ? v : value_string(a, list->at[i].text, NULL));
    }
    field_list_add(map, name, item_list_end(a, &items, partial, origin_of(list)));
}

/* Of every policy; made once. */
static const struct value no_account = {.kind = VALUE_STRING, .u = {.string = {"", 0}}};
static const struct value principal_types[] = {
    [IAM_ANYONE] = {.kind = VALUE_STRING, .u = {.string = {"*", 1}}},
    [IAM_AWS] = {.kind = VALUE_STRING, .u = {.string = {"AWS", 3}}},
    [IAM_SERVICE] = {.kind = VALUE_STRING, .u = {.string = {"Service", 7}}},
    [IAM_FEDERATED] = {.kind = VALUE_STRING, .u = {.string = {"Federated", 9}}},
    [IAM_CANONICAL] = {.kind = VALUE_STRING, .u = {.string = {"CanonicalUser", 13}}},
    [IAM_PRINCIPAL_UNKNOWN] = {.kind = VALUE_STRING, .u = {.string = {"unknown", 7}}},
};

const struct value *iam_principal_value(struct arena *a, const struct iam_principal *p)
{
    struct field_list map = {0};
    field_list_add(&map, "type", &principal_types[p->kind]);
    field_list_add(&map, "id", p->id.value ? p->id.value : value_string(a, p->id.text, NULL));
    str account = iam_principal_account(p);
    if (iam_principal_is_open(p))
        field_list_add(&map, "account", p->id.value);
    else
        field_list_add(&map, "account", account.n ? value_string(a, account, NULL) : &no_account);
    field_list_add(&map, "any", iam_answer_value(a, iam_principal_is_anyone(p), "the principal is not known"));
    field_list_add(&map, "root", iam_principal_is_root(p) ? &yes : &no);
    return field_list_end(a, &map, p->id.value ? p->id.value->origin : NULL);
}

static void add_principals(struct arena *a, struct field_list *map, const char *name, const struct iam_principals *list)
{
    struct item_list items = {0};
    if (!list->given || !list->n)
        return;
    for (size_t i = 0; i < list->n; i++)
        VEC_PUSH(&items, iam_principal_value(a, &list->at[i]));
    const struct origin *o = items.at[0]->origin;
    field_list_add(map, name, item_list_end(a, &items, false, o));
}

static void add_conditions(struct arena *a, struct field_list *map, const struct iam_statement *s)
{
    struct item_list items = {0};
    if (!s->n_conditions && !s->conditions_unknown)
        return;
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct iam_condition *c = &s->condition[i];
        struct field_list one = {0};
        field_list_add_text(a, &one, "operator", c->operator_name);
        field_list_add_text(a, &one, "key", c->key_name);
        add_list(a, &one, "values", &c->values);
        VEC_PUSH(&items, field_list_end(a, &one, c->value ? c->value->origin : NULL));
    }
    field_list_add(map, "conditions", item_list_end(a, &items, s->conditions_unknown, NULL));
}

static const struct value *effect_of(struct arena *a, const struct iam_statement *s)
{
    const struct value *v = value_get(s->value, STR("Effect"));
    if (!v)
        v = value_get(s->value, STR("effect"));
    return v ? v : value_string(a, STR("Allow"), NULL);
}

const struct value *iam_statement_value(struct arena *a, const struct iam_policy *p, const struct iam_statement *s)
{
    static const struct iam_pattern anything = {.text = {"*", 1}, .wild = true};
    struct field_list map = {0};
    enum iam_answer allow = s->effect == IAM_EFFECT_UNKNOWN ? IAM_MAYBE : s->effect == IAM_ALLOW ? IAM_YES : IAM_NO;
    enum iam_answer conditioned = s->n_conditions ? IAM_YES : s->conditions_unknown ? IAM_MAYBE : IAM_NO;
    field_list_add(&map, "effect", effect_of(a, s));
    field_list_add(&map, "allow", iam_answer_value(a, allow, "the effect is not known"));
    if (s->sid)
        field_list_add(&map, "sid", s->sid);
    add_list(a, &map, "actions", &s->actions);
    add_list(a, &map, "not_actions", &s->not_actions);
    add_list(a, &map, "resources", &s->resources);
    add_list(a, &map, "not_resources", &s->not_resources);
    add_principals(a, &map, "principals", &s->principals);
    add_principals(a, &map, "not_principals", &s->not_principals);
    add_conditions(a, &map, s);
    field_list_add(&map, "conditioned", iam_answer_value(a, conditioned, "the conditions are not known"));
    field_list_add(&map, "narrowed", iam_answer_value(a, iam_is_narrowed(s), "a condition is not known"));
    field_list_add(
        &map, "public",
        iam_answer_value(a, iam_statement_is_public(p, s, &anything), "principal or conditions are not known"));
    const struct value *v = field_list_end(a, &map, s->value ? s->value->origin : NULL);
    if (!s->unclear)
        return v;
    struct value *open = value_copy(a, v);
    open->flags |= VALUE_PARTIAL;
    return open;
}

const struct value *iam_statement_list(struct arena *a, const struct iam_policy *p)
{
    struct item_list items = {0};
    for (size_t i = 0; i < p->n; i++)
        VEC_PUSH(&items, iam_statement_value(a, p, &p->at[i]));
    return item_list_end(a, &items, p->partial || p->missing_policies, NULL);
}

/* ---- what an action reaches ---- */

static str service_of(str action)
{
    size_t colon = str_find_char(action, ':');
    return colon == SIZE_MAX ? STR_NONE : str_slice(action, 0, colon);
}

typedef bool reach_fn(void *context, const struct iam_action *action);

/* Calls fn for every known action that the pattern reaches until it says stop. */
static void each_reached(const struct iam_facts *f, const struct iam_pattern *p, reach_fn *fn, void *context)
{
    if (!p->wild && !p->holes) {
        const struct iam_action *one = iam_action_find(f, p->text);
        if (one)
            fn(context, one);
        return;
    }
    str service = service_of(p->text);
    bool one_service =
        service.n && !p->holes && str_find_char(service, '*') == SIZE_MAX && str_find_char(service, '?') == SIZE_MAX;
    size_t services = one_service ? 1 : iam_service_count(f);
    for (size_t i = 0; i < services; i++) {
        size_t n;
        const struct iam_action *at = iam_actions_of(f, one_service ? service : iam_service_name(f, i), &n);
        for (size_t k = 0; k < n; k++) {
            struct iam_pattern text = {.text = at[k].folded};
            if (iam_covers(p, &text) == IAM_YES && !fn(context, &at[k]))
                return;
        }
    }
}

struct reaching {
    struct arena *arena;
    unsigned levels;
    bool limitable_only, any;
    struct item_list items;
};

static bool note_any(void *context, const struct iam_action *action)
{
    struct reaching *r = context;
    r->any = (action->level & r->levels) && (action->limitable || !r->limitable_only);
    return !r->any;
}

static bool note_name(void *context, const struct iam_action *action)
{
    struct reaching *r = context;
    if (action->level & r->levels)
        VEC_PUSH(&r->items, value_string(r->arena, action->name, NULL));
    return r->items.n < LIMIT_COLLECTION;
}

const struct value *iam_reached(struct arena *a, const struct iam_facts *f, const struct iam_pattern *action,
                                unsigned levels)
{
    struct reaching r = {.arena = a, .levels = levels};
    if (!iam_facts_has_actions(f))
        return value_unknown(a, STR("the table of IAM actions is not loaded"), NULL);
    each_reached(f, action, note_name, &r);
    return item_list_end(a, &r.items, false, NULL);
}

/* ---- offenders ---- */

static enum iam_answer on_everything(const struct iam_statement *s)
{
    if (!s->resources.given)
        return s->not_resources.given ? IAM_YES : IAM_NO;
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < s->resources.n; i++)
        any = iam_or(any, iam_is_everything(&s->resources.at[i]));
    return any;
}

/* An action that the table has not is judged by its verb: what reads or lists is left alone, others are possible. */
static enum iam_answer judge_unlisted(const struct iam_pattern *p, unsigned levels)
{
    static const char *const harmless[] = {"get", "list", "describe", "view", "search", "lookup", "batchget"};
    str name = str_slice(p->text, service_of(p->text).n + 1, p->text.n);
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (str_starts(name, str_of(harmless[i])))
            return levels & (IAM_READ | IAM_LIST) ? IAM_MAYBE : IAM_NO;
    return IAM_MAYBE;
}

static enum iam_answer is_broad(const struct iam_offence_query *q, const struct iam_pattern *action)
{
    struct reaching r = {.levels = q->levels, .limitable_only = true};
    if (action->holes || !iam_facts_has_actions(q->facts))
        return IAM_MAYBE;
    if (!action->wild && !iam_action_find(q->facts, action->text))
        return judge_unlisted(action, q->levels);
    each_reached(q->facts, action, note_any, &r);
    return r.any ? IAM_YES : IAM_NO;
}

static enum iam_answer is_whole_service(const struct iam_pattern *p)
{
    if (p->holes)
        return p->open ? IAM_MAYBE : IAM_NO;
    if (str_eq_c(p->text, "*"))
        return IAM_YES;
    size_t colon = str_find_char(p->text, ':');
    str rest = colon == SIZE_MAX ? STR_NONE : str_slice(p->text, colon + 1, p->text.n);
    return str_eq_c(rest, "*") ? IAM_YES : IAM_NO;
}

static enum iam_answer offends(const struct iam_offence_query *q, const struct iam_pattern *action)
{
    switch (q->what) {
    case IAM_WILDCARD_ACTIONS:
        return action->wild ? IAM_YES : action->open ? IAM_MAYBE : IAM_NO;
    case IAM_WHOLE_SERVICES:
        return is_whole_service(action);
    default:
        return is_broad(q, action);
    }
}

static enum iam_answer counts(const struct iam_offence_query *q, const struct iam_statement *s)
{
    if (s->effect == IAM_DENY)
        return IAM_NO;
    enum iam_answer answer = s->effect == IAM_ALLOW && !s->unclear ? IAM_YES : IAM_MAYBE;
    if (q->what == IAM_WILDCARD_ACTIONS)
        return answer;
    if (q->what == IAM_WHOLE_SERVICES)
        answer = iam_and(answer, iam_statement_has_resource(s, &q->resource, false));
    else
        answer = iam_and(answer, on_everything(s));
    return answer == IAM_NO ? IAM_NO : iam_and(answer, iam_not(iam_is_narrowed(s)));
}

static const struct value *named(struct arena *a, const struct iam_offence_query *q, const struct iam_pattern *p)
{
    const struct origin *o = p->value ? p->value->origin : NULL;
    if (q->what == IAM_WHOLE_SERVICES && service_of(p->text).n)
        return value_string(a, service_of(p->text), o);
    return p->value && p->value->kind == VALUE_STRING ? p->value : value_string(a, p->text, o);
}

/* What NotAction leaves is nearly everything. */
static enum iam_answer add_not_actions(struct arena *a, struct item_list *found, const struct iam_statement *s,
                                       enum iam_answer here)
{
    if (here == IAM_YES && s->not_actions.n)
        VEC_PUSH(found, value_string(a, STR("NotAction"), origin_of(&s->not_actions)));
    return s->not_actions.given ? here : IAM_NO;
}

const struct value *iam_offenders(struct arena *a, const struct iam_policy *p, const struct iam_offence_query *q)
{
    struct item_list found = {0};
    bool unsure = p->partial || p->missing_policies;
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        enum iam_answer here = counts(q, s);
        if (here == IAM_NO)
            continue;
        for (size_t k = 0; k < s->actions.n; k++) {
            enum iam_answer one = iam_and(here, offends(q, &s->actions.at[k]));
            if (one == IAM_YES)
                VEC_PUSH(&found, named(a, q, &s->actions.at[k]));
            unsure = unsure || one == IAM_MAYBE;
        }
        if (!s->actions.given && q->what == IAM_BROAD_ACTIONS)
            unsure = add_not_actions(a, &found, s, here) == IAM_MAYBE || unsure;
    }
    if (unsure && !found.n)
        return value_unknown(a, p->reason.n ? p->reason : STR("the policy is not fully known"), NULL);
    return item_list_end(a, &found, false, found.n ? found.at[0]->origin : NULL);
}
