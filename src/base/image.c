#include "base/image_internal.h"
#include "base/intern.h"

const void *image_thaw(const struct image *image, image_import *import, struct arena *a)
{
    const char *texts = (const char *)image + image->texts;
    char *objects = arena_copy(a, image + 1, image->object_bytes);
    for (uint32_t at = image->first; at != 0;) {
        struct image_pointer p;
        char *place = objects + at - 1;
        memcpy(&p, place, sizeof(p));
        at = p.next;
        uint32_t target = p.target / IMAGE_TARGETS;
        const void *to = p.target % IMAGE_TARGETS == IMAGE_TO_OBJECT ? objects + target
                         : p.target % IMAGE_TARGETS == IMAGE_TO_TEXT ? texts + target
                                                                     : import(target);
        memcpy(place, &to, sizeof(to));
    }
    const struct image_name *name = (const struct image_name *)(const void *)((const char *)image + image->names);
    for (uint32_t i = 0; i < image->n_names; i++) {
        sym s = sym_of((str){texts + name[i].text, name[i].length});
        memcpy(objects + name[i].at, &s, sizeof(s));
    }
    return objects + image->root;
}
