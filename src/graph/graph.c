#include "graph/graph_internal.h"

#include "base/pool.h"

struct graph *graph_new(void)
{
    struct graph *g = alloc_get(sizeof(*g));
    pthread_mutex_init(&g->lock, NULL);
    g->arena = arena_new();
    map_init(&g->unit_by_name);
    map_init(&g->kinds);
    map_init(&g->unmodelled);
    map_init(&g->text_indexes);
    map_init(&g->list_indexes);
    return g;
}

static void release_kinds(struct graph *g)
{
    for (size_t i = 0; i < g->kinds.n; i++) {
        struct kind_list *k = g->kinds.at[i].value;
        VEC_RELEASE(&k->of);
    }
}

void graph_free(struct graph *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->slots.n; i++) {
        struct graph_builder *b = g->slots.at[i].builder;
        alloc_put(b->resource, b->cap * sizeof(struct resource *));
        arena_free(b->arena);
        alloc_put(b, sizeof(*b));
    }
    VEC_RELEASE(&g->slots);
    for (size_t i = 0; i < g->n_units && g->address; i++) {
        map_release(&g->address[i]);
        map_release(&g->family[i]);
    }
    text_indexes_release(g);
    list_indexes_release(g);
    release_kinds(g);
    map_release(&g->unit_by_name);
    map_release(&g->kinds);
    map_release(&g->unmodelled);
    map_release(&g->text_indexes);
    map_release(&g->list_indexes);
    VEC_RELEASE(&g->arn_patterns);
    for (size_t i = 0; i < g->arenas.n; i++)
        arena_free(g->arenas.at[i]);
    VEC_RELEASE(&g->arenas);
    arena_free(g->arena);
    pthread_mutex_destroy(&g->lock);
    alloc_put(g, sizeof(*g));
}

struct arena *graph_job_arena(struct graph *g)
{
    struct arena *a = arena_new();
    pthread_mutex_lock(&g->lock);
    VEC_PUSH(&g->arenas, a);
    pthread_mutex_unlock(&g->lock);
    return a;
}

struct graph_builder *graph_unit_begin(struct graph *g, str name, str format, size_t order, struct sources *sources,
                                       struct diag_list *diags)
{
    struct graph_builder *b = alloc_get(sizeof(*b));
    b->arena = arena_new();
    b->diags = diags;
    b->sources = sources;
    b->unit.name = arena_str(b->arena, name);
    b->unit.format = arena_str(b->arena, format);
    struct builder_slot slot = {b, order};
    pthread_mutex_lock(&g->lock);
    VEC_PUSH(&g->slots, slot);
    pthread_mutex_unlock(&g->lock);
    return b;
}

struct graph_builder *graph_unit_continue(struct graph *g, str name, str format, size_t order, struct sources *sources,
                                          struct diag_list *diags)
{
    struct graph_builder *b = graph_unit_begin(g, name, format, order, sources, diags);
    b->continues = true;
    return b;
}

struct resource *graph_add(struct graph_builder *b, str type, str address)
{
    struct resource *r = ARENA_NEW(b->arena, struct resource);
    r->type = sym_of(type);
    r->address = address;
    if (b->n == b->cap)
        b->resource = vec_grow(b->resource, &b->cap, sizeof(struct resource *));
    b->resource[b->n++] = r;
    return r;
}

/* Reading. */

size_t graph_count(const struct graph *g)
{
    return g->n;
}

struct resource *graph_at(const struct graph *g, size_t i)
{
    return i < g->n ? g->resource[i] : NULL;
}

size_t graph_unit_count(const struct graph *g)
{
    return g->n_units;
}

const struct unit *graph_unit(const struct graph *g, size_t i)
{
    return i < g->n_units ? &g->unit[i] : NULL;
}

struct resource *const *graph_of_kind(const struct graph *g, sym kind, size_t *ret_n)
{
    const struct kind_list *k = kind ? map_find(&g->kinds, sym_str(kind)) : NULL;
    *ret_n = k ? k->of.n : 0;
    return k ? k->of.at : NULL;
}

struct arena *graph_arena(struct graph *g)
{
    return g->arena;
}

const struct model *graph_model(const struct graph *g)
{
    return g->model;
}

const struct map *graph_unmodelled(const struct graph *g)
{
    return &g->unmodelled;
}

/* Addresses. */

/* "module.a[0].b.c[\"x\"]" -> "module.a.b.c"; a bracket inside quotes counts as text. */
str graph_strip_indexes(struct arena *a, str address)
{
    if (str_find_char(address, '[') == SIZE_MAX)
        return address;
    char *out = arena_alloc(a, address.n + 1);
    size_t n = 0;
    bool inside = false, quoted = false;
    for (size_t i = 0; i < address.n; i++) {
        char c = address.p[i];
        if (inside && c == '\\' && quoted)
            i++;
        else if (inside && c == '"')
            quoted = !quoted;
        else if (inside && c == ']' && !quoted)
            inside = false;
        else if (!inside && c == '[')
            inside = true;
        else if (!inside)
            out[n++] = c;
    }
    return (str){out, n};
}

static void index_address(struct graph *g, struct arena *a, struct resource *r, struct resource **last)
{
    struct map *exact = &g->address[r->unit];
    struct map *families = &g->family[r->unit];
    if (r->address.n == 0)
        return;
    map_add(exact, r->address, r);
    /* A family of one that is called by its name is found by that. */
    if (!r->open && str_find_char(r->address, '[') == SIZE_MAX)
        return;
    str stem = graph_strip_indexes(a, r->address);
    struct family *f = map_find(families, stem);
    if (!f) {
        f = ARENA_NEW(a, struct family);
        f->first = r;
        map_set(families, stem, f);
    } else if (last[f->first->id]) {
        g->next_of_family[last[f->first->id]->id] = r->id + 1;
    }
    last[f->first->id] = r;
    f->n++;
}

