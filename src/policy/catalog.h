/* catalog.h - which rules there are, without loading them: what a suppression, an exception or the
 * configuration may name. */
#ifndef POLICY_CATALOG_H
#define POLICY_CATALOG_H

#include "policy/evaluate.h"

struct catalog_rule {
    str id, name, category, profile;
    bool ignorable;
};

struct catalog {
    struct catalog_rule *at; /* read when somebody first asks: most runs never do */
    size_t n, cap;
    struct arena *arena;
    const char **names; /* ids and names, for suggestions */
    const struct ruleset *loaded;
    bool no_builtin, filled, has_equivalents;
    struct map seen;        /* ids, while the rules are read */
    struct map equivalents; /* "checkov:ckv_aws_19" -> struct catalog_equivalent * */
    struct map aliases;     /* "trivy:aws-s3-enable-versioning" -> the id that rules name, as a C string */
};

/* Built-in rules (unless `no_builtin`) and those that `loaded` has (may be NULL). */
void catalog_init(struct catalog *c, bool no_builtin, const struct ruleset *loaded, struct arena *a);
void catalog_release(struct catalog *c);
const struct catalog_rule *catalog_rules(const struct catalog *c, size_t *ret_n);
/* By exact id or name; NULL. */
const struct catalog_rule *catalog_find(const struct catalog *c, str id_or_name);
/* Does the pattern (id, name or glob of either) match the rule? */
bool catalog_matches(str pattern, str id, str name);
/* Rules that the pattern matches. */
size_t catalog_count(const struct catalog *c, str pattern);
/* Ids of the rules whose `equivalents` name the check of that tool, in any case of letters and by any of its names
 * (rules/data/foreign-ids.txt). */
const str *catalog_equivalents(const struct catalog *c, const char *tool, str check, size_t *ret_n);
/* The id or name nearest to what was written; STR_NONE. */
str catalog_nearest(const struct catalog *c, str written);

#endif
