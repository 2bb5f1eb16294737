/* Kubernetes RBAC: what roles give after aggregation, whom bindings give it to, what each service account may do. */
#include "analysis/iam_values.h"
#include "analysis/labels.h"
#include "analysis/pass.h"
#include "analysis/place.h"

enum { MAX_AGGREGATION_STEPS = 1000000, MAX_RULES_OF_SUBJECT = 5000 };

struct rbac {
    struct analysis *a;
    struct map roles;         /* "unit/namespace/name" -> resource */
    struct map cluster_roles; /* "unit/name" -> resource */
    struct map accounts;      /* "unit/namespace/name" -> struct subject * */
    struct map namespaces;    /* "unit/namespace" -> struct subject *: of system:serviceaccounts:NAMESPACE */
    struct map units;         /* "unit" -> struct subject *: of system:serviceaccounts and system:authenticated */
    struct map anywhere;      /* kind, NUL, "namespace/name" -> struct only *: names are unique in a cluster */
    size_t steps;
};

/* Somebody to whom bindings give rules. */
struct subject {
    const struct resource *account; /* NULL for groups */
    struct item_list rules;
};

/* The only resource of its kind and name among all units; NULL: there are several. */
struct only {
    const struct resource *r;
};

static const struct value *attribute(const struct resource *r, const char *name, const char *other)
{
    const struct value *v = value_get(r->attributes, str_of(name));
    if (!v || v->kind == VALUE_NULL)
        v = value_get(r->attributes, str_of(other));
    return v && v->kind != VALUE_NULL ? v : NULL;
}

static str name_of(const struct resource *r)
{
    return value_str(value_get(r->attributes, STR("name")));
}

static str unit_key(struct rbac *w, const struct resource *r, str name)
{
    return arena_printf(w->a->arena, "%u/" STR_FMT, (unsigned)r->unit, STR_ARG(name));
}

/* ---- other units of the same cluster ---- */

static str anywhere_key(struct rbac *w, sym kind, str namespace, str name)
{
    return arena_printf(w->a->arena, STR_FMT "%c" STR_FMT "/" STR_FMT, STR_ARG(sym_str(kind)), 0,
                        STR_ARG(namespace.n ? namespace : STR("default")), STR_ARG(name));
}

static str namespace_of(const struct resource *r)
{
    return value_str(value_get(r->attributes, STR("namespace")));
}

static void index_anywhere(struct rbac *w)
{
    static const char *const kinds[] = {"k8s.role", "k8s.cluster_role", "k8s.service_account"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        size_t n;
        struct resource *const *all = graph_of_kind(w->a->graph, sym_find(str_of(kinds[k])), &n);
        for (size_t i = 0; i < n; i++) {
            str name = name_of(all[i]);
            if (!name.n || all[i]->is_data || !place_of(w->a, all[i]).n)
                continue;
            str key = anywhere_key(w, all[i]->kind, namespace_of(all[i]), name);
            struct only *only = map_find(&w->anywhere, key);
            if (!only) {
                only = ARENA_NEW(w->a->arena, struct only);
                only->r = all[i];
                map_set(&w->anywhere, key, only);
            } else {
                only->r = NULL;
            }
        }
    }
}

static const struct resource *find_anywhere(struct rbac *w, const char *kind, str namespace, str name)
{
    sym s = sym_find(str_of(kind));
    const struct only *only = s ? map_find(&w->anywhere, anywhere_key(w, s, namespace, name)) : NULL;
    return only ? only->r : NULL;
}

/* ---- roles that every cluster has ---- */

static const struct {
    const char *name;
    struct {
        const char *groups, *resources, *verbs; /* separated by blanks */
    } rule[3];
} built_in[] = {
    {"cluster-admin", {{"*", "*", "*"}}},
    {"admin",
     {{" apps batch autoscaling networking.k8s.io policy",
       "pods pods/exec pods/attach pods/portforward pods/proxy secrets configmaps services serviceaccounts "
       "persistentvolumeclaims deployments "
       "daemonsets statefulsets replicasets jobs cronjobs horizontalpodautoscalers ingresses networkpolicies "
       "poddisruptionbudgets",
       "create delete deletecollection get list patch update watch"},
      {"rbac.authorization.k8s.io", "roles rolebindings", "create delete deletecollection get list patch update watch"},
      {"", "serviceaccounts", "impersonate"}}},
    {"edit",
     {{" apps batch autoscaling networking.k8s.io policy",
       "pods pods/exec pods/attach pods/portforward pods/proxy secrets configmaps services serviceaccounts "
       "persistentvolumeclaims deployments "
       "daemonsets statefulsets replicasets jobs cronjobs horizontalpodautoscalers ingresses networkpolicies "
       "poddisruptionbudgets",
       "create delete deletecollection get list patch update watch"},
      {"", "serviceaccounts", "impersonate"}}},
    {"view",
     {{" apps batch autoscaling networking.k8s.io policy",
       "pods pods/log configmaps services serviceaccounts persistentvolumeclaims deployments daemonsets statefulsets "
       "replicasets jobs cronjobs "
       "horizontalpodautoscalers ingresses networkpolicies poddisruptionbudgets events namespaces",
       "get list watch"}}},
};

