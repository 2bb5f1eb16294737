#include "base/vec.h"

void *vec_grow(void *at, size_t *cap, size_t item_size)
{
    size_t new_cap = *cap == 0 ? 8 : *cap * 2;

    if (new_cap > SIZE_MAX / 2 / item_size)
        return alloc_get(SIZE_MAX); /* cannot succeed: reports the failure */
    at = alloc_resize(at, *cap * item_size, new_cap * item_size);
    *cap = new_cap;
    return at;
}

void *vec_move(void **at, size_t *n, size_t *cap, size_t item_size, struct arena *a)
{
    void *copy = *n == 0 ? NULL : arena_copy(a, *at, *n * item_size);

    alloc_put(*at, *cap * item_size);
    *at = NULL;
    *n = *cap = 0;
    return copy;
}
