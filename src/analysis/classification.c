/* Patient data: which resources are classified by their tags and labels, and where that data flows.
 *
 * Data flows along edges whose attribute says so (table below): a bucket to the queue it notifies, a stream to the
 * function that reads it, a database to its snapshot. What receives classified data inherits the class, unless it
 * is classified itself. In a unit that classifies nothing every resource counts as holding patient data. */
#include "analysis/place.h"
#include "analysis/verdict.h"
#include "base/glob.h"

static const char *const default_keys[] = {"data-classification", "data-class", "classification",
                                           "data-sensitivity",    "phi",        "ephi",
                                           "contains-phi",        "stores-phi", "hipaa"};
static const char *const default_values[] = {"phi", "ephi", "hipaa", "restricted-phi", "phi-restricted", "true", "yes"};

enum flow { INTO, OUT_OF };

/* INTO: what the attribute points to flows into the resource; OUT_OF: the resource's data flows there. */
static const struct {
    const char *kind, *attribute;
    enum flow flow;
} flows[] = {
    {"aws.s3.bucket", "*notification*", OUT_OF},
    {"aws.s3.bucket", "*replication*", OUT_OF},
    {"aws.s3.bucket", "*logging*", OUT_OF},
    {"aws.s3.bucket", "*inventor*", OUT_OF},
    {"aws.s3.*", "*destination*", OUT_OF},
    {"aws.s3.bucket_inventory", "bucket", INTO},
    {"aws.sns.*subscription", "topic*", INTO},
    {"aws.sns.*subscription", "endpoint*", OUT_OF},
    {"aws.sns.topic", "*subscription*", OUT_OF},
    {"aws.sqs.queue", "*redrive*", OUT_OF},
    {"aws.sqs.queue", "*dead_letter*", OUT_OF},
    {"aws.lambda.event_source_mapping", "*source*", INTO},
    {"aws.lambda.event_source_mapping", "function*", OUT_OF},
    {"aws.lambda.event_source_mapping", "*destination*", OUT_OF},
    {"aws.lambda.function", "*environment*", OUT_OF},
    {"aws.lambda.function", "*dead_letter*", OUT_OF},
    {"aws.lambda.function", "*destination*", OUT_OF},
    {"aws.lambda.function", "*log*", OUT_OF},
    {"aws.lambda.function", "*file_system*", OUT_OF},
    {"aws.events.rule", "*target*", OUT_OF},
    {"aws.events.rule", "event_pattern*", INTO},
    {"aws.events.rule", "*dead_letter*", OUT_OF},
    {"aws.events.target", "rule*", INTO},
    {"aws.events.target", "arn", OUT_OF},
    {"aws.pipes.pipe", "*source*", INTO},
    {"aws.pipes.pipe", "*target*", OUT_OF},
    {"aws.pipes.pipe", "*enrichment*", OUT_OF},
    {"aws.firehose.*", "*source*", INTO},
    {"aws.firehose.*", "*bucket*", OUT_OF},
    {"aws.firehose.*", "*destination*", OUT_OF},
    {"aws.kinesis.*", "*source*", INTO},
    {"aws.logs.subscription_filter", "log_group*", INTO},
    {"aws.logs.subscription_filter", "*destination*", OUT_OF},
    {"aws.glue.crawler", "*target*", INTO},
    {"aws.glue.crawler", "database*", OUT_OF},
    {"aws.glue.job", "*argument*", OUT_OF},
    {"aws.glue.job", "*argument*input*", INTO},
    {"aws.glue.job", "*argument*source*", INTO},
    {"aws.glue.job", "*argument*src*", INTO},
    {"aws.glue.job", "*connection*", INTO},
    {"aws.glue.*", "*location*", INTO},
    {"aws.dms.replication_task", "source*", INTO},
    {"aws.dms.replication_task", "target*", OUT_OF},
    {"aws.dms.endpoint", "*bucket*", OUT_OF},
    {"aws.dms.endpoint", "*bucket*", INTO},
    {"aws.dms.endpoint", "*server_name", OUT_OF},
    {"aws.dms.endpoint", "*server_name", INTO},
    {"aws.datasync.task", "source*", INTO},
    {"aws.datasync.task", "destination*", OUT_OF},
    {"aws.datasync.location*", "*bucket*", OUT_OF},
    {"aws.datasync.location*", "*bucket*", INTO},
    {"aws.datasync.location*", "*file_system*", OUT_OF},
    {"aws.datasync.location*", "*file_system*", INTO},
    {"aws.sagemaker.*", "*input*", INTO},
    {"aws.sagemaker.*", "*output*", OUT_OF},
    {"aws.sagemaker.*", "*model_data*", INTO},
    {"aws.sagemaker.*", "*data_capture*", OUT_OF},
    {"aws.sagemaker.*", "*feature_store*", OUT_OF},
    {"aws.sagemaker.*", "*offline_store*", OUT_OF},
    {"aws.sagemaker.endpoint", "*config*", INTO},
    {"aws.sagemaker.endpoint_config", "*model*", INTO},
    {"aws.athena.workgroup", "*output*", OUT_OF},
    {"aws.*snapshot*", "*source*", INTO},
    {"aws.*snapshot*", "*volume*", INTO},
    {"aws.*snapshot*", "*instance*", INTO},
    {"aws.*snapshot*", "*cluster*", INTO},
    {"aws.*", "*snapshot_identifier", INTO},
    {"aws.ebs.volume", "snapshot*", INTO},
    {"aws.ebs.volume", "source*", INTO},
    {"aws.ebs.*attachment", "volume", INTO},
    {"aws.ebs.*attachment", "instance", OUT_OF},
    {"aws.ami.*", "*snapshot*", INTO},
    {"aws.ami.*", "source*", INTO},
    {"aws.ami.*", "instance*", INTO},
    {"aws.*.global_cluster", "source*", INTO},
    {"aws.*.cluster", "global*", INTO},
    {"aws.*", "replicate_source*", INTO},
    {"aws.*", "replication_source*", INTO},
    {"aws.*", "*source_db*", INTO},
    {"aws.rds.*", "cluster", INTO},
    {"aws.docdb.*instance", "cluster", INTO},
    {"aws.neptune.*instance", "cluster", INTO},
    {"aws.rds.export*", "source*", INTO},
    {"aws.rds.export*", "*bucket*", OUT_OF},
    {"aws.dynamodb.*", "*stream*", OUT_OF},
    {"aws.dynamodb.table_export", "table*", INTO},
    {"aws.dynamodb.table_export", "*bucket*", OUT_OF},
    {"aws.backup.selection", "resources*", INTO},
    {"aws.backup.selection", "plan*", OUT_OF},
    {"aws.backup.plan", "*vault*", OUT_OF},
    {"aws.efs.replication*", "source*", INTO},
    {"aws.efs.replication*", "*destination*", OUT_OF},
    {"aws.efs.file_system", "*replication*destination*", OUT_OF},
    {"aws.sfn.state_machine", "definition*", OUT_OF},
    {"aws.*", "*log_group*", OUT_OF},
    {"aws.*", "*log_destination*", OUT_OF},
    {"aws.*", "*access_log*", OUT_OF},
    {"aws.*", "*logging*destination*", OUT_OF},
    {"aws.ecs.task_definition", "*log*", OUT_OF},
    {"aws.ecs.task_definition", "*volume*", OUT_OF},
    {"aws.ecs.service", "task_definition*", OUT_OF},
};

