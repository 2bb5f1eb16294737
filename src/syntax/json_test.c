#include "syntax/testing.h"

#include <dirent.h>
#include <math.h>

#include "syntax/json.h"

static const struct node *read_text(struct fixture *f, str text)
{
    prepare(f, "test.json", text);
    f->document = json_read(f->source, f->arena, &f->diags);
    return f->document.root;
}

static void check_dump(const char *text, const char *expected)
{
    struct fixture f;
    struct buf b;

    buf_init(&b, 1 << 16);
    node_dump(read_text(&f, str_of(text)), &b);
    assert_int_equal(f.diags.n, 0);
    assert_false(f.document.incomplete);
    assert_str(buf_str(&b), expected);
    buf_release(&b);
    done(&f);
}

/* One diagnostic at [start, end) whose text has `part`; what was kept looks like `expected`. */
static void check_error(const char *text, uint32_t start, uint32_t end, const char *part, const char *expected)
{
    struct fixture f;
    struct buf b;

    buf_init(&b, 1 << 16);
    node_dump(read_text(&f, str_of(text)), &b);
    assert_str(buf_str(&b), expected);
    assert_true(f.document.incomplete);
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(f.diags.at[0].id, DIAG_SYNTAX);
    if (!str_contains(f.diags.at[0].message, str_of(part)))
        fail_msg("%s: " STR_FMT, text, STR_ARG(f.diags.at[0].message));
    assert_int_equal(f.diags.at[0].at.start, start);
    assert_int_equal(f.diags.at[0].at.end, end);
    buf_release(&b);
    done(&f);
}

static void check_span(const struct node *n, uint32_t start, uint32_t end, unsigned flags)
{
    assert_int_equal(n->at.start, start);
    assert_int_equal(n->at.end, end);
    assert_int_equal(n->flags, flags);
}

static void test_json__values(void **state)
{
    (void)state;
    check_dump("{}", "{}");
    check_dump(" [ ] ", "[]");
    check_dump("\t{\"a\" : [1, -2.50, 0, true,false ,null],\r\n\"b\":{\"\":\"\"}}",
               "{\"a\":[1,-2.50,0,true,false,null],\"b\":{\"\":\"\"}}");
    check_dump("\"x\"", "\"x\"");
    check_dump("-0", "-0");
}

static void test_json__escapes(void **state)
{
    struct fixture f;
    const struct node *n;

    (void)state;
    n = read_text(&f, STR("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00z\""));
    assert_str(n->u.string, "a\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80z");
    check_span(n, 0, 38, NODE_QUOTED);
    done(&f);
    n = read_text(&f, STR("[\"\\ud800\", \"\\udc00\\ud800x\", \"\\ud800\\u0041\", \"\\u0000\"]"));
    assert_int_equal(f.diags.n, 0);
    assert_str(n->u.list.item[0]->u.string, "\xEF\xBF\xBD");
    assert_str(n->u.list.item[1]->u.string, "\xEF\xBF\xBD\xEF\xBF\xBDx");
    assert_str(n->u.list.item[2]->u.string, "\xEF\xBF\xBD"
                                            "A");
    assert_int_equal(n->u.list.item[3]->u.string.n, 1);
    done(&f);
}

static void test_json__spans_and_raw_strings(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("{\"key\": [12, \"text\"],\n \"b\": null}"));
    const struct node *list = n->u.map.entry[0].value;

    (void)state;
    check_span(n, 0, 33, 0);
    check_span(n->u.map.entry[0].key, 1, 6, NODE_QUOTED | NODE_RAW);
    check_span(list, 8, 20, 0);
    check_span(list->u.list.item[0], 9, 11, NODE_PLAIN);
    check_span(list->u.list.item[1], 13, 19, NODE_QUOTED | NODE_RAW);
    check_span(n->u.map.entry[1].value, 28, 32, NODE_PLAIN);
    assert_ptr_equal(list->u.list.item[1]->u.string.p, f.source->text.p + 14);
    done(&f);
}

static void check_number(const char *text, double expected)
{
    struct fixture f;
    const struct node *n = read_text(&f, str_of(text));

    assert_int_equal(n->kind, NODE_NUMBER);
    assert_str(n->u.number.text, text);
    assert_true(memcmp(&n->u.number.value, &expected, sizeof(expected)) == 0);
    done(&f);
}

static void test_json__numbers_keep_their_text(void **state)
{
    (void)state;
    check_number("0", 0);
    check_number("-0", -0.0);
    check_number("123456789012345", 123456789012345.0);
    check_number("1234567890123456789012", 1234567890123456789012.0);
    check_number("0.1", 0.1);
    check_number("3.141592653589793", 3.141592653589793);
    check_number("-1.5e3", -1500.0);
    check_number("2.2250738585072011e-308", 2.2250738585072011e-308);
    check_number("0.00000000000000000000000000001", 1e-29);
    check_number("1e999", (double)INFINITY);
    check_number("-1e999", (double)-INFINITY);
}

