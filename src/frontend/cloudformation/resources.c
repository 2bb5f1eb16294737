#include "frontend/cloudformation/resources.h"

#include "base/vec.h"
#include "frontend/cloudformation/assume.h"
#include "frontend/cloudformation/conditions.h"
#include "frontend/cloudformation/foreach.h"
#include "frontend/cloudformation/intrinsics.h"
#include "frontend/cloudformation/nested.h"
#include "frontend/cloudformation/sam.h"

/* Reading. */

static str type_of(struct cfn_stack *s, const struct node *n)
{
    str type = STR_NONE, tool;
    const struct node *at = node_find(n, "Type"), *module;
    if (cfn_call(at, false, &tool, &module) && str_starts(tool, STR("Rain::"))) {
        s->has_remote_parts = true;
        cfn_complain_once(s, tool, DIAG_NOT_ANALYSED, at->at, "what modules of the rain tool make is not analysed");
        return tool;
    }
    if (!at)
        cfn_complain(s, DIAG_STRUCTURE, n->at, "a resource needs a Type");
    else if (at->kind != NODE_STRING || !cfn_scoped_text(s, at, &type) || type.n == 0)
        cfn_complain(s, DIAG_STRUCTURE, at->at, "the Type of a resource must be text");
    else if (!str_contains(type, STR("::")) && !s->has_macro)
        cfn_complain(s, DIAG_STRUCTURE, at->at,
                     "no type is called \"" STR_FMT "\": Service::Product::Resource is expected", STR_ARG(type));
    return type;
}

/* What stands beside Properties instead of in them is nowhere. */
static void check_attributes(struct cfn_stack *s, const struct node *n)
{
    static const char *const known[] = {"Type",           "Properties",   "Metadata",       "DependsOn",
                                        "Condition",      "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy",
                                        "CreationPolicy", "Connectors",   "IgnoreGlobals",  "Description",
                                        "Version"};
    for (size_t i = 0; i < n->u.map.n && !s->has_macro && !s->has_remote_parts; i++) {
        const struct node *key = n->u.map.entry[i].key;
        bool is_known = str_starts(node_string(key), STR("Fn::"));
        for (size_t j = 0; j < ARRAY_LEN(known) && !is_known; j++)
            is_known = str_eq_c(node_string(key), known[j]);
        if (!is_known)
            cfn_complain(s, DIAG_STRUCTURE, key->at, "a resource has no \"" STR_FMT "\" beside its Properties",
                         STR_ARG(node_string(key)));
    }
}

static bool is_alphanumeric(str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
    }
    return id.n > 0;
}

static void check_id(struct cfn_stack *s, str id, span at)
{
    const struct cfn_parameter *p = map_find(&s->parameters, id);
    if (p)
        cfn_complain(s, DIAG_DUPLICATE_KEY, at, "a parameter and a resource are both called \"" STR_FMT "\"",
                     STR_ARG(id));
    if (!is_alphanumeric(id) && !s->has_macro && !s->has_remote_parts)
        cfn_complain(s, DIAG_ODDITY, at,
                     "the name of a resource has only letters and digits, and \"" STR_FMT "\" has others", STR_ARG(id));
}

void cfn_resources_read(struct cfn_stack *s, const struct node *resources)
{
    struct cfn_entries entries = {0};
    if (resources)
        cfn_expand(s, resources, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        const struct cfn_entry *e = &entries.at[i];
        const struct cfn_scope *outer = s->scope;
        struct cfn_resource *r = ARENA_NEW(s->arena, struct cfn_resource);
        s->scope = e->scope;
        *r = (struct cfn_resource){
            .id = e->key, .key = e->key_node, .node = e->value, .scope = e->scope, .open = e->open};
        if (e->value->kind == NODE_MAP)
            r->type = type_of(s, e->value);
        else
            cfn_complain(s, DIAG_STRUCTURE, e->value->at, "resource \"" STR_FMT "\" must be a mapping, not %s",
                         STR_ARG(e->key), node_kind_name((enum node_kind)e->value->kind));
        r->properties = node_find(e->value, "Properties");
        s->scope = outer;
        if (r->type.n == 0)
            continue;
        check_attributes(s, r->node);
        if (!e->scope) /* the names that loops make may have a variable that is not known */
            check_id(s, r->id, e->key_node->at);
        if (map_has(&s->resources, r->id) && e->scope)
            cfn_complain(s, DIAG_DUPLICATE_KEY, e->key_node->at, "two resources are called \"" STR_FMT "\"",
                         STR_ARG(r->id));
        map_set(&s->resources, r->id, r);
    }
    VEC_RELEASE(&entries);
}

/* Emitting. */

