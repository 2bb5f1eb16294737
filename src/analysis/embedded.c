/* Languages inside attributes: state machines, SageMaker pipelines and container definitions, as lists of tasks and
 * containers whose parameters are named like attributes of resources. The model has decoded the documents. */
#include "analysis/iam_values.h"
#include "analysis/pass.h"
#include "graph/model.h"

enum { MAX_TASKS = 20000, MAX_NESTING = 24 };

struct machine {
    struct analysis *a;
    struct item_list tasks;
    bool partial;
    unsigned depth;
};

/* ---- folding ---- */

/* Maps whose keys are the author's. */
static bool is_free(str key)
{
    static const char *const names[] = {
        "Tags",    "tags",    "Environment",     "EnvironmentVariables", "HyperParameters", "dockerLabels",
        "options", "Headers", "QueryParameters", "RequestBody",          "Payload",         "Input"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(key, names[i]))
            return true;
    return false;
}

static const struct value *fold(struct machine *m, const struct value *v, bool free);

/* "{% ... %}" and names that end in ".$" are computed when the machine runs. */
static bool is_computed(const struct value *v)
{
    str s = value_str(v);
    return str_starts(s, STR("{%")) && str_ends(s, STR("%}"));
}

static struct value_entry fold_entry(struct machine *m, const struct value_entry *e, bool free)
{
    struct arena *a = m->a->arena;
    struct value_entry folded = *e;
    str key = e->key;
    bool path = str_ends(key, STR(".$"));
    if (path)
        key = str_slice(key, 0, key.n - 2);
    folded.key = free ? key : model_fold(a, key);
    if (path || is_computed(e->value))
        folded.value =
            value_unknown(a, STR("computed when the state machine runs"), e->value ? e->value->origin : NULL);
    else
        folded.value = fold(m, e->value, free || (is_free(key) && !value_is(e->value, VALUE_LIST)));
    return folded;
}

static const struct value *fold_map(struct machine *m, const struct value *v, bool free)
{
    const struct value *get = value_get(v, STR("Get"));
    if (v->u.map.n == 1 && value_is(get, VALUE_STRING))
        return value_unknown(m->a->arena, STR("computed when the pipeline runs"), v->origin);
    struct value_entry *entries = ARENA_ARRAY(m->a->arena, struct value_entry, v->u.map.n + 1);
    for (size_t i = 0; i < v->u.map.n; i++)
        entries[i] = fold_entry(m, &v->u.map.entry[i], free);
    struct value *copy = value_copy(m->a->arena, v);
    copy->u.map.entry = entries;
    return copy;
}

static const struct value *fold_choice(struct machine *m, const struct value *v, bool free)
{
    size_t n = v->u.choice.by->n_options;
    const struct value **options = ARENA_ARRAY(m->a->arena, const struct value *, n);
    for (size_t i = 0; i < n; i++)
        options[i] = fold(m, v->u.choice.option[i], free);
    return value_choice(m->a->arena, v->u.choice.by, options, v->origin);
}

static const struct value *fold(struct machine *m, const struct value *v, bool free)
{
    if (!v || m->depth > LIMIT_DEPTH)
        return v;
    m->depth++;
    const struct value *result = v;
    if (v->kind == VALUE_MAP) {
        result = fold_map(m, v, free);
    } else if (v->kind == VALUE_CHOICE) {
        result = fold_choice(m, v, free);
    } else if (v->kind == VALUE_LIST) {
        const struct value **items = ARENA_ARRAY(m->a->arena, const struct value *, v->u.list.n + 1);
        for (size_t i = 0; i < v->u.list.n; i++)
            items[i] = fold(m, v->u.list.item[i], free);
        struct value *copy = value_copy(m->a->arena, v);
        copy->u.list.item = items;
        result = copy;
    }
    m->depth--;
    return result;
}

/* ---- tasks ---- */

