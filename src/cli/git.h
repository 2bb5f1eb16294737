/* git.h - what --since asks of git: which files differ from a commit. The only place of the program that starts
 * another one: fork and exec, no shell, no hooks, no transport, no prompt. */
#ifndef CLI_GIT_H
#define CLI_GIT_H

#include "base/arena.h"
#include "base/map.h"

struct git_changes {
    struct map files;       /* absolute real paths that differ: added, modified, not tracked */
    struct map directories; /* a file that stood in them is gone: all that stands there counts */
    struct map trees;       /* submodules that differ: all below counts */
    size_t n_deleted;
};

/* Files that differ between the working tree and the place where it left `rev` (their merge base), in the repository
 * that holds all of `paths` (none: the working directory). False after one line on standard error: a `rev` that is
 * none, no repository, no git. */
bool git_changes_read(struct git_changes *c, str rev, const str *paths, size_t n, struct arena *a);
void git_changes_release(struct git_changes *c);

#endif
