#include "analysis/network.h"

#include "analysis/cidr.h"

struct kinds {
    sym vpc, subnet, table, association, main_association, gateway, route;
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
    };
}

struct resource *network_target(const struct resource *r, const char *attribute, sym kind)
{
    for (size_t i = 0; i < r->n_edges; i++)
        if (str_eq_c(r->edge[i].attribute, attribute) && r->edge[i].to->kind == kind)
            return r->edge[i].to;
    return NULL;
}

static enum truth or_truth(enum truth a, enum truth b)
{
    if (a == TRUE_ || b == TRUE_)
        return TRUE_;
    return a == UNKNOWN_ || b == UNKNOWN_ ? UNKNOWN_ : FALSE_;
}

/* 0.0.0.0/0 and ::/0, and halves of them, which people use to dodge a check. */
static enum truth is_default_destination(const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return FALSE_;
    struct cidr c;
    if (v->kind == VALUE_STRING)
        return cidr_parse(v->u.string, &c) && c.bits <= 1 ? TRUE_ : FALSE_;
    return UNKNOWN_;
}

static enum truth is_internet_gateway(const struct value *v, const struct kinds *k)
{
    if (!v || v->kind == VALUE_NULL)
        return FALSE_;
    const struct ref *ref = value_find_ref(v);
    if (ref && ref->target)
        return ref->target->kind == k->gateway ? TRUE_ : FALSE_;
    if (v->kind == VALUE_STRING)
        return str_starts(v->u.string, STR("igw-")) ? TRUE_ : FALSE_;
    return UNKNOWN_;
}

static enum truth leads_to_internet(const struct value *route, const struct kinds *k)
{
    if (route->kind != VALUE_MAP)
        return UNKNOWN_;
    enum truth destination = or_truth(is_default_destination(value_get(route, STR("cidr"))),
                                      is_default_destination(value_get(route, STR("ipv6_cidr"))));
    enum truth gateway = is_internet_gateway(value_get(route, STR("gateway")), k);
    if (destination == FALSE_ || gateway == FALSE_)
        return FALSE_;
    return destination == TRUE_ && gateway == TRUE_ ? TRUE_ : UNKNOWN_;
}

static enum truth table_truth(const struct resource *table, const struct kinds *k, const struct origin **ret_cause)
{
    const struct value *routes = value_get(table->attributes, STR("routes"));
    if (!routes)
        return table->incomplete ? UNKNOWN_ : FALSE_;
    if (routes->kind != VALUE_LIST)
        return UNKNOWN_;
    enum truth all = routes->flags & VALUE_PARTIAL ? UNKNOWN_ : FALSE_;
    for (size_t i = 0; i < routes->u.list.n; i++) {
        const struct value *route = routes->u.list.item[i];
        enum truth t = route ? leads_to_internet(route, k) : FALSE_;
        if (t == TRUE_)
            *ret_cause = route->origin;
        all = or_truth(all, t);
    }
    return all;
}

static const struct resource *associated_table(const struct resource *subnet, const struct kinds *k)
{
    for (size_t i = 0; i < subnet->n_back_edges; i++) {
        const struct edge *e = &subnet->back_edge[i];
        if (e->to->kind == k->association && str_eq_c(e->attribute, "subnet")) {
            const struct resource *table = network_target(e->to, "route_table", k->table);
            if (table)
                return table;
        }
    }
    return NULL;
}

/* Is some association of the unit of a subnet that cannot be told? Then it may be this one. */
static bool association_is_open(const struct analysis *a, const struct resource *subnet, const struct kinds *k)
{
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, k->association, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i]->unit == subnet->unit && !network_target(all[i], "subnet", k->subnet) &&
            value_get(all[i]->attributes, STR("subnet")))
            return true;
    return false;
}

