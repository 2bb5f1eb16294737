/* Functions of addresses and ports. A rule is a map with protocol, from_port and to_port, as the elements of
 * security groups and network ACLs are; protocols have the names and numbers that AWS takes. */
#include "analysis/cidr.h"
#include "base/vec.h"
#include "policy/environment.h"

/* ---- addresses ---- */

static struct cel_value is_any_cidr(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cidr cidr;
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "isAnyCidr", arg, n);
    return cel_bool(cidr_parse(arg[0].u.text, &cidr) && cidr_is_any(&cidr));
}

static struct cel_value is_private_cidr(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cidr cidr;
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "isPrivateCidr", arg, n);
    return cel_bool(cidr_parse(arg[0].u.text, &cidr) && cidr_is_private(&cidr));
}

static struct cel_value contains_cidr(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cidr outer, inner;
    if (arg[0].kind != CEL_STRING || arg[1].kind != CEL_STRING)
        return cel_no_overload(c, "containsCidr", arg, n);
    if (!cidr_parse(arg[0].u.text, &outer) || !cidr_parse(arg[1].u.text, &inner))
        return cel_bool(false);
    return cel_bool(cidr_contains(&outer, &inner));
}

static struct cel_value prefix_length(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cidr cidr;
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "prefixLength", arg, n);
    return cel_int(cidr_parse(arg[0].u.text, &cidr) ? (int64_t)cidr.bits : -1);
}

struct prefixes {
    struct cidr *at;
    size_t n, cap;
};

static struct cel_value cover_everything(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_LIST)
        return cel_no_overload(c, "coverEverything", arg, n);
    struct cel_value list = cel_settle(c, arg[0]), doubt = cel_bool(false);
    if (list.kind != CEL_LIST)
        return list;
    struct prefixes p = {0};
    for (size_t i = 0; i < cel_list_size(&list) && cel_spend(c, 1); i++) {
        struct cel_value v = cel_list_at(c, &list, i);
        struct cidr cidr;
        if (v.kind == CEL_UNKNOWN && doubt.kind != CEL_UNKNOWN)
            doubt = v;
        if (v.kind == CEL_STRING && cidr_parse(v.u.text, &cidr))
            VEC_PUSH(&p, cidr);
    }
    bool all = cidr_cover_everything(p.at, p.n, false) || cidr_cover_everything(p.at, p.n, true);
    VEC_RELEASE(&p);
    if (all)
        return cel_bool(true);
    if (doubt.kind != CEL_UNKNOWN && (list.flags & CEL_PARTIAL))
        return cel_unknown(STR("more prefixes are possible"));
    return doubt;
}

/* ---- ports ---- */

enum { EVERY_PORT = 65536 };

enum protocol_class { ALL_PROTOCOLS, WITH_PORTS, WITHOUT_PORTS };

struct port_rule {
    enum protocol_class protocol;
    int64_t from, to;
};

static struct cel_value field(struct cel_context *c, const struct cel_value *map, const char *name)
{
    struct cel_value key = cel_string(str_of(name)), v;
    return cel_map_find(c, map, &key, &v) ? v : cel_lax_null();
}

static bool as_number(const struct cel_value *v, int64_t *ret)
{
    if (v->kind == CEL_INT)
        *ret = v->u.i;
    else if (v->kind == CEL_DOUBLE && v->u.d > -1e6 && v->u.d < 1e6)
        *ret = (int64_t)v->u.d;
    else
        return v->kind == CEL_STRING && str_to_int(v->u.text, ret);
    return true;
}

static enum protocol_class protocol_class(const struct cel_value *v)
{
    int64_t number;
    if (as_number(v, &number))
        return number == -1 ? ALL_PROTOCOLS : number == 6 || number == 17 ? WITH_PORTS : WITHOUT_PORTS;
    str s = v->kind == CEL_STRING ? v->u.text : STR("tcp");
    if (str_eq_nocase(s, STR("all")) || str_eq_nocase(s, STR("any")))
        return ALL_PROTOCOLS;
    return str_eq_nocase(s, STR("tcp")) || str_eq_nocase(s, STR("udp")) ? WITH_PORTS : WITHOUT_PORTS;
}

/* False: *ret is the answer (an unknown, an error). */
static bool read_rule(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n,
                      struct port_rule *ret_rule, struct cel_value *ret)
{
    if (arg[0].kind != CEL_MAP) {
        *ret = cel_no_overload(c, name, arg, n);
        return false;
    }
    struct cel_value protocol = field(c, &arg[0], "protocol");
    struct cel_value first = field(c, &arg[0], "from_port"), last = field(c, &arg[0], "to_port");
    if (protocol.kind == CEL_UNKNOWN) {
        *ret = protocol;
        return false;
    }
    *ret_rule = (struct port_rule){protocol_class(&protocol), 0, EVERY_PORT - 1};
    if (ret_rule->protocol != WITH_PORTS)
        return true;
    if (first.kind == CEL_UNKNOWN || last.kind == CEL_UNKNOWN) {
        *ret = first.kind == CEL_UNKNOWN ? first : last;
        return false;
    }
    int64_t from, to;
    bool has_first = as_number(&first, &from), has_last = as_number(&last, &to);
    if (!has_first && !has_last)
        return true;
    ret_rule->from = has_first ? from : to;
    ret_rule->to = has_last ? to : from;
    if (ret_rule->from == -1 || ret_rule->to == -1) {
        ret_rule->from = 0;
        ret_rule->to = EVERY_PORT - 1;
    }
    return true;
}

