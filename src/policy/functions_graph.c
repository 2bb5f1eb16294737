/* Functions of the graph: from a value to the resource behind it, and from a resource to those that
 * refer to it. */
#include "base/glob.h"
#include "base/vec.h"
#include "policy/environment.h"
#include "policy/policy_value.h"

struct resources {
    struct cel_value *at;
    size_t n, cap;
};

static const struct environment *environment_of(const struct cel_context *c)
{
    return c->data;
}

static const struct resource *as_resource(const struct cel_value *v)
{
    return v->kind == CEL_RESOURCE ? v->u.resource : NULL;
}

/* Whether a resource exists in the world at hand: one that may not exist makes the list partial. */
static bool counts(struct cel_context *c, const struct resource *r, bool *partial)
{
    if (r->presence == PRESENT)
        return true;
    if (r->presence == PRESENCE_CHOICE) {
        struct cel_value exists = cel_from_graph(c, r->exists, 0);
        enum cel_truth truth = cel_truth(&exists);
        if (truth == CEL_YES || truth == CEL_NO)
            return truth == CEL_YES;
    }
    *partial = true;
    return false;
}

static struct cel_value finish(struct cel_context *c, struct resources *found, bool partial)
{
    size_t n;
    struct cel_value *items = VEC_MOVE(found, c->arena, &n);
    struct cel_value list = cel_list(c, items, n);
    list.flags |= CEL_LAX | (partial ? CEL_PARTIAL : 0);
    return list;
}

static bool unit_is_open(const struct graph *g, const struct resource *r)
{
    const struct unit *u = graph_unit(g, r->unit);
    return u->incomplete || u->has_remote_parts;
}

/* The resources of a kind that belong to a unit: ids of a unit are one run, and the list is in order of ids. */
static struct resource *const *kind_in_unit(const struct graph *g, sym kind, uint32_t unit, size_t *ret_n)
{
    const struct unit *u = graph_unit(g, unit);
    size_t n;
    struct resource *const *all = graph_of_kind(g, kind, &n);
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle]->id < u->first)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    for (size_t step = n - low; step; step /= 2)
        while (end + step <= n && all[end + step - 1]->id < u->first + u->n)
            end += step;
    *ret_n = end - low;
    return all ? all + low : NULL;
}

/* A text with holes ("arn:aws:s3:::x-replica-${account}") that is the ARN of none of the kind in the unit, whatever the
 * holes are. */
static bool names_none(struct cel_context *c, const struct resource *r, sym target_kind, const struct value *v)
{
    size_t n;
    struct resource *const *all = kind_in_unit(environment_of(c)->graph, target_kind, r->unit, &n);
    if (!value_is(v, VALUE_TEXT) || n > LIMIT_ALTERNATIVES)
        return false;
    struct iam_pattern named = iam_pattern_of(c->arena, v, 0);
    for (size_t i = 0; i < n; i++) {
        struct cel_value one = cel_resource(all[i]);
        struct iam_pattern arn;
        if (!policy_pattern(c, &one, 0, &arn) || iam_overlaps(&named, &arn) != IAM_NO)
            return false;
    }
    return true;
}

/* A resource of the kind whose pointing attribute cannot be followed may belong to anybody in its unit. */
static bool points_nowhere(struct cel_context *c, const struct resource *r, sym target_kind, str attribute)
{
    const struct graph *g = environment_of(c)->graph;
    for (size_t i = 0; i < r->n_edges; i++) {
        bool named = !attribute.n || str_eq(r->edge[i].attribute, attribute);
        if (named && r->edge[i].to->kind == target_kind)
            return false;
    }
    const struct value *v = attribute.n ? value_path(r->attributes, attribute) : NULL;
    return v && !value_is_known(v) && !graph_points_elsewhere(g, r, v) && !names_none(c, r, target_kind, v);
}

/* Does any resource of the kind in the unit point nowhere? The same for every resource that is asked about. */
static bool any_points_nowhere(struct cel_context *c, const struct resource *r, sym kind, str attribute)
{
    const struct environment *e = environment_of(c);
    uint64_t key = (((uint64_t)kind << 32 | r->kind) * 0x9e3779b97f4a7c15u) ^
                   (str_hash(attribute) + r->unit * 0xff51afd7ed558ccdu);
    key |= 1;
    size_t slot = (key >> 32) % ENVIRONMENT_MEMO;
    if (e->memo && e->memo->at[slot].key == key)
        return e->memo->at[slot].answer;
    size_t n;
    struct resource *const *all = kind_in_unit(e->graph, kind, r->unit, &n);
    bool any = false;
    for (size_t i = 0; i < n && !any; i++)
        any = points_nowhere(c, all[i], r->kind, attribute);
    if (e->memo) {
        e->memo->at[slot].key = key;
        e->memo->at[slot].answer = any;
    }
    return any;
}

