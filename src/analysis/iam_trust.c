#include "analysis/iam_trust.h"

#include "analysis/iam_values.h"

static const char web_identity[] = "sts:assumerolewithwebidentity";

static bool has_item(const struct item_list *items, const struct value *v)
{
    for (size_t i = 0; i < items->n; i++)
        if (value_equal(items->at[i], v))
            return true;
    return false;
}

static const struct value *trustee(struct arena *a, const struct iam_principal *p, enum iam_trustee which)
{
    static const enum iam_principal_kind kinds[] = {IAM_SERVICE, IAM_AWS, IAM_FEDERATED};
    if (p->kind != kinds[which])
        return NULL;
    if (which != IAM_TRUSTEE_ACCOUNTS)
        return p->id.value;
    str account = iam_principal_account(p);
    return account.n ? value_string(a, account, p->id.value ? p->id.value->origin : NULL) : NULL;
}

const struct value *iam_trustees(struct arena *a, const struct iam_policy *p, enum iam_trustee which)
{
    enum { MOST = 200 };
    struct item_list found = {0};
    bool partial = p->partial;
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        partial = partial || found.n >= MOST;
        for (size_t k = 0; k < s->principals.n && s->effect != IAM_DENY && found.n < MOST; k++) {
            const struct value *v = trustee(a, &s->principals.at[k], which);
            partial = partial || s->principals.at[k].kind == IAM_PRINCIPAL_UNKNOWN ||
                      (which == IAM_TRUSTEE_ACCOUNTS && iam_principal_is_open(&s->principals.at[k]));
            if (v && !has_item(&found, v))
                VEC_PUSH(&found, v);
        }
    }
    return item_list_end(a, &found, partial, NULL);
}

/* ---- web identities ---- */

enum provider_kind { PROVIDER_EKS, PROVIDER_GITHUB, PROVIDER_GITLAB, PROVIDER_OTHER };

static bool names(const struct iam_statement *s, const struct iam_pattern *id, const char *word)
{
    if (str_contains(id->text, str_of(word)))
        return true;
    for (size_t i = 0; i < s->n_conditions; i++)
        if (str_contains(s->condition[i].key, str_of(word)))
            return true;
    return false;
}

static bool subject_starts(const struct iam_statement *s, str prefix)
{
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct iam_condition *c = &s->condition[i];
        for (size_t k = 0; k < c->values.n && str_ends(c->key, STR(":sub")); k++)
            if (str_starts(c->values.at[k].text, prefix))
                return true;
    }
    return false;
}

static bool is_eks_provider(const struct iam_pattern *id)
{
    const struct ref *ref = value_find_ref(id->value);
    for (; ref; ref = ref->next)
        if (ref->target && (str_eq_c(sym_str(ref->target->kind), "aws.eks.cluster") ||
                            (str_eq_c(sym_str(ref->target->kind), "aws.iam.oidc_provider") &&
                             !value_is(value_get(ref->target->attributes, STR("url")), VALUE_STRING))))
            return true;
    return false;
}

static enum provider_kind kind_of(const struct iam_statement *s, const struct iam_pattern *id)
{
    if (names(s, id, "oidc.eks.") || subject_starts(s, STR("system:serviceaccount:")) ||
        subject_starts(s, STR("system:service")))
        return PROVIDER_EKS;
    if (names(s, id, "githubusercontent.com"))
        return PROVIDER_GITHUB;
    if (names(s, id, "gitlab"))
        return PROVIDER_GITLAB;
    return is_eks_provider(id) ? PROVIDER_EKS : PROVIDER_OTHER;
}

/* Is the value one subject? Of service accounts neither namespace nor name may be a pattern; of repositories neither
 * owner nor repository. */
static enum iam_answer is_bound_value(const struct iam_condition *c, const struct iam_pattern *p,
                                      enum provider_kind kind)
{
    if (p->open)
        return IAM_MAYBE;
    if (c->op == IAM_OP_STRING || c->op == IAM_OP_STRING_FOLDED || !p->wild)
        return IAM_YES;
    size_t star = str_find_char(p->text, '*');
    if (str_find_char(p->text, '?') < star)
        star = str_find_char(p->text, '?');
    if (kind == PROVIDER_EKS || kind == PROVIDER_OTHER)
        return IAM_NO;
    str before = str_slice(p->text, 0, star);
    size_t slash = str_find_char(before, '/');
    str repository = slash == SIZE_MAX ? STR_NONE : str_slice(before, slash + 1, before.n);
    return slash != SIZE_MAX && str_find_char(repository, ':') != SIZE_MAX ? IAM_YES : IAM_NO;
}

