/* placeholder.h - ${NAME} in a manifest: something that Flux, envsubst or the like fills in before a cluster sees it. */
#ifndef FRONTEND_KUBERNETES_PLACEHOLDER_H
#define FRONTEND_KUBERNETES_PLACEHOLDER_H

#include "graph/value.h"

/* What may stand in a text. */
enum placeholder_place {
    PLACEHOLDER_NEVER, /* scripts and arguments: ${NAME} is the shell's */
    PLACEHOLDER_WHOLE, /* data and names: nothing but one placeholder; `a-${NAME}` is text */
    PLACEHOLDER_PART,  /* anywhere in a line */
};

/* Unknown where the text is one placeholder, a text with unknown parts where it has some, NULL where it has none.
 * `$${NAME}` is an escaped one and no placeholder, ${aws:username} and ${a.b} belong to other languages. */
const struct value *placeholder_value(struct arena *a, str text, enum placeholder_place place, const struct origin *o);

#endif
