/* manifest.h - documents to objects, objects to resources.
 *
 * An object is one manifest as a value; kustomizations change objects before they become resources. */
#ifndef FRONTEND_KUBERNETES_MANIFEST_H
#define FRONTEND_KUBERNETES_MANIFEST_H

#include "graph/graph.h"
#include "syntax/document.h"

struct k8s_object {
    const struct value *value;    /* VALUE_MAP with kind and apiVersion */
    span at;                      /* the whole manifest */
    span header;                  /* `kind: Deployment` */
    const struct call_site *call; /* the kustomizations through which it was reached */
    str display_path;             /* Helm's `# Source:` */
    bool incomplete;              /* a syntax error inside */
};

struct k8s_objects {
    struct k8s_object *at;
    size_t n, cap;
};

/* How places in a text that was cut out of a file translate to that file. All zero: it is the file. */
struct k8s_place {
    uint32_t file;                   /* 0: spans are right as they are */
    uint32_t shift;                  /* where the text begins in the file */
    span whole;                      /* file set: nothing finer is known, everything stands here */
    const struct value *const *hole; /* values that stand in the text as K8S_HOLE_OPEN number K8S_HOLE_CLOSE */
    size_t n_holes;
};

/* Characters of the private use area, which YAML takes as text. */
#define K8S_HOLE_OPEN  "\xef\xa3\xb0"
#define K8S_HOLE_CLOSE "\xef\xa3\xb1"

/* Strings with {{ }} where Kubernetes takes none are unknown: a template that was not rendered. So is what a
 * placeholder ${NAME} leaves open (placeholder.h). */
const struct value *k8s_value_of(struct arena *a, const struct node *n, struct k8s_place place);
/* The objects of a document, lists expanded. Documents and items that are no manifests are left out with a
 * diagnostic. */
void k8s_read_document(struct arena *a, const struct document *d, struct k8s_place place, struct diag_list *diags,
                       struct k8s_objects *to);
/* The same for a value that is there already. */
void k8s_read_value(struct arena *a, const struct value *v, struct diag_list *diags, struct k8s_objects *to);

/* Text at a dotted path; STR_NONE when it is absent or no string. */
str k8s_text_at(const struct value *object, const char *path);
/* Adds the resource (several for an object that holds several pod templates: split.h); how many. */
size_t k8s_emit(struct graph_builder *b, const struct k8s_object *o);

#endif
