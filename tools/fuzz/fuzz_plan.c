/* A plan (terraform show -json) beside its sources. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_project(data, size, "plan.json");
    return 0;
}
