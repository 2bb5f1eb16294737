/* Network ACLs: what their entries let through for everybody, taken in the order of their numbers.
 *
 * For TCP and UDP and for each family a set of ports remembers what lower-numbered entries have denied to
 * everybody; an allow entry opens what is left of its ports. Denies that may not be there leave a doubt. */
#include <stdlib.h>

#include "analysis/cidr.h"
#include "analysis/network.h"
#include "analysis/own.h"

enum { PORTS = 65536, WORDS = PORTS / 64, PROTOCOLS = 2, FAMILIES = 2, MAX_RANGES = 64 };

struct port_set {
    uint64_t word[WORDS];
};

enum protocol_class { ONLY_TCP, ONLY_UDP, EVERY_PROTOCOL, OTHER_PROTOCOL };

struct entry {
    const struct value *v;       /* the map */
    const struct value *written; /* as it stands in the list: the map, or a choice with it */
    double number;
    bool numbered, certain, allows, denies;
    bool everybody[FAMILIES];
    bool maybe_everybody;
    enum protocol_class protocol;
    unsigned from, to;
};

struct acl {
    struct analysis *a;
    struct arena *arena;
    struct port_set denied[FAMILIES][PROTOCOLS], doubted[FAMILIES][PROTOCOLS];
    bool any_deny;
    struct value_items open;
};

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

/* ---- entries ---- */

static void read_cidr(const struct value *v, struct entry *e, unsigned family)
{
    struct cidr c;
    if (value_is(v, VALUE_STRING))
        e->everybody[family] = cidr_parse(v->u.string, &c) && c.bits <= (e->allows ? 1u : 0u);
    else if (!is_nothing(v))
        e->maybe_everybody = true;
}

static enum protocol_class protocol_of(const struct value *v)
{
    double d;
    str s = value_str(v);
    if (str_eq_nocase(s, STR("tcp")))
        return ONLY_TCP;
    if (str_eq_nocase(s, STR("udp")))
        return ONLY_UDP;
    if (str_eq_nocase(s, STR("all")))
        return EVERY_PROTOCOL;
    if (!value_to_number(v, &d))
        return OTHER_PROTOCOL;
    return d == -1 ? EVERY_PROTOCOL : d == 6 ? ONLY_TCP : d == 17 ? ONLY_UDP : OTHER_PROTOCOL;
}

static bool read_port(const struct value *v, unsigned otherwise, unsigned *ret)
{
    double d;
    *ret = otherwise;
    if (is_nothing(v))
        return true;
    if (!value_to_number(v, &d))
        return false;
    if (d >= 0 && d < PORTS)
        *ret = (unsigned)d;
    return true;
}

/* False: something that decides is not known. */
static bool read_entry(const struct value *v, struct entry *e)
{
    const struct value *action = value_get(v, STR("action")), *protocol = value_get(v, STR("protocol"));
    e->v = v;
    e->allows = str_eq_nocase(value_str(action), STR("allow"));
    e->denies = str_eq_nocase(value_str(action), STR("deny"));
    e->numbered = value_to_number(value_get(v, STR("rule_no")), &e->number);
    read_cidr(value_get(v, STR("cidr_block")), e, 0);
    read_cidr(value_get(v, STR("ipv6_cidr_block")), e, 1);
    e->protocol = protocol_of(protocol);
    bool ports = read_port(value_get(v, STR("from_port")), 0, &e->from);
    ports &= read_port(value_get(v, STR("to_port")), PORTS - 1, &e->to);
    if (e->protocol == EVERY_PROTOCOL) {
        e->from = 0;
        e->to = PORTS - 1;
        ports = true;
    }
    return (e->allows || e->denies) && value_is_known(protocol) && ports && !e->maybe_everybody;
}

static int compare_entries(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    if (a->numbered != b->numbered)
        return a->numbered ? -1 : 1;
    return a->numbered ? (a->number > b->number) - (a->number < b->number) : 0;
}

/* ---- port sets ---- */

static void set_range(struct port_set *s, unsigned from, unsigned to)
{
    for (unsigned w = from / 64; from <= to && w <= to / 64; w++) {
        uint64_t mask = UINT64_MAX;
        if (w == from / 64)
            mask &= UINT64_MAX << (from % 64);
        if (w == to / 64)
            mask &= UINT64_MAX >> (63 - to % 64);
        s->word[w] |= mask;
    }
}

