/* values.h - what Terraform's values need beyond graph/value.h.
 *
 * Maps that expressions make are sorted by key (Terraform iterates so); only blocks keep the order of
 * the source. Sets are sorted as Terraform sorts them and have no equal elements. */
#ifndef FRONTEND_TERRAFORM_VALUES_H
#define FRONTEND_TERRAFORM_VALUES_H

#include "graph/value.h"

/* Bits of value.flags that only this directory sets and reads. */
enum terraform_flags {
    TF_TUPLE = 1 << 8,    /* VALUE_LIST: a tuple, not a list */
    TF_RESOURCE = 1 << 9, /* an instance of a resource (with VALUE_IS_BLOCK: absent attributes are known after
                              apply), or its instances; ref names it. In a partial map of instances the empty
                              key stands for those that are not known */
    TF_FAILED = 1 << 10,  /* VALUE_UNKNOWN: an expression that has an error */
    TF_LAZY = 1 << 11,    /* VALUE_UNKNOWN, first member of a struct lazy_value (tree.h): a module instance */
    TF_INPUT = 1 << 12,   /* VALUE_UNKNOWN: a variable that has no value, unchanged */
    TF_HOLED = 1 << 13,   /* VALUE_MAP: keys have holes, shown as ${...}: each is a key, but which is not known */
    TF_OPEN = VALUE_PARTIAL | TF_HOLED,
};

const struct value *tf_list(struct arena *a, const struct value **items, size_t n, const struct origin *o);
const struct value *tf_tuple(struct arena *a, const struct value **items, size_t n, const struct origin *o);
const struct value *tf_set(struct arena *a, const struct value **items, size_t n, const struct origin *o);
/* Sort by key; of equal keys the last stays. The entries are changed. */
const struct value *tf_map(struct arena *a, struct value_entry *entries, size_t n, const struct origin *o);
const struct value *tf_object(struct arena *a, struct value_entry *entries, size_t n, const struct origin *o);
const struct value *tf_int(struct arena *a, int64_t i, const struct origin *o);

const struct value *tf_lookup(const struct value *map, str key); /* NULL: no such key */
/* The entries in order of their keys. */
const struct value_entry *tf_entries(struct arena *a, const struct value *map);
/* Neither unknown, text with holes nor choice, on the outside. */
bool tf_settled(const struct value *v);
bool tf_is_sequence(const struct value *v);          /* list, tuple or set */
bool tf_int_of(const struct value *v, int64_t *ret); /* of a whole VALUE_NUMBER */
int tf_compare_numbers(const struct value *a, const struct value *b);
/* Equal as Terraform's == says, for wholly known values of equal types. */
bool tf_same(const struct value *a, const struct value *b);

/* A text with holes as a key: the holes are shown. STR_NONE when it is nothing but holes, or no text. */
str tf_holed_key(struct arena *a, const struct value *v);

/* Whatever may be said of something computed from these: unknown, with the first reason, all refs. */
const struct value *tf_unknown_from(struct arena *a, const struct value *const *from, size_t n, const struct origin *o);
const struct ref *tf_refs_join(struct arena *a, const struct ref *x, const struct ref *y);
const struct ref *tf_refs_of(struct arena *a, const struct value *const *from, size_t n);
uint16_t tf_marks_of(const struct value *const *from, size_t n); /* VALUE_SENSITIVE when one is */
/* A copy that stands at `at`, its own origin behind. */
const struct value *tf_step(struct arena *a, const struct value *v, span at, str note);
const struct value *tf_with_marks(struct arena *a, const struct value *v, uint16_t flags, const struct ref *ref);

/* JSON text as jsonencode() writes it; a VALUE_STRING, or a text with holes. */
const struct value *tf_json_text(struct arena *a, const struct value *v, const struct origin *o);
/* A VALUE_JSON value as the string that it stands for; other values as they are. */
const struct value *tf_plain(struct arena *a, const struct value *v);
const struct value *tf_plain_deep(struct arena *a, const struct value *v);
void tf_json_string(struct buf *out, str s); /* quoted, escaped as Go's encoder does */

#endif
