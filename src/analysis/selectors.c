#include "analysis/selectors.h"

#include "analysis/cidr.h"
#include "analysis/place.h"
#include "base/diag.h"

/* ---- scopes ---- */

static struct scope *scope_at(struct selection *s, str place)
{
    struct scope *scope = map_find(&s->scopes, place);
    if (!scope) {
        scope = ARENA_NEW(s->a->arena, struct scope);
        scope->place = place;
        map_init(&scope->by_label);
        map_set(&s->scopes, place, scope);
    }
    return scope;
}

struct scope *selection_scope(struct selection *s, const struct resource *r)
{
    str place = place_of(s->a, r);
    return place.p ? scope_at(s, place) : NULL;
}

static str label_key(struct arena *a, str key, str value)
{
    return arena_printf(a, STR_FMT "%c" STR_FMT, STR_ARG(key), 0, STR_ARG(value));
}

static void index_labels(struct selection *s, struct scope *scope, struct pod *p)
{
    const struct value *labels = p->labels;
    bool plain = !labels || (labels->kind == VALUE_MAP && !(labels->flags & VALUE_PARTIAL));
    for (size_t i = 0; plain && labels && i < labels->u.map.n; i++)
        plain = value_is(labels->u.map.entry[i].value, VALUE_STRING);
    if (!plain) {
        VEC_PUSH(&scope->loose, p);
        return;
    }
    for (size_t i = 0; labels && i < labels->u.map.n; i++) {
        const struct value_entry *e = &labels->u.map.entry[i];
        str key = label_key(s->a->arena, e->key, e->value->u.string);
        struct pod_list *with = map_find(&scope->by_label, key);
        if (!with) {
            with = ARENA_NEW(s->a->arena, struct pod_list);
            map_set(&scope->by_label, key, with);
        }
        VEC_PUSH(with, p);
    }
}

static void add_pods(struct selection *s)
{
    size_t n;
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.workload")), &n);
    s->pod = ARENA_ARRAY(s->a->arena, struct pod, n + 1);
    s->n_pods = n;
    for (size_t i = 0; i < n; i++) {
        struct pod *p = &s->pod[i];
        p->r = all[i];
        p->address = address_value(s->a->arena, all[i]);
        p->labels = value_get(all[i]->attributes, STR("pod_labels"));
        p->scope = selection_scope(s, all[i]);
        if (!p->scope)
            continue;
        VEC_PUSH(&p->scope->pods, p);
        index_labels(s, p->scope, p);
    }
}

static void each_of(struct selection *s, const struct pod_list *pods, const struct value *selector, bool flat,
                    selection_fn *fn, void *context)
{
    struct arena *a = s->a->arena;
    for (size_t i = 0; pods && i < pods->n; i++) {
        struct pod *p = pods->at[i];
        if (s->budget == 0) {
            s->over_budget = true;
            return;
        }
        s->budget--;
        const struct value *v = flat ? labels_match(a, selector, p->labels) : selector_match(a, selector, p->labels);
        if (!verdict_is_no(v))
            fn(s, p, v, context);
    }
}

static bool flat_pair(const struct value *selector, str *ret_key, str *ret_value)
{
    for (size_t i = 0; value_is(selector, VALUE_MAP) && i < selector->u.map.n; i++) {
        const struct value_entry *e = &selector->u.map.entry[i];
        if (value_is(e->value, VALUE_STRING)) {
            *ret_key = e->key;
            *ret_value = e->value->u.string;
            return true;
        }
    }
    return false;
}

void selection_each(struct selection *s, struct scope *scope, const struct value *selector, bool flat, selection_fn *fn,
                    void *context)
{
    str key, value;
    if (flat ? flat_pair(selector, &key, &value) : selector_pair(selector, &key, &value)) {
        each_of(s, map_find(&scope->by_label, label_key(s->a->arena, key, value)), selector, flat, fn, context);
        each_of(s, &scope->loose, selector, flat, fn, context);
    } else {
        each_of(s, &scope->pods, selector, flat, fn, context);
    }
}

/* ---- network policies ---- */

