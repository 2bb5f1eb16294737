#include "base/vec.h"
#include "frontend/terraform/eval.h"

/* Iterating. */

static bool not_iterable(struct evaluator *e, const struct value *v, span at, const struct value **ret_instead)
{
    if (v->kind == VALUE_NULL)
        *ret_instead = eval_fail(e, at, "a null value cannot be iterated over");
    else if (!tf_settled(v) && v->kind != VALUE_TEXT)
        *ret_instead = v->flags & TF_FAILED ? v : tf_unknown_from(e->arena, &v, 1, eval_origin(e, at));
    else
        *ret_instead = eval_fail(e, at, "only lists, sets, maps and objects can be iterated over");
    return false;
}

bool eval_iterate(struct evaluator *e, const struct value *v, span at, struct iteration *ret,
                  const struct value **ret_instead)
{
    *ret_instead = NULL;
    v = eval_force(e, v);
    bool collection = (v->kind == VALUE_LIST || v->kind == VALUE_MAP) && !(v->flags & VALUE_JSON);
    if (!collection)
        return not_iterable(e, v, at, ret_instead);
    bool map = v->kind == VALUE_MAP;
    ret->n = map ? v->u.map.n : v->u.list.n;
    ret->key = ARENA_ARRAY(e->arena, const struct value *, ret->n);
    ret->value = ARENA_ARRAY(e->arena, const struct value *, ret->n);
    const struct value_entry *entries = map ? tf_entries(e->arena, v) : NULL;
    str note = v->origin ? origin_note(v->origin) : STR_NONE;
    for (size_t i = 0; i < ret->n; i++) {
        const struct value *item = map ? entries[i].value : v->u.list.item[i];
        if (!item)
            item = value_null(e->arena, v->origin);
        ret->value[i] = note.n && !(item->flags & (TF_LAZY | TF_RESOURCE)) && item->origin
                            ? tf_step(e->arena, item, item->origin->at, note)
                            : item;
        bool nameless = !(map && entries[i].key.n) && v->flags & TF_RESOURCE && v->flags & VALUE_PARTIAL;
        if (map && (nameless || v->flags & TF_HOLED))
            ret->key[i] = tf_unknown_from(e->arena, &v, 1, v->origin);
        else if (map)
            ret->key[i] =
                value_string(e->arena, entries[i].key,
                             origin_new(e->arena, entries[i].key_at.file ? entries[i].key_at : at, note, v->origin));
        else
            ret->key[i] = v->flags & VALUE_IS_SET ? item : tf_int(e->arena, (int64_t)i, v->origin);
    }
    return true;
}

/* for expressions. */

struct loop {
    struct evaluator *e;
    const struct node *node;
    const struct scope *scope;
    struct {
        const struct value **at;
        size_t n, cap;
    } items;
    struct {
        struct value_entry *at;
        size_t n, cap;
    } entries;
    const struct value *unknown; /* an element whose test or key is not known */
    const struct value *failed;
};

static bool test_passes(struct loop *l, const struct scope *s)
{
    const struct node *test = l->node->u.loop->test;
    if (!test)
        return true;
    struct evaluator *e = l->e;
    const struct value *t = eval_convert(e, eval_force(e, eval_node(e, test, s)), &type_bool, test->at);
    if (t->kind == VALUE_BOOL)
        return t->u.boolean;
    if (t->kind == VALUE_NULL)
        t = eval_fail(e, test->at, "the condition is null");
    if (t->flags & TF_FAILED)
        l->failed = t;
    else
        l->unknown = t;
    return !(t->flags & TF_FAILED);
}

static bool one_round(struct loop *l, const struct value *key, const struct value *value)
{
    struct evaluator *e = l->e;
    const struct node *n = l->node;
    struct binding names[2] = {{n->u.loop->key_name, key, l->scope->bound}, {n->u.loop->value_name, value, NULL}};
    names[1].outer = n->u.loop->key_name.n ? &names[0] : l->scope->bound;
    struct scope s = *l->scope;
    s.bound = &names[1];
    bool passes = test_passes(l, &s);
    if (l->failed)
        return false;
    if (!passes)
        return true;
    if (!n->u.loop->key) {
        const struct value *v = eval_force(e, eval_node(e, n->u.loop->value, &s));
        if (v->flags & TF_FAILED)
            l->failed = v;
        VEC_PUSH(&l->items, v);
        return !l->failed;
    }
    const struct value *k = eval_convert(e, tf_plain(e->arena, eval_force(e, eval_node(e, n->u.loop->key, &s))),
                                         &type_string, n->u.loop->key->at);
    if (k->kind == VALUE_NULL)
        k = eval_fail(e, n->u.loop->key->at, "the key must not be null");
    if (k->flags & TF_FAILED) {
        l->failed = k;
        return false;
    }
    if (k->kind != VALUE_STRING) {
        l->unknown = k;
        return true;
    }
    struct value_entry entry = {k->u.string, n->u.loop->key->at, eval_force(e, eval_node(e, n->u.loop->value, &s))};
    if (entry.value->flags & TF_FAILED)
        l->failed = entry.value;
    VEC_PUSH(&l->entries, entry);
    return !l->failed;
}

static int compare_entries(const void *a, const void *b)
{
    const struct value_entry *const *x = a, *const *y = b;
    int c = str_cmp((*x)->key, (*y)->key);
    return c ? c : *x < *y ? -1 : *x > *y;
}

