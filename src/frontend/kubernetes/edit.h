/* edit.h - changed copies of values. Values are immutable: every function returns the value itself when
 * nothing changes, else a copy of what lies on the way. Whatever is written keeps the origin it has. */
#ifndef FRONTEND_KUBERNETES_EDIT_H
#define FRONTEND_KUBERNETES_EDIT_H

#include "graph/value.h"

/* Adds or replaces an entry; NULL removes it. `map` NULL or not a map: a new map. */
const struct value *edit_set(struct arena *a, const struct value *map, str key, span key_at, const struct value *v);
/* All entries of `more` over those of `map`. */
const struct value *edit_add_all(struct arena *a, const struct value *map, const struct value *more);

/* What to put at a place: `old` is NULL where there is nothing; returns NULL to leave it out. */
typedef const struct value *edit_fn(void *context, const struct value *old);

/* Applies fn at a path of map keys; lists on the way are entered element by element. Where the path ends
 * in nothing, fn is only called when `create` (then maps on the way are made too). */
const struct value *edit_at(struct arena *a, const struct value *v, const str *steps, size_t n, bool create,
                            edit_fn *fn, void *context);

struct edit_steps {
    str at[24];
    size_t n;
};
/* "spec/template/metadata" in steps; what is too long is cut off. */
struct edit_steps edit_split(const char *path);

#endif
