#include "base/vec.h"
#include "base/base64.h"
#include "frontend/terraform/function.h"
#include "frontend/terraform/inflate.h"
#include "syntax/json.h"

/* JSON. */

static const struct value *from_json(struct call *c, const struct node *n, const struct origin *o)
{
    struct arena *a = c->arena;
    const struct origin *at = n->at.file ? origin_new(a, n->at, STR_NONE, NULL) : o;
    const struct value *number;
    switch ((enum node_kind)n->kind) {
    case NODE_BOOL:
        return value_bool(a, n->u.boolean, at);
    case NODE_NUMBER:
        number = number_value_of(a, n->u.number.text, at);
        return number ? number : value_number(a, n->u.number.value, at);
    case NODE_STRING:
        return value_string(a, n->u.string, at);
    case NODE_LIST: {
        const struct value **items = ARENA_ARRAY(a, const struct value *, n->u.list.n);
        for (size_t i = 0; i < n->u.list.n; i++)
            items[i] = from_json(c, n->u.list.item[i], o);
        return tf_tuple(a, items, n->u.list.n, at);
    }
    case NODE_MAP: {
        struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n->u.map.n);
        for (size_t i = 0; i < n->u.map.n; i++) {
            const struct node_entry *e = &n->u.map.entry[i];
            entries[i] = (struct value_entry){node_string(e->key), e->key->at, from_json(c, e->value, o)};
        }
        return tf_object(a, entries, n->u.map.n, at);
    }
    default:
        return value_null(a, at);
    }
}

const struct value *json_decode_value(struct call *c, str text, const struct origin *o)
{
    const struct node *n = json_read_embedded(text, 0, 0, false, SPAN_NONE, c->arena, NULL);
    return n ? from_json(c, n, o) : NULL;
}

static const struct value *fn_jsondecode(struct call *c)
{
    const struct value *v = c->arg[0];
    if (v->flags & VALUE_JSON) {
        struct value *copy = value_copy(c->arena, v);
        copy->flags &= (uint16_t)~VALUE_JSON;
        return copy;
    }
    if (v->kind == VALUE_NULL)
        return function_fail(c, "the argument must not be null");
    if (v->kind != VALUE_STRING)
        return tf_settled(v) ? function_fail(c, "a string is required") : function_unknown(c);
    const struct value *made = json_decode_value(c, v->u.string, v->origin);
    return made ? made : function_fail(c, "the text is not valid JSON");
}

static const struct value *fn_jsonencode(struct call *c)
{
    const struct value *v = c->arg[0];
    bool json = v->flags & VALUE_JSON;
    if ((v->kind == VALUE_MAP || v->kind == VALUE_LIST) && !json) {
        struct value *copy = value_copy(c->arena, v);
        copy->flags |= VALUE_JSON;
        copy->origin = origin_new(c->arena, c->node->at, STR_NONE, v->origin);
        return copy;
    }
    if (!tf_settled(v) && v->kind != VALUE_TEXT)
        return function_unknown(c);
    if (json) {
        /* A JSON text inside JSON: a string with quotes. */
        const struct value *text = tf_plain(c->arena, v);
        return tf_json_text(c->arena, text, c->origin);
    }
    return tf_json_text(c->arena, v, c->origin);
}

static const struct value *fn_yamldecode(struct call *c)
{
    return yaml_decode_value(c, function_str(c, 0));
}

static const struct value *fn_yamlencode(struct call *c)
{
    return yaml_encode_value(c, c->arg[0]);
}

/* CSV. */

struct csv {
    struct call *c;
    str text;
    size_t at;
    const char *problem;
};

struct row {
    struct {
        str *at;
        size_t n, cap;
    } field;
};

static str quoted_field(struct csv *r)
{
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (r->at++; r->at < r->text.n; r->at++) {
        char ch = r->text.p[r->at];
        bool twice = r->at + 1 < r->text.n && r->text.p[r->at + 1] == '"';
        if (ch == '"' && !twice)
            break;
        r->at += ch == '"';
        if (ch != '\r' || r->at + 1 >= r->text.n || r->text.p[r->at + 1] != '\n')
            buf_add_char(&out, ch);
    }
    if (r->at == r->text.n)
        r->problem = "a quoted field has no end";
    r->at++;
    if (r->at < r->text.n && !strchr(",\r\n", r->text.p[r->at]))
        r->problem = "there is text after a quoted field";
    str s = buf_copy(&out, r->c->arena);
    buf_release(&out);
    return s;
}

