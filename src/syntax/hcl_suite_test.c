/* HCL's specification suite: what can be seen of a case without a schema and an evaluator. The list says which cases
 * pass and why others do not apply; HIPAALINT_UPDATE=1 writes it anew. */
#include "base/testing.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "syntax/hcl.h"

static const char list_path[] = "testdata/conformance/hcl-specsuite.txt";

struct suite {
    struct arena *arena;
    struct sources *sources;
    struct buf results; /* lines as in the list */
};

enum verdict { PASSES, FAILS, NOT_APPLICABLE };

struct parsed {
    const struct source *source;
    const struct node *root; /* NULL: there is no such file */
    struct diag_list diags;
};

static struct parsed parse(struct suite *s, str path)
{
    struct parsed p = {0};
    enum source_error error;

    diag_list_init(&p.diags, s->arena);
    p.source = source_open(s->sources, path, STR_NONE, &error);
    if (p.source != NULL)
        p.root = hcl_read(p.source, s->arena, &p.diags).root;
    return p;
}

static const struct node *find_block(const struct node *body, const char *type)
{
    const struct node *n = node_find(body, type);

    return n != NULL && n->kind == NODE_BLOCK ? n->u.block->body : NULL;
}

/* ---------------------------------------------------------------- expected diagnostics */

static uint32_t byte_of(const struct node *error, const char *side)
{
    const struct node *byte = node_find(find_block(error, side), "byte");

    return byte != NULL && byte->kind == NODE_NUMBER ? (uint32_t)byte->u.number.value : UINT32_MAX;
}

static bool reported(const struct parsed *p, const struct node *error)
{
    for (size_t i = 0; i < p->diags.n; i++)
        if (p->diags.at[i].at.start == byte_of(error, "from") && p->diags.at[i].at.end == byte_of(error, "to"))
            return true;
    return false;
}

static enum verdict check_diagnostics(const struct parsed *p, const struct node *expected, const char **ret_reason)
{
    for (size_t i = 0; i < expected->u.map.n; i++) {
        if (reported(p, expected->u.map.entry[i].value->u.block->body))
            continue;
        *ret_reason = "its error is one against a schema";
        return p->diags.n == 0 ? NOT_APPLICABLE : FAILS;
    }
    return p->diags.n == expected->u.map.n ? PASSES : FAILS;
}

/* ---------------------------------------------------------------- expected values */

static bool render(const struct node *n, const struct node *variables, struct buf *out)
{
    switch ((enum node_kind)n->kind) {
    case NODE_STRING:
        buf_add(out, n->u.string);
        return true;
    case NODE_VARIABLE: {
        const struct node_entry *e = node_find_entry(variables, n->u.string);

        return e != NULL && render(e->value, variables, out);
    }
    case NODE_TEMPLATE:
        for (size_t i = 0; i < n->u.template.n; i++)
            if (!render(n->u.template.part[i], variables, out))
                return false;
        return true;
    default:
        return false;
    }
}

/* 1: the same, 0: not, -1: one needs an evaluator. */
static int same(const struct node *expected, const struct node *is, const struct node *variables)
{
    struct buf a, b;
    int result = 1;

    if (is->kind == NODE_BODY && is->u.map.n == 1 && is->u.map.entry[0].value->kind == NODE_BLOCK)
        is = is->u.map.entry[0].value->u.block->body;
    if (expected->kind == NODE_MAP && (is->kind == NODE_MAP || is->kind == NODE_BODY)) {
        for (size_t i = 0; i < expected->u.map.n && result == 1; i++) {
            const struct node_entry *e = &expected->u.map.entry[i];
            const struct node_entry *other = node_find_entry(is, node_string(e->key));

            result = other == NULL || other->value->kind == NODE_BLOCK ? -1 : same(e->value, other->value, variables);
        }
        return result;
    }
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    if (expected->kind == NODE_STRING) {
        result = render(is, variables, &b) ? str_eq(expected->u.string, buf_str(&b)) : -1;
    } else {
        node_dump(expected, &a);
        node_dump(is, &b);
        result = str_eq(buf_str(&a), buf_str(&b)) ? 1 : -1;
    }
    buf_release(&a);
    buf_release(&b);
    return result;
}

