/* edit_internal.h - the parts of edit.h: edit.c chooses by container, edit_hcl.c bodies, edit_yaml.c block
 * collections, edit_flow.c what stands in brackets, edit_write.c texts of nodes. */
#ifndef SYNTAX_EDIT_INTERNAL_H
#define SYNTAX_EDIT_INTERNAL_H

#include "base/vec.h"
#include "syntax/edit.h"

/* edit.c */
bool edit_refuse(struct editor *e, const char *why);
/* Line ends of `text` become those of the document. */
void edit_push(struct editor *e, uint32_t start, uint32_t end, str text);
str edit_text(const struct document *d, uint32_t start, uint32_t end);
uint32_t edit_line_start(str text, uint32_t at);
/* The blanks at the beginning of the line. */
str edit_indent_at(str text, uint32_t at);
/* One level of indentation of the document: two spaces where it shows none. */
str edit_step(const struct editor *e);
/* The offset behind the line end at or after `at`; false when something other than blanks and a comment stands before. */
bool edit_next_line(const struct editor *e, uint32_t at, uint32_t *ret);
bool edit_is_anchored(const struct editor *e, const struct node *n);

/* edit_write.c */
enum edit_style { EDIT_JSON, EDIT_FLOW, EDIT_HCL };
struct edit_layout {
    enum edit_style style;
    bool lines;        /* each entry on a line of its own */
    str indent, step;  /* of the line where the value begins */
    const char *colon; /* ": ", ":", " = " */
    const char *comma; /* ", ", "," */
};
/* The value, made anew from its node. False: `refusal` is set. */
bool edit_write(struct editor *e, const struct node *value, const struct edit_layout *layout, struct buf *out);
bool edit_write_entry(struct editor *e, const struct node_entry *entry, const struct edit_layout *layout,
                      struct buf *out);
/* The bytes of the snippet between the two, lines behind the first indented by `indent`. */
void edit_copy(struct editor *e, uint32_t start, uint32_t end, str indent, struct buf *out);

bool edit_hcl_add(struct editor *e, const struct node *body, const struct node_entry *entry, size_t n);
bool edit_hcl_replace(struct editor *e, const struct node_entry *old, const struct node_entry *entry);
bool edit_hcl_remove(struct editor *e, const struct node *body, const struct node_entry *old);
bool edit_hcl_swap(struct editor *e, const struct node *body, const struct node_entry *old,
                   const struct node_entry *entry, size_t n);
bool edit_yaml_add(struct editor *e, const struct node *map, const struct node_entry *entry, size_t n);
bool edit_yaml_replace(struct editor *e, const struct node_entry *old, const struct node_entry *entry);
bool edit_yaml_remove(struct editor *e, const struct node *map, const struct node_entry *old);
bool edit_yaml_swap(struct editor *e, const struct node_entry *old, const struct node_entry *entry, size_t n);
bool edit_yaml_append(struct editor *e, const struct node *list, const struct node *const *item, size_t n);
bool edit_flow_add(struct editor *e, const struct node *map, const struct node_entry *entry, size_t n);
bool edit_flow_replace(struct editor *e, const struct node *old, const struct node *value);
bool edit_flow_remove(struct editor *e, const struct node *map, const struct node_entry *old);
bool edit_flow_swap(struct editor *e, const struct node *map, const struct node_entry *old,
                    const struct node_entry *entry, size_t n);
bool edit_flow_append(struct editor *e, const struct node *list, const struct node *const *item, size_t n);

#endif
