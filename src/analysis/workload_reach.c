/* What pods can read in AWS: kinds of stores (buckets, tables, secrets) that the role of their service account opens
 * as a whole, and the way there, from the pod to the stores. */
#include "analysis/iam_index.h"
#include "analysis/iam_match.h"
#include "analysis/iam_values.h"
#include "analysis/pass.h"

static const struct store_kind {
    const char *kind;   /* of the model */
    const char *what;   /* what people call one */
    const char *action; /* that reads what is in it */
    const char *every;  /* the ARNs of all of them, or of what is in them */
} store_kinds[] = {
    {"aws.s3.bucket", "bucket", "s3:GetObject", "arn:aws:s3:::*/*"},
    {"aws.dynamodb.table", "table", "dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/*"},
    {"aws.secretsmanager.secret", "secret", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*"},
};

enum {
    MOST_SHOWN = 6, /* stores on the way that a finding shows: it is one screen */
    MOST_DRAWN = 64 /* of a kind, in the graph: beyond that a picture cannot be read */
};

/* What a role opens, found once however many pods have it. */
struct opening {
    enum iam_answer every;
    const struct iam_statement *by; /* IAM_YES: a statement that says so; NULL: none does alone */
    str reason;                     /* IAM_MAYBE */
    const struct origin *behind;    /* from the role to the stores */
};

struct role_reach {
    struct opening of[ARRAY_LEN(store_kinds)];
};

struct reach {
    struct analysis *a;
    const struct role_reach **role; /* by resource id */
    struct resource **store[ARRAY_LEN(store_kinds)];
    size_t n_stores[ARRAY_LEN(store_kinds)];
    const struct value *shown[ARRAY_LEN(store_kinds)]; /* addresses of the first ones */
};

static const struct value *addresses(struct arena *a, struct resource *const *store, size_t n)
{
    struct item_list list = {0};
    for (size_t i = 0; i < n && i < MOST_SHOWN; i++)
        VEC_PUSH(&list, value_string(a, store[i]->address, origin_new(a, store[i]->header, store[i]->address, NULL)));
    return item_list_end(a, &list, n > MOST_SHOWN, NULL);
}

static void gather_stores(struct reach *d)
{
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++) {
        size_t n;
        struct resource *const *all = graph_of_kind(d->a->graph, sym_find(str_of(store_kinds[k].kind)), &n);
        d->store[k] = ARENA_ARRAY(d->a->arena, struct resource *, n + 1);
        for (size_t i = 0; i < n; i++)
            if (!all[i]->is_data)
                d->store[k][d->n_stores[k]++] = all[i];
        d->shown[k] = addresses(d->a->arena, d->store[k], d->n_stores[k]);
    }
}

static struct opening opening_of(struct arena *a, const struct iam_policy *p, const struct store_kind *kind)
{
    struct iam_query q = iam_query_of(a, str_of(kind->action), str_of(kind->every));
    enum iam_answer every = iam_allows(p, &q);
    return (struct opening){.every = every, .by = every == IAM_YES ? iam_allowing(p, &q) : NULL, .reason = p->reason};
}

static void draw(struct reach *d, const struct resource *role, const struct role_reach *reach)
{
    size_t room = 0, n = 0;
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++)
        room += d->n_stores[k] < MOST_DRAWN ? d->n_stores[k] : MOST_DRAWN;
    struct edge *edge = ARENA_ARRAY(d->a->arena, struct edge, room + 1);
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++)
        for (size_t i = 0; reach->of[k].every == IAM_YES && i < d->n_stores[k] && i < MOST_DRAWN; i++)
            edge[n++] = (struct edge){.to = d->store[k][i], .attribute = str_of(store_kinds[k].action)};
    analysis_set_reach(d->a, role, edge, n);
}

static const struct origin *way_to_stores(struct reach *d, size_t kind, const struct opening *o)
{
    struct arena *a = d->a->arena;
    const struct store_kind *k = &store_kinds[kind];
    const struct origin *way = NULL;
    for (size_t i = d->n_stores[kind] < MOST_SHOWN ? d->n_stores[kind] : MOST_SHOWN; i > 0; i--) {
        const struct resource *r = d->store[kind][i - 1];
        way = origin_new(a, r->header, arena_printf(a, "the %s " STR_FMT, k->what, STR_ARG(r->address)), way);
    }
    span at = o->by ? value_span(o->by->value) : SPAN_NONE;
    if (at.file)
        way = origin_new(a, at, arena_printf(a, "gives %s on every %s", k->action, k->what), way);
    return way;
}

