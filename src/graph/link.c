#include "graph/graph_internal.h"

#include "base/pool.h"

enum { CHUNK = 512 };

/* Units in their order, resources numbered. */

static int compare_slots(const void *a, const void *b)
{
    const struct builder_slot *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    int by_name = str_cmp(x->builder->unit.name, y->builder->unit.name);
    return by_name ? by_name : str_cmp(x->builder->unit.format, y->builder->unit.format);
}

static void number_resources(struct graph *g)
{
    if (g->slots.n)
        qsort(g->slots.at, g->slots.n, sizeof(*g->slots.at), compare_slots);
    size_t total = 0;
    for (size_t i = 0; i < g->slots.n; i++)
        total += g->slots.at[i].builder->n;
    g->unit = ARENA_ARRAY(g->arena, struct unit, g->slots.n + 1);
    g->resource = ARENA_ARRAY(g->arena, struct resource *, total + 1);
    for (size_t i = 0; i < g->slots.n; i++) {
        struct graph_builder *b = g->slots.at[i].builder;
        if (!b->continues || g->n_units == 0) {
            g->unit[g->n_units] = b->unit;
            g->unit[g->n_units++].first = g->n;
        }
        struct unit *u = &g->unit[g->n_units - 1];
        u->n += b->n;
        u->incomplete |= b->unit.incomplete;
        u->has_remote_parts |= b->unit.has_remote_parts;
        for (size_t j = 0; j < b->n; j++) {
            b->resource[j]->id = (uint32_t)g->n;
            b->resource[j]->unit = (uint32_t)(g->n_units - 1);
            g->resource[g->n++] = b->resource[j];
        }
        alloc_put(b->resource, b->cap * sizeof(*b->resource));
        b->resource = NULL;
        b->n = b->cap = 0;
    }
}

/* References. A ref lives in the arena of its unit's builder and belongs to the graph from here on, so
 * its target is written through the const that readers see. */

struct resolver {
    struct graph *g;
    const struct resource *from;
    size_t budget;
};

static void resolve_ref(struct resolver *w, const struct ref *refs)
{
    for (const struct ref *r = refs; r; r = r->next) {
        bool several;
        if (!r->target)
            ((struct ref *)r)->target = graph_lookup(w->g, w->from, r, &several);
    }
}

static void resolve_in(struct resolver *w, const struct value *v, unsigned depth)
{
    if (!v || w->budget == 0 || depth > 2 * LIMIT_DEPTH)
        return;
    w->budget--;
    if (v->ref)
        resolve_ref(w, v->ref);
    switch ((enum value_kind)v->kind) {
    case VALUE_LIST:
    case VALUE_TEXT:
        for (size_t i = 0; i < v->u.list.n; i++)
            resolve_in(w, v->u.list.item[i], depth + 1);
        break;
    case VALUE_MAP:
        for (size_t i = 0; i < v->u.map.n; i++)
            resolve_in(w, v->u.map.entry[i].value, depth + 1);
        break;
    case VALUE_CHOICE:
        for (size_t i = 0; i < v->u.choice.by->n_options; i++)
            resolve_in(w, v->u.choice.option[i], depth + 1);
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_STRING:
    case VALUE_UNKNOWN:
        break;
    }
}

static void resolve_unit(void *context, size_t item, unsigned worker)
{
    struct link *l = context;
    const struct unit *u = &l->g->unit[item];
    (void)worker;
    for (size_t i = u->first; i < u->first + u->n; i++) {
        struct resolver w = {l->g, l->g->resource[i], LIMIT_RESOURCE_VALUES};
        resolve_in(&w, l->g->resource[i]->raw, 0);
        resolve_in(&w, l->g->resource[i]->metadata, 0);
    }
}

/* Normalising. */

struct worker_state {
    struct arena *arena, *scratch;
    struct defaults_tools *tools;
    struct diag_list diags;
};

struct normalise_pass {
    struct link *link;
    struct worker_state *worker;
};

static void find_types(struct link *l)
{
    struct graph *g = l->g;
    struct map seen;
    map_init(&seen);
    l->type = ARENA_ARRAY(g->arena, const struct model_type *, g->n + 1);
    for (size_t i = 0; i < g->n; i++) {
        str name = sym_str(g->resource[i]->type);
        if (!map_has(&seen, name))
            map_set(&seen, name, (void *)model_type(l->model, name));
        l->type[i] = map_find(&seen, name);
        if (l->type[i])
            continue;
        uintptr_t count = (uintptr_t)map_find(&g->unmodelled, name);
        map_set(&g->unmodelled, name, (void *)(count + 1));
    }
    map_release(&seen);
    model_take_diags((struct model *)l->model, l->diags);
}

