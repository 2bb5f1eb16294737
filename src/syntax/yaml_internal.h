/* yaml_internal.h - the parts of the YAML reader: yaml.c drives libyaml over the text and turns its
 * errors into diagnostics, yaml_build.c makes a tree of events, yaml_scalar.c says what scalars mean. */
#ifndef SYNTAX_YAML_INTERNAL_H
#define SYNTAX_YAML_INTERNAL_H

#include <yaml.h>

#include "base/map.h"
#include "syntax/document.h"
#include "syntax/reader.h"

/* ---------------------------------------------------------------- yaml_scalar.c */

enum yaml_tag_kind {
    YAML_TAG_NONE,
    YAML_TAG_STRING, /* !!str, and the lone ! of a scalar */
    YAML_TAG_NULL,
    YAML_TAG_BOOL,
    YAML_TAG_INT,
    YAML_TAG_FLOAT,
    YAML_TAG_BINARY,
    YAML_TAG_MERGE,
    YAML_TAG_LIST,  /* !!seq, !!omap, !!pairs */
    YAML_TAG_MAP,   /* !!map, !!set */
    YAML_TAG_LOCAL, /* !Sub, and everything that is not YAML's own */
};

enum yaml_tag_kind yaml_tag_kind_of(const char *resolved);
/* Sets kind and value of n as the plain scalar `text` means. */
void yaml_resolve_plain(struct node *n, str text);
/* The same under a tag of YAML's own. False: the text is no such thing, and n is a string. */
bool yaml_resolve_tagged(struct node *n, str text, enum yaml_tag_kind tag, struct arena *arena);

/* ---------------------------------------------------------------- yaml_build.c */

struct yaml_tag {
    enum yaml_tag_kind kind;
    str name; /* of YAML_TAG_LOCAL */
    span at;
};

struct yaml_anchor {
    const struct node *node; /* NULL while its text is still being read */
    size_t size;             /* nodes in it, aliases expanded */
    unsigned height;         /* levels in it, aliases expanded */
};

/* A list or mapping that is open. */
struct yaml_frame {
    struct node *node;
    struct yaml_tag tag;
    struct yaml_anchor *anchor;
    size_t from;     /* its first child on the stack */
    size_t count;    /* nodes before it */
    unsigned height; /* of its highest child */
    bool merges;     /* has a key << */
    bool gaps;       /* has a key that is none: NULL on the stack */
};

struct yaml_range {
    uint32_t start, end;
};

struct yaml_builder {
    const struct source *source;
    const char *text; /* as libyaml sees it: like the source, byte for byte, but for what YAML forbids */
    struct node_pool pool;
    struct node_stack stack;
    struct {
        struct yaml_frame *at;
        size_t n, cap;
    } frames;
    struct {
        struct yaml_range *at;
        size_t n, cap;
    } opaque; /* scalars in which # is no comment, in order */
    bool has_hash;
    struct reader_diags diags;
    /* of the document: */
    struct map anchors;
    const struct node *root;
    size_t count;   /* nodes, aliases expanded */
    size_t aliased; /* those that came through aliases */
    uint32_t end;   /* of the last piece of text */
    bool over_budget;
    bool incomplete;
    bool stopped; /* a limit was hit: read no more of this document */
};

void yaml_builder_release(struct yaml_builder *b);
void yaml_builder_start(struct yaml_builder *b); /* a document */
/* A scalar, alias, start or end of a collection; its place in bytes. */
void yaml_builder_event(struct yaml_builder *b, const yaml_event_t *e, uint32_t start, uint32_t end);
/* Ends the document; what is still open is closed as incomplete. The root is in b->root. */
void yaml_builder_finish(struct yaml_builder *b);
/* " ..." when the line has {{ or {%, which explains most strange errors; else "". */
const char *yaml_template_hint(const struct yaml_builder *b, uint32_t offset);

/* ---------------------------------------------------------------- yaml_comment.c */

/* Comments of the whole text, outside the ranges. */
const struct comment *yaml_comments(const struct source *s, const struct yaml_range *opaque, size_t n_opaque,
                                    struct arena *arena, size_t *ret_n);

#endif