static bool covers(const struct port_rule *r, int64_t port)
{
    return r->protocol == ALL_PROTOCOLS || (r->protocol == WITH_PORTS && r->from <= port && port <= r->to);
}

static struct cel_value covers_port(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct port_rule r;
    struct cel_value other;
    int64_t port;
    if (!as_number(&arg[1], &port))
        return cel_no_overload(c, "coversPort", arg, n);
    return read_rule(c, "coversPort", arg, n, &r, &other) ? cel_bool(covers(&r, port)) : other;
}

static struct cel_value covers_any_port(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct port_rule r;
    struct cel_value other;
    if (arg[1].kind != CEL_LIST)
        return cel_no_overload(c, "coversAnyPort", arg, n);
    if (!read_rule(c, "coversAnyPort", arg, n, &r, &other))
        return other;
    for (size_t i = 0; i < cel_list_size(&arg[1]) && cel_spend(c, 1); i++) {
        struct cel_value v = cel_list_at(c, &arg[1], i);
        int64_t port;
        if (as_number(&v, &port) && covers(&r, port))
            return cel_bool(true);
    }
    return cel_bool(false);
}

static int64_t count_ports(const struct port_rule *r)
{
    if (r->protocol == WITHOUT_PORTS)
        return 0;
    return r->to >= r->from ? r->to - r->from + 1 : 0;
}

static struct cel_value covers_all_ports(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct port_rule r;
    struct cel_value other;
    if (!read_rule(c, "coversAllPorts", arg, n, &r, &other))
        return other;
    return cel_bool(count_ports(&r) >= EVERY_PORT - 1);
}

static struct cel_value port_count(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct port_rule r;
    struct cel_value other;
    return read_rule(c, "portCount", arg, n, &r, &other) ? cel_int(count_ports(&r)) : other;
}

static struct cel_value is_all_protocols(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct port_rule r;
    struct cel_value other;
    if (arg[0].kind == CEL_MAP) {
        struct cel_value protocol = field(c, &arg[0], "protocol");
        if (protocol.kind != CEL_UNKNOWN)
            return cel_bool(protocol_class(&protocol) == ALL_PROTOCOLS);
    }
    return read_rule(c, "isAllProtocols", arg, n, &r, &other) ? cel_bool(false) : other;
}

static const struct cel_function functions[] = {
    {"isAnyCidr", CEL_METHOD, 1, 1, is_any_cidr, "string.isAnyCidr() -> bool", "It is 0.0.0.0/0 or ::/0.", NULL,
     "'0.0.0.0/0'.isAnyCidr()"},
    {"isPrivateCidr", CEL_METHOD, 1, 1, is_private_cidr, "string.isPrivateCidr() -> bool",
     "The prefix lies in private, shared, link-local or loopback space.", NULL, "'10.1.0.0/16'.isPrivateCidr()"},
    {"containsCidr", CEL_METHOD, 2, 2, contains_cidr, "string.containsCidr(string) -> bool",
     "The first prefix contains the second.", NULL, "'10.0.0.0/8'.containsCidr('10.2.0.0/16')"},
    {"prefixLength", CEL_METHOD, 1, 1, prefix_length, "string.prefixLength() -> int",
     "The length of the prefix, 32 or 128 for an address alone, -1 for any other text.", NULL,
     "'10.0.0.0/24'.prefixLength() == 24"},
    {"coverEverything", CEL_METHOD, 1, 1, cover_everything, "list.coverEverything() -> bool",
     "The prefixes add up to the whole public address space of IPv4 or IPv6.", "true when those that are known do",
     "['0.0.0.0/1', '128.0.0.0/1'].coverEverything()"},
    {"coversPort", CEL_METHOD, 2, 2, covers_port, "rule.coversPort(int) -> bool",
     "A security group or ACL rule (protocol, from_port, to_port) lets that TCP or UDP port through.",
     "unknown when protocol or ports are not known",
     "{'protocol': 'tcp', 'from_port': 20, 'to_port': 25}.coversPort(22)"},
    {"coversAnyPort", CEL_METHOD, 2, 2, covers_any_port, "rule.coversAnyPort(list) -> bool",
     "The rule lets one of the ports through.", "unknown when protocol or ports are not known",
     "{'protocol': '-1'}.coversAnyPort([22, 3389])"},
    {"coversAllPorts", CEL_METHOD, 1, 1, covers_all_ports, "rule.coversAllPorts() -> bool",
     "The rule lets every TCP or UDP port through (all protocols, 0-65535, 1-65535).",
     "unknown when protocol or ports are not known",
     "{'protocol': 'tcp', 'from_port': 0, 'to_port': 65535}.coversAllPorts()"},
    {"portCount", CEL_METHOD, 1, 1, port_count, "rule.portCount() -> int",
     "How many TCP or UDP ports the rule lets through: 65536 for all, 0 for protocols without ports.",
     "unknown when protocol or ports are not known",
     "{'protocol': 'tcp', 'from_port': 80, 'to_port': 80}.portCount() == 1"},
    {"isAllProtocols", CEL_METHOD, 1, 1, is_all_protocols, "rule.isAllProtocols() -> bool",
     "The rule is for all protocols (-1).", NULL, "{'protocol': '-1'}.isAllProtocols()"},
};

const struct cel_function_table functions_network = {"network", functions, ARRAY_LEN(functions)};
