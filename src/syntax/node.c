#include "syntax/node.h"

const struct node_entry *node_find_entry(const struct node *map, str key)
{
    if (map == NULL || (map->kind != NODE_MAP && map->kind != NODE_BODY))
        return NULL;
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct node_entry *e = &map->u.map.entry[i];

        if (e->key != NULL && e->key->kind == NODE_STRING && str_eq(e->key->u.string, key))
            return e;
    }
    return NULL;
}

const struct node *node_find(const struct node *map, const char *key)
{
    const struct node_entry *e = node_find_entry(map, str_of(key));

    return e == NULL ? NULL : e->value;
}

str node_string(const struct node *n)
{
    return n != NULL && n->kind == NODE_STRING ? n->u.string : STR_NONE;
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_NULL] = "null",
        [NODE_BOOL] = "a boolean",
        [NODE_NUMBER] = "a number",
        [NODE_STRING] = "a string",
        [NODE_LIST] = "a list",
        [NODE_MAP] = "a mapping",
        [NODE_BODY] = "a block body",
        [NODE_BLOCK] = "a block",
        [NODE_TAGGED] = "a tagged value",
        [NODE_TEMPLATE] = "a template",
        [NODE_VARIABLE] = "a variable",
        [NODE_GET] = "an attribute access",
        [NODE_INDEX] = "an index",
        [NODE_SPLAT] = "a splat expression",
        [NODE_CALL] = "a function call",
        [NODE_UNARY] = "a unary operation",
        [NODE_BINARY] = "a binary operation",
        [NODE_CONDITIONAL] = "a conditional",
        [NODE_FOR] = "a for expression",
        [NODE_PAREN] = "an expression in parentheses",
        [NODE_TEMPLATE_IF] = "an if directive",
        [NODE_TEMPLATE_FOR] = "a for directive",
        [NODE_ERROR] = "text that cannot be parsed",
    };

    return names[kind];
}

static void dump_string(str s, struct buf *out)
{
    static const char hex[] = "0123456789abcdef";

    buf_add_char(out, '"');
    for (size_t i = 0, from = 0; i <= s.n; i++) {
        unsigned char c = i < s.n ? (unsigned char)s.p[i] : '"';

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, str_slice(s, from, i));
        from = i + 1;
        if (i == s.n)
            break;
        buf_add_char(out, '\\');
        if (c == '\n' || c == '\t' || c == '\r')
            buf_add_char(out, c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c >= 0x20)
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "u00%c%c", hex[c >> 4], hex[c & 15]);
    }
    buf_add_char(out, '"');
}

static void dump_nodes(const struct node *const *item, size_t n, const char *separator, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, i == 0 && *separator == ',' ? "" : separator);
        node_dump(item[i], out);
    }
}

/* "(name child child)"; NULL children at the end are left out. */
static void dump_form(const char *name, const struct node *a, const struct node *b, const struct node *c,
                      struct buf *out)
{
    const struct node *child[] = {a, b, c};
    size_t n = c != NULL ? 3 : b != NULL ? 2 : 1;

    buf_printf(out, "(%s", name);
    dump_nodes(child, n, " ", out);
    buf_add_char(out, ')');
}

static void dump_entries(const struct node *n, struct buf *out)
{
    bool body = n->kind == NODE_BODY;

    buf_add_c(out, body ? "(body" : "{");
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];

        if (body && e->value != NULL && e->value->kind == NODE_BLOCK) {
            buf_add_char(out, ' ');
            node_dump(e->value, out);
        } else if (body) {
            buf_add_c(out, " (= ");
            buf_add(out, node_string(e->key));
            buf_add_char(out, ' ');
            node_dump(e->value, out);
            buf_add_char(out, ')');
        } else {
            buf_add_c(out, i == 0 ? "" : ",");
            node_dump(e->key, out);
            buf_add_char(out, ':');
            node_dump(e->value, out);
        }
    }
    buf_add_char(out, body ? ')' : '}');
}

static void dump_block(const struct node *n, struct buf *out)
{
    buf_printf(out, "(block " STR_FMT, STR_ARG(n->u.block->type));
    dump_nodes(n->u.block->label, n->u.block->n_labels, " ", out);
    buf_add_char(out, ' ');
    node_dump(n->u.block->body, out);
    buf_add_char(out, ')');
}

static void dump_call(const struct node *n, struct buf *out)
{
    buf_printf(out, "(call " STR_FMT, STR_ARG(n->u.call->name));
    dump_nodes(n->u.call->argument, n->u.call->n, " ", out);
    buf_add_c(out, n->u.call->expand_last ? " ...)" : ")");
}

