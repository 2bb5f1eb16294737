/* Public templates: each is read, and has as many resources as a plain count of its Resources gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "frontend/cloudformation/testing.h"

/* Diagnostics that are right: parts that cannot be known, and what is broken in the collections. */
static bool is_expected(const struct testing *t, const struct diag *d)
{
    const struct source *s = source_at(t->sources, d->at.file);
    bool is_module = s && str_contains(s->path, STR("/RainModules/")); /* parts of templates, with names of others */
    return d->id == DIAG_NOT_ANALYSED || d->severity == DIAG_NOTE || is_module;
}

static size_t declared(const struct node *resources)
{
    size_t n = 0;
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node_entry *e = &resources->u.map.entry[i];
        n += !str_starts(node_string(e->key), STR("Fn::")) && node_find(e->value, "Type") != NULL;
    }
    return n;
}

/* Resources of the template: those made by one entry (SAM) count once, copies of a loop not at all. */
static size_t found(const struct testing *t, const struct node *resources)
{
    size_t n = 0;
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node_entry *e = &resources->u.map.entry[i];
        if (str_starts(node_string(e->key), STR("Fn::")))
            continue;
        for (size_t j = 0; j < graph_count(t->graph); j++) {
            span header = graph_at(t->graph, j)->header;
            if (header.file == e->key->at.file && header.start == e->key->at.start) {
                n++;
                break;
            }
        }
    }
    return n;
}

static void check_corpus(const char *name, size_t least_templates)
{
    char path[512];
    const char *shared = getenv("HIPAALINT_SHARED");
    (void)snprintf(path, sizeof(path), "%s/corpora/%s", shared ? shared : "../shared", name);
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        return;
    }
    struct testing t = {.root = ""};
    testing_open_path(&t, path, NULL);
    size_t templates = 0, resources = 0, wrong = 0;
    for (size_t i = 0; i < t.inputs->n; i++) {
        const struct input_file *f = t.inputs->file[i];
        for (size_t j = 0; j < f->documents.n; j++) {
            const struct node *n = node_find(f->documents.at[j].root, "Resources");
            if (f->document_claim[j] != CLAIM_CLOUDFORMATION)
                continue;
            templates++;
            resources += declared(n);
            if (declared(n) == found(&t, n))
                continue;
            print_error(STR_FMT ": %zu resources, %zu found\n", STR_ARG(f->path), declared(n), found(&t, n));
            wrong++;
        }
    }
    size_t unexpected = 0;
    for (size_t i = 0; i < t.diags.n; i++)
        unexpected += !is_expected(&t, &t.diags.at[i]);
    if (unexpected > 0)
        testing_print(&t);
    print_message("%s: %zu templates, %zu resources, %zu diagnostics\n", name, templates, resources, t.diags.n);
    assert_int_equal(wrong, 0);
    assert_int_equal(unexpected, 0);
    assert_true(templates >= least_templates);
    testing_close(&t);
}

static void test_corpus__aws_samples(void **state)
{
    (void)state;
    check_corpus("aws-cloudformation-templates", 100);
}

static void test_corpus__cfngoat(void **state)
{
    (void)state;
    check_corpus("cfngoat", 1);
}

static void test_corpus__quickstart(void **state)
{
    (void)state;
    check_corpus("quickstart-compliance-hipaa", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corpus__aws_samples),
        cmocka_unit_test(test_corpus__cfngoat),
        cmocka_unit_test(test_corpus__quickstart),
    };
    return cmocka_run_group_tests_name("cloudformation_corpus", tests, NULL, NULL);
}
