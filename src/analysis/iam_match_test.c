#include "analysis/iam_match.h"

#include "analysis/iam_testing.h"

/* The table of testdata/analysis/iam/policies.txt; its top describes it. */

struct table {
    struct arena *arena;
    const struct iam_facts *facts;
    const struct iam_policy *policy;
    str name;
    size_t cases, wrong;
};

static str next_cell(str *rest)
{
    size_t at = str_find(*rest, STR(" | "));
    str cell = str_slice(*rest, 0, at);
    *rest = at == SIZE_MAX ? STR_NONE : str_slice(*rest, at + 3, rest->n);
    return cell;
}

static str lower(struct arena *a, str s)
{
    char *p = arena_cstr(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] - 'A' + 'a');
    return (str){p, s.n};
}

static void read_key(struct table *t, struct iam_context *context, str text)
{
    str values, name = str_cut(text, '=', &values);
    struct iam_context_key key = {.name = lower(t->arena, name), .value = ARENA_ARRAY(t->arena, struct iam_pattern, 8)};
    key.absent = str_eq_c(values, "null");
    while (values.p && !key.absent && key.n < 8)
        key.value[key.n++] = iam_pattern_text(t->arena, str_cut(values, ',', &values), IAM_PLAIN);
    if (str_eq_c(key.name, "principal"))
        context->principal = &key.value[0];
    else
        context->key[context->n++] = key;
}

static const struct iam_context *read_context(struct table *t, str text)
{
    if (str_eq_c(text, "-"))
        return NULL;
    struct iam_context *context = ARENA_NEW(t->arena, struct iam_context);
    context->key = ARENA_ARRAY(t->arena, struct iam_context_key, 8);
    for (str rest = str_eq_c(text, "{}") ? STR_NONE : text; rest.p;)
        read_key(t, context, str_cut(rest, ';', &rest));
    return context;
}

static const char *answer(const struct iam_policy *p, const struct iam_query *q)
{
    enum iam_answer allowed = iam_allows(p, q);
    if (allowed != IAM_NO)
        return allowed == IAM_YES ? "allow" : "unknown";
    return iam_denies(p, q) == IAM_YES ? "deny" : "implicit";
}

static void run_case(struct table *t, str line)
{
    str rest = line;
    str wanted = next_cell(&rest), action = next_cell(&rest), resource = next_cell(&rest);
    const struct iam_context *context = read_context(t, next_cell(&rest));
    struct iam_query q = {.arena = t->arena, .context = context};
    q.action = iam_pattern_text(t->arena, action, IAM_FOLD_CASE);
    q.resource = iam_pattern_of(t->arena, testing_text(t->arena, resource), 0);
    const char *got = answer(t->policy, &q);
    t->cases++;
    if (str_eq_c(wanted, got))
        return;
    t->wrong++;
    print_message("policy " STR_FMT ": " STR_FMT "\n  answered %s\n", STR_ARG(t->name), STR_ARG(line), got);
}

static void test_iam_match__policy_table(void **state)
{
    (void)state;
    static const char word[] = "policy ";
    struct table t = {.arena = arena_new()};
    t.facts = testing_facts(t.arena);
    for (str rest = testing_file(t.arena, "testdata/analysis/iam/policies.txt"); rest.p;) {
        str line = str_cut(rest, '\n', &rest);
        if (!line.n || line.p[0] == '#')
            continue;
        if (str_starts(line, str_of(word)))
            t.name = str_slice(line, sizeof(word) - 1, line.n);
        else if (line.p[0] == '{')
            t.policy = iam_policy_read(t.arena, t.facts, testing_json(t.arena, line));
        else
            run_case(&t, line);
    }
    assert_int_equal(t.wrong, 0);
    assert_true(t.cases >= 200);
    arena_free(t.arena);
}

static const struct iam_policy *read_text(struct arena *a, const char *json)
{
    return iam_policy_read(a, NULL, testing_json(a, str_of(json)));
}

