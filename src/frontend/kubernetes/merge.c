/* Strategic merge: maps merge by key, null deletes, lists are replaced - except those whose elements have
 * a key of their own, which merge by it. Where such lists are depends on the place in the API's types. */
#include "frontend/kubernetes/merge.h"

#include "base/map.h"
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/types.h"

enum place {
    NOWHERE,
    OBJECT, /* any object: metadata */
    METADATA,
    WORKLOAD, /* an object with spec.template */
    WORKLOAD_SPEC,
    CRON_JOB,
    CRON_JOB_SPEC,
    TEMPLATE, /* metadata and spec of a pod */
    POD_SPEC,
    CONTAINER,
    RESOURCES,
    VOLUME,
    PROJECTED,
    SERVICE,
    SERVICE_SPEC,
    SERVICE_ACCOUNT,
    WEBHOOKS,
    STATUS,
};

/* A field in a place: where it leads, and by which keys its elements are told apart when it is a list
 * (the empty key: the elements themselves). */
struct field {
    enum place place;
    const char *name;
    enum place leads_to;
    const char *key, *second_key, *second_default;
};

static const struct field fields[] = {
    {METADATA, "finalizers", NOWHERE, "", NULL, NULL},
    {METADATA, "ownerReferences", NOWHERE, "uid", NULL, NULL},
    {WORKLOAD, "spec", WORKLOAD_SPEC, NULL, NULL, NULL},
    {WORKLOAD_SPEC, "template", TEMPLATE, NULL, NULL, NULL},
    {CRON_JOB, "spec", CRON_JOB_SPEC, NULL, NULL, NULL},
    {CRON_JOB_SPEC, "jobTemplate", WORKLOAD, NULL, NULL, NULL},
    {TEMPLATE, "spec", POD_SPEC, NULL, NULL, NULL},
    {TEMPLATE, "template", TEMPLATE, NULL, NULL, NULL},
    {POD_SPEC, "containers", CONTAINER, "name", NULL, NULL},
    {POD_SPEC, "initContainers", CONTAINER, "name", NULL, NULL},
    {POD_SPEC, "ephemeralContainers", CONTAINER, "name", NULL, NULL},
    {POD_SPEC, "volumes", VOLUME, "name", NULL, NULL},
    {POD_SPEC, "imagePullSecrets", NOWHERE, "name", NULL, NULL},
    {POD_SPEC, "hostAliases", NOWHERE, "ip", NULL, NULL},
    {POD_SPEC, "resourceClaims", NOWHERE, "name", NULL, NULL},
    {POD_SPEC, "schedulingGates", NOWHERE, "name", NULL, NULL},
    {POD_SPEC, "topologySpreadConstraints", NOWHERE, "topologyKey", "whenUnsatisfiable", NULL},
    {CONTAINER, "env", NOWHERE, "name", NULL, NULL},
    {CONTAINER, "ports", NOWHERE, "containerPort", "protocol", "TCP"},
    {CONTAINER, "volumeMounts", NOWHERE, "mountPath", NULL, NULL},
    {CONTAINER, "volumeDevices", NOWHERE, "devicePath", NULL, NULL},
    {CONTAINER, "resources", RESOURCES, NULL, NULL, NULL},
    {RESOURCES, "claims", NOWHERE, "name", NULL, NULL},
    {SERVICE, "spec", SERVICE_SPEC, NULL, NULL, NULL},
    {SERVICE_SPEC, "ports", NOWHERE, "port", "protocol", "TCP"},
    {SERVICE_ACCOUNT, "secrets", NOWHERE, "name", NULL, NULL},
    {WEBHOOKS, "webhooks", NOWHERE, "name", NULL, NULL},
    {STATUS, "conditions", NOWHERE, "type", NULL, NULL},
};

static const struct field nothing = {NOWHERE, "", NOWHERE, NULL, NULL, NULL};

static const struct field *field_at(enum place place, str name)
{
    static const struct field metadata = {OBJECT, "metadata", METADATA, NULL, NULL, NULL};
    if (place == NOWHERE)
        return &nothing;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].place == place && str_eq_c(name, fields[i].name))
            return &fields[i];
    return str_eq_c(name, "metadata") ? &metadata : &nothing;
}

