/* terraform.h - Terraform and OpenTofu configurations, and `terraform show -json` plans, to resources.
 *
 * terraform_plan() (frontend.h) makes one job for each root: a directory of .tf files that no other
 * scanned directory calls by a local source, and each plan. How the parts share the work:
 *   module       what the files of one directory declare; overrides merged, .tf.json made a body
 *   node_json    .tf.json to the nodes that native syntax would give
 *   tree         module instances of one root: values of variables, locals, outputs, resources (lazy)
 *   variables    tfvars, --var and defaults, in Terraform's precedence
 *   expand       count, for_each and dynamic: one body to its instances
 *   body         the body of a resource to a value
 *   eval         expressions to values; eval_ops, eval_for, eval_template are its families
 *   function     the table of built-in functions; functions_* are its families
 *   types        type constraints, conversion, unification
 *   number       numbers of 512 bits
 *   unit         directories to jobs, roots to graph resources
 *   plan_json    plans to graph resources, joined to their sources */
#ifndef FRONTEND_TERRAFORM_TERRAFORM_H
#define FRONTEND_TERRAFORM_TERRAFORM_H

#include "frontend/frontend.h"

/* Evaluates an expression as if it stood in the root module in `dir`; what `hipaalint eval` prints. The
 * directory needs no .tf file. The result lives in the arena; never NULL: what cannot be read or
 * evaluated is unknown after a diagnostic. */
const struct value *terraform_eval_text(struct inputs *in, const struct frontend_options *o, str dir, str text,
                                        struct arena *a, struct diag_list *diags);

#endif
