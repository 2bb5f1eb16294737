/* tree-sitter says where it lost its way, not what was wrong: the sentence is made of what stands there and
 * of what it stands in. */
#include "syntax/hcl_internal.h"

enum { CHILDREN_LOOKED_AT = 256, LONGEST_QUOTE = 40 };

void hcl_report(struct hcl_reader *r, uint32_t start, uint32_t end, const char *message)
{
    r->incomplete = true;
    if (end > r->text.n)
        end = (uint32_t)r->text.n;
    reader_diag(&r->diags, DIAG_SYNTAX, hcl_span(r, start < end ? start : end, end), "%s", message);
}

void hcl_report_unterminated(struct hcl_reader *r, uint32_t start)
{
    bool heredoc = r->text.p[start] == '<';
    const char *newline = memchr(r->text.p + start, '\n', r->end - start);
    uint32_t end = newline != NULL ? (uint32_t)(newline - r->text.p) : r->end;

    r->n_errors++;
    r->ends_open |= heredoc;
    if (end > start && r->text.p[end - 1] == '\r')
        end--;
    if (heredoc)
        hcl_report(r, start, end, "the heredoc is not closed: no line consists of its delimiter");
    else
        hcl_report(r, start, end, "the string is not closed on its line");
}

void hcl_report_unterminated_comment(struct hcl_reader *r)
{
    r->ends_open = true;
    r->opens.at[r->opens.n - 1].incomplete = true;
    hcl_report(r, r->start, r->start + 2, "the comment is not closed");
}

/* ---------------------------------------------------------------- surroundings */

/* What stands around the node. */
struct surroundings {
    TSNode parent, before, opener; /* null nodes when there is none; the last bracket before it that opens */
    enum hcl_kind in, behind;
};

static bool opens(enum hcl_kind kind)
{
    return kind == HCL_OPEN_BRACE || kind == HCL_OPEN_BRACKET || kind == HCL_OPEN_PAREN || kind == HCL_CALLEE ||
           kind == HCL_INTERPOLATION_OPEN || kind == HCL_INTERPOLATION_OPEN_STRIP || kind == HCL_DIRECTIVE ||
           kind == HCL_DIRECTIVE_STRIP;
}

static bool closes(enum hcl_kind kind)
{
    return kind == HCL_CLOSE_BRACE || kind == HCL_CLOSE_BRACE_STRIP || kind == HCL_CLOSE_BRACKET ||
           kind == HCL_CLOSE_PAREN;
}

/* ts_node_parent does not find the parent of a node of no width. */
static struct surroundings look_around(const struct hcl_reader *r)
{
    struct surroundings s = {.in = HCL_FILE, .behind = HCL_OTHER};
    TSTreeCursor c;

    if (r->level == 0)
        return s;
    c = ts_tree_cursor_copy(&r->cursors.at[r->level - 1]);
    if (ts_tree_cursor_goto_parent(&c)) {
        s.parent = ts_tree_cursor_current_node(&c);
        s.in = hcl_kind_of(s.parent);
        for (bool more = ts_tree_cursor_goto_first_child(&c); more; more = ts_tree_cursor_goto_next_sibling(&c)) {
            TSNode n = ts_tree_cursor_current_node(&c);
            enum hcl_kind kind = hcl_kind_of(n);

            if (ts_node_eq(n, r->node))
                break;
            if (kind == HCL_COMMENT)
                continue;
            s.before = n;
            s.behind = kind;
            if (opens(kind))
                s.opener = n;
        }
    }
    ts_tree_cursor_delete(&c);
    return s;
}

/* ---------------------------------------------------------------- missing tokens */

static const char block_not_closed[] = "this block is not closed: its '}' is missing";

static void report_unclosed(struct hcl_reader *r, TSNode opener, bool block)
{
    uint32_t start = ts_node_start_byte(opener), end = ts_node_end_byte(opener);

    if (hcl_kind_of(opener) == HCL_CALLEE)
        start = end - 1;
    if (block)
        hcl_report(r, start, end, block_not_closed);
    else
        reader_diag(&r->diags, DIAG_SYNTAX, hcl_span(r, start, end), "the '" STR_FMT "' is not closed",
                    STR_ARG(hcl_slice(r, start, end)));
}

