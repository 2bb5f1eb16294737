/* The strings extension. Positions count characters, not bytes. */
#include "policy/cel_internal.h"

/* Byte offset of the index-th character; SIZE_MAX past the end. */
static size_t offset_of(str s, int64_t index)
{
    size_t at = 0, n;
    for (; index > 0 && at < s.n; index--) {
        utf8_at(s, at, &n);
        at += n;
    }
    return index == 0 ? at : SIZE_MAX;
}

static struct cel_value out_of_range(struct cel_context *c, int64_t index)
{
    return cel_error(c, "index out of range: %lld", (long long)index);
}

static bool are(const struct cel_value *arg, size_t n, const char *kinds)
{
    for (size_t i = 0; i < n && kinds[i]; i++) {
        if (kinds[i] == 's' ? arg[i].kind != CEL_STRING : arg[i].kind != CEL_INT)
            return false;
    }
    return true;
}

static struct cel_value finish(struct cel_context *c, struct buf *b)
{
    struct cel_value v = b->overflow ? cel_hit_limit(c, "a string of over 16 MiB") : cel_string(buf_copy(b, c->arena));
    cel_spend(c, b->n / 8);
    buf_release(b);
    return v;
}

static struct cel_value char_at(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (!are(arg, n, "si"))
        return cel_no_overload(c, "charAt", arg, n);
    str s = arg[0].u.text;
    size_t at = arg[1].u.i < 0 ? SIZE_MAX : offset_of(s, arg[1].u.i), length = 0;
    if (at == SIZE_MAX)
        return out_of_range(c, arg[1].u.i);
    if (at < s.n)
        utf8_at(s, at, &length);
    return cel_string(str_slice(s, at, at + length));
}

static struct cel_value index_of(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (!are(arg, n, "ssi"))
        return cel_no_overload(c, "indexOf", arg, n);
    str s = arg[0].u.text;
    size_t from = n == 3 ? (arg[2].u.i < 0 ? SIZE_MAX : offset_of(s, arg[2].u.i)) : 0;
    if (from == SIZE_MAX)
        return out_of_range(c, arg[2].u.i);
    cel_spend(c, s.n / 16);
    size_t at = arg[1].u.text.n ? str_find(str_slice(s, from, s.n), arg[1].u.text) : 0;
    return cel_int(at == SIZE_MAX ? -1 : (int64_t)utf8_count(str_slice(s, 0, from + at)));
}

static struct cel_value last_index_of(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (!are(arg, n, "ssi"))
        return cel_no_overload(c, "lastIndexOf", arg, n);
    str s = arg[0].u.text, part = arg[1].u.text;
    size_t most = n == 3 ? (arg[2].u.i < 0 ? SIZE_MAX : offset_of(s, arg[2].u.i)) : s.n;
    if (most == SIZE_MAX)
        return out_of_range(c, arg[2].u.i);
    if (!cel_spend(c, s.n * (part.n / 64 + 1) / 16))
        return cel_hit_limit(c, "");
    if (part.n > s.n)
        return cel_int(-1);
    for (size_t at = most < s.n - part.n ? most : s.n - part.n;; at--) {
        if (part.n == 0 || memcmp(s.p + at, part.p, part.n) == 0)
            return cel_int((int64_t)utf8_count(str_slice(s, 0, at)));
        if (at == 0)
            return cel_int(-1);
    }
}

static struct cel_value substring(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (!are(arg, n, "sii"))
        return cel_no_overload(c, "substring", arg, n);
    str s = arg[0].u.text;
    size_t from = arg[1].u.i < 0 ? SIZE_MAX : offset_of(s, arg[1].u.i);
    size_t to = n == 3 ? (arg[2].u.i < 0 ? SIZE_MAX : offset_of(s, arg[2].u.i)) : s.n;
    cel_spend(c, s.n / 16);
    if (from == SIZE_MAX)
        return out_of_range(c, arg[1].u.i);
    if (to == SIZE_MAX)
        return out_of_range(c, arg[2].u.i);
    if (from > to)
        return cel_error(c, "invalid substring range. start: %lld, end: %lld", (long long)arg[1].u.i,
                         (long long)arg[2].u.i);
    return cel_string(str_slice(s, from, to));
}

