/* Which AWS role a service account of Kubernetes has, by annotation, EKS Pod Identity or eksctl, and what its pods may
 * do with it. */
#include "analysis/iam_index.h"
#include "analysis/iam_trust.h"
#include "analysis/iam_values.h"
#include "analysis/pass.h"
#include "analysis/place.h"
#include "analysis/verdict.h"

#define ROLE_ANNOTATION "eks.amazonaws.com/role-arn"

/* What gives a service account its role. */
struct grant {
    const struct value *role;  /* the ARN or reference; NULL: eksctl makes a role of its own */
    const struct value *place; /* where it is said; NULL: `by` */
    const struct resource *by; /* the service account, association or cluster configuration */
    const char *source;        /* "annotation", "pod-identity", "eksctl" */
    const struct grant *next;  /* another for the same account */
};

struct identity {
    struct analysis *a;
    struct map accounts; /* "unit/namespace/name" -> resource */
    struct map names;    /* "namespace/name" -> struct candidates *, over all units */
    struct map grants;   /* "namespace/name" -> struct grant *, from outside of the account */
    struct map users;    /* address of the account or role, with its unit -> struct user_list * */
};

struct candidates {
    const struct resource *first;
    size_t n; /* that are written in different places: overlays of one base have the same account */
};

struct user_list {
    const struct resource *of;
    struct item_list addresses;
};

struct found_role {
    const struct grant *grant;   /* NULL: none */
    const struct resource *role; /* NULL: not among the files */
    const char *problem;         /* NULL: none */
};

static str text_at(const struct value *v, const char *path)
{
    return value_str(value_path(v, str_of(path)));
}

/* "namespace/name", whatever the unit. */
static str join_name(struct analysis *a, str namespace, str name)
{
    return arena_printf(a->arena, STR_FMT "/" STR_FMT, STR_ARG(namespace.n ? namespace : STR("default")),
                        STR_ARG(name));
}

/* Two resources of one place in a file: overlays of one base. */
static bool is_written_once(const struct resource *a, const struct resource *b)
{
    return a->header.file && a->header.file == b->header.file && a->header.start == b->header.start;
}

