/* model.h - how each format's types become the normalised kinds that rules speak of.
 *
 * The model is data: rules/model/<service>.yaml (format: rules/model/README.md). This module loads
 * and checks it and normalises resources with it; it has no knowledge of any service. Loaded lazily
 * by service from the embedded pack: only the services whose types occur.
 *
 * Read-only after loading; model_normalise is thread-safe. */
#ifndef GRAPH_MODEL_H
#define GRAPH_MODEL_H

#include "graph/resource.h"
#include "syntax/document.h"

struct model;

/* Reads one model document (already parsed). Errors are diagnostics at line and column. */
struct model *model_new(void);
void model_free(struct model *m);
bool model_add(struct model *m, const struct document *d, struct diag_list *diags);
/* The same from an image that model_freeze made of the document. `file` is where positions of messages are. */
struct image;
bool model_add_image(struct model *m, const struct image *image, uint32_t file, struct diag_list *diags);
/* When the program is built, and in tests: the image of a document whose source has the id 0, for positions in an image
 * are in no file. False after diagnostics; then nothing is written. */
bool model_freeze(const struct document *d, struct diag_list *diags, struct buf *out);
/* For tests: the image of what an image holds, which is the same. */
void model_freeze_again(const struct image *image, struct buf *out);
/* After all documents: checks references between kinds. */
bool model_finish(struct model *m, struct diag_list *diags);

/* How the model gets services that are not loaded yet: called with a type or kind name that is
 * unknown so far; true when something was added. Set by policy/pack.c. */
void model_set_loader(struct model *m, bool (*load)(struct model *m, str type_or_kind, void *context), void *context);

struct model_kind;
struct model_type;

const struct model_type *model_type(const struct model *m, str type); /* NULL: not modelled */
const struct model_kind *model_kind(const struct model *m, str kind);
sym model_type_kind(const struct model_type *t);
str model_kind_title(const struct model_kind *k);
/* The types (as written) of a kind, for `rules` and documentation. */
size_t model_kind_types(const struct model_kind *k, const str **ret_types);

enum attribute_state {
    ATTRIBUTE_UNKNOWN, /* the model has no such attribute: an error in a rule */
    ATTRIBUTE_KNOWN,   /* declared, mapped, or a property of one of the types */
    ATTRIBUTE_OPEN,    /* below a free-form map: anything goes */
};
/* Is `path` (dotted, normalised, without list steps) an attribute of the kind? `ret_suggestion` is
 * the nearest known name. */
enum attribute_state model_attribute(const struct model_kind *k, str path, str *ret_suggestion);

/* The properties of a type as the format spells them. */
struct model_shape;
const struct model_shape *model_type_shape(const struct model_type *t);
/* Is it a property? */
struct model_place {
    const struct model_shape *inside; /* what lies in it; NULL when that is not described */
    bool single;                      /* one object, not a list of them */
};
bool model_shape_has(const struct model_shape *s, str name, struct model_place *ret);
bool model_shape_is_open(const struct model_shape *s); /* other names are accepted, too */

/* Which kinds an attribute refers to (`refers`), and by which of their attributes when the value is
 * text. Returns the number of kinds; 0: not a reference. */
size_t model_refers(const struct model_kind *k, str path, const sym **ret_kinds, str *ret_key);

struct model_default {
    const struct value *value;
    str since;   /* "2023-01-05" or empty */
    str source;  /* where the fact was read */
    bool inside; /* only where that in which it lies is there (a missing block stays missing) */
};
/* The attributes of a kind that refer to others: the first at or behind index *at, which is moved behind
 * it. Returns the number of kinds it refers to; 0 when there are no more. */
size_t model_next_reference(const struct model_kind *k, size_t *at, str *ret_path, const sym **ret_kinds);

/* The default that applies to an attribute when a resource of that type does not set it. */
const struct model_default *model_find_default(const struct model *m, sym type, str path);

/* The kinds under which resources of the type are listed besides their own (`also:`), one after the other; 0: no more. */
sym model_next_also(const struct model *m, sym type, size_t *at);

/* Fills r->kind and r->attributes from r->type and r->raw. Unknown types keep kind 0. */
void model_normalise(const struct model *m, struct resource *r, struct arena *a, struct diag_list *diags);

struct model_companion {
    sym of;          /* kind of the owner */
    str by;          /* own attribute that points to the owner */
    str key;         /* the owner's attribute that has the same text, when there is no reference */
    str into;        /* where the attributes go in the owner */
    bool many;       /* `into` is a list with one element a companion */
    const str *take; /* only these attributes; n_take 0: all but `by` */
    size_t n_take;
};
/* Attributes that are policy documents, and their use: "identity", "trust", "resource", ... */
struct model_policy {
    str path;
    str use;
};
size_t model_policies(const struct model_kind *k, const struct model_policy **ret);

/* How resources of a kind merge into others; n may be 0. */
size_t model_companions(const struct model *m, sym kind, const struct model_companion **ret);

/* "KMSKeyId" -> "kms_key_id"; snake_case stays. */
str model_fold(struct arena *a, str name);

#endif
