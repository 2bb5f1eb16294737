#include "frontend/cloudformation/sam_build.h"

#include "frontend/cloudformation/resources.h"

void sam_put(struct sam_map *m, const char *key, const struct value *v)
{
    if (!v)
        return;
    struct arena *a = m->sam->stack->arena;
    if (m->n == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 16;
        struct value_entry *grown = ARENA_ARRAY(a, struct value_entry, cap);
        if (m->n > 0)
            memcpy(grown, m->entry, m->n * sizeof(*grown));
        m->entry = grown;
        m->cap = cap;
    }
    m->entry[m->n++] = (struct value_entry){str_of(key), value_span(v), v};
}

void sam_put_text(struct sam_map *m, const char *key, const char *text)
{
    sam_put(m, key, sam_text(m->sam, text));
}

void sam_copy(struct sam_map *m, const struct value *from, const char *const *names)
{
    for (; *names; names++) {
        const struct value_entry *e = value_get_entry(from, str_of(*names));
        if (!e || !e->value)
            continue;
        sam_put(m, *names, e->value);
        m->entry[m->n - 1].key_at = e->key_at;
    }
}

const struct value *sam_done(struct sam_map *m)
{
    return value_map(m->sam->stack->arena, m->entry, m->n, m->sam->origin);
}

const struct value *sam_text(struct sam *sam, const char *text)
{
    return value_string(sam->stack->arena, str_of(text), sam->origin);
}

const struct value *sam_list(struct sam *sam, const struct value *const *items, size_t n)
{
    const struct value **copy = ARENA_ARRAY(sam->stack->arena, const struct value *, n);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (items[i])
            copy[count++] = items[i];
    }
    return value_list(sam->stack->arena, copy, count, sam->origin);
}

const struct value *sam_property(const struct sam *sam, const char *name)
{
    return value_get(sam->properties, str_of(name));
}

const struct value *sam_tags(struct sam *sam, const struct value *tags)
{
    if (!value_is(tags, VALUE_MAP))
        return tags;
    struct arena *a = sam->stack->arena;
    const struct value **items = ARENA_ARRAY(a, const struct value *, tags->u.map.n);
    for (size_t i = 0; i < tags->u.map.n; i++) {
        const struct value_entry *e = &tags->u.map.entry[i];
        struct sam_map pair = {.sam = sam};
        sam_put(&pair, "Key", value_string(a, e->key, origin_new(a, e->key_at, STR_NONE, NULL)));
        sam_put(&pair, "Value", e->value);
        items[i] = sam_done(&pair);
    }
    return value_list(a, items, tags->u.map.n, tags->origin);
}

const struct value *sam_reference(struct sam *sam, str id, const char *attribute)
{
    struct cfn_stack *s = sam->stack;
    struct ref *ref = ARENA_NEW(s->arena, struct ref);
    ref->address = arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(s->prefix), STR_ARG(id));
    ref->attribute = str_of(attribute);
    str reason = arena_printf(s->arena, "known after deployment: " STR_FMT, STR_ARG(id));
    return value_ref(s->arena, ref, reason, sam->origin);
}

str sam_id(struct sam *sam, const char *suffix)
{
    return arena_printf(sam->stack->arena, STR_FMT "%s", STR_ARG(sam->resource->id), suffix);
}

str sam_event_id(struct sam *sam, str event, const char *suffix)
{
    return arena_printf(sam->stack->arena, STR_FMT STR_FMT "%s", STR_ARG(sam->resource->id), STR_ARG(event), suffix);
}

static const struct value *hole(struct sam *sam, str name, const struct value *arguments)
{
    static const struct {
        const char *name, *parameter;
    } pseudo[] = {{"P", "AWS::Partition"}, {"R", "AWS::Region"}, {"A", "AWS::AccountId"}};
    for (size_t i = 0; i < ARRAY_LEN(pseudo); i++) {
        if (str_eq_c(name, pseudo[i].name))
            return cfn_lookup(sam->stack, str_of(pseudo[i].parameter), sam->resource->key);
    }
    const struct value *v = value_get(arguments, name);
    if (v)
        return v;
    cfn_complain(sam->stack, DIAG_EXPRESSION, sam->resource->key->at, "a SAM policy template needs \"" STR_FMT "\"",
                 STR_ARG(name));
    return cfn_unknown(sam->stack, sam->resource->key, "\"" STR_FMT "\" is not given", STR_ARG(name));
}

