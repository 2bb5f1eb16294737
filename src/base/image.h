/* image.h - graphs of objects that are made when the program is built, and used when it runs after one pass over
 * their pointers: no text is read, no name looked up.
 *
 * image_freeze (image_layout.h) follows a root by the tables of its layout and writes what it finds: the objects, equal
 * ones once, word by word, most of them in fewer bytes than they will have; behind them the texts and inner images, which
 * are used where they lie and touched only when somebody looks at them. image_thaw makes the words again, with pointers
 * for the numbers in them.
 *
 * An image is of the program that has it: sizes and orders of fields are those of the compiler that made both. It
 * is trusted as the code is. What is thawed is never changed, for equal objects are one. */
#ifndef BASE_IMAGE_H
#define BASE_IMAGE_H

#include "base/arena.h"

enum { IMAGE_ALIGNMENT = 4 };

/* Two bits for each word of the objects, the first in the lowest: how it is kept. */
enum image_word {
    IMAGE_ZERO,
    IMAGE_SMALL,   /* a uint16_t */
    IMAGE_POINTER, /* a uint32_t: an offset or a number, times IMAGE_TARGETS, plus what it is of */
    IMAGE_WHOLE,   /* a uint64_t */
    IMAGE_WORDS_A_BYTE = 4,
};

enum image_target { IMAGE_TO_OBJECT, IMAGE_TO_TEXT, IMAGE_TO_NESTED, IMAGE_TO_IMPORT, IMAGE_TARGETS };

/* Offsets in bytes, from the start of the image but for `root`. What the words are follows. */
struct image {
    uint32_t bytes; /* of the whole image */
    uint32_t n_words;
    uint32_t root;           /* where the root stands among the objects */
    uint32_t kept;           /* the words */
    uint32_t names, n_names; /* struct image_name */
    uint32_t texts, nested;
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
