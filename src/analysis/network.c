#include "analysis/network.h"

#include "analysis/cidr.h"
#include "analysis/own.h"

struct kinds {
    sym vpc, subnet, table, association, main_association, gateway, route, flow_log, endpoint;
};

/* A candidate for the effective table: `table` where `condition` holds, else the next one. */
struct effective {
    const struct value *is_public;
    const struct resource *table; /* when it is certain */
    bool known;                   /* of a VPC's main table: it has been worked out */
};

struct network {
    struct analysis *a;
    struct arena *arena;
    struct kinds kind;
    bool *loose_association; /* by unit: an association of a subnet that cannot be told */
    bool *loose_flow_log;    /* by unit: a flow log of something that cannot be told */
    struct effective *main;  /* by id of a VPC */
};

static struct kinds kinds_of(void)
{
    return (struct kinds){
        .vpc = sym_of(STR("aws.ec2.vpc")),
        .subnet = sym_of(STR("aws.ec2.subnet")),
        .table = sym_of(STR("aws.ec2.route_table")),
        .association = sym_of(STR("aws.ec2.route_table_association")),
        .main_association = sym_of(STR("aws.ec2.main_route_table_association")),
        .gateway = sym_of(STR("aws.ec2.internet_gateway")),
        .route = sym_of(STR("aws.ec2.route")),
        .flow_log = sym_of(STR("aws.ec2.flow_log")),
        .endpoint = sym_of(STR("aws.ec2.vpc_endpoint")),
    };
}

static const struct value *unknown(const struct network *w, const char *reason)
{
    return value_unknown(w->arena, str_of(reason), NULL);
}

static const struct value *yes(const struct network *w, const struct origin *cause)
{
    return value_bool(w->arena, true, cause);
}

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

/* ---- edges ---- */

struct resource *network_target(const struct resource *r, const char *attribute, sym kind)
{
    for (size_t i = 0; i < r->n_edges; i++)
        if (str_eq_c(r->edge[i].attribute, attribute) && r->edge[i].to->kind == kind)
            return r->edge[i].to;
    return NULL;
}

struct pointing {
    struct arena *arena;
    const struct resource *from, *to;
};

static const struct value *alternative_points_to(void *context, const struct value *v)
{
    const struct pointing *p = context;
    for (const struct ref *r = value_find_ref(v); r; r = r->next)
        if (r->target == p->to)
            return value_bool(p->arena, true, v->origin);
    for (size_t i = 0; i < p->from->n_edges; i++)
        if (p->from->edge[i].value == v && p->from->edge[i].to == p->to)
            return value_bool(p->arena, true, v->origin);
    return value_bool(p->arena, false, v->origin);
}

const struct value *network_points_to(struct arena *a, const struct resource *r, const char *attribute,
                                      const struct resource *to)
{
    const struct value *v = value_path(r->attributes, str_of(attribute));
    struct pointing p = {a, r, to};
    return value_is(v, VALUE_CHOICE) ? value_lift(a, v, alternative_points_to, &p)
                                     : value_bool(a, true, v ? v->origin : NULL);
}

static bool is_true(const struct value *map, const char *attribute)
{
    bool b = false;
    return value_to_bool(value_get(map, str_of(attribute)), &b) && b;
}

bool network_is_default(const struct resource *r)
{
    return is_true(r->attributes, "is_default") ||
           (r->is_data && (is_true(r->raw, "default") || is_true(r->raw, "default_for_az")));
}

/* ---- routes ---- */

static const struct value *is_default_prefix(void *context, const struct value *v)
{
    const struct network *w = context;
    struct cidr c;
    if (v->kind == VALUE_STRING)
        return value_bool(w->arena, cidr_parse(v->u.string, &c) && c.bits <= 1, v->origin);
    return v->kind == VALUE_NULL ? value_bool(w->arena, false, NULL)
                                 : unknown(w, "the destination of a route is not known");
}

