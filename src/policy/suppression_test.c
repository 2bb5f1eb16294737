#include "base/testing.h"

#include "policy/suppression.h"
#include "syntax/yaml.h"

static void test_suppression__dates_are_of_the_calendar(void **state)
{
    (void)state;
    static const char *const good[] = {"2027-01-31", "2028-02-29", "2000-02-29", "1999-12-01"};
    static const char *const bad[] = {"",           "2027-1-31",  "2027-02-29", "2100-02-29",
                                      "2027-04-31", "2027-13-01", "2027-00-01", "2027-01-00",
                                      "2027/01/01", "+027-01-01", "2027-01-1x", "2027-01-011"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(suppression_is_date(str_of(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(suppression_is_date(str_of(bad[i])));
}

struct reading {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct suppressions found;
};

static void read_text(struct reading *r, str text, enum suppression_shape shape)
{
    *r = (struct reading){.arena = arena_new(), .sources = sources_new()};
    diag_list_init(&r->diags, r->arena);
    suppressions_init(&r->found, r->arena, &r->diags);
    struct documents documents = {0};
    yaml_read(source_add(r->sources, STR("t.yaml"), text), r->arena, &r->diags, &documents);
    assert_int_equal(r->diags.n, 0);
    assert_int_equal(documents.n, 1);
    suppressions_read_file(&r->found, &documents, &shape);
}

static void reading_release(struct reading *r)
{
    suppressions_release(&r->found);
    diag_list_release(&r->diags);
    sources_free(r->sources);
    arena_free(r->arena);
}

static str covered(struct reading *r, size_t i)
{
    span at = r->found.at[i].target;
    return str_slice(source_at(r->sources, at.file)->text, at.start, at.end);
}

static void test_suppression__a_comment_covers_what_begins_there(void **state)
{
    (void)state;
    struct reading r;
    read_text(&r,
              STR("Resources:\n"
                  "  # hipaalint:ignore R-1\n"
                  "\n"
                  "  # about A\n"
                  "  A:\n"
                  "    Type: x # hipaalint:ignore R-2,R-3 until=2027-01-31 reason=\"a \\\"b\\\"\"\n"
                  "    List:\n"
                  "      # hipaalint:ignore R-4\n"
                  "      - k: 1\n"
                  "        l: 2\n"
                  "  B: {Type: y}\n"),
              SHAPE_CLOUDFORMATION);
    assert_int_equal(r.diags.n, 0);
    assert_int_equal(r.found.n, 3);
    assert_str(covered(&r, 0),
               "A:\n    Type: x # hipaalint:ignore R-2,R-3 until=2027-01-31 reason=\"a \\\"b\\\"\"\n    List:\n"
               "      # hipaalint:ignore R-4\n      - k: 1\n        l: 2");
    assert_str(covered(&r, 1), "Type: x");
    assert_int_equal(r.found.at[1].n_rules, 2);
    assert_str(r.found.at[1].rule[1], "R-3");
    assert_str(r.found.at[1].until, "2027-01-31");
    assert_str(r.found.at[1].reason, "a \"b\"");
    assert_str(covered(&r, 2), "k: 1\n        l: 2");
    reading_release(&r);
}

static void test_suppression__one_file_says_so_much(void **state)
{
    (void)state;
    struct reading r;
    struct buf text;
    buf_init(&text, 1 << 22);
    for (unsigned i = 0; i < 20000; i++)
        buf_add_c(&text, "# hipaalint:ignore\n");
    buf_add_c(&text, "a: 1\n");
    read_text(&r, buf_str(&text), SHAPE_OTHER);
    assert_int_equal(r.found.n, 0);
    assert_int_equal(r.diags.n, LIMIT_FILE_DIAGNOSTICS + 1);
    reading_release(&r);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_suppression__dates_are_of_the_calendar),
        TEST(test_suppression__a_comment_covers_what_begins_there),
        TEST(test_suppression__one_file_says_so_much),
    };
    return cmocka_run_group_tests_name("suppression", tests, NULL, NULL);
}
