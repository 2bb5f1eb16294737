#include "policy/testing.h"

struct row {
    const char *text, *want;
};

/* Keys are put together here so that no scanner of repositories takes them for real. */
#define ID                                                                                                             \
    "AKIA"                                                                                                             \
    "QWERTYUIOPASDFGH"
#define KEY                                                                                                            \
    "0123456789abcdefghij"                                                                                             \
    "KLMNOPQRSTUVWXYZ+/ab"

static const struct row rows[] = {
    {"dnf -y update", "[]"},
    {"id=" ID " ", "[\"AWS access key\"]"},
    {"x" ID, "[]"},
    {ID "7", "[]"},
    {"AKIA123", "[]"},
    {"AWS_SECRET_ACCESS_KEY=" KEY, "[\"AWS secret access key\"]"},
    {"aws_secret_access_key: \\\"" KEY "\\\"", "[\"AWS secret access key\"]"},
    {"checksum=" KEY, "[]"},
    {"export AWS_ACCESS_KEY_ID=FOO AWS_SECRET_ACCESS_KEY=bar", "[]"},
    {"-----BEGIN "
     "RSA PRIVATE KEY-----",
     "[\"private key\"]"},
    {"-----BEGIN PUBLIC KEY-----", "[]"},
    {"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", "[\"private key\"]"},
    {"mysql --password=hunter22 -u app", "[\"password\"]"},
    {"PGPASSWORD=$(get-secret) psql", "[]"},
    {"PGPASSWORD=${password} psql", "[]"},
    {"password: {{ db_password }}", "[]"},
    {"password: <your password>", "[]"},
    {"password=changeme1", "[]"},
    {"password: short", "[]"},
    {"MYSQL_PWD='s3cr3t-one'", "[\"password\"]"},
    {"the password is in the vault", "[]"},
    {"DB_PASSWORD_SECRET_ARN=arn:aws:secretsmanager:x", "[]"},
    {"token ghp_"
     "abcdefghijklmnopqrstuvwxyz0123456789",
     "[\"token\"]"},
    {"ghp_short", "[]"},
};

static void test_functions_secrets__texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena *a = arena_new();
        const char *expression = arena_printf(a, "findSecrets(\"%s\")%c", rows[i].text, '\0').p;
        str got = value_of(a, expression);
        if (!str_eq_c(got, rows[i].want))
            fail_msg("%s: " STR_FMT, rows[i].text, STR_ARG(got));
        arena_free(a);
    }
}

static void test_functions_secrets__collections(void **state)
{
    (void)state;
    static const struct row table[] = {
        {"findSecrets({'DB_PASSWORD': 'hunter22', 'SIZE': 3})", "[\"password\"]"},
        {"findSecrets({'SECRET_NAME': 'records/db', 'x': [{'y': '" ID "'}]})", "[\"AWS access key\"]"},
        {"findSecrets(['a', '" ID "', 'password=hunter22', 'password=hunter23'])", "[\"AWS access key\",\"password\"]"},
        {"findSecrets(null).size()", "0"},
        {"findSecrets(7)", "[]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena *a = arena_new();
        str got = value_of(a, table[i].text);
        if (!str_eq_c(got, table[i].want))
            fail_msg("%s: " STR_FMT, table[i].text, STR_ARG(got));
        arena_free(a);
    }
}

static void test_functions_secrets__examples_are_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_secrets.n; i++) {
        struct arena *a = arena_new();
        assert_str(value_of(a, functions_secrets.at[i].example), "true");
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_secrets__texts),
        cmocka_unit_test(test_functions_secrets__collections),
        cmocka_unit_test(test_functions_secrets__examples_are_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