/* 0.0.0.0/0 and ::/0, and halves of them, which people use to dodge a check. */
static const struct value *is_default_route(const struct network *w, const struct value *route)
{
    return verdict_or(w->arena, value_lift(w->arena, value_get(route, STR("cidr")), is_default_prefix, (void *)w),
                      value_lift(w->arena, value_get(route, STR("ipv6_cidr")), is_default_prefix, (void *)w));
}

static const struct value *is_internet_gateway(void *context, const struct value *v)
{
    const struct network *w = context;
    const struct ref *ref = value_find_ref(v);
    if (ref && ref->target && ref->target->kind)
        return value_bool(w->arena, ref->target->kind == w->kind.gateway, v->origin);
    if (v->kind == VALUE_STRING)
        return value_bool(w->arena, str_starts(v->u.string, STR("igw-")), v->origin);
    return v->kind == VALUE_NULL ? value_bool(w->arena, false, NULL) : unknown(w, "the target of a route is not known");
}

static const struct value *leads_to_internet(void *context, const struct value *route)
{
    const struct network *w = context;
    if (route->kind != VALUE_MAP)
        return unknown(w, "a route is not known");
    const struct value *gateway =
        value_lift(w->arena, value_get(route, STR("gateway")), is_internet_gateway, (void *)w);
    const struct value *both = verdict_and(w->arena, gateway, is_default_route(w, route));
    return verdict_is_yes(both) ? yes(w, route->origin) : both ? both : value_bool(w->arena, false, route->origin);
}

static const char *const route_targets[] = {
    "nat_gateway",  "egress_only_gateway", "transit_gateway", "peering_connection",
    "vpc_endpoint", "network_interface",   "gateway"};

static const struct value *target_of(const struct network *w, const struct value *route)
{
    if (verdict_is_yes(value_lift(w->arena, value_get(route, STR("gateway")), is_internet_gateway, (void *)w)))
        return value_string(w->arena, STR("internet_gateway"), route->origin);
    for (size_t i = 0; i < ARRAY_LEN(route_targets); i++)
        if (!is_nothing(value_get(route, str_of(route_targets[i]))))
            return value_string(w->arena, str_of(route_targets[i]), route->origin);
    return value_string(w->arena, STR("other"), route->origin);
}

/* The route with its `target` when it is a default route. */
static const struct value *as_default_route(void *context, const struct value *route)
{
    const struct network *w = context;
    if (route->kind != VALUE_MAP || verdict_is_no(is_default_route(w, route)))
        return NULL;
    size_t n = route->u.map.n;
    struct value_entry *entries = ARENA_ARRAY(w->arena, struct value_entry, n + 1);
    if (n)
        memcpy(entries, route->u.map.entry, n * sizeof(*entries));
    entries[n] = (struct value_entry){STR("target"), SPAN_NONE, target_of(w, route)};
    return value_map(w->arena, entries, n + 1, route->origin);
}

static const struct value *default_routes(const struct network *w, const struct value *routes)
{
    struct value_items all = {.open = routes && routes->kind != VALUE_LIST && routes->kind != VALUE_NULL};
    for (size_t i = 0; value_is(routes, VALUE_LIST) && i < routes->u.list.n; i++) {
        const struct value *route = routes->u.list.item[i];
        all.open |= route && route->kind != VALUE_MAP && route->kind != VALUE_CHOICE;
        const struct value *kept = value_lift(w->arena, route, as_default_route, (void *)w);
        if (kept)
            VEC_PUSH(&all, kept);
    }
    all.open |= value_is(routes, VALUE_LIST) && (routes->flags & VALUE_PARTIAL);
    return items_value(w->arena, &all);
}

