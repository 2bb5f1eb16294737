/* Pods as the kubelet runs them: one list of all containers, each with its effective security context. */
#include "analysis/pass.h"
#include "analysis/place.h"
#include "analysis/verdict.h"
#include "base/vec.h"

struct merging {
    struct arena *arena;
    const struct value *context; /* the pod's security context */
    size_t list;                 /* of container_lists: the one that is lifted */
    const struct value *part[3]; /* finished lists */
    const char *kind;
};

struct entries {
    struct value_entry *at;
    size_t n, cap;
};

struct items {
    const struct value **at;
    size_t n, cap;
};

static const struct {
    const char *name, *kind;
} container_lists[] = {{"containers", "container"}, {"init_containers", "init"}, {"ephemeral_containers", "ephemeral"}};

/* What a container has from its pod unless it says otherwise; the rest of a pod's context is about volumes. */
static const char *const inherited[] = {"run_as_user",      "run_as_group",      "run_as_non_root", "seccomp_profile",
                                        "se_linux_options", "app_armor_profile", "windows_options"};

static bool is_nothing(const struct value *v)
{
    return !v || v->kind == VALUE_NULL;
}

static const struct value *map_of(struct arena *a, struct entries *e, uint16_t flags, const struct origin *o)
{
    size_t n;
    const struct value_entry *entries = VEC_MOVE(e, a, &n);
    struct value *v = value_map(a, entries, n, o);
    v->flags |= flags & VALUE_PARTIAL;
    return v;
}

/* ---- security contexts ---- */

static const struct value *or_else(struct arena *a, const struct value *own, const struct value *pod, unsigned depth)
{
    if (is_nothing(own))
        return pod;
    if (own->kind != VALUE_CHOICE || depth > LIMIT_WORLDS)
        return own;
    size_t n = own->u.choice.by->n_options;
    const struct value **options = ARENA_ARRAY(a, const struct value *, n);
    for (size_t i = 0; i < n; i++)
        options[i] = or_else(a, own->u.choice.option[i], pod, depth + 1);
    return value_choice(a, own->u.choice.by, options, own->origin);
}

/* The kubelet takes Windows options one by one, everything else as a whole. */
static const struct value *merge_windows(struct arena *a, const struct value *own, const struct value *pod)
{
    if (!value_is(own, VALUE_MAP) || !value_is(pod, VALUE_MAP))
        return or_else(a, own, pod, 0);
    struct entries e = {0};
    for (size_t i = 0; i < own->u.map.n; i++) {
        struct value_entry one = own->u.map.entry[i];
        one.value = or_else(a, one.value, value_get(pod, one.key), 0);
        VEC_PUSH(&e, one);
    }
    for (size_t i = 0; i < pod->u.map.n; i++)
        if (!value_get_entry(own, pod->u.map.entry[i].key))
            VEC_PUSH(&e, pod->u.map.entry[i]);
    return map_of(a, &e, own->flags | pod->flags, own->origin);
}

static const struct value *of_pod(struct arena *a, const struct value *pod, str key)
{
    if (is_nothing(pod))
        return NULL;
    if (pod->kind == VALUE_UNKNOWN)
        return value_unknown(a, pod->u.reason, pod->origin);
    return value_path(pod, key);
}

static const struct value *merge_maps(struct arena *a, const struct value *own, const struct value *pod)
{
    struct entries e = {0};
    for (size_t i = 0; own && i < own->u.map.n; i++)
        VEC_PUSH(&e, own->u.map.entry[i]);
    size_t n_own = e.n;
    bool any = own != NULL;
    for (size_t k = 0; k < ARRAY_LEN(inherited); k++) {
        str key = str_of(inherited[k]);
        const struct value *theirs = of_pod(a, pod, key);
        if (is_nothing(theirs))
            continue;
        size_t at = 0;
        while (at < n_own && !str_eq(e.at[at].key, key))
            at++;
        const struct value *mine = at < n_own ? e.at[at].value : NULL;
        const struct value *both =
            str_eq_c(key, "windows_options") ? merge_windows(a, mine, theirs) : or_else(a, mine, theirs, 0);
        if (at < n_own) {
            e.at[at].value = both;
        } else {
            const struct value_entry *written = value_get_entry(pod, key);
            VEC_PUSH(&e, ((struct value_entry){key, written ? written->key_at : SPAN_NONE, both}));
        }
        any = true;
    }
    if (!any)
        return NULL;
    return map_of(a, &e, own ? own->flags : 0, own ? own->origin : pod->origin);
}

