#include "analysis/testing.h"

static void test_exposure__of_aws_resources(void **state)
{
    (void)state;
    assert_true(run_table("testdata/analysis/network/exposure.yaml", NULL) >= 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exposure__of_aws_resources),
        /* Every name is interned by now: nothing else may be left. */
        TEST(test_exposure__of_aws_resources),
    };
    if (!test_root()) {
        print_message("skipped: no rules/model\n");
        return 0;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    intern_release();
    return failed;
}
