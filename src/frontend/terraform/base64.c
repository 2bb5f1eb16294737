#include "frontend/terraform/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

str base64_encode(struct arena *a, str bytes)
{
    char *out = arena_alloc(a, bytes.n / 3 * 4 + 8);
    size_t n = 0;
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint32_t word = 0;
        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (i + k < bytes.n ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            out[n++] = i + k > bytes.n ? '=' : digits[word >> (18 - 6 * k) & 63];
    }
    return (str){out, n};
}

bool base64_decode(struct arena *a, str text, str *ret)
{
    char *out = arena_alloc(a, text.n / 4 * 3 + 4);
    size_t n = 0, have = 0, padding = 0;
    uint32_t word = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        const char *at = c ? strchr(digits, c) : NULL;
        if (c == '\n' || c == '\r')
            continue;
        if (c == '=' && have >= 2)
            padding++;
        else if (!at || padding)
            return false;
        word = word << 6 | (at ? (uint32_t)(at - digits) : 0);
        if (++have < 4)
            continue;
        for (size_t k = 0; k + padding < 3; k++)
            out[n++] = (char)(word >> (16 - 8 * k));
        have = 0;
        word = 0;
        if (padding > 2)
            return false;
    }
    *ret = (str){out, n};
    return have == 0;
}
