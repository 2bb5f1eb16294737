#include "analysis/iam_escalation.h"

#include "analysis/iam_testing.h"

/* The table of testdata/analysis/iam/escalation.txt; its top describes it. */

static str cut(str *rest, const char *at)
{
    size_t found = str_find(*rest, str_of(at));
    str part = str_trim(str_slice(*rest, 0, found));
    *rest = found == SIZE_MAX ? STR_NONE : str_slice(*rest, found + strlen(at), rest->n);
    return part;
}

static void add_words(struct buf *out, str words)
{
    bool first = true;
    buf_add_char(out, '[');
    for (str rest = words; rest.p;) {
        str word = str_cut(rest, ' ', &rest);
        buf_printf(out, "%s\"" STR_FMT "\"", first ? "" : ",", STR_ARG(word));
        first = false;
    }
    buf_add_char(out, ']');
}

static void add_statement(struct buf *out, str text)
{
    str rest = text, actions = cut(&rest, " on "), resources = cut(&rest, " if ");
    buf_add_c(out, "{\"Effect\":\"Allow\",\"Action\":");
    add_words(out, actions);
    buf_add_c(out, ",\"Resource\":");
    add_words(out, resources);
    if (rest.n) {
        str operator_name = str_cut(rest, ' ', &rest), key = str_cut(rest, ' ', &rest);
        buf_printf(out, ",\"Condition\":{\"" STR_FMT "\":{\"" STR_FMT "\":\"" STR_FMT "\"}}", STR_ARG(operator_name),
                   STR_ARG(key), STR_ARG(rest));
    }
    buf_add_char(out, '}');
}

static const struct iam_policy *policy_of(struct arena *a, str text)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_c(&b, "{\"Version\":\"2012-10-17\",\"Statement\":[");
    for (str rest = text; rest.p;) {
        add_statement(&b, cut(&rest, ";;"));
        if (rest.p)
            buf_add_char(&b, ',');
    }
    buf_add_c(&b, "]}");
    const struct iam_policy *p = iam_policy_read(a, NULL, testing_json(a, buf_copy(&b, a)));
    buf_release(&b);
    return p;
}

static bool says(const struct value *paths, str wanted)
{
    if (str_eq_c(wanted, "?"))
        return value_is(paths, VALUE_UNKNOWN);
    if (!value_is(paths, VALUE_LIST))
        return false;
    for (size_t i = 0; i < paths->u.list.n && wanted.n; i++)
        if (str_starts(value_str(paths->u.list.item[i]), wanted))
            return true;
    return !wanted.n && paths->u.list.n == 0;
}

static void test_iam_escalation__table(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct iam_escalations *e = iam_escalations_new(a);
    size_t positive = 0;
    for (str rest = testing_file(a, "testdata/analysis/iam/escalation.txt"); rest.p;) {
        str line = str_cut(rest, '\n', &rest), statements = line;
        if (!line.n || line.p[0] == '#')
            continue;
        str wanted = cut(&statements, " | ");
        if (!says(iam_escalation_paths(a, e, policy_of(a, statements)), wanted))
            fail_msg(STR_FMT, STR_ARG(line));
        positive += wanted.n > 1;
    }
    assert_true(positive >= 20);
    assert_true(iam_escalation_count(e) >= 20);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_iam_escalation__table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
