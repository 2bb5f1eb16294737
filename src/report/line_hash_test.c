#include "base/testing.h"

#include "base/buf.h"
#include "report/line_hash.h"
#include "syntax/json.h"

static struct line_hash hash_of(const char *text, uint32_t line)
{
    struct sources *all = sources_new();
    struct arena *a = arena_new();
    size_t n;
    const struct line_hash *table = line_hashes(source_add(all, STR("t"), str_of(text)), a, &n);
    assert_true(line < n);
    struct line_hash result = table[line];
    arena_free(a);
    sources_free(all);
    return result;
}

/* Worked out by hand from the definition: the end mark alone, times 37 to the 99th. */
static void test_line_hash__of_nothing(void **state)
{
    (void)state;
    uint64_t expected = 65535;
    for (int i = 0; i < 99; i++)
        expected *= 37;
    assert_true(hash_of("", 1).hash == expected);
}

/* The definition, unit by unit: what rolling must not change. */
static uint64_t by_definition(const char *text)
{
    uint64_t hash = 0;
    int units = 0;
    for (; *text && units < 100; text++)
        if (*text != ' ' && *text != '\t') {
            hash = hash * 37 + (unsigned char)*text;
            units++;
        }
    if (units < 100) {
        hash = hash * 37 + 65535;
        units++;
    }
    for (; units < 100; units++)
        hash *= 37;
    return hash;
}

static void test_line_hash__rolls_like_the_definition(void **state)
{
    (void)state;
    static const char text[] =
        "resource \"aws_s3_bucket\" \"phi\" {\n  bucket = \"phi\"\n}\n\n"
        "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"a-name-that-is-rather-long-so-that-the-"
        "window-ends-inside-of-this-very-line-and-not-after-it-at-all\"\n}\nlast";
    uint32_t line = 1;
    for (const char *p = text; p; line++) {
        assert_true(hash_of(text, line).hash == by_definition(p));
        p = strchr(p, '\n');
        p = p ? p + 1 : NULL;
    }
    assert_int_equal(line, 9);
}

static void test_line_hash__ignores_blanks_and_line_endings(void **state)
{
    (void)state;
    uint64_t a = hash_of("a b\n\tc\n", 1).hash;
    assert_true(a == hash_of("ab\r\nc\r\n", 1).hash);
    assert_true(a == hash_of("  ab\rc\r", 1).hash);
    assert_false(a == hash_of("ab\nd\n", 1).hash);
}

/* Lines that differ in blanks only are the same line to GitHub. */
static void test_line_hash__counts_equal_lines(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4000);
    for (int i = 0; i < 3; i++) {
        buf_add_c(&b, i == 1 ? "a =  1\n" : "a = 1\n");
        for (int k = 0; k < 60; k++)
            buf_add_c(&b, "xy\n");
    }
    assert_int_equal(hash_of(b.p, 1).occurrence, 1);
    assert_int_equal(hash_of(b.p, 62).occurrence, 2);
    assert_int_equal(hash_of(b.p, 3).occurrence, 2);
    buf_release(&b);
}

static void check_row(str literal, str hashes, struct arena *a, struct sources *all, size_t *ret_checked)
{
    struct diag_list diags;
    diag_list_init(&diags, a);
    const struct node *text = json_read_embedded(literal, 1, 0, false, SPAN_NONE, a, &diags);
    assert_non_null(text);
    size_t n;
    const struct line_hash *table = line_hashes(source_add(all, STR("v"), text->u.string), a, &n);
    for (uint32_t line = 1; hashes.p; line++) {
        str wanted = str_cut(hashes, ',', &hashes);
        assert_true(line < n);
        str got = arena_printf(a, "%llx:%u", (unsigned long long)table[line].hash, table[line].occurrence);
        assert_str(got, arena_cstr(a, wanted));
        ++*ret_checked;
    }
    diag_list_release(&diags);
}

static void test_line_hash__agrees_with_the_shared_vectors(void **state)
{
    (void)state;
    const char *shared = getenv("HIPAALINT_SHARED");
    struct arena *a = arena_new();
    struct sources *all = sources_new();
    enum source_error error;
    str path = arena_printf(a, "%s/reference/fingerprints.tsv", shared ? shared : "../shared");
    const struct source *table = source_open(all, path, STR_NONE, &error);
    if (!table)
        printf("skipped: fingerprint vectors (no shared data)\n");
    size_t checked = 0;
    for (str rest = table ? table->text : STR_NONE; rest.p && rest.n;) {
        str line = str_cut(rest, '\n', &rest);
        str hashes, literal = str_cut(line, '\t', &hashes);
        if (line.n && line.p[0] != '#')
            check_row(literal, hashes, a, all, &checked);
    }
    if (table)
        assert_true(checked > 20);
    sources_free(all);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_hash__of_nothing),
        cmocka_unit_test(test_line_hash__rolls_like_the_definition),
        cmocka_unit_test(test_line_hash__ignores_blanks_and_line_endings),
        cmocka_unit_test(test_line_hash__counts_equal_lines),
        cmocka_unit_test(test_line_hash__agrees_with_the_shared_vectors),
    };
    return cmocka_run_group_tests_name("line_hash", tests, NULL, NULL);
}
