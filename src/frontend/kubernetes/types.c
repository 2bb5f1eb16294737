#include "frontend/kubernetes/types.h"

struct group_kind {
    const char *group, *kind;
};

static bool contains(const struct group_kind *table, size_t n, str group, str kind)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(kind, table[i].kind) && str_eq_c(group, table[i].group))
            return true;
    return false;
}

str k8s_written_group(str api_version)
{
    size_t slash = str_find_char(api_version, '/');
    return slash == SIZE_MAX ? STR_NONE : str_slice(api_version, 0, slash);
}

str k8s_version(str api_version)
{
    size_t slash = str_find_char(api_version, '/');
    return slash == SIZE_MAX ? api_version : str_slice(api_version, slash + 1, api_version.n);
}

/* Kinds that only one group of Kubernetes has. Objects were moved there out of "extensions", and under another
 * group that Kubernetes serves they can only be meant. */
str k8s_group(str api_version, str kind)
{
    static const struct group_kind homes[] = {
        {"apps", "Deployment"},
        {"apps", "DaemonSet"},
        {"apps", "ReplicaSet"},
        {"apps", "StatefulSet"},
        {"batch", "CronJob"},
        {"batch", "Job"},
        {"networking.k8s.io", "Ingress"},
        {"networking.k8s.io", "NetworkPolicy"},
        {"policy", "PodDisruptionBudget"},
        {"policy", "PodSecurityPolicy"},
        {"rbac.authorization.k8s.io", "ClusterRole"},
        {"rbac.authorization.k8s.io", "ClusterRoleBinding"},
        {"rbac.authorization.k8s.io", "Role"},
        {"rbac.authorization.k8s.io", "RoleBinding"},
        {"storage.k8s.io", "StorageClass"},
    };
    str group = k8s_written_group(api_version);
    for (size_t i = 0; k8s_is_builtin_group(group) && i < ARRAY_LEN(homes); i++)
        if (str_eq_c(kind, homes[i].kind))
            return str_of(homes[i].group);
    return group;
}

str k8s_type(struct arena *a, str api_version, str kind)
{
    str group = k8s_group(api_version, kind);
    return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(kind));
}

bool k8s_is_builtin_group(str group)
{
    static const char *const short_names[] = {"", "apps", "autoscaling", "batch", "extensions", "policy"};
    for (size_t i = 0; i < ARRAY_LEN(short_names); i++)
        if (str_eq_c(group, short_names[i]))
            return true;
    /* Projects beside Kubernetes use "*.x-k8s.io", and ACK "*.services.k8s.aws". Some custom resources of
     * the project itself live under k8s.io too: gateways, volume snapshots, metrics. */
    static const char *const served[] = {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    };
    for (size_t i = 0; i < ARRAY_LEN(served); i++)
        if (str_eq_c(group, served[i]))
            return true;
    return false;
}

bool k8s_is_cluster_scoped(str group, str kind)
{
    static const struct group_kind table[] = {
        {"", "Namespace"},
        {"", "Node"},
        {"", "PersistentVolume"},
        {"", "ComponentStatus"},
        {"admissionregistration.k8s.io", "MutatingWebhookConfiguration"},
        {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"},
        {"admissionregistration.k8s.io", "ValidatingAdmissionPolicy"},
        {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"},
        {"admissionregistration.k8s.io", "MutatingAdmissionPolicy"},
        {"admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"},
        {"apiextensions.k8s.io", "CustomResourceDefinition"},
        {"apiregistration.k8s.io", "APIService"},
        {"authentication.k8s.io", "TokenReview"},
        {"authentication.k8s.io", "SelfSubjectReview"},
        {"authorization.k8s.io", "SelfSubjectAccessReview"},
        {"authorization.k8s.io", "SelfSubjectRulesReview"},
        {"authorization.k8s.io", "SubjectAccessReview"},
        {"certificates.k8s.io", "CertificateSigningRequest"},
        {"certificates.k8s.io", "ClusterTrustBundle"},
        {"flowcontrol.apiserver.k8s.io", "FlowSchema"},
        {"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"},
        {"internal.apiserver.k8s.io", "StorageVersion"},
        {"networking.k8s.io", "IngressClass"},
        {"networking.k8s.io", "IPAddress"},
        {"networking.k8s.io", "ServiceCIDR"},
        {"node.k8s.io", "RuntimeClass"},
        {"policy", "PodSecurityPolicy"},
        {"rbac.authorization.k8s.io", "ClusterRole"},
        {"rbac.authorization.k8s.io", "ClusterRoleBinding"},
        {"resource.k8s.io", "DeviceClass"},
        {"resource.k8s.io", "ResourceSlice"},
        {"scheduling.k8s.io", "PriorityClass"},
        {"storage.k8s.io", "CSIDriver"},
        {"storage.k8s.io", "CSINode"},
        {"storage.k8s.io", "StorageClass"},
        {"storage.k8s.io", "VolumeAttachment"},
        {"storage.k8s.io", "VolumeAttributesClass"},
        {"storagemigration.k8s.io", "StorageVersionMigration"},
    };
    return contains(table, ARRAY_LEN(table), group, kind);
}

size_t k8s_pod_template(str group, str kind, const char *const **ret_steps)
{
    static const char *const nested[] = {"spec", "template"};
    static const char *const scheduled[] = {"spec", "jobTemplate", "spec", "template"};
    static const char *const direct[] = {"template"};
    static const struct group_kind with_template[] = {
        {"apps", "Deployment"}, {"apps", "StatefulSet"},       {"apps", "DaemonSet"},
        {"apps", "ReplicaSet"}, {"", "ReplicationController"}, {"batch", "Job"},
    };
    *ret_steps = nested;
    if (contains(with_template, ARRAY_LEN(with_template), group, kind))
        return ARRAY_LEN(nested);
    if (str_eq_c(kind, "Pod") && !group.n)
        return 0;
    if (str_eq_c(kind, "CronJob") && str_eq_c(group, "batch")) {
        *ret_steps = scheduled;
        return ARRAY_LEN(scheduled);
    }
    if (str_eq_c(kind, "PodTemplate") && !group.n) {
        *ret_steps = direct;
        return ARRAY_LEN(direct);
    }
    return SIZE_MAX;
}
