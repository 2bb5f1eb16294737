#include "policy/cel_parser.h"

#include "policy/cel_lexer.h"

struct parser {
    struct cel_compiler *compiler;
    struct arena *arena;
    struct cel_lexer lexer;
    struct cel_token token; /* the next one */
    uint32_t last_end;      /* where the one before it ended */
    unsigned depth;
    bool failed;
};

struct nodes {
    struct cel_node **at;
    size_t n, cap;
};

static struct cel_node *parse_expression(struct parser *p);

/* ---- errors ---- */

static struct cel_node *fail(struct parser *p, uint32_t start, uint32_t end, const char *message)
{
    if (!p->failed)
        cel_complain(p->compiler, start, end, "%s", message);
    p->failed = true;
    return NULL;
}

static struct cel_node *too_deep(struct parser *p, uint32_t start, uint32_t end)
{
    if (!p->failed)
        cel_complain(p->compiler, start, end, "the expression is nested too deeply (limit: %u levels)",
                     LIMIT_CEL_DEPTH);
    p->failed = true;
    return NULL;
}

static const char *word_hint(str word)
{
    static const struct {
        const char *word, *hint;
    } hints[] = {
        {"and", "'&&'"}, {"AND", "'&&'"},    {"or", "'||'"},    {"OR", "'||'"},  {"not", "'!'"},  {"is", "'=='"},
        {"eq", "'=='"},  {"equals", "'=='"}, {"then", "'? :'"}, {"if", "'? :'"}, {"else", "':'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
        if (str_eq_c(word, hints[i].word))
            return hints[i].hint;
    }
    return NULL;
}

static struct cel_node *unexpected(struct parser *p, const char *expected)
{
    struct cel_token t = p->token;
    if (p->failed)
        return NULL;
    p->failed = true;
    const char *hint = t.kind == CEL_TOKEN_NAME ? word_hint(t.text) : NULL;
    if (t.kind == CEL_TOKEN_BAD)
        cel_complain(p->compiler, t.start, t.end, "%s", t.message);
    else if (t.kind == CEL_TOKEN_END)
        cel_complain(p->compiler, t.start, t.end, "expected %s, but the expression ends", expected);
    else if (hint)
        cel_complain(p->compiler, t.start, t.end, "expected %s, found '" STR_FMT "'; did you mean %s?", expected,
                     STR_ARG(str_slice(t.text, 0, 60)), hint);
    else
        cel_complain(p->compiler, t.start, t.end, "expected %s, found '" STR_FMT "'", expected,
                     STR_ARG(str_slice(t.text, 0, 60)));
    return NULL;
}

/* ---- tokens ---- */

static void advance(struct parser *p)
{
    p->last_end = p->token.end;
    p->token = cel_next_token(&p->lexer);
}

static bool at_punct(const struct parser *p, const char *text)
{
    return p->token.kind == CEL_TOKEN_PUNCT && str_eq_c(p->token.text, text);
}

static bool accept(struct parser *p, const char *text)
{
    if (!at_punct(p, text))
        return false;
    advance(p);
    return true;
}

static bool expect(struct parser *p, const char *text, const char *expected)
{
    if (accept(p, text))
        return true;
    unexpected(p, expected);
    return false;
}

static bool at_word(const struct parser *p, const char *word)
{
    return p->token.kind == CEL_TOKEN_NAME && str_eq_c(p->token.text, word);
}

static bool is_reserved(str s)
{
    static const char *const words[] = {"as",  "break",  "const", "continue", "else",    "for",       "function",
                                        "if",  "import", "let",   "loop",     "package", "namespace", "return",
                                        "var", "void",   "while", "in",       "true",    "false",     "null"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_eq_c(s, words[i]))
            return true;
    }
    return false;
}

/* ---- nodes ---- */

static struct cel_node *node_new(struct parser *p, enum cel_node_kind kind, uint32_t start)
{
    struct cel_node *n = ARENA_NEW(p->arena, struct cel_node);
    n->kind = (uint8_t)kind;
    n->start = start;
    n->end = p->last_end;
    return n;
}

