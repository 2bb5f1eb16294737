/* What stands in brackets: JSON, flow collections of YAML, objects and tuples of HCL. */
#include "syntax/edit_internal.h"

static bool is_hcl(const struct editor *e)
{
    return e->to->language == LANGUAGE_HCL;
}

/* How the document separates: the first map with an entry shows it. */
static const struct node *first_map(const struct node *n, unsigned depth)
{
    if (!n || depth > 8)
        return NULL;
    if (n->kind == NODE_MAP && n->u.map.n)
        return n;
    for (size_t i = 0; n->kind == NODE_LIST && i < n->u.list.n; i++) {
        const struct node *found = first_map(n->u.list.item[i], depth + 1);
        if (found)
            return found;
    }
    return NULL;
}

static bool has_blank_after_colon(const struct editor *e, const struct node *map)
{
    const struct node_entry *entry = &map->u.map.entry[0];
    str between = edit_text(e->to, entry->key->at.end, entry->value->at.start);
    return str_find_char(between, ' ') != SIZE_MAX || str_find_char(between, '\n') != SIZE_MAX;
}

static struct edit_layout layout_of(struct editor *e, const struct node *container)
{
    struct edit_layout l = {.style = is_hcl(e)                          ? EDIT_HCL
                                     : e->to->language == LANGUAGE_JSON ? EDIT_JSON
                                                                        : EDIT_FLOW,
                            .indent = edit_indent_at(e->to->source->text, container->at.start),
                            .step = edit_step(e),
                            .colon = ": ",
                            .comma = ", "};
    if (l.style == EDIT_HCL)
        l.colon = " = ";
    if (l.style == EDIT_JSON) {
        const struct node *shown =
            container->kind == NODE_MAP && container->u.map.n ? container : first_map(e->to->root, 0);
        if (shown && !has_blank_after_colon(e, shown)) {
            l.colon = ":";
            l.comma = ",";
        }
        l.lines = edit_line_start(e->to->source->text, container->at.start) > 0 &&
                  str_find_char(edit_text(e->to, container->at.start, container->at.end), '\n') != SIZE_MAX;
    }
    return l;
}

struct children {
    size_t n;
    uint32_t first, last; /* where the first begins and the last ends */
};

static struct children children_of(const struct node *n)
{
    struct children c = {0};
    if (n->kind == NODE_LIST && n->u.list.n)
        c = (struct children){n->u.list.n, n->u.list.item[0]->at.start, n->u.list.item[n->u.list.n - 1]->at.end};
    else if (n->kind == NODE_MAP && n->u.map.n)
        c = (struct children){n->u.map.n, n->u.map.entry[0].key->at.start,
                              n->u.map.entry[n->u.map.n - 1].value->at.end};
    return c;
}

static bool has_alias(const struct node *n)
{
    bool found = false;
    for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++)
        found |= (n->u.map.entry[i].value->flags & (NODE_ALIASED | NODE_MERGED)) != 0;
    for (size_t i = 0; n->kind == NODE_LIST && i < n->u.list.n; i++)
        found |= (n->u.list.item[i]->flags & NODE_ALIASED) != 0;
    return found;
}

/* Texts of what is new, to be joined. */
struct additions {
    str *at;
    size_t n;
};

/* Puts texts behind the last child, in its manner. */
static bool put(struct editor *e, const struct node *container, const struct additions *add,
                const struct edit_layout *l)
{
    str text = e->to->source->text;
    struct children c = children_of(container);
    bool wide = is_hcl(e) && container->kind == NODE_MAP;
    bool own_lines = c.n && edit_line_start(text, c.first) > container->at.start;
    uint32_t at = c.n ? c.last : container->at.start + 1;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (!c.n && (str_trim(edit_text(e->to, at, container->at.end - 1)).n)) {
        buf_release(&out);
        return edit_refuse(e, "a comment stands in the empty brackets");
    }
    if (!c.n) {
        for (size_t i = 0; i < add->n; i++) {
            if (l->lines) {
                buf_printf(&out, "\n" STR_FMT STR_FMT, STR_ARG(l->indent), STR_ARG(l->step));
                buf_add(&out, add->at[i]);
                buf_add_c(&out, i + 1 < add->n ? "," : "");
            } else {
                buf_add_c(&out, i ? ", " : wide ? " " : "");
                buf_add(&out, add->at[i]);
            }
        }
        if (l->lines)
            buf_printf(&out, "\n" STR_FMT, STR_ARG(l->indent));
        else if (wide)
            buf_add_char(&out, ' ');
        edit_push(e, at, container->at.end - 1, buf_str(&out));
        buf_release(&out);
        return true;
    }
    str indent = edit_indent_at(text, c.first);
    bool comma_last = c.last < text.n && text.p[c.last] == ',';
    if (own_lines && is_hcl(e)) {
        uint32_t line;
        if (!edit_next_line(e, at, &line) || line > container->at.end) {
            buf_release(&out);
            return edit_refuse(e, "several items share a line");
        }
        if (container->kind == NODE_LIST && !comma_last)
            edit_push(e, at, at, STR(","));
        for (size_t i = 0; i < add->n; i++) {
            buf_add(&out, indent);
            buf_add(&out, add->at[i]);
            buf_add_c(&out, comma_last || (container->kind == NODE_LIST && i + 1 < add->n) ? ",\n" : "\n");
        }
        edit_push(e, line, line, buf_str(&out));
        buf_release(&out);
        return true;
    }
    for (size_t i = 0; i < add->n; i++) {
        if (own_lines)
            buf_printf(&out, ",\n" STR_FMT, STR_ARG(indent));
        else
            buf_add_c(&out, l->comma);
        buf_add(&out, add->at[i]);
    }
    edit_push(e, at, at, buf_str(&out));
    buf_release(&out);
    return true;
}

