#include "graph/model_internal.h"

#include "syntax/json.h"

/* Documents that stand in text. A text with holes is decoded with a mark in the place of each hole:
 * a private-use code point, the number of the hole, another one. Marks inside JSON strings become
 * texts with holes again; a hole that stands where a JSON value is expected becomes that value. */

#define MARK_OPEN  "\xef\xa3\xb0"
#define MARK_CLOSE "\xef\xa3\xb1"

struct json {
    struct normalise *n;
    const struct value *text; /* VALUE_STRING or VALUE_TEXT */
    bool exact;               /* nodes have true positions */
    const bool *bare;         /* by part: the hole is outside any JSON string */
    unsigned depth;
};

/* Does the literal stand as it is in the source? Then where. */
static bool find_literal(const struct normalise *n, const struct value *v, span *ret_at, uint32_t *ret_base)
{
    *ret_at = value_span(v);
    *ret_base = ret_at->start;
    if (v->kind != VALUE_STRING || !n->sources || v->u.string.n == 0)
        return false;
    for (const struct origin *o = v->origin; o; o = o->via) {
        const struct source *s = source_at(n->sources, o->at.file);
        if (!s || o->at.end - o->at.start < v->u.string.n)
            continue;
        str shown = str_slice(s->text, o->at.start, o->at.end);
        size_t found = str_find(shown, v->u.string);
        if (found == SIZE_MAX)
            continue;
        *ret_at = o->at;
        *ret_base = o->at.start + (uint32_t)found;
        return true;
    }
    return false;
}

/* The text with marks; false when a literal part has a mark of its own. */
static bool mark_holes(const struct value *text, struct buf *out, bool *bare)
{
    bool quoted = false, escaped = false;
    for (size_t i = 0; i < text->u.list.n; i++) {
        const struct value *part = text->u.list.item[i];
        if (value_is(part, VALUE_STRING)) {
            str s = part->u.string;
            if (str_contains(s, STR(MARK_OPEN)))
                return false;
            for (size_t j = 0; j < s.n; j++) {
                if (escaped)
                    escaped = false;
                else if (s.p[j] == '\\')
                    escaped = quoted;
                else if (s.p[j] == '"')
                    quoted = !quoted;
            }
            buf_add(out, s);
            continue;
        }
        bare[i] = !quoted;
        buf_printf(out, quoted ? MARK_OPEN "%zu" MARK_CLOSE : "\"" MARK_OPEN "%zu" MARK_CLOSE "\"", i);
    }
    return !out->overflow;
}

static const struct origin *node_origin(struct json *j, const struct node *node)
{
    return j->exact ? origin_new(j->n->arena, node->at, STR_NONE, j->text->origin) : j->text->origin;
}

/* The next mark of s from *pos on: the number of its hole. */
static bool next_mark(str s, size_t *pos, size_t *ret_before, size_t *ret_hole)
{
    size_t open = str_find(str_slice(s, *pos, s.n), STR(MARK_OPEN));
    if (open == SIZE_MAX)
        return false;
    open += *pos;
    size_t digits = open + sizeof(MARK_OPEN) - 1;
    size_t close = str_find(str_slice(s, digits, s.n), STR(MARK_CLOSE));
    int64_t number;
    if (close == SIZE_MAX || !str_to_int(str_slice(s, digits, digits + close), &number))
        return false;
    *ret_before = open;
    *ret_hole = (size_t)number;
    *pos = digits + close + sizeof(MARK_CLOSE) - 1;
    return true;
}

