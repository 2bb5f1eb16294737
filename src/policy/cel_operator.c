#include "policy/cel_internal.h"

static const char *const names[] = {
    [CEL_EQ] = "_==_", [CEL_NE] = "_!=_", [CEL_LT] = "_<_",  [CEL_LE] = "_<=_", [CEL_GT] = "_>_",  [CEL_GE] = "_>=_",
    [CEL_IN] = "_in_", [CEL_ADD] = "_+_", [CEL_SUB] = "_-_", [CEL_MUL] = "_*_", [CEL_DIV] = "_/_", [CEL_MOD] = "_%_",
};

static struct cel_value no_overload(struct cel_context *c, enum cel_operator op, struct cel_value a, struct cel_value b)
{
    return cel_no_overload(c, names[op], (struct cel_value[]){a, b}, 2);
}

/* The unknown that makes a comparison undecided. */
static struct cel_value undecided(struct cel_context *c, const struct cel_value *a, const struct cel_value *b)
{
    struct cel_value v;
    if (cel_find_unknown(c, a, &v) || cel_find_unknown(c, b, &v))
        return v;
    return cel_unknown(STR("a comparison that cannot be decided"));
}

static struct cel_value equality(struct cel_context *c, struct cel_value a, struct cel_value b, bool wanted)
{
    enum cel_truth same = cel_equal(c, &a, &b);
    return same == CEL_MAYBE ? undecided(c, &a, &b) : cel_bool((same == CEL_YES) == wanted);
}

static struct cel_value membership(struct cel_context *c, struct cel_value a, struct cel_value b)
{
    struct cel_value v, unknown = cel_null();
    if (cel_is_lax_null(&b))
        return cel_bool(false);
    if (b.kind != CEL_LIST && b.kind != CEL_MAP)
        return no_overload(c, CEL_IN, a, b);
    b = cel_settle(c, b);
    if (b.kind == CEL_MAP && a.kind != CEL_UNKNOWN) {
        if (cel_map_find(c, &b, &a, &v))
            return cel_bool(true);
        return b.flags & CEL_PARTIAL ? undecided(c, &b, &b) : cel_bool(false);
    }
    size_t n = b.kind == CEL_LIST ? cel_list_size(&b) : cel_map_size(&b);
    for (size_t i = 0; i < n && !c->over_limit; i++) {
        v = b.kind == CEL_LIST ? cel_list_at(c, &b, i) : cel_map_at(c, &b, i).key;
        enum cel_truth same = cel_equal(c, &a, &v);
        if (same == CEL_YES)
            return cel_bool(true);
        if (same == CEL_MAYBE && unknown.kind == CEL_NULL)
            unknown = undecided(c, &a, &v);
    }
    if (unknown.kind != CEL_NULL)
        return unknown;
    return b.flags & CEL_PARTIAL ? undecided(c, &b, &b) : cel_bool(false);
}

static struct cel_value ordering(struct cel_context *c, enum cel_operator op, struct cel_value a, struct cel_value b)
{
    int order;
    if (cel_is_lax_null(&a) || cel_is_lax_null(&b))
        return cel_bool(false);
    if (!cel_compare(&a, &b, &order))
        return no_overload(c, op, a, b);
    if (order == 2)
        return cel_bool(false);
    switch (op) {
    case CEL_LT:
        return cel_bool(order < 0);
    case CEL_LE:
        return cel_bool(order <= 0);
    case CEL_GT:
        return cel_bool(order > 0);
    default:
        return cel_bool(order >= 0);
    }
}

/* ---- arithmetic ---- */

static struct cel_value overflow(struct cel_context *c)
{
    return cel_error(c, "integer overflow");
}

static struct cel_value int_arithmetic(struct cel_context *c, enum cel_operator op, int64_t a, int64_t b)
{
    if ((op == CEL_DIV || op == CEL_MOD) && b == 0)
        return cel_error(c, op == CEL_DIV ? "divide by zero" : "modulus by zero");
    switch (op) {
    case CEL_ADD:
        if ((b > 0 && a > INT64_MAX - b) || (b < 0 && a < INT64_MIN - b))
            return overflow(c);
        return cel_int(a + b);
    case CEL_SUB:
        if ((b < 0 && a > INT64_MAX + b) || (b > 0 && a < INT64_MIN + b))
            return overflow(c);
        return cel_int(a - b);
    case CEL_MUL:
        if (a > 0 ? (b > 0 ? a > INT64_MAX / b : b < INT64_MIN / a)
                  : a < 0 && (b > 0 ? a < INT64_MIN / b : b != 0 && a < INT64_MAX / b))
            return overflow(c);
        return cel_int(a * b);
    default:
        if (a == INT64_MIN && b == -1)
            return overflow(c);
        return cel_int(op == CEL_DIV ? a / b : a % b);
    }
}

