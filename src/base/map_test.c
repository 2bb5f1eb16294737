#include "base/map.h"
#include "base/testing.h"

static void test_map__empty_finds_nothing(void **state)
{
    struct map m;

    (void)state;
    map_init(&m);
    assert_null(map_find(&m, STR("a")));
    assert_false(map_has(&m, STR_NONE));
    map_release(&m);
}

static void test_map__set_replaces_and_add_does_not(void **state)
{
    int one, two;
    struct map m;

    (void)state;
    map_init(&m);
    map_set(&m, STR("k"), &one);
    map_set(&m, STR("k"), &two);
    assert_ptr_equal(map_find(&m, STR("k")), &two);
    assert_ptr_equal(map_add(&m, STR("k"), &one), &two);
    assert_ptr_equal(map_add(&m, STR("new"), &one), &one);
    assert_int_equal(m.n, 2);
    map_release(&m);
}

static void test_map__null_value_is_present(void **state)
{
    struct map m;

    (void)state;
    map_init(&m);
    map_set(&m, STR(""), NULL);
    assert_true(map_has(&m, STR_NONE));
    assert_null(map_find(&m, STR("")));
    map_release(&m);
}

static void test_map__many_keys_in_order_of_insertion(void **state)
{
    enum { N = 10000 };
    struct arena *a = arena_new();
    struct map m;

    (void)state;
    map_init(&m);
    for (size_t i = 0; i < N; i++) {
        str key = arena_printf(a, "key-%zu", i * 7919 % N);

        map_set(&m, key, (void *)(uintptr_t)(i + 1));
        assert_true(map_has(&m, key));
        assert_false(map_has(&m, STR("key--1")));
    }
    assert_int_equal(m.n, N);
    for (size_t i = 0; i < N; i++) {
        str key = arena_printf(a, "key-%zu", i * 7919 % N);

        assert_true(str_eq(m.at[i].key, key));
        assert_int_equal((uintptr_t)map_find(&m, key), i + 1);
        assert_int_equal((uintptr_t)map_add(&m, key, NULL), i + 1);
    }
    map_release(&m);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_map__empty_finds_nothing),
        TEST(test_map__set_replaces_and_add_does_not),
        TEST(test_map__null_value_is_present),
        TEST(test_map__many_keys_in_order_of_insertion),
    };

    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