struct policy {
    const struct resource *r;
    const struct value *address;
    const struct value *exists;
    const struct value *ingress, *egress; /* affects */
    const struct value *metadata;
    struct value_items selects;
};

static const struct value *unknown(struct analysis *a, const char *reason)
{
    return value_unknown(a->arena, str_of(reason), NULL);
}

static bool is_empty_list(const struct value *v)
{
    return !v || v->kind == VALUE_NULL || (v->kind == VALUE_LIST && !v->u.list.n && !(v->flags & VALUE_PARTIAL));
}

struct type_test {
    struct arena *arena;
    const char *name;
};

static const struct value *is_type(void *context, const struct value *v)
{
    const struct type_test *m = context;
    if (v->kind == VALUE_STRING)
        return value_bool(m->arena, str_eq_c(v->u.string, m->name), v->origin);
    return value_unknown(m->arena, STR("its policy types are not known"), v->origin);
}

static const struct value *affects(struct analysis *a, const struct resource *r, const char *direction)
{
    const struct value *types = place_field(r, "policy_types");
    struct type_test m = {a->arena, direction};
    if (is_empty_list(types)) {
        if (str_eq_c(str_of(direction), "Ingress"))
            return value_bool(a->arena, true, NULL);
        const struct value *rules = place_field(r, "egress");
        return is_empty_list(rules)             ? NULL
               : value_is(rules, VALUE_UNKNOWN) ? rules
                                                : value_bool(a->arena, true, rules->origin);
    }
    if (types->kind == VALUE_STRING)
        return is_type(&m, types);
    if (types->kind != VALUE_LIST)
        return unknown(a, "its policy types are not known");
    const struct value *any = types->flags & VALUE_PARTIAL ? unknown(a, "its policy types are not known") : NULL;
    for (size_t i = 0; i < types->u.list.n; i++)
        any = verdict_or(a->arena, any, value_lift(a->arena, types->u.list.item[i], is_type, &m));
    return any;
}

static const struct value *is_everything(struct analysis *a, const struct value *block)
{
    const struct value *cidr = value_get(block, STR("cidr")), *except = value_get(block, STR("except"));
    struct cidr c;
    if (!cidr || cidr->kind == VALUE_NULL)
        return NULL;
    if (cidr->kind != VALUE_STRING)
        return unknown(a, "an IP block is not known");
    if (!cidr_parse(cidr->u.string, &c) || c.bits > 0 || !is_empty_list(except))
        return NULL;
    return value_bool(a->arena, true, cidr->origin);
}

static bool is_absent(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, str_of(key));
    return !v || v->kind == VALUE_NULL || (v->kind == VALUE_LIST && !v->u.list.n);
}

static const struct value *admits_all_peers(struct analysis *a, const struct value *peer)
{
    if (!value_is(peer, VALUE_MAP))
        return peer && peer->kind != VALUE_NULL ? unknown(a, "a peer is not known") : NULL;
    const struct value *all = is_everything(a, value_get(peer, STR("ip_block")));
    if (!is_absent(peer, "namespace_selector")) {
        const struct value *spaces = selector_is_empty(a->arena, value_get(peer, STR("namespace_selector")));
        const struct value *pods = is_absent(peer, "pod_selector")
                                       ? value_bool(a->arena, true, NULL)
                                       : selector_is_empty(a->arena, value_get(peer, STR("pod_selector")));
        all = verdict_or(a->arena, all, verdict_and(a->arena, spaces, pods));
    }
    return all;
}

/* A rule without peers admits everybody. */
static const struct value *admits_all(struct analysis *a, const struct value *rule, const char *peers_name)
{
    if (!value_is(rule, VALUE_MAP))
        return rule && rule->kind != VALUE_NULL ? unknown(a, "a rule is not known") : NULL;
    if (is_absent(rule, peers_name))
        return rule->flags & VALUE_PARTIAL ? unknown(a, "a rule is not known")
                                           : value_bool(a->arena, true, rule->origin);
    const struct value *peers = value_get(rule, str_of(peers_name));
    if (peers->kind == VALUE_MAP)
        return admits_all_peers(a, peers);
    if (peers->kind != VALUE_LIST)
        return unknown(a, "the peers of a rule are not known");
    const struct value *any = peers->flags & VALUE_PARTIAL ? unknown(a, "the peers of a rule are not known") : NULL;
    for (size_t i = 0; i < peers->u.list.n && !verdict_is_yes(any); i++)
        any = verdict_or(a->arena, any, admits_all_peers(a, peers->u.list.item[i]));
    return any;
}

