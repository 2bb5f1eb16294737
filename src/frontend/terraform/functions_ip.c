#include "frontend/terraform/function.h"

/* An address as 128 bits, high word first; IPv4 in the lowest 32. */
struct address {
    uint64_t high, low;
    unsigned bits; /* 32 or 128 */
};

struct prefix {
    struct address base;
    unsigned length;
};

static bool read_v4(str s, struct address *ret)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        str rest;
        str part = str_cut(s, '.', &rest);
        int64_t octet = -1;
        bool last = i == 3;
        for (size_t k = 0; k < part.n; k++) {
            if (part.p[k] < '0' || part.p[k] > '9')
                return false;
        }
        if (part.n == 0 || part.n > 20 || !str_to_int(part, &octet) || octet > 255 || (rest.p == NULL) != last)
            return false;
        v = v << 8 | (uint64_t)octet;
        s = rest;
    }
    *ret = (struct address){0, v, 32};
    return true;
}

static bool read_group(str s, uint16_t *ret)
{
    unsigned v = 0;
    if (s.n == 0 || s.n > 4)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                            : 16;
        if (d == 16)
            return false;
        v = v << 4 | d;
    }
    *ret = (uint16_t)v;
    return true;
}

/* Groups of one side of "::"; an IPv4 address may be the last. */
static bool read_groups(str s, uint16_t *group, size_t *n)
{
    *n = 0;
    while (s.n) {
        str rest;
        str part = str_cut(s, ':', &rest);
        struct address v4;
        if (*n == 8)
            return false;
        if (!rest.p && str_find_char(part, '.') != SIZE_MAX) {
            if (*n > 6 || !read_v4(part, &v4))
                return false;
            group[(*n)++] = (uint16_t)(v4.low >> 16);
            group[(*n)++] = (uint16_t)v4.low;
            return true;
        }
        if (!read_group(part, &group[(*n)++]) || (rest.p && rest.n == 0))
            return false;
        s = rest;
    }
    return true;
}

static bool read_v6(str s, struct address *ret)
{
    uint16_t group[8] = {0}, tail[8] = {0};
    size_t n, m = 0, gap = str_find(s, STR("::"));
    bool split = gap != SIZE_MAX;
    if (!read_groups(split ? str_slice(s, 0, gap) : s, group, &n))
        return false;
    if (split && !read_groups(str_slice(s, gap + 2, s.n), tail, &m))
        return false;
    if (split ? n + m > 7 : n != 8)
        return false;
    for (size_t i = 0; i < m; i++)
        group[8 - m + i] = tail[i];
    *ret = (struct address){.bits = 128};
    for (size_t i = 0; i < 4; i++) {
        ret->high = ret->high << 16 | group[i];
        ret->low = ret->low << 16 | group[4 + i];
    }
    return true;
}

static bool read_address(str s, struct address *ret)
{
    return str_find_char(s, ':') == SIZE_MAX ? read_v4(s, ret) : read_v6(s, ret);
}

/* Ones from the top. */
static struct address mask_of(unsigned length, unsigned bits)
{
    struct address m = {0, 0, bits};
    unsigned skip = 128 - bits, to = skip + length;
    for (unsigned i = skip; i < to; i++) {
        if (i < 64)
            m.high |= UINT64_C(1) << (63 - i);
        else
            m.low |= UINT64_C(1) << (127 - i);
    }
    return m;
}

static bool read_prefix(str s, struct prefix *ret)
{
    str rest;
    str address = str_cut(s, '/', &rest);
    int64_t length;
    if (!rest.p || rest.n == 0 || rest.n > 3 || !read_address(address, &ret->base) || !str_to_int(rest, &length) ||
        rest.p[0] < '0' || rest.p[0] > '9' || length > ret->base.bits)
        return false;
    struct address m = mask_of((unsigned)length, ret->base.bits);
    ret->length = (unsigned)length;
    ret->base.high &= m.high;
    ret->base.low &= m.low;
    return true;
}

