#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three bytes at `at` as four characters. */
static void encode_group(str bytes, size_t at, char ret[4])
{
    uint32_t word = 0;
    for (size_t k = 0; k < 3; k++)
        word = word << 8 | (at + k < bytes.n ? (unsigned char)bytes.p[at + k] : 0);
    for (size_t k = 0; k < 4; k++)
        ret[k] = at + k > bytes.n ? '=' : digits[word >> (18 - 6 * k) & 63];
}

str base64_encode(struct arena *a, str bytes)
{
    char *out = arena_alloc(a, bytes.n / 3 * 4 + 8);
    size_t n = 0;
    for (size_t i = 0; i < bytes.n; i += 3, n += 4)
        encode_group(bytes, i, out + n);
    return (str){out, n};
}

void base64_add(struct buf *out, str bytes)
{
    char group[4];
    for (size_t i = 0; i < bytes.n; i += 3) {
        encode_group(bytes, i, group);
        buf_add(out, (str){group, sizeof group});
    }
}

static bool is_skipped(char c, unsigned form)
{
    bool line = c == '\n' || c == '\r';
    return (line && form & (BASE64_LINES | BASE64_SPACES)) || ((c == ' ' || c == '\t') && form & BASE64_SPACES);
}

static bool refuse(size_t at, size_t *ret_bad)
{
    if (ret_bad)
        *ret_bad = at;
    return false;
}

/* -1: none of the digits. */
static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct arena *a, str text, unsigned form, str *ret, size_t *ret_bad)
{
    char *out = arena_alloc(a, text.n / 4 * 3 + 4);
    size_t n = 0, taken = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (is_skipped(c, form))
            continue;
        if (c == '=' && taken % 4 >= 2 && taken % 4 + padding < 4) {
            padding++;
            continue;
        }
        int value = digit_value(c);
        if (value < 0 || padding)
            return refuse(i, ret_bad);
        bits = bits << 6 | (uint32_t)value;
        if (taken++ % 4)
            out[n++] = (char)(unsigned char)(bits >> (6 - 2 * ((taken - 1) % 4)) & 0xFF);
    }
    bool whole = (taken + padding) % 4 == 0;
    bool may_end = form & BASE64_UNPADDED && !padding && taken % 4 != 1;
    if (!whole && !may_end)
        return refuse(text.n ? text.n - 1 : 0, ret_bad);
    *ret = (str){out, n};
    return true;
}
