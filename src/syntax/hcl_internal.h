/* hcl_internal.h - the parts of the HCL reader: hcl.c walks over children, hcl_pieces.c parses a file piece by
 * piece, hcl_memory.c gives tree-sitter its memory, hcl_symbols.c knows the grammar's kinds, hcl_body.c makes
 * blocks of the tree, hcl_lower.c expressions, hcl_template.c strings and templates; hcl_errors.c says what is
 * wrong. grammars/hcl/README.md is the contract of the tree. */
#ifndef SYNTAX_HCL_INTERNAL_H
#define SYNTAX_HCL_INTERNAL_H

#include <tree_sitter/api.h>

#include "base/vec.h"
#include "syntax/document.h"
#include "syntax/reader.h"

/* ---------------------------------------------------------------- hcl_symbols.c */

/* The first ones are never handed to the code that lowers; then the expressions. */
#define HCL_KINDS(X)                                                                                                   \
    X(COMMENT, "comment")                                                                                              \
    X(UNTERMINATED_COMMENT, "unterminated_comment")                                                                    \
    X(STRING, "string")                                                                                                \
    X(TEMPLATE, "template")                                                                                            \
    X(HEREDOC, "heredoc")                                                                                              \
    X(NUMBER, "number")                                                                                                \
    X(IDENTIFIER, "identifier")                                                                                        \
    X(REFERENCE, "reference")                                                                                          \
    X(CALL, "call")                                                                                                    \
    X(GET, "get")                                                                                                      \
    X(INDEX, "index")                                                                                                  \
    X(SPLAT, "splat")                                                                                                  \
    X(TUPLE, "tuple")                                                                                                  \
    X(OBJECT, "object")                                                                                                \
    X(FOR_TUPLE, "for_tuple")                                                                                          \
    X(FOR_OBJECT, "for_object")                                                                                        \
    X(PAREN, "paren")                                                                                                  \
    X(UNARY, "unary")                                                                                                  \
    X(BINARY, "binary")                                                                                                \
    X(CONDITIONAL, "conditional")                                                                                      \
    X(FILE, "file")                                                                                                    \
    X(EXPRESSION_MARK, "expression_mark")                                                                              \
    X(TEMPLATE_MARK, "template_mark")                                                                                  \
    X(ATTRIBUTE, "attribute")                                                                                          \
    X(BLOCK, "block")                                                                                                  \
    X(PATH, "path")                                                                                                    \
    X(ATTRIBUTE_SPLAT, "attribute_splat")                                                                              \
    X(FULL_SPLAT, "full_splat")                                                                                        \
    X(CALLEE, "callee")                                                                                                \
    X(ELEMENT, "element")                                                                                              \
    X(CHUNK, "chunk")                                                                                                  \
    X(UNTERMINATED, "unterminated")                                                                                    \
    X(INTERPOLATION, "interpolation")                                                                                  \
    X(TEMPLATE_IF, "template_if")                                                                                      \
    X(TEMPLATE_FOR, "template_for")                                                                                    \
    X(HEREDOC_MARKER, "heredoc_marker")                                                                                \
    X(HEREDOC_END, "heredoc_end")                                                                                      \
    X(NOT, "!")                                                                                                        \
    X(OR, "||")                                                                                                        \
    X(AND, "&&")                                                                                                       \
    X(EQ, "==")                                                                                                        \
    X(NE, "!=")                                                                                                        \
    X(LT, "<")                                                                                                         \
    X(GT, ">")                                                                                                         \
    X(LE, "<=")                                                                                                        \
    X(GE, ">=")                                                                                                        \
    X(ADD, "+")                                                                                                        \
    X(SUB, "-")                                                                                                        \
    X(MUL, "*")                                                                                                        \
    X(DIV, "/")                                                                                                        \
    X(MOD, "%")                                                                                                        \
    X(ASSIGN, "=")                                                                                                     \
    X(COMMA, ",")                                                                                                      \
    X(COLON, ":")                                                                                                      \
    X(ARROW, "=>")                                                                                                     \
    X(DOTS, "...")                                                                                                     \
    X(OPEN_BRACE, "{")                                                                                                 \
    X(CLOSE_BRACE, "}")                                                                                                \
    X(CLOSE_BRACE_STRIP, "~}")                                                                                         \
    X(OPEN_BRACKET, "[")                                                                                               \
    X(CLOSE_BRACKET, "]")                                                                                              \
    X(OPEN_PAREN, "(")                                                                                                 \
    X(CLOSE_PAREN, ")")                                                                                                \
    X(DIRECTIVE, "%{")                                                                                                 \
    X(DIRECTIVE_STRIP, "%{~")                                                                                          \
    X(INTERPOLATION_OPEN, "${")                                                                                        \
    X(INTERPOLATION_OPEN_STRIP, "${~")                                                                                 \
    X(FLUSH, "<<-")                                                                                                    \
    X(IF, "if")                                                                                                        \
    X(ELSE, "else")                                                                                                    \
    X(ENDIF, "endif")                                                                                                  \
    X(FOR, "for")                                                                                                      \
    X(ENDFOR, "endfor")                                                                                                \
    X(IN, "in")