static str plain_field(struct csv *r)
{
    size_t from = r->at;
    while (r->at < r->text.n && r->text.p[r->at] != ',' && r->text.p[r->at] != '\n') {
        if (r->text.p[r->at] == '"')
            r->problem = "there is a quote in a field without quotes";
        r->at++;
    }
    str s = str_slice(r->text, from, r->at);
    if (r->at < r->text.n && r->text.p[r->at] == '\n' && s.n && s.p[s.n - 1] == '\r')
        s.n--;
    return s;
}

static bool read_row(struct csv *r, struct row *row)
{
    row->field.n = 0;
    while (r->at < r->text.n && (r->text.p[r->at] == '\n' ||
                                 (r->text.p[r->at] == '\r' && r->at + 1 < r->text.n && r->text.p[r->at + 1] == '\n')))
        r->at++;
    if (r->at >= r->text.n)
        return false;
    for (;;) {
        bool quoted = r->at < r->text.n && r->text.p[r->at] == '"';
        str field = quoted ? quoted_field(r) : plain_field(r);
        VEC_PUSH(&row->field, field);
        if (r->problem || r->at >= r->text.n || r->text.p[r->at] != ',')
            break;
        r->at++;
    }
    if (r->at < r->text.n && r->text.p[r->at] == '\r')
        r->at++;
    r->at++;
    return true;
}

static const struct value *fn_csvdecode(struct call *c)
{
    struct csv r = {.c = c, .text = function_str(c, 0)};
    struct row header = {0}, row = {0};
    VEC(const struct value *) rows = {0};
    if (!read_row(&r, &header))
        r.problem = "there is no header row";
    for (size_t i = 0; i < header.field.n && i < LIMIT_PATH_BYTES; i++) {
        for (size_t k = 0; k < i; k++) {
            if (str_eq(header.field.at[i], header.field.at[k]))
                r.problem = "a column name stands twice";
        }
    }
    while (!r.problem && rows.n < LIMIT_COLLECTION && read_row(&r, &row)) {
        if (row.field.n != header.field.n) {
            r.problem = "a row has a wrong number of fields";
            break;
        }
        struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, row.field.n);
        for (size_t i = 0; i < row.field.n; i++)
            entries[i] = (struct value_entry){header.field.at[i], SPAN_NONE, function_string(c, row.field.at[i])};
        VEC_PUSH(&rows, tf_object(c->arena, entries, row.field.n, c->origin));
    }
    VEC_RELEASE(&header.field);
    VEC_RELEASE(&row.field);
    size_t n;
    const struct value **items = VEC_MOVE(&rows, c->arena, &n);
    return r.problem ? function_fail(c, "%s", r.problem) : tf_list(c->arena, items, n, c->origin);
}

/* URLs. */

static const struct value *fn_urlencode(struct call *c)
{
    struct buf out;
    str s = function_str(c, 0);
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool plain = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch && strchr("-_.~", ch));
        if (plain)
            buf_add_char(&out, (char)ch);
        else if (ch == ' ')
            buf_add_char(&out, '+');
        else
            buf_printf(&out, "%%%02X", ch);
    }
    return function_buf(c, &out);
}

static int hex_digit(char ch)
{
    const char *digits = "0123456789abcdefABCDEF", *at = ch ? strchr(digits, ch) : NULL;
    return !at ? -1 : at - digits > 15 ? (int)(at - digits) - 6 : (int)(at - digits);
}

static const struct value *fn_urldecode(struct call *c)
{
    struct buf out;
    str s = function_str(c, 0);
    bool bad = false;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < s.n && !bad; i++) {
        if (s.p[i] == '%') {
            bad = i + 2 >= s.n || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0;
            if (!bad)
                buf_add_char(&out, (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2])));
            i += 2;
        } else {
            buf_add_char(&out, s.p[i] == '+' ? ' ' : s.p[i]);
        }
    }
    if (!bad)
        return function_buf(c, &out);
    buf_release(&out);
    return function_fail(c, "an escape is not valid");
}

