/* Bodies of blocks: arguments behind the last argument, blocks at the end. */
#include "syntax/edit_internal.h"

static bool is_file(const struct editor *e, const struct node *body)
{
    return body == e->to->root;
}

static bool is_one_line(const struct editor *e, const struct node *body)
{
    return str_find_char(edit_text(e->to, body->at.start, body->at.end), '\n') == SIZE_MAX;
}

static uint32_t entry_end(const struct node_entry *entry)
{
    return entry->value->at.end;
}

static uint32_t entry_start(const struct node_entry *entry)
{
    return entry->key->at.start;
}

/* The column of `=`, when the argument stands on one line; 0 else. */
static size_t equals_column(const struct document *d, const struct node_entry *entry)
{
    uint32_t start = entry_start(entry), end = entry_end(entry);
    str line = edit_text(d, start, end);
    size_t at = str_find_char(line, '=');
    if (at == SIZE_MAX || str_find_char(line, '\n') != SIZE_MAX)
        return 0;
    return at;
}

/* `column`: where the equals sign should stand behind the beginning of the name; 0: as in the snippet. */
static void write_argument(struct editor *e, const struct node_entry *entry, str indent, size_t column, struct buf *out)
{
    str name = entry->key->u.string;
    if (!column) {
        edit_copy(e, entry_start(entry), entry_end(entry), indent, out);
        return;
    }
    buf_add(out, name);
    for (size_t i = name.n; i < column; i++)
        buf_add_char(out, ' ');
    buf_add_c(out, name.n < column ? "= " : " = ");
    edit_copy(e, entry->value->at.start, entry_end(entry), indent, out);
}

static void write_lines(struct editor *e, const struct node_entry *entry, size_t n, bool blocks, str indent,
                        size_t column, bool blank_first, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if ((entry[i].value->kind == NODE_BLOCK) != blocks)
            continue;
        if (blocks && blank_first)
            buf_add_char(out, '\n');
        blank_first = true;
        buf_add(out, indent);
        if (blocks)
            edit_copy(e, entry_start(&entry[i]), entry_end(&entry[i]), indent, out);
        else
            write_argument(e, &entry[i], indent, column, out);
        buf_add_char(out, '\n');
    }
}

static str deeper(struct editor *e, str indent)
{
    return arena_printf(e->arena, STR_FMT STR_FMT, STR_ARG(indent), STR_ARG(edit_step(e)));
}

