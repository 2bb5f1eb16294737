#include "syntax/hcl_internal.h"

enum { MOST_BY_NUMBER = 9 }; /* children: with more, walking over them costs less */

/* The expressions among the children of a node, and the infix between them. */
struct operands {
    struct node *at[3];
    unsigned n;
    enum hcl_kind infix;
};

static struct node *error_node(struct hcl_reader *r, uint32_t start, uint32_t end)
{
    return hcl_new(r, NODE_ERROR, start, end);
}

/* Where operands and the infix stand among the children: every second one is an operand. */
struct form {
    uint32_t children, first, infix;
};

static struct form form_of(enum hcl_kind kind)
{
    switch (kind) {
    case HCL_UNARY:
        return (struct form){2, 1, 0};
    case HCL_PAREN:
        return (struct form){3, 1, 0};
    case HCL_BINARY:
        return (struct form){3, 0, 1};
    case HCL_INDEX:
        return (struct form){4, 0, 1};
    default:
        return (struct form){5, 0, 1};
    }
}

static struct operands read_operands(struct hcl_reader *r)
{
    struct operands o = {{NULL, NULL, NULL}, 0, HCL_OTHER};
    struct form form = form_of(r->kind);
    uint32_t start = r->start, end = r->end;
    TSNode n = r->node;

    if (hcl_has_shape(r, form.children)) {
        o.infix = hcl_kind_of(ts_node_child(n, form.infix));
        for (uint32_t i = form.first; i < form.children; i += 2)
            o.at[o.n++] = hcl_expression_at(r, ts_node_child(n, i));
        return o;
    }
    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        if (!hcl_is_expression(r->kind)) {
            if (r->kind >= HCL_NOT && r->kind <= HCL_MOD)
                o.infix = r->kind;
        } else if (o.n < ARRAY_LEN(o.at)) {
            o.at[o.n++] = hcl_expression(r);
        }
    }
    for (unsigned i = o.n; i < ARRAY_LEN(o.at); i++)
        o.at[i] = error_node(r, start, end);
    return o;
}

const struct node **hcl_take(struct hcl_reader *r, size_t from, size_t *ret_n)
{
    size_t n = r->stack.n - from;

    r->stack.n = from;
    *ret_n = n;
    return n == 0 ? NULL : arena_copy(r->arena, r->stack.at + from, n * sizeof(*r->stack.at));
}

/* ---------------------------------------------------------------- lists */

/* Pushes the expressions between brackets that are one token each, when they are few and there are only commas between
 * them: then every second child is one. */
static bool push_plain_list(struct hcl_reader *r)
{
    TSNode item[MOST_BY_NUMBER / 2];
    uint32_t n = ts_node_child_count(r->node), n_items = n / 2;

    if (n % 2 == 0 || n > MOST_BY_NUMBER || ts_node_has_error(r->node))
        return false;
    for (uint32_t i = 0; i < n_items; i++) {
        item[i] = ts_node_child(r->node, 2 * i + 1);
        if (!hcl_is_expression(hcl_kind_of(item[i])))
            return false;
    }
    for (uint32_t i = 0; i < n_items; i++)
        hcl_push(r, hcl_expression_at(r, item[i]));
    return n_items != 0;
}

/* ---------------------------------------------------------------- names and what follows them */

static struct node *get_of(struct hcl_reader *r, struct node *object, uint32_t start, uint32_t name, uint32_t end)
{
    struct node *n = hcl_new(r, NODE_GET, start, end);

    n->u.get.object = object;
    n->u.get.name = hcl_slice(r, name, end);
    return n;
}

/* What stands for the element of a splat. */
static struct node *element_of(struct hcl_reader *r, struct node *splat)
{
    struct node *n = node_new(&r->pool, NODE_VARIABLE, 0, splat->at);

    n->u.string = STR("");
    return n;
}

/* The node to which an operation behind `object` applies: behind a splat, what is done to each element.
 * *ret_place is where the result has to go; NULL when it replaces the object. */
static struct node *operand_of(struct hcl_reader *r, struct node *object, bool index, const struct node ***ret_place,
                               uint32_t end)
{
    const struct node **place = NULL;

    while (object->kind == NODE_SPLAT && (object->u.splat.full || !index)) {
        if (r->exact)
            object->at.end = r->base + end;
        place = &object->u.splat.each;
        /* Nodes of this tree are ours until it is handed out. */
        object = *place != NULL ? (struct node *)(uintptr_t)*place : element_of(r, object);
    }
    *ret_place = place;
    return object;
}

