/* A text is parsed in pieces of less than PIECE bytes, cut behind lines that begin with `}`: the trees stay
 * small, and tree-sitter 0.20.7, which frees a wrong pointer when more than 65,535 tokens are open at the
 * end, cannot get there. A piece that was cut in the wrong place has an error and is parsed again, longer;
 * then a logger counts the open tokens and stops the parser in time, at a third of the speed. */
#include "syntax/hcl.h"

#include <stdlib.h>

#include "syntax/hcl_internal.h"

enum { PIECE = 60000, GROWTH = 4, MOST_OPEN = 60000 };

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

static void load(struct hcl_reader *r)
{
    r->node = ts_tree_cursor_current_node(&r->cursor);
    r->kind = hcl_kind_of(r->node);
    r->start = ts_node_start_byte(r->node);
    r->end = ts_node_end_byte(r->node);
}

/* Comments of an error that nobody looks into. */
static void comments_inside(struct hcl_reader *r)
{
    unsigned depth = 0;
    bool more = ts_tree_cursor_goto_first_child(&r->cursor);

    while (more) {
        depth++;
        do {
            load(r);
            if (r->kind == HCL_COMMENT && r->start < r->stop)
                add_comment(r);
            more = depth < LIMIT_DEPTH && ts_tree_cursor_goto_first_child(&r->cursor);
            if (more)
                break;
            more = ts_tree_cursor_goto_next_sibling(&r->cursor);
            while (!more && depth > 0) {
                ts_tree_cursor_goto_parent(&r->cursor);
                more = --depth > 0 && ts_tree_cursor_goto_next_sibling(&r->cursor);
            }
        } while (more);
    }
}

/* Skips what nobody lowers; at the end of the children goes back to the parent and says false. */
static bool settle(struct hcl_reader *r, bool raw)
{
    do {
        load(r);
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
    } while (ts_tree_cursor_goto_next_sibling(&r->cursor));
    ts_tree_cursor_goto_parent(&r->cursor);
    return false;
}

bool hcl_enter(struct hcl_reader *r)
{
    return ts_tree_cursor_goto_first_child(&r->cursor) && settle(r, false);
}

static bool next(struct hcl_reader *r, bool raw)
{
    if (ts_tree_cursor_goto_next_sibling(&r->cursor))
        return settle(r, raw);
    ts_tree_cursor_goto_parent(&r->cursor);
    return false;
}

bool hcl_next(struct hcl_reader *r)
{
    return next(r, false);
}

bool hcl_enter_raw(struct hcl_reader *r)
{
    return ts_tree_cursor_goto_first_child(&r->cursor) && settle(r, true);
}

bool hcl_next_raw(struct hcl_reader *r)
{
    return next(r, true);
}

/* ---------------------------------------------------------------- parsing */

struct guard {
    long open;
    size_t stop;
};

static void count_tokens(void *context, TSLogType type, const char *message)
{
    struct guard *g = context;
    const char *count;

    if (type != TSLogTypeParse)
        return;
    if (strncmp(message, "reduce ", 7) == 0) {
        count = strstr(message, "child_count:");
        g->open -= count != NULL ? strtol(count + 12, NULL, 10) - 1 : 0;
    } else if (strncmp(message, "shift", 5) == 0 || strncmp(message, "skip_token", 10) == 0 ||
               strncmp(message, "recover", 7) == 0) {
        g->open++;
    }
    if (g->open > MOST_OPEN)
        g->stop = 1;
}

/* NULL when more tokens are open than the parser survives. */
static TSTree *parse(TSParser *parser, str text)
{
    struct guard g = {0, 0};
    TSTree *tree;

    if (text.n <= MOST_OPEN)
        return ts_parser_parse_string(parser, NULL, text.p, (uint32_t)text.n);
    ts_parser_set_logger(parser, (TSLogger){&g, count_tokens});
    ts_parser_set_cancellation_flag(parser, &g.stop);
    tree = ts_parser_parse_string(parser, NULL, text.p, (uint32_t)text.n);
    ts_parser_set_logger(parser, (TSLogger){NULL, NULL});
    ts_parser_set_cancellation_flag(parser, NULL);
    if (tree == NULL)
        ts_parser_reset(parser);
    return tree;
}

static TSParser *parser_new(void)
{
    TSParser *parser = ts_parser_new();

    ts_parser_set_language(parser, hcl_language());
    return parser;
}

