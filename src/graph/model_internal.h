/* model_internal.h - the loaded model as data. Private to src/graph.
 *
 * A document is read from its text (model_document.c), or thawed from an image that was made of its text when the
 * program was built (model_freeze.c); model.c adds it to its kind. The body of a type, its properties and its map, is
 * parsed (model_type.c) or thawed when the type is first asked for. */
#ifndef GRAPH_MODEL_INTERNAL_H
#define GRAPH_MODEL_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/image.h"
#include "base/map.h"
#include "base/vec.h"
#include "graph/graph.h"
#include "graph/model.h"

enum shape {
    SHAPE_TEXT,
    SHAPE_BOOL,
    SHAPE_NUMBER,
    SHAPE_LIST, /* of scalars */
    SHAPE_MAP,  /* free-form keys */
    SHAPE_JSON,
    SHAPE_ANY,     /* not described: names fold */
    SHAPE_OBJECT,  /* {...} */
    SHAPE_OBJECTS, /* [...] */
};

struct property {
    str name;                  /* as the format spells it */
    str folded;                /* what it is called in the kind */
    uint8_t shape;             /* enum shape */
    bool taken;                /* a source of the map: does not appear under its own name */
    struct properties *inside; /* SHAPE_OBJECT and SHAPE_OBJECTS */
};

struct properties {
    struct property *at;
    size_t n;
    bool open;
    bool taken_inside; /* some property in here or below is taken */
    uint16_t *slot;    /* where each name stands, as spelt and folded; see properties_find */
    size_t n_slots;    /* 0: of few properties, which are looked at one by one */
};

struct properties_error {
    const struct node *node; /* the text in which it is: the one that was given, or a definition */
    str text;
    size_t at;
    const char *message;
};

/* Parses the mini-language of `text`, a string. `defines`, a mapping or NULL, has what @name stands for. NULL with *ret. */
struct properties *properties_parse(struct arena *a, const struct node *text, const struct node *defines,
                                    struct properties_error *ret);
struct properties *properties_open(struct arena *a);                             /* "...": any name */
struct properties *properties_copy(struct arena *a, const struct properties *p); /* without marks */
struct rename {
    str from, to;
};
/* Renames at every depth, after folding. */
void properties_rename(struct arena *a, struct properties *p, const struct rename *rename, size_t n);
str rename_find(const struct rename *rename, size_t n, str name); /* the name itself when it stays */
const struct property *properties_find(const struct properties *p, str name);

/* One path of folded names, split. */
struct path {
    str text;
    str *step;
    size_t n;
};
struct path path_split(struct arena *a, str text);

struct translation {
    str from;
    const struct value *to;
};

struct mapping {
    struct path target;
    struct path *from;
    size_t n_from;
    const struct value *constant;
    const struct translation *translation;
    size_t n_translations;
    const struct value *otherwise;
    bool negate, wrap, first, present;
    char split;                /* 0: no */
    str pair_key, pair_value;  /* empty: no */
    bool elements;             /* the other way round: a map becomes a list of such pairs */
    str entry;                 /* of a map, the value of this key; empty: no */
    struct mapping_set **each; /* one for each `from`; NULL: no */
    const struct model_default *default_value;
};

struct mapping_set {
    struct properties *properties; /* own copy: `taken` marks belong to this set */
    struct mapping *at;
    size_t n;
};

struct condition {         /* `when:` */
    struct path attribute; /* of the properties, folded */
    const str *value;
    size_t n;
};

/* What a document says of a type besides its body. */
struct type_document {
    sym name;
    span at;
    bool also;
    const struct node *node;    /* the entry in `types`; NULL: of an image */
    const struct node *defines; /* `define` of its document; NULL: none */
    const struct image *body;   /* struct type_body; NULL: of a text */
    const str *top;             /* see struct model_kind; of an image */
    size_t n_top;
};

struct type_body {
    const struct condition *condition;
    size_t n_conditions;
    struct mapping_set map;
    const struct rename *rename;
    size_t n_renames;
};

struct model_type {
    sym name;
    struct model_kind *kind;
    const struct type_document *said;
    span at;
    bool parsed;
    bool also;
    struct type_body body;    /* when parsed */
    struct model_type *other; /* the same type in another kind */
};

struct attribute {
    str path;
    struct path steps;
    span at;
    const sym *refers;
    size_t n_refers;
    str refers_key;
    str policy_use;
    bool open; /* free-form, the document says */
    const struct model_default *default_value;
};

/* What one document says of its kind. */
struct model_document {
    sym kind; /* 0: nothing that can be used */
    span at;
    str title; /* p NULL: none */
    struct attribute *attribute;
    size_t n_attributes;
    str identity_name;
    const str *identity_arn;
    size_t n_identity_arns;
    struct model_companion *companion;
    size_t n_companions;
    struct type_document *type;
    size_t n_types;
};

struct model_kind {
    sym name;
    str title;
    struct model *model;
    span at;
    VEC(struct attribute) attributes;
    VEC(str) type_names;
    VEC(struct model_type *) types;
    VEC(struct model_companion) companions;
    VEC(struct model_policy) policies;
    VEC(sym) companion_kinds; /* kinds that merge into this one */
    str identity_name;        /* attribute */
    VEC(str) identity_arn;    /* patterns */
    bool top_built;
    VEC(str) top; /* names of the attributes that lie in no other, each once; see model_top_names */
    bool known_built;
    struct map known; /* path -> enum attribute_state + 1 */
};

