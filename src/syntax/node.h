/* node.h - the document tree: what every reader makes of a file.
 *
 * One tree for YAML, JSON and HCL. A node is a value or, in HCL (and in JSON strings that Terraform
 * reads as templates), an expression. Every node has the exact span of its text. Nodes are immutable
 * and live in the arena given to the reader; strings point into the source where they need no
 * unescaping. The tree knows nothing of resources: syntax only. */
#ifndef SYNTAX_NODE_H
#define SYNTAX_NODE_H

#include "base/buf.h"
#include "base/diag.h"

enum node_kind {
    /* Values. */
    NODE_NULL,
    NODE_BOOL,   /* u.boolean */
    NODE_NUMBER, /* u.number */
    NODE_STRING, /* u.string: unescaped text */
    NODE_LIST,   /* u.list */
    NODE_MAP,    /* u.map: YAML/JSON mapping, HCL object */
    NODE_BODY,   /* u.map: HCL body; entries are attributes and NODE_BLOCK values, in order */
    NODE_BLOCK,  /* u.block: HCL block */
    NODE_TAGGED, /* u.tagged: a YAML node with a local tag (`!Sub x`); front ends say what it means */
    /* Expressions (HCL). */
    NODE_TEMPLATE,     /* u.template: parts are strings, expressions, directives. One part that is an
                          expression: the value itself, of whatever type ("${x}"); "${x ~} " has an empty
                          string besides, and is a string. Without expressions it is a NODE_STRING */
    NODE_VARIABLE,     /* u.string: a root name: var, local, aws_s3_bucket, each, x */
    NODE_GET,          /* u.get: object.name  (also legacy a.0: name "0") */
    NODE_INDEX,        /* u.pair: left[right] */
    NODE_SPLAT,        /* u.splat */
    NODE_CALL,         /* u.call */
    NODE_UNARY,        /* u.unary */
    NODE_BINARY,       /* u.binary */
    NODE_CONDITIONAL,  /* u.conditional */
    NODE_FOR,          /* u.loop: [for ...] and {for ...} */
    NODE_PAREN,        /* u.pair.left; kept because (x) as an object key is an expression */
    NODE_TEMPLATE_IF,  /* u.conditional: branches are NODE_TEMPLATE or NULL */
    NODE_TEMPLATE_FOR, /* u.loop: value is a NODE_TEMPLATE */
    NODE_ERROR,        /* text that could not be parsed; a diagnostic was made */
};

enum node_flags {
    NODE_PLAIN = 1 << 0,      /* YAML plain scalar, or JSON literal: type comes from its looks */
    NODE_QUOTED = 1 << 1,     /* YAML/JSON/HCL quoted string */
    NODE_HEREDOC = 1 << 2,    /* HCL heredoc, YAML block scalar */
    NODE_ALIASED = 1 << 3,    /* came through a YAML alias: the span is the anchor's */
    NODE_MERGED = 1 << 4,     /* the value of an entry that came through a YAML merge key */
    NODE_INCOMPLETE = 1 << 5, /* something inside was skipped after a syntax error */
    NODE_RAW = 1 << 6,        /* bytes of u.string == bytes of the source between span (plus quotes; of an
                                 HCL heredoc, u.string.p is where they stand in source.text) */
    NODE_FLOW = 1 << 7,       /* YAML [..] or {..} */
};

enum node_op {
    OP_NOT,
    OP_NEGATE,
    OP_OR,
    OP_AND,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_GT,
    OP_LE,
    OP_GE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_MOD,
};

struct node_entry {
    const struct node *key; /* NODE_STRING for YAML, JSON and plain HCL names; else an expression */
    const struct node *value;
};

struct node {       /* 40 bytes: there are as many as tokens, and what is rare and large stands behind a pointer */
    uint8_t kind;   /* enum node_kind */
    uint8_t op;     /* enum node_op, for NODE_UNARY and NODE_BINARY */
    uint16_t flags; /* enum node_flags */
    span at;
    union {
        bool boolean;
        struct {
            double value;
            str text; /* as written: the exact number */
        } number;
        str string;
        struct {
            const struct node **item;
            size_t n;
        } list;
        struct {
            const struct node_entry *entry;
            size_t n;
        } map;
        struct {
            str type;                  /* `resource` */
            const struct node **label; /* NODE_STRING (quoted or bare) */
            size_t n_labels;
            const struct node *body; /* NODE_BODY */
            span header;             /* type, labels: what a finding about the block underlines */
        } * block;
        struct {
            str tag;                  /* without "!": "Sub", "Ref", "GetAtt"; the node begins with it */
            const struct node *value; /* the node as it would be untagged */
        } tagged;
        struct {
            const struct node **part;
            size_t n;
        } template;
        struct {
            const struct node *object;
            str name;
        } get;
        struct {
            const struct node *left;
            const struct node *right;
        } pair;
        struct {
            const struct node *source; /* before [*] or .* */
            const struct node *each;   /* applied to each element: an expression whose innermost
                                               object is NODE_VARIABLE with an empty name; NULL for none */
            bool full;                 /* [*]: indexes after it belong to `each` */
        } splat;
        struct {
            str name; /* "provider::aws::x" for namespaced */
            const struct node **argument;
            size_t n;
            bool expand_last; /* f(x...) */
        } * call;
        struct {
            const struct node *operand;
        } unary;
        struct {
            const struct node *left, *right;
        } binary;
        struct {
            const struct node *test, *yes, *no;
        } conditional;
        struct {
            str key_name, value_name; /* key_name empty when there is one name */
            const struct node *source;
            const struct node *key; /* object form: before =>; NULL for the list form */
            const struct node *value;
            const struct node *test; /* NULL when there is no `if` */
            bool group;              /* ... after the value */
        } * loop;
    } u;
};

/* The first entry with that key (a NODE_STRING key equal to `key`); NULL when absent or not a map. */
const struct node *node_find(const struct node *map, const char *key);
const struct node_entry *node_find_entry(const struct node *map, str key);
/* u.string when the node is a NODE_STRING, else STR_NONE. */
str node_string(const struct node *n);
const char *node_kind_name(enum node_kind kind); /* "a string", "a mapping", for messages */
/* Compact text for tests and golden files. Values as in JSON without blanks, `!Tag value`; the rest as forms:
 *     (body (= name value) (block type "label" (body ...)))    x    (get x name)    (index x 0)
 *     (splat x (get . id))    (attribute-splat x)    (call f a b ...)    (! x)    (+ a b)    (if test yes no)
 *     (paren x)    (template "a " x)    (template-if test yes no)    (template-for (k v) xs template)
 *     (for-list (v) xs value (when test))    (for-map (k v) xs key value ... (when test))    (error)
 * A final "..." stands where the source has it; a node that is NULL is (). Stops when `out` is full. */
void node_dump(const struct node *n, struct buf *out);
/* When the program is built: the image (base/image.h) of a tree of values; thawed, its root is the node. */
void node_freeze(const struct node *n, struct buf *out);

#endif
