/* Security groups: which rules let the whole internet in or out. Rules written inline and as resources of their
 * own are one list already (the model's companions). A rule counts when its prefixes add up to the public
 * address space, alone or together with those of other rules whose ports hold its own. Prefix lists of the
 * files are followed; prefixes of a VPC or subnet are none of the internet. */
#include "analysis/cidr.h"
#include "analysis/network.h"
#include "analysis/own.h"

enum { COMBINED = 64, PREFIX_LISTS = 16 }; /* different port ranges that are compared with each other */

struct prefixes {
    struct cidr *at;
    size_t n, cap;
};

/* Rules of the same protocol and ports. */
struct port_group {
    const struct value *rule;
    struct prefixes prefixes;
    bool unknown;
    bool everything; /* the sum is */
};

struct groups {
    struct analysis *a;
    const struct resource *r;
    struct map by_key;
    struct port_group *at;
    size_t n, cap;
};

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

/* ---- prefixes ---- */

/* Text that ends in a length of its own: "${var.office}/32" is not the internet. */
static bool ends_in_length(const struct value *v)
{
    const struct value *last = v->u.list.n ? v->u.list.item[v->u.list.n - 1] : NULL;
    str s = value_str(last);
    size_t slash = str_rfind_char(s, '/');
    int64_t bits;
    return slash != SIZE_MAX && str_to_int(str_slice(s, slash + 1, s.n), &bits) && bits >= 8;
}

/* An attribute of something whose addresses are its own: a VPC, a subnet, an address. */
static bool is_of_network(const struct value *v)
{
    static const char *const kinds[] = {"aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.eip", "aws.ec2.instance"};
    const struct ref *ref = value_find_ref(v);
    if (!ref || !ref->target)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_c(sym_str(ref->target->kind), kinds[i]))
            return true;
    return false;
}

static bool add_prefixes(struct prefixes *p, const struct value *v)
{
    if (is_nothing(v))
        return false;
    if (v->kind == VALUE_STRING) {
        struct cidr c;
        if (cidr_parse(v->u.string, &c))
            VEC_PUSH(p, c);
        return false;
    }
    if (v->kind != VALUE_LIST)
        return !(v->kind == VALUE_TEXT && ends_in_length(v)) && !is_of_network(v);
    bool unknown = (v->flags & VALUE_PARTIAL) != 0;
    for (size_t i = 0; i < v->u.list.n; i++)
        unknown |= add_prefixes(p, v->u.list.item[i]);
    return unknown;
}

static bool add_list_entries(struct prefixes *p, const struct resource *list)
{
    const struct value *entries = value_get(list->attributes, STR("entries"));
    if (is_nothing(entries))
        return list->is_data ? false : list->incomplete;
    if (entries->kind != VALUE_LIST)
        return true;
    bool unknown = (entries->flags & VALUE_PARTIAL) != 0;
    for (size_t i = 0; i < entries->u.list.n; i++) {
        const struct value *e = entries->u.list.item[i];
        unknown |= value_is(e, VALUE_MAP) ? add_prefixes(p, value_get(e, STR("cidr"))) : !is_nothing(e);
    }
    return unknown;
}

/* Ids of eight digits are of before 2018, when lists of customers did not exist: AWS's own (S3, DynamoDB, CloudFront). */
static bool is_list_of_aws(str id)
{
    static const str prefix = {"pl-", 3};
    if (!str_starts(id, prefix) || id.n != prefix.n + 8)
        return false;
    for (size_t i = prefix.n; i < id.n; i++)
        if (!strchr("0123456789abcdef", id.p[i]))
            return false;
    return true;
}

