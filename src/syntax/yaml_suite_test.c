/* yaml-test-suite: every case in the list of those that pass must go on passing. libyaml reads YAML 1.1
 * and has gaps of its own, so not all do. HIPAALINT_UPDATE=1 writes the list anew. */
#include "base/testing.h"

#include <dirent.h>
#include <stdio.h>

#include "base/map.h"
#include "base/vec.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

static const char pass_list[] = "testdata/conformance/yaml-test-suite.pass";

struct suite {
    struct arena *arena;
    struct sources *sources;
    struct map passed;
    struct map listed;
    size_t n, failed;
};

/* ---------------------------------------------------------------- the suite's own notation */

static void add_replaced(struct buf *out, str text)
{
    static const struct {
        str from, to;
    } marks[] = {{{"\xE2\x90\xA3", 3}, {" ", 1}},  /* visible space */
                 {{"\xC2\xBB", 2}, {"\t", 1}},     /* the end of a tab's arrow */
                 {{"\xE2\x80\x94", 3}, {"", 0}},   /* its shaft */
                 {{"\xE2\x86\x90", 3}, {"\r", 1}}, /* carriage return */
                 {{"\xE2\x87\x94", 3}, {"\xEF\xBB\xBF", 3}},
                 {{"\xE2\x86\xB5", 3}, {"", 0}}}; /* a line break that is there anyway */

    while (text.n != 0) {
        size_t i = 0;

        while (i < ARRAY_LEN(marks) && !str_starts(text, marks[i].from))
            i++;
        buf_add(out, i < ARRAY_LEN(marks) ? marks[i].to : str_slice(text, 0, 1));
        text = str_slice(text, i < ARRAY_LEN(marks) ? marks[i].from.n : 1, text.n);
    }
}

static str unescape(struct suite *s, str text)
{
    static const str no_newline = {"\xE2\x88\x8E\n", 4};
    struct buf out;
    str result;

    if (str_ends(text, no_newline))
        text.n -= no_newline.n;
    buf_init(&out, 1 << 20);
    add_replaced(&out, text);
    result = buf_copy(&out, s->arena);
    buf_release(&out);
    return result;
}

