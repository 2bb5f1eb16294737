#include "analysis/iam_policy.h"

#include "base/vec.h"

enum { MAX_NESTING = 8 };

struct statements {
    struct iam_statement *at;
    size_t n, cap;
};

struct reader {
    struct arena *arena;
    const struct iam_facts *facts;
    struct statements found;
    struct iam_policy *policy;
    unsigned flags; /* IAM_VARIABLES or 0 */
    unsigned depth;
};

/* An element by its JSON name, else by the name in normalised lists ("actions"). */
static const struct value *element(const struct value *map, const char *name, const char *folded)
{
    const struct value *v = value_get(map, str_of(name));
    if (!v)
        v = value_get(map, str_of(folded));
    return value_is(v, VALUE_NULL) ? NULL : v;
}

/* ---- lists of texts ---- */

struct patterns {
    struct iam_pattern *at;
    size_t n, cap;
};

static void add_patterns(struct reader *r, struct patterns *list, const struct value *v, unsigned flags, unsigned depth)
{
    if (!v || v->kind == VALUE_NULL)
        return;
    if (v->kind == VALUE_LIST && depth < MAX_NESTING) {
        for (size_t i = 0; i < v->u.list.n; i++)
            add_patterns(r, list, v->u.list.item[i], flags, depth + 1);
        if (v->flags & VALUE_PARTIAL)
            VEC_PUSH(list, ((struct iam_pattern){.open = true, .holes = true, .value = v}));
        return;
    }
    VEC_PUSH(list, iam_pattern_of(r->arena, v, flags));
}

/* A partial list may have anything besides: an open hole. */
static struct iam_list read_list(struct reader *r, const struct value *v, unsigned flags)
{
    struct iam_list list = {.given = v != NULL};
    struct patterns found = {0};
    size_t n;
    add_patterns(r, &found, v, flags, 0);
    for (size_t i = 0; i < found.n; i++)
        if (found.at[i].open && !found.at[i].token)
            found.at[i] = iam_pattern_of(r->arena, NULL, flags), found.at[i].value = v;
    list.n = (uint32_t)found.n;
    list.at = VEC_MOVE(&found, r->arena, &n);
    return list;
}

/* ---- principals ---- */

static enum iam_principal_kind kind_of(str name)
{
    static const struct {
        const char *name;
        enum iam_principal_kind kind;
    } kinds[] = {{"AWS", IAM_AWS},
                 {"Service", IAM_SERVICE},
                 {"Federated", IAM_FEDERATED},
                 {"CanonicalUser", IAM_CANONICAL},
                 {"*", IAM_ANYONE}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_nocase(name, str_of(kinds[i].name)))
            return kinds[i].kind;
    return IAM_PRINCIPAL_UNKNOWN;
}

struct principals {
    struct iam_principal *at;
    size_t n, cap;
};

static void add_principals(struct reader *r, struct principals *list, enum iam_principal_kind kind,
                           const struct value *ids)
{
    struct iam_list patterns = read_list(r, ids, 0);
    for (size_t i = 0; i < patterns.n; i++) {
        struct iam_principal p = {kind, patterns.at[i]};
        if (kind == IAM_AWS && !p.id.holes && str_eq_c(p.id.text, "*"))
            p.kind = IAM_ANYONE;
        VEC_PUSH(list, p);
    }
}

static struct iam_principals read_principals(struct reader *r, const struct value *v)
{
    struct iam_principals result = {.given = v != NULL};
    struct principals found = {0};
    size_t n;
    if (value_is(v, VALUE_MAP)) {
        for (size_t i = 0; i < v->u.map.n; i++)
            add_principals(r, &found, kind_of(v->u.map.entry[i].key), v->u.map.entry[i].value);
        if (v->flags & VALUE_PARTIAL)
            VEC_PUSH(&found, ((struct iam_principal){IAM_PRINCIPAL_UNKNOWN, iam_pattern_of(r->arena, NULL, 0)}));
    } else if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *one = v->u.list.item[i];
            const struct value *type = element(one, "type", "type");
            if (value_is(one, VALUE_MAP))
                add_principals(r, &found,
                               value_is(type, VALUE_STRING) ? kind_of(type->u.string) : IAM_PRINCIPAL_UNKNOWN,
                               element(one, "identifiers", "id"));
            else if (one)
                add_principals(r, &found, IAM_AWS, one);
        }
        if (v->flags & VALUE_PARTIAL)
            VEC_PUSH(&found, ((struct iam_principal){IAM_PRINCIPAL_UNKNOWN, iam_pattern_of(r->arena, NULL, 0)}));
    } else if (v) {
        add_principals(r, &found, value_is(v, VALUE_STRING) ? IAM_AWS : IAM_PRINCIPAL_UNKNOWN, v);
    }
    result.n = (uint32_t)found.n;
    result.at = VEC_MOVE(&found, r->arena, &n);
    return result;
}

