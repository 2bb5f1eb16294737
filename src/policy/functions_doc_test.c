/* The lists of functions and facts in man/hipaalint-rules.5 are made from the tables in the code: this test fails when they
 * differ, and writes them anew when HIPAALINT_UPDATE_MAN is set (tools/functions-doc.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analysis/pass.h"
#include "base/buf.h"
#include "policy/environment.h"

enum { WIDTH = 78 };

static const char manual[] = "man/hipaalint-rules.5";

/* One word of mdoc text: nothing in it may be taken for a request or an escape. */
static void add_escaped(struct buf *out, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            buf_add_c(out, "\\e");
        else if (s.p[i] == '"')
            buf_add_c(out, "\\(dq");
        else if (s.p[i] == '-')
            buf_add_c(out, "\\-");
        else if (s.p[i] == '(' && i + 1 < s.n && s.p[i + 1] == ')')
            buf_add_c(out, "\\&(");
        else
            buf_add_char(out, s.p[i]);
    }
}

/* Text filled to WIDTH; a new sentence starts a new line when `sentences`. */
static void add_text(struct buf *out, str text, bool sentences)
{
    size_t column = 0;
    bool ended = false;
    while (text.n) {
        str word = str_cut(text, ' ', &text);
        if (!word.n)
            continue;
        struct buf b;
        buf_init(&b, 4096);
        if (word.p[0] == '.' || word.p[0] == '\'')
            buf_add_c(&b, "\\&");
        add_escaped(&b, word);
        if (column && (column + 1 + b.n > WIDTH || ended)) {
            buf_add_char(out, '\n');
            column = 0;
        }
        if (column)
            buf_add_char(out, ' ');
        buf_add(out, buf_str(&b));
        column += b.n + 1;
        char last = word.p[word.n - 1];
        ended = sentences && (last == '.' || last == '?' || last == '!');
        buf_release(&b);
    }
    buf_add_char(out, '\n');
}

static void add_literal(struct buf *out, const char *text)
{
    buf_add_c(out, ".Bd -literal -compact\n");
    add_text(out, str_of(text), false);
    buf_add_c(out, ".Ed\n");
}

static void add_function(struct buf *out, const struct cel_function *f)
{
    buf_add_c(out, ".It Xo\n.Sy ");
    buf_add_char(out, '"');
    add_escaped(out, str_of(f->name));
    buf_add_c(out, "\"\n.Xc\n");
    if (f->signature)
        add_literal(out, f->signature);
    if (f->doc)
        add_text(out, str_of(f->doc), true);
    if (f->unknown) {
        buf_add_c(out, "With unknowns:\n");
        add_text(out, str_of(f->unknown), true);
    }
    if (f->example)
        add_literal(out, f->example);
}

static void add_table(struct buf *out, const struct cel_function_table *t)
{
    buf_printf(out, ".Ss Functions: %s\n.Bl -tag -width 2n\n", t->title);
    for (size_t i = 0; i < t->n; i++)
        add_function(out, &t->at[i]);
    buf_add_c(out, ".El\n");
}

static void write_functions(struct buf *out)
{
    const struct cel_environment *env = environment_get();
    for (size_t i = 0; i < env->n_tables; i++)
        add_table(out, env->table[i]);
    size_t n;
    const struct cel_function_table *const *standard = cel_standard_functions(&n);
    for (size_t i = 0; i < n; i++)
        add_table(out, standard[i]);
}

static void write_facts(struct buf *out)
{
    size_t n;
    const struct analysis_pass *const *passes = analysis_passes(&n);
    buf_add_c(out, ".Bl -tag -width 2n\n");
    for (size_t i = 0; i < n; i++) {
        for (const struct fact *f = passes[i]->fact; f->name; f++) {
            buf_printf(out, ".It Va %s\n", f->name);
            add_text(out, str_of(f->doc), true);
            buf_add_c(out, "Of");
            buf_add_char(out, '\n');
            if (strcmp(f->kinds, "*") == 0)
                buf_add_c(out, "every kind.\n");
            else
                add_text(out, str_of(f->kinds), false);
        }
    }
    buf_add_c(out, ".El\n");
}

static bool read_manual(struct buf *out)
{
    FILE *f = fopen(manual, "r");
    if (!f)
        return false;
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
        buf_add(out, (str){chunk, n});
    fclose(f);
    return true;
}

/* What lies between the two marks is replaced. */
static void replace_part(struct buf *text, const char *name, const struct buf *part)
{
    char begin[64], end[64];
    snprintf(begin, sizeof(begin), ".\\\" begin generated: %s\n", name);
    snprintf(end, sizeof(end), ".\\\" end generated: %s\n", name);
    str s = buf_str(text);
    size_t from = str_find(s, str_of(begin)), to = str_find(s, str_of(end));
    assert_true(from != SIZE_MAX && to != SIZE_MAX && from < to);
    struct buf all;
    buf_init(&all, SIZE_MAX);
    buf_add(&all, str_slice(s, 0, from + strlen(begin)));
    buf_add(&all, buf_str(part));
    buf_add(&all, str_slice(s, to, s.n));
    buf_clear(text);
    buf_add(text, buf_str(&all));
    buf_release(&all);
}

static void test_functions_doc__manual_says_what_the_tables_say(void **state)
{
    (void)state;
    struct buf text, before, functions, facts;
    buf_init(&text, SIZE_MAX);
    buf_init(&before, SIZE_MAX);
    buf_init(&functions, SIZE_MAX);
    buf_init(&facts, SIZE_MAX);
    assert_true(read_manual(&text));
    buf_add(&before, buf_str(&text));
    write_functions(&functions);
    write_facts(&facts);
    replace_part(&text, "functions", &functions);
    replace_part(&text, "facts", &facts);
    bool same = str_eq(buf_str(&before), buf_str(&text));
    if (getenv("HIPAALINT_UPDATE_MAN")) {
        FILE *f = fopen(manual, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
        fclose(f);
    } else if (!same) {
        fail_msg("%s is behind the tables: run tools/functions-doc.sh", manual);
    }
    buf_release(&text);
    buf_release(&before);
    buf_release(&functions);
    buf_release(&facts);
}

static void check_table(const struct cel_function_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct cel_function *f = &t->at[i];
        if (!f->signature || !f->doc || !f->example)
            fail_msg("%s has no signature, doc or example", f->name);
    }
}

static void test_functions_doc__every_function_is_documented(void **state)
{
    (void)state;
    const struct cel_environment *env = environment_get();
    for (size_t i = 0; i < env->n_tables; i++)
        check_table(env->table[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_doc__manual_says_what_the_tables_say),
        cmocka_unit_test(test_functions_doc__every_function_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
