/* CEL values as JSON, JSON as bindings, and the evaluation of a lone expression. */
#include "base/alloc.h"
#include "base/base64.h"
#include "policy/cel_internal.h"
#include "syntax/json.h"

#include <math.h>

enum { JSON_BYTES = 64u << 20 };

/* ---- writing ---- */

static void put_double(struct cel_context *c, double d, struct buf *out)
{
    str text = cel_double_text(c->arena, d);
    if (!isfinite(d)) {
        buf_add_json(out, text);
        return;
    }
    buf_add(out, text);
    if (str_find_char(text, '.') == SIZE_MAX && str_find_char(text, 'e') == SIZE_MAX)
        buf_add_c(out, ".0");
}

static void put_value(struct cel_context *c, const struct cel_value *v, struct buf *out, unsigned depth);

static void put_list(struct cel_context *c, struct cel_value v, struct buf *out, unsigned depth)
{
    v = cel_settle(c, v);
    buf_add_char(out, '[');
    for (size_t i = 0; i < cel_list_size(&v) && !out->overflow; i++) {
        struct cel_value item = cel_list_at(c, &v, i);
        buf_add_c(out, i ? "," : "");
        put_value(c, &item, out, depth + 1);
    }
    buf_add_char(out, ']');
}

static void put_map(struct cel_context *c, struct cel_value v, struct buf *out, unsigned depth)
{
    v = cel_settle(c, v);
    buf_add_char(out, '{');
    for (size_t i = 0; i < cel_map_size(&v) && !out->overflow; i++) {
        struct cel_map_entry e = cel_map_at(c, &v, i);
        str key = STR_NONE;
        cel_to_text(c, &e.key, &key);
        buf_add_c(out, i ? "," : "");
        buf_add_json(out, key);
        buf_add_char(out, ':');
        put_value(c, &e.value, out, depth + 1);
    }
    buf_add_char(out, '}');
}

/* {"name": "text"} */
static void put_wrapped(struct buf *out, const char *name, str text)
{
    buf_printf(out, "{\"%s\":", name);
    buf_add_json(out, text);
    buf_add_char(out, '}');
}

static void put_value(struct cel_context *c, const struct cel_value *v, struct buf *out, unsigned depth)
{
    str text = STR_NONE;
    if (depth > 2 * LIMIT_DEPTH || (v->from && (v->from->flags & VALUE_SENSITIVE))) {
        buf_add_c(out, depth > 2 * LIMIT_DEPTH ? "{\"unknown\":\"nested too deeply\"}" : "{\"sensitive\":true}");
        return;
    }
    switch (v->kind) {
    case CEL_NULL:
        buf_add_c(out, "null");
        return;
    case CEL_DOUBLE:
        put_double(c, v->u.d, out);
        return;
    case CEL_BYTES:
        buf_add_c(out, "{\"bytes\":\"");
        base64_add(out, v->u.text);
        buf_add_c(out, "\"}");
        return;
    case CEL_LIST:
        put_list(c, *v, out, depth);
        return;
    case CEL_MAP:
        put_map(c, *v, out, depth);
        return;
    case CEL_TYPE:
    case CEL_STRING:
        buf_add_json(out, v->u.text);
        return;
    case CEL_OPTIONAL:
        if (v->u.inner)
            put_value(c, v->u.inner, out, depth + 1);
        else
            buf_add_c(out, "null");
        return;
    case CEL_RESOURCE:
        put_wrapped(out, "resource", v->u.resource->address);
        return;
    case CEL_UNKNOWN:
        put_wrapped(out, "unknown", v->u.text);
        return;
    case CEL_ERROR:
        put_wrapped(out, "error", v->u.text);
        return;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        cel_to_text(c, v, &text);
        buf_add_json(out, text);
        return;
    default:
        cel_to_text(c, v, &text);
        buf_add(out, text);
        return;
    }
}

void cel_value_json(struct cel_context *c, const struct cel_value *v, struct buf *out)
{
    put_value(c, v, out, 0);
}

void cel_value_brief(struct cel_context *c, const struct cel_value *v, struct buf *out, size_t max)
{
    struct buf text;
    buf_init(&text, max + 16);
    if (v->kind == CEL_LIST || v->kind == CEL_MAP) {
        struct cel_value whole = cel_settle(c, *v);
        bool list = v->kind == CEL_LIST;
        size_t n = list ? cel_list_size(&whole) : cel_map_size(&whole);
        put_value(c, &whole, &text, 0);
        if (text.n > max || text.overflow) {
            buf_clear(&text);
            buf_printf(&text, list ? "[..%zu elements..]" : "{..%zu keys..}", n);
        }
    } else if (v->kind == CEL_UNKNOWN || v->kind == CEL_ERROR) {
        buf_printf(&text, "%s (" STR_FMT ")", v->kind == CEL_UNKNOWN ? "unknown" : "error", STR_ARG(v->u.text));
    } else if (v->kind == CEL_RESOURCE) {
        buf_add(&text, v->u.resource->address);
    } else {
        put_value(c, v, &text, 0);
    }
    size_t n = text.n;
    if (n > max) {
        for (n = max > 2 ? max - 2 : 0; n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80;)
            n--;
    }
    buf_add(out, str_slice(buf_str(&text), 0, n));
    buf_add_c(out, n < text.n ? ".." : "");
    buf_release(&text);
}

