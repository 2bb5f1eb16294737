#include "base/buf.h"
#include "base/testing.h"

static void test_buf__grows_and_stays_terminated(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100000);
    assert_string_equal(buf_str(&b).p, "");
    for (int i = 0; i < 1000; i++) {
        buf_add(&b, STR("ab"));
        buf_add_char(&b, 'c');
        buf_add_c(&b, "de");
        assert_int_equal(b.p[b.n], '\0');
    }
    assert_int_equal(buf_str(&b).n, 5000);
    assert_memory_equal(buf_str(&b).p + 4990, "abcdeabcde", 10);
    assert_false(b.overflow);
    buf_release(&b);
}

static void test_buf__empty_pieces_are_fine(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 0);
    buf_add(&b, STR_NONE);
    buf_add_c(&b, "");
    buf_add_c(&b, NULL);
    buf_printf(&b, "%s", "");
    assert_false(b.overflow);
    assert_str(buf_str(&b), "");
    buf_release(&b);
}

static void test_buf__overflow_drops_the_rest(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_add_c(&b, "abc");
    buf_add_c(&b, "def");
    assert_true(b.overflow);
    buf_add_c(&b, "x"); /* would fit, but after a hole */
    buf_printf(&b, "%d", 1);
    buf_add_utf8(&b, 0xE9);
    assert_str(buf_str(&b), "abc");
    buf_clear(&b);
    assert_false(b.overflow);
    buf_add_c(&b, "abcde");
    assert_false(b.overflow);
    assert_str(buf_str(&b), "abcde");
    buf_release(&b);
}

static void test_buf__printf_short_and_long(void **state)
{
    struct buf b;
    char filler[501];

    (void)state;
    memset(filler, 'x', 500);
    filler[500] = '\0';
    buf_init(&b, 2000);
    buf_printf(&b, "%d:", 42);
    buf_printf(&b, "%s!", filler);
    assert_int_equal(b.n, 504);
    assert_memory_equal(b.p, "42:xxx", 6);
    assert_string_equal(b.p + 500, "xxx!");
    buf_release(&b);
}

static void test_buf__encodes_code_points(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    buf_add_utf8(&b, 'a');
    buf_add_utf8(&b, 0x20AC);
    buf_add_utf8(&b, 0x1F600);
    buf_add_utf8(&b, 0xD800);
    assert_str(buf_str(&b), "a\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBD");
    buf_release(&b);
}

static void test_buf__copy_outlives_the_buffer(void **state)
{
    struct arena *a = arena_new();
    struct buf b;
    str copy;

    (void)state;
    buf_init(&b, 100);
    buf_add_c(&b, "text");
    copy = buf_copy(&b, a);
    buf_release(&b);
    assert_string_equal(copy.p, "text");
    buf_add_c(&b, "usable again");
    assert_str(buf_str(&b), "usable again");
    buf_release(&b);
    buf_release(&b);
    arena_free(a);
}

static void collect(void *context, str text)
{
    buf_add(context, text);
}

static void test_buf__a_sink_gets_everything_in_order(void **state)
{
    struct buf all, b;

    (void)state;
    buf_init(&all, SIZE_MAX);
    buf_init_sink(&b, collect, &all);
    for (unsigned i = 0; i < 100000; i++)
        buf_printf(&b, "%06u", i);
    assert_true(all.n != 0);
    assert_true(b.n < 600000);
    buf_flush(&b);
    assert_int_equal(b.n, 0);
    assert_int_equal(all.n, 600000);
    for (unsigned i = 0; i < 100000; i++) {
        char want[8];
        snprintf(want, sizeof(want), "%06u", i);
        assert_memory_equal(all.p + (size_t)i * 6, want, 6);
    }
    buf_release(&b);
    buf_release(&all);
}

static void test_buf__json_is_escaped_and_cut_at_the_maximum(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
        size_t max;
    } rows[] = {
        {"", "\"\"", 100},
        {"plain \"q\" \\ \n\r\t", "\"plain \\\"q\\\" \\\\ \\n\\r\\t\"", 100},
        {"\x01\x7f\xc2\x85", "\"\\u0001\\u007f\\u0085\"", 100},
        {"\xe2\x80\xae", "\"\\u202e\"", 100},
        {"\xc3\xa4\xff.", "\"\xc3\xa4\xef\xbf\xbd.\"", 100},
        {"abcdef", "\"abc", 4},
        {"abcdef", "\"abcdef", 7},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, rows[i].max);
        buf_add_json(&b, str_of(rows[i].text));
        assert_str(buf_str(&b), rows[i].json);
        assert_int_equal(b.overflow, rows[i].max < 100);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_buf__grows_and_stays_terminated),
        TEST(test_buf__empty_pieces_are_fine),
        TEST(test_buf__overflow_drops_the_rest),
        TEST(test_buf__printf_short_and_long),
        TEST(test_buf__encodes_code_points),
        TEST(test_buf__copy_outlives_the_buffer),
        TEST(test_buf__json_is_escaped_and_cut_at_the_maximum),
        TEST(test_buf__a_sink_gets_everything_in_order),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
