/* plan_json.h - `terraform show -json`: what will be (planned_values), what refers to what
 * (configuration), joined to the sources by address where they stand beside the plan. */
#ifndef FRONTEND_TERRAFORM_PLAN_JSON_H
#define FRONTEND_TERRAFORM_PLAN_JSON_H

#include "frontend/frontend.h"
#include "frontend/terraform/module.h"

/* Adds the job of one plan. */
void plan_json_job(struct input_file *f, struct module_files *files, struct arena *a, struct frontend_jobs *jobs);
/* Does the plan say all that the sources in its directory say? Then these need no job of their own. */
bool plan_json_is_complete(const struct input_file *f);

#endif
