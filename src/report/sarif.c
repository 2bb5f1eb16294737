/* SARIF 2.1.0 as GitHub code scanning takes it: one run, minified, rules unique, regions tight. */
#include "base/vec.h"
#include "report/line_hash.h"
#include "report/sarif_rule.h"

/* What GitHub accepts of results is more, but it shows these; of locations it shows 100. */
enum { MAX_RESULTS = 5000, MAX_RELATED = 20, MAX_NOTIFICATIONS = 1000, MAX_INSTANCES = 10 };

static const char home_url[] = "https://github.com/hipaalint/hipaalint";

struct hashes {
    const struct line_hash *line;
    size_t n;
};

struct sarif {
    const struct report *r;
    struct buf *out;
    struct arena *a;
    const struct rule **rule; /* reported rules, by id */
    size_t n_rules;
    struct map rule_index; /* id -> (void *)(index + 1) */
    struct hashes *hashes; /* by source id, made when a result first needs them */
};

static const char *level_of(const struct finding *f)
{
    return f->status == STATUS_UNKNOWN ? "note" : sarif_level(f->severity);
}

static void text_field(struct sarif *s, const char *key, str value)
{
    buf_printf(s->out, "\"%s\":", key);
    buf_add_json(s->out, value);
}

/* A URI reference: everything but unreserved characters and slashes is percent-encoded. */
static str uri_of(struct sarif *s, str path)
{
    static const char hex[] = "0123456789ABCDEF";
    struct buf b;
    buf_init(&b, LIMIT_PATH_BYTES * 3);
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/", c);
        if (plain && c)
            buf_add_char(&b, (char)c);
        else
            buf_printf(&b, "%%%c%c", hex[c >> 4], hex[c & 15]);
    }
    str u = buf_copy(&b, s->a);
    buf_release(&b);
    return u.n ? u : STR("unknown");
}

/* Columns count UTF-16 units, the schema's default. */
static uint32_t utf16_column(const struct source *src, struct position p)
{
    str line = source_line(src, p.line);
    uint32_t units = 1;
    for (size_t i = 0; i < line.n && i + 1 < p.column;) {
        size_t n;
        units += utf8_at(line, i, &n) > 0xffff ? 2 : 1;
        i += n ? n : 1;
    }
    return units;
}

static void physical_location(struct sarif *s, span at)
{
    const struct source *src = source_at(s->r->sources, at.file);
    buf_add_c(s->out, "\"physicalLocation\":{\"artifactLocation\":{");
    text_field(s, "uri", uri_of(s, report_path(s->r, at, s->a)));
    buf_add_c(s->out, ",\"uriBaseId\":\"%SRCROOT%\"}");
    if (src) {
        struct position from = source_position(src, at.start), to = source_position(src, at.end);
        uint32_t start = utf16_column(src, from), end = utf16_column(src, to);
        if (to.line == from.line && end <= start)
            end = start + 1;
        buf_printf(s->out, ",\"region\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,\"endColumn\":%u}",
                   from.line, start, to.line, end);
    }
    buf_add_char(s->out, '}');
}

/* One place with what it is. */
static void write_step(struct sarif *s, span at, str text)
{
    physical_location(s, at);
    buf_add_char(s->out, ',');
    sarif_message(s->out, "message", text);
}

static void write_related(struct sarif *s, const struct finding *f)
{
    size_t n = f->n_related < MAX_RELATED ? f->n_related : MAX_RELATED;
    if (!n)
        return;
    buf_add_c(s->out, ",\"relatedLocations\":[");
    for (size_t i = 0; i < n; i++) {
        buf_printf(s->out, "%s{\"id\":%zu,", i ? "," : "", i + 1);
        write_step(s, f->related[i].at, f->related[i].text);
        buf_add_char(s->out, '}');
    }
    buf_add_char(s->out, ']');
}

static void flow_step(struct sarif *s, span at, str text, bool *is_later)
{
    buf_add_c(s->out, *is_later ? ",{\"location\":{" : "{\"location\":{");
    write_step(s, at, text);
    buf_add_c(s->out, "}}");
    *is_later = true;
}

static void flow_steps(struct sarif *s, const struct finding *f, enum related_kind kind, bool backwards, bool *is_later)
{
    for (size_t i = 0; i < f->n_related; i++) {
        const struct related *x = &f->related[backwards ? f->n_related - 1 - i : i];
        if (x->kind == kind)
            flow_step(s, x->at, x->text, is_later);
    }
}

