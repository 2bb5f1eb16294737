/* Items of bodies are collected on the stack, for all blocks that are open, so that a block whose `}` is
 * missing can be ended before an item that cannot belong to it, and one that stands in the ruins of an
 * error can be opened there. */
#include "base/map.h"
#include "syntax/hcl_internal.h"

enum { FEW_ATTRIBUTES = 16, WIDEST_INDENT = 1000 };

/* How far to the right something stands; UINT32_MAX when it is not the first in its line. */
static uint32_t column_of(const struct hcl_reader *r, uint32_t at)
{
    uint32_t start = at;

    while (start > 0 && at - start < WIDEST_INDENT && (r->text.p[start - 1] == ' ' || r->text.p[start - 1] == '\t'))
        start--;
    return start == 0 || r->text.p[start - 1] == '\n' ? at - start : UINT32_MAX;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct hcl_open *top(struct hcl_reader *r)
{
    return &r->opens.at[r->opens.n - 1];
}

static struct node *name_node(struct hcl_reader *r, uint32_t start, uint32_t end)
{
    struct node *n = hcl_new(r, NODE_STRING, start, end);

    n->u.string = hcl_slice(r, start, end);
    n->flags = r->exact ? NODE_RAW : 0;
    return n;
}

static void push_entry(struct hcl_reader *r, const struct node *key, const struct node *value)
{
    hcl_push(r, key);
    hcl_push(r, value);
}

/* ---------------------------------------------------------------- ending a block */

static void report_twice(struct hcl_reader *r, const struct node *first, const struct node *again)
{
    str name = str_slice(again->u.string, 0, 100);
    unsigned line = reader_line(&r->diags, first->at.start);

    reader_diag(&r->diags, DIAG_DUPLICATE_KEY, again->at,
                "the argument \"" STR_FMT "\" stands twice in this block, first at line %u; only the first is read",
                STR_ARG(name), line);
}

static bool is_attribute(const struct node_entry *e)
{
    return e->value->kind != NODE_BLOCK;
}

static void check_few(struct hcl_reader *r, const struct node_entry *entry, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; is_attribute(&entry[i]) && k < i; k++)
            if (is_attribute(&entry[k]) && str_eq(entry[k].key->u.string, entry[i].key->u.string)) {
                report_twice(r, entry[k].key, entry[i].key);
                break;
            }
}

static void check_many(struct hcl_reader *r, const struct node_entry *entry, size_t n)
{
    struct map names;

    map_init(&names);
    for (size_t i = 0; i < n; i++) {
        const struct node *key = entry[i].key, *first;

        if (!is_attribute(&entry[i]))
            continue;
        first = map_add(&names, key->u.string, (void *)(uintptr_t)key);
        if (first != key)
            report_twice(r, first, key);
    }
    map_release(&names);
}

static struct node *take_body(struct hcl_reader *r, const struct hcl_open *o)
{
    struct node *body = hcl_new(r, NODE_BODY, o->body_start, o->end);
    size_t n = (r->stack.n - o->from) / 2, n_attributes = 0;
    const struct node **pair;
    struct node_entry *entry;

    body->flags = o->incomplete ? NODE_INCOMPLETE : 0;
    if (n == 0)
        return body;
    pair = r->stack.at + o->from;
    entry = ARENA_ARRAY(r->arena, struct node_entry, n);
    for (size_t i = 0; i < n; i++) {
        entry[i] = (struct node_entry){pair[2 * i], pair[2 * i + 1]};
        n_attributes += is_attribute(&entry[i]);
    }
    if (n <= FEW_ATTRIBUTES)
        check_few(r, entry, n);
    else if (n_attributes > 1)
        check_many(r, entry, n);
    r->stack.n = o->from;
    body->u.map.entry = entry;
    body->u.map.n = n;
    return body;
}

/* Ends the innermost block at `end`. */
static void close_block(struct hcl_reader *r, uint32_t end)
{
    struct hcl_open *o = top(r);
    struct node *n;

    o->end = end;
    r->opens.n--;
    n = hcl_new(r, NODE_BLOCK, o->start, end);
    n->u.block = arena_alloc(r->arena, sizeof(*n->u.block));
    n->u.block->type = o->type;
    n->u.block->label = o->label;
    n->u.block->n_labels = o->n_labels;
    n->u.block->header = hcl_span(r, o->start, o->header_end);
    n->u.block->body = take_body(r, o);
    n->flags = n->u.block->body->flags;
    push_entry(r, name_node(r, o->start, o->start + (uint32_t)o->type.n), n);
}

