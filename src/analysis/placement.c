#include "analysis/placement.h"

#include "analysis/network.h"
#include "graph/model.h"

enum { RULES = 256 };  /* open rules of all groups of one resource that are listed */
enum { CARRIERS = 3 }; /* launch template behind a node group behind ... */

struct reference_path {
    str path;
    bool subnets, groups, carrier;
};

struct kind_info {
    VEC(struct reference_path) paths;
    bool default_vpc, subnets, groups, is_carrier;
};

struct placing {
    struct analysis *a;
    struct arena *arena;
    sym subnet, group;
    struct map kinds;                    /* name -> struct kind_info * */
    struct value_items *hosts;           /* by id of a subnet */
    struct value_items *attached;        /* by id of a group */
    const struct value **open;           /* by id of a group: its verdict; NULL: not looked at */
    const struct resource *for_resource; /* the one whose placement is being found */
    struct placement *out;
    bool named_subnet;
};

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

static const struct value *unknown(struct placing *p, const char *reason)
{
    return value_unknown(p->arena, str_of(reason), NULL);
}

/* ---- kinds ---- */

/* What is placed into the default VPC when it names no subnet. */
static const char *const default_vpc_kinds[] = {"aws.ec2.instance",
                                                "aws.rds.instance",
                                                "aws.rds.cluster",
                                                "aws.redshift.cluster",
                                                "aws.dms.replication_instance",
                                                "aws.elasticache.cluster",
                                                "aws.elasticache.replication_group",
                                                "aws.docdb.cluster",
                                                "aws.neptune.cluster",
                                                "aws.emr.cluster"};

/* Resources of networks themselves: they name subnets and groups without standing in them. */
static const char *const network_kinds[] = {"aws.ec2.route",
                                            "aws.ec2.route_table",
                                            "aws.ec2.route_table_association",
                                            "aws.ec2.security_group",
                                            "aws.ec2.security_group_ingress",
                                            "aws.ec2.security_group_egress",
                                            "aws.ec2.network_acl",
                                            "aws.ec2.network_acl_association",
                                            "aws.ec2.flow_log",
                                            "aws.ec2.subnet",
                                            "aws.ec2.vpc",
                                            "aws.ec2.vpc_endpoint_association"};

static bool among(sym kind, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(sym_str(kind), names[i]))
            return true;
    return false;
}

static bool is_carrier(sym from, sym kind)
{
    str name = sym_str(kind), own = sym_str(from);
    if (str_ends(name, STR("subnet_group")) || str_ends(name, STR(".launch_template")) ||
        str_ends(name, STR(".launch_configuration")) || str_ends(name, STR(".network_interface")))
        return true;
    return str_ends(name, STR(".cluster")) &&
           (str_ends(own, STR("instance")) || str_ends(own, STR(".cluster_instance"))) &&
           str_eq(str_slice(own, 0, str_rfind_char(own, '.')), str_slice(name, 0, str_rfind_char(name, '.')));
}

static struct kind_info *info_of(struct placing *p, sym kind)
{
    str name = sym_str(kind);
    struct kind_info *info = map_find(&p->kinds, name);
    if (info)
        return info;
    info = ARENA_NEW(p->arena, struct kind_info);
    map_set(&p->kinds, name, info);
    const struct model_kind *k = kind ? model_kind(graph_model(p->a->graph), name) : NULL;
    if (!k || among(kind, network_kinds, ARRAY_LEN(network_kinds)))
        return info;
    info->default_vpc = among(kind, default_vpc_kinds, ARRAY_LEN(default_vpc_kinds));
    const sym *to;
    str path;
    size_t at = 0;
    for (size_t n = model_next_reference(k, &at, &path, &to); n; n = model_next_reference(k, &at, &path, &to)) {
        struct reference_path one = {.path = path};
        for (size_t i = 0; i < n; i++) {
            one.subnets |= to[i] == p->subnet;
            one.groups |= to[i] == p->group && !str_contains(path, STR("source"));
            one.carrier |= is_carrier(kind, to[i]);
        }
        if (one.subnets || one.groups || one.carrier)
            VEC_PUSH(&info->paths, one);
        info->subnets |= one.subnets || one.carrier;
        info->groups |= one.groups;
    }
    info->is_carrier = str_ends(name, STR("subnet_group"));
    return info;
}

