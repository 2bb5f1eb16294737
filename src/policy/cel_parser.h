/* cel_parser.h - tokens to a tree, and the pass that gives names their meaning. Private to cel_compile. */
#ifndef POLICY_CEL_PARSER_H
#define POLICY_CEL_PARSER_H

#include "policy/cel_ast.h"

struct cel_compiler {
    struct cel_program *program;
    struct arena *arena;
    struct diag_list *diags;
    bool failed;
};

/* A DIAG_RULE error at offsets of the text. */
void cel_complain(struct cel_compiler *c, uint32_t start, uint32_t end, const char *fmt, ...) PRINTF_LIKE(4, 5);
struct cel_node *cel_parse(struct cel_compiler *c); /* NULL after one error */
/* Binds variables and functions, names chains. All errors are reported. */
void cel_resolve(struct cel_compiler *c, struct cel_node *root);
const struct cel_function *cel_find_function(const struct cel_environment *env, str name, bool method, size_t n,
                                             bool *ret_name_exists);
/* The name of a function that is nearest to `name`; STR_NONE when none is near. */
str cel_near_function(const struct cel_environment *env, str name, bool method);
bool cel_near(str wanted, str candidate, size_t *best); /* closer than *best: updates it */

#endif
