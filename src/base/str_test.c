#include "base/testing.h"

#include <math.h>

static void test_str__compares_bytes(void **state)
{
    (void)state;
    assert_true(str_eq(STR_NONE, STR("")));
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_true(str_eq_c(STR("abc"), "abc"));
    assert_false(str_eq_c(STR("abc"), "abcd"));
    assert_true(str_eq_c(STR_NONE, NULL));
    assert_true(str_eq_nocase(STR("AbZ@"), STR("aBz@")));
    assert_false(str_eq_nocase(STR("@"), STR("`")));
    assert_false(str_eq_nocase(STR("\xC3\x89"), STR("\xC3\xA9"))); /* ASCII only */
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("b"), STR("ab")) > 0);
    assert_true(str_cmp(STR("\xFF"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
}

static void test_str__prefix_and_suffix(void **state)
{
    (void)state;
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_true(str_starts(STR("abc"), STR_NONE));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")));
    assert_true(str_ends(STR_NONE, STR("")));
    assert_false(str_ends(STR("c"), STR("bc")));
}

static void test_str__find(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("hello"), STR("l")), 2);
    assert_int_equal(str_find(STR("hello"), STR("lo")), 3);
    assert_int_equal(str_find(STR("hello"), STR("")), 0);
    assert_int_equal(str_find(STR("hello"), STR("hello!")), SIZE_MAX);
    assert_int_equal(str_find(STR("aaab"), STR("aab")), 1);
    assert_int_equal(str_find(STR_NONE, STR("a")), SIZE_MAX);
    assert_int_equal(str_find(STR_NONE, STR_NONE), 0);
    assert_int_equal(str_find_char(STR("a/b/c"), '/'), 1);
    assert_int_equal(str_rfind_char(STR("a/b/c"), '/'), 3);
    assert_int_equal(str_find_char(STR_NONE, '/'), SIZE_MAX);
    assert_int_equal(str_rfind_char(STR_NONE, '/'), SIZE_MAX);
    assert_true(str_contains(STR("abc"), STR("bc")));
    assert_false(str_contains(STR("abc"), STR("cb")));
}

static void test_str__find_agrees_with_the_obvious_search(void **state)
{
    unsigned seed = 1;
    char text[400], needle[90];

    (void)state;
    for (int round = 0; round < 3000; round++) {
        size_t n = 60 + round % 30, want = SIZE_MAX;

        for (size_t i = 0; i < sizeof(text); i++)
            text[i] = (char)('a' + ((seed = seed * 1103515245 + 12345) >> 16) % 9 / 8);
        memcpy(needle, text + (seed >> 8) % 300, n);
        needle[n - 1] ^= (char)(round % 2);
        for (size_t i = 0; i + n <= sizeof(text) && want == SIZE_MAX; i++)
            if (memcmp(text + i, needle, n) == 0)
                want = i;
        assert_int_equal(str_find((str){text, sizeof(text)}, (str){needle, n}), want);
    }
}

static void test_str__find_is_linear(void **state)
{
    enum { N = 1 << 22 };
    char *text = alloc_get(N);
    char *needle = alloc_get(N / 2);

    (void)state;
    memset(text, 'a', N);
    memset(needle, 'a', N / 2);
    needle[N / 2 - 1] = 'b';
    assert_int_equal(str_find((str){text, N}, (str){needle, N / 2}), SIZE_MAX);
    alloc_put(text, N);
    alloc_put(needle, N / 2);
}

static void test_str__slice_is_clamped(void **state)
{
    (void)state;
    assert_str(str_slice(STR("hello"), 1, 3), "el");
    assert_str(str_slice(STR("hello"), 3, 99), "lo");
    assert_str(str_slice(STR("hello"), 9, 3), "");
    assert_str(str_slice(STR_NONE, 1, 2), "");
}

static void test_str__trim(void **state)
{
    (void)state;
    assert_str(str_trim(STR(" \t\r\n\v\f a b \n")), "a b");
    assert_str(str_trim(STR("   ")), "");
    assert_str(str_trim(STR_NONE), "");
}

static void test_str__cut_at_first_separator(void **state)
{
    str rest;

    (void)state;
    assert_str(str_cut(STR("a=b=c"), '=', &rest), "a");
    assert_str(rest, "b=c");
    assert_str(str_cut(STR("a="), '=', &rest), "a");
    assert_non_null(rest.p);
    assert_int_equal(rest.n, 0);
    assert_str(str_cut(STR("a"), '=', &rest), "a");
    assert_null(rest.p);
    assert_str(str_cut(STR_NONE, '=', &rest), "");
    assert_null(rest.p);
}

static void test_str__hash_is_the_same_on_every_machine(void **state)
{
    (void)state;
    assert_int_equal(str_hash(STR("")), UINT64_C(0x1d7166dfe00d063f));
    assert_int_equal(str_hash(STR("arn")), UINT64_C(0xc7ba9f9e1039f66c));
    assert_int_equal(str_hash(STR("role")), UINT64_C(0x9ee8c6e6ce189243));
    assert_int_equal(str_hash(STR("bucket")), UINT64_C(0x4f9ece3439aa83f3));
    assert_int_equal(str_hash(STR("kms_key")), UINT64_C(0xa3a84ad6afe2917e));
    assert_int_equal(str_hash(STR("aws_s3_bucket")), UINT64_C(0xd3ab58cb6e489188));
    assert_int_equal(str_hash(STR("The quick brown fox jumps over the lazy dog")), UINT64_C(0x4af91ee6bb6b5ac4));
}

