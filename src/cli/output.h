/* output.h - where a report goes: standard output, or a file that appears whole or not at all
 * (written beside its final name, then renamed). */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/buf.h"

struct output {
    str path; /* empty: standard output */
    int fd;
    const char *temporary; /* NULL: written directly */
    bool ok;
    struct arena *arena;
};

/* `path` empty: standard output. All return false after one line on standard error; a file that was not
 * written whole is gone after output_close, which is called whatever came before. */
bool output_open(struct output *o, str path);
void output_take(void *output, str text); /* the sink of a buf */
bool output_close(struct output *o);
bool output_write(str path, str text);
bool output_write_all(int fd, str text); /* interrupted or in parts, all the same; says nothing */
/* Removes the file that is being written: before _exit. Async-signal-safe. */
void output_abandon(void);
bool output_is_terminal(int fd);
unsigned output_width(int fd); /* columns; 0 when it is no terminal */
/* Terminal hyperlinks (OSC 8): FORCE_HYPERLINK, else what the terminal says of itself. */
bool output_has_links(bool to_terminal);
/* --color, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM: in that order of precedence. */
bool output_wants_color(int when, bool to_terminal);

#endif
