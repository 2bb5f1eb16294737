/* query.h - one CEL expression asked of resources, outside of any rule. */
#ifndef POLICY_QUERY_H
#define POLICY_QUERY_H

#include "graph/graph.h"
#include "policy/severity.h"

struct analysis;
struct query;

/* `resource` is bound; a null or missing result is false. NULL after diagnostics. */
struct query *query_compile(str text, const struct graph *g, const struct analysis *facts, struct arena *a,
                            struct diag_list *diags);
/* PASS: it holds; FAIL: it does not (or is an error); UNKNOWN. */
enum status query_ask(struct query *q, const struct resource *r);
void query_free(struct query *q);

#endif
