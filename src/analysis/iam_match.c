#include "analysis/iam_match.h"

/* Allow patterns times Deny statements that are looked at one by one; beyond that only the query as a whole. */
enum { MAX_INTERSECTIONS = 200000 };

struct iam_query iam_query_of(struct arena *a, str action, str resource)
{
    return (struct iam_query){
        .arena = a,
        .action = iam_pattern_text(a, action, IAM_FOLD_CASE),
        .resource = iam_pattern_text(a, resource, 0),
    };
}

static enum iam_answer answer_of(bool b)
{
    return b ? IAM_YES : IAM_NO;
}

static enum iam_answer has_one(const struct iam_list *list, const struct iam_pattern *asked, bool some)
{
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < list->n && any != IAM_YES; i++)
        any = iam_or(any, some ? iam_overlaps(&list->at[i], asked) : iam_covers(&list->at[i], asked));
    return any;
}

/* What is not in the list: all of what is asked must lie outside, or with `some` not all inside. */
static enum iam_answer lies_outside(const struct iam_list *list, const struct iam_pattern *asked, bool some)
{
    return iam_not(has_one(list, asked, !some));
}

enum iam_answer iam_statement_has_action(const struct iam_statement *s, const struct iam_pattern *action, bool some)
{
    if (s->actions.given)
        return has_one(&s->actions, action, some);
    return s->not_actions.given ? lies_outside(&s->not_actions, action, some) : IAM_NO;
}

/* Trust policies have no resources. */
enum iam_answer iam_statement_has_resource(const struct iam_statement *s, const struct iam_pattern *resource, bool some)
{
    if (s->resources.given)
        return has_one(&s->resources, resource, some);
    return s->not_resources.given ? lies_outside(&s->not_resources, resource, some) : IAM_YES;
}

static enum iam_answer conditions_hold(const struct iam_statement *s, const struct iam_context *context)
{
    enum iam_answer all = s->conditions_unknown ? IAM_MAYBE : IAM_YES;
    if (!context) {
        if (s->effect == IAM_DENY)
            return s->n_conditions ? IAM_NO : all;
        return iam_not(iam_is_narrowed(s));
    }
    for (size_t i = 0; i < s->n_conditions; i++)
        all = iam_and(all, iam_condition_holds(&s->condition[i], context));
    return all;
}

static enum iam_answer has_principal(const struct iam_statement *s, const struct iam_query *q)
{
    if (!q->context || !q->context->principal)
        return IAM_YES;
    if (s->principals.given)
        return iam_principal_matches(q->arena, &s->principals, q->context->principal);
    if (s->not_principals.given)
        return iam_not(iam_principal_matches(q->arena, &s->not_principals, q->context->principal));
    return IAM_YES;
}

static enum iam_answer applies(const struct iam_statement *s, const struct iam_query *q, enum iam_effect effect)
{
    if (s->effect != effect && s->effect != IAM_EFFECT_UNKNOWN)
        return s->unclear ? IAM_MAYBE : IAM_NO;
    if (q->context && s->variables)
        s = iam_statement_in(q->arena, s, q->context);
    enum iam_answer answer = iam_statement_has_action(s, &q->action, q->some);
    if (answer != IAM_NO)
        answer = iam_and(answer, iam_statement_has_resource(s, &q->resource, q->some));
    if (answer != IAM_NO)
        answer = iam_and(answer, conditions_hold(s, q->context));
    if (answer != IAM_NO)
        answer = iam_and(answer, has_principal(s, q));
    if (s->unclear)
        return IAM_MAYBE;
    return s->effect == IAM_EFFECT_UNKNOWN ? iam_and(answer, IAM_MAYBE) : answer;
}

static enum iam_answer denied(const struct iam_policy *p, const struct iam_query *q)
{
    struct iam_query whole = *q;
    whole.some = false;
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < p->n && any != IAM_YES; i++)
        if (p->at[i].effect != IAM_ALLOW)
            any = iam_or(any, applies(&p->at[i], &whole, IAM_DENY));
    return any;
}

static const struct iam_pattern *narrower(const struct iam_pattern *asked, const struct iam_pattern *granted)
{
    return iam_covers(asked, granted) == IAM_YES ? granted : asked;
}

static size_t count_denies(const struct iam_policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->at[i].effect != IAM_ALLOW;
    return n;
}

