#include "frontend/kubernetes/testing.h"

#include "base/testing.h"
#include "base/vec.h"

#define OPEN(t, ...)                                                                                                   \
    static const struct testing_file files_[] = {__VA_ARGS__};                                                         \
    struct testing t;                                                                                                  \
    testing_open(&(t), files_, ARRAY_LEN(files_))

#define DEPLOYMENT                                                                                                     \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n"                    \
    "      containers:\n      - name: api\n        image: api:1\n"

/* ---------------------------------------------------------------- against what kustomize builds */

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct value_entry *)a)->key, ((const struct value_entry *)b)->key);
}

/* With sorted keys, as in the table. */
static void canonical(struct buf *out, struct arena *a, const struct value *v)
{
    if (value_is(v, VALUE_MAP)) {
        struct value_entry *sorted = arena_copy(a, v->u.map.entry, v->u.map.n * sizeof(*sorted));
        if (v->u.map.n)
            qsort(sorted, v->u.map.n, sizeof(*sorted), compare_entries);
        buf_add_char(out, '{');
        for (size_t i = 0; i < v->u.map.n; i++) {
            buf_add_c(out, i ? "," : "");
            value_to_json(value_string(a, sorted[i].key, NULL), out, 0);
            buf_add_char(out, ':');
            canonical(out, a, sorted[i].value);
        }
        buf_add_char(out, '}');
    } else if (value_is(v, VALUE_LIST)) {
        buf_add_char(out, '[');
        for (size_t i = 0; i < v->u.list.n; i++) {
            buf_add_c(out, i ? "," : "");
            canonical(out, a, v->u.list.item[i]);
        }
        buf_add_char(out, ']');
    } else {
        value_to_json(v, out, VALUE_JSON_REVEAL);
    }
}

static str file_text(struct arena *a, const char *path)
{
    struct buf b;
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f)
        return STR_NONE;
    buf_init(&b, LIMIT_FILE_BYTES);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&b, (str){chunk, n});
    (void)fclose(f);
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static void test_kustomize__overlay_equals_kustomize(void **state)
{
    (void)state;
    struct testing t;
    testing_open_path(&t, "testdata/kubernetes/kustomize");
    str want = file_text(t.arena, "testdata/kubernetes/overlay.jsonl");
    size_t lines = 0, found = 0;
    assert_true(want.n > 0);
    assert_int_equal(graph_unit_count(t.graph), 1);
    assert_str(graph_unit(t.graph, 0)->name, "testdata/kubernetes/kustomize/overlay");
    for (str rest = want; rest.n;) {
        str line = str_cut(rest, '\n', &rest);
        bool equal = false;
        lines++;
        for (size_t i = 0; i < graph_count(t.graph) && !equal; i++) {
            struct buf b;
            buf_init(&b, LIMIT_STRING_BYTES);
            canonical(&b, t.arena, graph_at(t.graph, i)->raw);
            equal = str_eq(buf_str(&b), line);
            buf_release(&b);
        }
        found += equal;
        if (!equal)
            fprintf(stderr, "not built: " STR_FMT "\n", STR_ARG(line));
    }
    assert_int_equal(found, lines);
    assert_int_equal(graph_count(t.graph), lines);
    testing_close(&t);
}

static void test_kustomize__places_are_those_of_the_last_writer(void **state)
{
    (void)state;
    struct testing t;
    testing_open_path(&t, "testdata/kubernetes/kustomize");
    static const char api[] = "clinic-prod/Deployment/prod-api-v2";
    assert_string_equal(testing_place(&t, api, "spec.template.spec.hostNetwork"),
                        "testdata/kubernetes/kustomize/overlay/kustomization.yaml:41");
    assert_string_equal(testing_place(&t, api, "spec.template.spec.serviceAccountName"),
                        "testdata/kubernetes/kustomize/base/workloads.yaml:13");
    assert_string_equal(testing_place(&t, "clinic-prod/Service/prod-api-v2", "spec.type"),
                        "testdata/kubernetes/kustomize/overlay/service.yaml:6");
    assert_string_equal(testing_place(&t, api, "spec.replicas"),
                        "testdata/kubernetes/kustomize/overlay/kustomization.yaml:62");
    const struct resource *r = testing_find(&t, api);
    assert_non_null(r->call);
    assert_null(r->call->outer);
    testing_close(&t);
}

/* ---------------------------------------------------------------- units */

