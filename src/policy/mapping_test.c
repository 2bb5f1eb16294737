#include "base/testing.h"

#include "policy/mapping.h"
#include "syntax/yaml.h"

static const char text[] = "frameworks:\n"
                           "  - id: privacy\n"
                           "    title: A law\n"
                           "    through: category\n"
                           "    sections: {logging: [Art. 5, Art. 33], backup: [Art. 32]}\n"
                           "  - id: controls\n"
                           "    title: A catalogue\n"
                           "    profile: nprm\n"
                           "    through: aws-config\n"
                           "    sections: {trail-on: [AU-2, AU-12], trail-everywhere: [AU-12, AU-3]}\n"
                           "  - id: broken\n"
                           "    title: without sections\n"
                           "    through: category\n";

struct reading {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct frameworks all;
};

static int open_frameworks(void **state)
{
    struct reading *r = calloc(1, sizeof *r);
    r->arena = arena_new();
    r->sources = sources_new();
    diag_list_init(&r->diags, r->arena);
    struct documents documents = {0};
    yaml_read(source_add(r->sources, STR("mappings.yaml"), str_of(text)), r->arena, &r->diags, &documents);
    r->all = frameworks_read(documents.at[0].root, r->arena, &r->diags);
    *state = r;
    return 0;
}

static int close_frameworks(void **state)
{
    struct reading *r = *state;
    diag_list_release(&r->diags);
    sources_free(r->sources);
    arena_free(r->arena);
    free(r);
    return 0;
}

static void test_mapping__a_framework_of_a_wrong_shape_is_said_and_left_out(void **state)
{
    struct reading *r = *state;
    assert_int_equal(r->all.n, 2);
    assert_int_equal(r->diags.n, 1);
    assert_null(frameworks_find(&r->all, STR("broken")));
    assert_non_null(frameworks_find(&r->all, STR("privacy")));
}

static void test_mapping__shapes_that_are_not_frameworks(void **state)
{
    struct reading *r = *state;
    static const struct {
        const char *text, *message; /* NULL: nothing is said */
    } rows[] = {
        {"frameworks: none\n", NULL},
        {"others: []\n", NULL},
        {"frameworks: [privacy]\n", "a framework has id, title, through and a mapping 'sections'; 'id' is wrong"},
        {"frameworks: [{id: a, title: [b], through: category, sections: {}}]\n",
         "a framework has id, title, through and a mapping 'sections'; 'title' is wrong"},
        {"frameworks: [{id: a, title: b, through: category, sections: []}]\n",
         "a framework has id, title, through and a mapping 'sections'; 'sections' is wrong"},
        {"frameworks: [{id: a, title: b, through: category, sections: {logging: Art. 5}}]\n",
         "expected a list of sections"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct documents documents = {0};
        r->diags.n = 0;
        yaml_read(source_add(r->sources, STR("m.yaml"), str_of(rows[i].text)), r->arena, &r->diags, &documents);
        assert_int_equal(frameworks_read(documents.at[0].root, r->arena, &r->diags).n, 0);
        assert_int_equal(r->diags.n, rows[i].message ? 1 : 0);
        if (rows[i].message)
            assert_str(r->diags.at[0].message, rows[i].message);
    }
    assert_int_equal(frameworks_read(NULL, r->arena, &r->diags).n, 0);
}

static void test_mapping__through_the_category(void **state)
{
    struct reading *r = *state;
    const struct framework *f = frameworks_find(&r->all, STR("privacy"));
    struct rule rule = {.category = STR("logging")};
    struct mapped m = framework_sections(f, &rule, r->arena);
    assert_int_equal(m.n, 2);
    assert_str(m.section[1], "Art. 33");
    assert_true(framework_names(f, &rule, STR("Art. 5")));
    assert_false(framework_names(f, &rule, STR("Art. 32")));
    rule.category = STR("secrets");
    assert_int_equal(framework_sections(f, &rule, r->arena).n, 0);
}

static void test_mapping__through_equivalents_each_section_once(void **state)
{
    struct reading *r = *state;
    const struct framework *f = frameworks_find(&r->all, STR("controls"));
    const str config[] = {STR("trail-on"), STR("trail-everywhere"), STR("unheard-of")}, other[] = {STR("trail-on")};
    const struct equivalent both[] = {{STR("checkov"), other, 1}, {STR("aws-config"), config, 3}};
    struct rule rule = {.equivalent = both, .n_equivalents = 2};
    struct mapped m = framework_sections(f, &rule, r->arena);
    assert_int_equal(m.n, 3);
    assert_str(m.section[0], "AU-2");
    assert_str(m.section[2], "AU-3");
    assert_true(framework_names(f, &rule, STR("AU-3")));
    rule.n_equivalents = 1; /* the same id of another source */
    assert_int_equal(framework_sections(f, &rule, r->arena).n, 0);
    assert_false(framework_names(f, &rule, STR("AU-2")));
    assert_int_equal(framework_all(f, r->arena).n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_mapping__a_framework_of_a_wrong_shape_is_said_and_left_out,
                                        open_frameworks, close_frameworks),
        cmocka_unit_test_setup_teardown(test_mapping__shapes_that_are_not_frameworks, open_frameworks,
                                        close_frameworks),
        cmocka_unit_test_setup_teardown(test_mapping__through_the_category, open_frameworks, close_frameworks),
        cmocka_unit_test_setup_teardown(test_mapping__through_equivalents_each_section_once, open_frameworks,
                                        close_frameworks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
