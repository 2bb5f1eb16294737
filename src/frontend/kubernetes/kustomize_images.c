/* images: every `image` of a container, at any depth of any object. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"

struct image_change {
    struct kustomize *k;
    struct arena *arena;
    str name;
    const struct value *new_name, *new_tag, *digest, *tag_suffix;
    unsigned depth;
};

struct image {
    str name, tag, digest; /* tag and digest without their signs */
};

static struct image image_of(str text)
{
    struct image i = {.name = str_cut(text, '@', &i.digest)};
    size_t slash = str_rfind_char(i.name, '/'), colon = str_rfind_char(i.name, ':');
    if (colon != SIZE_MAX && (slash == SIZE_MAX || colon > slash)) {
        i.tag = str_slice(i.name, colon + 1, i.name.n);
        i.name = str_slice(i.name, 0, colon);
    }
    return i;
}

static const struct value *changed(struct image_change *c, const struct value *old)
{
    struct image i = image_of(value_str(old));
    if (!value_is(old, VALUE_STRING) || !str_eq(i.name, c->name))
        return old;
    str tag = STR_NONE, digest = value_str(c->digest);
    const struct value *cause = c->digest     ? c->digest
                                : c->new_tag  ? c->new_tag
                                : c->new_name ? c->new_name
                                              : c->tag_suffix;
    if (c->new_name)
        i.name = value_str(c->new_name);
    if (value_to_text(c->new_tag, c->arena, &tag)) {
        i.tag = tag;
        i.digest = STR_NONE;
    } else if (c->tag_suffix && i.tag.n) {
        i.tag = arena_printf(c->arena, STR_FMT STR_FMT, STR_ARG(i.tag), STR_ARG(value_str(c->tag_suffix)));
    }
    if (digest.n) {
        i.digest = digest;
        i.tag = tag.n ? tag : STR_NONE;
    }
    str text = arena_printf(c->arena, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(i.name), i.tag.n ? ":" : "",
                            STR_ARG(i.tag), i.digest.n ? "@" : "", STR_ARG(i.digest));
    return value_string(c->arena, text, cause ? cause->origin : old->origin);
}

static const struct value *in_containers(struct image_change *c, const struct value *list)
{
    if (!value_is(list, VALUE_LIST))
        return list;
    const struct value **items = NULL;
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *container = list->u.list.item[i];
        const struct value_entry *image = value_get_entry(container, STR("image"));
        const struct value *new = image ? changed(c, image->value) : NULL;
        if (!image || new == image->value)
            continue;
        if (!items)
            items = arena_copy(c->arena, list->u.list.item, list->u.list.n * sizeof(*items));
        items[i] = edit_set(c->arena, container, STR("image"), image->key_at, new);
    }
    if (!items)
        return list;
    struct value *copy = value_copy(c->arena, list);
    copy->u.list.item = items;
    return copy;
}

static const struct value *in_value(struct image_change *c, const struct value *v);

static const struct value *in_map(struct image_change *c, const struct value *v)
{
    const struct value *result = v;
    for (size_t i = 0; i < v->u.map.n; i++) {
        const struct value_entry *e = &v->u.map.entry[i];
        bool containers = str_eq_c(e->key, "containers") || str_eq_c(e->key, "initContainers");
        const struct value *new = containers ? in_containers(c, e->value) : in_value(c, e->value);
        if (new != e->value)
            result = edit_set(c->arena, result, e->key, e->key_at, new);
    }
    return result;
}

static const struct value *in_value(struct image_change *c, const struct value *v)
{
    if (c->depth > LIMIT_DEPTH || !v || (v->kind != VALUE_MAP && v->kind != VALUE_LIST) || !kustomize_spend(c->k))
        return v;
    c->depth++;
    const struct value *result = v;
    if (v->kind == VALUE_MAP) {
        result = in_map(c, v);
    } else {
        const struct value **items = NULL;
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *new = in_value(c, v->u.list.item[i]);
            if (new == v->u.list.item[i])
                continue;
            if (!items)
                items = arena_copy(c->arena, v->u.list.item, v->u.list.n * sizeof(*items));
            items[i] = new;
        }
        if (items) {
            struct value *copy = value_copy(c->arena, v);
            copy->u.list.item = items;
            result = copy;
        }
    }
    c->depth--;
    return result;
}

void kustomize_images(struct layer *l)
{
    const struct value *list = value_get(l->spec, STR("images"));
    if (!list)
        list = value_get(l->spec, STR("imageTags"));
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        const struct value *entry = list->u.list.item[i];
        struct image_change c = {.k = l->k,
                                 .arena = l->k->arena,
                                 .name = value_str(value_get(entry, STR("name"))),
                                 .new_name = value_get(entry, STR("newName")),
                                 .new_tag = value_get(entry, STR("newTag")),
                                 .digest = value_get(entry, STR("digest")),
                                 .tag_suffix = value_get(entry, STR("tagSuffix"))};
        if (!value_str(c.new_name).n)
            c.new_name = NULL;
        for (size_t j = 0; c.name.n && j < l->objects->n; j++) {
            struct built *b = l->objects->at[j];
            if (!str_eq_c(b->now.kind, "CustomResourceDefinition"))
                kustomize_set(b, in_value(&c, b->o.value));
        }
    }
}
