/* diag.h - what the program has to say about its input, as data.
 *
 * Library code never prints: it appends here. A diagnostic has a stable id (DIAG_TABLE, documented
 * in hipaalint(1)), a severity and a place. Errors mean that something was not analysed: the run is
 * then incomplete (exit 3). Lists are per thread or per file and merged in a fixed order. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/source.h"

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

/*    enumerator              id                      severity      what it means */
#define DIAG_TABLE(X)                                                                                                  \
    X(DIAG_NOT_FOUND, "not-found", DIAG_ERROR, "a path that was named does not exist")                                 \
    X(DIAG_UNREADABLE, "unreadable", DIAG_ERROR, "a file or directory could not be read")                              \
    X(DIAG_TOO_LARGE, "too-large", DIAG_ERROR, "a file is over the size limit")                                        \
    X(DIAG_NOT_TEXT, "not-text", DIAG_ERROR, "a file is binary or has NUL bytes")                                      \
    X(DIAG_ENCODING, "encoding", DIAG_ERROR, "a file is not valid UTF-8")                                              \
    X(DIAG_EMPTY, "empty-file", DIAG_WARNING, "a file that should hold infrastructure is empty")                       \
    X(DIAG_SYNTAX, "syntax", DIAG_ERROR, "a file or document cannot be parsed")                                        \
    X(DIAG_DUPLICATE_KEY, "duplicate-key", DIAG_ERROR, "a key stands twice in one mapping")                            \
    X(DIAG_LIMIT, "limit", DIAG_ERROR, "a limit was hit; the rest was not analysed")                                   \
    X(DIAG_NOTHING_FOUND, "nothing-found", DIAG_ERROR, "no infrastructure as code was found")                          \
    X(DIAG_LOOP, "loop", DIAG_WARNING, "directories or links that contain themselves")                                 \
    X(DIAG_OUTSIDE_ROOT, "outside-root", DIAG_ERROR, "a path leaves the scanned root")                                 \
    X(DIAG_CYCLE, "cycle", DIAG_ERROR, "values or modules that depend on themselves")                                  \
    X(DIAG_REFERENCE, "reference", DIAG_WARNING, "a reference to something that does not exist")                       \
    X(DIAG_EXPRESSION, "expression", DIAG_WARNING, "an expression cannot be evaluated as written")                     \
    X(DIAG_STRUCTURE, "structure", DIAG_ERROR,                                                                         \
      "a block, section, document or call of a shape that its reader refuses")                                         \
    X(DIAG_ODDITY, "oddity", DIAG_WARNING, "a shape that should be another, read as what is meant")                    \
    X(DIAG_MODULE_MISSING, "module-missing", DIAG_ERROR, "a local module's directory is missing")                      \
    X(DIAG_NOT_ANALYSED, "not-analysed", DIAG_WARNING,                                                                 \
      "a part that cannot be known without a network or a tool: remote module, chart, macro")                          \
    X(DIAG_UNSUPPORTED, "unsupported", DIAG_WARNING, "a construct that hipaalint does not read")                       \
    X(DIAG_REGEX_LIMIT, "regex-limit", DIAG_ERROR, "a pattern hit its limits")                                         \
    X(DIAG_RULE, "rule", DIAG_ERROR, "a rule file is wrong")                                                           \
    X(DIAG_MODEL, "model", DIAG_ERROR, "a model file is wrong")                                                        \
    X(DIAG_CONFIG, "config", DIAG_ERROR, "a configuration file is wrong")                                              \
    X(DIAG_POLICY_DOCUMENT, "policy-document", DIAG_ERROR, "a policy document cannot be parsed")                       \
    X(DIAG_SUPPRESSION, "suppression", DIAG_WARNING, "a suppression that is mistyped, unused or expired")              \
    X(DIAG_BASELINE, "baseline", DIAG_WARNING, "a baseline entry that matches nothing any more")                       \
    X(DIAG_FILE_CHANGED, "file-changed", DIAG_ERROR, "a file changed or vanished while it was read")

#define X(enumerator, id, severity, text) enumerator,
enum diag_id { DIAG_TABLE(X) DIAG_COUNT_ };
#undef X

struct diag {
    enum diag_id id;
    enum diag_severity severity;
    span at;     /* file 0: see path */
    str path;    /* when there is no source (missing file, directory); else STR_NONE */
    str message; /* one sentence, no trailing full stop, no position in it */
};

struct diag_list {
    struct diag *at;
    size_t n, cap;
    struct arena *arena; /* holds the messages; borrowed */
};

void diag_list_init(struct diag_list *d, struct arena *arena);
void diag_list_release(struct diag_list *d);
void diag_add(struct diag_list *d, enum diag_id id, span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same for a path that is no source; severity as in the table. */
void diag_add_path(struct diag_list *d, enum diag_id id, str path, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* With a severity other than the table's (a broken file that nobody named is only a warning, ...). */
void diag_add_as(struct diag_list *d, enum diag_id id, enum diag_severity severity, span at, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
void diag_append(struct diag_list *to, const struct diag_list *from); /* messages stay where they are */
size_t diag_count(const struct diag_list *d, enum diag_severity at_least);
/* Orders by path, position, id and message; of repeats the most severe stays. */
void diag_sort(struct diag_list *d, const struct sources *sources);
const char *diag_id_name(enum diag_id id);
const char *diag_severity_name(enum diag_severity s); /* "note", "warning", "error" */

#endif
