/* Patches: `patches`, and the older `patchesStrategicMerge` and `patchesJson6902`. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"
#include "frontend/kubernetes/merge.h"
#include "frontend/kubernetes/types.h"

struct patching {
    struct layer *layer;
    struct name_index index; /* of names before the first patch */
    span from;               /* the entry in the kustomization */
    const struct value *target;
    bool allow_name_change, allow_kind_change;
};

static void remove_object(struct built_list *list, size_t i)
{
    list->at[i] = NULL; /* closed up by drop_removed: indexes stay right meanwhile */
}

static void drop_removed(struct built_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i])
            list->at[n++] = list->at[i];
    list->n = n;
}

/* A patch by target may carry any name; the object keeps its own unless the patch may change it. */
static const struct value *keep_identity(struct patching *p, const struct built *b, const struct value *v)
{
    struct arena *a = p->layer->k->arena;
    const struct value *old = b->o.value;
    if (!p->allow_kind_change) {
        v = edit_set(a, v, STR("kind"), SPAN_NONE, value_get(old, STR("kind")));
        v = edit_set(a, v, STR("apiVersion"), SPAN_NONE, value_get(old, STR("apiVersion")));
    }
    if (!p->allow_name_change) {
        const struct value *metadata = value_get(v, STR("metadata"));
        static const str keys[] = {{"name", 4}, {"namespace", 9}};
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
            metadata = edit_set(a, metadata, keys[i], SPAN_NONE, value_get(value_get(old, STR("metadata")), keys[i]));
        v = edit_set(a, v, STR("metadata"), SPAN_NONE, metadata);
    }
    return v;
}

static void merge_into(struct patching *p, size_t i, const struct value *patch)
{
    struct kustomize *k = p->layer->k;
    struct built *b = p->layer->objects->at[i];
    const struct value *v = merge_strategic(k->arena, b->now.group, b->now.kind, b->o.value, patch);
    if (!v) {
        remove_object(p->layer->objects, i);
        return;
    }
    kustomize_remember(k, b);
    kustomize_set(b, keep_identity(p, b, v));
}

static void no_target(struct patching *p, span at, str what)
{
    struct kustomize *k = p->layer->k;
    diag_add_as(k->diags, DIAG_REFERENCE, k->lone_component || p->target ? DIAG_NOTE : DIAG_WARNING, at,
                "the patch has no target: no object is " STR_FMT, STR_ARG(what));
}

/* By name. A patch that names no namespace also finds an object that has one, when there is just one. */
static size_t find_target(struct patching *p, const struct k8s_id *id)
{
    struct built_list *objects = p->layer->objects;
    uint32_t o = 0;
    size_t loose = SIZE_MAX, n_loose = 0;
    struct k8s_id anywhere = *id;
    anywhere.namespace = STR_NONE;
    for (size_t i = name_index_first(&p->index, id->name, &o); i; i = name_index_next(&p->index, i, &o)) {
        struct built *b = objects->at[o];
        if (!b || !kustomize_matches(b, &anywhere))
            continue;
        if (kustomize_same_namespace(b->now.namespace, id->namespace) ||
            (b->n_past && kustomize_same_namespace(b->past[0].namespace, id->namespace)))
            return o;
        loose = o;
        n_loose++;
    }
    return n_loose == 1 && !id->namespace.n ? loose : SIZE_MAX;
}

static void apply_by_name(struct patching *p, const struct value *patch)
{
    struct k8s_id id = kustomize_id(patch);
    size_t i = id.name.n && id.kind.n ? find_target(p, &id) : SIZE_MAX;
    if (i == SIZE_MAX)
        no_target(p, value_span(patch),
                  arena_printf(p->layer->k->arena, STR_FMT "/" STR_FMT, STR_ARG(id.kind), STR_ARG(id.name)));
    else
        merge_into(p, i, patch);
}

static str describe_target(struct arena *a, const struct value *target)
{
    str kind = value_str(value_get(target, STR("kind"))), name = value_str(value_get(target, STR("name")));
    return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(kind.n ? kind : STR("*")), STR_ARG(name.n ? name : STR("*")));
}

/* What a strategic merge patch may say of what it patches. */
static void check_directives(struct patching *p, const struct value *v)
{
    static const char *const known[] = {"delete", "merge", "replace"};
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < v->u.list.n; i++)
        check_directives(p, v->u.list.item[i]);
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < v->u.map.n; i++) {
        const struct value_entry *e = &v->u.map.entry[i];
        bool is_known = !str_eq_c(e->key, "$patch");
        for (size_t j = 0; j < ARRAY_LEN(known) && !is_known; j++)
            is_known = str_eq_c(value_str(e->value), known[j]);
        if (!is_known)
            diag_add(p->layer->k->diags, DIAG_STRUCTURE, e->key_at, "$patch is delete, merge or replace");
        check_directives(p, e->value);
    }
}

