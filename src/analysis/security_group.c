/* Security groups: which rules let the whole internet in or out. Rules written inline and as resources of their
 * own are one list already (the model's companions). A rule counts when its prefixes add up to everything,
 * alone or together with other rules of the same ports.
 *
 * Facts of aws.ec2.security_group: open_ingress, open_egress: the rules (maps with protocol, from_port, to_port)
 * that are open to the world; partial where rules are not known. */
#include "analysis/cidr.h"
#include "analysis/pass.h"
#include "base/vec.h"

struct rules {
    const struct value **at;
    size_t n, cap;
};

struct prefixes {
    struct cidr *at;
    size_t n, cap;
};

/* Adds the prefixes of a list; true when one of them is not known. */
static bool add_prefixes(struct prefixes *p, const struct value *list)
{
    if (!list || list->kind == VALUE_NULL)
        return false;
    if (list->kind == VALUE_STRING) {
        struct cidr c;
        if (cidr_parse(list->u.string, &c))
            VEC_PUSH(p, c);
        return false;
    }
    if (list->kind != VALUE_LIST)
        return true;
    bool unknown = (list->flags & VALUE_PARTIAL) != 0;
    for (size_t i = 0; i < list->u.list.n; i++)
        if (list->u.list.item[i])
            unknown |= add_prefixes(p, list->u.list.item[i]);
    return unknown;
}

static bool covers_everything(const struct prefixes *p)
{
    return cidr_cover_everything(p->at, p->n, false) || cidr_cover_everything(p->at, p->n, true);
}

static bool same_ports(const struct value *a, const struct value *b)
{
    static const char *const keys[] = {"protocol", "from_port", "to_port"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct value *x = value_get(a, str_of(keys[i])), *y = value_get(b, str_of(keys[i]));
        if ((x || y) && !(x && y && value_equal(x, y)))
            return false;
    }
    return true;
}

enum { MAX_COMBINED = 512 }; /* rules of one group whose prefixes are added up; the quota is 1,000 */

static bool is_open(const struct value *list, size_t i, bool *unknown)
{
    const struct value *rule = list->u.list.item[i];
    struct prefixes p = {0};
    *unknown |= add_prefixes(&p, value_get(rule, STR("cidr_blocks"))) | add_prefixes(&p, value_get(rule, STR("ipv6_cidr_blocks")));
    bool open = covers_everything(&p);
    if (!open && p.n && list->u.list.n <= MAX_COMBINED) {
        for (size_t k = 0; k < list->u.list.n; k++) {
            const struct value *other = list->u.list.item[k];
            if (k == i || !other || other->kind != VALUE_MAP || !same_ports(rule, other))
                continue;
            add_prefixes(&p, value_get(other, STR("cidr_blocks")));
            add_prefixes(&p, value_get(other, STR("ipv6_cidr_blocks")));
        }
        open = covers_everything(&p);
    }
    VEC_RELEASE(&p);
    return open;
}

static void add_open(struct analysis *a, const struct resource *group, const char *direction, const char *fact)
{
    const struct value *list = value_get(group->attributes, str_of(direction));
    struct rules open = {0};
    bool unknown = group->incomplete;
    if (list && list->kind != VALUE_LIST && list->kind != VALUE_NULL)
        unknown = true;
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->u.list.n; i++) {
        const struct value *rule = list->u.list.item[i];
        if (!rule)
            continue;
        if (rule->kind != VALUE_MAP)
            unknown = true;
        else if (is_open(list, i, &unknown))
            VEC_PUSH(&open, rule);
    }
    unknown |= list && (list->flags & VALUE_PARTIAL);
    size_t n;
    const struct value **items = VEC_MOVE(&open, a->arena, &n);
    struct value *v = value_copy(a->arena, value_list(a->arena, items, n, list ? list->origin : NULL));
    if (unknown)
        v->flags |= VALUE_PARTIAL;
    fact_set(a, group, fact, v);
}

static void run(struct analysis *a)
{
    size_t n;
    struct resource *const *groups = graph_of_kind(a->graph, sym_of(STR("aws.ec2.security_group")), &n);
    for (size_t i = 0; i < n; i++) {
        add_open(a, groups[i], "ingress", "open_ingress");
        add_open(a, groups[i], "egress", "open_egress");
    }
}

static const struct fact facts[] = {
    {"open_ingress", "aws.ec2.security_group", "the ingress rules that let the whole internet in; partial where rules are not known"},
    {"open_egress", "aws.ec2.security_group", "the egress rules that let everything out to the whole internet"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_security_group = {"security_group", run, facts};
