#include "report/excerpt.h"

#include "report/color.h"

enum { MIN_TEXT_WIDTH = 40, DEFAULT_TEXT_WIDTH = 160 };

/* Columns that the first `n` bytes take on a terminal when written by report_safe_text. */
static size_t shown_width(str text, size_t n)
{
    size_t width = 0;
    for (size_t i = 0; i < n && i < text.n;) {
        size_t len;
        uint32_t c = utf8_at(text, i, &len);
        width += display_columns(c);
        i += len ? len : 1;
    }
    return width;
}

static str cut_to_width(str text, size_t width)
{
    size_t i = 0, shown = 0;
    while (i < text.n && shown < width) {
        size_t len;
        utf8_at(text, i, &len);
        len = len ? len : 1;
        shown += shown_width(str_slice(text, i, i + len), len);
        i += len;
    }
    return str_slice(text, 0, i);
}

void excerpt_write(const struct report *r, span at, struct buf *out)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return;
    struct position from = source_position(s, at.start), to = source_position(s, at.end);
    str line = source_line(s, from.line);
    size_t width = r->width > MIN_TEXT_WIDTH + 10 ? r->width - 10 : DEFAULT_TEXT_WIDTH;
    if (width > LIMIT_SNIPPET_BYTES)
        width = LIMIT_SNIPPET_BYTES;
    str shown = cut_to_width(line, width);

    style_begin(r, out, STYLE_DIM);
    buf_printf(out, "%6u | ", from.line);
    style_end(r, out);
    report_safe_text(out, shown);
    if (shown.n < line.n)
        buf_add_c(out, "...");
    buf_add_c(out, "\n");

    size_t start = from.column - 1, end = to.line == from.line ? to.column - 1 : line.n;
    if (start >= shown.n)
        return;
    if (end > shown.n)
        end = shown.n;
    style_begin(r, out, STYLE_DIM);
    buf_add_c(out, "       | ");
    style_end(r, out);
    for (size_t i = 0, n = shown_width(shown, start); i < n; i++)
        buf_add_char(out, ' ');
    size_t carets = shown_width(shown, end) - shown_width(shown, start);
    style_begin(r, out, STYLE_BOLD);
    buf_add_char(out, '^');
    for (size_t i = 1; i < carets; i++)
        buf_add_char(out, '~');
    style_end(r, out);
    buf_add_c(out, "\n");
}
