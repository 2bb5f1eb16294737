#include "syntax/json.h"

#include "base/vec.h"
#include "syntax/reader.h"

/* A recursive descent over the bytes; depth is capped, so the stack is too. The children of open lists
 * and objects wait on one stack. The first error sets `failed`; then every level returns what it has. */
struct json {
    const char *text, *p, *end;
    uint32_t base;
    span whole; /* file; the span of everything when `exact` is false */
    bool exact;
    const uint32_t *at; /* of each byte and the end, in whole.file; NULL: see `exact` */
    bool forgiving;     /* steps over a comma before the end of a list or an object */
    bool failed;
    unsigned depth;
    struct node_pool pool;
    struct node_stack stack;
    struct reader_diags diags;
};

static struct node *read_value(struct json *j, const char *expected);

static span span_of(const struct json *j, const char *from, const char *to)
{
    if (j->at) {
        uint32_t start = j->at[from - j->text], end = j->at[to - j->text];
        return (span){j->whole.file, start, end < start ? start : end};
    }
    if (!j->exact)
        return j->whole;
    return (span){j->whole.file, j->base + (uint32_t)(from - j->text), j->base + (uint32_t)(to - j->text)};
}

static void skip_blanks(struct json *j)
{
    const char *p = j->p, *end = j->end;

    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    j->p = p;
}

/* ---------------------------------------------------------------- errors */

