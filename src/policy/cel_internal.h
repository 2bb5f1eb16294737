/* cel_internal.h - what the parts of the evaluator share with each other and with nobody else. */
#ifndef POLICY_CEL_INTERNAL_H
#define POLICY_CEL_INTERNAL_H

#include "policy/cel_ast.h"

struct cel_value cel_eval_node(struct cel_context *c, const struct cel_node *n);
struct cel_value cel_eval_loop(struct cel_context *c, const struct cel_node *n);
struct cel_value cel_eval_bind(struct cel_context *c, const struct cel_node *n);
struct cel_value cel_eval_binary(struct cel_context *c, enum cel_operator op, struct cel_value a, struct cel_value b);
struct cel_value cel_negate(struct cel_context *c, struct cel_value v);
struct cel_value cel_select(struct cel_context *c, struct cel_value operand, str name);
struct cel_value cel_has(struct cel_context *c, struct cel_value operand, str name);
struct cel_value cel_index(struct cel_context *c, struct cel_value operand, struct cel_value key);
/* The member as an optional: none when it is not there. */
struct cel_value cel_optional_select(struct cel_context *c, struct cel_value operand, struct cel_value key,
                                     bool is_field);
/* Ends the evaluation. */
struct cel_value cel_hit_limit(struct cel_context *c, const char *what);
struct cel_value cel_concat(struct cel_context *c, struct cel_value a, struct cel_value b);
bool cel_text_may_equal(const struct cel_value *unknown, const struct cel_value *other);

/* Timestamps and durations (cel_time.c). */
bool cel_time_parse(str s, struct cel_value *ret);
bool cel_duration_parse(str s, struct cel_value *ret);
str cel_time_text(struct arena *a, const struct cel_value *v);
bool cel_time_make(int64_t seconds, int64_t nanos, struct cel_value *ret); /* false: out of range */
bool cel_duration_make(int64_t seconds, int64_t nanos, struct cel_value *ret);
struct cel_value cel_time_add(struct cel_context *c, const struct cel_value *a, const struct cel_value *b, int sign);

/* Texts of values. */
str cel_double_text(struct arena *a, double d); /* as string(double) has it */
bool cel_to_text(struct cel_context *c, const struct cel_value *v,
                 str *ret); /* as string() has it; false: no such conversion */
bool cel_parse_double(str s, double *ret);

extern const struct cel_function_table cel_core_functions, cel_convert_functions, cel_string_functions,
    cel_math_functions, cel_list_functions, cel_set_functions, cel_optional_functions, cel_time_functions,
    cel_encoder_functions;
/* The items in the order of their keys; stable. An error when keys cannot be compared. */
struct cel_value cel_sorted(struct cel_context *c, const struct cel_value *item, const struct cel_value *key, size_t n);
struct cel_value cel_format(struct cel_context *c, const struct cel_value *arg, size_t n);

#endif
