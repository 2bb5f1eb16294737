/* What can be reached from the internet, and by which path.
 *
 * Directly: a public endpoint, or a public address in a public subnet behind an open security group. Through a
 * load balancer that can: listeners, rules and target groups lead to what stands behind it. Load balancers that
 * certainly face the internet are followed first, so that everything is walked at most twice. */
#include "analysis/network.h"
#include "analysis/placement.h"

struct reach {
    const struct value *verdict; /* NULL: nothing leads there */
    const struct resource *from; /* the step before; NULL: the internet itself */
    const struct resource *subnet, *group;
    bool judged; /* the kind can be reached at all */
};

struct exposure {
    struct analysis *a;
    struct arena *arena;
    struct reach *reach; /* by resource id */
};

struct queue {
    const struct resource **at;
    size_t n, cap;
};

enum { PATH_STEPS = 12 };

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

static const struct value *unknown(const struct exposure *x, const char *reason)
{
    return value_unknown(x->arena, str_of(reason), NULL);
}

static bool has_suffix(const struct resource *r, const char *suffix)
{
    return r->kind && str_ends(sym_str(r->kind), str_of(suffix));
}

static bool is_kind(const struct resource *r, const char *kind)
{
    return str_eq_c(sym_str(r->kind), kind);
}

static bool is_balancer(const struct resource *r)
{
    return has_suffix(r, "load_balancer") || has_suffix(r, ".classic");
}

static const struct value *attribute(const struct resource *r, const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct value *v = value_path(r->attributes, str_of(paths[i]));
        if (!is_nothing(v))
            return v;
    }
    return NULL;
}

/* ---- public addresses ---- */

static const struct value *faces_internet(void *context, const struct value *v)
{
    struct arena *a = context;
    if (v->kind == VALUE_STRING)
        return value_bool(a, str_eq_c(v->u.string, "internet-facing"), v->origin);
    return v->kind == VALUE_NULL ? value_bool(a, true, NULL)
                                 : value_unknown(a, STR("its scheme is not known"), v->origin);
}

/* Internet-facing is what AWS makes of a load balancer that says nothing. */
static const struct value *balancer_is_public(const struct exposure *x, const struct resource *r)
{
    const struct value *internal = value_get(r->attributes, STR("internal"));
    if (!is_nothing(internal))
        return verdict_not(x->arena, verdict_of(x->arena, internal));
    const struct value *scheme = value_get(r->attributes, STR("scheme"));
    if (!is_nothing(scheme))
        return value_lift(x->arena, scheme, faces_internet, x->arena);
    return r->is_data || r->incomplete ? unknown(x, "its scheme is not known") : value_bool(x->arena, true, NULL);
}

static bool has_elastic_address(const struct resource *r)
{
    for (size_t i = 0; i < r->n_back_edges; i++)
        if (str_starts(sym_str(r->back_edge[i].to->kind), STR("aws.ec2.eip")))
            return true;
    return false;
}

/* Has it an address of its own that the internet can reach? NULL: its kind has none. */
static const struct value *public_address(const struct exposure *x, const struct resource *r, const struct placement *p)
{
    const struct value *accessible = value_get(r->attributes, STR("publicly_accessible"));
    if (!is_nothing(accessible))
        return verdict_of(x->arena, accessible);
    if (is_balancer(r))
        return balancer_is_public(x, r);
    if (!is_kind(r, "aws.ec2.instance"))
        return NULL;
    if (has_elastic_address(r))
        return value_bool(x->arena, true, NULL);
    static const char *const paths[] = {"associate_public_ip_address", "network_interfaces.associate_public_ip_address",
                                        "network_interface.associate_public_ip_address"};
    const struct value *v = attribute(r, paths, ARRAY_LEN(paths));
    return v ? verdict_of(x->arena, v) : p->maps_public;
}

/* ---- public endpoints, whatever the network ---- */

static const struct value *covers_internet(const struct exposure *x, const struct value *list)
{
    if (is_nothing(list))
        return value_bool(x->arena, true, NULL);
    if (list->kind == VALUE_STRING)
        return value_bool(x->arena, str_eq_c(list->u.string, "0.0.0.0/0") || str_eq_c(list->u.string, "::/0"),
                          list->origin);
    if (list->kind != VALUE_LIST)
        return unknown(x, "who can reach it is not known");
    const struct value *any = list->flags & VALUE_PARTIAL ? unknown(x, "who can reach it is not known") : NULL;
    for (size_t i = 0; i < list->u.list.n; i++)
        if (!is_nothing(list->u.list.item[i]))
            any = verdict_or(x->arena, any, covers_internet(x, list->u.list.item[i]));
    return any;
}

static const struct value *is_switched_on(void *context, const struct value *v)
{
    struct arena *a = context;
    if (v->kind == VALUE_STRING)
        return value_bool(a, !str_eq_c(v->u.string, "DISABLED"), v->origin);
    return v->kind == VALUE_NULL ? value_bool(a, false, NULL)
                                 : value_unknown(a, STR("its public access is not known"), v->origin);
}

