#include "graph/model_internal.h"

/* Suggestions. */

str suggest_nearest(str name, const str *names, size_t n)
{
    size_t most = name.n < 4 ? 1 : name.n < 10 ? 2 : 3;
    size_t best = most + 1;
    str found = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        size_t d = str_distance(name, names[i], most);
        if (d < best) {
            best = d;
            found = names[i];
        }
    }
    for (size_t i = 0; i < n && found.n == 0 && name.n >= 4; i++) {
        if (str_ends(names[i], name) || str_ends(name, names[i]) || str_starts(names[i], name))
            found = names[i];
    }
    return found;
}

/* Which paths a kind has. `known` maps a dotted path to its state plus one. */

struct names {
    struct model_kind *kind;
    struct map *known;
    struct arena *arena;
};

static void add_path(struct names *s, str path, enum attribute_state state)
{
    uintptr_t now = (uintptr_t)map_find(s->known, path);
    uintptr_t wanted = (uintptr_t)state + 1;
    if (wanted > now)
        map_set(s->known, path, (void *)wanted);
}

/* A path and all that it lies in. */
static void add_with_parents(struct names *s, str path, enum attribute_state state)
{
    add_path(s, path, state);
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '.')
            add_path(s, str_slice(path, 0, i), ATTRIBUTE_KNOWN);
    }
}

static str join(struct names *s, str prefix, str name)
{
    return prefix.n ? arena_printf(s->arena, STR_FMT "." STR_FMT, STR_ARG(prefix), STR_ARG(name)) : name;
}

static enum attribute_state state_of(const struct property *p)
{
    bool open = p->shape == SHAPE_MAP || p->shape == SHAPE_JSON || p->shape == SHAPE_ANY;
    return open || (p->inside && p->inside->open) ? ATTRIBUTE_OPEN : ATTRIBUTE_KNOWN;
}

static void add_set(struct names *s, str prefix, const struct mapping_set *set);

static void add_properties(struct names *s, str prefix, const struct properties *p)
{
    if (p->open && prefix.n == 0)
        add_path(s, STR("*"), ATTRIBUTE_OPEN);
    for (size_t i = 0; i < p->n; i++) {
        const struct property *one = &p->at[i];
        if (one->taken)
            continue;
        str path = join(s, prefix, one->folded);
        add_path(s, path, state_of(one));
        if (one->inside)
            add_properties(s, path, one->inside);
    }
}

static const struct property *property_at(const struct properties *p, const struct path *path)
{
    const struct property *found = NULL;
    for (size_t i = 0; i < path->n && p; i++) {
        found = properties_find(p, path->step[i]);
        if (!found || (i + 1 < path->n && !found->inside))
            return NULL;
        p = found->inside;
    }
    return found;
}

static void add_mapping(struct names *s, str prefix, const struct mapping_set *set, const struct mapping *m)
{
    str target = join(s, prefix, m->target.text);
    if (m->elements) {
        add_with_parents(s, join(s, target, m->pair_key), ATTRIBUTE_KNOWN);
        add_with_parents(s, join(s, target, m->pair_value), ATTRIBUTE_OPEN);
        return;
    }
    if (m->pair_key.n || (m->constant && m->constant->kind == VALUE_MAP)) {
        add_with_parents(s, target, ATTRIBUTE_OPEN);
        return;
    }
    add_with_parents(s, target, ATTRIBUTE_KNOWN);
    for (size_t i = 0; i < m->n_from; i++) {
        const struct property *source = property_at(set->properties, &m->from[i]);
        if (m->each)
            add_set(s, target, m->each[i]);
        else if (source && !m->present && !m->n_translations)
            add_path(s, target, state_of(source));
        else if (!source && !m->n_translations)
            add_path(s, target, ATTRIBUTE_OPEN);
        if (source && source->inside && !m->each && !m->present)
            add_properties(s, target, source->inside);
    }
}

static void add_set(struct names *s, str prefix, const struct mapping_set *set)
{
    add_properties(s, prefix, set->properties);
    for (size_t i = 0; i < set->n; i++)
        add_mapping(s, prefix, set, &set->at[i]);
}

static void add_declared(struct names *s)
{
    for (size_t i = 0; i < s->kind->attributes.n; i++) {
        const struct attribute *a = &s->kind->attributes.at[i];
        bool open = a->open || a->policy_use.n > 0 || (a->default_value && a->default_value->value->kind == VALUE_MAP);
        add_with_parents(s, a->path, open ? ATTRIBUTE_OPEN : ATTRIBUTE_KNOWN);
    }
}

static void add_companion(struct names *s, struct model_kind *other)
{
    for (size_t c = 0; c < other->companions.n; c++) {
        const struct model_companion *companion = &other->companions.at[c];
        if (companion->of != s->kind->name)
            continue;
        str into = str_eq_c(companion->into, ".") ? STR_NONE : companion->into;
        if (into.n)
            add_with_parents(s, into, ATTRIBUTE_KNOWN);
        for (size_t i = 0; i < other->known.n; i++) {
            const struct map_entry *e = &other->known.at[i];
            add_with_parents(s, join(s, into, e->key), (enum attribute_state)((uintptr_t)e->value - 1));
        }
    }
}

