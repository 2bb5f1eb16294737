/* The text of .hipaalint.yaml, and of a parameter and an exception against one rule. */
#include "cli/config_internal.h"
#include "fuzz.h"
#include "syntax/yaml.h"

static const char rule_text[] =
    "id: T-1\nname: t\ntitle: T\nseverity: high\ncategory: logging\nhipaa: [\"164.312(b)\"]\n"
    "resource: aws.s3.bucket\nparams:\n  days: {type: int, default: 1, description: x}\n"
    "assert: params.days > 0\nmessage: m\n";

static void apply(struct fuzz_input *f, struct config *c)
{
    struct documents documents = {0};
    struct model *model = model_new();
    struct ruleset *rules = ruleset_new(model);
    struct catalog catalog;
    struct suppressions s;
    yaml_read(source_add(f->sources, STR("rule.yaml"), str_of(rule_text)), f->arena, &f->diags, &documents);
    for (size_t i = 0; i < documents.n; i++)
        ruleset_add(rules, &documents.at[i], &f->diags);
    ruleset_finish(rules, &f->diags);
    catalog_init(&catalog, true, rules, f->arena);
    suppressions_init(&s, f->arena, &f->diags);
    config_apply_rules(c, rules, &catalog, f->arena, &f->diags);
    config_add_exceptions(c, &s);
    suppressions_finish(&s, &catalog, c->inline_mode, STR("2026-01-31"));
    suppressions_release(&s);
    catalog_release(&catalog);
    ruleset_free(rules);
    model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input f;
    struct documents documents = {0};
    fuzz_open(&f, data, size, ".hipaalint.yaml");
    if (document_check_text(f.source, &f.diags))
        yaml_read(f.source, f.arena, &f.diags, &documents);
    if (documents.n && documents.at[0].root && documents.at[0].root->kind == NODE_MAP) {
        struct options o = {.arena = f.arena};
        struct config c = {.path = STR(".hipaalint.yaml"),
                           .dir = STR("/w"),
                           .source = f.source,
                           .root = documents.at[0].root,
                           .inline_mode = INLINE_ALLOW};
        if (config_read(&c, &o, f.arena, &f.diags))
            apply(&f, &c);
        else if (!f.diags.n)
            abort(); /* refused without a word */
    }
    for (size_t i = 0; i < f.diags.n; i++)
        if (f.diags.at[i].at.file != f.source->id)
            f.diags.at[i].at = SPAN_NONE;
    fuzz_close(&f);
    return 0;
}
