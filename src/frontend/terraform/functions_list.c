#include "base/map.h"
#include "base/vec.h"
#include "frontend/terraform/function.h"
#include "frontend/terraform/text.h"

/* Makes a list or a tuple, as the first argument is one. */
static const struct value *like(struct call *c, const struct value *list, const struct value **items, size_t n)
{
    const struct value *v =
        list->flags & TF_TUPLE ? tf_tuple(c->arena, items, n, c->origin) : tf_list(c->arena, items, n, c->origin);
    return tf_with_marks(c->arena, v, list->flags & VALUE_PARTIAL, NULL);
}

/* Sets, and lists that functions want with elements of one type. */
static const struct value *as_list(struct call *c, size_t i)
{
    struct type_conversion to = {.arena = c->arena};
    const struct type list = {.kind = TYPE_LIST, .element = &type_any};
    const struct value *v = type_convert(&to, c->arg[i], &list);
    return v ? v : function_fail(c, "argument %zu: " STR_FMT, i + 1, STR_ARG(to.error));
}

static str identity(struct arena *a, const struct value *v)
{
    return value_str(tf_json_text(a, v, NULL));
}

static const struct value *fn_length(struct call *c)
{
    const struct value *v = tf_plain(c->arena, c->arg[0]);
    if (v->kind == VALUE_STRING)
        return tf_int(c->arena, (int64_t)text_clusters(v->u.string), c->origin);
    if (v->kind == VALUE_TEXT)
        return function_unknown(c);
    if (v->kind != VALUE_LIST && v->kind != VALUE_MAP)
        return function_fail(c, "the argument must be a string or a collection");
    return tf_int(c->arena, (int64_t)(v->kind == VALUE_LIST ? v->u.list.n : v->u.map.n), c->origin);
}

static const struct value *fn_element(struct call *c)
{
    const struct value *failure, *list = c->arg[0];
    int64_t i;
    if (!function_int(c, 1, &i, &failure))
        return failure;
    if (list->flags & VALUE_IS_SET)
        return function_fail(c, "elements of a set have no index");
    if (list->u.list.n == 0)
        return list->flags & VALUE_PARTIAL ? function_unknown(c) : function_fail(c, "the list is empty");
    int64_t n = (int64_t)list->u.list.n;
    i %= n;
    const struct value *v = list->u.list.item[i < 0 ? i + n : i];
    return v->flags & TF_RESOURCE ? v : tf_step(c->arena, v, c->node->at, STR_NONE);
}

static const struct value *fn_index(struct call *c)
{
    const struct value *list = c->arg[0];
    if (list->flags & VALUE_IS_SET)
        return function_fail(c, "a list is required");
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *same = eval_equal(c->e, list->u.list.item[i], c->arg[1], c->node->at);
        if (same->kind != VALUE_BOOL)
            return function_unknown(c);
        if (same->u.boolean)
            return tf_int(c->arena, (int64_t)i, c->origin);
    }
    return function_fail(c, "the list has no such element");
}

static const struct value *fn_contains(struct call *c)
{
    const struct value *list = c->arg[0], *undecided = NULL;
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *same = eval_equal(c->e, list->u.list.item[i], c->arg[1], c->node->at);
        if (same->kind == VALUE_BOOL && same->u.boolean)
            return value_bool(c->arena, true, c->origin);
        if (same->kind != VALUE_BOOL)
            undecided = same;
    }
    if (undecided || list->flags & VALUE_PARTIAL)
        return undecided ? undecided : function_unknown(c);
    return value_bool(c->arena, false, c->origin);
}

static const struct value *fn_distinct(struct call *c)
{
    struct map seen;
    const struct value *list = as_list(c, 0);
    if (list->kind != VALUE_LIST)
        return list;
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, list->u.list.n);
    size_t n = 0;
    map_init(&seen);
    for (size_t i = 0; i < list->u.list.n; i++) {
        str key = identity(c->arena, list->u.list.item[i]);
        if (map_has(&seen, key))
            continue;
        map_set(&seen, key, &seen);
        items[n++] = list->u.list.item[i];
    }
    map_release(&seen);
    return tf_list(c->arena, items, n, c->origin);
}

