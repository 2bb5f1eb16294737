#include "graph/model_internal.h"

/* Mappings: fetching the source from the raw object, then the operations in a fixed order: each,
 * first, split, pairs, entry, values, negate, wrap, present. */

struct fetch {
    struct normalise *n;
    const struct path *path;
    const struct mapping_set *each; /* for the value at the end; NULL: none */
};

struct fetch_job {
    struct fetch *f;
    const struct properties *p;
    const struct property *last;
    size_t step;
};

static const struct value *fetch(struct fetch *f, const struct value *raw, const struct properties *p,
                                 const struct property *last, size_t step);

static const struct value *fetch_alternative(void *context, const struct value *alternative)
{
    struct fetch_job *job = context;
    return fetch(job->f, alternative, job->p, job->last, job->step);
}

/* `each` runs on the raw elements, so that what it takes can be left out. */
static const struct value *apply_each(struct normalise *n, const struct value *raw, const struct mapping_set *each)
{
    if (raw->kind != VALUE_LIST)
        return normalise_set(n, raw, each);
    const struct value **items = ARENA_ARRAY(n->arena, const struct value *, raw->u.list.n);
    size_t count = 0;
    for (size_t i = 0; i < raw->u.list.n; i++) {
        const struct value *item = normalise_set(n, raw->u.list.item[i], each);
        if (item)
            items[count++] = item;
    }
    struct value *v = value_copy(n->arena, raw);
    v->u.list.item = items;
    v->u.list.n = count;
    return v;
}

static const struct value *fetch_end(struct fetch *f, const struct value *raw, const struct property *last)
{
    if (f->each) {
        const struct value *v = apply_each(f->n, raw, f->each);
        if (!last || last->shape != SHAPE_OBJECTS || !value_is(v, VALUE_MAP))
            return v;
        const struct value **items = ARENA_NEW(f->n->arena, const struct value *);
        items[0] = v;
        return value_list(f->n->arena, items, 1, v->origin);
    }
    return last ? normalise_shape(f->n, raw, last) : normalise_any(f->n, raw);
}

/* Over the elements of a list; what are lists themselves are joined. */
static const struct value *fetch_list(struct fetch *f, const struct value *raw, const struct properties *p,
                                      const struct property *last, size_t step)
{
    const struct value **found = ARENA_ARRAY(f->n->arena, const struct value *, raw->u.list.n);
    size_t count = 0, total = 0;
    bool joins = false;
    for (size_t i = 0; i < raw->u.list.n; i++) {
        const struct value *v = fetch(f, raw->u.list.item[i], p, last, step);
        if (!v)
            continue;
        joins = joins || v->kind == VALUE_LIST;
        total += v->kind == VALUE_LIST ? v->u.list.n : 1;
        found[count++] = v;
    }
    if (count == 0 && !(raw->flags & VALUE_PARTIAL))
        return NULL;
    if (joins) {
        const struct value **all = ARENA_ARRAY(f->n->arena, const struct value *, total);
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            if (found[i]->kind != VALUE_LIST)
                all[n++] = found[i];
            for (size_t j = 0; found[i]->kind == VALUE_LIST && j < found[i]->u.list.n; j++)
                all[n++] = found[i]->u.list.item[j];
        }
        found = all;
        count = n;
    }
    struct value *v = value_list(f->n->arena, found, count, raw->origin);
    v->flags |= raw->flags & VALUE_PARTIAL;
    return v;
}

static bool folds_to(struct normalise *n, str key, str name)
{
    if (key.n > name.n) /* folding only adds */
        return false;
    struct arena_mark mark = arena_mark(n->scratch);
    bool same = str_eq(model_fold(n->scratch, key), name);
    arena_rewind(n->scratch, mark);
    return same;
}

static const struct value *entry_by_folded_name(struct normalise *n, const struct value *map, str name)
{
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct value_entry *e = &map->u.map.entry[i];
        if (str_eq(e->key, name) || folds_to(n, e->key, name))
            return e->value;
    }
    return NULL;
}

