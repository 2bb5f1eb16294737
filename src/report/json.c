/* JSON and JSON Lines, in the shape that DESIGN.md section 6 fixes. */
#include "report/report.h"

static void write_position(const struct report *r, span at, struct buf *out, struct arena *a)
{
    const struct source *s = source_at(r->sources, at.file);
    report_json_field(out, "file", report_path(r, at, a));
    if (!s)
        return;
    struct position from = source_position(s, at.start), to = source_position(s, at.end);
    buf_printf(out, ", \"line\": %u, \"column\": %u, \"endLine\": %u, \"endColumn\": %u", from.line, from.column,
               to.line, to.column);
}

static void write_related(const struct report *r, const char *key, const struct related *at, size_t n, struct buf *out,
                          struct arena *a)
{
    buf_printf(out, ", \"%s\": [", key);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%s{\"message\": ", i ? ", " : "");
        buf_add_json(out, at[i].text);
        write_position(r, at[i].at, out, a);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void write_strings(const char *key, const str *at, size_t n, struct buf *out)
{
    buf_printf(out, ", \"%s\": [", key);
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, i ? ", " : "");
        buf_add_json(out, at[i]);
    }
    buf_add_char(out, ']');
}

static void write_rule(const struct finding *f, struct buf *out)
{
    buf_add_c(out, "{\"rule\": ");
    buf_add_json(out, f->rule->id);
    report_json_field(out, "name", f->rule->name);
    report_json_field(out, "severity", str_of(severity_name(f->severity)));
    report_json_field(out, "status", f->suppressed ? STR("suppressed") : str_of(status_name(f->status)));
}

static void write_subject(const struct finding *f, struct buf *out)
{
    report_json_field(out, "address", f->resource ? f->resource->address : STR_NONE);
    report_json_field(out, "kind", f->resource && f->resource->kind ? sym_str(f->resource->kind) : STR_NONE);
    report_json_field(out, "type", f->resource ? sym_str(f->resource->type) : STR_NONE);
}

