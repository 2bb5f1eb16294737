#include <assert.h>

#include "base/image_layout.h"
#include "policy/cel_ast.h"
#include "policy/rule_image.h"
#include "policy/rule_load.h"

/* Where the pointers of a rule and of its compiled conditions are. */

static const struct image_layout node_layout;

static const struct image_field literal_fields[] = {FIELD_TEXT(struct cel_node, u.literal.u.text)};
static const struct image_field variable_fields[] = {FIELD_TEXT(struct cel_node, u.variable.name)};
static const struct image_field select_fields[] = {
    FIELD_ONE(struct cel_node, u.select.operand, node_layout),
    FIELD_TEXT(struct cel_node, u.select.name),
};
static const struct image_field binary_fields[] = {
    FIELD_ONE(struct cel_node, u.binary.left, node_layout),
    FIELD_ONE(struct cel_node, u.binary.right, node_layout),
};
static const struct image_field call_fields[] = {
    FIELD_TEXT(struct cel_node, u.call.name),
    FIELD_POINTERS(struct cel_node, u.call.argument, u.call.n, node_layout),
    FIELD_IMPORT(struct cel_node, u.call.function),
};
static const struct image_field list_fields[] = {FIELD_POINTERS(struct cel_node, u.list.item, u.list.n, node_layout)};
static const struct image_field conditional_fields[] = {
    FIELD_ONE(struct cel_node, u.conditional.test, node_layout),
    FIELD_ONE(struct cel_node, u.conditional.yes, node_layout),
    FIELD_ONE(struct cel_node, u.conditional.no, node_layout),
};
static const struct image_field body_fields[] = {
    FIELD_TEXT(struct cel_loop, name1),
    FIELD_TEXT(struct cel_loop, name2),
    FIELD_ONE(struct cel_loop, range, node_layout),
    FIELD_ONE(struct cel_loop, filter, node_layout),
    FIELD_ONE(struct cel_loop, body, node_layout),
};
static const struct image_layout body = LAYOUT(struct cel_loop, body);
static const struct image_field loop_fields[] = {FIELD_ONE(struct cel_node, u.loop, body)};

static const struct image_layout *node_variant(const void *object)
{
    static const struct image_layout number = {sizeof(struct cel_node), NULL, 0, NULL};
    static const struct image_layout literal = LAYOUT(struct cel_node, literal);
    static const struct image_layout variable = LAYOUT(struct cel_node, variable);
    static const struct image_layout select = LAYOUT(struct cel_node, select);
    static const struct image_layout binary = LAYOUT(struct cel_node, binary);
    static const struct image_layout call = LAYOUT(struct cel_node, call);
    static const struct image_layout list = LAYOUT(struct cel_node, list);
    static const struct image_layout conditional = LAYOUT(struct cel_node, conditional);
    static const struct image_layout loop = LAYOUT(struct cel_node, loop);
    const struct cel_node *n = object;
    switch ((enum cel_node_kind)n->kind) {
    case CEL_NODE_LITERAL:
        assert(n->u.literal.kind <= CEL_BYTES || n->u.literal.kind == CEL_TYPE);
        return n->u.literal.kind < CEL_STRING ? &number : &literal;
    case CEL_NODE_VARIABLE:
        return &variable;
    case CEL_NODE_SELECT:
        return &select;
    case CEL_NODE_CALL:
        return &call;
    case CEL_NODE_LIST:
    case CEL_NODE_MAP:
    case CEL_NODE_AND:
    case CEL_NODE_OR:
        return &list;
    case CEL_NODE_CONDITIONAL:
        return &conditional;
    case CEL_NODE_LOOP:
    case CEL_NODE_BIND:
        return &loop;
    default:
        assert(n->kind != CEL_NODE_MESSAGE);
        return &binary;
    }
}

static const struct image_field chain_fields[] = {
    FIELD_TEXT(struct cel_chain, root),
    FIELD_TEXT(struct cel_chain, path),
};
static const struct image_layout chain_layout = LAYOUT(struct cel_chain, chain);
static const struct image_field node_fields[] = {FIELD_ONE(struct cel_node, chain, chain_layout)};
static const struct image_layout node_layout = {sizeof(struct cel_node), node_fields, ARRAY_LEN(node_fields),
                                                node_variant};

