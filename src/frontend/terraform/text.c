#include "frontend/terraform/text.h"

static bool between(uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

static bool extends(uint32_t c)
{
    return between(c, 0x300, 0x36f) || between(c, 0x483, 0x489) || between(c, 0x591, 0x5bd) ||
           between(c, 0x64b, 0x65f) || between(c, 0x93c, 0x94d) || between(c, 0x1ab0, 0x1aff) ||
           between(c, 0x1dc0, 0x1dff) || between(c, 0x20d0, 0x20ff) || between(c, 0xfe00, 0xfe0f) ||
           between(c, 0xfe20, 0xfe2f) || between(c, 0x1f3fb, 0x1f3ff) || between(c, 0xe0020, 0xe007f) || c == 0x200d;
}

size_t text_cluster(str s, size_t at)
{
    size_t len, next;
    uint32_t c = utf8_at(s, at, &len);
    bool joined = false, flag = between(c, 0x1f1e6, 0x1f1ff);
    if (c == '\r' && at + 1 < s.n && s.p[at + 1] == '\n')
        return 2;
    while (at + len < s.n) {
        uint32_t d = utf8_at(s, at + len, &next);
        bool second_of_flag = flag && between(d, 0x1f1e6, 0x1f1ff);
        if (!extends(d) && !joined && !second_of_flag)
            break;
        flag = false;
        joined = d == 0x200d;
        len += next;
    }
    return len;
}

size_t text_clusters(str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n; n++)
        at += text_cluster(s, at);
    return n;
}

/* Pairs of letters that stand side by side, capital first. */
static bool paired(uint32_t c, bool *ret_capital)
{
    bool even_first = between(c, 0x100, 0x137) || between(c, 0x14a, 0x177) || between(c, 0x1e00, 0x1e95) ||
                      between(c, 0x1ea0, 0x1eff) || between(c, 0x460, 0x481) || between(c, 0x48a, 0x4bf) ||
                      between(c, 0x4d0, 0x52f) || between(c, 0x370, 0x373) || between(c, 0x3d8, 0x3ef);
    bool odd_first = between(c, 0x139, 0x148) || between(c, 0x179, 0x17e) || between(c, 0x4c1, 0x4ce);
    if (c == 0x130 || c == 0x131)
        return false;
    *ret_capital = even_first ? c % 2 == 0 : c % 2 == 1;
    return even_first || odd_first;
}

uint32_t text_upper(uint32_t c)
{
    bool capital;
    if (between(c, 'a', 'z') || (between(c, 0xe0, 0xfe) && c != 0xf7) || between(c, 0x3b1, 0x3c9) ||
        between(c, 0x430, 0x44f) || between(c, 0xff41, 0xff5a))
        return c == 0x3c2 ? 0x3a3 : c - 0x20;
    if (c == 0xff)
        return 0x178;
    if (c == 0xb5)
        return 0x39c;
    if (c == 0x131)
        return 'I';
    if (c == 0x17f)
        return 'S';
    if (between(c, 0x450, 0x45f))
        return c - 0x50;
    if (between(c, 0x561, 0x586))
        return c - 0x30;
    if (c == 0x3ac)
        return 0x386;
    if (between(c, 0x3ad, 0x3af))
        return c - 37;
    return paired(c, &capital) && !capital ? c - 1 : c;
}

uint32_t text_lower(uint32_t c)
{
    bool capital;
    if (between(c, 'A', 'Z') || (between(c, 0xc0, 0xde) && c != 0xd7) || (between(c, 0x391, 0x3a9) && c != 0x3a2) ||
        between(c, 0x410, 0x42f) || between(c, 0xff21, 0xff3a))
        return c + 0x20;
    if (c == 0x178)
        return 0xff;
    if (c == 0x130)
        return 'i';
    if (between(c, 0x400, 0x40f))
        return c + 0x50;
    if (between(c, 0x531, 0x556))
        return c + 0x30;
    if (c == 0x386)
        return 0x3ac;
    if (between(c, 0x388, 0x38a))
        return c + 37;
    return paired(c, &capital) && capital ? c + 1 : c;
}

bool text_is_letter_or_digit(uint32_t c)
{
    if (c < 0x80)
        return between(c, '0', '9') || between(c, 'a', 'z') || between(c, 'A', 'Z');
    return c >= 0xaa && !between(c, 0xab, 0xb4) && !between(c, 0xb6, 0xb9) && !between(c, 0xbb, 0xbf) && c != 0xd7 &&
           c != 0xf7 && !between(c, 0x2000, 0x206f) && !between(c, 0x2190, 0x2bff) && !between(c, 0x3000, 0x3004) &&
           !between(c, 0x300, 0x36f) && !between(c, 0x1f000, 0x1faff);
}

bool text_is_space(uint32_t c)
{
    return between(c, '\t', '\r') || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || between(c, 0x2000, 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Accents: letters, and what they become. */
static uint32_t composed(uint32_t base, uint32_t accent)
{
    static const struct {
        uint32_t accent;
        const char *letters;
        uint32_t result[20];
    } table[] = {
        {0x300, "AEIOUaeiouNn", {0xc0, 0xc8, 0xcc, 0xd2, 0xd9, 0xe0, 0xe8, 0xec, 0xf2, 0xf9, 0x1f8, 0x1f9}},
        {0x301, "AEIOUYaeiouyCcNnSsZz", {0xc1, 0xc9, 0xcd,  0xd3,  0xda,  0xdd,  0xe1,  0xe9,  0xed,  0xf3,
                                         0xfa, 0xfd, 0x106, 0x107, 0x143, 0x144, 0x15a, 0x15b, 0x179, 0x17a}},
        {0x302,
         "AEIOUaeiouCcGg",
         {0xc2, 0xca, 0xce, 0xd4, 0xdb, 0xe2, 0xea, 0xee, 0xf4, 0xfb, 0x108, 0x109, 0x11c, 0x11d}},
        {0x303, "AONaonIiUu", {0xc3, 0xd5, 0xd1, 0xe3, 0xf5, 0xf1, 0x128, 0x129, 0x168, 0x169}},
        {0x308, "AEIOUaeiouyY", {0xc4, 0xcb, 0xcf, 0xd6, 0xdc, 0xe4, 0xeb, 0xef, 0xf6, 0xfc, 0xff, 0x178}},
        {0x30a, "AaUu", {0xc5, 0xe5, 0x16e, 0x16f}},
        {0x327, "CcSs", {0xc7, 0xe7, 0x15e, 0x15f}},
        {0x30c, "CcSsZzEeRrNn", {0x10c, 0x10d, 0x160, 0x161, 0x17d, 0x17e, 0x11a, 0x11b, 0x158, 0x159, 0x147, 0x148}},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *found =
            base && base < 0x80 && table[i].accent == accent ? strchr(table[i].letters, (int)base) : NULL;
        if (found)
            return table[i].result[found - table[i].letters];
    }
    return 0;
}

str text_compose(struct arena *a, str s)
{
    bool accents = false;
    for (size_t i = 0; i + 1 < s.n && !accents; i++)
        accents = (unsigned char)s.p[i] == 0xcc || (unsigned char)s.p[i] == 0xcd;
    if (!accents)
        return s;
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t at = 0, len, next; at < s.n;) {
        uint32_t c = utf8_at(s, at, &len);
        at += len;
        uint32_t one = at < s.n ? composed(c, utf8_at(s, at, &next)) : 0;
        if (one)
            at += next;
        buf_add_utf8(&out, one ? one : c);
    }
    str made = buf_copy(&out, a);
    buf_release(&out);
    return made;
}
