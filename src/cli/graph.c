/* hipaalint graph: the resources, their attributes, edges and facts, as JSON, DOT or SVG. */
#include "cli/cli.h"
#include "cli/run.h"
#include "report/graph_view.h"

static int graph(struct run *r, struct buf *out)
{
    const struct options *o = r->options;
    str format = o->formats.n ? o->formats.at[0] : STR("json");
    if (!str_eq_c(format, "json") && !str_eq_c(format, "dot") && !str_eq_c(format, "svg"))
        return cli_usage_error("a graph is printed as json, dot or svg");
    if (!run_configure(r, o->operands.at, o->operands.n) || !run_open_pack(r, false))
        return EXIT_USAGE;
    run_read(r, o->operands.at, o->operands.n);
    run_link(r);
    struct graph_view view = {.graph = r->graph, .sources = r->sources, .verbose = o->verbose};
    if (o->resource.n) {
        bool *shown = ARENA_ARRAY(r->arena, bool, graph_count(r->graph) + 1);
        if (!graph_view_near(r->graph, o->resource, shown))
            return cli_usage_error("no resource has the address '" STR_FMT "'; hipaalint graph lists them",
                                   STR_ARG(o->resource));
        view.shown = shown;
    }
    if (str_eq_c(format, "json"))
        graph_view_json(&view, out);
    else if (str_eq_c(format, "dot"))
        graph_view_dot(&view, out);
    else
        graph_view_svg(&view, out);
    return run_is_incomplete(r) ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

int command_graph(const struct options *o)
{
    return run_answer(o, graph);
}
