#include "base/format.h"
#include "base/testing.h"

static size_t length(const char *fmt, ...) PRINTF_LIKE(1, 2);
static size_t length(const char *fmt, ...)
{
    va_list ap;
    size_t n;

    va_start(ap, fmt);
    n = format_length(fmt, ap);
    va_end(ap);
    return n;
}

/* The same text as printf's. */
static void check(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void check(const char *fmt, ...)
{
    char want[200], got[200];
    va_list ap, again, last;

    va_start(ap, fmt);
    va_copy(again, ap);
    va_copy(last, ap);
    vsnprintf(want, sizeof(want), fmt, ap);
    assert_int_equal(format_length(fmt, again), strlen(want));
    memset(got, 'x', sizeof(got));
    format_write(got, fmt, last);
    assert_string_equal(got, want);
    va_end(last);
    va_end(again);
    va_end(ap);
}

static void test_format__is_what_printf_prints(void **state)
{
    (void)state;
    check("%s", "");
    check("plain");
    check("%.*s.%.*s", 3, "abcdef", 0, "x");
    check("%.*s|", 9, "ab\0cd");
    check("100%% of %u, %zu%c", 0u, (size_t)SIZE_MAX, 'x');
    check("%s%s%u", "a", "b", UINT32_MAX);
}

static void test_format__leaves_the_rest_to_printf(void **state)
{
    (void)state;
    assert_int_equal(length("%5u", 1u), SIZE_MAX);
    assert_int_equal(length("%s %d", "a", 1), SIZE_MAX);
    assert_int_equal(length("%-30s", "a"), SIZE_MAX);
    assert_int_equal(length("%.3s", "abcdef"), SIZE_MAX);
    assert_int_equal(length("%.*s", -1, "abc"), SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_format__is_what_printf_prints),
        TEST(test_format__leaves_the_rest_to_printf),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
