/* listing.h - what the reports for places of work share: which findings, in which order, and how a
 * text from input becomes a part of them. */
#ifndef REPORT_LISTING_H
#define REPORT_LISTING_H

#include "report/report.h"

/* Findings that fail and are not suppressed, worst first; else in the order of the report. */
const struct finding **listing_worst_first(const struct report *r, struct arena *a, size_t *ret_n);
/* The service of a resource: "aws.s3" of aws.s3.bucket; "other". */
str listing_service(const struct finding *f);
/* Title of a section of 45 CFR, from controls.yaml; empty when it has none. */
str listing_section_title(const struct report *r, str section);

struct listing_count {
    str name;
    size_t n;
};
/* Findings by section or service, most first. */
struct listing_count *listing_by_section(const struct finding *const *f, size_t n, struct arena *a, size_t *ret_n);
struct listing_count *listing_by_service(const struct finding *const *f, size_t n, struct arena *a, size_t *ret_n);
void listing_by_severity(const struct finding *const *f, size_t n, size_t ret_count[SEVERITY_CRITICAL + 1]);

/* GitHub's workflow commands: `%`, CR and LF, in properties also `:` and `,`; other control characters go. */
void listing_github_data(struct buf *out, str s);
void listing_github_property(struct buf *out, str s);
/* Markdown in a table cell: nothing in it is markup. */
void listing_markdown(struct buf *out, str s);
/* HTML text and attribute values; control characters and bidirectional overrides are shown as such. */
void listing_html(struct buf *out, str s);

#endif
