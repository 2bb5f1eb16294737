/* Optional values, and base64. */
#include "policy/cel_internal.h"

#include "base/base64.h"
static struct cel_value optional_of(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return cel_optional(c, &arg[0]);
}

static struct cel_value optional_none(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)arg;
    (void)n;
    return cel_optional(c, NULL);
}

static bool is_zero(struct cel_context *c, const struct cel_value *v)
{
    struct cel_value whole = cel_settle(c, *v);
    switch (v->kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return !v->u.boolean;
    case CEL_INT:
        return v->u.i == 0;
    case CEL_UINT:
        return v->u.u == 0;
    case CEL_DOUBLE:
        return v->u.d == 0;
    case CEL_STRING:
    case CEL_BYTES:
        return v->u.text.n == 0;
    case CEL_LIST:
        return cel_list_size(&whole) == 0;
    case CEL_MAP:
        return cel_map_size(&whole) == 0;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return v->u.time.seconds == 0 && v->u.time.nanos == 0;
    case CEL_OPTIONAL:
        return !v->u.inner;
    default:
        return false;
    }
}

static struct cel_value optional_of_non_zero(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value unknown;
    (void)n;
    if (!is_zero(c, &arg[0]))
        return cel_optional(c, &arg[0]);
    struct cel_value whole = cel_settle(c, arg[0]);
    if (whole.flags & CEL_PARTIAL && cel_find_unknown(c, &whole, &unknown))
        return unknown;
    return cel_optional(c, NULL);
}

static struct cel_value has_value(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return arg[0].kind == CEL_OPTIONAL ? cel_bool(arg[0].u.inner != NULL) : cel_no_overload(c, "hasValue", arg, n);
}

static struct cel_value value(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_OPTIONAL)
        return cel_no_overload(c, "value", arg, n);
    return arg[0].u.inner ? *arg[0].u.inner : cel_error(c, "optional.none() has no value");
}

/* The evaluator folds these itself; the table has them for arity and documentation. */
static struct cel_value folded(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return cel_no_overload(c, "or", arg, n);
}

static const struct cel_function functions[] = {
    {"optional.of", CEL_GLOBAL, 1, 1, optional_of, "optional.of(any) -> optional", "An optional that has the value.",
     NULL, "optional.of(1).hasValue()"},
    {"optional.ofNonZeroValue", CEL_GLOBAL, 1, 1, optional_of_non_zero, "optional.ofNonZeroValue(any) -> optional",
     "An optional that has the value unless it is null, false, 0 or empty.", NULL,
     "!optional.ofNonZeroValue('').hasValue()"},
    {"optional.none", CEL_GLOBAL, 0, 0, optional_none, "optional.none() -> optional", "An optional without a value.",
     NULL, "optional.none().orValue(1) == 1"},
    {"hasValue", CEL_METHOD, 1, 1, has_value, "optional.hasValue() -> bool", "Whether it has a value.", NULL,
     "{'a': 1}.?a.hasValue()"},
    {"value", CEL_METHOD, 1, 1, value, "optional.value() -> any", "Its value; an error when it has none.", NULL,
     "optional.of(2).value() == 2"},
    {"or", CEL_METHOD | CEL_FOLDS_LAZILY, 2, 2, folded, "optional.or(optional) -> optional",
     "Itself, or the other when it has no value.", NULL, "optional.none().or(optional.of(1)).value() == 1"},
    {"orValue", CEL_METHOD | CEL_FOLDS_LAZILY, 2, 2, folded, "optional.orValue(any) -> any",
     "Its value, or the other when it has none.", NULL, "{}.?port.orValue(443) == 443"},
};

const struct cel_function_table cel_optional_functions = {"Optional values", functions, ARRAY_LEN(functions)};

/* ---- base64 ---- */

static struct cel_value encode(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_BYTES)
        return cel_no_overload(c, "base64.encode", arg, n);
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    base64_add(&b, arg[0].u.text);
    cel_spend(c, b.n / 8);
    struct cel_value v = b.overflow ? cel_hit_limit(c, "a string of over 16 MiB") : cel_string(buf_copy(&b, c->arena));
    buf_release(&b);
    return v;
}

static struct cel_value decode(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "base64.decode", arg, n);
    str bytes;
    size_t bad;
    cel_spend(c, arg[0].u.text.n / 8);
    if (!base64_decode(c->arena, arg[0].u.text, BASE64_UNPADDED, &bytes, &bad))
        return cel_error(c, "illegal base64 data at input byte %zu", bad);
    return cel_bytes(bytes);
}

static const struct cel_function encoders[] = {
    {"base64.encode", CEL_GLOBAL, 1, 1, encode, "base64.encode(bytes) -> string", "Bytes as base64 text.", NULL,
     "base64.encode(b'hello') == 'aGVsbG8='"},
    {"base64.decode", CEL_GLOBAL, 1, 1, decode, "base64.decode(string) -> bytes",
     "The bytes of base64 text, with or without padding.", NULL, "base64.decode('aGVsbG8') == b'hello'"},
};

const struct cel_function_table cel_encoder_functions = {"Encodings", encoders, ARRAY_LEN(encoders)};
