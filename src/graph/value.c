#include "graph/value.h"

#include <math.h>

/* Walks over values stop here: a value may share parts so often that visiting every path to them
 * would never end. */
enum { WALK_STEPS = 1000000, WALK_DEPTH = 2 * LIMIT_DEPTH };

static struct value *make(struct arena *a, enum value_kind kind, const struct origin *o)
{
    struct value *v = ARENA_NEW(a, struct value);
    v->kind = (uint8_t)kind;
    v->origin = o;
    return v;
}

struct value *value_null(struct arena *a, const struct origin *o)
{
    return make(a, VALUE_NULL, o);
}

struct value *value_bool(struct arena *a, bool b, const struct origin *o)
{
    struct value *v = make(a, VALUE_BOOL, o);
    v->u.boolean = b;
    return v;
}

struct value *value_number(struct arena *a, double d, const struct origin *o)
{
    struct value *v = make(a, VALUE_NUMBER, o);
    v->u.number.value = d;
    return v;
}

struct value *value_string(struct arena *a, str s, const struct origin *o)
{
    struct value *v = make(a, VALUE_STRING, o);
    v->u.string = s;
    return v;
}

struct value *value_list(struct arena *a, const struct value **items, size_t n, const struct origin *o)
{
    struct value *v = make(a, VALUE_LIST, o);
    v->u.list.item = items;
    v->u.list.n = n;
    return v;
}

struct value *value_map(struct arena *a, const struct value_entry *entries, size_t n, const struct origin *o)
{
    struct value *v = make(a, VALUE_MAP, o);
    v->u.map.entry = entries;
    v->u.map.n = n;
    return v;
}

struct value *value_unknown(struct arena *a, str reason, const struct origin *o)
{
    struct value *v = make(a, VALUE_UNKNOWN, o);
    v->u.reason = reason;
    return v;
}

static const char too_long[] = "a text that is too long";

const struct value *value_too_long(struct arena *a, const struct origin *o)
{
    return value_unknown(a, str_of(too_long), o);
}

bool value_is_too_long(const struct value *v)
{
    return value_is(v, VALUE_UNKNOWN) && v->u.reason.p == too_long;
}

struct value *value_ref(struct arena *a, const struct ref *ref, str reason, const struct origin *o)
{
    struct value *v = make(a, VALUE_UNKNOWN, o);
    v->u.reason = reason;
    v->ref = ref;
    v->flags = VALUE_NONEMPTY;
    return v;
}

const struct value *value_choice(struct arena *a, const struct decider *by, const struct value **options,
                                 const struct origin *o)
{
    const struct value **taken = ARENA_ARRAY(a, const struct value *, by->n_options);
    bool same = true;
    for (size_t i = 0; i < by->n_options; i++) {
        const struct value *v = options[i];
        while (value_is(v, VALUE_CHOICE) && v->u.choice.by == by)
            v = v->u.choice.option[i];
        taken[i] = v;
        if (i > 0 && v != taken[0] && !(v && taken[0] && value_equal(v, taken[0])))
            same = false;
    }
    if (by->n_options == 0 || same)
        return by->n_options ? taken[0] : NULL;
    struct value *v = make(a, VALUE_CHOICE, o);
    v->u.choice.by = by;
    v->u.choice.option = taken;
    return v;
}

struct value *value_copy(struct arena *a, const struct value *v)
{
    return arena_copy(a, v, sizeof(*v));
}

const struct origin *origin_new(struct arena *a, span at, str note, const struct origin *via)
{
    struct origin *o = ARENA_NEW(a, struct origin);
    o->at = at;
    o->note_text = note.p;
    o->note_length = (uint32_t)note.n;
    o->via = via;
    return o;
}

span value_span(const struct value *v)
{
    for (const struct origin *o = v ? v->origin : NULL; o; o = o->via) {
        if (o->at.file)
            return o->at;
    }
    return SPAN_NONE;
}

/* Texts with holes. */

struct ref_chain {
    struct ref *first, *last;
    size_t n;
};

static bool chain_has(const struct ref_chain *chain, const struct ref *r)
{
    enum { COMPARED = 64 };
    size_t seen = 0;
    for (const struct ref *c = chain->first; c && seen < COMPARED; c = c->next, seen++) {
        if (str_eq(c->address, r->address) && str_eq(c->attribute, r->attribute) && str_eq(c->unit_key, r->unit_key) &&
            c->target == r->target)
            return true;
    }
    return false;
}

