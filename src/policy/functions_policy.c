/* Functions of policy documents: thin covers over src/analysis/iam_*.h. */
#include "analysis/iam_index.h"
#include "analysis/iam_statements.h"
#include "analysis/iam_trust.h"
#include "analysis/iam_values.h"
#include "analysis/rbac_rules.h"
#include "policy/environment.h"
#include "policy/policy_value.h"

static const struct analysis *analysis_of(const struct cel_context *c)
{
    return ((const struct environment *)c->data)->facts;
}

static struct cel_value from_answer(enum iam_answer answer, const struct iam_policy *p)
{
    if (answer == IAM_MAYBE)
        return cel_unknown(p->reason.n ? p->reason : STR("a part of the policy is not known"));
    return cel_bool(answer == IAM_YES);
}

/* A finding about the document points to the statement. */
static void point_to_statement(struct cel_context *c, const struct cel_value *policy, const struct iam_statement *s)
{
    if (s)
        cel_point(c, policy->from, s->value);
}

/* ---- requests ---- */

static bool read_query(struct cel_context *c, const struct cel_value *arg, size_t n, struct iam_query *ret,
                       struct iam_context *context)
{
    *ret = (struct iam_query){.arena = c->arena};
    if (!policy_pattern(c, &arg[1], IAM_FOLD_CASE, &ret->action))
        return false;
    if (n < 3)
        ret->resource = iam_pattern_text(c->arena, STR("*"), 0);
    else if (!policy_pattern(c, &arg[2], 0, &ret->resource))
        return false;
    if (n < 4)
        return true;
    ret->context = context;
    return policy_context(c, &arg[3], context);
}

static struct cel_value ask(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n, bool some,
                            enum iam_answer (*fn)(const struct iam_policy *p, const struct iam_query *q))
{
    const struct iam_policy *p;
    const struct value *known;
    struct iam_query q;
    struct iam_context context;
    if (arg[0].kind == CEL_UNKNOWN || (n > 3 && arg[3].kind == CEL_UNKNOWN))
        return arg[0].kind == CEL_UNKNOWN ? arg[0] : arg[3];
    if (!policy_of(c, &arg[0], &p, &known) || !read_query(c, arg, n, &q, &context))
        return cel_no_overload(c, name, arg, n);
    q.some = some;
    enum iam_answer answer = fn(p, &q);
    if (n > 2 && answer != IAM_YES && policy_pattern_inside(c, &arg[2], &q.resource))
        answer = iam_or(answer, fn(p, &q));
    if (answer == IAM_YES && fn == iam_allows)
        point_to_statement(c, &arg[0], iam_allowing(p, &q));
    return from_answer(answer, p);
}

static struct cel_value allows(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return ask(c, "allows", arg, n, false, iam_allows);
}

static struct cel_value allows_some(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return ask(c, "allowsSome", arg, n, true, iam_allows);
}

static struct cel_value denies(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return ask(c, "denies", arg, n, false, iam_denies);
}

/* ---- public access and guards ---- */

static struct cel_value allows_public(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    struct iam_pattern action = iam_pattern_text(c->arena, STR("*"), 0);
    if (!policy_of(c, &arg[0], &p, &known) || (n > 1 && !policy_pattern(c, &arg[1], IAM_FOLD_CASE, &action)))
        return cel_no_overload(c, "allowsPublic", arg, n);
    enum iam_answer answer = iam_allows_public(p, &action);
    for (size_t i = 0; answer == IAM_YES && i < p->n; i++) {
        if (iam_statement_is_public(p, &p->at[i], &action) == IAM_YES) {
            point_to_statement(c, &arg[0], &p->at[i]);
            break;
        }
    }
    return from_answer(answer, p);
}

static struct cel_value guards(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n,
                               enum iam_answer (*fn)(const struct iam_policy *p))
{
    const struct iam_policy *p;
    const struct value *known;
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, name, arg, n);
    return from_answer(fn(p), p);
}

static struct cel_value guards_deputy(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return guards(c, "guardsConfusedDeputy", arg, n, iam_guards_confused_deputy);
}

static struct cel_value guards_accounts(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return guards(c, "externalAccountsGuarded", arg, n, iam_guards_accounts);
}

static struct cel_value denies_insecure(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    if (!policy_of(c, &arg[0], &p, &known) || (n > 1 && arg[1].kind != CEL_STRING))
        return cel_no_overload(c, "deniesInsecureTransport", arg, n);
    return from_answer(iam_denies_insecure_transport(c->arena, p, n > 1 ? arg[1].u.text : STR_NONE), p);
}

static struct cel_value requires_tls(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    double version;
    if (!policy_of(c, &arg[0], &p, &known) || arg[1].kind != CEL_STRING || !str_to_double(arg[1].u.text, &version))
        return cel_no_overload(c, "requiresTls", arg, n);
    return from_answer(iam_requires_tls(p, version), p);
}