static void test_kustomize__bases_are_not_linted_alone(void **state)
{
    (void)state;
    OPEN(t, {"base/kustomization.yaml", "resources: [d.yaml]\n"}, {"base/d.yaml", DEPLOYMENT},
         {"prod/kustomization.yaml", "resources: [../base]\nnamespace: prod\n"},
         {"dev/kustomization.yaml", "bases: [../base]\nnamespace: dev\n"},
         {"alone.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"});
    assert_int_equal(graph_count(t.graph), 3);
    assert_int_equal(graph_unit_count(t.graph), 3);
    assert_non_null(testing_find(&t, "prod/Deployment/api"));
    assert_non_null(testing_find(&t, "dev/Deployment/api"));
    assert_non_null(testing_find(&t, "Pod/p"));
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
}

static void test_kustomize__generator_files_are_no_manifests(void **state)
{
    (void)state;
    OPEN(t, {"kustomization.yaml", "configMapGenerator:\n- name: c\n  files: [x=pod.yaml]\n"},
         {"pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"});
    assert_int_equal(graph_count(t.graph), 1);
    assert_non_null(strstr(testing_json(&t, graph_at(t.graph, 0)->address.p, "data"), "kind: Pod"));
    testing_close(&t);
}

/* A patch that is named alone (by a commit hook) is no manifest: its overlay is built. */
static void test_kustomize__named_patch(void **state)
{
    (void)state;
    static const struct testing_file files[] = {
        {"k/kustomization.yaml", "resources: [d.yaml]\npatches: [{path: p.yaml}]\n"},
        {"k/d.yaml", DEPLOYMENT},
        {"k/other.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"},
        {"k/p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 3}\n"}};
    struct testing t = {.root = "/tmp/kubernetes-XXXXXX"};
    assert_non_null(mkdtemp(t.root));
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        testing_write(&t, &files[i]);
    testing_start(&t);
    testing_run(&t, arena_printf(t.arena, "%s/k/p.yaml", t.root), STR_NONE);
    assert_string_equal(testing_json(&t, "Deployment/api", "spec.template.spec.containers"),
                        "[{\"name\":\"api\",\"image\":\"api:1\"}]");
    assert_string_equal(testing_place(&t, "Deployment/api", "spec.replicas"), "k/p.yaml:4");
    assert_int_equal(graph_count(t.graph), 2); /* the neighbour is context */
    testing_close(&t);
}

static void test_kustomize__cycle(void **state)
{
    (void)state;
    OPEN(t, {"a/kustomization.yaml", "resources: [../b, p.yaml]\n"}, {"b/kustomization.yaml", "resources: [../a]\n"},
         {"a/p.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"},
         {"c/kustomization.yaml", "resources: [.]\n"});
    assert_int_equal(testing_diags(&t, DIAG_CYCLE), 2);
    assert_non_null(testing_find(&t, "Pod/p"));
    assert_true(graph_unit(t.graph, 0)->incomplete);
    testing_close(&t);
}

static void test_kustomize__what_is_not_had_is_said(void **state)
{
    (void)state;
    OPEN(t,
         {"kustomization.yaml",
          "resources:\n- github.com/org/repo/base?ref=v1\n- https://example.com/x.yaml\n- d.yaml\n"
          "- missing.yaml\n- ../../../../../../../../etc/passwd\n"
          "helmCharts: [{name: x}]\ncrds: [d.yaml]\n"},
         {"d.yaml", DEPLOYMENT});
    assert_int_equal(testing_diags(&t, DIAG_NOT_ANALYSED), 4);
    assert_int_equal(testing_diags(&t, DIAG_NOT_FOUND), 1);
    assert_int_equal(testing_diags(&t, DIAG_OUTSIDE_ROOT), 1);
    assert_non_null(testing_find(&t, "Deployment/api"));
    assert_true(graph_unit(t.graph, 0)->has_remote_parts);
    assert_true(graph_unit(t.graph, 0)->incomplete);
    testing_close(&t);
}

/* ---------------------------------------------------------------- patches */

static void test_patch__without_target(void **state)
{
    (void)state;
    OPEN(t,
         {"kustomization.yaml",
          "resources: [d.yaml]\npatches:\n- path: p.yaml\n- patch: '[]'\n  target: {kind: Job}\n"
          "- patch: '[{op: replace, path: /spec/nowhere, value: 1}]'\n  target: {kind: Deployment}\n"
          "- patch: '[{op: add, path: /spec/replicas, value: 2}]'\n"
          "- {target: {name: '('}, patch: '[]'}\n- path: broken.yaml\n"},
         {"d.yaml", DEPLOYMENT},
         {"p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: other}\nspec: {replicas: 3}\n"},
         {"broken.yaml", "a: [\n"});
    assert_int_equal(testing_diags(&t, DIAG_REFERENCE), 5);
    assert_true(testing_diags(&t, DIAG_STRUCTURE) >= 1);
    assert_int_equal(testing_diags(&t, DIAG_EXPRESSION), 1);
    assert_true(testing_diags(&t, DIAG_SYNTAX) >= 1);
    assert_string_equal(testing_json(&t, "Deployment/api", "spec.replicas"), "absent");
    assert_true(graph_unit(t.graph, 0)->incomplete);
    testing_close(&t);
}

