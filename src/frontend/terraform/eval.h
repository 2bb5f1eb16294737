/* eval.h - expressions to values.
 *
 * An expression with an error evaluates to unknown (TF_FAILED, the reason is the message) and the
 * failure is noted; eval_flush() makes diagnostics of what try() and can() have not taken back.
 * Undecided inputs stay choices: operators and functions are applied to each alternative. */
#ifndef FRONTEND_TERRAFORM_EVAL_H
#define FRONTEND_TERRAFORM_EVAL_H

#include "frontend/terraform/types.h"

struct tree;
struct module_instance;

/* Names that an expression sees besides the roots: for variables, each, count, self, iterators, the
 * variables of a template. */
struct binding {
    str name;
    const struct value *value;
    const struct binding *outer;
};

struct scope {
    struct module_instance *module; /* NULL: functions and literals only */
    const struct binding *bound;
    bool template_only; /* a template file: no roots */
};

struct failure {
    span at;
    enum diag_id id;
    str message;
};

struct evaluator {
    struct arena *arena;
    struct diag_list *diags;
    struct tree *tree; /* NULL: no configuration around */
    struct {
        struct failure *at;
        size_t n, cap;
    } failures;
    unsigned depth; /* of C frames */
    size_t steps;   /* left for all expressions of a root; see eval_charge */
    size_t spare;   /* for those that come after the steps were used up */
    bool sparing;
    unsigned template_depth;
    size_t blocks; /* that dynamic blocks made, of this resource */
};

void eval_init(struct evaluator *e, struct arena *a, struct diag_list *diags);
void eval_release(struct evaluator *e);

/* Evaluates a whole expression; failures become diagnostics. Never NULL. */
const struct value *eval_expression(struct evaluator *e, const struct node *n, const struct scope *s);
/* Evaluates a part of one. Never NULL. */
const struct value *eval_node(struct evaluator *e, const struct node *n, const struct scope *s);

/* As many more steps as so much text needs. */
void eval_allow(struct evaluator *e, size_t bytes);
/* Steps of which the tree of the expression shows nothing: elements and bytes that a function makes. False when there
 * are not as many left; what is next to be evaluated then fails with a diagnostic. */
bool eval_charge(struct evaluator *e, size_t steps);
void eval_charge_value(struct evaluator *e, const struct value *made);

const struct value *eval_fail(struct evaluator *e, span at, const char *fmt, ...) PRINTF_LIKE(3, 4);
const struct value *eval_fail_as(struct evaluator *e, enum diag_id id, span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
size_t eval_mark(const struct evaluator *e);
void eval_forget(struct evaluator *e, size_t mark);
void eval_flush(struct evaluator *e, size_t mark);
const struct origin *eval_origin(struct evaluator *e, span at); /* {at}, nothing behind */

/* object.name, object[key]; they look into resources, modules and choices. */
const struct value *eval_get(struct evaluator *e, const struct value *object, str name, span at);
const struct value *eval_index(struct evaluator *e, const struct value *object, const struct value *key, span at);
/* Values that are made on demand (module instances), made. */
const struct value *eval_force(struct evaluator *e, const struct value *v);
/* Converts or fails at the span. */
const struct value *eval_convert(struct evaluator *e, const struct value *v, const struct type *t, span at);

/* fn on each alternative of v; when it fails for some only, those are unknown and the rest stands. */
const struct value *eval_lift(struct evaluator *e, const struct value *v, value_map_fn *fn, void *context);

/* eval_ops.c */
const struct value *eval_unary(struct evaluator *e, const struct node *n, const struct scope *s);
const struct value *eval_binary(struct evaluator *e, const struct node *n, const struct scope *s);
const struct value *eval_conditional(struct evaluator *e, const struct node *test, const struct node *yes,
                                     const struct node *no, span at, const struct scope *s);
/* == of two values: a bool, a choice, or unknown. */
const struct value *eval_equal(struct evaluator *e, const struct value *x, const struct value *y, span at);
/* The alternatives of both, brought to one type and chosen between by a test that is not known. */
const struct value *eval_choose(struct evaluator *e, const struct node *test, const struct value *decided,
                                const struct value *yes, const struct value *no, span at, const struct scope *s);

/* eval_for.c */
const struct value *eval_for(struct evaluator *e, const struct node *n, const struct scope *s);
const struct value *eval_splat(struct evaluator *e, const struct node *n, const struct scope *s);
struct iteration { /* the elements of a collection, with their keys */
    const struct value **key, **value;
    size_t n;
};
/* False (with *ret_instead) when v cannot be iterated over or is not known. */
bool eval_iterate(struct evaluator *e, const struct value *v, span at, struct iteration *ret,
                  const struct value **ret_instead);

/* eval_template.c */
const struct value *eval_template(struct evaluator *e, const struct node *n, const struct scope *s);

/* scope.c: a root name and what follows it, in a module. NULL: not such a reference. */
const struct value *eval_reference(struct evaluator *e, const struct node *n, const struct scope *s);

#endif
