#include "policy/cel_internal.h"

#include <math.h>

/* ---- extremes ---- */

/* The first argument that is not beaten; `sign` 1: greatest, -1: least. */
static struct cel_value extreme(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n,
                                int sign)
{
    struct cel_value best = cel_null(), list = arg[0];
    bool one_list = n == 1 && list.kind == CEL_LIST;
    size_t count = one_list ? cel_list_size(&list) : n;
    if (count == 0)
        return cel_error(c, "%s() of an empty list", name);
    for (size_t i = 0; i < count && cel_spend(c, 1); i++) {
        struct cel_value v = one_list ? cel_list_at(c, &list, i) : arg[i];
        int order = 1;
        if (!cel_is_number(&v))
            return cel_no_overload(c, name, &v, 1);
        if (i > 0)
            cel_compare(&v, &best, &order);
        if (i == 0 || (order != 2 && order * sign > 0))
            best = v;
    }
    return best;
}

static struct cel_value greatest(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return extreme(c, "math.greatest", arg, n, 1);
}

static struct cel_value least(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return extreme(c, "math.least", arg, n, -1);
}

/* ---- rounding ---- */

static struct cel_value rounding(struct cel_context *c, const char *name, const struct cel_value *v,
                                 double (*fn)(double))
{
    if (v->kind == CEL_DOUBLE)
        return cel_double(fn(v->u.d));
    if (v->kind == CEL_INT && (v->flags & CEL_LAX))
        return cel_double((double)v->u.i);
    return cel_no_overload(c, name, v, 1);
}

static struct cel_value math_ceil(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return rounding(c, "math.ceil", arg, ceil);
}

static struct cel_value math_floor(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return rounding(c, "math.floor", arg, floor);
}

/* The difference is exact. */
static double half_away_from_zero(double d)
{
    double whole = trunc(d);
    return fabs(d - whole) < 0.5 || isinf(d) ? whole : whole + copysign(1, d);
}

static struct cel_value math_round(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return rounding(c, "math.round", arg, half_away_from_zero);
}

static struct cel_value math_trunc(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return rounding(c, "math.trunc", arg, trunc);
}

static struct cel_value math_abs(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    switch (arg[0].kind) {
    case CEL_UINT:
        return arg[0];
    case CEL_DOUBLE:
        return cel_double(fabs(arg[0].u.d));
    case CEL_INT:
        if (arg[0].u.i == INT64_MIN)
            return cel_error(c, "integer overflow");
        return cel_int(arg[0].u.i < 0 ? -arg[0].u.i : arg[0].u.i);
    default:
        return cel_no_overload(c, "math.abs", arg, n);
    }
}

static struct cel_value math_sign(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    switch (arg[0].kind) {
    case CEL_UINT:
        return cel_uint(arg[0].u.u > 0);
    case CEL_DOUBLE:
        return isnan(arg[0].u.d) ? arg[0] : cel_double((arg[0].u.d > 0) - (arg[0].u.d < 0));
    case CEL_INT:
        return cel_int((arg[0].u.i > 0) - (arg[0].u.i < 0));
    default:
        return cel_no_overload(c, "math.sign", arg, n);
    }
}

static struct cel_value math_sqrt(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    switch (arg[0].kind) {
    case CEL_UINT:
        return cel_double(sqrt((double)arg[0].u.u));
    case CEL_INT:
        return cel_double(sqrt((double)arg[0].u.i));
    case CEL_DOUBLE:
        return cel_double(sqrt(arg[0].u.d));
    default:
        return cel_no_overload(c, "math.sqrt", arg, n);
    }
}

/* ---- classes of doubles ---- */

static struct cel_value is_nan(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return arg[0].kind == CEL_DOUBLE ? cel_bool(isnan(arg[0].u.d)) : cel_no_overload(c, "math.isNaN", arg, n);
}

static struct cel_value is_inf(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return arg[0].kind == CEL_DOUBLE ? cel_bool(isinf(arg[0].u.d)) : cel_no_overload(c, "math.isInf", arg, n);
}

static struct cel_value is_finite(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return arg[0].kind == CEL_DOUBLE ? cel_bool(isfinite(arg[0].u.d)) : cel_no_overload(c, "math.isFinite", arg, n);
}

/* ---- bits ---- */

enum bit_op { BIT_AND, BIT_OR, BIT_XOR, BIT_LEFT, BIT_RIGHT };

static uint64_t bits(enum bit_op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case BIT_AND:
        return a & b;
    case BIT_OR:
        return a | b;
    case BIT_XOR:
        return a ^ b;
    case BIT_LEFT:
        return b > 63 ? 0 : a << b;
    default:
        return b > 63 ? 0 : a >> b;
    }
}

static struct cel_value bitwise(struct cel_context *c, const char *name, enum bit_op op, const struct cel_value *arg)
{
    bool shift = op >= BIT_LEFT;
    if ((arg[0].kind != CEL_INT && arg[0].kind != CEL_UINT) ||
        (shift ? arg[1].kind != CEL_INT : arg[1].kind != arg[0].kind))
        return cel_no_overload(c, name, arg, 2);
    if (shift && arg[1].u.i < 0)
        return cel_error(c, "%s() negative offset: %lld", name, (long long)arg[1].u.i);
    uint64_t b = arg[1].kind == CEL_INT ? (uint64_t)arg[1].u.i : arg[1].u.u;
    if (arg[0].kind == CEL_UINT)
        return cel_uint(bits(op, arg[0].u.u, b));
    return cel_int((int64_t)bits(op, (uint64_t)arg[0].u.i, b));
}