static void index_accounts(struct identity *d)
{
    size_t n;
    struct resource *const *all = graph_of_kind(d->a->graph, sym_find(STR("k8s.service_account")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = text_at(all[i]->attributes, "name"), place = place_of(d->a, all[i]);
        if (!name.n || !place.n || all[i]->is_data)
            continue;
        map_add(&d->accounts, place_join(d->a, place, name), all[i]);
        str anywhere = join_name(d->a, text_at(all[i]->attributes, "namespace"), name);
        struct candidates *c = map_find(&d->names, anywhere);
        if (!c) {
            c = ARENA_NEW(d->a->arena, struct candidates);
            c->first = all[i];
            map_set(&d->names, anywhere, c);
        }
        c->n += c->n == 0 || !is_written_once(c->first, all[i]);
    }
}

/* ---- grants that stand outside of the account ---- */

static void add_grant(struct identity *d, str namespace, str name, struct grant grant)
{
    if (!name.n)
        return;
    str key = join_name(d->a, namespace, name);
    struct grant *g = arena_copy(d->a->arena, &grant, sizeof(grant));
    g->next = map_find(&d->grants, key);
    map_set(&d->grants, key, g);
}

static void read_associations(struct identity *d)
{
    size_t n;
    struct resource *const *all = graph_of_kind(d->a->graph, sym_find(STR("aws.eks.pod_identity_association")), &n);
    for (size_t i = 0; i < n; i++) {
        const struct value *role = value_get(all[i]->attributes, STR("role_arn"));
        if (!role)
            role = value_get(all[i]->attributes, STR("role"));
        if (role && !all[i]->is_data)
            add_grant(d, text_at(all[i]->attributes, "namespace"), text_at(all[i]->attributes, "service_account"),
                      (struct grant){.role = role, .place = role, .by = all[i], .source = "pod-identity"});
    }
}

/* eksctl's cluster configuration: iam.serviceAccounts and iam.podIdentityAssociations, as written. */
static void read_eksctl_entry(struct identity *d, const struct resource *cluster, const struct value *entry,
                              bool pod_identity)
{
    str namespace = text_at(entry, pod_identity ? "namespace" : "metadata.namespace");
    str name = text_at(entry, pod_identity ? "serviceAccountName" : "metadata.name");
    const struct value *role = value_get(entry, pod_identity ? STR("roleARN") : STR("attachRoleARN"));
    add_grant(d, namespace, name,
              (struct grant){
                  .role = role, .place = entry, .by = cluster, .source = pod_identity ? "pod-identity" : "eksctl"});
}

static void read_eksctl(struct identity *d)
{
    sym type = sym_find(STR("eksctl.io/ClusterConfig"));
    for (size_t i = 0; type && i < graph_count(d->a->graph); i++) {
        const struct resource *r = graph_at(d->a->graph, i);
        if (r->type != type)
            continue;
        const struct value *accounts = value_path(r->raw, STR("iam.serviceAccounts"));
        const struct value *associations = value_path(r->raw, STR("iam.podIdentityAssociations"));
        for (size_t k = 0; value_is(accounts, VALUE_LIST) && k < accounts->u.list.n; k++)
            read_eksctl_entry(d, r, accounts->u.list.item[k], false);
        for (size_t k = 0; value_is(associations, VALUE_LIST) && k < associations->u.list.n; k++)
            read_eksctl_entry(d, r, associations->u.list.item[k], true);
    }
}

/* ---- from the grant to the role ---- */

static bool is_role(const struct resource *r)
{
    return r && str_eq_c(sym_str(r->kind), "aws.iam.role") && !r->is_data;
}

static void resolve(struct identity *d, struct found_role *f)
{
    bool ambiguous = false;
    if (!f->grant->role) {
        f->problem = "eksctl makes the role";
        return;
    }
    const struct resource *r = graph_resolve(d->a->graph, f->grant->by, f->grant->role, &ambiguous);
    if (is_role(r))
        f->role = r;
    else
        f->problem = ambiguous ? "several roles could be meant" : "the role is not among the analysed files";
}

static bool same_role(const struct grant *x, const struct grant *y)
{
    const struct ref *a = value_find_ref(x->role), *b = value_find_ref(y->role);
    return value_equal(x->role, y->role) || (a && b && a->target && a->target == b->target);
}

/* `account` may be NULL: pods may name one that the files do not have. */
static struct found_role find_role(struct identity *d, const struct resource *account, str namespace, str name)
{
    struct found_role f = {0};
    const struct value *annotations = account ? value_get(account->attributes, STR("annotations")) : NULL;
    const struct value *role = value_get(annotations, STR(ROLE_ANNOTATION));
    if (role && role->kind != VALUE_NULL) {
        struct grant *g = ARENA_NEW(d->a->arena, struct grant);
        *g = (struct grant){.role = role, .place = role, .by = account, .source = "annotation"};
        f.grant = g;
        resolve(d, &f);
        return f;
    }
    str key = join_name(d->a, namespace, name);
    f.grant = map_find(&d->grants, key);
    if (!f.grant)
        return f;
    const struct candidates *c = map_find(&d->names, key);
    bool elsewhere = account && account->unit != f.grant->by->unit;
    if (elsewhere && c && c->n > 1)
        f.problem = "several service accounts have this name";
    enum { MOST = 64 };
    size_t seen = 0;
    for (const struct grant *g = f.grant->next; g && seen < MOST && !f.problem; g = g->next, seen++)
        if (!same_role(g, f.grant))
            f.problem = "several associations give it different roles";
    if (!f.problem)
        resolve(d, &f);
    return f;
}

/* ---- facts ---- */

static const struct origin *policy_origin(struct analysis *a, const struct value *permissions)
{
    enum { MOST = 4 };
    const struct value *policies = value_get(permissions, STR("policies"));
    const struct origin *o = NULL;
    for (size_t i = 0; policies && i < policies->u.list.n && i < MOST; i++) {
        span at = value_span(policies->u.list.item[i]);
        if (at.file)
            o = origin_new(a->arena, at, STR("a policy of the role"), o);
    }
    return o;
}

/* From the pod or account over the grant to the role and what is behind it: what a finding shows as the path. */
static const struct origin *path_of(struct identity *d, const struct resource *r, const struct value *runs_as,
                                    const struct found_role *f, const struct origin *behind)
{
    struct arena *a = d->a->arena;
    const struct origin *o = behind;
    if (f->role)
        o = origin_new(a, f->role->header, arena_printf(a, "the role " STR_FMT, STR_ARG(f->role->address)), o);
    span said = f->grant->place ? value_span(f->grant->place) : SPAN_NONE;
    o = origin_new(a, said.file ? said : f->grant->by->header,
                   arena_printf(a, STR_FMT " gives the role (%s)", STR_ARG(f->grant->by->address), f->grant->source),
                   o);
    if (r == f->grant->by)
        return o;
    span at = runs_as ? value_span(runs_as) : SPAN_NONE;
    return origin_new(a, at.file ? at : r->header, STR("the service account"), o);
}

static const struct value *at_origin(struct arena *a, const struct value *v, const struct origin *o)
{
    struct value *copy = value_copy(a, v);
    copy->origin = o;
    return copy;
}

static const struct value *trust_answer(struct identity *d, const struct found_role *f, str namespace, str name,
                                        const struct origin *o)
{
    struct arena *a = d->a->arena;
    const struct value *document = value_get(f->role->attributes, STR("assume_role_policy"));
    const struct iam_policy *p = iam_policy_of(d->a, document);
    if (!p)
        p = iam_policy_read(a, NULL, document);
    str subject = arena_printf(a, "system:serviceaccount:" STR_FMT ":" STR_FMT,
                               STR_ARG(namespace.n ? namespace : STR("default")), STR_ARG(name));
    bool pod_identity = strcmp(f->grant->source, "pod-identity") == 0;
    enum iam_answer answer = pod_identity ? iam_trusts_pod_identity(p) : iam_trusts_service_account(a, p, subject);
    if (answer == IAM_MAYBE)
        return value_unknown(a, STR("the trust policy of the role is not fully known"), o);
    return value_bool(a, answer == IAM_YES, o);
}

static void set_facts(struct identity *d, const struct resource *r, const struct value *runs_as,
                      const struct found_role *f, str namespace, str name)
{
    struct arena *a = d->a->arena;
    const struct value *permissions = f->role ? fact_get(d->a, f->role, "permissions") : NULL;
    const struct origin *o = path_of(d, r, runs_as, f, NULL);
    fact_set(d->a, r, "aws_identity_source", value_string(a, str_of(f->grant->source), o));
    if (f->grant->role)
        fact_set(d->a, r, "aws_role_arn", f->grant->role);
    if (!f->role) {
        const struct value *unknown = value_unknown(a, str_of(f->problem), o);
        fact_set(d->a, r, "aws_role", unknown);
        fact_set(d->a, r, "aws_permissions", unknown);
        fact_set(d->a, r, "aws_trust_bound", unknown);
        return;
    }
    fact_set(d->a, r, "aws_role", reference_value(a, f->role, o));
    if (permissions)
        fact_set(d->a, r, "aws_permissions",
                 at_origin(a, permissions, path_of(d, r, runs_as, f, policy_origin(d->a, permissions))));
    fact_set(d->a, r, "aws_trust_bound", trust_answer(d, f, namespace, name, o));
}

static void note_user(struct identity *d, const struct resource *of, const struct resource *user)
{
    str key = arena_printf(d->a->arena, "%u", (unsigned)of->id);
    struct user_list *list = map_find(&d->users, key);
    if (!list) {
        list = ARENA_NEW(d->a->arena, struct user_list);
        list->of = of;
        map_set(&d->users, key, list);
    }
    VEC_PUSH(&list->addresses,
             value_string(d->a->arena, user->address, origin_new(d->a->arena, user->header, STR_NONE, NULL)));
}

/* The only edge that this pass finds of a pod or an account. */
static void join(struct identity *d, const struct resource *from, const struct resource *to, const char *how)
{
    struct edge *e = ARENA_NEW(d->a->arena, struct edge);
    *e = (struct edge){.to = graph_at(d->a->graph, to->id), .attribute = str_of(how)};
    analysis_set_reach(d->a, from, e, 1);
}

static void look_at_accounts(struct identity *d)
{
    size_t n;
    struct resource *const *all = graph_of_kind(d->a->graph, sym_find(STR("k8s.service_account")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = text_at(all[i]->attributes, "name"), namespace = text_at(all[i]->attributes, "namespace");
        struct found_role f = find_role(d, all[i], namespace, name);
        if (!f.grant || all[i]->is_data)
            continue;
        set_facts(d, all[i], NULL, &f, namespace, name);
        if (f.role)
            note_user(d, f.role, all[i]);
        if (f.role)
            join(d, all[i], f.role, "aws_role");
    }
}

static void look_at_workloads(struct identity *d)
{
    size_t n;
    struct resource *const *all = graph_of_kind(d->a->graph, sym_find(STR("k8s.workload")), &n);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = all[i];
        const struct value *runs_as = fact_get(d->a, r, "service_account");
        str place = place_of(d->a, r), name = value_str(runs_as);
        if (!place.n || !name.n || r->is_data)
            continue;
        const struct resource *account = map_find(&d->accounts, place_join(d->a, place, name));
        str namespace = text_at(r->attributes, "namespace");
        struct found_role f = find_role(d, account, namespace, name);
        if (account)
            note_user(d, account, r);
        if (account || f.role)
            join(d, r, account ? account : f.role, account ? "service_account" : "aws_role");
        if (!f.grant)
            continue;
        set_facts(d, r, runs_as, &f, namespace, name);
        if (f.role)
            note_user(d, f.role, r);
    }
}

static void publish_users(struct identity *d)
{
    for (size_t i = 0; i < d->users.n; i++) {
        struct user_list *list = d->users.at[i].value;
        const char *name = is_role(list->of) ? "used_by" : "workloads";
        fact_set(d->a, list->of, name, item_list_end(d->a->arena, &list->addresses, false, NULL));
    }
}

/* ---- what every pod gets from its node ---- */

static void add_node_permissions(struct identity *d)
{
    size_t n_clusters, n_groups, n;
    graph_of_kind(d->a->graph, sym_find(STR("aws.eks.cluster")), &n_clusters);
    struct resource *const *groups = graph_of_kind(d->a->graph, sym_find(STR("aws.eks.node_group")), &n_groups);
    struct resource *const *pods = graph_of_kind(d->a->graph, sym_find(STR("k8s.workload")), &n);
    if (n_clusters != 1 || !n_groups || !n)
        return;
    struct item_list policies = {0};
    bool partial = false;
    for (size_t i = 0; i < n_groups; i++) {
        const struct value *v = value_get(groups[i]->attributes, STR("node_role_arn"));
        if (!v)
            v = value_get(groups[i]->attributes, STR("node_role"));
        bool ambiguous = false;
        const struct resource *role = graph_resolve(d->a->graph, groups[i], v, &ambiguous);
        const struct value *own =
            is_role(role) ? value_get(fact_get(d->a, role, "permissions"), STR("policies")) : NULL;
        partial = partial || !own || (own->flags & VALUE_PARTIAL);
        for (size_t k = 0; own && k < own->u.list.n; k++)
            VEC_PUSH(&policies, own->u.list.item[k]);
    }
    struct field_list map = {0};
    const struct origin *o = origin_new(d->a->arena, groups[0]->header, STR("the node group"), NULL);
    field_list_add(&map, "policies", item_list_end(d->a->arena, &policies, partial, o));
    const struct value *permissions = field_list_end(d->a->arena, &map, o);
    for (size_t i = 0; i < n; i++)
        fact_set(d->a, pods[i], "node_permissions", permissions);
}

/* ---- bindings that reach accounts with a role ---- */

/* "unit/namespace" and, for every namespace, the unit with a star of the accounts that have a role; maybe: not for certain. */
static void index_roles(struct identity *d, struct map *sure, struct map *maybe)
{
    struct arena *arena = d->a->arena;
    size_t n;
    struct resource *const *accounts = graph_of_kind(d->a->graph, sym_of(STR("k8s.service_account")), &n);
    for (size_t i = 0; i < n; i++) {
        const struct value *arn = fact_get(d->a, accounts[i], "aws_role_arn");
        if (!arn || arn->kind == VALUE_NULL)
            continue;
        const struct value *space = value_get(accounts[i]->attributes, STR("namespace"));
        bool known =
            analysis_exists(accounts[i]) && (!space || space->kind == VALUE_STRING || space->kind == VALUE_NULL);
        map_add(known ? sure : maybe, arena_printf(arena, "%u/*", accounts[i]->unit), accounts[i]);
        if (space && space->kind == VALUE_STRING)
            map_add(known ? sure : maybe,
                    arena_printf(arena, "%u/" STR_FMT, accounts[i]->unit, STR_ARG(space->u.string)), accounts[i]);
    }
}

static void look_at_bindings_of(struct identity *d, const char *kind, const struct map *sure, const struct map *maybe)
{
    struct analysis *a = d->a;
    size_t n;
    struct resource *const *bindings = graph_of_kind(a->graph, sym_of(str_of(kind)), &n);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = bindings[i];
        const struct value *space = value_get(r->attributes, STR("namespace"));
        bool named = space && space->kind == VALUE_STRING;
        bool open = space && space->kind != VALUE_NULL && !named;
        str all = arena_printf(a->arena, "%u/*", r->unit);
        str key = named ? arena_printf(a->arena, "%u/" STR_FMT, r->unit, STR_ARG(space->u.string)) : all;
        if (map_has(sure, key) && !open)
            fact_set_bool(a, r, "reaches_aws_roles", true, NULL);
        else if ((open && map_has(sure, all)) || map_has(maybe, all) || analysis_unit_open(a, r))
            fact_set_unknown(a, r, "reaches_aws_roles", "which service accounts are there is not known");
        else
            fact_set_bool(a, r, "reaches_aws_roles", false, NULL);
    }
}

