#include "policy/cel_internal.h"

#include <math.h>

enum { DEEPEST = LIMIT_DEPTH + LIMIT_CEL_DEPTH + 16 };

/* ---- constructors ---- */

static struct cel_value make(enum cel_kind kind)
{
    struct cel_value v;
    memset(&v, 0, sizeof v);
    v.kind = (uint8_t)kind;
    return v;
}

static struct cel_value make_text(enum cel_kind kind, str s)
{
    struct cel_value v = make(kind);
    v.u.text = s;
    return v;
}

struct cel_value cel_null(void)
{
    return make(CEL_NULL);
}

struct cel_value cel_lax_null(void)
{
    struct cel_value v = make(CEL_NULL);
    v.flags = CEL_LAX;
    return v;
}

struct cel_value cel_bool(bool b)
{
    struct cel_value v = make(CEL_BOOL);
    v.u.boolean = b;
    return v;
}

struct cel_value cel_int(int64_t i)
{
    struct cel_value v = make(CEL_INT);
    v.u.i = i;
    return v;
}

struct cel_value cel_uint(uint64_t u)
{
    struct cel_value v = make(CEL_UINT);
    v.u.u = u;
    return v;
}

struct cel_value cel_double(double d)
{
    struct cel_value v = make(CEL_DOUBLE);
    v.u.d = d;
    return v;
}

struct cel_value cel_string(str s)
{
    return make_text(CEL_STRING, s);
}

struct cel_value cel_bytes(str s)
{
    return make_text(CEL_BYTES, s);
}

struct cel_value cel_type(str name)
{
    return make_text(CEL_TYPE, name);
}

struct cel_value cel_unknown(str reason)
{
    return make_text(CEL_UNKNOWN, reason);
}

struct cel_value cel_list(struct cel_context *c, const struct cel_value *item, size_t n)
{
    struct cel_list *list = ARENA_NEW(c->arena, struct cel_list);
    list->item = item;
    list->n = n;
    struct cel_value v = make(CEL_LIST);
    v.u.list = list;
    return v;
}

struct cel_value cel_optional(struct cel_context *c, const struct cel_value *inner)
{
    struct cel_value v = make(CEL_OPTIONAL);
    v.u.inner = inner ? arena_copy(c->arena, inner, sizeof *inner) : NULL;
    return v;
}

struct cel_value cel_resource(const struct resource *r)
{
    struct cel_value v = make(CEL_RESOURCE);
    v.u.resource = r;
    v.owner = r->id + 1;
    return v;
}

struct cel_value cel_error(struct cel_context *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct cel_value v = make_text(CEL_ERROR, arena_vprintf(c->arena, fmt, ap));
    va_end(ap);
    return v;
}

struct cel_value cel_no_overload(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n)
{
    str types = STR_NONE;
    for (size_t i = 0; i < n && i < 6; i++) {
        str type = cel_type_name(&arg[i]);
        types = arena_printf(c->arena, STR_FMT "%s" STR_FMT, STR_ARG(types), i ? ", " : "", STR_ARG(type));
    }
    return cel_error(c, "no such overload: %s(" STR_FMT ")", name, STR_ARG(types));
}

/* ---- kinds ---- */

bool cel_is_lax_null(const struct cel_value *v)
{
    return v->kind == CEL_NULL && (v->flags & CEL_LAX);
}

bool cel_is_number(const struct cel_value *v)
{
    return v->kind == CEL_INT || v->kind == CEL_UINT || v->kind == CEL_DOUBLE;
}

str cel_type_name(const struct cel_value *v)
{
    static const char *const names[] = {
        [CEL_NULL] = "null_type",
        [CEL_BOOL] = "bool",
        [CEL_INT] = "int",
        [CEL_UINT] = "uint",
        [CEL_DOUBLE] = "double",
        [CEL_STRING] = "string",
        [CEL_BYTES] = "bytes",
        [CEL_LIST] = "list",
        [CEL_MAP] = "map",
        [CEL_TYPE] = "type",
        [CEL_TIMESTAMP] = "google.protobuf.Timestamp",
        [CEL_DURATION] = "google.protobuf.Duration",
        [CEL_OPTIONAL] = "optional_type",
        [CEL_RESOURCE] = "resource",
        [CEL_UNKNOWN] = "unknown",
        [CEL_ERROR] = "error",
    };
    return str_of(names[v->kind]);
}