static void test_iam_match__some_and_all(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct iam_policy *p = read_text(
        a, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3:Put*\"],"
           "\"Resource\":\"arn:aws:s3:::a/*\"},{\"Effect\":\"Deny\",\"Action\":\"s3:Put*\",\"Resource\":\"*\"}]}");
    struct iam_query q = iam_query_of(a, STR("s3:*"), STR("*"));
    assert_int_equal(iam_allows(p, &q), IAM_NO);
    q.some = true;
    assert_int_equal(iam_allows(p, &q), IAM_YES);
    q = iam_query_of(a, STR("s3:Put*"), STR("*"));
    q.some = true;
    assert_int_equal(iam_allows(p, &q), IAM_NO);
    q = iam_query_of(a, STR("s3:*Object"), STR("arn:aws:s3:::a/*"));
    q.some = true;
    assert_int_equal(iam_allows(p, &q), IAM_YES);
    arena_free(a);
}

#define STATEMENT(principal, rest)                                                                                     \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":" principal                        \
    ",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"" rest "}]}"
#define IF(operator, key, value) ",\"Condition\":{\"" operator"\":{\"" key "\":" value "}}"

static void test_iam_match__public_access(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum iam_answer wanted;
    } cases[] = {
        {STATEMENT("\"*\"", ""), IAM_YES},
        {STATEMENT("{\"AWS\":\"*\"}", ""), IAM_YES},
        {STATEMENT("{\"AWS\":[\"111122223333\",\"*\"]}", ""), IAM_YES},
        {STATEMENT("{\"AWS\":\"arn:aws:iam::*:root\"}", ""), IAM_YES},
        {STATEMENT("{\"AWS\":\"111122223333\"}", ""), IAM_NO},
        {STATEMENT("{\"Service\":\"s3.amazonaws.com\"}", ""), IAM_NO},
        {STATEMENT("{\"AWS\":\"<<role.arn>>\"}", ""), IAM_NO},
        {STATEMENT("{\"AWS\":\"<<?who>>\"}", ""), IAM_MAYBE},
        {STATEMENT("\"*\"", IF("StringEquals", "aws:PrincipalOrgID", "\"o-1\"")), IAM_NO},
        {STATEMENT("\"*\"", IF("StringEquals", "AWS:sourcevpce", "[\"vpce-1\"]")), IAM_NO},
        {STATEMENT("\"*\"", IF("ArnLike", "aws:SourceArn", "\"arn:aws:cloudfront::111122223333:distribution/E1\"")),
         IAM_NO},
        {STATEMENT("\"*\"", IF("ArnLike", "aws:SourceArn", "\"*\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("StringLike", "aws:PrincipalArn", "\"arn:aws:iam::*:role/x\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("StringEquals", "aws:SourceAccount", "\"<<account>>\"")), IAM_NO},
        {STATEMENT("\"*\"", IF("StringEquals", "aws:SourceAccount", "\"<<?account>>\"")), IAM_MAYBE},
        {STATEMENT("\"*\"", IF("StringEqualsIfExists", "aws:SourceAccount", "\"111122223333\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("StringNotEquals", "aws:SourceAccount", "\"111122223333\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("ForAllValues:StringEquals", "aws:PrincipalOrgID", "\"o-1\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("Bool", "aws:SecureTransport", "\"true\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("IpAddress", "aws:SourceIp", "\"203.0.113.0/24\"")), IAM_NO},
        {STATEMENT("\"*\"", IF("IpAddress", "aws:SourceIp", "[\"203.0.113.0/24\",\"0.0.0.0/0\"]")), IAM_YES},
        {STATEMENT("\"*\"", IF("IpAddress", "aws:SourceIp", "\"0.0.0.0/1\"")), IAM_YES},
        {STATEMENT("\"*\"", IF("StringEquals", "kms:CallerAccount", "\"111122223333\"")), IAM_NO},
        {STATEMENT("\"*\"", IF("StringEquals", "kms:ViaService", "\"s3.eu-west-1.amazonaws.com\"")), IAM_NO},
        {STATEMENT("\"*\"", ",\"Condition\":\"<<?c>>\""), IAM_MAYBE},
        {STATEMENT("\"*\"", IF("Bool", "aws:PrincipalIsAWSService", "\"true\"")), IAM_NO},
    };
    struct arena *a = arena_new();
    struct iam_pattern anything = iam_pattern_text(a, STR("*"), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct iam_policy *p = read_text(a, cases[i].json);
        if (iam_allows_public(p, &anything) != cases[i].wanted)
            fail_msg("%s", cases[i].json);
    }
    arena_free(a);
}