static void add_task(struct machine *m, str name, const struct value *at, const struct value *resource, str service,
                     str action, const struct value *parameters)
{
    struct arena *a = m->a->arena;
    struct field_list map = {0};
    if (m->tasks.n >= MAX_TASKS) {
        m->partial = true;
        return;
    }
    field_list_add_text(a, &map, "name", name);
    if (resource)
        field_list_add(&map, "resource", resource);
    if (service.n) {
        field_list_add_text(a, &map, "service", service);
        field_list_add_text(a, &map, "action", action);
    } else {
        const struct value *unknown =
            value_unknown(a, STR("what the task calls is not known"), resource ? resource->origin : NULL);
        field_list_add(&map, "service", unknown);
        field_list_add(&map, "action", unknown);
    }
    if (parameters)
        field_list_add(&map, "parameters", fold(m, parameters, false));
    VEC_PUSH(&m->tasks, field_list_end(a, &map, at->origin));
}

/* "arn:aws:states:::sagemaker:createTrainingJob.sync", "arn:aws:states:::aws-sdk:s3:putObject", a function's ARN. */
static void split_resource(const struct value *resource, str *ret_service, str *ret_action)
{
    *ret_service = *ret_action = STR_NONE;
    str text = value_str(resource);
    const struct ref *ref = value_find_ref(resource);
    if (value_is(resource, VALUE_TEXT) && resource->u.list.n)
        text = value_str(resource->u.list.item[resource->u.list.n - 1]);
    size_t at = str_find(text, STR(":states:::"));
    if (at == SIZE_MAX) {
        bool function = str_contains(text, STR(":lambda:")) ||
                        (ref && ref->target && str_eq_c(sym_str(ref->target->kind), "aws.lambda.function"));
        bool activity = str_contains(text, STR(":activity:"));
        *ret_service = function ? STR("lambda") : activity ? STR("states") : STR_NONE;
        *ret_action = function ? STR("invoke") : activity ? STR("activity") : STR_NONE;
        return;
    }
    str rest = str_slice(text, at + 10, text.n);
    str service = str_cut(rest, ':', &rest);
    if (str_eq_c(service, "aws-sdk"))
        service = str_cut(rest, ':', &rest);
    *ret_service = service;
    *ret_action = rest.p ? str_cut(rest, '.', &rest) : STR_NONE;
}

static void walk_states(struct machine *m, const struct value *definition, unsigned depth);

static void walk_state(struct machine *m, const struct value_entry *e, unsigned depth)
{
    const struct value *state = e->value;
    if (!value_is(state, VALUE_MAP)) {
        m->partial = true;
        return;
    }
    str type = value_str(value_get(state, STR("Type")));
    if (str_eq_c(type, "Task")) {
        const struct value *resource = value_get(state, STR("Resource")),
                           *parameters = value_get(state, STR("Parameters"));
        str service, action;
        split_resource(resource, &service, &action);
        add_task(m, e->key, state, resource, service, action,
                 parameters ? parameters : value_get(state, STR("Arguments")));
    }
    const struct value *branches = value_get(state, STR("Branches"));
    for (size_t i = 0; value_is(branches, VALUE_LIST) && i < branches->u.list.n; i++)
        walk_states(m, branches->u.list.item[i], depth + 1);
    const struct value *inner = value_get(state, STR("ItemProcessor"));
    if (!inner)
        inner = value_get(state, STR("Iterator"));
    if (inner)
        walk_states(m, inner, depth + 1);
}

static void walk_states(struct machine *m, const struct value *definition, unsigned depth)
{
    if (value_is(definition, VALUE_CHOICE))
        m->partial = true;
    const struct value *states = value_get(definition, STR("States"));
    if (depth > MAX_NESTING || !value_is(states, VALUE_MAP)) {
        m->partial = true;
        return;
    }
    m->partial = m->partial || (states->flags & VALUE_PARTIAL);
    for (size_t i = 0; i < states->u.map.n; i++)
        walk_state(m, &states->u.map.entry[i], depth);
}