/* Ends blocks whose `}` is missing before a block that begins in their column or left of it. */
static void close_loose(struct hcl_reader *r)
{
    uint32_t column, end = r->start;

    if (!top(r)->loose)
        return;
    column = column_of(r, r->start);
    while (end > 0 && is_blank(r->text.p[end - 1]))
        end--;
    while (r->opens.n > 1 && top(r)->loose && column <= top(r)->column)
        close_block(r, end > top(r)->body_start ? end : top(r)->body_start);
}

static void open_block(struct hcl_reader *r, struct hcl_open *o, size_t labels)
{
    o->type = hcl_slice(r, o->start, o->start + (uint32_t)o->type.n);
    o->label = hcl_take(r, labels, &o->n_labels);
    o->from = r->stack.n;
    VEC_PUSH(&r->opens, *o);
}

/* ---------------------------------------------------------------- attributes */

/* A name, blanks or `=` behind it, and a value. */
static void plain_attribute(struct hcl_reader *r)
{
    uint32_t start = r->start, name_end = start + 1, end = r->end, value_start;
    size_t errors = r->n_errors;
    struct node *key, *value;

    while (!is_blank(r->text.p[name_end]) && r->text.p[name_end] != '=')
        name_end++;
    key = name_node(r, start, name_end);
    hcl_go(r, ts_node_child(r->node, 2));
    value_start = r->start;
    value = hcl_expression(r);
    if (r->n_errors != errors) {
        value = hcl_new(r, NODE_ERROR, value_start, end);
        top(r)->incomplete = true;
    }
    push_entry(r, key, value);
}

static void attribute(struct hcl_reader *r)
{
    size_t errors = r->n_errors;
    struct node *key = NULL, *value = NULL;
    uint32_t start = r->start, end = r->end, value_start = UINT32_MAX;
    bool assigned = false;

    for (bool more = hcl_enter_raw(r); more; more = hcl_next_raw(r)) {
        if (assigned && value_start == UINT32_MAX)
            value_start = r->start;
        if (r->kind == HCL_ERROR)
            hcl_report_error(r);
        else if (key == NULL && r->kind == HCL_IDENTIFIER)
            key = name_node(r, r->start, r->end);
        else if (r->kind == HCL_ASSIGN)
            assigned = true;
        else if (hcl_is_expression(r->kind))
            value = hcl_expression(r);
    }
    if (key == NULL)
        return;
    if (value == NULL || r->n_errors != errors) {
        value = hcl_new(r, NODE_ERROR, value_start < end ? value_start : start, end);
        top(r)->incomplete = true;
    }
    push_entry(r, key, value);
}

/* ---------------------------------------------------------------- what an error left */

static void item(struct hcl_reader *r);

struct ruins {
    uint32_t type_start, type_end; /* of a block that may begin; none when equal */
    size_t labels;                 /* where those begin on the stack */
    size_t floor;                  /* blocks that were open before */
    unsigned braces;               /* of objects */
};

static bool is_name(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;

        if (!letter && (i == 0 || ((c < '0' || c > '9') && c != '-')))
            return false;
    }
    return s.n != 0;
}

static void forget_header(struct hcl_reader *r, struct ruins *u)
{
    u->type_start = u->type_end = 0;
    r->stack.n = u->labels;
}

static void ruined_name(struct hcl_reader *r, struct ruins *u)
{
    if (u->type_end != 0 && column_of(r, r->start) == UINT32_MAX) {
        hcl_push(r, name_node(r, r->start, r->end));
        return;
    }
    forget_header(r, u);
    u->type_start = r->start;
    u->type_end = r->end;
}

static void ruined_brace(struct hcl_reader *r, struct ruins *u)
{
    if (u->type_end == 0 || r->opens.n >= LIMIT_DEPTH) {
        u->braces++;
    } else {
        struct hcl_open o = {.start = u->type_start,
                             .type = {NULL, u->type_end - u->type_start},
                             .header_end = r->start,
                             .body_start = r->start,
                             .column = column_of(r, u->type_start),
                             .loose = true,
                             .incomplete = true};

        while (o.header_end > o.start && (r->text.p[o.header_end - 1] == ' ' || r->text.p[o.header_end - 1] == '\t'))
            o.header_end--;
        open_block(r, &o, u->labels);
        u->labels = r->stack.n;
    }
    forget_header(r, u);
}

static void ruined_children(struct hcl_reader *r, struct ruins *u);

