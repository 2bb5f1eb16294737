/* Functions of policy documents. */
#include "policy/environment.h"

const struct cel_function_table functions_policy = {"policy", NULL, 0};
