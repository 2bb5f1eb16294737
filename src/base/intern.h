/* intern.h - names as integers, so that types and kinds compare in one instruction.
 *
 * One table for the process, thread-safe, never freed before exit. Symbols are numbered in order
 * of first use, which differs between runs with threads: never sort by symbol. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "base/str.h"

typedef uint32_t sym; /* 0 is "no name" */

sym sym_of(str name);      /* adds the name when new (copied); the empty name gives 0 */
sym sym_find(str name);    /* 0 when nobody has interned it */
str sym_str(sym s);        /* NUL-terminated, "" for 0; valid for the whole run */
void intern_release(void); /* at exit, for leak checkers */

#endif
