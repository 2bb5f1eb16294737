#include "base/diag.h"
#include "base/testing.h"

static struct arena *a;
static struct sources *all;
static struct diag_list d;

static int set_up(void **state)
{
    note_memory(state);
    a = arena_new();
    all = sources_new();
    diag_list_init(&d, a);
    return 0;
}

static int tear_down(void **state)
{
    diag_list_release(&d);
    sources_free(all);
    arena_free(a);
    return assert_nothing_left(state);
}

static void test_diag__severity_comes_from_the_table(void **state)
{
    (void)state;
    diag_add(&d, DIAG_SYNTAX, SPAN_NONE, "line %d of %s", 3, "x");
    diag_add(&d, DIAG_EMPTY, SPAN_NONE, "empty");
    diag_add_as(&d, DIAG_SYNTAX, DIAG_NOTE, SPAN_NONE, "only a note");
    diag_add_path(&d, DIAG_NOT_FOUND, STR("no/such"), "not found: %s", "why");
    assert_int_equal(d.n, 4);
    assert_int_equal(d.at[0].severity, DIAG_ERROR);
    assert_str(d.at[0].message, "line 3 of x");
    assert_int_equal(d.at[1].severity, DIAG_WARNING);
    assert_int_equal(d.at[2].severity, DIAG_NOTE);
    assert_str(d.at[3].path, "no/such");
    assert_int_equal(diag_count(&d, DIAG_NOTE), 4);
    assert_int_equal(diag_count(&d, DIAG_WARNING), 3);
    assert_int_equal(diag_count(&d, DIAG_ERROR), 2);
}

static void test_diag__names(void **state)
{
    (void)state;
    assert_string_equal(diag_id_name(DIAG_NOT_FOUND), "not-found");
    assert_string_equal(diag_id_name(DIAG_FILE_CHANGED), "file-changed");
    assert_string_equal(diag_severity_name(DIAG_ERROR), "error");
    for (int i = 0; i < DIAG_COUNT_; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(diag_id_name((enum diag_id)i), diag_id_name((enum diag_id)k));
}

static void test_diag__append(void **state)
{
    struct diag_list other;

    (void)state;
    diag_list_init(&other, a);
    diag_add(&d, DIAG_SYNTAX, SPAN_NONE, "one");
    for (int i = 0; i < 20; i++)
        diag_add(&other, DIAG_SYNTAX, SPAN_NONE, "two");
    diag_append(&d, &other);
    diag_list_release(&other);
    assert_int_equal(d.n, 21);
    assert_str(d.at[20].message, "two");
}

static void test_diag__sort_orders_and_drops_repeats(void **state)
{
    uint32_t b = source_add(all, STR("b.tf"), STR("bbbb"))->id;
    uint32_t first = source_add(all, STR("a.tf"), STR("aaaa"))->id;
    static const char *const want[] = {"of nowhere", "m",         "a at 1",       "b at 0, to 1", "b at 0, to 2",
                                       "b by id 1",  "b by id 2", "b by message", "repeat"};

    (void)state;
    diag_add(&d, DIAG_SYNTAX, (span){b, 3, 4}, "repeat");
    diag_add(&d, DIAG_SYNTAX, (span){b, 2, 3}, "b by message");
    diag_add(&d, DIAG_SYNTAX, (span){b, 2, 3}, "b by id 2");
    diag_add(&d, DIAG_EMPTY, (span){b, 2, 3}, "b by id 1");
    diag_add(&d, DIAG_SYNTAX, (span){b, 0, 2}, "b at 0, to 2");
    diag_add(&d, DIAG_SYNTAX, (span){b, 0, 1}, "b at 0, to 1");
    diag_add_as(&d, DIAG_SYNTAX, DIAG_NOTE, (span){b, 3, 4}, "repeat");
    diag_add(&d, DIAG_SYNTAX, (span){b, 3, 4}, "repeat");
    diag_add(&d, DIAG_SYNTAX, (span){first, 1, 1}, "a at 1");
    diag_add(&d, DIAG_SYNTAX, SPAN_NONE, "of nowhere");
    diag_add_path(&d, DIAG_NOT_FOUND, STR("a"), "m");
    sources_rank(all);
    diag_sort(&d, all);
    assert_int_equal(d.n, ARRAY_LEN(want));
    for (size_t i = 0; i < d.n; i++)
        assert_str(d.at[i].message, want[i]);
    assert_int_equal(d.at[8].severity, DIAG_ERROR);
}

static void test_diag__sort_does_not_see_read_order(void **state)
{
    uint32_t one = source_add(all, STR("<stdin>"), STR("zzz"))->id;
    uint32_t two = source_add(all, STR("<stdin>"), STR("yyy"))->id;

    (void)state;
    diag_add(&d, DIAG_SYNTAX, (span){one, 0, 1}, "in z");
    diag_add(&d, DIAG_SYNTAX, (span){two, 2, 3}, "in y");
    diag_sort(&d, all);
    assert_str(d.at[0].message, "in y");
}

#define DIAG_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIAG_TEST(test_diag__severity_comes_from_the_table),
        DIAG_TEST(test_diag__names),
        DIAG_TEST(test_diag__append),
        DIAG_TEST(test_diag__sort_orders_and_drops_repeats),
        DIAG_TEST(test_diag__sort_does_not_see_read_order),
    };

    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
