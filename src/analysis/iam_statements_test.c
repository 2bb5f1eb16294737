#include "analysis/iam_statements.h"

#include "analysis/iam_testing.h"
#include "analysis/iam_trust.h"
#include "analysis/rbac_rules.h"

static str json_of(struct arena *a, const struct value *v)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    value_to_json(v, &out, 0);
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}

#define assert_json(a, v, text)                                                                                        \
    do {                                                                                                               \
        str assert_json_ = json_of((a), (v));                                                                          \
        if (!str_eq_c(assert_json_, (text)))                                                                           \
            fail_msg("got  " STR_FMT "\nwant %s", STR_ARG(assert_json_), (text));                                      \
    } while (0)

static const struct iam_policy *read_text(struct arena *a, const char *json)
{
    return iam_policy_read(a, NULL, testing_json(a, str_of(json)));
}

static void test_iam_statements__values(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct iam_policy *p = read_text(
        a,
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"S\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:"
        "aws:iam::111122223333:root\"},"
        "\"Action\":\"s3:Get*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/x\":\"y\"}}}}");
    assert_json(a, iam_statement_list(a, p),
                "[{\"effect\":\"Allow\",\"allow\":true,\"sid\":\"S\",\"actions\":[\"s3:Get*\"],\"resources\":[\"*\"],"
                "\"principals\":"
                "[{\"type\":\"AWS\",\"id\":\"arn:aws:iam::111122223333:root\",\"account\":\"111122223333\",\"any\":"
                "false,\"root\":true}],"
                "\"conditions\":[{\"operator\":\"StringEquals\",\"key\":\"aws:ResourceTag/"
                "x\",\"values\":[\"y\"]}],\"conditioned\":true,"
                "\"narrowed\":true,\"public\":false}]");
    arena_free(a);
}

/* What statements() gives is a policy again, with the same answers. */
static void test_iam_statements__are_policies_again(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"Resource\":\"*\"},"
        "{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"NotResource\":\"arn:aws:s3:::a/*\"}]}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:*\","
        "\"Resource\":\"*\","
        "\"Condition\":{\"StringEquals\":{\"aws:SourceVpce\":\"vpce-1\"}}}]}",
    };
    static const char *const actions[] = {"s3:GetObject", "iam:CreateUser", "ec2:RunInstances"};
    struct arena *a = arena_new();
    struct iam_pattern anything = iam_pattern_text(a, STR("*"), 0);
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        const struct iam_policy *p = read_text(a, documents[i]);
        const struct iam_policy *again = iam_policy_read(a, NULL, iam_statement_list(a, p));
        assert_int_equal(iam_allows_public(p, &anything), iam_allows_public(again, &anything));
        for (size_t k = 0; k < ARRAY_LEN(actions); k++) {
            struct iam_query q = iam_query_of(a, str_of(actions[k]), STR("arn:aws:s3:::b/x"));
            assert_int_equal(iam_allows(p, &q), iam_allows(again, &q));
        }
    }
    arena_free(a);
}

static void test_iam_statements__offenders(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct iam_offence_query broad = {
        .what = IAM_BROAD_ACTIONS, .facts = testing_facts(a), .levels = IAM_WRITE | IAM_PERMISSIONS};
    struct iam_offence_query any = broad, wild = {.what = IAM_WILDCARD_ACTIONS}, whole = {.what = IAM_WHOLE_SERVICES};
    any.levels = IAM_ANY_LEVEL;
    whole.resource = iam_pattern_text(a, STR("*"), 0);
    const struct iam_policy *p = read_text(
        a, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"ecr:"
           "GetAuthorizationToken\","
           "\"logs:DescribeLogGroups\",\"ec2:Describe*\",\"sqs:SendMessage\",\"s3:GetObject\"],\"Resource\":\"*\"},"
           "{\"Effect\":\"Allow\",\"Action\":\"kms:*\",\"Resource\":\"arn:aws:kms:*:*:key/x\"},"
           "{\"Effect\":\"Allow\",\"Action\":\"sns:Publish\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:"
           "ResourceTag/a\":\"b\"}}}]}");
    assert_json(a, iam_offenders(a, p, &broad), "[\"s3:*\",\"sqs:SendMessage\"]");
    assert_json(a, iam_offenders(a, p, &any), "[\"s3:*\",\"ec2:Describe*\",\"sqs:SendMessage\",\"s3:GetObject\"]");
    assert_json(a, iam_offenders(a, p, &wild), "[\"s3:*\",\"ec2:Describe*\",\"kms:*\"]");
    assert_json(a, iam_offenders(a, p, &whole), "[\"s3\"]");
    const struct iam_policy *unknown =
        read_text(a, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\",\"Resource\":\"<<?r>>\"}}");
    assert_true(value_is(iam_offenders(a, unknown, &broad), VALUE_UNKNOWN));
    const struct iam_policy *reference =
        read_text(a, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\",\"Resource\":\"<<b.arn>>\"}}");
    assert_json(a, iam_offenders(a, reference, &broad), "[]");
    arena_free(a);
}