static str v6_text(struct arena *a, const struct address *x)
{
    uint16_t group[8];
    struct buf out;
    size_t best = 8, best_n = 1;
    for (unsigned i = 0; i < 4; i++) {
        group[i] = (uint16_t)(x->high >> (48 - 16 * i));
        group[4 + i] = (uint16_t)(x->low >> (48 - 16 * i));
    }
    for (size_t i = 0; i < 8; i++) {
        size_t n = 0;
        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    buf_init(&out, 64);
    for (size_t i = 0; i < 8; i++) {
        if (i == best) {
            buf_add_c(&out, "::");
            i += best_n - 1;
            continue;
        }
        if (i > 0 && i != best + best_n)
            buf_add_char(&out, ':');
        buf_printf(&out, "%x", (unsigned)group[i]);
    }
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}

static str address_text(struct arena *a, const struct address *x)
{
    if (x->bits == 128)
        return v6_text(a, x);
    return arena_printf(a, "%u.%u.%u.%u", (unsigned)(x->low >> 24), (unsigned)(x->low >> 16 & 255),
                        (unsigned)(x->low >> 8 & 255), (unsigned)(x->low & 255));
}

/* A whole number of 128 bits and a sign. */
struct offset {
    bool negative;
    uint64_t high, low;
};

static bool read_offset(struct call *c, size_t arg, struct offset *ret)
{
    struct number n;
    number_from_value(c->arg[arg], &n);
    *ret = (struct offset){.negative = n.negative};
    if (!number_is_whole(&n))
        return false;
    str hex = number_in_base(&n, 16, c->arena);
    for (size_t i = n.negative ? 1 : 0; i < hex.n; i++) {
        unsigned d = (unsigned)(hex.p[i] <= '9' ? hex.p[i] - '0' : hex.p[i] - 'a' + 10);
        if (ret->high >> 60)
            return false;
        ret->high = ret->high << 4 | ret->low >> 60;
        ret->low = ret->low << 4 | d;
    }
    return true;
}

static void less_one(struct offset *n)
{
    n->high -= n->low == 0;
    n->low--;
}

/* x + (n << shift), 128 bits. */
static void add_shifted(struct address *x, const struct offset *n, unsigned shift)
{
    uint64_t high = n->high, low = n->low;
    if (shift >= 64) {
        high = shift >= 128 ? 0 : low << (shift - 64);
        low = 0;
    } else if (shift > 0) {
        high = high << shift | low >> (64 - shift);
        low <<= shift;
    }
    uint64_t sum = x->low + low;
    x->high += high + (sum < low);
    x->low = sum;
}

static bool fits_in(const struct offset *n, unsigned bits)
{
    if (bits >= 128)
        return true;
    return bits >= 64 ? bits == 64 ? n->high == 0 : n->high >> (bits - 64) == 0 : n->high == 0 && n->low >> bits == 0;
}

static const struct value *no_offset(struct call *c, size_t arg)
{
    return function_fail(c, "argument %zu is not a whole number in range", arg + 1);
}

static const struct value *bad_prefix(struct call *c, str s)
{
    return function_fail(c, "\"" STR_FMT "\" is not a CIDR block", STR_ARG(s));
}

static const struct value *fn_cidrhost(struct call *c)
{
    struct prefix p;
    struct offset n;
    if (!read_prefix(function_str(c, 0), &p))
        return bad_prefix(c, function_str(c, 0));
    if (!read_offset(c, 1, &n))
        return no_offset(c, 1);
    bool negative = n.negative;
    if (negative)
        less_one(&n);
    if (!fits_in(&n, p.base.bits - p.length))
        return function_fail(c, "the block has no host of that number");
    if (!negative) {
        add_shifted(&p.base, &n, 0);
        return function_string(c, address_text(c->arena, &p.base));
    }
    /* From the end: all host bits set, less what is asked for. */
    struct address m = mask_of(p.length, p.base.bits), all = mask_of(p.base.bits, p.base.bits);
    p.base.high |= all.high & ~m.high;
    p.base.low |= all.low & ~m.low;
    p.base.high -= n.high + (p.base.low < n.low);
    p.base.low -= n.low;
    return function_string(c, address_text(c->arena, &p.base));
}

static const struct value *fn_cidrnetmask(struct call *c)
{
    struct prefix p;
    if (!read_prefix(function_str(c, 0), &p))
        return bad_prefix(c, function_str(c, 0));
    if (p.base.bits == 128)
        return function_fail(c, "IPv6 has no netmask");
    struct address m = mask_of(p.length, 32);
    return function_string(c, address_text(c->arena, &m));
}

static const struct value *prefix_value(struct call *c, const struct prefix *p)
{
    return function_string(c,
                           arena_printf(c->arena, STR_FMT "/%u", STR_ARG(address_text(c->arena, &p->base)), p->length));
}

static const struct value *fn_cidrsubnet(struct call *c)
{
    struct prefix p;
    struct offset n;
    const struct value *failure;
    int64_t more;
    if (!read_prefix(function_str(c, 0), &p))
        return bad_prefix(c, function_str(c, 0));
    if (!function_int(c, 1, &more, &failure))
        return failure;
    if (!read_offset(c, 2, &n) || n.negative)
        return no_offset(c, 2);
    if (more < 0 || (uint64_t)more > p.base.bits - p.length)
        return function_fail(c, "the block cannot be extended by %lld bits", (long long)more);
    if (!fits_in(&n, (unsigned)more))
        return function_fail(c, "%lld bits have no room for that network number", (long long)more);
    p.length += (unsigned)more;
    add_shifted(&p.base, &n, p.base.bits - p.length);
    return prefix_value(c, &p);
}

/* One block after the other, each at the next place that its size allows. */
static const struct value *fn_cidrsubnets(struct call *c)
{
    struct prefix p;
    const struct value *failure;
    if (!read_prefix(function_str(c, 0), &p))
        return bad_prefix(c, function_str(c, 0));
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, c->n);
    static const struct offset one = {false, 0, 1};
    struct address next = p.base;
    bool full = false;
    for (size_t i = 1; i < c->n; i++) {
        int64_t more;
        if (!function_int(c, i, &more, &failure))
            return failure;
        if (more < 1)
            return function_fail(c, "a block must be extended by at least one bit");
        if ((uint64_t)more > p.base.bits - p.length || more > 32)
            return function_fail(c, "the block cannot be extended by %lld bits", (long long)more);
        struct prefix sub = {next, p.length + (unsigned)more};
        struct address m = mask_of(sub.length, p.base.bits);
        unsigned host = p.base.bits - sub.length;
        bool aligned = (next.high & ~m.high & mask_of(p.base.bits, p.base.bits).high) == 0 &&
                       (next.low & ~m.low & mask_of(p.base.bits, p.base.bits).low) == 0;
        if (!aligned) {
            sub.base.high &= m.high;
            sub.base.low &= m.low;
            add_shifted(&sub.base, &one, host);
        }
        struct address outer = mask_of(p.length, p.base.bits);
        bool inside = (sub.base.high & outer.high) == p.base.high && (sub.base.low & outer.low) == p.base.low;
        if (full || !inside)
            return function_fail(c, "the block has no room for subnet %zu", i);
        items[i - 1] = prefix_value(c, &sub);
        next = sub.base;
        add_shifted(&next, &one, host);
        full = (next.high & outer.high) != p.base.high || (next.low & outer.low) != p.base.low ||
               (next.high == 0 && next.low == 0);
    }
    return tf_list(c->arena, items, c->n - 1, c->origin);
}