static const struct value *is_without_login(void *context, const struct value *v)
{
    struct arena *a = context;
    if (v->kind == VALUE_STRING)
        return value_bool(a, str_eq_c(v->u.string, "NONE"), v->origin);
    return value_unknown(a, STR("its authorization is not known"), v->origin);
}

/* *ret_judged: the kind has such an endpoint. */
static const struct value *public_endpoint(const struct exposure *x, const struct resource *r, bool *ret_judged)
{
    static const char *const access[] = {"endpoint_public_access", "vpc_config.endpoint_public_access",
                                         "vpc.endpoint_public_access", "resources_vpc_config.endpoint_public_access"};
    static const char *const cidrs[] = {"public_access_cidrs", "vpc_config.public_access_cidrs",
                                        "vpc.public_access_cidrs", "resources_vpc_config.public_access_cidrs"};
    *ret_judged = true;
    if (is_kind(r, "aws.eks.cluster")) {
        const struct value *on = attribute(r, access, ARRAY_LEN(access));
        const struct value *open = on                            ? verdict_of(x->arena, on)
                                   : r->incomplete || r->is_data ? unknown(x, "its endpoint is not known")
                                                                 : value_bool(x->arena, true, NULL);
        return verdict_and(x->arena, open, covers_internet(x, attribute(r, cidrs, ARRAY_LEN(cidrs))));
    }
    if (is_kind(r, "aws.opensearch.domain")) {
        const struct value *vpc = value_get(r->attributes, STR("vpc"));
        if (value_is(vpc, VALUE_UNKNOWN) || r->incomplete || r->is_data)
            return unknown(x, "whether it is in a VPC is not known");
        return is_nothing(vpc) ? value_bool(x->arena, true, r->attributes->origin) : NULL;
    }
    if (is_kind(r, "aws.msk.cluster") || is_kind(r, "aws.kafka.cluster")) {
        static const char *const type[] = {"public_access", "public_access_type", "connectivity.public_access.type",
                                           "broker_node_group_info.connectivity_info.public_access.type"};
        const struct value *v = attribute(r, type, ARRAY_LEN(type));
        return v ? value_lift(x->arena, v, is_switched_on, x->arena) : NULL;
    }
    if (is_kind(r, "aws.lambda.function_url")) {
        static const char *const type[] = {"authorization_type", "auth_type"};
        const struct value *v = attribute(r, type, ARRAY_LEN(type));
        return v ? value_lift(x->arena, v, is_without_login, x->arena) : NULL;
    }
    *ret_judged = false;
    return NULL;
}

static void judge_directly(const struct exposure *x, const struct resource *r, const struct placement *p)
{
    struct reach *reach = &x->reach[r->id];
    bool endpoint;
    const struct value *v = public_endpoint(x, r, &endpoint);
    const struct value *address = p ? public_address(x, r, p) : NULL;
    if (endpoint) {
        reach->verdict = v;
    } else if (p && !is_nothing(address)) {
        /* A load balancer without groups (a network load balancer) lets everybody in. */
        bool ungrouped = is_balancer(r) && !p->groups.n && !p->groups.open;
        const struct value *place = is_balancer(r) ? value_bool(x->arena, true, NULL) : p->is_public;
        v = verdict_and(x->arena, address, place);
        reach->verdict = ungrouped ? v : verdict_and(x->arena, v, p->group_open);
        reach->subnet = p->public_subnet;
        reach->group = p->open_group;
    }
    reach->judged = endpoint || address || is_balancer(r) || is_kind(r, "aws.ec2.instance") ||
                    value_get(r->attributes, STR("publicly_accessible"));
}

/* ---- behind load balancers ---- */

/* May a request that reached `from` come to `to`? */
static bool leads_on(const struct resource *from, const struct resource *to, bool forward)
{
    if (forward)
        return has_suffix(to, "target_group") || (has_suffix(from, "attachment") && !is_balancer(to)) ||
               (has_suffix(from, "target_group") && !has_suffix(to, "vpc")) ||
               (is_balancer(from) && is_kind(to, "aws.ec2.instance"));
    if (is_balancer(from))
        return has_suffix(to, "listener") || has_suffix(to, "attachment") || has_suffix(to, ".service") ||
               str_ends(sym_str(to->kind), STR("autoscaling.group"));
    if (has_suffix(from, "listener"))
        return has_suffix(to, "listener_rule");
    return has_suffix(from, "target_group") &&
           (has_suffix(to, "attachment") || has_suffix(to, ".service") || has_suffix(to, "autoscaling.group"));
}