static void test_json__errors_say_what_was_expected(void **state)
{
    (void)state;
    check_error("", 0, 0, "expected a JSON value, found the end", "()");
    check_error("{\"a\": 1", 7, 7, "expected ',' or '}' in the object that starts at line 1, found the end",
                "{\"a\":1}");
    check_error("{\"a\": {\"b\": [1, {\"c\": 2}", 24, 24, "expected ',' or ']' in the list",
                "{\"a\":{\"b\":[1,{\"c\":2}]}}");
    check_error("[1, 2,]", 5, 6, "a comma before ']' is not allowed", "[1,2]");
    check_error("{\"a\": 1,}", 7, 8, "a comma before '}' is not allowed", "{\"a\":1}");
    check_error("[1 2]", 3, 4, "expected ',' or ']'", "[1]");
    check_error("[,1]", 1, 2, "expected a value or ']', found ,", "[]");
    check_error("{a: 1}", 1, 2, "expected a key in double quotes", "{}");
    check_error("{'a': 1}", 1, 2, "strings in double quotes", "{}");
    check_error("{\"a\" 1}", 5, 6, "expected ':' after the key, found 1", "{}");
    check_error("{\"a\": }", 6, 7, "expected a value, found }", "{}");
    check_error("// x\n{}", 0, 1, "JSON has no comments", "()");
    check_error("[True]", 1, 5, "found True", "[]");
    check_error("[nulls]", 1, 6, "found nulls", "[]");
    check_error("{} x", 3, 4, "nothing after the end", "{}");
    check_error("[\"\xC3\xA9\", \xC3\xA9]", 7, 9, "found \xC3\xA9", "[\"\xC3\xA9\"]");
}

static void test_json__errors_in_numbers_and_strings(void **state)
{
    (void)state;
    check_error("[01]", 1, 3, "may not start with 0", "[]");
    check_error("[-]", 1, 2, "after -", "[]");
    check_error("[1.]", 1, 3, "after the point", "[]");
    check_error("[1e+]", 1, 4, "in the exponent", "[]");
    check_error("[+1]", 1, 3, "found +1", "[]");
    check_error("[\"abc", 1, 2, "is not closed", "[]");
    check_error("[\"abc\n\"]", 1, 5, "before the end of the line", "[]");
    check_error("[\"a\tb\"]", 3, 4, "must be written \\t", "[]");
    check_error("[\"a\001b\"]", 3, 4, "U+0001", "[]");
    check_error("[\"\\n\001\"]", 4, 5, "U+0001", "[]");
    check_error("[\"\\x\"]", 2, 4, "unknown escape", "[]");
    check_error("[\"\\u12g4\"]", 2, 4, "four hexadecimal digits", "[]");
    check_error("[\"\\", 2, 3, "unknown escape", "[]");
    check_error("[\"\\\"", 1, 2, "is not closed", "[]");
}

static void test_json__everything_open_is_incomplete(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("{\"done\": {\"x\": 1}, \"open\": [1, tru"));

    (void)state;
    assert_int_equal(f.diags.n, 1);
    assert_true((n->flags & NODE_INCOMPLETE) != 0);
    assert_false((node_find(n, "done")->flags & NODE_INCOMPLETE) != 0);
    assert_true((node_find(n, "open")->flags & NODE_INCOMPLETE) != 0);
    done(&f);
}

static void test_json__duplicate_keys(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("{\"a\": 1,\n\"b\": 2,\n\"\\u0061\": 3}"));

    (void)state;
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(f.diags.at[0].id, DIAG_DUPLICATE_KEY);
    assert_int_equal(f.diags.at[0].at.start, 17);
    assert_true(str_contains(f.diags.at[0].message, STR("first at line 1")));
    assert_int_equal(n->u.map.n, 2);
    assert_str(node_find(n, "a")->u.number.text, "3");
    assert_false(f.document.incomplete);
    done(&f);
}

/* Many keys go another way, and many duplicates do not bury the rest. */
static void test_json__duplicates_among_many_keys(void **state)
{
    struct fixture f;
    const struct node *n;
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 3000; i++)
        buf_printf(&b, "%c\"key%d\": %d", i == 0 ? '{' : ',', i % 2000, i);
    buf_add_char(&b, '}');
    n = read_text(&f, buf_str(&b));
    assert_int_equal(f.diags.n, LIMIT_FILE_DIAGNOSTICS);
    assert_int_equal(f.diags.at[LIMIT_FILE_DIAGNOSTICS - 1].id, DIAG_LIMIT);
    assert_int_equal(n->u.map.n, 2000);
    assert_str(node_find(n, "key999")->u.number.text, "2999");
    assert_str(node_find(n, "key1000")->u.number.text, "1000");
    done(&f);
    buf_release(&b);
}

static void check_depth(unsigned depth, bool too_deep)
{
    struct fixture f;
    struct buf b;

    buf_init(&b, 1 << 20);
    for (unsigned i = 0; i < depth; i++)
        buf_add_c(&b, i % 2 == 0 ? "[" : "{\"k\":");
    buf_add_c(&b, "1");
    for (unsigned i = depth; i > 0; i--)
        buf_add_c(&b, i % 2 == 1 ? "]" : "}");
    assert_non_null(read_text(&f, buf_str(&b)));
    assert_int_equal(f.diags.n, too_deep);
    if (too_deep)
        assert_int_equal(f.diags.at[0].id, DIAG_LIMIT);
    assert_int_equal(f.document.incomplete, too_deep);
    done(&f);
    buf_release(&b);
}