static const struct value *fn_compact(struct call *c)
{
    const struct value *list = c->arg[0];
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, list->u.list.n);
    size_t n = 0;
    bool partial = list->flags & VALUE_PARTIAL;
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *v = list->u.list.item[i];
        if (v->kind == VALUE_NULL || (v->kind == VALUE_STRING && v->u.string.n == 0))
            continue;
        if (v->kind == VALUE_CHOICE || (v->kind == VALUE_UNKNOWN && !(v->flags & VALUE_NONEMPTY)))
            return function_unknown(c);
        items[n++] = v;
    }
    return tf_with_marks(c->arena, tf_list(c->arena, items, n, c->origin), partial ? VALUE_PARTIAL : 0, NULL);
}

static const struct value *fn_chunklist(struct call *c)
{
    const struct value *failure, *list = as_list(c, 0);
    int64_t size;
    if (list->kind != VALUE_LIST)
        return list;
    if (!function_int(c, 1, &size, &failure))
        return failure;
    if (size < 0)
        return function_fail(c, "the size must not be negative");
    size_t n = list->u.list.n, each = size == 0 || (uint64_t)size > n ? n : (size_t)size;
    size_t count = each ? (n + each - 1) / each : 0;
    const struct value **chunks = ARENA_ARRAY(c->arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        size_t from = i * each, len = n - from < each ? n - from : each;
        chunks[i] = tf_list(c->arena, list->u.list.item + from, len, c->origin);
    }
    return tf_list(c->arena, chunks, count, c->origin);
}

static const struct value *fn_concat(struct call *c)
{
    VEC(const struct value *) all = {0};
    uint16_t partial = 0;
    bool same = true;
    if (c->n == 0)
        return function_fail(c, "at least one argument is required");
    const struct type *first = type_of(c->arena, c->arg[0]);
    for (size_t i = 0; i < c->n; i++) {
        const struct value *list = c->arg[i];
        partial |= list->flags & VALUE_PARTIAL;
        same = same && !(list->flags & TF_TUPLE) && (i == 0 || type_equal(first, type_of(c->arena, list)));
        for (size_t k = 0; k < list->u.list.n; k++)
            VEC_PUSH(&all, list->u.list.item[k]);
    }
    size_t n;
    const struct value **items = VEC_MOVE(&all, c->arena, &n);
    const struct value *v = same ? tf_list(c->arena, items, n, c->origin) : tf_tuple(c->arena, items, n, c->origin);
    return tf_with_marks(c->arena, v, partial, NULL);
}

enum { MAX_FLAT = 2 * LIMIT_COLLECTION };

struct flat {
    struct {
        const struct value **at;
        size_t n, cap;
    } items;
    bool unknown, partial;
};

static void flatten(struct flat *f, const struct value *v, unsigned depth)
{
    for (size_t i = 0; i < v->u.list.n && f->items.n < MAX_FLAT; i++) {
        const struct value *item = v->u.list.item[i];
        if (value_is(item, VALUE_LIST) && !(item->flags & VALUE_JSON) && depth < LIMIT_DEPTH) {
            f->partial |= (item->flags & VALUE_PARTIAL) != 0;
            flatten(f, item, depth + 1);
            continue;
        }
        bool could_be_list = value_is(item, VALUE_UNKNOWN) && !item->ref && !(item->flags & VALUE_NONEMPTY);
        if (could_be_list || value_is(item, VALUE_CHOICE))
            f->unknown = true;
        VEC_PUSH(&f->items, item);
    }
}

static const struct value *fn_flatten(struct call *c)
{
    struct flat f = {.partial = (c->arg[0]->flags & VALUE_PARTIAL) != 0};
    flatten(&f, c->arg[0], 0);
    size_t n;
    const struct value **items = VEC_MOVE(&f.items, c->arena, &n);
    if (n >= MAX_FLAT)
        return eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "flatten(): the result has too many elements");
    if (f.unknown)
        return function_unknown(c);
    return tf_with_marks(c->arena, tf_tuple(c->arena, items, n, c->origin), f.partial ? VALUE_PARTIAL : 0, NULL);
}

static const struct value *fn_coalesce(struct call *c)
{
    const struct type **types = ARENA_ARRAY(c->arena, const struct type *, c->n + 1);
    for (size_t i = 0; i < c->n; i++)
        types[i] = type_of(c->arena, c->arg[i]);
    const struct type *t = type_unify(c->arena, types, c->n);
    if (!t)
        return function_fail(c, "all arguments must have the same type");
    for (size_t i = 0; i < c->n; i++) {
        const struct value *v = c->arg[i];
        if (v->kind == VALUE_NULL || (v->kind == VALUE_STRING && v->u.string.n == 0))
            continue;
        bool unsure = !tf_settled(v) && !(v->flags & VALUE_NONEMPTY);
        if (unsure)
            return v->flags & TF_FAILED ? v : function_unknown(c);
        struct type_conversion to = {.arena = c->arena};
        const struct value *made = type_convert(&to, v, t);
        return tf_step(c->arena, made ? made : v, c->node->at, STR_NONE);
    }
    return function_fail(c, "every argument is null or empty");
}

