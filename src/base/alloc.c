#include "base/alloc.h"

#include <stdatomic.h>

static void (*failure_handler)(size_t size, bool over_limit);
static atomic_size_t in_use;
static atomic_size_t limit;
static atomic_ulong countdown;

void alloc_on_failure(void (*handler)(size_t size, bool over_limit))
{
    failure_handler = handler;
}

void alloc_set_limit(size_t bytes)
{
    atomic_store(&limit, bytes);
}

size_t alloc_in_use(void)
{
    return atomic_load(&in_use);
}

void alloc_fail_at(unsigned long n)
{
    atomic_store(&countdown, n);
}

NORETURN static void fail(size_t size, bool over_limit)
{
    if (failure_handler != NULL)
        failure_handler(size, over_limit);
    abort();
}

void alloc_failed(size_t size)
{
    fail(size, false);
}

static bool must_fail(void)
{
    unsigned long n = atomic_load_explicit(&countdown, memory_order_relaxed);

    while (n != 0)
        if (atomic_compare_exchange_weak(&countdown, &n, n - 1))
            return n == 1;
    return false;
}

static void uncharge(size_t size)
{
    atomic_fetch_sub_explicit(&in_use, size, memory_order_relaxed);
}

/* Nothing stays charged when this fails, so that a handler may leave by longjmp (tests do). */
static void charge(size_t size)
{
    size_t max = atomic_load_explicit(&limit, memory_order_relaxed);
    size_t now;

    if (size > PTRDIFF_MAX || must_fail())
        fail(size, false);
    now = atomic_fetch_add_explicit(&in_use, size, memory_order_relaxed) + size;
    if (max != 0 && now > max) {
        uncharge(size);
        fail(size, true);
    }
}

static void *checked(void *p, size_t size)
{
    if (p == NULL) {
        uncharge(size);
        fail(size, false);
    }
    return p;
}

void *alloc_get(size_t size)
{
    charge(size);
    return checked(calloc(1, size != 0 ? size : 1), size);
}

void *alloc_get_unset(size_t size)
{
    charge(size);
    return checked(malloc(size != 0 ? size : 1), size);
}

void *alloc_resize(void *p, size_t old_size, size_t new_size)
{
    size_t more = new_size > old_size ? new_size - old_size : 0;
    void *moved;

    charge(more);
    moved = realloc(p, new_size != 0 ? new_size : 1);
    if (moved == NULL) {
        uncharge(more);
        fail(new_size, false);
    }
    if (new_size < old_size)
        uncharge(old_size - new_size);
    return moved;
}

void alloc_put(void *p, size_t size)
{
    if (p == NULL)
        return;
    uncharge(size);
    free(p);
}
