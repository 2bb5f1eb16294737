#include "frontend/terraform/number.h"

#include "base/testing.h"

/* What is said of a text without working it out is what working it out gives. */
static void test_text_as_written(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1.5",
        "-1.5",
        "0.001",
        "-0.00100",
        "00.5",
        "1e-3",
        "12.5e2",
        "1.25e-30",
        "9007199254740993",
        "1e22",
        "123456789012345678901234567890",
        "123456789012345678901234567890.5e-5",
        "1.7e-1000",
        "-1.7E+400",
        "100e300",
        "0.1000000000000000055511151231257827021181583404541015625",
        "5e-324",
        "1e3000",
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct number n;
        assert_true(number_parse(str_of(texts[i]), &n));
        const struct value *slow = number_value(a, &n, NULL), *quick = number_value_of(a, str_of(texts[i]), NULL);
        assert_non_null(quick);
        assert_true(str_eq(value_exact(slow), value_exact(quick)));
        assert_true(slow->u.number.value == quick->u.number.value);
    }
    /* One digit more than tells texts apart is worked out. */
    char many[160];
    for (size_t n = 150; n < 158; n++) {
        struct number parsed;
        memset(many, '7', n);
        str text = {many, n};
        assert_true(number_parse(text, &parsed));
        assert_true(str_eq(value_exact(number_value(a, &parsed, NULL)), value_exact(number_value_of(a, text, NULL))));
    }
    assert_null(number_value_of(a, STR("1.2.3"), NULL));
    assert_null(number_value_of(a, STR("e5"), NULL));
    assert_null(number_value_of(a, STR(""), NULL));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text_as_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