/* Is something of what the statement gives left by the denies? */
static enum iam_answer is_left(const struct iam_policy *p, const struct iam_statement *s, const struct iam_query *q,
                               size_t denies)
{
    static const struct iam_pattern everything = {.text = {"*", 1}, .wild = true};
    size_t n_actions = s->actions.n ? s->actions.n : 1, n_resources = s->resources.n ? s->resources.n : 1;
    if (n_actions * n_resources * denies > MAX_INTERSECTIONS)
        return iam_not(denied(p, q));
    enum iam_answer left = IAM_NO;
    struct iam_query part = *q;
    for (size_t i = 0; i < n_actions && left != IAM_YES; i++) {
        const struct iam_pattern *action = s->actions.n ? &s->actions.at[i] : &everything;
        if (iam_overlaps(action, &q->action) == IAM_NO)
            continue;
        part.action = *narrower(&q->action, action);
        for (size_t k = 0; k < n_resources && left != IAM_YES; k++) {
            const struct iam_pattern *resource = s->resources.n ? &s->resources.at[k] : &everything;
            if (iam_overlaps(resource, &q->resource) == IAM_NO)
                continue;
            part.resource = *narrower(&q->resource, resource);
            left = iam_or(left, iam_not(denied(p, &part)));
        }
    }
    return left;
}

static enum iam_answer with_unknown_parts(const struct iam_policy *p, enum iam_answer answer)
{
    if (p->partial || (answer == IAM_NO && p->missing_policies))
        return IAM_MAYBE;
    return answer;
}

enum iam_answer iam_allows(const struct iam_policy *p, const struct iam_query *q)
{
    enum iam_answer any = IAM_NO;
    size_t denies = count_denies(p);
    for (size_t i = 0; i < p->n && any != IAM_YES; i++) {
        const struct iam_statement *s = &p->at[i];
        enum iam_answer given = s->effect == IAM_DENY ? IAM_NO : applies(s, q, IAM_ALLOW);
        if (given != IAM_NO && denies && q->some)
            given = iam_and(given, is_left(p, s, q, denies));
        any = iam_or(any, given);
    }
    if (any != IAM_NO && denies && !q->some)
        any = iam_and(any, iam_not(denied(p, q)));
    any = with_unknown_parts(p, any);
    return p->boundary && any != IAM_NO ? iam_and(any, iam_allows(p->boundary, q)) : any;
}

const struct iam_statement *iam_allowing(const struct iam_policy *p, const struct iam_query *q)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].effect == IAM_ALLOW && applies(&p->at[i], q, IAM_ALLOW) == IAM_YES)
            return &p->at[i];
    return NULL;
}

enum iam_answer iam_denies(const struct iam_policy *p, const struct iam_query *q)
{
    enum iam_answer answer = denied(p, q);
    if (p->boundary)
        answer = iam_or(answer, denied(p->boundary, q));
    return p->partial && answer == IAM_NO ? IAM_MAYBE : answer;
}

/* ---- public access ---- */

static enum iam_answer is_for_anyone(const struct iam_statement *s)
{
    if (!s->principals.given)
        return answer_of(s->not_principals.given);
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < s->principals.n; i++)
        any = iam_or(any, iam_principal_is_anyone(&s->principals.at[i]));
    return any;
}

static enum iam_answer holds_for_strangers(const struct iam_statement *s)
{
    enum iam_answer all = s->conditions_unknown ? IAM_MAYBE : IAM_YES;
    for (size_t i = 0; i < s->n_conditions; i++)
        all = iam_and(all, iam_condition_holds_for_strangers(&s->condition[i]));
    return all;
}

/* All that the Allow gives is denied to strangers by `deny`. */
static enum iam_answer cuts_off(const struct iam_statement *deny, const struct iam_statement *allow)
{
    enum iam_answer answer = iam_and(is_for_anyone(deny), holds_for_strangers(deny));
    if (answer == IAM_NO || !allow->actions.n)
        return allow->actions.n ? answer : IAM_NO;
    for (size_t i = 0; i < allow->actions.n && answer != IAM_NO; i++)
        answer = iam_and(answer, iam_statement_has_action(deny, &allow->actions.at[i], false));
    for (size_t i = 0; i < allow->resources.n && answer != IAM_NO; i++)
        answer = iam_and(answer, iam_statement_has_resource(deny, &allow->resources.at[i], false));
    return answer;
}

enum iam_answer iam_statement_is_public(const struct iam_policy *p, const struct iam_statement *s,
                                        const struct iam_pattern *action)
{
    if (s->effect == IAM_DENY)
        return IAM_NO;
    enum iam_answer answer = iam_and(is_for_anyone(s), iam_not(iam_limits_principal(s)));
    if (answer != IAM_NO)
        answer = iam_and(answer, iam_statement_has_action(s, action, true));
    for (size_t i = 0; i < p->n && answer != IAM_NO; i++)
        if (p->at[i].effect == IAM_DENY && !p->at[i].unclear)
            answer = iam_and(answer, iam_not(cuts_off(&p->at[i], s)));
    if (s->unclear)
        return IAM_MAYBE;
    return s->effect == IAM_EFFECT_UNKNOWN ? iam_and(answer, IAM_MAYBE) : answer;
}

