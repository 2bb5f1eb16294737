/* What HCL reads as stands in testdata/syntax/hcl*.txt, case by case: "=== name", the text, "---", the tree and the
 * diagnostics. HIPAALINT_UPDATE=1 writes the results anew: look at the difference before it is committed. */
#include "syntax/testing.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "syntax/hcl.h"

static bool copied; /* every document without a diagnostic is a copy of one that was read */

static const struct node *read_text(struct fixture *f, str text)
{
    prepare(f, "test.tf", text);
    f->document = hcl_read(f->source, f->arena, &f->diags);
    if (copied && f->diags.n == 0) {
        str again = {arena_copy(f->arena, f->source->text.p, f->source->text.n), f->source->text.n};
        const struct source *twin = source_add(f->sources, STR("twin.tf"), again);
        struct document d = hcl_read(twin, f->arena, &f->diags);

        f->document = document_copy(&d, f->source, f->arena);
    }
    return f->document.root;
}

static void check_dump(const struct node *n, const char *expected)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    node_dump(n, &b);
    assert_str(buf_str(&b), expected);
    buf_release(&b);
}

/* ---------------------------------------------------------------- tables */

static void print_result(const struct fixture *f, struct buf *out)
{
    node_dump(f->document.root, out);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < f->diags.n; i++) {
        const struct diag *d = &f->diags.at[i];
        struct position p = source_position(f->source, d->at.start);

        buf_printf(out, "%u:%u \"", p.line, p.column);
        buf_add(out, str_slice(f->source->text, d->at.start, d->at.end));
        buf_printf(out, "\" %s: " STR_FMT "\n", diag_id_name(d->id), STR_ARG(d->message));
    }
    assert_true(f->document.incomplete || f->diags.n == 0 || f->diags.at[0].id == DIAG_DUPLICATE_KEY);
}

/* Checks a table; what it should say goes to *out. Returns the number of cases that differ. */
static unsigned run_table(str rest, struct buf *out)
{
    unsigned failed = 0;

    while (rest.n != 0) {
        size_t dashes = str_find(rest, STR("\n---\n")), next = str_find(rest, STR("\n=== "));
        str name = str_slice(rest, 4, str_find_char(rest, '\n')), text, expected;
        struct fixture f;
        struct buf b;

        assert_true(str_starts(rest, STR("=== ")) && dashes != SIZE_MAX);
        text = str_slice(rest, 4 + name.n + 1, dashes + 1);
        expected = str_slice(rest, dashes + 5, next == SIZE_MAX ? rest.n : next + 1);
        rest = str_slice(rest, next == SIZE_MAX ? rest.n : next + 1, rest.n);
        buf_init(&b, 1 << 20);
        read_text(&f, text);
        print_result(&f, &b);
        if (!str_eq(buf_str(&b), expected)) {
            print_error(STR_FMT "\nis:\n" STR_FMT "should be:\n" STR_FMT "\n", STR_ARG(name), STR_ARG(buf_str(&b)),
                        STR_ARG(expected));
            failed++;
        }
        buf_printf(out, "=== " STR_FMT "\n" STR_FMT "---\n" STR_FMT, STR_ARG(name), STR_ARG(text),
                   STR_ARG(buf_str(&b)));
        buf_release(&b);
        done(&f);
    }
    return failed;
}

static void check_table(const char *path)
{
    struct sources *sources = sources_new();
    enum source_error error;
    const struct source *table = source_open(sources, str_of(path), STR_NONE, &error);
    unsigned failed;
    struct buf out;

    if (table == NULL)
        fail_msg("%s: %s", path, source_error_text(error));
    buf_init(&out, 1 << 20);
    failed = run_table(table->text, &out);
    if (getenv("HIPAALINT_UPDATE") != NULL) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fwrite(out.p, 1, out.n, file);
        fclose(file);
        failed = 0;
    }
    buf_release(&out);
    sources_free(sources);
    assert_int_equal(failed, 0);
}

static void test_hcl__structure_and_expressions(void **state)
{
    (void)state;
    check_table("testdata/syntax/hcl.txt");
}

static void test_hcl__strings_and_templates(void **state)
{
    (void)state;
    check_table("testdata/syntax/hcl-templates.txt");
}

static void test_hcl__errors(void **state)
{
    (void)state;
    check_table("testdata/syntax/hcl-errors.txt");
}

/* ---------------------------------------------------------------- spans, flags, comments */

