/* json.h - strict JSON (RFC 8259) to nodes, with exact spans.
 *
 * Our own because cJSON keeps no positions and libyaml refuses legal JSON. Strict: every `n_` case
 * of JSONTestSuite is refused, every `y_` accepted. Duplicate keys are a diagnostic (the last one
 * counts, as in every consumer we lint for). After a syntax error the value read so far is kept and
 * marked NODE_INCOMPLETE. Depth is capped at LIMIT_DEPTH without recursion overflow. Half of a surrogate
 * pair (`\ud800`) reads as U+FFFD; numbers keep their exact text, one too large for a double is infinite.
 * Expects text that document_check_text let pass: bytes of strings are taken as they are. */
#ifndef SYNTAX_JSON_H
#define SYNTAX_JSON_H

#include "syntax/document.h"

/* Reads the whole source as one JSON text. NULL root only when nothing could be read. */
struct document json_read(const struct source *s, struct arena *arena, struct diag_list *diags);
/* The same; strings with escapes go to `texts`, so that they can outlive the nodes. */
struct document json_read_apart(const struct source *s, struct arena *nodes, struct arena *texts,
                                struct diag_list *diags);

/* Reads JSON that stands inside another text (a policy in a string or heredoc): `text` is what the
 * string means; offset i of it lies at source offset map(i), linear from `base` when the string has
 * no escapes (`exact`), else every span is `whole`. diags may be NULL: errors are then silent and
 * NULL is returned. Strings may point into `text`, which must live as long as the nodes. */
const struct node *json_read_embedded(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                      struct arena *arena, struct diag_list *diags);

/* The same for documents that are meant whatever their last comma says: one before ']' or '}' is stepped over.
 * `at` says where in whole.file each byte of the text stands, and where the text ends; NULL: every span is `whole`.
 * Strings with escapes go to `texts`. */
const struct node *json_read_policy(str text, const uint32_t *at, span whole, struct arena *nodes, struct arena *texts,
                                    struct diag_list *diags);

#endif
