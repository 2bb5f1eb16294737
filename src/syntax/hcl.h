/* hcl.h - HCL native syntax (Terraform) to nodes, through our tree-sitter grammar.
 *
 * The tree is walked once with a cursor and lowered at once; tree-sitter's tree is freed before
 * return. Errors recover: one diagnostic for each broken place (at most LIMIT_FILE_DIAGNOSTICS), the
 * attribute or block around it gets NODE_INCOMPLETE or becomes NODE_ERROR, the rest is read.
 * Heredocs: `<<-` indentation is removed; the newline before the closing marker belongs to the text. */
#ifndef SYNTAX_HCL_H
#define SYNTAX_HCL_H

#include "syntax/document.h"

/* root is a NODE_BODY. */
struct document hcl_read(const struct source *s, struct arena *arena, struct diag_list *diags);

/* Parses text as one expression or as a template, as Terraform does with strings of .tf.json and
 * with templatefile() and `hipaalint eval`. The text stands in `source` from `base`; when `exact` is false
 * (the JSON string had escapes) every span is `whole`. NULL after a diagnostic. */
const struct node *hcl_read_expression(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                       struct arena *arena, struct diag_list *diags);
const struct node *hcl_read_template(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                     struct arena *arena, struct diag_list *diags);

/* Fails with a message when the linked tree-sitter cannot load the grammar; called by --version and
 * before the first file. */
bool hcl_grammar_usable(str *ret_message);

#endif
