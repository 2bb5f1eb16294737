/* alloc.h - malloc that does not fail, and the two things that can make it: limit and fault.
 *
 * Everything that is not in an arena comes from here. Running out of memory calls the handler set
 * by the program (cli prints one line and exits 3); the default handler aborts. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/base.h"

void *alloc_get(size_t size);                                  /* zeroed */
void *alloc_get_unset(size_t size);                            /* the same, with any content */
void *alloc_resize(void *p, size_t old_size, size_t new_size); /* what is new is not zeroed */
void alloc_put(void *p, size_t size);                          /* NULL is fine */

/* What a library could not have: the same as a failure of alloc_get. `size` 0 where it is not known. */
NORETURN void alloc_failed(size_t size);

/* Called with the size that could not be had; must not return. */
void alloc_on_failure(void (*handler)(size_t size, bool over_limit));
void alloc_set_limit(size_t bytes); /* 0: none; counts what alloc_get gave out */
size_t alloc_in_use(void);
/* Makes the n-th allocation from now fail (1 is the next); 0 switches off. Tests only. */
void alloc_fail_at(unsigned long n);

#endif
