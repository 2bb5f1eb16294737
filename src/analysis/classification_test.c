#include "analysis/testing.h"

static void test_classification__flows(void **state)
{
    (void)state;
    assert_true(run_table("testdata/analysis/classification/flows.yaml", NULL) >= 35);
}

static void test_classification__keys_and_values_of_the_configuration(void **state)
{
    (void)state;
    static const str keys[] = {{"Sensitivity", 11}}, values[] = {{"patient", 7}};
    struct analysis_options o = {
        .classification_key = keys, .n_classification_keys = 1, .classified_value = values, .n_classified_values = 1};
    struct scenario_world s = scenario_begin();
    assert_true(add_model(&s.w, "kind: aws.s3.bucket\ntypes: {b: {properties: 'tags:map'}}\n"));
    struct resource *yes = graph_add(s.b, STR("b"), STR("b.yes")), *no = graph_add(s.b, STR("b"), STR("b.no"));
    yes->raw = value_from_json(&s.w, "{\"tags\": {\"sensitivity\": \"Patient\"}}");
    no->raw = value_from_json(&s.w, "{\"tags\": {\"data-classification\": \"phi\"}}");
    scenario_run(&s, &o);
    assert_json(&s.w, value_get(yes->facts, STR("holds_phi")), "true");
    assert_json(&s.w, value_get(no->facts, STR("holds_phi")), "false");
    assert_true(analysis_classifies(s.analysis));
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classification__flows),
        cmocka_unit_test(test_classification__keys_and_values_of_the_configuration),
        /* Every name is interned by now: nothing else may be left. */
        TEST(test_classification__flows),
    };
    if (!test_root()) {
        print_message("skipped: no rules/model\n");
        return 0;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    intern_release();
    return failed;
}
