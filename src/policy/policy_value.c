#include "policy/policy_value.h"

#include "analysis/iam_index.h"
#include "analysis/iam_values.h"
#include "base/buf.h"
#include "policy/cel.h"
#include "policy/environment.h"

enum { DEEPEST = 64 };

/* ---- decided values ---- */

static const struct value *settle(struct cel_context *c, const struct value *v, unsigned depth);

static const struct value *settle_list(struct cel_context *c, const struct value *v, unsigned depth)
{
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, v->u.list.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < v->u.list.n; i++) {
        const struct value *one = v->u.list.item[i] ? settle(c, v->u.list.item[i], depth + 1) : NULL;
        if (one)
            items[n++] = one;
    }
    struct value *copy = value_copy(c->arena, v);
    copy->u.list.item = items;
    copy->u.list.n = n;
    return copy;
}

static const struct value *settle_map(struct cel_context *c, const struct value *v, unsigned depth)
{
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, v->u.map.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < v->u.map.n; i++) {
        entries[n] = v->u.map.entry[i];
        entries[n].value = entries[n].value ? settle(c, entries[n].value, depth + 1) : NULL;
        n += entries[n].value != NULL;
    }
    struct value *copy = value_copy(c->arena, v);
    copy->u.map.entry = entries;
    copy->u.map.n = n;
    return copy;
}

static const struct value *settle_text(struct cel_context *c, const struct value *v, unsigned depth)
{
    const struct value **parts = ARENA_ARRAY(c->arena, const struct value *, v->u.list.n + 1);
    for (size_t i = 0; i < v->u.list.n; i++) {
        parts[i] = v->u.list.item[i] ? settle(c, v->u.list.item[i], depth + 1) : NULL;
        if (!parts[i])
            parts[i] = value_string(c->arena, STR(""), NULL);
    }
    return value_text(c->arena, parts, v->u.list.n, v->origin);
}

static const struct value *settle(struct cel_context *c, const struct value *v, unsigned depth)
{
    if (depth > DEEPEST || !cel_spend(c, 1))
        return value_unknown(c->arena, STR("nested too deeply"), NULL);
    if (v->kind == VALUE_CHOICE) {
        struct cel_value decided = cel_from_graph(c, v, 0);
        if (cel_is_lax_null(&decided) && !decided.from)
            return NULL;
        if (!decided.from || decided.from->kind == VALUE_CHOICE)
            return value_unknown(c->arena, decided.kind == CEL_UNKNOWN ? decided.u.text : STR("undecided"), v->origin);
        return settle(c, decided.from, depth + 1);
    }
    if (!value_has_choice(v))
        return v;
    if (v->kind == VALUE_LIST)
        return settle_list(c, v, depth);
    return v->kind == VALUE_MAP ? settle_map(c, v, depth) : settle_text(c, v, depth);
}

/* ---- values that CEL made itself ---- */

static const struct value *plain(struct cel_context *c, const struct cel_value *v, unsigned depth)
{
    if (depth > DEEPEST || !cel_spend(c, 1))
        return value_unknown(c->arena, STR("nested too deeply"), NULL);
    if (v->from)
        return settle(c, v->from, depth);
    struct item_list items = {0};
    struct field_list fields = {0};
    switch (v->kind) {
    case CEL_BOOL:
        return value_bool(c->arena, v->u.boolean, NULL);
    case CEL_INT:
        return value_number(c->arena, (double)v->u.i, NULL);
    case CEL_UINT:
        return value_number(c->arena, (double)v->u.u, NULL);
    case CEL_DOUBLE:
        return value_number(c->arena, v->u.d, NULL);
    case CEL_STRING:
        return value_string(c->arena, v->u.text, NULL);
    case CEL_UNKNOWN:
        return value_unknown(c->arena, v->u.text, NULL);
    case CEL_LIST:
        for (size_t i = 0; i < cel_list_size(v); i++) {
            struct cel_value one = cel_list_at(c, v, i);
            const struct value *item = plain(c, &one, depth + 1);
            if (item)
                VEC_PUSH(&items, item);
        }
        return item_list_end(c->arena, &items, (v->flags & CEL_PARTIAL) != 0, NULL);
    case CEL_MAP:
        for (size_t i = 0; i < cel_map_size(v); i++) {
            struct cel_map_entry e = cel_map_at(c, v, i);
            const struct value *value = plain(c, &e.value, depth + 1);
            if (value && e.key.kind == CEL_STRING)
                VEC_PUSH(&fields, ((struct value_entry){.key = e.key.u.text, .value = value}));
        }
        return field_list_end(c->arena, &fields, NULL);
    default:
        return NULL;
    }
}