static void fail(struct json *j, const char *from, const char *to, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void fail(struct json *j, const char *from, const char *to, const char *fmt, ...)
{
    struct buf message;
    va_list ap;

    if (j->failed)
        return;
    j->failed = true;
    buf_init(&message, 4096);
    va_start(ap, fmt);
    buf_vprintf(&message, fmt, ap);
    va_end(ap);
    reader_diag(&j->diags, DIAG_SYNTAX, span_of(j, from, to), STR_FMT, STR_ARG(buf_str(&message)));
    buf_release(&message);
}

static void fail_limit(struct json *j, const char *what, unsigned limit)
{
    if (j->failed)
        return;
    j->failed = true;
    reader_diag(&j->diags, DIAG_LIMIT, span_of(j, j->p, j->p + (j->p < j->end)), "%s (limit %u); the rest was not read",
                what, limit);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '+';
}

/* "expected X, found Y", at what stands at j->p. */
static void fail_expected(struct json *j, const char *expected)
{
    const char *p = j->p, *to = p;
    size_t length;

    if (p == j->end) {
        fail(j, p, p, "expected %s, found the end of the text", expected);
        return;
    }
    while (to < j->end && to - p < 40 && is_word(*to))
        to++;
    if (to > p) {
        fail(j, p, to, "expected %s, found %.*s", expected, (int)(to - p), p);
    } else if (*p == '\'') {
        fail(j, p, p + 1, "expected %s, found '; JSON writes strings in double quotes", expected);
    } else if (*p == '/' || *p == '#') {
        fail(j, p, p + 1, "expected %s, found %c; JSON has no comments", expected, *p);
    } else if ((unsigned char)*p < 0x20 || *p == 0x7F) {
        fail(j, p, p + 1, "expected %s, found the control character U+%04X", expected, (unsigned char)*p);
    } else {
        (void)utf8_at((str){p, (size_t)(j->end - p)}, 0, &length);
        if (length == 1 && (unsigned char)*p >= 0x80)
            fail(j, p, p + 1, "expected %s, found the byte 0x%02X", expected, (unsigned char)*p);
        else
            fail(j, p, p + length, "expected %s, found %.*s", expected, (int)length, p);
    }
}

/* The same inside the list or object that `open` begins. */
static void fail_inside(struct json *j, const char *expected, const char *open)
{
    unsigned line = reader_line(&j->diags, span_of(j, open, open).start);
    const char *what = *open == '[' ? "list" : "object";
    char text[160];

    if (line == 0)
        snprintf(text, sizeof(text), "%s in the %s", expected, what);
    else
        snprintf(text, sizeof(text), "%s in the %s that starts at line %u", expected, what, line);
    fail_expected(j, text);
}

/* ---------------------------------------------------------------- strings */

static bool stops_string(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* Whether one of eight bytes stops a string. */
static bool word_stops(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
    uint64_t hit = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((w - ones * 0x20) & ~w);

    return (hit & high) != 0;
}

static const char *skip_plain(const char *p, const char *end)
{
    uint64_t word;

    for (; end - p >= 8; p += 8) {
        memcpy(&word, p, 8);
        if (word_stops(word))
            break;
    }
    while (p < end && !stops_string(*p))
        p++;
    return p;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The code unit of `uXXXX` at p, -1 when it is none. */
static int32_t code_unit(const char *p, const char *end)
{
    int32_t unit = 0;

    if (end - p < 5 || *p != 'u')
        return -1;
    for (int i = 1; i < 5; i++) {
        int digit = hex_digit(p[i]);

        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Decodes what follows a backslash at p; returns its end, NULL after an error. A surrogate without its
 * other half becomes U+FFFD. */
static const char *unescape(struct json *j, const char *p, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *known = p < j->end && *p != '\0' ? strchr(from, *p) : NULL;
    int32_t unit, low;
    uint32_t cp;

    if (known != NULL) {
        *(*out)++ = to[known - from];
        return p + 1;
    }
    unit = code_unit(p, j->end);
    if (unit < 0) {
        if (p < j->end && *p == 'u')
            fail(j, p - 1, p + 1, "\\u needs four hexadecimal digits");
        else
            fail(j, p - 1, p + (p < j->end && (unsigned char)*p < 0x80),
                 "unknown escape in a string; a backslash itself is written \\\\");
        return NULL;
    }
    p += 5;
    cp = (uint32_t)unit;
    if ((cp & 0xFC00) == 0xD800 && p < j->end && *p == '\\') {
        low = code_unit(p + 1, j->end);
        if (low >= 0 && (low & 0xFC00) == 0xDC00) {
            cp = 0x10000 + ((cp & 0x3FF) << 10) + ((uint32_t)low & 0x3FF);
            p += 6;
        }
    }
    *out += utf8_encode(cp, *out);
    return p;
}

static void fail_string(struct json *j, const char *open, const char *p)
{
    if (p == j->end)
        fail(j, open, open + 1, "the string that starts here is not closed");
    else if (*p == '\n' || *p == '\r')
        fail(j, open, p, "the string is not closed before the end of the line");
    else if (*p == '\t')
        fail(j, p, p + 1, "a tab in a string must be written \\t");
    else
        fail(j, p, p + 1, "the control character U+%04X in a string must be escaped", (unsigned char)*p);
}

/* The text of a string with escapes; p is at the first of them. */
static bool read_escaped(struct json *j, const char *open, const char *p, str *ret_text)
{
    const char *close = p, *plain;
    char *text, *out;

    while (close < j->end && *close != '"') {
        if (*close == '\\' && close + 1 < j->end)
            close++;
        close = skip_plain(close + 1, j->end);
        if (close < j->end && *close != '"' && *close != '\\')
            break;
    }
    text = arena_alloc(j->pool.texts, (size_t)(close - open));
    out = text;
    plain = open + 1;
    for (;;) {
        memcpy(out, plain, (size_t)(p - plain));
        out += p - plain;
        if (p == j->end || *p != '\\')
            break;
        plain = unescape(j, p + 1, &out);
        if (plain == NULL)
            return false;
        p = skip_plain(plain, close);
    }
    *ret_text = (str){text, (size_t)(out - text)};
    j->p = p;
    return true;
}

/* At the opening quote. NULL after an error. */
static struct node *read_string(struct json *j)
{
    const char *open = j->p;
    const char *p = skip_plain(open + 1, j->end);
    unsigned flags = NODE_QUOTED;
    struct node *n;
    str text;

    if (p < j->end && *p == '\\') {
        if (!read_escaped(j, open, p, &text))
            return NULL;
        p = j->p;
    } else {
        text = (str){open + 1, (size_t)(p - open - 1)};
        flags |= j->exact ? NODE_RAW : 0;
    }
    if (p == j->end || *p != '"') {
        fail_string(j, open, p);
        return NULL;
    }
    j->p = p + 1;
    n = node_new(&j->pool, NODE_STRING, flags, span_of(j, open, j->p));
    n->u.string = text;
    return n;
}

/* ---------------------------------------------------------------- numbers and words */

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* The end of the number at j->p, NULL after an error. */
static const char *number_end(struct json *j)
{
    const char *p = j->p + (*j->p == '-'), *end = j->end, *from = p;

    p = skip_digits(p, end);
    if (p == from) {
        fail(j, j->p, p, "a digit is expected after -");
        return NULL;
    }
    if (*from == '0' && p > from + 1) {
        fail(j, j->p, p, "a number may not start with 0");
        return NULL;
    }
    if (p < end && *p == '.') {
        from = ++p;
        p = skip_digits(p, end);
        if (p == from) {
            fail(j, j->p, p, "a digit is expected after the point");
            return NULL;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        from = p;
        p = skip_digits(p, end);
        if (p == from) {
            fail(j, j->p, p, "a digit is expected in the exponent");
            return NULL;
        }
    }
    return p;
}

static struct node *read_number(struct json *j)
{
    const char *start = j->p;
    const char *p = number_end(j);
    struct node *n;

    if (p == NULL)
        return NULL;
    n = node_new(&j->pool, NODE_NUMBER, NODE_PLAIN, span_of(j, start, p));
    n->u.number.text = (str){start, (size_t)(p - start)};
    n->u.number.value = reader_decimal(n->u.number.text);
    j->p = p;
    return n;
}

static struct node *read_word(struct json *j, const char *expected)
{
    static const struct {
        str text;
        enum node_kind kind;
        bool value;
    } words[] = {{{"true", 4}, NODE_BOOL, true}, {{"false", 5}, NODE_BOOL, false}, {{"null", 4}, NODE_NULL, false}};
    const char *start = j->p;
    size_t left = (size_t)(j->end - start);

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = words[i].text.n;
        struct node *node;

        if (left < n || memcmp(start, words[i].text.p, n) != 0 || (left > n && is_word(start[n])))
            continue;
        j->p = start + n;
        node = node_new(&j->pool, words[i].kind, NODE_PLAIN, span_of(j, start, j->p));
        node->u.boolean = words[i].value;
        return node;
    }
    fail_expected(j, expected);
    return NULL;
}

/* ---------------------------------------------------------------- lists and objects */

static void push(struct json *j, const struct node *n)
{
    VEC_PUSH(&j->stack, n);
}

/* After a value: steps over a comma. True when another value follows. */
static bool another(struct json *j, const char *open, char close)
{
    const char *comma;

    skip_blanks(j);
    if (j->p < j->end && *j->p == close)
        return false;
    if (node_pool_full(&j->pool)) {
        fail_limit(j, "too many values", LIMIT_NODES);
        return false;
    }
    if (j->p == j->end || *j->p != ',') {
        fail_inside(j, close == ']' ? "',' or ']'" : "',' or '}'", open);
        return false;
    }
    comma = j->p++;
    skip_blanks(j);
    if (j->p < j->end && *j->p == close && j->forgiving)
        return false;
    if (j->p < j->end && *j->p == close)
        fail(j, comma, comma + 1, "a comma before '%c' is not allowed in JSON", close);
    return !j->failed;
}

static void read_items(struct json *j, struct node *list)
{
    const char *open = j->p++;
    size_t from = j->stack.n;
    bool more;

    skip_blanks(j);
    more = j->p == j->end || *j->p != ']';
    while (more) {
        const struct node *item = read_value(j, "a value or ']'");

        if (item != NULL)
            push(j, item);
        more = !j->failed && another(j, open, ']');
    }
    reader_set_items(list, &j->stack, from, j->pool.arena);
}

/* One `"key": value`; an entry that breaks off before its value is not kept. */
static void read_entry(struct json *j, const char *open)
{
    const struct node *key, *value;

    if (j->p == j->end || *j->p != '"') {
        fail_inside(j, "a key in double quotes", open);
        return;
    }
    key = read_string(j);
    if (key == NULL)
        return;
    skip_blanks(j);
    if (j->p == j->end || *j->p != ':') {
        fail_expected(j, "':' after the key");
        return;
    }
    j->p++;
    skip_blanks(j);
    value = read_value(j, "a value");
    if (value == NULL)
        return;
    push(j, key);
    push(j, value);
}

static void read_entries(struct json *j, struct node *map)
{
    const char *open = j->p++;
    size_t from = j->stack.n;
    bool more;

    skip_blanks(j);
    more = j->p == j->end || *j->p != '}';
    while (more) {
        read_entry(j, open);
        more = !j->failed && another(j, open, '}');
    }
    reader_set_entries(map, &j->stack, from, j->pool.arena, &j->diags);
}

static struct node *read_container(struct json *j, enum node_kind kind)
{
    const char *start = j->p;
    struct node *n;

    if (j->depth == LIMIT_DEPTH) {
        fail_limit(j, "values are nested too deeply", LIMIT_DEPTH);
        return NULL;
    }
    j->depth++;
    n = node_new(&j->pool, kind, 0, SPAN_NONE);
    if (kind == NODE_LIST)
        read_items(j, n);
    else
        read_entries(j, n);
    j->depth--;
    if (j->failed)
        n->flags |= NODE_INCOMPLETE;
    else
        j->p++;
    n->at = span_of(j, start, j->p);
    return n;
}

/* NULL when there is nothing that could be kept; then `failed` is set. */
static struct node *read_value(struct json *j, const char *expected)
{
    if (j->p < j->end) {
        switch (*j->p) {
        case '{':
            return read_container(j, NODE_MAP);
        case '[':
            return read_container(j, NODE_LIST);
        case '"':
            return read_string(j);
        case '-':
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7':
        case '8':
        case '9':
            return read_number(j);
        default:
            break;
        }
    }
    return read_word(j, expected);
}

static struct node *read_text(struct json *j)
{
    struct node *root;

    skip_blanks(j);
    root = read_value(j, "a JSON value");
    skip_blanks(j);
    if (j->p < j->end && !j->failed) {
        fail_expected(j, "nothing after the end of the JSON value");
        root->flags |= NODE_INCOMPLETE;
    }
    VEC_RELEASE(&j->stack);
    return root;
}

struct document json_read(const struct source *s, struct arena *arena, struct diag_list *diags)
{
    return json_read_apart(s, arena, arena, diags);
}

struct document json_read_apart(const struct source *s, struct arena *nodes, struct arena *texts,
                                struct diag_list *diags)
{
    struct json j = {
        .text = s->text.n == 0 ? "" : s->text.p,
        .whole = {s->id, 0, (uint32_t)s->text.n},
        .exact = true,
        .pool = {.arena = nodes, .texts = texts},
        .diags = {diags, s, 0},
    };
    const struct node *root;

    j.p = j.text;
    j.end = j.text + s->text.n;
    root = read_text(&j);
    return (struct document){.source = s, .language = LANGUAGE_JSON, .root = root, .incomplete = j.failed};
}

static const struct node *read_embedded(struct json *j, str text, struct arena *nodes, struct arena *texts,
                                        struct diag_list *diags)
{
    const struct node *root;

    j->text = j->p = text.n == 0 ? "" : text.p;
    j->end = j->text + text.n;
    j->pool = (struct node_pool){.arena = nodes, .texts = texts};
    j->diags = (struct reader_diags){diags, NULL, 0};
    root = read_text(j);
    return j->failed && diags == NULL ? NULL : root;
}

const struct node *json_read_embedded(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                      struct arena *arena, struct diag_list *diags)
{
    struct json j = {.base = base, .whole = exact ? (span){file, base, base} : whole, .exact = exact};

    return read_embedded(&j, text, arena, arena, diags);
}

const struct node *json_read_policy(str text, const uint32_t *at, span whole, struct arena *nodes, struct arena *texts,
                                    struct diag_list *diags)
{
    struct json j = {.whole = whole, .at = at, .forgiving = true};

    return read_embedded(&j, text, nodes, texts, diags);
}
