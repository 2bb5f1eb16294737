/* types.h - what is known of API groups and kinds without looking at a manifest. */
#ifndef FRONTEND_KUBERNETES_TYPES_H
#define FRONTEND_KUBERNETES_TYPES_H

#include "base/arena.h"

/* "apps/v1" -> "apps"; "v1" -> "". */
str k8s_written_group(str api_version);
/* The same, but of kinds that only one group has that group: "extensions/v1beta1" Ingress (an old place) and
 * "v1" Ingress (a mistake) -> "networking.k8s.io". */
str k8s_group(str api_version, str kind);
str k8s_version(str api_version);
/* "apps/Deployment", "/Pod". */
str k8s_type(struct arena *a, str api_version, str kind);
/* The groups that Kubernetes itself serves. */
bool k8s_is_builtin_group(str group);
/* Objects of the kind live outside namespaces. Kinds of other groups are taken to be namespaced. */
bool k8s_is_cluster_scoped(str group, str kind);

/* Where the pod template of a built-in kind lies, as steps: "spec", "template". Its `metadata` and `spec`
 * are the pod's. n_steps is SIZE_MAX for kinds that hold none. */
size_t k8s_pod_template(str group, str kind, const char *const **ret_steps);

#endif
