/* string.format(): the clauses %s %d %f %e %b %o %x %X %%. */
#include "policy/cel_internal.h"

#include <math.h>

struct format {
    struct cel_context *c;
    struct buf out;
    struct cel_value error; /* null: none */
};

static void fail(struct format *f, struct cel_value error)
{
    if (f->error.kind == CEL_NULL)
        f->error = error;
}

static void wrong_type(struct format *f, const char *clause, const struct cel_value *v)
{
    fail(f, cel_error(f->c, "error during formatting: %s, was given " STR_FMT, clause, STR_ARG(cel_type_name(v))));
}

static bool put_non_finite(struct format *f, const struct cel_value *v)
{
    if (v->kind != CEL_DOUBLE || isfinite(v->u.d))
        return false;
    buf_add(&f->out, cel_double_text(f->c->arena, v->u.d));
    return true;
}

/* ---- %s ---- */

static void put_string(struct format *f, const struct cel_value *v, unsigned depth);

static void put_list(struct format *f, struct cel_value list, unsigned depth)
{
    list = cel_settle(f->c, list);
    buf_add_char(&f->out, '[');
    for (size_t i = 0; i < cel_list_size(&list) && cel_spend(f->c, 1); i++) {
        struct cel_value item = cel_list_at(f->c, &list, i);
        buf_add_c(&f->out, i ? ", " : "");
        put_string(f, &item, depth + 1);
    }
    buf_add_char(&f->out, ']');
}

/* Keys in the order of their texts. */
static void put_map(struct format *f, struct cel_value map, unsigned depth)
{
    map = cel_settle(f->c, map);
    size_t n = cel_map_size(&map);
    struct cel_value *key = ARENA_ARRAY(f->c->arena, struct cel_value, n);
    struct cel_value *at = ARENA_ARRAY(f->c->arena, struct cel_value, n);
    for (size_t i = 0; i < n && cel_spend(f->c, 1); i++) {
        struct cel_map_entry e = cel_map_at(f->c, &map, i);
        str text = STR_NONE;
        cel_to_text(f->c, &e.key, &text);
        key[i] = cel_string(text);
        at[i] = cel_int((int64_t)i);
    }
    if (f->c->over_limit)
        return;
    struct cel_value sorted = cel_sorted(f->c, at, key, n);
    buf_add_char(&f->out, '{');
    for (size_t i = 0; sorted.kind == CEL_LIST && i < n; i++) {
        size_t from = (size_t)cel_list_at(f->c, &sorted, i).u.i;
        struct cel_map_entry e = cel_map_at(f->c, &map, from);
        buf_add_c(&f->out, i ? ", " : "");
        buf_add(&f->out, key[from].u.text);
        buf_add_c(&f->out, ": ");
        put_string(f, &e.value, depth + 1);
    }
    buf_add_char(&f->out, '}');
}

static void put_string(struct format *f, const struct cel_value *v, unsigned depth)
{
    str text;
    if (depth > LIMIT_DEPTH) {
        fail(f, cel_hit_limit(f->c, "values nested too deeply"));
        return;
    }
    switch (v->kind) {
    case CEL_NULL:
        buf_add_c(&f->out, "null");
        return;
    case CEL_TYPE:
        buf_add(&f->out, v->u.text);
        return;
    case CEL_LIST:
        put_list(f, *v, depth);
        return;
    case CEL_MAP:
        put_map(f, *v, depth);
        return;
    case CEL_RESOURCE:
        buf_add(&f->out, v->u.resource->address);
        return;
    default:
        if (cel_to_text(f->c, v, &text))
            buf_add(&f->out, text);
        else
            wrong_type(f,
                       "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
                       "durations, and timestamps",
                       v);
        return;
    }
}

/* ---- numbers ---- */

static void put_decimal(struct format *f, const struct cel_value *v)
{
    if (put_non_finite(f, v))
        return;
    if (v->kind == CEL_INT)
        buf_printf(&f->out, "%lld", (long long)v->u.i);
    else if (v->kind == CEL_UINT)
        buf_printf(&f->out, "%llu", (unsigned long long)v->u.u);
    else
        wrong_type(f, "decimal clause can only be used on integers", v);
}

static void put_fraction(struct format *f, const struct cel_value *v, char clause, int precision)
{
    if (put_non_finite(f, v))
        return;
    double d = v->kind == CEL_INT ? (double)v->u.i : v->kind == CEL_UINT ? (double)v->u.u : v->u.d;
    if (!cel_is_number(v))
        wrong_type(f,
                   clause == 'f' ? "fixed-point clause can only be used on doubles"
                                 : "scientific clause can only be used on doubles",
                   v);
    else if (clause == 'f')
        buf_printf(&f->out, "%.*f", precision, d);
    else
        buf_printf(&f->out, "%.*e", precision, d);
}