/* Sets the depth from the operands; NULL when the tree is too deep. */
static struct cel_node *node_close(struct parser *p, struct cel_node *n)
{
    const struct cel_node *children[8];
    const struct cel_node **all = children;
    size_t count = cel_node_children(n, children, ARRAY_LEN(children));
    if (count > ARRAY_LEN(children)) {
        all = ARENA_ARRAY(p->arena, const struct cel_node *, count);
        cel_node_children(n, all, count);
    }
    n->depth = 1;
    for (size_t i = 0; i < count; i++) {
        if (all[i]->depth >= n->depth)
            n->depth = (uint16_t)(all[i]->depth + 1);
    }
    n->end = p->last_end;
    if (n->depth > LIMIT_CEL_DEPTH)
        return too_deep(p, n->start, n->end);
    return n;
}

static void nodes_push(struct parser *p, struct nodes *list, struct cel_node *n)
{
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        struct cel_node **grown = ARENA_ARRAY(p->arena, struct cel_node *, cap);
        if (list->n)
            memcpy(grown, list->at, list->n * sizeof *grown);
        list->at = grown;
        list->cap = cap;
    }
    list->at[list->n++] = n;
}

/* ---- primary expressions ---- */

static struct cel_node *parse_literal(struct parser *p, bool negative, uint32_t start)
{
    struct cel_node *n = node_new(p, CEL_NODE_LITERAL, start);
    const char *message = NULL;
    uint32_t at = p->token.start;
    bool ok = p->token.kind == CEL_TOKEN_STRING ? cel_parse_string(p->arena, &p->token, &n->u.literal, &message, &at)
                                                : cel_parse_number(&p->token, negative, &n->u.literal, &message);
    if (!ok)
        return fail(p, at, p->token.end, message);
    advance(p);
    return node_close(p, n);
}

/* `e, e, e` up to and with the closing token; `?` before an element where optional is allowed. */
static bool parse_items(struct parser *p, struct nodes *list, const char *close, bool optional, const char *expected)
{
    while (!at_punct(p, close)) {
        uint32_t start = p->token.start;
        bool is_optional = optional && accept(p, "?");
        struct cel_node *item = parse_expression(p);
        if (!item)
            return false;
        if (is_optional) {
            struct cel_node *wrapped = node_new(p, CEL_NODE_OPTIONAL, start);
            wrapped->u.binary.left = item;
            item = node_close(p, wrapped);
            if (!item)
                return false;
        }
        nodes_push(p, list, item);
        if (!accept(p, ","))
            break;
        /* f(a,) is wrong, [a,] and {a: b,} are not. */
        if (!optional && at_punct(p, close)) {
            unexpected(p, "an argument");
            return false;
        }
    }
    return expect(p, close, expected);
}

static struct cel_node *parse_list(struct parser *p)
{
    struct nodes list = {0};
    uint32_t start = p->token.start;
    advance(p);
    if (!parse_items(p, &list, "]", true, "',' or ']'"))
        return NULL;
    struct cel_node *n = node_new(p, CEL_NODE_LIST, start);
    n->u.list.item = list.at;
    n->u.list.n = list.n;
    return node_close(p, n);
}

static bool parse_entry(struct parser *p, struct nodes *list)
{
    uint32_t start = p->token.start;
    bool optional = accept(p, "?");
    struct cel_node *key = parse_expression(p);
    if (!key || !expect(p, ":", "':' between key and value"))
        return false;
    struct cel_node *value = parse_expression(p);
    if (value && optional) {
        struct cel_node *wrapped = node_new(p, CEL_NODE_OPTIONAL, start);
        wrapped->u.binary.left = value;
        value = node_close(p, wrapped);
    }
    if (!value)
        return false;
    nodes_push(p, list, key);
    nodes_push(p, list, value);
    return true;
}

