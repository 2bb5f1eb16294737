/* edit.h - changes to the text of a document that keep how it is written.
 *
 * A change is a span and the text that takes its place; all other bytes stay. The functions below put
 * entries of one document (`from`, a snippet) into a container of another (`to`) in the style of what
 * stands there: indentation, alignment of `=`, flow or block, compact or pretty, line ends. They only
 * append to `edits`; nothing is applied. All changes of one container must be made by one call of each
 * function: two that touch the same bytes overlap, and edits_sort says so.
 *
 * False with `refusal` set when the text is written in a way that cannot be changed safely (anchors,
 * aliases, two items on one line). `to` and `from` are of one language, or from YAML into JSON, from YAML
 * into HCL objects, from HCL into JSON. */
#ifndef SYNTAX_EDIT_H
#define SYNTAX_EDIT_H

#include "syntax/document.h"

struct edit {
    span at; /* start == end: an insertion */
    str text;
};

struct edits {
    struct edit *at;
    size_t n, cap;
};

/* Orders by file and place; insertions at one place keep their order. False when two overlap. */
bool edits_sort(struct edit *e, size_t n);
/* The text with the edits of that file applied; they are sorted and do not overlap. */
str edits_apply(str text, uint32_t file, const struct edit *e, size_t n, struct arena *a);

struct editor {
    const struct document *to, *from;
    struct arena *arena; /* texts of edits live here */
    struct edits *edits;
    const char *refusal;
};

/* New entries of a NODE_BODY or NODE_MAP. */
bool edit_add(struct editor *e, const struct node *container, const struct node_entry *entry, size_t n);
/* Another value for an entry that is there. */
bool edit_replace(struct editor *e, const struct node *container, const struct node_entry *old,
                  const struct node_entry *entry);
/* A scalar of `to` in place of one. */
bool edit_replace_scalar(struct editor *e, const struct node *old, const struct node *value);
bool edit_remove(struct editor *e, const struct node *container, const struct node_entry *old);
/* New entries in the place of one that goes. */
bool edit_swap(struct editor *e, const struct node *container, const struct node_entry *old,
               const struct node_entry *entry, size_t n);
/* New items of a NODE_LIST. */
bool edit_append(struct editor *e, const struct node *list, const struct node *const *item, size_t n);

/* Text on lines of its own, behind the line in which `at` lies. */
bool edit_insert_lines(struct editor *e, uint32_t at, str text);

/* The smallest node of the tree whose span is `at` or holds it; `path` (of `max`) gets those around it, outermost
 * first, without the node. */
const struct node *edit_find(const struct node *root, span at, const struct node **path, size_t max, size_t *ret_n);

#endif