void hcl_report_missing(struct hcl_reader *r)
{
    struct surroundings s;
    uint32_t start = r->start, end = start;

    r->n_errors++;
    r->incomplete = true;
    if (reader_diags_full(&r->diags) || (r->ends_open && r->start >= str_trim(r->text).n))
        return;
    s = look_around(r);
    if (closes(r->kind) && !ts_node_is_null(s.opener)) {
        report_unclosed(r, s.opener, s.in == HCL_BLOCK);
        return;
    }
    if (!ts_node_is_null(s.before) && ts_node_start_byte(s.before) < start) {
        start = ts_node_start_byte(s.before);
        end = ts_node_end_byte(s.before);
    }
    if (s.behind == HCL_ASSIGN)
        hcl_report(r, start, end, "expected a value after '='");
    else if (hcl_is_expression(r->kind))
        hcl_report(r, start, end, "expected a value after this");
    else
        reader_diag(&r->diags, DIAG_SYNTAX, hcl_span(r, start, end), "expected '%s' after this", ts_node_type(r->node));
}

/* ---------------------------------------------------------------- what cannot be there */

/* Where to point. */
struct culprit {
    uint32_t start, end;
    const char *message; /* NULL: "unexpected" and what is there */
};

static struct culprit at_node(TSNode n, const char *message)
{
    return (struct culprit){ts_node_start_byte(n), ts_node_end_byte(n), message};
}

/* Inside an expression: when a value may stand here and does, the next thing is wrong. */
static struct culprit in_expression(TSNode error, const struct surroundings *s)
{
    TSTreeCursor c = ts_tree_cursor_new(error);
    struct culprit found = at_node(error, NULL);
    bool value_may_stand = opens(s->behind) || (s->behind >= HCL_NOT && !closes(s->behind));

    if (ts_tree_cursor_goto_first_child(&c)) {
        TSNode first = ts_tree_cursor_current_node(&c);
        enum hcl_kind kind = hcl_kind_of(first);

        found = at_node(first, NULL);
        if (value_may_stand && hcl_is_expression(kind) && ts_tree_cursor_goto_next_sibling(&c)) {
            TSNode second = ts_tree_cursor_current_node(&c);

            found = at_node(second, NULL);
            if (kind == HCL_IDENTIFIER && s->in == HCL_ATTRIBUTE && s->behind == HCL_ASSIGN &&
                hcl_kind_of(second) == HCL_ASSIGN)
                found = at_node(s->before, "expected a value after '='");
        }
    }
    ts_tree_cursor_delete(&c);
    return found;
}

/* Among items, where an error can hold the start of a block or attribute. */
struct body_scan {
    struct culprit found;
    TSNode opener; /* of the outermost bracket that is open */
    bool of_block;
    unsigned depth;
    enum hcl_kind before;
};

/* True when it is clear what is wrong. */
static bool scan_child(struct body_scan *b, TSNode n, bool first)
{
    enum hcl_kind kind = hcl_kind_of(n), before = b->before;

    b->before = kind;
    if (opens(kind)) {
        if (b->depth++ == 0) {
            b->opener = n;
            b->of_block = kind == HCL_OPEN_BRACE && (before == HCL_IDENTIFIER || before == HCL_STRING);
        }
        return false;
    }
    if (closes(kind) && b->depth > 0) {
        b->depth--;
        return false;
    }
    if (kind == HCL_ERROR || closes(kind)) {
        b->found = at_node(n, NULL);
        return true;
    }
    if (b->depth > 0)
        return false;
    if (kind == HCL_ASSIGN)
        b->found = at_node(n, "expected a value after '='");
    else if (first)
        b->found = at_node(n, kind == HCL_IDENTIFIER ? "expected '=' or a block after this name" : NULL);
    return false;
}

static struct culprit in_body(const struct hcl_reader *r, TSNode error, bool *ret_unclosed, struct body_scan *b)
{
    TSTreeCursor c = ts_tree_cursor_new(error);
    unsigned looked = 0;
    bool clear = false;

    *b = (struct body_scan){.found = at_node(error, NULL), .before = HCL_OTHER};
    if (b->found.start < r->first)
        b->found.start = r->first;
    for (bool more = ts_tree_cursor_goto_first_child(&c); more && !clear && looked < CHILDREN_LOOKED_AT;
         more = ts_tree_cursor_goto_next_sibling(&c)) {
        TSNode n = ts_tree_cursor_current_node(&c);

        if (ts_node_start_byte(n) >= r->stop)
            break;
        if (hcl_kind_of(n) != HCL_COMMENT && ts_node_start_byte(n) >= r->first)
            clear = scan_child(b, n, looked++ == 0);
    }
    ts_tree_cursor_delete(&c);
    *ret_unclosed = !clear && b->depth > 0;
    return b->found;
}

