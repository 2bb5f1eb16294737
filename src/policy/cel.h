/* cel.h - the Common Expression Language: compile once, evaluate often, three-valued.
 *
 * The dynamically typed language without protobuf messages, with the optional, two-variable,
 * bindings, strings, math, lists, sets and encoders extensions. It knows nothing of models: fields of
 * resources and further functions come from the environment (cel_host, cel_function).
 *
 * Unknowns. `false && unknown` is false, `true || unknown` is true, all() and exists() likewise;
 * an unknown beats an error where neither decides. An operator or function with an unknown argument
 * is unknown (unless the function says otherwise). Reasons are kept: the first one.
 *
 * Values of the graph are lax, because an attribute that is not written is usual there:
 * - an absent key, a field of an absent value, an index past the end are null, not errors;
 * - that null acts as an empty list or map in macros, size() and `in`, as false in conditions, logic
 *   and string tests, and is neither less nor greater than anything; another method of it is null;
 * - has() is true when the attribute is there and not null;
 * - numbers of the graph have one type: arithmetic may mix them with ints, uints and doubles;
 * - a field of a list with one element is the field of that element (a block);
 * - of a PARTIAL list or map (more elements are possible) all() is never true, exists() never false,
 *   size, index and absent keys are unknown.
 * Lists and maps made in CEL itself are strict, as the specification says.
 *
 * Everything terminates: nesting is capped at LIMIT_CEL_DEPTH, work at LIMIT_CEL_COST, results at
 * LIMIT_STRING_BYTES and LIMIT_COLLECTION. */
#ifndef POLICY_CEL_H
#define POLICY_CEL_H

#include "base/diag.h"
#include "policy/cel_value.h"

struct cel_node; /* cel_ast.h */

/* ---- functions ---- */

enum cel_function_flags {
    CEL_METHOD = 1 << 0,       /* x.name(...): x is arg[0] and counted */
    CEL_GLOBAL = 1 << 1,       /* name(...) ; both flags: both ways */
    CEL_SEES_UNKNOWN = 1 << 2, /* called with unknown arguments; else the result is unknown */
    CEL_SEES_NULL = 1 << 3,    /* called when arg[0] of a method is an absent attribute; else null */
    CEL_ALL_KNOWN = 1 << 4,    /* unknown also when an element inside an argument is */
    CEL_FOLDS_LAZILY = 1 << 5, /* optional's or(), orValue(): the evaluator takes care of it */
};

typedef struct cel_value cel_function_fn(struct cel_context *c, const struct cel_value *arg, size_t n);

struct cel_function {
    const char *name;      /* "startsWith", "math.abs" */
    unsigned flags;        /* enum cel_function_flags */
    uint8_t min, max;      /* arguments, the receiver included; max 255: any number */
    cel_function_fn *fn;   /* arguments are never errors */
    const char *signature; /* "string.startsWith(string) -> bool" */
    const char *doc;       /* one sentence */
    const char *unknown;   /* what it does with unknowns, where that is not "unknown"; else NULL */
    const char *example;   /* an expression that is true */
};

struct cel_function_table {
    const char *title;
    const struct cel_function *at;
    size_t n;
};

/* The built-in tables, for documentation. */
const struct cel_function_table *const *cel_standard_functions(size_t *ret_n);

/* ---- environment ---- */

struct cel_variable {
    str name;        /* "resource"; may be qualified: "a.b" */
    const char *doc; /* NULL or one sentence */
};

/* How fields of resources are read. */
struct cel_host {
    /* The field, true when there is one. False is an absent attribute (null; has() is false). */
    bool (*field)(struct cel_context *c, const struct cel_value *object, str name, struct cel_value *ret);
};

struct cel_environment {
    const struct cel_variable *variable; /* their values are given to cel_eval in this order */
    size_t n_variables;
    const struct cel_function_table *const *table; /* besides the built-in ones */
    size_t n_tables;
    const struct cel_host *host; /* NULL: none */
    str container;               /* names are looked up in it and its parents first; usually empty */
    bool unchecked;              /* unknown names are errors when they are evaluated, not before */
};