static void release(struct hcl_reader *r)
{
    VEC_RELEASE(&r->stack);
    VEC_RELEASE(&r->opens);
    VEC_RELEASE(&r->tokens);
    VEC_RELEASE(&r->comments);
}

/* ---------------------------------------------------------------- pieces */

/* The end of the last line that begins with `}` and ends at most at `size`; when there is none, that of the first
 * one behind it, or the end of the text. */
static size_t cut(str text, size_t size)
{
    size_t found = 0, at = 0;

    if (text.n <= size)
        return text.n;
    for (;;) {
        const char *brace = memchr(text.p + at, '}', text.n - at), *newline;
        size_t i, end;

        if (brace == NULL)
            return found != 0 && size < text.n ? found : text.n;
        i = (size_t)(brace - text.p);
        at = i + 1;
        if (i != 0 && text.p[i - 1] != '\n')
            continue;
        newline = memchr(brace, '\n', text.n - i);
        end = newline == NULL ? text.n : (size_t)(newline - text.p) + 1;
        if (end > size)
            return found != 0 ? found : end;
        found = at = end;
    }
}

/* Offset of the first thing that is wrong. */
static uint32_t first_error(TSTree *tree)
{
    TSTreeCursor c = ts_tree_cursor_new(ts_tree_root_node(tree));
    uint32_t at = 0;

    while (ts_tree_cursor_goto_first_child(&c)) {
        TSNode n = ts_tree_cursor_current_node(&c);

        while (!ts_node_has_error(n) && ts_tree_cursor_goto_next_sibling(&c))
            n = ts_tree_cursor_current_node(&c);
        at = ts_node_start_byte(n);
        if (hcl_kind_of(n) == HCL_ERROR)
            break;
    }
    ts_tree_cursor_delete(&c);
    return at;
}

/* The item that ends the file, comments aside; the root when that is all error. */
static TSNode last_item(TSTree *tree)
{
    TSNode root = ts_tree_root_node(tree), n = root;

    for (uint32_t i = ts_node_child_count(root); i > 0 && hcl_kind_of(root) != HCL_ERROR; i--) {
        n = ts_node_child(root, i - 1);
        if (hcl_kind_of(n) != HCL_COMMENT)
            break;
    }
    return n;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool starts_item(str line)
{
    size_t i = 0, name;

    while (i < line.n && (is_letter(line.p[i]) || (i > 0 && (line.p[i] == '-' || (line.p[i] >= '0' && line.p[i] <= '9')))))
        i++;
    name = i;
    while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
        i++;
    return name != 0 && i < line.n &&
           (line.p[i] == '"' || line.p[i] == '{' || (line.p[i] == '=' && (i + 1 == line.n || line.p[i + 1] != '=')));
}

/* The first line behind `at` that looks like an item of the file; UINT32_MAX when there is none. */
static uint32_t next_item(str text, uint32_t at)
{
    const char *p = text.p + at, *end = text.p + text.n;

    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        const char *line = ++p, *newline = memchr(line, '\n', (size_t)(end - line));

        if (starts_item((str){line, (size_t)((newline != NULL ? newline : end) - line)}))
            return (uint32_t)(line - text.p);
    }
    return UINT32_MAX;
}

/* Whether the piece can be lowered: it has no error, or the same one as before it grew, and it ends with
 * a whole item, or with an error behind which one can begin anew. */
static bool acceptable(TSTree *tree, str piece, uint32_t *error)
{
    TSNode n = last_item(tree);
    uint32_t count = ts_node_child_count(ts_tree_root_node(tree)), before = *error;

    if (ts_node_has_error(ts_tree_root_node(tree))) {
        *error = first_error(tree);
        if (*error != before)
            return false;
    }
    if (hcl_kind_of(n) == HCL_ERROR)
        return next_item(piece, ts_node_start_byte(n)) != UINT32_MAX;
    if (count == 0 || ts_node_has_error(n) || ts_node_end_byte(n) < str_trim(piece).n)
        return false;
    while ((count = ts_node_child_count(n)) != 0)
        n = ts_node_child(n, count - 1);
    return hcl_kind_of(n) != HCL_UNTERMINATED && hcl_kind_of(n) != HCL_UNTERMINATED_COMMENT;
}

/* Lowers the piece; returns how much of it is done. An error at its end tends to hold all that follows, as single
 * tokens: then the next item begins the next piece. */
