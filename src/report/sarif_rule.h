/* sarif_rule.h - one rule as an entry of SARIF's rule table. */
#ifndef REPORT_SARIF_RULE_H
#define REPORT_SARIF_RULE_H

#include "report/report.h"

/* What GitHub takes of a description, and how many tags it shows. */
enum { SARIF_DESCRIPTION_BYTES = 1024, SARIF_TAGS = 10 };

void sarif_rule_write(const struct rule *rule, struct arena *a, struct buf *out);
const char *sarif_level(enum severity s); /* "error", "warning", "note" */
/* {"text": ...}: cut to what a description may have, never empty. */
void sarif_message(struct buf *out, const char *key, str text);

#endif
