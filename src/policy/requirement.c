#include "policy/requirement.h"

#include "policy/cel_ast.h"

enum { MAX_CHOICES = 8, MAX_BYTES = 300 };

struct wanted {
    const struct cel_program *program;
    const struct ruleset *rules;
    str path;
    struct arena *arena;
};

static bool is_attribute(const struct wanted *w, const struct cel_node *n)
{
    return n->chain && (str_eq_c(n->chain->root, "resource") || str_eq_c(n->chain->root, "item")) &&
           str_eq(n->chain->path, w->path);
}

/* A literal or a parameter as people write it. */
static bool write_value(const struct wanted *w, const struct cel_node *n, struct buf *out)
{
    if (n->kind == CEL_NODE_LITERAL && n->u.literal.kind == CEL_STRING)
        buf_printf(out, "\"" STR_FMT "\"", STR_ARG(n->u.literal.u.text));
    else if (n->kind == CEL_NODE_LITERAL && n->u.literal.kind != CEL_NULL)
        buf_add(out, cel_node_text(w->program, n));
    else if (n->chain && str_eq_c(n->chain->root, "param") && ruleset_parameter(w->rules, n->chain->path))
        value_brief(ruleset_parameter(w->rules, n->chain->path), out, MAX_BYTES);
    else
        return false;
    return true;
}

static bool write_choices(const struct wanted *w, const struct cel_node *list, struct buf *out)
{
    if (list->kind != CEL_NODE_LIST || !list->u.list.n || list->u.list.n > MAX_CHOICES)
        return false;
    if (list->u.list.n > 1)
        buf_add_c(out, "one of ");
    for (size_t i = 0; i < list->u.list.n; i++) {
        buf_add_c(out, i ? ", " : "");
        if (!write_value(w, list->u.list.item[i], out))
            return false;
    }
    return true;
}

static const char *words_of(unsigned op, bool holds)
{
    static const char *const words[][2] = {[CEL_EQ] = {"not ", ""},
                                           [CEL_NE] = {"", "not "},
                                           [CEL_LT] = {"at least ", "less than "},
                                           [CEL_LE] = {"more than ", "at most "},
                                           [CEL_GT] = {"at most ", "more than "},
                                           [CEL_GE] = {"less than ", "at least "}};
    return words[op][holds];
}

static unsigned turned(unsigned op)
{
    static const unsigned other[] = {[CEL_EQ] = CEL_EQ, [CEL_NE] = CEL_NE, [CEL_LT] = CEL_GT,
                                     [CEL_LE] = CEL_GE, [CEL_GT] = CEL_LT, [CEL_GE] = CEL_LE};
    return other[op];
}

static bool write_comparison(const struct wanted *w, const struct cel_node *n, bool holds, struct buf *out)
{
    const struct cel_node *left = n->u.binary.left, *right = n->u.binary.right;
    if (n->op == CEL_IN) {
        if (!is_attribute(w, left))
            return false;
        return holds && write_choices(w, right, out);
    }
    if (n->op > CEL_GE || (!is_attribute(w, left) && !is_attribute(w, right)))
        return false;
    bool first = is_attribute(w, left);
    const struct cel_node *other = first ? right : left;
    if (n->op <= CEL_NE && other->kind == CEL_NODE_LITERAL && other->u.literal.kind == CEL_BOOL) {
        buf_add_c(out, other->u.literal.u.boolean == ((n->op == CEL_EQ) == holds) ? "true" : "false");
        return true;
    }
    buf_add_c(out, words_of(first ? n->op : turned(n->op), holds));
    return write_value(w, other, out);
}

/* `holds`: the part has to be true, else false. What is under `||` (or `&&` of what must be false) has alternatives. Depth is
 * that of the compiled tree: LIMIT_CEL_DEPTH. */
static bool write_part(const struct wanted *w, const struct cel_node *n, bool holds, struct buf *out)
{
    if (n->kind == CEL_NODE_NOT)
        return write_part(w, n->u.binary.left, !holds, out);
    if (n->kind == (holds ? CEL_NODE_AND : CEL_NODE_OR)) {
        for (size_t i = 0; i < n->u.list.n; i++) {
            buf_clear(out);
            if (write_part(w, n->u.list.item[i], holds, out))
                return true;
        }
        return false;
    }
    if (n->kind == CEL_NODE_BINARY)
        return write_comparison(w, n, holds, out);
    if (!is_attribute(w, n))
        return false;
    buf_add_c(out, holds ? "true" : "false");
    return true;
}

str requirement_of(const struct rule *rule, str path, const struct ruleset *rules, struct arena *a)
{
    struct wanted w = {rule->assert_, rules, path, a};
    struct buf out;
    buf_init(&out, MAX_BYTES);
    bool found = rule->assert_ && write_part(&w, rule->assert_->root, true, &out) && !out.overflow;
    str s = found ? buf_copy(&out, a) : STR_NONE;
    buf_release(&out);
    return s;
}
