/* kubernetes.h - manifests, kustomizations and rendered charts to resources.
 *
 * Units: each kustomization that no other one uses, built natively; each stream that a chart was rendered
 * to; all plain manifests of the run together. A manifest that a kustomization reads is not linted a second
 * time on its own. A resource's type is "group/Kind" without the version ("apps/Deployment", "/Pod"), its
 * address "namespace/Kind/name" or "Kind/name", and `raw` is the whole manifest.
 *
 * kubernetes_plan is declared in frontend.h. */
#ifndef FRONTEND_KUBERNETES_H
#define FRONTEND_KUBERNETES_H

#include "frontend/frontend.h"

/* For manifests inside another format (Terraform's kubernetes_manifest, kubectl_manifest): adds what
 * `manifest` holds, a map, a list of maps, or the YAML or JSON text of one or more documents. Each resource
 * takes its place, call and presence from `written_as`, and its address is that of `written_as` with
 * "#2", "#3" ... where a text holds several. What is not known becomes a resource of no use to anybody: it
 * is left out with a diagnostic (the unit is then incomplete). */
void kubernetes_add_value(struct graph_builder *b, const struct value *manifest, const struct resource *written_as);

#endif
