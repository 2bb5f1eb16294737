/* One pod specification in every form ends as the same attributes. */
#include "frontend/kubernetes/testing.h"

#include "base/testing.h"
#include "frontend/kubernetes/manifest.h"

#define POD(i)                                                                                                         \
    i "hostPID: true\n" i "serviceAccountName: api\n" i "nodeSelector: {kubernetes.io/os: linux, Zone: a}\n"            \
    i "securityContext: {runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}\n"                                  \
    i "initContainers:\n" i "- {name: init, image: \"busybox:1\"}\n"                                                  \
    i "containers:\n" i "- name: api\n" i "  image: api:1.2\n" i "  ports: [{containerPort: 8080, hostPort: 80}]\n"    \
    i "  env: [{name: K, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n"                                            \
    i "  resources: {limits: {memory: 1Gi, nvidia.com/gpu: \"1\"}}\n"                                                 \
    i "  securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}\n"                                     \
    i "  volumeMounts: [{name: run, mountPath: /run, readOnly: true}]\n"                                              \
    i "volumes: [{name: run, hostPath: {path: /run, type: Directory}}]\n"

#define META(name) "metadata: {name: " name "}\n"
#define WANTED_LABELS "{\"app.kubernetes.io/name\":\"api\"}"
#define LABELS "metadata: {labels: {app.kubernetes.io/name: api}}\n"

static const char terraform[] =
    "metadata: [{name: tf, labels: {Team: x}}]\n"
    "spec:\n- replicas: \"2\"\n  template:\n  - " LABELS "    spec:\n    - host_pid: \"true\"\n"
    "      service_account_name: api\n      node_selector: {kubernetes.io/os: linux, Zone: a}\n"
    "      security_context: [{run_as_user: \"1000\", seccomp_profile: [{type: RuntimeDefault}]}]\n"
    "      init_container: [{name: init, image: \"busybox:1\"}]\n"
    "      container:\n      - name: api\n        image: api:1.2\n        port: [{container_port: 8080, host_port: 80}]\n"
    "        env: [{name: K, value_from: [{secret_key_ref: [{name: s, key: k}]}]}]\n"
    "        resources: [{limits: {memory: 1Gi, nvidia.com/gpu: \"1\"}}]\n"
    "        security_context: [{privileged: true, capabilities: [{add: [NET_ADMIN]}]}]\n"
    "        volume_mount: [{name: run, mount_path: /run, read_only: true}]\n"
    "      volume: [{name: run, host_path: [{path: /run, type: Directory}]}]\n";

static const struct testing_file files[] = {
    {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: pod, labels: {app.kubernetes.io/name: api}}\nspec:\n" POD("  ")
               "---\napiVersion: apps/v1\nkind: Deployment\n" META("deployment") "spec:\n  template:\n    " LABELS "    spec:\n" POD("      ")
               "---\napiVersion: batch/v1\nkind: CronJob\n" META("cron") "spec:\n  jobTemplate:\n    spec:\n      template:\n        "
               LABELS "        spec:\n" POD("          ")
               "---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: StatefulSet\n  " META("item")
               "  spec:\n    template:\n      " LABELS "      spec:\n" POD("        ")
               "---\napiVersion: extensions/v1beta1\nkind: DaemonSet\n" META("old") "spec:\n  template:\n    " LABELS "    spec:\n" POD("      ")
               "---\napiVersion: v1\nkind: PodTemplate\n" META("template") "template:\n  " LABELS "  spec:\n" POD("    ")
               "---\napiVersion: v1\nkind: ReplicationController\n" META("controller") "spec:\n  selector: {a: b}\n  template:\n    " LABELS
               "    spec:\n" POD("      ")
               "---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\n" META("rollout") "spec:\n  strategy: {canary: {steps: [{setWeight: 5}]}}\n  template:\n    "
               LABELS "    spec:\n" POD("      ")
               "---\napiVersion: kubeflow.org/v1\nkind: PyTorchJob\n" META("torch") "spec:\n  pytorchReplicaSpecs:\n    Worker:\n      template:\n        "
               LABELS "        spec:\n" POD("          ")},
    {"chart.yaml", "---\n# Source: web/templates/deployment.yaml\napiVersion: apps/v1\nkind: Deployment\n" META("rendered")
                   "spec:\n  template:\n    " LABELS "    spec:\n" POD("      ")},
    {"overlay/kustomization.yaml", "resources: [../base]\npatches: [{path: p.yaml}]\nimages: [{name: api, newTag: \"1.2\"}]\n"},
    {"overlay/p.yaml", "apiVersion: apps/v1\nkind: Deployment\n" META("built") "spec:\n  template:\n    spec:\n" POD("      ")},
    {"base/kustomization.yaml", "resources: [d.yaml]\n"},
    {"base/d.yaml", "apiVersion: apps/v1\nkind: Deployment\n" META("built") "spec:\n  template:\n    " LABELS
                    "    spec:\n      containers: [{name: api, image: \"api:old\"}]\n"},
};

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
    const struct source *s = source_add(t->sources, STR("main.tf"), STR(terraform));
    struct graph_builder *b = graph_unit_begin(t->graph, STR("tf"), STR("terraform"), 99, t->sources, &t->diags);
    yaml_read(s, b->arena, &t->diags, &documents);
    struct resource *r = graph_add(b, STR("kubernetes_deployment_v1"), STR("kubernetes_deployment_v1.tf"));
    r->raw = k8s_value_of(b->arena, documents.at[0].root, (struct k8s_place){0});
}

static void test_workload__one_pod_in_every_form(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    memcpy(t.root, "/tmp/kubernetes-XXXXXX", sizeof("/tmp/kubernetes-XXXXXX"));
    assert_non_null(mkdtemp(t.root));
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        testing_write(&t, &files[i]);
    testing_start(&t);
    testing_load_model(&t, "rules/model/kubernetes-workload.yaml");
    add_terraform(&t);
    testing_run(&t, str_of(t.root), STR_NONE);
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
        assert_string_equal(attribute(&t, r, "pod_labels"), WANTED_LABELS);
    }
    assert_string_equal(attribute(&t, testing_find(&t, "kubernetes_deployment_v1.tf"), "namespace"), "\"default\"");
    assert_string_equal(attribute(&t, testing_find(&t, "kubernetes_deployment_v1.tf"), "replicas"), "2");
    assert_string_equal(attribute(&t, testing_find(&t, "kubernetes_deployment_v1.tf"), "labels"), "{\"Team\":\"x\"}");
    testing_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_workload__one_pod_in_every_form),
    };
    return cmocka_run_group_tests_name("kubernetes/workload", tests, NULL, NULL);
}
