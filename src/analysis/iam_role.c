/* Effective permissions of roles, users and groups, whom roles trust, and the index of policy documents. */
#include <stdatomic.h>

#include "analysis/iam_escalation.h"
#include "analysis/iam_index.h"
#include "analysis/iam_statements.h"
#include "analysis/iam_trust.h"
#include "analysis/iam_values.h"
#include "analysis/pass.h"
#include "analysis/scp.h"
#include "graph/model.h"

struct iam_entry {
    const struct value *value;
    const struct iam_policy *policy;
    _Atomic(const struct value *) statements; /* NULL until somebody asked */
};

struct iam_index {
    const struct iam_facts *facts;
    struct iam_entry *at; /* by address of the value */
    size_t n;
};

struct entries {
    struct iam_entry *at;
    size_t n, cap;
};

struct work {
    struct analysis *a;
    const struct iam_facts *facts;
    struct entries read;
    const struct iam_escalations *escalations; /* NULL: nobody asked yet */
    struct scps *scps;
};

const struct iam_facts *iam_facts_of(const struct analysis *a)
{
    return a && a->iam ? a->iam->facts : NULL;
}

static int compare_entries(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct iam_entry *)a)->value, y = (uintptr_t)((const struct iam_entry *)b)->value;
    return x < y ? -1 : x > y;
}

/* Copies of effective permissions (of a pod, ...) share their list of policies and boundary. */
static const struct value *key_of(const struct value *v)
{
    const struct value *policies = value_get(v, STR("policies"));
    return policies ? policies : v;
}

static struct iam_entry *find_entry(const struct analysis *a, const struct value *v)
{
    if (!a || !a->iam || !a->iam->n)
        return NULL;
    struct iam_entry key = {.value = key_of(v)};
    return bsearch(&key, a->iam->at, a->iam->n, sizeof(key), compare_entries);
}

const struct iam_policy *iam_policy_of(const struct analysis *a, const struct value *v)
{
    const struct iam_entry *e = find_entry(a, v);
    return e ? e->policy : NULL;
}

const struct value *iam_statements_of(const struct analysis *a, const struct value *v)
{
    struct iam_entry *e = find_entry(a, v);
    const struct value *list = e ? atomic_load_explicit(&e->statements, memory_order_acquire) : NULL;
    if (list || !e)
        return list;
    struct arena *arena = iam_facts_lock(a->iam->facts);
    list = atomic_load_explicit(&e->statements, memory_order_acquire);
    if (!list) {
        list = iam_statement_list(arena, e->policy);
        atomic_store_explicit(&e->statements, list, memory_order_release);
    }
    iam_facts_unlock(a->iam->facts);
    return list;
}

static const struct iam_policy *read_policy(struct work *w, const struct value *v)
{
    const struct iam_policy *p = iam_policy_read(w->a->arena, w->facts, v);
    if (!value_has_choice(v))
        VEC_PUSH(&w->read, ((struct iam_entry){.value = key_of(v), .policy = p}));
    return p;
}

static void read_document(void *context, const struct value *v)
{
    if (v->kind == VALUE_MAP || v->kind == VALUE_LIST)
        read_policy(context, v);
}

static void read_documents(struct work *w, const struct resource *r)
{
    const struct model_kind *kind = r->kind ? model_kind(graph_model(w->a->graph), sym_str(r->kind)) : NULL;
    const struct model_policy *policies = NULL;
    size_t n = kind ? model_policies(kind, &policies) : 0;
    bool partial = false;
    for (size_t i = 0; i < n; i++)
        value_visit_path(r->attributes, policies[i].path, read_document, w, &partial);
}

/* ---- gathering what is attached ---- */

struct gathering {
    struct work *w;
    const struct resource *r;
    struct item_list documents, names;
    size_t inline_policies;
    bool partial;
    str reason;
};

static void miss(struct gathering *g, str reason)
{
    g->partial = true;
    if (!g->reason.n)
        g->reason = reason;
}

static bool is_policy(const struct resource *r)
{
    return r && str_eq_c(sym_str(r->kind), "aws.iam.policy");
}

/* "arn:${partition}:iam::aws:policy/X" with the partition put in. */
static str arn_text(struct arena *a, const struct value *v)
{
    if (value_is(v, VALUE_STRING))
        return v->u.string;
    bool shape = value_is(v, VALUE_TEXT) && v->u.list.n == 3 && str_eq_c(value_str(v->u.list.item[0]), "arn:") &&
                 str_starts(value_str(v->u.list.item[2]), STR(":iam::aws:policy/"));
    return shape ? arena_printf(a, "arn:aws" STR_FMT, STR_ARG(value_str(v->u.list.item[2]))) : STR_NONE;
}

