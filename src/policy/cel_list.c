/* The lists and sets extensions. */
#include "policy/cel_internal.h"

/* ---- sorting ---- */

struct pair {
    struct cel_value key, item;
};

/* Merges two sorted halves; stable. */
static void merge(const struct pair *from, struct pair *to, size_t left, size_t middle, size_t right)
{
    size_t i = left, j = middle;
    for (size_t k = left; k < right; k++) {
        int order = 1;
        if (i < middle && j < right)
            cel_compare(&from[j].key, &from[i].key, &order);
        bool second = i >= middle || (j < right && order < 0);
        to[k] = second ? from[j++] : from[i++];
    }
}

struct cel_value cel_sorted(struct cel_context *c, const struct cel_value *item, const struct cel_value *key, size_t n)
{
    struct pair *from = ARENA_ARRAY(c->arena, struct pair, n), *to = ARENA_ARRAY(c->arena, struct pair, n);
    int order;
    for (size_t i = 0; i < n; i++) {
        if (!cel_compare(&key[0], &key[i], &order))
            return cel_no_overload(c, "sort", (struct cel_value[]){key[0], key[i]}, 2);
        from[i] = (struct pair){key[i], item[i]};
    }
    for (size_t width = 1; width < n && cel_spend(c, n); width *= 2) {
        for (size_t left = 0; left < n; left += 2 * width) {
            size_t middle = left + width < n ? left + width : n;
            size_t right = left + 2 * width < n ? left + 2 * width : n;
            merge(from, to, left, middle, right);
        }
        struct pair *swap = from;
        from = to;
        to = swap;
    }
    struct cel_value *sorted = ARENA_ARRAY(c->arena, struct cel_value, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = from[i].item;
    return cel_list(c, sorted, n);
}

/* ---- lists ---- */

/* The elements as an array. */
static struct cel_value *elements(struct cel_context *c, const struct cel_value *list, size_t *ret_n)
{
    struct cel_value whole = cel_settle(c, *list);
    size_t n = cel_list_size(&whole);
    cel_spend(c, n);
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, n);
    for (size_t i = 0; i < n; i++)
        item[i] = cel_list_at(c, &whole, i);
    *ret_n = n;
    return item;
}

static struct cel_value like(struct cel_value made, const struct cel_value *list)
{
    if (made.kind == CEL_LIST)
        made.flags |= list->flags & CEL_LAX;
    return made;
}

static struct cel_value sort(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    size_t count;
    if (arg[0].kind != CEL_LIST)
        return cel_no_overload(c, "sort", arg, n);
    struct cel_value *item = elements(c, &arg[0], &count);
    return like(cel_sorted(c, item, item, count), &arg[0]);
}

static struct cel_value distinct(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    size_t count, kept = 0;
    if (arg[0].kind != CEL_LIST)
        return cel_no_overload(c, "distinct", arg, n);
    struct cel_value *item = elements(c, &arg[0], &count);
    for (size_t i = 0; i < count && !c->over_limit; i++) {
        bool seen = false;
        for (size_t j = 0; j < kept && !seen && !c->over_limit; j++)
            seen = cel_equal(c, &item[i], &item[j]) == CEL_YES;
        if (!seen)
            item[kept++] = item[i];
    }
    return like(cel_list(c, item, kept), &arg[0]);
}

struct flat {
    struct cel_value *item;
    size_t n, cap;
};

static void flatten_into(struct cel_context *c, struct flat *out, struct cel_value list, int64_t depth)
{
    list = cel_settle(c, list);
    for (size_t i = 0; i < cel_list_size(&list) && out->n <= LIMIT_COLLECTION && cel_spend(c, 1); i++) {
        struct cel_value v = cel_list_at(c, &list, i);
        if (v.kind == CEL_LIST && depth > 0) {
            flatten_into(c, out, v, depth - 1);
            continue;
        }
        if (out->n == out->cap) {
            size_t cap = out->cap ? out->cap * 2 : 8;
            struct cel_value *grown = ARENA_ARRAY(c->arena, struct cel_value, cap);
            if (out->n)
                memcpy(grown, out->item, out->n * sizeof *grown);
            out->item = grown;
            out->cap = cap;
        }
        out->item[out->n++] = v;
    }
}

