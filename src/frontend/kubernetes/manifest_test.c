#include "frontend/kubernetes/testing.h"

#include <time.h>

#include "base/testing.h"
#include "frontend/kubernetes/kubernetes.h"

#define OPEN(t, ...)                                                                                                   \
    static const struct testing_file files_[] = {__VA_ARGS__};                                                         \
    struct testing t;                                                                                                  \
    testing_open(&(t), files_, ARRAY_LEN(files_))

static const char *type_of(struct testing *t, const char *address)
{
    struct resource *r = testing_find(t, address);
    return r ? sym_str(r->type).p : "no such resource";
}

static void test_manifest__types_and_addresses(void **state)
{
    (void)state;
    OPEN(t, {"a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: prod}\n"
                       "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                       "---\napiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n"
                       "---\napiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: old}\n"
                       "---\napiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-}\n"
                       "---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                       "---\napiVersion: s3.services.k8s.aws/v1alpha1\nkind: Bucket\nmetadata: {name: b}\n"
                       "---\njust: text\n"});
    assert_int_equal(graph_count(t.graph), 7);
    assert_string_equal(type_of(&t, "prod/Deployment/api"), "apps/Deployment");
    assert_string_equal(type_of(&t, "Pod/p"), "/Pod");
    assert_string_equal(type_of(&t, "Ingress/i"), "networking.k8s.io/Ingress");
    assert_string_equal(type_of(&t, "Deployment/old"), "apps/Deployment");
    assert_string_equal(type_of(&t, "Job/run-*"), "batch/Job");
    assert_string_equal(type_of(&t, "KubeletConfiguration"), "kubelet.config.k8s.io/KubeletConfiguration");
    assert_string_equal(type_of(&t, "Bucket/b"), "s3.services.k8s.aws/Bucket");
    assert_int_equal(graph_unit_count(t.graph), 1);
    assert_false(graph_unit(t.graph, 0)->incomplete);
    testing_close(&t);
}

static void test_manifest__kind_in_the_wrong_group(void **state)
{
    (void)state;
    OPEN(t, {"a.yaml", "apiVersion: v1\nkind: CronJob\nmetadata: {name: c}\n---\n"
                       "apiVersion: example.com/v1\nkind: CronJob\nmetadata: {name: own}\n"});
    assert_string_equal(type_of(&t, "CronJob/c"), "batch/CronJob");
    assert_string_equal(type_of(&t, "CronJob/own"), "example.com/CronJob");
    assert_int_equal(testing_diags(&t, DIAG_ODDITY), 1);
    testing_close(&t);
}

static void test_manifest__lists_expand(void **state)
{
    (void)state;
    OPEN(t,
         {"a.json", "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n"
                    " {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"}},\n"
                    " {\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", "
                    "\"kind\": \"Pod\", \"metadata\": {\"name\": \"b\"}}]}]}"},
         {"b.yaml", "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: c}\n  data: {k: v}\n- {metadata: "
                    "{name: d}}\n"});
    assert_int_equal(graph_count(t.graph), 4);
    assert_string_equal(type_of(&t, "Pod/b"), "/Pod");
    assert_string_equal(type_of(&t, "ConfigMap/c"), "/ConfigMap");
    assert_string_equal(testing_json(&t, "ConfigMap/d", "apiVersion"), "\"v1\"");
    assert_string_equal(testing_place(&t, "Pod/a", "metadata.name"), "a.json:2");
    testing_close(&t);
}