static void test_iam_statements__reached_actions(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct iam_facts *facts = testing_facts(a);
    struct iam_pattern one = iam_pattern_text(a, STR("KMS:decrypt"), IAM_FOLD_CASE);
    assert_json(a, iam_reached(a, facts, &one, IAM_ANY_LEVEL), "[\"kms:Decrypt\"]");
    struct iam_pattern none = iam_pattern_text(a, STR("kms:Frobnicate"), IAM_FOLD_CASE);
    assert_json(a, iam_reached(a, facts, &none, IAM_ANY_LEVEL), "[]");
    struct iam_pattern all = iam_pattern_text(a, STR("*"), IAM_FOLD_CASE);
    assert_true(iam_reached(a, facts, &all, IAM_ANY_LEVEL)->u.list.n > 17000);
    const struct iam_action *token = iam_action_find(facts, STR("ecr:getauthorizationtoken"));
    assert_non_null(token);
    assert_false(token->limitable);
    assert_true(iam_action_find(facts, STR("s3:getobject"))->limitable);
    assert_int_equal(iam_action_find(facts, STR("s3:putobject"))->level, IAM_WRITE);
    assert_int_equal(iam_action_find(facts, STR("iam:attachrolepolicy"))->level, IAM_PERMISSIONS);
    arena_free(a);
}

static void test_iam_statements__managed_policies(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct iam_facts *facts = testing_facts(a);
    assert_non_null(iam_managed_find(facts, STR("arn:aws:iam::aws:policy/AdministratorAccess")));
    assert_non_null(
        iam_managed_find(facts, STR("arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")));
    assert_null(iam_managed_find(facts, STR("arn:aws:iam::123456789012:policy/AdministratorAccess2")));
    assert_null(iam_managed_find(facts, STR("")));
    const struct iam_policy *p = iam_policy_read(a, facts, iam_managed_find(facts, STR("AmazonEKS_CNI_Policy")));
    struct iam_query tags = iam_query_of(a, STR("ec2:CreateTags"), STR("*"));
    assert_int_equal(iam_allows(p, &tags), IAM_NO);
    tags = iam_query_of(a, STR("ec2:CreateTags"), STR("arn:aws:ec2:*:*:network-interface/*"));
    assert_int_equal(iam_allows(p, &tags), IAM_YES);
    arena_free(a);
}

