#include "policy/cel_lexer.h"

#include <math.h>

struct unescape {
    str in;
    size_t at;
    bool bytes;
    char *out;
    size_t n;
    const char *message;
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool put(struct unescape *u, uint32_t code)
{
    if (u->bytes) {
        u->out[u->n++] = (char)(unsigned char)code;
        return true;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        u->message = "an escape that is no Unicode character";
        return false;
    }
    char encoded[4];
    size_t n = utf8_encode(code, encoded);
    memcpy(u->out + u->n, encoded, n);
    u->n += n;
    return true;
}

static bool put_digits(struct unescape *u, size_t count, int base)
{
    uint32_t code = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = u->at < u->in.n ? hex_value(u->in.p[u->at]) : -1;
        if (digit < 0 || digit >= base) {
            u->message =
                base == 8 ? "an octal escape has three digits: \\177" : "an escape has too few hexadecimal digits";
            return false;
        }
        code = code * (uint32_t)base + (uint32_t)digit;
        u->at++;
    }
    return put(u, code);
}

/* At the character after the backslash. */
static bool put_escape(struct unescape *u)
{
    static const char names[] = "abfnrtv\\?\"'`", meanings[] = "\a\b\f\n\r\t\v\\?\"'`";
    char c = u->in.p[u->at];
    const char *named = memchr(names, c, sizeof names - 1);
    if (named) {
        u->at++;
        return put(u, (unsigned char)meanings[named - names]);
    }
    if (c >= '0' && c <= '3')
        return put_digits(u, 3, 8);
    if (c == 'x' || c == 'X') {
        u->at++;
        return put_digits(u, 2, 16);
    }
    if ((c == 'u' || c == 'U') && !u->bytes) {
        u->at++;
        return put_digits(u, c == 'u' ? 4 : 8, 16);
    }
    u->message = "an unknown escape; a backslash as such is '\\\\', or write the string raw: r'...'";
    return false;
}

static void put_raw(struct unescape *u)
{
    u->out[u->n++] = u->in.p[u->at++];
}

bool cel_parse_string(struct arena *a, const struct cel_token *t, struct cel_value *ret, const char **ret_message,
                      uint32_t *ret_at)
{
    str s = t->text;
    bool raw = false, bytes = false;
    while (s.n && s.p[0] != '"' && s.p[0] != '\'') {
        raw |= s.p[0] == 'r' || s.p[0] == 'R';
        bytes |= s.p[0] == 'b' || s.p[0] == 'B';
        s = str_slice(s, 1, s.n);
    }
    size_t quotes = s.n >= 6 && s.p[0] == s.p[1] && s.p[0] == s.p[2] ? 3 : 1;
    struct unescape u = {.in = str_slice(s, quotes, s.n - quotes), .bytes = bytes};
    /* No escape is longer than its text. */
    u.out = arena_alloc(a, u.in.n + 1);
    while (u.at < u.in.n) {
        if (raw || u.in.p[u.at] != '\\') {
            put_raw(&u);
            continue;
        }
        size_t from = u.at++;
        if (u.at >= u.in.n || !put_escape(&u)) {
            *ret_message = u.message ? u.message : "a backslash at the end of a string";
            *ret_at = (uint32_t)((size_t)(u.in.p - t->text.p) + from) + t->start;
            return false;
        }
    }
    str text = {u.out, u.n};
    *ret = bytes ? cel_bytes(text) : cel_string(text);
    return true;
}

static bool parse_digits(str s, uint64_t *ret)
{
    bool hex = s.n > 2 && (s.p[1] == 'x' || s.p[1] == 'X');
    uint64_t base = hex ? 16 : 10, value = 0;
    for (size_t i = hex ? 2 : 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)hex_value(s.p[i]);
        if (value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *ret = value;
    return true;
}

bool cel_parse_number(const struct cel_token *t, bool negative, struct cel_value *ret, const char **ret_message)
{
    uint64_t digits = 0;
    if (t->kind == CEL_TOKEN_DOUBLE) {
        char text[512];
        if (t->text.n >= sizeof text) {
            *ret_message = "a number of over 500 digits";
            return false;
        }
        memcpy(text, t->text.p, t->text.n);
        text[t->text.n] = '\0';
        double d = strtod(text, NULL);
        if (isinf(d)) {
            *ret_message = "the number is too large for a double";
            return false;
        }
        *ret = cel_double(negative ? -d : d);
        return true;
    }
    bool fits = parse_digits(t->text, &digits);
    if (t->kind == CEL_TOKEN_UINT) {
        *ret_message = "the number is too large for a uint";
        *ret = cel_uint(digits);
        return fits;
    }
    *ret_message = "the number is too large for an int; a larger one is a uint (1u) or a double (1.0)";
    if (!fits || digits > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *ret = cel_int(negative ? (int64_t)(0 - digits) : (int64_t)digits);
    return true;
}
