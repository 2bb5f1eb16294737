#include "frontend/kubernetes/split.h"

#include "base/vec.h"
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/types.h"

/* Where the templates are: entries of the map at `path`; with [] each element of the list there. "*" is every
 * entry. */
static const struct splitting {
    const char *group, *kind, *path, *names;
} splittings[] = {
    {"kubeflow.org", "PyTorchJob", "spec/pytorchReplicaSpecs", "*"},
    {"kubeflow.org", "TFJob", "spec/tfReplicaSpecs", "*"},
    {"kubeflow.org", "MPIJob", "spec/mpiReplicaSpecs", "*"},
    {"kubeflow.org", "XGBoostJob", "spec/xgbReplicaSpecs", "*"},
    {"kubeflow.org", "PaddleJob", "spec/paddleReplicaSpecs", "*"},
    {"ray.io", "RayCluster", "spec", "headGroupSpec workerGroupSpecs[]"},
    {"ray.io", "RayJob", "spec/rayClusterSpec", "headGroupSpec workerGroupSpecs[]"},
    {"ray.io", "RayService", "spec/rayClusterConfig", "headGroupSpec workerGroupSpecs[]"},
    {"sparkoperator.k8s.io", "SparkApplication", "spec", "driver executor"},
    {"serving.kserve.io", "InferenceService", "spec", "predictor transformer explainer"},
    {"batch.volcano.sh", "Job", "spec", "tasks[]"},
    {"jobset.x-k8s.io", "JobSet", "spec", "replicatedJobs[]"},
    {"leaderworkerset.x-k8s.io", "LeaderWorkerSet", "spec/leaderWorkerTemplate", "leaderTemplate workerTemplate"},
};

struct found {
    const struct value_entry *entry;
    size_t index; /* in the entry's list; SIZE_MAX: the entry itself */
};

struct finding {
    VEC(struct found) parts;
};

static const struct splitting *splitting_of(const struct value *object)
{
    str kind = value_str(value_get(object, STR("kind")));
    str group = k8s_written_group(value_str(value_get(object, STR("apiVersion"))));
    for (size_t i = 0; i < ARRAY_LEN(splittings); i++)
        if (str_eq_c(kind, splittings[i].kind) && str_eq_c(group, splittings[i].group))
            return &splittings[i];
    return NULL;
}

/* Does the entry hold templates? *ret_list: one in each element. */
static bool is_named(const struct splitting *s, str key, bool *ret_list)
{
    *ret_list = false;
    if (str_eq_c(str_of(s->names), "*"))
        return true;
    for (str rest = str_of(s->names); rest.p;) {
        str name = str_cut(rest, ' ', &rest);
        *ret_list = str_ends(name, STR("[]"));
        if (str_eq(*ret_list ? str_slice(name, 0, name.n - 2) : name, key))
            return true;
    }
    return false;
}

static void find_parts(const struct splitting *s, const struct value *holder, struct finding *f)
{
    for (size_t i = 0; i < holder->u.map.n; i++) {
        const struct value_entry *e = &holder->u.map.entry[i];
        bool list;
        if (!is_named(s, e->key, &list))
            continue;
        size_t n = list && value_is(e->value, VALUE_LIST) ? e->value->u.list.n : 0;
        for (size_t j = 0; j < n; j++)
            VEC_PUSH(&f->parts, ((struct found){e, j}));
        if (!n && value_is(e->value, VALUE_MAP))
            VEC_PUSH(&f->parts, ((struct found){e, SIZE_MAX}));
    }
}

/* The holder with one of the parts. */
static const struct value *holder_of(struct arena *a, const struct splitting *s, const struct value *holder,
                                     const struct found *part)
{
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, holder->u.map.n);
    size_t n = 0;
    for (size_t i = 0; i < holder->u.map.n; i++) {
        struct value_entry e = holder->u.map.entry[i];
        bool list, own = &holder->u.map.entry[i] == part->entry;
        if (is_named(s, e.key, &list) && !own)
            continue;
        if (own && part->index != SIZE_MAX) {
            const struct value **one = arena_copy(a, &e.value->u.list.item[part->index], sizeof(*one));
            e.value = value_list(a, one, 1, e.value->origin);
        }
        entries[n++] = e;
    }
    return value_map(a, entries, n, holder->origin);
}

static const struct value *put_holder(void *context, const struct value *old)
{
    (void)old;
    return context;
}

const struct split_part *split_object(struct arena *a, const struct value *object, size_t *ret_n)
{
    const struct splitting *s = splitting_of(object);
    struct edit_steps steps = edit_split(s ? s->path : "");
    const struct value *holder = s ? object : NULL;
    for (size_t i = 0; s && i < steps.n; i++)
        holder = value_get(holder, steps.at[i]);
    struct finding f = {{0}};
    if (value_is(holder, VALUE_MAP))
        find_parts(s, holder, &f);
    *ret_n = f.parts.n > 1 ? f.parts.n : 1;
    struct split_part *parts = ARENA_ARRAY(a, struct split_part, *ret_n);
    parts[0].object = object;
    for (size_t i = 0; f.parts.n > 1 && i < f.parts.n; i++) {
        const struct found *p = &f.parts.at[i];
        const struct value *own = holder_of(a, s, holder, p);
        parts[i].object = edit_at(a, object, steps.at, steps.n, false, put_holder, (void *)(uintptr_t)own);
        parts[i].name =
            p->index == SIZE_MAX ? p->entry->key : arena_printf(a, STR_FMT "[%zu]", STR_ARG(p->entry->key), p->index);
    }
    VEC_RELEASE(&f.parts);
    return parts;
}
