/* Functions of addresses and ports. */
#include "analysis/cidr.h"
#include "policy/environment.h"

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

static struct cel_value field(struct cel_context *c, const struct cel_value *map, const char *name)
{
    struct cel_value key = cel_string(str_of(name)), v;
    return cel_map_find(c, map, &key, &v) ? v : cel_lax_null();
}

static bool as_number(const struct cel_value *v, int64_t *ret)
{
    if (v->kind == CEL_INT)
        *ret = v->u.i;
    else if (v->kind == CEL_DOUBLE)
        *ret = (int64_t)v->u.d;
    else
        return v->kind == CEL_STRING && str_to_int(v->u.text, ret);
    return true;
}

/* tcp, udp, all; the names and numbers that AWS takes. */
static bool is_all_protocols(str p)
{
    return str_eq_c(p, "-1") || str_eq_nocase(p, STR("all")) || str_eq_nocase(p, STR("any"));
}

static bool has_ports(str p)
{
    return str_eq_nocase(p, STR("tcp")) || str_eq_nocase(p, STR("udp")) || str_eq_c(p, "6") || str_eq_c(p, "17");
}

static struct cel_value covers_port(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    int64_t port, from, to;
    if (arg[0].kind != CEL_MAP || !as_number(&arg[1], &port))
        return cel_no_overload(c, "coversPort", arg, n);
    struct cel_value protocol = field(c, &arg[0], "protocol");
    if (protocol.kind == CEL_UNKNOWN)
        return protocol;
    int64_t number;
    str name = protocol.kind == CEL_STRING ? protocol.u.text : STR_NONE;
    if (as_number(&protocol, &number) && protocol.kind != CEL_STRING)
        name = number == -1 ? STR("-1") : number == 6 ? STR("tcp") : number == 17 ? STR("udp") : STR("other");
    if (is_all_protocols(name))
        return cel_bool(true);
    if (name.n && !has_ports(name))
        return cel_bool(false);
    struct cel_value first = field(c, &arg[0], "from_port"), last = field(c, &arg[0], "to_port");
    if (first.kind == CEL_UNKNOWN)
        return first;
    if (last.kind == CEL_UNKNOWN)
        return last;
    bool has_first = as_number(&first, &from), has_last = as_number(&last, &to);
    if (!has_first && !has_last)
        return cel_bool(true);
    if (!has_first)
        from = to;
    if (!has_last)
        to = from;
    if (from == -1 || to == -1)
        return cel_bool(true);
    /* 0 to 0 without a port of its own means every port in rules of all protocols only; for tcp it is port 0. */
    return cel_bool(from <= port && port <= to);
}

static const struct cel_function functions[] = {
    {"isAnyCidr", CEL_METHOD, 1, 1, is_any_cidr, "string.isAnyCidr() -> bool", "It is 0.0.0.0/0 or ::/0.", NULL,
     "'0.0.0.0/0'.isAnyCidr()"},
    {"isPrivateCidr", CEL_METHOD, 1, 1, is_private_cidr, "string.isPrivateCidr() -> bool",
     "The prefix lies in private, shared, link-local or loopback space.", NULL, "'10.1.0.0/16'.isPrivateCidr()"},
    {"containsCidr", CEL_METHOD, 2, 2, contains_cidr, "string.containsCidr(string) -> bool",
     "The first prefix contains the second.", NULL, "'10.0.0.0/8'.containsCidr('10.2.0.0/16')"},
    {"coversPort", CEL_METHOD, 2, 2, covers_port, "rule.coversPort(int) -> bool",
     "A security group or ACL rule (protocol, from_port, to_port) lets that TCP or UDP port through.",
     "unknown when protocol or ports are not known", "{'protocol': 'tcp', 'from_port': 20, 'to_port': 25}.coversPort(22)"},
};

const struct cel_function_table functions_network = {"network", functions, ARRAY_LEN(functions)};