static void check_node(const struct fixture *f, const struct node *n, enum node_kind kind, const char *text,
                       unsigned flags)
{
    assert_non_null(n);
    assert_int_equal(n->kind, kind);
    assert_int_equal(n->at.file, f->source->id);
    assert_str(str_slice(f->source->text, n->at.start, n->at.end), text);
    assert_int_equal(n->flags, flags);
}

static void test_hcl__spans_of_blocks_and_attributes(void **state)
{
    struct fixture f;
    const struct node *root = read_text(&f, STR("  a \"l\" b { # c\n  x = \"s\\n\"\n  y = \"t\"\n}\n"));
    const struct node *block = root->u.map.entry[0].value;

    (void)state;
    check_node(&f, root, NODE_BODY, f.source->text.p, 0);
    check_node(&f, root->u.map.entry[0].key, NODE_STRING, "a", NODE_RAW);
    check_node(&f, block, NODE_BLOCK, "a \"l\" b { # c\n  x = \"s\\n\"\n  y = \"t\"\n}", 0);
    check_node(&f, block->u.block->label[0], NODE_STRING, "\"l\"", NODE_QUOTED | NODE_RAW);
    check_node(&f, block->u.block->label[1], NODE_STRING, "b", NODE_RAW);
    check_node(&f, block->u.block->body, NODE_BODY, "{ # c\n  x = \"s\\n\"\n  y = \"t\"\n}", 0);
    check_node(&f, node_find(block->u.block->body, "x"), NODE_STRING, "\"s\\n\"", NODE_QUOTED);
    check_node(&f, node_find(block->u.block->body, "y"), NODE_STRING, "\"t\"", NODE_QUOTED | NODE_RAW);
    assert_ptr_equal(node_find(block->u.block->body, "y")->u.string.p, f.source->text.p + f.source->text.n - 5);
    assert_str(str_slice(f.source->text, block->u.block->header.start, block->u.block->header.end), "a \"l\" b");
    assert_str(block->u.block->type, "a");
    done(&f);
}

static void check_get(const struct fixture *f, const struct node *n, const char *text, const char *name)
{
    check_node(f, n, NODE_GET, text, 0);
    assert_str(n->u.get.name, name);
    assert_ptr_equal(n->u.get.name.p + n->u.get.name.n, f->source->text.p + n->at.end);
}

static void test_hcl__spans_of_references(void **state)
{
    struct fixture f;
    const struct node *n = node_find(read_text(&f, STR("x = aws_vpc.a.0[k] .\n b.c[*].d.e\n")), "x"), *each;

    (void)state;
    check_node(&f, n, NODE_SPLAT, "aws_vpc.a.0[k] .\n b.c[*].d.e", 0);
    each = n->u.splat.each;
    check_get(&f, each, "aws_vpc.a.0[k] .\n b.c[*].d.e", "e");
    check_get(&f, each->u.get.object, "aws_vpc.a.0[k] .\n b.c[*].d", "d");
    n = n->u.splat.source;
    check_get(&f, n, "aws_vpc.a.0[k] .\n b.c", "c");
    n = n->u.get.object;
    check_get(&f, n, "aws_vpc.a.0[k] .\n b", "b");
    n = n->u.get.object;
    check_node(&f, n, NODE_INDEX, "aws_vpc.a.0[k]", 0);
    n = n->u.pair.left;
    check_get(&f, n, "aws_vpc.a.0", "0");
    n = n->u.get.object;
    check_get(&f, n, "aws_vpc.a", "a");
    check_node(&f, n->u.get.object, NODE_VARIABLE, "aws_vpc", 0);
    done(&f);
}

static void test_hcl__spans_of_templates(void **state)
{
    struct fixture f;
    const struct node *root =
        read_text(&f, STR("x = \"a${b}%{ if c }d%{ endif }\"\ny = <<E\n{\"a\":1}\nE\nz = <<-E\n  a\n  E\n"
                          "w = \"${b}\"\n"));
    const struct node *n = node_find(root, "x");

    (void)state;
    check_node(&f, n, NODE_TEMPLATE, "\"a${b}%{ if c }d%{ endif }\"", NODE_QUOTED);
    check_node(&f, n->u.template.part[0], NODE_STRING, "a", NODE_RAW);
    check_node(&f, n->u.template.part[1], NODE_VARIABLE, "b", 0);
    check_node(&f, n->u.template.part[2], NODE_TEMPLATE_IF, "%{ if c }d%{ endif }", 0);
    check_node(&f, n->u.template.part[2]->u.conditional.yes, NODE_TEMPLATE, "d", 0);
    assert_null(n->u.template.part[2]->u.conditional.no);
    check_node(&f, node_find(root, "y"), NODE_STRING, "<<E\n{\"a\":1}\nE", NODE_HEREDOC | NODE_RAW);
    assert_ptr_equal(node_find(root, "y")->u.string.p, f.source->text.p + n->at.end + 9);
    check_node(&f, node_find(root, "z"), NODE_STRING, "<<-E\n  a\n  E", NODE_HEREDOC);
    assert_int_equal(node_find(root, "w")->u.template.n, 1);
    done(&f);
}

