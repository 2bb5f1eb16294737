/* locate.h - from an answer to places: where a finding points, and the trail of its value. */
#ifndef POLICY_LOCATE_H
#define POLICY_LOCATE_H

#include "policy/ask.h"

/* Fills at, attribute, actual, trail and related of a finding from the answer. */
void locate(struct finding *f, const struct answer *answer, const struct graph *g, const struct ruleset *rules,
            struct arena *a);

#endif
