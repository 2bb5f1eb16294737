#include "analysis/cidr.h"

#include <arpa/inet.h>

static bool parse_address(str text, struct cidr *c)
{
    char buffer[64];
    if (text.n >= sizeof(buffer))
        return false;
    memcpy(buffer, text.p, text.n);
    buffer[text.n] = 0;
    c->v6 = str_find_char(text, ':') != SIZE_MAX;
    return inet_pton(c->v6 ? AF_INET6 : AF_INET, buffer, c->bytes) == 1;
}

bool cidr_parse(str text, struct cidr *ret)
{
    struct cidr c = {0};
    str length, address = str_cut(str_trim(text), '/', &length);
    if (!address.n || !parse_address(address, &c))
        return false;
    unsigned max = c.v6 ? 128 : 32;
    c.bits = max;
    if (length.p) {
        int64_t n;
        if (!str_to_int(length, &n) || n < 0 || n > max)
            return false;
        c.bits = (unsigned)n;
    }
    *ret = c;
    return true;
}

bool cidr_is_any(const struct cidr *c)
{
    return c->bits == 0;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return !rest || (a[whole] >> (8 - rest)) == (b[whole] >> (8 - rest));
}

bool cidr_contains(const struct cidr *outer, const struct cidr *inner)
{
    return outer->v6 == inner->v6 && outer->bits <= inner->bits && same_prefix(outer->bytes, inner->bytes, outer->bits);
}

bool cidr_is_private(const struct cidr *c)
{
    static const char *const ranges[] = {"10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                                         "169.254.0.0/16", "127.0.0.0/8",   "fc00::/7",       "fe80::/10",
                                         "::1/128"};
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        struct cidr range;
        if (cidr_parse(str_of(ranges[i]), &range) && cidr_contains(&range, c))
            return true;
    }
    return false;
}

/* Is the block `at`/`bits` covered? Split it until a prefix contains it or none lies inside. */
static bool covered(const struct cidr *all, size_t n, struct cidr block)
{
    bool inside = false;
    for (size_t i = 0; i < n; i++) {
        if (cidr_contains(&all[i], &block))
            return true;
        inside |= cidr_contains(&block, &all[i]);
    }
    if (!inside || block.bits >= 32)
        return false;
    struct cidr left = block, right = block;
    left.bits = right.bits = block.bits + 1;
    right.bytes[block.bits / 8] |= (uint8_t)(0x80 >> (block.bits % 8));
    return covered(all, n, left) && covered(all, n, right);
}

bool cidr_cover_everything(const struct cidr *all, size_t n, bool v6)
{
    return covered(all, n, (struct cidr){.v6 = v6});
}
