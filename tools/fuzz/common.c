#include "fuzz.h"

void fuzz_open(struct fuzz_input *f, const uint8_t *data, size_t size, const char *name)
{
    f->arena = arena_new();
    f->sources = sources_new();
    diag_list_init(&f->diags, f->arena);
    f->source = source_add(f->sources, str_of(name), arena_str(f->arena, (str){(const char *)data, size}));
}

void fuzz_close(struct fuzz_input *f)
{
    for (size_t i = 0; i < f->diags.n; i++) {
        const struct diag *d = &f->diags.at[i];
        if (d->at.file && (d->at.start > d->at.end || d->at.end > f->source->text.n))
            abort();
    }
    diag_list_release(&f->diags);
    sources_free(f->sources);
    arena_free(f->arena);
}

void fuzz_touch(const struct fuzz_input *f, const struct node *n)
{
    if (!n)
        return;
    struct buf out;
    buf_init(&out, 1u << 20);
    node_dump(n, &out);
    buf_release(&out);
    if (n->at.file == f->source->id && (n->at.start > n->at.end || n->at.end > f->source->text.n))
        abort();
}
