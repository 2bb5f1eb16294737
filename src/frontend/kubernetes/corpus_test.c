/* Real repositories: documents counted against a plain YAML parse, kustomizations against kustomize. */
#include "frontend/kubernetes/testing.h"

#include "base/path.h"
#include "base/testing.h"
#include "frontend/kubernetes/kustomize.h"

static const char *corpora(struct arena *a)
{
    const char *shared = getenv("HIPAALINT_SHARED");
    str path = arena_printf(a, "%s/corpora", shared ? shared : "../shared");
    struct stat st;
    return stat(path.p, &st) == 0 ? path.p : NULL;
}

struct table {
    struct sources *sources;
    str rest;
};

static bool table_open(struct table *t, const char *path)
{
    enum source_error error;
    t->sources = sources_new();
    const struct source *s = source_open(t->sources, str_of(path), STR_NONE, &error);
    t->rest = s ? s->text : STR_NONE;
    return s != NULL;
}

static bool table_next(struct table *t, str cells[4])
{
    while (t->rest.n) {
        str line = str_cut(t->rest, '\n', &t->rest);
        if (!line.n || line.p[0] == '#')
            continue;
        for (size_t i = 0; i < 4; i++)
            cells[i] = str_cut(line, '\t', &line);
        return true;
    }
    return false;
}

static void test_corpus__documents_and_resources(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *root = corpora(a);
    struct testing t;
    struct table table;
    str cells[4];
    size_t files = 0, resources = 0, wrong = 0;
    if (!root) {
        printf("skipped: no corpora\n");
        arena_free(a);
        return;
    }
    testing_open_path(&t, root);
    assert_true(table_open(&table, "testdata/kubernetes/corpus.tsv"));
    while (table_next(&table, cells)) {
        str path = path_normalise(t.arena, path_join(t.arena, str_of(root), cells[0]));
        const struct input_file *f = inputs_open(t.inputs, path, STR_NONE, SPAN_NONE, &t.diags);
        struct k8s_objects objects = {0};
        size_t documents = 0;
        int64_t want_documents = 0, want_resources = 0;
        for (size_t i = 0; f && i < f->documents.n; i++) {
            if (f->document_claim[i] != CLAIM_KUBERNETES)
                continue;
            documents++;
            k8s_read_document(t.arena, &f->documents.at[i], (struct k8s_place){0}, &t.diags, &objects);
        }
        str_to_int(cells[1], &want_documents);
        str_to_int(cells[2], &want_resources);
        bool helm = f && f->claim == CLAIM_HELM_CHART;
        if (!helm && (documents != (size_t)want_documents || objects.n != (size_t)want_resources)) {
            fprintf(stderr, STR_FMT ": %zu documents, %zu resources\n", STR_ARG(cells[0]), documents, objects.n);
            wrong++;
        }
        files++;
        resources += objects.n;
        VEC_RELEASE(&objects);
    }
    printf("%zu files, %zu resources\n", files, resources);
    assert_int_equal(wrong, 0);
    sources_free(table.sources);
    testing_close(&t);
    arena_free(a);
}

/* The objects of one kustomization against its rows; *row is the first row of the next one. */
static bool same_objects(struct testing *t, const char *root, str dir, struct map *want)
{
    struct kustomize k;
    struct k8s_objects built = {0};
    struct diag_list diags;
    bool is_directory, same = true;
    diag_list_init(&diags, t->arena);
    kustomize_init(&k, t->inputs, t->arena, &diags);
    kustomize_build(&k,
                    kustomize_find(&k, path_normalise(t->arena, path_join(t->arena, str_of(root), dir)), &is_directory),
                    &built);
    for (size_t i = 0; i < built.n; i++) {
        struct k8s_id id = kustomize_id(built.at[i].value);
        str key = arena_printf(t->arena, STR_FMT "\t" STR_FMT "\t" STR_FMT, STR_ARG(id.kind), STR_ARG(id.namespace),
                               STR_ARG(id.name));
        if (!map_has(want, key)) {
            fprintf(stderr, STR_FMT ": not expected: " STR_FMT "\n", STR_ARG(dir), STR_ARG(key));
            same = false;
        }
        map_set(want, key, want);
    }
    size_t n = 0;
    for (size_t i = 0; i < want->n; i++)
        n += want->at[i].value != NULL;
    same &= n == want->n && built.n == n;
    VEC_RELEASE(&built);
    kustomize_release(&k);
    diag_list_release(&diags);
    return same;
}

static void test_corpus__kustomizations(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *root = corpora(a);
    struct testing t;
    struct table table;
    struct map want;
    str cells[4], dir = STR_NONE;
    size_t n = 0, good = 0;
    if (!root) {
        printf("skipped: no corpora\n");
        arena_free(a);
        return;
    }
    testing_open_path(&t, root);
    assert_true(table_open(&table, "testdata/kubernetes/kustomizations.tsv"));
    map_init(&want);
    for (bool more = true; more;) {
        more = table_next(&table, cells);
        if (dir.n && (!more || !str_eq(cells[0], dir))) {
            n++;
            good += same_objects(&t, root, dir, &want);
            map_release(&want);
            map_init(&want);
        }
        if (!more)
            break;
        dir = cells[0];
        if (cells[1].n)
            map_set(&want,
                    arena_printf(a, STR_FMT "\t" STR_FMT "\t" STR_FMT, STR_ARG(cells[1]), STR_ARG(cells[2]),
                                 STR_ARG(cells[3])),
                    NULL);
    }
    printf("%zu of %zu kustomizations as kustomize builds them\n", good, n);
    assert_int_equal(good, n);
    map_release(&want);
    sources_free(table.sources);
    testing_close(&t);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_corpus__documents_and_resources),
        TEST(test_corpus__kustomizations),
    };
    return cmocka_run_group_tests_name("kubernetes/corpus", tests, NULL, NULL);
}
