/* vec.h - typed growing arrays.
 *
 *     struct things { struct thing *at; size_t n, cap; };   // declare with VEC(struct thing)
 *     VEC_PUSH(&v, x);
 *
 * Elements move when the array grows: hold indexes, not pointers. Release with VEC_RELEASE. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/alloc.h"
#include "base/arena.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t n, cap;                                                                                                 \
    }

#define VEC_PUSH(v, item)                                                                                              \
    ((v)->n == (v)->cap ? (void)((v)->at = vec_grow((v)->at, &(v)->cap, sizeof(*(v)->at))) : (void)0,                  \
     (v)->at[(v)->n++] = (item))

#define VEC_RELEASE(v) (alloc_put((v)->at, (v)->cap * sizeof(*(v)->at)), (v)->at = NULL, (v)->n = (v)->cap = 0)

/* Copies the elements into an arena and releases the vector; NULL when empty. */
#define VEC_MOVE(v, arena, ret_n)                                                                                      \
    (*(ret_n) = (v)->n, vec_move((void **)&(v)->at, &(v)->n, &(v)->cap, sizeof(*(v)->at), (arena)))

void *vec_grow(void *at, size_t *cap, size_t item_size);
void *vec_move(void **at, size_t *n, size_t *cap, size_t item_size, struct arena *a);

#endif