static const struct value *fn_cidrcontains(struct call *c)
{
    struct prefix outer, inner;
    str s = function_str(c, 1);
    if (!read_prefix(function_str(c, 0), &outer))
        return bad_prefix(c, function_str(c, 0));
    if (!read_prefix(s, &inner)) {
        if (!read_address(s, &inner.base))
            return function_fail(c, "\"" STR_FMT "\" is neither an address nor a CIDR block", STR_ARG(s));
        inner.length = inner.base.bits;
    }
    if (outer.base.bits != inner.base.bits)
        return function_fail(c, "the address families differ");
    struct address m = mask_of(outer.length, outer.base.bits);
    bool is = inner.length >= outer.length && (inner.base.high & m.high) == outer.base.high &&
              (inner.base.low & m.low) == outer.base.low;
    return value_bool(c->arena, is, c->origin);
}

const struct function functions_ip[] = {
    {"cidrhost", "sn", fn_cidrhost, 0},         {"cidrnetmask", "s", fn_cidrnetmask, 0},
    {"cidrsubnet", "snn", fn_cidrsubnet, 0},    {"cidrsubnets", "sn*", fn_cidrsubnets, 0},
    {"cidrcontains", "ss", fn_cidrcontains, 0}, {NULL, NULL, NULL, 0},
};