static size_t lower_piece(struct hcl_reader *r, TSTree *tree, str piece)
{
    TSNode n = last_item(tree);

    r->text = piece;
    r->stop = hcl_kind_of(n) == HCL_ERROR ? next_item(piece, ts_node_start_byte(n)) : UINT32_MAX;
    r->cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    load(r);
    hcl_items(r);
    ts_tree_cursor_delete(&r->cursor);
    return r->stop != UINT32_MAX ? r->stop : piece.n;
}

/* Reads a piece from the start of `text`; returns its length, or 0 when it cannot be parsed. */
static size_t read_piece(struct hcl_reader *r, TSParser *parser, str text)
{
    uint32_t error = UINT32_MAX;

    for (size_t size = PIECE;; size *= GROWTH) {
        size_t n = cut(text, size);
        str piece = str_slice(text, 0, n);
        TSTree *tree = parse(parser, piece);
        bool accepted = tree != NULL && (n == text.n || acceptable(tree, piece, &error));

        if (accepted)
            n = lower_piece(r, tree, piece);
        if (tree != NULL)
            ts_tree_delete(tree);
        if (accepted || tree == NULL)
            return accepted ? n : 0;
        if (n > size)
            size = n;
    }
}

static void read_pieces(struct hcl_reader *r, str text)
{
    TSParser *parser = parser_new();
    uint32_t size = (uint32_t)text.n;

    while (text.n != 0 && !r->full && !reader_diags_full(&r->diags)) {
        size_t n = read_piece(r, parser, text);

        if (n == 0) {
            reader_diag(&r->diags, DIAG_LIMIT, (span){r->file, r->base, size},
                        "more than %d tokens are open at once; the rest of the file cannot be read", MOST_OPEN);
            r->incomplete = r->opens.at[0].incomplete = true;
            break;
        }
        r->base += (uint32_t)n;
        text = str_slice(text, n, text.n);
    }
    if (r->full) {
        reader_diag(&r->diags, DIAG_LIMIT, (span){r->file, r->base, size}, "the file has more than %u nodes", LIMIT_NODES);
        r->incomplete = r->opens.at[0].incomplete = true;
    }
    ts_parser_delete(parser);
}

struct document hcl_read(const struct source *s, struct arena *arena, struct diag_list *diags)
{
    struct hcl_reader r = {
        .file = s->id, .exact = true, .arena = arena, .pool = {.arena = arena}, .diags = {diags, s, 0}};
    struct document d = {.source = s, .language = LANGUAGE_HCL};

    if (hcl_language() == NULL)
        return d;
    hcl_open_file(&r);
    read_pieces(&r, s->text);
    r.text = s->text;
    r.base = 0;
    d.root = hcl_close_file(&r);
    d.incomplete = r.incomplete;
    d.n_comments = r.comments.n;
    d.comment = arena_copy(arena, r.comments.at, r.comments.n * sizeof(*r.comments.at));
    release(&r);
    return d;
}

/* ---------------------------------------------------------------- expressions and templates */

static const struct node *read_marked(char mark, str text, uint32_t file, uint32_t base, bool exact, span whole,
                                      struct arena *arena, struct diag_list *diags)
{
    struct hcl_reader r = {.file = file,
                           .base = base - 1,
                           .exact = exact,
                           .whole = whole,
                           .stop = UINT32_MAX,
                           .arena = arena,
                           .pool = {.arena = arena},
                           .diags = {diags, NULL, 0}};
    char *marked = arena_alloc(arena, text.n + 2);
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
    parser = parser_new();
    tree = parse(parser, r.text);
    if (tree == NULL) {
        reader_diag(&r.diags, DIAG_LIMIT, hcl_span(&r, 1, (uint32_t)r.text.n), "more than %d tokens are open at once", MOST_OPEN);
        r.n_errors++;
    } else {
        r.cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
        load(&r);
        if (mark == 2) {
            n = hcl_template(&r);
        } else {
            for (bool more = hcl_enter(&r); more; more = hcl_next(&r))
                if (hcl_is_expression(r.kind))
                    n = hcl_expression(&r);
        }
        ts_tree_cursor_delete(&r.cursor);
        ts_tree_delete(tree);
    }
    ts_parser_delete(parser);
    release(&r);
    return r.n_errors == 0 ? n : NULL;
}

const struct node *hcl_read_expression(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                       struct arena *arena, struct diag_list *diags)
{
    return read_marked(1, text, file, base, exact, whole, arena, diags);
}

const struct node *hcl_read_template(str text, uint32_t file, uint32_t base, bool exact, span whole,
                                     struct arena *arena, struct diag_list *diags)
{
    return read_marked(2, text, file, base, exact, whole, arena, diags);
}
