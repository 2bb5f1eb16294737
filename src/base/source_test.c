#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "base/path.h"
#include "base/pool.h"
#include "base/source.h"
#include "base/testing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *a;
static struct sources *all;
static char dir[40];

static int set_up(void **state)
{
    note_memory(state);
    a = arena_new();
    all = sources_new();
    memcpy(dir, "/tmp/hipaalint-source-XXXXXX", 29);
    return mkdtemp(dir) == NULL;
}

static int tear_down(void **state)
{
    char command[64];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    sources_free(all);
    arena_free(a);
    return system(command) != 0 || assert_nothing_left(state) != 0;
}

static str in_dir(const char *name)
{
    return path_join(a, str_of(dir), str_of(name));
}

static str write_file(const char *name, str text)
{
    str path = in_dir(name);
    int fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    if (text.n != 0)
        assert_int_equal(write(fd, text.p, text.n), text.n);
    close(fd);
    return path;
}

static void assert_opens(str path, str root, str text)
{
    enum source_error error;
    const struct source *s = source_open(all, path, root, &error);

    assert_int_equal(error, SOURCE_OK);
    assert_non_null(s);
    assert_true(str_eq(s->text, text));
    assert_ptr_equal(source_at(all, s->id), s);
}

static void assert_refused(str path, str root, enum source_error want)
{
    enum source_error error = SOURCE_OK;

    assert_null(source_open(all, path, root, &error));
    assert_string_equal(source_error_text(error), source_error_text(want));
}

static void test_source__reads_files(void **state)
{
    char *large = arena_alloc(a, 3 << 20);

    (void)state;
    memset(large, 'x', 3 << 20);
    assert_opens(write_file("small", STR("a\nb")), STR_NONE, STR("a\nb"));
    assert_opens(write_file("empty", STR("")), STR_NONE, STR_NONE);
    assert_opens(write_file("large", (str){large, 3 << 20}), STR_NONE, (str){large, 3 << 20});
    assert_opens(write_file("nul", STR("a\0b")), STR_NONE, STR("a\0b"));
    assert_int_equal(sources_count(all), 4);
}

static void test_source__size_need_not_be_known(void **state)
{
    enum source_error error;
    const struct source *s = source_open(all, STR("/proc/self/status"), STR_NONE, &error);

    (void)state;
    if (access("/proc/self/status", R_OK) != 0)
        skip();
    assert_non_null(s);
    assert_true(s->text.n > 100);
}

static void test_source__keeps_the_path_as_given(void **state)
{
    enum source_error error;
    const struct source *s, *again;
    str path = write_file("x.tf", STR("1"));
    str other = in_dir("./x.tf");

    (void)state;
    s = source_open(all, other, STR_NONE, &error);
    assert_true(str_eq(s->path, other));
    assert_false(s->is_template_of_other);
    assert_int_equal(symlink(path.p, in_dir("link").p), 0);
    again = source_open(all, in_dir("link"), str_of(dir), &error);
    assert_ptr_equal(again, s);
    assert_int_equal(error, SOURCE_OK);
    assert_int_equal(sources_count(all), 1);
}

static void test_source__shows_paths_without_detours(void **state)
{
    enum source_error error;
    str path = write_file("x.tf", STR("1"));

    (void)state;
    assert_int_equal(mkdir(in_dir("a").p, 0700), 0);
    assert_int_equal(mkdir(in_dir("b").p, 0700), 0);
    assert_int_equal(mkdir(in_dir("b/c").p, 0700), 0);
    assert_int_equal(symlink("b/c", in_dir("link").p), 0);
    write_file("b/y.tf", STR("2"));
    assert_true(str_eq(source_open(all, in_dir("a/../x.tf"), STR_NONE, &error)->path, path));
    /* Through a link, ".." leads elsewhere. */
    assert_true(str_eq(source_open(all, in_dir("link/../y.tf"), STR_NONE, &error)->path, in_dir("link/../y.tf")));
}