static bool has_port(const struct port_set *s, unsigned port)
{
    return s->word[port / 64] >> (port % 64) & 1;
}

static bool meets(const struct port_set *s, unsigned from, unsigned to)
{
    for (unsigned port = from; port <= to; port++) {
        if (port % 64 == 0 && port + 63 <= to && !s->word[port / 64]) {
            port += 63;
            continue;
        }
        if (has_port(s, port))
            return true;
    }
    return false;
}

/* ---- evaluation ---- */

static void deny(struct acl *acl, const struct entry *e, bool certain)
{
    for (unsigned f = 0; f < FAMILIES; f++) {
        if (!e->everybody[f] && (certain || !e->maybe_everybody))
            continue;
        for (unsigned p = 0; p < PROTOCOLS; p++)
            if (e->protocol == EVERY_PROTOCOL || e->protocol == (enum protocol_class)p ||
                (!certain && e->protocol == OTHER_PROTOCOL))
                set_range(certain ? &acl->denied[f][p] : &acl->doubted[f][p], e->from, e->to);
    }
    acl->any_deny = true;
}

static const struct value *number(struct acl *acl, unsigned n)
{
    return value_number(acl->arena, n, NULL);
}

static void open_range(struct acl *acl, const struct entry *e, const char *protocol, unsigned from, unsigned to)
{
    struct value_entry *m = ARENA_ARRAY(acl->arena, struct value_entry, 6);
    size_t n = 0;
    m[n++] = (struct value_entry){STR("protocol"), SPAN_NONE, value_string(acl->arena, str_of(protocol), NULL)};
    m[n++] = (struct value_entry){STR("from_port"), SPAN_NONE, number(acl, from)};
    m[n++] = (struct value_entry){STR("to_port"), SPAN_NONE, number(acl, to)};
    static const char *const kept[] = {"rule_no", "cidr_block", "ipv6_cidr_block"};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const struct value *v = value_get(e->v, str_of(kept[i]));
        if (!is_nothing(v))
            m[n++] = (struct value_entry){str_of(kept[i]), SPAN_NONE, v};
    }
    const struct value *rule = value_map(acl->arena, m, n, e->v->origin);
    if (e->written->kind == VALUE_CHOICE) {
        const struct value *c = e->written;
        const struct value **options = ARENA_ARRAY(acl->arena, const struct value *, c->u.choice.by->n_options);
        for (size_t i = 0; i < c->u.choice.by->n_options; i++)
            options[i] = c->u.choice.option[i] == e->v ? rule : NULL;
        rule = value_choice(acl->arena, c->u.choice.by, options, rule->origin);
    }
    VEC_PUSH(&acl->open, rule);
}

/* May a step over 64 ports be taken from here: all of them denied, or none denied or doubted? */
static bool is_block(const struct port_set *denied, const struct port_set *doubted, unsigned port, unsigned to,
                     bool open)
{
    unsigned w = port / 64;
    if (port % 64 != 0 || port + 63 > to)
        return false;
    return open ? !denied->word[w] && !doubted->word[w] : denied->word[w] == UINT64_MAX;
}

static void open_rest(struct acl *acl, const struct entry *e, const struct port_set *denied,
                      const struct port_set *doubted, const char *protocol)
{
    unsigned ranges = 0;
    for (unsigned port = e->from; port <= e->to; port++) {
        if (is_block(denied, doubted, port, e->to, false))
            port += 63;
        if (has_port(denied, port))
            continue;
        if (has_port(doubted, port)) {
            acl->open.open = true;
            continue;
        }
        unsigned first = port;
        while (port < e->to && !has_port(denied, port + 1) && !has_port(doubted, port + 1))
            port += is_block(denied, doubted, port + 1, e->to, true) ? 64 : 1;
        if (ranges++ == MAX_RANGES) {
            acl->open.open = true;
            return;
        }
        open_range(acl, e, protocol, first, port);
    }
}

