/* After all changes of names: what referred to the old ones is made to refer to the new. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"
#include "frontend/kubernetes/types.h"

/* What a name at a place of a kind refers to. */
struct reference {
    const char *group, *kind; /* of the target; the group may be NULL, any */
    const char *from;         /* kind of the referrer; NULL: any that holds a pod, and the path is below its spec */
    const char *path;
};

static const struct reference references[] = {
    {"", "ConfigMap", NULL, "volumes/configMap/name"},
    {"", "ConfigMap", NULL, "volumes/projected/sources/configMap/name"},
    {"", "ConfigMap", NULL, "containers/env/valueFrom/configMapKeyRef/name"},
    {"", "ConfigMap", NULL, "initContainers/env/valueFrom/configMapKeyRef/name"},
    {"", "ConfigMap", NULL, "containers/envFrom/configMapRef/name"},
    {"", "ConfigMap", NULL, "initContainers/envFrom/configMapRef/name"},
    {"", "ConfigMap", "Node", "spec/configSource/configMap"},
    {"", "ConfigMap", "Role", "rules/resourceNames"},
    {"", "ConfigMap", "ClusterRole", "rules/resourceNames"},
    {"", "Secret", NULL, "volumes/secret/secretName"},
    {"", "Secret", NULL, "volumes/projected/sources/secret/name"},
    {"", "Secret", NULL, "containers/env/valueFrom/secretKeyRef/name"},
    {"", "Secret", NULL, "initContainers/env/valueFrom/secretKeyRef/name"},
    {"", "Secret", NULL, "containers/envFrom/secretRef/name"},
    {"", "Secret", NULL, "initContainers/envFrom/secretRef/name"},
    {"", "Secret", NULL, "imagePullSecrets/name"},
    {"", "Secret", "Ingress", "spec/tls/secretName"},
    {"", "Secret", "ServiceAccount", "imagePullSecrets/name"},
    {"", "Secret", "StorageClass", "parameters/secretName"},
    {"", "Secret", "StorageClass", "parameters/adminSecretName"},
    {"", "Secret", "StorageClass", "parameters/userSecretName"},
    {"", "Secret", "StorageClass", "parameters/secretRef"},
    {"", "Secret", "PersistentVolume", "spec/azureFile/secretName"},
    {"", "Secret", "Role", "rules/resourceNames"},
    {"", "Secret", "ClusterRole", "rules/resourceNames"},
    {"", "Service", "StatefulSet", "spec/serviceName"},
    {"", "Service", "Ingress", "spec/rules/http/paths/backend/serviceName"},
    {"", "Service", "Ingress", "spec/backend/serviceName"},
    {"", "Service", "Ingress", "spec/rules/http/paths/backend/service/name"},
    {"", "Service", "Ingress", "spec/defaultBackend/service/name"},
    {"", "Service", "APIService", "spec/service/name"},
    {"", "Service", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"},
    {"", "Service", "MutatingWebhookConfiguration", "webhooks/clientConfig/service"},
    {"rbac.authorization.k8s.io", "Role", "RoleBinding", "roleRef/name"},
    {"rbac.authorization.k8s.io", "ClusterRole", "RoleBinding", "roleRef/name"},
    {"rbac.authorization.k8s.io", "ClusterRole", "ClusterRoleBinding", "roleRef/name"},
    {"", "ServiceAccount", "RoleBinding", "subjects"},
    {"", "ServiceAccount", "ClusterRoleBinding", "subjects"},
    {"", "ServiceAccount", NULL, "serviceAccountName"},
    {"", "PersistentVolumeClaim", NULL, "volumes/persistentVolumeClaim/claimName"},
    {"", "PersistentVolume", "PersistentVolumeClaim", "spec/volumeName"},
    {"", "PersistentVolume", "ClusterRole", "rules/resourceNames"},
    {"storage.k8s.io", "StorageClass", "PersistentVolume", "spec/storageClassName"},
    {"storage.k8s.io", "StorageClass", "PersistentVolumeClaim", "spec/storageClassName"},
    {"storage.k8s.io", "StorageClass", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"},
    {"scheduling.k8s.io", "PriorityClass", NULL, "priorityClassName"},
    {"networking.k8s.io", "IngressClass", "Ingress", "spec/ingressClassName"},
    {NULL, "Deployment", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {NULL, "ReplicationController", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {NULL, "ReplicaSet", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {NULL, "StatefulSet", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
     "spec/policyName"},
};

/* Annotations of ingress controllers that name an object. */
static const struct {
    const char *kind, *annotation;
} ingress_annotations[] = {
    {"ConfigMap", "nginx.ingress.kubernetes.io/fastcgi-params-configmap"},
    {"Secret", "ingress.kubernetes.io/auth-secret"},
    {"Secret", "nginx.ingress.kubernetes.io/auth-secret"},
    {"Secret", "nginx.ingress.kubernetes.io/auth-tls-secret"},
};

struct fixing {
    struct kustomize *k;
    const struct built_list *objects;
    const struct name_index *index;
    const struct built *referrer;
    const char *group, *kind;
};

/* ---------------------------------------------------------------- candidates */

static bool was_of_kind(const struct built *b, const char *group, const char *kind)
{
    return str_eq_c(b->now.kind, kind) && (!group || str_eq_c(b->now.group, group));
}

static bool reachable(const struct built *referrer, const struct built *target)
{
    if (referrer->now.cluster_scoped || target->now.cluster_scoped || str_eq_c(target->now.kind, "ServiceAccount"))
        return true;
    return kustomize_same_namespace(referrer->now.namespace, target->now.namespace);
}

/* The shorter list is how the longer one ends. */
static bool same_ending(const str *a, size_t n_a, const str *b, size_t n_b)
{
    size_t n = n_a < n_b ? n_a : n_b;
    for (size_t i = 1; i <= n; i++)
        if (!str_eq(a[n_a - i], b[n_b - i]))
            return false;
    return true;
}

/* Objects that went through the same kustomizations belong together. */
static bool same_context(const struct built *a, const struct built *b, bool allow_empty)
{
    if (!allow_empty && ((a->n_prefixes == 0) != (b->n_prefixes == 0) || (a->n_suffixes == 0) != (b->n_suffixes == 0)))
        return false;
    return same_ending(a->prefix, a->n_prefixes, b->prefix, b->n_prefixes) &&
           same_ending(a->suffix, a->n_suffixes, b->suffix, b->n_suffixes);
}

static bool was_in(const struct built *b, str namespace)
{
    for (size_t i = 0; i < b->n_past; i++)
        if (str_eq(b->past[i].namespace, namespace))
            return true;
    return str_eq(b->now.namespace, namespace);
}

/* The object that was called `name`; NULL when none is, or when it cannot be told which. `namespace`: where
 * the referrer says it is (p NULL: it does not say). */
static const struct built *find(const struct fixing *f, str name, str namespace)
{
    const struct built *any = NULL, *loose = NULL, *close = NULL;
    size_t n_any = 0, n_loose = 0, n_close = 0;
    uint32_t o = 0;
    for (size_t i = name_index_first(f->index, name, &o); i; i = name_index_next(f->index, i, &o)) {
        const struct built *b = f->objects->at[o];
        if (!was_of_kind(b, f->group, f->kind) || !reachable(f->referrer, b) || (namespace.p && !was_in(b, namespace)))
            continue;
        if (!kustomize_spend(f->k))
            return NULL;
        any = any ? any : b;
        n_any++;
        if (!same_context(f->referrer, b, true))
            continue;
        loose = loose ? loose : b;
        n_loose++;
        if (!same_context(f->referrer, b, false))
            continue;
        if (!close || !str_eq(close->now.name, b->now.name))
            n_close++;
        close = close ? close : b;
        if (n_close > 1)
            return NULL;
    }
    if (n_any == 1)
        return any;
    if (n_loose == 1)
        return loose;
    return n_close == 1 ? close : NULL;
}

/* ---------------------------------------------------------------- fields */

static const struct value *renamed(struct fixing *f, const struct value *old, str name)
{
    if (str_eq(value_str(old), name))
        return old;
    struct value *v = value_copy(f->k->arena, old);
    v->u.string = name;
    return v;
}

static const struct value *fix_map(struct fixing *f, const struct value *old)
{
    const struct value *name = value_get(old, STR("name")), *namespace = value_get(old, STR("namespace"));
    if (!value_is(name, VALUE_STRING))
        return old; /* subjects that are users are renamed too when a ServiceAccount was called so: as kustomize does */
    str said = value_str(namespace);
    const struct built *b = find(f, value_str(name), said.n ? said : STR_NONE);
    if (!b)
        return old;
    struct arena *a = f->k->arena;
    const struct value *v = edit_set(a, old, STR("name"), SPAN_NONE, renamed(f, name, b->now.name));
    const struct value *target = value_path(b->o.value, STR("metadata.namespace"));
    if (!b->now.namespace.n || str_eq(said, b->now.namespace))
        return v;
    return edit_set(a, v, STR("namespace"), value_span(target), target);
}

static const struct value *fix(void *context, const struct value *old)
{
    struct fixing *f = context;
    if (value_is(old, VALUE_MAP))
        return fix_map(f, old);
    if (value_is(old, VALUE_STRING)) {
        const struct built *b = find(f, value_str(old), STR_NONE);
        return b ? renamed(f, old, b->now.name) : old;
    }
    if (!value_is(old, VALUE_LIST))
        return old;
    const struct value **items = ARENA_ARRAY(f->k->arena, const struct value *, old->u.list.n);
    bool changed = false;
    for (size_t i = 0; i < old->u.list.n; i++) {
        items[i] = value_is(old->u.list.item[i], VALUE_LIST) ? old->u.list.item[i] : fix(f, old->u.list.item[i]);
        changed |= items[i] != old->u.list.item[i];
    }
    if (!changed)
        return old;
    struct value *v = value_copy(f->k->arena, old);
    v->u.list.item = items;
    return v;
}

/* ---------------------------------------------------------------- objects */

static bool applies(const struct reference *r, const struct built *b, size_t pod)
{
    if (!r->from)
        return pod != SIZE_MAX;
    if (!str_eq_c(b->now.kind, r->from))
        return false;
    if (!str_eq_c(str_of(r->path), "roleRef/name"))
        return true;
    return str_eq_c(value_str(value_path(b->o.value, STR("roleRef.kind"))), r->kind);
}

static void fix_object(struct fixing *f, struct built *b)
{
    const char *const *template;
    size_t pod = k8s_pod_template(b->now.group, b->now.kind, &template);
    f->referrer = b;
    const struct value *v = b->o.value;
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        const struct reference *r = &references[i];
        if (!applies(r, b, pod))
            continue;
        struct edit_steps all = {.n = 0}, own = edit_split(r->path);
        for (size_t j = 0; !r->from && j < pod; j++)
            all.at[all.n++] = str_of(template[j]);
        if (!r->from)
            all.at[all.n++] = STR("spec");
        for (size_t j = 0; j < own.n && all.n < ARRAY_LEN(all.at); j++)
            all.at[all.n++] = own.at[j];
        f->group = r->group;
        f->kind = r->kind;
        v = edit_at(f->k->arena, v, all.at, all.n, false, fix, f);
    }
    for (size_t i = 0; str_eq_c(b->now.kind, "Ingress") && i < ARRAY_LEN(ingress_annotations); i++) {
        str steps[] = {STR("metadata"), STR("annotations"), str_of(ingress_annotations[i].annotation)};
        f->group = "";
        f->kind = ingress_annotations[i].kind;
        v = edit_at(f->k->arena, v, steps, ARRAY_LEN(steps), false, fix, f);
    }
    b->o.value = v;
}

void kustomize_fix_references(struct kustomize *k, struct built_list *objects)
{
    bool any = false;
    for (size_t i = 0; i < objects->n && !any; i++)
        any = objects->at[i]->n_past > 0;
    if (!any)
        return;
    struct name_index index;
    name_index_init(&index, objects);
    struct fixing f = {.k = k, .objects = objects, .index = &index};
    for (size_t i = 0; i < objects->n; i++)
        fix_object(&f, objects->at[i]);
    name_index_release(&index);
}
