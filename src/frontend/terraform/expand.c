#include "base/map.h"
#include "base/vec.h"
#include "frontend/terraform/tree.h"

struct expanding {
    struct evaluator *e;
    struct expansion *x;
    span at;
    struct map keys; /* of all alternatives, in order of first appearance */
    int64_t most;
    bool unknown; /* in some alternative */
    str key;      /* being asked about */
    int64_t index;
};

static const struct value *unknown_part(struct expanding *x)
{
    struct evaluator *e = x->e;
    const struct value *from[] = {x->x->decided};
    const struct value *v = tf_unknown_from(e->arena, from, 1, eval_origin(e, x->at));
    return v;
}

/* One that stands for however many there are. */
static void symbolic(struct expanding *x)
{
    struct expansion *to = x->x;
    struct evaluator *e = x->e;
    struct instance *all = ARENA_ARRAY(e->arena, struct instance, to->n + 1);
    if (to->n)
        memcpy(all, to->at, to->n * sizeof(*all));
    all[to->n].open = true;
    all[to->n].key = unknown_part(x);
    all[to->n].value = unknown_part(x);
    all[to->n].exists = unknown_part(x);
    to->at = all;
    to->n++;
    to->open = true;
}

static bool too_many(struct expanding *x, size_t n)
{
    if (n <= LIMIT_INSTANCES)
        return false;
    diag_add(x->e->diags, DIAG_LIMIT, x->at, "%zu instances are more than the %u that are looked at one by one", n,
             (unsigned)LIMIT_INSTANCES);
    x->x->n = 0;
    symbolic(x);
    return true;
}

/* Counts. */

static const struct value *count_alternative(void *context, const struct value *v)
{
    struct expanding *x = context;
    int64_t n;
    bool whole = tf_int_of(v, &n);
    if (v->kind == VALUE_NULL) {
        n = 1;
    } else if (!whole || n < 0) {
        x->unknown = true;
        if (v->kind == VALUE_NUMBER && v->u.number.value > LIMIT_INSTANCES && !whole)
            diag_add(x->e->diags, DIAG_LIMIT, x->at, "the count is more than the %u instances that are looked at",
                     (unsigned)LIMIT_INSTANCES);
        else if (v->kind == VALUE_NUMBER)
            diag_add(x->e->diags, DIAG_STRUCTURE, x->at, "count wants a whole number that is not negative");
    }
    if (!x->unknown && n > x->most)
        x->most = n;
    return v;
}

static const struct value *index_exists(void *context, const struct value *v)
{
    struct expanding *x = context;
    int64_t n = 1;
    tf_int_of(v, &n);
    return value_bool(x->e->arena, x->index < n, v->origin);
}

static void expand_count(struct expanding *x, const struct value *v)
{
    struct evaluator *e = x->e;
    v = eval_convert(e, eval_force(e, v), &type_number, x->at);
    x->x->mode = EXPAND_COUNT;
    x->x->decided = v;
    value_lift(e->arena, v, count_alternative, x);
    if (x->unknown || !(v->kind == VALUE_NUMBER || v->kind == VALUE_CHOICE || v->kind == VALUE_NULL)) {
        symbolic(x);
        return;
    }
    if (too_many(x, (size_t)x->most))
        return;
    struct instance *all = ARENA_ARRAY(e->arena, struct instance, (size_t)x->most);
    for (int64_t i = 0; i < x->most; i++) {
        all[i].suffix = arena_printf(e->arena, "[%lld]", (long long)i);
        all[i].key = tf_int(e->arena, i, eval_origin(e, x->at));
        x->index = i;
        if (v->kind == VALUE_CHOICE)
            all[i].exists = value_lift(e->arena, v, index_exists, x);
        if (value_is(all[i].exists, VALUE_BOOL))
            all[i].exists = NULL;
    }
    x->x->at = all;
    x->x->n = (size_t)x->most;
}

/* for_each. */

static const struct value *each_alternative(void *context, const struct value *v)
{
    struct expanding *x = context;
    if (v->kind == VALUE_MAP && !(v->flags & TF_HOLED)) {
        for (size_t i = 0; i < v->u.map.n; i++)
            map_add(&x->keys, v->u.map.entry[i].key, x);
    } else if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *item = v->u.list.item[i];
            if (value_is(item, VALUE_STRING))
                map_add(&x->keys, item->u.string, x);
            else
                x->unknown = true;
            if (!value_is(item, VALUE_STRING) && value_is_known(item))
                diag_add(x->e->diags, DIAG_STRUCTURE, x->at, "for_each wants a map, or a set of strings");
        }
    } else {
        x->unknown = true;
    }
    if (v->flags & VALUE_PARTIAL)
        x->unknown = true;
    return v;
}

static const struct value *find_key(const struct value *v, str key)
{
    if (v->kind == VALUE_MAP)
        return tf_lookup(v, key);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->u.list.n; i++) {
        if (value_is(v->u.list.item[i], VALUE_STRING) && str_eq(v->u.list.item[i]->u.string, key))
            return v->u.list.item[i];
    }
    return NULL;
}

