/* verdict.h - three-valued answers that may hang on undecided inputs.
 *
 * A verdict is a value: a bool (its origin is the cause), an unknown with a reason, or a choice of those.
 * NULL is "no". Answers that hang on more than LIMIT_ALTERNATIVES alternatives become unknown. */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include "analysis/pass.h"
#include "base/vec.h"

enum verdict_state { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN, VERDICT_CHOICE };

enum verdict_state verdict_state(const struct value *v);
bool verdict_is_yes(const struct value *v);
bool verdict_is_no(const struct value *v);
const struct value *verdict_or(struct arena *a, const struct value *x, const struct value *y);
const struct value *verdict_and(struct arena *a, const struct value *x, const struct value *y);
const struct value *verdict_not(struct arena *a, const struct value *x);
const struct value *verdict_if(struct arena *a, const struct value *condition, const struct value *yes,
                               const struct value *no);
/* Is the resource there? Symbolic instances of the same unknown set count as there for each other: see `beside`. */
const struct value *verdict_exists(struct arena *a, const struct resource *r, const struct resource *beside);
/* The element of a list that is there when the verdict holds: v, a choice of v and absent, or NULL with
 * *ret_open set where it may be there. */
const struct value *verdict_keep(struct arena *a, const struct value *verdict, const struct value *v, bool *ret_open);
/* The scalar as a bool verdict; anything else than a known bool, an absent value or a choice is unknown. */
const struct value *verdict_of(struct arena *a, const struct value *v);
/* As a fact: "no" is false with the given origin. */
void verdict_set(struct analysis *a, const struct resource *r, const char *name, const struct value *verdict,
                 const struct origin *otherwise);

/* Lists that grow by verdicts. */
struct value_items {
    const struct value **at;
    size_t n, cap;
    bool open; /* more are possible */
};

/* Adds v as far as the verdict holds. */
void items_add(struct arena *a, struct value_items *list, const struct value *verdict, const struct value *v);
const struct value *items_value(struct arena *a, struct value_items *list); /* as a list; releases it */
/* The address of a resource, placed at its header. */
const struct value *address_value(struct arena *a, const struct resource *r);
/* The same as a reference: later passes find the resource in value->ref. */
const struct value *reference_value(struct arena *a, const struct resource *r, const struct origin *o);

#endif
