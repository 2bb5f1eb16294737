/* fix_internal.h - the parts of fix.h: snippet.c reads a fix text, place.c finds where it goes, merge.c puts one node
 * into another, companion.c adds whole resources, names.c renames, fix.c makes the list. */
#ifndef FIX_FIX_INTERNAL_H
#define FIX_FIX_INTERNAL_H

#include "base/vec.h"
#include "fix/fix.h"

/* ---------------------------------------------------------------- merge.c */

enum merge_lists { MERGE_JOIN, MERGE_REPLACE };

struct merge {
    struct editor editor;
    enum merge_lists lists;
    bool careful;
    bool lists_differ; /* set: the other way of `lists` would do something else */
    bool at_source;    /* set: a literal elsewhere was changed */
    span place;        /* of the finding: of several blocks or items, the one that holds it */
    const struct value *actual;
    const struct fix_request *request;
    const struct model_shape *shape; /* of the host at hand; NULL: not known */
    str skip; /* values of the snippet that mention it are left as they are in the file; may be empty */
    str refusal;
};

/* `part` into `host`, both NODE_BODY or NODE_MAP; the shape is that of the host. */
bool merge_into(struct merge *m, const struct node *host, const struct model_shape *shape, const struct node *part);

/* The scalar in place of the literal from which the finding's value comes, wherever that stands. */
bool merge_at_source(struct merge *m, const struct node *value);

enum { MERGE_DEEPEST = 24 };

/* ---------------------------------------------------------------- snippet.c */

enum snippet_kind { SNIPPET_PART, SNIPPET_WHOLE };

struct snippet {
    const struct document *document; /* its first */
    struct documents documents;
    str text;
    enum snippet_kind kind;
};

/* False: the text cannot be parsed. */
bool snippet_read(str text, str format, struct arena *a, struct snippet *ret);
bool snippet_is_whole_block(const struct node *block);  /* resource "a" "b", terraform {} */
bool snippet_is_whole_manifest(const struct node *map); /* apiVersion and kind */
bool snippet_is_whole_template(const struct node *map); /* {Name: {Type: ...}} */
bool snippet_is_resource_level(const struct node *map); /* {DeletionPolicy: ...}, {Type: ..., Properties: ...} */

/* ---------------------------------------------------------------- place.c */

struct subject {
    const struct document *document;
    const struct node *node;   /* its body or map: what a part is merged into */
    const struct node *block;  /* HCL: the block */
    const struct node *beside; /* what holds it and its like: the file's body, Resources */
    const struct model_shape *shape;
    str format, name, type;
};

/* False with a reason. */
bool subject_find(const struct fix_request *q, const struct resource *r, struct subject *ret, str *ret_reason);
/* The document of a file in which the offset lies. */
const struct document *document_at(const struct fix_request *q, span at);

struct host {
    const struct node *node;
    const struct model_shape *shape; /* NULL: not described */
    str path;                        /* names on the way: hosts of one path are alike */
    unsigned depth;
    bool fits;   /* the model knows all names of the part there */
    bool holds;  /* the place of the finding */
    bool shares; /* some name of the part is there already */
};

struct hosts {
    struct host *at;
    size_t n, cap;
};

/* Where the part may go in the node, best first. */
void hosts_find(struct hosts *h, const struct node *node, const struct model_shape *shape, const struct node *part,
                span place, struct arena *a);

/* ---------------------------------------------------------------- names.c */

/* The text with references to `from` made references to `to`, by language. */
str names_rename(const struct snippet *s, str format, str from, str to, struct arena *a);
/* Names that the snippet refers to and does not have: of resources (CloudFormation), "type.name" of the type (Terraform). */
size_t names_missing(const struct snippet *s, str format, str type, struct arena *a, str **ret);

/* ---------------------------------------------------------------- proposing */

struct proposing {
    const struct fix_request *request;
    struct arena *arena;
    struct fix_candidates *out;
    const struct resource *resource; /* NULL: about a unit */
    struct subject subject;          /* without a resource: the file, as document and beside */
    span place;
    str format, reason;
};

enum { FIX_MAX_CANDIDATES = 40 };

/* Takes the edits of a merge that went well as the next candidate, if they are new. */
void propose_edits(struct proposing *p, struct edits *edits, bool at_source, str adds);
void propose_refusal(struct proposing *p, str why);
struct merge propose_merge(const struct proposing *p, const struct document *to, const struct document *from,
                           struct edits *edits, enum merge_lists lists);

/* manifest.c: names, namespaces and labels of the snippet become those of the subject. */
bool manifest_follow(struct proposing *p, struct snippet *s);

/* How a snippet of the format refers to the subject: "type.name", or its logical name. */
str subject_reference(const struct proposing *p);

/* companion.c: whole resources. */
void propose_whole(struct proposing *p, const struct snippet *s);
/* Another resource of the unit that has the type ("/Kind" for a manifest) and the name that a snippet says; NULL for none.
 * Names in snippets are those of the examples, so only without care. */
const struct resource *resource_of_name(const struct proposing *p, str type, str name);

#endif