struct indexing {
    struct graph *g;
    struct arena *const *arena; /* of each worker */
    struct resource **last;     /* of each family, by id of its first */
};

static void index_unit(void *context, size_t item, unsigned worker)
{
    struct indexing *w = context;
    const struct unit *u = &w->g->unit[item];
    map_init(&w->g->address[item]);
    map_init(&w->g->family[item]);
    for (size_t i = u->first; i < u->first + u->n; i++)
        index_address(w->g, w->arena[worker], w->g->resource[i], w->last);
}

void graph_index_addresses(struct graph *g, unsigned jobs, struct arena *const *arena)
{
    g->address = ARENA_ARRAY(g->arena, struct map, g->n_units + 1);
    g->family = ARENA_ARRAY(g->arena, struct map, g->n_units + 1);
    g->next_of_family = ARENA_ARRAY(g->arena, uint32_t, g->n + 1);
    size_t bytes = (g->n + 1) * sizeof(struct resource *);
    struct indexing w = {g, arena, alloc_get(bytes)};
    for (size_t i = 0; i < g->n_units; i++)
        map_add(&g->unit_by_name, g->unit[i].name, &g->unit[i]);
    pool_run(jobs, g->n_units, index_unit, &w);
    alloc_put(w.last, bytes);
}

/* An index that no instance has is a miss, unless the family stands for an unknown number of them. */
static struct resource *find_in_unit(const struct graph *g, size_t unit, str address, bool *ret_several)
{
    *ret_several = false;
    struct resource *r = map_find(&g->address[unit], address);
    if (r || address.n == 0)
        return r;
    bool indexed = str_find_char(address, '[') != SIZE_MAX;
    struct arena *scratch = indexed ? arena_new() : NULL;
    str stem = indexed ? graph_strip_indexes(scratch, address) : address;
    const struct family *f = map_find(&g->family[unit], stem);
    arena_free(scratch);
    if (!f || (indexed && !f->first->open))
        return NULL;
    *ret_several = f->n > 1;
    return f->first;
}

struct resource *graph_find(const struct graph *g, size_t unit, str address)
{
    bool several;
    return unit < g->n_units ? find_in_unit(g, unit, address, &several) : NULL;
}

struct resource *graph_lookup(const struct graph *g, const struct resource *from, const struct ref *ref,
                              bool *ret_several)
{
    *ret_several = false;
    const struct unit *named = ref->unit_key.n > 0 ? map_find(&g->unit_by_name, ref->unit_key) : NULL;
    return find_in_unit(g, named ? (size_t)(named - g->unit) : from->unit, ref->address, ret_several);
}

size_t graph_builder_count(const struct graph *g)
{
    return g->slots.n;
}

struct graph_builder *graph_builder_at(const struct graph *g, size_t i)
{
    return g->slots.at[i].builder;
}

/* ---- units that are joined ---- */

struct gathering {
    uint32_t *seen; /* by unit: 1 + the unit for which it was seen last */
    uint32_t of;
    uint32_t unit[LIMIT_NEIGHBOURS + 1];
    size_t n;
};

static void gather(struct gathering *w, const struct edge *edge, size_t n)
{
    for (size_t i = 0; i < n && w->n <= LIMIT_NEIGHBOURS; i++) {
        uint32_t other = edge[i].to->unit;
        if (other == w->of || w->seen[other] == w->of + 1)
            continue;
        w->seen[other] = w->of + 1;
        w->unit[w->n++] = other;
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void graph_find_neighbours(struct graph *g)
{
    g->neighbours = ARENA_ARRAY(g->arena, struct neighbours, g->n_units + 1);
    struct gathering w = {.seen = ARENA_ARRAY(g->arena, uint32_t, g->n_units + 1)};
    for (size_t u = 0; u < g->n_units; u++) {
        w.of = (uint32_t)u;
        w.n = 0;
        for (size_t i = g->unit[u].first; i < g->unit[u].first + g->unit[u].n; i++) {
            gather(&w, g->resource[i]->edge, g->resource[i]->n_edges);
            gather(&w, g->resource[i]->back_edge, g->resource[i]->n_back_edges);
        }
        if (w.n == 0 || w.n > LIMIT_NEIGHBOURS)
            continue;
        uint32_t *unit = ARENA_ARRAY(g->arena, uint32_t, w.n);
        memcpy(unit, w.unit, w.n * sizeof(*unit));
        qsort(unit, w.n, sizeof(*unit), by_number);
        g->neighbours[u] = (struct neighbours){unit, w.n};
    }
}

const uint32_t *graph_neighbours(const struct graph *g, size_t unit, size_t *ret_n)
{
    *ret_n = g->neighbours && unit < g->n_units ? g->neighbours[unit].n : 0;
    return *ret_n ? g->neighbours[unit].unit : NULL;
}

str graph_block_address(str address, struct arena *a)
{
    if (str_find_char(address, '[') == SIZE_MAX)
        return address;
    char *plain = ARENA_ARRAY(a, char, address.n);
    size_t n = 0, depth = 0;
    for (size_t i = 0; i < address.n; i++) {
        depth += address.p[i] == '[';
        if (!depth)
            plain[n++] = address.p[i];
        depth -= address.p[i] == ']' && depth;
    }
    return (str){plain, n};
}
