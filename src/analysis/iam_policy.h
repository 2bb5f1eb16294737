/* iam_policy.h - one normal form for every policy document, whoever wrote it and however.
 *
 * Reads the decoded document (JSON text, HCL objects, CloudFormation objects), a single statement, lists
 * of these, the ARN of an AWS managed policy, and effective permissions ({policies: [...], boundary: ...}).
 * What is not known stays visible: open patterns (iam_pattern.h), `partial` and `unclear`. A choice that
 * nobody decided is unknown here; functions of rules decide choices before they ask. */
#ifndef ANALYSIS_IAM_POLICY_H
#define ANALYSIS_IAM_POLICY_H

#include "analysis/iam_facts.h"
#include "analysis/iam_pattern.h"

enum iam_effect { IAM_ALLOW, IAM_DENY, IAM_EFFECT_UNKNOWN };

struct iam_list {
    struct iam_pattern *at;
    uint32_t n;
    bool given; /* the element is written, if only as an empty list */
};

enum iam_principal_kind { IAM_ANYONE, IAM_AWS, IAM_SERVICE, IAM_FEDERATED, IAM_CANONICAL, IAM_PRINCIPAL_UNKNOWN };

struct iam_principal {
    enum iam_principal_kind kind;
    struct iam_pattern id;
};

struct iam_principals {
    struct iam_principal *at;
    uint32_t n;
    bool given;
};

enum iam_operator {
    IAM_OP_STRING,
    IAM_OP_STRING_FOLDED,
    IAM_OP_LIKE,
    IAM_OP_NUMBER,
    IAM_OP_DATE,
    IAM_OP_BOOL,
    IAM_OP_BINARY,
    IAM_OP_IP,
    IAM_OP_ARN,
    IAM_OP_NULL,
    IAM_OP_UNKNOWN,
};
enum iam_order { IAM_EQ, IAM_LT, IAM_LE, IAM_GT, IAM_GE };
enum iam_quantifier { IAM_ONE, IAM_FOR_ALL, IAM_FOR_ANY };

struct iam_condition {
    str operator_name; /* as written */
    enum iam_operator op;
    enum iam_order order; /* numbers and dates */
    enum iam_quantifier quantifier;
    bool negated, if_exists;
    str key;      /* lower case; holes as "${...}" */
    str key_name; /* as written */
    struct iam_list values;
    const struct value *value;
};

struct iam_statement {
    const struct value *value; /* the statement as it stands */
    const struct value *sid;   /* NULL: none */
    struct iam_list actions, not_actions, resources, not_resources;
    struct iam_principals principals, not_principals;
    struct iam_condition *condition;
    uint32_t n_conditions;
    bool conditions_unknown; /* there may be further conditions */
    bool unclear;            /* elements may be missing: nothing about it is certain */
    bool variables;          /* policy variables count in it (version 2012-10-17) */
    enum iam_effect effect;
};

struct iam_policy {
    struct iam_statement *at;
    size_t n;
    bool partial;                      /* further statements are possible */
    bool missing_policies;             /* whole policies are not known; taken to allow more, not to deny */
    str reason;                        /* of partial or missing_policies */
    const struct iam_policy *boundary; /* NULL: none */
};

/* Reads a policy value. NULL and null give an empty policy. `facts` may be NULL. Everything lives in the
 * arena, or where `v` does. */
const struct iam_policy *iam_policy_read(struct arena *a, const struct iam_facts *facts, const struct value *v);

/* Statements that a document has at most; more are not read (partial). */
enum { IAM_MAX_STATEMENTS = 20000 };

/* Everybody: "*", any account. Of Service and Federated: every one of them. */
enum iam_answer iam_principal_is_anyone(const struct iam_principal *p);
/* The 12 digits when they are known; else STR_NONE. */
str iam_principal_account(const struct iam_principal *p);
/* Is it an input of which nothing is known, so that it may be of any account? No: a resource among the files, an
 * ARN with an unknown account number (that is nearly always one's own). */
bool iam_principal_is_open(const struct iam_principal *p);
/* The account itself ("123456789012", "arn:aws:iam::...:root"). */
bool iam_principal_is_root(const struct iam_principal *p);

/* iam_condition.c */
struct iam_context;

bool iam_condition_parse_operator(struct iam_condition *c, str name);
/* enum iam_pattern_flags of its values, but for IAM_VARIABLES. */
unsigned iam_condition_flags(const struct iam_condition *c);
/* Is the condition true in the context? */
enum iam_answer iam_condition_holds(const struct iam_condition *c, const struct iam_context *context);
/* Does it keep strangers out (closed list of keys, concrete values)? */
enum iam_answer iam_condition_limits_principal(const struct iam_condition *c);
/* In a Deny: is it true of every stranger? */
enum iam_answer iam_condition_holds_for_strangers(const struct iam_condition *c);
/* Does it narrow what may be done? */
enum iam_answer iam_condition_narrows(const struct iam_condition *c);

/* Over all conditions of a statement. */
enum iam_answer iam_limits_principal(const struct iam_statement *s);
enum iam_answer iam_is_narrowed(const struct iam_statement *s);

#endif
