#include "base/vec.h"
#include "frontend/terraform/function.h"
#include "frontend/terraform/text.h"

/* One verb of a format: %[index]flags width .precision letter. */
struct verb {
    str raw;
    bool sharp, zero, minus, plus, space;
    bool has_width, has_precision;
    size_t width, precision;
    size_t argument; /* from 1; 0: the next */
    char letter;
};

struct format {
    struct call *c;
    const struct value *const *arg;
    size_t n;
    struct buf out;
    VEC(const struct value *) part; /* what stands before `out` */
    const struct value *failed;
};

static size_t read_number(str s, size_t *at)
{
    size_t n = 0;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at) {
        if (n < LIMIT_STRING_BYTES)
            n = n * 10 + (size_t)(s.p[*at] - '0');
    }
    return n;
}

static bool is_digit(str s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

static bool read_verb(str s, size_t *at, struct verb *v)
{
    size_t from = *at, i = *at + 1;
    memset(v, 0, sizeof(*v));
    for (; i < s.n && strchr("#0-+ ", s.p[i]); i++) {
        v->sharp |= s.p[i] == '#';
        v->zero |= s.p[i] == '0';
        v->minus |= s.p[i] == '-';
        v->plus |= s.p[i] == '+';
        v->space |= s.p[i] == ' ';
    }
    if (is_digit(s, i)) {
        v->has_width = true;
        v->width = read_number(s, &i);
    }
    if (i < s.n && s.p[i] == '.') {
        i++;
        v->has_precision = true;
        v->precision = read_number(s, &i);
    }
    if (i < s.n && s.p[i] == '[') {
        i++;
        v->argument = read_number(s, &i);
        if (i == s.n || s.p[i] != ']' || v->argument == 0)
            return false;
        i++;
    }
    if (i == s.n)
        return false;
    v->letter = s.p[i++];
    v->raw = str_slice(s, from, i);
    *at = i;
    return true;
}

static void pad(struct format *f, const struct verb *v, str s)
{
    size_t have = v->has_width ? text_clusters(s) : 0;
    size_t missing = v->has_width && v->width > have ? v->width - have : 0;
    if (v->minus)
        buf_add(&f->out, s);
    for (size_t i = 0; i < missing && !f->out.overflow; i++)
        buf_add_char(&f->out, v->zero ? '0' : ' ');
    if (!v->minus)
        buf_add(&f->out, s);
}

/* Numbers: sign, prefix and digits; zeros go between. */
static void pad_number(struct format *f, const struct verb *v, str text, str prefix, bool zeros)
{
    bool negative = text.n && text.p[0] == '-';
    str digits = negative || (text.n && text.p[0] == '+') ? str_slice(text, 1, text.n) : text;
    str sign = negative ? STR("-") : v->plus ? STR("+") : v->space ? STR(" ") : STR("");
    size_t have = sign.n + prefix.n + digits.n;
    size_t missing = v->has_width && v->width > have ? v->width - have : 0;
    bool zero = zeros && v->zero && !v->minus;
    for (size_t i = 0; !zero && !v->minus && i < missing && !f->out.overflow; i++)
        buf_add_char(&f->out, ' ');
    buf_add(&f->out, sign);
    buf_add(&f->out, prefix);
    for (size_t i = 0; zero && i < missing && !f->out.overflow; i++)
        buf_add_char(&f->out, '0');
    buf_add(&f->out, digits);
    for (size_t i = 0; v->minus && i < missing && !f->out.overflow; i++)
        buf_add_char(&f->out, ' ');
}

static void fail(struct format *f, const struct verb *v, const char *why)
{
    if (!f->failed)
        f->failed = function_fail(f->c, "\"" STR_FMT "\": %s", STR_ARG(v->raw), why);
}

static void add_integer(struct format *f, const struct verb *v, const struct number *n)
{
    struct arena *a = f->c->arena;
    unsigned base = v->letter == 'b' ? 2 : v->letter == 'o' ? 8 : v->letter == 'd' ? 10 : 16;
    if (!number_is_whole(n)) {
        fail(f, v, "a whole number is required");
        return;
    }
    str s = number_in_base(n, base, a);
    bool negative = s.n && s.p[0] == '-';
    str digits = negative ? str_slice(s, 1, s.n) : s;
    struct buf full;
    buf_init(&full, LIMIT_STRING_BYTES);
    buf_add_c(&full, negative ? "-" : "");
    for (size_t i = digits.n; v->has_precision && i < v->precision && !full.overflow; i++)
        buf_add_char(&full, '0');
    for (size_t i = 0; i < digits.n; i++)
        buf_add_char(&full, v->letter == 'X' && digits.p[i] >= 'a' ? (char)(digits.p[i] - 32) : digits.p[i]);
    str prefix = !v->sharp || base == 10 ? STR("")
                 : base == 2             ? STR("0b")
                 : base == 8             ? STR("0")
                 : v->letter == 'X'      ? STR("0X")
                                         : STR("0x");
    pad_number(f, v, buf_str(&full), prefix, !v->has_precision);
    buf_release(&full);
}

/* As %g: the shortest text, or so many significant digits; with an exponent when it is far from 1. */
static str general(struct arena *a, const struct number *n, int precision)
{
    if (n->zero || n->infinite)
        return number_text(n, a);
    if (precision == 0)
        precision = 1;
    str s = number_scientific(n, precision < 0 ? -1 : precision - 1, a);
    size_t e = str_find_char(s, 'e');
    int64_t exponent = 0;
    str_to_int(str_slice(s, e + 1, s.n), &exponent);
    str mantissa = str_slice(s, 0, e);
    size_t kept = mantissa.n;
    if (str_find_char(mantissa, '.') != SIZE_MAX) {
        while (mantissa.p[kept - 1] == '0')
            kept--;
        if (mantissa.p[kept - 1] == '.')
            kept--;
    }
    int64_t digits = 0;
    for (size_t i = 0; i < kept; i++)
        digits += mantissa.p[i] >= '0' && mantissa.p[i] <= '9';
    int64_t threshold = precision < 0 ? 6 : precision;
    if (precision >= 0 && threshold > digits && digits > exponent)
        threshold = digits;
    if (exponent < -4 || exponent >= threshold)
        return arena_printf(a, STR_FMT STR_FMT, STR_ARG(str_slice(mantissa, 0, kept)), STR_ARG(str_slice(s, e, s.n)));
    int64_t places = digits - 1 - exponent;
    if (precision < 0)
        return number_text(n, a);
    return number_fixed(n, places > 0 ? (int)places : 0, a);
}

static str upper(struct arena *a, str s)
{
    char *p = arena_copy(a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = p[i] == 'e' ? 'E' : p[i];
    return (str){p, s.n};
}

static void add_float(struct format *f, const struct verb *v, const struct number *n)
{
    struct arena *a = f->c->arena;
    int precision = v->has_precision ? (int)(v->precision > 4000 ? 4000 : v->precision) : 6;
    str s;
    if (v->letter == 'f')
        s = number_fixed(n, precision, a);
    else if (v->letter == 'e' || v->letter == 'E')
        s = number_scientific(n, precision, a);
    else
        s = general(a, n, v->has_precision ? precision : -1);
    if (v->letter == 'E' || v->letter == 'G')
        s = upper(a, s);
    pad_number(f, v, s, STR(""), !n->infinite);
}

static const struct value *converted(struct format *f, const struct verb *v, const struct value *arg,
                                     const struct type *t)
{
    struct type_conversion c = {.arena = f->c->arena};
    const struct value *made = type_convert(&c, arg, t);
    if (!made)
        fail(f, v, "the argument is of the wrong type");
    return made;
}

static void add_string(struct format *f, const struct verb *v, const struct value *arg)
{
    const struct value *made = converted(f, v, arg, &type_string);
    if (!made)
        return;
    str s = made->u.string;
    size_t at = 0;
    for (size_t i = 0; i < v->precision && at < s.n; i++)
        at += text_cluster(s, at);
    if (v->precision > 0)
        s = str_slice(s, 0, at);
    if (v->letter == 's') {
        pad(f, v, s);
        return;
    }
    struct buf quoted;
    buf_init(&quoted, LIMIT_STRING_BYTES);
    tf_json_string(&quoted, s);
    pad(f, v, buf_str(&quoted));
    buf_release(&quoted);
}

static void add_as_is(struct format *f, const struct verb *v, const struct value *arg)
{
    struct number n;
    if (!v->sharp && arg->kind == VALUE_STRING) {
        pad(f, v, arg->u.string);
    } else if (!v->sharp && arg->kind == VALUE_NUMBER) {
        number_from_value(arg, &n);
        pad(f, v, general(f->c->arena, &n, -1));
    } else {
        const struct value *text = tf_json_text(f->c->arena, arg, NULL);
        pad(f, v, value_str(text));
    }
}

static void add_hole(struct format *f, const struct value *hole)
{
    if (f->out.n)
        VEC_PUSH(&f->part, value_string(f->c->arena, buf_copy(&f->out, f->c->arena), f->c->origin));
    buf_clear(&f->out);
    VEC_PUSH(&f->part, hole);
}

static void add_argument(struct format *f, const struct verb *v, const struct value *arg)
{
    struct number n;
    arg = tf_plain(f->c->arena, arg);
    if (!strchr("vtbdoxXeEfgGsq", v->letter)) {
        fail(f, v, "there is no such verb");
        return;
    }
    if (v->letter != 'v' && arg->kind == VALUE_NULL) {
        fail(f, v, "a null value cannot be formatted");
        return;
    }
    if (!value_is_known(arg)) {
        add_hole(f, tf_settled(arg) ? tf_unknown_from(f->c->arena, &arg, 1, f->c->origin) : arg);
        return;
    }
    if (v->letter == 'v') {
        add_as_is(f, v, arg);
    } else if (v->letter == 's' || v->letter == 'q') {
        add_string(f, v, arg);
    } else if (v->letter == 't') {
        const struct value *made = converted(f, v, arg, &type_bool);
        if (made)
            buf_add_c(&f->out, made->u.boolean ? "true" : "false");
    } else {
        const struct value *made = converted(f, v, arg, &type_number);
        if (!made)
            return;
        number_from_value(made, &n);
        if (strchr("bdoxX", v->letter))
            add_integer(f, v, &n);
        else
            add_float(f, v, &n);
    }
}

static const struct value *run_format(struct call *c, str format, const struct value *const *arg, size_t n)
{
    struct format f = {.c = c, .arg = arg, .n = n};
    struct verb v;
    size_t next = 0, highest = 0;
    bool indexed = false;
    buf_init(&f.out, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < format.n && !f.failed && !f.out.overflow;) {
        if (format.p[i] != '%') {
            size_t at = str_find_char(str_slice(format, i, format.n), '%');
            size_t to = at == SIZE_MAX ? format.n : i + at;
            buf_add(&f.out, str_slice(format, i, to));
            i = to;
            continue;
        }
        if (i + 1 < format.n && format.p[i + 1] == '%') {
            buf_add_char(&f.out, '%');
            i += 2;
            continue;
        }
        if (!read_verb(format, &i, &v)) {
            f.failed = function_fail(c, "the format string is wrong at byte %zu", i);
            break;
        }
        indexed |= v.argument > 0;
        next = v.argument ? v.argument : next + 1;
        highest = next > highest ? next : highest;
        if (next > n)
            fail(&f, &v, "there are not enough arguments");
        else
            add_argument(&f, &v, arg[next - 1]);
    }
    if (!f.failed && !indexed && highest < n)
        f.failed =
            function_fail(c, highest ? "there are more arguments than verbs" : "there is no verb for the arguments");
    const struct value *result;
    if (f.failed || f.part.n == 0) {
        result = f.failed ? f.failed : function_buf(c, &f.out);
    } else {
        VEC_PUSH(&f.part, value_string(c->arena, buf_copy(&f.out, c->arena), c->origin));
        result = value_text(c->arena, f.part.at, f.part.n, c->origin);
    }
    buf_release(&f.out);
    VEC_RELEASE(&f.part);
    return result;
}

static const struct value *fn_format(struct call *c)
{
    if (!tf_settled(c->arg[0]) || c->arg[0]->kind == VALUE_NULL)
        return c->arg[0]->kind == VALUE_NULL ? function_fail(c, "the format must not be null") : function_unknown(c);
    return run_format(c, function_str(c, 0), c->arg + 1, c->n - 1);
}

static bool is_list(const struct value *v)
{
    return v->kind == VALUE_LIST && !(v->flags & VALUE_JSON);
}

static const struct value *fn_formatlist(struct call *c)
{
    size_t length = SIZE_MAX;
    if (!value_is(c->arg[0], VALUE_STRING))
        return function_unknown(c);
    for (size_t i = 1; i < c->n; i++) {
        if (is_list(c->arg[i])) {
            if (length != SIZE_MAX && c->arg[i]->u.list.n != length)
                return function_fail(c, "the lists must have the same length");
            length = c->arg[i]->u.list.n;
        } else if (c->arg[i]->kind == VALUE_UNKNOWN) {
            return function_unknown(c);
        }
    }
    if (length == SIZE_MAX)
        length = 1;
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, length);
    const struct value **row = ARENA_ARRAY(c->arena, const struct value *, c->n);
    for (size_t k = 0; k < length; k++) {
        for (size_t i = 1; i < c->n; i++)
            row[i - 1] = is_list(c->arg[i]) ? c->arg[i]->u.list.item[k] : c->arg[i];
        items[k] = run_format(c, function_str(c, 0), row, c->n - 1);
        if (items[k]->flags & TF_FAILED)
            return items[k];
    }
    return tf_list(c->arena, items, length, c->origin);
}

const struct function functions_format[] = {
    {"format", "sa*", fn_format, FN_UNKNOWNS | FN_NULLS | FN_HOIST},
    {"formatlist", "sa*", fn_formatlist, FN_UNKNOWNS | FN_NULLS | FN_HOIST},
    {NULL, NULL, NULL, 0},
};
