#include "fuzz.h"
#include "syntax/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input f;
    fuzz_open(&f, data, size, "fuzz.json");
    fuzz_touch(&f, json_read(f.source, f.arena, &f.diags).root);
    fuzz_close(&f);
    return 0;
}