static const struct value *words(struct arena *a, const char *text)
{
    struct item_list items = {0};
    for (str rest = str_of(text); rest.p;)
        VEC_PUSH(&items, value_string(a, str_cut(rest, ' ', &rest), NULL));
    return item_list_end(a, &items, false, NULL);
}

static const struct value *built_in_rules(struct arena *a, str name)
{
    for (size_t i = 0; i < ARRAY_LEN(built_in); i++) {
        if (!str_eq_c(name, built_in[i].name))
            continue;
        struct item_list rules = {0};
        for (size_t k = 0; k < ARRAY_LEN(built_in[i].rule) && built_in[i].rule[k].verbs; k++) {
            struct field_list map = {0};
            field_list_add(&map, "api_groups", words(a, built_in[i].rule[k].groups));
            field_list_add(&map, "resources", words(a, built_in[i].rule[k].resources));
            field_list_add(&map, "verbs", words(a, built_in[i].rule[k].verbs));
            VEC_PUSH(&rules, field_list_end(a, &map, NULL));
        }
        return item_list_end(a, &rules, false, NULL);
    }
    return NULL;
}

/* ---- what a role gives ---- */

static void add_rules(struct item_list *to, const struct value *rules, bool *ret_partial)
{
    if (!rules)
        return;
    if (rules->kind == VALUE_MAP)
        VEC_PUSH(to, rules);
    if (rules->kind != VALUE_LIST) {
        *ret_partial = *ret_partial || rules->kind != VALUE_MAP;
        return;
    }
    *ret_partial = *ret_partial || (rules->flags & VALUE_PARTIAL);
    for (size_t i = 0; i < rules->u.list.n; i++)
        if (rules->u.list.item[i])
            VEC_PUSH(to, rules->u.list.item[i]);
}

/* A ClusterRole that aggregates has the rules of all that its selectors select, of its unit. */
static void aggregate(struct rbac *w, const struct resource *r, const struct value *selectors, struct item_list *to,
                      bool *ret_partial)
{
    const struct unit *u = graph_unit(w->a->graph, r->unit);
    for (size_t i = 0; i < u->n; i++) {
        const struct resource *other = graph_at(w->a->graph, u->first + i);
        if (other->kind != r->kind || other == r || other->is_data)
            continue;
        for (size_t k = 0; value_is(selectors, VALUE_LIST) && k < selectors->u.list.n; k++) {
            if (++w->steps > MAX_AGGREGATION_STEPS) {
                *ret_partial = true;
                return;
            }
            const struct value *labels = value_get(other->attributes, STR("labels"));
            enum verdict_state state = verdict_state(selector_match(w->a->arena, selectors->u.list.item[k], labels));
            if (state == VERDICT_YES) {
                add_rules(to, attribute(other, "rules", "rule"), ret_partial);
                break;
            }
            *ret_partial = *ret_partial || state != VERDICT_NO;
        }
    }
}

static bool has_word(const struct value *list, const char *word)
{
    if (value_is(list, VALUE_STRING))
        return str_eq_c(list->u.string, word);
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++)
        if (str_eq_c(value_str(list->u.list.item[i]), word))
            return true;
    return false;
}

/* Every verb on every resource of every group. */
static bool is_everything(const struct value *rule)
{
    return has_word(value_get(rule, STR("verbs")), "*") && has_word(value_get(rule, STR("resources")), "*") &&
           has_word(value_get(rule, STR("api_groups")), "*");
}

static const struct value *has_wildcard(struct arena *a, const struct value *rules, const char *element)
{
    bool unknown = rules->flags & VALUE_PARTIAL;
    for (size_t i = 0; i < rules->u.list.n; i++) {
        const struct value *rule = rules->u.list.item[i];
        const struct value *v = value_is(rule, VALUE_MAP) && element ? value_get(rule, str_of(element)) : rule;
        if (element ? has_word(v, "*") : is_everything(rule))
            return value_bool(a, true, v->origin ? v->origin : rule->origin);
        unknown = unknown || (v && !value_is_known(v));
    }
    return unknown ? value_unknown(a, STR("the rules of the role are not fully known"), NULL)
                   : value_bool(a, false, NULL);
}

