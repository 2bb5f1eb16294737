#include "analysis/scp.h"

#include "base/vec.h"

/* A policy and one target of it. */
struct scp {
    const struct value *denies; /* a document of its Deny statements */
    uint32_t unit;
    bool own;        /* the account to which the unit is deployed */
    str deployed_by; /* own: the provider; empty: whichever */
    str account;     /* else its number */
};

struct scps {
    struct analysis *a;
    VEC(struct scp) list;
    struct map accounts; /* "unit/provider" -> const struct value *: the only account it may use */
};

static bool is_deny(const struct value *statement)
{
    const struct value *effect = value_get(statement, STR("Effect"));
    if (!effect)
        effect = value_get(statement, STR("effect"));
    return str_eq_nocase(value_str(effect), STR("Deny"));
}

/* The document with its Deny statements only; NULL: it has none. */
static const struct value *denies_of(struct arena *a, const struct value *document)
{
    const struct value *list = value_get(document, STR("Statement"));
    const struct value *one[1] = {list};
    const struct value **from = value_is(list, VALUE_LIST) ? list->u.list.item : one;
    size_t n = value_is(list, VALUE_LIST) ? list->u.list.n : 1, kept = 0;
    const struct value **items = ARENA_ARRAY(a, const struct value *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (value_is(from[i], VALUE_MAP) && is_deny(from[i]))
            items[kept++] = from[i];
    if (!kept)
        return NULL;
    struct value_entry *entries = arena_copy(a, document->u.map.entry, document->u.map.n * sizeof(*entries));
    for (size_t i = 0; i < document->u.map.n; i++)
        if (str_eq_c(entries[i].key, "Statement"))
            entries[i].value = value_list(a, items, kept, list->origin);
    struct value *copy = value_copy(a, document);
    copy->u.map.entry = entries;
    return copy;
}

/* The number of the account that deploys: asked of whoever calls, or of the pseudo parameter. */
static bool is_own_account(const struct value *v, const struct resource **ret_asked)
{
    const struct ref *ref = value_find_ref(v);
    *ret_asked = ref ? ref->target : NULL;
    if (ref && ref->target)
        return ref->target->is_data && str_ends(sym_str(ref->target->type), STR("caller_identity"));
    return value_is(v, VALUE_UNKNOWN) && str_ends(v->u.reason, STR("::AccountId"));
}

static void add_target(struct scps *s, const struct resource *policy, const struct value *denies,
                       const struct value *target)
{
    struct scp scp = {.denies = denies, .unit = policy->unit};
    const struct resource *asked;
    if (value_is(target, VALUE_LIST)) {
        for (size_t i = 0; i < target->u.list.n; i++)
            if (!value_is(target->u.list.item[i], VALUE_LIST))
                add_target(s, policy, denies, target->u.list.item[i]);
        return;
    }
    if (value_is(target, VALUE_STRING))
        scp.account = target->u.string;
    else if (target && is_own_account(target, &asked))
        scp.own = true, scp.deployed_by = asked ? asked->region_key : STR_NONE;
    else
        return;
    VEC_PUSH(&s->list, scp);
}

static void add_policy(struct scps *s, const struct resource *r)
{
    const struct value *type = value_get(r->attributes, STR("policy_type"));
    const struct value *content = value_get(r->attributes, STR("content"));
    if (r->is_data || r->presence != PRESENT || !value_is(content, VALUE_MAP) ||
        !str_eq_c(value_str(type), "SERVICE_CONTROL_POLICY"))
        return;
    const struct value *denies = denies_of(s->a->arena, content);
    if (!denies)
        return;
    add_target(s, r, denies, value_get(r->attributes, STR("targets")));
    for (size_t i = 0; i < r->n_back_edges; i++) {
        const struct resource *attachment = r->back_edge[i].to;
        if (str_eq_c(sym_str(attachment->kind), "aws.organizations.policy_attachment") && analysis_exists(attachment))
            add_target(s, r, denies, value_get(attachment->attributes, STR("target")));
    }
}

static str provider_key(struct arena *a, uint32_t unit, str provider)
{
    return arena_printf(a, "%u/" STR_FMT, (unsigned)unit, STR_ARG(provider));
}

static void note_accounts(struct scps *s)
{
    size_t n;
    struct resource *const *all = graph_of_kind(s->a->graph, sym_find(STR("aws.provider")), &n);
    for (size_t i = 0; i < n; i++) {
        const struct value *ids = value_get(all[i]->attributes, STR("allowed_account_ids"));
        str alias = value_str(value_get(all[i]->attributes, STR("alias")));
        if (value_is(ids, VALUE_LIST) && ids->u.list.n == 1 && !(ids->flags & VALUE_PARTIAL))
            map_add(&s->accounts, provider_key(s->a->arena, all[i]->unit, alias),
                    (void *)(uintptr_t)ids->u.list.item[0]);
    }
}

struct scps *scps_find(struct analysis *a)
{
    struct scps *s = ARENA_NEW(a->arena, struct scps);
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, sym_find(STR("aws.organizations.policy")), &n);
    s->a = a;
    map_init(&s->accounts);
    for (size_t i = 0; i < n; i++)
        add_policy(s, all[i]);
    if (s->list.n)
        note_accounts(s);
    return s;
}

void scps_release(struct scps *s)
{
    VEC_RELEASE(&s->list);
    map_release(&s->accounts);
}

/* "aws.log" -> "log"; the alias of the provider. */
static str alias_of(const struct resource *r)
{
    size_t dot = str_rfind_char(r->region_key, '.');
    return dot == SIZE_MAX ? STR_NONE : str_slice(r->region_key, dot + 1, r->region_key.n);
}

void scps_each(const struct scps *s, const struct resource *identity,
               void (*fn)(void *context, const struct value *document), void *context)
{
    const struct value *account = NULL;
    if (s->list.n && s->accounts.n)
        account = map_find(&s->accounts, provider_key(s->a->arena, identity->unit, alias_of(identity)));
    for (size_t i = 0; i < s->list.n; i++) {
        const struct scp *scp = &s->list.at[i];
        bool own = scp->own && scp->unit == identity->unit && str_eq(scp->deployed_by, identity->region_key);
        bool named = !scp->own && value_is(account, VALUE_STRING) && str_eq(account->u.string, scp->account);
        if (own || named)
            fn(context, scp->denies);
    }
}
