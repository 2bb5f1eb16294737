/* merge.h - strategic merge patches (of kinds that Kubernetes knows; others merge as JSON merge patches,
 * lists replaced) and JSON patches (RFC 6902). */
#ifndef FRONTEND_KUBERNETES_MERGE_H
#define FRONTEND_KUBERNETES_MERGE_H

#include "base/diag.h"
#include "graph/value.h"

/* NULL: the patch deletes the object. */
const struct value *merge_strategic(struct arena *a, str group, str kind, const struct value *base,
                                    const struct value *patch);
/* Applies the operations in order; one that cannot be applied is a diagnostic, and what was applied so far
 * stays. */
const struct value *merge_json_patch(struct arena *a, const struct value *base, const struct value *operations,
                                     struct diag_list *diags);

#endif
