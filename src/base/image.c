#include "base/image.h"

#include "base/intern.h"

struct thawing {
    const char *base[IMAGE_TARGETS]; /* of enum image_target, but imports */
    image_import *import;
    const char *kept; /* of the words that are not made yet */
};

static void thaw_word(struct thawing *t, enum image_word how, char *word)
{
    if (how == IMAGE_SMALL) {
        uint16_t small;
        memcpy(&small, t->kept, sizeof(small));
        memcpy(word, &(uint64_t){small}, sizeof(uint64_t));
        t->kept += sizeof(small);
    } else if (how == IMAGE_POINTER) {
        uint32_t number;
        memcpy(&number, t->kept, sizeof(number));
        uint32_t kind = number % IMAGE_TARGETS, at = number / IMAGE_TARGETS;
        const void *to = kind == IMAGE_TO_IMPORT ? t->import(at) : t->base[kind] + at;
        memcpy(word, &to, sizeof(to));
        t->kept += sizeof(number);
    } else if (how == IMAGE_WHOLE) {
        memcpy(word, t->kept, sizeof(uint64_t));
        t->kept += sizeof(uint64_t);
    }
}

const void *image_thaw(const struct image *image, image_import *import, struct arena *a)
{
    const char *start = (const char *)image;
    const uint8_t *how = (const uint8_t *)(image + 1);
    char *objects = arena_alloc(a, (size_t)image->n_words * sizeof(uint64_t)), *word = objects;
    struct thawing t = {
        .base = {objects, start + image->texts, start + image->nested}, .import = import, .kept = start + image->kept};
    for (uint32_t i = 0; i < image->n_words; i += IMAGE_WORDS_A_BYTE) {
        char *next = word + IMAGE_WORDS_A_BYTE * sizeof(uint64_t);
        for (unsigned rest = *how++; rest; rest >>= 2, word += sizeof(uint64_t))
            thaw_word(&t, (enum image_word)(rest & 3), word);
        word = next; /* what is left is zero, as it came */
    }
    for (uint32_t i = 0; i < image->n_names; i++) {
        struct image_name name;
        memcpy(&name, start + image->names + i * sizeof(name), sizeof(name));
        sym s = sym_of((str){t.base[IMAGE_TO_TEXT] + name.text, name.length});
        memcpy(objects + name.at, &s, sizeof(s));
    }
    return objects + image->root;
}
