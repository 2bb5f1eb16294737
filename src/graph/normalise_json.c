#include "graph/model_internal.h"

#include "syntax/json.h"

/* Documents that stand in text. A text with holes is decoded with a mark in the place of each hole:
 * a private-use code point, the number of the hole, another one. Marks inside JSON strings become
 * texts with holes again; a hole that stands where a JSON value is expected becomes that value. */

struct json {
    struct normalise *n;
    const struct value *text; /* VALUE_STRING or VALUE_TEXT */
    bool exact;               /* nodes have true positions */
    const bool *bare;         /* by part: the hole is outside any JSON string */
    unsigned depth;
};

/* The text with marks, and where each part starts in it; false when a literal part has a mark of its own. */
static bool mark_holes(const struct value *text, struct buf *out, bool *bare, size_t *from)
{
    bool quoted = false, escaped = false;
    for (size_t i = 0; i < text->u.list.n; i++) {
        const struct value *part = text->u.list.item[i];
        from[i] = buf_str(out).n;
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
    struct value *v = value_unknown(j->n->arena, STR("JSON text that is not known"), o);
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
    struct value *v = value_list(j->n->arena, items, node->u.list.n, node_origin(j, node));
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
    struct value *v = value_map(j->n->arena, entries, node->u.map.n, node_origin(j, node));
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
        struct value *number = value_number(j->n->arena, node->u.number.value, node_origin(j, node));
        value_set_exact(number, node->u.number.text);
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

/* `why` is what the reader said, where it knows the place; NULL: nothing. */
static const struct value *bad_json(struct normalise *n, const struct value *raw, const struct diag *why)
{
    if (n->diags && why && why->at.file)
        diag_add(n->diags, DIAG_POLICY_DOCUMENT, why->at, "a document that is not valid JSON: " STR_FMT,
                 STR_ARG(why->message));
    else if (n->diags)
        diag_add(n->diags, DIAG_POLICY_DOCUMENT, value_span(raw), "a document that is not valid JSON");
    struct value *v = value_unknown(n->arena, STR("text that is not valid JSON"), raw->origin);
    v->ref = raw->ref;
    return v;
}

/* A text that the reader has seen. */
struct reading {
    const struct node *root; /* in scratch memory; NULL: not JSON */
    bool exact;              /* spans are those of the source */
    struct diag_list said;   /* errors; in the arena of `n` */
};

static struct reading read_document(struct normalise *n, const struct value *raw, const struct marked_text *text)
{
    struct reading r = {0};
    size_t bytes = (text->text.n + 1) * sizeof(uint32_t);
    uint32_t *at = n->sources ? alloc_get(bytes) : NULL;
    span whole = value_span(raw);
    r.exact = at && places_find(n->sources, raw, text, at, &whole.file);
    diag_list_init(&r.said, n->arena);
    r.root = json_read_policy(text->text, r.exact ? at : NULL, whole, n->scratch, n->arena, &r.said);
    if (r.root && r.root->flags & NODE_INCOMPLETE)
        r.root = NULL;
    for (size_t i = 0; i < r.said.n && r.root; i++)
        if (r.said.at[i].id == DIAG_SYNTAX || r.said.at[i].id == DIAG_LIMIT)
            r.root = NULL;
    alloc_put(at, at ? bytes : 0);
    return r;
}

/* What a hole brings is not known: outside of strings it may be the comma that is missing. */
static bool is_mistake(const struct value *raw, const bool *bare, const struct reading *r)
{
    size_t n_bare = 0;
    for (size_t i = 0; i < raw->u.list.n; i++)
        n_bare += bare[i];
    return n_bare == 0 && r->exact && r->said.n > 0;
}

static const struct value *decode_text(struct normalise *n, const struct value *raw)
{
    struct buf marked;
    bool *bare = ARENA_ARRAY(n->arena, bool, raw->u.list.n);
    size_t *from = ARENA_ARRAY(n->arena, size_t, raw->u.list.n);
    buf_init(&marked, LIMIT_STRING_BYTES);
    bool good = mark_holes(raw, &marked, bare, from);
    str text = good ? buf_copy(&marked, n->arena) : STR_NONE;
    buf_release(&marked);
    struct reading r = {0};
    struct arena_mark mark = arena_mark(n->scratch);
    if (good)
        r = read_document(n, raw, &(struct marked_text){text, bare, from});
    struct json j = {.n = n, .text = raw, .bare = bare, .exact = r.exact};
    const struct value *v;
    if (r.root) {
        v = node_value(&j, r.root);
    } else if (good && is_mistake(raw, bare, &r)) {
        v = bad_json(n, raw, &r.said.at[0]);
    } else {
        struct value *unknown = value_unknown(n->arena, STR("JSON text that is not fully known"), raw->origin);
        unknown->ref = raw->ref;
        v = unknown;
    }
    if (good)
        diag_list_release(&r.said);
    arena_rewind(n->scratch, mark);
    return v;
}

static const struct value *decode_string(struct normalise *n, const struct value *raw)
{
    struct arena_mark mark = arena_mark(n->scratch);
    struct reading r = read_document(n, raw, &(struct marked_text){.text = raw->u.string});
    struct json j = {.n = n, .text = raw, .exact = r.exact};
    const struct value *v =
        r.root ? node_value(&j, r.root) : bad_json(n, raw, r.exact && r.said.n ? &r.said.at[0] : NULL);
    diag_list_release(&r.said);
    arena_rewind(n->scratch, mark);
    return v;
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
        return must_be_json ? bad_json(n, raw, NULL) : raw;
    if (raw->kind == VALUE_STRING)
        return decode_string(n, raw);
    if (raw->kind == VALUE_TEXT && looks_like_json(raw))
        return decode_text(n, raw);
    if (raw->kind == VALUE_TEXT) {
        struct value *v = value_unknown(n->arena, STR("a document that is not fully known"), raw->origin);
        v->ref = raw->ref;
        return v;
    }
    return raw;
}