/* ---- lists ---- */

/* What was made from a document stands where the document does. */
static struct cel_value list_of(struct cel_context *c, const struct value *v, const struct cel_value *from)
{
    cel_point_into(c, from->from, v);
    return cel_from_graph(c, v, from->owner);
}

/* Of what should not be there the first is as good as any. */
static struct cel_value offender_list(struct cel_context *c, const struct value *v, const struct cel_value *from)
{
    struct cel_value list = list_of(c, v, from);
    if (value_is(v, VALUE_LIST) && v->u.list.n)
        cel_point(c, from->from, v->u.list.item[0]);
    return list;
}

static struct cel_value statements(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, "statements", arg, n);
    const struct value *list = known ? iam_statements_of(analysis_of(c), known) : iam_statement_list(c->arena, p);
    return list_of(c, list, &arg[0]);
}

static struct cel_value public_statements(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    struct iam_pattern anything = iam_pattern_text(c->arena, STR("*"), 0);
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, "publicStatements", arg, n);
    const struct value *all = known ? iam_statements_of(analysis_of(c), known) : iam_statement_list(c->arena, p);
    struct item_list items = {0};
    bool unsure = p->partial;
    for (size_t i = 0; i < p->n; i++) {
        enum iam_answer one = iam_statement_is_public(p, &p->at[i], &anything);
        if (one == IAM_YES)
            VEC_PUSH(&items, all->u.list.item[i]);
        unsure = unsure || one == IAM_MAYBE;
    }
    if (unsure && !items.n)
        return from_answer(IAM_MAYBE, p);
    return offender_list(c, item_list_end(c->arena, &items, false, NULL), &arg[0]);
}

typedef bool principal_fn(void *context, const struct iam_statement *s);

static const struct value *principals_where(struct arena *a, const struct iam_policy *p, principal_fn *fn,
                                            void *context)
{
    struct item_list items = {0};
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        for (size_t k = 0; k < s->principals.n && s->effect != IAM_DENY && fn(context, s); k++)
            VEC_PUSH(&items, iam_principal_value(a, &s->principals.at[k]));
    }
    return item_list_end(a, &items, p->partial, NULL);
}

static bool every_statement(void *context, const struct iam_statement *s)
{
    (void)context;
    (void)s;
    return true;
}

static bool gives(void *context, const struct iam_statement *s)
{
    const struct iam_query *q = context;
    return iam_and(iam_statement_has_action(s, &q->action, true), iam_statement_has_resource(s, &q->resource, true)) !=
           IAM_NO;
}

static struct cel_value principals(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, "principals", arg, n);
    return list_of(c, principals_where(c->arena, p, every_statement, NULL), &arg[0]);
}

static struct cel_value grantees(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    struct iam_query q;
    struct iam_context context;
    if (!policy_of(c, &arg[0], &p, &known) || !read_query(c, arg, n, &q, &context))
        return cel_no_overload(c, "grantees", arg, n);
    return list_of(c, principals_where(c->arena, p, gives, &q), &arg[0]);
}

static struct cel_value accounts(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, "accounts", arg, n);
    return list_of(c, iam_trustees(c->arena, p, IAM_TRUSTEE_ACCOUNTS), &arg[0]);
}

static struct cel_value web_identities(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct iam_policy *p;
    const struct value *known;
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, "webIdentities", arg, n);
    return list_of(c, iam_web_identities(c->arena, p), &arg[0]);
}

/* ---- actions ---- */

static bool read_levels(const struct cel_value *arg, size_t n, unsigned *ret)
{
    static const struct {
        const char *name;
        enum iam_level level;
    } levels[] = {{"read", IAM_READ},
                  {"write", IAM_WRITE},
                  {"list", IAM_LIST},
                  {"tagging", IAM_TAGGING},
                  {"permissions", IAM_PERMISSIONS}};
    *ret = n ? 0 : IAM_ANY_LEVEL;
    for (size_t i = 0; i < n; i++) {
        unsigned found = 0;
        for (size_t k = 0; k < ARRAY_LEN(levels) && arg[i].kind == CEL_STRING; k++)
            found |= str_eq_c(arg[i].u.text, levels[k].name) ? levels[k].level : 0;
        if (!found)
            return false;
        *ret |= found;
    }
    return true;
}

static struct cel_value offenders(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n,
                                  struct iam_offence_query *q)
{
    const struct iam_policy *p;
    const struct value *known;
    q->facts = iam_facts_of(analysis_of(c));
    if (!policy_of(c, &arg[0], &p, &known))
        return cel_no_overload(c, name, arg, n);
    return offender_list(c, iam_offenders(c->arena, p, q), &arg[0]);
}