static void put_bits(struct format *f, const struct cel_value *v, unsigned shift, const char *digits,
                     const char *clause)
{
    char text[65];
    size_t at = sizeof text;
    if (v->kind != CEL_INT && v->kind != CEL_UINT && !(v->kind == CEL_BOOL && shift == 1)) {
        wrong_type(f, clause, v);
        return;
    }
    uint64_t u = v->kind == CEL_UINT ? v->u.u : v->kind == CEL_BOOL ? (uint64_t)v->u.boolean : (uint64_t)v->u.i;
    if (v->kind == CEL_INT && v->u.i < 0) {
        buf_add_char(&f->out, '-');
        u = 0 - u;
    }
    do {
        text[--at] = digits[u & ((1u << shift) - 1)];
        u >>= shift;
    } while (u);
    buf_add(&f->out, (str){text + at, sizeof text - at});
}

static void put_hex(struct format *f, const struct cel_value *v, bool capital)
{
    const char *digits = capital ? "0123456789ABCDEF" : "0123456789abcdef";
    if (v->kind != CEL_STRING && v->kind != CEL_BYTES) {
        put_bits(f, v, 4, digits, "only integers, byte buffers, and strings can be formatted as hex");
        return;
    }
    for (size_t i = 0; i < v->u.text.n; i++) {
        unsigned char byte = (unsigned char)v->u.text.p[i];
        buf_add_char(&f->out, digits[byte >> 4]);
        buf_add_char(&f->out, digits[byte & 15]);
    }
}

static void put_clause(struct format *f, char clause, int precision, const struct cel_value *v)
{
    switch (clause) {
    case 's':
        put_string(f, v, 0);
        return;
    case 'd':
        put_decimal(f, v);
        return;
    case 'f':
    case 'e':
        put_fraction(f, v, clause, precision);
        return;
    case 'b':
        put_bits(f, v, 1, "01", "only integers and bools can be formatted as binary");
        return;
    case 'o':
        put_bits(f, v, 3, "01234567", "octal clause can only be used on integers");
        return;
    case 'x':
    case 'X':
        put_hex(f, v, clause == 'X');
        return;
    default:
        fail(f, cel_error(f->c, "could not parse formatting clause: unrecognized formatting clause \"%c\"",
                          clause >= ' ' && clause <= '~' ? clause : '?'));
        return;
    }
}

/* After the point of %.3f: the digits. */
static int take_precision(struct format *f, str s, size_t *at)
{
    int precision = 0;
    size_t from = *at;
    while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && precision <= 1000)
        precision = precision * 10 + (s.p[(*at)++] - '0');
    if (*at == from || precision > 1000)
        fail(f, cel_error(f->c, "could not parse formatting clause: bad precision"));
    return precision;
}

struct cel_value cel_format(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_STRING || arg[1].kind != CEL_LIST)
        return cel_no_overload(c, "format", arg, n);
    struct format f = {.c = c, .error = cel_null()};
    struct cel_value list = cel_settle(c, arg[1]);
    str s = arg[0].u.text;
    size_t used = 0;
    buf_init(&f.out, LIMIT_STRING_BYTES);
    for (size_t at = 0; at < s.n && f.error.kind == CEL_NULL && cel_spend(c, 1);) {
        char ch = s.p[at++];
        if (ch != '%' || (at < s.n && s.p[at] == '%')) {
            buf_add_char(&f.out, ch);
            at += ch == '%';
            continue;
        }
        int precision = 6;
        if (at < s.n && s.p[at] == '.') {
            at++;
            precision = take_precision(&f, s, &at);
        }
        if (at >= s.n) {
            fail(&f, cel_error(c, "could not parse formatting clause: unexpected end of string"));
        } else if (used >= cel_list_size(&list)) {
            fail(&f, cel_error(c, "index %zu out of range", used));
        } else {
            struct cel_value v = cel_list_at(c, &list, used++);
            put_clause(&f, s.p[at++], precision, &v);
        }
    }
    struct cel_value result = f.error.kind != CEL_NULL ? f.error
                              : f.out.overflow         ? cel_hit_limit(c, "a string of over 16 MiB")
                                                       : cel_string(buf_copy(&f.out, c->arena));
    buf_release(&f.out);
    return result;
}