enum data_class { CLASS_NONE_SAID, CLASS_PHI, CLASS_OTHER, CLASS_UNKNOWN };

struct node {
    const struct resource *r;
    uint8_t own; /* enum data_class, as tags and labels say */
    bool holds;  /* classified or reached */
    const struct node *from;
    const struct value *cause;
};

struct kind_flows {
    VEC(uint16_t) rows; /* of flows */
};

struct classification {
    struct analysis *a;
    struct node *node; /* by resource id */
    struct map kinds;  /* kind -> struct kind_flows * */
    bool *unit_classifies;
    VEC(struct node *) queue;
};

enum { PATH_STEPS = 32 };

/* ---- tags and labels ---- */

/* DataClassification, data_classification, corp.example/data-classification are one key. */
static bool same_key(str key, str wanted)
{
    size_t slash = str_rfind_char(key, '/'), colon = str_rfind_char(key, ':');
    if (slash != SIZE_MAX)
        key = str_slice(key, slash + 1, key.n);
    else if (colon != SIZE_MAX)
        key = str_slice(key, colon + 1, key.n);
    size_t i = 0, k = 0;
    for (;;) {
        while (i < key.n && (key.p[i] == '-' || key.p[i] == '_' || key.p[i] == ' '))
            i++;
        while (k < wanted.n && (wanted.p[k] == '-' || wanted.p[k] == '_' || wanted.p[k] == ' '))
            k++;
        if (i == key.n || k == wanted.n)
            return i == key.n && k == wanted.n;
        if (!str_eq_nocase(str_slice(key, i, i + 1), str_slice(wanted, k, k + 1)))
            return false;
        i++;
        k++;
    }
}

static bool is_class_key(const struct analysis *a, str key)
{
    const struct analysis_options *o = a->options;
    for (size_t i = 0; o && i < o->n_classification_keys; i++)
        if (same_key(key, o->classification_key[i]))
            return true;
    for (size_t i = 0; (!o || !o->n_classification_keys) && i < ARRAY_LEN(default_keys); i++)
        if (same_key(key, str_of(default_keys[i])))
            return true;
    return false;
}