static const struct value *string_value(struct json *j, const struct node *node)
{
    str s = node->u.string;
    const struct origin *o = node_origin(j, node);
    if (j->text->kind != VALUE_TEXT || !str_contains(s, STR(MARK_OPEN)))
        return value_string(j->n->arena, s, o);
    size_t most = 1;
    for (size_t i = 0; i + 2 < s.n; i++)
        most += str_starts(str_slice(s, i, s.n), STR(MARK_OPEN)) ? 2 : 0;
    const struct value **parts = ARENA_ARRAY(j->n->arena, const struct value *, most + 1);
    size_t n = 0, pos = 0, before, hole = 0, from = 0;
    bool bare = false;
    while (n + 2 < most + 1 && next_mark(s, &pos, &before, &hole) && hole < j->text->u.list.n) {
        if (before > from)
            parts[n++] = value_string(j->n->arena, str_slice(s, from, before), o);
        parts[n++] = j->text->u.list.item[hole];
        bare = j->bare[hole];
        from = pos;
    }
    if (from < s.n)
        parts[n++] = value_string(j->n->arena, str_slice(s, from, s.n), o);
    if (!bare)
        return value_text(j->n->arena, parts, n, o);
    struct value *v = value_copy(j->n->arena, value_unknown(j->n->arena, STR("JSON text that is not known"), o));
    v->ref = parts[0] ? parts[0]->ref : NULL;
    if (value_is(parts[0], VALUE_UNKNOWN))
        v->u.reason = parts[0]->u.reason;
    return v;
}

/* A key with holes is shown with them; one that is nothing but a hole says nothing. */
static str key_text(struct json *j, str key, bool *ret_hidden)
{
    if (j->text->kind != VALUE_TEXT || !str_contains(key, STR(MARK_OPEN)))
        return key;
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    size_t pos = 0, from = 0, before, hole, literal = 0;
    while (next_mark(key, &pos, &before, &hole)) {
        buf_add(&out, str_slice(key, from, before));
        literal += before - from;
        buf_add_c(&out, "${\xe2\x80\xa6}");
        from = pos;
    }
    buf_add(&out, str_slice(key, from, key.n));
    literal += key.n - from;
    *ret_hidden = *ret_hidden || literal == 0;
    str text = buf_copy(&out, j->n->arena);
    buf_release(&out);
    return text;
}

static const struct value *node_value(struct json *j, const struct node *node);

/* A hole that stands bare in a list may stand for any number of elements. */
static bool is_bare_hole(const struct json *j, const struct node *node)
{
    size_t pos = 0, before, hole;
    return j->bare && node->kind == NODE_STRING && next_mark(node->u.string, &pos, &before, &hole) &&
           hole < j->text->u.list.n && j->bare[hole];
}

static const struct value *list_value(struct json *j, const struct node *node)
{
    const struct value **items = ARENA_ARRAY(j->n->arena, const struct value *, node->u.list.n);
    bool partial = false;
    for (size_t i = 0; i < node->u.list.n; i++) {
        items[i] = node_value(j, node->u.list.item[i]);
        partial = partial || is_bare_hole(j, node->u.list.item[i]);
    }
    struct value *v = value_copy(j->n->arena, value_list(j->n->arena, items, node->u.list.n, node_origin(j, node)));
    v->flags = VALUE_JSON | (partial ? VALUE_PARTIAL : 0);
    return v;
}

static const struct value *map_value(struct json *j, const struct node *node)
{
    struct value_entry *entries = ARENA_ARRAY(j->n->arena, struct value_entry, node->u.map.n);
    bool hidden = false;
    for (size_t i = 0; i < node->u.map.n; i++) {
        const struct node_entry *e = &node->u.map.entry[i];
        entries[i] = (struct value_entry){key_text(j, node_string(e->key), &hidden),
                                          j->exact ? e->key->at : value_span(j->text), node_value(j, e->value)};
    }
    struct value *v = value_copy(j->n->arena, value_map(j->n->arena, entries, node->u.map.n, node_origin(j, node)));
    v->flags = VALUE_JSON | (hidden || (node->flags & NODE_INCOMPLETE) ? VALUE_PARTIAL : 0);
    return v;
}

