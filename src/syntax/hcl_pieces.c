/* A text is parsed in pieces of less than PIECE bytes, cut behind lines that begin with `}`: the trees stay
 * small, and tree-sitter 0.20.7, which frees a wrong pointer when more than 65,535 tokens are open at the
 * end, cannot get there. A piece that was cut in the wrong place has an error and is parsed again, longer;
 * then a logger counts tokens and stops the parser in time, at a third of the speed. */
#include <stdlib.h>

#include "syntax/hcl_internal.h"

enum {
    PIECE = 60000,
    BROKEN_PIECE = 8192, /* once there was an error: skipping takes time in the square of the tokens skipped */
    GROWTH = 4,
    SAME_ERROR = 2,
    MOST_OPEN = 60000,
    MOST_SKIPPED = 5000,
};

/* ---------------------------------------------------------------- parsing */

struct guard {
    long open, skipped;
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
    } else if (strncmp(message, "skip_token", 10) == 0) {
        g->open++;
        g->skipped++;
    } else if (strncmp(message, "shift", 5) == 0 || strncmp(message, "recover", 7) == 0) {
        g->open++;
    }
    if (g->open > MOST_OPEN || g->skipped > MOST_SKIPPED)
        g->stop = 1;
}

TSTree *hcl_parse(TSParser *parser, str text)
{
    struct guard g = {0, 0, 0};
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

void hcl_report_stopped(struct hcl_reader *r, uint32_t start)
{
    r->incomplete = true;
    reader_diag(&r->diags, DIAG_LIMIT, hcl_span(r, start, (uint32_t)r->text.n),
                "more than %d tokens are open, or more than %d in a row make no sense; the rest is not read", MOST_OPEN,
                MOST_SKIPPED);
}

TSParser *hcl_parser_new(void)
{
    TSParser *parser = ts_parser_new();

    ts_parser_set_language(parser, hcl_language());
    return parser;
}

/* ---------------------------------------------------------------- cutting */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool starts_item(str line)
{
    size_t i = 0, name;

    while (i < line.n &&
           (is_letter(line.p[i]) || (i > 0 && (line.p[i] == '-' || (line.p[i] >= '0' && line.p[i] <= '9')))))
        i++;
    name = i;
    while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
        i++;
    return name != 0 && i < line.n &&
           (line.p[i] == '"' || line.p[i] == '{' || (line.p[i] == '=' && (i + 1 == line.n || line.p[i + 1] != '=')));
}

/* The last line before `at` that looks like an item; 0 when there is none. */
static size_t last_start(str text, size_t at)
{
    for (size_t newline = at, end = at; (newline = str_rfind_char(str_slice(text, 0, newline), '\n')) != SIZE_MAX;
         end = newline)
        if (starts_item(str_slice(text, newline + 1, end)))
            return newline + 1;
    return 0;
}

/* The end of the last line that begins with `}` and ends at most at `size`; when there is none, the start of
 * the last one that looks like an item; else the end of the first line behind `size` with `}`, or of the text. */
static size_t cut(str text, size_t size)
{
    size_t found, at = 0;

    if (text.n <= size)
        return text.n;
    found = last_start(text, size);
    for (;;) {
        const char *brace = memchr(text.p + at, '}', text.n - at), *newline;
        size_t i, end;

        if (brace == NULL)
            return found != 0 ? found : text.n;
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

/* ---------------------------------------------------------------- errors */

/* Offset of the first thing that is wrong. */
static uint32_t first_error(TSTree *tree)
{
    TSTreeCursor c = ts_tree_cursor_new(ts_tree_root_node(tree));
    uint32_t at = 0;

    while (ts_tree_cursor_goto_first_child(&c)) {
        TSNode n = ts_tree_cursor_current_node(&c);

        while (!ts_node_has_error(n) && ts_tree_cursor_goto_next_sibling(&c))
            n = ts_tree_cursor_current_node(&c);
        if (ts_node_is_missing(n)) /* what lacks it is at the same place in a longer piece */
            break;
        at = ts_node_start_byte(n);
        if (hcl_kind_of(n) == HCL_ERROR)
            break;
    }
    ts_tree_cursor_delete(&c);
    return at;
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

/* Where to begin anew: an error that goes on behind the start of an item has swallowed that, as single tokens.
 * UINT32_MAX when there is no such error. */
static uint32_t swallowed_item(TSTree *tree, str piece)
{
    TSTreeCursor c = ts_tree_cursor_new(ts_tree_root_node(tree));
    uint32_t found = UINT32_MAX;
    bool more = true;

    while (more && found == UINT32_MAX) {
        TSNode n = ts_tree_cursor_current_node(&c);
        bool error = hcl_kind_of(n) == HCL_ERROR;

        if (error)
            found = next_item(str_slice(piece, 0, ts_node_end_byte(n)), ts_node_start_byte(n));
        more = !error && ts_node_has_error(n) && ts_tree_cursor_goto_first_child(&c);
        while (!more && !(more = ts_tree_cursor_goto_next_sibling(&c)) && ts_tree_cursor_goto_parent(&c))
            continue;
    }
    ts_tree_cursor_delete(&c);
    return found;
}

/* Where blocks whose `}` is missing end with an item, that item: the body part ends them before the next one. */
static TSNode inside_unclosed(TSNode n)
{
    for (;;) {
        uint32_t count = ts_node_child_count(n);

        if (hcl_kind_of(n) != HCL_BLOCK || count < 2 || !ts_node_is_missing(ts_node_child(n, count - 1)))
            return n;
        n = ts_node_child(n, count - 2);
    }
}

/* What growing pieces have in common. */
struct attempts {
    uint32_t error; /* where the first error is */
    unsigned same;  /* how often it stayed when the piece grew */
};

/* Whether the piece can be lowered: it has no error that comes of the cut, and it ends with a whole item,
 * or with an error behind which one can begin anew. */
static bool acceptable(const struct hcl_reader *r, TSTree *tree, str piece, struct attempts *a)
{
    TSNode root = ts_tree_root_node(tree), n = root;
    uint32_t count = ts_node_child_count(root);

    if (ts_node_has_error(root) && !r->incomplete) {
        uint32_t error = first_error(tree);

        a->same = error == a->error ? a->same + 1 : 0;
        a->error = error;
        if (a->same < SAME_ERROR)
            return false;
    }
    if (ts_node_has_error(root) && swallowed_item(tree, piece) != UINT32_MAX)
        return true;
    for (uint32_t i = count; i > 0 && (i == count || hcl_kind_of(n) == HCL_COMMENT); i--)
        n = ts_node_child(root, i - 1);
    n = inside_unclosed(n);
    if (count == 0 || ts_node_has_error(n) || ts_node_end_byte(n) < str_trim(piece).n)
        return false;
    while ((count = ts_node_child_count(n)) != 0)
        n = ts_node_child(n, count - 1);
    return hcl_kind_of(n) != HCL_UNTERMINATED && hcl_kind_of(n) != HCL_UNTERMINATED_COMMENT;
}

/* ---------------------------------------------------------------- reading */

/* Lowers the piece; returns how much of it is done. */
static size_t lower_piece(struct hcl_reader *r, TSTree *tree, str piece)
{
    r->text = piece;
    r->stop = ts_node_has_error(ts_tree_root_node(tree)) ? swallowed_item(tree, piece) : UINT32_MAX;
    hcl_go(r, ts_tree_root_node(tree));
    hcl_items(r);
    return r->stop != UINT32_MAX ? r->stop : piece.n;
}

/* The tree of a piece from the start of `text`; NULL when the parser was stopped or the piece is too large. */
static TSTree *grow_piece(const struct hcl_reader *r, TSParser *parser, str text, str *ret_piece)
{
    struct attempts a = {UINT32_MAX, 0};

    for (size_t size = r->incomplete ? BROKEN_PIECE : PIECE;; size *= GROWTH) {
        str piece = str_slice(text, 0, cut(text, size));
        TSTree *tree = piece.n > LIMIT_HCL_ITEM_BYTES ? NULL : hcl_parse(parser, piece);

        *ret_piece = piece;
        if (tree == NULL || piece.n == text.n || acceptable(r, tree, piece, &a))
            return tree;
        ts_tree_delete(tree);
        if (piece.n > size)
            size = piece.n;
    }
}

/* Reads a piece from the start of `text`; returns its length, or 0 after a diagnostic when it cannot be parsed. */
static size_t read_piece(struct hcl_reader *r, TSParser *parser, str text)
{
    str piece;
    TSTree *tree = grow_piece(r, parser, text, &piece);
    size_t n;

    if (tree == NULL && piece.n > LIMIT_HCL_ITEM_BYTES) {
        reader_diag(&r->diags, DIAG_LIMIT, hcl_span(r, 0, (uint32_t)text.n),
                    "an argument or block of more than %u bytes; the rest of the file is not read",
                    LIMIT_HCL_ITEM_BYTES);
        return 0;
    }
    if (tree == NULL) { /* an error that gets worse the more is read */
        piece = str_slice(text, 0, cut(text, BROKEN_PIECE));
        tree = hcl_parse(parser, piece);
    }
    if (tree == NULL) {
        hcl_report_stopped(r, 0);
        return 0;
    }
    n = lower_piece(r, tree, piece);
    ts_tree_delete(tree);
    return n;
}

void hcl_read_pieces(struct hcl_reader *r, str text)
{
    TSParser *parser = hcl_parser_new();
    size_t n = 1;

    while (text.n != 0 && n != 0 && !r->full && !reader_diags_full(&r->diags)) {
        r->text = text;
        n = read_piece(r, parser, text);
        r->base += (uint32_t)n;
        text = str_slice(text, n, text.n);
    }
    if (r->full)
        reader_diag(&r->diags, DIAG_LIMIT, (span){r->file, r->base, r->base + (uint32_t)text.n},
                    "the file has more than %u nodes; the rest is not read", LIMIT_NODES);
    if (text.n != 0 || r->full)
        r->incomplete = r->opens.at[0].incomplete = true;
    ts_parser_delete(parser);
}
