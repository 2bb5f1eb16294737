#include "base/vec.h"
#include "base/testing.h"

struct pair {
    int a, b;
};

static void test_vec__push_grows(void **state)
{
    VEC(struct pair) v = {NULL, 0, 0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        VEC_PUSH(&v, ((struct pair){i, -i}));
    assert_int_equal(v.n, 1000);
    assert_int_equal(v.cap, 1024);
    for (int i = 0; i < 1000; i++)
        assert_true(v.at[i].a == i && v.at[i].b == -i);
    VEC_RELEASE(&v);
    assert_null(v.at);
    assert_int_equal(v.cap, 0);
}

static void test_vec__starts_with_eight(void **state)
{
    VEC(char) v = {NULL, 0, 0};

    (void)state;
    VEC_PUSH(&v, 'x');
    assert_int_equal(v.cap, 8);
    VEC_RELEASE(&v);
}

static void test_vec__release_of_nothing(void **state)
{
    VEC(int) v = {NULL, 0, 0};

    (void)state;
    VEC_RELEASE(&v);
    assert_null(v.at);
}

static void test_vec__move_into_arena(void **state)
{
    struct arena *a = arena_new();
    VEC(int) v = {NULL, 0, 0};
    size_t n = 99;
    int *moved = VEC_MOVE(&v, a, &n);

    (void)state;
    assert_null(moved);
    assert_int_equal(n, 0);
    for (int i = 0; i < 20; i++)
        VEC_PUSH(&v, i);
    moved = VEC_MOVE(&v, a, &n);
    assert_int_equal(n, 20);
    assert_int_equal(moved[19], 19);
    assert_null(v.at);
    assert_int_equal(v.n, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_vec__push_grows),
        TEST(test_vec__starts_with_eight),
        TEST(test_vec__release_of_nothing),
        TEST(test_vec__move_into_arena),
    };

    return cmocka_run_group_tests_name("vec", tests, NULL, NULL);
}
