/* chart.h - Helm: charts that were not rendered, and streams that were. */
#ifndef FRONTEND_KUBERNETES_CHART_H
#define FRONTEND_KUBERNETES_CHART_H

#include "frontend/input.h"

/* A diagnostic, with the command to render it, for each chart; true when there was one. Charts inside a
 * chart are rendered with it. */
bool chart_report_unrendered(struct inputs *in, struct arena *a);
/* values.yaml and the like, beside a Chart.yaml: never manifests. */
bool chart_is_values_file(const struct inputs *in, const struct input_file *f, struct arena *a);

/* The path that Helm wrote above a document (`# Source: chart/templates/x.yaml`); STR_NONE when there is
 * none. Documents are asked for in order; *next is the place in the comments, 0 at first. */
str chart_source_path(const struct document *d, size_t *next);
/* "chart" of "chart/templates/x.yaml" and "chart/charts/sub/templates/y.yaml". */
str chart_of_source(str source_path);

#endif
