/* Expressions against what Terraform's own implementation says: the tables of testdata/terraform/eval, lines
 * of `expression <tab> value as JSON`, or ERROR. */
#include "base/testing.h"
#include "base/vec.h"
#include "frontend/terraform/function.h"
#include "syntax/hcl.h"

struct world {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct evaluator eval;
};

static void world_open(struct world *w)
{
    w->arena = arena_new();
    w->sources = sources_new();
    diag_list_init(&w->diags, w->arena);
    eval_init(&w->eval, w->arena, &w->diags);
}

static void world_close(struct world *w)
{
    eval_release(&w->eval);
    diag_list_release(&w->diags);
    sources_free(w->sources);
    arena_free(w->arena);
}

static const struct value *evaluate(struct world *w, str text)
{
    struct scope scope = {0};
    const struct source *s = source_add(w->sources, STR("table"), text);
    const struct node *n = hcl_read_expression(s->text, s->id, 0, true, SPAN_NONE, w->arena, &w->diags);
    if (!n)
        return eval_fail(&w->eval, SPAN_NONE, "syntax");
    return tf_plain_deep(w->arena, eval_force(&w->eval, eval_expression(&w->eval, n, &scope)));
}

static const struct value *read_expected(struct world *w, str json)
{
    struct function f = {"test", "", NULL, 0};
    struct call c = {.e = &w->eval, .arena = w->arena, .function = &f};
    return json_decode_value(&c, json, NULL);
}

/* As text, so that sets and tuples, maps and objects are alike. */
static bool agrees(struct world *w, const struct value *v, str expected)
{
    if (str_eq_c(expected, "ERROR"))
        return v->flags & TF_FAILED;
    const struct value *wanted = read_expected(w, expected);
    assert_non_null(wanted);
    str a = value_str(tf_json_text(w->arena, v, NULL)), b = value_str(tf_json_text(w->arena, wanted, NULL));
    return !(v->flags & TF_FAILED) && (str_eq(a, b) || tf_same(v, wanted));
}

static size_t check_line(str line)
{
    struct world w;
    str expected;
    str expression = str_cut(line, '\t', &expected);
    world_open(&w);
    const struct value *v = evaluate(&w, expression);
    bool ok = agrees(&w, v, expected);
    if (!ok) {
        struct buf got;
        buf_init(&got, 4096);
        value_to_json(v, &got, VALUE_JSON_REVEAL);
        print_error(STR_FMT "\n  expected " STR_FMT "\n  got      " STR_FMT "\n", STR_ARG(expression),
                    STR_ARG(expected), STR_ARG(buf_str(&got)));
        buf_release(&got);
    }
    world_close(&w);
    return ok ? 0 : 1;
}

static void check_table(const char *path, size_t at_least)
{
    struct sources *sources = sources_new();
    enum source_error error;
    const struct source *s = source_open(sources, str_of(path), STR_NONE, &error);
    size_t wrong = 0, lines = 0;
    assert_non_null(s);
    for (str rest = s->text; rest.n;) {
        str line = str_cut(rest, '\n', &rest);
        if (!line.n || line.p[0] == '#')
            continue;
        lines++;
        wrong += check_line(line);
    }
    sources_free(sources);
    assert_int_equal(wrong, 0);
    assert_true(lines >= at_least);
}

static void test_eval__operators(void **state)
{
    (void)state;
    check_table("testdata/terraform/eval/operators.tsv", 100);
}

static void test_eval__strings(void **state)
{
    (void)state;
    check_table("testdata/terraform/eval/strings.tsv", 150);
}

static void test_eval__collections(void **state)
{
    (void)state;
    check_table("testdata/terraform/eval/collections.tsv", 200);
}

static void test_eval__corners(void **state)
{
    (void)state;
    check_table("testdata/terraform/eval/more.tsv", 200);
}

static void test_eval__impure_functions_are_unknown(void **state)
{
    static const char *const calls[] = {"timestamp()", "uuid()", "bcrypt(\"x\")", "plantimestamp()"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct world w;
        world_open(&w);
        const struct value *v = evaluate(&w, str_of(calls[i]));
        assert_int_equal(v->kind, VALUE_UNKNOWN);
        assert_false(v->flags & TF_FAILED);
        assert_true(str_contains(v->u.reason, STR("each time")));
        world_close(&w);
    }
}

static str nested(struct arena *a, const char *open, const char *inside, const char *close, size_t n)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&b, open);
    buf_add_c(&b, inside);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&b, close);
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static void test_eval__hostile_expressions_are_bounded(void **state)
{
    static const char *const texts[] = {
        "range(1e9)",
        "setproduct(range(1000), range(1000), range(1000))",
        "join(\"\", [for a in range(1000) : join(\"\", [for b in range(1000) : \"xxxxxxxxxxxxxxxxxxxxxxxx\"])])",
        "format(\"%999999999d\", 1)",
        "pow(10, 1000)",
        "1e99999999999",
        "indent(1000000000, \"a\\nb\")",
        "regex(\"(a+)+$\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\")",
        "[for a in range(1024) : [for b in range(1024) : [for c in range(1024) : a]]]",
        "substr(\"abc\", -9223372036854775807, 9223372036854775807)",
        "cidrsubnet(\"10.0.0.0/8\", 99999999999, 1)",
        "element([1, 2], 99999999999999999999)",
        "timeadd(\"2017-11-22T00:00:00Z\", \"99999999999h\")",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct world w;
        world_open(&w);
        assert_non_null(evaluate(&w, str_of(texts[i])));
        world_close(&w);
    }
    struct world w;
    world_open(&w);
    assert_non_null(evaluate(&w, nested(w.arena, "(", "1", ")", 20000)));
    assert_non_null(evaluate(&w, nested(w.arena, "[", "1", "]", 400)));
    assert_non_null(evaluate(&w, nested(w.arena, "upper(", "1", ")", 400)));
    assert_non_null(evaluate(&w, nested(w.arena, "-", "1", "", 400)));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_eval__operators),
        TEST(test_eval__strings),
        TEST(test_eval__collections),
        TEST(test_eval__corners),
        TEST(test_eval__impure_functions_are_unknown),
        TEST(test_eval__hostile_expressions_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
