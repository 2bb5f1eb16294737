/* file.h - files that expressions read: inside the scanned root only, relative to the root module. */
#ifndef FRONTEND_TERRAFORM_FILE_H
#define FRONTEND_TERRAFORM_FILE_H

#include "frontend/terraform/function.h"

/* NULL with *ret_instead: a failure, or unknown where there is no configuration around. */
const struct source *file_read(struct call *c, str path, const struct value **ret_instead);

#endif
