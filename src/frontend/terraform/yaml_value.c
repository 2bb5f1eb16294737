/* yamldecode() and yamlencode(). */
#include "frontend/terraform/function.h"
#include "syntax/yaml.h"

/* Reading. */

static bool all_digits(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

static bool is_date(str s)
{
    return s.n == 10 && s.p[4] == '-' && s.p[7] == '-' && all_digits(str_slice(s, 0, 4)) &&
           all_digits(str_slice(s, 5, 7)) && all_digits(str_slice(s, 8, 10));
}

/* Keys are strings, or scalars that are written as text. */
static bool has_good_keys(const struct node *n)
{
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node *key = n->u.map.entry[i].key;
        bool null = key->kind == NODE_STRING && key->flags & NODE_PLAIN &&
                    (str_eq_nocase(key->u.string, STR("null")) || str_eq_c(key->u.string, "~") || !key->u.string.n);
        if (key->kind != NODE_STRING || null)
            return false;
    }
    return true;
}

static const struct value *from_yaml(struct call *c, const struct node *n, unsigned depth)
{
    struct arena *a = c->arena;
    if (!n || depth > LIMIT_DEPTH)
        return value_null(a, c->origin);
    switch ((enum node_kind)n->kind) {
    case NODE_TAGGED:
        return function_fail(c, "the tag !" STR_FMT " is not supported", STR_ARG(n->u.tagged.tag));
    case NODE_BOOL:
        return value_bool(a, n->u.boolean, c->origin);
    case NODE_NUMBER: {
        struct number exact;
        if (str_starts(n->u.number.text, STR("0b")))
            return value_string(a, n->u.number.text, c->origin);
        bool whole = number_parse(n->u.number.text, &exact) && number_is_whole(&exact);
        return whole ? number_value(a, &exact, c->origin) : value_number(a, n->u.number.value, c->origin);
    }
    case NODE_STRING:
        if (n->flags & NODE_PLAIN && is_date(n->u.string))
            return value_string(a, arena_printf(a, STR_FMT "T00:00:00Z", STR_ARG(n->u.string)), c->origin);
        if (n->flags & NODE_PLAIN && (str_eq_nocase(n->u.string, STR("y")) || str_eq_nocase(n->u.string, STR("n"))))
            return value_bool(a, str_eq_nocase(n->u.string, STR("y")), c->origin);
        return value_string(a, n->u.string, c->origin);
    case NODE_LIST: {
        const struct value **items = ARENA_ARRAY(a, const struct value *, n->u.list.n);
        for (size_t i = 0; i < n->u.list.n; i++)
            items[i] = from_yaml(c, n->u.list.item[i], depth + 1);
        return tf_tuple(a, items, n->u.list.n, c->origin);
    }
    case NODE_MAP: {
        struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n->u.map.n);
        if (!has_good_keys(n))
            return function_fail(c, "a key of a mapping is not a string");
        for (size_t i = 0; i < n->u.map.n; i++)
            entries[i] = (struct value_entry){node_string(n->u.map.entry[i].key), SPAN_NONE,
                                              from_yaml(c, n->u.map.entry[i].value, depth + 1)};
        return tf_object(a, entries, n->u.map.n, c->origin);
    }
    default:
        return value_null(a, c->origin);
    }
}

const struct value *yaml_decode_value(struct call *c, str text)
{
    struct diag_list diags;
    struct documents documents = {0};
    struct sources *sources = sources_new();
    diag_list_init(&diags, c->arena);
    yaml_read(source_add(sources, STR("yamldecode()"), text), c->arena, &diags, &documents);
    sources_free(sources);
    bool bad = false;
    for (size_t i = 0; i < diags.n; i++)
        bad |= diags.at[i].severity == DIAG_ERROR && diags.at[i].id != DIAG_DUPLICATE_KEY;
    diag_list_release(&diags);
    if (bad)
        return function_fail(c, "the text is not valid YAML");
    if (documents.n > 1)
        return function_fail(c, "the text has several documents");
    if (documents.n == 0 || !documents.at[0].root)
        return function_fail(c, "the text has no document");
    size_t mark = eval_mark(c->e);
    const struct value *v = from_yaml(c, documents.at[0].root, 0);
    return eval_mark(c->e) > mark ? function_fail(c, "the document has what cannot be a value") : v;
}

/* Writing. */

struct writer {
    struct call *c;
    struct buf out;
};

static void indent(struct writer *w, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        buf_add_c(&w->out, "  ");
}

static bool is_printable(uint32_t ch)
{
    return ch == '\n' || (ch >= 0x20 && ch < 0x7f) || ch == 0x85 || (ch >= 0xa0 && ch < 0xd800) ||
           (ch >= 0xe000 && ch < 0xfffe && ch != 0xfeff) || ch >= 0x10000;
}

/* Lines can stand as they are: nothing to escape, no space before a line's end. */
static bool can_be_literal(str s)
{
    if (str_find_char(s, '\n') == SIZE_MAX || (s.n && s.p[s.n - 1] == ' '))
        return false;
    for (size_t i = 0, len; i < s.n; i += len) {
        uint32_t ch = utf8_at(s, i, &len);
        if (!is_printable(ch) || (ch == ' ' && i + 1 < s.n && s.p[i + 1] == '\n'))
            return false;
    }
    return true;
}

