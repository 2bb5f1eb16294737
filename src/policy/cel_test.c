#include "base/testing.h"
#include "policy/cel_ast.h"

#include <time.h>

static const struct cel_variable variables[] = {{{"resource", 8}, NULL}, {{"item", 4}, NULL}};
static const struct cel_environment environment = {.variable = variables, .n_variables = ARRAY_LEN(variables)};

struct fixture {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct cel_context context;
    struct buf text;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = alloc_get(sizeof *f);
    f->arena = arena_new();
    f->sources = sources_new();
    diag_list_init(&f->diags, f->arena);
    cel_context_init(&f->context, f->arena);
    buf_init(&f->text, 1 << 20);
    return f;
}

static void fixture_free(struct fixture *f)
{
    buf_release(&f->text);
    cel_context_release(&f->context);
    diag_list_release(&f->diags);
    sources_free(f->sources);
    arena_free(f->arena);
    alloc_put(f, sizeof *f);
}

static struct cel_program *compile(struct fixture *f, str text)
{
    const struct source *s = source_add(f->sources, STR("rule"), text);
    return cel_compile(text, s->id, 0, true, SPAN_NONE, &environment, f->arena, &f->diags);
}

static struct cel_value eval(struct fixture *f, const char *text)
{
    struct cel_value v, binding[2] = {cel_lax_null(), cel_lax_null()};
    struct cel_program *p = compile(f, str_of(text));
    if (!p)
        fail_msg("%s: " STR_FMT, text, STR_ARG(f->diags.at[0].message));
    cel_eval(p, binding, &f->context, &v);
    return v;
}

static str read_file(struct arena *a, const char *path)
{
    struct buf b;
    char block[4096];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is missing; tests run in the root of the repository", path);
    buf_init(&b, 1 << 20);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        buf_add(&b, (str){block, n});
    fclose(file);
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

/* "LEFT => RIGHT" lines. */
static bool next_case(str *rest, str *ret_left, str *ret_right)
{
    while (rest->n) {
        str line = str_cut(*rest, '\n', rest);
        size_t arrow = str_find(line, STR(" => "));
        if (line.n && line.p[0] == '#')
            continue;
        if (arrow == SIZE_MAX)
            continue;
        *ret_left = str_slice(line, 0, arrow);
        *ret_right = str_slice(line, arrow + 4, line.n);
        return true;
    }
    return false;
}

static void test_cel__values(void **state)
{
    struct fixture *f = fixture_new();
    struct buf error;
    str rest = read_file(f->arena, "testdata/conformance/cel/values.txt"), left, right;
    size_t wrong = 0;
    (void)state;
    buf_init(&error, 4096);
    while (next_case(&rest, &left, &right)) {
        buf_clear(&f->text);
        buf_clear(&error);
        if (!cel_eval_text(left, STR_NONE, &f->text, &error) || !str_eq(buf_str(&f->text), right)) {
            print_message(STR_FMT " gave %s%s\n", STR_ARG(left), f->text.n ? f->text.p : "", error.n ? error.p : "");
            wrong++;
        }
    }
    buf_release(&error);
    fixture_free(f);
    assert_int_equal(wrong, 0);
}

static void test_cel__errors_of_evaluation_say_what(void **state)
{
    struct fixture *f = fixture_new();
    struct buf error;
    str rest = read_file(f->arena, "testdata/conformance/cel/runtime_errors.txt"), left, right;
    size_t wrong = 0, cases = 0;
    (void)state;
    buf_init(&error, 4096);
    for (; next_case(&rest, &left, &right); cases++) {
        buf_clear(&f->text);
        buf_clear(&error);
        if (cel_eval_text(left, STR_NONE, &f->text, &error) || f->text.n || !str_eq(buf_str(&error), right)) {
            print_message(STR_FMT " gave %s%s\n", STR_ARG(left), f->text.n ? f->text.p : "", error.n ? error.p : "");
            wrong++;
        }
    }
    buf_release(&error);
    fixture_free(f);
    assert_int_equal(wrong, 0);
    assert_true(cases >= 200);
}

static void test_cel__errors_say_where_and_what(void **state)
{
    struct fixture *f = fixture_new();
    str rest = read_file(f->arena, "testdata/conformance/cel/errors.txt"), left, right;
    size_t wrong = 0, cases = 0;
    (void)state;
    while (next_case(&rest, &left, &right)) {
        f->diags.n = 0;
        cases++;
        const struct cel_program *p = compile(f, left);
        str got = STR("no error");
        if (f->diags.n) {
            const struct diag *d = &f->diags.at[0];
            struct position at = source_position(source_at(f->sources, d->at.file), d->at.start);
            got = arena_printf(f->arena, "%u:%u: " STR_FMT, at.line, at.column, STR_ARG(d->message));
        }
        if (p || !str_eq(got, right)) {
            print_message(STR_FMT " gave " STR_FMT "\n", STR_ARG(left), STR_ARG(got));
            wrong++;
        }
    }
    fixture_free(f);
    assert_int_equal(wrong, 0);
    assert_true(cases >= 40);
}

static void test_cel__errors_stand_in_the_rule_file(void **state)
{
    struct fixture *f = fixture_new();
    (void)state;
    const struct source *s = source_add(f->sources, STR("rule.yaml"), STR("id: X\nassert: resource.a ==\n"));
    span whole = {s->id, 14, 27};
    assert_null(cel_compile(STR("resource.a =="), s->id, 14, true, whole, &environment, f->arena, &f->diags));
    struct position at = source_position(s, f->diags.at[0].at.start);
    assert_int_equal(f->diags.at[0].id, DIAG_RULE);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 22);
    assert_null(cel_compile(STR("resource.a =="), s->id, 0, false, whole, &environment, f->arena, &f->diags));
    assert_int_equal(f->diags.at[1].at.start, 14);
    assert_int_equal(f->diags.at[1].at.end, 27);
    fixture_free(f);
}

