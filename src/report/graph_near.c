#include "report/graph_view.h"

#include "base/vec.h"

struct near {
    bool *shown;
    VEC(const struct resource *) found; /* nearest first */
};

static void add(struct near *n, const struct resource *r)
{
    if (n->shown[r->id] || n->found.n >= GRAPH_NEAR_MOST)
        return;
    n->shown[r->id] = true;
    VEC_PUSH(&n->found, r);
}

/* What the resource at hand leads to: first what the analysis found, then its references. */
static void add_targets(struct near *n, const struct resource *r)
{
    for (size_t i = 0; i < r->n_reach; i++)
        add(n, r->reach[i].to);
    for (size_t i = 0; i < r->n_edges; i++)
        add(n, r->edge[i].to);
}

bool graph_view_near(const struct graph *g, str address, bool *ret)
{
    struct near n = {.shown = ret};
    for (size_t i = 0; i < graph_count(g) && !n.found.n; i++)
        if (str_eq(graph_at(g, i)->address, address))
            add(&n, graph_at(g, i));
    size_t from = 0, first = n.found.n;
    for (unsigned step = 0; step < GRAPH_NEAR_STEPS; step++) {
        size_t to = n.found.n;
        for (size_t i = from; i < to; i++)
            add_targets(&n, n.found.at[i]);
        from = to;
    }
    for (size_t i = 0; first && i < n.found.at[0]->n_back_edges; i++)
        add(&n, n.found.at[0]->back_edge[i].to);
    VEC_RELEASE(&n.found);
    return first > 0;
}