#define X(name, text) HCL_##name,
enum hcl_kind { HCL_ERROR, HCL_KINDS(X) HCL_OTHER };
#undef X

extern uint8_t hcl_kinds[256]; /* by symbol; filled by hcl_language */

const TSLanguage *hcl_language(void); /* NULL when the grammar cannot be loaded */

static inline enum hcl_kind hcl_kind_of(TSNode n)
{
    TSSymbol symbol = ts_node_symbol(n);

    return symbol < ARRAY_LEN(hcl_kinds) ? (enum hcl_kind)hcl_kinds[symbol] : HCL_ERROR;
}

static inline bool hcl_is_expression(enum hcl_kind kind)
{
    return kind >= HCL_STRING && kind <= HCL_CONDITIONAL;
}

/* ---------------------------------------------------------------- hcl_memory.c */

void hcl_memory_use(void); /* from now on tree-sitter takes its memory there */

/* ---------------------------------------------------------------- the reader */

/* A block (or the file) whose items are being collected on the stack. */
struct hcl_open {
    str type;
    const struct node **label;
    size_t n_labels;
    uint32_t start, header_end, body_start, end; /* in the text */
    uint32_t column;                             /* of the start; UINT32_MAX behind something else */
    size_t from;                                 /* its first item on the stack */
    bool loose;                                  /* its `}` is missing: a block in its column or left of it ends it */
    bool incomplete;
};

/* A piece of a template; directives are not nested yet. */
enum hcl_token_kind { TOKEN_LITERAL, TOKEN_VALUE, TOKEN_IF, TOKEN_ELSE, TOKEN_ENDIF, TOKEN_FOR, TOKEN_ENDFOR };

struct hcl_token {
    enum hcl_token_kind kind;
    uint32_t start, end; /* in the text; of a literal what is left of it */
    str value;           /* of a literal in quotes */
    struct node *node;   /* of a value, the condition of an if, the loop of a for */
    bool line_start;     /* a literal whose first line is a whole one */
    bool blank_line;     /* a literal whose last line was blanks only, now stripped */
};

struct hcl_reader {
    str text; /* as tree-sitter has it: one piece of the source, or a mark and a text */
    uint32_t file;
    uint32_t base;  /* offset i of text is base + i of the source */
    uint32_t first; /* what stands before is a mark */
    bool exact;
    span whole; /* every span when not exact */
    struct arena *arena;
    struct node_pool pool;
    struct node_stack stack;
    struct reader_diags diags;
    struct {
        struct hcl_open *at;
        size_t n, cap;
    } opens;
    struct {
        struct comment *at;
        size_t n, cap;
    } comments;
    struct {
        struct hcl_token *at;
        size_t n, cap;
    } tokens; /* of the templates that are open */
    struct {
        TSTreeCursor *at;
        size_t n, cap;
    } cursors;    /* each begins at a node whose children are being read; kept for the next one */
    size_t level; /* how many of them are in use */
    TSNode node;  /* what is being lowered */
    enum hcl_kind kind;
    uint32_t start, end; /* of it, in the text */
    unsigned depth;
    uint32_t stop;   /* what begins here or behind it is parsed again; UINT32_MAX: nothing */
    size_t n_errors; /* values with an error in them are worth nothing */
    bool incomplete; /* an error or a limit */
    bool ends_open;  /* a heredoc or comment took the rest of the text: what is missing at its end is no news */
    bool full;       /* LIMIT_NODES */
};

