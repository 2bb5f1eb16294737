/* gitignore.h - the patterns of .gitignore files, as git reads them: order, negation, anchors, `dir/`. */
#ifndef FRONTEND_GITIGNORE_H
#define FRONTEND_GITIGNORE_H

#include "base/diag.h"

/* The patterns of one directory, and those of the directories above it. */
struct gitignore {
    const struct gitignore *above;
    str dir; /* the directory of the file, same form as the paths asked about */
    struct gitignore_pattern *pattern;
    size_t n;
};

/* Reads `dir`/.gitignore; returns `above` when there is none, and after a diagnostic when it cannot be read. */
const struct gitignore *gitignore_read(struct arena *a, str dir, const struct gitignore *above,
                                       struct diag_list *diags);
bool gitignore_matches(const struct gitignore *g, str path, bool is_directory);

#endif