static void normalise_chunk(void *context, size_t item, unsigned worker)
{
    struct normalise_pass *pass = context;
    struct link *l = pass->link;
    struct worker_state *w = &pass->worker[worker];
    size_t end = (item + 1) * CHUNK < l->g->n ? (item + 1) * CHUNK : l->g->n;
    for (size_t i = item * CHUNK; i < end; i++) {
        struct resource *r = l->g->resource[i];
        struct normalise n = {.model = l->model,
                              .sources = l->sources,
                              .arena = w->arena,
                              .scratch = w->scratch,
                              .diags = &w->diags,
                              .type = l->type[i]};
        struct arena_mark mark = arena_mark(w->scratch);
        normalise_resource(&n, r, &l->kind_uncertain[i]);
        l->type[i] = n.type;
        /* What has no companions is complete: defaults go in before the attributes are kept. */
        if (n.type && !n.type->kind->companion_kinds.n)
            link_finish_resource(l, r, w->tools);
        normalise_keep(&n, r);
        arena_rewind(w->scratch, mark);
    }
}

static void finish_chunk(void *context, size_t item, unsigned worker)
{
    struct normalise_pass *pass = context;
    struct link *l = pass->link;
    size_t end = (item + 1) * CHUNK < l->g->n ? (item + 1) * CHUNK : l->g->n;
    for (size_t i = item * CHUNK; i < end; i++)
        link_finish_resource(l, l->g->resource[i], pass->worker[worker].tools);
}

void link_finish_resource(struct link *l, struct resource *r, struct defaults_tools *tools)
{
    const struct model_type *t = l->type[r->id];
    if (l->finished[r->id])
        return;
    l->finished[r->id] = true;
    if (t && r->incomplete)
        normalise_incomplete(tools->arena, t->kind, r);
    else if (t)
        normalise_defaults(tools, t, r);
}

/* Kinds. */

static struct kind_list *kind_list_of(struct graph *g, sym kind)
{
    str name = sym_str(kind);
    struct kind_list *k = map_find(&g->kinds, name);
    if (k)
        return k;
    k = ARENA_NEW(g->arena, struct kind_list);
    k->kind = kind;
    map_set(&g->kinds, name, k);
    const struct model_kind *in_model = model_kind(g->model, name);
    for (size_t i = 0; in_model && i < in_model->identity_arn.n; i++) {
        struct arn_pattern p = {kind, in_model->identity_arn.at[i]};
        VEC_PUSH(&g->arn_patterns, p);
    }
    return k;
}

static void list_kinds(struct link *l)
{
    for (size_t i = 0; i < l->g->n; i++) {
        struct resource *r = l->g->resource[i];
        if (r->kind) {
            struct kind_list *k = kind_list_of(l->g, r->kind);
            VEC_PUSH(&k->of, r);
        }
        const struct model_type *t = l->type[i] ? model_type_of(l->model, r->type) : NULL;
        for (; t; t = t->other) {
            if (t->also && t->kind->name != r->kind) {
                struct kind_list *k = kind_list_of(l->g, t->kind->name);
                VEC_PUSH(&k->of, r);
            }
        }
    }
}

static void take_worker_diags(struct normalise_pass *pass, unsigned jobs, struct diag_list *to)
{
    for (unsigned i = 0; i < jobs; i++) {
        const struct diag_list *from = &pass->worker[i].diags;
        for (size_t d = 0; d < from->n; d++)
            diag_add_as(to, from->at[d].id, from->at[d].severity, from->at[d].at, STR_FMT,
                        STR_ARG(from->at[d].message));
        diag_list_release(&pass->worker[i].diags);
    }
}

void graph_link(struct graph *g, const struct model *m, const struct sources *sources, unsigned jobs,
                struct diag_list *diags)
{
    jobs = pool_jobs(jobs);
    struct link l = {.g = g, .model = m, .sources = sources, .diags = diags, .jobs = jobs};
    g->model = m;
    g->sources = sources;
    number_resources(g);
    struct normalise_pass pass = {&l, ARENA_ARRAY(g->arena, struct worker_state, jobs)};
    struct arena *arena[LIMIT_THREADS];
    for (unsigned i = 0; i < jobs; i++) {
        pass.worker[i].arena = arena[i] = arena_new();
        pass.worker[i].scratch = arena_new();
        pass.worker[i].tools = ARENA_NEW(arena[i], struct defaults_tools);
        pass.worker[i].tools->arena = arena[i];
        pass.worker[i].tools->scratch = pass.worker[i].scratch;
        diag_list_init(&pass.worker[i].diags, arena[i]);
        VEC_PUSH(&g->arenas, arena[i]);
    }
    graph_index_addresses(g, jobs, arena);
    l.kind_uncertain = ARENA_ARRAY(g->arena, bool, g->n + 1);
    l.finished = ARENA_ARRAY(g->arena, bool, g->n + 1);
    pool_run(jobs, g->n_units, resolve_unit, &l);
    find_types(&l);
    size_t chunks = (g->n + CHUNK - 1) / CHUNK;
    pool_run(jobs, chunks, normalise_chunk, &pass);
    list_kinds(&l);
    l.tools = pass.worker[0].tools;
    link_companions(&l);
    pool_run(jobs, chunks, finish_chunk, &pass);
    for (unsigned i = 0; i < jobs; i++)
        arena_free(pass.worker[i].scratch);
    link_edges(&l);
    graph_find_neighbours(g);
    take_worker_diags(&pass, jobs, diags);
}
