#include "fuzz.h"
#include "policy/rule.h"
#include "syntax/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input f;
    struct documents documents = {0};
    fuzz_open(&f, data, size, "fuzz.yaml");
    struct model *model = model_new();
    struct ruleset *rules = ruleset_new(model);
    if (document_check_text(f.source, &f.diags))
        yaml_read(f.source, f.arena, &f.diags, &documents);
    for (size_t i = 0; i < documents.n; i++) {
        const struct document *d = &documents.at[i];
        if (!d->root)
            continue;
        if (d->root->kind == NODE_MAP && node_find(d->root, "kind"))
            model_add(model, d, &f.diags);
        else
            ruleset_add(rules, d, &f.diags);
    }
    model_finish(model, &f.diags);
    ruleset_finish(rules, &f.diags);
    ruleset_free(rules);
    model_free(model);
    fuzz_close(&f);
    return 0;
}