static void test_manifest__scalars_keep_their_types(void **state)
{
    (void)state;
    OPEN(t, {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {v: 1.10, q: \"1\"}}\n"
                       "spec: {hostNetwork: yes, priority: 07, x: ~, size: 1e3, image: &i \"a:1\", other: *i}\n"});
    assert_string_equal(testing_json(&t, "Pod/p", "metadata.labels"), "{\"v\":1.10,\"q\":\"1\"}");
    assert_string_equal(testing_json(&t, "Pod/p", "spec.hostNetwork"), "true");
    assert_string_equal(testing_json(&t, "Pod/p", "spec.priority"), "7");
    assert_string_equal(testing_json(&t, "Pod/p", "spec.other"), "\"a:1\"");
    testing_close(&t);
}

static void test_manifest__broken_document_in_the_middle(void **state)
{
    (void)state;
    OPEN(t, {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
                       "---\napiVersion: v1\nkind: Pod\nmetadata: {name: b\nspec: [\n"
                       "---\napiVersion: v1\nkind: Pod\nmetadata: {name: c}\n"});
    assert_non_null(testing_find(&t, "Pod/a"));
    assert_non_null(testing_find(&t, "Pod/c"));
    assert_true(testing_diags(&t, DIAG_SYNTAX) > 0);
    assert_true(graph_unit(t.graph, 0)->incomplete);
    testing_close(&t);
}

static void test_manifest__templates_are_unknown(void **state)
{
    (void)state;
    OPEN(t, {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {x: '{{ y }}'}}\n"
                       "spec:\n  containers:\n  - image: '{{ .Values.image }}'\n    args: ['{{ x }}']\n"
                       "  hostNetwork: ${HOST}\n"
                       "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {x: '{{ y }}'}\n"
                       "---\napiVersion: v1\nkind: Pod\nmetadata: {name: q}\nspec: {{ toYaml .Values.pod }}\n"});
    const char *spec = testing_json(&t, "Pod/p", "spec");
    assert_non_null(strstr(spec, "\"image\":{\"unknown\":"));
    assert_non_null(strstr(spec, "\"args\":[\"{{ x }}\"]"));
    assert_non_null(strstr(spec, "\"hostNetwork\":{\"unknown\":"));
    assert_string_equal(testing_json(&t, "Pod/p", "metadata.annotations"), "{\"x\":\"{{ y }}\"}");
    assert_string_equal(testing_json(&t, "ConfigMap/c", "data"), "{\"x\":\"{{ y }}\"}");
    assert_true(t.diags.n > 0);
    testing_close(&t);
}

static void test_manifest__placeholders(void **state)
{
    (void)state;
    OPEN(t,
         {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: 'a-${X}', labels: {app: 'a-${X}'}, annotations: "
                    "{role: 'arn:aws:iam::${ACCOUNT}:role/r'}}\n"
                    "spec:\n  hostNetwork: ${HOST:=false}\n  hostPID: $${HOST}\n  hostname: ${a.b}\n"
                    "  containers:\n  - image: web:${TAG}\n    command: [sh, -c, '${RUN}']\n"
                    "    env:\n    - {name: A, value: '${A}'}\n    - {name: B, value: 'http://${B}'}\n"
                    "    - {name: C, value: $(A)}\n"
                    "---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\n"
                    "spec: {size: '${SIZE}', user: '${aws:username}', run: \"a\\n${SIZE}\", close: '${SIZE'}\n"},
         {"b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: '${P}', q: 'x${P}'}\n"});
    assert_string_equal(testing_json(&t, "Pod/a-${X}", "metadata.labels"), "{\"app\":\"a-${X}\"}");
    const char *role = testing_json(&t, "Pod/a-${X}", "metadata.annotations.role");
    assert_non_null(strstr(role, "the placeholder ${ACCOUNT} is not filled in"));
    assert_non_null(strstr(role, "arn:aws:iam::"));
    const char *spec = testing_json(&t, "Pod/a-${X}", "spec");
    assert_non_null(strstr(spec, "\"hostNetwork\":{\"unknown\":"));
    assert_non_null(strstr(spec, "\"hostPID\":\"$${HOST}\""));
    assert_non_null(strstr(spec, "\"hostname\":\"${a.b}\""));
    assert_non_null(strstr(spec, "the placeholder ${TAG} is not filled in"));
    assert_non_null(strstr(spec, "\"command\":[\"sh\",\"-c\",\"${RUN}\"]"));
    assert_non_null(strstr(spec, "{\"name\":\"A\",\"value\":{\"unknown\":"));
    assert_non_null(strstr(spec, "{\"name\":\"B\",\"value\":\"http://${B}\"}"));
    assert_non_null(strstr(spec, "{\"name\":\"C\",\"value\":\"$(A)\"}"));
    const char *thing = testing_json(&t, "Thing/t", "spec");
    assert_non_null(strstr(thing, "\"size\":{\"unknown\":"));
    assert_non_null(strstr(thing, "\"user\":\"${aws:username}\",\"run\":\"a\\n${SIZE}\",\"close\":\"${SIZE\""));
    const char *data = testing_json(&t, "Secret/s", "stringData");
    assert_non_null(strstr(data, "\"p\":{\"unknown\":"));
    assert_null(strstr(data, "\"q\":{\"unknown\":"));
    testing_close(&t);
}