static struct cel_value wildcard_actions(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return offenders(c, "wildcardActions", arg, n, &(struct iam_offence_query){.what = IAM_WILDCARD_ACTIONS});
}

static struct cel_value whole_services(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct iam_offence_query q = {.what = IAM_WHOLE_SERVICES, .resource = iam_pattern_text(c->arena, STR("*"), 0)};
    if (n > 1 && !policy_pattern(c, &arg[1], 0, &q.resource))
        return cel_no_overload(c, "wholeServices", arg, n);
    return offenders(c, "wholeServices", arg, n, &q);
}

static struct cel_value broad_actions(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct iam_offence_query q = {.what = IAM_BROAD_ACTIONS};
    if (!read_levels(arg + 1, n - 1, &q.levels))
        return cel_no_overload(c, "broadActions", arg, n);
    return offenders(c, "broadActions", arg, n, &q);
}

static struct cel_value reached_actions(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct iam_pattern action;
    unsigned levels;
    if (!policy_pattern(c, &arg[0], IAM_FOLD_CASE, &action) || !read_levels(arg + 1, n - 1, &levels))
        return cel_no_overload(c, "iamActions", arg, n);
    cel_spend(c, 2000);
    return cel_from_graph(c, iam_reached(c->arena, iam_facts_of(analysis_of(c)), &action, levels), 0);
}

static struct cel_value managed_policy(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    if (arg[0].kind != CEL_STRING)
        return cel_no_overload(c, "managedPolicy", arg, n);
    const struct iam_facts *facts = iam_facts_of(analysis_of(c));
    const struct value *document = facts ? iam_managed_find(facts, arg[0].u.text) : NULL;
    return document ? cel_from_graph(c, document, 0)
                    : cel_unknown(STR("the statements of the managed policy are not known"));
}

/* ---- RBAC ---- */

static struct cel_value permits(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (arg[i].kind != CEL_STRING)
            return cel_no_overload(c, "permits", arg, n);
    if (arg[0].kind != CEL_LIST && arg[0].kind != CEL_MAP)
        return cel_no_overload(c, "permits", arg, n);
    const struct value *rules = policy_plain_value(c, &arg[0]);
    if (rules && rules->kind == VALUE_LIST && !cel_spend(c, 1 + rules->u.list.n))
        return cel_null();
    enum iam_answer answer = rbac_permits(rules, arg[1].u.text, arg[2].u.text, n > 3 ? arg[3].u.text : STR_NONE);
    return answer == IAM_MAYBE ? cel_unknown(STR("the rules are not fully known")) : cel_bool(answer == IAM_YES);
}

#define PARTS_UNKNOWN "unknown when it hangs on a part of the policy that is not known"
#define LIST_UNKNOWN  "unknown when none is certain and some are possible"