/* The statements of a managed policy stand where it is attached. */
static const struct value *placed(struct arena *a, const struct value *document, const struct origin *o)
{
    struct value *copy = value_copy(a, document);
    struct value_entry *entries = arena_copy(a, document->u.map.entry, document->u.map.n * sizeof(*entries));
    copy->origin = o;
    copy->u.map.entry = entries;
    for (size_t i = 0; i < document->u.map.n; i++) {
        const struct value *list = entries[i].value;
        if (!value_is(list, VALUE_LIST))
            continue;
        const struct value **items = ARENA_ARRAY(a, const struct value *, list->u.list.n + 1);
        for (size_t k = 0; k < list->u.list.n; k++) {
            struct value *statement = value_copy(a, list->u.list.item[k]);
            statement->origin = o;
            items[k] = statement;
        }
        entries[i].value = value_list(a, items, list->u.list.n, o);
    }
    return copy;
}

static void add_managed(struct gathering *g, const struct value *v, str arn)
{
    struct arena *a = g->w->a->arena;
    str name = iam_managed_name(arn);
    const struct value *document = iam_managed_find(g->w->facts, arn);
    VEC_PUSH(&g->names, value_string(a, name.n ? name : arn, v->origin));
    if (document)
        VEC_PUSH(&g->documents, placed(a, document, v->origin));
    else
        miss(g, arena_printf(a, "the statements of " STR_FMT " are not known", STR_ARG(str_slice(arn, 0, 120))));
}

/* A looked-up policy says its ARN or its name. */
static void add_looked_up(struct gathering *g, const struct value *v, const struct resource *policy)
{
    const struct value *arn = value_get(policy->raw, STR("arn")), *name = value_get(policy->raw, STR("name"));
    str text = arn_text(g->w->a->arena, arn);
    if (!text.n && value_is(name, VALUE_STRING) && iam_managed_find(g->w->facts, name->u.string))
        text = arena_printf(g->w->a->arena, "arn:aws:iam::aws:policy/" STR_FMT, STR_ARG(name->u.string));
    if (text.n)
        add_managed(g, v, text);
    else
        miss(g, arena_printf(g->w->a->arena, STR_FMT " is looked up, not declared", STR_ARG(policy->address)));
}

/* Of a list, each element; false when v is no list. */
static bool each_item(struct gathering *g, const struct value *v, value_visit_fn *fn)
{
    if (v->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < v->u.list.n; i++)
        if (v->u.list.item[i] && v->u.list.item[i]->kind != VALUE_LIST)
            fn(g, v->u.list.item[i]);
    if (v->flags & VALUE_PARTIAL)
        miss(g, STR("further policies may be attached"));
    return true;
}

static void add_attached(void *context, const struct value *v)
{
    struct gathering *g = context;
    if (v->kind == VALUE_NULL || each_item(g, v, add_attached))
        return;
    bool ambiguous = false;
    const struct resource *policy = graph_resolve(g->w->a->graph, g->r, v, &ambiguous);
    str arn = arn_text(g->w->a->arena, v);
    if (is_policy(policy) && policy->is_data) {
        add_looked_up(g, v, policy);
    } else if (is_policy(policy)) {
        const struct value *document = value_get(policy->attributes, STR("policy"));
        const struct value *name = value_get(policy->attributes, STR("name"));
        VEC_PUSH(&g->names,
                 value_is(name, VALUE_STRING) ? name : value_string(g->w->a->arena, policy->name, v->origin));
        if (document)
            VEC_PUSH(&g->documents, document);
        else
            miss(g, STR("an attached policy has no document"));
    } else if (arn.n && (iam_managed_name(arn).n || str_starts(arn, STR("arn:")))) {
        add_managed(g, v, arn);
    } else {
        VEC_PUSH(&g->names, v);
        miss(g, ambiguous ? STR("several policies could be meant")
                          : STR("an attached policy is not among the analysed files"));
    }
}

static void add_inline(void *context, const struct value *v)
{
    struct gathering *g = context;
    VEC_PUSH(&g->documents, v);
    g->inline_policies++;
}

static void add_document(void *context, const struct value *v)
{
    struct gathering *g = context;
    VEC_PUSH(&g->documents, v);
}