static void test_iam_statements__web_identities(void **state)
{
    (void)state;
#define TRUST(provider, condition)                                                                                     \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRoleWithWebIdentity\","   \
    "\"Principal\":"                                                                                                   \
    "{\"Federated\":\"" provider "\"},\"Condition\":" condition "}]}"
#define EKS    "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X"
#define GITHUB "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"
    static const struct {
        const char *json, *kind;
        const char *subject, *audience; /* true, false or unknown */
    } cases[] = {
        {TRUST(EKS, "{\"StringEquals\":{\"oidc.eks.x:sub\":\"system:serviceaccount:ns:sa\",\"oidc.eks.x:aud\":\"sts."
                    "amazonaws.com\"}}"),
         "eks", "true", "true"},
        {TRUST(EKS, "{\"StringEquals\":{\"oidc.eks.x:aud\":\"sts.amazonaws.com\"}}"), "eks", "false", "true"},
        {TRUST(EKS, "{\"StringLike\":{\"oidc.eks.x:sub\":\"system:serviceaccount:ns:*\"}}"), "eks", "false", "false"},
        {TRUST(EKS, "{\"StringLike\":{\"oidc.eks.x:sub\":\"system:serviceaccount:ns:sa\"}}"), "eks", "true", "false"},
        {TRUST(EKS, "{\"ForAllValues:StringEquals\":{\"oidc.eks.x:sub\":\"system:serviceaccount:ns:sa\"}}"), "eks",
         "false", "false"},
        {TRUST(EKS, "{\"StringEquals\":{\"oidc.eks.x:sub\":\"<<?sub>>\"}}"), "eks", "unknown", "false"},
        {TRUST(EKS, "\"<<?condition>>\""), "eks", "unknown", "unknown"},
        {TRUST("<<provider.arn>>",
               "{\"StringEquals\":{\"${x}:sub\":\"system:serviceaccount:ns:sa\",\"${x}:aud\":\"sts.amazonaws.com\"}}"),
         "eks", "true", "true"},
        {TRUST(GITHUB, "{\"StringLike\":{\"token.actions.githubusercontent.com:sub\":\"repo:acme/app:*\"}}"), "github",
         "true", "false"},
        {TRUST(GITHUB, "{\"StringLike\":{\"token.actions.githubusercontent.com:sub\":\"repo:acme/*\"}}"), "github",
         "false", "false"},
        {TRUST(GITHUB, "{\"StringLike\":{\"token.actions.githubusercontent.com:sub\":\"*\"}}"), "github", "false",
         "false"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str got = json_of(a, iam_web_identities(a, read_text(a, cases[i].json)));
        char kind[64], subject[64], audience[64];
        snprintf(kind, sizeof(kind), "\"kind\":\"%s\"", cases[i].kind);
        snprintf(subject, sizeof(subject),
                 strcmp(cases[i].subject, "unknown") ? "\"subject_bound\":%s" : "\"subject_bound\":{\"%s\"",
                 cases[i].subject);
        snprintf(audience, sizeof(audience),
                 strcmp(cases[i].audience, "unknown") ? "\"audience_bound\":%s" : "\"audience_bound\":{\"%s\"",
                 cases[i].audience);
        if (!str_contains(got, str_of(kind)) || !str_contains(got, str_of(subject)) ||
            !str_contains(got, str_of(audience)))
            fail_msg("%s\ngot " STR_FMT, cases[i].json, STR_ARG(got));
    }
    arena_free(a);
}

static void test_iam_statements__service_accounts(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct iam_policy *p = read_text(
        a,
        TRUST(
            EKS,
            "{\"StringLike\":{\"oidc.eks.x:sub\":[\"system:serviceaccount:ns:a\",\"system:serviceaccount:ops:*\"]}}"));
    assert_int_equal(iam_trusts_service_account(a, p, STR("system:serviceaccount:ns:a")), IAM_YES);
    assert_int_equal(iam_trusts_service_account(a, p, STR("system:serviceaccount:ns:b")), IAM_NO);
    assert_int_equal(iam_trusts_service_account(a, p, STR("system:serviceaccount:ops:any")), IAM_YES);
    assert_int_equal(iam_trusts_pod_identity(p), IAM_NO);
    arena_free(a);
}

static void test_iam_statements__rbac_rules(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct value *rules = testing_json(
        a,
        STR("[{\"api_groups\":[\"\"],\"resources\":[\"pods\",\"secrets\"],\"verbs\":[\"get\",\"list\"]},"
            "{\"api_groups\":[\"apps\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]},"
            "{\"api_groups\":[\"\"],\"resources\":[\"configmaps\"],\"verbs\":[\"get\"],\"resource_names\":[\"one\"]},"
            "{\"api_groups\":[\"\"],\"resources\":[\"*/exec\"],\"verbs\":[\"create\"]}]"));
    static const struct {
        const char *verb, *resource, *group;
        enum iam_answer wanted;
    } cases[] = {
        {"get", "secrets", "", IAM_YES},
        {"get", "secrets", "core", IAM_YES},
        {"delete", "secrets", "core", IAM_NO},
        {"get", "configmaps", "core", IAM_NO},
        {"create", "pods/exec", "", IAM_YES},
        {"create", "pods/attach", "core", IAM_NO},
        {"delete", "deployments", "apps", IAM_YES},
        {"get", "nodes", "core", IAM_NO},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(rbac_permits(rules, str_of(cases[i].verb), str_of(cases[i].resource), str_of(cases[i].group)),
                         cases[i].wanted);
    const struct value *unknown =
        testing_json(a, STR("[{\"api_groups\":[\"\"],\"resources\":[\"<<?r>>\"],\"verbs\":[\"get\"]}]"));
    assert_int_equal(rbac_permits(unknown, STR("get"), STR("secrets"), STR_NONE), IAM_MAYBE);
    assert_int_equal(rbac_permits(unknown, STR("list"), STR("secrets"), STR_NONE), IAM_NO);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_iam_statements__values),           TEST(test_iam_statements__are_policies_again),
        TEST(test_iam_statements__offenders),        TEST(test_iam_statements__reached_actions),
        TEST(test_iam_statements__managed_policies), TEST(test_iam_statements__web_identities),
        TEST(test_iam_statements__service_accounts), TEST(test_iam_statements__rbac_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