static void ruined_child(struct hcl_reader *r, struct ruins *u)
{
    switch (r->kind) {
    case HCL_ATTRIBUTE:
    case HCL_BLOCK:
        forget_header(r, u);
        item(r);
        u->labels = r->stack.n;
        break;
    case HCL_ERROR:
        if (is_name(hcl_text(r)))
            ruined_name(r, u);
        else
            ruined_children(r, u);
        break;
    case HCL_IDENTIFIER:
        ruined_name(r, u);
        break;
    case HCL_STRING:
        if (u->type_end != 0)
            hcl_push(r, hcl_string(r));
        break;
    case HCL_OPEN_BRACE:
        ruined_brace(r, u);
        break;
    case HCL_CLOSE_BRACE:
        forget_header(r, u);
        if (u->braces != 0) {
            u->braces--;
        } else if (r->opens.n > u->floor) {
            close_block(r, r->end);
            u->labels = r->stack.n;
        }
        break;
    case HCL_ASSIGN:
        if (u->type_end != 0 && r->stack.n == u->labels && u->braces == 0) {
            push_entry(r, name_node(r, u->type_start, u->type_end), hcl_new(r, NODE_ERROR, r->start, r->end));
            u->labels = r->stack.n;
        }
        forget_header(r, u);
        break;
    default:
        forget_header(r, u);
        break;
    }
}

static void ruined_children(struct hcl_reader *r, struct ruins *u)
{
    if (r->depth >= LIMIT_DEPTH)
        return;
    r->depth++;
    for (bool more = hcl_enter_raw(r); more; more = hcl_next_raw(r))
        ruined_child(r, u);
    r->depth--;
}

/* An error among items: what can be read inside is kept. */
static void ruined_items(struct hcl_reader *r, size_t floor)
{
    struct ruins u = {.labels = r->stack.n, .floor = floor};

    hcl_report_error(r);
    top(r)->incomplete = true;
    ruined_children(r, &u);
    r->stack.n = u.labels;
}

/* ---------------------------------------------------------------- blocks */

static bool lacks_brace(TSNode n)
{
    return ts_node_has_error(n) && ts_node_is_missing(ts_node_child(n, ts_node_child_count(n) - 1));
}

/* HCL wants each item on lines of its own, but for a block with one argument and its braces on one line. */
struct rows {
    uint32_t brace;   /* the row of `{` */
    uint32_t last;    /* where the last item ended */
    uint32_t end;     /* its end in the text */
    bool any;         /* there was one */
    bool said;        /* something is wrong with this row */
    bool one_line;    /* the first item began on the row of the brace */
    bool over;        /* that was wrong: the rest cannot be right */
    size_t attribute; /* the height of the stack when the last item was an attribute, else 0 */
};

static void check_one_line(struct hcl_reader *r, struct rows *rows, uint32_t row)
{
    const char *brace = memchr(r->text.p + r->start, '{', r->end - r->start);

    if (rows->any && row != rows->last) {
        hcl_report(r, rows->end, rows->end + 1,
                   "a block that begins with an argument on its first line ends on that line");
        rows->over = true;
    } else if (r->kind == HCL_BLOCK && brace != NULL) {
        hcl_report(r, r->start, (uint32_t)(brace - r->text.p) + 1, "a block on one line cannot hold another block");
        rows->over = true;
    }
}

static void check_row(struct hcl_reader *r, struct rows *rows)
{
    uint32_t row = ts_node_start_point(r->node).row;
    bool closes = r->kind == HCL_CLOSE_BRACE;

    if (rows->over)
        return;
    if (row != rows->last)
        rows->said = false;
    if (!rows->any && row == rows->brace && !closes)
        rows->one_line = true;
    if (rows->one_line && !rows->said)
        check_one_line(r, rows, row);
    if (rows->any && row == rows->last && !rows->said && !rows->over && !(closes && rows->one_line)) {
        hcl_report(r, r->start, r->start + 1,
                   closes ? "expected a new line before the '}' of this block"
                          : "expected a new line before this item");
        rows->said = true;
    }
    rows->last = ts_node_end_point(r->node).row;
    rows->end = r->end;
    rows->any = true;
}

static void checked_item(struct hcl_reader *r, struct rows *rows)
{
    size_t errors = r->n_errors;
    bool is_block = r->kind == HCL_BLOCK;

    check_row(r, rows);
    item(r);
    if (r->n_errors != errors)
        rows->said = true;
    rows->attribute = is_block ? 0 : r->stack.n;
}

