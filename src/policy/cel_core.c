/* The functions that the language itself has: size, tests on strings, types; and the list of all tables. */
#include "policy/cel_internal.h"

static const struct cel_function_table *const tables[] = {
    &cel_core_functions, &cel_convert_functions, &cel_string_functions,   &cel_math_functions,    &cel_list_functions,
    &cel_set_functions,  &cel_time_functions,    &cel_optional_functions, &cel_encoder_functions,
};

const struct cel_function_table *const *cel_standard_functions(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(tables);
    return tables;
}

const struct cel_function_table *cel_table_at(const struct cel_environment *env, size_t i)
{
    size_t n;
    const struct cel_function_table *const *standard = cel_standard_functions(&n);
    if (i < env->n_tables)
        return env->table[i];
    return i - env->n_tables < n ? standard[i - env->n_tables] : NULL;
}

static struct cel_value size_of(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value v = cel_settle(c, arg[0]), unknown;
    if (cel_is_lax_null(&v))
        return cel_int(0);
    switch (v.kind) {
    case CEL_STRING:
        cel_spend(c, v.u.text.n / 16);
        return cel_int((int64_t)utf8_count(v.u.text));
    case CEL_BYTES:
        return cel_int((int64_t)v.u.text.n);
    case CEL_LIST:
    case CEL_MAP:
        if (v.flags & CEL_PARTIAL && cel_find_unknown(c, &v, &unknown))
            return unknown;
        return cel_int((int64_t)(v.kind == CEL_LIST ? cel_list_size(&v) : cel_map_size(&v)));
    default:
        return cel_no_overload(c, "size", arg, n);
    }
}

/* ---- tests on strings ---- */

enum text_test { STARTS, ENDS, CONTAINS };

static struct cel_value test_text(struct cel_context *c, const struct cel_value *arg, enum text_test test)
{
    static const char *const names[] = {"startsWith", "endsWith", "contains"};
    if (arg[1].kind == CEL_UNKNOWN)
        return arg[1];
    if (cel_is_lax_null(&arg[0]) || cel_is_lax_null(&arg[1]))
        return cel_bool(false);
    if (arg[1].kind != CEL_STRING || (arg[0].kind != CEL_STRING && arg[0].kind != CEL_UNKNOWN))
        return cel_no_overload(c, names[test], arg, 2);
    str s = arg[0].u.text, part = arg[1].u.text;
    if (arg[0].kind == CEL_UNKNOWN) {
        enum cel_truth t = test == STARTS ? cel_text_starts(&arg[0], part)
                           : test == ENDS ? cel_text_ends(&arg[0], part)
                                          : cel_text_contains(&arg[0], part);
        return t == CEL_MAYBE ? arg[0] : cel_bool(t == CEL_YES);
    }
    cel_spend(c, (s.n + part.n) / 16);
    return cel_bool(test == STARTS ? str_starts(s, part) : test == ENDS ? str_ends(s, part) : str_contains(s, part));
}

static struct cel_value starts_with(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return test_text(c, arg, STARTS);
}

static struct cel_value ends_with(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return test_text(c, arg, ENDS);
}

static struct cel_value contains(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    return test_text(c, arg, CONTAINS);
}

static struct cel_value matches(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    struct cel_value error;
    if (cel_is_lax_null(&arg[0]))
        return cel_bool(false);
    if (arg[0].kind != CEL_STRING || arg[1].kind != CEL_STRING)
        return cel_no_overload(c, "matches", arg, n);
    enum cel_truth t = cel_matches(c, arg[0].u.text, arg[1].u.text, &error);
    return t == CEL_WRONG ? error : cel_bool(t == CEL_YES);
}

/* ---- types ---- */

static struct cel_value type_of(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)c;
    (void)n;
    return cel_type(cel_type_name(&arg[0]));
}

static struct cel_value dyn(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)c;
    (void)n;
    return arg[0];
}

static const struct cel_function functions[] = {
    {"size", CEL_METHOD | CEL_GLOBAL | CEL_SEES_NULL, 1, 1, size_of, "size(string|bytes|list|map) -> int",
     "The number of characters, bytes, elements or keys; 0 for an attribute that is not there.",
     "of a list or map that is not completely known: unknown", "size('four') == 4 && [1, 2].size() == 2"},
    {"startsWith", CEL_METHOD | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 2, 2, starts_with,
     "string.startsWith(string) -> bool", "Whether the text begins so; false for an attribute that is not there.",
     "decided by known text around the unknown part", "'arn:aws:s3:::phi'.startsWith('arn:')"},
    {"endsWith", CEL_METHOD | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 2, 2, ends_with, "string.endsWith(string) -> bool",
     "Whether the text ends so; false for an attribute that is not there.",
     "decided by known text around the unknown part", "'phi/*'.endsWith('/*')"},
    {"contains", CEL_METHOD | CEL_SEES_UNKNOWN | CEL_SEES_NULL, 2, 2, contains, "string.contains(string) -> bool",
     "Whether the text has the other in it; false for an attribute that is not there.", "true when a known part has it",
     "'TLSv1.2_2021'.contains('1.2')"},
    {"matches", CEL_METHOD | CEL_GLOBAL | CEL_SEES_NULL, 2, 2, matches, "string.matches(pattern) -> bool",
     "Whether the regular expression is found in the text (PCRE2; anchor with ^ and $).", NULL,
     "'subnet-0a1b'.matches('^subnet-[0-9a-f]+$')"},
    {"type", CEL_GLOBAL, 1, 1, type_of, "type(any) -> type", "The type of a value.", NULL, "type('') == string"},
    {"dyn", CEL_GLOBAL | CEL_SEES_UNKNOWN, 1, 1, dyn, "dyn(any) -> any", "The value itself.", NULL, "dyn(1) == 1.0"},
};

const struct cel_function_table cel_core_functions = {"Language", functions, ARRAY_LEN(functions)};