static struct cel_node *parse_map(struct parser *p)
{
    struct nodes list = {0};
    uint32_t start = p->token.start;
    advance(p);
    while (!at_punct(p, "}")) {
        if (!parse_entry(p, &list))
            return NULL;
        if (!accept(p, ","))
            break;
    }
    if (!expect(p, "}", "',' or '}'"))
        return NULL;
    struct cel_node *n = node_new(p, CEL_NODE_MAP, start);
    n->u.list.item = list.at;
    n->u.list.n = list.n;
    return node_close(p, n);
}

static struct cel_node *parse_parenthesised(struct parser *p)
{
    advance(p);
    struct cel_node *n = parse_expression(p);
    if (!n || !expect(p, ")", "')'"))
        return NULL;
    return n;
}

/* ---- calls and macros ---- */

static const struct macro {
    const char *name;
    enum cel_macro macro;
    uint8_t variables; /* 1, 2; 3: either */
    bool filter;       /* one more argument, a condition in front, is possible */
} macros[] = {
    {"all", CEL_MACRO_ALL, 3, false},
    {"exists", CEL_MACRO_EXISTS, 3, false},
    {"exists_one", CEL_MACRO_EXISTS_ONE, 3, false},
    {"existsOne", CEL_MACRO_EXISTS_ONE, 3, false},
    {"map", CEL_MACRO_MAP, 1, true},
    {"filter", CEL_MACRO_FILTER, 1, false},
    {"transformList", CEL_MACRO_TRANSFORM_LIST, 2, true},
    {"transformMap", CEL_MACRO_TRANSFORM_MAP, 2, true},
    {"transformMapEntry", CEL_MACRO_TRANSFORM_MAP_ENTRY, 2, true},
    {"sortBy", CEL_MACRO_SORT_BY, 1, false},
    {"optMap", CEL_MACRO_OPT_MAP, 1, false},
    {"optFlatMap", CEL_MACRO_OPT_FLAT_MAP, 1, false},
};

const char *cel_macro_name(enum cel_macro m)
{
    for (size_t i = 0; i < ARRAY_LEN(macros); i++) {
        if (macros[i].macro == m)
            return macros[i].name;
    }
    return "cel.bind";
}

static bool take_name(struct parser *p, const struct cel_node *n, const char *macro, str *ret)
{
    if (n->kind != CEL_NODE_VARIABLE || (n->flags & CEL_NODE_ABSOLUTE)) {
        if (!p->failed)
            cel_complain(p->compiler, n->start, n->end, "%s() takes a name for the element first: %s(x, ...)", macro,
                         macro);
        p->failed = true;
        return false;
    }
    *ret = n->u.variable.name;
    return true;
}

static struct cel_node *make_loop(struct parser *p, const struct macro *m, struct cel_node *range, struct nodes *args,
                                  uint32_t start, uint32_t end)
{
    size_t variables = m->variables == 3 ? (args->n == 3 ? 2 : 1) : m->variables;
    size_t wanted = variables + 1;
    bool filter = m->filter && args->n == wanted + 1;
    if (args->n != wanted && !filter) {
        if (!p->failed)
            cel_complain(p->compiler, start, end, "%s() takes %s and an expression", m->name,
                         variables == 2      ? "two names"
                         : m->variables == 3 ? "one or two names"
                                             : "a name");
        p->failed = true;
        return NULL;
    }
    struct cel_node *n = node_new(p, m->macro >= CEL_MACRO_BIND ? CEL_NODE_BIND : CEL_NODE_LOOP, range->start);
    n->op = (uint8_t)m->macro;
    n->u.loop = arena_alloc(p->arena, sizeof *n->u.loop);
    if (!take_name(p, args->at[0], m->name, &n->u.loop->name1) ||
        (variables == 2 && !take_name(p, args->at[1], m->name, &n->u.loop->name2)))
        return NULL;
    n->u.loop->range = range;
    n->u.loop->filter = filter ? args->at[wanted - 1] : NULL;
    n->u.loop->body = args->at[args->n - 1];
    return node_close(p, n);
}

