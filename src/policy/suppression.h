/* suppression.h - what authors and reviewers accepted: directives in files, and central exceptions.
 *
 *     # hipaalint:ignore RULE[,RULE] [until=YYYY-MM-DD] [reason="..."]
 *     # hipaalint:ignore-file RULE ...
 *
 * in comments; `Metadata: {hipaalint: {ignore: [...]}}` in CloudFormation templates and resources;
 * `hipaalint.io/ignore: "RULE,RULE; until=...; reason"` on Kubernetes objects and pod templates;
 * `exceptions` of the configuration. RULE is an id, a name or a glob of either.
 *
 * A comment covers what begins on its line (after text), on the next line (alone), or the block whose
 * first line it is. A directive counts for a finding whose place, resource, module call or trail lies
 * in what it covers. Everything that looks like ours is either understood or a DIAG_SUPPRESSION: so
 * are rules that do not exist, directives that expired, and those that nothing needed. */
#ifndef POLICY_SUPPRESSION_H
#define POLICY_SUPPRESSION_H

#include "policy/catalog.h"
#include "syntax/document.h"

enum inline_mode { INLINE_ALLOW, INLINE_OFF, INLINE_REQUIRE_REASON };

struct suppression {
    enum suppressed_by by;
    span at;     /* the directive */
    span target; /* what it covers; exceptions: SPAN_NONE */
    bool whole_file;
    const str *rule; /* patterns */
    size_t n_rules;
    size_t *uses;        /* findings, for each pattern */
    str until, reason;   /* may be empty */
    str path, address;   /* exceptions: globs; empty: any */
    const char *refused; /* why it does not count ("expired"); NULL: it counts */
    const char *tool;    /* a directive of another tool ("checkov"); NULL: ours */
    str said;            /* of another tool: its name, the checks as written, and the reason */
    size_t outer;        /* index + 1 of the directive whose target encloses this one's; 0: none */
};

struct suppressions {
    struct suppression *at; /* after suppressions_finish: by file and target, exceptions first */
    size_t n, cap;
    size_t n_exceptions;
    struct arena *arena;
    struct diag_list *diags;
    const struct catalog *foreign; /* directives of other tools count, through the equivalents; NULL: they do not */
    uint32_t said_of;              /* the file that the last diagnostics were about, and how many */
    size_t n_said;
};

bool suppression_is_date(str s); /* YYYY-MM-DD, of the calendar */

void suppressions_init(struct suppressions *s, struct arena *a, struct diag_list *diags);
void suppressions_release(struct suppressions *s);

/* A DIAG_SUPPRESSION, unless the file has had LIMIT_FILE_DIAGNOSTICS of them. */
void suppressions_say(struct suppressions *s, span at, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool suppressions_may_say(const struct suppressions *s, span at);

/* Which documents of a file are Kubernetes objects and which are templates: one for each document. */
enum suppression_shape { SHAPE_OTHER, SHAPE_KUBERNETES, SHAPE_CLOUDFORMATION };
void suppressions_read_file(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape);
/* The two halves of it (suppression_read.c): comments; metadata and annotations. */
void suppressions_read_comments(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape);
void suppressions_read_metadata(struct suppressions *s, const struct document *d, enum suppression_shape shape);

/* Directives of Checkov, Trivy and tfsec, KICS, cfn-guard and kube-linter, as those tools read them (suppression_foreign.c):
 * each covers what it covers there, for the rules whose `equivalents` name its check. What no rule answers to, or what
 * is said in a way that is not read, is kept with `refused`, so that the list shows it. */
void suppressions_read_foreign(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape);

/* Adds one; false after a diagnostic (no rule, a date that is none). `rules`: separated by commas or blanks. */
bool suppressions_add(struct suppressions *s, struct suppression what, str rules);

/* Orders them and decides which count. `today`: YYYY-MM-DD. */
void suppressions_finish(struct suppressions *s, const struct catalog *c, enum inline_mode mode, str today);

struct suppression_scope {
    const struct graph *graph;
    const struct sources *sources;
    str root, cwd;
};

/* Marks findings; the counts of the summary follow. A finding of several instances of which an exception
 * names only some is split. */
void suppressions_apply(struct suppressions *s, struct findings *f, const struct suppression_scope *scope,
                        struct evaluation_summary *summary);

/* Diagnostics about directives that nothing needed. `is_quiet`: files (by source id) whose findings are
 * not all known, so that nothing can be said. */
void suppressions_report_unused(struct suppressions *s, const struct catalog *c, const struct evaluate_options *o,
                                const bool *is_quiet);

#endif