static struct node *placed(struct node *object, const struct node **place, struct node *result)
{
    if (place == NULL)
        return result;
    *place = result;
    return object;
}

static bool is_name_byte(char c)
{
    return c != '.' && c != ' ' && c != '\t' && c != '\r' && c != '\n';
}

static size_t count_dots(str text)
{
    size_t n = 0;

    for (const char *p = text.p, *end = text.p + text.n; (p = memchr(p, '.', (size_t)(end - p))) != NULL; p++)
        n++;
    return n;
}

/* Applies .a.b.c, which stands from `at` to `end`, to the object, which begins at `start`. */
static struct node *add_names(struct hcl_reader *r, struct node *object, uint32_t start, uint32_t at, uint32_t end)
{
    const struct node **place;
    struct node *operand = operand_of(r, object, false, &place, end);

    while (at < end) {
        uint32_t name;

        while (at < end && !is_name_byte(r->text.p[at]))
            at++;
        name = at;
        while (at < end && is_name_byte(r->text.p[at]))
            at++;
        operand = get_of(r, operand, start, name, at);
    }
    return placed(object, place, operand);
}

static struct node *variable(struct hcl_reader *r, uint32_t start, uint32_t end)
{
    struct node *n = hcl_new(r, NODE_VARIABLE, start, end);

    n->u.string = hcl_slice(r, start, end);
    return n;
}

static struct node *identifier(struct hcl_reader *r)
{
    str name = hcl_text(r);
    bool yes = str_eq(name, STR("true"));
    struct node *n;

    if (!yes && !str_eq(name, STR("false")))
        return str_eq(name, STR("null")) ? hcl_new(r, NODE_NULL, r->start, r->end) : variable(r, r->start, r->end);
    n = hcl_new(r, NODE_BOOL, r->start, r->end);
    n->u.boolean = yes;
    return n;
}

struct node *hcl_too_deep(struct hcl_reader *r)
{
    reader_diag(&r->diags, DIAG_LIMIT, hcl_span(r, r->start, r->end), "more than %u levels inside each other",
                LIMIT_DEPTH);
    r->incomplete = true;
    r->opens.at[r->opens.n - 1].incomplete = true;
    return error_node(r, r->start, r->end);
}

static struct node *reference(struct hcl_reader *r)
{
    str text = hcl_text(r);
    uint32_t dot = r->start + (uint32_t)str_find_char(text, '.');

    if (r->depth + count_dots(text) > LIMIT_DEPTH)
        return hcl_too_deep(r);
    return add_names(r, variable(r, r->start, dot), r->start, dot, r->end);
}

static struct node *get(struct hcl_reader *r)
{
    uint32_t start = r->start, end = r->end, count = ts_node_child_count(r->node);
    struct node *n = NULL;
    unsigned depth = r->depth;
    TSNode path = ts_node_child(r->node, count - 1);

    if (hcl_kind_of(path) == HCL_PATH)
        r->depth += (unsigned)count_dots(hcl_slice(r, ts_node_start_byte(path), ts_node_end_byte(path)));
    if (hcl_has_shape(r, 2)) {
        n = hcl_expression_at(r, ts_node_child(r->node, 0));
        n = add_names(r, n, start, ts_node_start_byte(path), ts_node_end_byte(path));
    } else {
        for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
            if (hcl_is_expression(r->kind))
                n = hcl_expression(r);
            else if (r->kind == HCL_PATH && n != NULL)
                n = add_names(r, n, start, r->start, r->end);
        }
    }
    r->depth = depth;
    return n != NULL ? n : error_node(r, start, end);
}

static struct node *subscript(struct hcl_reader *r)
{
    uint32_t start = r->start, end = r->end;
    struct operands o = read_operands(r);
    const struct node **place;
    struct node *operand = operand_of(r, o.at[0], true, &place, end);
    struct node *n = hcl_new(r, NODE_INDEX, start, end);

    n->u.pair.left = operand;
    n->u.pair.right = o.at[1];
    return placed(o.at[0], place, n);
}

static struct node *splat(struct hcl_reader *r)
{
    uint32_t start = r->start, end = r->end;
    struct node *source = NULL, *operand, *n;
    const struct node **place;
    bool full = false;

