#include "graph/graph_internal.h"

/* Companions become a part of their owners. Kinds are taken from the outermost inwards, so that a
 * companion of a companion is merged before that one is. What may or may not be there makes the
 * attribute unknown or a choice; it is never left out in silence. */

enum { FOLLOWED = 8, SHARED_FLAGS = VALUE_PARTIAL };

struct join {
    struct resource *owner, *companion;
};

struct companions {
    struct link *l;
    struct arena *arena;
    VEC(struct join) joins;
    bool *joined; /* by id of owner: has a companion of the kind in work */
    VEC(uint32_t) to_clear;
    struct map marked_family; /* families all of whose members were marked, by id and kind */
    struct map grown;         /* lists that may grow in place, by owner and path */
};

struct grown_list {
    struct value *list;
    const struct value **item;
    size_t cap;
};

static bool is_skipped(const struct model_companion *c, str key)
{
    str by = str_cut(c->by, '.', &(str){0});
    for (size_t i = 0; i < c->n_take; i++) {
        if (str_eq(c->take[i], key))
            return false;
    }
    return c->n_take > 0 || str_eq(key, by) || (str_eq_c(c->into, ".") && str_eq_c(key, "tags"));
}

/* What the companion brings. */
static const struct value *payload(struct companions *s, const struct resource *r, const struct model_companion *c)
{
    const struct value *attributes = r->attributes;
    struct value_entry *entries = ARENA_ARRAY(s->arena, struct value_entry, attributes->u.map.n);
    size_t n = 0;
    for (size_t i = 0; i < attributes->u.map.n; i++) {
        if (!is_skipped(c, attributes->u.map.entry[i].key))
            entries[n++] = attributes->u.map.entry[i];
    }
    const struct origin *o = attributes->origin ? attributes->origin : origin_new(s->arena, r->header, STR_NONE, NULL);
    struct value *v = value_map(s->arena, entries, n, o);
    v->flags = attributes->flags & SHARED_FLAGS;
    return v;
}

static const struct value *may_be_set(struct companions *s, const struct resource *by)
{
    const struct origin *o = origin_new(s->arena, by->header, STR_NONE, NULL);
    return value_unknown(s->arena, arena_printf(s->arena, "may be set by " STR_FMT, STR_ARG(by->address)), o);
}

/* Conditions: NULL is "certainly". */

struct both {
    struct arena *arena;
    const struct value *second;
};

static const struct value *both_alternative(void *context, const struct value *alternative)
{
    struct both *b = context;
    bool yes;
    if (!value_to_bool(alternative, &yes))
        return alternative;
    return yes ? b->second : alternative;
}

static const struct value *both_hold(struct companions *s, const struct value *a, const struct value *b)
{
    struct both job = {s->arena, b};
    if (!a || !b)
        return a ? a : b;
    return value_lift(s->arena, a, both_alternative, &job);
}

static const struct value *presence_of(struct companions *s, const struct resource *r)
{
    if (s->l->kind_uncertain[r->id] || r->presence == PRESENCE_UNKNOWN)
        return value_unknown(s->arena, STR("presence is not known"), NULL);
    return r->presence == PRESENCE_CHOICE ? r->exists : NULL;
}

struct combine {
    struct companions *s;
    const struct resource *by;
    const struct value *old, *now;
};

static const struct value *combine_alternative(void *context, const struct value *alternative)
{
    struct combine *c = context;
    bool yes;
    if (!value_to_bool(alternative, &yes))
        return value_equal(c->old, c->now) ? c->old : may_be_set(c->s, c->by);
    return yes ? c->now : c->old;
}

/* Entries of both; those of `now` win. */
static const struct value *merged_maps(struct companions *s, const struct value *old, const struct value *now)
{
    if (!value_is(old, VALUE_MAP) || !value_is(now, VALUE_MAP))
        return now;
    for (size_t i = 0; i < now->u.map.n; i++) {
        struct path p = {.step = (str *)&now->u.map.entry[i].key, .n = 1};
        old = path_set(s->arena, old, &p, 0, now->u.map.entry[i].value);
    }
    return old;
}