/* From where it begins to where it is wrong: the calls from the outermost, the value from its source, the other
 * resources on the way, the resource, the place. */
static void write_code_flow(struct sarif *s, const struct finding *f, span place)
{
    if (!f->n_related)
        return;
    bool later = false;
    buf_add_c(s->out, ",\"codeFlows\":[{\"threadFlows\":[{\"locations\":[");
    flow_steps(s, f, RELATED_CALL, true, &later);
    flow_steps(s, f, RELATED_VALUE, true, &later);
    flow_steps(s, f, RELATED_RESOURCE, false, &later);
    flow_steps(s, f, RELATED_HEADER, false, &later);
    flow_step(s, place, f->message, &later);
    buf_add_c(s->out, "]}]}]");
}

/* In a message `[text](1)` is a link and `{0}` a placeholder: what comes from input is neither. */
static void add_plain(struct buf *b, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : 0;
        if (c == ']' && next == '(')
            buf_add_c(b, "\\]");
        else if (c == '{' && next >= '0' && next <= '9')
            buf_add_c(b, "{{");
        else
            buf_add_char(b, c);
    }
}

static void add_link(struct buf *b, str text, size_t id)
{
    buf_add_char(b, '[');
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("[]\\", text.p[i]))
            buf_add_char(b, '\\');
        buf_add_char(b, text.p[i]);
    }
    buf_printf(b, "](%zu)", id);
}

static str message_text(struct sarif *s, const struct finding *f)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    add_plain(&b, f->message);
    if (f->when.n) {
        buf_add_c(&b, ", ");
        add_plain(&b, f->when);
    }
    if (f->status == STATUS_UNKNOWN) {
        buf_add_c(&b, ": unknown, ");
        add_plain(&b, f->reason);
    }
    buf_add_char(&b, '.');
    if (f->n_instances > 1) {
        buf_printf(&b, " %zu instances:", f->n_instances);
        for (size_t i = 0; i < f->n_instances && i < MAX_INSTANCES; i++) {
            buf_add_c(&b, i ? ", " : " ");
            add_plain(&b, f->instance[i]);
        }
        buf_add_c(&b, f->n_instances > MAX_INSTANCES ? ", ..." : ".");
    }
    for (size_t i = 0; i < f->n_related && i < MAX_RELATED; i++) {
        buf_add_c(&b, i ? ", " : " See ");
        add_link(&b, f->related[i].text, i + 1);
    }
    buf_add_c(&b, f->n_related ? "." : "");
    str text = buf_copy(&b, s->a);
    buf_release(&b);
    return text;
}

static void write_fingerprints(struct sarif *s, const struct finding *f, span place)
{
    const struct source *src = source_at(s->r->sources, place.file);
    buf_add_c(s->out, ",\"partialFingerprints\":{");
    if (src) {
        struct hashes *h = &s->hashes[place.file];
        if (!h->line)
            h->line = line_hashes(src, s->a, &h->n);
        const struct line_hash *x = &h->line[source_position(src, place.start).line];
        buf_printf(s->out, "\"primaryLocationLineHash\":\"%llx:%u\",", (unsigned long long)x->hash, x->occurrence);
    }
    buf_printf(s->out, "\"hipaalint/v1\":\"%016llx\"}", (unsigned long long)f->fingerprint);
}

/* The region is given by lines and columns and by bytes of the file: for an insertion it is empty. */
static void write_replacement(struct sarif *s, const struct edit *e)
{
    const struct source *src = source_at(s->r->sources, e->at.file);
    struct position from = source_position(src, e->at.start), to = source_position(src, e->at.end);
    buf_printf(s->out,
               "{\"deletedRegion\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,\"endColumn\":%u,"
               "\"byteOffset\":%u,\"byteLength\":%u},\"insertedContent\":{",
               from.line, utf16_column(src, from), to.line, utf16_column(src, to), src->mark + e->at.start,
               e->at.end - e->at.start);
    text_field(s, "text", e->text);
    buf_add_c(s->out, "}}");
}

