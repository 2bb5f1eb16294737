/* Block collections of YAML: entries and items on lines of their own. */
#include "syntax/edit_internal.h"

static str spaces(struct editor *e, size_t n)
{
    return arena_printf(e->arena, "%*s", (int)n, "");
}

/* The column where it begins; false when something other than blanks and dashes stands before. */
static bool column_of(const struct editor *e, uint32_t at, size_t *ret)
{
    str text = e->to->source->text;
    uint32_t start = edit_line_start(text, at);
    for (uint32_t i = start; i < at; i++)
        if (text.p[i] != ' ' && text.p[i] != '-')
            return false;
    *ret = at - start;
    return true;
}

/* Where the next line begins behind the last byte that counts; *ret_open: the text ends without a line end. */
static bool behind(struct editor *e, uint32_t end, uint32_t *ret, bool *ret_open)
{
    str text = e->to->source->text;
    while (end > 0 && strchr(" \t\r\n", text.p[end - 1]))
        end--;
    if (!edit_next_line(e, end, ret))
        return edit_refuse(e, "something else stands on the line");
    *ret_open = *ret == text.n && (!text.n || text.p[text.n - 1] != '\n');
    return true;
}

/* Lines that end with a line end, put in behind `at`. */
static void push_lines(struct editor *e, uint32_t at, bool open, struct buf *lines)
{
    str s = buf_str(lines);
    if (open)
        s = arena_printf(e->arena, "\n" STR_FMT, STR_ARG(str_slice(s, 0, s.n - 1)));
    edit_push(e, at, at, s);
    buf_release(lines);
}

static bool is_from_yaml(struct editor *e)
{
    return e->from->language != LANGUAGE_HCL || edit_refuse(e, "the snippet is of another language");
}

/* The value's end; a block scalar ends with its text, and a tag's value may be empty. */
static uint32_t value_end(const struct editor *e, const struct node_entry *entry)
{
    uint32_t end = entry->value->at.end;
    str text = e->from->source->text;
    if (end < entry->key->at.end) { /* nothing: behind the colon */
        end = entry->key->at.end;
    }
    if (entry->value->kind == NODE_NULL)
        while (end < text.n && text.p[end - 1] != ':')
            end++;
    return end;
}

bool edit_yaml_add(struct editor *e, const struct node *map, const struct node_entry *entry, size_t n)
{
    size_t column;
    uint32_t at;
    bool open;
    if (!is_from_yaml(e) || !behind(e, map->at.end, &at, &open))
        return false;
    if (!column_of(e, map->at.start, &column))
        return edit_refuse(e, "the mapping does not begin on a line of its own");
    str indent = spaces(e, column);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_add(&out, indent);
        edit_copy(e, entry[i].key->at.start, value_end(e, &entry[i]), indent, &out);
        buf_add_char(&out, '\n');
    }
    push_lines(e, at, open, &out);
    return true;
}

static bool is_inline(const struct editor *e, const struct document *d, const struct node *n)
{
    (void)e;
    bool collection = n->kind == NODE_MAP || n->kind == NODE_LIST;
    if (collection && !(n->flags & NODE_FLOW) && d->language == LANGUAGE_YAML)
        return false;
    return str_find_char(edit_text(d, n->at.start, n->at.end), '\n') == SIZE_MAX;
}

bool edit_yaml_replace(struct editor *e, const struct node_entry *old, const struct node_entry *entry)
{
    size_t column;
    if (!is_from_yaml(e))
        return false;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    uint32_t end = old->value->at.end;
    if (is_inline(e, e->to, old->value) && is_inline(e, e->from, entry->value) &&
        old->value->at.end > old->key->at.end && old->value->at.end > old->value->at.start) {
        edit_copy(e, entry->value->at.start, entry->value->at.end, STR_NONE, &out);
        edit_push(e, old->value->at.start, end, buf_str(&out));
        buf_release(&out);
        return true;
    }
    if (!column_of(e, old->key->at.start, &column)) {
        buf_release(&out);
        return edit_refuse(e, "the key does not begin a line");
    }
    str text = e->to->source->text;
    if (end < old->key->at.end || old->value->kind == NODE_NULL) {
        end = old->key->at.end;
        while (end < text.n && text.p[end] != ':' && text.p[end] != '\n')
            end++;
        end = old->value->at.end > end + 1 ? old->value->at.end : end + 1;
        while (end > 0 && strchr(" \r\n", text.p[end - 1]))
            end--;
    }
    edit_copy(e, entry->key->at.start, value_end(e, entry), spaces(e, column), &out);
    edit_push(e, old->key->at.start, end, buf_str(&out));
    buf_release(&out);
    return true;
}

/* Where the text of an entry ends, without what follows. */
static uint32_t old_end(const struct editor *e, const struct node_entry *old)
{
    str text = e->to->source->text;
    uint32_t end = old->value->at.end > old->key->at.end ? old->value->at.end : old->key->at.end + 1;
    while (end > 0 && strchr(" \t\r\n", text.p[end - 1]))
        end--;
    return end;
}

bool edit_yaml_remove(struct editor *e, const struct node *map, const struct node_entry *old)
{
    str text = e->to->source->text;
    uint32_t start = edit_line_start(text, old->key->at.start), end;
    bool open;
    if (map->u.map.n < 2) { /* the mapping stays */
        edit_push(e, old->key->at.start, old_end(e, old), STR("{}"));
        return true;
    }
    if (start + edit_indent_at(text, start).n != old->key->at.start) { /* behind a dash */
        if (old->key != map->u.map.entry[0].key)
            return edit_refuse(e, "the entry shares its line");
        edit_push(e, old->key->at.start, map->u.map.entry[1].key->at.start, STR_NONE);
        return true;
    }
    if (!behind(e, old_end(e, old), &end, &open))
        return false;
    edit_push(e, start, end, STR_NONE);
    return true;
}

bool edit_yaml_swap(struct editor *e, const struct node_entry *old, const struct node_entry *entry, size_t n)
{
    size_t column;
    if (!is_from_yaml(e))
        return false;
    if (!column_of(e, old->key->at.start, &column))
        return edit_refuse(e, "the key does not begin a line");
    str indent = spaces(e, column);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_printf(&out, "\n" STR_FMT, STR_ARG(indent));
        edit_copy(e, entry[i].key->at.start, value_end(e, &entry[i]), indent, &out);
    }
    edit_push(e, old->key->at.start, old_end(e, old), buf_str(&out));
    buf_release(&out);
    return true;
}

bool edit_yaml_append(struct editor *e, const struct node *list, const struct node *const *item, size_t n)
{
    size_t column;
    uint32_t at;
    bool open;
    if (!is_from_yaml(e) || !behind(e, list->at.end, &at, &open))
        return false;
    if (!column_of(e, list->at.start, &column))
        return edit_refuse(e, "the list does not begin on a line of its own");
    str dash = spaces(e, column), indent = spaces(e, column + 2);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_add(&out, dash);
        buf_add_c(&out, "- ");
        edit_copy(e, item[i]->at.start, item[i]->at.end, indent, &out);
        buf_add_char(&out, '\n');
    }
    push_lines(e, at, open, &out);
    return true;
}