static void set_attribute(struct companions *s, struct resource *owner, const struct path *p, const struct value *v)
{
    owner->attributes = path_set(s->arena, owner->attributes, p, 0, v);
}

static void set_one(struct companions *s, struct resource *owner, const struct path *p, const struct value *now,
                    const struct value *condition, const struct resource *by)
{
    const struct value *old = value_path(owner->attributes, p->text);
    now = merged_maps(s, old, now);
    struct combine job = {s, by, old, now};
    const struct value *v = condition ? value_lift(s->arena, condition, combine_alternative, &job) : now;
    if (v)
        set_attribute(s, owner, p, v);
}

/* Lists. */

static struct grown_list *list_of(struct companions *s, struct resource *owner, const struct path *p)
{
    str key = arena_printf(s->arena, "%u " STR_FMT, (unsigned)owner->id, STR_ARG(p->text));
    struct grown_list *g = map_find(&s->grown, key);
    if (g)
        return g;
    const struct value *old = value_path(owner->attributes, p->text);
    if (old && old->kind != VALUE_LIST)
        return NULL;
    g = ARENA_NEW(s->arena, struct grown_list);
    g->cap = old ? 2 * old->u.list.n + 2 : 2;
    g->item = ARENA_ARRAY(s->arena, const struct value *, g->cap);
    g->list = old ? value_copy(s->arena, old) : value_list(s->arena, NULL, 0, NULL);
    if (old && old->u.list.n)
        memcpy(g->item, old->u.list.item, old->u.list.n * sizeof(*g->item));
    g->list->u.list.item = g->item;
    g->list->flags &= (uint16_t)~VALUE_DEFAULTED;
    set_attribute(s, owner, p, g->list);
    map_set(&s->grown, key, g);
    return g;
}

static void append(struct companions *s, struct resource *owner, const struct path *p, const struct value *item,
                   const struct value *condition, const struct resource *by)
{
    struct grown_list *g = list_of(s, owner, p);
    struct combine job = {s, by, NULL, item};
    if (!g)
        return;
    if (value_is(condition, VALUE_UNKNOWN)) {
        g->list->flags |= VALUE_PARTIAL;
        return;
    }
    if (condition)
        item = value_lift(s->arena, condition, combine_alternative, &job);
    if (!item)
        return;
    struct value *list = g->list;
    if (list->u.list.n == g->cap) {
        const struct value **more = ARENA_ARRAY(s->arena, const struct value *, 2 * g->cap);
        memcpy(more, g->item, g->cap * sizeof(*more));
        g->cap *= 2;
        g->item = more;
        list->u.list.item = more;
    }
    g->item[list->u.list.n++] = item;
}

static void merge(struct companions *s, struct resource *owner, struct resource *r, const struct model_companion *c,
                  const struct value *condition)
{
    struct join j = {owner, r};
    if (owner == r)
        return;
    /* Both stand for any instance of the same unknown set. */
    if (value_is(condition, VALUE_UNKNOWN) && r->open && owner->open && !s->l->kind_uncertain[r->id])
        condition = NULL;
    const struct value *now = payload(s, r, c);
    if (str_eq_c(c->into, ".")) {
        for (size_t i = 0; i < now->u.map.n; i++) {
            struct path p = {now->u.map.entry[i].key, (str *)&now->u.map.entry[i].key, 1};
            set_one(s, owner, &p, now->u.map.entry[i].value, condition, r);
        }
    } else {
        struct path p = path_split(s->arena, c->into);
        if (c->many)
            append(s, owner, &p, now, condition, r);
        else
            set_one(s, owner, &p, now, condition, r);
    }
    if (!r->companion_of)
        r->companion_of = owner;
    VEC_PUSH(&s->joins, j);
    if (!s->joined[owner->id])
        VEC_PUSH(&s->to_clear, owner->id);
    s->joined[owner->id] = true;
}