static const struct value *fn_coalescelist(struct call *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct value *v = c->arg[i];
        if (!tf_settled(v) || (v->flags & VALUE_PARTIAL && v->kind == VALUE_LIST))
            return function_unknown(c);
        if (v->kind != VALUE_LIST || v->flags & VALUE_IS_SET)
            return function_fail(c, "the arguments must be lists");
        if (v->u.list.n > 0)
            return v;
    }
    return function_fail(c, c->n ? "every list is empty" : "at least one argument is required");
}

static const struct value *fn_reverse(struct call *c)
{
    const struct value *list = c->arg[0];
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, list->u.list.n);
    for (size_t i = 0; i < list->u.list.n; i++)
        items[i] = list->u.list.item[list->u.list.n - 1 - i];
    return like(c, list, items, list->u.list.n);
}

/* A part of a list that is not known has as many elements as it is asked for, or none at all. */
static const struct value *slice_of_unknown(struct call *c, int64_t from, int64_t to)
{
    if (from < 0 || to < from || to - from > LIMIT_INSTANCES)
        return function_unknown(c);
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, to - from);
    for (int64_t i = 0; i < to - from; i++) {
        struct value *item = value_copy(c->arena, function_unknown(c));
        item->flags |= c->arg[0]->flags & VALUE_NONEMPTY;
        items[i] = item;
    }
    return tf_list(c->arena, items, (size_t)(to - from), c->origin);
}

static const struct value *fn_slice(struct call *c)
{
    const struct value *failure, *list = c->arg[0];
    int64_t from, to;
    if (!tf_settled(list) && tf_int_of(c->arg[1], &from) && tf_int_of(c->arg[2], &to))
        return slice_of_unknown(c, from, to);
    if (!tf_settled(list) || list->flags & VALUE_PARTIAL || !tf_settled(c->arg[1]) || !tf_settled(c->arg[2]))
        return function_unknown(c);
    if (list->flags & VALUE_IS_SET)
        return function_fail(c, "elements of a set have no index");
    if (!function_int(c, 1, &from, &failure) || !function_int(c, 2, &to, &failure))
        return failure;
    if (from < 0 || to < from || (uint64_t)to > list->u.list.n)
        return function_fail(c, "the indexes are not inside the list");
    return like(c, list, list->u.list.item + from, (size_t)(to - from));
}

static int compare_strings(const void *a, const void *b)
{
    return str_cmp((*(const struct value *const *)a)->u.string, (*(const struct value *const *)b)->u.string);
}

static const struct value *fn_sort(struct call *c)
{
    const struct value *list = c->arg[0];
    const struct value **items = arena_copy(c->arena, list->u.list.item, list->u.list.n * sizeof(struct value *));
    for (size_t i = 0; i < list->u.list.n; i++) {
        if (items[i]->kind != VALUE_STRING)
            return function_fail(c, "an element is null");
    }
    if (list->u.list.n)
        qsort(items, list->u.list.n, sizeof(struct value *), compare_strings);
    return tf_list(c->arena, items, list->u.list.n, c->origin);
}

static const struct value *fn_range(struct call *c)
{
    struct number at, end, step, next;
    enum { MOST = 1024 };
    if (c->n > 3)
        return function_fail(c, "there are at most three arguments");
    number_from_int(0, &at);
    number_from_value(c->arg[c->n > 1], &end);
    if (c->n > 1)
        number_from_value(c->arg[0], &at);
    number_from_int(number_compare(&end, &at) < 0 ? -1 : 1, &step);
    if (c->n > 2)
        number_from_value(c->arg[2], &step);
    int order = number_compare(&end, &at);
    bool down = order < 0;
    if (step.zero)
        return order == 0 ? tf_list(c->arena, NULL, 0, c->origin) : function_fail(c, "the step must not be zero");
    if (order != 0 && down != step.negative)
        return function_fail(c, "the step leads away from the end");
    VEC(const struct value *) items = {0};
    while (down ? number_compare(&at, &end) > 0 : number_compare(&at, &end) < 0) {
        if (items.n == MOST)
            break;
        VEC_PUSH(&items, number_value(c->arena, &at, c->origin));
        eval_charge_value(c->e, items.at[items.n - 1]);
        if (!number_add(&at, &step, &next))
            break;
        at = next;
    }
    bool more = items.n == MOST && (down ? number_compare(&at, &end) > 0 : number_compare(&at, &end) < 0);
    size_t n;
    const struct value **list = VEC_MOVE(&items, c->arena, &n);
    if (more)
        return eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "range(): the result has more than %d elements", MOST);
    return tf_list(c->arena, list, n, c->origin);
}

