#include "base/testing.h"

#include "base/base64.h"

struct pair {
    const char *bytes, *text;
};

static const struct pair pairs[] = {{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"},
                                    {"\xff\xfe\xfb", "//77"}};

static void test_base64__both_ways(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct buf b;
        str bytes;
        assert_str(base64_encode(a, str_of(pairs[i].bytes)), pairs[i].text);
        buf_init(&b, SIZE_MAX);
        base64_add(&b, str_of(pairs[i].bytes));
        assert_str(buf_str(&b), pairs[i].text);
        buf_release(&b);
        assert_true(base64_decode(a, str_of(pairs[i].text), BASE64_STRICT, &bytes, NULL));
        assert_str(bytes, pairs[i].bytes);
    }
    arena_free(a);
}

static void test_base64__forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned form;
        bool want;
        size_t bad;
    } rows[] = {
        {"Zg", BASE64_STRICT, false, 1},         {"Zg", BASE64_UNPADDED, true, 0},
        {"Zg=", BASE64_UNPADDED, false, 2},      {"Z", BASE64_UNPADDED, false, 0},
        {"Zg==Zg==", BASE64_STRICT, false, 4},   {"Zg===", BASE64_STRICT, false, 4},
        {"====", BASE64_STRICT, false, 0},       {"Zm9v\nYg==\n", BASE64_LINES, true, 0},
        {"Zm9v Yg==", BASE64_LINES, false, 4},   {"Zm9v \tYg==", BASE64_SPACES, true, 0},
        {"Zm9v\nYg==", BASE64_STRICT, false, 4}, {"Zm-v", BASE64_STRICT, false, 2},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str bytes;
        size_t bad = 0;
        assert_int_equal(base64_decode(a, str_of(rows[i].text), rows[i].form, &bytes, &bad), rows[i].want);
        assert_int_equal(bad, rows[i].bad);
    }
    str bytes;
    assert_false(base64_decode(a, (str){"Zm9\0", 4}, BASE64_STRICT, &bytes, NULL));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_base64__both_ways), TEST(test_base64__forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
