#include "base/testing.h"

static jmp_buf out_of_memory;
static size_t failed_size;
static bool failed_over_limit;

static void note_failure(size_t size, bool over_limit)
{
    failed_size = size;
    failed_over_limit = over_limit;
    longjmp(out_of_memory, 1);
}

/* Whether alloc_get(size) failed. */
static bool get_fails(size_t size)
{
    void *p;

    if (setjmp(out_of_memory) != 0)
        return true;
    p = alloc_get(size);
    alloc_put(p, size);
    return false;
}

static int set_up(void **state)
{
    alloc_on_failure(note_failure);
    return note_memory(state);
}

static int tear_down(void **state)
{
    alloc_set_limit(0);
    alloc_fail_at(0);
    alloc_on_failure(NULL);
    return assert_nothing_left(state);
}

static void test_alloc__memory_is_zeroed(void **state)
{
    char *p = alloc_get(1000);

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
    alloc_put(p, 1000);
}

static void test_alloc__counts_what_is_in_use(void **state)
{
    size_t before = alloc_in_use();
    char *p = alloc_get(100);

    (void)state;
    assert_int_equal(alloc_in_use(), before + 100);
    p = alloc_resize(p, 100, 300);
    assert_int_equal(alloc_in_use(), before + 300);
    p = alloc_resize(p, 300, 50);
    assert_int_equal(alloc_in_use(), before + 50);
    alloc_put(p, 50);
    assert_int_equal(alloc_in_use(), before);
    alloc_put(NULL, 50);
    assert_int_equal(alloc_in_use(), before);
}

static void test_alloc__resize_keeps_the_bytes(void **state)
{
    char *p = alloc_get(4);

    (void)state;
    memcpy(p, "abc", 4);
    p = alloc_resize(p, 4, 4096);
    assert_string_equal(p, "abc");
    alloc_put(p, 4096);
}

static void test_alloc__size_zero_is_an_object(void **state)
{
    void *p = alloc_get(0);

    (void)state;
    assert_non_null(p);
    p = alloc_resize(p, 0, 0);
    assert_non_null(p);
    alloc_put(p, 0);
}

static void test_alloc__over_limit_fails(void **state)
{
    (void)state;
    alloc_set_limit(alloc_in_use() + 1000);
    assert_false(get_fails(1000));
    assert_true(get_fails(1001));
    assert_true(failed_over_limit);
    assert_int_equal(failed_size, 1001);
    assert_false(get_fails(1000)); /* the failed one is not charged */
}

static void test_alloc__resize_over_limit_keeps_the_old(void **state)
{
    char *volatile p = alloc_get(10);

    (void)state;
    alloc_set_limit(alloc_in_use() + 10);
    if (setjmp(out_of_memory) == 0) {
        p = alloc_resize(p, 10, 21);
        fail();
    }
    p = alloc_resize(p, 10, 20);
    alloc_put(p, 20);
}

static void test_alloc__nth_allocation_fails(void **state)
{
    (void)state;
    alloc_fail_at(3);
    assert_false(get_fails(1));
    assert_false(get_fails(1));
    assert_true(get_fails(1));
    assert_false(failed_over_limit);
    assert_false(get_fails(1));
}

static void test_alloc__absurd_size_fails(void **state)
{
    (void)state;
    assert_true(get_fails(SIZE_MAX));
    assert_true(get_fails(SIZE_MAX / 2 + 1));
}

static void test_alloc__arena_blocks_can_fail(void **state)
{
    struct arena *a = arena_new();
    volatile bool failed = false;

    (void)state;
    alloc_fail_at(1);
    if (setjmp(out_of_memory) == 0)
        arena_alloc(a, 10);
    else
        failed = true;
    assert_true(failed);
    assert_int_equal(arena_used(a), 0);
    assert_non_null(arena_alloc(a, 10));
    arena_free(a);
}

#define FAILING(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAILING(test_alloc__memory_is_zeroed),       FAILING(test_alloc__counts_what_is_in_use),
        FAILING(test_alloc__resize_keeps_the_bytes), FAILING(test_alloc__size_zero_is_an_object),
        FAILING(test_alloc__over_limit_fails),       FAILING(test_alloc__resize_over_limit_keeps_the_old),
        FAILING(test_alloc__nth_allocation_fails),   FAILING(test_alloc__absurd_size_fails),
        FAILING(test_alloc__arena_blocks_can_fail),
    };

    return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