static const struct value *merge_contexts(struct arena *a, const struct value *own, const struct value *pod,
                                          unsigned depth)
{
    const struct value *choice = value_is(own, VALUE_CHOICE) ? own : value_is(pod, VALUE_CHOICE) ? pod : NULL;
    if (choice && depth < LIMIT_WORLDS) {
        const struct decider *by = choice->u.choice.by;
        const struct value **options = ARENA_ARRAY(a, const struct value *, by->n_options);
        for (size_t i = 0; i < by->n_options; i++)
            options[i] = merge_contexts(a, choice == own ? own->u.choice.option[i] : own,
                                        choice == own ? pod : pod->u.choice.option[i], depth + 1);
        return value_choice(a, by, options, choice->origin);
    }
    if (is_nothing(own))
        return merge_maps(a, NULL, pod);
    return own->kind == VALUE_MAP ? merge_maps(a, own, pod) : own;
}

/* ---- containers ---- */

static const struct value *effective_container(void *context, const struct value *container)
{
    struct merging *m = context;
    if (container->kind != VALUE_MAP)
        return container->kind == VALUE_UNKNOWN ? container
                                                : value_unknown(m->arena, STR("not a container"), container->origin);
    struct entries e = {0};
    VEC_PUSH(&e, ((struct value_entry){STR("kind"), SPAN_NONE, value_string(m->arena, str_of(m->kind), NULL)}));
    for (size_t i = 0; i < container->u.map.n; i++)
        if (!str_eq_c(container->u.map.entry[i].key, "security_context"))
            VEC_PUSH(&e, container->u.map.entry[i]);
    const struct value_entry *own = value_get_entry(container, STR("security_context"));
    const struct value *merged = merge_contexts(m->arena, own ? own->value : NULL, m->context, 0);
    if (merged)
        VEC_PUSH(&e, ((struct value_entry){STR("security_context"), own ? own->key_at : SPAN_NONE, merged}));
    return map_of(m->arena, &e, container->flags, container->origin);
}

static const struct value *effective_list(void *context, const struct value *list)
{
    struct merging *m = context;
    if (list->kind == VALUE_NULL)
        return value_list(m->arena, NULL, 0, NULL);
    if (list->kind == VALUE_MAP) {
        const struct value **one = ARENA_ARRAY(m->arena, const struct value *, 1);
        one[0] = effective_container(m, list);
        return value_list(m->arena, one, 1, list->origin);
    }
    if (list->kind != VALUE_LIST) {
        struct value *open = value_list(m->arena, NULL, 0, list->origin);
        open->flags |= VALUE_PARTIAL;
        return open;
    }
    const struct value **items = ARENA_ARRAY(m->arena, const struct value *, list->u.list.n);
    for (size_t i = 0; i < list->u.list.n; i++)
        items[i] = value_lift(m->arena, list->u.list.item[i], effective_container, m);
    struct value *v = value_list(m->arena, items, list->u.list.n, list->origin);
    v->flags |= list->flags & VALUE_PARTIAL;
    return v;
}

static const struct value *join_lists(struct merging *m, size_t next);

static const struct value *take_list(void *context, const struct value *list)
{
    struct merging *m = context;
    size_t at = m->list;
    m->part[at] = list;
    const struct value *v = join_lists(m, at + 1);
    m->list = at;
    return v;
}