static void set_open_rules(struct analysis *a, const struct resource *r, const char *direction, const char *peers,
                           const char *fact)
{
    const struct value *rules = place_field(r, direction);
    struct value_items open = {0};
    open.open = rules && rules->kind != VALUE_LIST && rules->kind != VALUE_NULL && rules->kind != VALUE_MAP;
    open.open |= rules && (rules->flags & VALUE_PARTIAL) && rules->kind == VALUE_LIST;
    if (value_is(rules, VALUE_MAP))
        items_add(a->arena, &open, admits_all(a, rules, peers), rules);
    for (size_t i = 0; value_is(rules, VALUE_LIST) && i < rules->u.list.n; i++)
        if (rules->u.list.item[i])
            items_add(a->arena, &open, admits_all(a, rules->u.list.item[i], peers), rules->u.list.item[i]);
    fact_set(a, r, fact, items_value(a->arena, &open));
}

/* ---- the instance metadata service ---- */

static bool holds_metadata(const struct value *v, bool *ret_open)
{
    static const char *const addresses[] = {"169.254.169.254/32", "fd00:ec2::254/128"};
    struct cidr c, address;
    *ret_open |= v && v->kind != VALUE_STRING && v->kind != VALUE_NULL;
    if (!value_is(v, VALUE_STRING) || !cidr_parse(v->u.string, &c))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        if (cidr_parse(str_of(addresses[i]), &address) && cidr_contains(&c, &address))
            return true;
    return false;
}

static const struct value *peer_is_metadata(struct analysis *a, const struct value *peer)
{
    if (!value_is(peer, VALUE_MAP))
        return unknown(a, "a peer is not known");
    const struct value *block = value_get(peer, STR("ip_block"));
    if (is_absent(peer, "ip_block"))
        return NULL;
    if (block->kind != VALUE_MAP)
        return unknown(a, "an IP block is not known");
    bool open = false;
    const struct value *except = value_get(block, STR("except"));
    bool in = holds_metadata(value_get(block, STR("cidr")), &open), out = false;
    for (size_t i = 0; in && value_is(except, VALUE_LIST) && i < except->u.list.n; i++)
        out |= holds_metadata(except->u.list.item[i], &open);
    open |= in && except && except->kind != VALUE_LIST && except->kind != VALUE_NULL;
    if (!in && !open)
        return NULL;
    if (out)
        return NULL;
    return open ? unknown(a, "an IP block is not known") : value_bool(a->arena, true, block->origin);
}

static const struct value *reaches_metadata(struct analysis *a, const struct resource *r)
{
    const struct value *rules = place_field(r, "egress");
    if (is_empty_list(rules))
        return NULL;
    if (rules->kind != VALUE_LIST)
        return unknown(a, "its egress rules are not known");
    const struct value *any = rules->flags & VALUE_PARTIAL ? unknown(a, "its egress rules are not known") : NULL;
    for (size_t i = 0; i < rules->u.list.n; i++) {
        const struct value *rule = rules->u.list.item[i], *to = value_get(rule, STR("to"));
        if (!value_is(rule, VALUE_MAP))
            any = verdict_or(a->arena, any, rule ? unknown(a, "an egress rule is not known") : NULL);
        else if (is_absent(rule, "to"))
            any = verdict_or(a->arena, any, value_bool(a->arena, true, rule->origin));
        else if (to->kind != VALUE_LIST)
            any = verdict_or(a->arena, any, unknown(a, "the peers of a rule are not known"));
        for (size_t k = 0; value_is(to, VALUE_LIST) && k < to->u.list.n; k++)
            any = verdict_or(a->arena, any, peer_is_metadata(a, to->u.list.item[k]));
    }
    return any;
}