static void allow(struct acl *acl, const struct entry *e)
{
    for (unsigned f = 0; f < FAMILIES; f++) {
        if (!e->everybody[f])
            continue;
        if (!e->numbered && acl->any_deny) {
            acl->open.open = true;
            return;
        }
        bool whole = e->protocol == EVERY_PROTOCOL;
        for (unsigned p = 0; whole && p < PROTOCOLS; p++)
            whole = !meets(&acl->denied[f][p], 0, PORTS - 1) && !meets(&acl->doubted[f][p], 0, PORTS - 1);
        if (whole) {
            open_range(acl, e, "-1", 0, PORTS - 1);
            continue;
        }
        if (e->protocol == EVERY_PROTOCOL || e->protocol == ONLY_TCP)
            open_rest(acl, e, &acl->denied[f][ONLY_TCP], &acl->doubted[f][ONLY_TCP], "tcp");
        if (e->protocol == EVERY_PROTOCOL || e->protocol == ONLY_UDP)
            open_rest(acl, e, &acl->denied[f][ONLY_UDP], &acl->doubted[f][ONLY_UDP], "udp");
    }
}

/* The entries of a list; of one that may be there in some alternatives, each alternative. */
static size_t read_entries(const struct value *list, struct entry *entries, size_t max, bool *ret_open)
{
    size_t n = 0;
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *v = list->u.list.item[i];
        bool choice = value_is(v, VALUE_CHOICE);
        size_t options = choice ? v->u.choice.by->n_options : 1;
        for (size_t k = 0; k < options && v; k++) {
            const struct value *one = choice ? v->u.choice.option[k] : v;
            if (!one)
                continue;
            if (one->kind != VALUE_MAP || n == max) {
                *ret_open = true;
                continue;
            }
            entries[n] = (struct entry){.written = v};
            entries[n].certain = read_entry(one, &entries[n]) && !choice;
            if (!choice && !entries[n].certain && !entries[n].denies)
                *ret_open = true;
            n++;
        }
    }
    return n;
}

static const struct value *open_entries(void *context, const struct resource *r, const struct value *list)
{
    struct analysis *a = context;
    struct value_items none = {.open = r->is_data || r->incomplete ||
                                       (list && list->kind != VALUE_LIST && list->kind != VALUE_NULL)};
    if (!value_is(list, VALUE_LIST))
        return items_value(a->arena, &none);
    size_t max = list->u.list.n * 2 + 8, bytes = max * sizeof(struct entry);
    struct entry *entries = alloc_get(bytes);
    struct acl *acl = alloc_get(sizeof(*acl));
    acl->a = a;
    acl->arena = a->arena;
    acl->open.open = none.open || (list->flags & VALUE_PARTIAL);
    size_t n = read_entries(list, entries, max, &acl->open.open);
    qsort(entries, n, sizeof(*entries), compare_entries);
    for (size_t i = 0; i < n; i++) {
        if (entries[i].denies)
            deny(acl, &entries[i], entries[i].certain && entries[i].numbered);
        else if (entries[i].allows && value_is_known(value_get(entries[i].v, STR("protocol"))))
            allow(acl, &entries[i]);
    }
    const struct value *v = items_value(a->arena, &acl->open);
    alloc_put(acl, sizeof(*acl));
    alloc_put(entries, bytes);
    return v;
}

/* ---- subnets ---- */

static const struct value *reference_of(struct analysis *a, const struct resource *acl)
{
    return reference_value(a->arena, acl, origin_new(a->arena, acl->header, acl->address, NULL));
}

static void set_subnets(struct analysis *a, const struct resource *acl)
{
    sym subnet = sym_of(STR("aws.ec2.subnet"));
    const struct value *subnets = value_get(acl->attributes, STR("subnets"));
    bool any = false, open = subnets && !value_is_known(subnets);
    for (size_t i = 0; i < acl->n_edges; i++) {
        if (acl->edge[i].to->kind == subnet && str_eq_c(acl->edge[i].attribute, "subnets")) {
            fact_set(a, acl->edge[i].to, "network_acl", reference_of(a, acl));
            any = true;
        }
    }
    for (size_t i = 0; i < acl->n_companions; i++) {
        struct resource *to = network_target(acl->companion[i], "subnet", subnet);
        if (to)
            fact_set(a, to, "network_acl", reference_of(a, acl));
        bool association = value_get(acl->companion[i]->attributes, STR("subnet")) != NULL;
        any |= association;
    }
    any |= value_is(subnets, VALUE_LIST) && subnets->u.list.n;
    if (any || !(open || analysis_unit_open(a, acl)))
        fact_set_bool(a, acl, "is_attached", any, NULL);
    else
        fact_set_unknown(a, acl, "is_attached", "its subnets are not known");
}

