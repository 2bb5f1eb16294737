/* Texts of nodes: copied from the snippet where the language is the same, else made from the tree. */
#include "syntax/edit_internal.h"
#include "syntax/yaml.h"

static void add_indent(struct buf *out, const struct edit_layout *l, unsigned depth)
{
    buf_add_char(out, '\n');
    buf_add(out, l->indent);
    for (unsigned i = 0; i < depth; i++)
        buf_add(out, l->step);
}

static void add_quoted(struct buf *out, str s, bool hcl)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_add_char(out, '\\'), buf_add_char(out, (char)c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_add_char(out, '\\'), buf_add_char(out, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else if (hcl && (c == '$' || c == '%') && i + 1 < s.n && s.p[i + 1] == '{')
            buf_add_char(out, (char)c), buf_add_char(out, (char)c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

static bool is_flow_safe(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr("\n\r,[]{}", s.p[i]))
            return false;
    return s.n > 0;
}

static str source_of(const struct editor *e, const struct node *n)
{
    return edit_text(e->from, n->at.start, n->at.end);
}

static bool is_json_number(str s)
{
    double d;
    return str_to_double(s, &d);
}

static void write_scalar(struct editor *e, const struct node *n, const struct edit_layout *l, struct buf *out)
{
    str raw = source_of(e, n);
    if (l->style == EDIT_FLOW && !(n->flags & NODE_HEREDOC) && (n->flags & NODE_QUOTED || is_flow_safe(raw)) &&
        str_find_char(raw, '\n') == SIZE_MAX)
        buf_add(out, raw);
    else if (n->kind == NODE_BOOL)
        buf_add_c(out, n->u.boolean ? "true" : "false");
    else if (n->kind == NODE_NULL)
        buf_add_c(out, "null");
    else if (n->kind == NODE_NUMBER && is_json_number(n->u.number.text))
        buf_add(out, n->u.number.text);
    else
        add_quoted(out, n->kind == NODE_STRING ? n->u.string : raw, l->style == EDIT_HCL);
}

/* !Ref x as {"Ref": "x"}, !GetAtt a.b as {"Fn::GetAtt": ["a", "b"]}. */
static bool write_tagged(struct editor *e, const struct node *n, const struct edit_layout *l, struct buf *out)
{
    str tag = n->u.tagged.tag;
    const struct node *value = n->u.tagged.value;
    if (l->style == EDIT_FLOW) {
        buf_printf(out, "!" STR_FMT " ", STR_ARG(tag));
        return edit_write(e, value, l, out);
    }
    if (l->style == EDIT_HCL)
        return edit_refuse(e, "a tag has no form in HCL");
    bool plain = str_eq_c(tag, "Ref") || str_eq_c(tag, "Condition");
    buf_add_char(out, '{');
    buf_printf(out, "\"%s" STR_FMT "\"%s", plain ? "" : "Fn::", STR_ARG(tag), l->colon);
    if (str_eq_c(tag, "GetAtt") && value->kind == NODE_STRING) {
        str rest, first = str_cut(value->u.string, '.', &rest);
        buf_add_char(out, '[');
        add_quoted(out, first, false);
        buf_add_c(out, l->comma);
        add_quoted(out, rest, false);
        buf_add_char(out, ']');
    } else {
        struct edit_layout flat = *l;
        flat.lines = false;
        if (!edit_write(e, value, &flat, out))
            return false;
    }
    buf_add_char(out, '}');
    return true;
}

/* HCL in .tf.json: what is no literal becomes a template. */
static bool write_expression(struct editor *e, const struct node *n, const struct edit_layout *l, struct buf *out)
{
    str raw = source_of(e, n);
    if (l->style != EDIT_JSON || e->from->language != LANGUAGE_HCL)
        return edit_refuse(e, "an expression has no form in this language");
    if (n->kind == NODE_TEMPLATE && n->flags & NODE_QUOTED) {
        if (str_find_char(raw, '\\') != SIZE_MAX)
            return edit_refuse(e, "a template with escapes has no simple form in JSON");
        add_quoted(out, str_slice(raw, 1, raw.n - 1), false);
        return true;
    }
    str wrapped = arena_printf(e->arena, "${" STR_FMT "}", STR_ARG(raw));
    add_quoted(out, wrapped, false);
    return true;
}

static struct edit_layout deeper(struct editor *e, const struct edit_layout *l)
{
    struct edit_layout inner = *l;
    inner.indent = arena_printf(e->arena, STR_FMT STR_FMT, STR_ARG(l->indent), STR_ARG(l->step));
    return inner;
}

static bool write_entries(struct editor *e, const struct node *n, const struct edit_layout *l, struct buf *out)
{
    struct edit_layout inner = deeper(e, l);
    bool lines = l->lines && n->u.map.n > 0;
    buf_add_c(out, l->style == EDIT_HCL && !lines && n->u.map.n ? "{ " : "{");
    for (size_t i = 0; i < n->u.map.n; i++) {
        if (lines)
            add_indent(out, l, 1);
        if (!edit_write_entry(e, &n->u.map.entry[i], &inner, out))
            return false;
        if (i + 1 < n->u.map.n && !(lines && l->style == EDIT_HCL))
            buf_add_c(out, lines ? "," : l->comma);
    }
    if (lines)
        add_indent(out, l, 0);
    buf_add_c(out, l->style == EDIT_HCL && !lines && n->u.map.n ? " }" : "}");
    return true;
}

static bool write_items(struct editor *e, const struct node *n, const struct edit_layout *l, struct buf *out)
{
    struct edit_layout inner = deeper(e, l);
    bool lines = l->lines && n->u.list.n > 0 && l->style == EDIT_JSON;
    buf_add_char(out, '[');
    for (size_t i = 0; i < n->u.list.n; i++) {
        if (lines)
            add_indent(out, l, 1);
        if (!edit_write(e, n->u.list.item[i], lines ? &inner : l, out))
            return false;
        if (i + 1 < n->u.list.n)
            buf_add_c(out, lines ? "," : l->comma);
    }
    if (lines)
        add_indent(out, l, 0);
    buf_add_char(out, ']');
    return true;
}

bool edit_write(struct editor *e, const struct node *n, const struct edit_layout *l, struct buf *out)
{
    switch (n->kind) {
    case NODE_NULL:
    case NODE_BOOL:
    case NODE_NUMBER:
    case NODE_STRING:
        write_scalar(e, n, l, out);
        return true;
    case NODE_MAP:
    case NODE_BODY:
        return write_entries(e, n, l, out);
    case NODE_BLOCK:
        if (n->u.block->n_labels)
            return edit_refuse(e, "a block with labels has no simple form in JSON");
        return write_entries(e, n->u.block->body, l, out);
    case NODE_LIST:
        return write_items(e, n, l, out);
    case NODE_TAGGED:
        return write_tagged(e, n, l, out);
    default:
        return write_expression(e, n, l, out);
    }
}

static bool is_name(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i && ((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return s.n > 0;
}

bool edit_write_entry(struct editor *e, const struct node_entry *entry, const struct edit_layout *l, struct buf *out)
{
    const struct node *key = entry->key;
    if (l->style == EDIT_HCL && e->from->language == LANGUAGE_HCL) {
        if (entry->value->kind == NODE_BLOCK)
            return edit_refuse(e, "a block cannot stand in an object");
        edit_copy(e, key->at.start, entry->value->at.end, l->indent, out);
        return true;
    }
    if (key->kind != NODE_STRING)
        return edit_refuse(e, "the key is an expression");
    if (l->style == EDIT_FLOW)
        write_scalar(e, key, l, out);
    else if (l->style == EDIT_HCL && is_name(key->u.string))
        buf_add(out, key->u.string);
    else
        add_quoted(out, key->u.string, l->style == EDIT_HCL);
    buf_add_c(out, l->colon);
    return edit_write(e, entry->value, l, out);
}

void edit_copy(struct editor *e, uint32_t start, uint32_t end, str indent, struct buf *out)
{
    str text = e->from->source->text, step = edit_step(e);
    uint32_t line = edit_line_start(text, start);
    size_t own = 0; /* of the line, with the dash of an item */
    while (line + own < start && strchr(" -", text.p[line + own]))
        own++;
    for (uint32_t at = start; at < end; at++) {
        buf_add_char(out, text.p[at]);
        if (text.p[at] != '\n')
            continue;
        size_t blanks = 0;
        while (at + 1 < end && text.p[at + 1] == ' ')
            at++, blanks++;
        if (at + 1 >= end || text.p[at + 1] == '\n')
            continue;
        blanks = blanks > own ? blanks - own : 0;
        buf_add(out, indent);
        for (; blanks >= 2; blanks -= 2)
            buf_add(out, step);
        if (blanks)
            buf_add_char(out, ' ');
    }
}
