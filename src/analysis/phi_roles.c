/* Which roles may read classified stores. Statements that name a store lead to it by reference or by name; only those
 * with wildcards are held against all of them, within a budget. */
#include "analysis/iam_index.h"
#include "analysis/iam_match.h"
#include "analysis/pass.h"
#include "base/vec.h"

enum { PAIRS = 2000000 /* of a wildcard and a store; a large account has 1,000 of each */ };

static const char *const object_reads[] = {"s3:GetObject", NULL};
static const char *const item_reads[] = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem",
                                         NULL};

static const struct store_kind {
    const char *kind;
    const char *const *actions;
    const char *before, *after; /* the ARN of what is read around the store's name */
} store_kinds[] = {
    {"aws.s3.bucket", object_reads, "arn:aws:s3:::", "/*"},
    {"aws.dynamodb.table", item_reads, "arn:aws:dynamodb:*:*:table/", ""},
};

struct store {
    const struct resource *r;
    struct iam_pattern pattern; /* of what is read; "*" for a name that is not known */
    bool named;
};

struct stores {
    VEC(struct store) list;
    struct map by_name;
    struct map by_id; /* "unit/address" */
};

struct search {
    struct analysis *a;
    struct stores of[ARRAY_LEN(store_kinds)];
    size_t budget;
};

static bool holds_phi(const struct analysis *a, const struct resource *r)
{
    const struct value *class = fact_get(a, r, "data_class");
    return str_eq_c(value_str(class), "phi");
}

static str key_of(struct arena *a, const struct resource *r)
{
    return arena_printf(a, "%u/" STR_FMT, (unsigned)r->unit, STR_ARG(r->address));
}

static void gather(struct search *s)
{
    struct arena *arena = s->a->arena;
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++) {
        struct stores *stores = &s->of[k];
        size_t n;
        struct resource *const *all = graph_of_kind(s->a->graph, sym_find(str_of(store_kinds[k].kind)), &n);
        map_init(&stores->by_name);
        map_init(&stores->by_id);
        for (size_t i = 0; i < n; i++) {
            if (all[i]->is_data || !holds_phi(s->a, all[i]))
                continue;
            str name = value_str(value_get(all[i]->attributes, STR("name")));
            struct store store = {.r = all[i], .named = name.n > 0};
            store.pattern = iam_pattern_text(arena,
                                             arena_printf(arena, "%s" STR_FMT "%s", store_kinds[k].before,
                                                          STR_ARG(name.n ? name : STR("*")), store_kinds[k].after),
                                             0);
            VEC_PUSH(&stores->list, store);
            if (name.n)
                map_add(&stores->by_name, name, (void *)(uintptr_t)stores->list.n);
            map_add(&stores->by_id, key_of(arena, all[i]), (void *)(uintptr_t)stores->list.n);
        }
    }
}

/* "arn:aws:s3:::name/key" and "arn:aws:dynamodb:r:a:table/name/index/i": the name. */
static str name_in(str arn, size_t kind)
{
    str rest = arn;
    for (unsigned colon = 0; colon < 5 && rest.p; colon++)
        str_cut(rest, ':', &rest);
    if (kind == 1)
        str_cut(rest, '/', &rest);
    return rest.p ? str_slice(rest, 0, str_find_char(rest, '/')) : STR_NONE;
}

static const struct store *store_at(const struct stores *stores, const struct map *map, str key)
{
    size_t found = (size_t)(uintptr_t)map_find(map, key);
    return found ? &stores->list.at[found - 1] : NULL;
}

