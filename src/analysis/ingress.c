/* What leads to pods from outside the cluster: services, ingresses, gateways and their routes. */
#include "analysis/place.h"
#include "analysis/selectors.h"

struct lead {
    struct pod *pod;
    const struct value *verdict;
};

struct service {
    const struct resource *r;
    const struct value *address;
    VEC(struct lead) leads;
    struct value_items pods;
};

struct names {
    VEC(str) found;
    bool open;
};

enum { BACKEND_DEPTH = 16 }; /* levels of a route above its backends */

static const struct value *text(struct analysis *a, const char *s, const struct value *cause)
{
    return value_string(a->arena, str_of(s), cause ? cause->origin : NULL);
}

static const struct value *unknown(struct analysis *a, const char *reason)
{
    return value_unknown(a->arena, str_of(reason), NULL);
}

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

/* ---- schemes ---- */

static const struct value *annotation(const struct resource *r, const char *name)
{
    const struct value *all = value_get(r->attributes, STR("annotations"));
    if (!all || all->kind == VALUE_NULL)
        return NULL;
    if (all->kind != VALUE_MAP)
        return all;
    const struct value *v = value_get(all, str_of(name));
    return is_nothing(v) ? NULL : v;
}

static const struct value *scheme_of_text(struct analysis *a, const struct value *v)
{
    if (v->kind == VALUE_STRING)
        return text(a, str_eq_c(v->u.string, "internet-facing") ? "internet-facing" : "internal", v);
    return unknown(a, "its scheme is not known");
}

static bool is_true(const struct value *v)
{
    str s = value_str(v);
    bool b = false;
    return (value_to_bool(v, &b) && b) || str_eq_c(s, "0.0.0.0/0") || str_eq_c(s, "10.0.0.0/8");
}

/* Load balancers of other clouds have annotations of their own. */
static const struct value *other_cloud(struct analysis *a, const struct resource *r)
{
    static const char *const internal[][2] = {
        {"networking.gke.io/load-balancer-type", "Internal"},
        {"cloud.google.com/load-balancer-type", "Internal"},
        {"service.beta.kubernetes.io/azure-load-balancer-internal", "true"},
    };
    for (size_t i = 0; i < ARRAY_LEN(internal); i++) {
        const struct value *v = annotation(r, internal[i][0]);
        str s = value_str(v);
        bool b;
        if (str_eq_c(s, internal[i][1]) || (value_to_bool(v, &b) && b))
            return text(a, "internal", v);
    }
    return NULL;
}

static const struct value *balancer_scheme(struct analysis *a, const struct resource *r, const struct value *type)
{
    const struct value *v = annotation(r, "service.beta.kubernetes.io/aws-load-balancer-scheme");
    if (v)
        return scheme_of_text(a, v);
    v = annotation(r, "service.beta.kubernetes.io/aws-load-balancer-internal");
    if (v)
        return v->kind == VALUE_UNKNOWN ? unknown(a, "its scheme is not known")
                                        : text(a, is_true(v) ? "internal" : "internet-facing", v);
    v = other_cloud(a, r);
    if (v)
        return v;
    /* The AWS Load Balancer Controller makes internal ones unless told; the controller in the tree does not. */
    const struct value *class = place_field(r, "load_balancer_class");
    if (class && class->kind == VALUE_STRING)
        return text(a, "internal", class);
    v = annotation(r, "service.beta.kubernetes.io/aws-load-balancer-type");
    str controller = value_str(v);
    if (str_eq_c(controller, "external") || str_eq_c(controller, "nlb-ip"))
        return text(a, "internal", v);
    return text(a, "internet-facing", type);
}

static const struct value *service_scheme(struct analysis *a, const struct resource *r)
{
    const struct value *type = place_field(r, "type");
    if (is_nothing(type))
        return text(a, "none", NULL);
    if (type->kind != VALUE_STRING)
        return unknown(a, "its type is not known");
    return str_eq_c(type->u.string, "LoadBalancer") ? balancer_scheme(a, r, type) : text(a, "none", type);
}

static const struct value *ingress_scheme(struct analysis *a, const struct resource *r)
{
    const struct value *v = annotation(r, "alb.ingress.kubernetes.io/scheme");
    if (v)
        return scheme_of_text(a, v);
    const struct value *class = place_field(r, "class");
    if (is_nothing(class))
        class = annotation(r, "kubernetes.io/ingress.class");
    if (value_is(class, VALUE_STRING) && str_eq_c(class->u.string, "alb"))
        return text(a, "internal", class);
    return unknown(a, "the controller of its class decides whether it faces the internet");
}

/* ---- backends ---- */

static void add_name(struct names *n, const struct value *v)
{
    if (value_is(v, VALUE_STRING) && v->u.string.n)
        VEC_PUSH(&n->found, v->u.string);
    else if (!is_nothing(v))
        n->open = true;
}