static const struct value *table_verdict(const struct network *w, const struct resource *table)
{
    const struct value *routes = value_get(table->attributes, STR("routes"));
    const struct value *any = table->is_data      ? unknown(w, "its routes are looked up")
                              : table->incomplete ? unknown(w, "it could not be read completely")
                                                  : NULL;
    if (is_nothing(routes))
        return any;
    if (routes->kind != VALUE_LIST)
        return unknown(w, "its routes are not known");
    if (routes->flags & VALUE_PARTIAL)
        any = unknown(w, "its routes are not all known");
    for (size_t i = 0; i < routes->u.list.n && !verdict_is_yes(any); i++)
        any = verdict_or(w->arena, any, value_lift(w->arena, routes->u.list.item[i], leads_to_internet, (void *)w));
    return any;
}

static const struct value *own_default_routes(void *context, const struct resource *r, const struct value *routes)
{
    (void)r;
    return default_routes(context, routes);
}

static void set_table_facts(const struct network *w)
{
    size_t n;
    struct own_fact own = {"own_default_routes", w->kind.route, own_default_routes, (void *)w};
    struct resource *const *tables = graph_of_kind(w->a->graph, w->kind.table, &n);
    for (size_t i = 0; i < n; i++) {
        verdict_set(w->a, tables[i], "has_internet_route", table_verdict(w, tables[i]), NULL);
        const struct value *routes = value_get(tables[i]->attributes, STR("routes")),
                           *defaults = default_routes(w, routes);
        fact_set(w->a, tables[i], "default_routes", defaults);
        own_set(w->a, &own, tables[i], defaults);
    }
    own_set_alone(w->a, &own);
}

/* ---- the effective table of a subnet ---- */

static struct effective prefer(const struct network *w, const struct value *condition, const struct resource *table,
                               struct effective otherwise)
{
    const struct value *of_table =
        table ? fact_get(w->a, table, "has_internet_route") : unknown(w, "its route table is not known");
    struct effective e = {.is_public = verdict_if(w->arena, condition, of_table, otherwise.is_public)};
    if (verdict_is_yes(condition) || table == otherwise.table)
        e.table = table;
    else if (verdict_is_no(condition))
        e.table = otherwise.table;
    return e;
}

static struct effective associated(const struct network *w, const struct resource *subnet, struct effective otherwise)
{
    for (size_t i = subnet->n_back_edges; i > 0; i--) {
        const struct edge *e = &subnet->back_edge[i - 1];
        if (e->to->kind != w->kind.association || !str_eq_c(e->attribute, "subnet"))
            continue;
        const struct value *condition = verdict_and(w->arena, verdict_exists(w->arena, e->to, subnet),
                                                    network_points_to(w->arena, e->to, "subnet", subnet));
        otherwise = prefer(w, condition, network_target(e->to, "route_table", w->kind.table), otherwise);
    }
    return otherwise;
}

/* A route that is put into the VPC's own main table: route_table_id = aws_vpc.x.main_route_table_id. */
static const struct value *routes_of_vpc(const struct network *w, const struct resource *vpc)
{
    const struct value *any = NULL;
    for (size_t i = 0; i < vpc->n_back_edges && !verdict_is_yes(any); i++) {
        const struct resource *from = vpc->back_edge[i].to;
        if (from->kind == w->kind.route && str_eq_c(vpc->back_edge[i].attribute, "route_table"))
            any = verdict_or(w->arena, any,
                             verdict_and(w->arena, verdict_exists(w->arena, from, NULL),
                                         leads_to_internet((void *)w, from->attributes)));
    }
    return any;
}

static struct effective main_table(const struct network *w, const struct resource *vpc)
{
    if (w->main[vpc->id].known)
        return w->main[vpc->id];
    struct effective e = {network_is_default(vpc) ? yes(w, vpc->attributes->origin)
                          : vpc->is_data ? unknown(w, "the main route table of its VPC is not among the analysed files")
                          : analysis_unit_open(w->a, vpc)
                              ? unknown(w, "a part of what is deployed with its VPC is not known")
                              : routes_of_vpc(w, vpc),
                          NULL, false};
    for (size_t i = vpc->n_back_edges; i > 0; i--) {
        const struct edge *back = &vpc->back_edge[i - 1];
        if (back->to->kind == w->kind.table && str_eq_c(back->attribute, "default_of"))
            e = prefer(w, verdict_exists(w->arena, back->to, vpc), back->to, e);
    }
    for (size_t i = vpc->n_back_edges; i > 0; i--) {
        const struct edge *back = &vpc->back_edge[i - 1];
        if (back->to->kind == w->kind.main_association)
            e = prefer(w, verdict_exists(w->arena, back->to, vpc),
                       network_target(back->to, "route_table", w->kind.table), e);
    }
    w->main[vpc->id] = e;
    w->main[vpc->id].known = true;
    return e;
}

