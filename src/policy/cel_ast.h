/* cel_ast.h - a compiled CEL expression as a tree. Macros are nodes of their own, not expanded, so that
 * `explain` shows what was written. Nodes live in the program's arena. */
#ifndef POLICY_CEL_AST_H
#define POLICY_CEL_AST_H

#include "policy/cel.h"

enum cel_node_kind {
    CEL_NODE_LITERAL,     /* u.literal */
    CEL_NODE_VARIABLE,    /* u.variable */
    CEL_NODE_SELECT,      /* u.select: a.b, a.?b, has(a.b) */
    CEL_NODE_INDEX,       /* u.binary: a[b], a[?b] */
    CEL_NODE_CALL,        /* u.call */
    CEL_NODE_LIST,        /* u.list */
    CEL_NODE_MAP,         /* u.list: key, value, key, value, ... */
    CEL_NODE_OPTIONAL,    /* u.binary.left: ?e in a list, the value of ?k: e in a map */
    CEL_NODE_AND,         /* u.list: two or more */
    CEL_NODE_OR,          /* u.list */
    CEL_NODE_NOT,         /* u.binary.left */
    CEL_NODE_NEGATE,      /* u.binary.left */
    CEL_NODE_BINARY,      /* u.binary */
    CEL_NODE_CONDITIONAL, /* u.conditional */
    CEL_NODE_LOOP,        /* u.loop: all, exists, map, ... */
    CEL_NODE_BIND,        /* u.loop: cel.bind(name, range, body), optMap, optFlatMap */
    CEL_NODE_MESSAGE,     /* u.call: Type{...}; only until it is refused */
};

enum cel_operator {
    CEL_EQ,
    CEL_NE,
    CEL_LT,
    CEL_LE,
    CEL_GT,
    CEL_GE,
    CEL_IN,
    CEL_ADD,
    CEL_SUB,
    CEL_MUL,
    CEL_DIV,
    CEL_MOD,
};

enum cel_macro {
    CEL_MACRO_ALL,
    CEL_MACRO_EXISTS,
    CEL_MACRO_EXISTS_ONE,
    CEL_MACRO_MAP,
    CEL_MACRO_FILTER,
    CEL_MACRO_TRANSFORM_LIST,
    CEL_MACRO_TRANSFORM_MAP,
    CEL_MACRO_TRANSFORM_MAP_ENTRY,
    CEL_MACRO_SORT_BY,
    CEL_MACRO_BIND,
    CEL_MACRO_OPT_MAP,
    CEL_MACRO_OPT_FLAT_MAP,
};

enum cel_node_flags {
    CEL_NODE_IS_OPTIONAL = 1 << 0, /* a.?b, a[?b] */
    CEL_NODE_TEST = 1 << 1,        /* has(a.b) */
    CEL_NODE_ABSOLUTE = 1 << 2,    /* .name */
    CEL_NODE_LOCAL = 1 << 3,       /* a loop or bind variable: slot */
    CEL_NODE_MISSING = 1 << 4,     /* an unknown name in an unchecked program */
    CEL_NODE_IS_METHOD = 1 << 5,   /* a call x.f(...): x is argument[0] */
};

struct cel_loop;

/* Fields of a variable, one of the other: "resource", "ingress.port". */
struct cel_chain {
    str root, path;
};

struct cel_node {
    uint8_t kind;                  /* enum cel_node_kind */
    uint8_t op;                    /* enum cel_operator or enum cel_macro */
    uint16_t flags;                /* enum cel_node_flags */
    uint16_t depth;                /* of the tree below */
    uint32_t start, end;           /* in the program's text */
    const struct cel_chain *chain; /* NULL: it is none */
    union {
        struct cel_value literal;
        struct {
            str name;
            size_t slot; /* of a local; else the variable's index in the environment */
        } variable;
        struct {
            struct cel_node *operand;
            str name;
            uint32_t name_at;
        } select;
        struct {
            struct cel_node *left, *right;
        } binary;
        struct {
            str name;
            uint32_t name_at;
            uint32_t n;
            struct cel_node **argument;
            const struct cel_function *function; /* NULL: unknown, in an unchecked program */
        } call;
        struct {
            struct cel_node **item;
            size_t n;
        } list;
        struct {
            struct cel_node *test, *yes, *no;
        } conditional;
        struct cel_loop *loop;
    } u;
};

_Static_assert(sizeof(struct cel_node) <= 64, "a program has hundreds");

struct cel_loop {
    str name1, name2; /* name2 empty: one variable */
    size_t slot1, slot2;
    struct cel_node *range;
    struct cel_node *filter; /* NULL: none */
    struct cel_node *body;
};

/* The operands in the order of the text; returns how many there are, writes at most max. */
size_t cel_node_children(const struct cel_node *n, const struct cel_node **ret, size_t max);
const char *cel_macro_name(enum cel_macro m);

#endif