/* "offset" and "length" are bytes of the file; the places are those of the text before any of the edits. */
static void write_edits(const struct report *r, const struct finding *f, struct buf *out, struct arena *a)
{
    buf_add_c(out, ", \"fix\": [");
    for (size_t i = 0; i < f->n_edits; i++) {
        const struct edit *e = &f->edit[i];
        const struct source *s = source_at(r->sources, e->at.file);
        buf_printf(out, "%s{\"offset\": %u, \"length\": %u", i ? ", " : "", s->mark + e->at.start,
                   e->at.end - e->at.start);
        write_position(r, e->at, out, a);
        report_json_field(out, "text", e->text);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void write_optional(const struct finding *f, struct buf *out)
{
    if (f->when.n)
        report_json_field(out, "when", f->when);
    if (f->reason.n)
        report_json_field(out, "reason", f->reason);
    if (f->attribute.n)
        report_json_field(out, "attribute", f->attribute);
    if (f->actual) {
        buf_add_c(out, ", \"actual\": ");
        value_to_json(f->actual, out, 0);
    }
    if (f->n_instances > 1)
        write_strings("instances", f->instance, f->n_instances, out);
    if (f->suppressed && f->suppression_reason.n)
        report_json_field(out, "suppression", f->suppression_reason);
    if (f->resource && f->resource->display_path.n)
        report_json_field(out, "path", f->resource->display_path);
}

static void write_finding(const struct report *r, const struct finding *f, struct buf *out, struct arena *a)
{
    write_rule(f, out);
    write_subject(f, out);
    write_position(r, f->at, out, a);
    report_json_field(out, "message", f->message);
    str *sections = ARENA_ARRAY(a, str, f->rule->n_citations + 1);
    for (size_t i = 0; i < f->rule->n_citations; i++)
        sections[i] = f->rule->citation[i].section;
    write_strings("hipaa", sections, f->rule->n_citations, out);
    write_related(r, "trail", f->trail, f->n_trail, out, a);
    write_related(r, "related", f->related, f->n_related, out, a);
    write_optional(f, out);
    if (f->n_edits)
        write_edits(r, f, out, a);
    buf_printf(out, ", \"fingerprint\": \"%016llx\"}", (unsigned long long)f->fingerprint);
}

static void write_diag(const struct report *r, const struct diag *d, struct buf *out, struct arena *a)
{
    buf_printf(out, "{\"id\": \"%s\", \"severity\": \"%s\"", diag_id_name(d->id), diag_severity_name(d->severity));
    if (d->at.file)
        write_position(r, d->at, out, a);
    else
        report_json_field(out, "file", d->path);
    report_json_field(out, "message", d->message);
    buf_add_char(out, '}');
}

static void write_summary(const struct report *r, struct buf *out)
{
    const struct evaluation_summary *s = &r->summary;
    buf_printf(
        out,
        "{\"files\": %zu, \"filesIncomplete\": %zu, \"resources\": %zu, \"unmodelled\": %zu, \"evaluated\": %zu, "
        "\"pass\": %zu, \"fail\": %zu, \"unknown\": %zu, \"suppressed\": %zu, \"presumed\": %zu, \"incomplete\": %s, "
        "\"exitStatus\": %d, "
        "\"unmodelledTypes\": {",
        s->files, s->files_incomplete, s->resources, s->unmodelled, s->evaluated, s->pass, s->fail, s->unknown,
        s->suppressed, s->presumed, r->incomplete ? "true" : "false", r->exit_status);
    const struct map *types = r->graph ? graph_unmodelled(r->graph) : NULL;
    for (size_t i = 0; types && i < types->n; i++) {
        buf_add_c(out, i ? ", " : "");
        buf_add_json(out, types->at[i].key);
        buf_printf(out, ": %zu", (size_t)(uintptr_t)types->at[i].value);
    }
    buf_add_c(out, "}}");
}

static bool is_listed(const struct report *r, const struct finding *f)
{
    return r->verbose || (f->status == STATUS_FAIL && !f->suppressed);
}

void report_json(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    buf_add_c(out, "{\"version\": ");
    buf_add_json(out, r->version);
    buf_add_c(out, ",\n\"findings\": [");
    bool first = true;
    for (size_t i = 0; i < r->findings->n; i++) {
        if (!is_listed(r, &r->findings->at[i]))
            continue;
        struct arena_mark mark = arena_mark(a);
        buf_add_c(out, first ? "\n  " : ",\n  ");
        write_finding(r, &r->findings->at[i], out, a);
        arena_rewind(a, mark);
        first = false;
    }
    buf_add_c(out, "],\n\"diagnostics\": [");
    for (size_t i = 0; i < r->diags->n; i++) {
        buf_add_c(out, i ? ",\n  " : "\n  ");
        write_diag(r, &r->diags->at[i], out, a);
    }
    buf_add_c(out, "],\n\"summary\": ");
    write_summary(r, out);
    buf_add_c(out, "}\n");
    arena_free(a);
}

/* One object a line: {"finding": ...}, {"diagnostic": ...}, last {"summary": ...}. */
void report_jsonl(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    for (size_t i = 0; i < r->findings->n; i++) {
        if (!is_listed(r, &r->findings->at[i]))
            continue;
        struct arena_mark mark = arena_mark(a);
        buf_add_c(out, "{\"finding\": ");
        write_finding(r, &r->findings->at[i], out, a);
        buf_add_c(out, "}\n");
        arena_rewind(a, mark);
    }
    for (size_t i = 0; i < r->diags->n; i++) {
        buf_add_c(out, "{\"diagnostic\": ");
        write_diag(r, &r->diags->at[i], out, a);
        buf_add_c(out, "}\n");
    }
    buf_add_c(out, "{\"summary\": ");
    write_summary(r, out);
    buf_add_c(out, "}\n");
    arena_free(a);
}
