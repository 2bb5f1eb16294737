/* mapping.h - second mappings: where a rule belongs in other bodies of requirements (rules/mappings.yaml).
 *
 * A framework maps either the category of a rule, or the ids of another source among the rule's
 * `equivalents`, to its sections. One with a profile counts in that profile only. The rule file does
 * not repeat any of this: the mapping follows from what it says already. */
#ifndef POLICY_MAPPING_H
#define POLICY_MAPPING_H

#include "policy/rule.h"

struct framework {
    str id;      /* "nist-800-53-r5" */
    str title;   /* for people */
    str profile; /* empty: every profile */
    const struct node *sections;
    str through; /* "category", or a source of equivalents */
};

struct frameworks {
    const struct framework *at;
    size_t n;
};

struct mapped {
    const str *section; /* in the order of the file, each once */
    size_t n;
};

/* `root` is the parsed mappings.yaml; entries of a wrong shape are said and left out. Memory is the arena's. */
struct frameworks frameworks_read(const struct node *root, struct arena *a, struct diag_list *diags);
const struct framework *frameworks_find(const struct frameworks *all, str id);
struct mapped framework_sections(const struct framework *f, const struct rule *rule, struct arena *a);
bool framework_names(const struct framework *f, const struct rule *rule, str section);
/* Every section that the framework knows, each once, in the order of the file. */
struct mapped framework_all(const struct framework *f, struct arena *a);

#endif