static void write_fix(struct sarif *s, const struct finding *f)
{
    if (!f->n_edits)
        return;
    buf_add_c(s->out, ",\"fixes\":[{");
    sarif_message(s->out, "description", f->rule->title);
    buf_add_c(s->out, ",\"artifactChanges\":[");
    for (size_t i = 0; i < f->n_edits;) {
        uint32_t file = f->edit[i].at.file;
        buf_add_c(s->out, i ? ",{\"artifactLocation\":{" : "{\"artifactLocation\":{");
        text_field(s, "uri", uri_of(s, report_path(s->r, f->edit[i].at, s->a)));
        buf_add_c(s->out, ",\"uriBaseId\":\"%SRCROOT%\"},\"replacements\":[");
        for (bool first = true; i < f->n_edits && f->edit[i].at.file == file; i++, first = false) {
            buf_add_c(s->out, first ? "" : ",");
            write_replacement(s, &f->edit[i]);
        }
        buf_add_c(s->out, "]}");
    }
    buf_add_c(s->out, "]}]");
}

static void write_suppression(struct sarif *s, const struct finding *f)
{
    bool in_source = f->suppressed == SUPPRESSED_INLINE || f->suppressed == SUPPRESSED_METADATA;
    buf_printf(s->out, ",\"suppressions\":[{\"kind\":\"%s\",\"status\":\"accepted\"",
               in_source ? "inSource" : "external");
    if (f->suppression_reason.n) {
        buf_add_char(s->out, ',');
        text_field(s, "justification", f->suppression_reason);
    }
    buf_add_c(s->out, "}]");
}

static void write_result(struct sarif *s, const struct finding *f)
{
    size_t index = (size_t)(uintptr_t)map_find(&s->rule_index, f->rule->id) - 1;
    span place = report_place(s->r, f);
    buf_add_char(s->out, '{');
    text_field(s, "ruleId", f->rule->id);
    buf_printf(s->out, ",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{", index, level_of(f));
    text_field(s, "text", message_text(s, f));
    buf_add_c(s->out, "},\"locations\":[{");
    physical_location(s, place);
    if (f->resource) {
        buf_add_c(s->out, ",\"logicalLocations\":[{");
        text_field(s, "name", f->resource->name.n ? f->resource->name : f->resource->address);
        buf_add_char(s->out, ',');
        text_field(s, "fullyQualifiedName",
                   f->resource->display_path.n ? f->resource->display_path : f->resource->address);
        buf_add_c(s->out, ",\"kind\":\"resource\"}]");
    }
    buf_add_c(s->out, "}]");
    write_related(s, f);
    write_code_flow(s, f, place);
    write_fingerprints(s, f, place);
    write_fix(s, f);
    if (f->suppressed)
        write_suppression(s, f);
    buf_add_char(s->out, '}');
}

static bool is_reported(const struct sarif *s, const struct finding *f)
{
    if (f->suppressed)
        return s->r->sarif_suppressed;
    return f->status == STATUS_FAIL || (s->r->verbose && f->status == STATUS_UNKNOWN);
}

static void collect_rules(struct sarif *s)
{
    s->rule = ARENA_ARRAY(s->a, const struct rule *, s->r->findings->n + 1);
    for (size_t i = 0; i < s->r->findings->n; i++) {
        const struct finding *f = &s->r->findings->at[i];
        if (is_reported(s, f) && !map_has(&s->rule_index, f->rule->id)) {
            map_set(&s->rule_index, f->rule->id, s);
            s->rule[s->n_rules++] = f->rule;
        }
    }
    if (s->n_rules)
        qsort(s->rule, s->n_rules, sizeof(*s->rule), rule_compare);
    for (size_t i = 0; i < s->n_rules; i++)
        map_set(&s->rule_index, s->rule[i]->id, (void *)(uintptr_t)(i + 1));
}

/* Worst first within the number that GitHub shows; the order of the report otherwise. */
static size_t write_results(struct sarif *s)
{
    size_t written = 0, left_out = 0;
    for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO; severity--) {
        for (size_t i = 0; i < s->r->findings->n; i++) {
            const struct finding *f = &s->r->findings->at[i];
            if ((int)f->severity != severity || !is_reported(s, f))
                continue;
            if (written == MAX_RESULTS) {
                left_out++;
                continue;
            }
            buf_add_c(s->out, written++ ? ",\n" : "\n");
            write_result(s, f);
        }
    }
    return left_out;
}