/* Its own tables, then the built-in ones; NULL behind the last. */
const struct cel_function_table *cel_table_at(const struct cel_environment *env, size_t i);

/* ---- programs ---- */

struct cel_program {
    str text;
    uint32_t file, base;
    bool exact;
    span whole;
    const struct cel_environment *env; /* must outlive the program */
    const struct cel_node *root;
    size_t n_locals;
};

/* `text` stands in a rule file: offset i of it is at base + i when `exact`, else everything is at
 * `whole`. NULL after DIAG_RULE diagnostics that say what was expected or what is near. Lives in
 * the arena; read-only afterwards, so any thread may evaluate it. */
struct cel_program *cel_compile(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                const struct cel_environment *env, struct arena *a, struct diag_list *diags);
span cel_node_span(const struct cel_program *p, const struct cel_node *n);
str cel_node_text(const struct cel_program *p, const struct cel_node *n);

/* Called for every longest chain of fields that hangs on a variable of the environment, as
 * `resource.ingress.all(r, r.port > 1)` has "ingress" and "ingress.port" on `resource`: loop variables
 * are followed, list steps left out. For checking attribute names. */
typedef void cel_attribute_fn(void *data, str variable, str path, span at);
void cel_each_attribute(const struct cel_program *p, cel_attribute_fn *fn, void *data);

/* ---- evaluation ---- */

/* The assumption that an undecided input has one of its options; a chain of them is a world. */
struct cel_world {
    const struct decider *by;
    size_t option;
    const struct cel_world *up; /* further assumptions; NULL at the end */
};

/* An attribute of the graph that was read, in order of evaluation. */
struct cel_read {
    const struct cel_node *node;
    str variable, path;        /* "resource", "ingress.port"; see cel_each_attribute */
    uint32_t owner;            /* id + 1 of the resource that has it; 0: none */
    const struct value *value; /* NULL: absent */
};

enum { CEL_READS = 256 };

struct cel_regex_cache;

struct cel_context {
    struct arena *arena;           /* scratch: results live here */
    uint64_t cost_limit;           /* set by cel_context_init to LIMIT_CEL_COST */
    const struct cel_world *world; /* NULL: nothing is assumed */
    void *data;                    /* the host's */
    /* Every value of every sub-expression, children first (`explain`). NULL: off. */
    void (*on_value)(void *data, const struct cel_node *n, const struct cel_value *v);
    void *on_value_data;

    /* Results; cleared by cel_eval. */
    uint64_t cost;
    const struct decider *wanted; /* the first undecided input that was met without an assumption */
    bool over_limit;              /* a limit was hit (which: limit); the result is an error */
    bool regex_limit;             /* a pattern hit its limits */
    str limit;
    struct cel_read read[CEL_READS]; /* without repeats; more are left out */
    size_t n_reads;
    const struct value *pointed_of, *pointed_at, *pointed_list; /* cel_point, cel_point_into */

    /* Private. */
    const struct cel_program *program;
    const struct cel_value *binding;
    struct cel_value *local;
    struct cel_regex_cache *regexes;
    unsigned depth;
};

void cel_context_init(struct cel_context *c, struct arena *scratch);
void cel_context_release(struct cel_context *c);

/* `binding` has the value of each variable of the environment. */
void cel_eval(const struct cel_program *p, const struct cel_value *binding, struct cel_context *c,
              struct cel_value *ret_value);

/* For functions of the host: of the value that was read, this part decided. The last word counts; a part without a
 * place says nothing. */
void cel_point(struct cel_context *c, const struct value *of, const struct value *part);
/* The list was made from the value: the element that decides a macro over it is the part. */
void cel_point_into(struct cel_context *c, const struct value *of, const struct value *list);
/* For functions of the host: spends cost; false when there is none left (return any value then). */
bool cel_spend(struct cel_context *c, uint64_t cost);
enum cel_truth cel_matches(struct cel_context *c, str text, str pattern, struct cel_value *ret_error);

/* `eval --cel`: a lone expression with bindings from a JSON object (empty: none). The value as JSON is
 * added to out; false: a message in *error. */
bool cel_eval_text(str expression, str bindings_json, struct buf *out, struct buf *error);

#endif