static struct cel_node *make_has(struct parser *p, struct nodes *args, uint32_t start)
{
    if (args->n != 1 || args->at[0]->kind != CEL_NODE_SELECT || (args->at[0]->flags & CEL_NODE_TEST))
        return fail(p, start, p->last_end, "has() takes a field: has(resource.name)");
    struct cel_node *n = args->at[0];
    n->flags |= CEL_NODE_TEST;
    n->start = start;
    n->end = p->last_end;
    return n;
}

static struct cel_node *make_call(struct parser *p, struct cel_node *receiver, str name, uint32_t name_at,
                                  struct nodes *args, uint32_t start)
{
    static const struct macro bind = {"cel.bind", CEL_MACRO_BIND, 1, false};
    if (receiver && receiver->kind == CEL_NODE_VARIABLE && str_eq_c(receiver->u.variable.name, "cel") &&
        str_eq_c(name, "bind") && args->n == 3) {
        struct nodes rest = {.at = NULL, .n = 0, .cap = 0};
        nodes_push(p, &rest, args->at[0]);
        nodes_push(p, &rest, args->at[2]);
        struct cel_node *n = make_loop(p, &bind, args->at[1], &rest, start, p->last_end);
        if (n)
            n->start = start;
        return n;
    }
    for (size_t i = 0; receiver && i < ARRAY_LEN(macros); i++) {
        if (str_eq_c(name, macros[i].name))
            return make_loop(p, &macros[i], receiver, args, name_at, p->last_end);
    }
    struct cel_node *n = node_new(p, CEL_NODE_CALL, start);
    n->flags = receiver ? CEL_NODE_IS_METHOD : 0;
    n->u.call.name = name;
    n->u.call.name_at = name_at;
    n->u.call.argument = args->at;
    n->u.call.n = (uint32_t)args->n;
    return node_close(p, n);
}

/* At the opening parenthesis. */
static struct cel_node *parse_call(struct parser *p, struct cel_node *receiver, str name, uint32_t name_at,
                                   uint32_t start)
{
    struct nodes args = {0};
    advance(p);
    bool macro = false;
    for (size_t i = 0; receiver && i < ARRAY_LEN(macros); i++)
        macro |= str_eq_c(name, macros[i].name);
    bool bind = receiver && receiver->kind == CEL_NODE_VARIABLE && str_eq_c(receiver->u.variable.name, "cel");
    if (receiver && !macro && !bind)
        nodes_push(p, &args, receiver);
    if (!parse_items(p, &args, ")", false, "',' or ')'"))
        return NULL;
    if (!receiver && str_eq_c(name, "has"))
        return make_has(p, &args, start);
    if (bind && !(str_eq_c(name, "bind") && args.n == 3))
        return fail(p, start, p->last_end, "of 'cel' there is cel.bind(name, value, expression) only");
    return make_call(p, receiver, name, name_at, &args, start);
}

static struct cel_node *parse_name(struct parser *p)
{
    uint32_t start = p->token.start;
    bool absolute = accept(p, ".");
    if (p->token.kind != CEL_TOKEN_NAME)
        return unexpected(p, absolute ? "a name after '.'" : "an expression");
    str name = p->token.text;
    uint32_t name_at = p->token.start;
    if (is_reserved(name))
        return unexpected(p, "an expression");
    advance(p);
    if (at_punct(p, "("))
        return parse_call(p, NULL, name, name_at, start);
    if (str_eq_c(name, "not") && p->token.kind == CEL_TOKEN_NAME)
        return fail(p, start, p->last_end, "'not' is no operator; did you mean '!'?");
    struct cel_node *n = node_new(p, CEL_NODE_VARIABLE, start);
    n->flags = absolute ? CEL_NODE_ABSOLUTE : 0;
    n->u.variable.name = name;
    return node_close(p, n);
}

static struct cel_node *parse_word(struct parser *p)
{
    if (!at_word(p, "true") && !at_word(p, "false") && !at_word(p, "null"))
        return parse_name(p);
    struct cel_node *n = node_new(p, CEL_NODE_LITERAL, p->token.start);
    n->u.literal = at_word(p, "null") ? cel_null() : cel_bool(at_word(p, "true"));
    advance(p);
    return node_close(p, n);
}

