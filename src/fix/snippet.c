#include "base/vec.h"
#include "fix/fix_internal.h"
#include "syntax/hcl.h"
#include "syntax/yaml.h"

static const struct {
    const char *type;
    size_t labels;
} whole_blocks[] = {{"resource", 2}, {"data", 2},     {"variable", 1},  {"output", 1},
                    {"module", 1},   {"provider", 1}, {"terraform", 0}, {"locals", 0}};

bool snippet_is_whole_block(const struct node *n)
{
    for (size_t i = 0; n->kind == NODE_BLOCK && i < ARRAY_LEN(whole_blocks); i++)
        if (str_eq_c(n->u.block->type, whole_blocks[i].type) && n->u.block->n_labels == whole_blocks[i].labels)
            return true;
    return false;
}

bool snippet_is_whole_manifest(const struct node *map)
{
    return map && node_string(node_find(map, "apiVersion")).n && node_string(node_find(map, "kind")).n;
}

static bool is_type(const struct node *n)
{
    return str_contains(node_string(n), STR("::"));
}

bool snippet_is_whole_template(const struct node *map)
{
    if (!map || map->kind != NODE_MAP || !map->u.map.n)
        return false;
    for (size_t i = 0; i < map->u.map.n; i++)
        if (!is_type(node_find(map->u.map.entry[i].value, "Type")))
            return false;
    return true;
}

bool snippet_is_resource_level(const struct node *map)
{
    static const char *const names[] = {"Properties", "DeletionPolicy", "UpdateReplacePolicy",
                                        "DependsOn",  "UpdatePolicy",   "CreationPolicy",
                                        "Metadata"};
    if (!map || map->kind != NODE_MAP)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (node_find(map, names[i]))
            return true;
    return is_type(node_find(map, "Type"));
}

static struct source *source_of(str text, const char *path, struct arena *a)
{
    struct source *s = ARENA_NEW(a, struct source);
    *s = (struct source){.path = str_of(path), .text = text};
    return s;
}

bool snippet_read(str text, str format, struct arena *a, struct snippet *ret)
{
    struct diag_list diags;
    *ret = (struct snippet){.text = text};
    diag_list_init(&diags, a);
    if (str_eq_c(format, "terraform")) {
        struct document *d = ARENA_NEW(a, struct document);
        *d = hcl_read(source_of(text, "fix.tf", a), a, &diags);
        ret->documents = (struct documents){d, 1, 0};
    } else {
        struct documents all = {0};
        yaml_read(source_of(text, "fix.yaml", a), a, &diags, &all);
        ret->documents = all;
    }
    bool ok = !diag_count(&diags, DIAG_WARNING) && ret->documents.n > 0;
    diag_list_release(&diags);
    for (size_t i = 0; i < ret->documents.n; i++)
        ok &= ret->documents.at[i].root &&
              (ret->documents.at[i].root->kind == NODE_MAP || ret->documents.at[i].root->kind == NODE_BODY) &&
              ret->documents.at[i].root->u.map.n > 0;
    if (!ok)
        return false;
    ret->document = &ret->documents.at[0];
    const struct node *root = ret->document->root;
    bool whole;
    if (str_eq_c(format, "terraform"))
        whole = snippet_is_whole_block(root->u.map.entry[0].value);
    else if (str_eq_c(format, "cloudformation"))
        whole = snippet_is_whole_template(root);
    else
        whole = snippet_is_whole_manifest(root);
    ret->kind = whole ? SNIPPET_WHOLE : SNIPPET_PART;
    return true;
}