enum iam_answer iam_allows_public(const struct iam_policy *p, const struct iam_pattern *action)
{
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < p->n && any != IAM_YES; i++)
        any = iam_or(any, iam_statement_is_public(p, &p->at[i], action));
    return with_unknown_parts(p, any);
}

/* ---- TLS ---- */

static bool is_insecure_transport(const struct iam_condition *c)
{
    return str_eq_c(c->key, "aws:securetransport") && c->op == IAM_OP_BOOL && !c->quantifier && c->values.n == 1 &&
           !c->values.at[0].holes && str_eq_c(c->values.at[0].text, "false");
}

/* A Deny for everybody whose only condition passes the test. */
static enum iam_answer denies_everybody_if(const struct iam_statement *s,
                                           enum iam_answer (*test)(const struct iam_condition *c, double x), double x)
{
    if (s->effect == IAM_ALLOW || s->n_conditions > 1 || (s->n_conditions == 0 && !s->conditions_unknown))
        return IAM_NO;
    enum iam_answer answer = s->n_conditions ? test(&s->condition[0], x) : IAM_MAYBE;
    if (s->conditions_unknown || s->effect == IAM_EFFECT_UNKNOWN || s->unclear)
        answer = iam_and(answer, IAM_MAYBE);
    return iam_and(answer, is_for_anyone(s));
}

static enum iam_answer test_transport(const struct iam_condition *c, double x)
{
    (void)x;
    bool unsure =
        c->op == IAM_OP_UNKNOWN || (str_eq_c(c->key, "aws:securetransport") && c->values.n && c->values.at[0].open);
    return is_insecure_transport(c) ? IAM_YES : unsure ? IAM_MAYBE : IAM_NO;
}

static enum iam_answer test_version(const struct iam_condition *c, double version)
{
    double least;
    bool is_version = str_eq_c(c->key, "s3:tlsversion") || str_eq_c(c->key, "aws:tlsversion");
    if (!is_version || c->op != IAM_OP_NUMBER || c->order != IAM_LT || c->values.n != 1)
        return c->op == IAM_OP_UNKNOWN ? IAM_MAYBE : IAM_NO;
    if (c->values.at[0].holes)
        return IAM_MAYBE;
    return answer_of(str_to_double(c->values.at[0].text, &least) && least >= version - 1e-9);
}

static str service_of(const struct iam_statement *s)
{
    for (size_t i = 0; i < s->actions.n; i++) {
        size_t colon = str_find_char(s->actions.at[i].text, ':');
        if (colon != SIZE_MAX)
            return str_slice(s->actions.at[i].text, 0, colon);
    }
    return STR_NONE;
}

/* The actions by which data travel, where a service has others besides. */
static const struct {
    const char *service, *action[4];
} data_actions[] = {
    {"s3", {"s3:getobject", "s3:putobject", "s3:deleteobject", "s3:listbucket"}},
    {"elasticfilesystem",
     {"elasticfilesystem:clientmount", "elasticfilesystem:clientwrite", "elasticfilesystem:clientrootaccess"}},
};

static enum iam_answer covers_data(const struct iam_statement *s, str service)
{
    for (size_t i = 0; i < ARRAY_LEN(data_actions); i++) {
        if (!str_eq_c(service, data_actions[i].service))
            continue;
        enum iam_answer all = IAM_YES;
        for (size_t j = 0; j < ARRAY_LEN(data_actions[i].action) && data_actions[i].action[j]; j++) {
            struct iam_pattern one = {.text = str_of(data_actions[i].action[j])};
            all = iam_and(all, iam_statement_has_action(s, &one, false));
        }
        return all;
    }
    return IAM_NO;
}

/* All actions, or those by which data travel. */
static enum iam_answer covers_service(struct arena *a, const struct iam_statement *s, str service)
{
    if (!service.n)
        service = service_of(s);
    struct iam_pattern all =
        iam_pattern_text(a, service.n ? arena_printf(a, STR_FMT ":*", STR_ARG(service)) : STR("*"), IAM_FOLD_CASE);
    enum iam_answer answer = iam_statement_has_action(s, &all, false);
    return answer == IAM_YES ? answer : iam_or(answer, covers_data(s, service));
}

/* A bucket and its objects are different resources; both must be covered. */
struct bucket_parts {
    enum iam_answer bucket, objects;
};