static void test_cel__all_errors_of_names_are_reported(void **state)
{
    struct fixture *f = fixture_new();
    (void)state;
    assert_null(compile(f, STR("foo(1) && bar == 2")));
    assert_int_equal(f->diags.n, 2);
    fixture_free(f);
}

/* Every function's example is true, every entry is complete. */
static void test_cel__documentation_is_true(void **state)
{
    struct fixture *f = fixture_new();
    size_t n;
    const struct cel_function_table *const *tables = cel_standard_functions(&n);
    (void)state;
    for (size_t t = 0; t < n; t++) {
        for (size_t i = 0; i < tables[t]->n; i++) {
            const struct cel_function *function = &tables[t]->at[i];
            assert_non_null(function->signature);
            assert_non_null(function->doc);
            struct cel_value v = eval(f, function->example);
            if (cel_truth(&v) != CEL_YES)
                fail_msg("the example of %s is not true: %s", function->name, function->example);
        }
    }
    fixture_free(f);
}

/* ---- hostile input ---- */

static str repeat(struct arena *a, const char *text, size_t times, const char *middle, const char *after)
{
    size_t n = strlen(text), m = strlen(middle), k = strlen(after);
    char *p = arena_alloc(a, times * (n + k) + m + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(p + i * n, text, n);
    memcpy(p + times * n, middle, m);
    for (size_t i = 0; i < times; i++)
        memcpy(p + times * n + m + i * k, after, k);
    return (str){p, times * (n + k) + m};
}

static void test_cel__deep_nesting_is_an_error(void **state)
{
    static const struct {
        const char *before, *middle, *after;
    } cases[] = {
        {"(", "1", ")"},
        {"[", "1", "]"},
        {"{1:", "1", "}"},
        {"!", "true", ""},
        {"-", "1", ""},
        {"-(", "1", ")"},
        {"1+", "1", ""},
        {"1?1:", "1", ""},
        {"", "resource", ".a"},
        {"", "resource", "[0]"},
        {"size(", "1", ")"},
        {"cel.bind(x,1,", "1", ")"},
        {"[1].all(x,", "true", ")"},
        {"", "resource", ".?a"},
    };
    struct fixture *f = fixture_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        f->diags.n = 0;
        assert_null(compile(f, repeat(f->arena, cases[i].before, 10000, cases[i].middle, cases[i].after)));
        assert_true(f->diags.n >= 1);
        assert_true(str_contains(f->diags.at[0].message, STR("nested too deeply")));
    }
    f->diags.n = 0;
    assert_non_null(compile(f, repeat(f->arena, "(", 100, "1", ")")));
    assert_non_null(compile(f, repeat(f->arena, "true || ", 10000, "true", "")));
    fixture_free(f);
}

