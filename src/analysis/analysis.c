#include "analysis/pass.h"

#include "base/vec.h"

/* A pass may use the facts of those above it. */
static const struct analysis_pass *const passes[] = {
    &pass_embedded,       &pass_user_data,      &pass_pods,      &pass_selectors, &pass_rbac,
    &pass_network,        &pass_security_group, &pass_exposure,  &pass_iam_role,  &pass_workload_identity,
    &pass_workload_reach, &pass_classification, &pass_phi_roles,
};

struct fact_set {
    struct value_entry *at;
    size_t n, cap;
};

void fact_set(struct analysis *a, const struct resource *r, const char *name, const struct value *v)
{
    struct fact_set *facts = &a->of_resource[r->id];
    for (size_t i = 0; i < facts->n; i++) {
        if (str_eq_c(facts->at[i].key, name)) {
            facts->at[i].value = v;
            return;
        }
    }
    VEC_PUSH(facts, ((struct value_entry){.key = str_of(name), .key_at = r->header, .value = v}));
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
    const struct fact_set *facts = &a->of_resource[r->id];
    for (size_t i = 0; i < facts->n; i++)
        if (str_eq_c(facts->at[i].key, name))
            return facts->at[i].value;
    return NULL;
}

void analysis_set_reach(struct analysis *a, const struct resource *r, const struct edge *edge, size_t n)
{
    struct resource *from = graph_at(a->graph, r->id);
    from->reach = edge;
    from->n_reach = n;
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

static void publish(struct analysis *a)
{
    for (size_t i = 0; i < graph_count(a->graph); i++) {
        struct fact_set *facts = &a->of_resource[i];
        if (!facts->n)
            continue;
        size_t n;
        struct value_entry *entries = VEC_MOVE(facts, a->arena, &n);
        graph_at(a->graph, i)->facts = value_map(a->arena, entries, n, NULL);
    }
}

struct analysis *analysis_run(struct graph *g, const struct analysis_options *o, struct diag_list *diags)
{
    struct arena *arena = arena_new();
    struct analysis *a = ARENA_NEW(arena, struct analysis);
    *a = (struct analysis){.graph = g, .options = o, .arena = arena, .diags = diags};
    size_t size = (graph_count(g) + 1) * sizeof(*a->of_resource);
    a->of_resource = alloc_get(size);
    for (size_t i = 0; i < ARRAY_LEN(passes); i++)
        passes[i]->run(a);
    publish(a);
    alloc_put(a->of_resource, size);
    a->of_resource = NULL;
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
