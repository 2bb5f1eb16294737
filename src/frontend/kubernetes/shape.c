#include "frontend/kubernetes/shape.h"

#include "frontend/kubernetes/manifest.h"
#include "frontend/kubernetes/types.h"

static bool is_settled(const struct value *v)
{
    return v && v->kind != VALUE_NULL && v->kind != VALUE_UNKNOWN && v->kind != VALUE_CHOICE && v->kind != VALUE_TEXT;
}

static bool expect(const struct value *parent, const char *key, enum value_kind kind, struct diag_list *diags)
{
    const struct value *v = value_get(parent, str_of(key));
    if (!is_settled(v) || v->kind == kind)
        return true;
    diag_add_as(diags, DIAG_STRUCTURE, DIAG_ERROR, value_span(v), "%s must be a %s", key,
                kind == VALUE_MAP ? "mapping" : "list");
    return false;
}

static bool expect_mappings(const struct value *parent, const char *key, struct diag_list *diags)
{
    const struct value *list = value_get(parent, str_of(key));
    if (!expect(parent, key, VALUE_LIST, diags))
        return false;
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        const struct value *item = list->u.list.item[i];
        if (!is_settled(item) || item->kind == VALUE_MAP)
            continue;
        diag_add_as(diags, DIAG_STRUCTURE, DIAG_ERROR, value_span(item), "%s must hold mappings", key);
        return false;
    }
    return true;
}

static bool check_pod(const struct value *holder, struct diag_list *diags)
{
    const struct value *spec = value_get(holder, STR("spec"));
    return expect(holder, "spec", VALUE_MAP, diags) && expect_mappings(spec, "containers", diags) &&
           expect_mappings(spec, "initContainers", diags) && expect_mappings(spec, "ephemeralContainers", diags) &&
           expect_mappings(spec, "volumes", diags) && expect(spec, "securityContext", VALUE_MAP, diags);
}

bool k8s_check_shape(const struct value *object, struct diag_list *diags)
{
    str kind = k8s_text_at(object, "kind"), group = k8s_group(k8s_text_at(object, "apiVersion"), kind);
    if (!k8s_is_builtin_group(group))
        return true;
    if (!expect(object, "metadata", VALUE_MAP, diags) || !expect(object, "spec", VALUE_MAP, diags) ||
        !expect_mappings(object, "rules", diags) || !expect_mappings(object, "subjects", diags))
        return false;
    const char *const *step;
    size_t n = k8s_pod_template(group, kind, &step);
    const struct value *holder = object;
    for (size_t i = 0; n != SIZE_MAX && i < n; i++) {
        if (!expect(holder, step[i], VALUE_MAP, diags))
            return false;
        holder = value_get(holder, str_of(step[i]));
    }
    return n == SIZE_MAX || check_pod(holder, diags);
}
