#include "analysis/cidr.h"
#include "analysis/iam_context.h"

/* ---- operators ---- */

bool iam_condition_parse_operator(struct iam_condition *c, str name)
{
    static const struct {
        const char *name;
        enum iam_operator op;
        enum iam_order order;
        bool negated;
    } operators[] = {
        {"StringEquals", IAM_OP_STRING, IAM_EQ, false},
        {"StringNotEquals", IAM_OP_STRING, IAM_EQ, true},
        {"StringEqualsIgnoreCase", IAM_OP_STRING_FOLDED, IAM_EQ, false},
        {"StringNotEqualsIgnoreCase", IAM_OP_STRING_FOLDED, IAM_EQ, true},
        {"StringLike", IAM_OP_LIKE, IAM_EQ, false},
        {"StringNotLike", IAM_OP_LIKE, IAM_EQ, true},
        {"NumericEquals", IAM_OP_NUMBER, IAM_EQ, false},
        {"NumericNotEquals", IAM_OP_NUMBER, IAM_EQ, true},
        {"NumericLessThan", IAM_OP_NUMBER, IAM_LT, false},
        {"NumericLessThanEquals", IAM_OP_NUMBER, IAM_LE, false},
        {"NumericGreaterThan", IAM_OP_NUMBER, IAM_GT, false},
        {"NumericGreaterThanEquals", IAM_OP_NUMBER, IAM_GE, false},
        {"DateEquals", IAM_OP_DATE, IAM_EQ, false},
        {"DateNotEquals", IAM_OP_DATE, IAM_EQ, true},
        {"DateLessThan", IAM_OP_DATE, IAM_LT, false},
        {"DateLessThanEquals", IAM_OP_DATE, IAM_LE, false},
        {"DateGreaterThan", IAM_OP_DATE, IAM_GT, false},
        {"DateGreaterThanEquals", IAM_OP_DATE, IAM_GE, false},
        {"Bool", IAM_OP_BOOL, IAM_EQ, false},
        {"BinaryEquals", IAM_OP_BINARY, IAM_EQ, false},
        {"IpAddress", IAM_OP_IP, IAM_EQ, false},
        {"NotIpAddress", IAM_OP_IP, IAM_EQ, true},
        {"ArnEquals", IAM_OP_ARN, IAM_EQ, false},
        {"ArnLike", IAM_OP_ARN, IAM_EQ, false},
        {"ArnNotEquals", IAM_OP_ARN, IAM_EQ, true},
        {"ArnNotLike", IAM_OP_ARN, IAM_EQ, true},
        {"Null", IAM_OP_NULL, IAM_EQ, false},
    };
    static const char all[] = "ForAllValues:", any[] = "ForAnyValue:", suffix[] = "IfExists";
    str rest = name;
    if (str_starts(rest, str_of(all))) {
        c->quantifier = IAM_FOR_ALL;
        rest = str_slice(rest, sizeof(all) - 1, rest.n);
    } else if (str_starts(rest, str_of(any))) {
        c->quantifier = IAM_FOR_ANY;
        rest = str_slice(rest, sizeof(any) - 1, rest.n);
    }
    if (str_ends(rest, str_of(suffix))) {
        c->if_exists = true;
        rest = str_slice(rest, 0, rest.n - (sizeof(suffix) - 1));
    }
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (!str_eq_nocase(rest, str_of(operators[i].name)))
            continue;
        c->op = operators[i].op;
        c->order = operators[i].order;
        c->negated = operators[i].negated;
        return true;
    }
    return false;
}

/* ---- comparing one value of the request with one of the policy ---- */

static enum iam_answer from_bool(bool b)
{
    return b ? IAM_YES : IAM_NO;
}

static enum iam_answer in_order(double x, double y, enum iam_order order)
{
    switch (order) {
    case IAM_EQ:
        return from_bool(x >= y && x <= y);
    case IAM_LT:
        return from_bool(x < y);
    case IAM_LE:
        return from_bool(x <= y);
    case IAM_GT:
        return from_bool(x > y);
    default:
        return from_bool(x >= y);
    }
}

static enum iam_answer compare_numbers(const struct iam_condition *c, const struct iam_pattern *ours,
                                       const struct iam_pattern *theirs)
{
    double x, y;
    if (ours->holes || theirs->holes || !str_to_double(theirs->text, &x) || !str_to_double(ours->text, &y))
        return IAM_MAYBE;
    return in_order(x, y, c->order);
}

