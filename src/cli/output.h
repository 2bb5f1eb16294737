/* output.h - where a report goes: standard output, or a file that appears whole or not at all
 * (written beside its final name, then renamed). */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/buf.h"

/* `path` empty: standard output. False after one line on standard error. */
bool output_write(str path, str text);
bool output_is_terminal(int fd);
unsigned output_width(int fd); /* columns; 0 when it is no terminal */
/* --color, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM: in that order of precedence. */
bool output_wants_color(int when, bool to_terminal);

#endif
