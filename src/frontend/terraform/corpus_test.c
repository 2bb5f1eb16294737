/* The public modules, from their examples: attributes that pass through modules, dynamic blocks and
 * for_each. The table says what a plan would show: example <tab> address <tab> path <tab> JSON, or `absent`,
 * or `unknown`. Skipped where the corpora are not there. */
#include <unistd.h>

#include "base/testing.h"
#include "frontend/terraform/terraform.h"
#include "frontend/terraform/testing.h"

static const char *corpora(void)
{
    static char path[512];
    const char *shared = getenv("HIPAALINT_SHARED");
    (void)snprintf(path, sizeof(path), "%s/corpora", shared ? shared : "../shared");
    return access(path, R_OK) == 0 ? path : NULL;
}

static str file_text(struct sources *sources, const char *path)
{
    enum source_error error;
    const struct source *s = source_open(sources, str_of(path), STR_NONE, &error);
    assert_non_null(s);
    return s->text;
}

static bool check(struct testing *t, str address, str path, str expected)
{
    char a[512], p[256];
    (void)snprintf(a, sizeof(a), STR_FMT, STR_ARG(address));
    (void)snprintf(p, sizeof(p), STR_FMT, STR_ARG(path));
    const char *got = testing_json(t, a, p);
    bool ok = str_eq_c(expected, "unknown") ? strncmp(got, "{\"unknown\"", 10) == 0 : str_eq_c(expected, got);
    if (!ok)
        print_error("%s %s\n  expected " STR_FMT "\n  got      %s\n", a, p, STR_ARG(expected), got);
    return ok;
}

static void test_corpus__attributes_of_public_modules(void **state)
{
    struct sources *sources = sources_new();
    const char *root = corpora();
    struct testing t = {0};
    str open = STR_NONE;
    size_t wrong = 0;
    (void)state;
    if (!root)
        printf("skipped: the corpora are not there\n");
    for (str rest = root ? file_text(sources, "testdata/terraform/modules.tsv") : STR_NONE; rest.n;) {
        str line = str_cut(rest, '\n', &rest), address, path, expected;
        if (!line.n || line.p[0] == '#')
            continue;
        str example = str_cut(line, '\t', &address);
        address = str_cut(address, '\t', &path);
        path = str_cut(path, '\t', &expected);
        if (!str_eq(example, open)) {
            char dir[1024];
            (void)snprintf(dir, sizeof(dir), "%s/" STR_FMT, root, STR_ARG(example));
            if (open.n)
                testing_close(&t);
            testing_open_path(&t, dir, NULL);
            open = example;
        }
        wrong += !check(&t, address, path, expected);
    }
    if (open.n)
        testing_close(&t);
    sources_free(sources);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_corpus__attributes_of_public_modules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