/* Moments in the one usual form, "2026-01-31T12:00:00Z", which sorts as text. */
static enum iam_answer compare_dates(const struct iam_condition *c, const struct iam_pattern *ours,
                                     const struct iam_pattern *theirs)
{
    enum { LENGTH = 20 };
    if (ours->holes || theirs->holes || ours->text.n != LENGTH || theirs->text.n != LENGTH ||
        ours->text.p[LENGTH - 1] != 'Z' || theirs->text.p[LENGTH - 1] != 'Z')
        return compare_numbers(c, ours, theirs);
    return in_order(str_cmp(theirs->text, ours->text), 0, c->order);
}

static enum iam_answer compare_addresses(const struct iam_pattern *ours, const struct iam_pattern *theirs)
{
    struct cidr range, one;
    if (ours->holes || theirs->holes || !cidr_parse(ours->text, &range) || !cidr_parse(theirs->text, &one))
        return IAM_MAYBE;
    return from_bool(cidr_contains(&range, &one));
}

/* Wildcards of an ARN stay inside its six parts. */
static enum iam_answer compare_arns(const struct iam_pattern *ours, const struct iam_pattern *theirs)
{
    enum { PARTS = 6 };
    if (ours->token || theirs->token || !str_starts(ours->text, STR("arn:")))
        return iam_covers(ours, theirs);
    str x = ours->text, y = theirs->text;
    for (unsigned i = 0; i < PARTS; i++) {
        struct iam_pattern a = {.text = i + 1 < PARTS ? str_cut(x, ':', &x) : x};
        struct iam_pattern b = {.text = i + 1 < PARTS ? str_cut(y, ':', &y) : y};
        a.wild = str_find_char(a.text, '*') != SIZE_MAX;
        if (iam_covers(&a, &b) != IAM_YES)
            return IAM_NO;
        if (i + 1 < PARTS && (!x.p || !y.p))
            return from_bool(!x.p && !y.p);
    }
    return IAM_YES;
}

static enum iam_answer compare(const struct iam_condition *c, const struct iam_pattern *ours,
                               const struct iam_pattern *theirs)
{
    switch (c->op) {
    case IAM_OP_NUMBER:
        return compare_numbers(c, ours, theirs);
    case IAM_OP_DATE:
        return compare_dates(c, ours, theirs);
    case IAM_OP_IP:
        return compare_addresses(ours, theirs);
    case IAM_OP_ARN:
        return compare_arns(ours, theirs);
    case IAM_OP_STRING_FOLDED:
    case IAM_OP_BOOL:
        if (!theirs->holes && !ours->holes)
            return from_bool(str_eq_nocase(ours->text, theirs->text));
        return iam_covers(ours, theirs);
    case IAM_OP_STRING:
    case IAM_OP_LIKE:
    case IAM_OP_BINARY:
        return iam_covers(ours, theirs);
    default:
        return IAM_MAYBE;
    }
}

/* Does a value of the request meet one of the policy's, or with a negated operator none of them? */
static enum iam_answer value_passes(const struct iam_condition *c, const struct iam_pattern *theirs)
{
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < c->values.n && any != IAM_YES; i++)
        any = iam_or(any, compare(c, &c->values.at[i], theirs));
    return c->negated ? iam_not(any) : any;
}

static const struct iam_context_key *find_key(const struct iam_context *context, str name)
{
    for (size_t i = 0; i < context->n; i++)
        if (str_eq(context->key[i].name, name))
            return &context->key[i];
    return NULL;
}

static enum iam_answer null_holds(const struct iam_condition *c, bool absent)
{
    if (c->values.n != 1 || c->values.at[0].holes)
        return IAM_MAYBE;
    return from_bool(str_eq_c(c->values.at[0].text, absent ? "true" : "false"));
}

enum iam_answer iam_condition_holds(const struct iam_condition *c, const struct iam_context *context)
{
    const struct iam_context_key *key = find_key(context, c->key);
    if (!key || key->unknown || c->op == IAM_OP_UNKNOWN)
        return IAM_MAYBE;
    if (c->op == IAM_OP_NULL)
        return null_holds(c, key->absent);
    if (key->absent) {
        if (c->quantifier == IAM_FOR_ANY)
            return from_bool(c->if_exists);
        return from_bool(c->if_exists || c->quantifier == IAM_FOR_ALL || c->negated);
    }
    enum iam_answer all = IAM_YES, any = IAM_NO;
    for (size_t i = 0; i < key->n; i++) {
        enum iam_answer one = value_passes(c, &key->value[i]);
        all = iam_and(all, one);
        any = iam_or(any, one);
    }
    bool every = c->quantifier == IAM_FOR_ALL || (c->quantifier == IAM_ONE && c->negated);
    return every ? all : any;
}

