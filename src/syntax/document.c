#include "syntax/document.h"

/* What a look at the text finds. */
struct findings {
    size_t nul, n_nul; /* the first one, how many */
    size_t bad, n_bad; /* ill-formed UTF-8 */
    size_t n_control;
};

static void look(str text, struct findings *f)
{
    size_t i = 0;

    while (i < text.n) {
        unsigned char c = (unsigned char)text.p[i];
        size_t length = 1;

        if (c == 0) {
            if (f->n_nul++ == 0)
                f->nul = i;
        } else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            f->n_control++;
        } else if (c >= 0x80 && utf8_at(text, i, &length) == 0xFFFD && length == 1) {
            if (f->n_bad++ == 0)
                f->bad = i;
        }
        i += length;
    }
}

static void report_nul(const struct source *s, const struct findings *f, struct diag_list *diags)
{
    span at = {s->id, (uint32_t)f->nul, (uint32_t)f->nul + 1};
    bool utf16 = s->text.n >= 4 && f->n_nul > s->text.n / 3;

    if (f->n_bad + f->n_control > s->text.n / 10)
        diag_add(diags, DIAG_NOT_TEXT, at, "the file is binary");
    else
        diag_add(diags, DIAG_NOT_TEXT, at, "the file has %s%s", f->n_nul == 1 ? "a NUL byte" : "NUL bytes",
                 utf16 ? "; UTF-16 is read only with a byte order mark" : "");
}

static void report_encoding(const struct source *s, const struct findings *f, struct diag_list *diags)
{
    span at = {s->id, (uint32_t)f->bad, (uint32_t)f->bad + 1};
    unsigned byte = (unsigned char)s->text.p[f->bad];

    if (f->n_bad == 1)
        diag_add(diags, DIAG_ENCODING, at, "the byte 0x%02X is not valid UTF-8", byte);
    else
        diag_add(diags, DIAG_ENCODING, at, "the byte 0x%02X is not valid UTF-8, one of %zu", byte, f->n_bad);
}

bool document_check_text(const struct source *s, struct diag_list *diags)
{
    static const char mark[] = "\xEF\xBB\xBF";
    struct findings f = {0};
    size_t bad;

    if (str_starts(s->text, str_of(mark)))
        diag_add(diags, DIAG_ENCODING, (span){s->id, 0, 3}, "the byte order mark stands twice");
    if (str_trim(s->text).n == 0) {
        diag_add(diags, DIAG_EMPTY, (span){s->id, 0, 0}, "the file is empty");
        return false;
    }
    if (memchr(s->text.p, '\0', s->text.n) == NULL && str_is_utf8(s->text, &bad))
        return true;
    look(s->text, &f);
    if (f.n_nul != 0) {
        report_nul(s, &f, diags);
        return false;
    }
    if (f.n_bad + f.n_control > s->text.n / 10 * 3 + 3) {
        diag_add(diags, DIAG_NOT_TEXT, (span){s->id, (uint32_t)f.bad, (uint32_t)f.bad + 1}, "the file is binary");
        return false;
    }
    report_encoding(s, &f, diags);
    return true;
}