static void chain_add(struct ref_chain *chain, struct arena *a, const struct ref *refs)
{
    for (const struct ref *r = refs; r && chain->n < LIMIT_COLLECTION; r = r->next) {
        if (chain_has(chain, r))
            continue;
        struct ref *copy = arena_copy(a, r, sizeof(*r));
        copy->next = NULL;
        if (chain->last)
            chain->last->next = copy;
        else
            chain->first = copy;
        chain->last = copy;
        chain->n++;
    }
}

struct text_parts {
    const struct value **item;
    size_t n, cap;
    struct buf pending;       /* strings that are next to each other */
    const struct value *only; /* the string part in `pending` when it is a single one */
    const struct origin *origin;
    struct ref_chain refs;
    uint16_t flags;
    bool nonempty;
};

static void parts_flush(struct text_parts *p, struct arena *a)
{
    if (p->pending.n > 0)
        p->item[p->n++] = p->only && p->only->u.string.n == p->pending.n
                              ? p->only
                              : value_string(a, buf_copy(&p->pending, a), p->origin);
    buf_clear(&p->pending);
    p->only = NULL;
}

static size_t parts_count(const struct value **parts, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += value_is(parts[i], VALUE_TEXT) ? parts[i]->u.list.n : 1;
    return count;
}

static void parts_add(struct text_parts *p, struct arena *a, const struct value *v)
{
    if (!v)
        return;
    chain_add(&p->refs, a, v->ref);
    p->flags |= v->flags & VALUE_SENSITIVE;
    str s;
    if (v->kind == VALUE_TEXT) {
        for (size_t i = 0; i < v->u.list.n; i++)
            parts_add(p, a, v->u.list.item[i]);
    } else if (value_to_text(v, a, &s)) {
        p->only = v->kind == VALUE_STRING && p->pending.n == 0 ? v : NULL;
        buf_add(&p->pending, s);
        p->nonempty = p->nonempty || s.n > 0;
    } else {
        parts_flush(p, a);
        p->item[p->n++] = v;
        p->nonempty = p->nonempty || (v->flags & VALUE_NONEMPTY);
    }
}

const struct value *value_text(struct arena *a, const struct value **parts, size_t n, const struct origin *o)
{
    struct text_parts p = {.origin = o};
    size_t most = parts_count(parts, n) * 2 + 1;
    if (most > LIMIT_COLLECTION)
        return value_too_long(a, o);
    p.item = ARENA_ARRAY(a, const struct value *, most);
    buf_init(&p.pending, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < n; i++)
        parts_add(&p, a, parts[i]);
    bool overflow = p.pending.overflow;
    parts_flush(&p, a);
    buf_release(&p.pending);
    if (overflow)
        return value_too_long(a, o);
    if (p.n == 1 && p.item[0]->kind != VALUE_STRING && p.item[0]->origin == o)
        return p.item[0];
    struct value *v;
    if (p.n == 0) {
        v = make(a, VALUE_STRING, o);
        v->u.string = STR("");
    } else if (p.n == 1) {
        v = value_copy(a, p.item[0]);
        if (o)
            v->origin = o->via ? o : origin_new(a, o->at, origin_note(o), p.item[0]->origin);
    } else {
        v = make(a, VALUE_TEXT, o);
        v->u.list.item = p.item;
        v->u.list.n = p.n;
        v->flags = p.nonempty ? VALUE_NONEMPTY : 0;
    }
    v->flags |= p.flags;
    v->ref = p.refs.first;
    return v;
}

/* Reading. */

bool value_is(const struct value *v, enum value_kind kind)
{
    return v && v->kind == kind;
}

static bool known(const struct value *v, size_t *steps, unsigned depth)
{
    if (*steps == 0 || depth > WALK_DEPTH)
        return false;
    --*steps;
    switch ((enum value_kind)v->kind) {
    case VALUE_UNKNOWN:
    case VALUE_TEXT:
    case VALUE_CHOICE:
        return false;
    case VALUE_LIST:
        for (size_t i = 0; i < v->u.list.n; i++) {
            if (v->u.list.item[i] && !known(v->u.list.item[i], steps, depth + 1))
                return false;
        }
        return !(v->flags & VALUE_PARTIAL);
    case VALUE_MAP:
        for (size_t i = 0; i < v->u.map.n; i++) {
            if (v->u.map.entry[i].value && !known(v->u.map.entry[i].value, steps, depth + 1))
                return false;
        }
        return !(v->flags & VALUE_PARTIAL);
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_STRING:
        break;
    }
    return true;
}

