/* hcl.h - HCL native syntax (Terraform) to nodes, through our tree-sitter grammar.
 *
 * The tree is walked once and lowered at once; tree-sitter's tree is freed before
 * return. Errors recover: one diagnostic for each broken place (at most LIMIT_FILE_DIAGNOSTICS), the
 * value around it becomes NODE_ERROR, the body around that gets NODE_INCOMPLETE, the rest is read. Of an
 * argument that stands twice both are kept, with a diagnostic. A file is parsed in pieces, so that
 * memory stays near that of the nodes. What HCL refuses although the grammar reads it (items that share a
 * line) is a diagnostic, but read.
 * Heredocs: `<<-` indentation is removed; the newline before the closing marker belongs to the text.
 * Strip markers and indentation act on tokens as in HCL, where a heredoc is cut into lines: `~}` takes
 * no more than its line. The keys of objects are NODE_STRING when they are names. */
#ifndef SYNTAX_HCL_H
#define SYNTAX_HCL_H

#include "syntax/document.h"

/* root is a NODE_BODY. */
struct document hcl_read(const struct source *s, struct arena *arena, struct diag_list *diags);
/* The same; strings that are not in the source as they are go to `texts`, so that they can outlive the nodes. */
struct document hcl_read_apart(const struct source *s, struct arena *nodes, struct arena *texts,
                               struct diag_list *diags);

/* Parses text as one expression or as a template, as Terraform does with strings of .tf.json and
 * with templatefile() and `hipaalint eval`. The text stands in `source` from `base`; when `exact` is false
 * (the JSON string had escapes) every span is `whole`. NULL after a diagnostic. The text is copied. */
const struct node *hcl_read_expression(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                       struct arena *arena, struct diag_list *diags);
const struct node *hcl_read_template(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                     struct arena *arena, struct diag_list *diags);

/* Fails with a message when the linked tree-sitter cannot load the grammar; called by --version and
 * before the first file. */
bool hcl_grammar_usable(str *ret_message);

#endif