static void gather(struct gathering *g, const struct resource *r)
{
    bool partial = false;
    value_visit_path(r->attributes, STR("inline_policies.policy"), add_inline, g, &partial);
    value_visit_path(r->attributes, STR("attached_policies.policy"), add_document, g, &partial);
    g->r = r;
    value_visit_path(r->attributes, STR("attached_policies.policy_arns"), add_attached, g, &partial);
    value_visit_path(r->attributes, STR("managed_policy_arns"), add_attached, g, &partial);
    if (partial || r->incomplete || analysis_unit_open(g->w->a, r))
        miss(g, STR("further policies may be attached"));
}

static void gather_group(void *context, const struct value *v)
{
    struct gathering *g = context;
    bool ambiguous = false;
    if (v->kind == VALUE_NULL || each_item(g, v, gather_group))
        return;
    const struct resource *user = g->r;
    const struct resource *group = graph_resolve(g->w->a->graph, user, v, &ambiguous);
    if (!group && value_is(v, VALUE_STRING))
        group = graph_find_by(g->w->a->graph, user->unit, sym_of(STR("aws.iam.group")), STR("name"), v->u.string,
                              &ambiguous);
    if (!group || !str_eq_c(sym_str(group->kind), "aws.iam.group")) {
        miss(g, STR("a group of the user is not among the analysed files"));
        return;
    }
    size_t own = g->inline_policies;
    gather(g, group);
    g->inline_policies = own;
    g->r = user;
}

static const struct value *boundary_of(struct gathering *g, const struct resource *r)
{
    const struct value *v = value_get(r->attributes, STR("permissions_boundary"));
    if (!v || v->kind == VALUE_NULL)
        return NULL;
    bool ambiguous = false;
    const struct resource *policy = graph_resolve(g->w->a->graph, r, v, &ambiguous);
    const struct value *document =
        is_policy(policy) && !policy->is_data ? value_get(policy->attributes, STR("policy")) : NULL;
    if (!document)
        document = iam_managed_find(g->w->facts, arn_text(g->w->a->arena, v));
    return document ? document : value_unknown(g->w->a->arena, STR("the permissions boundary is not known"), v->origin);
}

/* ---- facts ---- */

static void set_permissions(struct gathering *g, const struct resource *r)
{
    struct analysis *a = g->w->a;
    struct field_list map = {0};
    size_t inline_policies = g->inline_policies;
    const struct value *names = item_list_end(a->arena, &g->names, g->partial, NULL);
    field_list_add(&map, "policies", item_list_end(a->arena, &g->documents, g->partial, NULL));
    const struct value *boundary = boundary_of(g, r);
    if (boundary)
        field_list_add(&map, "boundary", boundary);
    if (g->partial)
        field_list_add_text(a->arena, &map, "unknown", g->reason);
    const struct value *permissions = field_list_end(a->arena, &map, NULL);
    fact_set(a, r, "permissions", permissions);
    fact_set(a, r, "managed_policies", names);
    fact_set(a, r, "inline_policy_count", value_number(a->arena, (double)inline_policies, NULL));
    if (!g->w->escalations)
        g->w->escalations = iam_escalations_new(a->arena);
    const struct value *paths = iam_escalation_paths(a->arena, g->w->escalations, read_policy(g->w, permissions));
    fact_set(a, r, "escalation_paths", paths);
}

static void set_trust(struct work *w, const struct resource *r)
{
    static const struct iam_pattern anything = {.text = {"*", 1}, .wild = true};
    struct analysis *a = w->a;
    const struct value *document = value_get(r->attributes, STR("assume_role_policy"));
    if (!document) {
        fact_set_unknown(a, r, "trusts_public", "the role has no trust policy in the code");
        return;
    }
    const struct iam_policy *p = iam_policy_read(a->arena, w->facts, document);
    fact_set(a, r, "trusted_services", iam_trustees(a->arena, p, IAM_TRUSTEE_SERVICES));
    fact_set(a, r, "trusted_accounts", iam_trustees(a->arena, p, IAM_TRUSTEE_ACCOUNTS));
    fact_set(a, r, "trusted_federations", iam_trustees(a->arena, p, IAM_TRUSTEE_PROVIDERS));
    enum iam_answer public = iam_allows_public(p, &anything);
    if (public == IAM_MAYBE)
        fact_set_unknown(a, r, "trusts_public", "the trust policy is not fully known");
    else
        fact_set_bool(a, r, "trusts_public", public == IAM_YES, document->origin);
}

