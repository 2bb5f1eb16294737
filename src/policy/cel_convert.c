/* Conversions between types, and the texts of values. */
#include "policy/cel_internal.h"

#include <math.h>

/* ---- doubles as text ---- */

bool cel_parse_double(str s, double *ret)
{
    char text[400];
    str digits = s.n && (s.p[0] == '-' || s.p[0] == '+') ? str_slice(s, 1, s.n) : s;
    bool negative = s.n && s.p[0] == '-';
    if (str_eq_nocase(digits, STR("infinity")) || str_eq_nocase(digits, STR("inf"))) {
        *ret = negative ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    if (str_eq_nocase(s, STR("nan"))) {
        *ret = (double)NAN;
        return true;
    }
    if (digits.n == 0 || digits.n >= sizeof text - 1)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        if (!(c >= '0' && c <= '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-')
            return false;
    }
    if (digits.p[0] == '+' || digits.p[0] == '-')
        return false;
    memcpy(text, digits.p, digits.n);
    text[digits.n] = '\0';
    char *end;
    double d = strtod(text, &end);
    if (*end != '\0' || isinf(d))
        return false;
    *ret = negative ? -d : d;
    return true;
}

/* The fewest digits that give the same number: plain from 1e-5 to 1e21, else with an exponent. */
str cel_double_text(struct arena *a, double d)
{
    char text[64], digits[32];
    if (isnan(d))
        return STR("NaN");
    if (isinf(d))
        return d < 0 ? STR("-Infinity") : STR("Infinity");
    int precision = 0;
    do {
        snprintf(text, sizeof text, "%.*e", precision, d);
    } while (strtod(text, NULL) != d && ++precision <= 17);
    const char *e = strchr(text, 'e');
    int exponent = (int)strtol(e + 1, NULL, 10), n = 0;
    const char *sign = text[0] == '-' ? "-" : "";
    for (const char *p = text; p < e; p++) {
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    }
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (exponent < -4 || exponent >= 21)
        return n == 1 ? arena_printf(a, "%s%ce%+03d", sign, digits[0], exponent)
                      : arena_printf(a, "%s%c.%.*se%+03d", sign, digits[0], n - 1, digits + 1, exponent);
    if (exponent < 0)
        return arena_printf(a, "%s0.%.*s%.*s", sign, -exponent - 1, "000", n, digits);
    if (n <= exponent + 1)
        return arena_printf(a, "%s%.*s%.*s", sign, n, digits, exponent + 1 - n, "00000000000000000000000");
    return arena_printf(a, "%s%.*s.%.*s", sign, exponent + 1, digits, n - exponent - 1, digits + exponent + 1);
}

bool cel_to_text(struct cel_context *c, const struct cel_value *v, str *ret)
{
    size_t bad;
    switch (v->kind) {
    case CEL_STRING:
        *ret = v->u.text;
        return true;
    case CEL_BYTES:
        *ret = v->u.text;
        return str_is_utf8(v->u.text, &bad);
    case CEL_BOOL:
        *ret = v->u.boolean ? STR("true") : STR("false");
        return true;
    case CEL_INT:
        *ret = arena_printf(c->arena, "%lld", (long long)v->u.i);
        return true;
    case CEL_UINT:
        *ret = arena_printf(c->arena, "%llu", (unsigned long long)v->u.u);
        return true;
    case CEL_DOUBLE:
        *ret = cel_double_text(c->arena, v->u.d);
        return true;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        *ret = cel_time_text(c->arena, v);
        return true;
    default:
        return false;
    }
}

/* ---- conversions ---- */

static struct cel_value cannot(struct cel_context *c, const char *to, const struct cel_value *v)
{
    str text = STR("(sensitive)");
    if (!(v->from && (v->from->flags & VALUE_SENSITIVE)))
        cel_to_text(c, v, &text);
    return cel_error(c, "cannot convert '" STR_FMT "' to %s", STR_ARG(str_slice(text, 0, 80)), to);
}

static struct cel_value range_error(struct cel_context *c, const char *to)
{
    return cel_error(c, "range error: the number does not fit into %s", to);
}

static struct cel_value to_int(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    int64_t i;
    switch (arg[0].kind) {
    case CEL_INT:
        return arg[0];
    case CEL_UINT:
        return arg[0].u.u > INT64_MAX ? range_error(c, "int") : cel_int((int64_t)arg[0].u.u);
    case CEL_DOUBLE:
        if (!(arg[0].u.d > -9223372036854775808.0 && arg[0].u.d < 9223372036854775808.0))
            return range_error(c, "int");
        return cel_int((int64_t)arg[0].u.d);
    case CEL_STRING:
        return str_to_int(arg[0].u.text, &i) ? cel_int(i) : cannot(c, "int", &arg[0]);
    case CEL_TIMESTAMP:
        return cel_int(arg[0].u.time.seconds);
    default:
        return cel_no_overload(c, "int", arg, n);
    }
}

static bool parse_uint(str s, uint64_t *ret)
{
    uint64_t u = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)(unsigned char)s.p[i] - '0';
        if (digit > 9 || u > (UINT64_MAX - digit) / 10)
            return false;
        u = u * 10 + digit;
    }
    *ret = u;
    return s.n > 0;
}