/* Pipeline steps that make jobs. */
static void walk_steps(struct machine *m, const struct value *steps, unsigned depth)
{
    static const struct {
        const char *type, *action;
    } kinds[] = {{"Training", "createTrainingJob"},
                 {"Processing", "createProcessingJob"},
                 {"Transform", "createTransformJob"},
                 {"Tuning", "createHyperParameterTuningJob"},
                 {"AutoML", "createAutoMLJobV2"},
                 {"Model", "createModel"},
                 {"RegisterModel", "createModelPackage"},
                 {"Lambda", "invoke"},
                 {"EMR", "addStep"}};
    if (!value_is(steps, VALUE_LIST) || depth > MAX_NESTING) {
        m->partial = m->partial || steps;
        return;
    }
    m->partial = m->partial || (steps->flags & VALUE_PARTIAL);
    for (size_t i = 0; i < steps->u.list.n; i++) {
        const struct value *step = steps->u.list.item[i], *arguments = value_get(step, STR("Arguments"));
        str type = value_str(value_get(step, STR("Type"))), name = value_str(value_get(step, STR("Name")));
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
            if (str_eq_c(type, kinds[k].type))
                add_task(m, name, step, NULL, str_eq_c(type, "Lambda") ? STR("lambda") : STR("sagemaker"),
                         str_of(kinds[k].action), arguments);
        if (str_eq_c(type, "Condition")) {
            walk_steps(m, value_get(arguments, STR("IfSteps")), depth + 1);
            walk_steps(m, value_get(arguments, STR("ElseSteps")), depth + 1);
        }
    }
}

static void set_tasks(struct machine *m, const struct resource *r, const struct value *definition)
{
    if (!definition || (definition->kind != VALUE_MAP && definition->kind != VALUE_LIST)) {
        fact_set_unknown(m->a, r, "tasks", "its definition is not known");
        return;
    }
    fact_set(m->a, r, "tasks", item_list_end(m->a->arena, &m->tasks, m->partial, definition->origin));
}

static void look_at_machine(struct analysis *a, const struct resource *r)
{
    struct machine m = {.a = a};
    const struct value *definition = value_get(r->attributes, STR("definition"));
    if (value_is(definition, VALUE_MAP))
        walk_states(&m, definition, 0);
    set_tasks(&m, r, definition);
}

static void look_at_pipeline(struct analysis *a, const struct resource *r)
{
    struct machine m = {.a = a};
    const struct value *definition = value_get(r->attributes, STR("definition"));
    if (!definition)
        definition = value_get(r->attributes, STR("pipeline_definition"));
    const struct value *body = value_get(definition, STR("PipelineDefinitionBody"));
    if (body)
        definition = body;
    if (value_is(definition, VALUE_MAP))
        walk_steps(&m, value_get(definition, STR("Steps")), 0);
    set_tasks(&m, r, definition);
}

static void look_at_tasks_of_ecs(struct analysis *a, const struct resource *r)
{
    struct machine m = {.a = a};
    const struct value *definitions = value_get(r->attributes, STR("container_definitions"));
    if (!definitions)
        return;
    if (definitions->kind == VALUE_LIST || definitions->kind == VALUE_CHOICE)
        fact_set(a, r, "containers", fold(&m, definitions, false));
    else
        fact_set_unknown(a, r, "containers", "its container definitions are not known");
}

static void each(struct analysis *a, const char *kind, void (*fn)(struct analysis *a, const struct resource *r))
{
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, sym_find(str_of(kind)), &n);
    for (size_t i = 0; i < n; i++)
        if (!all[i]->is_data)
            fn(a, all[i]);
}

static void run(struct analysis *a)
{
    each(a, "aws.sfn.state_machine", look_at_machine);
    each(a, "aws.sagemaker.pipeline", look_at_pipeline);
    each(a, "aws.ecs.task_definition", look_at_tasks_of_ecs);
}

static const struct fact facts[] = {
    {"tasks", "aws.sfn.state_machine aws.sagemaker.pipeline",
     "What the definition starts, at any depth: {name, resource, service, action, parameters}. Names inside parameters "
     "are folded like attributes "
     "(KmsKeyId is kms_key_id); what is computed while it runs is unknown."},
    {"containers", "aws.ecs.task_definition",
     "The container definitions with folded names, whether they were JSON text or a structure."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_embedded = {"embedded", run, facts};