static const struct value *fn_one(struct call *c)
{
    const struct value *list = c->arg[0];
    if (list->u.list.n == 0)
        return list->flags & VALUE_PARTIAL ? function_unknown(c) : value_null(c->arena, c->origin);
    if (list->u.list.n > 1)
        return function_fail(c, "the list has more than one element");
    const struct value *v = list->u.list.item[0];
    return v->flags & TF_RESOURCE ? v : tf_step(c->arena, v, c->node->at, STR_NONE);
}

static const struct value *all_or_any(struct call *c, bool absorbing)
{
    const struct value *list = c->arg[0];
    bool unsure = list->flags & VALUE_PARTIAL;
    for (size_t i = 0; i < list->u.list.n; i++) {
        struct type_conversion to = {.arena = c->arena};
        const struct value *v = type_convert(&to, list->u.list.item[i], &type_bool);
        if (!v)
            return function_fail(c, "an element is no bool");
        if (!tf_settled(v))
            unsure = true;
        else if ((v->kind == VALUE_BOOL && v->u.boolean) == absorbing)
            return value_bool(c->arena, absorbing, c->origin);
    }
    return unsure ? function_unknown(c) : value_bool(c->arena, !absorbing, c->origin);
}

static const struct value *fn_alltrue(struct call *c)
{
    return all_or_any(c, false);
}

static const struct value *fn_anytrue(struct call *c)
{
    return all_or_any(c, true);
}

static const struct value *fn_matchkeys(struct call *c)
{
    const struct value *values = as_list(c, 0), *keys = c->arg[1], *wanted = c->arg[2];
    struct map set;
    if (values->kind != VALUE_LIST)
        return values;
    if (values->u.list.n != keys->u.list.n)
        return function_fail(c, "values and keys must have the same length");
    const struct type *types[] = {type_of(c->arena, as_list(c, 1)), type_of(c->arena, as_list(c, 2))};
    const struct type *t = type_unify(c->arena, types, 2);
    struct type_conversion to = {.arena = c->arena};
    keys = t ? type_convert(&to, as_list(c, 1), t) : NULL;
    wanted = t ? type_convert(&to, as_list(c, 2), t) : NULL;
    if (!value_is(keys, VALUE_LIST) || !value_is(wanted, VALUE_LIST))
        return function_fail(c, "keys and searchset must be of the same type");
    map_init(&set);
    for (size_t i = 0; i < wanted->u.list.n; i++)
        map_add(&set, identity(c->arena, wanted->u.list.item[i]), &set);
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, values->u.list.n);
    size_t n = 0;
    for (size_t i = 0; i < values->u.list.n; i++) {
        if (map_has(&set, identity(c->arena, keys->u.list.item[i])))
            items[n++] = values->u.list.item[i];
    }
    map_release(&set);
    return tf_list(c->arena, items, n, c->origin);
}

/* Sets. */

static const struct value *fn_setproduct(struct call *c)
{
    size_t total = 1;
    bool set = false;
    if (c->n < 2)
        return function_fail(c, "at least two arguments are required");
    for (size_t i = 0; i < c->n; i++) {
        set |= (c->arg[i]->flags & VALUE_IS_SET) != 0;
        const struct value *list = as_list(c, i);
        if (list->kind != VALUE_LIST)
            return list;
        c->arg[i] = list;
        total *= list->u.list.n;
        if (total > LIMIT_COLLECTION)
            return eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "setproduct(): the result has too many elements");
    }
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, total);
    for (size_t i = 0; i < total; i++) {
        const struct value **tuple = ARENA_ARRAY(c->arena, const struct value *, c->n);
        size_t rest = i;
        for (size_t k = c->n; k-- > 0;) {
            tuple[k] = c->arg[k]->u.list.item[rest % c->arg[k]->u.list.n];
            rest /= c->arg[k]->u.list.n;
        }
        items[i] = tf_tuple(c->arena, tuple, c->n, c->origin);
    }
    return set ? tf_set(c->arena, items, total, c->origin) : tf_list(c->arena, items, total, c->origin);
}

