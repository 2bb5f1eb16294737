/* Functions of the graph: from a value to the resource behind it, and from a resource to those that
 * refer to it. */
#include "base/vec.h"
#include "policy/environment.h"

struct resources {
    struct cel_value *at;
    size_t n, cap;
};

static const struct environment *environment_of(const struct cel_context *c)
{
    return c->data;
}

static const struct resource *as_resource(const struct cel_value *v)
{
    return v->kind == CEL_RESOURCE ? v->u.resource : NULL;
}

/* Whether a resource exists in the world at hand: one that may not exist makes the list partial. */
static bool counts(struct cel_context *c, const struct resource *r, bool *partial)
{
    if (r->presence == PRESENT)
        return true;
    if (r->presence == PRESENCE_CHOICE) {
        struct cel_value exists = cel_from_graph(c, r->exists, 0);
        enum cel_truth truth = cel_truth(&exists);
        if (truth == CEL_YES || truth == CEL_NO)
            return truth == CEL_YES;
    }
    *partial = true;
    return false;
}

static struct cel_value finish(struct cel_context *c, struct resources *found, bool partial)
{
    size_t n;
    struct cel_value *items = VEC_MOVE(found, c->arena, &n);
    struct cel_value list = cel_list(c, items, n);
    list.flags |= CEL_LAX | (partial ? CEL_PARTIAL : 0);
    return list;
}

static bool unit_is_open(const struct graph *g, const struct resource *r)
{
    const struct unit *u = graph_unit(g, r->unit);
    return u->incomplete || u->has_remote_parts;
}

/* A resource of the kind whose pointing attribute cannot be followed may belong to anybody in its unit. */
static bool points_nowhere(const struct resource *r, sym target_kind, str attribute)
{
    for (size_t i = 0; i < r->n_edges; i++) {
        bool named = !attribute.n || str_eq(r->edge[i].attribute, attribute);
        if (named && r->edge[i].to->kind == target_kind)
            return false;
    }
    const struct value *v = attribute.n ? value_path(r->attributes, attribute) : NULL;
    return v && !value_is_known(v);
}

static struct cel_value related(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct resource *r = as_resource(&arg[0]);
    const struct graph *g = environment_of(c)->graph;
    if (!r || arg[1].kind != CEL_STRING || (n > 2 && arg[2].kind != CEL_STRING))
        return cel_no_overload(c, "related", arg, n);
    sym kind = sym_find(arg[1].u.text);
    str attribute = n > 2 ? arg[2].u.text : STR_NONE;
    struct resources found = {0};
    bool partial = unit_is_open(g, r);
    for (size_t i = 0; i < r->n_back_edges && kind; i++) {
        const struct edge *e = &r->back_edge[i];
        if (e->to->kind != kind || (attribute.n && !str_eq(e->attribute, attribute)))
            continue;
        bool repeated = false;
        for (size_t k = 0; k < found.n && !repeated; k++)
            repeated = found.at[k].u.resource == e->to;
        if (!repeated && counts(c, e->to, &partial))
            VEC_PUSH(&found, cel_resource(e->to));
    }
    size_t n_kind;
    struct resource *const *all = graph_of_kind(g, kind, &n_kind);
    for (size_t i = 0; i < n_kind && !partial; i++) {
        if (!cel_spend(c, 1))
            break;
        partial = all[i]->unit == r->unit && points_nowhere(all[i], r->kind, attribute);
    }
    return finish(c, &found, partial);
}

static struct cel_value resources(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct environment *e = environment_of(c);
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "resources", arg, n);
    const struct unit *u = graph_unit(e->graph, e->subject->unit);
    sym kind = sym_find(arg[0].u.text);
    struct resources found = {0};
    bool partial = unit_is_open(e->graph, e->subject);
    size_t n_kind;
    struct resource *const *all = graph_of_kind(e->graph, kind, &n_kind);
    for (size_t i = 0; i < n_kind; i++) {
        bool here = all[i]->id >= u->first && all[i]->id < u->first + u->n;
        if (here && !all[i]->is_data && cel_spend(c, 1) && counts(c, all[i], &partial))
            VEC_PUSH(&found, cel_resource(all[i]));
    }
    return finish(c, &found, partial);
}