static void look_at_role(struct rbac *w, const struct resource *r)
{
    struct item_list items = {0};
    bool partial = r->incomplete;
    struct arena *a = w->a->arena;
    const struct value *own = attribute(r, "rules", "rule");
    const struct value *selectors = value_path(r->attributes, STR("aggregation_rule.cluster_role_selectors"));
    add_rules(&items, own, &partial);
    if (selectors)
        aggregate(w, r, selectors, &items, &partial);
    const struct value *rules = item_list_end(a, &items, partial, own ? own->origin : NULL);
    fact_set(w->a, r, "effective_rules", rules);
    fact_set(w->a, r, "wildcard_verbs", has_wildcard(a, rules, "verbs"));
    fact_set(w->a, r, "wildcard_resources", has_wildcard(a, rules, "resources"));
    fact_set(w->a, r, "wildcard_groups", has_wildcard(a, rules, "api_groups"));
    fact_set(w->a, r, "wildcard_all", has_wildcard(a, rules, NULL));
}

static void look_at_roles(struct rbac *w, const char *kind, struct map *index)
{
    size_t n;
    struct resource *const *all = graph_of_kind(w->a->graph, sym_find(str_of(kind)), &n);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = all[i];
        str name = name_of(r), place = place_of(w->a, r);
        if (r->is_data)
            continue;
        if (name.n && index == &w->cluster_roles)
            map_add(index, unit_key(w, r, name), all[i]);
        else if (name.n && place.n)
            map_add(index, place_join(w->a, place, name), all[i]);
        look_at_role(w, r);
    }
}

/* ---- bindings ---- */

struct bound {
    const struct resource *binding;
    const struct value *rules; /* list; NULL: not known */
    str namespace;             /* empty: cluster-wide */
};

static struct subject *subject_at(struct rbac *w, struct map *map, str key)
{
    struct subject *s = map_find(map, key);
    if (!s) {
        s = ARENA_NEW(w->a->arena, struct subject);
        map_set(map, key, s);
    }
    return s;
}

/* A rule as the subject has it: with where it holds and which binding gives it. */
static const struct value *rule_of_subject(struct rbac *w, const struct value *rule, const struct bound *b)
{
    struct arena *a = w->a->arena;
    struct field_list map = {0};
    for (size_t i = 0; value_is(rule, VALUE_MAP) && i < rule->u.map.n; i++)
        VEC_PUSH(&map, rule->u.map.entry[i]);
    field_list_add_text(a, &map, "namespace", b->namespace);
    field_list_add_bool(a, &map, "cluster_wide", b->namespace.n == 0);
    field_list_add_text(a, &map, "binding", b->binding->address);
    span at = value_span(rule);
    const struct origin *o = at.file ? origin_new(a, at, STR("the rule"), NULL) : NULL;
    return field_list_end(a, &map, origin_new(a, b->binding->header, STR("the binding"), o));
}

static void give(struct rbac *w, struct subject *s, const struct bound *b)
{
    if (!b->rules) {
        VEC_PUSH(&s->rules, value_unknown(w->a->arena, STR("a role that is bound is not among the analysed files"),
                                          origin_new(w->a->arena, b->binding->header, STR_NONE, NULL)));
        return;
    }
    for (size_t i = 0; i < b->rules->u.list.n && s->rules.n < MAX_RULES_OF_SUBJECT; i++)
        VEC_PUSH(&s->rules, rule_of_subject(w, b->rules->u.list.item[i], b));
}

