/* testing.h - what the unit tests of every layer share. Included by tests only. */
#ifndef BASE_TESTING_H
#define BASE_TESTING_H

#include "base/alloc.h"
#include "base/arena.h"

#include <setjmp.h>
#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TESTING_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TESTING_SANITIZED 1
#endif
#ifndef TESTING_SANITIZED
#define TESTING_SANITIZED 0
#endif

#define assert_str(s, text)                                                                                            \
    do {                                                                                                               \
        str assert_str_ = (s);                                                                                         \
        assert_int_equal(assert_str_.n, strlen(text));                                                                 \
        assert_memory_equal(assert_str_.n == 0 ? "" : assert_str_.p, (text), assert_str_.n);                           \
    } while (0)

/* A test that must give back all memory. */
#define TEST(f) cmocka_unit_test_setup_teardown(f, note_memory, assert_nothing_left)

UNUSED static int note_memory(void **state)
{
    *state = (void *)(uintptr_t)alloc_in_use();
    return 0;
}

UNUSED static int assert_nothing_left(void **state)
{
    assert_int_equal(alloc_in_use(), (size_t)(uintptr_t)*state);
    return 0;
}

#endif