static void reach_next(const struct exposure *x, struct queue *q, const struct resource *from,
                       const struct resource *to)
{
    struct reach *there = &x->reach[to->id];
    const struct value *v = x->reach[from->id].verdict;
    static const char *const never[] = {"aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.security_group", "aws.iam.role"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (is_kind(to, never[i]))
            return;
    if (verdict_is_yes(there->verdict) || (there->verdict && !verdict_is_no(there->verdict) && !verdict_is_yes(v)))
        return;
    there->verdict = verdict_or(x->arena, there->verdict, v);
    there->from = from;
    there->judged = true;
    VEC_PUSH(q, to);
}

static void spread(const struct exposure *x, struct queue *q)
{
    for (size_t at = 0; at < q->n; at++) {
        const struct resource *r = q->at[at];
        for (size_t i = 0; i < r->n_edges; i++)
            if (leads_on(r, r->edge[i].to, true))
                reach_next(x, q, r, r->edge[i].to);
        for (size_t i = 0; i < r->n_back_edges; i++)
            if (leads_on(r, r->back_edge[i].to, false))
                reach_next(x, q, r, r->back_edge[i].to);
    }
    q->n = 0;
}

static void follow_balancers(const struct exposure *x)
{
    struct queue q = {0};
    for (int certain = 1; certain >= 0; certain--) {
        for (size_t i = 0; i < graph_count(x->a->graph); i++) {
            const struct resource *r = graph_at(x->a->graph, i);
            const struct value *v = x->reach[i].verdict;
            if (r->kind && is_balancer(r) && !verdict_is_no(v) && verdict_is_yes(v) == (certain == 1))
                VEC_PUSH(&q, r);
        }
        spread(x, &q);
    }
    VEC_RELEASE(&q);
}

/* ---- facts ---- */

static const struct value *path_to(const struct exposure *x, const struct resource *r)
{
    const struct resource *step[PATH_STEPS];
    size_t n = 0;
    for (const struct resource *at = r; at && n < PATH_STEPS; at = x->reach[at->id].from)
        step[n++] = at;
    struct value_items path = {0};
    VEC_PUSH(&path, value_string(x->arena, STR("internet"), NULL));
    const struct reach *first = &x->reach[step[n - 1]->id];
    if (first->subnet)
        VEC_PUSH(&path, address_value(x->arena, first->subnet));
    if (first->group)
        VEC_PUSH(&path, address_value(x->arena, first->group));
    while (n > 0)
        VEC_PUSH(&path, address_value(x->arena, step[--n]));
    return items_value(x->arena, &path);
}

static void set_placement(const struct exposure *x, const struct resource *r, struct placement *p)
{
    if (p->has_subnets) {
        verdict_set(x->a, r, "in_public_subnet", p->is_public, NULL);
        fact_set(x->a, r, "subnet_addresses", items_value(x->arena, &p->subnets));
        fact_set(x->a, r, "zones", items_value(x->arena, &p->zones));
    }
    if (p->has_groups) {
        verdict_set(x->a, r, "security_group_open", p->group_open, NULL);
        bool shared = p->rules_of_one && p->open_rules.open == ((p->rules_of_one->flags & VALUE_PARTIAL) != 0);
        for (size_t i = 0; p->rules_of_one && !shared && i < p->rules_of_one->u.list.n; i++)
            VEC_PUSH(&p->open_rules, p->rules_of_one->u.list.item[i]);
        fact_set(x->a, r, "open_ingress", shared ? p->rules_of_one : items_value(x->arena, &p->open_rules));
    }
    VEC_RELEASE(&p->subnets);
    VEC_RELEASE(&p->zones);
    VEC_RELEASE(&p->open_rules);
    VEC_RELEASE(&p->groups);
}

static void run(struct analysis *a)
{
    size_t n = graph_count(a->graph), bytes = (n + 1) * sizeof(struct reach);
    struct exposure x = {.a = a, .arena = a->arena, .reach = alloc_get(bytes)};
    struct placing *placing = placing_new(a);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = graph_at(a->graph, i);
        if (!r->kind || !r->attributes)
            continue;
        struct placement p;
        bool placed = placing_find(placing, r, &p);
        judge_directly(&x, r, placed ? &p : NULL);
        if (placed)
            set_placement(&x, r, &p);
    }
    placing_finish(placing);
    follow_balancers(&x);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = graph_at(a->graph, i);
        if (!x.reach[i].judged)
            continue;
        verdict_set(a, r, "internet_reachable", x.reach[i].verdict, NULL);
        if (!verdict_is_no(x.reach[i].verdict))
            fact_set(a, r, "internet_path", path_to(&x, r));
    }
    alloc_put(x.reach, bytes);
}

static const struct fact facts[] = {
    {"in_public_subnet", "*", "one of its subnets is public; unknown when they are not in the files"},
    {"subnet_addresses", "*", "addresses of the subnets that it stands in"},
    {"zones", "*", "availability zones of its subnets"},
    {"security_group_open", "*", "one of its security groups lets the internet in"},
    {"open_ingress", "*", "the ingress rules of its security groups that let the internet in"},
    {"internet_reachable", "*", "it can be reached from the internet, directly or through a load balancer"},
    {"internet_path", "*", "the path from the internet to it, as addresses"},
    {"hosts", "aws.ec2.subnet", "addresses of what stands in it"},
    {"attached_to", "aws.ec2.security_group", "addresses of what has it"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_exposure = {"exposure", run, facts};