/* What model_type answered; read without the lock. */
enum { KNOWN_TYPES = 256 };
struct known_type {
    sym asked;
    const struct model_type *type;
};

struct model {
    pthread_mutex_t lock;
    _Atomic(const struct known_type *) known_type[KNOWN_TYPES]; /* by symbol; cleared when a document is added */
    struct arena *arena;
    struct map types;       /* name -> struct model_type * */
    struct map kinds;       /* name -> struct model_kind * */
    struct map missing;     /* names that the loader was asked for in vain */
    struct diag_list diags; /* of lazy parsing, until somebody takes them */
    bool (*load)(struct model *m, str type_or_kind, void *context);
    void *load_context;
};

/* model.c */
const struct model_type *model_type_of(const struct model *m, sym type); /* model_type, for every resource */
struct model_kind *model_kind_mutable(const struct model *m, str kind);
void model_take_diags(struct model *m, struct diag_list *to);

/* model_document.c */
/* False after diagnostics; what is right is in *ret all the same. */
bool model_read_document(struct arena *a, const struct node *root, struct model_document *ret, struct diag_list *diags);
const struct value *model_constant(struct arena *a, const struct node *n);
const struct model_default *model_read_default(struct arena *a, const struct node *spec, struct diag_list *diags);
/* Unknown keys of a mapping are errors with a suggestion; `known` ends with NULL. */
bool model_check_keys(const struct node *map, const char *const *known, const char *what, struct diag_list *diags);
str model_path_text(const struct node *n);

/* model_type.c */
bool model_type_parse(struct model *m, struct model_type *t, struct diag_list *diags);

/* model_names.c */
str suggest_nearest(str name, const str *names, size_t n);
/* The names that are not below others, of the kind, and of those of its companions that are loaded when it is first asked. */
size_t model_top_names(struct model_kind *k, const str **ret);
/* Those that a parsed type gives. */
size_t model_type_top_names(struct model_kind *k, const struct type_body *body, struct arena *a, const str **ret);

/* normalise.c */
struct normalise {
    const struct model *model;
    const struct sources *sources; /* NULL: positions inside JSON text are those of the text */
    struct arena *arena;
    struct arena *scratch; /* what is being built; rewound */
    struct diag_list *diags;
    const struct model_type *type;
    const struct value *loose; /* the attributes of the resource at hand while they stand in scratch; else NULL */
    size_t budget;             /* values left to look at in this resource */
    unsigned depth;
    bool reported; /* that the budget is spent */
};
/* r->attributes without defaults. They may stand in scratch until normalise_keep. *ret_uncertain: which of several
 * kinds cannot be told. */
void normalise_resource(struct normalise *n, struct resource *r, bool *ret_uncertain);
/* Moves attributes that stand in scratch to the arena. */
void normalise_keep(struct normalise *n, struct resource *r);
const struct value *normalise_shape(struct normalise *n, const struct value *raw, const struct property *p);
const struct value *normalise_any(struct normalise *n, const struct value *raw);
const struct value *normalise_json(struct normalise *n, const struct value *raw, bool must_be_json);
/* Runs the map on one raw object: properties that are not taken, then the mappings. */
const struct value *normalise_set(struct normalise *n, const struct value *raw, const struct mapping_set *set);
const struct value *mapping_run(struct normalise *n, const struct value *raw, const struct properties *p,
                                const struct mapping *m);
const struct value *normalise_spent(struct normalise *n, const struct value *raw);

/* normalise_places.c: texts in which the holes are marked (normalise_json.c) */
#define MARK_OPEN  GRAPH_HOLE
#define MARK_CLOSE GRAPH_HOLE_END
struct marked_text {
    str text;
    const bool *bare;   /* by part: the hole is outside any JSON string, its mark has quotes; NULL: no holes */
    const size_t *from; /* by part: its offset in the text */
};
/* Where in one file each byte of the text stands (at[i]), and where it ends (at[text.n]). False: cannot be told. */
bool places_find(const struct sources *sources, const struct value *raw, const struct marked_text *text, uint32_t *at,
                 uint32_t *ret_file);

/* normalise_path.c */
const struct value *path_set(struct arena *a, const struct value *map, const struct path *p, size_t from,
                             const struct value *v);
const struct value *path_default(struct arena *a, const struct value *v, const struct path *p, size_t from,
                                 const struct model_default *d);
const struct value *value_without_holes(struct arena *a, const struct value *v, const struct value *fill);

/* Defaults of the type and of the kind, into r->attributes. What a default makes of the same value is
 * the same for every resource and is shared: `memo` remembers the last of each. */
enum { DEFAULTS_REMEMBERED = 256 };
struct default_memo {
    const struct model_default *of;
    const struct value *before, *after;
};
struct defaults_tools {
    struct arena *arena;   /* kept as long as the graph */
    struct arena *scratch; /* rewound */
    struct default_memo memo[DEFAULTS_REMEMBERED];
};
void normalise_defaults(struct defaults_tools *tools, const struct model_type *t, struct resource *r);
void normalise_incomplete(struct arena *a, struct model_kind *k, struct resource *r);

#endif