/* ---- subnets and groups ---- */

static void note(struct placing *p, struct value_items *by_id, const struct resource *of)
{
    struct value_items *list = &by_id[of->id];
    const struct value *last = list->n ? list->at[list->n - 1] : NULL;
    if (!last || !str_eq(last->u.string, p->for_resource->address))
        VEC_PUSH(list, address_value(p->arena, p->for_resource));
}

static const struct value *in_subnet(struct placing *p, const struct resource *subnet, const struct value *by)
{
    const struct value *is_public = fact_get(p->a, subnet, "is_public");
    VEC_PUSH(&p->out->subnets, value_string(p->arena, subnet->address, by->origin));
    const struct value *zone = value_get(subnet->attributes, STR("availability_zone"));
    if (value_is(zone, VALUE_STRING))
        VEC_PUSH(&p->out->zones, zone);
    else
        p->out->zones.open = true;
    if (!verdict_is_no(is_public) && !p->out->public_subnet)
        p->out->public_subnet = subnet;
    if (!verdict_is_no(is_public) && p->out->n_reached++ < PLACEMENT_SUBNETS)
        p->out->reached[p->out->n_reached - 1] = subnet;
    const struct value *maps =
        network_is_default(subnet)
            ? value_bool(p->arena, true, NULL)
            : verdict_of(p->arena, value_get(subnet->attributes, STR("map_public_ip_on_launch")));
    p->out->maps_public = verdict_or(p->arena, p->out->maps_public, maps);
    note(p, p->hosts, subnet);
    return verdict_is_yes(is_public) ? value_bool(p->arena, true, by->origin) : is_public;
}

static const struct value *is_there(void *context, const struct value *rule)
{
    struct placing *p = context;
    return rule->kind == VALUE_MAP ? value_bool(p->arena, true, rule->origin)
                                   : unknown(p, "a rule of a security group is not known");
}

static const struct value *group_verdict(struct placing *p, const struct value *rules)
{
    const struct value *open = value_bool(p->arena, false, NULL);
    for (size_t i = 0; value_is(rules, VALUE_LIST) && i < rules->u.list.n && !verdict_is_yes(open); i++) {
        open = verdict_or(p->arena, open, value_lift(p->arena, rules->u.list.item[i], is_there, p));
    }
    if (!rules || (rules->flags & VALUE_PARTIAL))
        open = verdict_or(p->arena, open, unknown(p, "the rules of a security group are not all known"));
    return open;
}

/* The rules of one group are shared, those of several are joined. */
static void add_rules(struct placing *p, const struct value *rules)
{
    struct value_items *all = &p->out->open_rules;
    all->open |= !rules || (rules->flags & VALUE_PARTIAL);
    if (p->out->groups.n == 1) {
        p->out->rules_of_one = rules;
        return;
    }
    const struct value *lists[] = {p->out->rules_of_one, rules};
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        for (size_t i = 0; value_is(lists[k], VALUE_LIST) && i < lists[k]->u.list.n; i++) {
            if (all->n < RULES)
                VEC_PUSH(all, lists[k]->u.list.item[i]);
            else
                all->open = true;
        }
    }
    p->out->rules_of_one = NULL;
}

static const struct value *in_group(struct placing *p, const struct resource *group, const struct value *by)
{
    const struct value *rules = fact_get(p->a, group, "open_ingress");
    if (!p->open[group->id])
        p->open[group->id] = group_verdict(p, rules);
    const struct value *open = p->open[group->id];
    if (!verdict_is_no(open) && !p->out->open_group)
        p->out->open_group = group;
    VEC_PUSH(&p->out->groups, value_string(p->arena, group->address, by->origin));
    add_rules(p, rules);
    note(p, p->attached, group);
    return open;
}

