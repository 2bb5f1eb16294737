/* iam_values.h - small values that the passes over IAM make: lists and maps whose origins point at the causes. */
#ifndef ANALYSIS_IAM_VALUES_H
#define ANALYSIS_IAM_VALUES_H

#include "base/vec.h"
#include "graph/resource.h"

struct item_list {
    const struct value **at;
    size_t n, cap;
};

struct field_list {
    struct value_entry *at;
    size_t n, cap;
};

/* Both take what was gathered and leave the vector empty. `partial`: more elements are possible. */
const struct value *item_list_end(struct arena *a, struct item_list *items, bool partial, const struct origin *o);
const struct value *field_list_end(struct arena *a, struct field_list *fields, const struct origin *o);
void field_list_add(struct field_list *fields, const char *key, const struct value *v);
void field_list_add_text(struct arena *a, struct field_list *fields, const char *key, str text);
void field_list_add_bool(struct arena *a, struct field_list *fields, const char *key, bool b);

/* Calls fn for every value at a dotted path, through lists. *ret_partial: there may be more. */
typedef void value_visit_fn(void *context, const struct value *v);
void value_visit_path(const struct value *v, str path, value_visit_fn *fn, void *context, bool *ret_partial);
/* A choice anywhere inside? */
bool value_has_choice(const struct value *v);

#endif