static void dump_loop(const struct node *n, struct buf *out)
{
    const char *name = n->kind == NODE_TEMPLATE_FOR ? "template-for" : n->u.loop->key != NULL ? "for-map" : "for-list";

    buf_printf(out, "(%s (", name);
    buf_add(out, n->u.loop->key_name);
    buf_add_c(out, n->u.loop->key_name.n != 0 ? " " : "");
    buf_add(out, n->u.loop->value_name);
    buf_add_c(out, ") ");
    node_dump(n->u.loop->source, out);
    if (n->u.loop->key != NULL) {
        buf_add_char(out, ' ');
        node_dump(n->u.loop->key, out);
    }
    buf_add_char(out, ' ');
    node_dump(n->u.loop->value, out);
    if (n->u.loop->group)
        buf_add_c(out, " ...");
    if (n->u.loop->test != NULL) {
        buf_add_char(out, ' ');
        dump_form("when", n->u.loop->test, NULL, NULL, out);
    }
    buf_add_char(out, ')');
}

static const char *op_text(unsigned op)
{
    static const char *const text[] = {
        [OP_NOT] = "!", [OP_NEGATE] = "-", [OP_OR] = "||", [OP_AND] = "&&", [OP_EQ] = "==",
        [OP_NE] = "!=", [OP_LT] = "<",     [OP_GT] = ">",  [OP_LE] = "<=",  [OP_GE] = ">=",
        [OP_ADD] = "+", [OP_SUB] = "-",    [OP_MUL] = "*", [OP_DIV] = "/",  [OP_MOD] = "%",
    };

    return text[op];
}

static void dump_expression(const struct node *n, struct buf *out)
{
    switch ((enum node_kind)n->kind) {
    case NODE_TEMPLATE:
        buf_add_c(out, "(template");
        dump_nodes(n->u.template.part, n->u.template.n, " ", out);
        buf_add_char(out, ')');
        break;
    case NODE_VARIABLE:
        buf_add(out, n->u.string.n != 0 ? n->u.string : STR("."));
        break;
    case NODE_GET:
        buf_add_c(out, "(get ");
        node_dump(n->u.get.object, out);
        buf_printf(out, " " STR_FMT ")", STR_ARG(n->u.get.name));
        break;
    case NODE_INDEX:
        dump_form("index", n->u.pair.left, n->u.pair.right, NULL, out);
        break;
    case NODE_SPLAT:
        dump_form(n->u.splat.full ? "splat" : "attribute-splat", n->u.splat.source, n->u.splat.each, NULL, out);
        break;
    case NODE_UNARY:
        dump_form(op_text(n->op), n->u.unary.operand, NULL, NULL, out);
        break;
    case NODE_BINARY:
        dump_form(op_text(n->op), n->u.binary.left, n->u.binary.right, NULL, out);
        break;
    case NODE_CONDITIONAL:
        dump_form("if", n->u.conditional.test, n->u.conditional.yes, n->u.conditional.no, out);
        break;
    case NODE_TEMPLATE_IF:
        dump_form("template-if", n->u.conditional.test, n->u.conditional.yes, n->u.conditional.no, out);
        break;
    case NODE_PAREN:
        dump_form("paren", n->u.pair.left, NULL, NULL, out);
        break;
    default:
        buf_add_c(out, "(error)");
        break;
    }
}

void node_dump(const struct node *n, struct buf *out)
{
    if (out->overflow)
        return;
    if (n == NULL) {
        buf_add_c(out, "()");
        return;
    }
    switch ((enum node_kind)n->kind) {
    case NODE_NULL:
        buf_add_c(out, "null");
        break;
    case NODE_BOOL:
        buf_add_c(out, n->u.boolean ? "true" : "false");
        break;
    case NODE_NUMBER:
        buf_add(out, n->u.number.text);
        break;
    case NODE_STRING:
        dump_string(n->u.string, out);
        break;
    case NODE_LIST:
        buf_add_char(out, '[');
        dump_nodes(n->u.list.item, n->u.list.n, ",", out);
        buf_add_char(out, ']');
        break;
    case NODE_MAP:
    case NODE_BODY:
        dump_entries(n, out);
        break;
    case NODE_BLOCK:
        dump_block(n, out);
        break;
    case NODE_TAGGED:
        buf_printf(out, "!" STR_FMT " ", STR_ARG(n->u.tagged.tag));
        node_dump(n->u.tagged.value, out);
        break;
    case NODE_CALL:
        dump_call(n, out);
        break;
    case NODE_FOR:
    case NODE_TEMPLATE_FOR:
        dump_loop(n, out);
        break;
    default:
        dump_expression(n, out);
        break;
    }
}
