#include "fuzz.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input f;
    struct documents documents = {0};
    fuzz_open(&f, data, size, "fuzz.yaml");
    if (document_check_text(f.source, &f.diags))
        yaml_read(f.source, f.arena, &f.diags, &documents);
    for (size_t i = 0; i < documents.n; i++)
        fuzz_touch(&f, documents.at[i].root);
    fuzz_close(&f);
    return 0;
}
