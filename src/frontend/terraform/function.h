/* function.h - the built-in functions of Terraform and OpenTofu.
 *
 * Each family has a table of its own; function_call() does what is common: it finds the function,
 * evaluates and converts the arguments as `spec` says, applies it to each alternative of undecided
 * arguments, and answers unknown (with the reason of the first unknown argument) where a function
 * needs to know. A function returns a value, or function_fail(). */
#ifndef FRONTEND_TERRAFORM_FUNCTION_H
#define FRONTEND_TERRAFORM_FUNCTION_H

#include "frontend/terraform/eval.h"
#include "frontend/terraform/number.h"

struct call {
    struct evaluator *e;
    struct arena *arena;
    const struct node *node;
    const struct scope *scope;
    const struct function *function;
    const struct value **arg;
    size_t n;
    const struct origin *origin; /* for the result */
};

typedef const struct value *function_fn(struct call *c);

enum function_flags {
    FN_NULLS = 1 << 0,    /* arguments may be null */
    FN_UNKNOWNS = 1 << 1, /* arguments may be unknown on the outside; the function decides */
    FN_DEEP = 1 << 2,     /* arguments must be known all through */
    FN_PARTIAL = 1 << 3,  /* lists and maps of which more may exist are fine */
    FN_NO_LIFT = 1 << 4,  /* choices are given as they are */
    FN_HOIST = 1 << 5,    /* choices inside lists and maps become choices of lists and maps */
};

struct function {
    const char *name;
    /* One letter an argument: s string, n number, b bool, L list of strings, l list, set or tuple,
     * c any collection, m map or object, S set, a anything; `?`: what follows may be left out; `*`: the
     * letter before it is repeated, also no times. */
    const char *spec;
    function_fn *run;
    unsigned flags;
};

/* Tables end with a NULL name. */
extern const struct function functions_string[], functions_format[], functions_number[], functions_list[],
    functions_map[], functions_encoding[], functions_hash[], functions_ip[], functions_date[], functions_file[],
    functions_convert[], functions_impure[];

const struct value *function_call(struct evaluator *e, const struct node *n, const struct scope *s);

const struct value *function_fail(struct call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
const struct value *function_string(struct call *c, str s);      /* in the arena already */
const struct value *function_buf(struct call *c, struct buf *b); /* takes and releases b */
const struct value *function_unknown(struct call *c);            /* because of the arguments */
/* The argument as a whole number in range, or false after *ret_failure is set. */
bool function_int(struct call *c, size_t arg, int64_t *ret, const struct value **ret_failure);
str function_str(const struct call *c, size_t arg); /* of a string argument */

/* yaml_value.c */
const struct value *yaml_decode_value(struct call *c, str text);
const struct value *yaml_encode_value(struct call *c, const struct value *v);
/* json: text of JSON to values with the types that jsondecode() gives; NULL when it is no JSON. */
const struct value *json_decode_value(struct call *c, str text, const struct origin *o);

#endif