static struct cel_node *parse_primary(struct parser *p)
{
    switch (p->token.kind) {
    case CEL_TOKEN_INT:
    case CEL_TOKEN_UINT:
    case CEL_TOKEN_DOUBLE:
    case CEL_TOKEN_STRING:
        return parse_literal(p, false, p->token.start);
    case CEL_TOKEN_NAME:
        return parse_word(p);
    default:
        break;
    }
    if (at_punct(p, "("))
        return parse_parenthesised(p);
    if (at_punct(p, "["))
        return parse_list(p);
    if (at_punct(p, "{"))
        return parse_map(p);
    if (at_punct(p, "."))
        return parse_name(p);
    return unexpected(p, "an expression");
}

/* ---- members ---- */

static struct cel_node *parse_select(struct parser *p, struct cel_node *operand)
{
    advance(p);
    bool optional = accept(p, "?");
    if (p->token.kind != CEL_TOKEN_NAME && p->token.kind != CEL_TOKEN_QUOTED)
        return unexpected(p, "a field name after '.'");
    str name = p->token.text;
    uint32_t name_at = p->token.start;
    bool plain = p->token.kind == CEL_TOKEN_NAME && !optional;
    if (p->token.kind == CEL_TOKEN_NAME &&
        (at_word(p, "in") || at_word(p, "true") || at_word(p, "false") || at_word(p, "null")))
        return unexpected(p, "a field name after '.'");
    advance(p);
    if (plain && at_punct(p, "("))
        return parse_call(p, operand, name, name_at, operand->start);
    struct cel_node *n = node_new(p, CEL_NODE_SELECT, operand->start);
    n->flags = optional ? CEL_NODE_IS_OPTIONAL : 0;
    n->u.select.operand = operand;
    n->u.select.name = name;
    n->u.select.name_at = name_at;
    return node_close(p, n);
}

static struct cel_node *parse_index(struct parser *p, struct cel_node *operand)
{
    advance(p);
    bool optional = accept(p, "?");
    struct cel_node *key = parse_expression(p);
    if (!key || !expect(p, "]", "']'"))
        return NULL;
    struct cel_node *n = node_new(p, CEL_NODE_INDEX, operand->start);
    n->flags = optional ? CEL_NODE_IS_OPTIONAL : 0;
    n->u.binary.left = operand;
    n->u.binary.right = key;
    return node_close(p, n);
}

static struct cel_node *parse_member(struct parser *p)
{
    struct cel_node *n = parse_primary(p);
    while (n) {
        if (at_punct(p, "."))
            n = parse_select(p, n);
        else if (at_punct(p, "["))
            n = parse_index(p, n);
        else if (at_punct(p, "{") && (n->kind == CEL_NODE_VARIABLE || n->kind == CEL_NODE_SELECT))
            return fail(p, n->start, p->token.end,
                        "messages (Type{field: value}) are not supported; write a map: {'field': value}");
        else
            return n;
    }
    return NULL;
}

/* ---- operators ---- */

static struct cel_node *parse_unary(struct parser *p)
{
    uint32_t start = p->token.start;
    bool negate = at_punct(p, "-");
    if (!negate && !at_punct(p, "!"))
        return parse_member(p);
    if (++p->depth > LIMIT_CEL_DEPTH)
        return too_deep(p, start, p->token.end);
    advance(p);
    enum cel_token_kind kind = p->token.kind;
    struct cel_node *n;
    if (negate && (kind == CEL_TOKEN_INT || kind == CEL_TOKEN_DOUBLE)) {
        n = parse_literal(p, true, start);
        while (n && (at_punct(p, ".") || at_punct(p, "[")))
            n = at_punct(p, ".") ? parse_select(p, n) : parse_index(p, n);
    } else {
        struct cel_node *operand = parse_unary(p);
        if (!operand)
            return NULL;
        n = node_new(p, negate ? CEL_NODE_NEGATE : CEL_NODE_NOT, start);
        n->u.binary.left = operand;
        n = node_close(p, n);
    }
    p->depth--;
    return n;
}

