/* Objects while they are built: their names, past and present. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"
#include "frontend/kubernetes/types.h"

struct k8s_id kustomize_id(const struct value *object)
{
    struct k8s_id id = {.kind = k8s_text_at(object, "kind"),
                        .namespace = k8s_text_at(object, "metadata.namespace"),
                        .name = k8s_text_at(object, "metadata.name")};
    id.group = k8s_group(k8s_text_at(object, "apiVersion"), id.kind);
    id.cluster_scoped = k8s_is_cluster_scoped(id.group, id.kind);
    if (id.cluster_scoped)
        id.namespace = STR_NONE;
    return id;
}

void kustomize_set(struct built *b, const struct value *v)
{
    b->o.value = v;
    b->now = kustomize_id(v);
}

static bool same_id(const struct k8s_id *a, const struct k8s_id *b)
{
    return str_eq(a->name, b->name) && str_eq(a->namespace, b->namespace) && str_eq(a->kind, b->kind) &&
           str_eq(a->group, b->group);
}

void kustomize_remember(struct kustomize *k, struct built *b)
{
    if (b->n_past && same_id(&b->past[b->n_past - 1], &b->now))
        return;
    struct k8s_id *past = ARENA_ARRAY(k->arena, struct k8s_id, b->n_past + 1);
    if (b->n_past)
        memcpy(past, b->past, b->n_past * sizeof(*past));
    past[b->n_past++] = b->now;
    b->past = past;
}

struct built *kustomize_add(struct kustomize *k, struct built_list *to, const struct k8s_object *o)
{
    if (++k->n_objects > LIMIT_COLLECTION) {
        if (k->n_objects == LIMIT_COLLECTION + 1)
            diag_add(k->diags, DIAG_LIMIT, o->at, "a kustomization of more than %u objects",
                     (unsigned)LIMIT_COLLECTION);
        k->incomplete = true;
        return NULL;
    }
    struct built *b = ARENA_NEW(k->arena, struct built);
    b->o = *o;
    b->now = kustomize_id(o->value);
    VEC_PUSH(to, b);
    return b;
}

bool kustomize_same_namespace(str a, str b)
{
    bool a_default = !a.n || str_eq_c(a, "default");
    bool b_default = !b.n || str_eq_c(b, "default");
    return a_default ? b_default : str_eq(a, b);
}

static bool id_matches(const struct k8s_id *have, const struct k8s_id *want)
{
    return (!want->name.n || str_eq(have->name, want->name)) && (!want->kind.n || str_eq(have->kind, want->kind)) &&
           (!want->group.n || str_eq(have->group, want->group)) &&
           (!want->namespace.n || kustomize_same_namespace(have->namespace, want->namespace));
}

bool kustomize_matches(const struct built *b, const struct k8s_id *id)
{
    for (size_t i = 0; i < b->n_past; i++)
        if (id_matches(&b->past[i], id))
            return true;
    return id_matches(&b->now, id);
}

bool kustomize_spend(struct kustomize *k)
{
    if (++k->steps <= LIMIT_EVAL_STEPS)
        return true;
    if (k->steps == (size_t)LIMIT_EVAL_STEPS + 1)
        diag_add(k->diags, DIAG_LIMIT, SPAN_NONE, "too many changes to too many objects; some were not made");
    k->incomplete = true;
    return false;
}

/* Names to objects. */

static void index_name(struct name_index *x, str name, uint32_t object)
{
    size_t head = (size_t)(uintptr_t)map_find(&x->first, name);
    if (head && x->at[head - 1].object == object)
        return;
    struct name_entry e = {object, (uint32_t)head};
    VEC_PUSH(x, e);
    map_set(&x->first, name, (void *)(uintptr_t)x->n);
}

/* From the last object to the first, so that walking a chain meets them in order. While an object
 * is added its entry can only be at the head of a chain. */
void name_index_init(struct name_index *x, const struct built_list *objects)
{
    *x = (struct name_index){.n = 0};
    map_init(&x->first);
    for (size_t i = objects->n; i-- > 0;) {
        const struct built *b = objects->at[i];
        index_name(x, b->now.name, (uint32_t)i);
        for (size_t j = 0; j < b->n_past; j++)
            index_name(x, b->past[j].name, (uint32_t)i);
    }
}

void name_index_release(struct name_index *x)
{
    VEC_RELEASE(x);
    map_release(&x->first);
}

size_t name_index_first(const struct name_index *x, str name, uint32_t *ret_object)
{
    size_t i = (size_t)(uintptr_t)map_find(&x->first, name);
    if (i)
        *ret_object = x->at[i - 1].object;
    return i;
}

size_t name_index_next(const struct name_index *x, size_t i, uint32_t *ret_object)
{
    size_t next = x->at[i - 1].next;
    if (next)
        *ret_object = x->at[next - 1].object;
    return next;
}
