#include "graph/graph_internal.h"

#include "base/pool.h"

/* Edges: every reference inside the normalised attributes, and every text that the model says is a
 * name, id or ARN of something. Resources are looked at in parallel, the lists are stored in order. */

enum { CHUNK = 256, COMPARED = 16 };

struct step {
    str key;
    const struct step *outer;
};

struct edge_list {
    VEC(struct edge) edges;
};

struct edge_worker {
    struct arena *arena;
    struct edge_list list;
};

struct edge_pass {
    struct link *l;
    struct edge_worker *worker;
};

struct walk {
    struct graph *g;
    struct resource *from;
    struct edge_worker *w;
    size_t budget;
};

static str path_text(struct arena *a, const struct step *s)
{
    if (!s)
        return STR_NONE;
    if (!s->outer)
        return s->key;
    str outer = path_text(a, s->outer);
    return arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(outer), STR_ARG(s->key));
}

static void add_edge(struct walk *w, struct resource *to, str path, str target_attribute, const struct value *v)
{
    struct edge e = {to, path, target_attribute, v};
    size_t n = w->w->list.edges.n;
    for (size_t i = n; i > 0 && n - i < COMPARED; i--) {
        const struct edge *other = &w->w->list.edges.at[i - 1];
        if (other->to == to && str_eq(other->attribute, path) && str_eq(other->target_attribute, target_attribute))
            return;
    }
    if (to != w->from)
        VEC_PUSH(&w->w->list.edges, e);
}

static void walk_refs(struct walk *w, const struct value *v, const struct step *at)
{
    str path = STR_NONE;
    for (const struct ref *r = v->ref; r; r = r->next) {
        if (!r->target)
            continue;
        if (!path.p)
            path = path_text(w->w->arena, at);
        add_edge(w, w->g->resource[r->target->id], path, r->attribute, v);
    }
}

static void walk(struct walk *w, const struct value *v, const struct step *at, unsigned depth)
{
    if (!v || w->budget == 0 || depth > 2 * LIMIT_DEPTH)
        return;
    w->budget--;
    if (v->ref)
        walk_refs(w, v, at);
    switch ((enum value_kind)v->kind) {
    case VALUE_TEXT:
        if (v->ref)
            break;
        /* fall through */
    case VALUE_LIST:
        for (size_t i = 0; i < v->u.list.n; i++)
            walk(w, v->u.list.item[i], at, depth + 1);
        break;
    case VALUE_MAP:
        for (size_t i = 0; i < v->u.map.n; i++) {
            struct step s = {v->u.map.entry[i].key, at};
            walk(w, v->u.map.entry[i].value, &s, depth + 1);
        }
        break;
    case VALUE_CHOICE:
        for (size_t i = 0; i < v->u.choice.by->n_options; i++)
            walk(w, v->u.choice.option[i], at, depth + 1);
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_STRING:
    case VALUE_UNKNOWN:
        break;
    }
}

/* Texts that name something. */

static bool among(const struct attribute *a, sym kind)
{
    for (size_t i = 0; i < a->n_refers; i++) {
        if (a->refers[i] == kind)
            return true;
    }
    return false;
}

static struct resource *find_named(struct walk *w, const struct attribute *a, str text)
{
    bool ambiguous;
    struct resource *r = NULL;
    if (str_starts(text, STR("arn:")))
        r = graph_find_arn(w->g, w->from->unit, text, &ambiguous);
    if (r)
        return among(a, r->kind) ? r : NULL;
    if (str_find_char(text, '\x01') != SIZE_MAX)
        return NULL;
    for (size_t i = 0; i < a->n_refers && !r; i++) {
        const struct model_kind *k = model_kind(w->g->model, sym_str(a->refers[i]));
        str key = a->refers_key.n || !k ? a->refers_key : k->identity_name;
        r = graph_find_by(w->g, w->from->unit, a->refers[i], key, text, &ambiguous);
    }
    return r;
}