static void test_patch__directives(void **state)
{
    (void)state;
    OPEN(t,
         {"kustomization.yaml",
          "resources: [p.yaml]\npatches:\n- patch: |\n    apiVersion: v1\n    kind: Pod\n    metadata:\n"
          "      name: p\n      finalizers: [c]\n      $deleteFromPrimitiveList/finalizers: [a]\n"
          "    spec:\n      nodeSelector: null\n      securityContext: {$patch: replace, runAsUser: 5}\n"
          "      tolerations: [{key: x}]\n      volumes:\n      - {name: v, $patch: delete}\n"
          "      containers:\n      - {$patch: replace}\n      - {name: only, image: x}\n"},
         {"p.yaml",
          "apiVersion: v1\nkind: Pod\nmetadata: {name: p, finalizers: [a, b]}\nspec:\n  nodeSelector: {a: b}\n"
          "  securityContext: {runAsNonRoot: true}\n  tolerations: [{key: y}, {key: z}]\n"
          "  volumes: [{name: v}, {name: w}]\n  containers: [{name: c, image: i}]\n"});
    assert_string_equal(testing_json(&t, "Pod/p", "spec"),
                        "{\"securityContext\":{\"runAsUser\":5},\"tolerations\":[{\"key\":\"x\"}],"
                        "\"volumes\":[{\"name\":\"w\"}],\"containers\":[{\"name\":\"only\",\"image\":\"x\"}]}");
    testing_close(&t);
}

/* ---------------------------------------------------------------- bounds */

static void test_kustomize__fans_out_within_bounds(void **state)
{
    (void)state;
    static struct testing_file files[40];
    static char names[40][32], texts[40][64];
    for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
        (void)snprintf(names[i], sizeof(names[i]), "k%02u/kustomization.yaml", i);
        (void)snprintf(texts[i], sizeof(texts[i]), "resources: [../k%02u, ../k%02u]\n", i + 1, i + 1);
        files[i] = (struct testing_file){names[i], i + 1 < ARRAY_LEN(files) ? texts[i] : "resources: []\n"};
    }
    struct testing t;
    testing_open(&t, files, ARRAY_LEN(files));
    assert_true(testing_diags(&t, DIAG_LIMIT) > 0);
    assert_true(graph_unit(t.graph, 0)->incomplete);
    testing_close(&t);
}

static void test_kustomize__many_patches_of_many_objects(void **state)
{
    (void)state;
    unsigned n = TESTING_SANITIZED ? 300 : 3000;
    struct buf objects, patches, kustomization;
    buf_init(&objects, LIMIT_FILE_BYTES);
    buf_init(&patches, LIMIT_FILE_BYTES);
    buf_init(&kustomization, LIMIT_FILE_BYTES);
    buf_add_c(&kustomization, "resources: [o.yaml]\nnamePrefix: x-\npatchesStrategicMerge: [p.yaml]\n");
    for (unsigned i = 0; i < n; i++) {
        buf_printf(&objects, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%u}\ndata: {a: b}\n", i);
        buf_printf(&patches, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%u}\ndata: {a: c}\n", i);
    }
    const struct testing_file files[] = {
        {"kustomization.yaml", kustomization.p}, {"o.yaml", objects.p}, {"p.yaml", patches.p}};
    struct testing t;
    testing_open(&t, files, ARRAY_LEN(files));
    assert_int_equal(graph_count(t.graph), n);
    assert_string_equal(testing_json(&t, "ConfigMap/x-c17", "data.a"), "\"c\"");
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
    buf_release(&objects);
    buf_release(&patches);
    buf_release(&kustomization);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_kustomize__overlay_equals_kustomize),
        TEST(test_kustomize__places_are_those_of_the_last_writer),
        TEST(test_kustomize__bases_are_not_linted_alone),
        TEST(test_kustomize__generator_files_are_no_manifests),
        TEST(test_kustomize__named_patch),
        TEST(test_kustomize__cycle),
        TEST(test_kustomize__what_is_not_had_is_said),
        TEST(test_patch__without_target),
        TEST(test_patch__directives),
        TEST(test_kustomize__fans_out_within_bounds),
        TEST(test_kustomize__many_patches_of_many_objects),
    };
    return cmocka_run_group_tests_name("kubernetes/kustomize", tests, NULL, NULL);
}
