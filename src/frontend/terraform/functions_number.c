#include <math.h>

#include "frontend/terraform/function.h"
#include "frontend/terraform/real.h"

static const struct value *result(struct call *c, const struct number *n)
{
    return number_value(c->arena, n, c->origin);
}

static const struct value *fn_abs(struct call *c)
{
    struct number n;
    number_from_value(c->arg[0], &n);
    n.negative = false;
    return result(c, &n);
}

static const struct value *fn_ceil(struct call *c)
{
    struct number n, up;
    number_from_value(c->arg[0], &n);
    number_ceiling(&n, &up);
    return result(c, &up);
}

static const struct value *fn_floor(struct call *c)
{
    struct number n, down;
    number_from_value(c->arg[0], &n);
    number_floor(&n, &down);
    return result(c, &down);
}

static const struct value *fn_signum(struct call *c)
{
    double d = c->arg[0]->u.number.value;
    const struct value *failure;
    int64_t whole;
    if (!function_int(c, 0, &whole, &failure))
        return failure;
    return value_number(c->arena, d > 0 ? 1 : d < 0 ? -1 : 0, c->origin);
}

static const struct value *extreme(struct call *c, int sign)
{
    const struct value *best = c->arg[0];
    for (size_t i = 1; i < c->n; i++) {
        if (tf_compare_numbers(c->arg[i], best) * sign > 0)
            best = c->arg[i];
    }
    struct number n;
    number_from_value(best, &n);
    return result(c, &n);
}

static const struct value *fn_max(struct call *c)
{
    return extreme(c, 1);
}

static const struct value *fn_min(struct call *c)
{
    return extreme(c, -1);
}

static const struct value *fn_log(struct call *c)
{
    double x = c->arg[0]->u.number.value, base = c->arg[1]->u.number.value;
    if (x < 0 || base < 0)
        return function_fail(c, "the logarithm of a negative number is not a number");
    double d = real_log(x) / real_log(base);
    if (isnan(d))
        return function_fail(c, "the result is not a number");
    return value_number(c->arena, d, c->origin);
}

static bool is(double a, double b)
{
    return !(a < b) && !(a > b);
}

static const struct value *fn_pow(struct call *c)
{
    double x = c->arg[0]->u.number.value, y = c->arg[1]->u.number.value, d;
    if (is(y, 0) || is(x, 1))
        d = 1;
    else if (is(y, 1))
        d = x;
    else if (is(y, 0.5))
        d = sqrt(x);
    else if (is(y, -0.5))
        d = 1 / sqrt(x);
    else
        d = real_power(x, y);
    if (isnan(d))
        return function_fail(c, "the result is not a number");
    return value_number(c->arena, d, c->origin);
}

static const struct value *fn_parseint(struct call *c)
{
    const struct value *failure;
    int64_t base;
    struct number n;
    struct type_conversion to = {.arena = c->arena};
    const struct value *text = type_convert(&to, c->arg[0], &type_string);
    if (!text || c->arg[0]->kind != VALUE_STRING)
        return function_fail(c, "the first argument must be a string");
    if (!function_int(c, 1, &base, &failure))
        return failure;
    if (base < 2 || base > 62)
        return function_fail(c, "the base must be between 2 and 62");
    if (!number_parse_base(text->u.string, (unsigned)base, &n))
        return function_fail(c, "\"" STR_FMT "\" is no whole number in base %lld", STR_ARG(text->u.string),
                             (long long)base);
    return result(c, &n);
}

static const struct value *fn_sum(struct call *c)
{
    struct number total, n, next;
    const struct value *list = c->arg[0];
    if (list->kind != VALUE_LIST || list->u.list.n == 0)
        return function_fail(c, "a list of numbers that is not empty is required");
    number_from_int(0, &total);
    for (size_t i = 0; i < list->u.list.n; i++) {
        struct type_conversion to = {.arena = c->arena};
        const struct value *v = type_convert(&to, list->u.list.item[i], &type_number);
        if (!v || v->kind != VALUE_NUMBER)
            return function_fail(c, "an element is not a number");
        number_from_value(v, &n);
        if (!number_add(&total, &n, &next))
            return function_fail(c, "infinities of both signs cannot be added");
        total = next;
    }
    return result(c, &total);
}

const struct function functions_number[] = {
    {"abs", "n", fn_abs, 0},       {"ceil", "n", fn_ceil, 0}, {"floor", "n", fn_floor, 0},
    {"signum", "n", fn_signum, 0}, {"max", "nn*", fn_max, 0}, {"min", "nn*", fn_min, 0},
    {"log", "nn", fn_log, 0},      {"pow", "nn", fn_pow, 0},  {"parseint", "an", fn_parseint, 0},
    {"sum", "l", fn_sum, FN_DEEP}, {NULL, NULL, NULL, 0},
};