/* ---- applying policies ---- */

static void isolate(struct selection *s, struct pod *p, const struct value *verdict, void *context)
{
    struct policy *policy = context;
    struct arena *a = s->a->arena;
    const struct value *selected = verdict_and(a, verdict, policy->exists);
    const struct value *out = verdict_and(a, selected, policy->egress);
    p->ingress = verdict_or(a, p->ingress, verdict_and(a, selected, policy->ingress));
    p->egress = verdict_or(a, p->egress, out);
    p->metadata = verdict_or(a, p->metadata, verdict_and(a, out, policy->metadata));
    items_add(a, &p->policies, selected, policy->address);
    items_add(a, &policy->selects, verdict, p->address);
}

static void apply_policy(struct selection *s, const struct resource *r)
{
    struct analysis *a = s->a;
    struct arena *arena = a->arena;
    const struct value *selector = place_field(r, "pod_selector");
    struct policy policy = {.r = r, .address = address_value(arena, r), .exists = verdict_exists(arena, r, NULL)};
    /* An absent pod selector is the empty one. */
    if (!selector)
        selector = r->incomplete ? unknown(a, "it could not be read completely")
                                 : value_map(arena, NULL, 0, r->attributes->origin);
    selector_check(selector, a->diags);
    policy.ingress = affects(a, r, "Ingress");
    policy.egress = affects(a, r, "Egress");
    policy.metadata = reaches_metadata(a, r);
    const struct value *all = selector_is_empty(arena, selector);
    struct scope *scope = selection_scope(s, r);
    if (scope) {
        selection_each(s, scope, selector, false, isolate, &policy);
        const struct value *denies = verdict_and(arena, policy.exists, all);
        const struct value *in = is_empty_list(place_field(r, "ingress")) ? policy.ingress : NULL;
        const struct value *out = is_empty_list(place_field(r, "egress")) ? policy.egress : NULL;
        scope->deny_ingress = verdict_or(arena, scope->deny_ingress, verdict_and(arena, denies, in));
        scope->deny_egress = verdict_or(arena, scope->deny_egress, verdict_and(arena, denies, out));
    } else {
        s->unplaced[r->unit] = true;
        policy.selects.open = true;
    }
    policy.selects.open |= analysis_unit_open(a, r);
    fact_set(a, r, "selects", items_value(arena, &policy.selects));
    verdict_set(a, r, "selects_all", all, NULL);
    verdict_set(a, r, "affects_ingress", policy.ingress, NULL);
    verdict_set(a, r, "affects_egress", policy.egress, NULL);
    set_open_rules(a, r, "ingress", "from", "open_ingress");
    set_open_rules(a, r, "egress", "to", "open_egress");
}

/* CiliumClusterwideNetworkPolicy, GlobalNetworkPolicy, AdminNetworkPolicy, ClusterNetworkPolicy. */
static bool is_cluster_wide(str type)
{
    return str_contains(type, STR("Cluster")) || str_contains(type, STR("Global")) || str_contains(type, STR("Admin"));
}

static void apply_policies(struct selection *s)
{
    size_t n;
    struct resource *const *other = graph_of_kind(s->a->graph, sym_of(STR("k8s.network_policy_crd")), &n);
    for (size_t i = 0; i < n; i++) {
        bool cluster_wide = is_cluster_wide(sym_str(other[i]->type));
        struct scope *scope = cluster_wide ? NULL : selection_scope(s, other[i]);
        if (scope)
            scope->other_engine = true;
        else
            s->other_engine[other[i]->unit] = true;
    }
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.network_policy")), &n);
    for (size_t i = 0; i < n; i++)
        apply_policy(s, all[i]);
}

struct budget {
    const struct resource *r;
    const struct value *address;
    struct value_items selects;
};

