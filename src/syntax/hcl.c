#include "syntax/hcl.h"

#include "syntax/hcl_internal.h"

/* The bytes before a text that is not a file; see grammars/hcl/README.md. */
enum { EXPRESSION = 1, TEMPLATE = 2 };

/* ---------------------------------------------------------------- walking */

static void add_comment(struct hcl_reader *r)
{
    str text = hcl_text(r);
    uint32_t start = r->start, line = start;
    struct comment c;

    if (text.n != 0 && text.p[text.n - 1] == '\r')
        text.n--;
    c.at = hcl_span(r, start, start + (uint32_t)text.n);
    text = str_slice(text, text.p[0] == '#' ? 1 : 2, text.n);
    if (start + 1 < r->end && r->text.p[start + 1] == '*' && text.n >= 2)
        text.n -= 2;
    c.text = str_trim(text);
    while (line > 0 && (r->text.p[line - 1] == ' ' || r->text.p[line - 1] == '\t'))
        line--;
    c.own_line = line == 0 || r->text.p[line - 1] == '\n';
    VEC_PUSH(&r->comments, c);
}

void hcl_go(struct hcl_reader *r, TSNode n)
{
    r->node = n;
    r->kind = hcl_kind_of(n);
    r->start = ts_node_start_byte(n);
    r->end = ts_node_end_byte(n);
}

static TSTreeCursor *innermost(struct hcl_reader *r)
{
    return &r->cursors.at[r->level - 1];
}

/* Comments of an error that nobody looks into. */
static void comments_inside(struct hcl_reader *r)
{
    TSTreeCursor *c = innermost(r);
    unsigned depth = 0;
    bool more = ts_tree_cursor_goto_first_child(c);

    while (more) {
        depth++;
        do {
            hcl_go(r, ts_tree_cursor_current_node(c));
            if (r->kind == HCL_COMMENT && r->start < r->stop)
                add_comment(r);
            more = depth < LIMIT_DEPTH && ts_tree_cursor_goto_first_child(c);
            if (more)
                break;
            more = ts_tree_cursor_goto_next_sibling(c);
            while (!more && depth > 0) {
                ts_tree_cursor_goto_parent(c);
                more = --depth > 0 && ts_tree_cursor_goto_next_sibling(c);
            }
        } while (more);
    }
}

/* Skips what nobody lowers; false at the end of the children, where their cursor is given back. */
static bool settle(struct hcl_reader *r, bool raw)
{
    TSTreeCursor *c = innermost(r);

    do {
        hcl_go(r, ts_tree_cursor_current_node(c));
        if (r->start >= r->stop)
            break;
        if (r->kind == HCL_COMMENT) {
            add_comment(r);
        } else if (r->kind == HCL_UNTERMINATED_COMMENT) {
            hcl_report_unterminated_comment(r);
        } else if (r->kind == HCL_ERROR) {
            if (raw)
                return true;
            hcl_report_error(r);
            comments_inside(r);
        } else if (r->start == r->end && ts_node_is_missing(r->node)) {
            hcl_report_missing(r);
        } else {
            return true;
        }
    } while (ts_tree_cursor_goto_next_sibling(c));
    r->level--;
    return false;
}

static bool enter(struct hcl_reader *r, bool raw)
{
    if (r->level == r->cursors.n)
        VEC_PUSH(&r->cursors, ts_tree_cursor_new(r->node));
    else
        ts_tree_cursor_reset(&r->cursors.at[r->level], r->node);
    r->level++;
    if (ts_tree_cursor_goto_first_child(innermost(r)))
        return settle(r, raw);
    r->level--;
    return false;
}

static bool next(struct hcl_reader *r, bool raw)
{
    if (ts_tree_cursor_goto_next_sibling(innermost(r)))
        return settle(r, raw);
    r->level--;
    return false;
}

bool hcl_enter(struct hcl_reader *r)
{
    return enter(r, false);
}