/* ---- what a condition means without a request ---- */

/* Keys that say who asks or for whom, so that strangers cannot have a matching value. */
static const char *const limiting_keys[] = {
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:userid",
    "aws:username",
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourcevpcarn",
    "aws:federatedprovider",
    "kms:calleraccount",
    "kms:viaservice",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:accesspointnetworkorigin",
    "lambda:eventsourcetoken",
    "lambda:functionurlauthtype",
    "sts:externalid",
    "sts:rolesessionname",
    "elasticfilesystem:accesspointarn",
    "elasticfilesystem:accessedviamounttarget",
    "sns:endpoint",
    "cloudfront:sourcearn",
    "es:sourceip",
    "iam:associatedresourcearn",
};

static str key_stem(str key)
{
    size_t slash = str_find_char(key, '/');
    return slash == SIZE_MAX ? key : str_slice(key, 0, slash);
}

static bool is_one_of(str key, const char *const *names, size_t n)
{
    str stem = key_stem(key);
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(stem, names[i]))
            return true;
    return false;
}

/* "<issuer>:sub" and "<issuer>:aud" of a web identity. */
static bool is_token_claim(str key)
{
    return str_ends(key, STR(":sub")) || str_ends(key, STR(":aud")) || str_ends(key, STR(":amr"));
}

static enum iam_answer is_wide_address(const struct iam_pattern *p)
{
    enum { WIDEST = 8 };
    struct cidr range;
    if (p->holes || !cidr_parse(p->text, &range))
        return p->open ? IAM_MAYBE : IAM_NO;
    return from_bool(range.bits < WIDEST);
}

/* Is one of the values so wide that it says nothing? "*", "arn:aws:iam::*:...", 0.0.0.0/0. */
static enum iam_answer says_nothing(const struct iam_condition *c)
{
    enum iam_answer any = from_bool(c->values.n == 0);
    for (size_t i = 0; i < c->values.n; i++) {
        const struct iam_pattern *p = &c->values.at[i];
        enum iam_answer wide = c->op == IAM_OP_IP ? is_wide_address(p) : iam_is_everything(p);
        if (p->open && wide == IAM_NO)
            wide = p->text.n ? IAM_NO : IAM_MAYBE;
        if (c->op == IAM_OP_ARN || c->op == IAM_OP_LIKE) {
            bool star_account = str_starts(p->text, STR("arn:*:*:*:*")) || str_starts(p->text, STR("arn:aws:iam::*")) ||
                                str_eq_c(p->text, "arn:*") || str_eq_c(p->text, "arn:aws:*");
            wide = iam_or(wide, from_bool(star_account && !p->holes));
        }
        any = iam_or(any, wide);
    }
    return any;
}

static bool can_limit(const struct iam_condition *c)
{
    return !c->if_exists && c->quantifier != IAM_FOR_ALL && c->op != IAM_OP_NULL;
}

enum iam_answer iam_condition_limits_principal(const struct iam_condition *c)
{
    if (c->op == IAM_OP_UNKNOWN)
        return IAM_MAYBE;
    if (str_eq_c(c->key, "aws:principalisawsservice") && c->op == IAM_OP_BOOL && can_limit(c))
        return value_passes(c, &(struct iam_pattern){.text = STR("true")});
    bool known = is_one_of(c->key, limiting_keys, ARRAY_LEN(limiting_keys)) || is_token_claim(c->key);
    if (!known)
        return str_contains(c->key, STR("${")) && !c->negated ? IAM_MAYBE : IAM_NO;
    if (!can_limit(c) || c->negated)
        return IAM_NO;
    if (c->op == IAM_OP_NUMBER || c->op == IAM_OP_DATE)
        return IAM_NO;
    return iam_not(says_nothing(c));
}

enum iam_answer iam_condition_holds_for_strangers(const struct iam_condition *c)
{
    if (c->op == IAM_OP_UNKNOWN)
        return IAM_MAYBE;
    if (str_eq_c(c->key, "aws:principalisawsservice") && c->op == IAM_OP_BOOL)
        return value_passes(c, &(struct iam_pattern){.text = STR("false")});
    if (c->op == IAM_OP_NULL)
        return is_one_of(c->key, limiting_keys, ARRAY_LEN(limiting_keys)) ? null_holds(c, true) : IAM_NO;
    if (!c->negated || c->quantifier == IAM_FOR_ANY || !is_one_of(c->key, limiting_keys, ARRAY_LEN(limiting_keys)))
        return IAM_NO;
    return iam_not(says_nothing(c));
}

