#include "analysis/testing.h"

static void test_selectors__as_in_the_table(void **state)
{
    (void)state;
    assert_true(run_table("testdata/analysis/kubernetes/selectors.yaml", NULL) >= 9);
}

static void test_selectors__an_operator_that_does_not_exist(void **state)
{
    (void)state;
    struct scenario_world s = scenario_begin();
    assert_true(add_model(&s.w, "kind: k8s.network_policy\ntypes: {p: {properties: 'pod_selector:any'}}\n"));
    graph_add(s.b, STR("p"), STR("p.p"))->raw = value_from_json(
        &s.w, "{\"pod_selector\": {\"match_expressions\": [{\"key\": \"a\", \"operator\": \"Like\"}]}}");
    scenario_run(&s, NULL);
    assert_int_equal(s.w.diags.n, 1);
    assert_int_equal(s.w.diags.at[0].id, DIAG_STRUCTURE);
    assert_true(str_contains(s.w.diags.at[0].message, STR("Like")));
    scenario_free(&s);
}

/* Work grows with what is selected: every pod has a policy and a service of its own. */
static void test_selectors__many(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct scenario_world s = scenario_begin();
    assert_true(add_model(&s.w, "kind: k8s.network_policy\ntypes: {p: {properties: 'pod_selector:any'}}\n---\n"
                                "kind: k8s.workload\ntypes: {w: {properties: 'pod_labels:map pod:any'}}\n---\n"
                                "kind: k8s.service\ntypes: {s: {properties: 'name selector:map'}}\n"));
    for (unsigned i = 0; i < MANY; i++) {
        const char *types[] = {"w", "p", "s"};
        static const char *const raw[] = {"{\"pod_labels\": {\"app\": \"a",
                                          "{\"pod_selector\": {\"match_labels\": {\"app\": \"a",
                                          "{\"name\": \"s\", \"selector\": {\"app\": \"a"};
        static const char *const rest[] = {"\"}, \"pod\": {\"containers\": []}}", "\"}}}", "\"}}"};
        for (size_t k = 0; k < ARRAY_LEN(types); k++) {
            str text = arena_printf(s.w.arena, "%s%u%s", raw[k], i, rest[k]);
            graph_add(s.b, str_of(types[k]), arena_printf(s.w.arena, "%s.%u", types[k], i))->raw =
                value_from_json(&s.w, text.p);
        }
    }
    scenario_run(&s, NULL);
    assert_int_equal(s.w.diags.n, 0);
    assert_json(&s.w, value_get(graph_find(s.w.graph, 0, STR("w.1999"))->facts, STR("network_policies")),
                "[\"p.1999\"]");
    assert_json(&s.w, value_get(graph_find(s.w.graph, 0, STR("w.7"))->facts, STR("services")), "[\"s.7\"]");
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selectors__as_in_the_table),
        cmocka_unit_test(test_selectors__an_operator_that_does_not_exist),
        cmocka_unit_test(test_selectors__many),
        /* Every name is interned by now: nothing else may be left. */
        TEST(test_selectors__as_in_the_table),
    };
    if (!test_root()) {
        print_message("skipped: no rules/model\n");
        return 0;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    intern_release();
    return failed;
}
