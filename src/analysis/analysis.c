#include "analysis/pass.h"

#include "base/alloc.h"

/* A pass may use the facts of those above it. */
static const struct analysis_pass *const passes[] = {
    &pass_embedded,       &pass_user_data,      &pass_pods,      &pass_selectors, &pass_rbac,
    &pass_network,        &pass_security_group, &pass_exposure,  &pass_iam_role,  &pass_workload_identity,
    &pass_workload_reach, &pass_classification, &pass_phi_roles,
};

/* The facts of one resource while passes run, in the order in which they were set. */
struct fact_node {
    const char *name;
    const struct value *value;
    struct fact_node *next;
};

static struct fact_node *find_fact(const struct analysis *a, const struct resource *r, const char *name)
{
    struct fact_node *f = a->of_resource[r->id];
    while (f && strcmp(f->name, name) != 0)
        f = f->next;
    return f;
}

void fact_set(struct analysis *a, const struct resource *r, const char *name, const struct value *v)
{
    struct fact_node *f = find_fact(a, r, name);
    if (!f) {
        struct fact_node **end = &a->of_resource[r->id];
        while (*end)
            end = &(*end)->next;
        f = *end = ARENA_NEW(a->unpublished, struct fact_node);
        f->name = name;
    }
    f->value = v;
}

void fact_set_bool(struct analysis *a, const struct resource *r, const char *name, bool b, const struct origin *o)
{
    fact_set(a, r, name, value_bool(a->arena, b, o));
}

void fact_set_unknown(struct analysis *a, const struct resource *r, const char *name, const char *reason)
{
    fact_set(a, r, name, value_unknown(a->arena, str_of(reason), NULL));
}

const struct value *fact_get(const struct analysis *a, const struct resource *r, const char *name)
{
    const struct fact_node *f = find_fact(a, r, name);
    return f ? f->value : NULL;
}

void analysis_set_reach(struct analysis *a, const struct resource *r, const struct edge *edge, size_t n)
{
    struct resource *from = graph_at(a->graph, r->id);
    from->reach = edge;
    from->n_reach = (uint32_t)n;
}

bool analysis_exists(const struct resource *r)
{
    return r->presence == PRESENT && !r->is_data && !r->open;
}

bool analysis_unit_open(const struct analysis *a, const struct resource *r)
{
    const struct unit *u = graph_unit(a->graph, r->unit);
    return u->incomplete || u->has_remote_parts;
}

static bool same_facts(const struct fact_node *f, const struct value *map)
{
    size_t n = 0;
    for (; f && n < map->u.map.n; f = f->next, n++)
        if (!str_eq_c(map->u.map.entry[n].key, f->name) || map->u.map.entry[n].value != f->value)
            return false;
    return !f && n == map->u.map.n;
}

static const struct value *map_of_facts(struct arena *a, const struct fact_node *first)
{
    size_t n = 0;
    for (const struct fact_node *f = first; f; f = f->next)
        n++;
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n);
    n = 0;
    for (const struct fact_node *f = first; f; f = f->next)
        entries[n++] = (struct value_entry){.key = str_of(f->name), .value = f->value};
    return value_map(a, entries, n, NULL);
}

/* Most resources have one fact, and that the same: they share its map. */
static void publish(struct analysis *a)
{
    const struct value *last = value_map(a->arena, NULL, 0, NULL);
    for (size_t i = 0; i < graph_count(a->graph); i++) {
        const struct fact_node *first = a->of_resource[i];
        if (!first)
            continue;
        bool shared = same_facts(first, last);
        const struct value *facts = shared ? last : map_of_facts(a->arena, first);
        graph_at(a->graph, i)->facts = facts;
        if (facts->u.map.n == 1)
            last = facts;
    }
}

struct analysis *analysis_run(struct graph *g, const struct analysis_options *o, struct diag_list *diags)
{
    struct arena *arena = arena_new();
    struct analysis *a = ARENA_NEW(arena, struct analysis);
    *a = (struct analysis){.graph = g, .options = o, .arena = arena, .unpublished = arena_new(), .diags = diags};
    size_t size = (graph_count(g) + 1) * sizeof(*a->of_resource);
    a->of_resource = alloc_get(size);
    for (size_t i = 0; i < ARRAY_LEN(passes); i++)
        passes[i]->run(a);
    publish(a);
    alloc_put(a->of_resource, size);
    a->of_resource = NULL;
    arena_free(a->unpublished);
    a->unpublished = NULL;
    return a;
}

void analysis_free(struct analysis *a)
{
    if (a)
        arena_free(a->arena);
}

bool analysis_classifies(const struct analysis *a)
{
    return a->classifies;
}

static bool has_kind(const char *kinds, str kind)
{
    str rest = str_of(kinds);
    while (rest.p) {
        str one = str_cut(rest, ' ', &rest);
        if (str_eq_c(one, "*") || str_eq(one, kind))
            return true;
    }
    return false;
}

const struct analysis_pass *const *analysis_passes(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(passes);
    return passes;
}

bool analysis_is_fact(sym kind, str name)
{
    for (size_t i = 0; i < ARRAY_LEN(passes); i++)
        for (const struct fact *f = passes[i]->fact; f->name; f++)
            if (str_eq_c(name, f->name) && has_kind(f->kinds, sym_str(kind)))
                return true;
    return false;
}
