#include "base/testing.h"

#include "report/listing.h"
#include "syntax/json.h"

struct row {
    str in;
    const char *out;
};

static void check(void (*write)(struct buf *out, str s), const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b;
        buf_init(&b, 1000);
        write(&b, rows[i].in);
        assert_str(buf_str(&b), rows[i].out);
        buf_release(&b);
    }
}

/* The escaping table of the toolkit's command.ts. */
static void test_listing__github_commands_are_escaped(void **state)
{
    (void)state;
    static const struct row data[] = {
        {{"50% of a\r\nb", 11}, "50%25 of a%0D%0Ab"}, {{"a:b,c::d", 8}, "a:b,c::d"}, {{"%0A", 3}, "%250A"},
        {{"\x1b[31m", 5}, "\xef\xbf\xbd[31m"},        {{"\xff", 1}, "\xef\xbf\xbd"}, {{"\0", 1}, "\xef\xbf\xbd"},
    };
    static const struct row properties[] = {
        {{"a:b,c%d", 7}, "a%3Ab%2Cc%25d"},
        {{"x\ny\rz", 5}, "x%0Ay%0Dz"},
        {{"::error::", 9}, "%3A%3Aerror%3A%3A"},
    };
    check(listing_github_data, data, ARRAY_LEN(data));
    check(listing_github_property, properties, ARRAY_LEN(properties));
}

static void test_listing__markdown_has_no_markup_from_input(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {{"a|b", 3}, "a\\|b"},
        {{"`x` *y* _z_", 11}, "\\`x\\` \\*y\\* \\_z\\_"},
        {{"<script>", 8}, "&lt;script&gt;"},
        {{"[a](b)", 6}, "\\[a\\](b)"},
        {{"a\nb", 3}, "a\\\\x0ab"},
        {{"@team #1", 8}, "&#64;team \\#1"},
        {{"http://x", 8}, "http&#58;//x"},
        {{"\\", 1}, "\\\\"},
    };
    check(listing_markdown, rows, ARRAY_LEN(rows));
}

static void test_listing__html_has_no_markup_from_input(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {{"</script>", 9}, "&lt;/script&gt;"}, {{"\"'&", 3}, "&quot;&#39;&amp;"}, {{"]]>", 3}, "]]&gt;"},
        {{"a\x1b[0m", 5}, "a\\x1b[0m"},        {{"\xe2\x80\xae", 3}, "\\u202e"},  {{"\xc3(", 2}, "\xef\xbf\xbd("},
    };
    check(listing_html, rows, ARRAY_LEN(rows));
}

/* Findings as the writers see them: names of files and values are as bad as they can be. */
struct fixture {
    struct arena *arena;
    struct sources *sources;
    struct rule rule;
    struct finding finding[40];
    struct findings findings;
    struct diag_list diags;
    struct report report;
};

static void fixture_init(struct fixture *f, size_t n)
{
    static struct citation citation = {.section = {"164.312(b)", 10}};
    *f = (struct fixture){.arena = arena_new(), .sources = sources_new()};
    const struct source *s =
        source_add(f->sources, STR("a,b:c%\n</script>.tf"), STR("x = 1 ##[error] </script><b>\n::error::y\n"));
    f->rule = (struct rule){
        .id = STR("T-1"), .name = STR("t"), .title = STR("Title"), .citation = &citation, .n_citations = 1};
    for (size_t i = 0; i < n; i++)
        f->finding[i] = (struct finding){
            .rule = &f->rule,
            .status = STATUS_FAIL,
            .severity = i % 2 ? SEVERITY_LOW : SEVERITY_HIGH,
            .at = {s->id, 0, 5},
            .message = STR("bad\n::error::<b>\x1b[1m"),
            .n_instances = 1,
            .fingerprint = 7,
        };
    f->findings = (struct findings){.at = f->finding, .n = n};
    diag_list_init(&f->diags, f->arena);
    f->report = (struct report){
        .version = STR("0"), .findings = &f->findings, .diags = &f->diags, .sources = f->sources, .cwd = STR("/w")};
}

static void fixture_release(struct fixture *f)
{
    diag_list_release(&f->diags);
    sources_free(f->sources);
    arena_free(f->arena);
}

static str report_of(struct fixture *f, void (*write)(const struct report *r, struct buf *out))
{
    struct buf b;
    buf_init(&b, 1 << 20);
    write(&f->report, &b);
    str s = buf_copy(&b, f->arena);
    buf_release(&b);
    return s;
}

static size_t count_lines(str text, const char *prefix)
{
    size_t n = 0;
    for (str rest = text; rest.p && rest.n;)
        n += str_starts(str_trim(str_cut(rest, '\n', &rest)), str_of(prefix));
    return n;
}

static void test_github__ten_of_each_kind_and_no_command_from_input(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 30);
    str text = report_of(&f, report_github);
    assert_int_equal(count_lines(text, "::error "), 10);
    assert_int_equal(count_lines(text, "::notice "), 10);
    assert_int_equal(count_lines(text, "::"), 20);
    assert_false(str_contains(text, STR("##[")));
    assert_true(str_contains(text, STR("5 errors, 0 warnings, 5 notices")));
    fixture_release(&f);
}

static void test_gitlab__is_json_with_unique_fingerprints(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 30);
    str text = report_of(&f, report_gitlab);
    struct document d = json_read(source_add(f.sources, STR("j"), text), f.arena, &f.diags);
    assert_int_equal(f.diags.n, 0);
    assert_int_equal(d.root->u.list.n, 30);
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < 30; i++)
        map_set(&seen, node_string(node_find(d.root->u.list.item[i], "fingerprint")), &f);
    assert_int_equal(seen.n, 30);
    map_release(&seen);
    fixture_release(&f);
}

static void test_html__has_one_script_and_no_markup_from_input(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 3);
    str text = report_of(&f, report_html);
    size_t at = str_find(text, STR("</script>"));
    assert_true(at != SIZE_MAX);
    assert_false(str_contains(str_slice(text, at + 1, text.n), STR("</script>")));
    assert_false(str_contains(text, STR("<b>\\x1b")));
    assert_false(str_contains(text, STR("\x1b")));
    assert_true(str_contains(text, STR("<mark>x = 1</mark>")));
    fixture_release(&f);
}

static void test_writers__nothing_found_is_a_report_too(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, 0);
    assert_str(report_of(&f, report_gitlab), "[]\n");
    assert_true(str_starts(report_of(&f, report_markdown), STR("## hipaalint: 0 findings\n")));
    assert_true(str_contains(report_of(&f, report_html), STR("</html>")));
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_listing__github_commands_are_escaped),
        TEST(test_listing__markdown_has_no_markup_from_input),
        TEST(test_listing__html_has_no_markup_from_input),
        TEST(test_github__ten_of_each_kind_and_no_command_from_input),
        TEST(test_gitlab__is_json_with_unique_fingerprints),
        TEST(test_html__has_one_script_and_no_markup_from_input),
        TEST(test_writers__nothing_found_is_a_report_too),
    };
    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