static struct cel_value uint_arithmetic(struct cel_context *c, enum cel_operator op, uint64_t a, uint64_t b)
{
    if ((op == CEL_DIV || op == CEL_MOD) && b == 0)
        return cel_error(c, op == CEL_DIV ? "divide by zero" : "modulus by zero");
    switch (op) {
    case CEL_ADD:
        return a > UINT64_MAX - b ? overflow(c) : cel_uint(a + b);
    case CEL_SUB:
        return a < b ? overflow(c) : cel_uint(a - b);
    case CEL_MUL:
        return b && a > UINT64_MAX / b ? overflow(c) : cel_uint(a * b);
    default:
        return cel_uint(op == CEL_DIV ? a / b : a % b);
    }
}

static struct cel_value double_arithmetic(struct cel_context *c, enum cel_operator op, struct cel_value a,
                                          struct cel_value b)
{
    switch (op) {
    case CEL_ADD:
        return cel_double(a.u.d + b.u.d);
    case CEL_SUB:
        return cel_double(a.u.d - b.u.d);
    case CEL_MUL:
        return cel_double(a.u.d * b.u.d);
    case CEL_DIV:
        return cel_double(a.u.d / b.u.d);
    default:
        return no_overload(c, op, a, b);
    }
}

static struct cel_value concat_text(struct cel_context *c, struct cel_value a, struct cel_value b)
{
    size_t n = a.u.text.n + b.u.text.n;
    if (n > LIMIT_STRING_BYTES)
        return cel_hit_limit(c, "a string of over 16 MiB");
    cel_spend(c, n / 8);
    char *p = arena_alloc(c->arena, n + 1);
    if (a.u.text.n)
        memcpy(p, a.u.text.p, a.u.text.n);
    if (b.u.text.n)
        memcpy(p + a.u.text.n, b.u.text.p, b.u.text.n);
    return a.kind == CEL_STRING ? cel_string((str){p, n}) : cel_bytes((str){p, n});
}

static struct cel_value concat_lists(struct cel_context *c, struct cel_value a, struct cel_value b)
{
    a = cel_settle(c, a);
    b = cel_settle(c, b);
    size_t n = cel_list_size(&a), m = cel_list_size(&b);
    if (n + m > LIMIT_COLLECTION)
        return cel_hit_limit(c, "a list of over 100000 elements");
    cel_spend(c, n + m);
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, n + m);
    for (size_t i = 0; i < n; i++)
        item[i] = cel_list_at(c, &a, i);
    for (size_t i = 0; i < m; i++)
        item[n + i] = cel_list_at(c, &b, i);
    struct cel_value v = cel_list(c, item, n + m);
    v.flags |= (a.flags | b.flags) & (CEL_PARTIAL | CEL_LAX);
    return v;
}

struct cel_value cel_concat(struct cel_context *c, struct cel_value a, struct cel_value b)
{
    return a.kind == CEL_LIST ? concat_lists(c, a, b) : concat_text(c, a, b);
}

static double as_double(const struct cel_value *v)
{
    return v->kind == CEL_INT ? (double)v->u.i : v->kind == CEL_UINT ? (double)v->u.u : v->u.d;
}

static struct cel_value arithmetic(struct cel_context *c, enum cel_operator op, struct cel_value a, struct cel_value b)
{
    bool time = a.kind == CEL_TIMESTAMP || a.kind == CEL_DURATION;
    if (time && (op == CEL_ADD || op == CEL_SUB) && (b.kind == CEL_TIMESTAMP || b.kind == CEL_DURATION))
        return cel_time_add(c, &a, &b, op == CEL_ADD ? 1 : -1);
    /* Numbers of the graph have one type. */
    if (a.kind != b.kind && cel_is_number(&a) && cel_is_number(&b) && ((a.flags | b.flags) & CEL_LAX))
        return double_arithmetic(c, op, cel_double(as_double(&a)), cel_double(as_double(&b)));
    if (a.kind != b.kind)
        return no_overload(c, op, a, b);
    switch (a.kind) {
    case CEL_INT:
        return int_arithmetic(c, op, a.u.i, b.u.i);
    case CEL_UINT:
        return uint_arithmetic(c, op, a.u.u, b.u.u);
    case CEL_DOUBLE:
        return double_arithmetic(c, op, a, b);
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_LIST:
        return op == CEL_ADD ? cel_concat(c, a, b) : no_overload(c, op, a, b);
    default:
        return no_overload(c, op, a, b);
    }
}

struct cel_value cel_eval_binary(struct cel_context *c, enum cel_operator op, struct cel_value a, struct cel_value b)
{
    if (op == CEL_EQ || op == CEL_NE)
        return equality(c, a, b, op == CEL_EQ);
    if (op == CEL_IN && b.kind != CEL_UNKNOWN)
        return membership(c, a, b);
    if (a.kind == CEL_UNKNOWN)
        return cel_unknown_derived(a);
    if (b.kind == CEL_UNKNOWN)
        return cel_unknown_derived(b);
    if (op <= CEL_GE)
        return ordering(c, op, a, b);
    return arithmetic(c, op, a, b);
}

struct cel_value cel_negate(struct cel_context *c, struct cel_value v)
{
    if (v.kind == CEL_INT)
        return v.u.i == INT64_MIN ? overflow(c) : cel_int(-v.u.i);
    if (v.kind == CEL_DOUBLE)
        return cel_double(-v.u.d);
    return cel_no_overload(c, "-_", &v, 1);
}