/* ---------------------------------------------------------------- charts */

static void test_chart__unrendered_is_reported(void **state)
{
    (void)state;
    OPEN(t, {"chart/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"},
         {"chart/values.yaml", "apiVersion: v1\nkind: Pod\nimage: x\n"},
         {"chart/templates/a.yaml", "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nmetadata: {{ y }}\n{{- end }}\n"},
         {"chart/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n"},
         {"plain.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"});
    assert_int_equal(graph_count(t.graph), 1);
    assert_int_equal(testing_diags(&t, DIAG_NOT_ANALYSED), 1);
    assert_int_equal(testing_diags(&t, DIAG_SYNTAX), 0);
    assert_true(graph_unit(t.graph, 0)->has_remote_parts);
    testing_close(&t);
}

static void test_chart__rendered_stream(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    testing_start(&t);
    testing_run(&t, STR("-"),
                STR("---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
                    "---\n# Source: web/charts/db/templates/b.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n# "
                    "Source: no\n"
                    "---\n# Source: other/templates/c.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: c}\n"
                    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: d}\n"));
    assert_int_equal(graph_count(t.graph), 4);
    assert_int_equal(graph_unit_count(t.graph), 3);
    assert_str(testing_find(&t, "Pod/a")->display_path, "web/templates/a.yaml");
    assert_str(testing_find(&t, "Pod/b")->display_path, "web/charts/db/templates/b.yaml");
    assert_int_equal(testing_find(&t, "Pod/a")->unit, testing_find(&t, "Pod/b")->unit);
    assert_int_not_equal(testing_find(&t, "Pod/a")->unit, testing_find(&t, "Pod/c")->unit);
    assert_int_equal(testing_find(&t, "Pod/d")->display_path.n, 0);
    testing_close(&t);
}

/* ---------------------------------------------------------------- manifests of other formats */

static void test_embedded__text_and_maps(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    testing_start(&t);
    struct graph_builder *b = graph_unit_begin(t.graph, STR("u"), STR("terraform"), 0, t.sources, &t.diags);
    struct resource *r = graph_add(b, STR("kubectl_manifest"), STR("kubectl_manifest.x"));
    r->header = (span){1, 3, 9};
    const struct value *text = value_string(
        b->arena,
        STR("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n"),
        origin_new(b->arena, (span){1, 20, 40}, STR_NONE, NULL));
    kubernetes_add_value(b, text, r);
    assert_int_equal(b->n, 3);
    assert_str(b->resource[1]->address, "kubectl_manifest.x");
    assert_str(b->resource[2]->address, "kubectl_manifest.x#2");
    assert_str(b->resource[2]->name, "b");
    assert_int_equal(b->resource[1]->header.start, 3);
    assert_int_equal(value_span(value_path(b->resource[2]->raw, STR("metadata.name"))).start, 20);
    kubernetes_add_value(b, b->resource[1]->raw, r);
    assert_int_equal(b->n, 4);
    kubernetes_add_value(b, value_unknown(b->arena, STR("known after apply"), NULL), r);
    assert_int_equal(b->n, 4);
    assert_int_equal(testing_diags(&t, DIAG_NOT_ANALYSED), 1);
    assert_true(b->unit.incomplete);
    testing_close(&t);
}

static void test_embedded__references_in_text(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    testing_start(&t);
    struct graph_builder *b = graph_unit_begin(t.graph, STR("u"), STR("terraform"), 0, t.sources, &t.diags);
    struct resource *r = graph_add(b, STR("kubectl_manifest"), STR("kubectl_manifest.x"));
    struct ref ref = {.address = STR("aws_iam_role.r"), .attribute = STR("arn")};
    const struct value *parts[] = {
        value_string(b->arena, STR("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a-"), NULL),
        value_unknown(b->arena, STR("var.x has no value"), NULL),
        value_string(b->arena, STR("\n  annotations: {role: "), NULL),
        value_ref(b->arena, &ref, STR("known after apply"), NULL),
        value_string(b->arena, STR("}\n"), NULL),
    };
    kubernetes_add_value(b, value_text(b->arena, parts, ARRAY_LEN(parts), NULL), r);
    assert_int_equal(b->n, 2);
    assert_true(value_is(value_path(b->resource[1]->raw, STR("metadata.name")), VALUE_TEXT));
    const struct ref *found = value_find_ref(value_path(b->resource[1]->raw, STR("metadata.annotations.role")));
    assert_non_null(found);
    assert_str(found->address, "aws_iam_role.r");
    testing_close(&t);
}

/* ---------------------------------------------------------------- size */

static double seconds_for(size_t n)
{
    struct buf b;
    clock_t start;
    struct testing t = {.root = ""};
    buf_init(&b, LIMIT_FILE_BYTES);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c-%zu}\ndata: {a: b}\n", i);
    start = clock();
    testing_start(&t);
    testing_run(&t, STR("-"), buf_str(&b));
    assert_int_equal(graph_count(t.graph), n);
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
    buf_release(&b);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void test_manifest__many_documents_are_linear(void **state)
{
    (void)state;
    size_t n = TESTING_SANITIZED ? 4000 : 50000;
    double small = seconds_for(n / 5), large = seconds_for(n);
    printf("%zu documents: %.2f s, %zu: %.2f s\n", n / 5, small, n, large);
    assert_true(large < 12 * small + 0.5);
}

static void test_manifest__large_definition(void **state)
{
    (void)state;
    struct buf b;
    struct testing t = {.root = ""};
    buf_init(&b, LIMIT_FILE_BYTES);
    buf_add_c(&b, "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: big}\nspec:\n "
                  " properties:\n");
    for (unsigned i = 0; b.n < 2u << 20; i++)
        buf_printf(&b, "    field%u: {type: object, description: \"{{ text }} %u\", properties: {a: {type: string}}}\n",
                   i, i);
    testing_start(&t);
    testing_run(&t, STR("-"), buf_str(&b));
    assert_int_equal(graph_count(t.graph), 1);
    assert_int_equal(t.diags.n, 0);
    assert_null(strstr(testing_json(&t, "CustomResourceDefinition/big", "spec.properties.field7"), "unknown"));
    testing_close(&t);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_manifest__types_and_addresses),
        TEST(test_manifest__kind_in_the_wrong_group),
        TEST(test_manifest__lists_expand),
        TEST(test_manifest__scalars_keep_their_types),
        TEST(test_manifest__broken_document_in_the_middle),
        TEST(test_manifest__templates_are_unknown),
        TEST(test_manifest__placeholders),
        TEST(test_chart__unrendered_is_reported),
        TEST(test_chart__rendered_stream),
        TEST(test_embedded__text_and_maps),
        TEST(test_embedded__references_in_text),
        TEST(test_manifest__many_documents_are_linear),
        TEST(test_manifest__large_definition),
    };
    return cmocka_run_group_tests_name("kubernetes/manifest", tests, NULL, NULL);
}
