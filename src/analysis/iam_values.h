/* iam_values.h - small values that the passes over IAM make: lists and maps whose origins point at the causes. */
#ifndef ANALYSIS_IAM_VALUES_H
#define ANALYSIS_IAM_VALUES_H

#include "base/vec.h"
#include "graph/resource.h"

struct value_items {
    const struct value **at;
    size_t n, cap;
};

struct value_fields {
    struct value_entry *at;
    size_t n, cap;
};

/* Both take what was gathered and leave the vector empty. `partial`: more elements are possible. */
const struct value *value_items_end(struct arena *a, struct value_items *items, bool partial, const struct origin *o);
const struct value *value_fields_end(struct arena *a, struct value_fields *fields, const struct origin *o);
void value_fields_add(struct value_fields *fields, const char *key, const struct value *v);
void value_fields_add_text(struct arena *a, struct value_fields *fields, const char *key, str text);
void value_fields_add_bool(struct arena *a, struct value_fields *fields, const char *key, bool b);

/* Calls fn for every value at a dotted path, through lists. *ret_partial: there may be more. */
typedef void value_visit_fn(void *context, const struct value *v);
void value_visit_path(const struct value *v, str path, value_visit_fn *fn, void *context, bool *ret_partial);
/* A choice anywhere inside? */
bool value_has_choice(const struct value *v);

#endif