static struct cel_value related(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct resource *r = as_resource(&arg[0]);
    const struct graph *g = environment_of(c)->graph;
    if (!r || arg[1].kind != CEL_STRING || (n > 2 && arg[2].kind != CEL_STRING))
        return cel_no_overload(c, "related", arg, n);
    sym kind = sym_find(arg[1].u.text);
    str attribute = n > 2 ? arg[2].u.text : STR_NONE;
    struct resources found = {0};
    bool partial = unit_is_open(g, r);
    for (size_t i = 0; i < r->n_back_edges && kind; i++) {
        const struct edge *e = &r->back_edge[i];
        if (e->to->kind != kind || (attribute.n && !str_eq(e->attribute, attribute)))
            continue;
        /* Edges from one resource stand together. */
        bool repeated = found.n && found.at[found.n - 1].u.resource == e->to;
        if (!repeated && counts(c, e->to, &partial))
            VEC_PUSH(&found, cel_resource(e->to));
    }
    return finish(c, &found, partial || any_points_nowhere(c, r, kind, attribute));
}

static struct cel_value is_used(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct resource *r = as_resource(&arg[0]);
    if (!r)
        return cel_no_overload(c, "isUsed", arg, n);
    return cel_bool(r->n_back_edges > 0);
}

static void add_existing(struct cel_context *c, struct resources *found, struct resource *const *at, size_t n,
                         bool *partial)
{
    for (size_t i = 0; i < n; i++)
        if (!at[i]->is_data && cel_spend(c, 1) && counts(c, at[i], partial))
            VEC_PUSH(found, cel_resource(at[i]));
}

/* The resources of the kind in one unit, or those of them whose attribute (`arg[1]`) is a text. */
static void add_unit(struct cel_context *c, uint32_t unit, const struct cel_value *arg, size_t n,
                     struct resources *found, bool *partial)
{
    const struct graph *g = environment_of(c)->graph;
    sym kind = sym_find(arg[0].u.text);
    if (n > 2 && (arg[2].kind == CEL_STRING || arg[2].kind == CEL_NULL)) {
        str text = arg[2].kind == CEL_STRING ? arg[2].u.text : STR_NONE;
        struct graph_matches some = graph_find_all(g, unit, kind, arg[1].u.text, text);
        add_existing(c, found, some.certain, some.n_certain, partial);
        add_existing(c, found, some.open, some.n_open, partial);
        return;
    }
    size_t n_kind;
    struct resource *const *all = kind_in_unit(g, kind, unit, &n_kind);
    add_existing(c, found, all, n_kind, partial);
}

static struct cel_value resources(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct environment *e = environment_of(c);
    if (arg[0].kind != CEL_STRING || n == 2 || (n > 2 && arg[1].kind != CEL_STRING))
        return cel_no_overload(c, "resources", arg, n);
    struct resources found = {0};
    bool partial = unit_is_open(e->graph, e->subject);
    add_unit(c, e->subject->unit, arg, n, &found, &partial);
    size_t n_beside;
    const uint32_t *beside = graph_neighbours(e->graph, e->subject->unit, &n_beside);
    for (size_t i = 0; i < n_beside; i++)
        add_unit(c, beside[i], arg, n, &found, &partial);
    return finish(c, &found, partial);
}

static struct cel_value resolve(struct cel_context *c, const struct cel_value *v)
{
    const struct environment *e = environment_of(c);
    if (v->kind == CEL_NULL || v->kind == CEL_RESOURCE)
        return *v;
    const struct value *value = v->from;
    if (!value && v->kind == CEL_STRING)
        value = value_string(c->arena, v->u.text, NULL);
    if (!value)
        return v->kind == CEL_UNKNOWN ? *v : cel_no_overload(c, "ref", v, 1);
    bool ambiguous = false;
    const struct resource *r = graph_resolve(e->graph, e->subject, value, &ambiguous);
    if (r)
        return cel_resource(r);
    if (ambiguous)
        return cel_unknown(STR("several resources could be meant"));
    if (v->kind == CEL_UNKNOWN)
        return cel_unknown_derived(*v);
    return cel_unknown(STR("the resource that is referred to is not among the analysed files"));
}

