#include "frontend/kubernetes/manifest.h"

#include "base/vec.h"
#include "frontend/kubernetes/placeholder.h"
#include "frontend/kubernetes/shape.h"
#include "frontend/kubernetes/split.h"
#include "frontend/kubernetes/types.h"

/* Nodes to values. */

struct conversion {
    struct arena *arena;
    struct k8s_place place;
    bool literal; /* text with double braces is just text */
    bool secret;  /* a Secret: what is below data and stringData is never shown */
    bool hidden;
    enum placeholder_place placeholders; /* ${NAME} */
};

static const struct value *convert(const struct conversion *c, const struct node *n);

static span place_of(const struct k8s_place *p, span at)
{
    if (p->whole.file)
        return p->whole;
    if (p->file)
        return (span){p->file, at.start + p->shift, at.end + p->shift};
    return at;
}

static const struct origin *origin_of(const struct conversion *c, const struct node *n)
{
    return origin_new(c->arena, place_of(&c->place, n->at), STR_NONE, NULL);
}

static bool between(str s, const char *open, const char *close)
{
    size_t from = str_find(s, str_of(open));
    return from != SIZE_MAX && str_contains(str_slice(s, from, s.n), str_of(close));
}

static bool is_template(str s)
{
    return between(s, "{{", "}}") || between(s, "{%", "%}");
}

/* Text in which values of another format stand: "arn:" and a reference. */
static const struct value *with_holes(const struct conversion *c, str text, const struct origin *o)
{
    static const size_t mark = sizeof(K8S_HOLE_OPEN) - 1;
    VEC(const struct value *) parts = {0};
    while (text.n) {
        size_t at = str_find(text, STR(K8S_HOLE_OPEN));
        if (at > 0)
            VEC_PUSH(&parts, value_string(c->arena, str_slice(text, 0, at), o));
        if (at == SIZE_MAX)
            break;
        text = str_slice(text, at + mark, text.n);
        size_t end = str_find(text, STR(K8S_HOLE_CLOSE));
        int64_t i;
        if (end == SIZE_MAX || !str_to_int(str_slice(text, 0, end), &i) || i < 0 || (size_t)i >= c->place.n_holes)
            break;
        VEC_PUSH(&parts, c->place.hole[i]);
        text = str_slice(text, end + mark, text.n);
    }
    size_t n;
    const struct value **all = VEC_MOVE(&parts, c->arena, &n);
    return n == 1 ? all[0] : value_text(c->arena, all, n, o);
}

static const struct value *convert_string(const struct conversion *c, const struct node *n)
{
    if (c->place.n_holes && str_contains(n->u.string, STR(K8S_HOLE_OPEN)))
        return with_holes(c, n->u.string, origin_of(c, n));
    if (!c->literal && is_template(n->u.string))
        return value_unknown(c->arena,
                             arena_printf(c->arena, "the template expression " STR_FMT " is not rendered",
                                          STR_ARG(str_slice(str_trim(n->u.string), 0, 80))),
                             origin_of(c, n));
    const struct value *filled_in = placeholder_value(c->arena, n->u.string, c->placeholders, origin_of(c, n));
    if (filled_in)
        return filled_in;
    const struct value *v = value_string(c->arena, n->u.string, origin_of(c, n));
    if (!c->hidden)
        return v;
    struct value *hidden = value_copy(c->arena, v);
    hidden->flags |= VALUE_SENSITIVE;
    return hidden;
}

/* Text where a number was written keeps its digits: 1.10 is the tag "1.10" where a string is wanted. */
static const struct value *convert_number(const struct conversion *c, const struct node *n)
{
    const struct value *v = value_number(c->arena, n->u.number.value, origin_of(c, n));
    double same;
    str text = n->u.number.text;
    bool fractional = str_find_char(text, '.') != SIZE_MAX || str_find_char(text, 'e') != SIZE_MAX || text.n > 15;
    if (!fractional || !str_to_double(text, &same))
        return v;
    struct value *exact = value_copy(c->arena, v);
    value_set_exact(exact, text);
    return exact;
}

static const struct value *convert_list(const struct conversion *c, const struct node *n)
{
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++)
        items[i] = convert(c, n->u.list.item[i]);
    return value_list(c->arena, items, n->u.list.n, origin_of(c, n));
}

/* Below these keys any text may stand, also in kinds whose other fields have a fixed vocabulary. */
static bool is_free_text(str key)
{
    static const char *const keys[] = {
        "annotations", "command",           "args",      "value", "data", "description", "expression",
        "message",     "messageExpression", "parameters"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_eq_c(key, keys[i]))
            return true;
    return false;
}