static bool is_classified_value(const struct analysis *a, str value)
{
    const struct analysis_options *o = a->options;
    for (size_t i = 0; o && i < o->n_classified_values; i++)
        if (str_eq_nocase(value, o->classified_value[i]))
            return true;
    for (size_t i = 0; (!o || !o->n_classified_values) && i < ARRAY_LEN(default_values); i++)
        if (str_eq_nocase(value, str_of(default_values[i])))
            return true;
    return false;
}

static enum data_class class_of_value(const struct analysis *a, const struct value *v)
{
    bool b;
    if (v->kind == VALUE_STRING)
        return is_classified_value(a, str_trim(v->u.string)) ? CLASS_PHI : CLASS_OTHER;
    if (value_to_bool(v, &b))
        return b ? CLASS_PHI : CLASS_OTHER;
    return v->kind == VALUE_NULL ? CLASS_NONE_SAID : CLASS_UNKNOWN;
}

static enum data_class class_of_map(const struct analysis *a, const struct value *map, const struct value **ret_cause)
{
    enum data_class found = CLASS_NONE_SAID;
    for (size_t i = 0; value_is(map, VALUE_MAP) && i < map->u.map.n; i++) {
        const struct value_entry *e = &map->u.map.entry[i];
        if (!e->value || !is_class_key(a, e->key))
            continue;
        enum data_class one = class_of_value(a, e->value);
        if (one == CLASS_PHI || found == CLASS_NONE_SAID) {
            found = one;
            *ret_cause = e->value;
        }
    }
    if (found == CLASS_NONE_SAID && map && map->kind != VALUE_NULL &&
        (map->kind != VALUE_MAP || (map->flags & VALUE_PARTIAL)))
        return CLASS_UNKNOWN;
    return found;
}

static void read_class(struct classification *c, struct node *n)
{
    static const char *const maps[] = {"tags", "labels", "pod_labels"};
    for (size_t i = 0; i < ARRAY_LEN(maps) && n->own != CLASS_PHI; i++) {
        enum data_class one = class_of_map(c->a, value_get(n->r->attributes, str_of(maps[i])), &n->cause);
        if (one != CLASS_NONE_SAID && (n->own == CLASS_NONE_SAID || one == CLASS_PHI))
            n->own = (uint8_t)one;
    }
    if (n->own == CLASS_PHI || n->own == CLASS_OTHER)
        c->unit_classifies[n->r->unit] = c->a->classifies = true;
}