static enum place place_of_kind(str group, str kind)
{
    const char *const *steps;
    size_t n = k8s_pod_template(group, kind, &steps);
    if (n == 0 || n == 1)
        return TEMPLATE;
    if (n != SIZE_MAX)
        return n == 2 ? WORKLOAD : CRON_JOB;
    if (!group.n && str_eq_c(kind, "Service"))
        return SERVICE;
    if (!group.n && str_eq_c(kind, "ServiceAccount"))
        return SERVICE_ACCOUNT;
    if (str_ends(kind, STR("WebhookConfiguration")))
        return WEBHOOKS;
    return k8s_is_builtin_group(group) ? OBJECT : NOWHERE;
}

/* ---------------------------------------------------------------- patches on their own */

static bool is_directive(str key)
{
    return str_starts(key, STR("$"));
}

static str directive(const struct value *patch)
{
    return value_str(value_get(patch, STR("$patch")));
}

/* What a patch writes where there was nothing: without directives and nulls. */
static const struct value *clean(struct arena *a, const struct value *patch)
{
    if (value_is(patch, VALUE_MAP)) {
        struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, patch->u.map.n);
        size_t n = 0;
        for (size_t i = 0; i < patch->u.map.n; i++) {
            struct value_entry e = patch->u.map.entry[i];
            if (is_directive(e.key) || !e.value || e.value->kind == VALUE_NULL)
                continue;
            e.value = clean(a, e.value);
            entries[n++] = e;
        }
        return value_map(a, entries, n, patch->origin);
    }
    if (!value_is(patch, VALUE_LIST))
        return patch;
    const struct value **items = ARENA_ARRAY(a, const struct value *, patch->u.list.n);
    size_t n = 0;
    for (size_t i = 0; i < patch->u.list.n; i++) {
        const struct value *item = patch->u.list.item[i];
        if (!directive(item).n)
            items[n++] = clean(a, item);
        else if (item->u.map.n > 1 && !str_eq_c(directive(item), "delete"))
            items[n++] = clean(a, item);
    }
    return value_list(a, items, n, patch->origin);
}

/* ---------------------------------------------------------------- lists */

/* "80/TCP": what an element is told apart by; STR_NONE when it has no key. */
static str element_key(struct arena *a, const struct field *f, const struct value *item)
{
    str first, second = STR_NONE;
    const struct value *key = f->key[0] ? value_get(item, str_of(f->key)) : item;
    if (!key || !value_to_text(key, a, &first))
        return STR_NONE;
    if (!f->second_key)
        return arena_printf(a, "=" STR_FMT, STR_ARG(first));
    const struct value *more = value_get(item, str_of(f->second_key));
    if (!more || !value_to_text(more, a, &second))
        second = str_of(f->second_default);
    return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(first), STR_ARG(second));
}

static bool has_keys(struct arena *a, const struct field *f, const struct value *list)
{
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *item = list->u.list.item[i];
        if (!element_key(a, f, item).n && !directive(item).n)
            return false;
    }
    return true;
}

static const struct value *merge(struct arena *a, enum place place, const struct value *base,
                                 const struct value *patch);

struct slot {
    const struct value *value;
    bool done; /* placed, or deleted */
};

/* What the patch names comes first, in its order; then the rest. */
static const struct value *merge_elements(struct arena *a, const struct field *f, const struct value *base,
                                          const struct value *patch)
{
    struct map slots;
    map_init(&slots);
    size_t n = base->u.list.n, count = 0;
    struct slot *slot = ARENA_ARRAY(a, struct slot, n + 1);
    const struct value **items = ARENA_ARRAY(a, const struct value *, n + patch->u.list.n);
    for (size_t i = 0; i < n; i++) {
        slot[i].value = base->u.list.item[i];
        str key = element_key(a, f, base->u.list.item[i]);
        if (key.n)
            map_add(&slots, key, &slot[i]);
    }
    for (size_t i = 0; i < patch->u.list.n; i++) {
        const struct value *item = patch->u.list.item[i], *v;
        str key = element_key(a, f, item);
        struct slot *there = key.n ? map_find(&slots, key) : NULL;
        bool merges = there && !there->done;
        if (merges)
            v = merge(a, f->leads_to, there->value, item);
        else
            v = str_eq_c(directive(item), "delete") ? NULL : clean(a, item);
        if (merges && v && f->second_key && value_get(item, str_of(f->second_key))) { /* stays where it is */
            there->value = v;
            continue;
        }
        if (merges)
            there->done = true;
        if (v && (!value_is(v, VALUE_MAP) || v->u.map.n))
            items[count++] = v;
    }
    for (size_t i = 0; i < n; i++)
        if (!slot[i].done)
            items[count++] = slot[i].value;
    map_release(&slots);
    return value_list(a, items, count, base->origin);
}