/* Prefix lists that AWS manages and those that are looked up, or belong to an endpoint, are not the internet. */
static bool add_prefix_lists(struct groups *g, struct prefixes *p, const struct value *v)
{
    if (is_nothing(v))
        return false;
    if (v->kind == VALUE_LIST) {
        bool unknown = (v->flags & VALUE_PARTIAL) != 0;
        for (size_t i = 0; i < v->u.list.n && i < PREFIX_LISTS; i++)
            unknown |= add_prefix_lists(g, p, v->u.list.item[i]);
        return unknown;
    }
    bool ambiguous;
    const struct resource *list = graph_resolve(g->a->graph, g->r, v, &ambiguous);
    if (list && str_eq_c(sym_str(list->kind), "aws.ec2.managed_prefix_list"))
        return add_list_entries(p, list);
    if (list)
        return !list->is_data && !str_eq_c(sym_str(list->kind), "aws.ec2.vpc_endpoint");
    return !is_list_of_aws(value_str(v));
}

static bool add_rule_prefixes(struct groups *g, struct prefixes *p, const struct value *rule)
{
    bool unknown = add_prefixes(p, value_get(rule, STR("cidr_blocks")));
    unknown |= add_prefixes(p, value_get(rule, STR("ipv6_cidr_blocks")));
    unknown |= add_prefix_lists(g, p, value_get(rule, STR("prefix_lists")));
    return unknown;
}

static bool is_everything(const struct prefixes *p)
{
    return p->n && (cidr_cover_everything(p->at, p->n, false) || cidr_cover_everything(p->at, p->n, true));
}

/* ---- rules of the same ports ---- */

static str port_key(struct arena *a, const struct value *rule)
{
    static const char *const keys[] = {"protocol", "from_port", "to_port"};
    struct buf key;
    buf_init(&key, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        str s = STR_NONE;
        const struct value *v = value_get(rule, str_of(keys[i]));
        if (v && value_is_known(v) && value_to_text(v, a, &s))
            buf_add(&key, s);
        else if (!is_nothing(v))
            buf_printf(&key, "?%p", (const void *)v);
        buf_add_char(&key, '|');
    }
    str copy = buf_copy(&key, a);
    buf_release(&key);
    return copy;
}

static size_t group_of(struct groups *g, const struct value *rule)
{
    str key = port_key(g->a->arena, rule);
    uintptr_t at = (uintptr_t)map_find(&g->by_key, key);
    if (at)
        return at - 1;
    VEC_PUSH(g, ((struct port_group){.rule = rule}));
    map_set(&g->by_key, key, (void *)(uintptr_t)g->n);
    return g->n - 1;
}

static bool is_all_protocols(const struct value *rule)
{
    const struct value *v = value_get(rule, STR("protocol"));
    double d;
    return str_eq_nocase(value_str(v), STR("all")) || (value_to_number(v, &d) && d == -1);
}

/* Do the ports of `outer` hold all of `inner`'s? */
static bool holds_ports(const struct value *outer, const struct value *inner)
{
    if (is_all_protocols(outer))
        return true;
    const struct value *p = value_get(outer, STR("protocol")), *q = value_get(inner, STR("protocol"));
    double a, b, c, d;
    return p && q && value_equal(p, q) && value_to_number(value_get(outer, STR("from_port")), &a) &&
           value_to_number(value_get(outer, STR("to_port")), &b) &&
           value_to_number(value_get(inner, STR("from_port")), &c) &&
           value_to_number(value_get(inner, STR("to_port")), &d) && a <= c && d <= b;
}

static void sum_up(struct groups *g)
{
    size_t n_own[COMBINED] = {0};
    bool combine = g->n <= COMBINED;
    for (size_t i = 0; combine && i < g->n; i++)
        n_own[i] = g->at[i].prefixes.n;
    for (size_t i = 0; i < g->n; i++) {
        struct prefixes *p = &g->at[i].prefixes;
        g->at[i].everything = is_everything(p);
        if (g->at[i].everything || !combine || !p->n)
            continue;
        for (size_t k = 0; k < g->n; k++)
            for (size_t j = 0; k != i && j < n_own[k] && holds_ports(g->at[k].rule, g->at[i].rule); j++)
                VEC_PUSH(p, g->at[k].prefixes.at[j]);
        g->at[i].everything = is_everything(p);
    }
}