static struct cel_value change_case(struct cel_context *c, const char *name, const struct cel_value *arg, char from,
                                    int shift)
{
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, name, arg, 1);
    str s = arg[0].u.text;
    cel_spend(c, s.n / 8);
    char *p = arena_alloc(c->arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= from && s.p[i] < from + 26 ? (char)(s.p[i] + shift) : s.p[i];
    return cel_string((str){p, s.n});
}

static struct cel_value lower_ascii(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return change_case(c, "lowerAscii", arg, 'A', 'a' - 'A');
}

static struct cel_value upper_ascii(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return change_case(c, "upperAscii", arg, 'a', 'A' - 'a');
}

/* An empty `old` stands before every character and at the end. */
static struct cel_value replace(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (!are(arg, n, "sssi"))
        return cel_no_overload(c, "replace", arg, n);
    str rest = arg[0].u.text, old = arg[1].u.text;
    int64_t left = n == 4 ? arg[3].u.i : -1;
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    while (left != 0 && !b.overflow) {
        size_t at = old.n ? str_find(rest, old) : 0;
        if (at == SIZE_MAX)
            break;
        buf_add(&b, str_slice(rest, 0, at));
        buf_add(&b, arg[2].u.text);
        rest = str_slice(rest, at + old.n, rest.n);
        left -= left > 0;
        if (old.n)
            continue;
        if (rest.n == 0)
            break;
        size_t length;
        utf8_at(rest, 0, &length);
        buf_add(&b, str_slice(rest, 0, length));
        rest = str_slice(rest, length, rest.n);
    }
    buf_add(&b, rest);
    return finish(c, &b);
}

static struct cel_value split(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (!are(arg, n, "ssi"))
        return cel_no_overload(c, "split", arg, n);
    str rest = arg[0].u.text, separator = arg[1].u.text;
    int64_t left = n == 3 ? arg[2].u.i : -1;
    struct cel_value *item = NULL;
    size_t count = 0, cap = 0;
    if (left == 0)
        return cel_list(c, NULL, 0);
    for (bool more = separator.n || rest.n; more && count <= LIMIT_COLLECTION && cel_spend(c, 1); count++) {
        size_t at = str_find(rest, separator), skip = separator.n;
        if (separator.n == 0) {
            utf8_at(rest, 0, &at);
            more = at < rest.n;
        }
        if (at == SIZE_MAX || left == 1 || !more) {
            at = rest.n;
            more = false;
        }
        if (count == cap) {
            struct cel_value *grown = ARENA_ARRAY(c->arena, struct cel_value, cap ? cap * 2 : 8);
            if (count)
                memcpy(grown, item, count * sizeof *grown);
            item = grown;
            cap = cap ? cap * 2 : 8;
        }
        item[count] = cel_string(str_slice(rest, 0, at));
        rest = str_slice(rest, at + skip, rest.n);
        left -= left > 0;
    }
    cel_spend(c, arg[0].u.text.n / 16);
    return count > LIMIT_COLLECTION ? cel_hit_limit(c, "a list of over 100000 elements") : cel_list(c, item, count);
}

static struct cel_value join(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_LIST || (n == 2 && arg[1].kind != CEL_STRING))
        return cel_no_overload(c, "join", arg, n);
    struct cel_value list = cel_settle(c, arg[0]);
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < cel_list_size(&list) && cel_spend(c, 1); i++) {
        struct cel_value item = cel_list_at(c, &list, i);
        if (item.kind != CEL_STRING) {
            buf_release(&b);
            return cel_no_overload(c, "join: an element", &item, 1);
        }
        if (i && n == 2)
            buf_add(&b, arg[1].u.text);
        buf_add(&b, item.u.text);
    }
    return finish(c, &b);
}

static bool is_white(uint32_t cp)
{
    return (cp >= 9 && cp <= 13) || cp == ' ' || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000;
}

static struct cel_value trim(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "trim", arg, n);
    str s = arg[0].u.text;
    size_t from = 0, to = 0, length;
    cel_spend(c, s.n / 16);
    while (from < s.n && is_white(utf8_at(s, from, &length)))
        from += length;
    to = from;
    for (size_t at = from; at < s.n; at += length) {
        if (!is_white(utf8_at(s, at, &length)))
            to = at + length;
    }
    return cel_string(str_slice(s, from, to));
}

static struct cel_value reverse_text(struct cel_context *c, str s)
{
    cel_spend(c, s.n / 8);
    char *p = arena_alloc(c->arena, s.n + 1);
    size_t end = s.n, length;
    for (size_t at = 0; at < s.n; at += length) {
        utf8_at(s, at, &length);
        end -= length;
        memcpy(p + end, s.p + at, length);
    }
    return cel_string((str){p, s.n});
}

