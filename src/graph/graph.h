/* graph.h - all resources of a run, and what joins them.
 *
 * Two phases. Building: front ends add units and resources, each unit through its own builder, in
 * parallel. Linking (graph_link): units are put in a fixed order, the model normalises every
 * resource, references become edges, companions are merged into their owners. After linking the
 * graph is read-only and safe to read from many threads.
 *
 * The graph knows no format: types are opaque names that the model explains. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "base/map.h"
#include "graph/resource.h"

struct model;
struct graph;

/* What is deployed together: a Terraform root with its modules, a template with its nested stacks,
 * an overlay, a rendered chart, the plain manifests of a directory tree. Joins happen inside. */
struct unit {
    str name;              /* path of the root directory or template, as shown */
    str format;            /* "terraform", "cloudformation", "kubernetes": for summaries and examples only */
    sym region;            /* region when the unit states one; 0 */
    bool incomplete;       /* some file of it could not be read: absence of a resource proves nothing */
    bool has_remote_parts; /* remote modules, unrendered charts: likewise */
    size_t first, n;       /* its resources in the graph, after linking */
    /* Companion and neighbour look-ups by name fall back to refs only within this unit. */
};

/* A builder belongs to one unit and one thread; a unit may have several, one after the other in the order. */
struct graph_builder {
    struct arena *arena; /* values and resources of this unit; kept by the graph */
    struct diag_list *diags;
    struct sources *sources;
    struct unit unit;
    bool continues;             /* the unit of the builder before it in the order */
    struct resource **resource; /* in source order */
    size_t n, cap;
};

struct graph *graph_new(void);
void graph_free(struct graph *g);

/* A fresh arena that lives as long as the graph: for one job's messages and temporary data. Thread-safe. */
struct arena *graph_job_arena(struct graph *g);
/* Starts a unit. `order` fixes its place whatever thread adds it (same order: by name). Thread-safe. */
struct graph_builder *graph_unit_begin(struct graph *g, str name, str format, size_t order, struct sources *sources,
                                       struct diag_list *diags);
/* Starts a further part of a unit, for another thread: of the unit that comes before in the order. */
struct graph_builder *graph_unit_continue(struct graph *g, str name, str format, size_t order, struct sources *sources,
                                          struct diag_list *diags);
/* A zeroed resource, added to the unit: fill in type, address, name, spans, raw. */
struct resource *graph_add(struct graph_builder *b, str type, str address);

/* All builders, in order of creation: for what is added between the jobs and the linking. */
size_t graph_builder_count(const struct graph *g);
struct graph_builder *graph_builder_at(const struct graph *g, size_t i);

/* Normalises and joins everything; uses `jobs` threads. Diagnostics go to diags. */
void graph_link(struct graph *g, const struct model *m, const struct sources *sources, unsigned jobs,
                struct diag_list *diags);

size_t graph_count(const struct graph *g);
struct resource *graph_at(const struct graph *g, size_t i);
size_t graph_unit_count(const struct graph *g);
const struct unit *graph_unit(const struct graph *g, size_t i);
/* Units that are deployed beside it: their resources refer to those of the unit, or the other way round. In order; none
 * when there are more than LIMIT_NEIGHBOURS. */
const uint32_t *graph_neighbours(const struct graph *g, size_t unit, size_t *ret_n);
/* Resources of a kind, in order. */
struct resource *const *graph_of_kind(const struct graph *g, sym kind, size_t *ret_n);
struct resource *graph_find(const struct graph *g, size_t unit, str address); /* NULL; "[0]" may be left out */
/* The address without instance keys, which all copies of a block have. */
str graph_block_address(str address, struct arena *a);
/* A resource of `kind` whose attribute `key` is that text: same unit first, then any unit when there
 * is exactly one. *ret_ambiguous: several candidates elsewhere (answer unknown). */
struct resource *graph_find_by(const struct graph *g, size_t unit, sym kind, str key, str text, bool *ret_ambiguous);
/* The resources of `kind` in the unit whose attribute `key` is that text (STR_NONE: who have none), and those for which it may be (unknown, one
 * of several). What is looked up is among them. */
struct graph_matches {
    struct resource *const *certain, *const *open;
    size_t n_certain, n_open;
};
struct graph_matches graph_find_all(const struct graph *g, size_t unit, sym kind, str key, str text);
/* The resource a value points to: by ref, else by ARN, id or name text that the model knows. */
struct resource *graph_resolve(const struct graph *g, const struct resource *from, const struct value *v,
                               bool *ret_ambiguous);
/* A reference by address to something that is not in the graph: to none of its resources. */
bool graph_points_elsewhere(const struct graph *g, const struct resource *from, const struct value *v);
/* A text and where its bytes stand: at[i] is the offset in `file` of byte i, at[text.n] its end; `at` is NULL when that
 * cannot be told. A hole is one or more bytes between GRAPH_HOLE and GRAPH_HOLE_END. */
#define GRAPH_HOLE     "\xef\xa3\xb0"
#define GRAPH_HOLE_END "\xef\xa3\xb1"
struct graph_text {
    str text;
    const uint32_t *at;
    uint32_t file;
};
/* Of a VALUE_STRING or VALUE_TEXT; others have no text. */
struct graph_text graph_text_places(const struct graph *g, struct arena *a, const struct value *v);
struct arena *graph_arena(struct graph *g); /* file-set lifetime, for the linking thread only */
const struct model *graph_model(const struct graph *g);
/* Types seen that the model does not know, with counts: for the summary. */
const struct map *graph_unmodelled(const struct graph *g); /* type -> (void *)(uintptr_t)count */

#endif