/* The shell has ${NAME} of its own; data may be a program's; names stay names, so that equal ones are found to be. */
static enum placeholder_place placeholders_below(str key, enum placeholder_place now)
{
    static const char *const scripts[] = {"command", "args", "expression", "message", "messageExpression"};
    static const char *const texts[] = {"value", "data",      "stringData", "description", "parameters",
                                        "name",  "namespace", "labels",     "matchLabels", "selector"};
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (str_eq_c(key, scripts[i]))
            return PLACEHOLDER_NEVER;
    bool is_text = str_ends(key, STR("Name"));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        is_text = is_text || str_eq_c(key, texts[i]);
    return is_text && now == PLACEHOLDER_PART ? PLACEHOLDER_WHOLE : now;
}

static const struct value *convert_map(const struct conversion *c, const struct node *n)
{
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, n->u.map.n);
    size_t count = 0;
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        if (!e->key || e->key->kind != NODE_STRING)
            continue;
        struct conversion inner = *c;
        inner.literal = c->literal || is_free_text(e->key->u.string);
        inner.placeholders = placeholders_below(e->key->u.string, c->placeholders);
        inner.hidden = c->hidden ||
                       (c->secret && (str_eq_c(e->key->u.string, "data") || str_eq_c(e->key->u.string, "stringData")));
        entries[count++] =
            (struct value_entry){e->key->u.string, place_of(&c->place, e->key->at), convert(&inner, e->value)};
    }
    return value_map(c->arena, entries, count, origin_of(c, n));
}

static const struct value *convert(const struct conversion *c, const struct node *n)
{
    if (!n)
        return value_unknown(c->arena, STR("a part that could not be read"), NULL);
    switch (n->kind) {
    case NODE_NULL:
        return value_null(c->arena, origin_of(c, n));
    case NODE_BOOL:
        return value_bool(c->arena, n->u.boolean, origin_of(c, n));
    case NODE_NUMBER:
        return convert_number(c, n);
    case NODE_STRING:
        return convert_string(c, n);
    case NODE_LIST:
        return convert_list(c, n);
    case NODE_MAP:
        return convert_map(c, n);
    case NODE_TAGGED:
        return value_unknown(
            c->arena,
            arena_printf(c->arena, "the tag !" STR_FMT " means nothing in a manifest", STR_ARG(n->u.tagged.tag)),
            origin_of(c, n));
    default:
        return value_unknown(c->arena, STR("a part that could not be read"), origin_of(c, n));
    }
}

/* Kinds whose fields hold text of any language, and kinds of which nothing is known. */
static bool is_literal_kind(const struct node *n)
{
    str kind = node_string(node_find(n, "kind"));
    str group = k8s_group(node_string(node_find(n, "apiVersion")), kind);
    if (!kind.n || str_ends(kind, STR("List")))
        return !kind.n;
    return !k8s_is_builtin_group(group) || str_eq_c(kind, "ConfigMap") || str_eq_c(kind, "Secret") ||
           str_eq_c(kind, "CustomResourceDefinition");
}

const struct value *k8s_value_of(struct arena *a, const struct node *n, struct k8s_place place)
{
    struct conversion c = {
        .arena = a, .place = place, .literal = n && is_literal_kind(n), .placeholders = PLACEHOLDER_PART};
    c.secret = str_eq_c(node_string(node_find(n, "kind")), "Secret");
    return convert(&c, n);
}

/* Values to objects. */

str k8s_text_at(const struct value *object, const char *path)
{
    return value_str(value_path(object, str_of(path)));
}

static span header_of(const struct value *v)
{
    const struct value_entry *kind = value_get_entry(v, STR("kind"));
    span key = kind ? kind->key_at : SPAN_NONE;
    span value = kind ? value_span(kind->value) : SPAN_NONE;
    if (key.file && value.file == key.file && value.end > key.start)
        return (span){key.file, key.start, value.end};
    return value.file ? value : value_span(v);
}

/* An item of a typed list may leave out what the list says already. */
static const struct value *item_with_type(struct arena *a, const struct value *item, const struct value *list)
{
    str list_kind = k8s_text_at(list, "kind");
    if (!value_is(item, VALUE_MAP) || list_kind.n <= 4 || value_get(item, STR("kind")))
        return item;
    const struct value *kind = value_get(list, STR("kind"));
    const struct value_entry *version = value_get_entry(list, STR("apiVersion"));
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, item->u.map.n + 2);
    if (item->u.map.n)
        memcpy(entries, item->u.map.entry, item->u.map.n * sizeof(*entries));
    size_t n = item->u.map.n;
    entries[n++] = (struct value_entry){STR("kind"), value_span(item),
                                        value_string(a, str_slice(list_kind, 0, list_kind.n - 4), kind->origin)};
    if (version && !value_get(item, STR("apiVersion")))
        entries[n++] = *version;
    return value_map(a, entries, n, item->origin);
}