static struct cel_value reverse(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind == CEL_STRING)
        return reverse_text(c, arg[0].u.text);
    if (arg[0].kind != CEL_LIST)
        return cel_no_overload(c, "reverse", arg, n);
    struct cel_value list = cel_settle(c, arg[0]), v;
    size_t count = cel_list_size(&list);
    cel_spend(c, count);
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, count);
    for (size_t i = 0; i < count; i++)
        item[count - 1 - i] = cel_list_at(c, &list, i);
    v = cel_list(c, item, count);
    v.flags = list.flags;
    return v;
}

static struct cel_value quote(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    static const char special[] = "\a\b\f\n\r\t\v\\\"", letter[] = "abfnrtv\\\"";
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "strings.quote", arg, n);
    str s = arg[0].u.text;
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add_char(&b, '"');
    for (size_t i = 0; i < s.n; i++) {
        const char *found = memchr(special, s.p[i], sizeof special - 1);
        if (found)
            buf_add_char(&b, '\\');
        buf_add_char(&b, found ? letter[found - special] : s.p[i]);
    }
    buf_add_char(&b, '"');
    return finish(c, &b);
}

static const struct cel_function functions[] = {
    {"charAt", CEL_METHOD, 2, 2, char_at, "string.charAt(int) -> string", "The character there; '' at the end.", NULL,
     "'hello'.charAt(4) == 'o'"},
    {"indexOf", CEL_METHOD, 2, 3, index_of, "string.indexOf(string[, from]) -> int",
     "Where the text begins to have the other; -1 for nowhere.", NULL, "'hello mellow'.indexOf('ello', 2) == 7"},
    {"lastIndexOf", CEL_METHOD, 2, 3, last_index_of, "string.lastIndexOf(string[, from]) -> int",
     "The last such place, at or before `from`; -1 for nowhere.", NULL, "'hello mellow'.lastIndexOf('ello') == 7"},
    {"substring", CEL_METHOD, 2, 3, substring, "string.substring(from[, to]) -> string",
     "The characters from one position up to another.", NULL, "'tacocat'.substring(4) == 'cat'"},
    {"lowerAscii", CEL_METHOD, 1, 1, lower_ascii, "string.lowerAscii() -> string", "A to Z as small letters.", NULL,
     "'AES256'.lowerAscii() == 'aes256'"},
    {"upperAscii", CEL_METHOD, 1, 1, upper_ascii, "string.upperAscii() -> string", "a to z as capitals.", NULL,
     "'tls'.upperAscii() == 'TLS'"},
    {"replace", CEL_METHOD, 3, 4, replace, "string.replace(old, new[, times]) -> string",
     "The text with `old` replaced, everywhere or that many times.", NULL, "'a-b-c'.replace('-', '.', 1) == 'a.b-c'"},
    {"split", CEL_METHOD, 2, 3, split, "string.split(separator[, parts]) -> list",
     "The parts between separators, at most that many.", NULL, "'a,b'.split(',') == ['a', 'b']"},
    {"join", CEL_METHOD | CEL_ALL_KNOWN, 1, 2, join, "list.join([separator]) -> string", "The texts of a list as one.",
     NULL, "['a', 'b'].join('-') == 'a-b'"},
    {"trim", CEL_METHOD, 1, 1, trim, "string.trim() -> string", "Without white space at its ends.", NULL,
     "' x '.trim() == 'x'"},
    {"reverse", CEL_METHOD, 1, 1, reverse, "string|list.reverse() -> string|list", "The other way round.", NULL,
     "'abc'.reverse() == 'cba' && [1, 2].reverse() == [2, 1]"},
    {"format", CEL_METHOD | CEL_ALL_KNOWN, 2, 2, cel_format, "string.format(list) -> string",
     "The text with %s, %d, %f, %e, %b, %o, %x, %X and %% filled in.", NULL,
     "'%s: %d'.format(['port', 22]) == 'port: 22'"},
    {"strings.quote", CEL_GLOBAL, 1, 1, quote, "strings.quote(string) -> string", "The text in quotes, with escapes.",
     NULL, "strings.quote('a\"b') == '\"a\\\\\"b\"'"},
};

const struct cel_function_table cel_string_functions = {"Strings", functions, ARRAY_LEN(functions)};
