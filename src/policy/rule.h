/* rule.h - a rule file: metadata, one question in CEL, prose, and the examples that are its tests.
 *
 * The YAML file is the only owner of all this: `explain`, the rule reference, SARIF's rule table, the
 * completion of ids and the tests are made from it. Format: hipaalint-rules(5). The loader checks
 * everything that can be checked and says line and column: unknown keys (with a suggestion), missing
 * ones, ids that repeat, attributes that the model does not know, CEL errors, citations that
 * controls.yaml has not, examples without pass, fail and unknown. */
#ifndef POLICY_RULE_H
#define POLICY_RULE_H

#include "base/map.h"
#include "graph/model.h"
#include "policy/severity.h"

struct cel_program;
struct image;

struct citation {
    str section; /* "164.312(a)(2)(iv)" */
    str because; /* rationale; may be empty */
    span at;
};

struct equivalent {
    str source; /* "aws-config", "checkov", "trivy", "kics", "cfn-guard", "kube-linter" */
    const str *id;
    size_t n;
};

struct rule_example {
    str format; /* terraform cloudformation kubernetes */
    enum status expect;
    str source; /* file text */
    str file;   /* name for the text; default main.tf, template.yaml, manifest.yaml */
    str title;  /* may be empty */
    span at;
};

struct rule_fix {
    str format;
    str text;        /* a snippet in the language of the format (fix/fix.h), shown to people */
    str by_hand;     /* why it is prose and not carried out; empty: it is a snippet */
    bool mechanical; /* safe to apply without a person: invents no key, network or account */
    span at;
};

struct rule_text { /* a message: literal pieces and CEL expressions in braces */
    str source;
    struct rule_piece {
        str literal; /* used when program is NULL */
        const struct cel_program *program;
    } * piece;
    size_t n;
};

struct rule {
    str id, name, title;
    enum severity severity;
    str category;
    str profile;    /* "base", "strict", "nprm" */
    bool ignorable; /* false: no suppression counts */
    bool looked_up; /* asked of resources that are only looked up, too */
    bool built_in;  /* of the embedded pack, not of a file of the user */
    const struct citation *citation;
    size_t n_citations;
    const struct equivalent *equivalent;
    size_t n_equivalents;
    const sym *kind; /* resource: one or several kinds */
    size_t n_kinds;
    const struct cel_program *when; /* NULL: always. false: not applicable */
    const struct cel_program *each; /* NULL; else a list: `assert` is asked of each element, as `item` */
    enum status empty; /* of `each`, when there is nothing: STATUS_NOT_APPLICABLE (default) or STATUS_PASS */
    const struct cel_program *assert_; /* true: pass */
    str at;                            /* attribute path that a finding points to when it exists; may be empty */
    struct rule_text message;
    /* A unit that has a resource of one of `absent_when` but none of `kind`: one result for the unit. */
    const sym *absent_when;
    size_t n_absent_when;
    enum status absent; /* STATUS_FAIL, STATUS_UNKNOWN, STATUS_NOT_APPLICABLE (the default) */
    struct rule_text absent_message;
    enum status on_unknown; /* STATUS_UNKNOWN (default) or STATUS_FAIL */
    str why;
    const struct rule_fix *fix;
    size_t n_fixes;
    const struct rule_example *example;
    size_t n_examples;
    span at_file; /* where the id stands in its file */
    str text;     /* the whole file, when it was read */
};

/* Parameters with defaults (`log_retention_days: 2190`), from rules/parameters.yaml and configuration. */
struct rule_parameter {
    str name;
    const struct value *value;
    str why;
};

struct ruleset;

/* Reads one rule document and checks it against the model and the parameters. */
bool ruleset_add(struct ruleset *set, const struct document *d, struct diag_list *diags);
/* Adds a built-in one from its images (rule_image.h), without examples; `prose` may be NULL. Its tests have checked it: a
 * check needs the models of all kinds that the rule names. `file` is where positions of messages are. */
bool ruleset_add_image(struct ruleset *set, const struct image *image, const struct image *prose, uint32_t file,
                       struct diag_list *diags);
struct ruleset *ruleset_new(struct model *m);
void ruleset_free(struct ruleset *set);
bool ruleset_add_parameters(struct ruleset *set, const struct document *d, struct diag_list *diags);
bool ruleset_set_parameter(struct ruleset *set, str name, const struct value *v); /* false: unknown name */
/* Checks across rules (ids, names, citations) and orders them by id. Again after more were added. */
bool ruleset_finish(struct ruleset *set, struct diag_list *diags);
/* Every citation must be in the 'sections' of one of the two (each may be NULL): parsed controls.yaml files. */
bool ruleset_check_citations(const struct ruleset *set, const struct node *controls, const struct node *more,
                             struct diag_list *diags);

size_t ruleset_count(const struct ruleset *set);
const struct rule *ruleset_at(const struct ruleset *set, size_t i);
const struct rule *ruleset_find(const struct ruleset *set, str id_or_name);
int rule_compare(const void *a, const void *b); /* of qsort over struct rule *: by id */
/* Rules whose `resource` is that kind. */
const struct rule *const *ruleset_of_kind(const struct ruleset *set, sym kind, size_t *ret_n);
const struct value *ruleset_parameter(const struct ruleset *set, str name);
/* All parameters as one map, for `param`. */
const struct value *ruleset_parameters(const struct ruleset *set, struct arena *a);
struct model *ruleset_model(const struct ruleset *set);

#endif