static void read_value(struct arena *a, const struct value *v, bool incomplete, unsigned depth, struct diag_list *diags,
                       struct k8s_objects *to)
{
    if (!value_is(v, VALUE_MAP)) {
        diag_add(diags, DIAG_STRUCTURE, value_span(v), "a manifest must be a mapping");
        return;
    }
    const struct value *items = value_get(v, STR("items"));
    str kind = k8s_text_at(v, "kind");
    if (str_ends(kind, STR("List")) && value_is(items, VALUE_LIST) && depth < LIMIT_DEPTH) {
        for (size_t i = 0; i < items->u.list.n; i++)
            read_value(a, item_with_type(a, items->u.list.item[i], v), incomplete, depth + 1, diags, to);
        return;
    }
    if (str_ends(kind, STR("List")) && items && items->kind != VALUE_LIST && items->kind != VALUE_NULL) {
        diag_add_as(diags, DIAG_STRUCTURE, DIAG_ERROR, value_span(items), "the items of a list must be a list");
        return;
    }
    if (!kind.n || !k8s_text_at(v, "apiVersion").n) {
        diag_add(diags, DIAG_STRUCTURE, value_span(v), "a manifest without %s", kind.n ? "apiVersion" : "kind");
        return;
    }
    struct k8s_object o = {.value = v, .at = value_span(v), .header = header_of(v), .incomplete = incomplete};
    VEC_PUSH(to, o);
}

void k8s_read_value(struct arena *a, const struct value *v, struct diag_list *diags, struct k8s_objects *to)
{
    read_value(a, v, false, 0, diags, to);
}

void k8s_read_document(struct arena *a, const struct document *d, struct k8s_place place, struct diag_list *diags,
                       struct k8s_objects *to)
{
    if (!d->root || d->root->kind == NODE_NULL)
        return;
    read_value(a, k8s_value_of(a, d->root, place), d->incomplete, 0, diags, to);
}

/* Objects to resources. */

static str object_name(struct arena *a, const struct value *v)
{
    const struct value *name = value_path(v, STR("metadata.name"));
    str text;
    if (value_is(name, VALUE_UNKNOWN)) {
        span at = value_span(name);
        return arena_printf(a, "(unknown@%u)", at.start);
    }
    if (name && value_to_text(name, a, &text) && text.n)
        return text;
    str prefix = k8s_text_at(v, "metadata.generateName");
    return prefix.n ? arena_printf(a, STR_FMT "*", STR_ARG(prefix)) : STR_NONE;
}

static str object_address(struct arena *a, const struct value *v, str name)
{
    str kind = k8s_text_at(v, "kind");
    str namespace = k8s_text_at(v, "metadata.namespace");
    if (!name.n)
        return kind;
    if (!namespace.n)
        return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(kind), STR_ARG(name));
    return arena_printf(a, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(namespace), STR_ARG(kind), STR_ARG(name));
}

/* Such a manifest is refused by every cluster; what is meant is clear all the same. */
static void note_wrong_group(struct graph_builder *b, const struct k8s_object *o, str api_version, str kind)
{
    str written = k8s_written_group(api_version), group = k8s_group(api_version, kind);
    if (!str_eq(written, group) && !str_eq_c(written, "extensions"))
        diag_add(b->diags, DIAG_ODDITY, o->header, STR_FMT " has no " STR_FMT ": read as one of " STR_FMT,
                 STR_ARG(api_version), STR_ARG(kind), STR_ARG(group));
}

static void emit_part(struct graph_builder *b, const struct k8s_object *o, const struct split_part *part, str type)
{
    str name = object_name(b->arena, o->value);
    str address = object_address(b->arena, o->value, name);
    if (part->name.n)
        address = arena_printf(b->arena, STR_FMT "#" STR_FMT, STR_ARG(address), STR_ARG(part->name));
    struct resource *r = graph_add(b, type, address);
    r->name = name;
    r->at = o->at;
    r->header = o->header;
    r->call = o->call;
    r->display_path = o->display_path;
    r->incomplete = o->incomplete;
    r->presence = PRESENT;
    r->raw = part->object;
}

size_t k8s_emit(struct graph_builder *b, const struct k8s_object *object)
{
    struct k8s_object checked = *object;
    const struct k8s_object *o = &checked;
    checked.incomplete |= !k8s_check_shape(object->value, b->diags);
    str api_version = k8s_text_at(o->value, "apiVersion"), kind = k8s_text_at(o->value, "kind");
    str type = k8s_type(b->arena, api_version, kind);
    size_t n;
    const struct split_part *parts = split_object(b->arena, o->value, &n);
    note_wrong_group(b, o, api_version, kind);
    for (size_t i = 0; i < n; i++)
        emit_part(b, o, &parts[i], type);
    return n;
}
