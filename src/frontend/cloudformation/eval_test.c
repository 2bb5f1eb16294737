/* Evaluates the tables below testdata/cloudformation/eval: NAME.tsv in yaml/NAME.yaml and json/NAME.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/glob.h"
#include "frontend/cloudformation/cloudformation.h"

#define TABLES "testdata/cloudformation/eval/"

struct row {
    str parameters, fragment, want;
    unsigned line;
};

static size_t read_assignments(str text, struct assignment *ret)
{
    size_t n = 0;
    if (str_eq_c(text, "-"))
        return 0;
    for (str rest = text; rest.p && n < 8; n++)
        ret[n].name = str_cut(str_cut(rest, ';', &rest), '=', &ret[n].value);
    return n;
}

/* The JSON of the value, and the number of diagnostics. */
static str evaluate(const char *template, const struct row *row, struct arena *a, size_t *ret_diags)
{
    struct sources *sources = sources_new();
    struct diag_list diags;
    diag_list_init(&diags, a);
    str path = str_of(template);
    struct input_options options = {.jobs = 1, .no_gitignore = true};
    struct inputs *in = inputs_discover(&path, 1, &options, sources, &diags, STR_NONE);
    struct assignment given[8];
    struct frontend_options o = {.parameter = given, .n_parameters = read_assignments(row->parameters, given)};
    size_t before = diags.n;
    const struct value *v = cloudformation_eval_text(in, &o, path, row->fragment, a, &diags);
    *ret_diags = diags.n - before;
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    if (v)
        value_to_json(v, &out, 0);
    else
        buf_add_c(&out, "absent");
    str json = buf_copy(&out, a);
    buf_release(&out);
    inputs_free(in);
    diag_list_release(&diags);
    sources_free(sources);
    return json;
}

static bool row_holds(const char *template, const struct row *row)
{
    struct arena *a = arena_new();
    size_t n_diags;
    str want = row->want;
    bool complains = want.n > 0 && want.p[0] == '!';
    want = str_slice(want, complains, want.n);
    bool is_pattern = want.n > 0 && want.p[0] == '~';
    want = str_slice(want, is_pattern, want.n);
    str got = evaluate(template, row, a, &n_diags);
    bool fine = (is_pattern ? wildcard_match(want, got) : str_eq(want, got)) && (n_diags > 0) == complains;
    if (!fine)
        print_error("%s, line %u: " STR_FMT "\n  got  " STR_FMT " (%zu diagnostics)\n  want " STR_FMT "\n", template,
                    row->line, STR_ARG(row->fragment), STR_ARG(got), n_diags, STR_ARG(row->want));
    arena_free(a);
    return fine;
}

static size_t run_table(const char *name, const char *extension)
{
    char table[128], template[128];
    struct sources *sources = sources_new();
    enum source_error error;
    size_t rows = 0, failures = 0;
    (void)snprintf(table, sizeof(table), TABLES "%s.tsv", name);
    (void)snprintf(template, sizeof(template), TABLES "%s/%s.%s", extension, name, extension);
    const struct source *s = source_open(sources, str_of(table), STR_NONE, &error);
    assert_non_null(s);
    unsigned number = 0;
    for (str rest = s->text; rest.p && rest.n > 0;) {
        str line = str_cut(rest, '\n', &rest), cells;
        struct row row = {.line = ++number};
        if (line.n == 0 || line.p[0] == '#')
            continue;
        row.parameters = str_cut(line, '\t', &cells);
        row.fragment = str_cut(cells, '\t', &row.want);
        failures += !row_holds(template, &row);
        rows++;
    }
    sources_free(sources);
    assert_int_equal(failures, 0);
    return rows;
}

static void test_eval__table_in_yaml(void **state)
{
    (void)state;
    assert_true(run_table("base", "yaml") >= 200);
}

static void test_eval__table_in_json(void **state)
{
    (void)state;
    assert_true(run_table("base", "json") >= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eval__table_in_yaml),
        cmocka_unit_test(test_eval__table_in_json),
    };
    return cmocka_run_group_tests_name("cloudformation_eval", tests, NULL, NULL);
}