static const struct value *fetch_entry(struct fetch *f, const struct value *raw, const struct properties *p,
                                       size_t step)
{
    str name = f->path->step[step];
    const struct property *next = p ? properties_find(p, name) : NULL;
    const struct value *v = next ? value_get(raw, next->name) : NULL;
    if (!v && (!next || !str_eq(next->name, name)))
        v = entry_by_folded_name(f->n, raw, name);
    if (!v && (raw->flags & VALUE_PARTIAL))
        return value_unknown(f->n->arena, STR("may be set by something that is not known"), raw->origin);
    return fetch(f, v, next ? next->inside : NULL, next, step + 1);
}

static const struct value *fetch(struct fetch *f, const struct value *raw, const struct properties *p,
                                 const struct property *last, size_t step)
{
    if (!raw || raw->kind == VALUE_NULL)
        return NULL;
    const struct value *spent = normalise_spent(f->n, raw);
    if (spent)
        return spent;
    if (raw->kind == VALUE_CHOICE) {
        struct fetch_job job = {f, p, last, step};
        return value_lift(f->n->arena, raw, fetch_alternative, &job);
    }
    if (step == f->path->n)
        return fetch_end(f, raw, last);
    if (raw->kind == VALUE_UNKNOWN) {
        struct value *part = value_copy(f->n->arena, raw);
        part->flags &= (uint16_t)~VALUE_NONEMPTY;
        return part;
    }
    if (raw->kind == VALUE_STRING || raw->kind == VALUE_TEXT) {
        const struct value *decoded = normalise_json(f->n, raw, false);
        return decoded && decoded != raw && decoded->kind != VALUE_STRING ? fetch(f, decoded, NULL, NULL, step) : NULL;
    }
    if (raw->kind == VALUE_LIST) {
        bool single = last && last->shape == SHAPE_OBJECT;
        if (single && (raw->flags & VALUE_PARTIAL))
            return value_unknown(f->n->arena, STR("the number of blocks is not known"), raw->origin);
        if (single && raw->u.list.n == 1)
            return fetch(f, raw->u.list.item[0], p, last, step);
        return fetch_list(f, raw, p, last, step);
    }
    return raw->kind == VALUE_MAP ? fetch_entry(f, raw, p, step) : NULL;
}

/* Operations. */

struct operation {
    struct normalise *n;
    const struct mapping *m;
};

typedef const struct value *operation_fn(struct operation *o, const struct value *v);

struct item_job {
    struct operation *o;
    operation_fn *fn;
};

static const struct value *item_alternative(void *context, const struct value *alternative)
{
    struct item_job *job = context;
    return job->fn(job->o, alternative);
}

static const struct value *over_items(struct operation *o, const struct value *list, operation_fn *fn)
{
    const struct value **items = ARENA_ARRAY(o->n->arena, const struct value *, list->u.list.n);
    struct item_job job = {o, fn};
    for (size_t i = 0; i < list->u.list.n; i++)
        items[i] = value_lift(o->n->arena, list->u.list.item[i], item_alternative, &job);
    struct value *v = value_copy(o->n->arena, list);
    v->u.list.item = items;
    return v;
}

static const struct value *translated(struct operation *o, const struct value *from, const struct value *to)
{
    struct value *v = value_copy(o->n->arena, to);
    v->origin = from->origin;
    v->ref = from->ref;
    return v;
}

static const struct value *op_values(struct operation *o, const struct value *v)
{
    const struct mapping *m = o->m;
    str s;
    if (v->kind == VALUE_LIST)
        return over_items(o, v, op_values);
    if (!value_to_text(v, o->n->arena, &s))
        return v;
    for (size_t i = 0; i < m->n_translations; i++) {
        if (str_eq(m->translation[i].from, s))
            return translated(o, v, m->translation[i].to);
    }
    return m->otherwise ? translated(o, v, m->otherwise) : v;
}

static const struct value *op_negate(struct operation *o, const struct value *v)
{
    bool b;
    if (v->kind == VALUE_LIST)
        return over_items(o, v, op_negate);
    return value_to_bool(v, &b) ? translated(o, v, value_bool(o->n->arena, !b, NULL)) : v;
}

static const struct value *op_first(struct operation *o, const struct value *v)
{
    if (v->kind != VALUE_LIST)
        return v;
    if (v->u.list.n > 0)
        return v->u.list.item[0];
    return v->flags & VALUE_PARTIAL ? value_unknown(o->n->arena, STR("the number of blocks is not known"), v->origin)
                                    : NULL;
}

