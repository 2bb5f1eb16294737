#include "report/excerpt.h"

#include "report/color.h"

enum { MIN_TEXT_WIDTH = 40, DEFAULT_TEXT_WIDTH = 160 };

static void write_number(struct buf *out, uint32_t n)
{
    enum { DIGITS = 6 };
    size_t digits = 1;
    for (uint32_t rest = n; rest > 9; rest /= 10)
        digits++;
    buf_add_repeated(out, ' ', digits < DIGITS ? DIGITS - digits : 0);
    buf_printf(out, "%u", n);
}

/* The start of the text that takes so many columns on a terminal when written by report_safe_text; one character more
 * where it is wide. */
static str cut_to_width(str text, size_t width)
{
    size_t i = 0, shown = 0;
    while (i < text.n && shown < width) {
        size_t len, plain = report_plain_end(text, i);
        if (plain > i) {
            len = plain - i < width - shown ? plain - i : width - shown;
            shown += len;
        } else {
            shown += display_columns(utf8_at(text, i, &len));
            len = len ? len : 1;
        }
        i += len;
    }
    return str_slice(text, 0, i);
}

static void write_carets(const struct report *r, str line, size_t start, size_t end, struct buf *out)
{
    size_t before = display_width(str_slice(line, 0, start)), carets = display_width(str_slice(line, start, end));
    style_begin(r, out, STYLE_DIM);
    buf_add_c(out, "       | ");
    style_end(r, out);
    buf_add_repeated(out, ' ', before);
    style_begin(r, out, STYLE_BOLD);
    buf_add_char(out, '^');
    buf_add_repeated(out, '~', carets ? carets - 1 : 0);
    style_end(r, out);
    buf_add_c(out, "\n");
}

void excerpt_write(const struct report *r, span at, struct buf *out)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return;
    struct position from = source_position(s, at.start);
    str line = source_line(s, from.line), shown;
    size_t width = r->width > MIN_TEXT_WIDTH + 10 ? r->width - 10 : DEFAULT_TEXT_WIDTH;
    if (width > LIMIT_SNIPPET_BYTES)
        width = LIMIT_SNIPPET_BYTES;
    shown = cut_to_width(line, width);

    style_begin(r, out, STYLE_DIM);
    write_number(out, from.line);
    buf_add_c(out, " | ");
    style_end(r, out);
    report_safe_text(out, shown);
    if (shown.n < line.n)
        buf_add_c(out, "...");
    buf_add_c(out, "\n");

    size_t start = from.column - 1, end = at.end < at.start ? start : start + (at.end - at.start);
    if (start < shown.n)
        write_carets(r, shown, start, end < shown.n ? end : shown.n, out);
}
