/* Functions of the graph that split up and name: what of a merged list a resource wrote itself, resources by
 * address, the service behind an ARN. */
#include "analysis/own.h"
#include "base/map.h"
#include "graph/model.h"
#include "policy/environment.h"

static const struct environment *environment_of(const struct cel_context *c)
{
    return c->data;
}

/* ---- own ---- */

static struct map companion_places(struct cel_context *c, const struct resource *r)
{
    struct map places;
    map_init(&places);
    for (size_t i = 0; i < r->n_companions; i++) {
        const struct resource *part = r->companion[i];
        map_set(&places, own_part_key(c->arena, part), (void *)part);
    }
    return places;
}

/* The list without what companions have added. */
static const struct value *written_here(struct cel_context *c, const struct resource *r, const struct value *list)
{
    struct map places = companion_places(c, r);
    const struct value **item = ARENA_ARRAY(c->arena, const struct value *, list->u.list.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < list->u.list.n && cel_spend(c, 1); i++) {
        const struct value *element = list->u.list.item[i];
        if (element && !map_has(&places, own_element_key(c->arena, element)))
            item[n++] = element;
    }
    map_release(&places);
    struct value *own = value_list(c->arena, item, n, list->origin);
    own->flags = list->flags;
    return own;
}

static bool adds_to(const struct environment *e, const struct resource *r, str attribute)
{
    const struct model_companion *companion;
    size_t n = model_companions(graph_model(e->graph), r->kind, &companion);
    for (size_t i = 0; i < n; i++)
        if (companion[i].many && str_eq(companion[i].into, attribute))
            return true;
    return false;
}

/* Did a companion bring this value in? */
static bool is_brought(const struct resource *r, str attribute, const struct value *v)
{
    span at = value_span(v);
    for (size_t i = 0; i < r->n_companions; i++) {
        const struct value *theirs = value_path(r->companion[i]->attributes, attribute);
        span there = value_span(theirs);
        if (theirs == v || (theirs && there.file == at.file && there.start == at.start && there.end == at.end))
            return true;
    }
    return false;
}

static struct cel_value own(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_RESOURCE || arg[1].kind != CEL_STRING)
        return cel_no_overload(c, "own", arg, n);
    const struct resource *r = arg[0].u.resource;
    if (adds_to(environment_of(c), r, arg[1].u.text)) {
        const struct value **item = ARENA_ARRAY(c->arena, const struct value *, 1);
        item[0] = r->attributes;
        return cel_from_graph(c, value_list(c->arena, item, 1, r->attributes->origin), r->id + 1);
    }
    const struct value *list = value_path(r->attributes, arg[1].u.text);
    if (value_is(list, VALUE_LIST))
        list = written_here(c, r, list);
    else if (list && is_brought(r, arg[1].u.text, list))
        return cel_lax_null();
    return cel_from_graph(c, list, r->id + 1);
}

/* ---- names ---- */

static struct cel_value resource_at(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct environment *e = environment_of(c);
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "resourceAt", arg, n);
    const struct resource *r = graph_find(e->graph, e->subject->unit, arg[0].u.text);
    return r ? cel_resource(r) : cel_unknown(STR("there is no such resource in the unit"));
}

/* The n-th part of a text between separators. */
static str part_of(str text, char separator, unsigned n)
{
    str rest = text, part = STR_NONE;
    for (unsigned i = 0; i <= n; i++)
        part = str_cut(rest, separator, &rest);
    return part;
}

static struct cel_value arn_service(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct environment *e = environment_of(c);
    const struct cel_value *v = &arg[0];
    (void)n;
    if (v->kind == CEL_NULL)
        return cel_lax_null();
    if (v->kind == CEL_RESOURCE)
        return cel_string(part_of(sym_str(v->u.resource->kind), '.', 1));
    bool ambiguous;
    const struct value *value = v->from;
    if (!value && v->kind == CEL_STRING)
        value = value_string(c->arena, v->u.text, NULL);
    const struct resource *r = value ? graph_resolve(e->graph, e->subject, value, &ambiguous) : NULL;
    if (r && r->kind)
        return cel_string(part_of(sym_str(r->kind), '.', 1));
    if (v->kind == CEL_STRING)
        return str_starts(v->u.text, STR("arn:")) ? cel_string(part_of(v->u.text, ':', 2)) : cel_string(STR(""));
    const struct value *first = value_is(value, VALUE_TEXT) && value->u.list.n ? value->u.list.item[0] : NULL;
    str service = part_of(value_str(first), ':', 2);
    if (str_starts(value_str(first), STR("arn:")) && service.n)
        return cel_string(service);
    return v->kind == CEL_UNKNOWN ? *v : cel_no_overload(c, "arnService", arg, n);
}

static struct cel_value is_declared(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct environment *e = environment_of(c);
    const struct cel_value *v = &arg[0];
    (void)n;
    if (v->kind == CEL_RESOURCE)
        return cel_bool(true);
    const struct value *value = v->from;
    if (!value && v->kind == CEL_STRING)
        value = value_string(c->arena, v->u.text, NULL);
    bool ambiguous = false;
    return cel_bool(value && (graph_resolve(e->graph, e->subject, value, &ambiguous) || ambiguous));
}

static const struct cel_function functions[] = {
    {"own", CEL_METHOD, 2, 2, own, "resource.own(attribute) -> value",
     "Of a list to which resources of their own (rules, entries, policies, settings) add: the elements that are "
     "written in this "
     "resource itself; for such a resource of its own: itself, as the one element. Of an attribute that is no list (a "
     "policy): its value, or null when a companion brings it.",
     "partial when the list is", "resource.own('ingress').all(r, isSet(r.description))"},
    {"resourceAt", CEL_GLOBAL, 1, 1, resource_at, "resourceAt(address) -> resource",
     "The resource with that address in the unit.", "unknown when there is none",
     "resource.hosts.all(h, resourceAt(h).data_class == 'phi')"},
    {"arnService", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, arn_service, "arnService(value) -> string",
     "The service whose resource is meant: 'acm' for an ARN of ACM or a reference to its certificate; '' for other "
     "text.",
     "unknown when neither the ARN nor the resource is known", "arnService(resource.certificate) == 'acm'"},
    {"isDeclared", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, is_declared, "isDeclared(value) -> bool",
     "Whether a reference or an ARN names a resource of these files; an input that is not known names none.", NULL,
     "resource.policy_arns.exists(p, !isDeclared(p) && p.contains(':aws:policy/'))"},
};

const struct cel_function_table functions_resource = {"resources", functions, ARRAY_LEN(functions)};
