#include <assert.h>

#include "base/image_layout.h"
#include "syntax/node.h"

static const struct image_layout node_layout;

static const struct image_field entry_fields[] = {
    FIELD_ONE(struct node_entry, key, node_layout),
    FIELD_ONE(struct node_entry, value, node_layout),
};
static const struct image_layout entry_layout = LAYOUT(struct node_entry, entry);
static const struct image_field number_fields[] = {FIELD_TEXT(struct node, u.number.text)};
static const struct image_field string_fields[] = {FIELD_TEXT(struct node, u.string)};
static const struct image_field list_fields[] = {FIELD_POINTERS(struct node, u.list.item, u.list.n, node_layout)};
static const struct image_field map_fields[] = {FIELD_ARRAY(struct node, u.map.entry, u.map.n, entry_layout)};

static const struct image_layout *variant(const void *object)
{
    static const struct image_layout plain = {sizeof(struct node), NULL, 0, NULL};
    static const struct image_layout number = LAYOUT(struct node, number), string = LAYOUT(struct node, string),
                                     list = LAYOUT(struct node, list), map = LAYOUT(struct node, map);
    const struct node *n = object;
    switch ((enum node_kind)n->kind) {
    case NODE_NUMBER:
        return &number;
    case NODE_STRING:
        return &string;
    case NODE_LIST:
        return &list;
    case NODE_MAP:
        return &map;
    default:
        assert(n->kind == NODE_NULL || n->kind == NODE_BOOL);
        return &plain;
    }
}

static const struct image_layout node_layout = {sizeof(struct node), NULL, 0, variant};

void node_freeze(const struct node *n, struct buf *out)
{
    image_freeze(n, &node_layout, NULL, out);
}