static inline span hcl_span(const struct hcl_reader *r, uint32_t start, uint32_t end)
{
    if (!r->exact)
        return r->whole;
    start = start < r->first ? r->first : start;
    return (span){r->file, r->base + start, r->base + (end < start ? start : end)};
}

static inline str hcl_slice(const struct hcl_reader *r, uint32_t start, uint32_t end)
{
    return (str){r->text.p + start, end - start};
}

static inline str hcl_text(const struct hcl_reader *r)
{
    return hcl_slice(r, r->start, r->end);
}

static inline struct node *hcl_new(struct hcl_reader *r, enum node_kind kind, uint32_t start, uint32_t end)
{
    return node_new(&r->pool, kind, 0, hcl_span(r, start, end));
}

/* A function: the macro would look up the place before the node is made, which may move the stack. */
static inline void hcl_push(struct hcl_reader *r, const struct node *n)
{
    VEC_PUSH(&r->stack, n);
}

void hcl_go(struct hcl_reader *r, TSNode n); /* makes it the node that is being lowered */

/* Children of the node, comments, errors and missing tokens taken care of:
 *     for (bool more = hcl_enter(r); more; more = hcl_next(r))
 * A loop has to run to its end. The _raw form stops at HCL_ERROR too. */
bool hcl_enter(struct hcl_reader *r);
bool hcl_next(struct hcl_reader *r);
bool hcl_enter_raw(struct hcl_reader *r);
bool hcl_next_raw(struct hcl_reader *r);

/* Whether the node has n children, without a comment or an error among them: they can be asked for by number,
 * which costs a quarter of walking over a few. */
static inline bool hcl_has_shape(const struct hcl_reader *r, uint32_t n)
{
    return ts_node_child_count(r->node) == n && !ts_node_has_error(r->node);
}

/* The children on the stack from `from` on, copied to the arena. */
const struct node **hcl_take(struct hcl_reader *r, size_t from, size_t *ret_n);

/* ---------------------------------------------------------------- hcl_pieces.c */

TSParser *hcl_parser_new(void);
TSTree *hcl_parse(TSParser *parser, str text); /* NULL when the parser was stopped: hostile text */
void hcl_report_stopped(struct hcl_reader *r, uint32_t start);
void hcl_read_pieces(struct hcl_reader *r, str text);

/* ---------------------------------------------------------------- hcl_lower.c */

struct node *hcl_expression(struct hcl_reader *r);
struct node *hcl_expression_at(struct hcl_reader *r, TSNode n);
struct node *hcl_too_deep(struct hcl_reader *r); /* what stands for it, after a diagnostic */
/* Names from `for` to `in`, which are met one by one. */
struct hcl_names {
    str key, value;
    bool done;
};
bool hcl_name(struct hcl_reader *r, struct hcl_names *names); /* false: not part of them */

/* ---------------------------------------------------------------- hcl_template.c */

struct node *hcl_string(struct hcl_reader *r);
struct node *hcl_template(struct hcl_reader *r); /* HCL_TEMPLATE, HCL_HEREDOC, or HCL_FILE with a template mark */

/* ---------------------------------------------------------------- hcl_body.c */

void hcl_open_file(struct hcl_reader *r);
void hcl_items(struct hcl_reader *r); /* those of HCL_FILE, to what is open */
const struct node *hcl_close_file(struct hcl_reader *r);

/* ---------------------------------------------------------------- hcl_errors.c */

void hcl_report_error(struct hcl_reader *r);   /* of an HCL_ERROR */
void hcl_report_missing(struct hcl_reader *r); /* a token that the parser made up */
void hcl_report_unterminated(struct hcl_reader *r, uint32_t start);
void hcl_report_unterminated_comment(struct hcl_reader *r);
void hcl_report(struct hcl_reader *r, uint32_t start, uint32_t end, const char *message);

#endif