static struct cel_value to_uint(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    uint64_t u;
    switch (arg[0].kind) {
    case CEL_UINT:
        return arg[0];
    case CEL_INT:
        return arg[0].u.i < 0 ? range_error(c, "uint") : cel_uint((uint64_t)arg[0].u.i);
    case CEL_DOUBLE:
        if (!(arg[0].u.d >= 0 && arg[0].u.d < 18446744073709551616.0))
            return range_error(c, "uint");
        return cel_uint((uint64_t)arg[0].u.d);
    case CEL_STRING:
        return parse_uint(arg[0].u.text, &u) ? cel_uint(u) : cannot(c, "uint", &arg[0]);
    default:
        return cel_no_overload(c, "uint", arg, n);
    }
}

static struct cel_value to_double(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    double d;
    switch (arg[0].kind) {
    case CEL_DOUBLE:
        return arg[0];
    case CEL_INT:
        return cel_double((double)arg[0].u.i);
    case CEL_UINT:
        return cel_double((double)arg[0].u.u);
    case CEL_STRING:
        return cel_parse_double(arg[0].u.text, &d) ? cel_double(d) : cannot(c, "double", &arg[0]);
    default:
        return cel_no_overload(c, "double", arg, n);
    }
}

static struct cel_value to_string(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    str text;
    if (cel_to_text(c, &arg[0], &text))
        return cel_string(text);
    return arg[0].kind == CEL_BYTES ? cel_error(c, "invalid UTF-8 in bytes") : cel_no_overload(c, "string", arg, n);
}

static struct cel_value to_bytes(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_STRING && arg[0].kind != CEL_BYTES)
        return cel_no_overload(c, "bytes", arg, n);
    return cel_bytes(arg[0].u.text);
}

static struct cel_value to_bool(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    static const char *const yes[] = {"1", "t", "true", "TRUE", "True", "T"};
    static const char *const no[] = {"0", "f", "false", "FALSE", "False", "F"};
    if (arg[0].kind == CEL_BOOL)
        return arg[0];
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "bool", arg, n);
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (str_eq_c(arg[0].u.text, yes[i]))
            return cel_bool(true);
        if (str_eq_c(arg[0].u.text, no[i]))
            return cel_bool(false);
    }
    return cannot(c, "bool", &arg[0]);
}

static struct cel_value to_timestamp(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value v;
    switch (arg[0].kind) {
    case CEL_TIMESTAMP:
        return arg[0];
    case CEL_INT:
        return cel_time_make(arg[0].u.i, 0, &v) ? v : range_error(c, "timestamp");
    case CEL_STRING:
        return cel_time_parse(arg[0].u.text, &v) ? v : cannot(c, "timestamp", &arg[0]);
    default:
        return cel_no_overload(c, "timestamp", arg, n);
    }
}

static struct cel_value to_duration(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value v;
    switch (arg[0].kind) {
    case CEL_DURATION:
        return arg[0];
    case CEL_INT:
        return cel_duration_make(arg[0].u.i, 0, &v) ? v : range_error(c, "duration");
    case CEL_STRING:
        return cel_duration_parse(arg[0].u.text, &v) ? v : cannot(c, "duration", &arg[0]);
    default:
        return cel_no_overload(c, "duration", arg, n);
    }
}

static const struct cel_function functions[] = {
    {"int", CEL_GLOBAL, 1, 1, to_int, "int(uint|double|string|timestamp) -> int",
     "A whole number; a double loses its fraction, a number that does not fit is an error.", NULL, "int('42') == 42"},
    {"uint", CEL_GLOBAL, 1, 1, to_uint, "uint(int|double|string) -> uint", "An unsigned whole number.", NULL,
     "uint(3) == 3u"},
    {"double", CEL_GLOBAL, 1, 1, to_double, "double(int|uint|string) -> double", "A floating-point number.", NULL,
     "double('1.5') == 1.5"},
    {"string", CEL_GLOBAL, 1, 1, to_string, "string(any scalar) -> string", "The text of a scalar.", NULL,
     "string(123) == '123'"},
    {"bytes", CEL_GLOBAL, 1, 1, to_bytes, "bytes(string) -> bytes", "The UTF-8 bytes of a text.", NULL,
     "bytes('abc') == b'abc'"},
    {"bool", CEL_GLOBAL, 1, 1, to_bool, "bool(string) -> bool", "'true', 't', '1', 'false', 'f', '0' and capitals.",
     NULL, "bool('true')"},
    {"timestamp", CEL_GLOBAL, 1, 1, to_timestamp, "timestamp(string|int) -> timestamp",
     "A point in time, from RFC 3339 text or seconds since 1970.", NULL,
     "timestamp('1970-01-01T00:00:10Z') == timestamp(10)"},
    {"duration", CEL_GLOBAL, 1, 1, to_duration, "duration(string|int) -> duration",
     "A length of time, from text such as '1h30m' or seconds.", NULL, "duration('1h') == duration('3600s')"},
};

const struct cel_function_table cel_convert_functions = {"Conversions", functions, ARRAY_LEN(functions)};
