#include "fuzz.h"
#include "policy/cel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out, error;
    buf_init(&out, 1u << 20);
    buf_init(&error, 1u << 20);
    cel_eval_text((str){(const char *)data, size}, STR("{\"a\": [1, 2.5, \"x\", null], \"b\": {\"c\": true}}"), &out,
                  &error);
    buf_release(&out);
    buf_release(&error);
    return 0;
}
