/* yaml.h - YAML 1.1 as CloudFormation and Kubernetes read it, through libyaml's events, to nodes.
 *
 * Several documents a stream; a broken document does not lose the others (the reader resumes at the
 * next `---` line). Anchors and aliases are expanded (shared nodes, budget LIMIT_ALIAS_NODES counted
 * as if copied), merge keys `<<` applied, duplicate keys diagnosed with both positions, tags kept as
 * NODE_TAGGED (`!Sub`), standard tags (`!!str`) applied. Plain scalars: null ~ null Null NULL and the
 * empty one; booleans true/True/TRUE/false and the YAML 1.1 forms yes/no/on/off (also capitalised);
 * integers decimal, 0x, 0o, leading-0 octal; floats; everything else, and dates, strings. A plain
 * scalar keeps its text in source (span), so a reader that wants the string can have it.
 * Spans are byte offsets (libyaml counts code points; converted here). Comments are collected. */
#ifndef SYNTAX_YAML_H
#define SYNTAX_YAML_H

#include "syntax/document.h"

void yaml_read(const struct source *s, struct arena *arena, struct diag_list *diags,
               struct documents *ret_documents);

/* The text of a scalar as written (plain: raw text; else unescaped): `yes` as "yes", 1.10 as "1.10". */
str yaml_scalar_text(const struct node *n, const struct source *s);

#endif