static void test_json__depth_is_limited(void **state)
{
    (void)state;
    check_depth(LIMIT_DEPTH, false);
    check_depth(LIMIT_DEPTH + 1, true);
    check_depth(100000, true);
}

static void test_json__embedded(void **state)
{
    struct arena *arena = arena_new();
    span whole = {7, 100, 130};
    struct diag_list diags;
    const struct node *n;

    (void)state;
    diag_list_init(&diags, arena);
    n = json_read_embedded(STR("{\"a\": \"b\"}"), 7, 101, true, whole, arena, NULL);
    assert_int_equal(n->at.file, 7);
    check_span(node_find(n, "a"), 107, 110, NODE_QUOTED | NODE_RAW);
    n = json_read_embedded(STR("{\"a\": \"b\"}"), 7, 101, false, whole, arena, NULL);
    check_span(node_find(n, "a"), 100, 130, NODE_QUOTED);
    assert_null(json_read_embedded(STR("{\"a\": "), 7, 101, true, whole, arena, NULL));
    assert_null(json_read_embedded(STR_NONE, 7, 101, true, whole, arena, NULL));
    assert_non_null(json_read_embedded(STR("{\"a\": "), 7, 101, true, whole, arena, &diags));
    assert_int_equal(diags.n, 1);
    assert_int_equal(diags.at[0].at.start, 107);
    assert_str(diags.at[0].message, "expected a value, found the end of the text");
    diag_list_release(&diags);
    arena_free(arena);
}

/* Every beginning of a text gives a tree and at most one error. */
static void test_json__every_prefix(void **state)
{
    static const char text[] =
        "{\"a\": [1.5e+3, \"\\ud83d\\ude00\", {\"b\": null}], \"c\": true, \"d\": \"\xC3\xA9\"}\n";

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = n == 0 ? NULL : alloc_get(n);
        struct fixture f;

        if (n != 0)
            memcpy(copy, text, n);
        read_text(&f, (str){copy, n});
        assert_int_equal(f.diags.n, n < sizeof(text) - 2);
        done(&f);
        alloc_put(copy, n);
    }
}

/* ---------------------------------------------------------------- JSONTestSuite */

static bool refused(const char *path)
{
    struct sources *sources = sources_new();
    struct arena *arena = arena_new();
    enum source_error error;
    const struct source *s = source_open(sources, str_of(path), STR_NONE, &error);
    struct diag_list diags;
    bool bad;

    assert_non_null(s);
    diag_list_init(&diags, arena);
    bad = !document_check_text(s, &diags);
    bad |= json_read(s, arena, &diags).incomplete;
    for (size_t i = 0; i < diags.n; i++)
        bad |= diags.at[i].severity == DIAG_ERROR && diags.at[i].id != DIAG_DUPLICATE_KEY;
    if (bad)
        assert_true(diags.n != 0);
    diag_list_release(&diags);
    arena_free(arena);
    sources_free(sources);
    return bad;
}

static void test_json__suite(void **state)
{
    const char *shared = getenv("HIPAALINT_SHARED");
    size_t n[3] = {0, 0, 0}, failed = 0;
    struct dirent *entry;
    char directory[2048], path[4096];
    DIR *dir;

    (void)state;
    snprintf(directory, sizeof(directory), "%s/corpora/JSONTestSuite", shared != NULL ? shared : "../shared");
    dir = opendir(directory);
    if (dir == NULL) {
        print_message("skipped: there is no %s (set HIPAALINT_SHARED)\n", directory);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        const char *kind = strchr("yni", entry->d_name[0]);
        bool bad;

        if (kind == NULL || *kind == '\0' || entry->d_name[1] != '_')
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        bad = refused(path);
        n[*kind == 'y' ? 0 : *kind == 'n' ? 1 : 2]++;
        if (*kind != 'i' && bad != (*kind == 'n')) {
            print_error("%s is %s\n", entry->d_name, bad ? "refused" : "accepted");
            failed++;
        }
    }
    closedir(dir);
    print_message("JSONTestSuite: %zu accepted, %zu refused, %zu either\n", n[0], n[1], n[2]);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_json__values),
        TEST(test_json__escapes),
        TEST(test_json__spans_and_raw_strings),
        TEST(test_json__numbers_keep_their_text),
        TEST(test_json__errors_say_what_was_expected),
        TEST(test_json__errors_in_numbers_and_strings),
        TEST(test_json__everything_open_is_incomplete),
        TEST(test_json__duplicate_keys),
        TEST(test_json__duplicates_among_many_keys),
        TEST(test_json__depth_is_limited),
        TEST(test_json__embedded),
        TEST(test_json__every_prefix),
        TEST(test_json__suite),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