static const char *expected_in(enum hcl_kind parent, enum hcl_kind before)
{
    switch (parent) {
    case HCL_ATTRIBUTE:
        return before == HCL_ASSIGN ? "; expected a value after '='" : "; expected a new line after the value";
    case HCL_FILE:
    case HCL_BLOCK:
        return "; expected an argument or a block";
    case HCL_CALL:
        return "; expected ',' or ')' between the arguments of a function";
    case HCL_TUPLE:
        return "; expected ',' or ']' in a list";
    case HCL_OBJECT:
    case HCL_ELEMENT:
        return "; expected key = value in an object";
    case HCL_INDEX:
        return "; expected ']'";
    case HCL_PAREN:
        return "; expected ')'";
    case HCL_INTERPOLATION:
        return "; expected one expression and '}'; a literal \"${\" is written \"$${\"";
    case HCL_TEMPLATE:
    case HCL_HEREDOC:
    case HCL_TEMPLATE_IF:
    case HCL_TEMPLATE_FOR:
        return "; directives are if, else, endif, for and endfor; a literal \"%{\" is written \"%%{\"";
    default:
        return "";
    }
}

static const char *hint(str text)
{
    if (str_starts(text, STR("'")))
        return "; strings stand in double quotes";
    if (str_starts(text, STR("\xE2\x80\x9C")) || str_starts(text, STR("\xE2\x80\x9D")) ||
        str_starts(text, STR("\xE2\x80\x98")) || str_starts(text, STR("\xE2\x80\x99")))
        return "; this is a typographic quotation mark";
    return NULL;
}

/* The first word, or the first character when no word begins there. */
static uint32_t first_word(str text)
{
    size_t n = 0, width = 0;

    if (text.n == 0)
        return 0;
    while (n < text.n && n < LONGEST_QUOTE && (unsigned char)text.p[n] > ' ' && (unsigned char)text.p[n] < 0x7F &&
           strchr("'\"`,;(){}[]", text.p[n]) == NULL)
        n++;
    if (n == 0)
        utf8_at(text, 0, &width);
    return (uint32_t)(n != 0 ? n : width);
}

static void report_unexpected(struct hcl_reader *r, struct culprit c, const char *expected)
{
    uint32_t n = first_word(hcl_slice(r, c.start, c.end));
    str text = hcl_slice(r, c.start, c.start + n);
    const char *more = hint(text);
    size_t bad;

    if (text.n == 0)
        hcl_report(r, c.start, c.end, "the text cannot be read from here on");
    else if ((unsigned char)text.p[0] < 0x20 || text.p[0] == 0x7F)
        hcl_report(r, c.start, c.start + 1, "unexpected control character");
    else if (!str_is_utf8(text, &bad))
        hcl_report(r, c.start, c.start + 1, "unexpected byte that is not valid UTF-8");
    else
        reader_diag(&r->diags, DIAG_SYNTAX, hcl_span(r, c.start, c.start + n), "unexpected '" STR_FMT "'%s",
                    STR_ARG(text), more != NULL ? more : expected);
}

void hcl_report_error(struct hcl_reader *r)
{
    struct surroundings s;
    struct body_scan scan;
    struct culprit c;
    bool unclosed = false, after_value;

    r->n_errors++;
    r->incomplete = true;
    if (reader_diags_full(&r->diags))
        return;
    s = look_around(r);
    if (r->first != 0 && s.in == HCL_FILE)
        s.in = HCL_ERROR;
    if (s.in == HCL_FILE || s.in == HCL_BLOCK || s.in == HCL_ERROR)
        c = in_body(r, r->node, &unclosed, &scan);
    else
        c = in_expression(r->node, &s);
    after_value = s.in == HCL_ATTRIBUTE && c.start > r->start;
    if (unclosed)
        report_unclosed(r, scan.opener, scan.of_block);
    else if (c.message != NULL)
        hcl_report(r, c.start, c.end, c.message);
    else
        report_unexpected(r, c, expected_in(s.in, after_value ? HCL_OTHER : s.behind));
}
