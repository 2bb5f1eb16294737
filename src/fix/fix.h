/* fix.h - the fix text of a rule, carried out: a snippet in the language of the format becomes edits of the files.
 *
 * The text under `fix:` in a rule file is the one owner of what a fix is. A snippet is
 *  - a part of the resource: arguments and blocks (Terraform), properties (CloudFormation), fields (Kubernetes). It
 *    goes where its names belong according to the model: into the resource, or into a block or list item inside it
 *    (the containers that fail), or into a companion that is there; existing parts are merged, lists are joined or,
 *    where that does not help, replaced; null takes something out;
 *  - whole resources: one of the subject's own type is merged into the subject, one that the subject already has as
 *    companion is merged into that, the others are added beside it. Names follow the subject, and references to its
 *    placeholder become references to it.
 *
 * This module only proposes, best first; the caller applies a proposal in memory and keeps it when the rule passes and
 * nothing else got worse (`hipaalint fix`, reports) or when the example passes (`hipaalint test`). Values that are
 * computed are never overwritten when `careful`: the literal at their source is changed instead, where there is one. */
#ifndef FIX_FIX_H
#define FIX_FIX_H

#include "policy/finding.h"
#include "syntax/edit.h"

/* The parsed documents of a source; NULL: not a file that may be changed. */
typedef const struct documents *fix_documents_fn(void *context, uint32_t file);

struct fix_request {
    const struct finding *finding; /* status fail */
    const struct graph *graph;
    const struct sources *sources;
    fix_documents_fn *documents;
    void *context;
    bool careful;
    const struct rule_fix *fix; /* NULL: fix_of */
};

struct fix_candidate {
    const struct edit *edit; /* sorted, apart */
    size_t n;
    bool at_source; /* a literal outside the resource is changed: nothing else may depend on it */
    str adds;       /* the type of a resource that is added; empty: none */
};

struct fix_candidates {
    struct fix_candidate *at;
    size_t n, cap;
    str reason; /* why there is none, or why what would be best is not among them; may be empty */
};

/* Everything is in the arena but the vector itself. */
void fix_propose(const struct fix_request *q, struct arena *a, struct fix_candidates *ret);
void fix_candidates_release(struct fix_candidates *c);
/* The fix for the format of the finding's resource (or unit); NULL: the rule has none. */
const struct rule_fix *fix_of(const struct finding *f, const struct graph *g);

/* Does the text (of a format) refer to that resource: "type.name", or a logical name? */
bool fix_mentions(str text, str format, str name);

#endif
