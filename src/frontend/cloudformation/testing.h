/* testing.h - templates given as text, to a linked graph. */
#ifndef FRONTEND_CLOUDFORMATION_TESTING_H
#define FRONTEND_CLOUDFORMATION_TESTING_H

#include "frontend/testing.h"

static inline void testing_open_path(struct testing *t, const char *path, const struct frontend_options *o)
{
    testing_open_plan_path(t, cloudformation_plan, path, o);
}

static inline void testing_open(struct testing *t, const struct testing_file *files, size_t n,
                                const struct frontend_options *o)
{
    testing_open_plan(t, cloudformation_plan, files, n, o);
}

#endif
