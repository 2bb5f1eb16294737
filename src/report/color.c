#include "report/color.h"

#include "base/path.h"

enum { MIN_WRAPPED = 30 };

void style_begin(const struct report *r, struct buf *out, enum style s)
{
    static const char *const codes[] = {
        [STYLE_BOLD] = "1",  [STYLE_DIM] = "2",     [STYLE_PATH] = "1", [STYLE_CRITICAL] = "1;31",
        [STYLE_HIGH] = "31", [STYLE_MEDIUM] = "33", [STYLE_LOW] = "36", [STYLE_GOOD] = "32",
    };
    if (r->color)
        buf_printf(out, "\033[%sm", codes[s]);
}

void style_end(const struct report *r, struct buf *out)
{
    if (r->color)
        buf_add_c(out, "\033[0m");
}

enum style style_of_severity(enum severity s)
{
    switch (s) {
    case SEVERITY_CRITICAL:
        return STYLE_CRITICAL;
    case SEVERITY_HIGH:
        return STYLE_HIGH;
    case SEVERITY_MEDIUM:
        return STYLE_MEDIUM;
    default:
        return STYLE_LOW;
    }
}

/* ---------------------------------------------------------------- links */

void link_begin(const struct report *r, struct buf *out, str path)
{
    static const char hex[] = "0123456789ABCDEF";
    if (!r->links)
        return;
    struct arena *a = arena_new();
    str absolute = path_normalise(a, path_join(a, r->cwd, path));
    buf_add_c(out, "\033]8;;file://");
    for (size_t i = 0; i < absolute.n; i++) {
        unsigned char c = (unsigned char)absolute.p[i];
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
        if (plain)
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "%%%c%c", hex[c >> 4], hex[c & 15]);
    }
    buf_add_c(out, "\033\\");
    arena_free(a);
}

void link_end(const struct report *r, struct buf *out)
{
    if (r->links)
        buf_add_c(out, "\033]8;;\033\\");
}

/* ---------------------------------------------------------------- columns */

size_t display_columns(uint32_t c)
{
    static const uint32_t none[][2] = {{0x0300, 0x036f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
    static const uint32_t wide[][2] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
                                       {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                                       {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (c == '\t' || c < 0x20 || c == 0x7f)
        return sizeof("\\x00") - 1;
    if (c < 0x7f)
        return 1;
    if (c < 0xa0 || utf8_is_bidi_control(c))
        return sizeof("\\u0000") - 1;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (c >= none[i][0] && c <= none[i][1])
            return 0;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (c >= wide[i][0] && c <= wide[i][1])
            return 2;
    return 1;
}

size_t display_width(str text)
{
    size_t columns = 0;
    for (size_t i = 0, n; i < text.n; i += n ? n : 1) {
        size_t plain = report_plain_end(text, i);
        columns += plain - i;
        i = plain;
        if (i == text.n)
            break;
        columns += display_columns(utf8_at(text, i, &n));
    }
    return columns;
}

void write_wrapped(const struct report *r, struct buf *out, str text, size_t column, size_t indent)
{
    bool first = true;
    if (r->width <= indent + MIN_WRAPPED) {
        report_safe_text(out, str_ends(text, STR(" ")) ? str_slice(text, 0, text.n - 1) : text);
        return;
    }
    for (str rest = text; rest.p && rest.n; first = false) {
        str word = str_cut(rest, ' ', &rest);
        size_t columns = display_width(word);
        if (!first && column + 1 + columns > r->width) {
            buf_add_char(out, '\n');
            buf_add_repeated(out, ' ', indent);
            column = indent;
        } else if (!first) {
            buf_add_char(out, ' ');
            column++;
        }
        report_safe_text(out, word);
        column += columns;
    }
}