static const struct cel_function functions[] = {
    {"statements", CEL_METHOD, 1, 1, statements, "policy.statements() -> list of maps",
     "The statements: effect, allow, sid, actions, not_actions, resources, not_resources, principals and "
     "not_principals (type, id, "
     "account, any, root), conditions (operator, key, values), conditioned, narrowed, public. What is not written is "
     "absent.",
     "the list is partial when statements are not known", "resource.policy.statements().all(s, s.sid != 'Everything')"},
    {"allows", CEL_METHOD | CEL_SEES_UNKNOWN, 2, 4, allows, "policy.allows(action, resource?, context?) -> bool",
     "An Allow covers the whole of the action and the resource (`*` when left out; a resource of the graph means its "
     "ARN, a bucket its objects too), and no Deny does. "
     "Without a context an Allow that a condition narrows does not count; with one (condition key to value; null: not "
     "in the request; "
     "`principal`: an ARN or 'service:NAME') conditions are evaluated.",
     PARTS_UNKNOWN, "resource.policy.allows('s3:GetObject', '*')"},
    {"allowsSome", CEL_METHOD | CEL_SEES_UNKNOWN, 2, 4, allows_some,
     "policy.allowsSome(action, resource?, context?) -> bool",
     "At least one request that matches both patterns is allowed.", PARTS_UNKNOWN,
     "resource.policy.allowsSome('kms:*', '*')"},
    {"denies", CEL_METHOD | CEL_SEES_UNKNOWN, 2, 4, denies, "policy.denies(action, resource?, context?) -> bool",
     "An explicit Deny covers the action and the resource, without conditions or in the context.", PARTS_UNKNOWN,
     "resource.policy.denies('s3:DeleteBucket')"},
    {"allowsPublic", CEL_METHOD, 1, 2, allows_public, "policy.allowsPublic(action?) -> bool",
     "Strangers may do (some of) the action: an Allow for everybody that no condition on source or principal limits to "
     "concrete values "
     "and no Deny cuts off.",
     PARTS_UNKNOWN, "resource.policy.allowsPublic()"},
    {"publicStatements", CEL_METHOD, 1, 1, public_statements, "policy.publicStatements() -> list of statements",
     "The statements that let strangers in.", LIST_UNKNOWN, "resource.policy.publicStatements().size() == 0"},
    {"principals", CEL_METHOD, 1, 1, principals, "policy.principals() -> list of {type, id, account, any, root}",
     "Whom Allow statements name.", NULL, "resource.policy.principals().exists(p, p.type == 'Service')"},
    {"grantees", CEL_METHOD, 2, 3, grantees,
     "policy.grantees(action, resource?) -> list of {type, id, account, any, root}",
     "Whom Allow statements may give something of the action.", NULL,
     "resource.policy.grantees('kms:Decrypt').size() > 0"},
    {"accounts", CEL_METHOD, 1, 1, accounts, "policy.accounts() -> list of strings",
     "Account numbers that Allow statements name.", "the list is partial when principals are not known",
     "resource.policy.accounts().all(a, a in param.trusted_accounts)"},
    {"webIdentities", CEL_METHOD, 1, 1, web_identities,
     "policy.webIdentities() -> list of {provider, kind, subjects, audiences, subject_bound, audience_bound}",
     "The OIDC identities of a trust policy; kind is eks, github, gitlab or other; bound: the claim is tied to one "
     "workload or repository.",
     NULL, "resource.assume_role_policy.webIdentities().all(w, w.subject_bound)"},
    {"wildcardActions", CEL_METHOD, 1, 1, wildcard_actions, "policy.wildcardActions() -> list of strings",
     "Actions of Allow statements that have a wildcard in them, as written.", LIST_UNKNOWN,
     "resource.policy.wildcardActions().size() == 0"},
    {"wholeServices", CEL_METHOD, 1, 2, whole_services, "policy.wholeServices(resource?) -> list of strings",
     "Services of which every action is given on the resource (`*` when left out), not narrowed: 's3', or '*' for all.",
     LIST_UNKNOWN, "!('s3' in resource.policy.wholeServices())"},
    {"broadActions", CEL_METHOD, 1, 6, broad_actions, "policy.broadActions(level...) -> list of strings",
     "Actions that are given on every resource, not narrowed, though they reach actions of these access levels (read, "
     "write, list, "
     "tagging, permissions; none: any) that can be limited to resources.",
     LIST_UNKNOWN, "resource.policy.broadActions('write', 'permissions').size() == 0"},
    {"guardsConfusedDeputy", CEL_METHOD, 1, 1, guards_deputy, "policy.guardsConfusedDeputy() -> bool",
     "Every Allow of a service principal that can say so asks for the source account, ARN or organisation.",
     PARTS_UNKNOWN, "resource.assume_role_policy.guardsConfusedDeputy()"},
    {"externalAccountsGuarded", CEL_METHOD, 1, 1, guards_accounts, "policy.externalAccountsGuarded() -> bool",
     "Every Allow that names an account by number asks for an external id, an organisation or MFA.", PARTS_UNKNOWN,
     "resource.assume_role_policy.externalAccountsGuarded()"},
    {"deniesInsecureTransport", CEL_METHOD, 1, 2, denies_insecure, "policy.deniesInsecureTransport(service?) -> bool",
     "A Deny for everybody covers all actions of the service (of S3 at least reading, writing, deleting and listing, "
     "of EFS what clients do, "
     "for bucket and objects) "
     "when aws:SecureTransport is false.",
     PARTS_UNKNOWN, "resource.policy.deniesInsecureTransport('s3')"},
    {"requiresTls", CEL_METHOD, 2, 2, requires_tls, "policy.requiresTls(version) -> bool",
     "A Deny for everybody applies below that version of TLS.", PARTS_UNKNOWN, "resource.policy.requiresTls('1.2')"},
    {"iamActions", CEL_GLOBAL, 1, 6, reached_actions, "iamActions(pattern, level...) -> list of strings",
     "Known actions that the pattern reaches, of these access levels.", NULL,
     "'s3:GetObject' in iamActions('s3:Get*', 'read')"},
    {"managedPolicy", CEL_GLOBAL, 1, 1, managed_policy, "managedPolicy(arn or name) -> policy",
     "The document of an AWS managed policy.", "unknown when it is not among the known ones",
     "managedPolicy('AdministratorAccess').allows('*')"},
    {"permits", CEL_METHOD, 3, 4, permits, "rules.permits(verb, resource, group?) -> bool",
     "A Kubernetes RBAC rule (or one of a list) permits the verb on all objects of the resource ('pods', 'pods/exec'); "
     "the API group when it "
     "is given ('core' for the one without a name). Rules with resource_names do not count.",
     "unknown when it hangs on rules that are not known", "resource.effective_rules.permits('get', 'secrets')"},
};

const struct cel_function_table functions_policy = {"policy", functions, ARRAY_LEN(functions)};