static void test_str__hash_spreads(void **state)
{
    enum { N = 1 << 16 };
    uint8_t *seen = alloc_get(N);
    char text[32] = {0};
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        int n = snprintf(text, sizeof(text), "key%zu", i);
        uint64_t h = str_hash((str){text, (size_t)n});

        used += seen[h % N] == 0;
        seen[h % N] = 1;
    }
    assert_in_range(used, N * 62 / 100, N * 65 / 100); /* 1 - 1/e of the slots */
    assert_true(str_hash(STR("\0")) != str_hash(STR("\0\0")));
    assert_true(str_hash(STR("")) != str_hash(STR("\0")));
    alloc_put(seen, N);
}

static void test_str__to_int(void **state)
{
    static const char *const bad[] = {
        "",   "-", "+", "1 ", " 1", "1.0", "0x1", "9223372036854775808", "-9223372036854775809", "99999999999999999999",
        "--1"};
    int64_t v = 0;

    (void)state;
    assert_true(str_to_int(STR("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(str_to_int(STR("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(str_to_int(STR("+5"), &v) && v == 5);
    assert_true(str_to_int(STR("007"), &v) && v == 7);
    assert_true(str_to_int(STR("-0"), &v) && v == 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_to_int(str_of(bad[i]), &v));
}

static void test_str__to_double(void **state)
{
    static const char *const bad[] = {"",    "-",   "+1",  "01", "1.", ".5",    "1e",     "1e+",
                                      "inf", "nan", "0x1", " 1", "1 ", "1e999", "-1e999", "1e5x"};
    char digits[200];
    double v = 0;

    (void)state;
    assert_true(str_to_double(STR("0"), &v) && v == 0);
    assert_true(str_to_double(STR("-0.0"), &v) && v == 0 && signbit(v));
    assert_true(str_to_double(STR("12.5e-1"), &v) && v == 1.25);
    assert_true(str_to_double(STR("1E+2"), &v) && v == 100);
    assert_true(str_to_double(STR("1e-999"), &v) && v == 0);
    memset(digits, '1', sizeof(digits));
    assert_true(str_to_double((str){digits, sizeof(digits)}, &v) && v > 1e199);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_to_double(str_of(bad[i]), &v));
}

static void test_str__utf8_is_validated(void **state)
{
    static const struct {
        const char *text;
        size_t bad; /* SIZE_MAX: valid */
    } cases[] = {
        {"", SIZE_MAX},
        {"plain text of more than eight bytes", SIZE_MAX},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", SIZE_MAX},
        {"\xF4\x8F\xBF\xBF", SIZE_MAX},
        {"abcdefgh\xFFi", 8},
        {"a\xC3", 1},
        {"a\xC0\x80", 1},        /* overlong */
        {"\xE0\x9F\xBF", 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
        {"\xED\xA0\x80", 0},     /* surrogate */
        {"\xF4\x90\x80\x80", 0}, /* past U+10FFFF */
        {"\xE2\x82", 0},
        {"\x80", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t bad = SIZE_MAX;

        assert_int_equal(str_is_utf8(str_of(cases[i].text), &bad), cases[i].bad == SIZE_MAX);
        assert_int_equal(bad, cases[i].bad);
    }
}

static void test_utf8__round_trip(void **state)
{
    (void)state;
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp += cp < 0x11000 ? 1 : 97) {
        char bytes[4];
        size_t n = utf8_encode(cp, bytes), length;
        uint32_t want = cp >= 0xD800 && cp <= 0xDFFF ? 0xFFFD : cp;

        assert_int_equal(utf8_at((str){bytes, n}, 0, &length), want);
        assert_int_equal(length, n);
    }
}

static void test_utf8__bad_bytes_are_one_each(void **state)
{
    str s = STR("\xE2\x82x\xFF");
    size_t length;

    (void)state;
    assert_int_equal(utf8_at(s, 0, &length), 0xFFFD);
    assert_int_equal(length, 1);
    assert_int_equal(utf8_at(s, 2, &length), 'x');
    utf8_at(s, 99, &length);
    assert_int_equal(length, 0);
    assert_int_equal(utf8_count(s), 4);
    assert_int_equal(utf8_count(STR("na\xC3\xAFve, long \xE2\x82\xAC")), 13);
}

static void test_str__distance(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t want;
    } rows[] = {{"", "", 0},         {"abc", "abc", 0}, {"abc", "ABC", 0}, {"abc", "abd", 1},        {"abc", "ab", 1},
                {"abc", "xabc", 1},  {"abc", "acb", 1}, {"", "abc", 3},    {"kitten", "sitting", 3}, {"abc", "xyz", 3},
                {"abcd", "wxyz", 4}, {"abcdef", "", 4}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(str_distance(str_of(rows[i].a), str_of(rows[i].b), 3), rows[i].want);
        assert_int_equal(str_distance(str_of(rows[i].b), str_of(rows[i].a), 3), rows[i].want);
    }
    char lengthy[65] = {0};
    assert_int_equal(str_distance((str){lengthy, 65}, (str){lengthy, 65}, 2), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str__distance),
        TEST(test_str__compares_bytes),
        TEST(test_str__prefix_and_suffix),
        TEST(test_str__find),
        TEST(test_str__find_agrees_with_the_obvious_search),
        TEST(test_str__find_is_linear),
        TEST(test_str__slice_is_clamped),
        TEST(test_str__trim),
        TEST(test_str__cut_at_first_separator),
        TEST(test_str__hash_is_the_same_on_every_machine),
        TEST(test_str__hash_spreads),
        TEST(test_str__to_int),
        TEST(test_str__to_double),
        TEST(test_str__utf8_is_validated),
        TEST(test_utf8__round_trip),
        TEST(test_utf8__bad_bytes_are_one_each),
    };

    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
