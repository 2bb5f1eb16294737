/* source.h - the bytes of one input file, and positions in it.
 *
 * A span is where something stands: file, first byte, one past the last byte. Lines and columns
 * are worked out when somebody asks (reports do), from a table made on first use. Sources live for
 * the whole run because excerpts and fingerprints need the text.
 *
 * Opening is safe against strangers: regular files only, size-capped, never following a path out
 * of the root (path.h). The text has no BOM and is UTF-8 (UTF-16 with a BOM is converted). */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include "base/arena.h"

typedef struct span {
    uint32_t file; /* source id; 0 is "nowhere" */
    uint32_t start;
    uint32_t end;
} span;

#define SPAN_NONE ((span){0, 0, 0})

static inline bool span_is_inside(span inner, span outer)
{
    return inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

struct source {
    uint32_t id;
    str path; /* as shown to people: as given or relative to the working directory */
    str text;
    uint32_t mark;             /* bytes of the file before the text: a byte order mark of UTF-8 */
    bool is_template_of_other; /* text made by us (a string inside a file, standard input) */
};

struct position {
    uint32_t line;   /* 1-based */
    uint32_t column; /* 1-based, bytes */
};

struct sources;

struct sources *sources_new(void);
/* The same sources with the same ids, borrowed from `from`, which outlives them. source_override says what some of them
 * hold instead. */
struct sources *sources_fork(const struct sources *from);
void sources_free(struct sources *all);

enum source_error {
    SOURCE_OK,
    SOURCE_MISSING,
    SOURCE_DENIED,
    SOURCE_NOT_A_FILE, /* directory, FIFO, device, socket */
    SOURCE_TOO_LARGE,
    SOURCE_OUTSIDE_ROOT,
    SOURCE_LOOP,    /* symbolic links */
    SOURCE_CHANGED, /* again and again while it was read */
    SOURCE_IO,
};
const char *source_error_text(enum source_error e); /* "no such file", ... */

/* Reads the file at `path` into memory (not mapped: a file that shrinks later would kill us); one that
 * changes meanwhile is read again, a few times.
 * `root` non-empty: the path, links resolved, must stay below it. The same real path is read once
 * and keeps the first `path`, without "x/.." in it. Thread-safe. NULL on failure with *ret_error set. */
const struct source *source_open(struct sources *all, str path, str root, enum source_error *ret_error);
/* path_real; the directory that a name stands in is resolved once and then remembered. Thread-safe. */
str source_real(struct sources *all, struct arena *a, str path);
/* What need not be asked about a directory, because whoever calls has found it there. Thread-safe. */
void source_know_directory(struct sources *all, str dir, str real);
/* What source_open gives for that file, in place of what the file holds: without BOM, UTF-8. Both are borrowed. `real`
 * has its links resolved. For files that were not opened yet, but by the sources that these are a fork of. */
void source_override(struct sources *all, str real, str text);
/* Registers text that is already in memory; `text` must outlive `all`. A BOM is treated as in files.
 * Thread-safe. */
const struct source *source_add(struct sources *all, str path, str text);

const struct source *source_at(const struct sources *all, uint32_t id); /* NULL for 0 or unknown */
size_t sources_count(const struct sources *all);

/* LF, CR LF and a lone CR each end a line. Offsets past the end give the end. Thread-safe. */
struct position source_position(const struct source *s, uint32_t offset);
uint32_t source_line_start(const struct source *s, uint32_t line); /* offset; end of text past the last */
str source_line(const struct source *s, uint32_t line);            /* without its newline; empty past the end */
uint32_t source_line_count(const struct source *s);                /* a last newline starts no line; 0 when empty */

/* What identifies files independently of read order: sources sorted by path give ranks 1..n. Call once
 * after reading, before output is ordered. */
void sources_rank(struct sources *all);
uint32_t source_rank(const struct sources *all, uint32_t id);
int span_compare(const struct sources *all, span a, span b); /* by path, start, end */

#endif
