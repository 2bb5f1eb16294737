#include "syntax/edit_internal.h"

/* ---------------------------------------------------------------- lists of edits */

enum { LOOK_BACK = 8192 }; /* bytes: what a line or the manner of a document is judged by */

struct ordered {
    struct edit edit;
    size_t order;
};

static int compare(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->edit.at.file != y->edit.at.file)
        return x->edit.at.file < y->edit.at.file ? -1 : 1;
    if (x->edit.at.start != y->edit.at.start)
        return x->edit.at.start < y->edit.at.start ? -1 : 1;
    bool insert_x = x->edit.at.start == x->edit.at.end, insert_y = y->edit.at.start == y->edit.at.end;
    if (insert_x != insert_y)
        return insert_x ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

bool edits_sort(struct edit *e, size_t n)
{
    struct ordered *all = alloc_get((n + 1) * sizeof(*all));
    bool apart = true;
    for (size_t i = 0; i < n; i++)
        all[i] = (struct ordered){e[i], i};
    if (n)
        qsort(all, n, sizeof(*all), compare);
    for (size_t i = 0; i < n; i++)
        e[i] = all[i].edit;
    alloc_put(all, (n + 1) * sizeof(*all));
    for (size_t i = 1; i < n; i++)
        if (e[i].at.file == e[i - 1].at.file && e[i].at.start < e[i - 1].at.end)
            apart = false;
    return apart;
}

str edits_apply(str text, uint32_t file, const struct edit *e, size_t n, struct arena *a)
{
    struct buf out;
    uint32_t at = 0;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        if (e[i].at.file != file)
            continue;
        buf_add(&out, str_slice(text, at, e[i].at.start));
        buf_add(&out, e[i].text);
        at = e[i].at.end;
    }
    buf_add(&out, str_slice(text, at, text.n));
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}

/* ---------------------------------------------------------------- what the parts share */

bool edit_refuse(struct editor *e, const char *why)
{
    if (!e->refusal)
        e->refusal = why;
    return false;
}

static bool has_crlf(str text)
{
    size_t at = str_find_char(str_slice(text, 0, LOOK_BACK), '\n');
    return at != SIZE_MAX && at > 0 && text.p[at - 1] == '\r';
}

void edit_push(struct editor *e, uint32_t start, uint32_t end, str text)
{
    struct buf b;
    bool crlf = has_crlf(e->to->source->text);
    buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && crlf)
            buf_add_char(&b, '\r');
        if (text.p[i] != '\r')
            buf_add_char(&b, text.p[i]);
    }
    struct edit edit = {{e->to->source->id, start, end}, buf_copy(&b, e->arena)};
    buf_release(&b);
    VEC_PUSH(e->edits, edit);
}

str edit_text(const struct document *d, uint32_t start, uint32_t end)
{
    return str_slice(d->source->text, start, end);
}

uint32_t edit_line_start(str text, uint32_t at)
{
    uint32_t least = at > LOOK_BACK ? at - LOOK_BACK : 0;
    while (at > least && text.p[at - 1] != '\n')
        at--;
    return at;
}

str edit_indent_at(str text, uint32_t at)
{
    uint32_t start = edit_line_start(text, at), end = start;
    while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
        end++;
    return str_slice(text, start, end);
}

str edit_step(const struct editor *e)
{
    str text = str_slice(e->to->source->text, 0, LOOK_BACK);
    size_t least = SIZE_MAX;
    for (uint32_t at = 0; at < text.n && least > 2;) {
        str indent = edit_indent_at(text, at);
        uint32_t behind = at + (uint32_t)indent.n;
        bool blank = behind >= text.n || text.p[behind] == '\n' || text.p[behind] == '\r';
        if (indent.n && !blank && indent.p[0] == '\t')
            return STR("\t");
        if (indent.n > 1 && !blank && indent.n < least)
            least = indent.n;
        while (behind < text.n && text.p[behind] != '\n')
            behind++;
        at = behind + 1;
    }
    static const char spaces[] = "        ";
    return least <= 8 ? (str){spaces, least} : (str){spaces, 2};
}

/* The end of the comment that begins there; else the place itself. */
static uint32_t behind_comment(const struct document *d, uint32_t at)
{
    size_t low = 0, high = d->n_comments;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->comment[middle].at.start < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->n_comments && d->comment[low].at.start == at ? d->comment[low].at.end : at;
}

bool edit_next_line(const struct editor *e, uint32_t at, uint32_t *ret)
{
    str text = e->to->source->text;
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == ','))
        at++;
    at = behind_comment(e->to, at);
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r'))
        at++;
    if (at < text.n && text.p[at] != '\n')
        return false;
    *ret = at < text.n ? at + 1 : at;
    return true;
}

/* Does `&name` stand before it? */
bool edit_is_anchored(const struct editor *e, const struct node *n)
{
    str text = e->to->source->text;
    uint32_t at = n->at.start;
    if (e->to->language != LANGUAGE_YAML)
        return false;
    while (at > 0 && strchr(" \t\r\n", text.p[at - 1]))
        at--;
    while (at > 0 && !strchr(" \t\r\n,[{:", text.p[at - 1]))
        at--;
    return at < n->at.start && text.p[at] == '&';
}

/* ---------------------------------------------------------------- by container */

static bool is_block_yaml(const struct editor *e, const struct node *n)
{
    return e->to->language == LANGUAGE_YAML && !(n->flags & NODE_FLOW);
}