    if (hcl_has_shape(r, 2)) {
        full = hcl_kind_of(ts_node_child(r->node, 1)) == HCL_FULL_SPLAT;
        source = hcl_expression_at(r, ts_node_child(r->node, 0));
    } else {
        for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
            if (hcl_is_expression(r->kind))
                source = hcl_expression(r);
            else
                full = r->kind == HCL_FULL_SPLAT;
        }
    }
    if (source == NULL)
        return error_node(r, start, end);
    operand = operand_of(r, source, true, &place, end);
    n = hcl_new(r, NODE_SPLAT, start, end);
    n->u.splat.source = operand;
    n->u.splat.full = full;
    return placed(source, place, n);
}

static void call_children(struct hcl_reader *r, struct node *n)
{
    bool named = false;

    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        if (!named && (r->kind == HCL_CALLEE || r->kind == HCL_IDENTIFIER)) {
            n->u.call->name = hcl_slice(r, r->start, r->end - (r->kind == HCL_CALLEE));
            named = true;
        } else if (hcl_is_expression(r->kind)) {
            hcl_push(r, hcl_expression(r));
        } else if (r->kind == HCL_DOTS) {
            n->u.call->expand_last = true;
        }
    }
}

static struct node *call(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_CALL, r->start, r->end);
    size_t from = r->stack.n;
    TSNode callee = ts_node_child(r->node, 0);

    n->u.call = arena_alloc(r->arena, sizeof(*n->u.call));
    if (hcl_kind_of(callee) == HCL_CALLEE && push_plain_list(r))
        n->u.call->name = hcl_slice(r, ts_node_start_byte(callee), ts_node_end_byte(callee) - 1);
    else
        call_children(r, n);
    n->u.call->argument = hcl_take(r, from, &n->u.call->n);
    return n;
}

/* ---------------------------------------------------------------- collections */

static struct node *tuple(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_LIST, r->start, r->end);
    size_t from = r->stack.n;

    for (bool more = !push_plain_list(r) && hcl_enter(r); more; more = hcl_next(r))
        if (hcl_is_expression(r->kind))
            hcl_push(r, hcl_expression(r));
    n->u.list.item = hcl_take(r, from, &n->u.list.n);
    return n;
}

static struct node *object_key(struct hcl_reader *r)
{
    struct node *n;

    if (r->kind != HCL_IDENTIFIER)
        return hcl_expression(r);
    n = hcl_new(r, NODE_STRING, r->start, r->end);
    n->flags = r->exact ? NODE_RAW : 0;
    n->u.string = hcl_text(r);
    return n;
}

/* True when a comma ends it. */
static bool element(struct hcl_reader *r)
{
    uint32_t start = r->start, end = r->end;
    const struct node *key = NULL, *value = NULL;
    TSNode n = r->node;
    bool comma = hcl_has_shape(r, 4) && hcl_kind_of(ts_node_child(n, 3)) == HCL_COMMA;

    if (comma || hcl_has_shape(r, 3)) {
        hcl_go(r, ts_node_child(n, 0));
        hcl_push(r, object_key(r));
        hcl_push(r, hcl_expression_at(r, ts_node_child(n, 2)));
        return comma;
    }
    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        if (r->kind == HCL_COMMA)
            comma = true;
        else if (!hcl_is_expression(r->kind))
            continue;
        else if (key == NULL)
            key = object_key(r);
        else
            value = hcl_expression(r);
    }
    hcl_push(r, key != NULL ? key : error_node(r, start, end));
    hcl_push(r, value != NULL ? value : error_node(r, start, end));
    return comma;
}

static struct node *object(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_MAP, r->start, r->end);
    size_t from = r->stack.n, n_nodes;
    uint32_t row = UINT32_MAX; /* where the next element must not begin */
    const struct node **pair;
    struct node_entry *entry;

    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        uint32_t end_row;

        if (r->kind != HCL_ELEMENT)
            continue;
        if (ts_node_start_point(r->node).row == row)
            hcl_report(r, r->start, r->start + 1, "expected ',' or a new line before this element of an object");
        end_row = ts_node_end_point(r->node).row;
        row = element(r) ? UINT32_MAX : end_row;
    }
    n_nodes = r->stack.n - from;
    if (n_nodes == 0)
        return n;
    pair = r->stack.at + from;
    entry = ARENA_ARRAY(r->arena, struct node_entry, n_nodes / 2);
    for (size_t i = 0; i < n_nodes / 2; i++)
        entry[i] = (struct node_entry){pair[2 * i], pair[2 * i + 1]};
    n->u.map.entry = entry;
    n->u.map.n = n_nodes / 2;
    r->stack.n = from;
    return n;
}