static void give_to(struct rbac *w, const struct value *subject, const struct bound *b, struct item_list *addresses,
                    bool *ret_unknown)
{
    str kind = value_str(value_get(subject, STR("kind"))), name = value_str(value_get(subject, STR("name")));
    const struct value *namespace = value_get(subject, STR("namespace"));
    static const char in_namespace[] = "system:serviceaccounts:";
    if (!kind.n || !name.n || (namespace && namespace->kind != VALUE_STRING && namespace->kind != VALUE_NULL)) {
        *ret_unknown = true;
        return;
    }
    const struct resource *from = b->binding;
    if (str_eq_c(kind, "ServiceAccount")) {
        str place = value_str(namespace).n ? place_in(w->a, from, namespace->u.string) : place_of(w->a, from);
        struct subject *s = place.n ? map_find(&w->accounts, place_join(w->a, place, name)) : NULL;
        const struct resource *elsewhere = NULL;
        if (!s)
            elsewhere = find_anywhere(w, "k8s.service_account",
                                      value_str(namespace).n ? namespace->u.string : namespace_of(from), name);
        if (elsewhere)
            s = map_find(&w->accounts, place_join(w->a, place_of(w->a, elsewhere), name));
        if (s) {
            give(w, s, b);
            VEC_PUSH(addresses, value_string(w->a->arena, s->account->address, subject->origin));
        } else {
            *ret_unknown = true;
        }
    } else if (str_eq_c(name, "system:serviceaccounts") || str_eq_c(name, "system:authenticated")) {
        give(w, subject_at(w, &w->units, unit_key(w, from, STR_NONE)), b);
    } else if (str_starts(name, str_of(in_namespace))) {
        str of = str_slice(name, sizeof(in_namespace) - 1, name.n);
        give(w, subject_at(w, &w->namespaces, place_in(w->a, from, of)), b);
    }
}

static const struct value *rules_of_ref(struct rbac *w, const struct resource *binding, const struct value *ref,
                                        const struct resource **ret_role)
{
    str kind = value_str(value_get(ref, STR("kind"))), name = value_str(value_get(ref, STR("name")));
    const struct value *named = value_get(ref, STR("name"));
    const struct ref *r = value_find_ref(named);
    if (!name.n && r && r->target)
        name = value_str(value_get(r->target->attributes, STR("name")));
    if (!name.n)
        return NULL;
    const struct resource *role = str_eq_c(kind, "Role")
                                      ? map_find(&w->roles, place_join(w->a, place_of(w->a, binding), name))
                                      : map_find(&w->cluster_roles, unit_key(w, binding, name));
    bool spaced = str_eq_c(kind, "Role");
    if (!role && (spaced || !built_in_rules(w->a->arena, name)))
        role =
            find_anywhere(w, spaced ? "k8s.role" : "k8s.cluster_role", spaced ? namespace_of(binding) : STR_NONE, name);
    *ret_role = role;
    if (role)
        return fact_get(w->a, role, "effective_rules");
    return str_eq_c(kind, "Role") ? NULL : built_in_rules(w->a->arena, name);
}

static void look_at_binding(struct rbac *w, const struct resource *r, bool cluster_wide)
{
    struct arena *a = w->a->arena;
    const struct value *ref = attribute(r, "role_ref", "role_ref");
    const struct value *subjects = attribute(r, "subjects", "subject");
    if (value_is(ref, VALUE_LIST) && ref->u.list.n == 1)
        ref = ref->u.list.item[0];
    const struct resource *role = NULL;
    struct bound b = {.binding = r, .rules = rules_of_ref(w, r, ref, &role)};
    str place = place_of(w->a, r), namespace;
    str_cut(place, '/', &namespace);
    b.namespace = cluster_wide ? STR_NONE : namespace.n ? namespace : STR("default");
    struct item_list addresses = {0};
    bool unresolved = false;
    for (size_t i = 0; value_is(subjects, VALUE_LIST) && i < subjects->u.list.n; i++)
        give_to(w, subjects->u.list.item[i], &b, &addresses, &unresolved);
    bool open = unresolved || (subjects && (subjects->kind != VALUE_LIST || subjects->flags & VALUE_PARTIAL));
    fact_set(w->a, r, "service_accounts", item_list_end(a, &addresses, open, subjects ? subjects->origin : NULL));
    if (role)
        fact_set(w->a, r, "role", value_string(a, role->address, origin_new(a, role->header, role->address, NULL)));
    if (!b.rules) {
        fact_set_unknown(w->a, r, "effective_rules", "the role is not among the analysed files");
        fact_set_unknown(w->a, r, "wildcard_all", "the role is not among the analysed files");
        return;
    }
    struct value *rules = value_copy(a, b.rules);
    rules->origin = origin_new(a, ref && value_span(ref).file ? value_span(ref) : r->header,
                               STR("the role that is bound"), b.rules->origin);
    fact_set(w->a, r, "effective_rules", rules);
    fact_set(w->a, r, "wildcard_all", has_wildcard(a, rules, NULL));
}

static void look_at_bindings(struct rbac *w, const char *kind, bool cluster_wide)
{
    size_t n;
    struct resource *const *all = graph_of_kind(w->a->graph, sym_find(str_of(kind)), &n);
    for (size_t i = 0; i < n; i++)
        if (!all[i]->is_data)
            look_at_binding(w, all[i], cluster_wide);
}