static const struct store *find_store(struct search *s, size_t kind, const struct iam_pattern *p, bool *ret_unsure)
{
    struct stores *stores = &s->of[kind];
    const struct ref *ref = p->value ? value_find_ref(p->value) : NULL;
    if (ref && ref->target)
        return store_at(stores, &stores->by_id, key_of(s->a->arena, ref->target));
    str name = name_in(p->text, kind);
    if (!p->holes && name.n && str_find_char(name, '*') == SIZE_MAX && str_find_char(name, '?') == SIZE_MAX)
        return store_at(stores, &stores->by_name, name);
    for (size_t i = 0; i < stores->list.n; i++) {
        const struct store *store = &stores->list.at[i];
        if (s->budget == 0) {
            *ret_unsure = true;
            return NULL;
        }
        s->budget--;
        enum iam_answer reaches = iam_overlaps(p, &store->pattern);
        if (!store->named && reaches == IAM_YES)
            reaches = iam_or(iam_covers(p, &store->pattern), IAM_MAYBE);
        if (reaches == IAM_YES)
            return store;
        *ret_unsure = *ret_unsure || reaches == IAM_MAYBE;
    }
    return NULL;
}

/* Does the statement let that action read one of the stores? */
static bool statement_reads(struct search *s, const struct iam_policy *p, const struct iam_statement *st, size_t kind,
                            const char *action, const struct store **ret_store, bool *ret_unsure)
{
    struct iam_query q = {.arena = s->a->arena, .some = true};
    q.action = iam_pattern_text(s->a->arena, str_of(action), IAM_FOLD_CASE);
    if (iam_statement_has_action(st, &q.action, true) == IAM_NO)
        return false;
    for (size_t n = 0; n < st->resources.n; n++) {
        const struct store *store = find_store(s, kind, &st->resources.at[n], ret_unsure);
        if (!store)
            continue;
        q.resource = st->resources.at[n].wild && store->named ? store->pattern : st->resources.at[n];
        enum iam_answer answer = iam_allows(p, &q);
        *ret_store = store;
        if (answer == IAM_YES)
            return true;
        *ret_unsure = *ret_unsure || answer == IAM_MAYBE;
    }
    return false;
}

/* NULL: none for certain. */
static const struct iam_statement *reading(struct search *s, const struct iam_policy *p, const struct store **ret_store,
                                           bool *ret_unsure)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *st = &p->at[i];
        for (size_t k = 0; k < ARRAY_LEN(store_kinds) && st->effect == IAM_ALLOW; k++)
            for (const char *const *action = store_kinds[k].actions; s->of[k].list.n && *action; action++)
                if (statement_reads(s, p, st, k, *action, ret_store, ret_unsure))
                    return st;
    }
    return NULL;
}

static void look_at(struct search *s, const struct resource *role)
{
    struct arena *arena = s->a->arena;
    const struct iam_policy *p = iam_policy_of(s->a, fact_get(s->a, role, "permissions"));
    const struct store *store = NULL;
    bool unsure = !p || p->partial || p->missing_policies;
    const struct iam_statement *by = p ? reading(s, p, &store, &unsure) : NULL;
    if (by) {
        const struct origin *o = origin_new(arena, store->r->header,
                                            arena_printf(arena, "reads " STR_FMT, STR_ARG(store->r->address)), NULL);
        fact_set_bool(s->a, role, "reads_phi", true, origin_new(arena, value_span(by->value), STR_NONE, o));
    } else if (unsure && (s->of[0].list.n || s->of[1].list.n)) {
        fact_set(s->a, role, "reads_phi",
                 value_unknown(arena, p && p->reason.n ? p->reason : STR("a part of the policies is not known"), NULL));
    } else {
        fact_set_bool(s->a, role, "reads_phi", false, NULL);
    }
}

static void run(struct analysis *a)
{
    struct search s = {.a = a, .budget = PAIRS};
    size_t n;
    struct resource *const *roles = graph_of_kind(a->graph, sym_find(STR("aws.iam.role")), &n);
    gather(&s);
    for (size_t i = 0; i < n; i++)
        if (!roles[i]->is_data)
            look_at(&s, roles[i]);
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++) {
        VEC_RELEASE(&s.of[k].list);
        map_release(&s.of[k].by_name);
        map_release(&s.of[k].by_id);
    }
}

static const struct fact facts[] = {
    {"reads_phi", "aws.iam.role",
     "It may read a bucket or table among the files that is classified as patient data, or receives it; unknown when "
     "some exist and its policies are not all known."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_phi_roles = {"phi_roles", run, facts};
