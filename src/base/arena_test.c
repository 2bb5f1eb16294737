#include "base/testing.h"

#include <stdalign.h>

static void test_arena__memory_is_zeroed_and_aligned(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = arena_alloc(a, size);

        assert_int_equal((uintptr_t)p % alignof(double), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xEE, size);
    }
    arena_free(a);
}

static void test_arena__objects_never_move_or_overlap(void **state)
{
    enum { N = 20000 };
    struct arena *a = arena_new();
    size_t **at = alloc_get(N * sizeof(*at));

    (void)state;
    for (size_t i = 0; i < N; i++) {
        at[i] = arena_alloc(a, sizeof(size_t) * (1 + i % 13));
        *at[i] = i;
    }
    for (size_t i = 0; i < N; i++)
        assert_int_equal(*at[i], i);
    alloc_put(at, N * sizeof(*at));
    arena_free(a);
}

static void test_arena__large_object_has_its_own_block(void **state)
{
    enum { LARGE = 5 << 20 };
    struct arena *a = arena_new();
    char *small = arena_alloc(a, 16);
    char *large = arena_alloc(a, LARGE);
    char *next = arena_alloc(a, 16);

    (void)state;
    memset(large, 1, LARGE);
    assert_true(next > small && next < small + (64 << 10)); /* the first block goes on being used */
    assert_true(arena_used(a) >= LARGE + 32);
    arena_free(a);
}

static void test_arena__rewind_frees_tail(void **state)
{
    struct arena *a = arena_new();
    char *kept = arena_cstr(a, STR("kept"));
    struct arena_mark mark = arena_mark(a);
    size_t used = arena_used(a);
    size_t in_use = alloc_in_use();

    (void)state;
    for (int i = 0; i < 1000; i++)
        memset(arena_alloc(a, 10000), 0xEE, 10000);
    memset(arena_alloc(a, 3 << 20), 0xEE, 3 << 20);
    assert_true(alloc_in_use() > in_use + 13000000);
    arena_rewind(a, mark);
    assert_int_equal(arena_used(a), used);
    assert_true(alloc_in_use() <= in_use + (1 << 20)); /* one spare block */
    assert_string_equal(kept, "kept");
    arena_free(a);
}

static void test_arena__memory_is_zeroed_after_rewind(void **state)
{
    struct arena *a = arena_new();
    struct arena_mark mark;

    (void)state;
    arena_alloc(a, 100);
    mark = arena_mark(a);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 300; i++) {
            unsigned char *p = arena_alloc(a, 1000);

            for (size_t k = 0; k < 1000; k++)
                assert_int_equal(p[k], 0);
            memset(p, 0xEE, 1000);
        }
        arena_rewind(a, mark);
    }
    arena_free(a);
}

static void test_arena__marks_nest(void **state)
{
    struct arena *a = arena_new();
    struct arena_mark outer = arena_mark(a); /* before the first block */
    struct arena_mark inner, middle;

    (void)state;
    arena_alloc(a, 100000);
    middle = arena_mark(a);
    arena_alloc(a, 100000);
    arena_alloc(a, 30);
    inner = arena_mark(a);
    arena_alloc(a, 900000);
    arena_rewind(a, inner);
    assert_true(arena_used(a) >= 200030);
    arena_rewind(a, middle);
    assert_in_range(arena_used(a), 100000, 100200);
    arena_rewind(a, outer);
    assert_int_equal(arena_used(a), 0);
    arena_free(a);
}

static void test_arena__scratch_use_settles(void **state)
{
    struct arena *a = arena_new();
    size_t in_use = 0;

    (void)state;
    for (int round = 0; round < 100; round++) {
        struct arena_mark mark = arena_mark(a);

        for (int i = 0; i < 100; i++)
            arena_alloc(a, 1000);
        arena_rewind(a, mark);
        if (round == 10)
            in_use = alloc_in_use();
    }
    assert_int_equal(alloc_in_use(), in_use);
    arena_free(a);
}

static void test_arena__copies_are_terminated(void **state)
{
    struct arena *a = arena_new();
    str text = {"abcdef", 3};

    (void)state;
    assert_string_equal(arena_cstr(a, text), "abc");
    assert_string_equal(arena_str(a, text).p, "abc");
    assert_string_equal(arena_str(a, STR_NONE).p, "");
    assert_string_equal(arena_cstr(a, STR_NONE), "");
    assert_memory_equal(arena_copy(a, "xyz", 3), "xyz", 3);
    assert_non_null(arena_copy(a, NULL, 0));
    arena_free(a);
}

static void test_arena__printf_short_and_long(void **state)
{
    struct arena *a = arena_new();
    char filler[1001];
    str s;

    (void)state;
    memset(filler, 'x', 1000);
    filler[1000] = '\0';
    assert_str(arena_printf(a, "%d-%s-" STR_FMT, 7, "a", STR_ARG(STR("bc"))), "7-a-bc");
    assert_str(arena_printf(a, "%s", ""), "");
    s = arena_printf(a, "<%s>", filler);
    assert_int_equal(s.n, 1002);
    assert_int_equal(s.p[1001], '>');
    assert_int_equal(s.p[1002], '\0');
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_arena__memory_is_zeroed_and_aligned),
        TEST(test_arena__objects_never_move_or_overlap),
        TEST(test_arena__large_object_has_its_own_block),
        TEST(test_arena__rewind_frees_tail),
        TEST(test_arena__memory_is_zeroed_after_rewind),
        TEST(test_arena__marks_nest),
        TEST(test_arena__scratch_use_settles),
        TEST(test_arena__copies_are_terminated),
        TEST(test_arena__printf_short_and_long),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