static struct cel_value resolve(struct cel_context *c, const struct cel_value *v)
{
    const struct environment *e = environment_of(c);
    if (v->kind == CEL_NULL || v->kind == CEL_RESOURCE)
        return *v;
    const struct value *value = v->from;
    if (!value && v->kind == CEL_STRING)
        value = value_string(c->arena, v->u.text, NULL);
    if (!value)
        return v->kind == CEL_UNKNOWN ? *v : cel_no_overload(c, "ref", v, 1);
    bool ambiguous = false;
    const struct resource *r = graph_resolve(e->graph, e->subject, value, &ambiguous);
    if (r)
        return cel_resource(r);
    if (ambiguous)
        return cel_unknown(STR("several resources could be meant"));
    if (v->kind == CEL_UNKNOWN)
        return *v;
    return cel_unknown(STR("the resource that is referred to is not among the analysed files"));
}

static struct cel_value ref(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    if (arg[0].kind != CEL_LIST)
        return resolve(c, &arg[0]);
    struct cel_value list = cel_settle(c, arg[0]);
    size_t count = cel_list_size(&list);
    struct cel_value *items = ARENA_ARRAY(c->arena, struct cel_value, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct cel_value item = cel_list_at(c, &list, i);
        items[i] = resolve(c, &item);
    }
    struct cel_value result = cel_list(c, items, count);
    result.flags |= CEL_LAX | (list.flags & CEL_PARTIAL);
    return result;
}

/* Written somewhere, whatever its value: not null, not empty, not a default. */
static struct cel_value is_set(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)c;
    (void)n;
    const struct cel_value *v = &arg[0];
    if (v->kind == CEL_UNKNOWN)
        return cel_unknown_is_something(v) ? cel_bool(true) : *v;
    if (v->kind == CEL_NULL)
        return cel_bool(false);
    if (v->from && v->from->flags & VALUE_DEFAULTED)
        return cel_bool(false);
    if (v->kind == CEL_STRING)
        return cel_bool(v->u.text.n > 0);
    if (v->kind == CEL_LIST)
        return cel_list_size(v) || !(v->flags & CEL_PARTIAL) ? cel_bool(cel_list_size(v) > 0) : cel_unknown(STR("more elements are possible"));
    return cel_bool(true);
}

static const struct cel_function functions[] = {
    {"related", CEL_METHOD, 2, 3, related, "resource.related(kind, attribute?) -> list of resources",
     "The resources of a kind that refer to this one, by that attribute when it is given.",
     "the list is partial when a part of the unit could not be read, or when such a resource may not exist or its "
     "reference is not known",
     "resource.related('aws.ec2.flow_log').size() > 0"},
    {"resources", CEL_GLOBAL, 1, 1, resources, "resources(kind) -> list of resources",
     "The resources of a kind in the unit of the subject.", "partial as with related()",
     "resources('aws.cloudtrail.trail').exists(t, t.is_multi_region_trail == true)"},
    {"ref", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, ref, "ref(value) -> resource; ref(list) -> list of resources",
     "The resource that a value refers to, by reference, ARN, id or name; null for null.",
     "unknown when the resource is not among the analysed files", "ref(resource.kms_key_id).enable_key_rotation == true"},
    {"isSet", CEL_METHOD | CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, is_set, "isSet(value) -> bool",
     "Something is written there: not null, not empty, not a default.",
     "true for an unknown that is certainly something, such as the ARN of another resource", "isSet(resource.kms_key_id)"},
};

const struct cel_function_table functions_graph = {"graph", functions, ARRAY_LEN(functions)};
