/* Optional values, and base64. */
#include "policy/cel_internal.h"

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

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cel_base64(struct buf *out, str bytes)
{
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t left = bytes.n - i;
        uint32_t three = (uint32_t)(unsigned char)bytes.p[i] << 16;
        three |= left > 1 ? (uint32_t)(unsigned char)bytes.p[i + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)(unsigned char)bytes.p[i + 2] : 0;
        buf_add_char(out, alphabet[three >> 18]);
        buf_add_char(out, alphabet[three >> 12 & 63]);
        buf_add_char(out, left > 1 ? alphabet[three >> 6 & 63] : '=');
        buf_add_char(out, left > 2 ? alphabet[three & 63] : '=');
    }
}

static struct cel_value base64_encode(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_BYTES)
        return cel_no_overload(c, "base64.encode", arg, n);
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    cel_base64(&b, arg[0].u.text);
    cel_spend(c, b.n / 8);
    struct cel_value v = b.overflow ? cel_hit_limit(c, "a string of over 16 MiB") : cel_string(buf_copy(&b, c->arena));
    buf_release(&b);
    return v;
}

static struct cel_value base64_decode(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "base64.decode", arg, n);
    str s = arg[0].u.text;
    size_t padding = s.n % 4 == 0 && s.n ? (s.p[s.n - 1] == '=') + (s.p[s.n - 1] == '=' && s.p[s.n - 2] == '=') : 0;
    s = str_slice(s, 0, s.n - padding);
    char *out = arena_alloc(c->arena, s.n + 1);
    size_t length = 0;
    uint32_t bits = 0;
    cel_spend(c, s.n / 8);
    for (size_t i = 0; i < s.n; i++) {
        const char *found = memchr(alphabet, s.p[i], sizeof alphabet - 1);
        if (!found)
            return cel_error(c, "illegal base64 data at input byte %zu", i);
        bits = bits << 6 | (uint32_t)(found - alphabet);
        if (i % 4 != 0)
            out[length++] = (char)(unsigned char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
    }
    if (s.n % 4 == 1)
        return cel_error(c, "illegal base64 data at input byte %zu", s.n - 1);
    return cel_bytes((str){out, length});
}

static const struct cel_function encoders[] = {
    {"base64.encode", CEL_GLOBAL, 1, 1, base64_encode, "base64.encode(bytes) -> string", "Bytes as base64 text.", NULL,
     "base64.encode(b'hello') == 'aGVsbG8='"},
    {"base64.decode", CEL_GLOBAL, 1, 1, base64_decode, "base64.decode(string) -> bytes",
     "The bytes of base64 text, with or without padding.", NULL, "base64.decode('aGVsbG8') == b'hello'"},
};

const struct cel_function_table cel_encoder_functions = {"Encodings", encoders, ARRAY_LEN(encoders)};