/* Owners of which it cannot be known whether they have the companion. */

/* Every name that the companion's kind has and that is not in `v` becomes unknown. */
static const struct value *mark_names(struct companions *s, const struct value *v, const struct model_companion *c,
                                      struct model_kind *k, const struct value *why)
{
    const str *names;
    size_t n = model_top_names(k, &names);
    for (size_t i = 0; i < n; i++) {
        str name = names[i];
        struct path p = {name, &name, 1};
        if (!is_skipped(c, name) && !value_get(v, name))
            v = path_set(s->arena, v, &p, 0, why);
    }
    return v;
}

static void mark(struct companions *s, struct resource *owner, const struct model_companion *c, struct model_kind *k,
                 const struct value *why)
{
    if (str_eq_c(c->into, ".")) {
        owner->attributes = mark_names(s, owner->attributes, c, k, why);
        return;
    }
    struct path p = path_split(s->arena, c->into);
    if (c->many) {
        struct grown_list *g = list_of(s, owner, &p);
        if (g)
            g->list->flags |= VALUE_PARTIAL;
        return;
    }
    const struct value *old = value_path(owner->attributes, c->into);
    if (!old)
        set_attribute(s, owner, &p, why);
    else if (old->kind == VALUE_MAP)
        set_attribute(s, owner, &p, mark_names(s, old, c, k, why));
}

static void mark_unit(struct companions *s, size_t unit, const struct model_companion *c, struct model_kind *k,
                      const struct value *why)
{
    const struct unit *u = &s->l->g->unit[unit];
    for (size_t i = u->first; i < u->first + u->n; i++) {
        struct resource *owner = s->l->g->resource[i];
        if (owner->kind == c->of && !owner->is_data && !s->joined[i])
            mark(s, owner, c, k, why);
    }
}

/* Finding owners. */

struct owner {
    struct resource *one;
    bool several; /* any of the family of `one` */
    bool known;   /* false: nothing is known of who it is */
};

static struct owner find_owner(struct companions *s, const struct resource *from, const struct value *v,
                               const struct model_companion *c, unsigned followed);

/* A reference to another companion of the same owner (`bucket = aws_x_versioning.v.bucket`) is followed. */
static struct owner owner_by_ref(struct companions *s, const struct resource *from, const struct ref *refs,
                                 const struct model_companion *c, unsigned followed)
{
    struct graph *g = s->l->g;
    struct owner none = {.known = true};
    for (const struct ref *r = refs; r; r = r->next) {
        bool several;
        struct resource *target = graph_lookup(g, from, r, &several);
        if (!target && r->target)
            target = g->resource[r->target->id];
        if (target && target->kind == c->of)
            return (struct owner){target, several, true};
        const struct model_companion *other;
        size_t n = target ? model_companions(s->l->model, target->kind, &other) : 0;
        for (size_t i = 0; i < n && followed < FOLLOWED; i++) {
            if (other[i].of != c->of)
                continue;
            struct owner found = find_owner(s, target, value_path(target->attributes, other[i].by), c, followed + 1);
            if (found.one || !found.known)
                return found;
        }
    }
    return none;
}

static struct owner owner_by_text(struct companions *s, const struct resource *from, str text,
                                  const struct model_companion *c)
{
    struct graph *g = s->l->g;
    const struct model_kind *k = model_kind(s->l->model, sym_str(c->of));
    str key = c->key.n || !k ? c->key : k->identity_name;
    bool ambiguous = false;
    struct resource *r = graph_find_by(g, from->unit, c->of, key, text, &ambiguous);
    if (!r && !ambiguous && str_starts(text, STR("arn:"))) {
        r = graph_find_arn(g, from->unit, text, &ambiguous);
        r = r && r->kind == c->of ? r : NULL;
    }
    return (struct owner){.one = r, .known = r || !ambiguous};
}

