/* kustomize.h - what `kustomize build` makes of a kustomization, natively.
 *
 * A build accumulates objects layer by layer: resources and bases, generators, components, then the
 * transformers of the kustomization in their fixed order; names are hashed and references repaired once,
 * at the end. Every value keeps the place where it was written, in a base, a patch or a kustomization.
 *
 * Not done here, each with a diagnostic: remote bases, charts, plugins, custom transformer configurations. */
#ifndef FRONTEND_KUBERNETES_KUSTOMIZE_H
#define FRONTEND_KUBERNETES_KUSTOMIZE_H

#include "base/vec.h"
#include "frontend/input.h"
#include "frontend/kubernetes/manifest.h"

struct k8s_id {
    str group, kind, namespace, name;
    bool cluster_scoped;
};

/* An object while it is built. */
struct built {
    struct k8s_object o;
    struct k8s_id now;
    struct k8s_id *past; /* what it was called before; the original first. In the arena, as the next two */
    size_t n_past;
    str *prefix; /* as added, innermost first */
    size_t n_prefixes;
    str *suffix;
    size_t n_suffixes;
    bool needs_hash;
};

struct built_list {
    struct built **at;
    size_t n, cap;
};

struct kustomize {
    struct inputs *in;
    struct arena *arena;
    struct diag_list *diags;
    struct map active; /* kustomizations: path -> non-NULL while it is being built */
    unsigned depth, calls;
    size_t n_objects;               /* ever added */
    struct map read;                /* path -> struct documents *, what was parsed here */
    size_t steps;                   /* pairs of an entry and an object looked at */
    bool incomplete;                /* something could not be read */
    bool remote;                    /* something could not be had */
    bool lone_component;            /* patches have nothing to apply to, as expected */
    VEC(const struct value *) vars; /* entries of `vars` */
};

/* One kustomization that is applied to objects. */
struct layer {
    struct kustomize *k;
    str path, dir; /* of the file, as shown */
    const struct source *source;
    const struct value *spec;     /* the kustomization */
    const struct call_site *call; /* through which its objects are reached */
    struct built_list *objects;
};

/* The objects of the kustomization in `path` (a file). */
void kustomize_build(struct kustomize *k, str path, struct k8s_objects *ret);
void kustomize_init(struct kustomize *k, struct inputs *in, struct arena *a, struct diag_list *diags);
void kustomize_release(struct kustomize *k);

/* ---------------------------------------------------------------- kustomize_files.c */

bool kustomize_is_remote(str entry);
/* The kustomization file in a directory; STR_NONE when the path is no directory or has none. */
str kustomize_find(struct kustomize *k, str dir, bool *ret_is_directory);
/* A file that the kustomization names at `from`; NULL after a diagnostic. */
const struct input_file *kustomize_open(struct layer *l, str entry, span from);
const struct documents *kustomize_documents(struct kustomize *k, const struct input_file *f);
/* YAML in a string of the kustomization (an inline patch), with places in the kustomization. */
struct kustomize_text {
    struct documents documents;
    struct k8s_place place;
};
struct kustomize_text kustomize_inline(struct layer *l, const struct value *text);

/* ---------------------------------------------------------------- kustomize_object.c */

struct k8s_id kustomize_id(const struct value *object);
void kustomize_remember(struct kustomize *k, struct built *b); /* before a change of name or namespace */
void kustomize_set(struct built *b, const struct value *v);
/* NULL after a diagnostic: too many. */
struct built *kustomize_add(struct kustomize *k, struct built_list *to, const struct k8s_object *o);
bool kustomize_same_namespace(str a, str b); /* none is "default" */
/* True when any of the object's ids, past or present, is that one; *empty* parts of `id` match anything. */
bool kustomize_matches(const struct built *b, const struct k8s_id *id);

/* What grows with entries times objects asks here first; false after a diagnostic. */
bool kustomize_spend(struct kustomize *k);

/* Which objects were ever called so: for (i = kustomize_first(x, name); i; i = kustomize_next(x, i)). */
struct name_index {
    struct map first;
    struct name_entry {
        uint32_t object, next;
    } * at;
    size_t n, cap;
};
void name_index_init(struct name_index *x, const struct built_list *objects);
void name_index_release(struct name_index *x);
size_t name_index_first(const struct name_index *x, str name, uint32_t *ret_object); /* 0: none */
size_t name_index_next(const struct name_index *x, size_t i, uint32_t *ret_object);

/* ---------------------------------------------------------------- transformers, in order of use */

void kustomize_generate(struct layer *l); /* kustomize_generate.c */
void kustomize_patch(struct layer *l);    /* kustomize_patch.c: patches, both kinds of old lists too */
void kustomize_patch_json6902(struct layer *l);
void kustomize_namespace(struct layer *l); /* kustomize_fields.c */
void kustomize_prefix_suffix(struct layer *l);
void kustomize_labels(struct layer *l); /* kustomize_labels.c */
void kustomize_annotations(struct layer *l);
void kustomize_replicas(struct layer *l);
void kustomize_images(struct layer *l);                                  /* kustomize_images.c */
void kustomize_replacements(struct layer *l);                            /* kustomize_replace.c */
str kustomize_content_hash(struct arena *a, const struct value *object); /* ten characters, of a generated object */
void kustomize_hash_names(struct kustomize *k, struct built_list *objects);
void kustomize_fix_references(struct kustomize *k, struct built_list *objects); /* kustomize_names.c */
void kustomize_resolve_vars(struct kustomize *k, struct built_list *objects);

/* Selects by group, version, kind, name, namespace (regular expressions), labels and annotations. */
struct selector;
struct selector *selector_new(struct kustomize *k, const struct value *spec);
void selector_free(struct selector *s);
bool selector_matches(struct kustomize *k, struct selector *s, const struct built *b);

#endif
