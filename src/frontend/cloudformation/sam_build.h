/* sam_build.h - making values and resources for SAM: what its parts share.
 *
 * A map under construction drops absent values; everything made up has the SAM resource as its place. */
#ifndef FRONTEND_CLOUDFORMATION_SAM_BUILD_H
#define FRONTEND_CLOUDFORMATION_SAM_BUILD_H

#include "frontend/cloudformation/intrinsics.h"

/* The SAM resource that is being normalised. */
struct sam {
    struct cfn_stack *stack;
    struct graph_builder *builder;
    struct cfn_resource *resource;
    const struct value *properties; /* Globals merged */
    const struct origin *origin;    /* of what is made up */
};

/* What events ask of APIs that nobody declares. */
struct sam_implicit {
    struct cfn_resource *rest, *http; /* the first that asks; NULL: none */
};
struct sam_implicit *sam_implicit(struct cfn_stack *s);

struct sam_map {
    struct sam *sam;
    struct value_entry *entry;
    size_t n, cap;
};
void sam_put(struct sam_map *m, const char *key, const struct value *v);
void sam_put_text(struct sam_map *m, const char *key, const char *text);
/* Copies the properties that have the same name in both worlds; names end with NULL. */
void sam_copy(struct sam_map *m, const struct value *from, const char *const *names);
const struct value *sam_done(struct sam_map *m);

const struct value *sam_text(struct sam *sam, const char *text);
const struct value *sam_list(struct sam *sam, const struct value *const *items, size_t n);
const struct value *sam_property(const struct sam *sam, const char *name);
/* {a: b} to [{Key: a, Value: b}]; other values stay. */
const struct value *sam_tags(struct sam *sam, const struct value *tags);
/* Reference to something this SAM resource makes: attribute "" is Ref. */
const struct value *sam_reference(struct sam *sam, str id, const char *attribute);
str sam_id(struct sam *sam, const char *suffix);
str sam_event_id(struct sam *sam, str event, const char *suffix);
/* A text of {Name} holes: P, R and A are partition, region and account; others come from `arguments`. */
const struct value *sam_format(struct sam *sam, const char *format, const struct value *arguments);
/* {Version, Statement: [...]} */
const struct value *sam_document(struct sam *sam, const struct value *const *statements, size_t n);
/* {Effect: Allow, Action: [...], Resource: [...]}: actions and formats are separated by blanks. */
const struct value *sam_statement(struct sam *sam, const char *actions, const char *resources,
                                  const struct value *arguments);
void sam_add(struct sam *sam, const char *type, str id, struct sam_map *properties);
/* Own wins over global; lists are joined, mappings merged. */
const struct value *sam_merge(struct arena *a, const struct value *global, const struct value *own, unsigned depth);

/* The parts. */
void sam_function(struct sam *sam);        /* sam_function.c */
void sam_function_events(struct sam *sam); /* sam_events.c */
/* The role: `service` may assume it; managed names are added to its policies. */
void sam_role(struct sam *sam, const char *service, const char *const *managed, size_t n_managed); /* sam_role.c */
void sam_api(struct sam *sam);                                                                     /* sam_api.c */
void sam_http_api(struct sam *sam);
void sam_simple_table(struct sam *sam); /* sam_data.c */
void sam_layer(struct sam *sam);
void sam_state_machine(struct sam *sam);
void sam_graphql_api(struct sam *sam);
void sam_connector(struct sam *sam); /* sam_connector.c */
void sam_embedded_connectors(struct sam *sam);

/* SAM's policy templates, sam_policies.c. */
struct sam_policy_statement {
    const char *actions, *resources;
};
struct sam_policy {
    const char *name;
    struct sam_policy_statement statement[3];
};
const struct sam_policy *sam_policy_find(str name); /* NULL: no such template */

#endif
