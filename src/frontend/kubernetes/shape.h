/* shape.h - is an object of a built-in kind of the shape that its answers rely on? */
#ifndef FRONTEND_KUBERNETES_SHAPE_H
#define FRONTEND_KUBERNETES_SHAPE_H

#include "base/diag.h"
#include "graph/value.h"

/* metadata and spec are mappings, containers lists of mappings, privileged is true or false, and the like. A cluster
 * refuses what is not; here a rule would look for containers and find none. False after a DIAG_STRUCTURE, which is an error. */
bool k8s_check_shape(const struct value *object, struct diag_list *diags);

#endif
