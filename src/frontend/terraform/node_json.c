/* .tf.json: the same nodes that native syntax gives. Strings are templates; what is a block in native
 * syntax is an object, or a list of objects, under the block's name and labels. */
#include "base/vec.h"
#include "frontend/terraform/module.h"
#include "syntax/hcl.h"

struct json_reader {
    struct arena *arena;
    struct diag_list *diags;
    unsigned depth;
};

static struct node *new_node(struct arena *a, enum node_kind kind, const struct node *from)
{
    struct node *n = ARENA_NEW(a, struct node);
    n->kind = (uint8_t)kind;
    n->at = from->at;
    n->flags = from->flags;
    return n;
}

static const struct node *expression(struct json_reader *r, const struct node *n);

static const struct node *template_of(struct json_reader *r, const struct node *n)
{
    str s = n->u.string;
    if (str_find_char(s, '$') == SIZE_MAX && str_find_char(s, '%') == SIZE_MAX)
        return n;
    bool exact = n->flags & NODE_RAW;
    const struct node *t = hcl_read_template(s, n->at.file, n->at.start + 1, exact, n->at, r->arena, r->diags);
    return t ? t : new_node(r->arena, NODE_ERROR, n);
}

static const struct node *map_of(struct json_reader *r, const struct node *n)
{
    struct node *map = new_node(r->arena, NODE_MAP, n);
    struct node_entry *entries = ARENA_ARRAY(r->arena, struct node_entry, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++) {
        entries[i].key = template_of(r, n->u.map.entry[i].key);
        entries[i].value = expression(r, n->u.map.entry[i].value);
    }
    map->u.map.entry = entries;
    map->u.map.n = n->u.map.n;
    return map;
}

static const struct node *list_of(struct json_reader *r, const struct node *n)
{
    struct node *list = new_node(r->arena, NODE_LIST, n);
    list->u.list.item = ARENA_ARRAY(r->arena, const struct node *, n->u.list.n);
    list->u.list.n = n->u.list.n;
    for (size_t i = 0; i < n->u.list.n; i++)
        list->u.list.item[i] = expression(r, n->u.list.item[i]);
    return list;
}

static const struct node *expression(struct json_reader *r, const struct node *n)
{
    if (!n || r->depth > LIMIT_DEPTH)
        return n;
    r->depth++;
    const struct node *made = n->kind == NODE_STRING ? template_of(r, n)
                              : n->kind == NODE_MAP  ? map_of(r, n)
                              : n->kind == NODE_LIST ? list_of(r, n)
                                                     : n;
    r->depth--;
    return made;
}

/* "aws_kms_key.k" as the expression that it is. */
static const struct node *reference(struct json_reader *r, const struct node *n)
{
    if (n->kind != NODE_STRING)
        return n;
    str s = n->u.string;
    if (str_starts(s, STR("${")))
        return template_of(r, n);
    const struct node *e =
        hcl_read_expression(s, n->at.file, n->at.start + 1, n->flags & NODE_RAW, n->at, r->arena, r->diags);
    return e ? e : n;
}

static const struct node *references(struct json_reader *r, const struct node *n)
{
    if (n->kind != NODE_LIST)
        return reference(r, n);
    struct node *list = new_node(r->arena, NODE_LIST, n);
    list->u.list.item = ARENA_ARRAY(r->arena, const struct node *, n->u.list.n);
    list->u.list.n = n->u.list.n;
    for (size_t i = 0; i < n->u.list.n; i++)
        list->u.list.item[i] = reference(r, n->u.list.item[i]);
    return list;
}

struct entries {
    struct node_entry *at;
    size_t n, cap;
};

static const struct node *body_of(struct json_reader *r, const struct node *n, str type);

