#include <math.h>

#include "syntax/yaml_internal.h"

#include "base/base64.h"
enum yaml_tag_kind yaml_tag_kind_of(const char *resolved)
{
    static const struct {
        const char *name;
        enum yaml_tag_kind kind;
    } known[] = {
        {"str", YAML_TAG_STRING},  {"null", YAML_TAG_NULL},        {"bool", YAML_TAG_BOOL},
        {"int", YAML_TAG_INT},     {"float", YAML_TAG_FLOAT},      {"binary", YAML_TAG_BINARY},
        {"merge", YAML_TAG_MERGE}, {"timestamp", YAML_TAG_STRING}, {"value", YAML_TAG_STRING},
        {"seq", YAML_TAG_LIST},    {"omap", YAML_TAG_LIST},        {"pairs", YAML_TAG_LIST},
        {"map", YAML_TAG_MAP},     {"set", YAML_TAG_MAP},
    };
    static const str prefix = {"tag:yaml.org,2002:", 18};
    str tag = str_of(resolved);

    if (str_eq_c(tag, "!"))
        return YAML_TAG_STRING;
    if (!str_starts(tag, prefix))
        return YAML_TAG_LOCAL;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq_c(str_slice(tag, prefix.n, tag.n), known[i].name))
            return known[i].kind;
    return YAML_TAG_LOCAL;
}

/* ---------------------------------------------------------------- words */

/* word, Word or WORD. */
static bool is_word(str text, const char *word)
{
    bool upper = text.p[1] < 'a';

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if ((c | 0x20) != word[i] || (i > 0 && ((c & 0x20) == 0) != upper))
            return false;
    }
    return !upper || (text.p[0] & 0x20) == 0;
}

static bool resolve_null(str text)
{
    return text.n == 0 || (text.n == 1 && text.p[0] == '~') || (text.n == 4 && is_word(text, "null"));
}

static bool resolve_bool(str text, bool *ret)
{
    switch (text.n) {
    case 2:
        *ret = is_word(text, "on");
        return *ret || is_word(text, "no");
    case 3:
        *ret = is_word(text, "yes");
        return *ret || is_word(text, "off");
    case 4:
        *ret = true;
        return is_word(text, "true");
    case 5:
        *ret = false;
        return is_word(text, "false");
    default:
        return false;
    }
}

/* ---------------------------------------------------------------- numbers */

static bool digits_in_base(str digits, unsigned base, double *ret)
{
    double v = 0;

    if (digits.n == 0 || digits.p[0] == '_')
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 16;

        if (c == '_')
            continue;
        if (digit >= base)
            return false;
        v = v * base + digit;
    }
    *ret = v;
    return true;
}

/* Without its sign. */
static bool resolve_int(str text, double *ret)
{
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '9')
        return false;
    if (text.p[0] == '0' && text.n > 1) {
        if (text.p[1] == 'x' || text.p[1] == 'o' || text.p[1] == 'b')
            return digits_in_base(str_slice(text, 2, text.n), text.p[1] == 'x' ? 16 : text.p[1] == 'o' ? 8 : 2, ret);
        return digits_in_base(text, 8, ret);
    }
    return digits_in_base(text, 10, ret);
}

static size_t skip_digits(str s, size_t i)
{
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i;
}

static bool is_float(str s)
{
    size_t from = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    size_t i = skip_digits(s, from);
    size_t n_digits = i - from;

    if (i < s.n && s.p[i] == '.') {
        from = i + 1;
        i = skip_digits(s, from);
        n_digits += i - from;
    } else if (n_digits > 1 && s.p[from] == '0') {
        return false; /* 0123 that is not octal: an account number */
    }
    if (n_digits == 0)
        return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
        from = i;
        i = skip_digits(s, i);
        if (i == from)
            return false;
    }
    return i == s.n;
}

/* .inf and .nan, without sign. */
static bool resolve_special(str text, double *ret)
{
    static const char *const forms[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};

    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (str_eq_c(text, forms[i])) {
            *ret = i < 3 ? (double)INFINITY : (double)NAN;
            return true;
        }
    return false;
}

static bool resolve_number(str text, double *ret)
{
    bool sign = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');
    str rest = str_slice(text, sign, text.n);
    double v;

    if (is_float(text)) {
        *ret = reader_decimal(text);
        return !isinf(*ret);
    }
    if (!resolve_int(rest, &v) && !resolve_special(rest, &v))
        return false;
    *ret = sign && text.p[0] == '-' ? -v : v;
    return true;
}

/* ---------------------------------------------------------------- scalars */

static bool set_number(struct node *n, str text)
{
    double v;

    if (!resolve_number(text, &v))
        return false;
    n->kind = NODE_NUMBER;
    n->u.number.value = v;
    n->u.number.text = text;
    return true;
}

static void set_string(struct node *n, str text)
{
    n->kind = NODE_STRING;
    n->u.string = text;
}

void yaml_resolve_plain(struct node *n, str text)
{
    char c = text.n == 0 ? '~' : text.p[0];
    bool boolean;

    if (c >= '0' && c <= '9') {
        if (set_number(n, text))
            return;
    } else if (c == '-' || c == '+' || c == '.') {
        if (set_number(n, text))
            return;
    } else if (text.n <= 5) {
        if (resolve_null(text)) {
            n->kind = NODE_NULL;
            return;
        }
        if (resolve_bool(text, &boolean)) {
            n->kind = NODE_BOOL;
            n->u.boolean = boolean;
            return;
        }
    }
    set_string(n, text);
}

bool yaml_resolve_tagged(struct node *n, str text, enum yaml_tag_kind tag, struct arena *arena)
{
    bool boolean;
    size_t bad;
    str bytes;

    set_string(n, text);
    switch (tag) {
    case YAML_TAG_NULL:
        if (!resolve_null(text))
            return false;
        n->kind = NODE_NULL;
        return true;
    case YAML_TAG_BOOL:
        if (!resolve_bool(text, &boolean))
            return false;
        n->kind = NODE_BOOL;
        n->u.boolean = boolean;
        return true;
    case YAML_TAG_INT:
    case YAML_TAG_FLOAT:
        return set_number(n, text);
    case YAML_TAG_BINARY:
        if (!base64_decode(arena, text, BASE64_SPACES | BASE64_UNPADDED, &bytes, NULL))
            return false;
        if (str_is_utf8(bytes, &bad) && str_find_char(bytes, '\0') == SIZE_MAX) {
            n->u.string = bytes;
            n->flags &= (uint16_t)~NODE_RAW;
        }
        return true;
    case YAML_TAG_LIST:
    case YAML_TAG_MAP:
        return false;
    default:
        return true;
    }
}
