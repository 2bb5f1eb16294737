/* report.h - from findings and diagnostics to bytes. One file an output format.
 *
 * Reports evaluate nothing and know no format of input. Each writer appends to a buffer; cli/ puts
 * the bytes where they belong (temporary file and rename, or standard output). Everything that came
 * from input is escaped for the output at hand; terminal escapes never get through. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "policy/evaluate.h"

struct report {
    str version;                     /* "0.1.0" */
    const struct findings *findings; /* sorted; with passes and unknowns when asked for */
    const struct diag_list *diags;   /* sorted */
    struct evaluation_summary summary;
    const struct graph *graph; /* may be NULL (nothing read) */
    const struct ruleset *rules;
    const struct sources *sources;
    const uint32_t *file; /* ids of the sources that were read and are reported on, by path */
    size_t n_files;
    str root; /* absolute: paths in machine formats are relative to it */
    str cwd;
    bool verbose, quiet;
    bool color;
    bool links;     /* terminal hyperlinks */
    unsigned width; /* of the terminal; 0: unknown */
    int exit_status;
    bool incomplete;
    str today;                   /* YYYY-MM-DD */
    const struct node *controls; /* rules/controls.yaml */
    str category;                /* --sarif-category */
    str since;                   /* --since: only what changed is reported; else STR_NONE */
    bool sarif_suppressed;
    bool junit_passes, junit_locations;
};

struct report_format {
    const char *name;
    void (*write)(const struct report *r, struct buf *out);
    const char *description;
    bool prose; /* prints why and how to fix */
    bool fixes; /* asks for the edits of mechanical fixes; JSON prints them when there are some */
};

extern const struct report_format report_formats[]; /* ends with name NULL */
const struct report_format *report_format_find(str name);

void report_text(const struct report *r, struct buf *out);
void report_sarif(const struct report *r, struct buf *out);
void report_junit(const struct report *r, struct buf *out);
void report_json(const struct report *r, struct buf *out);
void report_jsonl(const struct report *r, struct buf *out);
void report_github(const struct report *r, struct buf *out);
void report_gitlab(const struct report *r, struct buf *out);
void report_markdown(const struct report *r, struct buf *out);
void report_html(const struct report *r, struct buf *out);

/* Shared by the writers (report.c). */
str report_path(const struct report *r, span at, struct arena *a);   /* root-relative, forward slashes */
void report_json_field(struct buf *out, const char *key, str value); /* `, "key": "value"` */
/* The end of the printable ASCII from there on: each byte of it is one column, and written as it is. */
size_t report_plain_end(str s, size_t from);
void report_safe_text(struct buf *out, str s); /* for terminals: no control characters */
/* Where a finding is shown on a page of the repository: its place, or the call of the installed module
 * (.terraform/modules is no part of the repository) that it lies in. */
span report_place(const struct report *r, const struct finding *f);
/* At most `max` bytes, whole characters. */
str report_cut(str s, size_t max);
str report_finding_address(const struct finding *f, struct arena *a);

#endif