static void test_iam_match__deny_for_strangers_cuts_off(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct iam_pattern anything = iam_pattern_text(a, STR("*"), 0);
    const char *organisation =
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:"
        "s3:::b/*\"},"
        "{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/*\",\"Condition\":"
        "{\"StringNotEquals\":{\"aws:PrincipalOrgID\":\"o-1\"},\"Bool\":{\"aws:PrincipalIsAWSService\":\"false\"}}}]}";
    assert_int_equal(iam_allows_public(read_text(a, organisation), &anything), IAM_NO);
    const char *transport =
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"},"
        "{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":"
        "{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}";
    assert_int_equal(iam_allows_public(read_text(a, transport), &anything), IAM_YES);
    const char *other = "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\","
                        "\"Resource\":\"arn:aws:s3:::b/*\"},"
                        "{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/"
                        "private/*\",\"Condition\":"
                        "{\"StringNotEquals\":{\"aws:PrincipalOrgID\":\"o-1\"}}}]}";
    assert_int_equal(iam_allows_public(read_text(a, other), &anything), IAM_YES);
    arena_free(a);
}

#define DENY(principal, action, resource, condition)                                                                   \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":" principal ",\"Action\":" action   \
    ",\"Resource\":" resource ",\"Condition\":" condition "}]}"
#define BOTH     "[\"<<b.arn>>\",\"<<b.arn>>/*\"]"
#define INSECURE "{\"Bool\":{\"aws:SecureTransport\":\"false\"}}"

static void test_iam_match__insecure_transport(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum iam_answer wanted;
    } cases[] = {
        {DENY("\"*\"", "\"s3:*\"", BOTH, INSECURE), IAM_YES},
        {DENY("{\"AWS\":\"*\"}", "\"*\"", "\"*\"", "{\"Bool\":{\"aws:SecureTransport\":false}}"), IAM_YES},
        {DENY("\"*\"", "\"s3:*\"", BOTH, "{\"BoolIfExists\":{\"AWS:securetransport\":\"false\"}}"), IAM_YES},
        {DENY("\"*\"", "[\"s3:GetObject\",\"s3:PutObject\",\"s3:DeleteObject\",\"s3:List*\"]", BOTH, INSECURE),
         IAM_YES},
        {DENY("\"*\"", "\"s3:GetObject\"", BOTH, INSECURE), IAM_NO},
        {DENY("\"*\"", "\"s3:*\"", "\"<<b.arn>>/*\"", INSECURE), IAM_NO},
        {DENY("\"*\"", "\"s3:*\"", "\"<<b.arn>>*\"", INSECURE), IAM_YES},
        {DENY("{\"AWS\":\"111122223333\"}", "\"s3:*\"", BOTH, INSECURE), IAM_NO},
        {DENY("\"*\"", "\"s3:*\"", BOTH, "{\"Bool\":{\"aws:SecureTransport\":\"true\"}}"), IAM_NO},
        {DENY("\"*\"", "\"s3:*\"", BOTH,
              "{\"Bool\":{\"aws:SecureTransport\":\"false\"},\"StringEquals\":{\"aws:SourceVpc\":\"v\"}}"),
         IAM_NO},
        {DENY("\"*\"", "\"s3:*\"", BOTH, "{\"Bool\":{\"aws:SecureTransport\":\"<<?x>>\"}}"), IAM_MAYBE},
        {STATEMENT("\"*\"", IF("Bool", "aws:SecureTransport", "\"true\"")), IAM_NO},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (iam_denies_insecure_transport(a, read_text(a, cases[i].json), STR("s3")) != cases[i].wanted)
            fail_msg("%s", cases[i].json);
    const char *queue = DENY("\"*\"", "\"sqs:*\"", "\"<<q.arn>>\"", INSECURE);
    assert_int_equal(iam_denies_insecure_transport(a, read_text(a, queue), STR("sqs")), IAM_YES);
    assert_int_equal(iam_denies_insecure_transport(a, read_text(a, queue), STR_NONE), IAM_YES);
    const char *version = DENY("\"*\"", "\"s3:*\"", BOTH, "{\"NumericLessThan\":{\"s3:TlsVersion\":\"1.2\"}}");
    assert_int_equal(iam_requires_tls(read_text(a, version), 1.2), IAM_YES);
    assert_int_equal(iam_requires_tls(read_text(a, version), 1.3), IAM_NO);
    arena_free(a);
}

