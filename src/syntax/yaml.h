/* yaml.h - YAML 1.1 as CloudFormation and Kubernetes read it, through libyaml's events, to nodes.
 *
 * Several documents a stream; a broken document does not lose the others (the reader resumes at the
 * next `---` line). Anchors and aliases are expanded (shared nodes, budget LIMIT_ALIAS_NODES counted
 * as if copied), merge keys `<<` applied, duplicate keys diagnosed with both positions, tags kept as
 * NODE_TAGGED (`!Sub`), standard tags (`!!str`) applied (`!!binary` is decoded where it is text). Plain
 * scalars: null ~ null Null NULL and the empty one; booleans true/True/TRUE/false and the YAML 1.1 forms
 * yes/no/on/off (also capitalised); integers decimal, 0x, 0o, 0b, leading-0 octal, with _ between digits;
 * floats; everything else (dates, 1:30, 08, numbers too large for a double), strings. A plain scalar keeps
 * its text in source (span), so a reader that wants the string can have it. Keys are always strings, as
 * written; an entry whose key is a list or mapping is skipped with a diagnostic. Of duplicates the last counts.
 * An alias that cannot be followed (unknown, its own ancestor, over the budget) is a NODE_ERROR.
 * Spans are byte offsets (libyaml counts code points; converted here); that of a block collection ends with
 * its last child, that of a tagged node begins at the tag, anchors belong to no span. Comments are collected.
 * Ill-formed UTF-8 and control characters do not stop the reader, but make the documents incomplete. */
#ifndef SYNTAX_YAML_H
#define SYNTAX_YAML_H

#include "syntax/document.h"

/* The documents and all they hold are in the arena. A text of blanks and comments has no documents. */
void yaml_read(const struct source *s, struct arena *arena, struct diag_list *diags, struct documents *ret_documents);
/* The same; strings that are not in the source as they are go to `texts`, so that they can outlive the nodes. */
void yaml_read_apart(const struct source *s, struct arena *nodes, struct arena *texts, struct diag_list *diags,
                     struct documents *ret_documents);

/* The text of a scalar as written (plain: raw text; else unescaped): `yes` as "yes", 1.10 as "1.10". */
str yaml_scalar_text(const struct node *n, const struct source *s);

#endif
