/* Fields and elements: a.b, has(a.b), a[b], a.?b. */
#include "policy/cel_internal.h"

#include <math.h>

enum found { ABSENT, FOUND, NOT_KNOWN, NO_MEMBERS };

static struct cel_value open_unknown(const struct cel_value *v, const char *reason)
{
    struct cel_value u = cel_unknown(str_of(reason));
    u.from = v->from;
    u.owner = v->owner;
    return u;
}

static enum found find_key(struct cel_context *c, const struct cel_value *map, const struct cel_value *key,
                           struct cel_value *ret)
{
    if (cel_map_find(c, map, key, ret))
        return FOUND;
    if (!(map->flags & CEL_PARTIAL))
        return ABSENT;
    *ret = open_unknown(map, "not all keys are known");
    return NOT_KNOWN;
}

static bool index_of(const struct cel_value *key, size_t *ret)
{
    switch (key->kind) {
    case CEL_INT:
        *ret = key->u.i < 0 ? SIZE_MAX : (size_t)key->u.i;
        return true;
    case CEL_UINT:
        *ret = key->u.u > INT64_MAX ? SIZE_MAX : (size_t)key->u.u;
        return true;
    case CEL_DOUBLE:
        if (floor(key->u.d) != key->u.d)
            return false;
        *ret = key->u.d < 0 || key->u.d > 9007199254740992.0 ? SIZE_MAX : (size_t)key->u.d;
        return true;
    default:
        return false;
    }
}

static enum found find_element(struct cel_context *c, struct cel_value list, const struct cel_value *key,
                               struct cel_value *ret)
{
    size_t i;
    if (!index_of(key, &i))
        return NO_MEMBERS;
    list = cel_settle(c, list);
    if (list.flags & CEL_PARTIAL) {
        *ret = open_unknown(&list, "not all elements are known");
        return NOT_KNOWN;
    }
    if (i >= cel_list_size(&list))
        return ABSENT;
    *ret = cel_list_at(c, &list, i);
    return FOUND;
}

static enum found find_field(struct cel_context *c, struct cel_value operand, str name, struct cel_value *ret)
{
    struct cel_value key = cel_string(name);
    const struct cel_host *host = c->program->env->host;
    switch (operand.kind) {
    case CEL_MAP:
        return find_key(c, &operand, &key, ret);
    case CEL_RESOURCE:
        return host && host->field && host->field(c, &operand, name, ret) ? FOUND : ABSENT;
    case CEL_NULL:
        return operand.flags & CEL_LAX ? ABSENT : NO_MEMBERS;
    case CEL_LIST:
        if (!(operand.flags & CEL_LAX))
            return NO_MEMBERS;
        operand = cel_settle(c, operand);
        if (operand.flags & CEL_PARTIAL) {
            *ret = open_unknown(&operand, "not all elements are known");
            return NOT_KNOWN;
        }
        if (cel_list_size(&operand) > 1)
            return NO_MEMBERS;
        if (cel_list_size(&operand) == 0)
            return ABSENT;
        operand = cel_list_at(c, &operand, 0);
        if (operand.kind == CEL_UNKNOWN) {
            *ret = operand;
            return NOT_KNOWN;
        }
        return operand.kind == CEL_LIST ? NO_MEMBERS : find_field(c, operand, name, ret);
    default:
        return NO_MEMBERS;
    }
}

static enum found find_member(struct cel_context *c, const struct cel_value *operand, const struct cel_value *key,
                              struct cel_value *ret)
{
    switch (operand->kind) {
    case CEL_LIST:
        return find_element(c, *operand, key, ret);
    case CEL_MAP:
        return find_key(c, operand, key, ret);
    case CEL_NULL:
        return operand->flags & CEL_LAX ? ABSENT : NO_MEMBERS;
    default:
        return key->kind == CEL_STRING ? find_field(c, *operand, key->u.text, ret) : NO_MEMBERS;
    }
}

