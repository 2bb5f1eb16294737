/* fragment.h - files and texts that are no templates by themselves: includes, parameter files, policies of
 * `eval`. */
#ifndef FRONTEND_CLOUDFORMATION_FRAGMENT_H
#define FRONTEND_CLOUDFORMATION_FRAGMENT_H

#include "frontend/input.h"

/* The first document of a file that another names. Discovery does not parse what is no
 * infrastructure by its looks; then it is parsed here, into the arena. NULL after a diagnostic. */
const struct document *cfn_fragment_open(struct inputs *in, str path, str allowed_root, span from, struct arena *a,
                                         struct diag_list *diags, str *ret_path);
/* Text that is JSON when it starts so, else YAML. NULL after a diagnostic. */
const struct document *cfn_fragment_read(const struct source *source, struct arena *a, struct diag_list *diags);

#endif