/* Services under `service` {name}, `service_name` and in `backend_refs`. */
static void find_backends(const struct value *v, struct names *n, unsigned depth)
{
    if (!v || depth > BACKEND_DEPTH)
        return;
    if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->u.list.n; i++)
            find_backends(v->u.list.item[i], n, depth + 1);
        n->open |= (v->flags & VALUE_PARTIAL) != 0;
        return;
    }
    if (v->kind != VALUE_MAP) {
        n->open |= v->kind == VALUE_UNKNOWN || v->kind == VALUE_CHOICE;
        return;
    }
    for (size_t i = 0; i < v->u.map.n; i++) {
        const struct value_entry *e = &v->u.map.entry[i];
        if (str_eq_c(e->key, "service_name"))
            add_name(n, e->value);
        else if (str_eq_c(e->key, "service") && value_is(e->value, VALUE_MAP))
            add_name(n, value_get(e->value, STR("name")));
        else if (str_eq_c(e->key, "backend_refs") && value_is(e->value, VALUE_LIST)) {
            for (size_t k = 0; k < e->value->u.list.n; k++)
                if (is_nothing(value_get(e->value->u.list.item[k], STR("kind"))) ||
                    str_eq_c(value_str(value_get(e->value->u.list.item[k], STR("kind"))), "Service"))
                    add_name(n, value_path(e->value->u.list.item[k], STR("name")));
        } else if (value_is(e->value, VALUE_MAP) || value_is(e->value, VALUE_LIST))
            find_backends(e->value, n, depth + 1);
    }
}

/* ---- exposing ---- */

static const struct value *exposure(struct analysis *a, const struct resource *r, const char *by,
                                    const struct value *scheme)
{
    struct value_entry *e = ARENA_ARRAY(a->arena, struct value_entry, 3);
    e[0] = (struct value_entry){STR("address"), r->header, address_value(a->arena, r)};
    e[1] = (struct value_entry){STR("by"), r->header, value_string(a->arena, str_of(by), NULL)};
    e[2] = (struct value_entry){STR("scheme"), r->header, scheme};
    return value_map(a->arena, e, 3, origin_new(a->arena, r->header, r->address, NULL));
}

static void select_by_service(struct selection *s, struct pod *p, const struct value *verdict, void *context)
{
    struct service *service = context;
    struct arena *a = s->a->arena;
    const struct value *there = verdict_and(a, verdict, verdict_exists(a, service->r, p->r));
    items_add(a, &p->services, there, service->address);
    items_add(a, &service->pods, verdict, p->address);
    VEC_PUSH(&service->leads, ((struct lead){p, there}));
}

static void expose(struct selection *s, const struct service *service, const struct resource *by, const char *how,
                   const struct value *scheme)
{
    const struct value *what = exposure(s->a, by, how, scheme);
    size_t n = service->leads.n < s->budget ? service->leads.n : s->budget;
    s->budget -= n;
    s->over_budget |= n < service->leads.n;
    for (size_t i = 0; i < n; i++)
        items_add(s->a->arena, &service->leads.at[i].pod->exposed, service->leads.at[i].verdict, what);
}

static struct service *add_service(struct selection *s, const struct resource *r)
{
    struct analysis *a = s->a;
    struct service *service = ARENA_NEW(a->arena, struct service);
    service->r = r;
    service->address = address_value(a->arena, r);
    struct scope *scope = selection_scope(s, r);
    const struct value *selector = place_field(r, "selector"), *type = place_field(r, "type");
    /* An empty selector of a service selects nothing: its endpoints are made by hand. */
    bool none = is_nothing(selector) || (selector->kind == VALUE_MAP && !selector->u.map.n);
    if (scope && !none)
        selection_each(s, scope, selector, true, select_by_service, service);
    service->pods.open = !scope || analysis_unit_open(a, r);
    const struct value *scheme = service_scheme(a, r);
    fact_set(a, r, "scheme", scheme);
    fact_set(a, r, "pods", items_value(a->arena, &service->pods));
    if (value_is(type, VALUE_STRING) && str_eq_c(type->u.string, "LoadBalancer"))
        expose(s, service, r, "LoadBalancer", scheme);
    else if (value_is(type, VALUE_STRING) && str_eq_c(type->u.string, "NodePort"))
        expose(s, service, r, "NodePort", unknown(a, "whether its nodes can be reached is not known"));
    else if (!is_nothing(type) && !value_is_known(type))
        for (size_t i = 0; i < service->leads.n; i++)
            service->leads.at[i].pod->exposed.open = true;
    const struct value *external = place_field(r, "external_ips");
    if (value_is(external, VALUE_LIST) && external->u.list.n)
        expose(s, service, r, "ExternalIP", unknown(a, "who can reach its external addresses is not known"));
    str name = value_str(value_get(r->attributes, STR("name")));
    if (scope && name.n)
        map_add(&s->services, place_join(a, scope->place, name), service);
    return service;
}