const struct value *cfn_resource_properties(struct cfn_stack *s, const struct cfn_resource *r)
{
    const struct node *n = r->properties;
    if (!n || n->kind == NODE_NULL)
        return value_map(s->arena, NULL, 0, cfn_origin(s, r->key));
    if (n->kind == NODE_LIST) {
        cfn_complain(s, DIAG_STRUCTURE, n->at, "Properties of \"" STR_FMT "\" must be a mapping, not a list",
                     STR_ARG(r->id));
        return cfn_unknown(s, n, "Properties are no mapping");
    }
    const struct value *v = cfn_eval_in(s, n, r->scope);
    if (value_is(v, VALUE_MAP) || value_is(v, VALUE_CHOICE) || value_is(v, VALUE_UNKNOWN))
        return v;
    cfn_complain(s, DIAG_STRUCTURE, n->at, "Properties of \"" STR_FMT "\" must be a mapping", STR_ARG(r->id));
    return cfn_unknown(s, n, "Properties are no mapping");
}

static const struct value *metadata(struct cfn_stack *s, const struct cfn_resource *r)
{
    static const char *const names[] = {"DeletionPolicy", "UpdateReplacePolicy", "DependsOn",   "Condition",
                                        "Metadata",       "CreationPolicy",      "UpdatePolicy"};
    struct value_entry found[ARRAY_LEN(names)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct node_entry *e = node_find_entry(r->node, str_of(names[i]));
        const struct value *v = e ? cfn_eval_in(s, e->value, r->scope) : NULL;
        if (v)
            found[n++] = (struct value_entry){str_of(names[i]), e->key->at, v};
    }
    return value_map(s->arena, arena_copy(s->arena, found, n * sizeof(*found)), n, cfn_origin(s, r->key));
}

const struct value *cfn_resource_condition(struct cfn_stack *s, const struct cfn_resource *r)
{
    const struct node *n = node_find(r->node, "Condition");
    str name;
    const struct cfn_scope *outer = s->scope;
    s->scope = r->scope;
    bool named = n && cfn_scoped_text(s, n, &name);
    s->scope = outer;
    if (n && !named) {
        cfn_complain(s, DIAG_STRUCTURE, n->at, "the Condition of a resource is the name of one");
        return cfn_unknown(s, n, "the condition cannot be read");
    }
    return n ? cfn_condition_named(s, name, n) : s->yes;
}

static str display_path(const struct cfn_resource *r)
{
    const struct node *m = node_find(r->node, "Metadata");
    return m ? node_string(node_find(m, "aws:cdk:path")) : STR_NONE;
}

/* A nested stack exists no more than its own resource does. */
static const struct value *exists_in_outer(struct cfn_stack *s, const struct value *own)
{
    const struct value *outer = s->exists;
    if (!outer || value_is(own, VALUE_UNKNOWN))
        return own;
    if (value_is(outer, VALUE_UNKNOWN) || value_is(own, VALUE_BOOL))
        return outer;
    return cfn_condition_choose(s, outer, own, s->no, s->document->root);
}

struct resource *cfn_resource_add(struct cfn_stack *s, struct graph_builder *b, const struct cfn_resource *r, str type,
                                  str id, const struct value *raw)
{
    const struct value *present = cfn_resource_condition(s, r);
    if (value_is(present, VALUE_BOOL) && !present->u.boolean)
        return NULL;
    present = exists_in_outer(s, present);
    struct resource *made =
        graph_add(b, type, arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(s->prefix), STR_ARG(id)));
    made->name = id;
    made->header = r->key->at;
    made->at = (span){r->key->at.file, r->key->at.start, r->node->at.end};
    if (r->node->at.file != r->key->at.file || made->at.end < made->at.start)
        made->at = r->node->at;
    made->call = s->call;
    made->display_path = display_path(r);
    made->open = r->open;
    made->incomplete =
        (r->node->flags & NODE_INCOMPLETE) || (r->properties && (r->properties->flags & NODE_INCOMPLETE));
    made->presence = r->open ? PRESENCE_UNKNOWN : PRESENT;
    if (!value_is(present, VALUE_BOOL)) {
        made->presence = value_is(present, VALUE_CHOICE) ? PRESENCE_CHOICE : PRESENCE_UNKNOWN;
        made->exists = value_is(present, VALUE_CHOICE) ? present : NULL;
    }
    made->raw = value_is(raw, VALUE_MAP) ? raw : value_map(s->arena, NULL, 0, cfn_origin(s, r->key));
    made->incomplete |= !value_is(raw, VALUE_MAP) || (raw->flags & VALUE_PARTIAL);
    made->metadata = metadata(s, r);
    return made;
}