static void protect(struct selection *s, struct pod *p, const struct value *verdict, void *context)
{
    struct budget *b = context;
    struct arena *a = s->a->arena;
    items_add(a, &p->budgets, verdict_and(a, verdict, verdict_exists(a, b->r, p->r)), b->address);
    items_add(a, &b->selects, verdict, p->address);
}

static void apply_budgets(struct selection *s)
{
    size_t n;
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.pod_disruption_budget")), &n);
    for (size_t i = 0; i < n; i++) {
        struct budget b = {.r = all[i],
                           .address = address_value(s->a->arena, all[i]),
                           .selects.open = analysis_unit_open(s->a, all[i])};
        const struct value *selector = place_field(all[i], "selector");
        struct scope *scope = selection_scope(s, all[i]);
        selector_check(selector, s->a->diags);
        if (scope && selector)
            selection_each(s, scope, selector, false, protect, &b);
        b.selects.open |= !scope;
        fact_set(s->a, all[i], "pods", items_value(s->a->arena, &b.selects));
    }
}

/* ---- facts ---- */

static const char *doubt(const struct selection *s, const struct resource *r, const struct scope *scope)
{
    if (s->over_budget)
        return "there are more selectors and pods than are looked at";
    if (!scope)
        return "its namespace is not known";
    if (scope->other_engine || s->other_engine[r->unit])
        return "policies of another engine (Cilium, Calico) govern its namespace";
    if (s->unplaced[r->unit])
        return "a network policy has a namespace that is not known";
    return analysis_unit_open(s->a, r) ? "a part of what is deployed with it is not known" : NULL;
}

/* A "no" that cannot be trusted is unknown. */
static void set_doubted(struct selection *s, const struct resource *r, const char *name, const struct value *verdict,
                        const char *reason)
{
    if (reason)
        verdict = verdict_or(s->a->arena, verdict, unknown(s->a, reason));
    verdict_set(s->a, r, name, verdict, NULL);
}

static void set_pod_facts(struct selection *s, struct pod *p)
{
    struct analysis *a = s->a;
    struct arena *arena = a->arena;
    const char *reason = doubt(s, p->r, p->scope);
    const struct value *host =
        verdict_of(arena, value_path(value_get(p->r->attributes, STR("pod")), STR("host_network")));
    bool on_host = !verdict_is_no(host);
    if (on_host)
        reason = "it uses the network of its node, which policies do not govern for certain";
    set_doubted(s, p->r, "ingress_isolated", on_host ? NULL : p->ingress, reason);
    set_doubted(s, p->r, "egress_isolated", on_host ? NULL : p->egress, reason);
    const struct value *free_egress =
        verdict_not(arena, reason ? verdict_or(arena, p->egress, unknown(a, reason)) : p->egress);
    verdict_set(a, p->r, "reaches_metadata",
                on_host ? value_bool(arena, true, host->origin) : verdict_or(arena, free_egress, p->metadata), NULL);
    set_doubted(s, p->r, "default_deny_ingress", p->scope ? p->scope->deny_ingress : NULL, doubt(s, p->r, p->scope));
    set_doubted(s, p->r, "default_deny_egress", p->scope ? p->scope->deny_egress : NULL, doubt(s, p->r, p->scope));
    bool open = !p->scope || analysis_unit_open(a, p->r) || s->over_budget;
    p->policies.open |= open || s->unplaced[p->r->unit];
    p->budgets.open |= open;
    fact_set(a, p->r, "network_policies", items_value(arena, &p->policies));
    fact_set(a, p->r, "disruption_budgets", items_value(arena, &p->budgets));
}

static void set_namespace_facts(struct selection *s)
{
    size_t n;
    struct resource *const *all = graph_of_kind(s->a->graph, sym_of(STR("k8s.namespace")), &n);
    for (size_t i = 0; i < n; i++) {
        str name = value_str(value_get(all[i]->attributes, STR("name")));
        str place = name.n ? place_in(s->a, all[i], name)
                           : arena_printf(s->a->arena, "%u/\x01%u", (unsigned)all[i]->unit, (unsigned)all[i]->id);
        struct scope *scope = scope_at(s, place);
        const char *reason = doubt(s, all[i], scope);
        struct value_items pods = {.open = analysis_unit_open(s->a, all[i])};
        for (size_t k = 0; k < scope->pods.n; k++)
            VEC_PUSH(&pods, scope->pods.at[k]->address);
        set_doubted(s, all[i], "default_deny_ingress", scope->deny_ingress, reason);
        set_doubted(s, all[i], "default_deny_egress", scope->deny_egress, reason);
        fact_set(s->a, all[i], "workloads", items_value(s->a->arena, &pods));
    }
}