/* "arn:aws:iam::*:root": the account is whatever. */
static bool any_account(str id)
{
    str rest = id;
    for (unsigned colon = 0; colon < 4; colon++) {
        str_cut(rest, ':', &rest);
        if (!rest.p)
            return false;
    }
    str account = str_cut(rest, ':', &rest);
    return str_eq_c(account, "*");
}

enum iam_answer iam_principal_is_anyone(const struct iam_principal *p)
{
    if (p->kind == IAM_ANYONE)
        return IAM_YES;
    if (p->kind == IAM_CANONICAL)
        return IAM_NO;
    if (p->kind == IAM_AWS && !p->id.holes && any_account(p->id.text))
        return IAM_YES;
    return iam_is_everything(&p->id);
}

static bool is_account(str s)
{
    if (s.n != 12)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

str iam_principal_account(const struct iam_principal *p)
{
    if (p->kind != IAM_AWS || p->id.open)
        return STR_NONE;
    if (is_account(p->id.text) && !p->id.holes)
        return p->id.text;
    const struct value *v = p->id.value;
    str text = p->id.holes && value_is(v, VALUE_TEXT) && v->u.list.n ? value_str(v->u.list.item[0]) : p->id.text;
    str rest = text;
    for (unsigned colon = 0; colon < 4 && rest.p; colon++)
        str_cut(rest, ':', &rest);
    str account = rest.p && str_starts(text, STR("arn:")) ? str_cut(rest, ':', &rest) : STR_NONE;
    return is_account(account) ? account : STR_NONE;
}

bool iam_principal_is_open(const struct iam_principal *p)
{
    return p->kind == IAM_AWS && value_is(p->id.value, VALUE_UNKNOWN) && !value_find_ref(p->id.value);
}

/* A hole in the place of the account number does not matter: "arn:aws:iam::${account}:root". */
bool iam_principal_is_root(const struct iam_principal *p)
{
    if (p->kind != IAM_AWS)
        return false;
    if (str_ends(p->id.text, STR(":root")))
        return true;
    return !p->id.wild && !p->id.holes && is_account(p->id.text);
}

/* ---- conditions ---- */

struct conditions {
    struct iam_condition *at;
    size_t n, cap;
};

unsigned iam_condition_flags(const struct iam_condition *c)
{
    unsigned flags = c->op != IAM_OP_LIKE && c->op != IAM_OP_ARN ? IAM_PLAIN : 0;
    bool folds = c->op == IAM_OP_STRING_FOLDED || c->op == IAM_OP_BOOL || c->op == IAM_OP_NULL;
    return flags | (folds ? IAM_FOLD_CASE : 0);
}

static void add_condition(struct reader *r, struct conditions *list, str operator_name, str key,
                          const struct value *values)
{
    struct iam_condition c = {
        .operator_name = operator_name, .key_name = key, .key = arena_lower(r->arena, key), .value = values};
    if (!iam_condition_parse_operator(&c, operator_name))
        c.op = IAM_OP_UNKNOWN;
    c.values = read_list(r, values, r->flags | iam_condition_flags(&c));
    VEC_PUSH(list, c);
}

static void read_conditions(struct reader *r, struct iam_statement *s, const struct value *v)
{
    struct conditions found = {0};
    size_t n;
    if (value_is(v, VALUE_MAP)) {
        s->conditions_unknown = (v->flags & VALUE_PARTIAL) != 0;
        for (size_t i = 0; i < v->u.map.n; i++) {
            const struct value *keys = v->u.map.entry[i].value;
            if (!value_is(keys, VALUE_MAP) || keys->flags & VALUE_PARTIAL)
                s->conditions_unknown = s->conditions_unknown || keys;
            for (size_t k = 0; value_is(keys, VALUE_MAP) && k < keys->u.map.n; k++)
                if (keys->u.map.entry[k].value)
                    add_condition(r, &found, v->u.map.entry[i].key, keys->u.map.entry[k].key,
                                  keys->u.map.entry[k].value);
        }
    } else if (value_is(v, VALUE_LIST)) {
        s->conditions_unknown = (v->flags & VALUE_PARTIAL) != 0;
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *one = v->u.list.item[i];
            str operator_name = value_str(element(one, "test", "operator"));
            str key = value_str(element(one, "variable", "key"));
            if (operator_name.n && key.n)
                add_condition(r, &found, operator_name, key, element(one, "values", "values"));
            else
                s->conditions_unknown = s->conditions_unknown || one;
        }
    } else if (v) {
        s->conditions_unknown = true;
    }
    s->n_conditions = (uint32_t)found.n;
    s->condition = VEC_MOVE(&found, r->arena, &n);
}

/* ---- statements and documents ---- */

static enum iam_effect read_effect(const struct value *v)
{
    if (value_is(v, VALUE_STRING) && str_eq_nocase(v->u.string, STR("Allow")))
        return IAM_ALLOW;
    if (value_is(v, VALUE_STRING) && str_eq_nocase(v->u.string, STR("Deny")))
        return IAM_DENY;
    return IAM_EFFECT_UNKNOWN;
}

