/* path.h - file names as text: joining, normalising, relating; and what the file system says of a name.
 * Forward slashes only. Results live in the arena. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <sys/stat.h>

#include "base/arena.h"

str path_join(struct arena *a, str dir, str name); /* name absolute: name; dir "." or "": name */
str path_dir(str path);                            /* "a/b" -> "a", "a" -> "." , "/a" -> "/" */
str path_base(str path);                           /* "a/b" -> "b" */
str path_extension(str path);                      /* "x.tf.json" -> ".json"; "" when none */
str path_normalise(struct arena *a, str path);     /* removes ".", "..", "//" lexically */
bool path_is_absolute(str path);
bool path_is_below(str path, str root);                 /* both normalised; equal counts */
str path_relative(struct arena *a, str path, str base); /* both absolute and normalised; may start "../" */
str path_real(struct arena *a, str path);               /* realpath(3); STR_NONE when it fails */
str path_cwd(struct arena *a);
bool path_stat(struct arena *a, str path, struct stat *ret); /* stat(2), links followed; false with errno */
/* open(2) of a real path: of what has that very name, absolute and without links, at the moment when it is opened.
 * -1 with errno: ELOOP when a link stands in the way. */
int path_open_real(const char *real, int flags);
/* Does this errno say that there is nothing of that name? Others say that it cannot be looked at. */
bool path_is_absent(int number);
/* Did path_real, path_stat or path_cwd ever fail for another reason than absence? Whoever asked may have
 * taken that for absence: the run is incomplete. Gives the first such path (cut) and errno; of the process. */
void path_note_trouble(str path); /* for those who ask by themselves; errno says what it was; absence is none */
bool path_had_trouble(struct arena *a, str *ret_path, int *ret_number);

#endif