static const struct operator
{
    const char *text;
    enum cel_operator op;
    int level;
}
operators[] = {
    {"==", CEL_EQ, 0}, {"!=", CEL_NE, 0}, {"<", CEL_LT, 0},  {"<=", CEL_LE, 0}, {">", CEL_GT, 0},  {">=", CEL_GE, 0},
    {"in", CEL_IN, 0}, {"+", CEL_ADD, 1}, {"-", CEL_SUB, 1}, {"*", CEL_MUL, 2}, {"/", CEL_DIV, 2}, {"%", CEL_MOD, 2},
};

static const struct operator* at_operator(const struct parser *p, int level)
{
    if (p->token.kind != CEL_TOKEN_PUNCT && !at_word(p, "in"))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (operators[i].level == level && str_eq_c(p->token.text, operators[i].text))
            return &operators[i];
    }
    return NULL;
}

static struct cel_node *parse_binary(struct parser *p, int level)
{
    enum { LEVELS = 3 };
    struct cel_node *left = level == LEVELS ? parse_unary(p) : parse_binary(p, level + 1);
    const struct operator* o;
    while (level < LEVELS && left && (o = at_operator(p, level)) != NULL) {
        advance(p);
        struct cel_node *right = parse_binary(p, level + 1);
        if (!right)
            return NULL;
        struct cel_node *n = node_new(p, CEL_NODE_BINARY, left->start);
        n->op = (uint8_t)o->op;
        n->u.binary.left = left;
        n->u.binary.right = right;
        left = node_close(p, n);
    }
    return left;
}

/* `a || b || c` is one node, so that long alternatives are not deep. */
static struct cel_node *parse_logic(struct parser *p, bool or)
{
    struct cel_node *first = or ? parse_logic(p, false) : parse_binary(p, 0);
    const char *text = or ? "||" : "&&";
    if (!first || !at_punct(p, text))
        return first;
    struct nodes list = {0};
    nodes_push(p, &list, first);
    while (accept(p, text)) {
        struct cel_node *next = or ? parse_logic(p, false) : parse_binary(p, 0);
        if (!next)
            return NULL;
        nodes_push(p, &list, next);
    }
    struct cel_node *n = node_new(p, or ? CEL_NODE_OR : CEL_NODE_AND, first->start);
    n->u.list.item = list.at;
    n->u.list.n = list.n;
    return node_close(p, n);
}

static struct cel_node *parse_conditional(struct parser *p)
{
    struct cel_node *test = parse_logic(p, true);
    if (!test || !accept(p, "?"))
        return test;
    struct cel_node *yes = parse_logic(p, true);
    if (!yes || !expect(p, ":", "':' of the conditional"))
        return NULL;
    struct cel_node *no = parse_expression(p);
    if (!no)
        return NULL;
    struct cel_node *n = node_new(p, CEL_NODE_CONDITIONAL, test->start);
    n->u.conditional.test = test;
    n->u.conditional.yes = yes;
    n->u.conditional.no = no;
    return node_close(p, n);
}

static struct cel_node *parse_expression(struct parser *p)
{
    if (p->failed)
        return NULL;
    if (++p->depth > LIMIT_CEL_DEPTH)
        return too_deep(p, p->token.start, p->token.end);
    struct cel_node *n = parse_conditional(p);
    p->depth--;
    return n;
}

struct cel_node *cel_parse(struct cel_compiler *c)
{
    struct parser p = {.compiler = c, .arena = c->arena, .lexer = {.text = c->program->text}};
    advance(&p);
    p.last_end = 0;
    if (p.token.kind == CEL_TOKEN_END)
        return fail(&p, 0, 0, "expected an expression, but there is none");
    struct cel_node *n = parse_expression(&p);
    if (n && p.token.kind != CEL_TOKEN_END)
        return unexpected(&p, "an operator or the end of the expression");
    return n;
}
