/* own.h - of a list that companions add to, what each resource has written itself.
 *
 * Rules of security groups, entries of network ACLs and routes end in one list of their group, ACL or table, so that a
 * question about all of them is asked once. A finding belongs to the resource that wrote the element: the facts own_...
 * split such a list up again. A companion whose owner is not in the files is judged alone. */
#ifndef ANALYSIS_OWN_H
#define ANALYSIS_OWN_H

#include "analysis/verdict.h"

/* The fact of r for these elements, when nothing else is known of its list. */
typedef const struct value *own_judge(void *context, const struct resource *r, const struct value *elements);

struct own_fact {
    const char *name; /* "own_open_ingress" */
    sym part;         /* the kind of the companions */
    own_judge *judge;
    void *context;
};

/* Elements and the companion that wrote them have one place: keys of maps. */
str own_part_key(struct arena *a, const struct resource *part);
str own_element_key(struct arena *a, const struct value *element);

/* Sets the fact on `whole` and on its companions from the list of all. NULL list: there are none. */
void own_set(struct analysis *a, const struct own_fact *f, const struct resource *whole, const struct value *list);
/* Sets the fact on the companions that have no owner in the files. */
void own_set_alone(struct analysis *a, const struct own_fact *f);

#endif
