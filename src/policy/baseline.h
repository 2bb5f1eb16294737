/* baseline.h - findings that were there before: known, and not to be reported again.
 *
 * A JSON file, {"hipaalint-baseline": 1, "findings": [...]}, sorted, so that it can be reviewed as a
 * diff. An entry matches by rule and fingerprint (which has path, address and attribute, and no line)
 * and only while the deciding value is the same: a worse one is a finding. What nothing matches any more
 * is a DIAG_BASELINE. A file of another version, or cut in the middle, is refused as a whole. */
#ifndef POLICY_BASELINE_H
#define POLICY_BASELINE_H

#include "policy/catalog.h"

struct baseline_entry {
    str rule, path, address, attribute, fingerprint, value_fingerprint;
    bool used;
    span at;
};

struct baseline {
    struct baseline_entry *at;
    size_t n, cap;
    struct map by_key; /* rule and both fingerprints -> entry */
};

bool baseline_read(struct baseline *b, str path, struct sources *sources, struct arena *a, struct diag_list *diags);
void baseline_release(struct baseline *b);
/* Marks findings that fail and are not suppressed yet. */
void baseline_apply(struct baseline *b, struct findings *f, struct evaluation_summary *summary);
/* Entries that nothing matched: of files in `seen` (root-relative path -> anything) and, when `everything`
 * was read, of files that are gone; of rules that were asked. */
void baseline_report_resolved(const struct baseline *b, const struct map *seen, bool everything,
                              const struct catalog *c, const struct evaluate_options *o, struct diag_list *diags);
void baseline_write(const struct findings *f, const struct sources *sources, str root, str cwd, struct buf *out);

#endif