static void emit_present(struct cfn_stack *s, struct graph_builder *b, struct cfn_resource *r,
                         const struct value *present)
{
    if (s->is_serverless && str_starts(r->type, STR("AWS::Serverless::")) && sam_emit(s, b, r))
        return;
    if (str_ends(r->type, STR("::MODULE"))) {
        b->unit.has_remote_parts = true;
        cfn_complain(s, DIAG_NOT_ANALYSED, r->key->at, "what module " STR_FMT " makes is not analysed",
                     STR_ARG(r->type));
    }
    (void)cfn_resource_add(s, b, r, r->type, r->id, cfn_resource_properties(s, r));
    if (!cfn_is_stack_type(r->type))
        return;
    struct cfn_stack *nested = cfn_nested_stack(s, r);
    if (!nested) {
        b->unit.has_remote_parts = true;
        return;
    }
    nested->exists = exists_in_outer(s, present);
    cfn_resources_emit(nested, b);
}

static void emit(struct cfn_stack *s, struct graph_builder *b, struct cfn_resource *r)
{
    const struct value *present = cfn_resource_condition(s, r);
    if (value_is(present, VALUE_BOOL) && !present->u.boolean)
        return;
    struct cfn_assumed before = cfn_assume(s, present, true);
    emit_present(s, b, r, present);
    cfn_assume_end(s, before);
}

/* Cycles of DependsOn: depth-first, with an explicit path so that a long chain is no deep recursion. */

enum colour { WHITE, GREY, BLACK };

struct visit {
    size_t resource, edge;
};

static const struct node *dependency(const struct cfn_resource *r, size_t i)
{
    const struct node *n = node_find(r->node, "DependsOn");
    if (!n)
        return NULL;
    if (n->kind == NODE_LIST)
        return i < n->u.list.n ? n->u.list.item[i] : NULL;
    return i == 0 ? n : NULL;
}

static void check_dependency(struct cfn_stack *s, const struct node *n)
{
    str name;
    if (!cfn_scalar_text(s, n, &name))
        cfn_complain(s, DIAG_STRUCTURE, n->at, "DependsOn takes names of resources");
    else if (!map_has(&s->resources, name) && !s->has_macro && !s->has_remote_parts && !s->is_serverless &&
             str_find_char(name, '{') == SIZE_MAX)
        cfn_complain(s, DIAG_REFERENCE, n->at, "DependsOn: there is no resource \"" STR_FMT "\"", STR_ARG(name));
}

static void check_dependencies(struct cfn_stack *s)
{
    size_t n = s->resources.n;
    struct map index;
    map_init(&index);
    for (size_t i = 0; i < n; i++)
        map_set(&index, s->resources.at[i].key, (void *)(uintptr_t)(i + 1));
    uint8_t *colour = ARENA_ARRAY(s->arena, uint8_t, n + 1);
    struct visit *path = ARENA_ARRAY(s->arena, struct visit, n + 1);
    for (size_t start = 0; start < n; start++) {
        size_t depth = 0;
        if (colour[start] != WHITE)
            continue;
        colour[start] = GREY;
        path[depth++] = (struct visit){start, 0};
        while (depth > 0) {
            struct visit *v = &path[depth - 1];
            const struct cfn_resource *r = s->resources.at[v->resource].value;
            const struct node *d = dependency(r, v->edge++);
            if (!d) {
                colour[v->resource] = BLACK;
                depth--;
                continue;
            }
            check_dependency(s, d);
            size_t to = (size_t)(uintptr_t)map_find(&index, node_string(d));
            if (to > 0 && colour[to - 1] == GREY)
                cfn_complain(s, DIAG_CYCLE, d->at,
                             "resources depend on themselves: \"" STR_FMT "\" and \"" STR_FMT "\"", STR_ARG(r->id),
                             STR_ARG(node_string(d)));
            if (to > 0 && colour[to - 1] == WHITE) {
                colour[to - 1] = GREY;
                path[depth++] = (struct visit){to - 1, 0};
            }
        }
    }
    map_release(&index);
}

void cfn_resources_emit(struct cfn_stack *s, struct graph_builder *b)
{
    check_dependencies(s);
    for (size_t i = 0; i < s->conditions.n; i++) { /* also those that nothing asks for */
        const struct cfn_condition *c = s->conditions.at[i].value;
        (void)cfn_condition_named(s, c->name, c->node);
    }
    for (size_t i = 0; i < s->resources.n; i++)
        emit(s, b, s->resources.at[i].value);
    if (s->is_serverless)
        sam_emit_implicit(s, b);
    b->unit.has_remote_parts |= s->has_remote_parts || s->has_macro;
}
