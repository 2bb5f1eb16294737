/* labels, commonLabels, commonAnnotations, replicas: entries put at known places of known kinds. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"

/* Where: of which objects (no group: any; no kind: all), and whether what is not there is made. */
struct place {
    const char *group, *kind, *path;
    bool create;
};

#define POD_LABEL_SELECTOR(kind, rule)                                                                                 \
    {                                                                                                                  \
        "apps", kind, "spec/template/spec/" rule "/labelSelector/matchLabels", false                                   \
    }
#define POD_LABEL_SELECTORS(kind)                                                                                      \
    POD_LABEL_SELECTOR(kind, "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm"),  \
        POD_LABEL_SELECTOR(kind, "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution"),               \
        POD_LABEL_SELECTOR(                                                                                            \
            kind, "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm"),         \
        POD_LABEL_SELECTOR(kind, "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution"),           \
        POD_LABEL_SELECTOR(kind, "topologySpreadConstraints")

static const struct place selectors[] = {
    {"", "Service", "spec/selector", true},
    {"", "ReplicationController", "spec/selector", true},
    {NULL, "Deployment", "spec/selector/matchLabels", true},
    POD_LABEL_SELECTORS("Deployment"),
    {NULL, "ReplicaSet", "spec/selector/matchLabels", true},
    {NULL, "DaemonSet", "spec/selector/matchLabels", true},
    {"apps", "StatefulSet", "spec/selector/matchLabels", true},
    POD_LABEL_SELECTORS("StatefulSet"),
    {"batch", "Job", "spec/selector/matchLabels", false},
    {"batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false},
    {"policy", "PodDisruptionBudget", "spec/selector/matchLabels", false},
    {"networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels", false},
    {"networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false},
    {"networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false},
};

static const struct place labels[] = {
    {NULL, NULL, "metadata/labels", true},
};

static const struct place template_labels[] = {
    {"", "ReplicationController", "spec/template/metadata/labels", true},
    {NULL, "Deployment", "spec/template/metadata/labels", true},
    {NULL, "ReplicaSet", "spec/template/metadata/labels", true},
    {NULL, "DaemonSet", "spec/template/metadata/labels", true},
    {"apps", "StatefulSet", "spec/template/metadata/labels", true},
    {"apps", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true},
    {"batch", "Job", "spec/template/metadata/labels", true},
    {"batch", "CronJob", "spec/jobTemplate/metadata/labels", true},
    {"batch", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true},
};

static const struct place annotations[] = {
    {NULL, NULL, "metadata/annotations", true},
    {"", "ReplicationController", "spec/template/metadata/annotations", true},
    {NULL, "Deployment", "spec/template/metadata/annotations", true},
    {NULL, "ReplicaSet", "spec/template/metadata/annotations", true},
    {NULL, "DaemonSet", "spec/template/metadata/annotations", true},
    {NULL, "StatefulSet", "spec/template/metadata/annotations", true},
    {"batch", "Job", "spec/template/metadata/annotations", true},
    {"batch", "CronJob", "spec/jobTemplate/metadata/annotations", true},
    {"batch", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true},
};

struct adding {
    struct arena *arena;
    const struct value *entries;
};

static const struct value *add_entries(void *context, const struct value *old)
{
    struct adding *a = context;
    return edit_add_all(a->arena, old, a->entries);
}

static void add_to(struct kustomize *k, struct built *b, const struct place *places, size_t n,
                   const struct value *entries)
{
    struct adding adding = {k->arena, entries};
    for (size_t i = 0; i < n; i++) {
        const struct place *p = &places[i];
        if ((p->kind && !str_eq_c(b->now.kind, p->kind)) || (p->group && !str_eq_c(b->now.group, p->group)))
            continue;
        struct edit_steps s = edit_split(p->path);
        kustomize_set(b, edit_at(k->arena, b->o.value, s.at, s.n, p->create, add_entries, &adding));
    }
}

static void add_labels(struct layer *l, const struct value *pairs, bool in_selectors, bool in_templates)
{
    for (size_t i = 0; i < l->objects->n; i++) {
        struct built *b = l->objects->at[i];
        if (!kustomize_spend(l->k))
            return;
        add_to(l->k, b, labels, ARRAY_LEN(labels), pairs);
        if (in_selectors)
            add_to(l->k, b, selectors, ARRAY_LEN(selectors), pairs);
        if (in_selectors || in_templates)
            add_to(l->k, b, template_labels, ARRAY_LEN(template_labels), pairs);
    }
}

/* `fields`: places that the author adds. */
static void add_at_fields(struct layer *l, const struct value *fields, const struct value *pairs)
{
    struct adding adding = {l->k->arena, pairs};
    for (size_t i = 0; value_is(fields, VALUE_LIST) && i < fields->u.list.n; i++) {
        const struct value *f = fields->u.list.item[i];
        struct k8s_id id = {.group = value_str(value_get(f, STR("group"))),
                            .kind = value_str(value_get(f, STR("kind")))};
        bool create = false;
        value_to_bool(value_get(f, STR("create")), &create);
        struct edit_steps s = edit_split(arena_cstr(l->k->arena, value_str(value_get(f, STR("path")))));
        for (size_t j = 0; j < l->objects->n; j++) {
            struct built *b = l->objects->at[j];
            if (kustomize_spend(l->k) && kustomize_matches(b, &id))
                kustomize_set(b, edit_at(l->k->arena, b->o.value, s.at, s.n, create, add_entries, &adding));
        }
    }
}

void kustomize_labels(struct layer *l)
{
    const struct value *common = value_get(l->spec, STR("commonLabels"));
    const struct value *list = value_get(l->spec, STR("labels"));
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        const struct value *entry = list->u.list.item[i], *pairs = value_get(entry, STR("pairs"));
        bool in_selectors = false, in_templates = false;
        value_to_bool(value_get(entry, STR("includeSelectors")), &in_selectors);
        value_to_bool(value_get(entry, STR("includeTemplates")), &in_templates);
        if (!value_is(pairs, VALUE_MAP))
            continue;
        add_labels(l, pairs, in_selectors, in_templates);
        add_at_fields(l, value_get(entry, STR("fields")), pairs);
    }
    if (value_is(common, VALUE_MAP))
        add_labels(l, common, true, true);
}

void kustomize_annotations(struct layer *l)
{
    const struct value *common = value_get(l->spec, STR("commonAnnotations"));
    for (size_t i = 0; value_is(common, VALUE_MAP) && i < l->objects->n; i++)
        add_to(l->k, l->objects->at[i], annotations, ARRAY_LEN(annotations), common);
}

/* ---------------------------------------------------------------- replicas */

static const struct value *put_count(void *context, const struct value *old)
{
    (void)old;
    return context;
}

static bool is_scaled(const struct built *b)
{
    static const char *const kinds[] = {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_c(b->now.kind, kinds[i]))
            return true;
    return false;
}

void kustomize_replicas(struct layer *l)
{
    const struct value *list = value_get(l->spec, STR("replicas"));
    struct edit_steps s = edit_split("spec/replicas");
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        struct k8s_id id = {.name = value_str(value_get(list->u.list.item[i], STR("name")))};
        const struct value *count = value_get(list->u.list.item[i], STR("count"));
        for (size_t j = 0; count && id.name.n && j < l->objects->n; j++) {
            struct built *b = l->objects->at[j];
            if (is_scaled(b) && kustomize_spend(l->k) && kustomize_matches(b, &id))
                kustomize_set(b,
                              edit_at(l->k->arena, b->o.value, s.at, s.n, true, put_count, (void *)(uintptr_t)count));
        }
    }
}
