/* image.h - graphs of objects that are made when the program is built, and used when it runs after one pass over
 * their pointers: no text is read, no name looked up.
 *
 * image_freeze (image_layout.h) follows a root by the tables of its layout and writes what it finds: the objects, equal ones once;
 * behind them the texts and inner images, which are used where they lie and touched only when somebody looks at them.
 * image_thaw copies the objects and makes pointers of the numbers in them. Each pointer holds the place of the next,
 * so that no list of them is needed.
 *
 * An image is of the program that has it: sizes and orders of fields are those of the compiler that made both. It
 * is trusted as the code is. What is thawed is never changed, for equal objects are one. */
#ifndef BASE_IMAGE_H
#define BASE_IMAGE_H

#include "base/arena.h"

enum { IMAGE_ALIGNMENT = 8 };

/* Offsets in bytes, from the start of the image but for `root` and those in the objects. */
struct image {
    uint32_t bytes;          /* of the whole image */
    uint32_t object_bytes;   /* of the objects, which follow */
    uint32_t first;          /* where the first pointer stands, plus one; 0: there is none */
    uint32_t root;           /* where the root stands among the objects */
    uint32_t names, n_names; /* struct image_name */
    uint32_t texts;
    uint32_t reserved;
};

struct image_name { /* a sym in the objects */
    uint32_t at;
    uint32_t text, length;
};

/* What the program has at this number; see IMAGE_IMPORT. */
typedef const void *image_import(uint32_t number);

/* The root. Texts point into the image, the objects live in the arena. `import` may be NULL when there are none. */
const void *image_thaw(const struct image *image, image_import *import, struct arena *a);

#endif