/* ---- chains of roles ---- */

/* The roles that the trust policy of `r` names: they may become it. */
static void each_trusted_role(const struct resource *r, void (*fn)(void *context, const struct resource *from),
                              void *context)
{
    for (size_t i = 0; i < r->n_edges; i++)
        if (str_starts(r->edge[i].attribute, STR("assume_role_policy")) && r->edge[i].to->kind == r->kind &&
            r->edge[i].to != r)
            fn(context, r->edge[i].to);
}

struct chain_link {
    const struct resource *to;
    const struct chain_link *next;
};

struct chains {
    struct work *w;
    const struct chain_link **from; /* by resource id */
    const struct resource *target;
};

static void add_link(void *context, const struct resource *from)
{
    struct chains *c = context;
    struct chain_link *link = ARENA_NEW(c->w->a->arena, struct chain_link);
    *link = (struct chain_link){c->target, c->from[from->id]};
    c->from[from->id] = link;
}

static bool has_paths(const struct analysis *a, const struct resource *r)
{
    const struct value *paths = fact_get(a, r, "escalation_paths");
    return value_is(paths, VALUE_LIST) && paths->u.list.n > 0;
}

/* A role on the way from `r` that has paths of its own; *ret_text is the way. */
static const struct resource *find_chain(struct chains *c, const struct resource *r, str *ret_text)
{
    enum { LONGEST = 5 };
    const struct resource *at[LONGEST] = {r};
    const struct chain_link *next[LONGEST] = {c->from[r->id]};
    size_t n = 1, steps = 0;
    while (n && steps++ < LIMIT_ALTERNATIVES * 4) {
        const struct chain_link *link = next[n - 1];
        if (!link) {
            n--;
            continue;
        }
        next[n - 1] = link->next;
        bool seen = false;
        for (size_t i = 0; i < n; i++)
            seen = seen || at[i] == link->to;
        if (seen)
            continue;
        if (has_paths(c->w->a, link->to)) {
            str text = STR("sts:AssumeRole");
            for (size_t i = 1; i < n; i++)
                text = arena_printf(c->w->a->arena, STR_FMT " -> " STR_FMT, STR_ARG(text), STR_ARG(at[i]->address));
            *ret_text = arena_printf(c->w->a->arena, STR_FMT " -> " STR_FMT, STR_ARG(text), STR_ARG(link->to->address));
            return link->to;
        }
        if (n < LONGEST) {
            at[n] = link->to;
            next[n++] = c->from[link->to->id];
        }
    }
    return NULL;
}

static void add_chains(struct work *w, struct resource *const *roles, size_t n)
{
    struct analysis *a = w->a;
    struct chains c = {.w = w, .from = ARENA_ARRAY(a->arena, const struct chain_link *, graph_count(a->graph) + 1)};
    for (size_t i = 0; i < n; i++) {
        c.target = roles[i];
        if (analysis_exists(roles[i]))
            each_trusted_role(roles[i], add_link, &c);
    }
    const struct value **longer = ARENA_ARRAY(a->arena, const struct value *, n + 1);
    for (size_t i = 0; i < n; i++) {
        str text;
        const struct resource *end =
            c.from[roles[i]->id] && !has_paths(a, roles[i]) ? find_chain(&c, roles[i], &text) : NULL;
        if (!end)
            continue;
        const struct value *first = fact_get(a, end, "escalation_paths")->u.list.item[0];
        struct item_list list = {0};
        VEC_PUSH(&list, value_string(a->arena,
                                     arena_printf(a->arena, STR_FMT ", which has " STR_FMT, STR_ARG(text),
                                                  STR_ARG(value_str(first))),
                                     origin_new(a->arena, end->header, STR("the role that can be assumed"), NULL)));
        longer[i] = item_list_end(a->arena, &list, false, NULL);
    }
    for (size_t i = 0; i < n; i++)
        if (longer[i])
            fact_set(a, roles[i], "escalation_paths", longer[i]);
}

static void note_can_escalate(struct analysis *a, const struct resource *r)
{
    const struct value *paths = fact_get(a, r, "escalation_paths");
    if (value_is(paths, VALUE_LIST))
        fact_set_bool(a, r, "can_escalate", paths->u.list.n > 0,
                      paths->u.list.n ? paths->u.list.item[0]->origin : NULL);
    else
        fact_set(a, r, "can_escalate", paths);
}