static void build_known(struct model_kind *k)
{
    if (k->known_built)
        return;
    k->known_built = true;
    struct names s = {k, &k->known, k->model->arena};
    for (size_t i = 0; i < k->types.n; i++) {
        if (!k->types.at[i]->parsed)
            model_type_parse(k->model, k->types.at[i], &k->model->diags);
        add_set(&s, STR_NONE, &k->types.at[i]->body.map);
    }
    add_declared(&s);
    for (size_t i = 0; i < k->companion_kinds.n; i++) {
        struct model_kind *other = map_find(&k->model->kinds, sym_str(k->companion_kinds.at[i]));
        if (!other || other == k)
            continue;
        build_known(other);
        add_companion(&s, other);
    }
}

/* The names that lie in no other. */

size_t model_type_top_names(struct model_kind *k, const struct type_body *body, struct arena *a, const str **ret)
{
    struct map known;
    map_init(&known);
    struct names s = {k, &known, a};
    add_set(&s, STR_NONE, &body->map);
    str *top = ARENA_ARRAY(a, str, known.n);
    size_t n = 0;
    for (size_t i = 0; i < known.n; i++) {
        str name = known.at[i].key;
        if (str_find_char(name, '.') == SIZE_MAX && !str_eq_c(name, "*"))
            top[n++] = name;
    }
    map_release(&known);
    *ret = top;
    return n;
}

static void add_top(struct model_kind *k, struct map *seen, str path)
{
    str rest, name = str_cut(path, '.', &rest);
    if (map_has(seen, name))
        return;
    map_set(seen, name, k);
    VEC_PUSH(&k->top, name);
}

static void add_top_of_type(struct model_kind *k, struct map *seen, struct model_type *t)
{
    const str *top = t->said->top;
    size_t n = t->said->n_top;
    if (!t->said->body) {
        if (!t->parsed)
            model_type_parse(k->model, t, &k->model->diags);
        n = model_type_top_names(k, &t->body, k->model->arena, &top);
    }
    for (size_t i = 0; i < n; i++)
        add_top(k, seen, top[i]);
}

static void build_top(struct model_kind *k)
{
    if (k->top_built)
        return;
    k->top_built = true;
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < k->types.n; i++)
        add_top_of_type(k, &seen, k->types.at[i]);
    for (size_t i = 0; i < k->attributes.n; i++)
        add_top(k, &seen, k->attributes.at[i].path);
    for (size_t i = 0; i < k->companion_kinds.n; i++) {
        struct model_kind *other = map_find(&k->model->kinds, sym_str(k->companion_kinds.at[i]));
        if (!other || other == k)
            continue;
        build_top(other);
        for (size_t c = 0; c < other->companions.n; c++) {
            const struct model_companion *companion = &other->companions.at[c];
            if (companion->of != k->name)
                continue;
            if (!str_eq_c(companion->into, "."))
                add_top(k, &seen, companion->into);
            for (size_t n = 0; n < other->top.n && str_eq_c(companion->into, "."); n++)
                add_top(k, &seen, other->top.at[n]);
        }
    }
    map_release(&seen);
}

size_t model_top_names(struct model_kind *k, const str **ret)
{
    pthread_mutex_lock(&k->model->lock);
    build_top(k);
    *ret = k->top.at;
    pthread_mutex_unlock(&k->model->lock);
    return k->top.n;
}

/* Does the path lie below something with free-form keys? */
static bool below_open(const struct model_kind *k, str path)
{
    for (size_t i = path.n; i-- > 0;) {
        if (path.p[i] != '.')
            continue;
        uintptr_t state = (uintptr_t)map_find(&k->known, str_slice(path, 0, i));
        if (state == (uintptr_t)ATTRIBUTE_OPEN + 1)
            return true;
        if (state)
            return false;
    }
    return map_has(&k->known, STR("*"));
}

static str nearest_path(const struct model_kind *k, str path)
{
    size_t bytes = (k->known.n + 1) * sizeof(str);
    str *names = alloc_get(bytes);
    for (size_t i = 0; i < k->known.n; i++)
        names[i] = k->known.at[i].key;
    str found = suggest_nearest(path, names, k->known.n);
    alloc_put(names, bytes);
    return found;
}

enum attribute_state model_attribute(const struct model_kind *k, str path, str *ret_suggestion)
{
    struct model_kind *mutable = (struct model_kind *)k;
    pthread_mutex_lock(&k->model->lock);
    build_known(mutable);
    uintptr_t state = (uintptr_t)map_find(&k->known, path);
    enum attribute_state answer = ATTRIBUTE_UNKNOWN;
    if (state)
        answer = (enum attribute_state)(state - 1);
    else if (below_open(k, path))
        answer = ATTRIBUTE_OPEN;
    if (ret_suggestion)
        *ret_suggestion = answer == ATTRIBUTE_UNKNOWN ? nearest_path(k, path) : STR_NONE;
    pthread_mutex_unlock(&k->model->lock);
    return answer;
}