static struct groups group_rules(struct analysis *a, const struct resource *r, const struct value *list)
{
    struct groups g = {.a = a, .r = r};
    map_init(&g.by_key);
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *rule = list->u.list.item[i];
        if (!value_is(rule, VALUE_MAP))
            continue;
        size_t at = group_of(&g, rule);
        g.at[at].unknown |= add_rule_prefixes(&g, &g.at[at].prefixes, rule);
    }
    sum_up(&g);
    return g;
}

static void release_groups(struct groups *g)
{
    for (size_t i = 0; i < g->n; i++)
        VEC_RELEASE(&g->at[i].prefixes);
    VEC_RELEASE(g);
    map_release(&g->by_key);
}

/* ---- open rules ---- */

struct judging {
    struct groups *groups;
    const struct value *rule;
};

static const struct value *is_any_prefix(void *context, const struct value *v)
{
    struct judging *j = context;
    struct prefixes p = {0};
    bool unknown = add_prefixes(&p, v), open = is_everything(&p);
    VEC_RELEASE(&p);
    if (open || !unknown)
        return value_bool(j->groups->a->arena, open, v->origin);
    return value_unknown(j->groups->a->arena, STR("a prefix is not known"), v->origin);
}

/* Prefixes that hang on an undecided input, each by itself. */
static const struct value *undecided_prefixes(struct judging *j, const struct value *v)
{
    struct arena *a = j->groups->a->arena;
    if (value_is(v, VALUE_CHOICE))
        return value_lift(a, v, is_any_prefix, j);
    const struct value *any = NULL;
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < v->u.list.n; i++)
        if (value_is(v->u.list.item[i], VALUE_CHOICE))
            any = verdict_or(a, any, value_lift(a, v->u.list.item[i], is_any_prefix, j));
    return any;
}

static bool adds_to_sum(struct groups *g, const struct value *rule)
{
    struct prefixes p = {0};
    add_rule_prefixes(g, &p, rule);
    bool adds = p.n > 0;
    VEC_RELEASE(&p);
    return adds;
}

static const struct value *rule_is_open(struct groups *g, const struct value *rule)
{
    struct arena *a = g->a->arena;
    struct judging j = {g, rule};
    struct prefixes p = {0};
    bool unknown = add_rule_prefixes(g, &p, rule), open = is_everything(&p);
    VEC_RELEASE(&p);
    uintptr_t at = (uintptr_t)map_find(&g->by_key, port_key(a, rule));
    if (open || (at && g->at[at - 1].everything && adds_to_sum(g, rule)))
        return value_bool(a, true, rule->origin);
    const struct value *v = verdict_or(a, undecided_prefixes(&j, value_get(rule, STR("cidr_blocks"))),
                                       undecided_prefixes(&j, value_get(rule, STR("ipv6_cidr_blocks"))));
    if (v || !unknown)
        return v;
    return value_unknown(a, STR("a prefix of a rule is not known"), rule->origin);
}

/* A rule that is open, NULL for one that is not; *open where that is not known. */
struct collecting {
    struct groups *groups;
    struct value_items *items;
};

static const struct value *keep_open(void *context, const struct value *rule)
{
    struct collecting *c = context;
    if (rule->kind == VALUE_MAP)
        return verdict_keep(c->groups->a->arena, rule_is_open(c->groups, rule), rule, &c->items->open);
    c->items->open |= rule->kind != VALUE_NULL;
    return NULL;
}

static const struct value *open_rules(void *context, const struct resource *group, const struct value *list)
{
    struct analysis *a = context;
    struct value_items open = {.open = group->incomplete || group->is_data};
    if (value_is(list, VALUE_LIST)) {
        struct groups groups = group_rules(a, group, list);
        struct collecting c = {&groups, &open};
        for (size_t i = 0; i < list->u.list.n; i++) {
            const struct value *kept = value_lift(a->arena, list->u.list.item[i], keep_open, &c);
            if (kept)
                VEC_PUSH(&open, kept);
        }
        open.open |= (list->flags & VALUE_PARTIAL) != 0;
        release_groups(&groups);
    } else {
        open.open |= !is_nothing(list);
    }
    return items_value(a->arena, &open);
}