/* An error in the line in which an attribute ends is about its value: `a = b ?`. */
static void error_behind(struct hcl_reader *r, struct rows *rows)
{
    rows->said = true;
    if (rows->attribute == 0 || rows->attribute != r->stack.n || ts_node_start_point(r->node).row != rows->last)
        return;
    r->stack.at[r->stack.n - 1] = node_new(&r->pool, NODE_ERROR, 0, r->stack.at[r->stack.n - 1]->at);
}

static void block_child(struct hcl_reader *r, struct hcl_open *o, size_t labels, size_t floor, struct rows *rows)
{
    switch (r->kind) {
    case HCL_ERROR:
        error_behind(r, rows);
        if (o->body_start == UINT32_MAX) {
            hcl_report_error(r);
            o->incomplete = true;
        } else {
            ruined_items(r, floor);
        }
        break;
    case HCL_IDENTIFIER:
        if (o->type.n == 0)
            o->type = hcl_text(r);
        else
            hcl_push(r, name_node(r, r->start, r->end));
        o->header_end = r->end;
        break;
    case HCL_STRING:
        hcl_push(r, hcl_string(r));
        o->header_end = r->end;
        break;
    case HCL_OPEN_BRACE:
        o->body_start = r->start;
        rows->brace = ts_node_start_point(r->node).row;
        open_block(r, o, labels);
        break;
    case HCL_ATTRIBUTE:
    case HCL_BLOCK:
        checked_item(r, rows);
        break;
    case HCL_CLOSE_BRACE:
        if (rows->any)
            check_row(r, rows);
        break;
    default:
        break;
    }
}

static void block(struct hcl_reader *r)
{
    struct hcl_open o = {
        .start = r->start, .header_end = r->start, .body_start = UINT32_MAX, .loose = lacks_brace(r->node)};
    size_t floor = r->opens.n, labels = r->stack.n;
    uint32_t end = r->end;
    struct rows rows = {0};

    if (r->depth >= LIMIT_DEPTH) {
        TSNode type = ts_node_child(r->node, 0);

        push_entry(r, name_node(r, ts_node_start_byte(type), ts_node_end_byte(type)), hcl_too_deep(r));
        return;
    }
    o.column = o.loose ? column_of(r, r->start) : 0;
    r->depth++;
    for (bool more = hcl_enter_raw(r); more; more = hcl_next_raw(r))
        block_child(r, &o, labels, floor + 1, &rows);
    r->depth--;
    if (o.body_start == UINT32_MAX) {
        o.body_start = end;
        open_block(r, &o, labels);
    }
    if (end > r->stop)
        end = r->stop;
    while (r->opens.n > floor) {
        top(r)->incomplete |= top(r)->loose || end == r->stop;
        close_block(r, end);
    }
}

static void item(struct hcl_reader *r)
{
    if (node_pool_full(&r->pool)) {
        r->full = true;
        return;
    }
    if (r->kind == HCL_ATTRIBUTE) {
        if (hcl_has_shape(r, 3))
            plain_attribute(r);
        else
            attribute(r);
    } else {
        close_loose(r);
        block(r);
    }
}

/* ---------------------------------------------------------------- the file */

void hcl_open_file(struct hcl_reader *r)
{
    VEC_PUSH(&r->opens, (struct hcl_open){0});
}

static void file_items(struct hcl_reader *r)
{
    struct rows rows = {.brace = UINT32_MAX};

    for (bool more = hcl_enter_raw(r); more; more = hcl_next_raw(r)) {
        if (r->kind == HCL_ATTRIBUTE || r->kind == HCL_BLOCK) {
            checked_item(r, &rows);
        } else if (r->kind == HCL_ERROR) {
            error_behind(r, &rows);
            ruined_items(r, 1);
        } else if (r->kind == HCL_EXPRESSION_MARK || r->kind == HCL_TEMPLATE_MARK) {
            hcl_report(r, r->start, r->end, "unexpected control character");
            top(r)->incomplete = true;
        }
    }
}

void hcl_items(struct hcl_reader *r)
{
    uint32_t end = r->end < r->stop ? r->end : r->stop;

    if (r->kind == HCL_ERROR)
        ruined_items(r, 1);
    else
        file_items(r);
    while (end > 0 && is_blank(r->text.p[end - 1]))
        end--;
    while (r->opens.n > 1)
        close_block(r, end > top(r)->body_start ? end : top(r)->body_start);
}

const struct node *hcl_close_file(struct hcl_reader *r)
{
    struct hcl_open o = r->opens.at[--r->opens.n];

    o.end = (uint32_t)r->text.n;
    return take_body(r, &o);
}