static struct cel_value ref(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    if (arg[0].kind != CEL_LIST)
        return resolve(c, &arg[0]);
    struct cel_value list = cel_settle(c, arg[0]);
    size_t count = cel_list_size(&list);
    struct cel_value *items = ARENA_ARRAY(c->arena, struct cel_value, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct cel_value item = cel_list_at(c, &list, i);
        items[i] = resolve(c, &item);
    }
    struct cel_value result = cel_list(c, items, count);
    result.flags |= CEL_LAX | (list.flags & CEL_PARTIAL);
    return result;
}

/* Written somewhere, whatever its value: not null, not empty, not a default. */
static struct cel_value is_set(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)c;
    (void)n;
    const struct cel_value *v = &arg[0];
    if (v->kind == CEL_UNKNOWN)
        return cel_unknown_is_something(v) ? cel_bool(true) : *v;
    if (v->kind == CEL_NULL)
        return cel_bool(false);
    if (v->from && v->from->flags & VALUE_DEFAULTED)
        return cel_bool(false);
    if (v->kind == CEL_STRING)
        return cel_bool(v->u.text.n > 0);
    if (v->kind == CEL_LIST)
        return cel_list_size(v) || !(v->flags & CEL_PARTIAL) ? cel_bool(cel_list_size(v) > 0)
                                                             : cel_unknown(STR("more elements are possible"));
    return cel_bool(true);
}

/* A secret that whoever reads the code or sees the deployment can read: a literal, a default, an input that is not hidden. */
static struct cel_value in_clear(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)c;
    (void)n;
    const struct cel_value *v = &arg[0];
    uint16_t flags = v->from ? v->from->flags : 0;
    if (v->kind == CEL_NULL)
        return cel_bool(false);
    if (v->kind == CEL_STRING)
        return cel_bool(v->u.text.n > 0);
    if (v->kind != CEL_UNKNOWN)
        return cel_bool(v->kind != CEL_MAP); /* a map says where the secret lies */
    return flags & (VALUE_IN_CLEAR | VALUE_IN_STORE | VALUE_SENSITIVE) ? cel_bool((flags & VALUE_IN_CLEAR) != 0) : *v;
}

/* Can a pattern of ARNs name one of `arns`? Part by part where it has all six: a star does not reach into the next. */
static bool names_some(str pattern, str arns)
{
    enum { PARTS = 6 };
    str part, of;
    size_t n = 1;
    for (size_t i = 0; i < pattern.n; i++)
        n += pattern.p[i] == ':';
    if (n < PARTS)
        return wildcard_overlap(pattern, arns);
    for (size_t i = 1; i < PARTS; i++) {
        part = str_cut(pattern, ':', &pattern);
        of = str_cut(arns, ':', &arns);
        if (!wildcard_overlap(part, of))
            return false;
    }
    return wildcard_overlap(pattern, arns);
}

/* One ARN, pattern or reference of a list of resources. */
static enum cel_truth covers_one(struct cel_context *c, const struct cel_value *v, const struct resource *r, str arns)
{
    if (v->kind == CEL_RESOURCE)
        return v->u.resource == r ? CEL_YES : CEL_NO;
    if (v->kind == CEL_STRING && str_find(v->u.text, STR("*")) != SIZE_MAX)
        return names_some(v->u.text, arns) ? CEL_YES : CEL_NO;
    struct cel_value meant = resolve(c, v);
    if (meant.kind == CEL_RESOURCE)
        return meant.u.resource == r ? CEL_YES : CEL_NO;
    bool elsewhere = v->from && v->from->ref && !v->from->ref->next;
    return v->kind == CEL_UNKNOWN && !elsewhere ? CEL_MAYBE : CEL_NO;
}

static struct cel_value covers(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    const struct resource *r = as_resource(&arg[1]);
    if (arg[0].kind == CEL_NULL)
        return cel_bool(false);
    if (!r || arg[2].kind != CEL_STRING)
        return cel_no_overload(c, "covers", arg, n);
    struct cel_value list = cel_settle(c, arg[0].kind == CEL_LIST ? arg[0] : cel_list(c, &arg[0], 1));
    bool maybe = list.flags & CEL_PARTIAL;
    for (size_t i = 0; i < cel_list_size(&list); i++) {
        struct cel_value item = cel_list_at(c, &list, i);
        enum cel_truth truth = covers_one(c, &item, r, arg[2].u.text);
        if (truth == CEL_YES)
            return cel_bool(true);
        maybe |= truth == CEL_MAYBE;
    }
    return maybe ? cel_unknown(STR("which resources are meant is not known")) : cel_bool(false);
}

