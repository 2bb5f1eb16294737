/* Which front end a document belongs to, by its shape; and a cheap look at the text before parsing,
 * so that the thousands of other YAML and JSON files of a repository are never parsed. */
#include "frontend/claim.h"

#include "base/path.h"

static bool is_kustomization_name(str name)
{
    return str_eq_c(name, "kustomization.yaml") || str_eq_c(name, "kustomization.yml") ||
           str_eq_c(name, "Kustomization");
}

bool claim_is_kustomization(str path)
{
    return is_kustomization_name(path_base(path));
}

bool claim_worth_parsing(str text, str path)
{
    if (is_kustomization_name(path_base(path)))
        return true;
    bool api = str_contains(text, STR("apiVersion")), kind = str_contains(text, STR("kind"));
    if ((api && kind) || ((api || kind) && str_contains(text, STR("metadata")) && str_contains(text, STR("spec"))))
        return true;
    if (str_contains(text, STR("AWSTemplateFormatVersion")) || str_contains(text, STR("AWS::Serverless")))
        return true;
    if (str_contains(text, STR("Resources")) && str_contains(text, STR("Type")) && str_contains(text, STR("::")))
        return true;
    return str_contains(text, STR("terraform_version")) && str_contains(text, STR("format_version"));
}

static bool looks_like_resources(const struct node *resources)
{
    if (!resources || resources->kind != NODE_MAP)
        return false;
    for (size_t i = 0; i < resources->u.map.n; i++) {
        str type = node_string(node_find(resources->u.map.entry[i].value, "Type"));
        if (str_contains(type, STR("::")))
            return true;
    }
    return false;
}

static bool mentions_serverless(const struct node *transform)
{
    if (!transform)
        return false;
    if (transform->kind == NODE_LIST) {
        for (size_t i = 0; i < transform->u.list.n; i++)
            if (mentions_serverless(transform->u.list.item[i]))
                return true;
        return false;
    }
    return str_starts(node_string(transform), STR("AWS::"));
}

static bool is_template(const struct node *root)
{
    return node_find(root, "AWSTemplateFormatVersion") || looks_like_resources(node_find(root, "Resources")) ||
           (node_find(root, "Resources") && mentions_serverless(node_find(root, "Transform")));
}

static bool is_map(const struct node *n)
{
    return n && n->kind == NODE_MAP;
}

/* Also what was meant as one and is refused by every cluster: without kind or apiVersion, or with such that are no text. */
static bool is_manifest(const struct node *root)
{
    const struct node *api = node_find(root, "apiVersion"), *kind = node_find(root, "kind");
    bool has_metadata = node_find(root, "metadata"),
         is_whole = is_map(node_find(root, "metadata")) && is_map(node_find(root, "spec"));
    if (node_string(api).n && node_string(kind).n)
        return true;
    return api && kind ? has_metadata : (node_string(api).n || node_string(kind).n) && is_whole;
}

enum input_claim input_claim_document(const struct document *d, str path)
{
    const struct node *root = d->root;
    if (d->language == LANGUAGE_HCL)
        return CLAIM_TERRAFORM;
    if (!root)
        return CLAIM_NONE;
    if (root->kind != NODE_MAP) {
        if (claim_is_kustomization(path) && root->kind != NODE_NULL)
            return CLAIM_KUSTOMIZATION;
        bool manifests = root->kind == NODE_LIST && root->u.list.n > 0 && is_map(root->u.list.item[0]) &&
                         node_find(root->u.list.item[0], "metadata") && is_manifest(root->u.list.item[0]);
        return manifests ? CLAIM_KUBERNETES : CLAIM_NONE;
    }
    if (node_find(root, "format_version") && node_find(root, "terraform_version") &&
        (node_find(root, "planned_values") || node_find(root, "resource_changes") || node_find(root, "values")))
        return CLAIM_TERRAFORM_PLAN;
    if (is_template(root))
        return CLAIM_CLOUDFORMATION;
    str kind = node_string(node_find(root, "kind"));
    if (claim_is_kustomization(path) || str_eq_c(kind, "Kustomization") || str_eq_c(kind, "Component")) {
        str api = node_string(node_find(root, "apiVersion"));
        if (!api.n || str_starts(api, STR("kustomize.config.k8s.io/")))
            return CLAIM_KUSTOMIZATION;
    }
    return is_manifest(root) ? CLAIM_KUBERNETES : CLAIM_NONE;
}
