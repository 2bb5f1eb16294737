/* testing.h - for the tests of this folder: one text, and what a reader made of it. Included by tests only. */
#ifndef SYNTAX_TESTING_H
#define SYNTAX_TESTING_H

#include "base/testing.h"
#include "syntax/document.h"

struct fixture {
    struct arena *arena;
    struct sources *sources;
    const struct source *source;
    struct diag_list diags;
    struct document document;   /* of a reader of one */
    struct documents documents; /* of a reader of several */
};

/* Everything but reading; done() gives it back. */
static UNUSED void prepare(struct fixture *f, const char *name, str text)
{
    *f = (struct fixture){.arena = arena_new(), .sources = sources_new()};
    f->source = source_add(f->sources, str_of(name), text);
    diag_list_init(&f->diags, f->arena);
}

static UNUSED void done(struct fixture *f)
{
    diag_list_release(&f->diags);
    sources_free(f->sources);
    arena_free(f->arena);
}

#endif