static struct cel_value flatten(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct flat out = {0};
    if (arg[0].kind != CEL_LIST || (n == 2 && arg[1].kind != CEL_INT))
        return cel_no_overload(c, "flatten", arg, n);
    int64_t depth = n == 2 ? arg[1].u.i : 1;
    if (depth < 0)
        return cel_error(c, "level must be non-negative");
    flatten_into(c, &out, arg[0], depth < (int64_t)LIMIT_DEPTH ? depth : (int64_t)LIMIT_DEPTH);
    if (out.n > LIMIT_COLLECTION)
        return cel_hit_limit(c, "a list of over 100000 elements");
    return like(cel_list(c, out.item, out.n), &arg[0]);
}

static struct cel_value slice(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    size_t count;
    if (arg[0].kind != CEL_LIST || arg[1].kind != CEL_INT || arg[2].kind != CEL_INT)
        return cel_no_overload(c, "slice", arg, n);
    struct cel_value *item = elements(c, &arg[0], &count);
    int64_t from = arg[1].u.i, to = arg[2].u.i;
    if (from < 0 || to < from || to > (int64_t)count)
        return cel_error(c, "cannot slice(%lld, %lld) a list of %zu elements", (long long)from, (long long)to, count);
    return like(cel_list(c, item + from, (size_t)(to - from)), &arg[0]);
}

static struct cel_value range(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_INT)
        return cel_no_overload(c, "lists.range", arg, n);
    if (arg[0].u.i > LIMIT_COLLECTION)
        return cel_hit_limit(c, "a list of over 100000 elements");
    size_t count = arg[0].u.i < 0 ? 0 : (size_t)arg[0].u.i;
    cel_spend(c, count);
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, count);
    for (size_t i = 0; i < count; i++)
        item[i] = cel_int((int64_t)i);
    return cel_list(c, item, count);
}

static struct cel_value at_end(struct cel_context *c, const char *name, const struct cel_value *arg, bool last)
{
    struct cel_value v;
    if (arg[0].kind != CEL_LIST)
        return cel_no_overload(c, name, arg, 1);
    struct cel_value list = cel_settle(c, arg[0]);
    if (list.flags & CEL_PARTIAL && cel_find_unknown(c, &list, &v))
        return v;
    size_t n = cel_list_size(&list);
    if (n == 0)
        return cel_optional(c, NULL);
    v = cel_list_at(c, &list, last ? n - 1 : 0);
    return v.kind == CEL_UNKNOWN ? v : cel_optional(c, &v);
}

static struct cel_value first(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return at_end(c, "first", arg, false);
}

static struct cel_value last(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return at_end(c, "last", arg, true);
}

/* ---- sets ---- */

static bool take_sets(struct cel_context *c, const struct cel_value *arg, struct cel_value *a, struct cel_value *b)
{
    a[0] = cel_is_lax_null(&arg[0]) ? cel_list(c, NULL, 0) : cel_settle(c, arg[0]);
    b[0] = cel_is_lax_null(&arg[1]) ? cel_list(c, NULL, 0) : cel_settle(c, arg[1]);
    return a->kind == CEL_LIST && b->kind == CEL_LIST;
}

static bool has_element(struct cel_context *c, const struct cel_value *list, const struct cel_value *v)
{
    for (size_t i = 0; i < cel_list_size(list) && !c->over_limit; i++) {
        struct cel_value item = cel_list_at(c, list, i);
        if (cel_equal(c, &item, v) == CEL_YES)
            return true;
    }
    return false;
}

