/* glob.h - shell patterns: `*` (not "/"), `**` (also "/"), `?`, `[a-z]`, `[!a]`, `\x`, `{a,b}`.
 * A component `**` stands for any number of directories, also for none (slash included). A leading
 * dot is nothing special; a bracket or brace that is not closed stands for itself.
 * Linear time in pattern times text; no allocation. Patterns over 4,096 bytes match nothing. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/str.h"

bool glob_match(str pattern, str text);
/* IAM style: `*` is any run, `?` any one character, nothing else is special. */
bool wildcard_match(str pattern, str text);
bool wildcard_match_nocase(str pattern, str text);
/* Can some text match both patterns (IAM style)? Decides whether two wildcard resources overlap. */
bool wildcard_overlap(str a, str b);

#endif
