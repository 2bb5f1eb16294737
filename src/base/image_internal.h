/* image_internal.h - what stands in an image where a pointer will be. Private to image*.c. */
#ifndef BASE_IMAGE_INTERNAL_H
#define BASE_IMAGE_INTERNAL_H

#include "base/image.h"

enum image_target { IMAGE_TO_OBJECT, IMAGE_TO_TEXT, IMAGE_TO_IMPORT, IMAGE_TARGETS = 4 };

struct image_pointer {
    uint32_t target; /* offset or number, times IMAGE_TARGETS, plus what it is of */
    uint32_t next;   /* where the next pointer stands, plus one; 0: this is the last */
};

_Static_assert(sizeof(struct image_pointer) == sizeof(void *), "it stands where a pointer will");

#endif