static bool has_all(struct cel_context *c, const struct cel_value *list, const struct cel_value *wanted)
{
    for (size_t i = 0; i < cel_list_size(wanted) && !c->over_limit; i++) {
        struct cel_value v = cel_list_at(c, wanted, i);
        if (!has_element(c, list, &v))
            return false;
    }
    return true;
}

static struct cel_value sets_contains(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value a, b;
    if (!take_sets(c, arg, &a, &b))
        return cel_no_overload(c, "sets.contains", arg, n);
    return cel_bool(has_all(c, &a, &b));
}

static struct cel_value sets_equivalent(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value a, b;
    if (!take_sets(c, arg, &a, &b))
        return cel_no_overload(c, "sets.equivalent", arg, n);
    return cel_bool(has_all(c, &a, &b) && has_all(c, &b, &a));
}

static struct cel_value sets_intersects(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value a, b;
    if (!take_sets(c, arg, &a, &b))
        return cel_no_overload(c, "sets.intersects", arg, n);
    for (size_t i = 0; i < cel_list_size(&a) && !c->over_limit; i++) {
        struct cel_value v = cel_list_at(c, &a, i);
        if (has_element(c, &b, &v))
            return cel_bool(true);
    }
    return cel_bool(false);
}

static const struct cel_function list_functions[] = {
    {"sort", CEL_METHOD | CEL_ALL_KNOWN, 1, 1, sort, "list.sort() -> list", "In ascending order.", NULL,
     "[3, 1, 2].sort() == [1, 2, 3]"},
    {"distinct", CEL_METHOD | CEL_ALL_KNOWN, 1, 1, distinct, "list.distinct() -> list", "Without repeats.", NULL,
     "[1, 1, 2].distinct() == [1, 2]"},
    {"flatten", CEL_METHOD | CEL_ALL_KNOWN, 1, 2, flatten, "list.flatten([levels]) -> list",
     "The elements of its lists; one level.", NULL, "[1, [2, [3]]].flatten() == [1, 2, [3]]"},
    {"slice", CEL_METHOD | CEL_ALL_KNOWN, 3, 3, slice, "list.slice(from, to) -> list",
     "The elements from one position up to another.", NULL, "[1, 2, 3, 4].slice(1, 3) == [2, 3]"},
    {"first", CEL_METHOD, 1, 1, first, "list.first() -> optional", "The first element.", NULL,
     "[1, 2].first().value() == 1"},
    {"last", CEL_METHOD, 1, 1, last, "list.last() -> optional", "The last element.", NULL, "[].last().orValue(9) == 9"},
    {"lists.range", CEL_GLOBAL, 1, 1, range, "lists.range(int) -> list", "The numbers from 0 below n.", NULL,
     "lists.range(3) == [0, 1, 2]"},
};

static const struct cel_function set_functions[] = {
    {"sets.contains", CEL_GLOBAL | CEL_ALL_KNOWN, 2, 2, sets_contains, "sets.contains(list, list) -> bool",
     "Whether the first has every element of the second.", NULL, "sets.contains([1, 2, 3], [3, 1])"},
    {"sets.equivalent", CEL_GLOBAL | CEL_ALL_KNOWN, 2, 2, sets_equivalent, "sets.equivalent(list, list) -> bool",
     "Whether both have the same elements.", NULL, "sets.equivalent([1, 2, 1], [2, 1])"},
    {"sets.intersects", CEL_GLOBAL | CEL_ALL_KNOWN, 2, 2, sets_intersects, "sets.intersects(list, list) -> bool",
     "Whether they have an element in common.", NULL, "sets.intersects([1, 2], [2, 3])"},
};

const struct cel_function_table cel_list_functions = {"Lists", list_functions, ARRAY_LEN(list_functions)};
const struct cel_function_table cel_set_functions = {"Sets", set_functions, ARRAY_LEN(set_functions)};