/* ---- reading ---- */

static struct cel_value from_node(struct cel_context *c, const struct node *n, unsigned depth);

static struct cel_value from_list(struct cel_context *c, const struct node *n, unsigned depth)
{
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++)
        item[i] = from_node(c, n->u.list.item[i], depth + 1);
    return cel_list(c, item, n->u.list.n);
}

static struct cel_value from_map(struct cel_context *c, const struct node *n, unsigned depth)
{
    struct cel_map_entry *entry = ARENA_ARRAY(c->arena, struct cel_map_entry, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++)
        entry[i] = (struct cel_map_entry){cel_string(node_string(n->u.map.entry[i].key)),
                                          from_node(c, n->u.map.entry[i].value, depth + 1)};
    return cel_map_new(c, entry, n->u.map.n);
}

static struct cel_value from_node(struct cel_context *c, const struct node *n, unsigned depth)
{
    int64_t i;
    if (!n || depth > LIMIT_DEPTH)
        return cel_null();
    switch (n->kind) {
    case NODE_BOOL:
        return cel_bool(n->u.boolean);
    case NODE_NUMBER:
        return str_to_int(n->u.number.text, &i) ? cel_int(i) : cel_double(n->u.number.value);
    case NODE_STRING:
        return cel_string(n->u.string);
    case NODE_LIST:
        return from_list(c, n, depth);
    case NODE_MAP:
        return from_map(c, n, depth);
    default:
        return cel_null();
    }
}

/* ---- one expression ---- */

struct job {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct cel_context context;
    struct cel_environment env;
    struct cel_value *binding;
};

/* The first diagnostic: "line:column: message". */
static bool report(struct job *j, const struct source *s, const char *what, struct buf *error)
{
    const struct diag *d = j->diags.n ? &j->diags.at[0] : NULL;
    struct position at = source_position(s, d ? d->at.start : 0);
    buf_printf(error, "%s%u:%u: " STR_FMT, what, at.line, at.column, STR_ARG(d ? d->message : STR("cannot be read")));
    return false;
}

static bool take_bindings(struct job *j, str json, struct buf *error)
{
    if (json.n == 0)
        return true;
    const struct source *s = source_add(j->sources, STR("bindings"), json);
    struct document d = json_read(s, j->arena, &j->diags);
    if (j->diags.n || !d.root)
        return report(j, s, "bindings: ", error);
    if (d.root->kind != NODE_MAP) {
        buf_add_c(error, "bindings: expected a JSON object: {\"name\": value}");
        return false;
    }
    size_t n = d.root->u.map.n;
    struct cel_variable *variable = ARENA_ARRAY(j->arena, struct cel_variable, n);
    j->binding = ARENA_ARRAY(j->arena, struct cel_value, n);
    for (size_t i = 0; i < n; i++) {
        variable[i].name = node_string(d.root->u.map.entry[i].key);
        j->binding[i] = from_node(&j->context, d.root->u.map.entry[i].value, 0);
    }
    j->env.variable = variable;
    j->env.n_variables = n;
    return true;
}

static bool evaluate(struct job *j, str expression, struct buf *out, struct buf *error)
{
    const struct source *s = source_add(j->sources, STR("expression"), expression);
    span whole = {s->id, 0, (uint32_t)expression.n};
    struct cel_program *p = cel_compile(expression, s->id, 0, true, whole, &j->env, j->arena, &j->diags);
    struct cel_value v;
    if (!p)
        return report(j, s, "", error);
    cel_eval(p, j->binding, &j->context, &v);
    if (v.kind == CEL_ERROR) {
        buf_add(error, v.u.text);
        return false;
    }
    struct buf json;
    buf_init(&json, JSON_BYTES);
    cel_value_json(&j->context, &v, &json);
    bool fits = !json.overflow;
    if (fits)
        buf_add(out, buf_str(&json));
    else
        buf_add_c(error, "limit: the value is too large to print");
    buf_release(&json);
    return fits;
}

bool cel_eval_text(str expression, str bindings_json, struct buf *out, struct buf *error)
{
    struct job *j = alloc_get(sizeof *j);
    j->arena = arena_new();
    j->sources = sources_new();
    diag_list_init(&j->diags, j->arena);
    cel_context_init(&j->context, j->arena);
    /* As the language has it: an unknown name is an error only where it is evaluated. */
    j->env.unchecked = true;
    bool ok = take_bindings(j, bindings_json, error) && evaluate(j, expression, out, error);
    cel_context_release(&j->context);
    diag_list_release(&j->diags);
    sources_free(j->sources);
    arena_free(j->arena);
    alloc_put(j, sizeof *j);
    return ok;
}