static const struct role_reach *reach_of_role(struct reach *d, const struct resource *role)
{
    if (d->role[role->id])
        return d->role[role->id];
    const struct iam_policy *p = iam_policy_of(d->a, fact_get(d->a, role, "permissions"));
    if (!p)
        return NULL;
    struct role_reach *reach = ARENA_NEW(d->a->arena, struct role_reach);
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++) {
        reach->of[k] = opening_of(d->a->arena, p, &store_kinds[k]);
        reach->of[k].behind = way_to_stores(d, k, &reach->of[k]);
    }
    draw(d, role, reach);
    return d->role[role->id] = reach;
}

/* ---- the way ---- */

/* The steps of `way`, and behind the last one `behind`. */
static const struct origin *extend(struct arena *a, const struct origin *way, const struct origin *behind)
{
    enum { LONGEST = 16 };
    const struct origin *step[LONGEST];
    size_t n = 0;
    for (; way && n < LONGEST; way = way->via)
        step[n++] = way;
    while (n > 0) {
        n--;
        behind = origin_new(a, step[n]->at, origin_note(step[n]), behind);
    }
    return behind;
}

static const struct value *reading(struct reach *d, size_t kind, const struct opening *o, const struct origin *way)
{
    struct arena *a = d->a->arena;
    struct field_list map = {0};
    const struct origin *whole = extend(a, way, o->behind);
    field_list_add_text(a, &map, "what", str_of(store_kinds[kind].what));
    field_list_add_text(a, &map, "kind", str_of(store_kinds[kind].kind));
    field_list_add_text(a, &map, "action", str_of(store_kinds[kind].action));
    field_list_add(&map, "every",
                   o->every == IAM_YES
                       ? value_bool(a, true, whole)
                       : value_unknown(a, o->reason.n ? o->reason : STR("a part of the policy is not known"), whole));
    field_list_add(&map, "stores", d->shown[kind]);
    return field_list_end(a, &map, whole);
}

static void look_at(struct reach *d, const struct resource *r)
{
    const struct value *role = fact_get(d->a, r, "aws_role");
    if (!role)
        return;
    const struct resource *target = role->ref ? role->ref->target : NULL;
    const struct role_reach *reach = target ? reach_of_role(d, target) : NULL;
    if (!reach) {
        str reason = role->kind == VALUE_UNKNOWN ? role->u.reason : STR("the permissions of the role are not known");
        fact_set(d->a, r, "aws_reads_every", value_unknown(d->a->arena, reason, role->origin));
        return;
    }
    struct item_list list = {0};
    for (size_t k = 0; k < ARRAY_LEN(store_kinds); k++)
        if (reach->of[k].every != IAM_NO)
            VEC_PUSH(&list, reading(d, k, &reach->of[k], role->origin));
    fact_set(d->a, r, "aws_reads_every", item_list_end(d->a->arena, &list, false, role->origin));
}

static void run(struct analysis *a)
{
    static const char *const kinds[] = {"k8s.service_account", "k8s.workload"};
    struct reach d = {.a = a, .role = ARENA_ARRAY(a->arena, const struct role_reach *, graph_count(a->graph) + 1)};
    gather_stores(&d);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        size_t n;
        struct resource *const *of = graph_of_kind(a->graph, sym_find(str_of(kinds[k])), &n);
        for (size_t i = 0; i < n; i++)
            look_at(&d, of[i]);
    }
}

static const struct fact facts[] = {
    {"aws_reads_every", "k8s.service_account k8s.workload",
     "Kinds of stores that its AWS role reads as a whole: maps of what (bucket, table, secret), kind, action, every "
     "(true; "
     "unknown when policies of the role are not known) and stores, addresses of the first ones among the files. Absent "
     "without a role; unknown when the role is not among the files."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_workload_reach = {"workload_reach", run, facts};
