#include "policy/query.h"

#include "policy/environment.h"

struct query {
    struct cel_program *program;
    struct environment environment;
    struct cel_context context;
    struct arena *scratch;
};

struct query *query_compile(str text, const struct graph *g, const struct analysis *facts, struct arena *a,
                            struct diag_list *diags)
{
    struct query *q = ARENA_NEW(a, struct query);
    q->program = cel_compile(text, 0, 0, false, SPAN_NONE, environment_get(), a, diags);
    if (!q->program)
        return NULL;
    q->environment = (struct environment){.graph = g, .facts = facts};
    q->scratch = a;
    cel_context_init(&q->context, a);
    return q;
}

enum status query_ask(struct query *q, const struct resource *r)
{
    q->environment.subject = r;
    q->context.data = &q->environment;
    struct cel_value binding[ENV_VARIABLES] = {
        [ENV_RESOURCE] = cel_resource(r),
        [ENV_ITEM] = cel_null(),
        [ENV_ADDRESS] = cel_string(r->address),
        [ENV_PARAM] = cel_null(),
    };
    struct arena_mark mark = arena_mark(q->scratch);
    struct cel_value v;
    cel_eval(q->program, binding, &q->context, &v);
    enum cel_truth truth = cel_truth(&v);
    arena_rewind(q->scratch, mark);
    if (truth == CEL_YES)
        return STATUS_PASS;
    return truth == CEL_MAYBE ? STATUS_UNKNOWN : STATUS_FAIL;
}

void query_free(struct query *q)
{
    if (q)
        cel_context_release(&q->context);
}