static void join_text(struct walk *w, const struct attribute *a, const struct value *v)
{
    for (const struct ref *r = v->ref; r; r = r->next) {
        if (r->target && among(a, r->target->kind))
            return;
    }
    struct arena_mark mark = arena_mark(w->w->arena);
    str text = graph_text_of(w->w->arena, v);
    struct resource *to = text.n ? find_named(w, a, text) : NULL;
    arena_rewind(w->w->arena, mark);
    if (to)
        add_edge(w, to, a->path, STR_NONE, v);
}

static void join_texts(struct walk *w, const struct attribute *a, const struct value *v, size_t step)
{
    if (!v || w->budget == 0)
        return;
    w->budget--;
    if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->u.list.n; i++)
            join_texts(w, a, v->u.list.item[i], step);
    } else if (v->kind == VALUE_CHOICE) {
        for (size_t i = 0; i < v->u.choice.by->n_options; i++)
            join_texts(w, a, v->u.choice.option[i], step);
    } else if (step < a->steps.n) {
        join_texts(w, a, value_get(v, a->steps.step[step]), step + 1);
    } else if (v->kind == VALUE_STRING || v->kind == VALUE_TEXT) {
        join_text(w, a, v);
    }
}

static void resource_edges(struct walk *w, const struct model_kind *k)
{
    size_t before = w->w->list.edges.n;
    walk(w, w->from->attributes, NULL, 0);
    for (size_t i = 0; k && i < k->attributes.n; i++) {
        if (k->attributes.at[i].n_refers > 0)
            join_texts(w, &k->attributes.at[i], w->from->attributes, 0);
    }
    size_t n = w->w->list.edges.n - before;
    if (n > 0)
        w->from->edge = arena_copy(w->w->arena, w->w->list.edges.at + before, n * sizeof(struct edge));
    w->from->n_edges = (uint32_t)n;
    w->w->list.edges.n = before;
}

static void edges_chunk(void *context, size_t item, unsigned worker)
{
    struct edge_pass *pass = context;
    struct graph *g = pass->l->g;
    size_t end = (item + 1) * CHUNK < g->n ? (item + 1) * CHUNK : g->n;
    for (size_t i = item * CHUNK; i < end; i++) {
        struct walk w = {g, g->resource[i], &pass->worker[worker], LIMIT_RESOURCE_VALUES};
        resource_edges(&w, pass->l->type[i] ? pass->l->type[i]->kind : NULL);
    }
}

static void store_back_edges(struct graph *g)
{
    size_t bytes = (g->n + 1) * sizeof(uint32_t);
    uint32_t *count = alloc_get(bytes);
    for (size_t i = 0; i < g->n; i++) {
        for (size_t e = 0; e < g->resource[i]->n_edges; e++)
            count[g->resource[i]->edge[e].to->id]++;
    }
    for (size_t i = 0; i < g->n; i++) {
        for (size_t e = 0; e < g->resource[i]->n_edges; e++) {
            const struct edge *out = &g->resource[i]->edge[e];
            struct resource *to = out->to;
            if (!to->back_edge)
                to->back_edge = ARENA_ARRAY(g->arena, struct edge, count[to->id]);
            struct edge *back = (struct edge *)&to->back_edge[to->n_back_edges++];
            *back = *out;
            back->to = g->resource[i];
        }
    }
    alloc_put(count, bytes);
}

void link_edges(struct link *l)
{
    struct graph *g = l->g;
    struct edge_pass pass = {l, ARENA_ARRAY(g->arena, struct edge_worker, l->jobs)};
    for (unsigned i = 0; i < l->jobs; i++) {
        pass.worker[i].arena = arena_new();
        VEC_PUSH(&g->arenas, pass.worker[i].arena);
    }
    pool_run(l->jobs, (g->n + CHUNK - 1) / CHUNK, edges_chunk, &pass);
    for (unsigned i = 0; i < l->jobs; i++)
        VEC_RELEASE(&pass.worker[i].list.edges);
    store_back_edges(g);
}
