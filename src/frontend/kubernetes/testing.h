/* testing.h - manifests given as text, to a linked graph. */
#ifndef FRONTEND_KUBERNETES_TESTING_H
#define FRONTEND_KUBERNETES_TESTING_H

#include "frontend/testing.h"

static inline void testing_run(struct testing *t, str path, str stdin_text)
{
    testing_run_plan(t, kubernetes_plan, path, stdin_text, NULL);
}

static inline void testing_open_path(struct testing *t, const char *path)
{
    testing_open_plan_path(t, kubernetes_plan, path, NULL);
}

static inline void testing_open(struct testing *t, const struct testing_file *files, size_t n)
{
    testing_open_plan(t, kubernetes_plan, files, n, NULL);
}

#endif