bool hcl_next(struct hcl_reader *r)
{
    return next(r, false);
}

bool hcl_enter_raw(struct hcl_reader *r)
{
    return enter(r, true);
}

bool hcl_next_raw(struct hcl_reader *r)
{
    return next(r, true);
}

static void release(struct hcl_reader *r)
{
    VEC_RELEASE(&r->stack);
    VEC_RELEASE(&r->opens);
    VEC_RELEASE(&r->tokens);
    VEC_RELEASE(&r->comments);
    for (size_t i = 0; i < r->cursors.n; i++)
        ts_tree_cursor_delete(&r->cursors.at[i]);
    VEC_RELEASE(&r->cursors);
}

struct document hcl_read(const struct source *s, struct arena *arena, struct diag_list *diags)
{
    return hcl_read_apart(s, arena, arena, diags);
}

struct document hcl_read_apart(const struct source *s, struct arena *nodes, struct arena *texts,
                               struct diag_list *diags)
{
    struct hcl_reader r = {
        .file = s->id, .exact = true, .arena = nodes, .pool = {.arena = nodes, .texts = texts}, .diags = {diags, s, 0}};
    struct document d = {.source = s, .language = LANGUAGE_HCL};

    if (hcl_language() == NULL)
        return d;
    hcl_open_file(&r);
    hcl_read_pieces(&r, s->text);
    r.text = s->text;
    r.base = 0;
    d.root = hcl_close_file(&r);
    d.incomplete = r.incomplete;
    d.comment = VEC_MOVE(&r.comments, nodes, &d.n_comments);
    release(&r);
    return d;
}

/* ---------------------------------------------------------------- expressions and templates */

static struct node *lower_marked(struct hcl_reader *r, char mark)
{
    struct node *n = NULL;

    if (r->kind == HCL_ERROR) {
        hcl_report_error(r);
        return NULL;
    }
    if (mark == TEMPLATE)
        return hcl_template(r);
    for (bool more = hcl_enter(r); more; more = hcl_next(r))
        if (hcl_is_expression(r->kind))
            n = hcl_expression(r);
    if (n == NULL && r->n_errors == 0) {
        hcl_report(r, 1, (uint32_t)r->text.n, "expected an expression");
        r->n_errors++;
    }
    return n;
}

static const struct node *read_marked(char mark, str text, uint32_t file, uint32_t base, bool exact, span whole,
                                      struct arena *arena, struct diag_list *diags)
{
    struct hcl_reader r = {.file = file,
                           .base = base - 1,
                           .first = 1,
                           .exact = exact,
                           .whole = whole,
                           .stop = UINT32_MAX,
                           .arena = arena,
                           .pool = {.arena = arena, .texts = arena},
                           .diags = {diags, NULL, 0}};
    char *marked = arena_alloc(arena, text.n + 1);
    struct node *n = NULL;
    TSParser *parser;
    TSTree *tree;

    if (hcl_language() == NULL)
        return NULL;
    marked[0] = mark;
    if (text.n != 0)
        memcpy(marked + 1, text.p, text.n);
    r.text = (str){marked, text.n + 1};
    hcl_open_file(&r);
    parser = hcl_parser_new();
    tree = hcl_parse(parser, r.text);
    if (tree == NULL) {
        hcl_report_stopped(&r, 1);
    } else {
        hcl_go(&r, ts_tree_root_node(tree));
        n = lower_marked(&r, mark);
        ts_tree_delete(tree);
    }
    ts_parser_delete(parser);
    release(&r);
    return r.n_errors == 0 ? n : NULL;
}

const struct node *hcl_read_expression(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                       struct arena *arena, struct diag_list *diags)
{
    return read_marked(EXPRESSION, text, file, base, exact, whole, arena, diags);
}

const struct node *hcl_read_template(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                     struct arena *arena, struct diag_list *diags)
{
    return read_marked(TEMPLATE, text, file, base, exact, whole, arena, diags);
}
