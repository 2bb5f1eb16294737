/* config.h - .hipaalint.yaml: what a project has decided, in one reviewed file.
 *
 * Found by walking up from each input to the root of its git repository (without one: to the working
 * directory); --config names another, --no-config none. The command line wins: single values and `only`
 * replace those of the file; `skip`, `exclude` and `rules` add up. Everything is checked: an unknown
 * key or a wrong value is a DIAG_CONFIG at its line and ends the run with exit status 2. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/options.h"
#include "policy/suppression.h"

struct config_parameter {
    str name;
    const struct node *value;
};

struct config_severity {
    str rule, reason;
    enum severity severity;
    span at;
};

struct config {
    str path; /* as shown; empty: there is none */
    str dir;  /* absolute */
    const struct source *source;
    const struct node *root; /* a mapping; NULL */
    struct str_list exclude; /* as written, behind those of the command line; empty: the file has none */
    enum inline_mode inline_mode;
    struct config_parameter *parameter;
    size_t n_parameters;
    struct config_severity *severity;
    size_t n_severities;
    str *classification_key, *classified_value;
    size_t n_classification_keys, n_classified_values;
    struct suppression *exception; /* rule patterns still as text, in exception_rules */
    str *exception_rules;
    size_t n_exceptions;
};

/* Finds and reads the file and joins it into `o`, whose lists then live in the arena. False after
 * diagnostics. */
bool config_load(struct config *c, struct options *o, const str *paths, size_t n, struct arena *a,
                 struct sources *sources, struct diag_list *diags);
/* What needs the rules: names and values of parameters, rules whose severity is set. */
bool config_apply_rules(const struct config *c, struct ruleset *rules, const struct catalog *catalog, struct arena *a,
                        struct diag_list *diags);
void config_add_exceptions(const struct config *c, struct suppressions *s);
/* Severities of findings as the project set them. */
void config_set_severities(const struct config *c, struct findings *f, const struct catalog *catalog);
/* "command line", ".hipaalint.yaml:3", "default". `option`: the name of the command line's option, or NULL. */
str config_origin(const struct config *c, const struct options *o, const char *key, const char *option,
                  struct arena *a);

#endif