static void release_scopes(struct selection *s)
{
    for (size_t i = 0; i < s->scopes.n; i++) {
        struct scope *scope = s->scopes.at[i].value;
        for (size_t k = 0; k < scope->by_label.n; k++) {
            struct pod_list *pods = scope->by_label.at[k].value;
            VEC_RELEASE(pods);
        }
        map_release(&scope->by_label);
        VEC_RELEASE(&scope->pods);
        VEC_RELEASE(&scope->loose);
    }
    map_release(&s->scopes);
}

static void run(struct analysis *a)
{
    struct selection s = {.a = a, .budget = LIMIT_SELECTIONS};
    map_init(&s.scopes);
    s.unplaced = ARENA_ARRAY(a->arena, bool, graph_unit_count(a->graph) + 1);
    s.other_engine = ARENA_ARRAY(a->arena, bool, graph_unit_count(a->graph) + 1);
    add_pods(&s);
    apply_policies(&s);
    apply_budgets(&s);
    ingress_run(&s);
    if (s.over_budget)
        diag_add(a->diags, DIAG_LIMIT, s.pod[0].r->header,
                 "more than %u pairs of a selector and a pod: the rest is unknown", (unsigned)LIMIT_SELECTIONS);
    for (size_t i = 0; i < s.n_pods; i++)
        set_pod_facts(&s, &s.pod[i]);
    set_namespace_facts(&s);
    release_scopes(&s);
}

static const struct fact facts[] = {
    {"ingress_isolated", "k8s.workload",
     "a network policy of its namespace and unit selects its pods for ingress; unknown beside policies of other "
     "engines"},
    {"egress_isolated", "k8s.workload", "likewise for egress"},
    {"default_deny_ingress", "k8s.workload k8s.namespace", "a policy for all pods of the namespace admits no ingress"},
    {"default_deny_egress", "k8s.workload k8s.namespace", "a policy for all pods of the namespace admits no egress"},
    {"reaches_metadata", "k8s.workload", "no policy keeps its pods from the instance metadata address"},
    {"network_policies", "k8s.workload", "addresses of the policies that select its pods"},
    {"disruption_budgets", "k8s.workload", "addresses of the disruption budgets that select its pods"},
    {"services", "k8s.workload k8s.ingress k8s.gateway k8s.gateway_route",
     "addresses of the services that select its pods"},
    {"exposed_by", "k8s.workload", "what exposes its pods beyond the cluster: {address, by, scheme}"},
    {"exposed_to_internet", "k8s.workload", "a load balancer or gateway that faces the internet leads to its pods"},
    {"workloads", "k8s.namespace", "addresses of the workloads of the unit in it"},
    {"selects", "k8s.network_policy", "addresses of the workloads whose pods it selects"},
    {"selects_all", "k8s.network_policy", "its selector is empty"},
    {"affects_ingress", "k8s.network_policy", "its policy types, or their default, hold Ingress"},
    {"affects_egress", "k8s.network_policy", "its policy types, or their default, hold Egress"},
    {"open_ingress", "k8s.network_policy", "the ingress rules that admit everybody"},
    {"open_egress", "k8s.network_policy", "the egress rules that lead everywhere"},
    {"pods", "k8s.service k8s.ingress k8s.gateway k8s.gateway_route k8s.pod_disruption_budget",
     "addresses of the workloads that it selects or leads to"},
    {"scheme", "k8s.service k8s.ingress k8s.gateway k8s.gateway_route",
     "internal, internet-facing or none; unknown when the controller decides"},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_selectors = {"selectors", run, facts};