static const struct resource *main_table(const struct resource *vpc, const struct kinds *k)
{
    for (size_t i = 0; i < vpc->n_back_edges; i++) {
        const struct edge *e = &vpc->back_edge[i];
        if (e->to->kind == k->main_association) {
            const struct resource *table = network_target(e->to, "route_table", k->table);
            if (table)
                return table;
        }
    }
    for (size_t i = 0; i < vpc->n_back_edges; i++) {
        const struct edge *e = &vpc->back_edge[i];
        if (e->to->kind == k->table && str_eq_c(e->attribute, "default_of"))
            return e->to;
    }
    return NULL;
}

/* A route that is put into the VPC's own main table: route_table_id = aws_vpc.x.main_route_table_id. */
static enum truth routes_of_vpc(const struct resource *vpc, const struct kinds *k, const struct origin **ret_cause)
{
    enum truth all = FALSE_;
    for (size_t i = 0; i < vpc->n_back_edges; i++) {
        const struct resource *from = vpc->back_edge[i].to;
        if (from->kind != k->route || !str_eq_c(vpc->back_edge[i].attribute, "route_table"))
            continue;
        enum truth t = leads_to_internet(from->attributes, k);
        if (t == TRUE_)
            *ret_cause = from->attributes->origin;
        all = or_truth(all, t);
    }
    return all;
}

static bool is_true(const struct resource *r, str attribute)
{
    bool b = false;
    return value_to_bool(value_get(r->attributes, attribute), &b) && b;
}

static enum truth subnet_truth(const struct analysis *a, const struct resource *subnet, const struct kinds *k,
                               const struct resource **ret_table, const struct origin **ret_cause)
{
    if (is_true(subnet, STR("is_default")))
        return TRUE_;
    const struct resource *table = associated_table(subnet, k);
    if (!table && association_is_open(a, subnet, k))
        return UNKNOWN_;
    const struct resource *vpc = network_target(subnet, "vpc", k->vpc);
    if (!table && vpc) {
        table = main_table(vpc, k);
        if (!table && is_true(vpc, STR("is_default")))
            return TRUE_;
        if (!table && vpc->is_data)
            return UNKNOWN_;
        if (!table)
            return analysis_unit_open(a, subnet) ? UNKNOWN_ : routes_of_vpc(vpc, k, ret_cause);
    }
    if (!table || table->is_data)
        return UNKNOWN_;
    *ret_table = table;
    return table_truth(table, k, ret_cause);
}

enum truth network_subnet_is_public(const struct analysis *a, const struct resource *subnet, const struct origin **ret_cause)
{
    struct kinds k = kinds_of();
    const struct resource *table = NULL;
    *ret_cause = NULL;
    return subnet_truth(a, subnet, &k, &table, ret_cause);
}

static void set_truth(struct analysis *a, const struct resource *r, const char *name, enum truth t, const struct origin *cause,
                      const char *reason)
{
    if (t == UNKNOWN_)
        fact_set_unknown(a, r, name, reason);
    else
        fact_set_bool(a, r, name, t == TRUE_, cause);
}

static void run(struct analysis *a)
{
    struct kinds k = kinds_of();
    size_t n;
    struct resource *const *tables = graph_of_kind(a->graph, k.table, &n);
    for (size_t i = 0; i < n; i++) {
        const struct origin *cause = NULL;
        enum truth t = table_truth(tables[i], &k, &cause);
        set_truth(a, tables[i], "has_internet_route", t, cause, "its routes are not all known");
    }
    struct resource *const *subnets = graph_of_kind(a->graph, k.subnet, &n);
    for (size_t i = 0; i < n; i++) {
        const struct origin *cause = NULL;
        const struct resource *table = NULL;
        enum truth t = subnet_truth(a, subnets[i], &k, &table, &cause);
        set_truth(a, subnets[i], "is_public", t, cause, "its route table is not among the analysed files");
        if (table)
            fact_set(a, subnets[i], "route_table", value_string(a->arena, table->address, NULL));
    }
}

static const struct fact facts[] = {
    {"has_internet_route", "aws.ec2.route_table", "a default route leads to an internet gateway"},
    {"is_public", "aws.ec2.subnet", "the effective route table leads to an internet gateway; unknown when it is not in the files"},
    {"route_table", "aws.ec2.subnet", "address of the effective route table"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_network = {"network", run, facts};