const struct value *policy_plain_value(struct cel_context *c, const struct cel_value *v)
{
    return plain(c, v, 0);
}

/* ---- policies ---- */

bool policy_of(struct cel_context *c, const struct cel_value *v, const struct iam_policy **ret,
               const struct value **ret_value)
{
    const struct environment *e = c->data;
    *ret_value = NULL;
    if (v->kind != CEL_LIST && v->kind != CEL_MAP && v->kind != CEL_STRING)
        return false;
    const struct iam_policy *known = v->from ? iam_policy_of(e->facts, v->from) : NULL;
    if (known) {
        *ret = known;
        *ret_value = v->from;
        return cel_spend(c, 1 + known->n);
    }
    const struct value *value = policy_plain_value(c, v);
    *ret = iam_policy_read(c->arena, iam_facts_of(e->facts), value);
    return cel_spend(c, 1 + (*ret)->n * 8);
}

/* ---- patterns and contexts ---- */

static const struct value *arn_value(struct cel_context *c, const struct resource *r)
{
    struct ref *ref = ARENA_NEW(c->arena, struct ref);
    *ref = (struct ref){.target = r, .address = r->address, .attribute = STR("arn")};
    return value_ref(c->arena, ref, STR("known after apply"), NULL);
}

static struct iam_pattern arn_of(struct cel_context *c, const struct resource *r)
{
    return iam_pattern_of(c->arena, arn_value(c, r), 0);
}

bool policy_pattern_inside(struct cel_context *c, const struct cel_value *v, struct iam_pattern *ret)
{
    if (v->kind != CEL_RESOURCE || !str_eq_c(sym_str(v->u.resource->kind), "aws.s3.bucket"))
        return false;
    const struct value **part = ARENA_ARRAY(c->arena, const struct value *, 2);
    part[0] = arn_value(c, v->u.resource);
    part[1] = value_string(c->arena, STR("/*"), NULL);
    *ret = iam_pattern_of(c->arena, value_text(c->arena, part, 2, NULL), 0);
    return true;
}

bool policy_pattern(struct cel_context *c, const struct cel_value *v, unsigned flags, struct iam_pattern *ret)
{
    if (v->kind == CEL_RESOURCE)
        *ret = arn_of(c, v->u.resource);
    else if (v->kind == CEL_STRING && !v->from)
        *ret = iam_pattern_text(c->arena, v->u.text, flags);
    else if (v->kind == CEL_STRING || v->kind == CEL_UNKNOWN || v->kind == CEL_INT)
        *ret = iam_pattern_of(c->arena, policy_plain_value(c, v), flags);
    else
        return false;
    return true;
}

static struct iam_pattern value_pattern(struct cel_context *c, const struct cel_value *v)
{
    const struct value *value = policy_plain_value(c, v);
    str text;
    if (value && value->kind != VALUE_STRING && value->kind != VALUE_TEXT && value_to_text(value, c->arena, &text))
        value = value_string(c->arena, text, NULL);
    return iam_pattern_of(c->arena, value, IAM_PLAIN);
}

static void add_key(struct cel_context *c, struct iam_context_key *key, const struct cel_value *v)
{
    size_t n = v->kind == CEL_LIST ? cel_list_size(v) : 1;
    key->absent = v->kind == CEL_NULL;
    key->unknown = v->kind == CEL_UNKNOWN || (v->flags & CEL_PARTIAL);
    if (key->absent || key->unknown)
        return;
    key->value = ARENA_ARRAY(c->arena, struct iam_pattern, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct cel_value one = v->kind == CEL_LIST ? cel_list_at(c, v, i) : *v;
        key->value[key->n++] = value_pattern(c, &one);
    }
}

bool policy_context(struct cel_context *c, const struct cel_value *v, struct iam_context *ret)
{
    if (v->kind != CEL_MAP)
        return false;
    struct cel_value map = cel_settle(c, *v);
    size_t n = cel_map_size(&map);
    *ret = (struct iam_context){.key = ARENA_ARRAY(c->arena, struct iam_context_key, n + 1)};
    for (size_t i = 0; i < n; i++) {
        struct cel_map_entry e = cel_map_at(c, &map, i);
        if (e.key.kind != CEL_STRING)
            return false;
        struct iam_context_key key = {.name = arena_lower(c->arena, e.key.u.text)};
        add_key(c, &key, &e.value);
        if (str_eq_c(key.name, "principal") && key.n == 1)
            ret->principal = &key.value[0];
        else
            ret->key[ret->n++] = key;
    }
    return true;
}
