#include "base/intern.h"
#include "base/pool.h"
#include "base/testing.h"

enum { NAMES = 3000, ITEMS = 16 };

static int tear_down(void **state)
{
    intern_release();
    return assert_nothing_left(state);
}

static void test_intern__equal_names_are_one_symbol(void **state)
{
    char name[] = "aws_s3_bucket";
    sym s = sym_of(str_of(name));

    (void)state;
    assert_int_not_equal(s, 0);
    name[0] = 'X'; /* was copied */
    assert_string_equal(sym_str(s).p, "aws_s3_bucket");
    assert_int_equal(sym_of(STR("aws_s3_bucket")), s);
    assert_int_not_equal(sym_of(STR("aws_s3_buckets")), s);
}

static void test_intern__no_name_is_zero(void **state)
{
    (void)state;
    assert_int_equal(sym_of(STR_NONE), 0);
    assert_int_equal(sym_of(STR("")), 0);
    assert_int_equal(sym_find(STR_NONE), 0);
    assert_str(sym_str(0), "");
}

static void test_intern__find_does_not_add(void **state)
{
    sym s;

    (void)state;
    assert_int_equal(sym_find(STR("x")), 0);
    s = sym_of(STR("x"));
    assert_int_equal(s, 1);
    assert_int_equal(sym_find(STR("x")), s);
    assert_int_equal(sym_find(STR("y")), 0);
}

static str name_of(char *out, size_t i)
{
    return (str){out, (size_t)snprintf(out, 32, "name-%zu", i)};
}

static void intern_all(void *context, size_t item, unsigned worker)
{
    sym(*syms)[NAMES] = context;
    char text[32];

    (void)worker;
    for (size_t k = 0; k < NAMES; k++) {
        size_t i = (k + item * 97) % NAMES;
        str name = name_of(text, i);

        syms[item][i] = sym_of(name);
        if (!str_eq(sym_str(syms[item][i]), name) || sym_find(name) != syms[item][i])
            syms[item][i] = 0;
    }
}

static void test_intern__threads_agree(void **state)
{
    sym(*syms)[NAMES] = alloc_get(ITEMS * sizeof(*syms));

    (void)state;
    pool_run(8, ITEMS, intern_all, syms);
    for (size_t i = 0; i < NAMES; i++) {
        assert_in_range(syms[0][i], 1, NAMES);
        for (size_t item = 1; item < ITEMS; item++)
            assert_int_equal(syms[item][i], syms[0][i]);
    }
    alloc_put(syms, ITEMS * sizeof(*syms));
}

#define INTERN_TEST(f) cmocka_unit_test_setup_teardown(f, note_memory, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INTERN_TEST(test_intern__equal_names_are_one_symbol),
        INTERN_TEST(test_intern__no_name_is_zero),
        INTERN_TEST(test_intern__find_does_not_add),
        INTERN_TEST(test_intern__threads_agree),
    };

    return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}