/* Base64. */

static const struct value *fn_base64encode(struct call *c)
{
    return function_string(c, base64_encode(c->arena, function_str(c, 0)));
}

static const struct value *fn_base64decode(struct call *c)
{
    str bytes;
    size_t bad;
    if (!base64_decode(c->arena, function_str(c, 0), BASE64_LINES, &bytes, NULL))
        return function_fail(c, "the text is not base64");
    if (!str_is_utf8(bytes, &bad))
        return function_fail(c, "the bytes are not valid UTF-8");
    return function_string(c, bytes);
}

static const struct value *fn_base64gzip(struct call *c)
{
    return value_unknown(c->arena, STR("base64gzip() depends on the compressor"), c->origin);
}

static const struct value *fn_base64gunzip(struct call *c)
{
    str bytes, text;
    size_t bad;
    if (!base64_decode(c->arena, function_str(c, 0), BASE64_LINES, &bytes, NULL))
        return function_fail(c, "the text is not base64");
    if (!inflate_gzip(c->arena, bytes, &text))
        return function_fail(c, "the bytes are not gzip");
    if (!str_is_utf8(text, &bad))
        return function_fail(c, "the bytes are not valid UTF-8");
    return function_string(c, text);
}

/* Character sets. */

enum charset {
    CHARSET_UTF8,
    CHARSET_UTF16,
    CHARSET_UTF16BE,
    CHARSET_UTF16LE,
    CHARSET_LATIN1,
    CHARSET_1252,
    CHARSET_NONE
};

static enum charset charset_of(str name)
{
    static const struct {
        const char *name;
        enum charset is;
    } names[] = {{"UTF-8", CHARSET_UTF8},       {"utf8", CHARSET_UTF8},         {"UTF-16", CHARSET_UTF16},
                 {"UTF-16BE", CHARSET_UTF16BE}, {"UTF-16LE", CHARSET_UTF16LE},  {"ISO-8859-1", CHARSET_LATIN1},
                 {"latin1", CHARSET_LATIN1},    {"windows-1252", CHARSET_1252}, {"cp1252", CHARSET_1252}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_nocase(name, str_of(names[i].name)))
            return names[i].is;
    }
    return CHARSET_NONE;
}

/* windows-1252 from 0x80 to 0x9f; 0 where nothing stands. */
static const uint16_t cp1252[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static bool add_byte_of(struct buf *out, uint32_t ch, enum charset set)
{
    for (unsigned i = 0; set == CHARSET_1252 && i < 32; i++) {
        if (cp1252[i] == ch && ch) {
            buf_add_char(out, (char)(0x80 + i));
            return true;
        }
    }
    if (ch > 0xff || (set == CHARSET_1252 && ch >= 0x80 && ch <= 0x9f))
        return false;
    buf_add_char(out, (char)ch);
    return true;
}

static void add_unit(struct buf *out, uint32_t unit, bool little)
{
    buf_add_char(out, (char)(little ? unit & 0xff : unit >> 8));
    buf_add_char(out, (char)(little ? unit >> 8 : unit & 0xff));
}

static void add_utf16(struct buf *out, uint32_t ch, bool little)
{
    if (ch >= 0x10000) {
        add_unit(out, 0xd800 + ((ch - 0x10000) >> 10), little);
        ch = 0xdc00 + ((ch - 0x10000) & 0x3ff);
    }
    add_unit(out, ch, little);
}

static const struct value *fn_textencodebase64(struct call *c)
{
    enum charset set = charset_of(function_str(c, 1));
    str s = function_str(c, 0);
    struct buf out;
    bool fits = set != CHARSET_NONE;
    if (!fits)
        return function_fail(c, "the encoding \"" STR_FMT "\" is not supported", STR_ARG(function_str(c, 1)));
    buf_init(&out, LIMIT_STRING_BYTES);
    if (set == CHARSET_UTF16)
        add_unit(&out, 0xfeff, false);
    for (size_t i = 0, len; i < s.n && fits; i += len) {
        uint32_t ch = utf8_at(s, i, &len);
        if (set == CHARSET_UTF8)
            buf_add_utf8(&out, ch);
        else if (set == CHARSET_LATIN1 || set == CHARSET_1252)
            fits = add_byte_of(&out, ch, set);
        else
            add_utf16(&out, ch, set == CHARSET_UTF16LE);
    }
    str bytes = buf_copy(&out, c->arena);
    buf_release(&out);
    return fits ? function_string(c, base64_encode(c->arena, bytes))
                : function_fail(c, "a character does not exist in that encoding");
}

static uint32_t unit_at(str s, size_t i, bool little)
{
    unsigned char a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];
    return little ? (uint32_t)b << 8 | a : (uint32_t)a << 8 | b;
}

