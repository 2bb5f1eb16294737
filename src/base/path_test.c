#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "base/path.h"
#include "base/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct arena *a;

static int set_up(void **state)
{
    note_memory(state);
    a = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(a);
    return assert_nothing_left(state);
}

static void test_path__join(void **state)
{
    (void)state;
    assert_str(path_join(a, STR("a"), STR("b")), "a/b");
    assert_str(path_join(a, STR("a/"), STR("b")), "a/b");
    assert_str(path_join(a, STR("/"), STR("b")), "/b");
    assert_str(path_join(a, STR("."), STR("b")), "b");
    assert_str(path_join(a, STR_NONE, STR("b")), "b");
    assert_str(path_join(a, STR("a"), STR("/b")), "/b");
    assert_str(path_join(a, STR("a"), STR("")), "a");
}

static void test_path__parts(void **state)
{
    static const struct {
        const char *path, *dir, *base, *extension;
    } cases[] = {
        {"a/b", "a", "b", ""},
        {"a", ".", "a", ""},
        {"/a", "/", "a", ""},
        {"/", "/", "/", ""},
        {"a/b/", "a", "b", ""},
        {"a//b", "a", "b", ""},
        {"/a/b.yaml", "/a", "b.yaml", ".yaml"},
        {"x.tf.json", ".", "x.tf.json", ".json"},
        {".gitignore", ".", ".gitignore", ""},
        {"d.d/f", "d.d", "f", ""},
        {"x.", ".", "x.", ""},
        {"", ".", "", ""},
        {"../x", "..", "x", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_str(path_dir(str_of(cases[i].path)), cases[i].dir);
        assert_str(path_base(str_of(cases[i].path)), cases[i].base);
        assert_str(path_extension(str_of(cases[i].path)), cases[i].extension);
    }
}

static void test_path__normalise(void **state)
{
    static const char *const cases[][2] = {
        {"", "."},
        {".", "."},
        {"./a", "a"},
        {"a/./b//c/", "a/b/c"},
        {"a/..", "."},
        {"a/../b", "b"},
        {"../a", "../a"},
        {"../../a/..", "../.."},
        {"a/../../b", "../b"},
        {"/", "/"},
        {"//", "/"},
        {"/..", "/"},
        {"/../a/../..", "/"},
        {"/a/b/../c", "/a/c"},
        {"/a/b/../../..", "/"},
        {"..", ".."},
        {"a/b/../../../c", "../c"},
        {"...", "..."},
        {"a/...b/..", "a"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_str(path_normalise(a, str_of(cases[i][0])), cases[i][1]);
}

static void test_path__is_below(void **state)
{
    (void)state;
    assert_true(path_is_below(STR("/a/b"), STR("/a")));
    assert_true(path_is_below(STR("/a"), STR("/a")));
    assert_true(path_is_below(STR("/a"), STR("/")));
    assert_false(path_is_below(STR("/ab"), STR("/a")));
    assert_false(path_is_below(STR("/a"), STR("/a/b")));
    assert_true(path_is_below(STR("a/b"), STR(".")));
    assert_true(path_is_below(STR("..a"), STR(".")));
    assert_false(path_is_below(STR("../a"), STR(".")));
    assert_false(path_is_below(STR(".."), STR(".")));
    assert_false(path_is_below(STR("/a"), STR(".")));
}

static void test_path__relative(void **state)
{
    static const char *const cases[][3] = {
        {"/a/b/c", "/a", "b/c"},
        {"/a", "/a", "."},
        {"/a", "/a/b", ".."},
        {"/a/b", "/a/c", "../b"},
        {"/ab", "/a", "../ab"},
        {"/a", "/ab", "../a"},
        {"/a/b", "/", "a/b"},
        {"/", "/a/b", "../.."},
        {"/", "/", "."},
        {"/x/y", "/a/b/c", "../../../x/y"},
        {"/a/bc/d", "/a/b", "../bc/d"},
        {"/a/b", "/a/", "b"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_str(path_relative(a, str_of(cases[i][0]), str_of(cases[i][1])), cases[i][2]);
    assert_str(path_relative(a, STR("x"), STR("/a")), "x");
}

static void test_path__real_follows_links(void **state)
{
    char dir[] = "/tmp/hipaalint-path-XXXXXX";
    str link, real;

    (void)state;
    assert_non_null(mkdtemp(dir));
    real = path_real(a, str_of(dir));
    assert_true(path_is_absolute(real));
    link = path_join(a, str_of(dir), STR("link"));
    assert_int_equal(symlink("..", link.p), 0);
    assert_str(path_real(a, link), path_real(a, STR("/tmp")).p);
    assert_null(path_real(a, STR("/nowhere/at/all")).p);
    assert_null(path_real(a, STR("/tmp\0x")).p);
    unlink(link.p);
    rmdir(dir);
    assert_true(str_eq(path_real(a, STR(".")), path_cwd(a)));
}

static int try_open(str path)
{
    int fd = path_open_real(path.p, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static void test_path__opens_real_paths_only(void **state)
{
    char dir[] = "/tmp/hipaalint-path-XXXXXX";
    str real, inner, file, link, through;

    (void)state;
    assert_non_null(mkdtemp(dir));
    real = path_real(a, str_of(dir));
    inner = path_join(a, real, STR("d"));
    file = path_join(a, inner, STR("f"));
    link = path_join(a, real, STR("l"));
    through = path_join(a, link, STR("f"));
    assert_int_equal(mkdir(inner.p, 0700), 0);
    close(open(file.p, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(symlink("d", link.p), 0);
    assert_int_equal(try_open(file), 0);
    assert_int_equal(try_open(inner), 0);
    assert_int_equal(try_open(link), ELOOP);
    assert_int_equal(try_open(through), ELOOP);
    assert_int_equal(try_open(path_join(a, inner, STR("none"))), ENOENT);
    unlink(link.p);
    unlink(file.p);
    rmdir(inner.p);
    rmdir(dir);
}

#define PATH_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PATH_TEST(test_path__join),
        PATH_TEST(test_path__parts),
        PATH_TEST(test_path__normalise),
        PATH_TEST(test_path__is_below),
        PATH_TEST(test_path__relative),
        PATH_TEST(test_path__real_follows_links),
        PATH_TEST(test_path__opens_real_paths_only),
    };

    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