enum cel_truth cel_truth(const struct cel_value *v)
{
    if (v->kind == CEL_BOOL)
        return v->u.boolean ? CEL_YES : CEL_NO;
    if (v->kind == CEL_UNKNOWN)
        return CEL_MAYBE;
    return cel_is_lax_null(v) ? CEL_NO : CEL_WRONG;
}

/* ---- order ---- */

static int order_of(bool less, bool greater)
{
    return less ? -1 : greater ? 1 : 0;
}

/* Whole numbers meet doubles as doubles, as the specification's tests have it. */
static int compare_doubles(double a, double b)
{
    return isnan(a) || isnan(b) ? 2 : order_of(a<b, a> b);
}

static int reversed(int order)
{
    return order == 2 ? 2 : -order;
}

static int compare_numbers(const struct cel_value *a, const struct cel_value *b)
{
    if (b->kind < a->kind)
        return reversed(compare_numbers(b, a));
    if (a->kind == CEL_INT && b->kind == CEL_INT)
        return order_of(a->u.i<b->u.i, a->u.i> b->u.i);
    if (a->kind == CEL_INT && b->kind == CEL_UINT)
        return a->u.i < 0 ? -1 : order_of((uint64_t)a->u.i<b->u.u, (uint64_t)a->u.i> b->u.u);
    if (a->kind == CEL_INT)
        return compare_doubles((double)a->u.i, b->u.d);
    if (a->kind == CEL_UINT && b->kind == CEL_UINT)
        return order_of(a->u.u<b->u.u, a->u.u> b->u.u);
    if (a->kind == CEL_UINT)
        return compare_doubles((double)a->u.u, b->u.d);
    return compare_doubles(a->u.d, b->u.d);
}

bool cel_compare(const struct cel_value *a, const struct cel_value *b, int *ret_order)
{
    if (cel_is_number(a) && cel_is_number(b)) {
        *ret_order = compare_numbers(a, b);
        return true;
    }
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case CEL_BOOL:
        *ret_order = (int)a->u.boolean - (int)b->u.boolean;
        return true;
    case CEL_STRING:
    case CEL_BYTES:
        *ret_order = str_cmp(a->u.text, b->u.text);
        return true;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        *ret_order = a->u.time.seconds != b->u.time.seconds
                         ? order_of(a->u.time.seconds < b->u.time.seconds, true)
                         : order_of(a->u.time.nanos<b->u.time.nanos, a->u.time.nanos> b->u.time.nanos);
        return true;
    default:
        return false;
    }
}

/* ---- equality ---- */

static enum cel_truth equal_lists(struct cel_context *c, struct cel_value a, struct cel_value b)
{
    a = cel_settle(c, a);
    b = cel_settle(c, b);
    size_t n = cel_list_size(&a), m = cel_list_size(&b);
    bool open_a = a.flags & CEL_PARTIAL, open_b = b.flags & CEL_PARTIAL;
    if ((!open_a && !open_b && n != m) || (open_a && !open_b && n > m) || (open_b && !open_a && m > n))
        return CEL_NO;
    if (open_a || open_b)
        return CEL_MAYBE;
    enum cel_truth all = CEL_YES;
    for (size_t i = 0; i < n && all != CEL_NO; i++) {
        struct cel_value x = cel_list_at(c, &a, i), y = cel_list_at(c, &b, i);
        enum cel_truth one = cel_equal(c, &x, &y);
        if (one != CEL_YES)
            all = one;
    }
    return all;
}

static enum cel_truth equal_maps(struct cel_context *c, struct cel_value a, struct cel_value b)
{
    a = cel_settle(c, a);
    b = cel_settle(c, b);
    size_t n = cel_map_size(&a), m = cel_map_size(&b);
    bool open = (a.flags | b.flags) & CEL_PARTIAL;
    if (!open && n != m)
        return CEL_NO;
    enum cel_truth all = open ? CEL_MAYBE : CEL_YES;
    for (size_t i = 0; i < n && all != CEL_NO; i++) {
        struct cel_map_entry e = cel_map_at(c, &a, i);
        struct cel_value other;
        if (!cel_map_find(c, &b, &e.key, &other)) {
            if (!(b.flags & CEL_PARTIAL))
                return CEL_NO;
            continue;
        }
        enum cel_truth one = cel_equal(c, &e.value, &other);
        if (one != CEL_YES)
            all = one;
    }
    return all;
}