static void test_source__refuses_what_is_no_file(void **state)
{
    struct stat status;
    int ends[2];

    (void)state;
    assert_refused(in_dir("missing"), STR_NONE, SOURCE_MISSING);
    assert_refused(STR("a\0b"), STR_NONE, SOURCE_MISSING);
    assert_refused(str_of(dir), STR_NONE, SOURCE_NOT_A_FILE);
    assert_refused(STR("/dev/null"), STR_NONE, SOURCE_NOT_A_FILE);
    assert_int_equal(mkfifo(in_dir("fifo").p, 0644), 0);
    assert_refused(in_dir("fifo"), STR_NONE, SOURCE_NOT_A_FILE);
    assert_refused(in_dir("fifo"), str_of(dir), SOURCE_NOT_A_FILE);
    assert_int_equal(symlink("loop", in_dir("loop").p), 0);
    assert_refused(in_dir("loop"), STR_NONE, SOURCE_LOOP);
    assert_int_equal(pipe(ends), 0);
    if (stat("/dev/fd", &status) == 0)
        assert_refused(arena_printf(a, "/dev/fd/%d", ends[0]), STR_NONE, SOURCE_NOT_A_FILE);
    close(ends[0]);
    close(ends[1]);
    write_file("file", STR("x"));
    assert_refused(in_dir("file/below"), STR_NONE, SOURCE_MISSING);
    write_file("secret", STR("x"));
    assert_int_equal(chmod(in_dir("secret").p, 0), 0);
    if (geteuid() != 0)
        assert_refused(in_dir("secret"), STR_NONE, SOURCE_DENIED);
}

static void test_source__refuses_large_files_unread(void **state)
{
    str path = write_file("sparse", STR(""));
    size_t before;

    (void)state;
    assert_true(source_real(all, a, path).n != 0); /* which remembers the directory */
    before = alloc_in_use();
    assert_int_equal(truncate(path.p, (off_t)LIMIT_FILE_BYTES + 1), 0);
    assert_refused(path, STR_NONE, SOURCE_TOO_LARGE);
    assert_int_equal(alloc_in_use(), before);
}

static void test_source__stays_below_the_root(void **state)
{
    str root = in_dir("root");
    str outside = write_file("outside", STR("x"));

    (void)state;
    assert_int_equal(mkdir(root.p, 0755), 0);
    assert_int_equal(mkdir(in_dir("rootlike").p, 0755), 0);
    write_file("root/inside", STR("in"));
    write_file("rootlike/x", STR("x"));
    assert_int_equal(symlink(outside.p, in_dir("root/out").p), 0);
    assert_int_equal(symlink("inside", in_dir("root/in").p), 0);
    assert_int_equal(symlink("root", in_dir("alias").p), 0);
    assert_int_equal(symlink("..", in_dir("root/up").p), 0);
    assert_opens(in_dir("root/inside"), root, STR("in"));
    assert_opens(in_dir("root/in"), root, STR("in"));
    assert_opens(in_dir("root/inside"), in_dir("alias"), STR("in"));
    assert_refused(in_dir("root/out"), root, SOURCE_OUTSIDE_ROOT);
    assert_refused(in_dir("root/../outside"), root, SOURCE_OUTSIDE_ROOT);
    assert_refused(in_dir("root/up/outside"), root, SOURCE_OUTSIDE_ROOT);
    assert_refused(in_dir("rootlike/x"), root, SOURCE_OUTSIDE_ROOT);
    assert_refused(in_dir("root/inside"), in_dir("no-root"), SOURCE_OUTSIDE_ROOT);
    assert_opens(outside, STR_NONE, STR("x")); /* nobody confined this one */
}

/* The directory was looked at while it was one. */
static void test_source__a_directory_may_become_a_link(void **state)
{
    str root = in_dir("root");

    (void)state;
    assert_int_equal(mkdir(root.p, 0755), 0);
    assert_int_equal(mkdir(in_dir("root/d").p, 0755), 0);
    assert_int_equal(mkdir(in_dir("other").p, 0755), 0);
    write_file("root/d/first", STR("1"));
    write_file("other/second", STR("2"));
    assert_opens(in_dir("root/d/first"), root, STR("1"));
    assert_int_equal(rename(in_dir("root/d").p, in_dir("root/moved").p), 0);
    assert_int_equal(symlink("../other", in_dir("root/d").p), 0);
    assert_refused(in_dir("root/d/second"), root, SOURCE_OUTSIDE_ROOT);
    assert_opens(in_dir("root/d/second"), STR_NONE, STR("2"));
}

