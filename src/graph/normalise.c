#include "graph/model_internal.h"

#include "base/glob.h"

/* From raw to normalised. Values that need no change are shared with `raw`, so a resource costs a new
 * entry for each attribute and little else. The top-level map is always a new one. */

static const struct value *unknown_at(struct normalise *n, const char *reason, const struct value *raw)
{
    return value_unknown(n->arena, str_of(reason), raw ? raw->origin : NULL);
}

/* NULL while the budget lasts, else what stands for the value. */
const struct value *normalise_spent(struct normalise *n, const struct value *raw)
{
    if (n->budget == 0 && !n->reported && n->diags)
        diag_add(n->diags, DIAG_LIMIT, value_span(raw), "a resource with too many values; the rest is unknown");
    n->reported = n->reported || n->budget == 0;
    if (n->budget == 0 || n->depth > LIMIT_DEPTH)
        return unknown_at(n, "a part of a value that is too large or too deep", raw);
    n->budget--;
    return NULL;
}

static bool is_absent(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

/* Scalars. */

static struct value *converted(struct normalise *n, const struct value *raw, enum value_kind kind)
{
    struct value *v = value_copy(n->arena, raw);
    v->kind = (uint8_t)kind;
    memset(&v->u, 0, sizeof(v->u));
    return v;
}

static const struct value *to_bool(struct normalise *n, const struct value *raw)
{
    bool b;
    if (raw->kind != VALUE_STRING || !value_to_bool(raw, &b))
        return raw;
    struct value *v = converted(n, raw, VALUE_BOOL);
    v->u.boolean = b;
    return v;
}

static const struct value *to_number(struct normalise *n, const struct value *raw)
{
    double d;
    if (raw->kind != VALUE_STRING || !value_to_number(raw, &d))
        return raw;
    struct value *v = converted(n, raw, VALUE_NUMBER);
    v->u.number.value = d;
    return v;
}

static const struct value *to_text(struct normalise *n, const struct value *raw)
{
    str s;
    if ((raw->kind != VALUE_NUMBER && raw->kind != VALUE_BOOL) || !value_to_text(raw, n->arena, &s))
        return raw;
    struct value *v = converted(n, raw, VALUE_STRING);
    v->u.string = s;
    return v;
}

static const struct value *list_of_one(struct normalise *n, const struct value *item)
{
    const struct value **items = ARENA_NEW(n->arena, const struct value *);
    items[0] = item;
    return value_list(n->arena, items, 1, item->origin);
}

static const struct value *to_list(struct normalise *n, const struct value *raw)
{
    if (raw->kind == VALUE_LIST || raw->kind == VALUE_UNKNOWN)
        return raw;
    return list_of_one(n, raw);
}

/* Lifting over choices: absent alternatives stay absent, null ones become so. */

struct shape_job {
    struct normalise *n;
    const struct property *p;
};

static const struct value *shape_alternative(void *context, const struct value *alternative)
{
    struct shape_job *job = context;
    return normalise_shape(job->n, alternative, job->p);
}

static const struct value *any_alternative(void *context, const struct value *alternative)
{
    return normalise_any(context, alternative);
}

/* Objects. */

static bool all_taken(const struct value *before, const struct value *after)
{
    return value_is(before, VALUE_MAP) && value_is(after, VALUE_MAP) && before->u.map.n > 0 && after->u.map.n == 0 &&
           !(before->flags & VALUE_PARTIAL);
}

static str fold_key(struct normalise *n, str key)
{
    str folded = model_fold(n->arena, key);
    return n->type ? rename_find(n->type->body.rename, n->type->body.n_renames, folded) : folded;
}

/* The properties that are not taken, under their folded names, into `out`, which has room for all of raw. */
static size_t fold_entries(struct normalise *n, const struct value *raw, const struct properties *p,
                           struct value_entry *out)
{
    size_t count = 0;
    for (size_t i = 0; i < raw->u.map.n; i++) {
        const struct value_entry *e = &raw->u.map.entry[i];
        const struct property *known = properties_find(p, e->key);
        if (is_absent(e->value) || (known && known->taken))
            continue;
        const struct value *v = known ? normalise_shape(n, e->value, known) : normalise_any(n, e->value);
        if (!v || (known && known->inside && known->inside->taken_inside && all_taken(e->value, v)))
            continue;
        out[count++] = (struct value_entry){known ? known->folded : fold_key(n, e->key), e->key_at, v};
    }
    return count;
}

static struct value *map_like(struct normalise *n, const struct value *raw, const struct value_entry *entries,
                              size_t count)
{
    struct value *v = value_copy(n->arena, raw);
    v->u.map.entry = entries;
    v->u.map.n = count;
    return v;
}

static bool same_entries(const struct value *map, const struct value_entry *entries, size_t count)
{
    if (count != map->u.map.n)
        return false;
    for (size_t i = 0; i < count; i++)
        if (entries[i].value != map->u.map.entry[i].value || !str_eq(entries[i].key, map->u.map.entry[i].key))
            return false;
    return true;
}

/* A map of the entries, which stand in scratch; raw itself when they are the same. */
static const struct value *settle_entries(struct normalise *n, const struct value *raw,
                                          const struct value_entry *entries, size_t count)
{
    if (same_entries(raw, entries, count))
        return raw;
    return map_like(n, raw, arena_copy(n->arena, entries, count * sizeof(*entries)), count);
}

static const struct value *fold_object(struct normalise *n, const struct value *raw, const struct properties *p)
{
    struct arena_mark mark = arena_mark(n->scratch);
    struct value_entry *out = ARENA_ARRAY(n->scratch, struct value_entry, raw->u.map.n);
    const struct value *v = settle_entries(n, raw, out, fold_entries(n, raw, p, out));
    arena_rewind(n->scratch, mark);
    return v;
}

/* A list of the items, which stand in scratch; raw itself when they are the same. */
static const struct value *settle_items(struct normalise *n, const struct value *raw, const struct value **items,
                                        size_t count)
{
    if (count == raw->u.list.n && (!count || memcmp(items, raw->u.list.item, count * sizeof(*items)) == 0))
        return raw;
    struct value *v = value_copy(n->arena, raw);
    v->u.list.item = arena_copy(n->arena, items, count * sizeof(*items));
    v->u.list.n = count;
    return v;
}

static const struct value *object_list(struct normalise *n, const struct value *raw, const struct property *p)
{
    struct arena_mark mark = arena_mark(n->scratch);
    const struct value **items = ARENA_ARRAY(n->scratch, const struct value *, raw->u.list.n);
    size_t count = 0;
    struct property element = *p;
    element.shape = SHAPE_OBJECT;
    for (size_t i = 0; i < raw->u.list.n; i++) {
        const struct value *v = normalise_shape(n, raw->u.list.item[i], &element);
        if (v)
            items[count++] = v;
    }
    bool none = count == 0 && raw->u.list.n > 0 && !(raw->flags & VALUE_PARTIAL);
    const struct value *v = none ? NULL : settle_items(n, raw, items, count);
    arena_rewind(n->scratch, mark);
    return v;
}

static const struct value *object(struct normalise *n, const struct value *raw, const struct property *p)
{
    if (raw->kind == VALUE_MAP) {
        const struct value *v = fold_object(n, raw, p->inside);
        return p->inside->taken_inside && all_taken(raw, v) ? NULL : v;
    }
    if (raw->kind != VALUE_LIST)
        return raw->kind == VALUE_STRING || raw->kind == VALUE_TEXT ? normalise_json(n, raw, false) : raw;
    if (raw->flags & VALUE_PARTIAL)
        return unknown_at(n, "the number of blocks is not known", raw);
    if (raw->u.list.n == 0)
        return NULL;
    if (raw->u.list.n > 1)
        return object_list(n, raw, p);
    return normalise_shape(n, raw->u.list.item[0], p);
}

static const struct value *objects(struct normalise *n, const struct value *raw, const struct property *p)
{
    if (raw->kind == VALUE_LIST)
        return object_list(n, raw, p);
    if (raw->kind != VALUE_MAP)
        return raw->kind == VALUE_STRING || raw->kind == VALUE_TEXT ? normalise_json(n, raw, false) : raw;
    struct property element = *p;
    element.shape = SHAPE_OBJECT;
    const struct value *v = object(n, raw, &element);
    return v ? list_of_one(n, v) : NULL;
}

const struct value *normalise_shape(struct normalise *n, const struct value *raw, const struct property *p)
{
    if (is_absent(raw))
        return NULL;
    const struct value *spent = normalise_spent(n, raw);
    if (spent)
        return spent;
    if (raw->kind == VALUE_CHOICE) {
        struct shape_job job = {n, p};
        return value_lift(n->arena, raw, shape_alternative, &job);
    }
    n->depth++;
    const struct value *v = raw;
    switch ((enum shape)p->shape) {
    case SHAPE_TEXT:
        v = raw->kind == VALUE_LIST || raw->kind == VALUE_MAP ? normalise_any(n, raw) : to_text(n, raw);
        break;
    case SHAPE_BOOL:
        v = to_bool(n, raw);
        break;
    case SHAPE_NUMBER:
        v = to_number(n, raw);
        break;
    case SHAPE_LIST:
        v = to_list(n, raw);
        break;
    case SHAPE_MAP:
        break;
    case SHAPE_JSON:
        v = normalise_json(n, raw, false);
        break;
    case SHAPE_ANY:
        v = normalise_any(n, raw);
        break;
    case SHAPE_OBJECT:
        v = object(n, raw, p);
        break;
    case SHAPE_OBJECTS:
        v = objects(n, raw, p);
        break;
    }
    n->depth--;
    return v;
}

/* Names fold at every level; scalars stay. */
const struct value *normalise_any(struct normalise *n, const struct value *raw)
{
    static const struct properties nothing;
    if (is_absent(raw) || (raw->kind != VALUE_LIST && raw->kind != VALUE_MAP && raw->kind != VALUE_CHOICE))
        return is_absent(raw) ? NULL : raw;
    const struct value *spent = normalise_spent(n, raw);
    if (spent)
        return spent;
    n->depth++;
    const struct value *v;
    if (raw->kind == VALUE_CHOICE) {
        v = value_lift(n->arena, raw, any_alternative, n);
    } else if (raw->kind == VALUE_MAP) {
        v = fold_object(n, raw, &nothing);
    } else {
        struct arena_mark mark = arena_mark(n->scratch);
        const struct value **items = ARENA_ARRAY(n->scratch, const struct value *, raw->u.list.n);
        size_t count = 0;
        for (size_t i = 0; i < raw->u.list.n; i++) {
            const struct value *item = normalise_any(n, raw->u.list.item[i]);
            if (item)
                items[count++] = item;
        }
        v = settle_items(n, raw, items, count);
        arena_rewind(n->scratch, mark);
    }
    n->depth--;
    return v;
}

/* A whole object through a map. */

/* Returns the number of entries that there are then. */
static size_t set_entry(struct arena *a, struct value_entry *entries, size_t n, const struct path *target,
                        const struct value *v)
{
    size_t i = 0;
    while (i < n && !str_eq(entries[i].key, target->step[0]))
        i++;
    const struct value *old = i < n ? entries[i].value : NULL;
    const struct value *now = target->n == 1 ? v : path_set(a, old, target, 1, v);
    entries[i].key = target->step[0];
    if (!old)
        entries[i].key_at = value_span(v);
    entries[i].value = now;
    return n + (i == n);
}

struct set_job {
    struct normalise *n;
    const struct mapping_set *set;
};

static const struct value *set_alternative(void *context, const struct value *alternative)
{
    struct set_job *job = context;
    return normalise_set(job->n, alternative, job->set);
}

/* The entries of a map through `set`, in scratch. */
static size_t set_entries(struct normalise *n, const struct value *raw, const struct mapping_set *set,
                          struct value_entry **ret_entries)
{
    struct value_entry *entries = ARENA_ARRAY(n->scratch, struct value_entry, raw->u.map.n + set->n);
    size_t count = fold_entries(n, raw, set->properties, entries);
    for (size_t i = 0; i < set->n; i++) {
        const struct mapping *m = &set->at[i];
        const struct value *v = mapping_run(n, raw, set->properties, m);
        if (v)
            count = set_entry(n->arena, entries, count, &m->target, v);
    }
    *ret_entries = entries;
    return count;
}

const struct value *normalise_set(struct normalise *n, const struct value *raw, const struct mapping_set *set)
{
    if (is_absent(raw))
        return NULL;
    if (raw->kind == VALUE_CHOICE) {
        struct set_job job = {n, set};
        return value_lift(n->arena, raw, set_alternative, &job);
    }
    if (raw->kind != VALUE_MAP)
        return raw;
    const struct value *spent = normalise_spent(n, raw);
    if (spent)
        return spent;
    struct arena_mark mark = arena_mark(n->scratch);
    struct value_entry *entries;
    size_t count = set_entries(n, raw, set, &entries);
    const struct value *v = settle_entries(n, raw, entries, count);
    arena_rewind(n->scratch, mark);
    return v;
}

/* Which kind: the types of one name are told apart by conditions. */

static const struct value *condition_value(struct normalise *n, const struct model_type *t, const struct value *raw,
                                           const struct condition *c)
{
    struct mapping m = {.from = (struct path *)&c->attribute, .n_from = 1};
    return mapping_run(n, raw, t->body.map.properties, &m);
}

static bool matches(struct arena *scratch, const struct condition *c, const struct value *v, bool *ret_unknown)
{
    if (!v)
        return false;
    struct arena_mark mark = arena_mark(scratch);
    str s = STR_NONE;
    bool found = false;
    if (!value_to_text(v, scratch, &s))
        *ret_unknown = true;
    for (size_t i = 0; i < c->n && !found && s.p; i++)
        found = wildcard_match_nocase(c->value[i], s);
    arena_rewind(scratch, mark);
    return found;
}

static const struct model_type *choose_type(struct normalise *n, const struct model_type *first,
                                            const struct value *raw, bool *ret_uncertain)
{
    const struct model_type *plain = NULL, *conditional = NULL;
    *ret_uncertain = false;
    for (const struct model_type *t = first; t; t = t->other) {
        if (t->also)
            continue;
        if (t->body.n_conditions == 0) {
            plain = plain ? plain : t;
            continue;
        }
        bool all = true;
        for (size_t i = 0; i < t->body.n_conditions && all; i++) {
            bool unknown = false;
            all =
                matches(n->scratch, &t->body.condition[i], condition_value(n, t, raw, &t->body.condition[i]), &unknown);
            *ret_uncertain = *ret_uncertain || unknown;
        }
        if (all)
            return t;
        conditional = conditional ? conditional : t;
    }
    return plain ? plain : *ret_uncertain ? conditional : NULL;
}

static const struct value *policy_alternative(void *context, const struct value *alternative)
{
    return normalise_json(context, alternative, true);
}

/* A policy below a list: the elements of `v` with the document at `path` decoded. */
static const struct value *decode_below(struct normalise *n, const struct value *v, str path);

/* What the value of `key` becomes. */
static const struct value *decoded(struct normalise *n, const struct value *v, str rest)
{
    return rest.n ? decode_below(n, v, rest) : value_lift(n->arena, v, policy_alternative, n);
}

static const struct value *decode_entry(struct normalise *n, const struct value *map, str path)
{
    str rest, key = str_cut(path, '.', &rest);
    for (size_t i = 0; i < map->u.map.n; i++) {
        if (!str_eq(map->u.map.entry[i].key, key))
            continue;
        const struct value *v = decoded(n, map->u.map.entry[i].value, rest);
        if (v == map->u.map.entry[i].value)
            return map;
        struct value *copy = value_copy(n->arena, map);
        struct value_entry *entries = arena_copy(n->arena, map->u.map.entry, map->u.map.n * sizeof(*entries));
        entries[i].value = v;
        copy->u.map.entry = entries;
        return copy;
    }
    return map;
}

static const struct value *decode_below(struct normalise *n, const struct value *v, str path)
{
    if (value_is(v, VALUE_MAP))
        return decode_entry(n, v, path);
    if (!value_is(v, VALUE_LIST))
        return v;
    struct arena_mark mark = arena_mark(n->scratch);
    const struct value **items = ARENA_ARRAY(n->scratch, const struct value *, v->u.list.n);
    for (size_t i = 0; i < v->u.list.n; i++)
        items[i] =
            value_is(v->u.list.item[i], VALUE_MAP) ? decode_entry(n, v->u.list.item[i], path) : v->u.list.item[i];
    const struct value *list = settle_items(n, v, items, v->u.list.n);
    arena_rewind(n->scratch, mark);
    return list;
}

/* Attributes that are policy documents are decoded whatever the properties say of them. */
static void decode_policies(struct normalise *n, struct value_entry *entries, size_t count, const struct model_kind *k)
{
    for (size_t i = 0; i < k->policies.n; i++) {
        str rest, key = str_cut(k->policies.at[i].path, '.', &rest);
        size_t at = 0;
        while (at < count && !str_eq(entries[at].key, key))
            at++;
        if (at < count)
            entries[at].value = decoded(n, entries[at].value, rest);
    }
}

/* The attributes while they stand in scratch. */
static const struct value *loose_map(struct normalise *n, const struct value *like, struct value_entry *entries,
                                     size_t count)
{
    struct value *v = value_copy(n->scratch, like);
    v->u.map.entry = entries;
    v->u.map.n = count;
    return n->loose = v;
}

static const struct value *loose_attributes(struct normalise *n, const struct resource *r)
{
    const struct value *raw = r->raw;
    struct value_entry *entries;
    if (n->type && value_is(raw, VALUE_MAP) && !normalise_spent(n, raw)) {
        size_t count = set_entries(n, raw, &n->type->body.map, &entries);
        decode_policies(n, entries, count, n->type->kind);
        return loose_map(n, raw, entries, count);
    }
    const struct value *v = n->type ? normalise_set(n, raw, &n->type->body.map) : normalise_any(n, raw);
    return value_is(v, VALUE_MAP) ? v : value_map(n->arena, NULL, 0, NULL);
}

void normalise_keep(struct normalise *n, struct resource *r)
{
    const struct value *v = n->loose;
    if (v && r->attributes == v) {
        bool same = value_is(r->raw, VALUE_MAP) && r->raw->flags == v->flags &&
                    same_entries(r->raw, v->u.map.entry, v->u.map.n);
        r->attributes = same
                            ? r->raw
                            : map_like(n, v, arena_copy(n->arena, v->u.map.entry, v->u.map.n * sizeof(*v->u.map.entry)),
                                       v->u.map.n);
    }
    n->loose = NULL;
}

void normalise_resource(struct normalise *n, struct resource *r, bool *ret_uncertain)
{
    const struct model_type *first = n->type;
    n->budget = LIMIT_RESOURCE_VALUES;
    n->depth = 0;
    n->reported = false;
    *ret_uncertain = false;
    n->type = first && first->body.n_conditions + (first->other != NULL) == 0
                  ? first
                  : choose_type(n, first, r->raw, ret_uncertain);
    r->kind = n->type ? n->type->kind->name : 0;
    r->attributes = loose_attributes(n, r);
    if (!r->incomplete)
        return;
    struct value *open = value_copy(n->scratch, r->attributes);
    open->flags |= VALUE_PARTIAL;
    r->attributes = n->loose = open;
}

/* The attributes while defaults are put in; `entry` is NULL until the first that is needed. */
struct defaulting {
    struct defaults_tools *tools;
    const struct value *attributes;
    struct value_entry *entry;
    size_t n;
    size_t room; /* for entries that are new */
};

static const struct value_entry *entries_now(const struct defaulting *d, size_t *ret_n)
{
    *ret_n = d->entry ? d->n : d->attributes->u.map.n;
    return d->entry ? d->entry : d->attributes->u.map.entry;
}

static const struct value *default_of(struct defaults_tools *tools, const struct value *before, const struct path *path,
                                      const struct model_default *value)
{
    struct default_memo *m = &tools->memo[((uintptr_t)value / sizeof(*value)) % DEFAULTS_REMEMBERED];
    if (m->of != value || m->before != before)
        *m = (struct default_memo){value, before, path_default(tools->arena, before, path, 1, value)};
    return m->after;
}

static void apply_default(struct defaulting *d, const struct path *path, const struct model_default *value)
{
    size_t n, i = 0;
    const struct value_entry *now = entries_now(d, &n);
    while (i < n && !str_eq(now[i].key, path->step[0]))
        i++;
    const struct value *before = i < n ? now[i].value : NULL;
    const struct value *after = default_of(d->tools, before, path, value);
    if (after == before || (!before && (d->attributes->flags & VALUE_PARTIAL)))
        return;
    if (!d->entry) {
        d->entry = ARENA_ARRAY(d->tools->scratch, struct value_entry, n + d->room);
        if (n)
            memcpy(d->entry, now, n * sizeof(*now));
    }
    d->n = n + (i == n);
    d->entry[i].key = path->step[0];
    d->entry[i].value = after;
}

void normalise_defaults(struct defaults_tools *tools, const struct model_type *t, struct resource *r)
{
    struct arena *a = tools->arena;
    struct arena_mark mark = arena_mark(tools->scratch);
    struct defaulting d = {.tools = tools, .attributes = r->attributes, .room = t->body.map.n + t->kind->attributes.n};
    for (size_t i = 0; i < t->body.map.n; i++) {
        const struct mapping *m = &t->body.map.at[i];
        if (m->default_value)
            apply_default(&d, &m->target, m->default_value);
    }
    for (size_t i = 0; i < t->kind->attributes.n; i++) {
        const struct attribute *attribute = &t->kind->attributes.at[i];
        if (attribute->default_value)
            apply_default(&d, &attribute->steps, attribute->default_value);
    }
    if (d.entry) {
        struct value *out = value_copy(a, r->attributes);
        out->u.map.entry = arena_copy(a, d.entry, d.n * sizeof(*d.entry));
        out->u.map.n = d.n;
        r->attributes = out;
    }
    arena_rewind(tools->scratch, mark);
}

/* What a broken block may have said: everything that the kind knows and that is not there. */
void normalise_incomplete(struct arena *a, struct model_kind *k, struct resource *r)
{
    const str *name;
    size_t n_names = model_top_names(k, &name);
    const struct value *v = r->attributes;
    const struct value *lost = value_unknown(a, STR("the block could not be parsed completely"), NULL);
    struct value *out = value_copy(a, v);
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, v->u.map.n + n_names);
    memcpy(entries, v->u.map.entry, v->u.map.n * sizeof(*entries));
    size_t n = v->u.map.n;
    for (size_t i = 0; i < n_names; i++)
        if (!value_get(v, name[i]))
            entries[n++] = (struct value_entry){name[i], r->at, lost};
    out->u.map.entry = entries;
    out->u.map.n = n;
    r->attributes = out;
}

static const struct model_type *type_of_kind(const struct model_type *first, sym kind)
{
    while (first && first->kind->name != kind)
        first = first->other;
    return first;
}

void model_normalise(const struct model *m, struct resource *r, struct arena *a, struct diag_list *diags)
{
    const struct model_type *first = model_type(m, sym_str(r->type));
    struct arena *scratch = arena_new();
    struct normalise n = {.model = m, .arena = a, .scratch = scratch, .diags = diags, .type = first};
    bool uncertain;
    normalise_resource(&n, r, &uncertain);
    normalise_keep(&n, r);
    const struct model_type *t = type_of_kind(first, r->kind);
    if (t && r->incomplete)
        normalise_incomplete(a, t->kind, r);
    else if (t)
        normalise_defaults(&(struct defaults_tools){.arena = a, .scratch = scratch}, t, r);
    arena_free(scratch);
}
