/* types.h - Terraform's types: constraints of variables, conversion, and the one type that fits several.
 *
 * A NULL type means "any". Conversion follows the language: numbers, booleans and strings into each
 * other where the text allows, tuples to lists and sets, objects to maps and to objects with fewer
 * attributes; optional() attributes are filled in. */
#ifndef FRONTEND_TERRAFORM_TYPES_H
#define FRONTEND_TERRAFORM_TYPES_H

#include "frontend/terraform/values.h"
#include "syntax/node.h"

enum type_kind {
    TYPE_ANY, /* unknown or null: fits everything */
    TYPE_STRING,
    TYPE_NUMBER,
    TYPE_BOOL,
    TYPE_LIST,
    TYPE_SET,
    TYPE_MAP,
    TYPE_TUPLE,
    TYPE_OBJECT,
};

struct type;

struct type_member { /* an attribute of an object, an element of a tuple */
    str name;
    const struct type *type;
    bool optional;
    const struct node *fallback; /* the second argument of optional(); NULL */
};

struct type {
    enum type_kind kind;
    const struct type *element; /* of a list, set or map */
    const struct type_member *member;
    size_t n;
};

extern const struct type type_any, type_string, type_number, type_bool;

/* Reads a constraint as `variable` blocks have it. NULL with a message when it is none. */
const struct type *type_read(const struct node *n, struct arena *a, str *ret_error, span *ret_at);
const struct type *type_of(struct arena *a, const struct value *v);
bool type_equal(const struct type *x, const struct type *y);
/* The type to which all can be converted; NULL when there is none. */
const struct type *type_unify(struct arena *a, const struct type *const *types, size_t n);
const struct type *type_new(struct arena *a, enum type_kind kind, const struct type *element);
str type_name(struct arena *a, const struct type *t); /* "list(string)", "object({a = number})" */

/* Values for the fallbacks of optional(); they are constant expressions. */
typedef const struct value *type_fallback_fn(void *context, const struct node *n);

struct type_conversion {
    struct arena *arena;
    type_fallback_fn *fallback; /* NULL: null */
    void *context;
    str error; /* why it failed */
    size_t steps;
};

/* NULL when it cannot be done, with c->error. Unknown parts stay unknown; the origin of scalars and
 * elements stays. */
const struct value *type_convert(struct type_conversion *c, const struct value *v, const struct type *t);

#endif