static void test_iam_match__guards(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *open = STATEMENT("{\"Service\":\"sns.amazonaws.com\"}", "");
    const char *closed =
        STATEMENT("{\"Service\":\"sns.amazonaws.com\"}", IF("StringEquals", "aws:SourceAccount", "\"<<account>>\""));
    const char *exempt = STATEMENT("{\"Service\":\"ec2.amazonaws.com\"}", "");
    assert_int_equal(iam_guards_confused_deputy(read_text(a, open)), IAM_NO);
    assert_int_equal(iam_guards_confused_deputy(read_text(a, closed)), IAM_YES);
    assert_int_equal(iam_guards_confused_deputy(read_text(a, exempt)), IAM_YES);
    const char *account = STATEMENT("{\"AWS\":\"arn:aws:iam::111122223333:root\"}", "");
    const char *external = STATEMENT("{\"AWS\":\"111122223333\"}", IF("StringEquals", "sts:ExternalId", "\"x\""));
    assert_int_equal(iam_guards_accounts(read_text(a, account)), IAM_NO);
    const char *empty = STATEMENT("{\"AWS\":\"111122223333\"}", IF("StringEquals", "sts:ExternalId", "\"\""));
    assert_int_equal(iam_guards_accounts(read_text(a, external)), IAM_YES);
    assert_int_equal(iam_guards_accounts(read_text(a, empty)), IAM_NO);
    arena_free(a);
}

/* Thousands of patterns against thousands of denies must end, and soon. */
static void test_iam_match__bounded(void **state)
{
    (void)state;
    enum { MANY = 400 };
    struct arena *a = arena_new();
    struct buf b;
    buf_init(&b, 16u << 20);
    buf_add_c(&b, "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[");
    for (int i = 0; i < MANY; i++)
        buf_printf(&b, "%s\"s3:*a*b*c%d\"", i ? "," : "", i);
    buf_add_c(&b, "],\"Resource\":[");
    for (int i = 0; i < MANY; i++)
        buf_printf(&b, "%s\"*a*a*a*%d\"", i ? "," : "", i);
    buf_add_c(&b, "]}");
    for (int i = 0; i < MANY; i++)
        buf_printf(&b, ",{\"Effect\":\"Deny\",\"Action\":\"s3:*x%d\",\"Resource\":\"*\"}", i);
    buf_add_c(&b, "]}");
    const struct iam_policy *p = iam_policy_read(a, NULL, testing_json(a, buf_copy(&b, a)));
    buf_release(&b);
    struct iam_query q = iam_query_of(a, STR("s3:*"), STR("*"));
    q.some = true;
    assert_int_equal(iam_allows(p, &q), IAM_YES);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_iam_match__policy_table),
        TEST(test_iam_match__some_and_all),
        TEST(test_iam_match__public_access),
        TEST(test_iam_match__deny_for_strangers_cuts_off),
        TEST(test_iam_match__insecure_transport),
        TEST(test_iam_match__guards),
        TEST(test_iam_match__bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