const struct value *sam_format(struct sam *sam, const char *format, const struct value *arguments)
{
    const struct value *part[16];
    size_t n = 0;
    str rest = str_of(format);
    while (rest.p && rest.n > 0 && n + 2 < ARRAY_LEN(part)) {
        str after;
        str before = str_cut(rest, '{', &after);
        if (before.n > 0)
            part[n++] = value_string(sam->stack->arena, before, sam->origin);
        if (!after.p)
            break;
        part[n++] = hole(sam, str_cut(after, '}', &rest), arguments);
    }
    return value_text(sam->stack->arena, part, n, sam->origin);
}

static const struct value *words(struct sam *sam, const char *text, const struct value *arguments, bool format)
{
    const struct value *item[40];
    size_t n = 0;
    str rest = str_of(text);
    while (rest.p && n < ARRAY_LEN(item)) {
        str word = str_cut(rest, ' ', &rest);
        if (word.n == 0)
            continue;
        const char *c = arena_cstr(sam->stack->arena, word);
        item[n++] = format ? sam_format(sam, c, arguments) : sam_text(sam, c);
    }
    return sam_list(sam, item, n);
}

const struct value *sam_statement(struct sam *sam, const char *actions, const char *resources,
                                  const struct value *arguments)
{
    struct sam_map m = {.sam = sam};
    sam_put_text(&m, "Effect", "Allow");
    sam_put(&m, "Action", words(sam, actions, NULL, false));
    sam_put(&m, "Resource", words(sam, resources, arguments, true));
    return sam_done(&m);
}

const struct value *sam_document(struct sam *sam, const struct value *const *statements, size_t n)
{
    struct sam_map m = {.sam = sam};
    sam_put_text(&m, "Version", "2012-10-17");
    sam_put(&m, "Statement", sam_list(sam, statements, n));
    return sam_done(&m);
}

void sam_add(struct sam *sam, const char *type, str id, struct sam_map *properties)
{
    (void)cfn_resource_add(sam->stack, sam->builder, sam->resource, str_of(type), id, sam_done(properties));
}

static const struct value *merge_maps(struct arena *a, const struct value *global, const struct value *own,
                                      unsigned depth)
{
    struct value_entry *entry = ARENA_ARRAY(a, struct value_entry, global->u.map.n + own->u.map.n);
    struct map place;
    size_t n = 0;
    map_init(&place);
    for (size_t i = 0; i < global->u.map.n; i++) {
        map_set(&place, global->u.map.entry[i].key, (void *)(uintptr_t)(n + 1));
        entry[n++] = global->u.map.entry[i];
    }
    for (size_t i = 0; i < own->u.map.n; i++) {
        const struct value_entry *e = &own->u.map.entry[i];
        size_t at = (size_t)(uintptr_t)map_find(&place, e->key);
        if (at == 0) {
            entry[n++] = *e;
            continue;
        }
        entry[at - 1].value = sam_merge(a, entry[at - 1].value, e->value, depth + 1);
        entry[at - 1].key_at = e->key_at;
    }
    map_release(&place);
    struct value *merged = value_map(a, entry, n, own->origin);
    merged->flags = own->flags | (global->flags & VALUE_PARTIAL);
    return merged;
}

const struct value *sam_merge(struct arena *a, const struct value *global, const struct value *own, unsigned depth)
{
    if (!own || !global)
        return own ? own : global;
    if (depth < LIMIT_DEPTH && value_is(global, VALUE_MAP) && value_is(own, VALUE_MAP))
        return merge_maps(a, global, own, depth);
    if (value_is(global, VALUE_LIST) && value_is(own, VALUE_LIST)) {
        size_t n = global->u.list.n + own->u.list.n;
        const struct value **items = ARENA_ARRAY(a, const struct value *, n);
        for (size_t i = 0; i < n; i++)
            items[i] = i < global->u.list.n ? global->u.list.item[i] : own->u.list.item[i - global->u.list.n];
        return value_list(a, items, n, own->origin);
    }
    return own;
}