struct leaf_test {
    struct placing *p;
    const struct resource *from;
    sym kind;
};

static const struct value *at_target(struct placing *p, sym kind, const struct resource *to, const struct value *by)
{
    return kind == p->subnet ? in_subnet(p, to, by) : in_group(p, to, by);
}

static const struct value *leaf_verdict(void *context, const struct value *v)
{
    struct leaf_test *t = context;
    struct placing *p = t->p;
    const struct value *any = NULL;
    bool found = false;
    if (v->kind == VALUE_NULL || (v->kind == VALUE_STRING && !v->u.string.n))
        return value_bool(p->arena, false, NULL);
    if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->u.list.n; i++)
            any = verdict_or(p->arena, any, v->u.list.item[i] ? leaf_verdict(t, v->u.list.item[i]) : NULL);
        return any ? any : value_bool(p->arena, false, v->origin);
    }
    for (const struct ref *r = v->ref; r; r = r->next) {
        if (!r->target || r->target->kind != t->kind)
            continue;
        any = verdict_or(p->arena, any, at_target(p, t->kind, graph_at(p->a->graph, r->target->id), v));
        found = true;
    }
    for (size_t i = 0; i < t->from->n_edges && !found; i++) {
        if (t->from->edge[i].value != v || t->from->edge[i].to->kind != t->kind)
            continue;
        any = verdict_or(p->arena, any, at_target(p, t->kind, t->from->edge[i].to, v));
        found = true;
    }
    if (found)
        return any ? any : value_bool(p->arena, false, v->origin);
    if (t->kind == p->subnet) {
        p->out->subnets.open = p->out->zones.open = true;
        return unknown(p, "a subnet is not among the analysed files");
    }
    p->out->groups.open = p->out->open_rules.open = true;
    return unknown(p, "a security group is not among the analysed files");
}

/* ---- paths ---- */

static const struct value *join_leaves(struct leaf_test *t, const struct value *v, str path)
{
    struct arena *a = t->p->arena;
    if (is_nothing(v))
        return NULL;
    if (v->kind == VALUE_LIST) {
        const struct value *any = NULL;
        for (size_t i = 0; i < v->u.list.n; i++)
            any = verdict_or(a, any, join_leaves(t, v->u.list.item[i], path));
        return v->flags & VALUE_PARTIAL ? verdict_or(a, any, unknown(t->p, "a list is not known completely")) : any;
    }
    if (path.n && v->kind == VALUE_MAP) {
        str rest, key = str_cut(path, '.', &rest);
        return join_leaves(t, value_get(v, key), rest);
    }
    t->p->named_subnet |= t->kind == t->p->subnet;
    return value_lift(a, v, leaf_verdict, t);
}

static void add_carriers(struct placing *p, const struct resource *r, str path, unsigned depth);

static void place(struct placing *p, const struct resource *r, unsigned depth)
{
    const struct kind_info *info = info_of(p, r->kind);
    for (size_t i = 0; i < info->paths.n; i++) {
        const struct reference_path *one = &info->paths.at[i];
        if (one->subnets) {
            struct leaf_test t = {p, r, p->subnet};
            p->out->is_public = verdict_or(p->arena, p->out->is_public, join_leaves(&t, r->attributes, one->path));
        }
        if (one->groups) {
            struct leaf_test t = {p, r, p->group};
            p->out->group_open = verdict_or(p->arena, p->out->group_open, join_leaves(&t, r->attributes, one->path));
        }
        if (one->carrier && depth < CARRIERS)
            add_carriers(p, r, one->path, depth);
    }
}