static void note_partial(struct reader *r, str reason)
{
    r->policy->partial = true;
    if (!r->policy->reason.n)
        r->policy->reason = reason;
}

static void read_statement(struct reader *r, const struct value *v)
{
    if (r->found.n >= IAM_MAX_STATEMENTS) {
        note_partial(r, STR("too many statements"));
        return;
    }
    struct iam_statement s = {.value = v,
                              .sid = element(v, "Sid", "sid"),
                              .unclear = (v->flags & VALUE_PARTIAL) != 0,
                              .variables = r->flags != 0};
    const struct value *effect = element(v, "Effect", "effect");
    s.effect = read_effect(effect);
    if (!effect)
        s.effect = IAM_ALLOW; /* the default of HCL's policy documents; elsewhere AWS refuses the document */
    s.actions = read_list(r, element(v, "Action", "actions"), IAM_FOLD_CASE);
    s.not_actions = read_list(r, element(v, "NotAction", "not_actions"), IAM_FOLD_CASE);
    s.resources = read_list(r, element(v, "Resource", "resources"), r->flags);
    s.not_resources = read_list(r, element(v, "NotResource", "not_resources"), r->flags);
    s.principals = read_principals(r, element(v, "Principal", "principals"));
    s.not_principals = read_principals(r, element(v, "NotPrincipal", "not_principals"));
    const struct value *conditions = element(v, "Condition", "conditions");
    read_conditions(r, &s, conditions ? conditions : element(v, "condition", "condition"));
    VEC_PUSH(&r->found, s);
}

static void read_any(struct reader *r, const struct value *v);

static void read_document(struct reader *r, const struct value *v, const struct value *statements)
{
    unsigned outer = r->flags;
    const struct value *version = element(v, "Version", "version");
    r->flags = version && !str_eq_c(value_str(version), "2008-10-17") ? IAM_VARIABLES : 0;
    if (v->flags & VALUE_PARTIAL)
        note_partial(r, STR("parts of the policy document are not known"));
    read_any(r, statements);
    r->flags = outer;
}

static void read_managed(struct reader *r, const struct value *v)
{
    str text = value_str(v);
    const struct value *document = r->facts ? iam_managed_find(r->facts, text) : NULL;
    if (document) {
        read_any(r, document);
        return;
    }
    r->policy->missing_policies = true;
    if (!r->policy->reason.n)
        r->policy->reason =
            arena_printf(r->arena, "the statements of " STR_FMT " are not known", STR_ARG(str_slice(text, 0, 120)));
}

static str reason_of(const struct value *v)
{
    if (v->kind == VALUE_UNKNOWN)
        return v->u.reason;
    if (v->kind == VALUE_CHOICE)
        return v->u.choice.by->name;
    return STR("the policy document is not fully known");
}

static void read_map(struct reader *r, const struct value *v)
{
    const struct value *statements = element(v, "Statement", "statement");
    if (statements) {
        read_document(r, v, statements);
        return;
    }
    const struct value *policies = value_get(v, STR("policies"));
    if (value_is(policies, VALUE_LIST)) {
        const struct value *boundary = value_get(v, STR("boundary"));
        if (policies->flags & VALUE_PARTIAL) {
            r->policy->missing_policies = true;
            const struct value *reason = value_get(v, STR("unknown"));
            r->policy->reason = value_is(reason, VALUE_STRING)
                                    ? reason->u.string
                                    : STR("further policies are attached that are not known");
        }
        if (boundary)
            r->policy->boundary = iam_policy_read(r->arena, r->facts, boundary);
        read_any(r, policies);
        return;
    }
    if (element(v, "Effect", "effect") || element(v, "Action", "actions") || element(v, "NotAction", "not_actions"))
        read_statement(r, v);
    else if (v->flags & VALUE_PARTIAL)
        note_partial(r, STR("parts of the policy document are not known"));
}

static void read_any(struct reader *r, const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return;
    if (r->depth >= MAX_NESTING) {
        note_partial(r, STR("nested too deeply"));
        return;
    }
    r->depth++;
    switch (v->kind) {
    case VALUE_MAP:
        read_map(r, v);
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < v->u.list.n; i++)
            read_any(r, v->u.list.item[i]);
        if ((v->flags & VALUE_PARTIAL) && !r->policy->missing_policies)
            note_partial(r, STR("further statements are possible"));
        break;
    case VALUE_STRING:
        read_managed(r, v);
        break;
    default:
        note_partial(r, reason_of(v));
        break;
    }
    r->depth--;
}

const struct iam_policy *iam_policy_read(struct arena *a, const struct iam_facts *facts, const struct value *v)
{
    struct iam_policy *p = ARENA_NEW(a, struct iam_policy);
    struct reader r = {.arena = a, .facts = facts, .policy = p, .flags = IAM_VARIABLES};
    read_any(&r, v);
    p->at = VEC_MOVE(&r.found, a, &p->n);
    return p;
}