static void test_source__real_paths(void **state)
{
    str file = write_file("f", STR("x")), real = path_real(a, file);
    str here = path_real(a, str_of(dir));

    (void)state;
    assert_int_equal(mkdir(in_dir("d").p, 0755), 0);
    assert_int_equal(symlink("f", in_dir("link").p), 0);
    assert_int_equal(symlink("d", in_dir("dlink").p), 0);
    write_file("d/g", STR("x"));
    for (int round = 0; round < 2; round++) { /* asked for the first time, and again */
        assert_str(source_real(all, a, file), real.p);
        assert_str(source_real(all, a, in_dir("link")), real.p);
        assert_str(source_real(all, a, in_dir("d/../f")), real.p);
        assert_str(source_real(all, a, in_dir("d/")), path_join(a, here, STR("d")).p);
        assert_str(source_real(all, a, in_dir("d/.")), path_join(a, here, STR("d")).p);
        assert_str(source_real(all, a, in_dir("dlink/..")), here.p);
        assert_str(source_real(all, a, in_dir("dlink/g")), path_join(a, here, STR("d/g")).p);
        assert_str(source_real(all, a, STR("/")), "/");
        assert_null(source_real(all, a, in_dir("none")).p);
        assert_null(source_real(all, a, in_dir("none/f")).p);
        assert_null(source_real(all, a, STR("")).p);
    }
    source_know_directory(all, STR("there"), here);
    assert_str(source_real(all, a, STR("there")), here.p);
    assert_str(source_real(all, a, STR("there/f")), real.p);
}

static void test_source__byte_order_marks(void **state)
{
    (void)state;
    assert_opens(write_file("8", STR("\xEF\xBB\xBFhi")), STR_NONE, STR("hi"));
    assert_opens(write_file("8only", STR("\xEF\xBB\xBF")), STR_NONE, STR(""));
    assert_opens(write_file("le", STR("\xFF\xFEh\0\xAC\x20\x3D\xD8\x00\xDE")), STR_NONE,
                 STR("h\xE2\x82\xAC\xF0\x9F\x98\x80"));
    assert_opens(write_file("be", STR("\xFE\xFF\0h\x20\xAC\xD8\x3D\xDE\x00")), STR_NONE,
                 STR("h\xE2\x82\xAC\xF0\x9F\x98\x80"));
    assert_opens(write_file("leonly", STR("\xFF\xFE")), STR_NONE, STR(""));
    assert_str(source_add(all, STR("-"), STR("\xEF\xBB\xBFhi"))->text, "hi");
    assert_str(source_add(all, STR("-"), STR("\xFE\xFF\0h\0i"))->text, "hi");
}

static void test_source__broken_utf16_is_broken_utf8(void **state)
{
    static const str cases[] = {
        {"\xFE\xFF\0a\xD8\x3D\0b", 8},
        {"\xFE\xFF\0a\xDE\x00", 6},
        {"\xFE\xFF\0a\xD8\x3D", 6},
        {"\xFE\xFF\0a\0", 5},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t bad = 0;

        assert_false(str_is_utf8(source_add(all, STR("-"), cases[i])->text, &bad));
        assert_int_equal(bad, 1);
    }
}

static void assert_position(const struct source *s, uint32_t offset, uint32_t line, uint32_t column)
{
    struct position p = source_position(s, offset);

    assert_int_equal(p.line, line);
    assert_int_equal(p.column, column);
}