/* Cuts the first of several JSON texts off: the suite writes each from the start of a line. */
static str cut_json(str *rest)
{
    bool quoted = false;
    size_t i, depth = 0;
    str all = *rest;

    for (i = 0; i < all.n; i++) {
        char c = all.p[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{'))
            depth++;
        else if (!quoted && (c == ']' || c == '}'))
            depth--;
        else if (!quoted && depth == 0 && c == '\n')
            break;
    }
    *rest = str_trim(str_slice(all, i, all.n));
    return str_slice(all, 0, i);
}

/* ---------------------------------------------------------------- comparing */

static bool same(const struct node *y, const struct node *j)
{
    if (y->kind == NODE_TAGGED)
        return same(y->u.tagged.value, j);
    if (y->kind != j->kind)
        return false;
    switch ((enum node_kind)y->kind) {
    case NODE_NULL:
        return true;
    case NODE_BOOL:
        return y->u.boolean == j->u.boolean;
    case NODE_NUMBER:
        return !(y->u.number.value < j->u.number.value) && !(y->u.number.value > j->u.number.value);
    case NODE_STRING:
        return str_eq(y->u.string, j->u.string);
    case NODE_LIST:
        for (size_t i = 0; i < y->u.list.n && i < j->u.list.n; i++)
            if (!same(y->u.list.item[i], j->u.list.item[i]))
                return false;
        return y->u.list.n == j->u.list.n;
    case NODE_MAP:
        for (size_t i = 0; i < j->u.map.n; i++) {
            const struct node_entry *e = node_find_entry(y, j->u.map.entry[i].key->u.string);

            if (e == NULL || !same(e->value, j->u.map.entry[i].value))
                return false;
        }
        return y->u.map.n == j->u.map.n;
    default:
        return false;
    }
}

static bool same_documents(struct suite *s, const struct documents *documents, str json)
{
    str rest = str_trim(json);
    struct diag_list unheard;
    size_t i = 0;
    bool good = true;

    diag_list_init(&unheard, s->arena);
    for (; good && rest.n != 0; i++) {
        const struct node *expected = json_read_embedded(cut_json(&rest), 0, 0, true, SPAN_NONE, s->arena, &unheard);

        good = i < documents->n && expected != NULL && same(documents->at[i].root, expected);
    }
    assert_int_equal(unheard.n, 0);
    diag_list_release(&unheard);
    return good && i == documents->n;
}

static bool passes(struct suite *s, str id, str yaml, str json, bool has_json, bool must_fail)
{
    const struct source *source = source_add(s->sources, id, yaml);
    struct documents documents;
    struct diag_list diags;
    bool error = false;

    diag_list_init(&diags, s->arena);
    yaml_read(source, s->arena, &diags, &documents);
    /* Keys that are no scalars are YAML, though none of our formats has them. */
    for (size_t i = 0; i < diags.n; i++)
        error |= diags.at[i].severity == DIAG_ERROR && diags.at[i].id != DIAG_STRUCTURE;
    diag_list_release(&diags);
    if (error || must_fail)
        return error == must_fail;
    return !has_json || same_documents(s, &documents, json);
}

/* ---------------------------------------------------------------- running */

/* What a case does not say is as in the case before it; null takes it away. `fail` is never handed on. */
static void run_file(struct suite *s, str id, const struct node *cases)
{
    str yaml = STR_NONE, json = STR_NONE;
    bool has_json = false;

    assert_int_equal(cases->kind, NODE_LIST);
    for (size_t i = 0; i < cases->u.list.n; i++) {
        const struct node *c = cases->u.list.item[i];
        const struct node *new_yaml = node_find(c, "yaml"), *new_json = node_find(c, "json");
        bool must_fail = node_find(c, "fail") != NULL;
        str name = cases->u.list.n == 1 ? id : arena_printf(s->arena, STR_FMT "/%02zu", STR_ARG(id), i);

        if (node_find(c, "skip") != NULL)
            return;
        if (new_yaml != NULL)
            yaml = unescape(s, node_string(new_yaml));
        if (new_json != NULL) {
            has_json = new_json->kind == NODE_STRING;
            json = unescape(s, node_string(new_json));
        }
        s->n++;
        if (passes(s, name, yaml, json, has_json, must_fail)) {
            map_set(&s->passed, name, s);
        } else if (map_has(&s->listed, name)) {
            print_error(STR_FMT " no longer passes\n", STR_ARG(name));
            s->failed++;
        }
    }
}

static bool list_files(struct suite *s, const char *directory, str **ret, size_t *ret_n)
{
    VEC(str) names = {NULL, 0, 0};
    DIR *dir = opendir(directory);
    struct dirent *entry;

    if (dir == NULL)
        return false;
    while ((entry = readdir(dir)) != NULL)
        if (str_ends(str_of(entry->d_name), STR(".yaml")))
            VEC_PUSH(&names, arena_str(s->arena, str_of(entry->d_name)));
    closedir(dir);
    *ret = VEC_MOVE(&names, s->arena, ret_n);
    qsort(*ret, *ret_n, sizeof(**ret), str_compare);
    return true;
}

static void read_list(struct suite *s)
{
    enum source_error error;
    const struct source *list =
        source_open(s->sources, STR("testdata/conformance/yaml-test-suite.pass"), STR_NONE, &error);
    str rest;

    if (list == NULL)
        fail_msg("%s: %s", pass_list, source_error_text(error));
    for (rest = list->text; rest.n != 0;) {
        str line = str_cut(rest, '\n', &rest);

        if (line.n != 0 && line.p[0] != '#')
            map_set(&s->listed, line, s);
    }
}

static void write_list(const struct suite *s)
{
    FILE *out = fopen(pass_list, "w");

    assert_non_null(out);
    fputs("# Cases of yaml-test-suite that pass; HIPAALINT_UPDATE=1 with yaml_suite_test writes this file.\n", out);
    for (size_t i = 0; i < s->passed.n; i++)
        fprintf(out, STR_FMT "\n", STR_ARG(s->passed.at[i].key));
    fclose(out);
}

static void report(const struct suite *s)
{
    size_t fresh = 0;

    for (size_t i = 0; i < s->passed.n; i++)
        if (!map_has(&s->listed, s->passed.at[i].key)) {
            print_message(STR_FMT " passes now: add it to %s\n", STR_ARG(s->passed.at[i].key), pass_list);
            fresh++;
        }
    print_message("yaml-test-suite: %zu of %zu cases pass, %zu new\n", s->passed.n, s->n, fresh);
}

static void run_suite(struct suite *s, const char *directory, const str *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum source_error error;
        str path = arena_printf(s->arena, "%s/" STR_FMT, directory, STR_ARG(names[i]));
        const struct source *file = source_open(s->sources, path, STR_NONE, &error);
        struct documents documents;
        struct diag_list diags;

        assert_non_null(file);
        diag_list_init(&diags, s->arena);
        yaml_read(file, s->arena, &diags, &documents);
        assert_int_equal(diags.n, 0);
        assert_int_equal(documents.n, 1);
        run_file(s, str_slice(names[i], 0, names[i].n - 5), documents.at[0].root);
        diag_list_release(&diags);
    }
}

static void test_yaml_suite__listed_cases_pass(void **state)
{
    const char *shared = getenv("HIPAALINT_SHARED");
    struct suite s = {.arena = arena_new(), .sources = sources_new()};
    str directory = arena_printf(s.arena, "%s/corpora/yaml-test-suite", shared != NULL ? shared : "../shared");
    str *names;
    size_t n;

    (void)state;
    map_init(&s.passed);
    map_init(&s.listed);
    if (!list_files(&s, directory.p, &names, &n)) {
        print_message("skipped: there is no %s (set HIPAALINT_SHARED)\n", directory.p);
    } else if (getenv("HIPAALINT_UPDATE") != NULL) {
        run_suite(&s, directory.p, names, n);
        write_list(&s);
    } else {
        read_list(&s);
        run_suite(&s, directory.p, names, n);
        report(&s);
    }
    map_release(&s.passed);
    map_release(&s.listed);
    sources_free(s.sources);
    arena_free(s.arena);
    assert_int_equal(s.failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_yaml_suite__listed_cases_pass)};

    return cmocka_run_group_tests_name("yaml-test-suite", tests, NULL, NULL);
}
