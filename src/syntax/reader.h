/* reader.h - what the readers of this directory share; nothing above includes it.
 *
 * Nodes are cut from chunks, the children of an open list or map are collected on a scratch stack and
 * copied to the arena once, and a file may not say more than LIMIT_FILE_DIAGNOSTICS things. */
#ifndef SYNTAX_READER_H
#define SYNTAX_READER_H

#include "syntax/node.h"

struct node_pool {
    struct arena *arena;
    struct arena *texts; /* for strings that are not in the source as they are */
    struct node *next;
    size_t left;  /* in this chunk */
    size_t chunk; /* size of the last one */
    size_t total; /* nodes in all chunks */
};

/* The stack of the children of all containers that are open; for maps key, value, key, value. */
struct node_stack {
    const struct node **at;
    size_t n, cap;
};

struct reader_diags {
    struct diag_list *list;      /* NULL: say nothing */
    const struct source *source; /* NULL: no line numbers in messages */
    size_t n;
};

void node_pool_refill(struct node_pool *p);

/* A fresh node, all zero but for what is given. */
static inline struct node *node_new(struct node_pool *p, enum node_kind kind, unsigned flags, span at)
{
    struct node *n;

    if (p->left == 0)
        node_pool_refill(p);
    p->left--;
    n = p->next++;
    n->kind = (uint8_t)kind;
    n->flags = (uint16_t)flags;
    n->at = at;
    return n;
}

static inline bool node_pool_full(const struct node_pool *p)
{
    return p->total > LIMIT_NODES;
}

void reader_diag(struct reader_diags *d, enum diag_id id, span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
bool reader_diags_full(const struct reader_diags *d);                /* no more will be taken: stop reading */
unsigned reader_line(const struct reader_diags *d, uint32_t offset); /* 0 when not known */

/* Makes stack[from..] (key, value pairs; keys are NODE_STRING) the entries of `map` and drops them from
 * the stack. A later entry takes the place of an earlier one of the same key, with a diagnostic. */
void reader_set_entries(struct node *map, struct node_stack *stack, size_t from, struct arena *arena,
                        struct reader_diags *d);
/* The same for the items of a list. */
void reader_set_items(struct node *list, struct node_stack *stack, size_t from, struct arena *arena);

/* The value of [+-] digits [. digits] [e [+-] digits], whose form the caller has checked; infinite when
 * it is too large. */
double reader_decimal(str text);

#endif