static void test_source__positions(void **state)
{
    const struct source *s = source_add(all, STR("-"), STR("ab\ncd\r\n\re\n"));

    (void)state;
    assert_position(s, 0, 1, 1);
    assert_position(s, 2, 1, 3); /* the newline ends its line */
    assert_position(s, 3, 2, 1);
    assert_position(s, 6, 2, 4); /* LF of CR LF */
    assert_position(s, 7, 3, 1); /* a lone CR */
    assert_position(s, 8, 4, 1);
    assert_position(s, 10, 5, 1);
    assert_position(s, 4000000000u, 5, 1);
    assert_int_equal(source_line_count(s), 4);
    assert_int_equal(source_line_start(s, 0), 0);
    assert_int_equal(source_line_start(s, 2), 3);
    assert_int_equal(source_line_start(s, 5), 10);
    assert_int_equal(source_line_start(s, 6), 10);
    assert_str(source_line(s, 1), "ab");
    assert_str(source_line(s, 2), "cd");
    assert_str(source_line(s, 3), "");
    assert_str(source_line(s, 4), "e");
    assert_str(source_line(s, 5), "");
    assert_str(source_line(s, 99), "");
    assert_str(source_line(s, 0), "");
}

/* Against the definition, byte by byte, for every text of six letters, CRs and LFs, and one of nothing but breaks. */
static void test_source__lines_are_found_byte_by_byte(void **state)
{
    enum { LETTERS = 6, TEXTS = 729, LONG = 5000 };
    char breaks[LONG];

    (void)state;
    memset(breaks, '\n', LONG);
    assert_position(source_add(all, STR("-"), (str){breaks, LONG}), LONG, LONG + 1, 1);
    for (unsigned i = 0; i < TEXTS; i++) {
        char *text = arena_alloc(a, LETTERS);
        const struct source *s;
        uint32_t line = 1, start = 0;
        unsigned rest = i;

        for (size_t k = 0; k < LETTERS; k++, rest /= 3)
            text[k] = "a\r\n"[rest % 3];
        s = source_add(all, STR("-"), (str){text, LETTERS});
        for (uint32_t at = 0; at < LETTERS; at++) {
            assert_position(s, at, line, at - start + 1);
            if (text[at] == '\n' || (text[at] == '\r' && (at + 1 == LETTERS || text[at + 1] != '\n'))) {
                uint32_t crlf = at > start && text[at] == '\n' && text[at - 1] == '\r';

                assert_str(source_line(s, line), arena_cstr(a, (str){text + start, at - start - crlf}));
                line++;
                start = at + 1;
            }
        }
    }
}

static void test_source__lines_without_last_newline(void **state)
{
    const struct source *empty = source_add(all, STR("-"), STR_NONE);
    const struct source *one = source_add(all, STR("-"), STR("x"));

    (void)state;
    assert_position(empty, 0, 1, 1);
    assert_int_equal(source_line_count(empty), 0);
    assert_str(source_line(empty, 1), "");
    assert_int_equal(source_line_count(one), 1);
    assert_str(source_line(one, 1), "x");
}

static void test_source__entries_never_move(void **state)
{
    enum { N = 3000 };
    const struct source **s = alloc_get(N * sizeof(*s));

    (void)state;
    for (size_t i = 0; i < N; i++)
        s[i] = source_add(all, arena_printf(a, "%zu", i), STR("x"));
    for (size_t i = 0; i < N; i++) {
        assert_ptr_equal(source_at(all, s[i]->id), s[i]);
        assert_true(str_eq(s[i]->path, arena_printf(a, "%zu", i)));
    }
    assert_null(source_at(all, 0));
    assert_null(source_at(all, N + 1));
    alloc_put(s, N * sizeof(*s));
}

