/* document.h - one parsed document: a file, or one document of a YAML stream.
 *
 * Readers never fail as a whole: what they could not read is a diagnostic, and the document (or the
 * part of it) is marked incomplete, so that a later layer answers unknown and not pass. */
#ifndef SYNTAX_DOCUMENT_H
#define SYNTAX_DOCUMENT_H

#include "syntax/node.h"

enum document_language { LANGUAGE_YAML, LANGUAGE_JSON, LANGUAGE_HCL };

struct document {
    const struct source *source;
    enum document_language language;
    uint32_t index;                /* in its stream, from 0 */
    const struct node *root;       /* NULL: nothing could be read */
    bool incomplete;               /* an error was skipped inside */
    const struct comment *comment; /* all comments of the source, in order (shared by its documents) */
    size_t n_comments;
};

/* Comments carry suppressions and Helm's `# Source:` lines. */
struct comment {
    span at;       /* from the marker to the end of the text, without the newline */
    str text;      /* without the marker and surrounding blanks */
    bool own_line; /* nothing but blanks before it */
};

struct documents {
    struct document *at;
    size_t n, cap;
};

/* What a reader would make of `s`, whose text is that of d->source; `d` was read without a diagnostic. Strings that do
 * not stand in the text are those of `d`. */
struct document document_copy(const struct document *d, const struct source *s, struct arena *arena);

/* Checks text before any reader: empty, NUL bytes, invalid UTF-8. Returns false after a diagnostic
 * where nothing can be read (NUL or binary); invalid UTF-8 inside an otherwise readable text is a
 * diagnostic and reading goes on. */
bool document_check_text(const struct source *s, struct diag_list *diags);

#endif