static void add_parts(struct bucket_parts *parts, const struct iam_statement *s, enum iam_answer how)
{
    if (!s->resources.given) {
        enum iam_answer all = iam_and(how, answer_of(!s->not_resources.n));
        parts->bucket = iam_or(parts->bucket, all);
        parts->objects = iam_or(parts->objects, all);
        return;
    }
    for (size_t i = 0; i < s->resources.n; i++) {
        const struct iam_pattern *r = &s->resources.at[i];
        bool unknown = r->open && !r->text.n;
        bool below = str_ends(r->text, STR("/*"));
        bool star = str_ends(r->text, STR("*"));
        bool bucket = !below && (star || str_find_char(r->text, '/') == SIZE_MAX);
        parts->bucket = iam_or(parts->bucket, unknown ? IAM_MAYBE : iam_and(how, answer_of(bucket)));
        parts->objects = iam_or(parts->objects, unknown ? IAM_MAYBE : iam_and(how, answer_of(star)));
    }
}

enum iam_answer iam_denies_insecure_transport(struct arena *a, const struct iam_policy *p, str service)
{
    enum iam_answer any = IAM_NO;
    struct bucket_parts parts = {IAM_NO, IAM_NO};
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        enum iam_answer here = denies_everybody_if(s, test_transport, 0);
        if (here != IAM_NO)
            here = iam_and(here, covers_service(a, s, service));
        if (here == IAM_NO)
            continue;
        if (str_eq_c(service.n ? service : service_of(s), "s3"))
            add_parts(&parts, s, here);
        else
            any = iam_or(any, here);
    }
    any = iam_or(any, iam_and(parts.bucket, parts.objects));
    return p->partial && any == IAM_NO ? IAM_MAYBE : any;
}

enum iam_answer iam_requires_tls(const struct iam_policy *p, double version)
{
    enum iam_answer any = IAM_NO;
    for (size_t i = 0; i < p->n; i++)
        any = iam_or(any, denies_everybody_if(&p->at[i], test_version, version));
    return p->partial && any == IAM_NO ? IAM_MAYBE : any;
}

/* ---- guards in Allow statements ---- */

/* Services that pass neither aws:SourceArn nor aws:SourceAccount when they assume a role. */
static bool passes_no_source(str service)
{
    static const char *const names[] = {"ec2",           "lambda",        "edgelambda",       "eks",
                                        "eks-nodegroup", "ecs",           "elasticmapreduce", "elasticbeanstalk",
                                        "opsworks",      "ssm-incidents", "spotfleet",        "spot"};
    str name = str_slice(service, 0, str_find_char(service, '.'));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(name, names[i]))
            return true;
    return false;
}

/* A value that somebody has to know or be: not a wildcard for all, not an empty text. */
static enum iam_answer is_demanding(const struct iam_pattern *value)
{
    return value->text.n || value->holes ? iam_not(iam_is_everything(value)) : IAM_NO;
}

static enum iam_answer has_key(const struct iam_statement *s, const char *const *keys, size_t n)
{
    enum iam_answer any = s->conditions_unknown ? IAM_MAYBE : IAM_NO;
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct iam_condition *c = &s->condition[i];
        for (size_t k = 0; k < n; k++)
            if (str_eq_c(c->key, keys[k]) && !c->if_exists && !c->negated && c->quantifier != IAM_FOR_ALL &&
                c->values.n)
                any = iam_or(any, c->op == IAM_OP_BOOL ? answer_of(str_eq_c(c->values.at[0].text, "true"))
                                                       : is_demanding(&c->values.at[0]));
    }
    return any;
}

enum iam_answer iam_guards_confused_deputy(const struct iam_policy *p)
{
    static const char *const keys[] = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"};
    enum iam_answer all = p->partial ? IAM_MAYBE : IAM_YES;
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        for (size_t k = 0; k < s->principals.n && s->effect != IAM_DENY; k++) {
            const struct iam_principal *who = &s->principals.at[k];
            if (who->kind == IAM_SERVICE && !passes_no_source(who->id.text))
                all = iam_and(all, has_key(s, keys, ARRAY_LEN(keys)));
        }
    }
    return all;
}

enum iam_answer iam_guards_accounts(const struct iam_policy *p)
{
    static const char *const keys[] = {"sts:externalid", "aws:principalorgid", "aws:principalorgpaths",
                                       "aws:multifactorauthpresent"};
    enum iam_answer all = p->partial ? IAM_MAYBE : IAM_YES;
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        for (size_t k = 0; k < s->principals.n && s->effect != IAM_DENY; k++) {
            const struct iam_principal *who = &s->principals.at[k];
            if (iam_principal_account(who).n)
                all = iam_and(all, has_key(s, keys, ARRAY_LEN(keys)));
            else if (iam_principal_is_open(who))
                all = iam_and(all, iam_or(IAM_MAYBE, has_key(s, keys, ARRAY_LEN(keys))));
        }
    }
    return all;
}
