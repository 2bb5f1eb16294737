#include "base/testing.h"

#include "report/report.h"
#include "syntax/json.h"

static const struct source *source_of(struct sources *all, const char *text)
{
    return source_add(all, STR("t"), str_of(text));
}

/* Worked out by hand from the definition: the end mark alone, times 37 to the 99th. */
static void test_report__line_hash_of_nothing(void **state)
{
    (void)state;
    struct sources *all = sources_new();
    uint64_t expected = 65535;
    for (int i = 0; i < 99; i++)
        expected *= 37;
    assert_true(report_line_hash(source_of(all, ""), 1) == expected);
    sources_free(all);
}

static void test_report__line_hash_ignores_blanks_and_line_endings(void **state)
{
    (void)state;
    struct sources *all = sources_new();
    uint64_t a = report_line_hash(source_of(all, "a b\n\tc\n"), 1);
    assert_true(a == report_line_hash(source_of(all, "ab\r\nc\r\n"), 1));
    assert_true(a == report_line_hash(source_of(all, "  ab\rc\r"), 1));
    assert_false(a == report_line_hash(source_of(all, "ab\nd\n"), 1));
    sources_free(all);
}

static void test_report__line_hash_agrees_with_the_shared_vectors(void **state)
{
    (void)state;
    const char *shared = getenv("HIPAALINT_SHARED");
    struct arena *a = arena_new();
    struct sources *all = sources_new();
    struct diag_list diags;
    diag_list_init(&diags, a);
    enum source_error error;
    str path = arena_printf(a, "%s/reference/fingerprints.tsv", shared ? shared : "../shared");
    const struct source *table = source_open(all, path, STR_NONE, &error);
    if (!table)
        printf("skipped: fingerprint vectors (no shared data)\n");
    size_t checked = 0;
    for (str rest = table ? table->text : STR_NONE; rest.p && rest.n;) {
        str line = str_cut(rest, '\n', &rest);
        if (!line.n || line.p[0] == '#')
            continue;
        str hashes, literal = str_cut(line, '\t', &hashes);
        const struct node *text = json_read_embedded(literal, 1, 0, false, SPAN_NONE, a, &diags);
        assert_non_null(text);
        const struct source *s = source_add(all, STR("v"), text->u.string);
        for (uint32_t n = 1; hashes.p; n++) {
            str wanted = str_cut(str_cut(hashes, ',', &hashes), ':', &(str){0});
            str got = arena_printf(a, "%llx", (unsigned long long)report_line_hash(s, n));
            assert_str(got, arena_cstr(a, wanted));
            checked++;
        }
    }
    if (table)
        assert_true(checked > 20);
    diag_list_release(&diags);
    sources_free(all);
    arena_free(a);
}

static void test_report__json_strings_are_valid_whatever_comes(void **state)
{
    (void)state;
    static const struct {
        str in;
        const char *out;
    } rows[] = {
        {{"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},  {{"l\nt\tr\r", 6}, "\"l\\nt\\tr\\r\""},
        {{"\x1b[31m", 5}, "\"\\u001b[31m\""}, {{"\xff", 1}, "\"\xef\xbf\xbd\""},
        {{"\0", 1}, "\"\\u0000\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, 1000);
        report_json_string(&b, rows[i].in);
        assert_str(buf_str(&b), rows[i].out);
        buf_release(&b);
    }
}

static void test_report__terminals_get_no_control_characters(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    report_safe_text(&b, STR("a\x1b]0;x\x07\tb\xe2\x80\xae"
                             "c"));
    assert_str(buf_str(&b), "a\\x1b]0;x\\x07    b\\u202ec");
    buf_release(&b);
}

static void test_report__formats_are_found_by_name(void **state)
{
    (void)state;
    assert_non_null(report_format_find(STR("sarif")));
    assert_null(report_format_find(STR("sarif2")));
    assert_null(report_format_find(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report__line_hash_of_nothing),
        cmocka_unit_test(test_report__line_hash_ignores_blanks_and_line_endings),
        cmocka_unit_test(test_report__line_hash_agrees_with_the_shared_vectors),
        cmocka_unit_test(test_report__json_strings_are_valid_whatever_comes),
        cmocka_unit_test(test_report__terminals_get_no_control_characters),
        cmocka_unit_test(test_report__formats_are_found_by_name),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
