/* testing.h - for the tests of this folder: what an expression is worth, alone or in a world. Included by tests only. */
#ifndef POLICY_TESTING_H
#define POLICY_TESTING_H

#include "graph/testing.h"
#include "policy/environment.h"
#include "policy/query.h"

/* The value of an expression without a resource, as JSON; "error" when it is one. */
static UNUSED str value_of(struct arena *a, const char *expression)
{
    struct diag_list diags;
    diag_list_init(&diags, a);
    struct cel_program *p = cel_compile(str_of(expression), 0, 0, false, SPAN_NONE, environment_get(), a, &diags);
    if (!p)
        fail_msg("%s: " STR_FMT, expression, STR_ARG(diags.n ? diags.at[0].message : STR("no program")));
    struct cel_value binding[ENV_VARIABLES], v;
    for (size_t i = 0; i < ENV_VARIABLES; i++)
        binding[i] = cel_null();
    struct cel_context c;
    cel_context_init(&c, a);
    cel_eval(p, binding, &c, &v);
    struct buf out;
    buf_init(&out, 1 << 16);
    cel_value_json(&c, &v, &out);
    str s = v.kind == CEL_ERROR ? STR("error") : buf_copy(&out, a);
    buf_release(&out);
    cel_context_release(&c);
    diag_list_release(&diags);
    return s;
}

/* A world with the model, and the builder of its only unit. */
static UNUSED struct graph_builder *unit_of(struct world *w, const char *model)
{
    *w = world_new();
    assert_true(add_model(w, model));
    return graph_unit_begin(w->graph, STR("unit"), STR("test"), 0, w->sources, &w->diags);
}

static UNUSED struct resource *add_named(struct world *w, struct graph_builder *b, const char *type, const char *name,
                                         const char *raw)
{
    struct resource *r = graph_add(b, str_of(type), arena_printf(w->arena, "%s.%s", type, name));
    r->name = str_of(name);
    r->raw = value_from_json(w, raw);
    return r;
}

/* Links the world, asks the expression of the resource, and frees the world. */
static UNUSED enum status ask_and_free(struct world *w, const char *address, const char *expression)
{
    graph_link(w->graph, w->model, w->sources, 1, &w->diags);
    struct query *query = query_compile(str_of(expression), w->graph, NULL, w->arena, &w->diags);
    if (!query)
        print_diags(w);
    assert_non_null(query);
    enum status s = query_ask(query, graph_find(w->graph, 0, str_of(address)));
    query_free(query);
    world_free(w);
    return s;
}

#endif
