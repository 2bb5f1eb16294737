/* image_layout.h - making images: tables that say where the pointers of a struct are. Nothing of it is needed when the
 * program runs. */
#ifndef BASE_IMAGE_LAYOUT_H
#define BASE_IMAGE_LAYOUT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/image.h"
#include "base/intern.h"

enum image_field_kind {
    IMAGE_STR,      /* a str */
    IMAGE_TEXT,     /* a pointer to as many characters as `count` says */
    IMAGE_SYM,      /* a sym */
    IMAGE_INSIDE,   /* a struct that lies in this one */
    IMAGE_ONE,      /* a pointer to one object */
    IMAGE_ARRAY,    /* a pointer to as many objects as `count` says */
    IMAGE_POINTERS, /* the same, of pointers to objects */
    IMAGE_NESTED,   /* a pointer to an image, which stays one */
    IMAGE_IMPORT,   /* a pointer to something that the program has anyway, kept as a number */
};

struct image_field {
    enum image_field_kind kind;
    size_t at;                /* of the field in its struct */
    size_t count, count_size; /* the field that counts: a size_t or a uint32_t */
    const struct image_layout *layout;
};

/* Which fields of a struct are pointers or symbols; all others are kept as they are. */
struct image_layout {
    size_t size;
    const struct image_field *field;
    size_t n_fields;
    const struct image_layout *(*variant)(const void *object); /* the fields of its union; NULL: has none */
};

/* Of fields; and of a struct without a union, whose fields are in NAME_fields. */
/* clang-format off */
#define FIELD_TEXT(type, field)                {.kind = IMAGE_STR, .at = offsetof(type, field)}
#define FIELD_SYM(type, field)                 {.kind = IMAGE_SYM, .at = offsetof(type, field)}
#define FIELD_NESTED(type, field)              {.kind = IMAGE_NESTED, .at = offsetof(type, field)}
#define FIELD_IMPORT(type, field)              {.kind = IMAGE_IMPORT, .at = offsetof(type, field)}
#define FIELD_INSIDE(type, field, of)          {.kind = IMAGE_INSIDE, .at = offsetof(type, field), .layout = &(of)}
#define FIELD_ONE(type, field, of)             {.kind = IMAGE_ONE, .at = offsetof(type, field), .layout = &(of)}
#define FIELD_ARRAY(type, field, n, of)        FIELD_MANY(IMAGE_ARRAY, type, field, n, &(of))
#define FIELD_POINTERS(type, field, n, of)     FIELD_MANY(IMAGE_POINTERS, type, field, n, &(of))
#define FIELD_CHARACTERS(type, field, n)       FIELD_MANY(IMAGE_TEXT, type, field, n, NULL)
#define FIELD_MANY(as, type, field, n, of)     {.kind = as, .at = offsetof(type, field), .count = offsetof(type, n), \
                                                .count_size = sizeof(((type *)NULL)->n), .layout = of}
#define LAYOUT(type, name)                     {sizeof(type), name##_fields, ARRAY_LEN(name##_fields), NULL}
/* clang-format on */

extern const struct image_layout image_str_layout, image_sym_layout;

/* Adds the image of an object to `out`, whose length must be a multiple of IMAGE_ALIGNMENT and is one afterwards. Objects
 * must form a tree. */
void image_freeze(const void *root, const struct image_layout *layout, uint32_t (*number)(const void *imported),
                  struct buf *out);

#endif