/* The lists from `next` on, behind those that are finished; a list that is a choice makes the whole one. */
static const struct value *join_lists(struct merging *m, size_t next)
{
    for (; next < ARRAY_LEN(container_lists); next++) {
        if (value_is(m->part[next], VALUE_CHOICE)) {
            m->list = next;
            const struct value *undecided = m->part[next];
            const struct value *v = value_lift(m->arena, undecided, take_list, m);
            m->part[next] = undecided;
            return v;
        }
    }
    struct items all = {0};
    uint16_t flags = 0;
    const struct origin *origin = NULL;
    for (size_t k = 0; k < ARRAY_LEN(container_lists); k++) {
        const struct value *list = m->part[k];
        for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->u.list.n; i++)
            VEC_PUSH(&all, list->u.list.item[i]);
        flags |= list ? list->flags & VALUE_PARTIAL : 0;
        flags |= list && list->kind == VALUE_UNKNOWN ? VALUE_PARTIAL : 0;
        origin = origin ? origin : list ? list->origin : NULL;
    }
    size_t n;
    const struct value **items = VEC_MOVE(&all, m->arena, &n);
    struct value *v = value_list(m->arena, items, n, origin);
    v->flags |= flags;
    return v;
}

static const struct value *containers_of(void *context, const struct value *pod)
{
    struct arena *arena = context;
    if (pod->kind != VALUE_MAP)
        return value_unknown(arena, pod->kind == VALUE_UNKNOWN ? pod->u.reason : STR("not a pod"), pod->origin);
    struct merging m = {.arena = arena, .context = value_get(pod, STR("security_context"))};
    for (size_t k = 0; k < ARRAY_LEN(container_lists); k++) {
        const struct value *list = value_path(pod, str_of(container_lists[k].name));
        m.kind = container_lists[k].kind;
        /* An absent alternative is an empty list: the others stay. */
        if (value_is(list, VALUE_CHOICE)) {
            const struct value **options = ARENA_ARRAY(arena, const struct value *, list->u.choice.by->n_options);
            for (size_t i = 0; i < list->u.choice.by->n_options; i++) {
                const struct value *option = list->u.choice.option[i];
                options[i] =
                    option ? value_lift(arena, option, effective_list, &m) : value_list(arena, NULL, 0, list->origin);
            }
            m.part[k] = value_choice(arena, list->u.choice.by, options, list->origin);
        } else {
            m.part[k] = list ? effective_list(&m, list) : NULL;
        }
    }
    return join_lists(&m, 0);
}

/* ---- the rest of a pod ---- */

static const struct value *with_origin(struct arena *a, str text, const struct value *v)
{
    return value_string(a, text, v ? v->origin : NULL);
}

static const struct value *account_of(struct arena *a, const struct value *pod)
{
    const struct value *v = value_path(pod, STR("service_account_name"));
    if (is_nothing(v) || (v->kind == VALUE_STRING && !v->u.string.n))
        v = value_path(pod, STR("service_account"));
    if (is_nothing(v) || (v->kind == VALUE_STRING && !v->u.string.n))
        return value_string(a, STR("default"), NULL);
    return or_else(a, v, value_string(a, STR("default"), NULL), 0);
}

static const struct value *is_windows_text(void *context, const struct value *v)
{
    struct arena *a = context;
    if (v->kind == VALUE_STRING)
        return value_bool(a, str_eq_nocase(v->u.string, STR("windows")), v->origin);
    return v->kind == VALUE_NULL ? value_bool(a, false, NULL)
                                 : value_unknown(a, STR("its system is not known"), v->origin);
}

