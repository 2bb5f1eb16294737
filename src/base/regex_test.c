#include "base/regex.h"
#include "base/testing.h"

static struct arena *a;

static int set_up(void **state)
{
    note_memory(state);
    a = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(a);
    return assert_nothing_left(state);
}

static struct regex *compile(const char *pattern)
{
    str error = STR_NONE;
    size_t at;
    struct regex *re = regex_new(str_of(pattern), REGEX_ANY_TEXTS, &error, &at, a);

    if (re == NULL)
        fail_msg("%s: " STR_FMT, pattern, STR_ARG(error));
    return re;
}

static enum regex_result find(const char *pattern, str text)
{
    struct regex *re = compile(pattern);
    struct regex_match m;
    enum regex_result result = regex_find(re, text, 0, &m);

    regex_free(re);
    return result;
}

static void test_regex__finds_groups(void **state)
{
    struct regex *re = compile("(?<key>[a-z]+)=(\\d+)(x)?");
    struct regex_match m;

    (void)state;
    assert_int_equal(regex_find(re, STR("  ab=12;cd=3x"), 0, &m), REGEX_YES);
    assert_int_equal(m.n, 4);
    assert_int_equal(m.start[0], 2);
    assert_int_equal(m.end[0], 7);
    assert_int_equal(m.start[1], 2);
    assert_int_equal(m.end[2], 7);
    assert_int_equal(m.start[3], SIZE_MAX);
    assert_int_equal(m.end[3], SIZE_MAX);
    assert_int_equal(regex_find(re, STR("  ab=12;cd=3x"), m.end[0], &m), REGEX_YES);
    assert_int_equal(m.start[3], 12);
    assert_int_equal(regex_find(re, STR("  ab=12;cd=3x"), m.end[0], &m), REGEX_NO);
    assert_int_equal(m.n, 0);
    assert_int_equal(regex_groups(re), 3);
    assert_str(regex_group_name(re, 1), "key");
    assert_null(regex_group_name(re, 2).p);
    regex_free(re);
}

static void test_regex__more_groups_than_kept(void **state)
{
    struct regex *re = compile("(((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))))))");
    struct regex_match m;

    (void)state;
    assert_int_equal(regex_groups(re), 39);
    assert_int_equal(regex_find(re, STR("a"), 0, &m), REGEX_YES);
    assert_int_equal(m.n, 32);
    assert_int_equal(m.end[31], 1);
    regex_free(re);
}

/* Texts that are valid are matched without looking through them first, with the same answers. */
static void test_regex__valid_texts(void **state)
{
    str error, text = STR("x\xC3\xA9y x\xC3\xA9");
    size_t at;
    struct regex *re = regex_new(STR("\xC3\xA9(?!y)|^x"), REGEX_VALID_TEXTS, &error, &at, a);
    struct regex_match m;

    (void)state;
    assert_non_null(re);
    assert_int_equal(regex_find(re, text, 0, &m), REGEX_YES);
    assert_int_equal(m.start[0], 0);
    assert_int_equal(regex_find(re, text, m.end[0], &m), REGEX_YES);
    assert_int_equal(m.start[0], 6);
    assert_int_equal(regex_find(re, text, m.end[0], &m), REGEX_NO);
    regex_free(re);
}

static void test_regex__bad_pattern_says_why_and_where(void **state)
{
    str error = STR_NONE;
    size_t at = 0;

    (void)state;
    assert_null(regex_new(STR("ab(c"), REGEX_ANY_TEXTS, &error, &at, a));
    assert_int_equal(at, 4);
    assert_true(str_contains(error, STR("parenthesis")));
    assert_null(regex_new(STR("a\xFF"), REGEX_ANY_TEXTS, &error, &at, a));
    assert_true(error.n > 0);
    assert_null(regex_new(STR("\\C"), REGEX_ANY_TEXTS, &error, &at, a));
}

static void test_regex__limit_is_not_no_match(void **state)
{
    (void)state;
    assert_int_equal(find("^(a+)+$", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")), REGEX_LIMIT);
    assert_int_equal(find("(*LIMIT_MATCH=999999999)^(a|aa)+$", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")),
                     REGEX_LIMIT);
}

static void test_regex__ordinary_patterns_on_long_texts(void **state)
{
    char *text = arena_alloc(a, 100001);

    (void)state;
    memset(text, 'a', 100000);
    assert_int_equal(find("^[a-z]+$", (str){text, 100000}), REGEX_YES);
    assert_int_equal(find("^.*a$", (str){text, 100000}), REGEX_YES);
    assert_int_equal(find("b", (str){text, 100000}), REGEX_NO);
}

static void test_regex__text_that_is_not_utf8(void **state)
{
    (void)state;
    assert_int_equal(find("b", STR("\xFF\xFE b")), REGEX_YES);
    assert_int_equal(find("^.$", STR("\xFF")), REGEX_NO);
    assert_int_equal(find("^.$", STR("\xE2\x82\xAC")), REGEX_YES);
}

static void test_regex__dollar_is_the_end(void **state)
{
    (void)state;
    assert_int_equal(find("a$", STR("a\n")), REGEX_NO);
    assert_int_equal(find("(?m)a$", STR("a\n")), REGEX_YES);
}

static void test_regex__start_beyond_or_inside(void **state)
{
    struct regex *re = compile("");
    struct regex_match m;

    (void)state;
    assert_int_equal(regex_find(re, STR_NONE, 0, &m), REGEX_YES);
    assert_int_equal(regex_find(re, STR("ab"), 2, &m), REGEX_YES);
    assert_int_equal(regex_find(re, STR("ab"), 3, &m), REGEX_NO);
    assert_int_equal(regex_find(re, STR("\xE2\x82\xAC"), 1, &m), REGEX_YES);
    assert_int_equal(m.start[0], 3);
    regex_free(re);
    regex_free(NULL);
}

/* LIMIT_REGEX_HEAP_KB: each group makes what is kept for a step back larger. */
static void test_regex__heap_is_limited(void **state)
{
    char pattern[1024] = "^(?:a|b", text[4001];
    size_t n = strlen(pattern);

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 2] = '!'; /* and a c, so that it is not clear at once that there is no match */
    text[sizeof(text) - 1] = 'c';
    assert_int_equal(find("^(?:a|b)*c", (str){text, sizeof(text)}), REGEX_NO);
    for (int i = 0; i < 250; i++, n += 3)
        memcpy(pattern + n, "|()", 4);
    memcpy(pattern + n, ")*c", 4);
    assert_int_equal(find(pattern, (str){text + sizeof(text) - 7, 7}), REGEX_NO);
    assert_true(LIMIT_REGEX_HEAP_KB * 1024u < 250u * 2 * sizeof(size_t) * sizeof(text));
    assert_int_equal(find(pattern, (str){text, sizeof(text)}), REGEX_LIMIT);
}

#define REGEX_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REGEX_TEST(test_regex__finds_groups),
        REGEX_TEST(test_regex__more_groups_than_kept),
        REGEX_TEST(test_regex__valid_texts),
        REGEX_TEST(test_regex__bad_pattern_says_why_and_where),
        REGEX_TEST(test_regex__limit_is_not_no_match),
        REGEX_TEST(test_regex__ordinary_patterns_on_long_texts),
        REGEX_TEST(test_regex__text_that_is_not_utf8),
        REGEX_TEST(test_regex__dollar_is_the_end),
        REGEX_TEST(test_regex__start_beyond_or_inside),
        REGEX_TEST(test_regex__heap_is_limited),
    };

    return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