static void look_at_bindings(struct identity *d)
{
    struct map sure, maybe;
    map_init(&sure);
    map_init(&maybe);
    index_roles(d, &sure, &maybe);
    look_at_bindings_of(d, "k8s.role_binding", &sure, &maybe);
    look_at_bindings_of(d, "k8s.cluster_role_binding", &sure, &maybe);
    map_release(&sure);
    map_release(&maybe);
}

static void run(struct analysis *a)
{
    struct identity d = {.a = a};
    map_init(&d.accounts);
    map_init(&d.names);
    map_init(&d.grants);
    map_init(&d.users);
    index_accounts(&d);
    read_associations(&d);
    read_eksctl(&d);
    look_at_accounts(&d);
    look_at_workloads(&d);
    publish_users(&d);
    add_node_permissions(&d);
    look_at_bindings(&d);
    map_release(&d.accounts);
    map_release(&d.names);
    map_release(&d.grants);
    map_release(&d.users);
}

static const struct fact facts[] = {
    {"aws_role", "k8s.service_account k8s.workload",
     "Address of the AWS role that its pods get by annotation, Pod Identity or eksctl; absent without one, unknown "
     "when the role is not among the files."},
    {"aws_role_arn", "k8s.service_account k8s.workload", "What names the role, as written."},
    {"aws_permissions", "k8s.service_account k8s.workload",
     "The effective permissions of that role as a policy value."},
    {"aws_identity_source", "k8s.service_account k8s.workload", "annotation, pod-identity or eksctl."},
    {"aws_trust_bound", "k8s.service_account k8s.workload",
     "The trust policy of the role lets this service account in: its subject, or for Pod Identity the service of EKS."},
    {"workloads", "k8s.service_account", "Addresses of the workloads that run as it."},
    {"reaches_aws_roles", "k8s.role_binding k8s.cluster_role_binding",
     "Where the binding holds there is a service account with a role in AWS; unknown when the accounts are not all "
     "known."},
    {"used_by", "aws.iam.role", "Addresses of the service accounts and workloads that get the role."},
    {"node_permissions", "k8s.workload",
     "What the roles of the cluster's node groups allow, which pods can reach through the instance metadata; absent "
     "without exactly one cluster."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_workload_identity = {"workload_identity", run, facts};
