/* A template with what it includes: nested stacks, fragments, parameter files. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_project(data, size, "template.yaml");
    return 0;
}
