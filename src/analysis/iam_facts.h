/* iam_facts.h - what AWS publishes: every action with its access level and whether it can be limited to
 * resources, and the statements of well-known AWS managed policies.
 *
 * Loaded from two small texts (rules/data/iam-actions.txt, iam-managed.txt; the formats are described at
 * their tops). The texts are indexed, and a service is unpacked, when somebody asks for them; any thread may. */
#ifndef ANALYSIS_IAM_FACTS_H
#define ANALYSIS_IAM_FACTS_H

#include "graph/value.h"

enum iam_level { IAM_READ = 1, IAM_WRITE = 2, IAM_LIST = 4, IAM_TAGGING = 8, IAM_PERMISSIONS = 16, IAM_ANY_LEVEL = 31 };

struct iam_action {
    str name;       /* "s3:GetObject" */
    str folded;     /* "s3:getobject" */
    uint8_t level;  /* enum iam_level */
    bool limitable; /* to resources */
};

struct iam_facts;

/* The texts are borrowed; empty ones give tables without entries. From then on only this module uses the arena. */
const struct iam_facts *iam_facts_new(struct arena *a, str actions, str managed);

/* For what else is made while rules are evaluated: the arena, held until iam_facts_unlock. */
struct arena *iam_facts_lock(const struct iam_facts *f);
void iam_facts_unlock(const struct iam_facts *f);

bool iam_facts_has_actions(const struct iam_facts *f);
/* NULL when there is no such action; any case. `folded` must be in lower case: "s3:getobject". */
const struct iam_action *iam_action_find(const struct iam_facts *f, str folded);
/* The actions of a service (lower case), in order of their folded names. */
const struct iam_action *iam_actions_of(const struct iam_facts *f, str service, size_t *ret_n);
size_t iam_service_count(const struct iam_facts *f);
str iam_service_name(const struct iam_facts *f, size_t i);

/* The document of an AWS managed policy, by ARN or name; NULL when it is not among the known ones. */
const struct value *iam_managed_find(const struct iam_facts *f, str arn_or_name);
/* "AdministratorAccess" of "arn:aws:iam::aws:policy/AdministratorAccess"; STR_NONE for other texts. */
str iam_managed_name(str arn);

#endif
