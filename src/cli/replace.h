/* replace.h - a file's bytes exchanged for others: whole or not at all, and only when it still is what was read. */
#ifndef CLI_REPLACE_H
#define CLI_REPLACE_H

#include "base/arena.h"

/* The byte order mark that stands before `text` in the file (empty, or that of UTF-8). False: the file is not that text
 * (UTF-16, or it changed), or cannot be read, which path_had_trouble tells. `real` has its links resolved. */
bool replace_check(str real, str text, str *ret_bom);

/* Writes `now` beside the file, with its mode, and renames it. False with *ret_why: nothing was changed. */
bool replace_file(str real, str before, str now, struct arena *a, str *ret_why);

#endif
