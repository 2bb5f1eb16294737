#include "base/glob.h"
#include "base/testing.h"

static const struct {
    const char *pattern, *text;
    bool matches;
} globs[] = {
    {"", "", true},
    {"", "a", false},
    {"abc", "abc", true},
    {"abc", "abcd", false},
    {"abc", "ab", false},
    {"*", "", true},
    {"*", "abc", true},
    {"*", "a/b", false},
    {"*.tf", ".tf", true},
    {"*.tf", "main.tf", true},
    {"*.tf", "a/main.tf", false},
    {"a*c*e", "abcde", true},
    {"a*c*e", "abcd", false},
    {"?", "x", true},
    {"?", "/", false},
    {"?", "", false},
    {"?", "\xC3\xA9", true},
    {"??", "\xC3\xA9", false},
    {"?", "\xFF", true},
    {"\xFF", "\xFE", false},
    {"**", "a/b/c", true},
    {"a/**", "a/b/c", true},
    {"a/**", "a/", true},
    {"a/**", "a", false},
    {"**/x", "x", true},
    {"**/x", "a/x", true},
    {"**/x", "a/b/x", true},
    {"**/x", "ax", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "a/xb", false},
    {"a/**/b", "ab", false},
    {"**/*.tf", "main.tf", true},
    {"**/*.tf", "a/b/main.tf", true},
    {"**/**/x", "x", true},
    {"a**b", "a/x/b", true},
    {"a***b", "a/x/b", true},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[!a-c]x", "dx", true},
    {"[^a-c]x", "ax", false},
    {"[!a]", "/", false},
    {"[]]", "]", true},
    {"[!]]", "]", false},
    {"[a-]", "-", true},
    {"[\\]]", "]", true},
    {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", true},
    {"[abc", "[abc", true},
    {"[abc", "a", false},
    {"[", "[", true},
    {"[!", "[!", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"\\{a,b\\}", "{a,b}", true},
    {"a\\", "a\\", true},
    {"{a,b}", "a", true},
    {"{a,b}", "b", true},
    {"{a,b}", "c", false},
    {"{a,b}", "a,b", false},
    {"*.{tf,tf.json}", "x.tf.json", true},
    {"*.{yaml,yml}", "x.yml", true},
    {"x{,.bak}", "x", true},
    {"x{,.bak}", "x.bak", true},
    {"x{}y", "xy", true},
    {"{a,{b,c}d}e", "cde", true},
    {"{a,{b,c}d}e", "be", false},
    {"{a{b,c}", "{ab", true},
    {"{a,b", "{a,b", true},
    {"a,b", "a,b", true},
    {"a}b", "a}b", true},
    {"{[,],x}y", ",y", true},
    {"{a/**,b}/c", "a/x/c", true},
    {"{**/,}x", "a/x", true},
    {"{*a,*b}{*c,*d}", "xbyd", true},
    {".*", ".hidden", true},
    {"*", ".hidden", true},
};

static void test_glob__table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(globs); i++)
        if (glob_match(str_of(globs[i].pattern), str_of(globs[i].text)) != globs[i].matches)
            fail_msg("glob \"%s\" on \"%s\"", globs[i].pattern, globs[i].text);
}

static void test_glob__hostile_patterns_end(void **state)
{
    struct arena *a = arena_new();
    char *pattern = arena_alloc(a, 5000);
    char *text = arena_alloc(a, 4000);
    static const char *const pieces[] = {"*a", "{", "[", "{a,", "**/", "{*,*}", "\\", "{}", ",", "}"};

    (void)state;
    memset(text, 'a', 4000);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        size_t n = strlen(pieces[i]);

        for (size_t k = 0; k < 4096; k++)
            pattern[k] = pieces[i][k % n];
        glob_match((str){pattern, 4096}, (str){text, 4000});
        pattern[4095] = 'b';
        assert_false(glob_match((str){pattern, 4096}, (str){text, 4000}));
        assert_false(glob_match((str){pattern, 4097}, (str){text, 4000}));
    }
    arena_free(a);
}