static const struct value *node_value(struct json *j, const struct node *node)
{
    const struct value *spent = normalise_spent(j->n, j->text);
    if (spent || j->depth > LIMIT_DEPTH)
        return spent ? spent : value_unknown(j->n->arena, STR("nested too deeply"), j->text->origin);
    const struct value *v;
    j->depth++;
    switch (node ? (enum node_kind)node->kind : NODE_NULL) {
    case NODE_BOOL:
        v = value_bool(j->n->arena, node->u.boolean, node_origin(j, node));
        break;
    case NODE_NUMBER: {
        struct value *number =
            value_copy(j->n->arena, value_number(j->n->arena, node->u.number.value, node_origin(j, node)));
        number->u.number.exact = node->u.number.text;
        v = number;
        break;
    }
    case NODE_STRING:
        v = string_value(j, node);
        break;
    case NODE_LIST:
        v = list_value(j, node);
        break;
    case NODE_MAP:
        v = map_value(j, node);
        break;
    default:
        v = value_null(j->n->arena, j->text->origin);
        break;
    }
    j->depth--;
    return v;
}

static const struct value *bad_json(struct normalise *n, const struct value *raw)
{
    if (n->diags)
        diag_add(n->diags, DIAG_POLICY_DOCUMENT, value_span(raw), "a document that is not valid JSON");
    struct value *v = value_copy(n->arena, value_unknown(n->arena, STR("text that is not valid JSON"), raw->origin));
    v->ref = raw->ref;
    return v;
}

static const struct value *decode_text(struct normalise *n, const struct value *raw)
{
    struct buf marked;
    bool *bare = ARENA_ARRAY(n->arena, bool, raw->u.list.n);
    buf_init(&marked, LIMIT_STRING_BYTES);
    bool good = mark_holes(raw, &marked, bare);
    str text = good ? buf_copy(&marked, n->arena) : STR_NONE;
    buf_release(&marked);
    span at = value_span(raw);
    const struct node *node = good ? json_read_policy(text, at.file, at.start, false, at, n->arena, NULL) : NULL;
    if (!node || (node->flags & NODE_INCOMPLETE)) {
        struct value *v =
            value_copy(n->arena, value_unknown(n->arena, STR("JSON text that is not fully known"), raw->origin));
        v->ref = raw->ref;
        return v;
    }
    struct json j = {.n = n, .text = raw, .bare = bare};
    return node_value(&j, node);
}

static const struct value *decode_string(struct normalise *n, const struct value *raw)
{
    span at;
    uint32_t base;
    struct json j = {.n = n, .text = raw};
    j.exact = find_literal(n, raw, &at, &base);
    const struct node *node = json_read_policy(raw->u.string, at.file, base, j.exact, at, n->arena, NULL);
    if (!node || (node->flags & NODE_INCOMPLETE))
        return bad_json(n, raw);
    return node_value(&j, node);
}

/* Text of `raw` up to its first hole: is it meant to be JSON? */
static bool looks_like_json(const struct value *raw)
{
    const struct value *first = raw->kind == VALUE_TEXT ? raw->u.list.item[0] : raw;
    str s = str_trim(value_str(first));
    return s.n > 0 && (s.p[0] == '{' || s.p[0] == '[');
}

const struct value *normalise_json(struct normalise *n, const struct value *raw, bool must_be_json)
{
    if (raw->kind == VALUE_STRING && str_trim(raw->u.string).n == 0)
        return NULL;
    if (raw->kind == VALUE_STRING && !looks_like_json(raw))
        return must_be_json ? bad_json(n, raw) : raw;
    if (raw->kind == VALUE_STRING)
        return decode_string(n, raw);
    if (raw->kind == VALUE_TEXT && looks_like_json(raw))
        return decode_text(n, raw);
    if (raw->kind == VALUE_TEXT) {
        struct value *v =
            value_copy(n->arena, value_unknown(n->arena, STR("a document that is not fully known"), raw->origin));
        v->ref = raw->ref;
        return v;
    }
    return raw;
}