/* ---- groups of groups ---- */

static void set_admitted(struct analysis *a, const struct resource *group, const char *path, const char *fact)
{
    sym kind = group->kind;
    struct value_items groups = {0};
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < group->n_edges; i++) {
        const struct edge *e = &group->edge[i];
        if (e->to->kind != kind || !str_eq_c(e->attribute, path) || map_has(&seen, e->to->address))
            continue;
        map_set(&seen, e->to->address, e->to);
        VEC_PUSH(&groups, address_value(a->arena, e->to));
    }
    map_release(&seen);
    fact_set(a, group, fact, items_value(a->arena, &groups));
}

static void set_default_egress(struct analysis *a, const struct resource *group)
{
    const struct value *rules = value_get(group->attributes, STR("egress"));
    const struct value *stays = verdict_of(a->arena, value_get(group->attributes, STR("keeps_default_egress")));
    bool written = value_is(rules, VALUE_LIST) && rules->u.list.n > 0;
    bool none = is_nothing(rules) || (rules->kind == VALUE_LIST && !rules->u.list.n && !(rules->flags & VALUE_PARTIAL));
    const struct value *v =
        written ? NULL
        : none  ? stays
                : verdict_and(a->arena, stays, value_unknown(a->arena, STR("its egress rules are not known"), NULL));
    verdict_set(a, group, "default_egress", v, NULL);
}

static void set_rules(struct analysis *a, const char *direction, const char *open_fact, const struct own_fact *own_open)
{
    size_t n;
    struct resource *const *groups = graph_of_kind(a->graph, sym_of(STR("aws.ec2.security_group")), &n);
    for (size_t i = 0; i < n; i++) {
        const struct value *list = value_get(groups[i]->attributes, str_of(direction));
        const struct value *open = open_rules(a, groups[i], list);
        fact_set(a, groups[i], open_fact, open);
        own_set(a, own_open, groups[i], open);
    }
    own_set_alone(a, own_open);
}

static void run(struct analysis *a)
{
    size_t n;
    sym in = sym_of(STR("aws.ec2.security_group_ingress")), out = sym_of(STR("aws.ec2.security_group_egress"));
    set_rules(a, "ingress", "open_ingress", &(struct own_fact){"own_open_ingress", in, open_rules, a});
    set_rules(a, "egress", "open_egress", &(struct own_fact){"own_open_egress", out, open_rules, a});
    struct resource *const *groups = graph_of_kind(a->graph, sym_of(STR("aws.ec2.security_group")), &n);
    for (size_t i = 0; i < n; i++) {
        set_admitted(a, groups[i], "ingress.security_groups", "ingress_groups");
        set_admitted(a, groups[i], "egress.security_groups", "egress_groups");
        set_default_egress(a, groups[i]);
    }
}

static const struct fact facts[] = {
    {"open_ingress", "aws.ec2.security_group",
     "the ingress rules that let the whole internet in; partial where rules are not known"},
    {"open_egress", "aws.ec2.security_group", "the egress rules that lead to the whole internet"},
    {"own_open_ingress", "aws.ec2.security_group aws.ec2.security_group_ingress",
     "those of open_ingress that are written in this resource itself: in the group, or as a rule of its own"},
    {"own_open_egress", "aws.ec2.security_group aws.ec2.security_group_egress", "likewise for open_egress"},
    {"ingress_groups", "aws.ec2.security_group", "addresses of the groups that its ingress rules admit"},
    {"egress_groups", "aws.ec2.security_group", "addresses of the groups that its egress rules lead to"},
    {"default_egress", "aws.ec2.security_group",
     "no egress rule is written and AWS's rule that allows everything stays"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_security_group = {"security_group", run, facts};