static void test_hcl__errors_mark_the_body_around(void **state)
{
    struct fixture f;
    const struct node *root = read_text(&f, STR("a {\n  x = = 1\n  y = 2\n}\nb {\n  z = 3\n}\n"));
    const struct node *a = root->u.map.entry[0].value, *b = root->u.map.entry[1].value;

    (void)state;
    assert_true(f.document.incomplete);
    check_node(&f, node_find(a->u.block->body, "x"), NODE_ERROR, "= 1", 0);
    assert_int_equal(a->u.block->body->flags, NODE_INCOMPLETE);
    assert_int_equal(b->u.block->body->flags, 0);
    assert_int_equal(root->flags, 0);
    done(&f);
}

static void check_comment(const struct fixture *f, size_t i, const char *written, const char *text, bool own_line)
{
    const struct comment *c = &f->document.comment[i];

    assert_true(i < f->document.n_comments);
    assert_str(str_slice(f->source->text, c->at.start, c->at.end), written);
    assert_str(c->text, text);
    assert_int_equal(c->own_line, own_line);
}

static void test_hcl__comments(void **state)
{
    struct fixture f;

    (void)state;
    read_text(&f,
              STR("# one\na { // two\r\n  /* three\n */ x = [1, # four\n 2]\n}\n  #\ny = = 1 # six\nz = \"# no\"\n"));
    assert_int_equal(f.document.n_comments, 6);
    check_comment(&f, 0, "# one", "one", true);
    check_comment(&f, 1, "// two", "two", false);
    check_comment(&f, 2, "/* three\n */", "three", true);
    check_comment(&f, 3, "# four", "four", false);
    check_comment(&f, 4, "#", "", true);
    check_comment(&f, 5, "# six", "six", false);
    done(&f);
}

/* ---------------------------------------------------------------- texts that are no files */

static void check_part(bool template, const char *text, const char *expected, size_t n_diags)
{
    struct arena *arena = arena_new();
    struct diag_list diags;
    span whole = {7, 100, 200};
    const struct node *n;

    diag_list_init(&diags, arena);
    n = template ? hcl_read_template(str_of(text), 7, 0, true, whole, arena, &diags)
                 : hcl_read_expression(str_of(text), 7, 0, true, whole, arena, &diags);
    assert_int_equal(diags.n, n_diags);
    assert_true(n_diags == 0 || n == NULL);
    check_dump(n, expected);
    for (size_t i = 0; i < diags.n; i++) {
        assert_int_equal(diags.at[i].at.file, 7);
        assert_true(diags.at[i].at.start <= diags.at[i].at.end && diags.at[i].at.end <= strlen(text));
    }
    diag_list_release(&diags);
    arena_free(arena);
}

static void test_hcl__expressions_alone(void **state)
{
    (void)state;
    check_part(false, "a.b + 1", "(+ (get a b) 1)", 0);
    check_part(false, " \n{ a = 1 } ", "{\"a\":1}", 0);
    check_part(false, "", "()", 1);
    check_part(false, "a b", "()", 1);
    check_part(false, "(", "()", 1);
    check_part(false, ")", "()", 1);
    check_part(false, "a = 1", "()", 1);
}

static void test_hcl__templates_alone(void **state)
{
    (void)state;
    check_part(true, "", "\"\"", 0);
    check_part(true, "a \"b\" \\n $${c}\n", "\"a \\\"b\\\" \\\\n ${c}\\n\"", 0);
    check_part(true, "${x}", "(template x)", 0);
    check_part(true, "a\n%{ for x in y ~}\n  ${x}\n%{ endfor ~}\nb",
               "(template \"a\\n\" (template-for (x) y (template \"  \" x \"\\n\")) \"b\")", 0);
    check_part(true, "a ${", "()", 1);
}

