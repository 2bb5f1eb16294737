#include "frontend/cloudformation/foreach.h"

#include "base/path.h"
#include "base/vec.h"
#include "frontend/cloudformation/fragment.h"
#include "frontend/cloudformation/intrinsics.h"
#include "frontend/cloudformation/resources.h"

struct expansion {
    struct cfn_stack *stack;
    struct cfn_entries *out;
    unsigned depth;
    size_t copies;
    bool open;
};

bool cfn_has_expansion(const struct node *map)
{
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->u.map.n; i++) {
        str key = node_string(map->u.map.entry[i].key);
        if (str_starts(key, STR("Fn::ForEach")) || str_eq_c(key, "Fn::Transform"))
            return true;
    }
    return false;
}

static void expand(struct expansion *x, const struct node *map);

static void expand_body(struct expansion *x, const struct node *body, str variable, const struct value *v)
{
    struct cfn_stack *s = x->stack;
    struct cfn_scope *scope = ARENA_NEW(s->arena, struct cfn_scope);
    *scope = (struct cfn_scope){variable, v, s->scope};
    const struct cfn_scope *outer = s->scope;
    bool was_open = x->open;
    s->scope = scope;
    x->open = x->open || !v;
    expand(x, body);
    x->open = was_open;
    s->scope = outer;
}

/* Every item must be a text that is known; else the loop is symbolic. */
static const struct value *known_collection(struct cfn_stack *s, const struct node *n)
{
    const struct value *v = cfn_eval(s, n);
    if (value_is(v, VALUE_STRING) && n->kind != NODE_STRING) {
        const struct value **one = ARENA_ARRAY(s->arena, const struct value *, 1);
        one[0] = v;
        return value_list(s->arena, one, 1, NULL);
    }
    if (!value_is(v, VALUE_LIST))
        return NULL;
    const struct value **items = ARENA_ARRAY(s->arena, const struct value *, v->u.list.n);
    for (size_t i = 0; i < v->u.list.n; i++) {
        str text;
        const struct value *item = v->u.list.item[i];
        if (!item || !value_to_text(item, s->arena, &text))
            return NULL;
        items[i] = value_string(s->arena, text, item->origin);
    }
    return value_list(s->arena, items, v->u.list.n, v->origin);
}

static void expand_loop(struct expansion *x, const struct node_entry *e)
{
    struct cfn_stack *s = x->stack;
    const struct node *n = e->value;
    if (n->kind != NODE_LIST || n->u.list.n != 3 || n->u.list.item[0]->kind != NODE_STRING ||
        n->u.list.item[2]->kind != NODE_MAP) {
        cfn_complain(s, DIAG_STRUCTURE, n->at, "Fn::ForEach takes [variable, collection, {key: value}]");
        return;
    }
    if (!s->has_language_extensions && !s->has_macro)
        cfn_complain_once(s, STR("Fn::ForEach"), DIAG_EXPRESSION, e->key->at,
                          "Fn::ForEach needs \"Transform: AWS::LanguageExtensions\"");
    str variable = n->u.list.item[0]->u.string;
    const struct node *body = n->u.list.item[2];
    const struct node *over = n->u.list.item[1];
    bool too_many = over->kind == NODE_LIST && over->u.list.n > LIMIT_INSTANCES;
    const struct value *items = too_many ? NULL : known_collection(s, over);
    if (items && items->u.list.n > LIMIT_INSTANCES - x->copies)
        too_many = true;
    if (too_many) {
        cfn_complain(s, DIAG_LIMIT, n->u.list.item[1]->at,
                     "Fn::ForEach makes more than %u copies: only one is looked at", (unsigned)LIMIT_INSTANCES);
        items = NULL;
    }
    if (!items) {
        expand_body(x, body, variable, NULL);
        return;
    }
    for (size_t i = 0; i < items->u.list.n && x->copies < LIMIT_INSTANCES; i++) {
        x->copies++;
        expand_body(x, body, variable, items->u.list.item[i]);
    }
}

static void expand(struct expansion *x, const struct node *map)
{
    struct cfn_stack *s = x->stack;
    if (++x->depth > LIMIT_MODULE_DEPTH) {
        cfn_complain(s, DIAG_LIMIT, map->at, "loops and includes are nested too deeply");
        x->depth--;
        return;
    }
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct node_entry *e = &map->u.map.entry[i];
        str key = node_string(e->key);
        if (str_starts(key, STR("Fn::ForEach"))) {
            expand_loop(x, e);
        } else if (str_eq_c(key, "Fn::Transform")) {
            const struct node *included = cfn_included(s, e->value);
            if (included)
                expand(x, included);
        } else {
            struct cfn_entry entry = {key, e->key, e->value, s->scope, x->open};
            (void)cfn_scoped_text(s, e->key, &entry.key);
            VEC_PUSH(x->out, entry);
        }
    }
    x->depth--;
}

void cfn_expand(struct cfn_stack *s, const struct node *map, struct cfn_entries *ret_entries)
{
    struct expansion x = {.stack = s, .out = ret_entries};
    expand(&x, map);
}

static const struct node *open_included(struct cfn_stack *s, const struct node *transform, str location)
{
    if (str_contains(location, STR("://"))) {
        s->has_remote_parts = true;
        cfn_complain(s, DIAG_NOT_ANALYSED, transform->at, "AWS::Include of \"" STR_FMT "\" is not a local file",
                     STR_ARG(location));
        return NULL;
    }
    struct inputs *in = s->run->inputs;
    str path = path_join(s->arena, path_dir(s->path), location);
    const struct document *d = cfn_fragment_open(in, path, in->root, transform->at, s->arena, s->diags, NULL);
    if (!d) {
        s->has_remote_parts = true;
        return NULL;
    }
    const struct node *root = d->root;
    if (root->kind == NODE_MAP)
        return root;
    cfn_complain(s, DIAG_STRUCTURE, transform->at, "the included file \"" STR_FMT "\" is not a mapping",
                 STR_ARG(location));
    return NULL;
}

const struct node *cfn_included(struct cfn_stack *s, const struct node *transform)
{
    if (transform->kind == NODE_LIST && transform->u.list.n == 1)
        transform = transform->u.list.item[0];
    str name = node_string(node_find(transform, "Name"));
    if (!str_eq_c(name, "AWS::Include")) {
        if (name.n)
            cfn_name_macro(s, name, transform->at);
        else
            cfn_complain(s, DIAG_STRUCTURE, transform->at, "Fn::Transform takes {Name, Parameters}");
        return NULL;
    }
    const struct node *at = node_find(transform, "Parameters");
    const struct node *location = at ? node_find(at, "Location") : NULL;
    const struct value *v = location ? cfn_eval(s, location) : NULL;
    if (value_is(v, VALUE_STRING))
        return open_included(s, transform, v->u.string);
    s->has_remote_parts = true;
    cfn_complain(s, DIAG_NOT_ANALYSED, transform->at, "AWS::Include of a file whose location is not known");
    return NULL;
}

bool cfn_include(struct cfn_stack *s, const struct node *transform)
{
    const struct node *root = cfn_included(s, transform);
    if (!root)
        return false;
    const struct node *resources = node_find(root, "Resources");
    const struct node *mappings = node_find(root, "Mappings");
    for (size_t i = 0; mappings && mappings->kind == NODE_MAP && i < mappings->u.map.n; i++)
        (void)map_add(&s->mappings, node_string(mappings->u.map.entry[i].key),
                      (void *)(uintptr_t)mappings->u.map.entry[i].value);
    if (resources && resources->kind == NODE_MAP)
        cfn_resources_read(s, resources);
    return true;
}