static void test_cel__every_prefix_and_byte_is_survived(void **state)
{
    static const char text[] =
        "resource.a.?b[?'x'].all(k, v, has(v.c) ? b'\\x01' != v : [1u, ?x, -0x1F, {?'y': .5e+3}]) && "
        "r'''q''' in \"\\u00e9\" || !`z` // end";
    struct fixture *f = fixture_new();
    (void)state;
    for (size_t n = 0; n < sizeof text; n++)
        compile(f, arena_str(f->arena, (str){text, n}));
    for (size_t i = 0; i < sizeof text - 1; i++) {
        for (unsigned byte = 0; byte < 256; byte += 7) {
            str copy = arena_str(f->arena, (str){text, sizeof text - 1});
            char *p = arena_copy(f->arena, copy.p, copy.n);
            p[i] = (char)(unsigned char)byte;
            compile(f, (str){p, copy.n});
        }
    }
    fixture_free(f);
}

static void test_cel__work_has_a_limit(void **state)
{
    static const char *const cases[] = {
        "lists.range(1000000).all(x, x >= 0)",
        "lists.range(100000).all(x, lists.range(100000).all(y, x + y >= 0))",
        "lists.range(3000).all(x, lists.range(3000).exists(y, x == y))",
        "cel.bind(a, 'xxxxxxxxxx', cel.bind(b, a+a+a+a+a+a+a+a, cel.bind(c, b+b+b+b+b+b+b+b, cel.bind(d, "
        "c+c+c+c+c+c+c+c, "
        "cel.bind(e, d+d+d+d+d+d+d+d, cel.bind(g, e+e+e+e+e+e+e+e, cel.bind(h, g+g+g+g+g+g+g+g, h+h+h+h+h+h+h+h)))))))",
        "cel.bind(a, [1,1,1,1], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, "
        "[c,c,c,c,c,c,c,c], "
        "cel.bind(e, [d,d,d,d,d,d,d,d], cel.bind(g, [e,e,e,e,e,e,e,e], cel.bind(h, [g,g,g,g,g,g,g,g], cel.bind(i, "
        "[h,h,h,h,h,h,h,h], i == i))))))))",
        "lists.range(100000).distinct().size() > 0",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')",
    };
    struct fixture *f = fixture_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct timespec before, after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        struct arena_mark mark = arena_mark(f->arena);
        struct cel_value v = eval(f, cases[i]);
        clock_gettime(CLOCK_MONOTONIC, &after);
        double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
        if (v.kind != CEL_ERROR || !str_starts(v.u.text, STR("limit: ")))
            fail_msg("no limit in %s", cases[i]);
        assert_true(f->context.over_limit || f->context.regex_limit);
        assert_true(seconds < 10);
        arena_rewind(f->arena, mark);
    }
    fixture_free(f);
}

static void test_cel__wide_expressions_are_linear(void **state)
{
    struct fixture *f = fixture_new();
    struct buf b;
    (void)state;
    buf_init(&b, 16 << 20);
    buf_add_c(&b, "size({");
    for (int i = 0; i < 50000; i++)
        buf_printf(&b, "%d: 'x',", i);
    buf_add_c(&b, "}) == 50000");
    struct cel_value v = eval(f, b.p);
    assert_int_equal(cel_truth(&v), CEL_YES);
    buf_release(&b);
    fixture_free(f);
}

static void test_cel__bad_bindings_are_errors(void **state)
{
    static const char *const cases[] = {"[1]", "{", "{\"a\": 1, \"a\": 2}", "nothing"};
    struct buf out, error;
    (void)state;
    buf_init(&out, 4096);
    buf_init(&error, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&error);
        assert_false(cel_eval_text(STR("1"), str_of(cases[i]), &out, &error));
        assert_true(str_starts(buf_str(&error), STR("bindings: ")));
    }
    assert_true(cel_eval_text(STR("a.b[1] + x.y"), STR("{\"a\": {\"b\": [1, 2]}, \"x.y\": 40}"), &out, &error));
    assert_str(buf_str(&out), "42");
    assert_false(cel_eval_text(STR("1 / 0"), STR_NONE, &out, &error));
    buf_release(&out);
    buf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cel__values),
        TEST(test_cel__errors_of_evaluation_say_what),
        TEST(test_cel__errors_say_where_and_what),
        TEST(test_cel__errors_stand_in_the_rule_file),
        TEST(test_cel__all_errors_of_names_are_reported),
        TEST(test_cel__documentation_is_true),
        TEST(test_cel__deep_nesting_is_an_error),
        TEST(test_cel__every_prefix_and_byte_is_survived),
        TEST(test_cel__work_has_a_limit),
        TEST(test_cel__wide_expressions_are_linear),
        TEST(test_cel__bad_bindings_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