/* Goes down through `labels` levels of names, then makes a block of each object. */
static void add_blocks(struct json_reader *r, struct entries *to, str type, const struct node *key,
                       const struct node *n, size_t labels, const struct node **label, size_t n_labels)
{
    if (n->kind == NODE_LIST) {
        for (size_t i = 0; i < n->u.list.n; i++)
            add_blocks(r, to, type, key, n->u.list.item[i], labels, label, n_labels);
        return;
    }
    if (n->kind != NODE_MAP) {
        if (n->kind != NODE_NULL)
            diag_add(r->diags, DIAG_STRUCTURE, n->at, "\"" STR_FMT "\" must be an object", STR_ARG(type));
        return;
    }
    if (labels > n_labels) {
        for (size_t i = 0; i < n->u.map.n; i++) {
            label[n_labels] = n->u.map.entry[i].key;
            if (!str_eq_c(node_string(n->u.map.entry[i].key), "//"))
                add_blocks(r, to, type, n->u.map.entry[i].key, n->u.map.entry[i].value, labels, label, n_labels + 1);
        }
        return;
    }
    struct node *block = new_node(r->arena, NODE_BLOCK, n);
    block->u.block = arena_alloc(r->arena, sizeof(*block->u.block));
    block->u.block->type = type;
    block->u.block->label = arena_copy(r->arena, label, n_labels * sizeof(struct node *));
    block->u.block->n_labels = n_labels;
    block->u.block->body = body_of(r, n, type);
    block->u.block->header = key->at;
    struct node_entry e = {key, block};
    VEC_PUSH(to, e);
}

static size_t labels_of(str type)
{
    return str_eq_c(type, "resource") || str_eq_c(type, "data") || str_eq_c(type, "ephemeral") ? 2
           : str_eq_c(type, "variable") || str_eq_c(type, "output") || str_eq_c(type, "module") ||
                   str_eq_c(type, "provider") || str_eq_c(type, "check") || str_eq_c(type, "backend") ||
                   str_eq_c(type, "dynamic") || str_eq_c(type, "provisioner")
               ? 1
               : 0;
}

static bool is_block(str parent, str key)
{
    static const char *const inner[][2] = {
        {"resource", "lifecycle"}, {"resource", "provisioner"}, {"resource", "connection"},
        {"resource", "dynamic"},   {"data", "lifecycle"},       {"data", "dynamic"},
        {"dynamic", "content"},    {"content", "dynamic"},      {"variable", "validation"},
        {"terraform", "backend"},  {"terraform", "cloud"},      {"provider", "default_tags"},
    };
    for (size_t i = 0; i < ARRAY_LEN(inner); i++) {
        if (str_eq_c(parent, inner[i][0]) && str_eq_c(key, inner[i][1]))
            return true;
    }
    return false;
}

static const struct node *argument(struct json_reader *r, str type, str key, const struct node *n)
{
    if (str_eq_c(key, "depends_on") || str_eq_c(key, "provider") || str_eq_c(key, "ignore_changes") ||
        str_eq_c(key, "replace_triggered_by"))
        return references(r, n);
    if (str_eq_c(type, "variable") && str_eq_c(key, "type"))
        return reference(r, n);
    if (str_eq_c(type, "variable") && str_eq_c(key, "default"))
        return n;
    return expression(r, n);
}

static const struct node *body_of(struct json_reader *r, const struct node *n, str type)
{
    struct node *body = new_node(r->arena, NODE_BODY, n);
    struct entries entries = {0};
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        str key = node_string(e->key);
        const struct node *label[2];
        if (str_eq_c(key, "//"))
            continue;
        if (is_block(type, key)) {
            add_blocks(r, &entries, key, e->key, e->value, labels_of(key), label, 0);
        } else {
            struct node_entry made = {e->key, argument(r, type, key, e->value)};
            VEC_PUSH(&entries, made);
        }
    }
    size_t count;
    body->u.map.entry = VEC_MOVE(&entries, r->arena, &count);
    body->u.map.n = count;
    return body;
}

const struct node *module_json_expression(const struct node *n, struct arena *a, struct diag_list *diags)
{
    struct json_reader r = {.arena = a, .diags = diags};
    return expression(&r, n);
}

const struct node *module_json_body(const struct node *root, struct arena *a, struct diag_list *diags)
{
    struct json_reader r = {.arena = a, .diags = diags};
    struct entries entries = {0};
    const struct node *label[2];
    if (root->kind != NODE_MAP) {
        diag_add(diags, DIAG_STRUCTURE, root->at, "a configuration must be a JSON object");
        return NULL;
    }
    for (size_t i = 0; i < root->u.map.n; i++) {
        const struct node_entry *e = &root->u.map.entry[i];
        str type = node_string(e->key);
        if (!str_eq_c(type, "//"))
            add_blocks(&r, &entries, type, e->key, e->value, labels_of(type), label, 0);
    }
    struct node *body = new_node(a, NODE_BODY, root);
    size_t count;
    body->u.map.entry = VEC_MOVE(&entries, a, &count);
    body->u.map.n = count;
    return body;
}
