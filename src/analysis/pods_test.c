#include "analysis/testing.h"

static void test_pods__as_in_the_table(void **state)
{
    (void)state;
    assert_true(run_table("testdata/analysis/kubernetes/pods.yaml", NULL) >= 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pods__as_in_the_table),
        /* Every name is interned by now: nothing else may be left. */
        TEST(test_pods__as_in_the_table),
    };
    if (!test_root()) {
        print_message("skipped: no rules/model\n");
        return 0;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    intern_release();
    return failed;
}
