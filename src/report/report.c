#include "report/report.h"

#include "base/path.h"

const struct report_format report_formats[] = {
    {"text", report_text, "for people (the default)", false, false},
    {"sarif", report_sarif, "SARIF 2.1.0, as GitHub code scanning takes it", true, true},
    {"junit", report_junit, "JUnit XML, as Jenkins, GitLab and CodeBuild take it", false, false},
    {"json", report_json, "one JSON document", false, false},
    {"jsonl", report_jsonl, "one JSON object a line", false, false},
    {"github", report_github, "text and the workflow commands of GitHub Actions", false, false},
    {"gitlab", report_gitlab, "GitLab Code Quality", true, false},
    {"markdown", report_markdown, "a summary for a pull request", false, false},
    {"html", report_html, "one page for people, without any other file", true, false},
    {NULL, NULL, NULL, false, false},
};

const struct report_format *report_format_find(str name)
{
    for (const struct report_format *f = report_formats; f->name; f++)
        if (str_eq_c(name, f->name))
            return f;
    return NULL;
}

str report_path(const struct report *r, span at, struct arena *a)
{
    const struct source *s = source_at(r->sources, at.file);
    if (!s)
        return STR_NONE;
    if (s->is_template_of_other)
        return s->path;
    str absolute = path_normalise(a, path_join(a, r->cwd, s->path));
    if (r->root.n && path_is_below(absolute, r->root))
        return path_relative(a, absolute, r->root);
    /* A link on the way: the real path may be below although the name is not. */
    str real = path_real(a, s->path);
    if (real.n && r->root.n && path_is_below(real, r->root))
        return path_relative(a, real, r->root);
    return path_normalise(a, s->path);
}

void report_json_field(struct buf *out, const char *key, str value)
{
    buf_printf(out, ", \"%s\": ", key);
    buf_add_json(out, value);
}

size_t report_plain_end(str s, size_t from)
{
    while (from < s.n && s.p[from] >= ' ' && s.p[from] < 0x7f)
        from++;
    return from;
}

void report_safe_text(struct buf *out, str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t plain = report_plain_end(s, i);
        buf_add(out, str_slice(s, i, plain));
        i = plain;
        if (i == s.n)
            return;
        size_t n;
        uint32_t c = utf8_at(s, i, &n);
        if (c == '\t')
            buf_add_c(out, "    ");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\x%02x", c);
        else if ((c >= 0x80 && c < 0xa0) || utf8_is_bidi_control(c))
            buf_printf(out, "\\u%04x", c);
        else
            buf_add_utf8(out, c);
        i += n ? n : 1;
    }
}

static bool is_installed(const struct report *r, span at)
{
    const struct source *s = source_at(r->sources, at.file);
    return s && (str_contains(s->path, STR("/.terraform/modules/")) || str_starts(s->path, STR(".terraform/modules/")));
}

span report_place(const struct report *r, const struct finding *f)
{
    if (!is_installed(r, f->at))
        return f->at;
    for (const struct call_site *c = f->resource ? f->resource->call : NULL; c; c = c->outer)
        if (c->at.file && !is_installed(r, c->at))
            return c->at;
    return f->at;
}

str report_cut(str s, size_t max)
{
    size_t n = s.n < max ? s.n : max;
    while (n < s.n && n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_slice(s, 0, n);
}

str report_finding_address(const struct finding *f, struct arena *a)
{
    if (!f->resource)
        return STR_NONE;
    if (f->n_instances <= 1)
        return f->resource->address;
    return arena_printf(a, STR_FMT " (%zu instances)", STR_ARG(f->resource->address), f->n_instances);
}
