/* A kustomization with its bases, patches and generators. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_project(data, size, "kustomization.yaml");
    return 0;
}
