#include "base/format.h"
#include "base/testing.h"

static bool is_read(const char *fmt, ...) PRINTF_LIKE(1, 2);
static bool is_read(const char *fmt, ...)
{
    struct format f;
    va_list ap;
    bool read;

    va_start(ap, fmt);
    read = format_read(&f, fmt, ap);
    va_end(ap);
    return read;
}

/* The same text as printf's. */
static void check(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void check(const char *fmt, ...)
{
    char want[200], got[200];
    struct format f;
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    vsnprintf(want, sizeof(want), fmt, ap);
    assert_true(format_read(&f, fmt, again));
    assert_int_equal(f.length, strlen(want));
    memset(got, 'x', sizeof(got));
    format_write(&f, got);
    assert_string_equal(got, want);
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
    check("%d %d %d %d", 0, -1, INT32_MAX, INT32_MIN);
    check("%x|%x|%llx", 0u, UINT32_MAX, (unsigned long long)UINT64_MAX);
    check("%lld %lld %llu", (long long)INT64_MIN, (long long)INT64_MAX, (unsigned long long)UINT64_MAX);
}

static void test_format__leaves_the_rest_to_printf(void **state)
{
    (void)state;
    assert_false(is_read("%5u", 1u));
    assert_false(is_read("%s %ld", "a", 1L));
    assert_false(is_read("%02d", 1));
    assert_false(is_read("%llX", 1ull));
    assert_false(is_read("%-30s", "a"));
    assert_false(is_read("%.3s", "abcdef"));
    assert_false(is_read("%.*s", -1, "abc"));
    assert_true(is_read("%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7));
    assert_false(is_read("%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c%c.", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_format__is_what_printf_prints),
        TEST(test_format__leaves_the_rest_to_printf),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
