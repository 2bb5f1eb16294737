#include "policy/suppression_lines.h"

uint32_t suppression_lines_of(const struct suppression_lines *l, uint32_t offset)
{
    uint32_t line = source_position(l->source, offset).line;
    return line < l->n ? line : l->n - 1;
}

static void put(struct suppression_lines *l, span *table, span at)
{
    uint32_t line = suppression_lines_of(l, at.start);
    if (!table[line].file)
        table[line] = at;
}

static void put_entry(struct suppression_lines *l, span at)
{
    put(l, l->entry, at);
    put(l, l->above, at);
}

static void note(struct suppression_lines *l, const struct node *n);

static void note_block(struct suppression_lines *l, const struct node *n)
{
    const struct node *body = n->u.block->body;
    put_entry(l, n->at);
    const struct node_entry *first = body && body->u.map.n ? &body->u.map.entry[0] : NULL;
    uint32_t end = n->at.end;
    if (first)
        end = first->key && first->key->at.file && first->key->at.start > n->at.start ? first->key->at.start
                                                                                      : first->value->at.start;
    for (uint32_t line = suppression_lines_of(l, n->u.block->header.start) + 1, last = suppression_lines_of(l, end);
         line < last + !first; line++)
        if (!l->inside[line].file)
            l->inside[line] = n->at;
    if (body)
        note(l, body);
}

static void note_map(struct suppression_lines *l, const struct node *n)
{
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        if (e->value->flags & (NODE_MERGED | NODE_ALIASED))
            continue;
        if (e->value->kind == NODE_BLOCK) {
            note_block(l, e->value);
            continue;
        }
        put_entry(l, (span){n->at.file, e->key->at.start,
                            e->value->at.end > e->key->at.end ? e->value->at.end : e->key->at.end});
        note(l, e->value);
    }
}

/* Readers bound the depth. */
static void note(struct suppression_lines *l, const struct node *n)
{
    if (!n || n->flags & NODE_ALIASED)
        return;
    switch (n->kind) {
    case NODE_MAP:
    case NODE_BODY:
        note_map(l, n);
        break;
    case NODE_LIST:
        for (size_t i = 0; i < n->u.list.n; i++) {
            put_entry(l, n->u.list.item[i]->at);
            note(l, n->u.list.item[i]);
        }
        break;
    case NODE_TAGGED:
        note(l, n->u.tagged.value);
        break;
    case NODE_PAREN:
        note(l, n->u.pair.left);
        break;
    case NODE_CALL:
        for (size_t i = 0; i < n->u.call->n; i++)
            note(l, n->u.call->argument[i]);
        break;
    default:
        break;
    }
}

/* Top-level blocks of HCL, resources of a template, the object. */
static void note_extent(struct suppression_lines *l, span at)
{
    for (uint32_t line = suppression_lines_of(l, at.start), last = suppression_lines_of(l, at.end); line <= last;
         line++)
        if (!l->resource[line].file)
            l->resource[line] = at;
}

static void note_blocks(struct suppression_lines *l, const struct node *root)
{
    for (size_t i = 0; root->kind == NODE_BODY && i < root->u.map.n; i++)
        if (root->u.map.entry[i].value->kind == NODE_BLOCK)
            note_extent(l, root->u.map.entry[i].value->at);
}

static void note_resources(struct suppression_lines *l, const struct node *root, enum suppression_shape shape)
{
    const struct node *resources = shape == SHAPE_CLOUDFORMATION ? node_find(root, "Resources") : NULL;
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node_entry *e = &resources->u.map.entry[i];
        uint32_t line = suppression_lines_of(l, e->value->at.start);
        if (e->value->kind == NODE_MAP && !l->above[line].file)
            l->above[line] = (span){e->key->at.file, e->key->at.start, e->value->at.end};
        note_extent(l, (span){e->key->at.file, e->key->at.start, e->value->at.end});
    }
    if (shape == SHAPE_KUBERNETES)
        note_extent(l, root->at);
    note_blocks(l, root);
    if (shape == SHAPE_KUBERNETES)
        put(l, l->above, root->at);
}

void suppression_lines_init(struct suppression_lines *l, const struct documents *d, const enum suppression_shape *shape,
                            struct arena *a)
{
    l->source = d->at[0].source;
    l->n = source_line_count(l->source) + 3;
    l->entry = ARENA_ARRAY(a, span, l->n);
    l->above = ARENA_ARRAY(a, span, l->n);
    l->inside = ARENA_ARRAY(a, span, l->n);
    l->resource = ARENA_ARRAY(a, span, l->n);
    for (size_t i = 0; i < d->n; i++) {
        const struct node *root = d->at[i].root;
        if (!root)
            continue;
        note_resources(l, root, shape[i]);
        note(l, root);
    }
    l->first = suppression_lines_next(l, 0);
}

uint32_t suppression_lines_next(struct suppression_lines *l, uint32_t line)
{
    if (l->from <= line && line < l->next)
        return l->next;
    l->from = line;
    for (l->next = line + 1; l->next + 2 < l->n; l->next++) {
        str text = str_trim(source_line(l->source, l->next));
        if (text.n && text.p[0] != '#' && !str_starts(text, STR("//")) && !str_starts(text, STR("---")))
            break;
    }
    return l->next;
}

span suppression_lines_target(struct suppression_lines *l, const struct comment *c)
{
    uint32_t line = suppression_lines_of(l, c->at.start);
    if (!c->own_line)
        return l->entry[line];
    if (l->inside[line].file)
        return l->inside[line];
    return l->above[suppression_lines_next(l, line)];
}
