#include "analysis/cidr.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/alloc.h"

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

/* 10.1.2.3/8 is 10.0.0.0/8, as AWS takes it. */
static void clear_host(struct cidr *c)
{
    for (unsigned at = c->bits / 8, keep = c->bits % 8; at < sizeof(c->bytes); at++, keep = 0)
        c->bytes[at] &= (uint8_t)(0xff00u >> keep);
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
    clear_host(&c);
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
    static const char *const ranges[] = {"10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
                                         "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
                                         "fc00::/7",      "fe80::/10",      "::1/128"};
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        struct cidr range;
        if (cidr_parse(str_of(ranges[i]), &range) && cidr_contains(&range, c))
            return true;
    }
    return false;
}

/* ---- sums of prefixes ---- */

/* What the internet does not route: prefixes that leave only these out still let everybody in. */
static const char *const not_public_v4[] = {"0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",   "127.0.0.0/8",
                                            "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",
                                            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
                                            "224.0.0.0/3"};
/* Global unicast addresses are 2000::/3. */
static const char *const not_public_v6[] = {"::/3", "4000::/2", "8000::/1"};

static int compare_starts(const void *x, const void *y)
{
    const struct cidr *a = x, *b = y;
    int order = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
    return order ? order : (a->bits > b->bits) - (a->bits < b->bits);
}

/* The first address behind the prefix; false when there is none. */
static bool next_after(const struct cidr *c, uint8_t ret[16])
{
    memcpy(ret, c->bytes, 16);
    if (c->bits == 0)
        return false;
    unsigned at = (c->bits - 1) / 8;
    unsigned step = 0x80u >> ((c->bits - 1) % 8);
    for (;;) {
        unsigned sum = ret[at] + step;
        ret[at] = (uint8_t)sum;
        if (sum < 0x100)
            return true;
        if (at == 0)
            return false;
        at--;
        step = 1;
    }
}

bool cidr_cover_everything(const struct cidr *all, size_t n, bool v6)
{
    const char *const *reserved = v6 ? not_public_v6 : not_public_v4;
    size_t n_reserved = v6 ? ARRAY_LEN(not_public_v6) : ARRAY_LEN(not_public_v4), count = 0;
    struct cidr *sorted = alloc_get((n + n_reserved) * sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        if (all[i].v6 == v6)
            sorted[count++] = all[i];
    bool covered = false;
    if (count > 0) {
        for (size_t i = 0; i < n_reserved; i++)
            cidr_parse(str_of(reserved[i]), &sorted[count++]);
        qsort(sorted, count, sizeof(*sorted), compare_starts);
        uint8_t reached[16] = {0};
        for (size_t i = 0; i < count && !covered; i++) {
            uint8_t after[16];
            if (memcmp(sorted[i].bytes, reached, 16) > 0)
                break;
            if (!next_after(&sorted[i], after))
                covered = true;
            else if (memcmp(after, reached, 16) > 0)
                memcpy(reached, after, 16);
        }
    }
    alloc_put(sorted, (n + n_reserved) * sizeof(*sorted));
    return covered;
}
