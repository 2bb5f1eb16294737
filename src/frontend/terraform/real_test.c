#include "frontend/terraform/real.h"

#include <float.h>
#include <math.h>

#include "base/testing.h"

/* Against the mathematics library: the last digit may differ. */
static void expect_near(double got, double want, double ulps)
{
    if (fabs(got - want) > ulps * DBL_EPSILON * fabs(want))
        fail_msg("%.17g is not %.17g", got, want);
}

static void test_real__logarithms(void **state)
{
    (void)state;
    for (double x = 1e-300; x < 1e300; x *= 1.37)
        expect_near(real_log(x), log(x), 1);
    for (int i = 1; i < 2000; i++)
        expect_near(real_log(i), log(i), 1);
    assert_true(real_log(1) == 0);
    assert_true(isinf(real_log(0)) && real_log(0) < 0);
    assert_true(isinf(real_log(INFINITY)));
    assert_true(isnan(real_log(-1)));
}

static void test_real__powers(void **state)
{
    (void)state;
    for (double x = 0.01; x < 100; x *= 1.7)
        for (double y = -9.75; y < 10; y += 0.25)
            expect_near(real_power(x, y), pow(x, y), 16);
    assert_true(real_power(2, 10) == 1024);
    assert_true(real_power(-3, 3) == -27);
    assert_true(real_power(10, -2) == 0.01);
}

/* Where there is nothing to round both are the same. */
static void test_real__powers_at_the_ends(void **state)
{
    (void)state;
    static const double ends[] = {0,   -0.0,  1,   -1,     2,      -2,      0.5,  -0.5,   INFINITY, -INFINITY,
                                  NAN, 1e300, 3.5, 1e-300, 9.3e18, -9.3e18, 1e16, -1e300, -3,       DBL_MIN};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
            double got = real_power(ends[i], ends[k]), want = pow(ends[i], ends[k]);
            if (isnan(ends[i]) || isnan(ends[k]))
                assert_true(isnan(got));
            else if (isnan(want) || isinf(want) || !(fabs(want) > 0))
                assert_true((isnan(got) && isnan(want)) || (got == want && signbit(got) == signbit(want)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real__logarithms),
        cmocka_unit_test(test_real__powers),
        cmocka_unit_test(test_real__powers_at_the_ends),
    };
    return cmocka_run_group_tests_name("real", tests, NULL, NULL);
}