/* Do the conditions on "<issuer>:CLAIM" tie the token down? */
static enum iam_answer is_bound(const struct iam_statement *s, str claim, enum provider_kind kind)
{
    enum iam_answer any = s->conditions_unknown ? IAM_MAYBE : IAM_NO;
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct iam_condition *c = &s->condition[i];
        bool positive = !c->negated && !c->if_exists && c->quantifier != IAM_FOR_ALL && c->op <= IAM_OP_LIKE;
        if (!str_ends(c->key, claim) || !positive || !c->values.n)
            continue;
        enum iam_answer all = IAM_YES;
        for (size_t k = 0; k < c->values.n; k++)
            all = iam_and(all, str_eq_c(claim, ":aud") ? iam_not(iam_is_everything(&c->values.at[k]))
                                                       : is_bound_value(c, &c->values.at[k], kind));
        any = iam_or(any, all);
    }
    return any;
}

static const struct value *claim_values(struct arena *a, const struct iam_statement *s, str claim)
{
    struct item_list found = {0};
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct iam_condition *c = &s->condition[i];
        for (size_t k = 0; k < c->values.n && str_ends(c->key, claim); k++)
            if (c->values.at[k].value)
                VEC_PUSH(&found, c->values.at[k].value);
    }
    return item_list_end(a, &found, s->conditions_unknown, NULL);
}

static const struct value *answer_value(struct arena *a, enum iam_answer answer, const char *reason)
{
    return answer == IAM_MAYBE ? value_unknown(a, str_of(reason), NULL) : value_bool(a, answer == IAM_YES, NULL);
}

static const struct value *web_identity_value(struct arena *a, const struct iam_statement *s,
                                              const struct iam_pattern *id)
{
    static const char *const kinds[] = {"eks", "github", "gitlab", "other"};
    enum provider_kind kind = kind_of(s, id);
    struct field_list map = {0};
    field_list_add(&map, "provider", id->value);
    field_list_add_text(a, &map, "kind", str_of(kinds[kind]));
    field_list_add(&map, "subjects", claim_values(a, s, STR(":sub")));
    field_list_add(&map, "audiences", claim_values(a, s, STR(":aud")));
    field_list_add(&map, "subject_bound",
                   answer_value(a, is_bound(s, STR(":sub"), kind), "the condition on the subject is not known"));
    field_list_add(&map, "audience_bound",
                   answer_value(a, is_bound(s, STR(":aud"), kind), "the condition on the audience is not known"));
    return field_list_end(a, &map, s->value ? s->value->origin : NULL);
}

static bool is_web_identity(const struct iam_statement *s)
{
    static const struct iam_pattern action = {.text = {web_identity, sizeof(web_identity) - 1}};
    return s->effect != IAM_DENY && iam_statement_has_action(s, &action, false) != IAM_NO;
}

const struct value *iam_web_identities(struct arena *a, const struct iam_policy *p)
{
    struct item_list found = {0};
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        for (size_t k = 0; k < s->principals.n && is_web_identity(s); k++)
            if (s->principals.at[k].kind == IAM_FEDERATED)
                VEC_PUSH(&found, web_identity_value(a, s, &s->principals.at[k].id));
    }
    return item_list_end(a, &found, p->partial, NULL);
}

/* ---- service accounts ---- */

static enum iam_answer subject_allowed(const struct iam_statement *s, const struct iam_pattern *subject)
{
    enum iam_answer answer = s->conditions_unknown ? IAM_MAYBE : IAM_YES;
    for (size_t i = 0; i < s->n_conditions; i++) {
        const struct iam_condition *c = &s->condition[i];
        if (!str_ends(c->key, STR(":sub")))
            continue;
        enum iam_answer any = IAM_NO;
        for (size_t k = 0; k < c->values.n; k++)
            any = iam_or(any, iam_covers(&c->values.at[k], subject));
        answer = iam_and(answer, c->negated ? iam_not(any) : any);
    }
    return answer;
}

enum iam_answer iam_trusts_service_account(struct arena *a, const struct iam_policy *p, str subject)
{
    struct iam_pattern who = iam_pattern_text(a, subject, IAM_PLAIN);
    enum iam_answer any = p->partial ? IAM_MAYBE : IAM_NO;
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        bool federated = false;
        for (size_t k = 0; k < s->principals.n && is_web_identity(s); k++)
            federated = federated || s->principals.at[k].kind == IAM_FEDERATED ||
                        s->principals.at[k].kind == IAM_PRINCIPAL_UNKNOWN;
        if (federated)
            any = iam_or(any, subject_allowed(s, &who));
    }
    return any;
}

enum iam_answer iam_trusts_pod_identity(const struct iam_policy *p)
{
    enum iam_answer any = p->partial ? IAM_MAYBE : IAM_NO;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->at[i].principals.n && p->at[i].effect == IAM_ALLOW; k++) {
            const struct iam_principal *who = &p->at[i].principals.at[k];
            if (who->kind == IAM_SERVICE)
                any = iam_or(any, who->id.open                                       ? IAM_MAYBE
                                  : str_eq_c(who->id.text, "pods.eks.amazonaws.com") ? IAM_YES
                                                                                     : IAM_NO);
        }
    return any;
}
