/* usage.h - which files kustomizations use, and which kustomizations nobody uses. */
#ifndef FRONTEND_KUBERNETES_USAGE_H
#define FRONTEND_KUBERNETES_USAGE_H

#include "frontend/input.h"

struct usage {
    struct inputs *in;
    struct arena *arena;
    struct map files;                  /* real path: used by a kustomization, not linted on its own */
    struct input_file **kustomization; /* all of them, in order of path */
    size_t n_kustomizations;
    bool *is_root; /* one for each */
};

void usage_init(struct usage *u, struct inputs *in, struct arena *a);
void usage_release(struct usage *u);

#endif