/* The address of the one resource that a value refers to, whether it is among the files or not; STR_NONE: none. */
static str referred(const struct cel_value *v, const struct cel_value *meant)
{
    if (meant->kind == CEL_RESOURCE)
        return meant->u.resource->address;
    const struct ref *ref = v->kind == CEL_UNKNOWN && v->from ? v->from->ref : NULL;
    return ref && !ref->next ? ref->address : STR_NONE;
}

/* Two data sources may look up the same thing. */
static bool is_data(str address)
{
    return str_starts(address, STR("data.")) || str_contains(address, STR(".data."));
}

/* Do two values name one resource? Text that no file's resource answers to is compared as it stands. */
static struct cel_value same_resource(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    struct cel_value meant[2];
    for (size_t i = 0; i < 2; i++) {
        if (arg[i].kind == CEL_NULL)
            return cel_bool(false);
        meant[i] = arg[i].kind == CEL_RESOURCE ? arg[i] : resolve(c, &arg[i]);
    }
    if (meant[0].kind == CEL_RESOURCE && meant[1].kind == CEL_RESOURCE)
        return cel_bool(meant[0].u.resource == meant[1].u.resource);
    str named[2] = {referred(&arg[0], &meant[0]), referred(&arg[1], &meant[1])};
    if (named[0].n && named[1].n && (str_eq(named[0], named[1]) || !(is_data(named[0]) || is_data(named[1]))))
        return cel_bool(str_eq(named[0], named[1]));
    for (size_t i = 0; i < 2; i++)
        if (meant[i].kind != CEL_RESOURCE && arg[i].kind != CEL_STRING)
            return arg[i].kind == CEL_UNKNOWN ? arg[i] : cel_no_overload(c, "sameResource", arg, n);
    return cel_bool(arg[0].kind == CEL_STRING && arg[1].kind == CEL_STRING && str_eq(arg[0].u.text, arg[1].u.text));
}

static bool is_service_alias(str text)
{
    return str_find(text, STR("alias/aws/")) != SIZE_MAX || str_starts(text, STR("aws/"));
}

/* Does the key that is named belong to the customer? The keys that AWS keeps for a service are aliases below aws/. */
static struct cel_value customer_key(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    const struct cel_value *v = &arg[0];
    if (v->kind == CEL_NULL)
        return cel_bool(false);
    if (v->kind == CEL_STRING && (!v->u.text.n || is_service_alias(v->u.text) || !(v->from && v->from->ref)))
        return cel_bool(v->u.text.n > 0 && !is_service_alias(v->u.text));
    struct cel_value key = v->kind == CEL_RESOURCE ? *v : resolve(c, v);
    if (key.kind == CEL_RESOURCE) {
        static const char *const names[] = {"name", "key_id"};
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            if (is_service_alias(value_str(value_get(key.u.resource->attributes, str_of(names[i])))))
                return cel_bool(false);
        }
        return cel_bool(true);
    }
    if (v->kind == CEL_UNKNOWN && cel_text_contains(v, STR(":key/")) == CEL_YES)
        return cel_bool(true);
    if (v->kind == CEL_UNKNOWN && v->from && v->from->ref && !str_starts(v->from->ref->address, STR("data.")))
        return cel_bool(true);
    return v->kind == CEL_UNKNOWN ? *v : cel_bool(true);
}

static struct cel_value not_known(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return arg[0].kind == CEL_STRING ? cel_unknown(arg[0].u.text) : cel_no_overload(c, "unknown", arg, n);
}

/* The resource into which a companion was merged. */
static struct cel_value owner(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    const struct resource *r = as_resource(&arg[0]);
    if (!r)
        return cel_no_overload(c, "owner", arg, n);
    return r->companion_of ? cel_resource(r->companion_of) : cel_lax_null();
}

/* What becomes of the data when the resource is taken out of the code (or is replaced): `policy` is the attribute of
 * CloudFormation resources that says so, lifecycle.prevent_destroy that of Terraform's. */
static struct cel_value kept_on(struct cel_context *c, const struct cel_value *arg, size_t n, const char *policy)
{
    const struct resource *r = as_resource(&arg[0]);
    if (!r)
        return cel_no_overload(c, policy, arg, n);
    struct cel_value refused = cel_from_graph(c, value_path(r->metadata, STR("lifecycle.prevent_destroy")), r->id + 1);
    if (refused.kind != CEL_NULL)
        return refused;
    struct cel_value said = cel_from_graph(c, value_get(r->metadata, str_of(policy)), r->id + 1);
    if (said.kind != CEL_STRING)
        return said.kind == CEL_UNKNOWN ? said : cel_bool(false);
    return cel_bool(str_starts(said.u.text, STR("Retain")) || str_eq_c(said.u.text, "Snapshot"));
}

