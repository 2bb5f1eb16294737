#include "base/testing.h"

#include "report/report.h"
#include "syntax/json.h"

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
        buf_add_json(&b, rows[i].in);
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
        cmocka_unit_test(test_report__json_strings_are_valid_whatever_comes),
        cmocka_unit_test(test_report__terminals_get_no_control_characters),
        cmocka_unit_test(test_report__formats_are_found_by_name),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
