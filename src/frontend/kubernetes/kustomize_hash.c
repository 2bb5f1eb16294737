/* The suffix of a generated object's name: the first ten hexadecimal digits of the SHA-256 of its canonical
 * JSON, with the digits replaced that could spell words. */
#include "frontend/kubernetes/kustomize.h"

#include <stdlib.h>

#include "base/digest.h"

static void add_text(struct buf *b, str s)
{
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        str rest = str_slice(s, i, s.n);
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c == '\n')
            buf_add_c(b, "\\n");
        else if (c == '\r')
            buf_add_c(b, "\\r");
        else if (c == '\t')
            buf_add_c(b, "\\t");
        else if (c == '\b')
            buf_add_c(b, "\\b");
        else if (c == '\f')
            buf_add_c(b, "\\f");
        else if (c < 0x20 || c == '<' || c == '>' || c == '&')
            buf_printf(b, "\\u%04x", c);
        else if (str_starts(rest, STR("\xe2\x80\xa8")) || str_starts(rest, STR("\xe2\x80\xa9"))) {
            buf_printf(b, "\\u202%c", s.p[i + 2] == '\xa8' ? '8' : '9');
            i += 2;
        } else
            buf_add_char(b, s.p[i]);
    }
    buf_add_char(b, '"');
}

static int compare_keys(const void *a, const void *b)
{
    return str_cmp(((const struct value_entry *)a)->key, ((const struct value_entry *)b)->key);
}

static void add_data(struct buf *b, struct arena *a, const struct value *map)
{
    if (!value_is(map, VALUE_MAP) || !map->u.map.n) {
        buf_add_c(b, value_is(map, VALUE_MAP) ? "{}" : "\"\"");
        return;
    }
    struct value_entry *sorted = arena_copy(a, map->u.map.entry, map->u.map.n * sizeof(*sorted));
    qsort(sorted, map->u.map.n, sizeof(*sorted), compare_keys);
    for (size_t i = 0; i < map->u.map.n; i++) {
        str text = STR_NONE;
        buf_add_char(b, i ? ',' : '{');
        add_text(b, sorted[i].key);
        buf_add_char(b, ':');
        value_to_text(sorted[i].value, a, &text);
        add_text(b, text);
    }
    buf_add_char(b, '}');
}

static void add_field(struct buf *b, const char *name, str text)
{
    buf_printf(b, ",\"%s\":", name);
    add_text(b, text);
}

/* Keys in order: binaryData, data, kind, name, stringData, type. */
static void add_object(struct buf *b, struct arena *a, const struct value *v)
{
    const struct value *binary = value_get(v, STR("binaryData")), *strings = value_get(v, STR("stringData"));
    str kind = k8s_text_at(v, "kind");
    bool secret = str_eq_c(kind, "Secret");
    buf_add_char(b, '{');
    if (value_is(binary, VALUE_MAP)) {
        buf_add_c(b, "\"binaryData\":");
        add_data(b, a, binary);
        buf_add_char(b, ',');
    }
    buf_add_c(b, "\"data\":");
    add_data(b, a, value_get(v, STR("data")));
    add_field(b, "kind", kind);
    add_field(b, "name", STR_NONE); /* kustomize 5 looks the name up under a key that is not there */
    if (secret && value_is(strings, VALUE_MAP)) {
        buf_add_c(b, ",\"stringData\":");
        add_data(b, a, strings);
    }
    if (secret)
        add_field(b, "type", k8s_text_at(v, "type"));
    buf_add_char(b, '}');
}

str kustomize_content_hash(struct arena *a, const struct value *object)
{
    static const char digits[] = "gh2k456789mbcdtf"; /* 0, 1, 3, a and e are replaced */
    struct buf b;
    unsigned char hash[DIGEST_MAX];
    buf_init(&b, LIMIT_FILE_BYTES);
    add_object(&b, a, object);
    digest_of(DIGEST_SHA256, buf_str(&b), hash);
    buf_release(&b);
    char *out = arena_alloc(a, 11);
    for (size_t i = 0; i < 10; i++)
        out[i] = digits[i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4];
    return (str){out, 10};
}