static struct owner find_owner(struct companions *s, const struct resource *from, const struct value *v,
                               const struct model_companion *c, unsigned followed)
{
    struct owner found = {0};
    const struct ref *refs = value_find_ref(v);
    if (refs)
        found = owner_by_ref(s, from, refs, c, followed);
    if (found.one)
        return found;
    if (value_is(v, VALUE_STRING))
        return owner_by_text(s, from, v->u.string, c);
    /* A reference to something else than a resource of ours: known to be none of them. */
    for (const struct ref *r = refs; r; r = r->next) {
        if (!r->target && r->address.n > 0)
            return (struct owner){.known = true};
    }
    return (struct owner){.known = !v && !from->incomplete};
}

/* Merging one companion. */

static void merge_family(struct companions *s, struct owner found, struct resource *r, const struct model_companion *c)
{
    struct graph *g = s->l->g;
    str key = arena_printf(s->arena, "%u %u", (unsigned)found.one->id, (unsigned)r->kind);
    const struct value *maybe = value_unknown(s->arena, STR("one of several instances"), NULL);
    if (map_has(&s->marked_family, key))
        return;
    map_set(&s->marked_family, key, found.one);
    for (uint32_t id = found.one->id + 1; id; id = g->next_of_family[id - 1])
        merge(s, g->resource[id - 1], r, c, maybe);
}

struct same_owner {
    struct companions *s;
    const struct resource *from;
    const struct model_companion *c;
    const struct resource *owner;
};

static const struct value *same_owner(void *context, const struct value *alternative)
{
    struct same_owner *job = context;
    struct owner found = find_owner(job->s, job->from, alternative, job->c, 0);
    if (!found.known || found.several)
        return value_unknown(job->s->arena, STR("the owner is not known"), alternative->origin);
    return value_bool(job->s->arena, found.one == job->owner, alternative->origin);
}

struct owners {
    struct companions *s;
    const struct resource *from;
    const struct model_companion *c;
    struct resource *found[LIMIT_ALTERNATIVES];
    size_t n;
    bool known;
};

static const struct value *collect_owner(void *context, const struct value *alternative)
{
    struct owners *o = context;
    struct owner found = find_owner(o->s, o->from, alternative, o->c, 0);
    o->known = o->known && found.known;
    for (size_t i = 0; i < o->n; i++) {
        if (o->found[i] == found.one)
            return alternative;
    }
    if (found.one && o->n < LIMIT_ALTERNATIVES)
        o->found[o->n++] = found.one;
    return alternative;
}

/* False: nothing is known of the owner. */
static bool join_value(struct companions *s, struct resource *r, const struct model_companion *c,
                       const struct value *by)
{
    const struct value *condition = presence_of(s, r);
    if (value_is(by, VALUE_LIST)) {
        bool known = !(by->flags & VALUE_PARTIAL);
        for (size_t i = 0; i < by->u.list.n; i++)
            known = !value_is(by->u.list.item[i], VALUE_LIST) && join_value(s, r, c, by->u.list.item[i]) && known;
        return known;
    }
    if (value_is(by, VALUE_CHOICE)) {
        struct owners o = {.s = s, .from = r, .c = c, .known = true};
        value_lift(s->arena, by, collect_owner, &o);
        for (size_t i = 0; i < o.n; i++) {
            struct same_owner job = {s, r, c, o.found[i]};
            const struct value *points = value_lift(s->arena, by, same_owner, &job);
            merge(s, o.found[i], r, c, both_hold(s, condition, points));
        }
        return o.known;
    }
    struct owner found = find_owner(s, r, by, c, 0);
    if (found.one && found.several)
        merge_family(s, found, r, c);
    else if (found.one)
        merge(s, found.one, r, c, condition);
    return found.known;
}

/* One kind of companions. */

struct pending {
    size_t unit;
    const struct resource *by;
};

