/* config_internal.h - between finding the configuration file and understanding it. */
#ifndef CLI_CONFIG_INTERNAL_H
#define CLI_CONFIG_INTERNAL_H

#include "cli/config.h"

/* Reads c->root and joins it into `o`. False after diagnostics. */
bool config_read(struct config *c, struct options *o, struct arena *a, struct diag_list *diags);

#endif