static void write_notification(struct sarif *s, enum diag_severity severity, enum diag_id id, span at, str text)
{
    static const char *const levels[] = {"note", "warning", "error"};
    buf_printf(s->out, "{\"level\":\"%s\",\"descriptor\":{\"id\":\"%s\"},\"message\":{", levels[severity],
               diag_id_name(id));
    text_field(s, "text", text);
    buf_add_char(s->out, '}');
    if (at.file) {
        buf_add_c(s->out, ",\"locations\":[{");
        physical_location(s, at);
        buf_add_c(s->out, "}]");
    }
    buf_add_char(s->out, '}');
}

/* Errors first, so that a cut leaves out the least. */
static void write_notifications(struct sarif *s, size_t results_left_out)
{
    size_t written = 0, left_out = 0;
    buf_add_c(s->out, "\"toolExecutionNotifications\":[");
    if (results_left_out) {
        str text = arena_printf(s->a, "%zu results of lower severity were left out: GitHub shows %d of a run.",
                                results_left_out, MAX_RESULTS);
        write_notification(s, DIAG_WARNING, DIAG_LIMIT, SPAN_NONE, text);
        written++;
    }
    for (int severity = DIAG_ERROR; severity >= DIAG_NOTE; severity--) {
        for (size_t i = 0; i < s->r->diags->n; i++) {
            const struct diag *d = &s->r->diags->at[i];
            if ((int)d->severity != severity)
                continue;
            if (written >= MAX_NOTIFICATIONS) {
                left_out++;
                continue;
            }
            buf_add_c(s->out, written++ ? ",\n" : "");
            bool named = d->path.n && !d->at.file;
            write_notification(s, d->severity, d->id, d->at,
                               arena_printf(s->a, STR_FMT "%s" STR_FMT ".", STR_ARG(named ? d->path : STR_NONE),
                                            named ? ": " : "", STR_ARG(d->message)));
        }
    }
    if (left_out) {
        buf_add_c(s->out, ",\n");
        write_notification(s, DIAG_WARNING, DIAG_LIMIT, SPAN_NONE,
                           arena_printf(s->a, "%zu more notifications were left out.", left_out));
    }
    buf_add_char(s->out, ']');
}

/* What the notifications may be, as the table that they name. */
static void write_notification_table(struct sarif *s)
{
    static const char *const texts[] = {
#define X(enumerator, id, severity, text) [enumerator] = text,
        DIAG_TABLE(X)
#undef X
    };
    buf_add_c(s->out, "],\"notifications\":[");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_printf(s->out, "%s{\"id\":\"%s\",", i ? "," : "", diag_id_name((enum diag_id)i));
        sarif_message(s->out, "shortDescription", arena_printf(s->a, "%s.", texts[i]));
        buf_add_char(s->out, '}');
    }
}

/* What stands before the last slash is the category. */
static str run_id(struct sarif *s)
{
    str id = s->r->category;
    return str_find_char(id, '/') == SIZE_MAX ? arena_printf(s->a, STR_FMT "/", STR_ARG(id)) : id;
}

void report_sarif(const struct report *r, struct buf *out)
{
    struct sarif s = {.r = r, .out = out, .a = arena_new()};
    s.hashes = ARENA_ARRAY(s.a, struct hashes, sources_count(r->sources) + 2);
    map_init(&s.rule_index);
    collect_rules(&s);
    buf_add_c(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
                   "\"tool\":{\"driver\":{\"name\":\"hipaalint\",\"fullName\":\"hipaalint ");
    buf_add(out, r->version);
    buf_add_c(out, "\",");
    text_field(&s, "semanticVersion", r->version);
    buf_printf(out, ",\"informationUri\":\"%s\",\"rules\":[", home_url);
    for (size_t i = 0; i < s.n_rules; i++) {
        buf_add_c(out, i ? ",\n" : "\n");
        sarif_rule_write(s.rule[i], s.a, out);
    }
    write_notification_table(&s);
    buf_add_c(out, "]}},\"automationDetails\":{");
    text_field(&s, "id", run_id(&s));
    buf_add_c(out,
              "},\"originalUriBaseIds\":{\"%SRCROOT%\":{\"description\":{\"text\":\"The root of the repository.\"}}},"
              "\"columnKind\":\"utf16CodeUnits\",\"results\":[");
    size_t left_out = write_results(&s);
    buf_printf(out, "],\"invocations\":[{\"executionSuccessful\":%s,\"exitCode\":%d,", r->incomplete ? "false" : "true",
               r->exit_status);
    write_notifications(&s, left_out);
    buf_add_c(out, "}]}]}\n");
    map_release(&s.rule_index);
    arena_free(s.a);
}