static struct cel_value bit_and(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return bitwise(c, "math.bitAnd", BIT_AND, arg);
}

static struct cel_value bit_or(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return bitwise(c, "math.bitOr", BIT_OR, arg);
}

static struct cel_value bit_xor(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return bitwise(c, "math.bitXor", BIT_XOR, arg);
}

static struct cel_value bit_left(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return bitwise(c, "math.bitShiftLeft", BIT_LEFT, arg);
}

static struct cel_value bit_right(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return bitwise(c, "math.bitShiftRight", BIT_RIGHT, arg);
}

static struct cel_value bit_not(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind == CEL_INT)
        return cel_int(~arg[0].u.i);
    return arg[0].kind == CEL_UINT ? cel_uint(~arg[0].u.u) : cel_no_overload(c, "math.bitNot", arg, n);
}

static const struct cel_function functions[] = {
    {"math.greatest", CEL_GLOBAL | CEL_ALL_KNOWN, 1, UINT8_MAX, greatest, "math.greatest(number...|list) -> number",
     "The greatest of its arguments, or of a list.", NULL, "math.greatest(1, 3, 2) == 3"},
    {"math.least", CEL_GLOBAL | CEL_ALL_KNOWN, 1, UINT8_MAX, least, "math.least(number...|list) -> number",
     "The least of its arguments, or of a list.", NULL, "math.least([4, 2.5]) == 2.5"},
    {"math.ceil", CEL_GLOBAL, 1, 1, math_ceil, "math.ceil(double) -> double", "Rounded up.", NULL,
     "math.ceil(1.2) == 2.0"},
    {"math.floor", CEL_GLOBAL, 1, 1, math_floor, "math.floor(double) -> double", "Rounded down.", NULL,
     "math.floor(1.8) == 1.0"},
    {"math.round", CEL_GLOBAL, 1, 1, math_round, "math.round(double) -> double", "Rounded, halves away from zero.",
     NULL, "math.round(1.5) == 2.0"},
    {"math.trunc", CEL_GLOBAL, 1, 1, math_trunc, "math.trunc(double) -> double", "Without its fraction.", NULL,
     "math.trunc(-1.9) == -1.0"},
    {"math.abs", CEL_GLOBAL, 1, 1, math_abs, "math.abs(number) -> number", "Without its sign.", NULL,
     "math.abs(-7) == 7"},
    {"math.sign", CEL_GLOBAL, 1, 1, math_sign, "math.sign(number) -> number", "-1, 0 or 1.", NULL,
     "math.sign(-42) == -1"},
    {"math.sqrt", CEL_GLOBAL, 1, 1, math_sqrt, "math.sqrt(number) -> double", "The square root.", NULL,
     "math.sqrt(81) == 9.0"},
    {"math.isNaN", CEL_GLOBAL, 1, 1, is_nan, "math.isNaN(double) -> bool", "Whether it is no number.", NULL,
     "math.isNaN(0.0 / 0.0)"},
    {"math.isInf", CEL_GLOBAL, 1, 1, is_inf, "math.isInf(double) -> bool", "Whether it is infinite.", NULL,
     "math.isInf(1.0 / 0.0)"},
    {"math.isFinite", CEL_GLOBAL, 1, 1, is_finite, "math.isFinite(double) -> bool", "Whether it is an ordinary number.",
     NULL, "math.isFinite(1.5)"},
    {"math.bitAnd", CEL_GLOBAL, 2, 2, bit_and, "math.bitAnd(int, int) -> int",
     "Bits that both have; also of two uints.", NULL, "math.bitAnd(3, 5) == 1"},
    {"math.bitOr", CEL_GLOBAL, 2, 2, bit_or, "math.bitOr(int, int) -> int", "Bits that one has; also of two uints.",
     NULL, "math.bitOr(1u, 4u) == 5u"},
    {"math.bitXor", CEL_GLOBAL, 2, 2, bit_xor, "math.bitXor(int, int) -> int", "Bits that differ; also of two uints.",
     NULL, "math.bitXor(1, 3) == 2"},
    {"math.bitNot", CEL_GLOBAL, 1, 1, bit_not, "math.bitNot(int) -> int", "All bits turned over; also of a uint.", NULL,
     "math.bitNot(0) == -1"},
    {"math.bitShiftLeft", CEL_GLOBAL, 2, 2, bit_left, "math.bitShiftLeft(int, int) -> int",
     "Bits moved up; 0 from 64 on.", NULL, "math.bitShiftLeft(1, 4) == 16"},
    {"math.bitShiftRight", CEL_GLOBAL, 2, 2, bit_right, "math.bitShiftRight(int, int) -> int",
     "Bits moved down, zeros come in; 0 from 64 on.", NULL, "math.bitShiftRight(1024, 2) == 256"},
};

const struct cel_function_table cel_math_functions = {"Numbers", functions, ARRAY_LEN(functions)};