static bool is_lax(const struct cel_value *v)
{
    return (v->flags & CEL_LAX) || v->kind == CEL_RESOURCE;
}

static str key_text(struct cel_context *c, const struct cel_value *key)
{
    str text;
    return cel_to_text(c, key, &text) ? str_slice(text, 0, 80) : cel_type_name(key);
}

static struct cel_value no_field(struct cel_context *c, const struct cel_value *operand, str name)
{
    str type = cel_type_name(operand);
    return cel_error(c, "no such overload: a value of type " STR_FMT " has no field '" STR_FMT "'", STR_ARG(type),
                     STR_ARG(name));
}

struct cel_value cel_select(struct cel_context *c, struct cel_value operand, str name)
{
    struct cel_value v;
    if (operand.kind == CEL_UNKNOWN)
        return cel_unknown_derived(operand);
    if (operand.kind == CEL_OPTIONAL)
        return cel_optional_select(c, operand, cel_string(name), true);
    switch (find_field(c, operand, name, &v)) {
    case FOUND:
    case NOT_KNOWN:
        return v;
    case ABSENT:
        return is_lax(&operand) ? cel_lax_null() : cel_error(c, "no such key: " STR_FMT, STR_ARG(name));
    default:
        return no_field(c, &operand, name);
    }
}

struct cel_value cel_index(struct cel_context *c, struct cel_value operand, struct cel_value key)
{
    struct cel_value v;
    if (operand.kind == CEL_OPTIONAL)
        return cel_optional_select(c, operand, key, false);
    switch (find_member(c, &operand, &key, &v)) {
    case FOUND:
    case NOT_KNOWN:
        return v;
    case ABSENT:
        if (is_lax(&operand))
            return cel_lax_null();
        return cel_error(c, operand.kind == CEL_LIST ? "index out of range: " STR_FMT : "no such key: " STR_FMT,
                         STR_ARG(key_text(c, &key)));
    default:
        return cel_no_overload(c, "_[_]", (struct cel_value[]){operand, key}, 2);
    }
}

/* Of the graph, null is as good as absent, and an unknown may be null. */
static struct cel_value present(const struct cel_value *operand, const struct cel_value *v)
{
    if (!is_lax(operand))
        return cel_bool(true);
    if (v->kind != CEL_UNKNOWN)
        return cel_bool(v->kind != CEL_NULL);
    bool something = cel_unknown_is_something(v) || (v->from && v->from->kind == VALUE_TEXT);
    return something ? cel_bool(true) : *v;
}

struct cel_value cel_has(struct cel_context *c, struct cel_value operand, str name)
{
    struct cel_value v;
    if (operand.kind == CEL_UNKNOWN)
        return operand;
    if (operand.kind == CEL_OPTIONAL)
        return operand.u.inner ? cel_has(c, *operand.u.inner, name) : cel_bool(false);
    switch (find_field(c, operand, name, &v)) {
    case FOUND:
        v = present(&operand, &v);
        return v;
    case NOT_KNOWN:
        return v;
    case ABSENT:
        return cel_bool(false);
    default:
        return no_field(c, &operand, name);
    }
}

struct cel_value cel_optional_select(struct cel_context *c, struct cel_value operand, struct cel_value key,
                                     bool is_field)
{
    struct cel_value v;
    while (operand.kind == CEL_OPTIONAL) {
        if (!operand.u.inner)
            return operand;
        operand = *operand.u.inner;
    }
    if (operand.kind == CEL_UNKNOWN)
        return operand;
    enum found found = is_field ? find_field(c, operand, key.u.text, &v) : find_member(c, &operand, &key, &v);
    if (found == NO_MEMBERS)
        return is_field ? no_field(c, &operand, key.u.text)
                        : cel_no_overload(c, "_[?_]", (struct cel_value[]){operand, key}, 2);
    if (found == ABSENT || (is_lax(&operand) && v.kind == CEL_NULL))
        return cel_optional(c, NULL);
    return v.kind == CEL_UNKNOWN ? v : cel_optional(c, &v);
}