static const struct image_field program_fields[] = {
    FIELD_TEXT(struct cel_program, text),
    FIELD_IMPORT(struct cel_program, env),
    FIELD_ONE(struct cel_program, root, node_layout),
};
static const struct image_layout program_layout = LAYOUT(struct cel_program, program);

static const struct image_field piece_fields[] = {
    FIELD_TEXT(struct rule_piece, literal),
    FIELD_ONE(struct rule_piece, program, program_layout),
};
static const struct image_layout piece_layout = LAYOUT(struct rule_piece, piece);
static const struct image_field text_fields[] = {
    FIELD_TEXT(struct rule_text, source),
    FIELD_ARRAY(struct rule_text, piece, n, piece_layout),
};
static const struct image_layout text_layout = LAYOUT(struct rule_text, text);

static const struct image_field citation_fields[] = {
    FIELD_TEXT(struct citation, section),
    FIELD_TEXT(struct citation, because),
};
static const struct image_layout citation_layout = LAYOUT(struct citation, citation);
static const struct image_field equivalent_fields[] = {
    FIELD_TEXT(struct equivalent, source),
    FIELD_ARRAY(struct equivalent, id, n, image_str_layout),
};
static const struct image_layout equivalent_layout = LAYOUT(struct equivalent, equivalent);

static const struct image_field rule_fields[] = {
    FIELD_TEXT(struct rule, id),
    FIELD_TEXT(struct rule, name),
    FIELD_TEXT(struct rule, title),
    FIELD_TEXT(struct rule, category),
    FIELD_TEXT(struct rule, profile),
    FIELD_ARRAY(struct rule, citation, n_citations, citation_layout),
    FIELD_ARRAY(struct rule, equivalent, n_equivalents, equivalent_layout),
    FIELD_ARRAY(struct rule, kind, n_kinds, image_sym_layout),
    FIELD_ONE(struct rule, when, program_layout),
    FIELD_ONE(struct rule, each, program_layout),
    FIELD_ONE(struct rule, assert_, program_layout),
    FIELD_TEXT(struct rule, at),
    FIELD_INSIDE(struct rule, message, text_layout),
    FIELD_ARRAY(struct rule, absent_when, n_absent_when, image_sym_layout),
    FIELD_INSIDE(struct rule, absent_message, text_layout),
};
static const struct image_layout rule_layout = LAYOUT(struct rule, rule);

static const struct image_field fix_fields[] = {
    FIELD_TEXT(struct rule_fix, format),
    FIELD_TEXT(struct rule_fix, text),
    FIELD_TEXT(struct rule_fix, by_hand),
};
static const struct image_layout fix_layout = LAYOUT(struct rule_fix, fix);
static const struct image_field prose_fields[] = {
    FIELD_TEXT(struct rule_prose, why),
    FIELD_ARRAY(struct rule_prose, fix, n_fixes, fix_layout),
};
static const struct image_layout prose_layout = LAYOUT(struct rule_prose, prose);

void rule_freeze_again(const struct rule *rule, struct buf *out)
{
    struct rule question = *rule;
    question.text = question.why = STR_NONE;
    question.fix = NULL;
    question.example = NULL;
    question.n_fixes = question.n_examples = 0;
    image_freeze(&question, &rule_layout, rule_import_number, out);
}

void rule_freeze_prose_again(const struct rule *rule, struct buf *out)
{
    struct rule_prose prose = {rule->why, rule->fix, rule->n_fixes};
    image_freeze(&prose, &prose_layout, NULL, out);
}

static bool freeze(const struct document *d, struct diag_list *diags,
                   void (*part)(const struct rule *rule, struct buf *out), struct buf *out)
{
    struct arena *arena = arena_new();
    struct rule rule;
    bool ok = rule_load(&rule, d, NULL, arena, diags);
    if (ok)
        part(&rule, out);
    arena_free(arena);
    return ok;
}

bool rule_freeze(const struct document *d, struct diag_list *diags, struct buf *out)
{
    return freeze(d, diags, rule_freeze_again, out);
}

bool rule_freeze_prose(const struct document *d, struct diag_list *diags, struct buf *out)
{
    return freeze(d, diags, rule_freeze_prose_again, out);
}