static struct effective effective_table(const struct network *w, const struct resource *subnet)
{
    struct effective e = {unknown(w, "its route table is not among the analysed files"), NULL, false};
    const struct resource *vpc = network_target(subnet, "vpc", w->kind.vpc);
    if (network_is_default(subnet))
        e.is_public = yes(w, subnet->attributes->origin);
    else if (w->loose_association[subnet->unit])
        e.is_public = unknown(w, "a route table association names a subnet that is not known");
    else if (analysis_unit_open(w->a, subnet))
        e.is_public = unknown(w, "a part of what is deployed with it is not known");
    else if (vpc && !subnet->is_data)
        e = main_table(w, vpc);
    return associated(w, subnet, e);
}

/* Units that have a resource of the kind whose attribute points to nothing that is known. */
static bool *loose_units(const struct network *w, sym kind, const char *attribute, sym target, sym other_target)
{
    bool *loose = ARENA_ARRAY(w->arena, bool, graph_unit_count(w->a->graph) + 1);
    size_t n;
    struct resource *const *all = graph_of_kind(w->a->graph, kind, &n);
    for (size_t i = 0; i < n; i++) {
        const struct value *v = value_get(all[i]->attributes, str_of(attribute));
        if (!is_nothing(v) && !value_is_known(v) && !network_target(all[i], attribute, target) &&
            !network_target(all[i], attribute, other_target) && !graph_points_elsewhere(w->a->graph, all[i], v))
            loose[all[i]->unit] = true;
    }
    return loose;
}

static void set_subnet_facts(const struct network *w)
{
    size_t n;
    struct resource *const *subnets = graph_of_kind(w->a->graph, w->kind.subnet, &n);
    for (size_t i = 0; i < n; i++) {
        struct effective e = effective_table(w, subnets[i]);
        verdict_set(w->a, subnets[i], "is_public", e.is_public, NULL);
        if (!e.table) {
            struct value_items none = {.open = true};
            fact_set(w->a, subnets[i], "default_routes", items_value(w->arena, &none));
            continue;
        }
        fact_set(w->a, subnets[i], "route_table", address_value(w->arena, e.table));
        fact_set(w->a, subnets[i], "default_routes", fact_get(w->a, e.table, "default_routes"));
    }
}

/* ---- VPCs ---- */

static const struct value *has_flow_log(const struct network *w, const struct resource *r)
{
    const struct value *any = NULL;
    for (size_t i = 0; i < r->n_back_edges; i++)
        if (r->back_edge[i].to->kind == w->kind.flow_log)
            any = verdict_or(w->arena, any, verdict_exists(w->arena, r->back_edge[i].to, r));
    return any;
}

