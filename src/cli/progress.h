/* progress.h - one line on a terminal about work that takes more than a second: what is being done, for how long.
 *
 * On standard error, and only where somebody watches: it is a terminal that can erase a line, CI is not set, and
 * nobody asked for quiet. The line is gone before anything else is written. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

void progress_start(bool quiet);
void progress_phase(const char *what); /* a literal: "reading", "evaluating" */
void progress_stop(void);              /* erases the line; may be called at any time, also twice */
void progress_erase_now(void);         /* the same from a signal handler, before the process ends */

#endif