static void add_decoded_utf16(struct buf *out, str bytes, bool little)
{
    for (size_t i = 0; i + 1 < bytes.n; i += 2) {
        uint32_t ch = unit_at(bytes, i, little);
        if (ch >= 0xd800 && ch < 0xdc00 && i + 3 < bytes.n) {
            uint32_t low = unit_at(bytes, i + 2, little);
            if (low >= 0xdc00 && low < 0xe000) {
                ch = 0x10000 + ((ch - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        buf_add_utf8(out, ch >= 0xd800 && ch < 0xe000 ? 0xfffd : ch);
    }
}

static const struct value *fn_textdecodebase64(struct call *c)
{
    enum charset set = charset_of(function_str(c, 1));
    str bytes;
    struct buf out;
    if (set == CHARSET_NONE)
        return function_fail(c, "the encoding \"" STR_FMT "\" is not supported", STR_ARG(function_str(c, 1)));
    if (!base64_decode(c->arena, function_str(c, 0), BASE64_LINES, &bytes, NULL))
        return function_fail(c, "the text is not base64");
    buf_init(&out, LIMIT_STRING_BYTES);
    if (set == CHARSET_UTF8) {
        buf_add(&out, bytes);
    } else if (set == CHARSET_LATIN1 || set == CHARSET_1252) {
        for (size_t i = 0; i < bytes.n; i++) {
            unsigned char ch = (unsigned char)bytes.p[i];
            bool special = set == CHARSET_1252 && ch >= 0x80 && ch <= 0x9f;
            buf_add_utf8(&out, special && cp1252[ch - 0x80] ? cp1252[ch - 0x80] : ch);
        }
    } else {
        bool little = set == CHARSET_UTF16LE;
        if (set == CHARSET_UTF16 && bytes.n >= 2 && unit_at(bytes, 0, false) == 0xfffe)
            little = true;
        bool bom = set == CHARSET_UTF16 && bytes.n >= 2 && unit_at(bytes, 0, little) == 0xfeff;
        add_decoded_utf16(&out, str_slice(bytes, bom ? 2 : 0, bytes.n), little);
    }
    return function_buf(c, &out);
}

const struct function functions_encoding[] = {
    {"jsondecode", "a", fn_jsondecode, FN_UNKNOWNS | FN_NULLS | FN_PARTIAL},
    {"jsonencode", "a", fn_jsonencode, FN_UNKNOWNS | FN_NULLS | FN_PARTIAL},
    {"yamldecode", "s", fn_yamldecode, 0},
    {"yamlencode", "a", fn_yamlencode, FN_NULLS | FN_DEEP},
    {"csvdecode", "s", fn_csvdecode, 0},
    {"urlencode", "s", fn_urlencode, 0},
    {"urldecode", "s", fn_urldecode, 0},
    {"base64encode", "s", fn_base64encode, 0},
    {"base64decode", "s", fn_base64decode, 0},
    {"base64gzip", "s", fn_base64gzip, 0},
    {"base64gunzip", "s", fn_base64gunzip, 0},
    {"textencodebase64", "ss", fn_textencodebase64, 0},
    {"textdecodebase64", "ss", fn_textdecodebase64, 0},
    {NULL, NULL, NULL, 0},
};