static enum cel_truth equal_optionals(struct cel_context *c, const struct cel_value *a, const struct cel_value *b)
{
    if (!a->u.inner || !b->u.inner)
        return a->u.inner == b->u.inner ? CEL_YES : CEL_NO;
    return cel_equal(c, a->u.inner, b->u.inner);
}

static enum cel_truth equal_same_kind(struct cel_context *c, const struct cel_value *a, const struct cel_value *b)
{
    switch (a->kind) {
    case CEL_NULL:
        return CEL_YES;
    case CEL_BOOL:
        return a->u.boolean == b->u.boolean ? CEL_YES : CEL_NO;
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_TYPE:
        return str_eq(a->u.text, b->u.text) ? CEL_YES : CEL_NO;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return a->u.time.seconds == b->u.time.seconds && a->u.time.nanos == b->u.time.nanos ? CEL_YES : CEL_NO;
    case CEL_LIST:
        return equal_lists(c, *a, *b);
    case CEL_MAP:
        return equal_maps(c, *a, *b);
    case CEL_OPTIONAL:
        return equal_optionals(c, a, b);
    case CEL_RESOURCE:
        return a->u.resource == b->u.resource ? CEL_YES : CEL_NO;
    default:
        return CEL_MAYBE;
    }
}

enum cel_truth cel_equal(struct cel_context *c, const struct cel_value *a, const struct cel_value *b)
{
    if (!cel_spend(c, 1))
        return CEL_MAYBE;
    if (a->kind == CEL_UNKNOWN)
        return cel_text_may_equal(a, b) ? CEL_MAYBE : CEL_NO;
    if (b->kind == CEL_UNKNOWN)
        return cel_text_may_equal(b, a) ? CEL_MAYBE : CEL_NO;
    if (cel_is_number(a) && cel_is_number(b))
        return compare_numbers(a, b) == 0 ? CEL_YES : CEL_NO;
    if (a->kind != b->kind)
        return CEL_NO;
    if (c->depth >= DEEPEST) {
        cel_hit_limit(c, "values nested too deeply");
        return CEL_MAYBE;
    }
    c->depth++;
    enum cel_truth same = equal_same_kind(c, a, b);
    c->depth--;
    return same;
}

/* ---- unknowns inside ---- */

static bool find_in_list(struct cel_context *c, struct cel_value list, struct cel_value *ret)
{
    for (size_t i = 0; i < cel_list_size(&list); i++) {
        struct cel_value item = cel_list_at(c, &list, i);
        if (cel_find_unknown(c, &item, ret))
            return true;
    }
    return false;
}

static bool find_in_map(struct cel_context *c, struct cel_value map, struct cel_value *ret)
{
    for (size_t i = 0; i < cel_map_size(&map); i++) {
        struct cel_map_entry e = cel_map_at(c, &map, i);
        if (cel_find_unknown(c, &e.value, ret))
            return true;
    }
    return false;
}

bool cel_find_unknown(struct cel_context *c, const struct cel_value *v, struct cel_value *ret)
{
    if (v->kind == CEL_UNKNOWN) {
        *ret = *v;
        return true;
    }
    if (v->kind == CEL_OPTIONAL && v->u.inner)
        return cel_find_unknown(c, v->u.inner, ret);
    if (v->kind != CEL_LIST && v->kind != CEL_MAP)
        return false;
    struct cel_value whole = cel_settle(c, *v);
    if (whole.flags & CEL_PARTIAL) {
        *ret = cel_unknown(v->kind == CEL_LIST ? STR("more elements are possible") : STR("more keys are possible"));
        ret->from = v->from;
        return true;
    }
    if (!cel_spend(c, 1) || c->depth >= DEEPEST) {
        *ret = cel_hit_limit(c, "values nested too deeply");
        return true;
    }
    c->depth++;
    bool found = v->kind == CEL_LIST ? find_in_list(c, whole, ret) : find_in_map(c, whole, ret);
    c->depth--;
    return found;
}