static struct cel_value kept_on_delete(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return kept_on(c, arg, n, "DeletionPolicy");
}

static struct cel_value kept_on_replace(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    return kept_on(c, arg, n, "UpdateReplacePolicy");
}

static const struct cel_function functions[] = {
    {"related", CEL_METHOD, 2, 3, related, "resource.related(kind, attribute?) -> list of resources",
     "The resources of a kind that refer to this one, by that attribute when it is given.",
     "the list is partial when a part of the unit could not be read, or when such a resource may not exist or its "
     "reference is not known",
     "resource.related('aws.ec2.flow_log').size() > 0"},
    {"isUsed", CEL_METHOD, 1, 1, is_used, "resource.isUsed() -> bool",
     "Some other resource among the analysed files, of whatever type, refers to it.", NULL, "!resource.isUsed()"},
    {"resources", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 3, resources,
     "resources(kind, attribute?, text?) -> list of resources",
     "The resources of a kind in the unit of the subject and in those that are deployed beside it (they refer to one "
     "another); with an attribute and a text (or null) only those that have it there, or may have it: for questions "
     "that would look at each of many for each of many.",
     "partial as with related(); all of the kind when the text is not known",
     "resources('aws.cloudtrail.trail').exists(t, t.is_multi_region_trail == true)"},
    {"ref", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, ref,
     "ref(value) -> resource; ref(list) -> list of resources",
     "The resource that a value refers to, by reference, ARN, id or name; null for null.",
     "unknown when the resource is not among the analysed files",
     "ref(resource.kms_key_id).enable_key_rotation == true"},
    {"isSet", CEL_METHOD | CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, is_set, "isSet(value) -> bool",
     "Something is written there: not null, not empty, not a default.",
     "true for an unknown that is certainly something, such as the ARN of another resource",
     "isSet(resource.kms_key_id)"},
    {"inClear", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, in_clear, "inClear(value) -> bool",
     "A secret that can be read: written in the code, the default of an input, or an input that is not hidden "
     "(a parameter without NoEcho, a plain SSM parameter).",
     "false for null, for secret managers and hidden inputs without a default; unknown for other unknowns",
     "!inClear(resource.master_password)"},
    {"covers", CEL_METHOD | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 3, 3, covers, "list.covers(resource, arns) -> bool",
     "Whether a list of references, ARNs and patterns of ARNs names the resource; `arns` is the pattern of its ARN.",
     "unknown when an element that may name it is not known",
     "selection.resources.covers(resource, 'arn:*:elasticfilesystem:*:*:file-system/*')"},
    {"customerKey", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 1, 1, customer_key, "customerKey(value) -> bool",
     "Whether a KMS key is named that is the customer's own: not null, no alias of AWS (alias/aws/...).",
     "true for a reference to a resource; unknown for inputs without value and data sources that are not known",
     "customerKey(resource.kms_key_id)"},
    {"sameResource", CEL_GLOBAL | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 2, 2, same_resource,
     "sameResource(value, value) -> bool",
     "Whether two references, ARNs, ids or names mean one resource; false when one of them is null. Text that names "
     "nothing among the files is compared as it stands.",
     "unknown when one of them is, and no resource of the files either",
     "resources('aws.ec2.vpc_endpoint').exists(e, sameResource(e.vpc, resource.vpc_id))"},
    {"owner", CEL_METHOD, 1, 1, owner, "resource.owner() -> resource",
     "The resource into which this companion was merged; null when it is none, or its owner is not among the files.",
     "never", "resource.owner() == null"},
    {"keptOnDelete", CEL_METHOD, 1, 1, kept_on_delete, "resource.keptOnDelete() -> bool",
     "The data survive when the resource is taken out of the code: Terraform's prevent_destroy, or a DeletionPolicy of "
     "Retain, RetainExceptOnCreate or Snapshot.",
     "unknown when that setting is", "resource.keptOnDelete()"},
    {"keptOnReplace", CEL_METHOD, 1, 1, kept_on_replace, "resource.keptOnReplace() -> bool",
     "The same for a change that replaces the resource: prevent_destroy, or UpdateReplacePolicy.",
     "unknown when that setting is", "resource.keptOnReplace()"},
    {"unknown", CEL_GLOBAL, 1, 1, not_known, "unknown(reason) -> unknown",
     "What the files cannot tell, with the reason that is reported.", "always unknown",
     "unknown('plans of the account are not among the files')"},
};

const struct cel_function_table functions_graph = {"graph", functions, ARRAY_LEN(functions)};
