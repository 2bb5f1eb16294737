#include "report/svg.h"

void svg_text(struct buf *out, str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t n;
        uint32_t c = utf8_at(s, i, &n);
        i += n ? n : 1;
        switch (c) {
        case '&':
            buf_add_c(out, "&amp;");
            break;
        case '<':
            buf_add_c(out, "&lt;");
            break;
        case '>':
            buf_add_c(out, "&gt;");
            break;
        case '"':
            buf_add_c(out, "&quot;");
            break;
        case '\'':
            buf_add_c(out, "&#39;");
            break;
        case '\n':
            buf_add_c(out, "&#10;");
            break;
        case '\t':
            buf_add_c(out, "&#9;");
            break;
        default:
            /* XML 1.0 has no other control characters, nor U+FFFE and U+FFFF. */
            if (utf8_is_bidi_control(c))
                buf_printf(out, "\\u%04x", c);
            else
                buf_add_utf8(out, c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff ? 0xfffd : c);
            break;
        }
    }
}