/* Keys that say how or when, not on what or by whom. */
static const char *const neutral_keys[] = {
    "aws:securetransport",
    "s3:tlsversion",
    "aws:requestedregion",
    "aws:currenttime",
    "aws:epochtime",
    "aws:tokenissuetime",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:useragent",
    "aws:referer",
    "aws:viaawsservice",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principaltype",
    "s3:authtype",
    "s3:signatureversion",
    "s3:signatureage",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256",
    "aws:sourceip",
};

enum iam_answer iam_condition_narrows(const struct iam_condition *c)
{
    if (c->op == IAM_OP_UNKNOWN)
        return IAM_MAYBE;
    if (is_one_of(c->key, neutral_keys, ARRAY_LEN(neutral_keys)) || !can_limit(c) || c->negated)
        return IAM_NO;
    return iam_not(says_nothing(c));
}

static enum iam_answer any_condition(const struct iam_statement *s,
                                     enum iam_answer (*test)(const struct iam_condition *c))
{
    enum iam_answer any = s->conditions_unknown ? IAM_MAYBE : IAM_NO;
    for (size_t i = 0; i < s->n_conditions; i++)
        any = iam_or(any, test(&s->condition[i]));
    return any;
}

enum iam_answer iam_limits_principal(const struct iam_statement *s)
{
    return any_condition(s, iam_condition_limits_principal);
}

enum iam_answer iam_is_narrowed(const struct iam_statement *s)
{
    return any_condition(s, iam_condition_narrows);
}

/* ---- principals in a context ---- */

/* "arn:aws:sts::1:assumed-role/R/S" is a session of "arn:aws:iam::1:role/R"; STR_NONE: no session. */
static str role_of_session(struct arena *a, str arn)
{
    static const char infix[] = ":assumed-role/";
    size_t sts = str_find(arn, STR(":sts:")), at = str_find(arn, str_of(infix));
    if (sts == SIZE_MAX || at == SIZE_MAX || at < sts + 5)
        return STR_NONE;
    str name = str_slice(arn, at + sizeof(infix) - 1, arn.n);
    return arena_printf(a, STR_FMT ":iam:" STR_FMT ":role/" STR_FMT, STR_ARG(str_slice(arn, 0, sts)),
                        STR_ARG(str_slice(arn, sts + 5, at)), STR_ARG(str_slice(name, 0, str_rfind_char(name, '/'))));
}

static enum iam_answer principal_matches(struct arena *a, const struct iam_principal *p, const struct iam_pattern *who)
{
    static const char service[] = "service:";
    bool is_service = str_starts(who->text, str_of(service));
    if (p->kind == IAM_ANYONE)
        return IAM_YES;
    if (p->kind == IAM_PRINCIPAL_UNKNOWN || who->holes)
        return IAM_MAYBE;
    if (is_service) {
        struct iam_pattern name = iam_pattern_text(a, str_slice(who->text, sizeof(service) - 1, who->text.n), 0);
        return p->kind == IAM_SERVICE ? iam_covers(&p->id, &name) : p->id.open ? IAM_MAYBE : IAM_NO;
    }
    if (p->kind != IAM_AWS && p->kind != IAM_FEDERATED)
        return IAM_NO;
    struct iam_principal asking = {.kind = IAM_AWS, .id = *who};
    if (p->kind == IAM_AWS && iam_principal_is_root(p) &&
        str_eq(iam_principal_account(p), iam_principal_account(&asking)) && iam_principal_account(p).n)
        return IAM_YES;
    enum iam_answer answer = iam_covers(&p->id, who);
    if (answer == IAM_NO && p->kind == IAM_AWS) {
        str role = role_of_session(a, who->text);
        struct iam_pattern session = iam_pattern_text(a, role, 0);
        return role.n ? iam_covers(&p->id, &session) : answer;
    }
    return answer;
}

enum iam_answer iam_principal_matches(struct arena *a, const struct iam_principals *list,
                                      const struct iam_pattern *principal)
{
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < list->n; i++)
        any = iam_or(any, principal_matches(a, &list->at[i], principal));
    return any;
}