static bool is_ascii(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

static enum verdict check_values(struct suite *s, const struct parsed *p, const struct node *expected, str base,
                                 const char **ret_reason)
{
    struct parsed spec = parse(s, arena_printf(s->arena, STR_FMT ".hcldec", STR_ARG(base)));
    int result;

    if (p->diags.n != 0)
        return FAILS;
    if (expected == NULL || expected->kind == NODE_STRING)
        return PASSES;
    result = same(expected, p->root, find_block(spec.root, "variables"));
    diag_list_release(&spec.diags);
    if (result == 1)
        return PASSES;
    *ret_reason = result == -1 ? "it has operators, and is read without error"
                               : "it wants Unicode normalisation, which hipaalint does not do";
    return result == -1 || !is_ascii(p->source->text) ? NOT_APPLICABLE : FAILS;
}

/* ---------------------------------------------------------------- cases */

static void run_case(struct suite *s, str base, str name)
{
    static const char *const words[] = {"pass", "FAIL", "n/a"};
    struct parsed test = parse(s, arena_printf(s->arena, STR_FMT ".t", STR_ARG(base)));
    struct parsed p = parse(s, arena_printf(s->arena, STR_FMT ".hcl", STR_ARG(base)));
    const struct node *errors;
    const char *reason = NULL;
    enum verdict verdict;

    assert_non_null(test.root);
    assert_non_null(p.root);
    assert_int_equal(test.diags.n, 0);
    errors = find_block(test.root, "diagnostics");
    if (errors != NULL)
        verdict = check_diagnostics(&p, errors, &reason);
    else
        verdict = check_values(s, &p, node_find(test.root, "result"), base, &reason);
    buf_printf(&s->results, "%s " STR_FMT, words[verdict], STR_ARG(name));
    if (verdict == NOT_APPLICABLE)
        buf_printf(&s->results, ": %s", reason);
    buf_add_char(&s->results, '\n');
    diag_list_release(&test.diags);
    diag_list_release(&p.diags);
}

static unsigned run_directory(struct suite *s, str directory, str prefix)
{
    VEC(str) names = {NULL, 0, 0};
    DIR *dir = opendir(directory.p);
    struct dirent *entry;
    unsigned n = 0;

    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL)
        VEC_PUSH(&names, arena_str(s->arena, str_of(entry->d_name)));
    closedir(dir);
    qsort(names.at, names.n, sizeof(*names.at), str_compare);
    for (size_t i = 0; i < names.n; i++) {
        str name = names.at[i], whole = arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(name));
        str path = arena_printf(s->arena, STR_FMT "/" STR_FMT, STR_ARG(directory), STR_ARG(name));

        if (str_ends(name, STR(".t"))) {
            run_case(s, str_slice(path, 0, path.n - 2), str_slice(whole, 0, whole.n - 2));
            n++;
        } else if (!str_contains(name, STR("."))) {
            n += run_directory(s, path, arena_printf(s->arena, STR_FMT "/", STR_ARG(whole)));
        }
    }
    VEC_RELEASE(&names);
    return n;
}

static void write_list(const struct suite *s)
{
    FILE *out = fopen(list_path, "w");

    assert_non_null(out);
    fwrite(s->results.p, 1, s->results.n, out);
    fclose(out);
}

static void check_list(struct suite *s)
{
    enum source_error error;
    const struct source *list = source_open(s->sources, str_of(list_path), STR_NONE, &error);

    if (list == NULL)
        fail_msg("%s: %s", list_path, source_error_text(error));
    if (!str_eq(list->text, buf_str(&s->results)))
        fail_msg("%s says otherwise:\n" STR_FMT, list_path, STR_ARG(buf_str(&s->results)));
}

static void test_hcl_suite__cases_are_as_listed(void **state)
{
    const char *shared = getenv("HIPAALINT_SHARED");
    struct suite s = {.arena = arena_new(), .sources = sources_new()};
    str directory = arena_printf(s.arena, "%s/corpora/hcl-specsuite/tests", shared != NULL ? shared : "../shared");
    unsigned n;

    (void)state;
    buf_init(&s.results, 1 << 16);
    n = run_directory(&s, directory, STR(""));
    if (n == 0)
        print_message("skipped: there is no %s (set HIPAALINT_SHARED)\n", directory.p);
    else if (getenv("HIPAALINT_UPDATE") != NULL)
        write_list(&s);
    else
        check_list(&s);
    if (n != 0)
        print_message(STR_FMT "hcl-specsuite: %u cases\n", STR_ARG(buf_str(&s.results)), n);
    buf_release(&s.results);
    sources_free(s.sources);
    arena_free(s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_hcl_suite__cases_are_as_listed)};

    return cmocka_run_group_tests_name("hcl-specsuite", tests, NULL, NULL);
}
