/* finding.h - the answer to one rule's question about one resource, ready for a report. */
#ifndef POLICY_FINDING_H
#define POLICY_FINDING_H

#include "graph/graph.h"
#include "policy/rule.h"
#include "syntax/edit.h"

enum related_kind {
    RELATED_VALUE,    /* a step of where the deciding value came from, nearest first */
    RELATED_RESOURCE, /* another resource that was looked at */
    RELATED_CALL,     /* the module or stack that makes the resource, innermost first */
    RELATED_HEADER,   /* the resource itself, when the place is elsewhere */
};

struct related {
    span at;
    str text; /* "default of var.encrypt", "called here", "route table with a route to igw" */
    enum related_kind kind;
};

enum suppressed_by { NOT_SUPPRESSED, SUPPRESSED_INLINE, SUPPRESSED_FILE, SUPPRESSED_METADATA, SUPPRESSED_BASELINE };

struct finding {
    const struct rule *rule;
    const struct resource *resource; /* NULL: about a unit (absence) */
    uint32_t unit;
    enum status status;
    enum severity severity;        /* the rule's, or the configuration's */
    span at;                       /* primary place */
    str attribute;                 /* normalised path that decided; may be empty */
    str message;                   /* the first sentence is the headline */
    str when;                      /* "when Environment is dev"; empty: always */
    str reason;                    /* STATUS_UNKNOWN: why it cannot be known */
    const struct value *actual;    /* value of the attribute; NULL when absent */
    const struct related *related; /* trail and neighbours, in order */
    size_t n_related;
    const struct related *trail; /* where the value came from; also part of related */
    size_t n_trail;
    const str *instance; /* addresses folded into this one ("[0]", "[1]"); n_instances > 1 */
    size_t n_instances;
    uint64_t fingerprint;       /* rule, path, address, attribute path: never line numbers */
    uint64_t value_fingerprint; /* of the deciding values: a worse value is another finding */
    const struct edit *edit;    /* a mechanical fix that was tried (fix/fix.h): sorted, apart; NULL: none */
    size_t n_edits;
    enum suppressed_by suppressed;
    str suppression_reason;
};

/* That a rule passes on a resource, where nothing more is to be said of it. */
struct pass {
    const struct rule *rule;
    const struct resource *resource;
};

struct passes {
    struct pass *at;
    size_t n, cap;
};

struct findings {
    struct finding *at;
    size_t n, cap;
    struct passes passes;                    /* when asked for: in no order */
    struct arena *arenas[LIMIT_THREADS + 1]; /* what the findings point to: one of each worker */
    size_t n_arenas;
};

struct evaluation_summary {
    size_t files, files_incomplete;
    size_t resources; /* of modelled kinds */
    size_t unmodelled;
    size_t evaluated; /* rule x resource that applied */
    size_t pass, fail, unknown, suppressed;
    size_t rules;
    size_t presumed; /* fails that rest on patient data in a unit that classifies nothing */
};

void findings_release(struct findings *f);
/* Path, line, rule, address. */
void findings_sort(struct findings *f, const struct sources *sources);
/* The file's name below the root, where it lies there: the same from every working directory. */
str finding_path(span at, const struct sources *sources, str root, str cwd, struct arena *a);

#endif
