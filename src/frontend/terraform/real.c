#include "frontend/terraform/real.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The logarithm of 2: the product of the first part and an exponent is exact. */
static const long double LOG2_HIGH = 0x1.62e42fefap-1L, LOG2_LOW = 0x1.cf79abc9e3b39803f3p-40L;

/* Of x = m * 2^e with m near 1, as twice the area tangent of (m - 1) / (m + 1). */
static long double precise_log(double x)
{
    enum { TERMS = 16 };
    int e;
    long double m = frexp(x, &e);
    if (m < 0.70710678L) {
        m *= 2;
        e--;
    }
    long double z = (m - 1) / (m + 1), sum = 0;
    for (int i = TERMS; i-- > 0;)
        sum = sum * z * z + 1 / (long double)(2 * i + 1);
    return e * LOG2_HIGH + (e * LOG2_LOW + 2 * z * sum);
}

double real_log(double x)
{
    if (isnan(x) || x < 0)
        return NAN;
    if (isinf(x))
        return x;
    return x > 0 ? (double)precise_log(x) : -INFINITY;
}

/* e^x of an x that gives no overflow. */
static double exponential(double x)
{
    enum { TERMS = 20 };
    long double k = floor(x / (double)LOG2_HIGH + 0.5), r = x - k * LOG2_HIGH - k * LOG2_LOW, sum = 1;
    for (int i = TERMS; i > 0; i--)
        sum = sum * r / i + 1;
    return ldexp((double)sum, (int)k);
}

/* Where the power is 0, 1, infinite or no number. */
static double extreme_power(double x, double y)
{
    bool whole = isinf(y) || !(y > floor(y)), odd = whole && fabs(y) < 9007199254740992.0 && y / 2 > floor(y / 2);
    double size = fabs(x), sign = signbit(x) && odd ? -1 : 1;
    if (isnan(x) || isnan(y) || (x < 0 && !isinf(x) && !whole))
        return NAN;
    if (!(y < 0) && !(y > 0))
        return 1;
    if (!(size < 1) && !(size > 1))
        return sign;
    return (size > 1) == (y > 0) ? sign * INFINITY : sign * 0.0;
}

/* By repeated squaring, with the exponent apart. */
double real_power(double x, double y)
{
    double whole, fraction = modf(fabs(y), &whole);
    if (whole >= 9.2e18 || isinf(x) || isnan(x) || isnan(y) || !(fabs(x) > 0) || (x < 0 && fraction > 0))
        return extreme_power(x, y);
    double a = 1;
    int exponent = 0, e;
    if (fraction > 0) {
        if (fraction > 0.5) {
            fraction--;
            whole++;
        }
        a = exponential(fraction * real_log(x));
    }
    double m = frexp(x, &e);
    for (int64_t i = (int64_t)whole; i != 0; i >>= 1) {
        if (e < -4096 || e > 4096)
            return extreme_power(x, y);
        if (i & 1) {
            a *= m;
            exponent += e;
        }
        m *= m;
        e *= 2;
        if (m < 0.5 && m > -0.5) {
            m += m;
            e--;
        }
    }
    if (y < 0) {
        a = 1 / a;
        exponent = -exponent;
    }
    return ldexp(a, exponent);
}