static const struct value *key_exists(void *context, const struct value *v)
{
    struct expanding *x = context;
    return value_bool(x->e->arena, find_key(v, x->key) != NULL, v->origin);
}

static const struct value *value_of_key(void *context, const struct value *v)
{
    struct expanding *x = context;
    const struct value *found = find_key(v, x->key);
    return found ? found : value_null(x->e->arena, v->origin);
}

/* Known keys at once from their collection; from a choice one by one. */
static void fill_instance(struct expanding *x, const struct value *v, size_t i, struct instance *to)
{
    struct evaluator *e = x->e;
    x->key = x->keys.at[i].key;
    struct buf quoted;
    buf_init(&quoted, LIMIT_STRING_BYTES);
    buf_add_char(&quoted, '[');
    tf_json_string(&quoted, x->key);
    buf_add_char(&quoted, ']');
    to->suffix = buf_copy(&quoted, e->arena);
    buf_release(&quoted);
    if (v->kind == VALUE_CHOICE) {
        to->exists = value_lift(e->arena, v, key_exists, x);
        to->value = value_lift(e->arena, v, value_of_key, x);
        if (value_is(to->exists, VALUE_BOOL))
            to->exists = NULL;
    } else {
        to->value = v->kind == VALUE_MAP ? v->u.map.entry[i].value : v->u.list.item[i];
    }
    const struct value_entry *entry = value_get_entry(v, x->key);
    span at = entry && entry->key_at.file ? entry->key_at : x->at;
    to->key = value_string(e->arena, x->key, origin_new(e->arena, at, STR("each.key"), v->origin));
    if (v->kind == VALUE_LIST)
        to->value = to->key;
}

static void expand_each(struct expanding *x, const struct value *v)
{
    struct evaluator *e = x->e;
    v = eval_force(e, v);
    x->x->mode = EXPAND_EACH;
    x->x->decided = v;
    map_init(&x->keys);
    bool wrong = v->kind == VALUE_NULL || v->kind == VALUE_STRING || v->kind == VALUE_NUMBER || v->kind == VALUE_BOOL;
    if (wrong || (v->kind == VALUE_LIST && !(v->flags & VALUE_IS_SET))) {
        bool strings = v->kind == VALUE_LIST;
        diag_add(e->diags, v->kind == VALUE_NULL ? DIAG_EXPRESSION : DIAG_STRUCTURE, x->at,
                 "for_each wants a map, or a set of strings");
        if (strings)
            v = tf_set(e->arena, v->u.list.item, v->u.list.n, v->origin);
    }
    value_lift(e->arena, v, each_alternative, x);
    if (v->kind == VALUE_LIST && x->keys.n < v->u.list.n)
        v = value_unknown(e->arena, STR("for_each has keys that are not known"), v->origin);
    bool countable = v->kind == VALUE_MAP || v->kind == VALUE_LIST || v->kind == VALUE_CHOICE;
    if (!countable) {
        symbolic(x);
    } else if (!too_many(x, x->keys.n)) {
        x->x->n = x->keys.n;
        x->x->at = ARENA_ARRAY(e->arena, struct instance, x->keys.n);
        for (size_t i = 0; i < x->keys.n; i++)
            fill_instance(x, v, i, &x->x->at[i]);
        if (x->unknown) {
            for (size_t i = 0; i < x->x->n; i++)
                x->x->at[i].exists = unknown_part(x);
            symbolic(x);
        }
    }
    map_release(&x->keys);
}

void expand(struct evaluator *e, const struct node *body, const struct scope *s, span at, struct expansion *ret)
{
    struct expanding x = {.e = e, .x = ret, .at = at};
    size_t mark = eval_mark(e);
    memset(ret, 0, sizeof(*ret));
    const struct node *count = node_find(body, "count"), *each = node_find(body, "for_each");
    if (count && each)
        diag_add(e->diags, DIAG_STRUCTURE, each->at, "count and for_each exclude each other: only count is read");
    if (count) {
        x.at = count->at;
        expand_count(&x, eval_expression(e, count, s));
    } else if (each) {
        x.at = each->at;
        expand_each(&x, eval_expression(e, each, s));
    } else {
        ret->at = ARENA_NEW(e->tree->own, struct instance);
        ret->n = 1;
    }
    eval_flush(e, mark);
}

/* Both must hold. */

struct both {
    struct arena *arena;
    const struct value *inner;
};

static const struct value *and_inner(void *context, const struct value *outer)
{
    struct both *b = context;
    if (outer->kind != VALUE_BOOL)
        return outer;
    return outer->u.boolean ? b->inner : outer;
}

const struct value *expand_exists(struct arena *a, const struct value *outer, const struct value *inner)
{
    struct both b = {a, inner};
    if (!outer || !inner)
        return outer ? outer : inner;
    return value_lift(a, outer, and_inner, &b);
}