static const struct value *windows_of(struct arena *a, const struct value *pod)
{
    const struct value *os = value_path(pod, STR("os.name"));
    if (!is_nothing(os))
        return value_lift(a, os, is_windows_text, a);
    const struct value *nodes = value_path(pod, STR("node_selector"));
    if (value_is(nodes, VALUE_UNKNOWN))
        return value_unknown(a, nodes->u.reason, nodes->origin);
    const struct value *label = value_get(nodes, STR("kubernetes.io/os"));
    if (is_nothing(label))
        label = value_get(nodes, STR("beta.kubernetes.io/os"));
    return is_nothing(label) ? NULL : value_lift(a, label, is_windows_text, a);
}

/* NULL: it may be of that type (a block of which nobody knows how many there are). */
static const struct value *type_of_volume(struct arena *a, const struct value_entry *e)
{
    if (e->value->kind == VALUE_UNKNOWN && !(e->value->flags & VALUE_NONEMPTY))
        return NULL;
    if (e->value->kind != VALUE_CHOICE)
        return with_origin(a, e->key, e->value);
    const struct decider *by = e->value->u.choice.by;
    const struct value **options = ARENA_ARRAY(a, const struct value *, by->n_options);
    for (size_t i = 0; i < by->n_options; i++) {
        const struct value *one = e->value->u.choice.option[i];
        options[i] = is_nothing(one) ? NULL : with_origin(a, e->key, one);
    }
    return value_choice(a, by, options, e->value->origin);
}

static const struct value *volume_types(struct arena *a, const struct value *volumes)
{
    if (!volumes || volumes->kind == VALUE_NULL)
        return value_list(a, NULL, 0, NULL);
    struct items all = {0};
    uint16_t flags = volumes->kind == VALUE_LIST ? volumes->flags & VALUE_PARTIAL : VALUE_PARTIAL;
    for (size_t i = 0; volumes->kind == VALUE_LIST && i < volumes->u.list.n; i++) {
        const struct value *volume = volumes->u.list.item[i];
        if (!value_is(volume, VALUE_MAP)) {
            flags |= VALUE_PARTIAL;
            continue;
        }
        for (size_t k = 0; k < volume->u.map.n; k++) {
            const struct value_entry *e = &volume->u.map.entry[k];
            if (str_eq_c(e->key, "name") || is_nothing(e->value))
                continue;
            const struct value *type = type_of_volume(a, e);
            if (type)
                VEC_PUSH(&all, type);
            else
                flags |= VALUE_PARTIAL;
        }
    }
    size_t n;
    const struct value **items = VEC_MOVE(&all, a, &n);
    struct value *v = value_list(a, items, n, volumes->origin);
    v->flags |= flags;
    return v;
}

/* ---- what its namespace and account say ---- */

struct places {
    struct map by_name;
    bool open; /* one of them is in a namespace that is not known */
};

struct neighbours {
    struct map accounts; /* place/name -> service account */
    struct places limits, quotas;
};

static void index_places(struct analysis *a, struct places *places, const char *kind)
{
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, sym_of(str_of(kind)), &n);
    map_init(&places->by_name);
    places->open = false;
    for (size_t i = 0; i < n; i++) {
        str place = place_of(a, all[i]);
        if (place.p)
            map_add(&places->by_name, place, all[i]);
        else
            places->open = true;
    }
}

static struct neighbours find_neighbours(struct analysis *a)
{
    struct neighbours found;
    index_places(a, &found.limits, "k8s.limit_range");
    index_places(a, &found.quotas, "k8s.resource_quota");
    map_init(&found.accounts);
    size_t n;
    struct resource *const *all = graph_of_kind(a->graph, sym_of(STR("k8s.service_account")), &n);
    for (size_t i = 0; i < n; i++) {
        str place = place_of(a, all[i]), name = value_str(value_get(all[i]->attributes, STR("name")));
        if (place.p && name.n)
            map_add(&found.accounts, place_join(a, place, name), all[i]);
    }
    return found;
}