static void test_hcl__spans_are_mapped(void **state)
{
    struct arena *arena = arena_new();
    span whole = {3, 100, 200};
    const struct node *n;
    struct diag_list diags;

    (void)state;
    diag_list_init(&diags, arena);
    n = hcl_read_template(STR("ab${cd}"), 3, 40, true, whole, arena, &diags);
    assert_int_equal(n->at.start, 40);
    assert_int_equal(n->at.end, 47);
    assert_int_equal(n->u.template.part[0]->at.start, 40);
    assert_int_equal(n->u.template.part[1]->at.start, 44);
    assert_int_equal(n->u.template.part[1]->at.end, 46);
    n = hcl_read_expression(STR("a[*].b"), 3, 40, false, whole, arena, &diags);
    assert_memory_equal(&n->at, &whole, sizeof(whole));
    assert_memory_equal(&n->u.splat.each->at, &whole, sizeof(whole));
    diag_list_release(&diags);
    arena_free(arena);
}

static void test_hcl__grammar_usable(void **state)
{
    str message;

    (void)state;
    assert_true(hcl_grammar_usable(&message));
}

/* ---------------------------------------------------------------- large and deep */

static str repeated(struct buf *b, const char *head, const char *piece, size_t n, const char *tail)
{
    buf_init(b, 1 << 26);
    buf_add_c(b, head);
    for (size_t i = 0; i < n; i++)
        buf_add_c(b, piece);
    buf_add_c(b, tail);
    return buf_str(b);
}

static void test_hcl__pieces_do_not_show(void **state)
{
    static const char block[] = "resource \"a\" \"b\" {\n  p = <<E\n{\n  \"c\": 1\n}\nE\n  l = [1, 2]\n}\n\n";
    const size_t n = TESTING_SANITIZED ? 3000 : 20000;
    struct fixture f;
    struct buf b;
    const struct node *root = read_text(&f, repeated(&b, "", block, n, "# end\n"));

    (void)state;
    assert_int_equal(f.diags.n, 0);
    assert_int_equal(root->u.map.n, n);
    assert_int_equal(f.document.n_comments, 1);
    for (size_t i = 0; i < n; i++) {
        const struct node *at = root->u.map.entry[i].value;

        assert_int_equal(at->at.start, i * (sizeof(block) - 1));
        assert_int_equal(at->at.end, (i + 1) * (sizeof(block) - 1) - 2);
        assert_str(node_string(node_find(at->u.block->body, "p")), "{\n  \"c\": 1\n}\n");
    }
    buf_release(&b);
    done(&f);
}

static void test_hcl__an_error_in_a_large_file_is_one_error(void **state)
{
    static const char block[] = "resource \"a\" \"b\" {\n  l = [1, 2]\n}\n";
    static const char *const bad[] = {"resource \"x\" \"y\" {\n", "}\n", "x = 'a'\n", "x = [1\n",
                                      "x {\n  y = = 1\n}\n"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct fixture f;
        struct buf half, b;
        str text;

        buf_init(&b, 1 << 24);
        text = repeated(&half, "", block, 3000, "");
        buf_add(&b, text);
        buf_add_c(&b, bad[i]);
        buf_add(&b, text);
        read_text(&f, buf_str(&b));
        assert_int_equal(f.diags.n, 1);
        assert_true(f.diags.at[0].at.start >= text.n && f.diags.at[0].at.end <= text.n + strlen(bad[i]));
        assert_true(f.document.root->u.map.n >= 6000 && f.document.root->u.map.n <= 6001);
        buf_release(&half);
        buf_release(&b);
        done(&f);
    }
}

static void check_limit(const char *head, const char *piece, size_t n, const char *tail)
{
    struct fixture f;
    struct buf b;

    read_text(&f, repeated(&b, head, piece, n, tail));
    assert_true(f.document.incomplete);
    assert_true(f.diags.n >= 1 && f.diags.n <= LIMIT_FILE_DIAGNOSTICS);
    buf_release(&b);
    done(&f);
}

static void test_hcl__depth_is_limited(void **state)
{
    struct fixture f;
    struct buf b, close;
    str closers = repeated(&close, "", ")", 10000, "\nb = 2\n");

    (void)state;
    read_text(&f, repeated(&b, "a = ", "(", 10000, closers.p));
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(f.diags.at[0].id, DIAG_LIMIT);
    assert_int_equal(f.document.root->u.map.n, 2);
    buf_release(&b);
    buf_release(&close);
    done(&f);
    check_limit("", "a {\n", 10000, "");
    check_limit("a = b", ".c", 10000, "\n");
    check_limit("a = b", "[0]", 10000, "\n");
    check_limit("a = b", "[*]", 10000, "\n");
    check_limit("a = b", " && b", 10000, "\n");
    check_limit("a = \"", "%{ if b }", 10000, "\"\n");
    check_limit("a = ", "\"${", 10000, "\n");
}

