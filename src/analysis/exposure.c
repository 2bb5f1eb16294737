/* What can be reached from the internet, and by which path.
 *
 * Directly: a public endpoint, or a public address in a public subnet behind an open security group and a network ACL
 * that lets the same ports through. Through a front that can: listeners, rules and target groups lead to what stands
 * behind a load balancer, integrations to what answers for an API, a distribution to its origins. Fronts that certainly
 * face the internet are followed first, so that everything is walked at most twice. */
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

static bool is_api(const struct resource *r)
{
    return is_kind(r, "aws.apigateway.rest_api") || is_kind(r, "aws.apigatewayv2.api");
}

/* Does one of its methods or routes let in who does not log in? */
static const struct value *api_is_open(const struct exposure *x, const struct resource *r)
{
    const struct value *any = NULL;
    size_t n = 0;
    for (size_t i = 0; i < r->n_back_edges && !verdict_is_yes(any); i++) {
        const struct resource *method = r->back_edge[i].to;
        if (!has_suffix(method, ".method") && !has_suffix(method, ".route"))
            continue;
        const struct value *how = value_get(method->attributes, STR("authorization"));
        const struct value *open =
            how ? value_lift(x->arena, how, is_without_login, x->arena) : value_bool(x->arena, true, NULL);
        any = verdict_or(x->arena, any, verdict_and(x->arena, open, verdict_exists(x->arena, method, r)));
        n++;
    }
    return n ? any : unknown(x, "its routes are not among the analysed files");
}

static const struct value *api_is_public(const struct exposure *x, const struct resource *r)
{
    const struct value *types = value_get(r->attributes, STR("endpoint_types"));
    if (types && !value_is_known(types))
        return unknown(x, "whether it is private is not known");
    for (size_t i = 0; value_is(types, VALUE_LIST) && i < types->u.list.n; i++)
        if (str_eq_c(value_str(types->u.list.item[i]), "PRIVATE"))
            return NULL;
    if (!is_nothing(value_get(r->attributes, STR("policy"))))
        return verdict_and(x->arena, unknown(x, "its resource policy decides who may call it"), api_is_open(x, r));
    return api_is_open(x, r);
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
    if (is_api(r))
        return api_is_public(x, r);
    if (is_kind(r, "aws.cloudfront.distribution"))
        return verdict_of(x->arena, value_get(r->attributes, STR("enabled")));
    *ret_judged = false;
    return NULL;
}

/* ---- network ACLs ---- */

static const struct value *acl_admits(const struct exposure *x, const struct resource *subnet,
                                      const struct placement *p, bool ungrouped)
{
    const struct value *name = fact_get(x->a, subnet, "network_acl");
    const struct resource *acl = name && name->ref ? name->ref->target : NULL;
    if (!acl)
        return value_bool(x->arena, true, NULL); /* the one that comes with the VPC lets everything through */
    if (ungrouped)
        return network_acl_admits(x->a, acl, NULL);
    const struct value *any = NULL;
    bool open = p->open_rules.open || (p->rules_of_one && (p->rules_of_one->flags & VALUE_PARTIAL));
    size_t n_one = value_is(p->rules_of_one, VALUE_LIST) ? p->rules_of_one->u.list.n : 0;
    for (size_t i = 0; i < p->open_rules.n + n_one && !verdict_is_yes(any); i++) {
        const struct value *rule = i < n_one ? p->rules_of_one->u.list.item[i] : p->open_rules.at[i - n_one];
        any = verdict_or(x->arena, any,
                         value_is(rule, VALUE_MAP) ? network_acl_admits(x->a, acl, rule)
                                                   : unknown(x, "which ports are open is not known"));
    }
    return open ? verdict_or(x->arena, any, unknown(x, "which ports are open is not known")) : any;
}

/* Through the ACL of one of its subnets; of many, some have the usual one. */
static const struct value *acls_admit(const struct exposure *x, const struct placement *p, bool ungrouped)
{
    const struct value *any = NULL;
    if (!p->n_reached || p->n_reached > PLACEMENT_SUBNETS)
        return value_bool(x->arena, true, NULL);
    for (size_t i = 0; i < p->n_reached && !verdict_is_yes(any); i++)
        any = verdict_or(x->arena, any, acl_admits(x, p->reached[i], p, ungrouped));
    return any;
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
        if (!verdict_is_no(reach->verdict))
            reach->verdict = verdict_and(x->arena, reach->verdict, acls_admit(x, p, ungrouped));
        reach->subnet = p->public_subnet;
        reach->group = p->open_group;
    }
    reach->judged = endpoint || address || is_balancer(r) || is_kind(r, "aws.ec2.instance") ||
                    is_kind(r, "aws.lambda.function") || value_get(r->attributes, STR("publicly_accessible"));
}

