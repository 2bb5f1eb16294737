/* graph_view.h - the graph as data (JSON), as DOT, and as a picture (SVG) drawn by ourselves: layered,
 * grouped by service, so that thirty resources can be read. */
#ifndef REPORT_GRAPH_VIEW_H
#define REPORT_GRAPH_VIEW_H

#include "graph/graph.h"

struct graph_view {
    const struct graph *graph;
    const struct sources *sources;
    bool verbose;
    const bool *shown;       /* by id; NULL: every resource */
    const uint32_t *finding; /* by id: the number of its first finding on the page (#finding-1), which it is framed in
                                red for and leads to; 0: it has none. NULL: nobody knows */
};

/* Edges are the references, and besides them what the analysis found (resource.reach: "reach": true, bold lines):
 * a pod runs as an account, which becomes a role, which reads a bucket. */
/* "aws.s3.bucket" -> "aws.s3": what pictures group by. */
str graph_view_service(const struct resource *r);
/* {resources: [{address, kind, type, file, line, attributes, facts}], edges: [{from, to, attribute, reach}]} */
void graph_view_json(const struct graph_view *v, struct buf *out);
void graph_view_dot(const struct graph_view *v, struct buf *out);
void graph_view_svg(const struct graph_view *v, struct buf *out);

/* The surroundings of one resource, for `shown`: what it leads to in GRAPH_NEAR_STEPS steps, and what refers to it; `ret` has
 * a place for every resource. False: no resource has that address. */
enum { GRAPH_NEAR_STEPS = 4, GRAPH_NEAR_MOST = 60 };
bool graph_view_near(const struct graph *g, str address, bool *ret);

#endif
