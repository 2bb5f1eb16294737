/* The passes over identities on small graphs: testdata/analysis/iam/scenarios.txt, which describes itself. */
#include "analysis/pass.h"
#include "graph/testing.h"

static const char kubernetes[] =
    "kind: k8s.service_account\n"
    "types: {t/ServiceAccount: {properties: 'name namespace annotations:map'}}\n"
    "---\n"
    "kind: k8s.workload\n"
    "types: {t/Workload: {properties: 'name namespace pod{service_account_name}'}}\n"
    "---\n"
    "kind: k8s.role\n"
    "types: {t/Role: {properties: 'name namespace rules[api_groups:list resources:list verbs:list]'}}\n"
    "---\n"
    "kind: k8s.cluster_role\n"
    "types: {t/ClusterRole: {properties: 'name labels:map rules[api_groups:list resources:list verbs:list] "
    "aggregation_rule{cluster_role_selectors[match_labels:map]}'}}\n"
    "---\n"
    "kind: k8s.role_binding\n"
    "types: {t/RoleBinding: {properties: 'name namespace role_ref{kind name} subjects[kind name namespace]'}}\n"
    "---\n"
    "kind: k8s.cluster_role_binding\n"
    "types: {t/ClusterRoleBinding: {properties: 'name role_ref{kind name} subjects[kind name namespace]'}}\n";

static const char services[] =
    "kind: aws.eks.pod_identity_association\n"
    "types: {aws_eks_pod_identity_association: {properties: 'namespace service_account role_arn'}}\n"
    "---\n"
    "kind: aws.sfn.state_machine\n"
    "types: {sfn: {properties: 'definition:json'}}\n"
    "---\n"
    "kind: aws.sagemaker.pipeline\n"
    "types: {pipeline: {properties: 'definition:json'}}\n"
    "---\n"
    "kind: aws.s3.bucket\n"
    "types: {bucket: {properties: 'name'}}\n"
    "---\n"
    "kind: aws.ecs.task_definition\n"
    "types: {task: {properties: 'container_definitions:json'}}\n";

static str read_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot read %s", path);
    struct buf b;
    char chunk[4096];
    buf_init(&b, LIMIT_FILE_BYTES);
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
        buf_add(&b, (str){chunk, n});
    fclose(f);
    str text = buf_copy(&b, a);
    buf_release(&b);
    return text;
}

struct scenario {
    struct world w;
    struct graph_builder *unit[4];
    struct analysis *analysis; /* NULL until the first question */
    str title;
    size_t questions, wrong;
};

static str next_cell(str *rest)
{
    size_t at = str_find(*rest, STR(" |"));
    str cell = str_trim(str_slice(*rest, 0, at));
    *rest = at == SIZE_MAX ? STR_NONE : str_slice(*rest, at + 2, rest->n);
    return cell;
}

static void begin(struct scenario *s, str title, const char *iam_model)
{
    memset(s->unit, 0, sizeof(s->unit));
    s->w = world_new();
    s->title = title;
    s->analysis = NULL;
    assert_true(add_model(&s->w, iam_model) && add_model(&s->w, kubernetes) && add_model(&s->w, services));
    assert_true(model_finish(s->w.model, &s->w.diags));
}

static void end(struct scenario *s)
{
    if (!s->title.n)
        return;
    analysis_free(s->analysis);
    world_free(&s->w);
    s->title = STR_NONE;
}

static void add_resource(struct scenario *s, str rest)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    str unit = next_cell(&rest), type = next_cell(&rest), address = next_cell(&rest), raw = str_trim(rest);
    size_t u = (size_t)(unit.p[0] - 'a');
    assert_in_range(u, 0, 3);
    if (!s->unit[u])
        s->unit[u] = graph_unit_begin(s->w.graph, str_of(names[u]), STR("test"), u, s->w.sources, &s->w.diags);
    struct resource *r = graph_add(s->unit[u], type, address);
    size_t dot = str_find_char(address, '.');
    r->name = dot == SIZE_MAX ? address : str_slice(address, dot + 1, address.n);
    r->raw = value_from_json(&s->w, arena_cstr(s->w.arena, raw));
}

static void analyse(struct scenario *s)
{
    struct analysis_options o = {
        .iam_actions = read_file(s->w.arena, "rules/data/iam-actions.txt"),
        .iam_managed = read_file(s->w.arena, "rules/data/iam-managed.txt"),
    };
    graph_link(s->w.graph, s->w.model, s->w.sources, 1, &s->w.diags);
    s->analysis = analysis_run(s->w.graph, &o, &s->w.diags);
}