/* A list is a JSON patch, a map a strategic merge patch. */
static void apply_one(struct patching *p, const struct value *patch)
{
    struct kustomize *k = p->layer->k;
    bool json = value_is(patch, VALUE_LIST);
    if (!json && !value_is(patch, VALUE_MAP)) {
        diag_add(k->diags, DIAG_STRUCTURE, p->from, "a patch is a manifest or a list of operations");
        k->incomplete = true;
        return;
    }
    if (!json)
        check_directives(p, patch);
    if (!value_is(p->target, VALUE_MAP)) {
        if (json)
            diag_add(k->diags, DIAG_STRUCTURE, p->from, "a JSON patch needs a target");
        else
            apply_by_name(p, patch);
        return;
    }
    struct selector *s = selector_new(k, p->target);
    bool found = false;
    for (size_t i = 0; i < p->layer->objects->n; i++) {
        struct built *b = p->layer->objects->at[i];
        if (!b || !selector_matches(k, s, b))
            continue;
        found = true;
        if (!json) {
            merge_into(p, i, patch);
            continue;
        }
        kustomize_remember(k, b);
        kustomize_set(b, merge_json_patch(k->arena, b->o.value, patch, k->diags));
    }
    if (!found)
        no_target(p, p->from, describe_target(k->arena, p->target));
    selector_free(s);
}

static void apply_documents(struct patching *p, const struct documents *documents, struct k8s_place place)
{
    for (size_t i = 0; i < documents->n; i++) {
        const struct node *root = documents->at[i].root;
        if (root && root->kind != NODE_NULL)
            apply_one(p, k8s_value_of(p->layer->k->arena, root, place));
    }
}

static void apply_file(struct patching *p, str path, span at)
{
    const struct input_file *f = kustomize_open(p->layer, path, at);
    if (f)
        apply_documents(p, kustomize_documents(p->layer->k, f), (struct k8s_place){0});
}

static void apply_text(struct patching *p, const struct value *text)
{
    struct kustomize_text t = kustomize_inline(p->layer, text);
    apply_documents(p, &t.documents, t.place);
}

/* {path | patch, target, options} */
static void apply_entry(struct patching *p, const struct value *entry)
{
    const struct value *path = value_get(entry, STR("path")), *text = value_get(entry, STR("patch"));
    bool allowed;
    p->from = value_span(entry);
    p->target = value_get(entry, STR("target"));
    p->allow_name_change = value_to_bool(value_path(entry, STR("options.allowNameChange")), &allowed) && allowed;
    p->allow_kind_change = value_to_bool(value_path(entry, STR("options.allowKindChange")), &allowed) && allowed;
    if (value_str(text).n)
        apply_text(p, text);
    else if (value_str(path).n)
        apply_file(p, value_str(path), value_span(path));
    else
        diag_add(p->layer->k->diags, DIAG_STRUCTURE, p->from, "a patch with neither `path` nor `patch`");
}

static void begin(struct patching *p, struct layer *l)
{
    *p = (struct patching){.layer = l};
    name_index_init(&p->index, l->objects);
}

static void end(struct patching *p)
{
    name_index_release(&p->index);
    drop_removed(p->layer->objects);
}

static void apply_strategic_list(struct patching *p, const struct value *list)
{
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        const struct value *entry = list->u.list.item[i];
        str text = value_str(entry);
        p->from = value_span(entry);
        if (str_contains(text, STR("\n")))
            apply_text(p, entry);
        else
            apply_file(p, text, p->from);
    }
}

static void apply_list(struct patching *p, const struct value *list)
{
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++)
        apply_entry(p, list->u.list.item[i]);
}

void kustomize_patch(struct layer *l)
{
    const struct value *old = value_get(l->spec, STR("patchesStrategicMerge"));
    const struct value *new = value_get(l->spec, STR("patches"));
    if (!old && !new)
        return;
    struct patching p;
    begin(&p, l);
    apply_strategic_list(&p, old);
    apply_list(&p, new);
    end(&p);
}

void kustomize_patch_json6902(struct layer *l)
{
    const struct value *list = value_get(l->spec, STR("patchesJson6902"));
    if (!list)
        return;
    struct patching p;
    begin(&p, l);
    apply_list(&p, list);
    end(&p);
}