static const struct value *op_split(struct operation *o, const struct value *v)
{
    if (v->kind == VALUE_TEXT)
        return value_unknown(o->n->arena, STR("a list in a text that is not fully known"), v->origin);
    if (v->kind != VALUE_STRING)
        return v;
    size_t most = 1;
    for (size_t i = 0; i < v->u.string.n; i++)
        most += v->u.string.p[i] == o->m->split;
    const struct value **items = ARENA_ARRAY(o->n->arena, const struct value *, most);
    size_t n = 0;
    for (str rest = v->u.string; rest.p;) {
        str part = str_trim(str_cut(rest, o->m->split, &rest));
        if (part.n)
            items[n++] = value_string(o->n->arena, part, v->origin);
    }
    return value_list(o->n->arena, items, n, v->origin);
}

static const struct value *op_wrap(struct operation *o, const struct value *v)
{
    if (v->kind == VALUE_LIST)
        return v;
    const struct value **items = ARENA_NEW(o->n->arena, const struct value *);
    items[0] = v;
    return value_list(o->n->arena, items, 1, v->origin);
}

/* Pairs. */

struct pairs {
    struct operation *o;
    struct value_entry *entry;
    size_t n, cap;
    bool partial;
};

static void pairs_add(struct pairs *p, str key, span at, const struct value *v)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 8;
        struct value_entry *more = ARENA_ARRAY(p->o->n->arena, struct value_entry, cap);
        if (p->n)
            memcpy(more, p->entry, p->n * sizeof(*more));
        p->entry = more;
        p->cap = cap;
    }
    p->entry[p->n++] = (struct value_entry){key, at, v};
}

static bool pair_of(const struct pairs *p, const struct value *element, str *ret_key, const struct value **ret_value)
{
    const struct value *key = value_get(element, p->o->m->pair_key);
    *ret_value = value_get(element, p->o->m->pair_value);
    *ret_key = value_str(key);
    return value_is(key, VALUE_STRING);
}

/* An element that is a choice: its pair is there in some alternatives only. */
static void pairs_choice(struct pairs *p, const struct value *element)
{
    const struct decider *by = element->u.choice.by;
    for (size_t i = 0; i < by->n_options; i++) {
        str key, other;
        const struct value *v;
        bool seen = false;
        if (!element->u.choice.option[i])
            continue;
        if (!pair_of(p, element->u.choice.option[i], &key, &v)) {
            p->partial = true;
            continue;
        }
        const struct value **option = ARENA_ARRAY(p->o->n->arena, const struct value *, by->n_options);
        for (size_t j = 0; j < by->n_options; j++) {
            const struct value *in_j;
            if (pair_of(p, element->u.choice.option[j], &other, &in_j) && str_eq(key, other)) {
                option[j] = in_j;
                seen = seen || j < i;
            }
        }
        if (!seen)
            pairs_add(p, key, value_span(v), value_choice(p->o->n->arena, by, option, element->origin));
    }
}

static const struct value *op_pairs(struct operation *o, const struct value *v)
{
    if (v->kind != VALUE_LIST)
        return v;
    struct pairs p = {.o = o, .partial = (v->flags & VALUE_PARTIAL) != 0, .cap = v->u.list.n};
    p.entry = ARENA_ARRAY(o->n->arena, struct value_entry, p.cap);
    for (size_t i = 0; i < v->u.list.n; i++) {
        const struct value *element = v->u.list.item[i], *pair;
        str key;
        if (value_is(element, VALUE_CHOICE))
            pairs_choice(&p, element);
        else if (pair_of(&p, element, &key, &pair))
            pairs_add(&p, key, value_span(element), pair);
        else if (element)
            p.partial = true;
    }
    struct value *map = (struct value *)value_map(o->n->arena, p.entry, p.n, v->origin);
    map->flags = p.partial ? VALUE_PARTIAL : 0;
    return map;
}

