/* cidr.h - IPv4 and IPv6 prefixes: parsing, containment, and whether a list of them adds up to everything. */
#ifndef ANALYSIS_CIDR_H
#define ANALYSIS_CIDR_H

#include "base/str.h"

struct cidr {
    bool v6;
    uint8_t bytes[16]; /* IPv4: the first four */
    unsigned bits;     /* prefix length */
};

bool cidr_parse(str text, struct cidr *ret); /* an address alone is a /32 or /128 */
bool cidr_is_any(const struct cidr *c);      /* /0 */
bool cidr_contains(const struct cidr *outer, const struct cidr *inner);
bool cidr_is_private(const struct cidr *c); /* wholly in RFC 1918, 6598, 4193, link-local or loopback space */
/* Do the prefixes of one family cover the whole public address space (0.0.0.0/1 and 128.0.0.0/1 do, and
 * so do lists that leave out private and reserved ranges only)? */
bool cidr_cover_everything(const struct cidr *all, size_t n, bool v6);

#endif