static void join_kind(struct companions *s, struct kind_list *list, struct model_kind *k,
                      const struct model_companion *c)
{
    VEC(struct pending) pending = {0};
    for (size_t i = 0; i < list->of.n; i++) {
        struct resource *r = list->of.at[i];
        if (r->is_data || r->kind != k->name)
            continue;
        if (join_value(s, r, c, value_path(r->attributes, c->by)))
            continue;
        struct pending p = {r->unit, r};
        if (pending.n == 0 || pending.at[pending.n - 1].unit != r->unit)
            VEC_PUSH(&pending, p);
    }
    for (size_t i = 0; i < pending.n; i++)
        mark_unit(s, pending.at[i].unit, c, k, may_be_set(s, pending.at[i].by));
    VEC_RELEASE(&pending);
}

/* A file that could not be read may hold any companion of what the others define. */
static void mark_incomplete_units(struct companions *s, const struct model_companion *c, struct model_kind *k)
{
    const struct value *why = value_unknown(s->arena, STR("may be set in a file that could not be read"), NULL);
    for (size_t i = 0; i < s->l->g->n_units; i++) {
        if (s->l->g->unit[i].incomplete)
            mark_unit(s, i, c, k, why);
    }
}

static void clear_joined(struct companions *s)
{
    for (size_t i = 0; i < s->to_clear.n; i++)
        s->joined[s->to_clear.at[i]] = false;
    s->to_clear.n = 0;
}

static void run_kind(struct companions *s, struct model_kind *k)
{
    struct kind_list *list = map_find(&s->l->g->kinds, sym_str(k->name));
    for (size_t i = 0; list && i < list->of.n; i++) {
        if (list->of.at[i]->kind == k->name)
            link_finish_resource(s->l, list->of.at[i], s->l->tools);
    }
    for (size_t i = 0; i < k->companions.n; i++) {
        if (list)
            join_kind(s, list, k, &k->companions.at[i]);
        mark_incomplete_units(s, &k->companions.at[i], k);
        clear_joined(s);
        map_release(&s->marked_family);
    }
}

/* Depth first over "is a companion of me", so that the innermost owner comes last. */
static void visit(struct companions *s, struct model_kind *k, struct map *done, unsigned depth)
{
    if (depth > FOLLOWED || map_has(done, sym_str(k->name)))
        return;
    map_set(done, sym_str(k->name), k);
    for (size_t i = 0; i < k->companion_kinds.n; i++) {
        struct model_kind *other = model_kind_mutable(s->l->model, sym_str(k->companion_kinds.at[i]));
        if (other)
            visit(s, other, done, depth + 1);
    }
    if (k->companions.n > 0)
        run_kind(s, k);
}

static void list_joins(struct companions *s)
{
    struct graph *g = s->l->g;
    size_t bytes = (g->n + 1) * sizeof(uint32_t);
    uint32_t *count = alloc_get(bytes);
    for (size_t i = 0; i < s->joins.n; i++)
        count[s->joins.at[i].owner->id]++;
    for (size_t i = 0; i < s->joins.n; i++) {
        struct resource *owner = s->joins.at[i].owner;
        if (!owner->companion)
            owner->companion = ARENA_ARRAY(g->arena, struct resource *, count[owner->id]);
        owner->companion[owner->n_companions++] = s->joins.at[i].companion;
    }
    alloc_put(count, bytes);
}

void link_companions(struct link *l)
{
    struct graph *g = l->g;
    struct companions s = {.l = l, .arena = g->arena};
    struct map done;
    s.joined = ARENA_ARRAY(g->arena, bool, g->n + 1);
    map_init(&s.marked_family);
    map_init(&s.grown);
    map_init(&done);
    for (size_t i = 0; i < g->kinds.n; i++) {
        struct model_kind *k = model_kind_mutable(l->model, g->kinds.at[i].key);
        if (k)
            visit(&s, k, &done, 0);
    }
    list_joins(&s);
    map_release(&done);
    map_release(&s.marked_family);
    map_release(&s.grown);
    VEC_RELEASE(&s.joins);
    VEC_RELEASE(&s.to_clear);
}