static void add_carriers(struct placing *p, const struct resource *r, str path, unsigned depth)
{
    const struct value *v = value_path(r->attributes, path);
    if (is_nothing(v))
        return;
    bool found = false;
    for (size_t i = 0; i < r->n_edges; i++) {
        const struct edge *e = &r->edge[i];
        if (!is_carrier(r->kind, e->to->kind) || !(str_eq(e->attribute, path) || str_starts(e->attribute, path)))
            continue;
        found = true;
        bool before = p->named_subnet;
        p->named_subnet = false;
        place(p, e->to, depth + 1);
        if (!p->named_subnet && str_ends(sym_str(e->to->kind), STR("subnet_group")))
            found = false;
        p->named_subnet |= before;
    }
    if (found || (v->flags & VALUE_DEFAULTED))
        return;
    p->named_subnet = true;
    p->out->subnets.open = p->out->zones.open = true;
    p->out->is_public =
        verdict_or(p->arena, p->out->is_public, unknown(p, "its subnets are not among the analysed files"));
}

/* ---- the whole ---- */

struct placing *placing_new(struct analysis *a)
{
    struct placing *p = ARENA_NEW(a->arena, struct placing);
    p->a = a;
    p->arena = a->arena;
    p->subnet = sym_of(STR("aws.ec2.subnet"));
    p->group = sym_of(STR("aws.ec2.security_group"));
    map_init(&p->kinds);
    size_t bytes = (graph_count(a->graph) + 1) * sizeof(struct value_items);
    p->hosts = alloc_get(bytes);
    p->attached = alloc_get(bytes);
    p->open = alloc_get((graph_count(a->graph) + 1) * sizeof(*p->open));
    return p;
}

bool placing_find(struct placing *p, const struct resource *r, struct placement *ret)
{
    *ret = (struct placement){0};
    const struct kind_info *info = r->kind ? info_of(p, r->kind) : NULL;
    if (!info || !info->paths.n)
        return false;
    p->out = ret;
    p->for_resource = r;
    p->named_subnet = false;
    place(p, r, 0);
    ret->has_subnets = info->subnets;
    ret->has_groups = info->groups;
    if (r->incomplete || r->is_data) {
        const struct value *doubt = unknown(p, r->is_data ? "it is looked up" : "it could not be read completely");
        ret->is_public = verdict_or(p->arena, ret->is_public, doubt);
        ret->group_open = verdict_or(p->arena, ret->group_open, doubt);
    } else if (!p->named_subnet && info->default_vpc) {
        bool elsewhere = !is_nothing(value_get(r->attributes, STR("network_interfaces"))) ||
                         !is_nothing(value_get(r->attributes, STR("network_interface"))) ||
                         !is_nothing(value_get(r->attributes, STR("replicate_source"))) ||
                         !is_nothing(value_get(r->attributes, STR("replicate_source_db")));
        ret->is_public =
            elsewhere ? unknown(p, "where its network interface or its source stands is not known")
                      : value_bool(p->arena, true, origin_new(p->arena, r->header, STR("the default VPC"), NULL));
        ret->maps_public = ret->is_public;
        ret->subnets.open = ret->zones.open = true;
    }
    return true;
}

static void publish(struct placing *p, sym kind, struct value_items *by_id, const char *fact)
{
    size_t n;
    struct resource *const *all = graph_of_kind(p->a->graph, kind, &n);
    for (size_t i = 0; i < n; i++) {
        by_id[all[i]->id].open |= analysis_unit_open(p->a, all[i]);
        fact_set(p->a, all[i], fact, items_value(p->arena, &by_id[all[i]->id]));
    }
}

void placing_finish(struct placing *p)
{
    size_t bytes = (graph_count(p->a->graph) + 1) * sizeof(struct value_items);
    publish(p, p->subnet, p->hosts, "hosts");
    publish(p, p->group, p->attached, "attached_to");
    for (size_t i = 0; i < p->kinds.n; i++) {
        struct kind_info *info = p->kinds.at[i].value;
        VEC_RELEASE(&info->paths);
    }
    map_release(&p->kinds);
    alloc_put(p->hosts, bytes);
    alloc_put(p->attached, bytes);
    alloc_put(p->open, (graph_count(p->a->graph) + 1) * sizeof(*p->open));
}