/* ---- routes ---- */

struct route_lists {
    struct value_items services, pods;
};

static void follow_route(struct selection *s, const struct resource *r, const char *how, const struct value *scheme,
                         const struct resource *by, struct route_lists *lists)
{
    struct analysis *a = s->a;
    struct names names = {0};
    struct map seen;
    struct scope *scope = selection_scope(s, r);
    map_init(&seen);
    find_backends(r->attributes, &names, 0);
    lists->services.open |= names.open || !scope;
    for (size_t i = 0; scope && i < names.found.n; i++) {
        struct service *service = map_find(&s->services, place_join(a, scope->place, names.found.at[i]));
        if (map_has(&seen, names.found.at[i]))
            continue;
        map_set(&seen, names.found.at[i], service);
        if (!service) {
            lists->services.open = true;
            continue;
        }
        VEC_PUSH(&lists->services, service->address);
        for (size_t k = 0; k < service->leads.n; k++)
            items_add(a->arena, &lists->pods, service->leads.at[k].verdict, service->leads.at[k].pod->address);
        expose(s, service, by, how, scheme);
    }
    lists->pods.open |= lists->services.open;
    VEC_RELEASE(&names.found);
    map_release(&seen);
}

static void set_lists(struct analysis *a, const struct resource *r, struct route_lists *lists,
                      const struct value *scheme)
{
    fact_set(a, r, "scheme", scheme);
    fact_set(a, r, "services", items_value(a->arena, &lists->services));
    fact_set(a, r, "pods", items_value(a->arena, &lists->pods));
}

static void add_ingresses(struct selection *s)
{
    size_t n;
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.ingress")), &n);
    for (size_t i = 0; i < n; i++) {
        struct route_lists lists = {0};
        const struct value *scheme = ingress_scheme(s->a, all[i]);
        follow_route(s, all[i], "Ingress", scheme, all[i], &lists);
        set_lists(s->a, all[i], &lists, scheme);
    }
}

/* A gateway's scheme is what its class makes of it; the routes name their gateways. */
static void add_gateways(struct selection *s)
{
    size_t n;
    const struct value *scheme = unknown(s->a, "the controller of its gateway decides whether it faces the internet");
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.gateway_route")), &n);
    for (size_t i = 0; i < n; i++) {
        struct route_lists lists = {0};
        follow_route(s, all[i], "Gateway", scheme, all[i], &lists);
        set_lists(s->a, all[i], &lists, scheme);
    }
    all = graph_of_kind(s->a->graph, sym_of(STR("k8s.gateway")), &n);
    for (size_t i = 0; i < n; i++)
        fact_set(s->a, all[i], "scheme", scheme);
}

/* ---- pods ---- */

static const struct value *faces_internet(void *context, const struct value *exposed)
{
    struct analysis *a = context;
    const struct value *scheme = value_get(exposed, STR("scheme"));
    if (value_is(scheme, VALUE_STRING))
        return value_bool(a->arena, str_eq_c(scheme->u.string, "internet-facing"), exposed->origin);
    return unknown(a, "whether what leads to it faces the internet is not known");
}

static void set_pod_facts(struct selection *s, struct pod *p)
{
    struct analysis *a = s->a;
    bool open = !p->scope || analysis_unit_open(a, p->r) || s->over_budget;
    const struct value *any = NULL;
    for (size_t i = 0; i < p->exposed.n && !verdict_is_yes(any); i++)
        any = verdict_or(a->arena, any, value_lift(a->arena, p->exposed.at[i], faces_internet, a));
    p->services.open |= open;
    p->exposed.open |= open;
    if (p->exposed.open)
        any = verdict_or(a->arena, any, unknown(a, "a part of what is deployed with it is not known"));
    fact_set(a, p->r, "services", items_value(a->arena, &p->services));
    fact_set(a, p->r, "exposed_by", items_value(a->arena, &p->exposed));
    verdict_set(a, p->r, "exposed_to_internet", any, NULL);
}

void ingress_run(struct selection *s)
{
    size_t n;
    map_init(&s->services);
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.service")), &n);
    struct service **made = ARENA_ARRAY(s->a->arena, struct service *, n + 1);
    for (size_t i = 0; i < n; i++)
        made[i] = add_service(s, all[i]);
    add_ingresses(s);
    add_gateways(s);
    for (size_t i = 0; i < s->n_pods; i++)
        set_pod_facts(s, &s->pod[i]);
    for (size_t i = 0; i < n; i++)
        VEC_RELEASE(&made[i]->leads);
    map_release(&s->services);
}
