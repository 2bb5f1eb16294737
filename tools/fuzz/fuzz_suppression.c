/* Directives in comments, metadata and annotations. The first byte picks the reader and the shape. */
#include "fuzz.h"
#include "policy/suppression.h"
#include "syntax/hcl.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

static void check(const struct fuzz_input *f, const struct suppressions *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct suppression *d = &s->at[i];
        if (!d->n_rules || d->target.start > d->target.end || (!d->whole_file && d->target.end > f->source->text.n))
            abort();
        if (d->until.n && !suppression_is_date(d->until))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct fuzz_input f;
    fuzz_open(&f, data + 1, size - 1, "fuzz");
    struct documents documents = {0};
    struct document one;
    if (document_check_text(f.source, &f.diags)) {
        if (data[0] % 4 == 0) {
            one = hcl_read(f.source, f.arena, &f.diags);
            documents = (struct documents){.at = &one, .n = 1};
        } else if (data[0] % 4 == 1) {
            one = json_read(f.source, f.arena, &f.diags);
            documents = (struct documents){.at = &one, .n = 1};
        } else {
            yaml_read(f.source, f.arena, &f.diags, &documents);
        }
    }
    struct suppressions s;
    struct catalog catalog;
    suppressions_init(&s, f.arena, &f.diags);
    enum suppression_shape *shape = ARENA_ARRAY(f.arena, enum suppression_shape, documents.n + 1);
    for (size_t i = 0; i < documents.n; i++)
        shape[i] = (enum suppression_shape)(data[0] / 4 % 3);
    if (documents.n)
        suppressions_read_file(&s, &documents, shape);
    catalog_init(&catalog, true, NULL, f.arena);
    suppressions_finish(&s, &catalog, data[0] & 64 ? INLINE_REQUIRE_REASON : INLINE_ALLOW, STR("2026-01-31"));
    check(&f, &s);
    catalog_release(&catalog);
    suppressions_release(&s);
    fuzz_close(&f);
    return 0;
}