static void set_vpc_facts(const struct network *w, const struct resource *vpc)
{
    const struct value *gateway = NULL, *every_subnet = NULL;
    struct value_items endpoints = {.open = analysis_unit_open(w->a, vpc)};
    size_t n_subnets = 0;
    for (size_t i = 0; i < vpc->n_back_edges; i++) {
        const struct edge *e = &vpc->back_edge[i];
        if (!str_eq_c(e->attribute, "vpc"))
            continue;
        const struct value *there = verdict_exists(w->arena, e->to, vpc);
        if (e->to->kind == w->kind.gateway)
            gateway = verdict_or(w->arena, gateway, there);
        if (e->to->kind == w->kind.subnet)
            every_subnet =
                n_subnets++ ? verdict_and(w->arena, every_subnet, has_flow_log(w, e->to)) : has_flow_log(w, e->to);
        if (e->to->kind != w->kind.endpoint ||
            !str_eq_c(value_str(value_get(e->to->attributes, STR("endpoint_type"))), "Gateway"))
            continue;
        const struct value *service = value_get(e->to->attributes, STR("service_name"));
        if (value_is(service, VALUE_TEXT) && service->u.list.n)
            service = service->u.list.item[service->u.list.n - 1];
        str name = value_str(service);
        size_t dot = str_rfind_char(name, '.');
        if (dot == SIZE_MAX)
            endpoints.open = true;
        else
            items_add(w->arena, &endpoints, there,
                      value_string(w->arena, str_slice(name, dot + 1, name.n), service->origin));
    }
    const struct value *doubt =
        analysis_unit_open(w->a, vpc)  ? unknown(w, "a part of what is deployed with it is not known")
        : w->loose_flow_log[vpc->unit] ? unknown(w, "a flow log is of something that is not known")
                                       : NULL;
    const struct value *logged = verdict_or(w->arena, has_flow_log(w, vpc), every_subnet);
    verdict_set(w->a, vpc, "has_internet_gateway", gateway, NULL);
    verdict_set(w->a, vpc, "has_flow_log", verdict_or(w->arena, logged, doubt), NULL);
    fact_set(w->a, vpc, "gateway_endpoints", items_value(w->arena, &endpoints));
}

static void run(struct analysis *a)
{
    struct network w = {.a = a, .arena = a->arena, .kind = kinds_of()};
    size_t n, bytes = (graph_count(a->graph) + 1) * sizeof(*w.main);
    w.main = alloc_get(bytes);
    w.loose_association = loose_units(&w, w.kind.association, "subnet", w.kind.subnet, w.kind.subnet);
    w.loose_flow_log = loose_units(&w, w.kind.flow_log, "resource", w.kind.vpc, w.kind.subnet);
    set_table_facts(&w);
    set_subnet_facts(&w);
    struct resource *const *vpcs = graph_of_kind(a->graph, w.kind.vpc, &n);
    for (size_t i = 0; i < n; i++)
        set_vpc_facts(&w, vpcs[i]);
    alloc_put(w.main, bytes);
    network_acl_run(a);
}

static const struct fact facts[] = {
    {"has_internet_route", "aws.ec2.route_table", "a default route leads to an internet gateway"},
    {"default_routes", "aws.ec2.route_table aws.ec2.subnet",
     "the routes (of the effective table) whose destination is everything, each with its `target`"},
    {"own_default_routes", "aws.ec2.route_table aws.ec2.route",
     "those of default_routes that are written in this resource itself"},
    {"is_public", "aws.ec2.subnet",
     "the effective route table leads to an internet gateway; unknown when it is not in the files"},
    {"route_table", "aws.ec2.subnet", "address of the effective route table"},
    {"has_internet_gateway", "aws.ec2.vpc", "an internet gateway of the files is attached"},
    {"has_flow_log", "aws.ec2.vpc", "a flow log of the VPC, or of each of its subnets, is in the unit"},
    {"gateway_endpoints", "aws.ec2.vpc", "services that its gateway endpoints lead to: s3, dynamodb"},
    {"open_ingress", "aws.ec2.network_acl",
     "what its entries let in from everywhere, lower-numbered denies taken away: {protocol, from_port, to_port, "
     "rule_no}"},
    {"open_egress", "aws.ec2.network_acl", "likewise for egress"},
    {"own_open_ingress", "aws.ec2.network_acl aws.ec2.network_acl_ingress",
     "of open_ingress, what entries of this resource itself let in"},
    {"own_open_egress", "aws.ec2.network_acl aws.ec2.network_acl_egress", "likewise for egress"},
    {"is_attached", "aws.ec2.network_acl", "it is associated with a subnet"},
    {"network_acl", "aws.ec2.subnet", "address of the network ACL that is associated with it"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_network = {"network", run, facts};
