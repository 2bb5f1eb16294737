/* walk.h - which files a directory holds that could be infrastructure as code.
 *
 * Names only: nothing is read but .gitignore files. Order is by name. Follows links only inside the
 * root, never enters a directory twice, never leaves the file system's tree by `..`. */
#ifndef FRONTEND_WALK_H
#define FRONTEND_WALK_H

#include "frontend/input.h"

struct walk_found {
    str path; /* shown form */
    str real; /* STR_NONE: it is a link */
    enum input_kind kind;
};

struct walk {
    struct arena *arena;
    struct diag_list *diags;
    const struct input_options *options;
    str root;           /* absolute and real: links must stay below */
    bool use_gitignore; /* the root is a git repository */
    struct walk_found *at;
    size_t n, cap;
    struct map entered; /* real paths of directories */
};

void walk_init(struct walk *w, struct arena *a, struct diag_list *diags, const struct input_options *o, str root,
               bool use_gitignore);
void walk_release(struct walk *w);
/* `real` is the real path of the directory. What lies below is found by real path, so that a directory which is
 * swapped for a link meanwhile leads nowhere. */
void walk_directory(struct walk *w, str path, str real);

/* The kind that a file's name suggests; false when it is none of ours. */
bool walk_kind(str path, enum input_kind *ret);
/* The git repository that encloses an absolute path; STR_NONE when there is none. */
str walk_repository(struct arena *a, str absolute, struct diag_list *diags);

#endif
