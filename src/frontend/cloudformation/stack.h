/* stack.h - one template being deployed: the context of every evaluation.
 *
 * A stack is a template document together with what its parameters are worth. The same template
 * nested twice is two stacks. A stack and what it makes belong to one thread and one arena; what all
 * stacks of a run share (inputs, given parameters, exports) is read-only.
 *
 * Evaluation has a mode. In properties a parameter is worth its default; in conditions every value it
 * may have counts, because conditions exist to serve several; by default asks which of them holds
 * when nobody says anything. */
#ifndef FRONTEND_CLOUDFORMATION_STACK_H
#define FRONTEND_CLOUDFORMATION_STACK_H

#include "frontend/frontend.h"

enum cfn_mode { CFN_PROPERTIES, CFN_CONDITIONS, CFN_DEFAULTS };

/* A loop variable of Fn::ForEach. */
struct cfn_scope {
    str name;
    const struct value *value; /* NULL: the collection is unknown */
    const struct cfn_scope *outer;
};

struct cfn_parameter {
    str name;
    str type;
    const struct node *node;            /* NULL for pseudo parameters */
    span at;                            /* its name in the Parameters section */
    bool is_list, is_secret, is_lookup; /* is_lookup: SSM, the text is only a key */
    bool is_decided;                    /* given by the user, or an argument of the calling template */
    const struct value *of_mode[CFN_DEFAULTS + 1];
    const struct value *other; /* in conditions: some value that no condition names; may be NULL */
    str *literal;              /* texts that conditions compare it with */
    size_t n_literals;
};

struct cfn_condition {
    str name;
    const struct node *node;
    span at;
    const struct cfn_scope *scope;
    const struct value *of_mode[CFN_DEFAULTS + 1]; /* NULL: not evaluated yet */
    bool busy, in_cycle;
};

/* A test that cannot be decided is an input of its own. */
struct cfn_opaque {
    const struct decider *decider;
    const struct node *node;
};

/* An entry of Resources, after ForEach. */
struct cfn_resource {
    str id; /* logical id */
    const struct node *key, *node;
    str type;
    const struct node *properties; /* may be NULL */
    const struct cfn_scope *scope;
    bool open;                     /* of a ForEach over something unknown */
    const struct value *reference; /* what a reference is worth as text, when `is_referenced` */
    bool is_referenced;
    bool busy;                /* a property of it is being evaluated for a reference */
    struct cfn_stack *nested; /* AWS::CloudFormation::Stack whose template is known */
    bool is_remote;           /* its template is not known: said once */
};

/* A named output (or export) of a stack. */
struct cfn_output {
    str id;
    const struct node *node;
    const struct cfn_scope *scope;
    const struct value *value; /* once somebody asked */
};

struct cfn_export {
    str name;
    const struct value *value;
    bool ambiguous; /* two templates export the name */
};

struct cfn_template {
    struct input_file *file;
    const struct document *document;
};

/* What all stacks of a run share. */
struct cfn_run {
    struct inputs *inputs;
    const struct frontend_options *options;
    struct arena *arena;
    struct map given;                    /* parameter name -> const struct value * */
    struct map exports;                  /* name -> struct cfn_export * */
    const struct cfn_template *template; /* all templates of the scan */
    size_t n_templates;
};

/* A value that the calling template hands to a parameter of a nested one. */
struct cfn_argument {
    const struct value *value;
    bool by_default; /* nobody said so: the caller's own default */
};

struct world;
struct cfn_assumption;

struct cfn_stack {
    const struct cfn_run *run;
    struct arena *arena;
    struct diag_list *diags;
    const struct document *document;
    str path;                      /* of the template, as shown */
    str prefix;                    /* "Network." before addresses; empty in a root */
    const struct cfn_stack *outer; /* NULL in a root */
    const struct call_site *call;
    unsigned level;             /* of nesting */
    const struct value *exists; /* the nested stack's own resource; NULL: always */

    bool is_serverless, has_language_extensions;
    bool has_macro; /* an unknown macro may change anything */
    bool has_remote_parts;
    const struct node *globals; /* SAM */

    struct map parameters;     /* name -> struct cfn_parameter *; pseudo parameters too */
    struct map mappings;       /* name -> const struct node * */
    struct map conditions;     /* name -> struct cfn_condition * */
    struct map resources;      /* logical id -> struct cfn_resource * */
    struct map outputs;        /* id -> struct cfn_output * */
    struct map opaque;         /* text of an undecidable test -> its choice, const struct value * */
    struct map opaque_by_name; /* name of its decider -> struct cfn_opaque * */
    struct map complained;     /* macros and functions named once */
    struct map arguments;      /* of a nested stack: name -> struct cfn_argument * */
    void *sam;                 /* struct sam_implicit *: what events ask for */
    struct cfn_stack **nested; /* stacks inside, released with this one */
    size_t n_nested, nested_cap;

    /* State of the evaluation. */
    enum cfn_mode mode;
    const struct cfn_scope *scope;
    const struct world *world;      /* what is decided in the current branch (assume.h) */
    const struct world *base_world; /* ... and in the whole stack */
    const struct cfn_assumption *assumption;
    str condition_name; /* being evaluated */
    unsigned depth;
    size_t n_diags;
    size_t *calls;                /* nested stacks of the root so far */
    size_t *steps;                /* left to the root and all its nested stacks */
    const struct value *yes, *no; /* the two booleans of conditions */
};

/* Reads the sections. `arguments` may be NULL (a root). The stack is released by its root. */
struct cfn_stack *cfn_stack_new(const struct cfn_run *run, struct arena *a, struct diag_list *diags,
                                const struct document *document, str path, const struct cfn_stack *outer,
                                const struct map *arguments, const struct call_site *call, str prefix);
void cfn_stack_free(struct cfn_stack *s); /* NULL is fine; frees nested ones */
/* Makes `nested` released together with `s`. */
void cfn_stack_adopt(struct cfn_stack *s, struct cfn_stack *nested);

/* A diagnostic at a place, at most LIMIT_FILE_DIAGNOSTICS of them a stack. */
void cfn_complain(struct cfn_stack *s, enum diag_id id, span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same, once for each `what` in a stack. */
void cfn_complain_once(struct cfn_stack *s, str what, enum diag_id id, span at, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Names an unknown macro: once, and the unit has remote parts. */
void cfn_name_macro(struct cfn_stack *s, str name, span at);

/* Pays for work and memory; false, after a diagnostic, when the template has used up its share. */
bool cfn_spend(struct cfn_stack *s, size_t steps, span at);

/* The text of a scalar as CloudFormation takes it ("true", "010"); false when it is none. */
bool cfn_scalar_text(const struct cfn_stack *s, const struct node *n, str *ret_text);
/* Without scope: the text of a scalar with loop variables replaced. */
bool cfn_scoped_text(struct cfn_stack *s, const struct node *n, str *ret_text);
const struct origin *cfn_origin(struct cfn_stack *s, const struct node *n);

/* The name of an intrinsic ("Sub", "Ref", "Condition", "Transform") and its argument when the node is a
 * call in long or short form. A mapping {Condition: x} counts only when `with_condition`. */
bool cfn_call(const struct node *n, bool with_condition, str *ret_name, const struct node **ret_argument);

#endif
