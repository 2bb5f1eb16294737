/* cli.h - commands, and the exit status that they end with. Only cli/ touches standard streams. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/options.h"

/* EXIT STATUS of hipaalint(1). When several apply: usage, then incomplete, then findings. */
enum cli_exit {
    EXIT_CLEAN = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,      /* usage, configuration or rule-pack error */
    EXIT_INCOMPLETE = 3, /* unreadable or unparseable input, limit hit, nothing to scan */
};

int cli_main(int argc, char **argv);

struct command {
    const char *name;
    int (*run)(const struct options *o);
    const char *operands; /* "[PATH...]" */
    const char *summary;  /* one line of --help */
};

extern const struct command cli_commands[]; /* ends with name NULL; the first is the default */

/* On standard error: what comes from input or the command line reaches no terminal as it is. */
void cli_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* One line on standard error, "hipaalint: ..."; returns EXIT_USAGE. */
int cli_usage_error(const char *fmt, ...) PRINTF_LIKE(1, 2);

int command_check(const struct options *o);
int command_rules(const struct options *o);
int command_explain(const struct options *o);
int command_test(const struct options *o);
int command_fix(const struct options *o);
int command_graph(const struct options *o);
int command_query(const struct options *o);
int command_eval(const struct options *o);
int command_limits(const struct options *o);
int command_suppressions(const struct options *o);
int command_baseline(const struct options *o);
int command_controls(const struct options *o);
int command_config(const struct options *o);
int command_completion(const struct options *o);

#endif
