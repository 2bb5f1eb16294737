/* graph_internal.h - what graph.c, link*.c and index.c share. Private to src/graph. */
#ifndef GRAPH_GRAPH_INTERNAL_H
#define GRAPH_GRAPH_INTERNAL_H

#include <pthread.h>

#include "base/vec.h"
#include "graph/graph.h"
#include "graph/model_internal.h"

struct builder_slot {
    struct graph_builder *builder;
    size_t order;
};

/* Where an address leads inside one unit. */
struct family {
    struct resource *first;
    size_t n;
};

struct neighbours {
    const uint32_t *unit;
    size_t n;
};

struct kind_list {
    sym kind;
    VEC(struct resource *) of;
};

/* The resources of one kind by the text of one attribute; see index.c. */
struct text_index;

struct arn_pattern {
    sym kind;
    str pattern;
};

struct graph {
    pthread_mutex_t lock; /* building: builders; after linking: text indexes */
    struct arena *arena;
    VEC(struct builder_slot) slots;

    const struct model *model; /* set by graph_link, as everything below */
    struct unit *unit;
    struct neighbours *neighbours; /* per unit */
    size_t n_units;
    struct resource **resource;
    size_t n;
    struct map *address;      /* per unit: address -> struct resource * */
    struct map *family;       /* per unit: address without its indexes -> struct family * */
    uint32_t *next_of_family; /* by id; id + 1 of the next member, 0 at the end */
    struct map unit_by_name;  /* name -> struct unit * */
    struct map kinds;         /* kind name -> struct kind_list * */
    struct map unmodelled;
    const struct sources *sources;        /* since graph_link */
    struct map text_indexes;              /* "kind\0key" -> struct text_index * */
    struct map list_indexes;              /* "kind\0key" -> struct list_index * */
    VEC(struct arn_pattern) arn_patterns; /* of the kinds that occur */
    VEC(struct arena *) arenas;           /* of jobs and of linking threads */
};

/* The resource that a reference names, without joining by text. *ret_several: `address` names a family
 * of more than one and says not which. */
struct resource *graph_lookup(const struct graph *g, const struct resource *from, const struct ref *ref,
                              bool *ret_several);
void graph_index_addresses(struct graph *g, unsigned jobs, struct arena *const *arena); /* one of each worker */
str graph_strip_indexes(struct arena *a, str address);

void text_indexes_release(struct graph *g);
void list_indexes_release(struct graph *g);
/* By the model's identity patterns; `holes` of the text are the byte 0x01. */
struct resource *graph_find_arn(const struct graph *g, size_t unit, str arn, bool *ret_ambiguous);

/* Text of a value, its holes as the byte 0x01; STR_NONE when it is no text. */
str graph_text_of(struct arena *a, const struct value *v);

/* link_companions.c, link_edges.c */
struct link {
    struct graph *g;
    const struct model *model;
    const struct sources *sources;
    struct diag_list *diags;
    unsigned jobs;
    struct defaults_tools *tools;   /* of the thread that links companions */
    bool *kind_uncertain;           /* by id: which of several kinds the resource is cannot be known */
    bool *finished;                 /* by id: defaults have been applied */
    const struct model_type **type; /* by id; NULL: not modelled */
};
/* Defaults, or what a broken block may have said. */
void link_finish_resource(struct link *l, struct resource *r, struct defaults_tools *tools);
void link_companions(struct link *l);
void graph_find_neighbours(struct graph *g);
void link_edges(struct link *l);

#endif
