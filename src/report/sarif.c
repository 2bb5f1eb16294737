/* SARIF 2.1.0 as GitHub code scanning takes it: one run, minified, rules unique, regions tight. */
#include "base/vec.h"
#include "report/report.h"

/* What GitHub accepts (results, characters) and shows. */
enum { MAX_RESULTS = 5000, MAX_DESCRIPTION = 1024, MAX_TAGS = 10, MAX_RELATED = 20 };

static const char rule_url[] = "https://github.com/hipaalint/hipaalint/blob/main/rules/hipaa/README.md";
static const char home_url[] = "https://github.com/hipaalint/hipaalint";

struct sarif {
    const struct report *r;
    struct buf *out;
    struct arena *a;
    const struct rule **rule; /* reported rules, by id */
    size_t n_rules;
    struct map rule_index; /* id -> (void *)(index + 1) */
};

static const char *level_of(const struct finding *f)
{
    if (f->status == STATUS_UNKNOWN)
        return "note";
    if (f->severity >= SEVERITY_HIGH)
        return "error";
    return f->severity == SEVERITY_MEDIUM ? "warning" : "note";
}

static const char *level_of_severity(enum severity s)
{
    return s >= SEVERITY_HIGH ? "error" : s == SEVERITY_MEDIUM ? "warning" : "note";
}

static const char *security_severity(enum severity s)
{
    static const char *const scores[] = {"1.0", "2.5", "5.5", "8.0", "9.5"};
    return scores[s];
}

static void text_field(struct sarif *s, const char *key, str value)
{
    buf_printf(s->out, "\"%s\":", key);
    report_json_string(s->out, value);
}

static void message(struct sarif *s, const char *key, str text)
{
    buf_printf(s->out, "\"%s\":{", key);
    text_field(s, "text", str_slice(text, 0, MAX_DESCRIPTION));
    buf_add_char(s->out, '}');
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

static void rule_tags(struct sarif *s, const struct rule *rule)
{
    buf_add_c(s->out, "\"tags\":[\"security\",\"hipaa\",");
    report_json_string(s->out, rule->category);
    for (size_t i = 0; i < rule->n_citations && i + 3 < MAX_TAGS; i++) {
        buf_add_char(s->out, ',');
        report_json_string(s->out, arena_printf(s->a, "HIPAA/" STR_FMT, STR_ARG(rule->citation[i].section)));
    }
    buf_add_char(s->out, ']');
}

static str rule_help(struct sarif *s, const struct rule *rule, bool markdown)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add(&b, rule->why.n ? str_trim(rule->why) : rule->title);
    buf_add_c(&b, markdown ? "\n\n**Evidence for** 45 CFR" : "\n\nEvidence for 45 CFR");
    for (size_t i = 0; i < rule->n_citations; i++)
        buf_printf(&b, "%s " STR_FMT, i ? "," : "", STR_ARG(rule->citation[i].section));
    for (size_t i = 0; i < rule->n_fixes; i++) {
        const struct rule_fix *f = &rule->fix[i];
        if (!f->text.n)
            continue;
        if (markdown)
            buf_printf(&b, "\n\n**Fix in " STR_FMT "**\n\n```\n" STR_FMT "\n```", STR_ARG(f->format),
                       STR_ARG(str_trim(f->text)));
        else
            buf_printf(&b, "\n\nFix in " STR_FMT ":\n" STR_FMT, STR_ARG(f->format), STR_ARG(str_trim(f->text)));
    }
    str text = buf_copy(&b, s->a);
    buf_release(&b);
    return text;
}

/* SARIF names are in PascalCase: "rds-storage-encrypted" becomes RdsStorageEncrypted. */
static str pascal_name(struct sarif *s, str name)
{
    char *p = ARENA_ARRAY(s->a, char, name.n + 1);
    size_t n = 0;
    bool up = true;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '-') {
            up = true;
            continue;
        }
        p[n++] = up && c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        up = false;
    }
    return (str){p, n};
}

static void write_rule(struct sarif *s, const struct rule *rule)
{
    buf_add_char(s->out, '{');
    text_field(s, "id", rule->id);
    buf_add_char(s->out, ',');
    text_field(s, "name", pascal_name(s, rule->name));
    buf_add_char(s->out, ',');
    message(s, "shortDescription", arena_printf(s->a, STR_FMT ".", STR_ARG(rule->title)));
    buf_add_char(s->out, ',');
    str full = rule->why.n ? str_trim(rule->why) : arena_printf(s->a, STR_FMT ".", STR_ARG(rule->title));
    message(s, "fullDescription", full);
    buf_add_c(s->out, ",\"help\":{");
    text_field(s, "text", rule_help(s, rule, false));
    buf_add_char(s->out, ',');
    text_field(s, "markdown", rule_help(s, rule, true));
    buf_printf(s->out, "},\"helpUri\":\"%s\",\"defaultConfiguration\":{\"level\":\"%s\"},\"properties\":{", rule_url,
               level_of_severity(rule->severity));
    rule_tags(s, rule);
    buf_printf(s->out, ",\"precision\":\"high\",\"security-severity\":\"%s\"}}", security_severity(rule->severity));
}

