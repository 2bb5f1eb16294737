/* Names: namespace, namePrefix, nameSuffix, and the hashes of generated objects. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"
#include "frontend/kubernetes/types.h"

struct replacing {
    struct arena *arena;
    const struct value *with;
};

static const struct value *put(void *context, const struct value *old)
{
    struct replacing *r = context;
    (void)old;
    return r->with;
}

static void set_at(struct arena *a, struct built *b, const char *path, bool create, const struct value *with)
{
    struct edit_steps s = edit_split(path);
    struct replacing r = {a, with};
    kustomize_set(b, edit_at(a, b->o.value, s.at, s.n, create, put, &r));
}

/* ---------------------------------------------------------------- namespace */

/* Subjects called "default" are the service account that every namespace has. */
static const struct value *put_in_subject(void *context, const struct value *old)
{
    struct replacing *r = context;
    const struct value *subject = old;
    if (value_is(subject, VALUE_LIST)) {
        const struct value **items = ARENA_ARRAY(r->arena, const struct value *, subject->u.list.n);
        for (size_t i = 0; i < subject->u.list.n; i++)
            items[i] = put_in_subject(context, subject->u.list.item[i]);
        return value_list(r->arena, items, subject->u.list.n, subject->origin);
    }
    if (!str_eq_c(value_str(value_get(subject, STR("name"))), "default"))
        return subject;
    return edit_set(r->arena, subject, STR("namespace"), value_span(r->with), r->with);
}

static void set_namespace(struct kustomize *k, struct built *b, const struct value *namespace)
{
    str kind = b->now.kind, group = b->now.group;
    kustomize_remember(k, b);
    if (!b->now.cluster_scoped)
        set_at(k->arena, b, "metadata/namespace", true, namespace);
    if (str_eq_c(kind, "Namespace") && !group.n)
        set_at(k->arena, b, "metadata/name", true, namespace);
    if (str_eq_c(kind, "APIService"))
        set_at(k->arena, b, "spec/service/namespace", true, namespace);
    if (str_eq_c(kind, "CustomResourceDefinition"))
        set_at(k->arena, b, "spec/conversion/webhook/clientConfig/service/namespace", false, namespace);
    if (str_eq_c(kind, "RoleBinding") || str_eq_c(kind, "ClusterRoleBinding")) {
        struct replacing r = {k->arena, namespace};
        str subjects = STR("subjects");
        kustomize_set(b, edit_at(k->arena, b->o.value, &subjects, 1, false, put_in_subject, &r));
    }
}

void kustomize_namespace(struct layer *l)
{
    const struct value *namespace = value_get(l->spec, STR("namespace"));
    for (size_t i = 0; value_str(namespace).n && i < l->objects->n; i++)
        set_namespace(l->k, l->objects->at[i], namespace);
}

/* ---------------------------------------------------------------- names */

static bool keeps_name(const struct built *b)
{
    return str_eq_c(b->now.kind, "CustomResourceDefinition") || str_eq_c(b->now.kind, "Namespace") ||
           (str_eq_c(b->now.kind, "APIService") && str_eq_c(b->now.group, "apiregistration.k8s.io"));
}

static void rename_object(struct kustomize *k, struct built *b, str name)
{
    const struct value *old = value_path(b->o.value, STR("metadata.name"));
    kustomize_remember(k, b);
    set_at(k->arena, b, "metadata/name", true, value_string(k->arena, name, old ? old->origin : NULL));
}

static str *with_text(struct arena *a, const str *list, size_t *n, str more)
{
    str *longer = ARENA_ARRAY(a, str, *n + 1);
    if (*n)
        memcpy(longer, list, *n * sizeof(*longer));
    longer[(*n)++] = more;
    return longer;
}

void kustomize_prefix_suffix(struct layer *l)
{
    struct arena *a = l->k->arena;
    str prefix = value_str(value_get(l->spec, STR("namePrefix")));
    str suffix = value_str(value_get(l->spec, STR("nameSuffix")));
    for (size_t i = 0; (prefix.n || suffix.n) && i < l->objects->n; i++) {
        struct built *b = l->objects->at[i];
        if (keeps_name(b))
            continue;
        rename_object(l->k, b,
                      arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(b->now.name), STR_ARG(suffix)));
        if (prefix.n)
            b->prefix = with_text(a, b->prefix, &b->n_prefixes, prefix);
        if (suffix.n)
            b->suffix = with_text(a, b->suffix, &b->n_suffixes, suffix);
    }
}

void kustomize_hash_names(struct kustomize *k, struct built_list *objects)
{
    for (size_t i = 0; i < objects->n; i++) {
        struct built *b = objects->at[i];
        if (b->needs_hash)
            rename_object(k, b,
                          arena_printf(k->arena, STR_FMT "-" STR_FMT, STR_ARG(b->now.name),
                                       STR_ARG(kustomize_content_hash(k->arena, b->o.value))));
    }
}