bool value_is_known(const struct value *v)
{
    size_t steps = WALK_STEPS;
    return !v || known(v, &steps, 0);
}

str value_str(const struct value *v)
{
    return value_is(v, VALUE_STRING) ? v->u.string : STR_NONE;
}

const struct value_entry *value_get_entry(const struct value *map, str key)
{
    if (!value_is(map, VALUE_MAP))
        return NULL;
    for (size_t i = 0; i < map->u.map.n; i++) {
        if (str_eq(map->u.map.entry[i].key, key))
            return &map->u.map.entry[i];
    }
    return NULL;
}

const struct value *value_get(const struct value *map, str key)
{
    const struct value_entry *e = value_get_entry(map, key);
    return e ? e->value : NULL;
}

static const struct value open_ended = {
    .kind = VALUE_UNKNOWN,
    .u.reason = {"more may be set than can be seen", sizeof("more may be set than can be seen") - 1},
};

/* What is inside something that is not known: known only to be so. */
static const struct value *inside_unknown(const struct value *v)
{
    static const struct value part = {
        .kind = VALUE_UNKNOWN,
        .u.reason = {"part of a value that is not known", sizeof("part of a value that is not known") - 1},
    };
    static const struct value undecided = {
        .kind = VALUE_UNKNOWN,
        .u.reason = {"depends on an undecided input", sizeof("depends on an undecided input") - 1},
    };
    if (v->kind == VALUE_CHOICE)
        return &undecided;
    return v->flags & VALUE_NONEMPTY ? &part : v;
}

const struct value *value_path(const struct value *v, str path)
{
    str rest = path;
    while (v && rest.p) {
        str step = str_cut(rest, '.', &rest);
        if (v->kind == VALUE_LIST && v->u.list.n == 1 && !(v->flags & VALUE_PARTIAL))
            v = v->u.list.item[0];
        if (!v)
            return NULL;
        if (v->kind == VALUE_UNKNOWN || v->kind == VALUE_CHOICE)
            return inside_unknown(v);
        const struct value *found = value_get(v, step);
        v = found || !(v->flags & VALUE_PARTIAL) ? found : &open_ended;
    }
    return v;
}

static bool equal(const struct value *a, const struct value *b, size_t *steps, unsigned depth);

static bool equal_lists(const struct value *a, const struct value *b, size_t *steps, unsigned depth)
{
    if (a->u.list.n != b->u.list.n)
        return false;
    for (size_t i = 0; i < a->u.list.n; i++) {
        if (!equal(a->u.list.item[i], b->u.list.item[i], steps, depth + 1))
            return false;
    }
    return true;
}

static bool equal_maps(const struct value *a, const struct value *b, size_t *steps, unsigned depth)
{
    if (a->u.map.n != b->u.map.n)
        return false;
    for (size_t i = 0; i < a->u.map.n; i++) {
        const struct value_entry *ea = &a->u.map.entry[i];
        const struct value_entry *eb = &b->u.map.entry[i];
        if (!str_eq(ea->key, eb->key)) {
            if (*steps < b->u.map.n)
                return false;
            *steps -= b->u.map.n;
            eb = value_get_entry(b, ea->key);
        }
        if (!eb || !equal(ea->value, eb->value, steps, depth + 1))
            return false;
    }
    return true;
}

static bool equal(const struct value *a, const struct value *b, size_t *steps, unsigned depth)
{
    if (!a || !b)
        return a == b;
    if (*steps == 0 || depth > WALK_DEPTH || a->kind != b->kind)
        return false;
    --*steps;
    if ((a->flags ^ b->flags) & VALUE_PARTIAL)
        return false;
    switch ((enum value_kind)a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->u.boolean == b->u.boolean;
    case VALUE_NUMBER:
        if (value_exact(a).n && value_exact(b).n)
            return str_eq(value_exact(a), value_exact(b));
        return !(a->u.number.value < b->u.number.value) && !(a->u.number.value > b->u.number.value);
    case VALUE_STRING:
        return str_eq(a->u.string, b->u.string);
    case VALUE_LIST:
        return !(a->flags & VALUE_PARTIAL) && equal_lists(a, b, steps, depth);
    case VALUE_MAP:
        return !(a->flags & VALUE_PARTIAL) && equal_maps(a, b, steps, depth);
    case VALUE_TEXT:
    case VALUE_UNKNOWN:
    case VALUE_CHOICE:
        break;
    }
    return false;
}