/* `{ a = 1 }` and `{}` are opened: each entry gets its line. */
static bool open_and_add(struct editor *e, const struct node *body, const struct node_entry *entry, size_t n)
{
    str text = e->to->source->text;
    str outer = edit_indent_at(text, body->at.start), inner = deeper(e, outer);
    uint32_t first = body->at.start + 1, last = body->at.end - 1;
    if (body->u.map.n > 1)
        return edit_refuse(e, "several items share a line");
    struct buf out;
    buf_init(&out, SIZE_MAX);
    uint32_t at = first;
    if (body->u.map.n || str_trim(edit_text(e->to, first, last)).n) {
        while (at < last && (text.p[at] == ' ' || text.p[at] == '\t'))
            at++;
        edit_push(e, first, at, arena_printf(e->arena, "\n" STR_FMT, STR_ARG(inner)));
        for (at = last; at > first && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t');)
            at--;
    }
    buf_add_char(&out, '\n');
    write_lines(e, entry, n, false, inner, 0, false, &out);
    write_lines(e, entry, n, true, inner, 0, body->u.map.n > 0 || out.n > 1, &out);
    buf_add(&out, outer);
    edit_push(e, at, last, buf_str(&out));
    buf_release(&out);
    return true;
}

/* The last argument before the first block. */
static const struct node_entry *last_argument(const struct node *body)
{
    const struct node_entry *last = NULL;
    for (size_t i = 0; i < body->u.map.n && body->u.map.entry[i].value->kind != NODE_BLOCK; i++)
        last = &body->u.map.entry[i];
    return last;
}

static str inner_indent(struct editor *e, const struct node *body)
{
    str text = e->to->source->text;
    for (size_t i = 0; i < body->u.map.n; i++) {
        uint32_t start = entry_start(&body->u.map.entry[i]);
        str indent = edit_indent_at(text, start);
        if (edit_line_start(text, start) + indent.n == start)
            return indent;
    }
    return deeper(e, edit_indent_at(text, body->at.start));
}

static bool add_arguments(struct editor *e, const struct node *body, const struct node_entry *entry, size_t n,
                          str indent)
{
    const struct node_entry *last = last_argument(body);
    uint32_t at = last ? entry_end(last) : body->at.start + 1, line;
    if (!edit_next_line(e, at, &line) || line >= body->at.end)
        return edit_refuse(e, "several items share a line");
    struct buf out;
    buf_init(&out, SIZE_MAX);
    write_lines(e, entry, n, false, indent, last ? equals_column(e->to, last) : 0, false, &out);
    if (out.n && !last && body->u.map.n)
        buf_add_char(&out, '\n');
    if (out.n)
        edit_push(e, line, line, buf_str(&out));
    buf_release(&out);
    return true;
}

static bool add_blocks(struct editor *e, const struct node *body, const struct node_entry *entry, size_t n, str indent)
{
    str text = e->to->source->text;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    uint32_t at = edit_line_start(text, body->at.end - 1);
    bool ok = edit_indent_at(text, at).n + at == body->at.end - 1;
    write_lines(e, entry, n, true, indent, 0, body->u.map.n > 0, &out);
    if (out.n && ok)
        edit_push(e, at, at, buf_str(&out));
    ok |= !out.n;
    buf_release(&out);
    return ok || edit_refuse(e, "the closing brace shares a line");
}

/* At the end of a file. */
static bool append_to_file(struct editor *e, const struct node_entry *entry, size_t n)
{
    str text = e->to->source->text;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (text.n && text.p[text.n - 1] != '\n')
        buf_add_char(&out, '\n');
    for (size_t i = 0; i < n; i++) {
        if (text.n || i)
            buf_add_char(&out, '\n');
        edit_copy(e, entry_start(&entry[i]), entry_end(&entry[i]), STR_NONE, &out);
        buf_add_char(&out, '\n');
    }
    edit_push(e, (uint32_t)text.n, (uint32_t)text.n, buf_str(&out));
    buf_release(&out);
    return true;
}

bool edit_hcl_add(struct editor *e, const struct node *body, const struct node_entry *entry, size_t n)
{
    if (is_file(e, body))
        return append_to_file(e, entry, n);
    if (body->at.end < body->at.start + 2 || e->to->source->text.p[body->at.start] != '{')
        return edit_refuse(e, "the block has no braces");
    if (is_one_line(e, body))
        return open_and_add(e, body, entry, n);
    str indent = inner_indent(e, body);
    return add_arguments(e, body, entry, n, indent) && add_blocks(e, body, entry, n, indent);
}

bool edit_hcl_replace(struct editor *e, const struct node_entry *old, const struct node_entry *entry)
{
    if (old->value->kind == NODE_BLOCK || entry->value->kind == NODE_BLOCK)
        return edit_refuse(e, "one is a block, the other an argument");
    struct buf out;
    buf_init(&out, SIZE_MAX);
    edit_copy(e, entry->value->at.start, entry_end(entry), edit_indent_at(e->to->source->text, entry_start(old)), &out);
    edit_push(e, old->value->at.start, entry_end(old), buf_str(&out));
    buf_release(&out);
    return true;
}

bool edit_hcl_remove(struct editor *e, const struct node *body, const struct node_entry *old)
{
    str text = e->to->source->text;
    uint32_t start = edit_line_start(text, entry_start(old)), end;
    bool own_line = start + edit_indent_at(text, start).n == entry_start(old);
    if (own_line && edit_next_line(e, entry_end(old), &end)) {
        edit_push(e, start, end, STR_NONE);
        return true;
    }
    if (body->u.map.n != 1 || body == e->to->root)
        return edit_refuse(e, "several items share a line");
    edit_push(e, body->at.start + 1, body->at.end - 1, STR_NONE);
    return true;
}

/* Arguments take the line of the old one, blocks go to the end. In `{ a = 1 }` each entry gets its line. */
bool edit_hcl_swap(struct editor *e, const struct node *body, const struct node_entry *old,
                   const struct node_entry *entry, size_t n)
{
    str text = e->to->source->text, indent = edit_indent_at(text, entry_start(old));
    uint32_t start = edit_line_start(text, entry_start(old)), end;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (start + indent.n == entry_start(old) && edit_next_line(e, entry_end(old), &end)) {
        write_lines(e, entry, n, false, indent, equals_column(e->to, old), false, &out);
        edit_push(e, start, end, buf_str(&out));
        buf_release(&out);
        return add_blocks(e, body, entry, n, indent);
    }
    if (body->u.map.n != 1 || body == e->to->root) {
        buf_release(&out);
        return edit_refuse(e, "several items share a line");
    }
    str outer = edit_indent_at(text, body->at.start), inner = deeper(e, outer);
    buf_add_char(&out, '\n');
    write_lines(e, entry, n, false, inner, 0, false, &out);
    write_lines(e, entry, n, true, inner, 0, out.n > 1, &out);
    buf_add(&out, outer);
    edit_push(e, body->at.start + 1, body->at.end - 1, buf_str(&out));
    buf_release(&out);
    return true;
}
