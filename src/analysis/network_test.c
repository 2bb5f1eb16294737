#include "analysis/testing.h"

static void test_network__subnets(void **state)
{
    (void)state;
    assert_true(run_table("testdata/analysis/network/subnets.yaml", NULL) >= 58);
}

static void test_network__groups(void **state)
{
    (void)state;
    assert_true(run_table("testdata/analysis/network/groups.yaml", NULL) >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network__subnets),
        cmocka_unit_test(test_network__groups),
        /* Every name is interned by now: nothing else may be left. */
        TEST(test_network__groups),
    };
    if (!test_root()) {
        print_message("skipped: no rules/model\n");
        return 0;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    intern_release();
    return failed;
}
