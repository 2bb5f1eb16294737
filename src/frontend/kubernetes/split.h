/* split.h - custom resources that hold several pod templates (a master and workers, groups, tasks).
 *
 * Rules look at one pod at a time, so such an object becomes one resource for each template: the object
 * with the other templates left out. */
#ifndef FRONTEND_KUBERNETES_SPLIT_H
#define FRONTEND_KUBERNETES_SPLIT_H

#include "graph/value.h"

struct split_part {
    const struct value *object;
    str name; /* "Worker", "tasks[1]"; empty when the object is whole */
};

/* The parts, in order; one, the object itself, for everything that holds at most one template. */
const struct split_part *split_object(struct arena *a, const struct value *object, size_t *ret_n);

#endif