static void set_entries(struct analysis *a, const char *direction, const char *open_fact,
                        const struct own_fact *own_open)
{
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, sym_of(STR("aws.ec2.network_acl")), &n);
    for (size_t i = 0; i < n; i++) {
        const struct value *list = value_get(all[i]->attributes, str_of(direction));
        const struct value *open = open_entries(a, all[i], list);
        fact_set(a, all[i], open_fact, open);
        own_set(a, own_open, all[i], open);
    }
    own_set_alone(a, own_open);
}

void network_acl_run(struct analysis *a)
{
    size_t n;
    sym in = sym_of(STR("aws.ec2.network_acl_ingress")), out = sym_of(STR("aws.ec2.network_acl_egress"));
    struct resource *const *all = graph_of_kind(a->graph, sym_of(STR("aws.ec2.network_acl")), &n);
    set_entries(a, "ingress", "open_ingress", &(struct own_fact){"own_open_ingress", in, open_entries, a});
    set_entries(a, "egress", "open_egress", &(struct own_fact){"own_open_egress", out, open_entries, a});
    for (size_t i = 0; i < n; i++)
        set_subnets(a, all[i]);
}

/* ---- what gets through ---- */

struct ports {
    bool any_protocol;
    str protocol;
    double from, to;
};

static bool read_ports(const struct value *rule, struct ports *ret)
{
    enum { LAST = PORTS - 1 };
    const struct value *protocol = value_get(rule, STR("protocol"));
    enum protocol_class class = protocol_of(protocol);
    *ret = (struct ports){.any_protocol = class == EVERY_PROTOCOL, .from = 0, .to = LAST};
    ret->protocol = class == ONLY_TCP ? STR("tcp") : class == ONLY_UDP ? STR("udp") : value_str(protocol);
    const struct value *from = value_get(rule, STR("from_port")), *to = value_get(rule, STR("to_port"));
    if (ret->any_protocol || class == OTHER_PROTOCOL)
        return class != OTHER_PROTOCOL;
    return (is_nothing(from) || value_to_number(from, &ret->from)) && (is_nothing(to) || value_to_number(to, &ret->to));
}

/* Does the list have an entry that meets the ports? */
static const struct value *lets_through(struct arena *a, const struct value *open, const struct ports *asked)
{
    if (!value_is(open, VALUE_LIST))
        return value_unknown(a, STR("the entries of a network ACL are not known"), NULL);
    bool unsure = open->flags & VALUE_PARTIAL;
    for (size_t i = 0; i < open->u.list.n; i++) {
        struct ports entry;
        const struct value *v = open->u.list.item[i];
        if (!value_is(v, VALUE_MAP) || !read_ports(v, &entry)) {
            unsure = true;
            continue;
        }
        bool protocol = entry.any_protocol || asked->any_protocol || str_eq(entry.protocol, asked->protocol);
        if (protocol && entry.from <= asked->to && asked->from <= entry.to)
            return value_bool(a, true, v->origin);
    }
    return unsure ? value_unknown(a, STR("the entries of a network ACL are not all known"), open->origin) : NULL;
}

const struct value *network_acl_admits(struct analysis *a, const struct resource *acl, const struct value *rule)
{
    enum { FIRST_EPHEMERAL = 1024 };
    struct ports in, back = {.protocol = STR("tcp"), .from = FIRST_EPHEMERAL, .to = PORTS - 1};
    if (rule && !read_ports(rule, &in))
        return value_bool(a->arena, true, NULL);
    if (!rule)
        in = (struct ports){.any_protocol = true, .to = PORTS - 1};
    back.any_protocol = in.any_protocol;
    back.protocol = in.protocol;
    return verdict_and(a->arena, lets_through(a->arena, fact_get(a, acl, "open_ingress"), &in),
                       lets_through(a->arena, fact_get(a, acl, "open_egress"), &back));
}