/* ---- subjects ---- */

static void index_accounts(struct rbac *w)
{
    size_t n;
    struct resource *const *all = graph_of_kind(w->a->graph, sym_find(STR("k8s.service_account")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = name_of(all[i]), place = place_of(w->a, all[i]);
        if (name.n && place.n && !all[i]->is_data)
            subject_at(w, &w->accounts, place_join(w->a, place, name))->account = all[i];
    }
}

static void add_group(struct item_list *to, const struct subject *s)
{
    for (size_t i = 0; s && i < s->rules.n && to->n < MAX_RULES_OF_SUBJECT; i++)
        VEC_PUSH(to, s->rules.at[i]);
}

static void publish_accounts(struct rbac *w)
{
    for (size_t i = 0; i < w->accounts.n; i++) {
        struct subject *s = w->accounts.at[i].value;
        struct item_list rules = {0};
        add_group(&rules, s);
        add_group(&rules, map_find(&w->namespaces, place_of(w->a, s->account)));
        add_group(&rules, map_find(&w->units, unit_key(w, s->account, STR_NONE)));
        bool partial = analysis_unit_open(w->a, s->account) || rules.n >= MAX_RULES_OF_SUBJECT;
        fact_set(w->a, s->account, "rbac_rules", item_list_end(w->a->arena, &rules, partial, NULL));
    }
}

static void publish_workloads(struct rbac *w)
{
    size_t n;
    struct resource *const *all = graph_of_kind(w->a->graph, sym_find(STR("k8s.workload")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = value_str(fact_get(w->a, all[i], "service_account")), place = place_of(w->a, all[i]);
        struct subject *s = name.n && place.n ? map_find(&w->accounts, place_join(w->a, place, name)) : NULL;
        const struct value *rules = s ? fact_get(w->a, s->account, "rbac_rules") : NULL;
        if (rules)
            fact_set(w->a, all[i], "rbac_rules", rules);
    }
}

static void release_subjects(struct map *map)
{
    for (size_t i = 0; i < map->n; i++)
        VEC_RELEASE(&((struct subject *)map->at[i].value)->rules);
    map_release(map);
}

static void run(struct analysis *a)
{
    struct rbac w = {.a = a};
    map_init(&w.roles);
    map_init(&w.cluster_roles);
    map_init(&w.accounts);
    map_init(&w.namespaces);
    map_init(&w.units);
    map_init(&w.anywhere);
    index_anywhere(&w);
    index_accounts(&w);
    look_at_roles(&w, "k8s.role", &w.roles);
    look_at_roles(&w, "k8s.cluster_role", &w.cluster_roles);
    look_at_bindings(&w, "k8s.role_binding", false);
    look_at_bindings(&w, "k8s.cluster_role_binding", true);
    publish_accounts(&w);
    publish_workloads(&w);
    map_release(&w.roles);
    map_release(&w.cluster_roles);
    release_subjects(&w.accounts);
    release_subjects(&w.namespaces);
    release_subjects(&w.units);
    map_release(&w.anywhere);
}

static const struct fact facts[] = {
    {"effective_rules", "k8s.role k8s.cluster_role k8s.role_binding k8s.cluster_role_binding",
     "The rules {api_groups, resources, verbs, resource_names} after aggregation; of a binding those of its role "
     "(cluster-admin, admin, edit "
     "and view are known); unknown when the role is not among the files. Ask with permits()."},
    {"wildcard_verbs", "k8s.role k8s.cluster_role", "A rule has every verb."},
    {"wildcard_resources", "k8s.role k8s.cluster_role", "A rule has every resource."},
    {"wildcard_groups", "k8s.role k8s.cluster_role", "A rule has every API group."},
    {"wildcard_all", "k8s.role k8s.cluster_role k8s.role_binding k8s.cluster_role_binding",
     "A rule has every verb on every resource of every group, as cluster-admin has."},
    {"role", "k8s.role_binding k8s.cluster_role_binding",
     "Address of the role; absent when it is not among the files."},
    {"service_accounts", "k8s.role_binding k8s.cluster_role_binding",
     "Addresses of the service accounts among the subjects; partial when some are not among the files."},
    {"rbac_rules", "k8s.service_account k8s.workload",
     "What it may do by all bindings of its unit, and by those of other units that name it when no other account has "
     "its name; also by those to its groups: rules with namespace, cluster_wide and "
     "binding besides."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_rbac = {"rbac", run, facts};