/* All arguments as sets of one type; NULL after a failure in *ret_failure. */
static bool same_sets(struct call *c, const struct value **ret_failure)
{
    const struct type **types = ARENA_ARRAY(c->arena, const struct type *, c->n);
    for (size_t i = 0; i < c->n; i++)
        types[i] = type_of(c->arena, c->arg[i]);
    const struct type *t = type_unify(c->arena, types, c->n);
    for (size_t i = 0; i < c->n; i++) {
        struct type_conversion to = {.arena = c->arena};
        const struct value *v = t ? type_convert(&to, c->arg[i], t) : NULL;
        if (!v) {
            *ret_failure = function_fail(c, "the sets must be of the same type");
            return false;
        }
        c->arg[i] = v;
    }
    return true;
}

static void fill(struct call *c, struct map *m, const struct value *set)
{
    map_init(m);
    for (size_t i = 0; i < set->u.list.n; i++)
        map_add(m, identity(c->arena, set->u.list.item[i]), m);
}

static const struct value *fn_setunion(struct call *c)
{
    const struct value *failure;
    VEC(const struct value *) all = {0};
    if (!same_sets(c, &failure))
        return failure;
    for (size_t i = 0; i < c->n; i++) {
        for (size_t k = 0; k < c->arg[i]->u.list.n; k++)
            VEC_PUSH(&all, c->arg[i]->u.list.item[k]);
    }
    size_t n;
    const struct value **items = VEC_MOVE(&all, c->arena, &n);
    return tf_set(c->arena, items, n, c->origin);
}

/* Elements of the first set that all (or none) of the others have. */
static const struct value *filter(struct call *c, bool wanted)
{
    const struct value *failure;
    if (!same_sets(c, &failure))
        return failure;
    const struct value *kept = c->arg[0];
    for (size_t i = 1; i < c->n; i++) {
        struct map other;
        fill(c, &other, c->arg[i]);
        const struct value **items = ARENA_ARRAY(c->arena, const struct value *, kept->u.list.n);
        size_t n = 0;
        for (size_t k = 0; k < kept->u.list.n; k++) {
            if (map_has(&other, identity(c->arena, kept->u.list.item[k])) == wanted)
                items[n++] = kept->u.list.item[k];
        }
        map_release(&other);
        kept = tf_set(c->arena, items, n, c->origin);
    }
    return kept;
}

static const struct value *fn_setintersection(struct call *c)
{
    return filter(c, true);
}

static const struct value *fn_setsubtract(struct call *c)
{
    return filter(c, false);
}

const struct function functions_list[] = {
    {"length", "a", fn_length, 0},
    {"element", "ln", fn_element, FN_PARTIAL},
    {"index", "la", fn_index, 0},
    {"contains", "la", fn_contains, FN_PARTIAL | FN_HOIST},
    {"distinct", "l", fn_distinct, FN_DEEP},
    {"compact", "L", fn_compact, FN_PARTIAL | FN_HOIST},
    {"chunklist", "ln", fn_chunklist, 0},
    {"concat", "l*", fn_concat, FN_PARTIAL},
    {"flatten", "l", fn_flatten, FN_PARTIAL | FN_HOIST},
    {"coalesce", "a*", fn_coalesce, FN_NULLS | FN_UNKNOWNS},
    {"coalescelist", "a*", fn_coalescelist, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL},
    {"reverse", "l", fn_reverse, FN_PARTIAL},
    {"slice", "lnn", fn_slice, FN_UNKNOWNS | FN_PARTIAL},
    {"sort", "L", fn_sort, FN_DEEP},
    {"range", "nn*", fn_range, 0},
    {"one", "l", fn_one, FN_PARTIAL},
    {"alltrue", "l", fn_alltrue, FN_PARTIAL | FN_HOIST},
    {"anytrue", "l", fn_anytrue, FN_PARTIAL | FN_HOIST},
    {"matchkeys", "lll", fn_matchkeys, FN_DEEP},
    {"setproduct", "l*", fn_setproduct, 0},
    {"setunion", "SS*", fn_setunion, 0},
    {"setintersection", "SS*", fn_setintersection, FN_DEEP},
    {"setsubtract", "SS", fn_setsubtract, FN_DEEP},
    {NULL, NULL, NULL, 0},
};