static void add_literal(struct writer *w, str s, unsigned depth)
{
    buf_add_char(&w->out, '|');
    if (s.p[0] == ' ' || s.p[0] == '\n')
        buf_add_char(&w->out, '2');
    if (s.p[s.n - 1] != '\n')
        buf_add_char(&w->out, '-');
    else if (s.n == 1 || s.p[s.n - 2] == '\n')
        buf_add_char(&w->out, '+');
    buf_add_char(&w->out, '\n');
    for (size_t from = 0; from < s.n;) {
        str rest = str_slice(s, from, s.n);
        size_t end = str_find_char(rest, '\n');
        str line = str_slice(rest, 0, end);
        if (line.n)
            indent(w, depth);
        buf_add(&w->out, line);
        buf_add_char(&w->out, '\n');
        from += line.n + 1;
    }
}

static size_t column(const struct buf *out)
{
    size_t line = str_rfind_char(buf_str(out), '\n');
    return utf8_count(str_slice(buf_str(out), line == SIZE_MAX ? 0 : line + 1, out->n));
}

/* A long line breaks at a space; a space that begins the next line is escaped. Keys do not break. */
static void add_quoted(struct writer *w, str s, unsigned depth, bool may_break)
{
    enum { WIDTH = 80 };
    size_t start = column(&w->out) + 1, from = w->out.n + 1;
    static const char *const names[] = {"\\0", NULL,  NULL,  NULL,  NULL,  NULL,  NULL,
                                        "\\a", "\\b", "\\t", "\\n", "\\v", "\\f", "\\r"};
    buf_add_char(&w->out, '"');
    for (size_t i = 0, len; i < s.n; i += len) {
        uint32_t ch = utf8_at(s, i, &len);
        bool full = may_break && ch == ' ' && i > 0 && i + 1 < s.n && w->out.n - from + start > WIDTH &&
                    utf8_count(str_slice(buf_str(&w->out), from, w->out.n)) + start > WIDTH;
        if (full) {
            buf_add_char(&w->out, '\n');
            from = w->out.n;
            start = 0;
            indent(w, depth);
            buf_add_c(&w->out, s.p[i + 1] == ' ' ? "\\" : "");
        } else if (ch == '"' || ch == '\\')
            buf_printf(&w->out, "\\%c", (char)ch);
        else if (ch < ARRAY_LEN(names) && names[ch])
            buf_add_c(&w->out, names[ch]);
        else if (ch == 0x1b || ch == 0x85 || ch == 0xa0 || ch == 0x2028 || ch == 0x2029)
            buf_add_c(&w->out, ch == 0x1b     ? "\\e"
                               : ch == 0x85   ? "\\N"
                               : ch == 0xa0   ? "\\_"
                               : ch == 0x2028 ? "\\L"
                                              : "\\P");
        else if (!is_printable(ch))
            buf_printf(&w->out, ch < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)ch);
        else
            buf_add_utf8(&w->out, ch);
    }
    buf_add_char(&w->out, '"');
}

static void add_value(struct writer *w, const struct value *v, unsigned depth, bool in_line);

static bool is_empty(const struct value *v)
{
    return (v->kind == VALUE_LIST && v->u.list.n == 0) || (v->kind == VALUE_MAP && v->u.map.n == 0);
}

/* The first item follows on the line of its dash; the others are indented. */
static void add_list(struct writer *w, const struct value *v, unsigned depth, bool in_line)
{
    for (size_t i = 0; i < v->u.list.n && !w->out.overflow; i++) {
        if (i > 0 || !in_line)
            indent(w, depth);
        buf_add_c(&w->out, "- ");
        add_value(w, v->u.list.item[i], depth + 1, true);
    }
}

static void add_map(struct writer *w, const struct value *v, unsigned depth, bool in_line)
{
    const struct value_entry *e = tf_entries(w->c->arena, v);
    for (size_t i = 0; i < v->u.map.n && !w->out.overflow; i++) {
        const struct value *inner = e[i].value;
        bool block =
            (inner->kind == VALUE_LIST || inner->kind == VALUE_MAP) && !is_empty(inner) && !(inner->flags & VALUE_JSON);
        if (i > 0 || !in_line)
            indent(w, depth);
        add_quoted(w, e[i].key, depth, false);
        buf_add_c(&w->out, block ? ":\n" : ": ");
        add_value(w, inner, inner->kind == VALUE_LIST && block ? depth : depth + 1, false);
    }
}

static void add_value(struct writer *w, const struct value *v, unsigned depth, bool in_line)
{
    v = tf_plain(w->c->arena, v);
    if (depth > LIMIT_DEPTH)
        return;
    switch ((enum value_kind)v->kind) {
    case VALUE_BOOL:
        buf_add_c(&w->out, v->u.boolean ? "true\n" : "false\n");
        break;
    case VALUE_NUMBER:
        buf_add(&w->out, number_value_text(v, w->c->arena));
        buf_add_char(&w->out, '\n');
        break;
    case VALUE_STRING:
        if (can_be_literal(v->u.string)) {
            add_literal(w, v->u.string, depth ? depth : 1);
            break;
        }
        add_quoted(w, v->u.string, depth ? depth : 1, true);
        buf_add_char(&w->out, '\n');
        break;
    case VALUE_LIST:
        if (is_empty(v))
            buf_add_c(&w->out, "[]\n");
        else
            add_list(w, v, depth, in_line);
        break;
    case VALUE_MAP:
        if (is_empty(v))
            buf_add_c(&w->out, "{}\n");
        else
            add_map(w, v, depth, in_line);
        break;
    default:
        buf_add_c(&w->out, "null\n");
        break;
    }
}

const struct value *yaml_encode_value(struct call *c, const struct value *v)
{
    struct writer w = {.c = c};
    buf_init(&w.out, LIMIT_STRING_BYTES);
    add_value(&w, v, 0, true);
    v = tf_plain(c->arena, v);
    if (v->kind == VALUE_NULL || v->kind == VALUE_BOOL || v->kind == VALUE_NUMBER)
        buf_add_c(&w.out, "...\n");
    return function_buf(c, &w.out);
}