/* What a namespace is classified as holds for what is in it. */
static void inherit_from_namespaces(struct classification *c)
{
    size_t n;
    struct map spaces;
    map_init(&spaces);
    struct resource *const *all = graph_of_kind(c->a->graph, sym_of(STR("k8s.namespace")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = value_str(value_get(all[i]->attributes, STR("name")));
        if (name.n && c->node[all[i]->id].own != CLASS_NONE_SAID)
            map_set(&spaces, place_in(c->a, all[i], name), &c->node[all[i]->id]);
    }
    for (size_t i = 0; spaces.n && i < graph_count(c->a->graph); i++) {
        struct node *node = &c->node[i];
        if (!str_starts(sym_str(node->r->kind), STR("k8s.")) || node->own != CLASS_NONE_SAID ||
            !value_get(node->r->attributes, STR("namespace")))
            continue;
        str place = place_of(c->a, node->r);
        const struct node *space = place.p ? map_find(&spaces, place) : NULL;
        if (space) {
            node->own = space->own;
            node->cause = space->cause;
        }
    }
    map_release(&spaces);
}

/* ---- flows ---- */

static const struct kind_flows *flows_of(struct classification *c, sym kind)
{
    str name = sym_str(kind);
    struct kind_flows *f = map_find(&c->kinds, name);
    if (f)
        return f;
    f = ARENA_NEW(c->a->arena, struct kind_flows);
    map_set(&c->kinds, name, f);
    for (size_t i = 0; i < ARRAY_LEN(flows); i++)
        if (wildcard_match(str_of(flows[i].kind), name))
            VEC_PUSH(&f->rows, (uint16_t)i);
    return f;
}

/* What is said of fewer kinds decides, then the longer pattern: "*argument*input*" over "*argument*". */
static size_t weight(size_t row)
{
    enum { MOST = 256 };
    return strlen(flows[row].kind) * MOST + strlen(flows[row].attribute);
}

static bool has_flow(struct classification *c, const struct resource *r, str attribute, enum flow flow)
{
    const struct kind_flows *f = flows_of(c, r->kind);
    size_t heaviest = 0;
    bool found = false;
    for (size_t i = 0; i < f->rows.n; i++) {
        size_t row = f->rows.at[i], heavy = weight(row);
        if (heavy < heaviest || !wildcard_match(str_of(flows[row].attribute), attribute))
            continue;
        found = flows[row].flow == flow || (found && heavy == heaviest);
        heaviest = heavy;
    }
    return found;
}

/* Keys, roles and networks hold no data. */
static bool can_hold(const struct resource *r)
{
    static const char *const never[] = {
        "aws.iam.", "aws.kms.", "aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.security_group", "k8s.namespace"};
    str kind = sym_str(r->kind);
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (str_starts(kind, str_of(never[i])))
            return false;
    return r->kind != 0;
}

static void reach(struct classification *c, const struct node *from, const struct resource *to)
{
    struct node *n = &c->node[to->id];
    if (n->holds || n->own == CLASS_OTHER || !can_hold(to))
        return;
    n->holds = true;
    n->from = from;
    VEC_PUSH(&c->queue, n);
}

static void spread(struct classification *c)
{
    for (size_t i = 0; i < graph_count(c->a->graph); i++) {
        struct node *n = &c->node[i];
        if (n->own == CLASS_PHI) {
            n->holds = true;
            VEC_PUSH(&c->queue, n);
        }
    }
    for (size_t at = 0; at < c->queue.n; at++) {
        const struct node *n = c->queue.at[at];
        const struct resource *r = n->r;
        for (size_t i = 0; i < r->n_edges; i++)
            if (has_flow(c, r, r->edge[i].attribute, OUT_OF))
                reach(c, n, r->edge[i].to);
        for (size_t i = 0; i < r->n_back_edges; i++)
            if (has_flow(c, r->back_edge[i].to, r->back_edge[i].attribute, INTO))
                reach(c, n, r->back_edge[i].to);
    }
}

/* ---- facts ---- */

static const struct value *path_to(struct classification *c, const struct node *n)
{
    const struct node *step[PATH_STEPS];
    size_t count = 0;
    for (const struct node *at = n; at && count < PATH_STEPS; at = at->from)
        step[count++] = at;
    struct value_items path = {0};
    while (count > 0)
        VEC_PUSH(&path, address_value(c->a->arena, step[--count]->r));
    return items_value(c->a->arena, &path);
}

static void set_facts(struct classification *c)
{
    struct arena *arena = c->a->arena;
    const struct value *doubt = value_unknown(arena, STR("its classification is not known"), NULL);
    const struct value *phi = value_string(arena, STR("phi"), NULL), *none = value_string(arena, STR("none"), NULL);
    const struct value *yes = value_bool(arena, true, NULL), *no = value_bool(arena, false, NULL);
    for (size_t i = 0; i < graph_count(c->a->graph); i++) {
        const struct node *n = &c->node[i];
        if (!n->r->kind)
            continue;
        bool unclear = n->own == CLASS_UNKNOWN && !n->holds;
        const struct value *class = n->holds ? phi : n->own == CLASS_OTHER ? none : unclear ? doubt : NULL;
        if (n->cause && class && class != doubt)
            class = value_string(arena, class->u.string, n->cause->origin);
        if (class)
            fact_set(c->a, n->r, "data_class", class);
        fact_set(c->a, n->r, "holds_phi", n->holds || !c->unit_classifies[n->r->unit] ? yes : unclear ? doubt : no);
        if (n->holds)
            fact_set(c->a, n->r, "phi_path", path_to(c, n));
    }
}

static void run(struct analysis *a)
{
    size_t n = graph_count(a->graph), bytes = (n + 1) * sizeof(struct node);
    struct classification c = {.a = a, .node = alloc_get(bytes)};
    c.unit_classifies = ARENA_ARRAY(a->arena, bool, graph_unit_count(a->graph) + 1);
    map_init(&c.kinds);
    for (size_t i = 0; i < n; i++) {
        c.node[i].r = graph_at(a->graph, i);
        if (c.node[i].r->kind && c.node[i].r->attributes)
            read_class(&c, &c.node[i]);
    }
    inherit_from_namespaces(&c);
    spread(&c);
    set_facts(&c);
    for (size_t i = 0; i < c.kinds.n; i++) {
        struct kind_flows *f = c.kinds.at[i].value;
        VEC_RELEASE(&f->rows);
    }
    map_release(&c.kinds);
    VEC_RELEASE(&c.queue);
    alloc_put(c.node, bytes);
}

static const struct fact facts[] = {
    {"data_class", "*", "phi or none, by tags and labels or by the data that flows in; absent where nothing is said"},
    {"holds_phi", "*", "it holds patient data, or its unit classifies nothing and so everything counts"},
    {"phi_path", "*", "addresses from the classified source of the data to here"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_classification = {"classification", run, facts};