static bool says_replace(const struct value *list)
{
    for (size_t i = 0; i < list->u.list.n; i++)
        if (str_eq_c(directive(list->u.list.item[i]), "replace"))
            return true;
    return false;
}

static const struct value *merge_list(struct arena *a, const struct field *f, const struct value *base,
                                      const struct value *patch)
{
    if (!f->key || !value_is(base, VALUE_LIST) || says_replace(patch) || !has_keys(a, f, patch))
        return clean(a, patch);
    return merge_elements(a, f, base, patch);
}

/* `$deleteFromPrimitiveList/finalizers: [x]` */
static const struct value *delete_from_list(struct arena *a, const struct value *base, const struct value *gone)
{
    if (!value_is(base, VALUE_LIST) || !value_is(gone, VALUE_LIST))
        return base;
    struct map names;
    map_init(&names);
    for (size_t i = 0; i < gone->u.list.n; i++)
        map_set(&names, value_str(gone->u.list.item[i]), &names);
    const struct value **items = ARENA_ARRAY(a, const struct value *, base->u.list.n);
    size_t n = 0;
    for (size_t i = 0; i < base->u.list.n; i++)
        if (!map_has(&names, value_str(base->u.list.item[i])))
            items[n++] = base->u.list.item[i];
    map_release(&names);
    return value_list(a, items, n, base->origin);
}

/* ---------------------------------------------------------------- maps */

static const struct value *merge_field(struct arena *a, enum place place, str key, const struct value *base,
                                       const struct value *patch)
{
    const struct field *f = field_at(place, key);
    if (!patch || patch->kind == VALUE_NULL)
        return NULL;
    if (value_is(patch, VALUE_LIST))
        return merge_list(a, f, base, patch);
    return merge(a, f->leads_to, base, patch);
}

static const struct value *merge_map(struct arena *a, enum place place, const struct value *base,
                                     const struct value *patch)
{
    static const str delete_prefix = {"$deleteFromPrimitiveList/", 25};
    struct map places;
    map_init(&places);
    size_t n = base->u.map.n, count = 0;
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n + patch->u.map.n);
    for (size_t i = 0; i < n; i++) {
        entries[i] = base->u.map.entry[i];
        map_set(&places, entries[i].key, &entries[i]);
    }
    for (size_t i = 0; i < patch->u.map.n; i++) {
        const struct value_entry *e = &patch->u.map.entry[i];
        str key = str_starts(e->key, delete_prefix) ? str_slice(e->key, delete_prefix.n, e->key.n) : e->key;
        struct value_entry *there = map_find(&places, key);
        if (key.n < e->key.n) {
            if (there)
                there->value = delete_from_list(a, there->value, e->value);
            continue;
        }
        if (is_directive(key))
            continue;
        const struct value *v = merge_field(a, place, key, there ? there->value : NULL, e->value);
        if (there)
            there->value = v;
        else if (v)
            entries[n++] = (struct value_entry){key, e->key_at, v};
    }
    for (size_t i = 0; i < n; i++)
        if (entries[i].value)
            entries[count++] = entries[i];
    map_release(&places);
    return value_map(a, entries, count, base->origin);
}

/* NULL: deleted. */
static const struct value *merge(struct arena *a, enum place place, const struct value *base, const struct value *patch)
{
    if (!value_is(patch, VALUE_MAP))
        return value_is(patch, VALUE_LIST) ? clean(a, patch) : patch;
    str what = directive(patch);
    if (str_eq_c(what, "delete"))
        return NULL;
    if (!value_is(base, VALUE_MAP) || str_eq_c(what, "replace"))
        return clean(a, patch);
    return merge_map(a, place, base, patch);
}

const struct value *merge_strategic(struct arena *a, str group, str kind, const struct value *base,
                                    const struct value *patch)
{
    return merge(a, place_of_kind(group, kind), base, patch);
}