static bool is_changeable(struct editor *e, const struct node *n)
{
    if (n->flags & (NODE_ALIASED | NODE_MERGED))
        return edit_refuse(e, "the part comes from an alias");
    if (n->flags & NODE_INCOMPLETE)
        return edit_refuse(e, "the part has a syntax error");
    if (edit_is_anchored(e, n))
        return edit_refuse(e, "the part has an anchor that others may use");
    return true;
}

bool edit_add(struct editor *e, const struct node *container, const struct node_entry *entry, size_t n)
{
    if (!n)
        return true;
    if (!is_changeable(e, container))
        return false;
    if (container->kind == NODE_BODY)
        return edit_hcl_add(e, container, entry, n);
    if (container->kind != NODE_MAP)
        return edit_refuse(e, "the part is not a mapping");
    return is_block_yaml(e, container) && container->u.map.n ? edit_yaml_add(e, container, entry, n)
                                                             : edit_flow_add(e, container, entry, n);
}

bool edit_replace(struct editor *e, const struct node *container, const struct node_entry *old,
                  const struct node_entry *entry)
{
    if (!is_changeable(e, container) || !is_changeable(e, old->value))
        return false;
    if (container->kind == NODE_BODY)
        return edit_hcl_replace(e, old, entry);
    if (is_block_yaml(e, container))
        return edit_yaml_replace(e, old, entry);
    return edit_flow_replace(e, old->value, entry->value);
}

bool edit_replace_scalar(struct editor *e, const struct node *old, const struct node *value)
{
    return is_changeable(e, old) && edit_flow_replace(e, old, value);
}

bool edit_remove(struct editor *e, const struct node *container, const struct node_entry *old)
{
    if (!is_changeable(e, container))
        return false;
    if (container->kind == NODE_BODY)
        return edit_hcl_remove(e, container, old);
    if (old->value->flags & (NODE_ALIASED | NODE_MERGED) || edit_is_anchored(e, old->value))
        return edit_refuse(e, "the part has an anchor or an alias");
    return is_block_yaml(e, container) ? edit_yaml_remove(e, container, old) : edit_flow_remove(e, container, old);
}

bool edit_swap(struct editor *e, const struct node *container, const struct node_entry *old,
               const struct node_entry *entry, size_t n)
{
    if (!is_changeable(e, container) || (container->kind != NODE_BODY && !is_changeable(e, old->value)))
        return false;
    if (container->kind == NODE_BODY)
        return edit_hcl_swap(e, container, old, entry, n);
    return is_block_yaml(e, container) ? edit_yaml_swap(e, old, entry, n) : edit_flow_swap(e, container, old, entry, n);
}

bool edit_append(struct editor *e, const struct node *list, const struct node *const *item, size_t n)
{
    if (!n)
        return true;
    if (!is_changeable(e, list))
        return false;
    if (list->kind != NODE_LIST)
        return edit_refuse(e, "the part is not a list");
    return is_block_yaml(e, list) && list->u.list.n ? edit_yaml_append(e, list, item, n)
                                                    : edit_flow_append(e, list, item, n);
}

bool edit_insert_lines(struct editor *e, uint32_t at, str text)
{
    str there = e->to->source->text;
    if (!edit_next_line(e, at, &at))
        return edit_refuse(e, "something else stands on the line");
    bool open = at == there.n && at > 0 && there.p[at - 1] != '\n';
    edit_push(e, at, at, open ? arena_printf(e->arena, "\n" STR_FMT, STR_ARG(text)) : text);
    return true;
}

/* ---------------------------------------------------------------- finding nodes */

static bool holds(const struct node *n, span at)
{
    return n && n->at.file == at.file && n->at.start <= at.start && n->at.end >= at.end;
}

/* The child that holds `at`; NULL for none. Children of expressions other than calls are not looked into. */
static const struct node *child_holding(const struct node *n, span at)
{
    switch (n->kind) {
    case NODE_MAP:
    case NODE_BODY:
        for (size_t i = 0; i < n->u.map.n; i++)
            if (holds(n->u.map.entry[i].value, at) && !(n->u.map.entry[i].value->flags & NODE_ALIASED))
                return n->u.map.entry[i].value;
        return NULL;
    case NODE_LIST:
        for (size_t i = 0; i < n->u.list.n; i++)
            if (holds(n->u.list.item[i], at))
                return n->u.list.item[i];
        return NULL;
    case NODE_BLOCK:
        return holds(n->u.block->body, at) ? n->u.block->body : NULL;
    case NODE_TAGGED:
        return holds(n->u.tagged.value, at) ? n->u.tagged.value : NULL;
    case NODE_CALL:
        for (size_t i = 0; i < n->u.call->n; i++)
            if (holds(n->u.call->argument[i], at))
                return n->u.call->argument[i];
        return NULL;
    case NODE_PAREN:
        return holds(n->u.pair.left, at) ? n->u.pair.left : NULL;
    case NODE_CONDITIONAL:
        return holds(n->u.conditional.yes, at)  ? n->u.conditional.yes
               : holds(n->u.conditional.no, at) ? n->u.conditional.no
                                                : NULL;
    default:
        return NULL;
    }
}

const struct node *edit_find(const struct node *root, span at, const struct node **path, size_t max, size_t *ret_n)
{
    const struct node *n = holds(root, at) || (root && root->at.file == at.file) ? root : NULL;
    *ret_n = 0;
    while (n) {
        const struct node *child = child_holding(n, at);
        if (!child || *ret_n == max)
            return n;
        path[(*ret_n)++] = n;
        n = child;
    }
    return NULL;
}