static const struct value *mounts_token(struct analysis *a, const struct resource *r, const struct value *pod,
                                        const struct neighbours *all, str place, const struct value *account)
{
    const struct value *own = value_path(pod, STR("automount_service_account_token"));
    if (!is_nothing(own) && !(own->flags & VALUE_DEFAULTED))
        return verdict_of(a->arena, own);
    if (!place.p || !value_is(account, VALUE_STRING))
        return value_unknown(a->arena, STR("its service account is not known"), NULL);
    const struct resource *sa = map_find(&all->accounts, place_join(a, place, account->u.string));
    if (sa) {
        const struct value *v = value_get(sa->attributes, STR("automount_service_account_token"));
        return is_nothing(v) ? value_bool(a->arena, true, NULL) : verdict_of(a->arena, v);
    }
    if (str_eq_c(account->u.string, "default") && !analysis_unit_open(a, r))
        return value_bool(a->arena, true, NULL);
    return value_unknown(a->arena, STR("its service account is not among the analysed files"), NULL);
}

static void set_presence(struct analysis *a, const struct resource *r, const char *name, const struct places *places,
                         str place)
{
    const struct resource *there = place.p ? map_find(&places->by_name, place) : NULL;
    if (there)
        verdict_set(a, r, name, verdict_exists(a->arena, there, r), NULL);
    else if (!place.p || places->open || analysis_unit_open(a, r))
        fact_set_unknown(a, r, name, "a part of what is deployed with it is not known");
    else
        fact_set_bool(a, r, name, false, NULL);
}

static void add_facts(struct analysis *a, const struct resource *r, const struct neighbours *all)
{
    const struct value *pod = value_get(r->attributes, STR("pod"));
    str place = place_of(a, r);
    set_presence(a, r, "has_limit_range", &all->limits, place);
    set_presence(a, r, "has_resource_quota", &all->quotas, place);
    if (!pod) {
        fact_set_unknown(a, r, "containers", "its pod template is not known");
        return;
    }
    const struct value *account = account_of(a->arena, pod);
    fact_set(a, r, "containers", value_lift(a->arena, pod, containers_of, a->arena));
    fact_set(a, r, "service_account", account);
    verdict_set(a, r, "is_windows", windows_of(a->arena, pod), NULL);
    fact_set(a, r, "volume_types", volume_types(a->arena, value_path(pod, STR("volumes"))));
    verdict_set(a, r, "automounts_token", mounts_token(a, r, pod, all, place, account), NULL);
}

static void run(struct analysis *a)
{
    size_t n;
    struct resource *const *pods = graph_of_kind(a->graph, sym_of(STR("k8s.workload")), &n);
    struct neighbours all = find_neighbours(a);
    for (size_t i = 0; i < n; i++)
        add_facts(a, pods[i], &all);
    struct resource *const *spaces = graph_of_kind(a->graph, sym_of(STR("k8s.namespace")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = value_str(value_get(spaces[i]->attributes, STR("name")));
        str place = name.n ? place_in(a, spaces[i], name) : STR_NONE;
        set_presence(a, spaces[i], "has_limit_range", &all.limits, place);
        set_presence(a, spaces[i], "has_resource_quota", &all.quotas, place);
    }
    map_release(&all.accounts);
    map_release(&all.limits.by_name);
    map_release(&all.quotas.by_name);
}

static const struct fact facts[] = {
    {"containers", "k8s.workload",
     "all containers, each with `kind` (container, init, ephemeral) and its effective `security_context`"},
    {"service_account", "k8s.workload", "name of the service account that its pods run as"},
    {"is_windows", "k8s.workload", "its pods run on Windows nodes"},
    {"volume_types", "k8s.workload", "the types of its volumes: host_path, secret, ..."},
    {"automounts_token", "k8s.workload",
     "the API token is mounted; unknown when the service account is not in the files"},
    {"has_limit_range", "k8s.workload k8s.namespace", "a LimitRange of the unit governs the namespace"},
    {"has_resource_quota", "k8s.workload k8s.namespace", "a ResourceQuota of the unit governs the namespace"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_pods = {"pods", run, facts};
