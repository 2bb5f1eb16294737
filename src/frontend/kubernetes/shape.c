#include "frontend/kubernetes/shape.h"

#include "frontend/kubernetes/manifest.h"
#include "frontend/kubernetes/types.h"

/* What a field must be. MAPPINGS: a list that holds nothing else. */
enum shape { MAPPING, LIST, MAPPINGS, TEXT, BOOLEAN };

struct field {
    const char *name;
    enum shape shape;
};

struct checking {
    struct diag_list *diags;
    bool wrong;
};

static const struct field of_object[] = {{"metadata", MAPPING},  {"spec", MAPPING},    {"rules", MAPPINGS},
                                         {"subjects", MAPPINGS}, {"roleRef", MAPPING}, {NULL, TEXT}};
static const struct field of_metadata[] = {
    {"name", TEXT}, {"namespace", TEXT}, {"labels", MAPPING}, {"annotations", MAPPING}, {NULL, TEXT}};
static const struct field of_pod[] = {{"containers", MAPPINGS},
                                      {"initContainers", MAPPINGS},
                                      {"ephemeralContainers", MAPPINGS},
                                      {"volumes", MAPPINGS},
                                      {"securityContext", MAPPING},
                                      {"hostNetwork", BOOLEAN},
                                      {"hostPID", BOOLEAN},
                                      {"hostIPC", BOOLEAN},
                                      {"automountServiceAccountToken", BOOLEAN},
                                      {NULL, TEXT}};
static const struct field of_container[] = {{"image", TEXT},
                                            {"env", MAPPINGS},
                                            {"envFrom", MAPPINGS},
                                            {"ports", MAPPINGS},
                                            {"volumeMounts", MAPPINGS},
                                            {"securityContext", MAPPING},
                                            {"resources", MAPPING},
                                            {NULL, TEXT}};
static const struct field of_context[] = {
    {"capabilities", MAPPING},           {"privileged", BOOLEAN},   {"allowPrivilegeEscalation", BOOLEAN},
    {"readOnlyRootFilesystem", BOOLEAN}, {"runAsNonRoot", BOOLEAN}, {NULL, TEXT}};
static const struct field of_capabilities[] = {{"add", LIST}, {"drop", LIST}, {NULL, TEXT}};
static const struct field of_network_policy[] = {
    {"podSelector", MAPPING}, {"ingress", MAPPINGS}, {"egress", MAPPINGS}, {"policyTypes", LIST}, {NULL, TEXT}};
static const struct field of_data[] = {
    {"data", MAPPING}, {"stringData", MAPPING}, {"binaryData", MAPPING}, {NULL, TEXT}};

/* What the reader left parts out of has its diagnostic: braces of a template, for one. */
static bool is_settled(const struct value *v)
{
    return v && v->kind != VALUE_NULL && v->kind != VALUE_UNKNOWN && v->kind != VALUE_CHOICE && v->kind != VALUE_TEXT &&
           !(v->flags & VALUE_PARTIAL);
}

static bool fits(const struct value *v, enum shape shape)
{
    switch (shape) {
    case MAPPING:
        return v->kind == VALUE_MAP;
    case LIST:
    case MAPPINGS:
        return v->kind == VALUE_LIST;
    case TEXT: /* {} is what the reader leaves of the braces of a template, which it has said */
        return v->kind == VALUE_MAP ? v->u.map.n == 0 : v->kind != VALUE_LIST;
    case BOOLEAN:
        return v->kind == VALUE_BOOL;
    }
    return true;
}

static void refuse(struct checking *c, const struct value *v, const char *name, const char *what)
{
    diag_add(c->diags, DIAG_STRUCTURE, value_span(v), "%s must %s", name, what);
    c->wrong = true;
}

static void check_field(struct checking *c, const struct value *v, const struct field *f)
{
    static const char *const be[] = {"be a mapping", "be a list", "be a list", "be text", "be true or false"};
    if (!is_settled(v))
        return;
    if (!fits(v, f->shape)) {
        refuse(c, v, f->name, be[f->shape]);
        return;
    }
    for (size_t i = 0; f->shape == MAPPINGS && i < v->u.list.n; i++) {
        const struct value *item = v->u.list.item[i];
        if (item && item->kind != VALUE_MAP && (is_settled(item) || item->kind == VALUE_NULL)) {
            refuse(c, item, f->name, "hold mappings");
            return;
        }
    }
}

static void check_fields(struct checking *c, const struct value *v, const struct field *fields)
{
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < v->u.map.n; i++) {
        const struct value_entry *e = &v->u.map.entry[i];
        for (const struct field *f = fields; f->name; f++) {
            if (e->key.n && f->name[0] == e->key.p[0] && str_eq_c(e->key, f->name))
                check_field(c, e->value, f);
        }
    }
}

static void check_context(struct checking *c, const struct value *holder)
{
    const struct value *context = value_get(holder, STR("securityContext"));
    check_fields(c, context, of_context);
    check_fields(c, value_get(context, STR("capabilities")), of_capabilities);
}

static void check_pod(struct checking *c, const struct value *spec)
{
    static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
    check_fields(c, spec, of_pod);
    check_context(c, spec);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct value *list = value_get(spec, str_of(lists[i]));
        for (size_t j = 0; value_is(list, VALUE_LIST) && j < list->u.list.n; j++) {
            check_fields(c, list->u.list.item[j], of_container);
            check_context(c, list->u.list.item[j]);
        }
    }
}

/* The pod of a template, step by step: each one a mapping. */
static void check_template(struct checking *c, const struct value *object, str group, str kind)
{
    const char *const *step;
    size_t n = k8s_pod_template(group, kind, &step);
    if (n == SIZE_MAX)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct field f = {step[i], MAPPING};
        const struct value *next = value_get(object, str_of(step[i]));
        check_field(c, next, &f);
        object = next;
    }
    const struct field spec = {"spec", MAPPING};
    check_field(c, value_get(object, STR("spec")), &spec);
    check_pod(c, value_get(object, STR("spec")));
}

bool k8s_check_shape(const struct value *object, struct diag_list *diags)
{
    str kind = k8s_text_at(object, "kind"), group = k8s_group(k8s_text_at(object, "apiVersion"), kind);
    struct checking c = {diags, false};
    if (!k8s_is_builtin_group(group))
        return true;
    check_fields(&c, object, of_object);
    check_fields(&c, value_get(object, STR("metadata")), of_metadata);
    if (str_eq_c(kind, "ConfigMap") || str_eq_c(kind, "Secret"))
        check_fields(&c, object, of_data);
    else if (str_eq_c(kind, "NetworkPolicy"))
        check_fields(&c, value_get(object, STR("spec")), of_network_policy);
    else
        check_template(&c, object, group, kind);
    return !c.wrong;
}
