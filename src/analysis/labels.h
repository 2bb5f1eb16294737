/* labels.h - label selectors of Kubernetes: what they select, three-valued (verdict.h).
 *
 * Labels and selectors may be partly unknown or hang on undecided inputs. */
#ifndef ANALYSIS_LABELS_H
#define ANALYSIS_LABELS_H

#include "analysis/verdict.h"

/* Every pair of `wanted` is among the labels; an empty map is yes, an absent one no. */
const struct value *labels_match(struct arena *a, const struct value *wanted, const struct value *labels);
/* A LabelSelector {match_labels, match_expressions}: empty selects all, absent none. */
const struct value *selector_match(struct arena *a, const struct value *selector, const struct value *labels);
/* Does it select all whatever the labels? */
const struct value *selector_is_empty(struct arena *a, const struct value *selector);
/* A label that every selected object must have; false when the selector names none for certain. */
bool selector_pair(const struct value *selector, str *ret_key, str *ret_value);
/* Says what is wrong with its expressions: operators that do not exist, values that are missing. */
void selector_check(const struct value *selector, struct diag_list *diags);

#endif
