#include "base/pool.h"
#include "base/testing.h"

#include <stdatomic.h>
#include <sys/resource.h>

enum { ITEMS = 5000 };

struct tally {
    unsigned char done[ITEMS];
    size_t per_worker[LIMIT_THREADS];
    atomic_uint highest;
};

static void count(void *context, size_t item, unsigned worker)
{
    struct tally *t = context;
    unsigned highest = atomic_load(&t->highest);

    t->done[item]++;
    t->per_worker[worker]++;
    while (worker > highest && !atomic_compare_exchange_weak(&t->highest, &highest, worker))
        ;
}

static void assert_all_once(const struct tally *t, size_t items)
{
    size_t sum = 0;

    for (size_t i = 0; i < ITEMS; i++)
        assert_int_equal(t->done[i], i < items);
    for (size_t i = 0; i < LIMIT_THREADS; i++)
        sum += t->per_worker[i];
    assert_int_equal(sum, items);
}

static void run(unsigned jobs, size_t items, unsigned highest_allowed)
{
    struct tally *t = alloc_get(sizeof(*t));

    pool_run(jobs, items, count, t);
    assert_all_once(t, items);
    assert_true(atomic_load(&t->highest) <= highest_allowed);
    alloc_put(t, sizeof(*t));
}

static void test_pool__each_item_is_done_once(void **state)
{
    (void)state;
    run(0, ITEMS, LIMIT_THREADS - 1);
    run(8, ITEMS, 7);
    run(1000, ITEMS, LIMIT_THREADS - 1);
    run(8, 3, 2);
}

static void test_pool__one_job_or_item_runs_on_the_caller(void **state)
{
    (void)state;
    run(1, ITEMS, 0);
    run(8, 1, 0);
    run(8, 0, 0);
}

static void test_pool__jobs_are_capped(void **state)
{
    (void)state;
    assert_in_range(pool_jobs(0), 1, LIMIT_THREADS);
    assert_int_equal(pool_jobs(3), 3);
    assert_int_equal(pool_jobs(100000), LIMIT_THREADS);
}

static void test_pool__works_without_threads(void **state)
{
    struct rlimit old, none;

    (void)state;
    if (TESTING_SANITIZED)
        skip(); /* sanitizers need address space themselves */
    assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
    none = old;
    none.rlim_cur = 4 << 20; /* less than is in use: nothing more can be mapped */
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    run(8, ITEMS, 0);
    assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
}

static size_t recurse(size_t depth)
{
    volatile char frame[4096];

    frame[0] = (char)depth;
    return depth == 0 ? 0 : recurse(depth - 1) + (size_t)(frame[0] == (char)depth);
}

static void recurse_deeply(void *context, size_t item, unsigned worker)
{
    size_t *depths = context;

    (void)worker;
    depths[item] = recurse(1500);
}

static void test_pool__threads_have_deep_stacks(void **state)
{
    size_t depths[4] = {0};

    (void)state;
    pool_run(4, 4, recurse_deeply, depths);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(depths[i], 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pool__works_without_threads), /* first: stacks of ended threads are kept for others */
        TEST(test_pool__each_item_is_done_once), TEST(test_pool__one_job_or_item_runs_on_the_caller),
        TEST(test_pool__jobs_are_capped),        TEST(test_pool__threads_have_deep_stacks),
    };

    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