static void look_at(struct work *w, const char *kind, bool is_user)
{
    size_t n;
    struct resource *const *of = graph_of_kind(w->a->graph, sym_find(str_of(kind)), &n);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = of[i];
        if (r->is_data)
            continue;
        struct gathering g = {.w = w, .r = r};
        gather(&g, r);
        bool partial = false;
        if (is_user) {
            value_visit_path(r->attributes, STR("groups"), gather_group, &g, &partial);
            value_visit_path(r->attributes, STR("memberships.groups"), gather_group, &g, &partial);
        }
        if (partial)
            miss(&g, STR("the user may be in further groups"));
        scps_each(w->scps, r, add_document, &g);
        set_permissions(&g, r);
    }
}

/* A policy that others name as their boundary, and nothing else: it grants nothing. */
static void set_bounds(struct analysis *a)
{
    size_t n;
    struct resource *const *policies = graph_of_kind(a->graph, sym_find(STR("aws.iam.policy")), &n);
    for (size_t i = 0; i < n; i++) {
        size_t bounds = 0;
        for (size_t k = 0; k < policies[i]->n_back_edges; k++)
            bounds += str_eq_c(policies[i]->back_edge[k].attribute, "permissions_boundary");
        fact_set_bool(a, policies[i], "only_bounds", bounds && bounds == policies[i]->n_back_edges, NULL);
    }
}

static void run(struct analysis *a)
{
    struct work w = {.a = a};
    struct iam_index *index = ARENA_NEW(a->arena, struct iam_index);
    w.facts = iam_facts_new(a->arena, a->options ? a->options->iam_actions : STR_NONE,
                            a->options ? a->options->iam_managed : STR_NONE);
    w.scps = scps_find(a);
    for (size_t i = 0; i < graph_count(a->graph); i++)
        read_documents(&w, graph_at(a->graph, i));
    set_bounds(a);
    look_at(&w, "aws.iam.group", false);
    look_at(&w, "aws.iam.user", true);
    look_at(&w, "aws.iam.role", false);
    scps_release(w.scps);
    size_t n;
    struct resource *const *roles = graph_of_kind(a->graph, sym_find(STR("aws.iam.role")), &n);
    for (size_t i = 0; i < n; i++)
        if (!roles[i]->is_data)
            set_trust(&w, roles[i]);
    add_chains(&w, roles, n);
    static const char *const kinds[] = {"aws.iam.role", "aws.iam.user", "aws.iam.group"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct resource *const *of = graph_of_kind(a->graph, sym_find(str_of(kinds[k])), &n);
        for (size_t i = 0; i < n; i++)
            if (!of[i]->is_data)
                note_can_escalate(a, of[i]);
    }
    index->facts = w.facts;
    index->at = VEC_MOVE(&w.read, a->arena, &index->n);
    if (index->n)
        qsort(index->at, index->n, sizeof(*index->at), compare_entries);
    a->iam = index;
}

static const struct fact facts[] = {
    {"permissions", "aws.iam.role aws.iam.user aws.iam.group",
     "The effective permissions as a policy value: inline, attached and managed policies (of a user also those of its "
     "groups) "
     "within the permissions boundary, less what service control policies of the account deny. Attached policies that "
     "are not known are taken to allow more, not to deny."},
    {"managed_policies", "aws.iam.role aws.iam.user aws.iam.group",
     "Names of the managed policies that are attached; partial when further ones are possible."},
    {"inline_policy_count", "aws.iam.role aws.iam.user aws.iam.group", "How many inline policies the code gives it."},
    {"escalation_paths", "aws.iam.role aws.iam.user aws.iam.group",
     "Ways to more permissions, as texts with the actions; unknown when none is certain and an attached policy is not "
     "known."},
    {"can_escalate", "aws.iam.role aws.iam.user aws.iam.group", "Whether there is such a way."},
    {"only_bounds", "aws.iam.policy",
     "The policy is the permissions boundary of others and attached to nobody: it grants nothing."},
    {"trusted_services", "aws.iam.role", "Service principals that may assume the role."},
    {"trusted_accounts", "aws.iam.role", "Account numbers that the trust policy names."},
    {"trusted_federations", "aws.iam.role", "Identity providers that the trust policy names."},
    {"trusts_public", "aws.iam.role",
     "Anybody may assume the role: no condition of the trust policy keeps strangers out."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_iam_role = {"iam_role", run, facts};