/* Does the first child begin a line? Then its indentation is that of the new ones. */
static void place_children(struct editor *e, const struct node *container, struct edit_layout *l)
{
    struct children c = children_of(container);
    if (c.n && edit_line_start(e->to->source->text, c.first) > container->at.start)
        l->indent = edit_indent_at(e->to->source->text, c.first);
    else if (c.n)
        l->lines = false;
    else if (l->lines)
        l->indent = arena_printf(e->arena, STR_FMT STR_FMT, STR_ARG(l->indent), STR_ARG(l->step));
}

bool edit_flow_add(struct editor *e, const struct node *map, const struct node_entry *entry, size_t n)
{
    struct edit_layout outer = layout_of(e, map), l = outer;
    struct additions add = {ARENA_ARRAY(e->arena, str, n), n};
    if (has_alias(map))
        return edit_refuse(e, "the part has an alias");
    if (map->at.end < map->at.start + 2 || e->to->source->text.p[map->at.start] != '{')
        return edit_refuse(e, "the part has no braces");
    if (!map->u.map.n && l.style == EDIT_JSON)
        outer.lines = l.lines = edit_line_start(e->to->source->text, map->at.start) > 0;
    place_children(e, map, &l);
    for (size_t i = 0; i < n; i++) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        bool ok = edit_write_entry(e, &entry[i], &l, &out);
        add.at[i] = buf_copy(&out, e->arena);
        buf_release(&out);
        if (!ok)
            return false;
    }
    return put(e, map, &add, &outer);
}

bool edit_flow_append(struct editor *e, const struct node *list, const struct node *const *item, size_t n)
{
    struct edit_layout outer = layout_of(e, list), l = outer;
    struct additions add = {ARENA_ARRAY(e->arena, str, n), n};
    if (has_alias(list))
        return edit_refuse(e, "the part has an alias");
    place_children(e, list, &l);
    for (size_t i = 0; i < n; i++) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        bool ok = true;
        if (is_hcl(e) && e->from->language == LANGUAGE_HCL)
            edit_copy(e, item[i]->at.start, item[i]->at.end, l.indent, &out);
        else
            ok = edit_write(e, item[i], &l, &out);
        add.at[i] = buf_copy(&out, e->arena);
        buf_release(&out);
        if (!ok)
            return false;
    }
    return put(e, list, &add, &outer);
}

bool edit_flow_replace(struct editor *e, const struct node *old, const struct node *value)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    struct edit_layout l = layout_of(e, old);
    bool ok = true;
    if (is_hcl(e) && e->from->language == LANGUAGE_HCL)
        edit_copy(e, value->at.start, value->at.end, l.indent, &out);
    else
        ok = edit_write(e, value, &l, &out);
    if (ok)
        edit_push(e, old->at.start, old->at.end, buf_str(&out));
    buf_release(&out);
    return ok;
}

static bool begins_line(const struct editor *e, const struct node_entry *entry)
{
    str text = e->to->source->text;
    return edit_line_start(text, entry->key->at.start) + edit_indent_at(text, entry->key->at.start).n ==
           entry->key->at.start;
}

bool edit_flow_remove(struct editor *e, const struct node *map, const struct node_entry *old)
{
    size_t i = 0;
    uint32_t end;
    while (i < map->u.map.n && map->u.map.entry[i].key != old->key)
        i++;
    if (has_alias(map) || i == map->u.map.n)
        return edit_refuse(e, "the part has an alias");
    if (map->u.map.n == 1)
        edit_push(e, map->at.start + 1, map->at.end - 1, STR_NONE);
    else if (is_hcl(e) && begins_line(e, old) && edit_next_line(e, old->value->at.end, &end))
        edit_push(e, edit_line_start(e->to->source->text, old->key->at.start), end, STR_NONE);
    else if (i)
        edit_push(e, map->u.map.entry[i - 1].value->at.end, old->value->at.end, STR_NONE);
    else
        edit_push(e, old->key->at.start, map->u.map.entry[1].key->at.start, STR_NONE);
    return true;
}

bool edit_flow_swap(struct editor *e, const struct node *map, const struct node_entry *old,
                    const struct node_entry *entry, size_t n)
{
    struct edit_layout l = layout_of(e, map);
    if (has_alias(map))
        return edit_refuse(e, "the part has an alias");
    place_children(e, map, &l);
    bool own_lines = begins_line(e, old), ok = true;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < n && ok; i++) {
        if (i && own_lines)
            buf_printf(&out, "%s\n" STR_FMT, is_hcl(e) ? "" : ",", STR_ARG(l.indent));
        else if (i)
            buf_add_c(&out, l.comma);
        ok = edit_write_entry(e, &entry[i], &l, &out);
    }
    if (ok)
        edit_push(e, old->key->at.start, old->value->at.end, buf_str(&out));
    buf_release(&out);
    return ok;
}