static const struct {
    const char *pattern, *text;
    bool matches;
} wildcards[] = {
    {"", "", true},
    {"*", "", true},
    {"*", "a/b:c", true},
    {"s3:*", "s3:GetObject", true},
    {"s3:Get*", "s3:PutObject", false},
    {"s3:Get?bject", "s3:GetObject", true},
    {"s3:?", "s3:", false},
    {"*Object", "s3:GetObject", true},
    {"*Object", "s3:GetObjectAcl", false},
    {"a*b*c", "axbxbxc", true},
    {"a*b*c", "axcxb", false},
    {"[a]", "[a]", true},
    {"[a]", "a", false},
    {"a\\*", "a\\b", true},
    {"?", "\xE2\x82\xAC", true},
    {"*??", "\xE2\x82\xAC", false},
    {"a*", "A", false},
    {"a", "*", false},
};

static void test_wildcard__table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wildcards); i++)
        if (wildcard_match(str_of(wildcards[i].pattern), str_of(wildcards[i].text)) != wildcards[i].matches)
            fail_msg("wildcard \"%s\" on \"%s\"", wildcards[i].pattern, wildcards[i].text);
    assert_true(wildcard_match_nocase(STR("S3:get*"), STR("s3:GetObject")));
    assert_false(wildcard_match_nocase(STR("S3:get*"), STR("s3:PutObject")));
}

static void test_wildcard__overlap(void **state)
{
    static const struct {
        const char *a, *b;
        bool overlap;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"", "*", true},
        {"*", "*", true},
        {"a*", "*b", true},
        {"a*", "b*", false},
        {"*a", "*b", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"?", "*", true},
        {"?", "", false},
        {"??", "a*", true},
        {"s3:Get*", "s3:*Object", true},
        {"s3:Get*", "s3:Put*", false},
        {"arn:aws:s3:::phi-*", "arn:aws:s3:::*-logs", true},
        {"arn:aws:s3:::phi/*", "arn:aws:s3:::phi", false},
        {"a*b*c", "*x*", true},
        {"ab*", "a*c?", true},
        {"*ab", "ba*c", false},
        {"?", "\xC3\xA9", true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str a = str_of(cases[i].a), b = str_of(cases[i].b);

        if (wildcard_overlap(a, b) != cases[i].overlap || wildcard_overlap(b, a) != cases[i].overlap)
            fail_msg("overlap \"%s\" and \"%s\"", cases[i].a, cases[i].b);
    }
}

static size_t word(char *out, const char *alphabet, unsigned number, size_t n)
{
    for (size_t i = 0; i < n; i++, number /= (unsigned)strlen(alphabet))
        out[i] = alphabet[number % strlen(alphabet)];
    return n;
}

/* Over patterns of up to three characters, a common text of up to six is found if there is one. */
static void test_wildcard__overlap_agrees_with_search(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        for (unsigned j = i; j < 64; j++) {
            char a[3], b[3], text[6];
            str x = {a, word(a, "ab*?", i, 3)}, y = {b, word(b, "ab*?", j, 3)};
            bool found = false;

            for (size_t n = 0; n <= 6 && !found; n++)
                for (unsigned k = 0; k < 1u << n && !found; k++) {
                    str t = {text, word(text, "ab", k, n)};

                    found = wildcard_match(x, t) && wildcard_match(y, t);
                }
            if (wildcard_overlap(x, y) != found)
                fail_msg("overlap \"%.3s\" and \"%.3s\"", a, b);
        }
    }
}

static void test_wildcard__overlap_above_the_cap_is_true(void **state)
{
    static char a[2049], b[2049];

    (void)state;
    memset(a, 'a', sizeof(a));
    memset(b, 'b', sizeof(b));
    assert_true(wildcard_overlap((str){a, 2049}, (str){b, 2049}));
    assert_false(wildcard_overlap((str){a, 2048}, (str){b, 2048}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_glob__table),
        TEST(test_glob__hostile_patterns_end),
        TEST(test_wildcard__table),
        TEST(test_wildcard__overlap),
        TEST(test_wildcard__overlap_agrees_with_search),
        TEST(test_wildcard__overlap_above_the_cap_is_true),
    };

    return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