static void write_related(struct sarif *s, const struct finding *f)
{
    size_t n = f->n_related < MAX_RELATED ? f->n_related : MAX_RELATED;
    if (!n)
        return;
    buf_add_c(s->out, ",\"relatedLocations\":[");
    for (size_t i = 0; i < n; i++) {
        buf_printf(s->out, "%s{\"id\":%zu,", i ? "," : "", i + 1);
        physical_location(s, f->related[i].at);
        buf_add_char(s->out, ',');
        message(s, "message", f->related[i].text);
        buf_add_char(s->out, '}');
    }
    buf_add_char(s->out, ']');
}

static str message_text(struct sarif *s, const struct finding *f)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add(&b, f->message);
    if (f->when.n)
        buf_printf(&b, ", " STR_FMT, STR_ARG(f->when));
    if (f->status == STATUS_UNKNOWN)
        buf_printf(&b, ": unknown, " STR_FMT, STR_ARG(f->reason));
    buf_add_char(&b, '.');
    if (f->n_instances > 1) {
        buf_printf(&b, " %zu instances:", f->n_instances);
        for (size_t i = 0; i < f->n_instances && i < 10; i++)
            buf_printf(&b, "%s " STR_FMT, i ? "," : "", STR_ARG(f->instance[i]));
        buf_add_c(&b, f->n_instances > 10 ? ", ..." : ".");
    }
    for (size_t i = 0; i < f->n_related && i < MAX_RELATED; i++)
        buf_printf(&b, "%s [" STR_FMT "](%zu)", i ? "," : " See", STR_ARG(f->related[i].text), i + 1);
    str text = buf_copy(&b, s->a);
    buf_release(&b);
    return text;
}

static void write_fingerprints(struct sarif *s, const struct finding *f)
{
    const struct source *src = source_at(s->r->sources, f->at.file);
    buf_add_c(s->out, ",\"partialFingerprints\":{");
    if (src) {
        uint64_t hash = report_line_hash(src, source_position(src, f->at.start).line);
        buf_printf(s->out, "\"primaryLocationLineHash\":\"%llx:%u\",", (unsigned long long)hash,
                   report_line_occurrence(src, source_position(src, f->at.start).line));
    }
    buf_printf(s->out, "\"hipaalint/v1\":\"%016llx\"}", (unsigned long long)f->fingerprint);
}

static void write_result(struct sarif *s, const struct finding *f)
{
    size_t index = (size_t)(uintptr_t)map_find(&s->rule_index, f->rule->id) - 1;
    buf_add_char(s->out, '{');
    text_field(s, "ruleId", f->rule->id);
    buf_printf(s->out, ",\"ruleIndex\":%zu,\"level\":\"%s\",\"message\":{", index, level_of(f));
    text_field(s, "text", message_text(s, f));
    buf_add_c(s->out, "},\"locations\":[{");
    physical_location(s, f->at);
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
    write_fingerprints(s, f);
    if (f->suppressed) {
        buf_printf(s->out, ",\"suppressions\":[{\"kind\":\"%s\",\"status\":\"accepted\",",
                   f->suppressed == SUPPRESSED_INLINE || f->suppressed == SUPPRESSED_METADATA ? "inSource"
                                                                                              : "external");
        text_field(s, "justification", f->suppression_reason);
        buf_add_c(s->out, "}]");
    }
    buf_add_char(s->out, '}');
}

static bool is_reported(const struct sarif *s, const struct finding *f)
{
    if (f->suppressed)
        return s->r->sarif_suppressed;
    return f->status == STATUS_FAIL || (s->r->verbose && f->status == STATUS_UNKNOWN);
}

static int compare_rules(const void *a, const void *b)
{
    return str_cmp((*(const struct rule *const *)a)->id, (*(const struct rule *const *)b)->id);
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
        qsort(s->rule, s->n_rules, sizeof(*s->rule), compare_rules);
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

static void write_notifications(struct sarif *s, size_t left_out)
{
    size_t written = 0;
    buf_add_c(s->out, "\"toolExecutionNotifications\":[");
    for (size_t i = 0; i < s->r->diags->n; i++) {
        const struct diag *d = &s->r->diags->at[i];
        static const char *const levels[] = {"note", "warning", "error"};
        buf_printf(s->out, "%s{\"level\":\"%s\",\"descriptor\":{\"id\":\"%s\"},\"message\":{", written++ ? ",\n" : "",
                   levels[d->severity], diag_id_name(d->id));
        text_field(s, "text",
                   d->path.n && !d->at.file
                       ? arena_printf(s->a, STR_FMT ": " STR_FMT ".", STR_ARG(d->path), STR_ARG(d->message))
                       : arena_printf(s->a, STR_FMT ".", STR_ARG(d->message)));
        buf_add_char(s->out, '}');
        if (d->at.file) {
            buf_add_c(s->out, ",\"locations\":[{");
            physical_location(s, d->at);
            buf_add_c(s->out, "}]");
        }
        buf_add_char(s->out, '}');
    }
    if (left_out) {
        buf_printf(s->out,
                   "%s{\"level\":\"warning\",\"descriptor\":{\"id\":\"limit\"},\"message\":{\"text\":\"%zu results of "
                   "lower severity were left out: %d is "
                   "the number that is shown.\"}}",
                   written ? ",\n" : "", left_out, MAX_RESULTS);
    }
    buf_add_char(s->out, ']');
}

void report_sarif(const struct report *r, struct buf *out)
{
    struct sarif s = {.r = r, .out = out, .a = arena_new()};
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
        write_rule(&s, s.rule[i]);
    }
    buf_add_c(out, "]}},\"automationDetails\":{");
    text_field(&s, "id", r->category);
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
