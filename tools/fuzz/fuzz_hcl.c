#include "fuzz.h"
#include "syntax/hcl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input f;
    fuzz_open(&f, data, size, "fuzz.tf");
    if (document_check_text(f.source, &f.diags))
        fuzz_touch(&f, hcl_read(f.source, f.arena, &f.diags).root);
    fuzz_close(&f);
    return 0;
}