/* {for ... : k => v...}: the values of each key in a list; without the dots a key must stand once. */
static const struct value *make_object(struct loop *l, const struct origin *o)
{
    struct evaluator *e = l->e;
    size_t n = l->entries.n;
    const struct value_entry **order = ARENA_ARRAY(e->arena, const struct value_entry *, n);
    struct value_entry *out = ARENA_ARRAY(e->arena, struct value_entry, n);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = &l->entries.at[i];
    if (n)
        qsort(order, n, sizeof(struct value_entry *), compare_entries);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && str_eq(order[j]->key, order[i]->key);)
            j++;
        out[kept] = *order[i];
        if (!l->node->u.loop->group && j > i + 1)
            return eval_fail(e, l->node->at, "two different items produced the key \"" STR_FMT "\"",
                             STR_ARG(order[i]->key));
        if (l->node->u.loop->group) {
            const struct value **items = ARENA_ARRAY(e->arena, const struct value *, j - i);
            for (size_t k = i; k < j; k++)
                items[k - i] = order[k]->value;
            out[kept].value = tf_tuple(e->arena, items, j - i, o);
        }
        kept++;
    }
    return tf_object(e->arena, out, kept, o);
}

static const struct value *loop_result(struct loop *l, const struct value *source)
{
    struct evaluator *e = l->e;
    const struct origin *o = eval_origin(e, l->node->at);
    if (l->failed)
        return l->failed;
    const struct value *v;
    if (l->node->u.loop->key) {
        v = make_object(l, o);
    } else {
        const struct value **items = arena_copy(e->arena, l->items.at, l->items.n * sizeof(struct value *));
        v = tf_tuple(e->arena, items, l->items.n, o);
    }
    if (v->kind == VALUE_UNKNOWN)
        return v;
    uint16_t flags = source->flags & (VALUE_SENSITIVE | VALUE_PARTIAL);
    if (l->unknown)
        flags |= VALUE_PARTIAL;
    return flags ? tf_with_marks(e->arena, v, flags, NULL) : v;
}

static const struct value *loop_over(void *context, const struct value *source)
{
    struct loop *outer = context;
    struct loop l = {.e = outer->e, .node = outer->node, .scope = outer->scope};
    struct iteration it;
    const struct value *instead;
    if (!eval_iterate(l.e, source, l.node->u.loop->source->at, &it, &instead))
        return instead;
    for (size_t i = 0; i < it.n; i++) {
        if (!one_round(&l, it.key[i], it.value[i]))
            break;
    }
    const struct value *v = loop_result(&l, source);
    VEC_RELEASE(&l.items);
    VEC_RELEASE(&l.entries);
    return v;
}

const struct value *eval_for(struct evaluator *e, const struct node *n, const struct scope *s)
{
    struct loop l = {.e = e, .node = n, .scope = s};
    const struct value *source = eval_force(e, eval_node(e, n->u.loop->source, s));
    return eval_lift(e, source, loop_over, &l);
}

/* Splat. */

struct splat {
    struct evaluator *e;
    const struct node *node;
    const struct scope *scope;
};

static const struct value *apply_each(struct splat *sp, const struct value *item)
{
    const struct node *each = sp->node->u.splat.each;
    if (!each)
        return item;
    struct binding bound = {STR_NONE, item, sp->scope->bound};
    struct scope s = *sp->scope;
    s.bound = &bound;
    return eval_force(sp->e, eval_node(sp->e, each, &s));
}

static bool is_sequence(const struct value *v)
{
    return v->kind == VALUE_LIST && !(v->flags & VALUE_JSON);
}

static const struct value *splat_over(void *context, const struct value *source)
{
    struct splat *sp = context;
    struct evaluator *e = sp->e;
    const struct origin *o = origin_new(e->arena, sp->node->at, STR_NONE, source->origin);
    if (source->flags & TF_FAILED)
        return source;
    if (source->kind == VALUE_UNKNOWN && source->ref && source->flags & TF_RESOURCE) {
        const struct value **item = ARENA_ARRAY(e->arena, const struct value *, 1);
        item[0] = apply_each(sp, source);
        return tf_with_marks(e->arena, tf_tuple(e->arena, item, 1, o), VALUE_PARTIAL, NULL);
    }
    if (source->kind == VALUE_UNKNOWN && !(source->flags & TF_LAZY))
        return tf_unknown_from(e->arena, &source, 1, o);
    bool many = is_sequence(source);
    size_t n = many ? source->u.list.n : source->kind == VALUE_NULL ? 0 : 1;
    eval_charge(e, n);
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, n);
    for (size_t i = 0; i < n; i++) {
        items[i] = apply_each(sp, many ? source->u.list.item[i] : source);
        if (items[i]->flags & TF_FAILED)
            return items[i];
    }
    const struct value *v = tf_tuple(e->arena, items, n, o);
    return tf_with_marks(e->arena, v, source->flags & (VALUE_SENSITIVE | VALUE_PARTIAL), NULL);
}

const struct value *eval_splat(struct evaluator *e, const struct node *n, const struct scope *s)
{
    struct splat sp = {e, n, s};
    const struct value *source = eval_node(e, n->u.splat.source, s);
    return eval_lift(e, source, splat_over, &sp);
}