bool hcl_name(struct hcl_reader *r, struct hcl_names *names)
{
    if (names->done)
        return false;
    if (r->kind == HCL_IDENTIFIER) {
        names->key = names->value;
        names->value = hcl_text(r);
    }
    names->done = r->kind == HCL_IN;
    return true;
}

static struct node *loop(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_FOR, r->start, r->end);
    struct hcl_names names = {STR_NONE, STR_NONE, false};
    const struct node *source = NULL, *first = NULL, *second = NULL, *test = NULL;
    bool map = r->kind == HCL_FOR_OBJECT, group = false, in_test = false;
    uint32_t start = r->start, end = r->end;

    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        const struct node **place;

        if (hcl_name(r, &names))
            continue;
        in_test |= r->kind == HCL_IF;
        group |= r->kind == HCL_DOTS;
        place = in_test ? &test : source == NULL ? &source : first == NULL ? &first : &second;
        if (hcl_is_expression(r->kind))
            *place = hcl_expression(r);
    }
    n->u.loop = arena_alloc(r->arena, sizeof(*n->u.loop));
    n->u.loop->key_name = names.key;
    n->u.loop->value_name = names.value;
    n->u.loop->source = source != NULL ? source : error_node(r, start, end);
    n->u.loop->value = map ? second : first;
    if (n->u.loop->value == NULL)
        n->u.loop->value = error_node(r, start, end);
    if (map)
        n->u.loop->key = first != NULL ? first : error_node(r, start, end);
    n->u.loop->test = test;
    n->u.loop->group = group;
    return n;
}

/* ---------------------------------------------------------------- infixs */

static struct node *number(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_NUMBER, r->start, r->end);

    n->u.number.text = hcl_text(r);
    n->u.number.value = reader_decimal(n->u.number.text);
    return n;
}

static struct node *paren(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_PAREN, r->start, r->end);

    n->u.pair.left = read_operands(r).at[0];
    return n;
}

static struct node *operation(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_CONDITIONAL, r->start, r->end);
    enum hcl_kind kind = r->kind;
    struct operands o = read_operands(r);

    if (kind == HCL_CONDITIONAL) {
        n->u.conditional.test = o.at[0];
        n->u.conditional.yes = o.at[1];
        n->u.conditional.no = o.at[2];
    } else if (kind == HCL_UNARY) {
        n->kind = NODE_UNARY;
        n->op = o.infix == HCL_NOT ? OP_NOT : OP_NEGATE;
        n->u.unary.operand = o.at[0];
    } else {
        n->kind = NODE_BINARY;
        n->op = (uint8_t)(o.infix >= HCL_OR && o.infix <= HCL_MOD ? OP_OR + (o.infix - HCL_OR) : OP_OR);
        n->u.binary.left = o.at[0];
        n->u.binary.right = o.at[1];
    }
    return n;
}

static struct node *lower(struct hcl_reader *r)
{
    switch (r->kind) {
    case HCL_STRING:
        return hcl_string(r);
    case HCL_TEMPLATE:
    case HCL_HEREDOC:
        return hcl_template(r);
    case HCL_NUMBER:
        return number(r);
    case HCL_IDENTIFIER:
        return identifier(r);
    case HCL_REFERENCE:
        return reference(r);
    case HCL_CALL:
        return call(r);
    case HCL_GET:
        return get(r);
    case HCL_INDEX:
        return subscript(r);
    case HCL_SPLAT:
        return splat(r);
    case HCL_TUPLE:
        return tuple(r);
    case HCL_OBJECT:
        return object(r);
    case HCL_FOR_TUPLE:
    case HCL_FOR_OBJECT:
        return loop(r);
    case HCL_PAREN:
        return paren(r);
    default:
        return operation(r);
    }
}

struct node *hcl_expression_at(struct hcl_reader *r, TSNode n)
{
    hcl_go(r, n);
    return hcl_expression(r);
}

struct node *hcl_expression(struct hcl_reader *r)
{
    struct node *n;

    if (r->depth >= LIMIT_DEPTH)
        return hcl_too_deep(r);
    r->depth++;
    n = lower(r);
    r->depth--;
    return n;
}
