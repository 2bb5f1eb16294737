/* pack.h - where rules and models come from: embedded in the binary, and directories beside it.
 *
 * The embedded pack is made when the binary is built (tools/embed.c): models and rules as images, which
 * are ready to be used, with an index from types to models and from kinds to rules, so that a run loads
 * only what its resources need. Rules with prose are read from their texts. A directory given by --rules adds to it; a rule with the same id
 * replaces the embedded one. */
#ifndef POLICY_PACK_H
#define POLICY_PACK_H

#include "graph/graph.h"
#include "policy/mapping.h"
#include "policy/rule.h"

struct pack_options {
    const str *directory; /* --rules, any number */
    size_t n_directories;
    bool no_builtin; /* only the directories */
    bool full;       /* every rule, with prose and examples (explain, rules, test) */
    bool prose;      /* prose of the rules that are loaded (reports that print it) */
};

struct pack;

/* Opens the packs. With `full` everything is loaded and checked at once; otherwise models and rules
 * are loaded when the graph shows which types occur (pack_load_for). NULL after diagnostics. */
struct pack *pack_open(const struct pack_options *o, struct sources *sources, struct diag_list *diags);
void pack_free(struct pack *p);
struct model *pack_model(struct pack *p);
/* Loads the rules for the kinds of a linked graph, besides those that other graphs asked for: the set and its rules stay
 * where they are. */
struct ruleset *pack_rules(struct pack *p, const struct graph *g, struct diag_list *diags);
struct ruleset *pack_all_rules(struct pack *p, struct diag_list *diags);
/* The parsed rules/controls.yaml. */
const struct node *pack_controls(struct pack *p);
/* The parsed rules/undecidable.yaml: questions that no file can answer, each with the reason. */
const struct node *pack_undecidable(struct pack *p);
/* The second mappings: of rules/mappings.yaml, or of a directory that has 'frameworks'. */
struct frameworks pack_frameworks(struct pack *p);
/* The embedded rules, without prose. */
size_t pack_builtin_rules(void);
const struct rule *pack_builtin_rule(size_t i, struct arena *a);
/* Any other embedded file by its path below rules/ ("controls.yaml", "data/iam-actions.txt"); STR_NONE. */
str pack_file(const char *path);

#endif