/* The other way round. */
static const struct value *op_elements(struct operation *o, const struct value *v)
{
    if (v->kind != VALUE_MAP)
        return v;
    struct arena *a = o->n->arena;
    const struct value **items = ARENA_ARRAY(a, const struct value *, v->u.map.n + 1);
    for (size_t i = 0; i < v->u.map.n; i++) {
        const struct value_entry *e = &v->u.map.entry[i];
        const struct origin *at = e->value ? e->value->origin : v->origin;
        struct value_entry *pair = ARENA_ARRAY(a, struct value_entry, 2);
        pair[0] = (struct value_entry){o->m->pair_key, e->key_at, value_string(a, e->key, at)};
        pair[1] = (struct value_entry){o->m->pair_value, e->key_at, e->value};
        items[i] = value_map(a, pair, 2, at);
    }
    struct value *list = (struct value *)value_list(a, items, v->u.map.n, v->origin);
    list->flags |= v->flags & VALUE_PARTIAL;
    return list;
}

static const struct value *op_entry(struct operation *o, const struct value *v)
{
    if (v->kind != VALUE_MAP)
        return v;
    const struct value *found = value_get(v, o->m->entry);
    if (!found && (v->flags & VALUE_PARTIAL))
        return value_unknown(o->n->arena, STR("the settings are not all known"), v->origin);
    return found;
}

/* What is done to a value once it is found. */
static const struct value *convert(void *context, const struct value *v)
{
    struct operation *o = context;
    const struct mapping *m = o->m;
    if (v && (m->n_translations || m->otherwise))
        v = op_values(o, v);
    if (v && m->negate)
        v = op_negate(o, v);
    if (v && m->wrap)
        v = op_wrap(o, v);
    return v;
}

static const struct value *run_operations(void *context, const struct value *alternative)
{
    struct operation *o = context;
    const struct mapping *m = o->m;
    const struct value *v = alternative;
    if (m->first)
        v = op_first(o, v);
    /* What `first` finds may itself be a choice, and so may elements of lists. */
    if (v && v->kind == VALUE_CHOICE && v != alternative)
        return value_lift(o->n->arena, v, run_operations, context);
    if (v && m->split)
        v = op_split(o, v);
    if (v && m->pair_key.n)
        v = m->elements ? op_elements(o, v) : op_pairs(o, v);
    if (v && m->entry.n)
        v = op_entry(o, v);
    return v && v->kind == VALUE_CHOICE ? value_lift(o->n->arena, v, convert, context) : convert(o, v);
}

/* present: true where something is, false where nothing is. */
static const struct value *presence(struct normalise *n, const struct value *v)
{
    if (!v)
        return value_bool(n->arena, false, NULL);
    if (v->kind == VALUE_CHOICE) {
        const struct decider *by = v->u.choice.by;
        const struct value **option = ARENA_ARRAY(n->arena, const struct value *, by->n_options);
        for (size_t i = 0; i < by->n_options; i++)
            option[i] = presence(n, v->u.choice.option[i]);
        return value_choice(n->arena, by, option, v->origin);
    }
    if (v->kind == VALUE_UNKNOWN && !(v->flags & VALUE_NONEMPTY))
        return value_unknown(n->arena, v->u.reason, v->origin);
    if (v->kind == VALUE_LIST && v->u.list.n == 0 && (v->flags & VALUE_PARTIAL))
        return value_unknown(n->arena, STR("the number of blocks is not known"), v->origin);
    return value_bool(n->arena, v->kind != VALUE_LIST || v->u.list.n > 0, v->origin);
}

static bool has_holes(const struct value *v)
{
    if (!v)
        return true;
    for (size_t i = 0; v->kind == VALUE_CHOICE && i < v->u.choice.by->n_options; i++) {
        if (has_holes(v->u.choice.option[i]))
            return true;
    }
    return false;
}

const struct value *mapping_run(struct normalise *n, const struct value *raw, const struct properties *p,
                                const struct mapping *m)
{
    if (m->constant)
        return m->constant;
    const struct value *v = NULL;
    for (size_t i = 0; i < m->n_from && has_holes(v); i++) {
        struct fetch f = {n, &m->from[i], m->each ? m->each[i] : NULL};
        v = value_without_holes(n->arena, v, fetch(&f, raw, p, NULL, 0));
    }
    if (m->present)
        return presence(n, v);
    struct operation o = {n, m};
    return v ? value_lift(n->arena, v, run_operations, &o) : NULL;
}