static const struct resource *find(struct scenario *s, str unit, str address)
{
    for (size_t i = 0; i < graph_unit_count(s->w.graph); i++)
        if (str_eq(graph_unit(s->w.graph, i)->name, unit))
            return graph_find(s->w.graph, i, address);
    return NULL;
}

static bool holds(struct scenario *s, const struct value *v, str how, str wanted, str *ret_got)
{
    *ret_got = v ? json_of(&s->w, v) : STR("(absent)");
    if (str_eq_c(how, "absent"))
        return !v;
    if (str_eq_c(how, "unknown"))
        return value_is(v, VALUE_UNKNOWN);
    if (str_eq_c(how, "is"))
        return v && str_eq(*ret_got, wanted);
    if (str_eq_c(how, "has"))
        return v && str_contains(*ret_got, wanted);
    return v && !str_contains(*ret_got, wanted);
}

static void ask(struct scenario *s, str fact, str rest, str line)
{
    str unit = next_cell(&rest), address = next_cell(&rest), how = next_cell(&rest), got;
    if (!s->analysis)
        analyse(s);
    const struct resource *r = find(s, unit, address);
    if (!r)
        fail_msg("no resource: " STR_FMT, STR_ARG(line));
    s->questions++;
    if (holds(s, value_get(r->facts, fact), how, str_trim(rest), &got))
        return;
    s->wrong++;
    print_message("scenario " STR_FMT "\n  " STR_FMT "\n  got " STR_FMT "\n", STR_ARG(s->title), STR_ARG(line),
                  STR_ARG(got));
}

static void test_iam_scenarios__facts(void **state)
{
    (void)state;
    static const char word[] = "scenario ";
    struct arena *a = arena_new();
    const char *model = arena_cstr(a, read_file(a, "rules/model/iam.yaml"));
    struct scenario s = {0};
    for (str rest = read_file(a, "testdata/analysis/iam/scenarios.txt"); rest.p;) {
        str line = str_cut(rest, '\n', &rest), cells = line;
        if (!line.n || line.p[0] == '#')
            continue;
        if (str_starts(line, str_of(word))) {
            end(&s);
            begin(&s, str_slice(line, sizeof(word) - 1, line.n), model);
            continue;
        }
        str first = next_cell(&cells);
        if (str_eq_c(first, "resource"))
            add_resource(&s, cells);
        else
            ask(&s, first, cells, line);
    }
    end(&s);
    assert_int_equal(s.wrong, 0);
    assert_true(s.questions > 60);
    arena_free(a);
}

/* Where pods get their permissions from is told step by step. */
static void test_iam_scenarios__path_of_a_pod(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *model = arena_cstr(a, read_file(a, "rules/model/iam.yaml"));
    struct scenario s = {0};
    begin(&s, STR("path"), model);
    add_resource(&s, STR("a | aws_iam_role | aws_iam_role.r | {\"name\": \"r\", \"assume_role_policy\": "
                         "{\"Statement\": []}, \"inline_policy\": "
                         "[{\"name\": \"p\", \"policy\": \"{\\\"Statement\\\":[]}\"}]}"));
    add_resource(
        &s, STR("b | t/ServiceAccount | n/ServiceAccount/s | {\"name\": \"s\", \"namespace\": \"n\", \"annotations\": "
                "{\"eks.amazonaws.com/role-arn\": \"arn:aws:iam::123456789012:role/r\"}}"));
    add_resource(&s, STR("b | t/Workload | n/Deployment/d | {\"name\": \"d\", \"namespace\": \"n\", \"pod\": "
                         "{\"service_account_name\": \"s\"}}"));
    analyse(&s);
    const struct value *v = value_get(find(&s, STR("b"), STR("n/Deployment/d"))->facts, STR("aws_permissions"));
    assert_non_null(v);
    const char *const steps[] = {"the service account", "n/ServiceAccount/s gives the role (annotation)",
                                 "the role aws_iam_role.r", "a policy of the role"};
    const struct origin *o = v->origin;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++, o = o->via) {
        assert_non_null(o);
        assert_str(origin_note(o), steps[i]);
    }
    assert_null(o);
    end(&s);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iam_scenarios__facts),
        cmocka_unit_test(test_iam_scenarios__path_of_a_pod),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    intern_release();
    return failed;
}
