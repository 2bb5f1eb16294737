/* One pod specification in every form ends as the same attributes. */
#include "frontend/kubernetes/testing.h"

#include "base/testing.h"
#include "frontend/kubernetes/manifest.h"

static const char directory[] = "testdata/kubernetes/one-pod";

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct value_entry *)a)->key, ((const struct value_entry *)b)->key);
}

static const struct value *sorted(struct arena *a, const struct value *v)
{
    if (value_is(v, VALUE_LIST)) {
        const struct value **items = ARENA_ARRAY(a, const struct value *, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++)
            items[i] = sorted(a, v->u.list.item[i]);
        return value_list(a, items, v->u.list.n, NULL);
    }
    if (!value_is(v, VALUE_MAP))
        return v;
    struct value_entry *entries = arena_copy(a, v->u.map.entry, v->u.map.n * sizeof(*entries));
    for (size_t i = 0; i < v->u.map.n; i++)
        entries[i].value = sorted(a, entries[i].value);
    if (v->u.map.n)
        qsort(entries, v->u.map.n, sizeof(*entries), compare_entries);
    return value_map(a, entries, v->u.map.n, NULL);
}

static const char *attribute(struct testing *t, const struct resource *r, const char *path)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    value_to_json(sorted(t->arena, value_path(r->attributes, str_of(path))), &b, 0);
    str s = buf_copy(&b, t->arena);
    buf_release(&b);
    return s.p;
}

static void add_terraform(struct testing *t)
{
    struct documents documents = {0};
    enum source_error error;
    const struct source *s =
        source_open(t->sources, STR("testdata/kubernetes/one-pod/kubernetes_deployment_v1.yaml"), STR_NONE, &error);
    assert_non_null(s);
    struct graph_builder *b = graph_unit_begin(t->graph, STR("tf"), STR("terraform"), 99, t->sources, &t->diags);
    yaml_read(s, b->arena, &t->diags, &documents);
    struct resource *r = graph_add(b, STR("kubernetes_deployment_v1"), STR("kubernetes_deployment_v1.tf"));
    r->raw = k8s_value_of(b->arena, documents.at[0].root, (struct k8s_place){0});
}

static void test_workload__one_pod_in_every_form(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    testing_start(&t);
    testing_load_model(&t, "rules/model/kubernetes-workload.yaml");
    add_terraform(&t);
    testing_run(&t, str_of(directory), STR_NONE);
    if (t.diags.n)
        testing_print(&t);
    assert_int_equal(t.diags.n, 0);
    assert_int_equal(graph_count(t.graph), 12);
    const struct resource *first = testing_find(&t, "Pod/pod");
    const char *pod = attribute(&t, first, "pod");
    assert_non_null(strstr(pod, "\"host_pid\":true"));
    assert_non_null(strstr(pod, "\"host_network\":false"));
    assert_non_null(strstr(pod, "\"node_selector\":{\"Zone\":\"a\",\"kubernetes.io/os\":\"linux\"}"));
    for (size_t i = 0; i < graph_count(t.graph); i++) {
        const struct resource *r = graph_at(t.graph, i);
        assert_string_equal(sym_str(r->kind).p, "k8s.workload");
        assert_string_equal(attribute(&t, r, "pod"), pod);
        assert_string_equal(attribute(&t, r, "pod_labels"), "{\"app.kubernetes.io/name\":\"api\"}");
    }
    assert_string_equal(attribute(&t, testing_find(&t, "kubernetes_deployment_v1.tf"), "namespace"), "\"default\"");
    assert_string_equal(attribute(&t, testing_find(&t, "kubernetes_deployment_v1.tf"), "replicas"), "2");
    assert_string_equal(attribute(&t, testing_find(&t, "kubernetes_deployment_v1.tf"), "labels"), "{\"Team\":\"x\"}");
    testing_close(&t);
}

static size_t count(struct testing *t, const char *image)
{
    size_t n = 0;
    for (size_t i = 0; i < graph_count(t->graph); i++) {
        const struct value *v = graph_at(t->graph, i)->attributes;
        n += str_eq_c(value_str(value_path(v, STR("pod.containers.image"))), image);
    }
    return n;
}

#define TEMPLATE(image) "template: {spec: {containers: [{name: c, image: " image "}]}}"

static void test_workload__one_resource_for_each_template(void **state)
{
    (void)state;
    static const char text[] =
        "apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata: {name: t}\nspec: {pytorchReplicaSpecs: "
        "{Master: {" TEMPLATE("a") "}, Worker: {" TEMPLATE(
            "b") "}}}\n---\n"
                 "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: r}\nspec: {headGroupSpec: "
                 "{" TEMPLATE("c") "}, workerGroupSpecs: [{" TEMPLATE("d") "}, {" TEMPLATE(
                     "e") "}]}\n---\n"
                          "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nmetadata: {name: v}\nspec: "
                          "{tasks: [{" TEMPLATE(
                              "f") "}]}\n---\n"
                                   "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: "
                                   "{name: i}\n"
                                   "spec: {predictor: {containers: [{name: c, image: g}]}}\n";
    static const char *const images[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct testing t = {.root = ""};
    testing_start(&t);
    testing_load_model(&t, "rules/model/kubernetes-workload.yaml");
    testing_run(&t, STR("-"), str_of(text));
    assert_int_equal(graph_count(t.graph), ARRAY_LEN(images));
    for (size_t i = 0; i < ARRAY_LEN(images); i++)
        assert_int_equal(count(&t, images[i]), 1);
    assert_non_null(testing_find(&t, "PyTorchJob/t#Worker"));
    assert_non_null(testing_find(&t, "RayCluster/r#workerGroupSpecs[1]"));
    assert_non_null(testing_find(&t, "Job/v"));
    testing_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_workload__one_pod_in_every_form),
        TEST(test_workload__one_resource_for_each_template),
    };
    return cmocka_run_group_tests_name("kubernetes/workload", tests, NULL, NULL);
}
