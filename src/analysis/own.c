#include "analysis/own.h"

struct share {
    const struct resource *part;
    struct value_items items;
    size_t next; /* another part of the same block, plus one; 0: none */
};

struct shares {
    struct arena *arena;
    struct share *at;
    size_t n;
    struct map by_place; /* where the part stands -> index plus one */
};

static str place_key(struct arena *a, span at)
{
    return arena_printf(a, "%u:%u", (unsigned)at.file, (unsigned)at.start);
}

str own_part_key(struct arena *a, const struct resource *part)
{
    return place_key(a, part->attributes->origin ? value_span(part->attributes) : part->header);
}

str own_element_key(struct arena *a, const struct value *element)
{
    for (size_t i = 0; value_is(element, VALUE_CHOICE) && i < element->u.choice.by->n_options; i++)
        if (element->u.choice.option[i])
            return own_element_key(a, element->u.choice.option[i]);
    return place_key(a, value_span(element));
}

static struct shares shares_of(struct analysis *a, const struct resource *whole, sym kind)
{
    struct shares s = {.arena = a->arena, .at = ARENA_ARRAY(a->arena, struct share, whole->n_companions + 1)};
    map_init(&s.by_place);
    for (size_t i = 0; i < whole->n_companions; i++) {
        if (whole->companion[i]->kind != kind)
            continue;
        str key = own_part_key(a->arena, whole->companion[i]);
        size_t before = (size_t)(uintptr_t)map_find(&s.by_place, key);
        s.at[s.n] = (struct share){.part = whole->companion[i], .next = before};
        map_set(&s.by_place, key, (void *)(uintptr_t)++s.n);
    }
    return s;
}

static const struct value *list_of_one(struct arena *a, const struct resource *r)
{
    const struct value **item = ARENA_ARRAY(a, const struct value *, 1);
    item[0] = r->attributes;
    return value_list(a, item, 1, r->attributes->origin);
}

static bool is_partial(const struct value *v)
{
    return v && (v->kind != VALUE_LIST || (v->flags & VALUE_PARTIAL));
}

/* Nothing of the part is in the list: for certain, unless it is not known what it does. */
static bool is_doubtful(struct analysis *a, const struct own_fact *f, const struct resource *part,
                        const struct value *list)
{
    const struct value *alone = f->judge(f->context, part, list_of_one(a->arena, part));
    return is_partial(alone) || (is_partial(list) && value_is(alone, VALUE_LIST) && alone->u.list.n);
}

void own_set(struct analysis *a, const struct own_fact *f, const struct resource *whole, const struct value *list)
{
    struct shares s = shares_of(a, whole, f->part);
    struct value_items rest = {.open = is_partial(list) && list->kind != VALUE_NULL};
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        const struct value *element = list->u.list.item[i];
        size_t at = element ? (size_t)(uintptr_t)map_find(&s.by_place, own_element_key(a->arena, element)) : 0;
        if (!at && element)
            VEC_PUSH(&rest, element);
        for (; at; at = s.at[at - 1].next)
            VEC_PUSH(&s.at[at - 1].items, element);
    }
    for (size_t i = 0; i < s.n; i++) {
        struct share *one = &s.at[i];
        one->items.open = !one->items.n && is_doubtful(a, f, one->part, list);
        fact_set(a, one->part, f->name, items_value(a->arena, &one->items));
    }
    fact_set(a, whole, f->name, items_value(a->arena, &rest));
    map_release(&s.by_place);
}

void own_set_alone(struct analysis *a, const struct own_fact *f)
{
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, f->part, &n);
    for (size_t i = 0; i < n; i++)
        if (!all[i]->companion_of && all[i]->attributes)
            fact_set(a, all[i], f->name, f->judge(f->context, all[i], list_of_one(a->arena, all[i])));
}
