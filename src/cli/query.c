/* hipaalint query CEL PATH...: the resources for which an expression holds. */
#include "cli/cli.h"
#include "cli/run.h"
#include "policy/query.h"

static int query(struct run *r, struct buf *out)
{
    const struct options *o = r->options;
    if (!run_configure(r, o->operands.at + 1, o->operands.n - 1) || !run_open_pack(r, false))
        return EXIT_USAGE;
    run_read(r, o->operands.at + 1, o->operands.n - 1);
    run_link(r);
    struct query *q = query_compile(o->operands.at[0], r->graph, r->analysis, r->arena, &r->diags);
    if (!q) {
        run_print_diags(r);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < graph_count(r->graph); i++) {
        const struct resource *resource = graph_at(r->graph, i);
        enum status s = query_ask(q, resource);
        if (s != STATUS_PASS && !(s == STATUS_UNKNOWN && o->verbose))
            continue;
        const struct source *source = source_at(r->sources, resource->header.file);
        struct position p = source ? source_position(source, resource->header.start) : (struct position){0, 0};
        buf_printf(out, STR_FMT ":%u:%u: " STR_FMT " (" STR_FMT ")%s\n", STR_ARG(source ? source->path : STR_NONE),
                   p.line, p.column, STR_ARG(resource->address),
                   STR_ARG(sym_str(resource->kind ? resource->kind : resource->type)),
                   s == STATUS_UNKNOWN ? " unknown" : "");
    }
    query_free(q);
    return run_is_incomplete(r) ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

int command_query(const struct options *o)
{
    if (!o->operands.n)
        return cli_usage_error("query needs a CEL expression");
    return run_answer(o, query);
}