static void test_hcl__the_parser_is_stopped_in_time(void **state)
{
    (void)state;
    check_limit("a = ", "(", 200000, "");
    check_limit("", "a {", 100000, "");
    check_limit("a = ", "{a=", 66000, "");
    check_limit("", "a = @\n", 20000, "");
    check_limit("", "} ", 100000, "");
}

static void test_hcl__prefixes_are_survived(void **state)
{
    static const char text[] = "# c\nresource \"a\" \"b\" { // d\n  x = \"y${z}\"\n  t = { Name = \"n\", (k) = 2 }\n}\n"
                               "n = {for k, v in x : k => v... if v}\np = <<-EOT\n    a\n      ${b ~}\n  EOT\n/* e */\n"
                               "q = \"%{ if a ~} b %{ else }c%{ endif }%{ for i, x in y }${x},%{ endfor }\"\n"
                               "s = a.*.b[0] ? [f(1, g...), x[*].y] : -1\n";

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        struct fixture f;
        char *copy = malloc(i + 1);

        memcpy(copy, text, i);
        read_text(&f, (str){copy, i});
        assert_non_null(f.document.root);
        done(&f);
        free(copy);
    }
}

static void test_hcl__copies_are_as_if_read(void **state)
{
    copied = true;
    test_hcl__structure_and_expressions(state);
    test_hcl__strings_and_templates(state);
    test_hcl__spans_of_blocks_and_attributes(state);
    test_hcl__spans_of_references(state);
    test_hcl__spans_of_templates(state);
    test_hcl__comments(state);
    copied = false;
}

/* ---------------------------------------------------------------- files of others */

static void read_directory(const char *path, unsigned *n, unsigned *failed)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        str name = str_of(entry->d_name);
        struct arena *arena = arena_new();
        struct sources *sources = sources_new();
        str inside = arena_printf(arena, "%s/%s", path, entry->d_name);
        enum source_error error;

        if (!str_starts(name, STR(".")) && !str_ends(name, STR(".tf"))) {
            read_directory(inside.p, n, failed);
        } else if (str_ends(name, STR(".tf"))) {
            const struct source *s = source_open(sources, inside, STR_NONE, &error);
            struct diag_list diags;

            diag_list_init(&diags, arena);
            if (s != NULL)
                hcl_read(s, arena, &diags);
            if (diags.n != 0)
                print_error("%s: " STR_FMT "\n", inside.p, STR_ARG(diags.at[0].message));
            *failed += diags.n != 0;
            ++*n;
            diag_list_release(&diags);
        }
        sources_free(sources);
        arena_free(arena);
    }
    closedir(dir);
}

static void test_hcl__corpora_have_no_errors(void **state)
{
    const char *shared = getenv("HIPAALINT_SHARED");
    struct arena *arena = arena_new();
    str path = arena_printf(arena, "%s/corpora", shared != NULL ? shared : "../shared");
    unsigned n = 0, failed = 0;

    (void)state;
    read_directory(path.p, &n, &failed);
    if (n == 0)
        print_message("skipped: there is no %s (set HIPAALINT_SHARED)\n", path.p);
    else
        print_message("%u files of Terraform read\n", n);
    arena_free(arena);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hcl__structure_and_expressions),
        TEST(test_hcl__strings_and_templates),
        TEST(test_hcl__errors),
        TEST(test_hcl__spans_of_blocks_and_attributes),
        TEST(test_hcl__spans_of_references),
        TEST(test_hcl__spans_of_templates),
        TEST(test_hcl__errors_mark_the_body_around),
        TEST(test_hcl__comments),
        TEST(test_hcl__expressions_alone),
        TEST(test_hcl__templates_alone),
        TEST(test_hcl__spans_are_mapped),
        TEST(test_hcl__grammar_usable),
        TEST(test_hcl__pieces_do_not_show),
        TEST(test_hcl__an_error_in_a_large_file_is_one_error),
        TEST(test_hcl__depth_is_limited),
        TEST(test_hcl__the_parser_is_stopped_in_time),
        TEST(test_hcl__prefixes_are_survived),
        TEST(test_hcl__copies_are_as_if_read),
        TEST(test_hcl__corpora_have_no_errors),
    };

    return cmocka_run_group_tests_name("hcl", tests, NULL, NULL);
}