static void test_source__ranks_by_path(void **state)
{
    uint32_t c = source_add(all, STR("c"), STR("1"))->id;
    uint32_t a2 = source_add(all, STR("a"), STR("2"))->id;
    uint32_t a1 = source_add(all, STR("a"), STR("1"))->id;

    (void)state;
    for (int round = 0; round < 2; round++) { /* without ranks and with */
        assert_true(span_compare(all, (span){a2, 9, 9}, (span){c, 0, 0}) < 0);
        assert_true(span_compare(all, (span){a2, 0, 0}, (span){a1, 5, 5}) > 0);
        assert_true(span_compare(all, (span){c, 1, 2}, (span){c, 1, 3}) < 0);
        assert_true(span_compare(all, (span){c, 2, 2}, (span){c, 1, 3}) > 0);
        assert_true(span_compare(all, SPAN_NONE, (span){a1, 0, 0}) < 0);
        assert_int_equal(span_compare(all, SPAN_NONE, SPAN_NONE), 0);
        sources_rank(all);
    }
    assert_int_equal(source_rank(all, a1), 1);
    assert_int_equal(source_rank(all, a2), 2);
    assert_int_equal(source_rank(all, c), 3);
    assert_int_equal(source_rank(all, 0), 0);
}

struct race {
    str paths[20];
    const struct source *got[400];
    struct position at[400];
};

static void open_one(void *context, size_t item, unsigned worker)
{
    struct race *r = context;
    enum source_error error;

    (void)worker;
    r->got[item] = source_open(all, r->paths[item % 20], str_of(dir), &error);
    if (r->got[item] != NULL)
        r->at[item] = source_position(r->got[item], 4);
}

static void test_source__threads_share_sources(void **state)
{
    struct race *r = alloc_get(sizeof(*r));

    (void)state;
    for (size_t i = 0; i < 20; i++)
        r->paths[i] = write_file(arena_printf(a, "f%zu", i).p, arena_printf(a, "a\nb%zu\n", i));
    pool_run(8, 400, open_one, r);
    assert_int_equal(sources_count(all), 20);
    for (size_t i = 0; i < 400; i++) {
        assert_ptr_equal(r->got[i], r->got[i % 20]);
        assert_int_equal(r->at[i].line, 2);
    }
    alloc_put(r, sizeof(*r));
}

static void test_source__a_fork_has_other_texts_under_the_same_ids(void **state)
{
    (void)state;
    enum source_error error;
    str one = write_file("one", STR("a\nb")), two = write_file("two", STR("c"));
    const struct source *first = source_open(all, one, STR_NONE, &error),
                        *second = source_open(all, two, STR_NONE, &error);
    struct sources *fork = sources_fork(all);

    source_override(fork, path_real(a, one), STR("a\n\nb"));
    assert_str(source_at(fork, first->id)->text, "a\n\nb");
    assert_int_equal(source_position(source_at(fork, first->id), 3).line, 3);
    assert_str(source_at(fork, second->id)->text, "c");
    assert_int_equal(source_open(fork, one, STR_NONE, &error)->id, first->id);
    assert_int_equal(source_open(fork, write_file("three", STR("d")), STR_NONE, &error)->id, second->id + 1);
    assert_str(first->text, "a\nb");
    assert_int_equal(sources_count(all), 2);
    sources_free(fork);
}

#define SOURCE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOURCE_TEST(test_source__reads_files),
        SOURCE_TEST(test_source__size_need_not_be_known),
        SOURCE_TEST(test_source__keeps_the_path_as_given),
        SOURCE_TEST(test_source__shows_paths_without_detours),
        SOURCE_TEST(test_source__refuses_what_is_no_file),
        SOURCE_TEST(test_source__refuses_large_files_unread),
        SOURCE_TEST(test_source__stays_below_the_root),
        SOURCE_TEST(test_source__a_directory_may_become_a_link),
        SOURCE_TEST(test_source__real_paths),
        SOURCE_TEST(test_source__byte_order_marks),
        SOURCE_TEST(test_source__broken_utf16_is_broken_utf8),
        SOURCE_TEST(test_source__positions),
        SOURCE_TEST(test_source__lines_are_found_byte_by_byte),
        SOURCE_TEST(test_source__lines_without_last_newline),
        SOURCE_TEST(test_source__entries_never_move),
        SOURCE_TEST(test_source__ranks_by_path),
        SOURCE_TEST(test_source__threads_share_sources),
        SOURCE_TEST(test_source__a_fork_has_other_texts_under_the_same_ids),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
