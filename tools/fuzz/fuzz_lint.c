/* The whole pipeline on one text as standard input: front ends, model, analyses, rules. The first byte
 * picks the name. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"main.tf",       "template.yaml", "manifest.yaml",
                                        "template.json", "main.tf.json",  "plan.json"};
    if (size < 1)
        return 0;
    struct arena *arena = arena_new();
    str text = arena_str(arena, (str){(const char *)data + 1, size - 1});
    fuzz_text(text, names[data[0] % ARRAY_LEN(names)], true, NULL);
    arena_free(arena);
    return 0;
}