/* ---- behind load balancers, APIs and distributions ---- */

/* Where requests come in that others answer. */
static bool is_front(const struct resource *r)
{
    return is_balancer(r) || is_api(r) || is_kind(r, "aws.lambda.function_url") ||
           is_kind(r, "aws.cloudfront.distribution");
}

/* An API, an URL or a distribution hands requests to functions, listeners, buckets and other fronts. */
static bool answers(const struct resource *from, const struct resource *to)
{
    bool behind_url = is_kind(from, "aws.lambda.function_url"),
         behind_cdn = is_kind(from, "aws.cloudfront.distribution");
    bool behind_api = has_suffix(from, ".integration") || has_suffix(from, ".method");
    if (is_kind(to, "aws.lambda.function"))
        return behind_url || behind_api;
    if (behind_api)
        return has_suffix(to, "listener") || is_balancer(to);
    return behind_cdn && (is_front(to) || is_kind(to, "aws.s3.bucket"));
}

/* May a request that reached `from` come to `to`? */
static bool leads_on(const struct resource *from, const struct resource *to, bool forward)
{
    if (forward && answers(from, to))
        return true;
    if (!forward && is_api(from))
        return has_suffix(to, ".integration") || has_suffix(to, ".method");
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
        bool only_origins = is_kind(r, "aws.cloudfront.distribution");
        for (size_t i = 0; i < r->n_edges; i++)
            if (leads_on(r, r->edge[i].to, true) && (!only_origins || str_starts(r->edge[i].attribute, STR("origins"))))
                reach_next(x, q, r, r->edge[i].to);
        for (size_t i = 0; i < r->n_back_edges; i++)
            if (leads_on(r, r->back_edge[i].to, false))
                reach_next(x, q, r, r->back_edge[i].to);
    }
    q->n = 0;
}

static void follow_fronts(const struct exposure *x)
{
    struct queue q = {0};
    for (int certain = 1; certain >= 0; certain--) {
        for (size_t i = 0; i < graph_count(x->a->graph); i++) {
            const struct resource *r = graph_at(x->a->graph, i);
            const struct value *v = x->reach[i].verdict;
            if (r->kind && is_front(r) && !verdict_is_no(v) && verdict_is_yes(v) == (certain == 1))
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

/* A certain "yes" has the way as where it came from. */
static const struct value *with_way(const struct exposure *x, const struct resource *r, const struct value *verdict)
{
    if (!verdict_is_yes(verdict))
        return verdict;
    const struct resource *step[PATH_STEPS];
    size_t n = 0;
    for (const struct resource *at = r; at && n < PATH_STEPS; at = x->reach[at->id].from)
        step[n++] = at;
    const struct reach *first = &x->reach[step[n - 1]->id];
    const struct origin *way = NULL;
    if (first->subnet)
        way = origin_new(x->arena, first->subnet->header,
                         arena_printf(x->arena, "the public subnet " STR_FMT, STR_ARG(first->subnet->address)), way);
    if (first->group)
        way = origin_new(x->arena, first->group->header,
                         arena_printf(x->arena, "the open group " STR_FMT, STR_ARG(first->group->address)), way);
    for (; n > 1; n--)
        way = origin_new(x->arena, step[n - 1]->header,
                         arena_printf(x->arena, "through " STR_FMT, STR_ARG(step[n - 1]->address)), way);
    const struct origin *o = verdict->origin;
    struct value *copy = value_copy(x->arena, verdict);
    copy->origin =
        o ? origin_new(x->arena, o->at, origin_note(o), way) : origin_new(x->arena, r->header, STR_NONE, way);
    return copy;
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
    follow_fronts(&x);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = graph_at(a->graph, i);
        if (!x.reach[i].judged)
            continue;
        verdict_set(a, r, "internet_reachable", with_way(&x, r, x.reach[i].verdict), NULL);
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
    {"internet_reachable", "*",
     "it can be reached from the internet, directly or through a load balancer, an API or a distribution; a request "
     "that must log in first does not count"},
    {"internet_path", "*", "the path from the internet to it, as addresses"},
    {"hosts", "aws.ec2.subnet", "addresses of what stands in it"},
    {"attached_to", "aws.ec2.security_group", "addresses of what has it"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_exposure = {"exposure", run, facts};