bool value_equal(const struct value *a, const struct value *b)
{
    size_t steps = WALK_STEPS;
    return equal(a, b, &steps, 0);
}

bool value_to_bool(const struct value *v, bool *ret)
{
    if (value_is(v, VALUE_BOOL)) {
        *ret = v->u.boolean;
        return true;
    }
    str s = value_str(v);
    bool yes = str_eq_nocase(s, STR("true")) || str_eq(s, STR("1"));
    bool no = str_eq_nocase(s, STR("false")) || str_eq(s, STR("0"));
    *ret = yes;
    return yes || no;
}

bool value_to_number(const struct value *v, double *ret)
{
    if (value_is(v, VALUE_NUMBER)) {
        *ret = v->u.number.value;
        return true;
    }
    return value_is(v, VALUE_STRING) && str_to_double(str_trim(v->u.string), ret);
}

static str number_text(const struct value *v, struct arena *a)
{
    double d = v->u.number.value;
    if (value_exact(v).n)
        return value_exact(v);
    if (isfinite(d) && d >= -9007199254740992.0 && d <= 9007199254740992.0 && !(floor(d) < d))
        return arena_printf(a, "%lld", (long long)d);
    for (int digits = 15; digits < 17; digits++) {
        str s = arena_printf(a, "%.*g", digits, d);
        double back;
        if (str_to_double(s, &back) && !(back < d) && !(back > d))
            return s;
    }
    return arena_printf(a, "%.17g", d);
}

bool value_to_text(const struct value *v, struct arena *a, str *ret)
{
    if (value_is(v, VALUE_STRING))
        *ret = v->u.string;
    else if (value_is(v, VALUE_BOOL))
        *ret = v->u.boolean ? STR("true") : STR("false");
    else if (value_is(v, VALUE_NUMBER))
        *ret = number_text(v, a);
    else
        return false;
    return true;
}

const struct ref *value_find_ref(const struct value *v)
{
    for (int depth = 0; v && depth < 4; depth++) {
        if (v->ref)
            return v->ref;
        if (v->kind == VALUE_TEXT) {
            for (size_t i = 0; i < v->u.list.n; i++) {
                const struct value *part = v->u.list.item[i];
                if (part && part->ref)
                    return part->ref;
            }
            return NULL;
        }
        if (v->kind != VALUE_LIST || v->u.list.n != 1)
            return NULL;
        v = v->u.list.item[0];
    }
    return NULL;
}

/* Lifting: the decisions taken on the way down, so that the same input is not decided twice. */

struct decision {
    const struct decider *by;
    size_t option;
    const struct decision *outer;
};

struct lift {
    struct arena *arena;
    value_map_fn *fn;
    void *context;
};

static const struct value *decided(const struct value *v, const struct decision *d)
{
    while (value_is(v, VALUE_CHOICE)) {
        const struct decision *found = d;
        while (found && found->by != v->u.choice.by)
            found = found->outer;
        if (!found)
            break;
        v = v->u.choice.option[found->option];
    }
    return v;
}

static bool count_leaves(const struct value *v, const struct decision *outer, size_t *budget)
{
    v = decided(v, outer);
    if (!value_is(v, VALUE_CHOICE)) {
        if (*budget == 0)
            return false;
        --*budget;
        return true;
    }
    for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
        struct decision d = {v->u.choice.by, i, outer};
        if (!count_leaves(v->u.choice.option[i], &d, budget))
            return false;
    }
    return true;
}

static const struct value *lift(const struct lift *l, const struct value *v, const struct decision *outer)
{
    v = decided(v, outer);
    if (!value_is(v, VALUE_CHOICE))
        return v ? l->fn(l->context, v) : NULL;
    const struct decider *by = v->u.choice.by;
    const struct value **option = ARENA_ARRAY(l->arena, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++) {
        struct decision d = {by, i, outer};
        option[i] = lift(l, v->u.choice.option[i], &d);
    }
    return value_choice(l->arena, by, option, v->origin);
}

const struct value *value_lift(struct arena *a, const struct value *v, value_map_fn *fn, void *context)
{
    if (!v)
        return NULL;
    if (v->kind != VALUE_CHOICE)
        return fn(context, v);
    size_t budget = LIMIT_ALTERNATIVES;
    if (!count_leaves(v, NULL, &budget))
        return value_unknown(a, STR("depends on more alternatives than are looked at"), v->origin);
    struct lift l = {.arena = a, .fn = fn, .context = context};
    return lift(&l, v, NULL);
}
