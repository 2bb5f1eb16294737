#include "report/sarif_rule.h"

static const char rule_url[] = "https://github.com/hipaalint/hipaalint/blob/main/rules/hipaa/README.md";

const char *sarif_level(enum severity s)
{
    return s >= SEVERITY_HIGH ? "error" : s == SEVERITY_MEDIUM ? "warning" : "note";
}

void sarif_message(struct buf *out, const char *key, str text)
{
    buf_printf(out, "\"%s\":{\"text\":", key);
    buf_add_json(out, text.n ? report_cut(text, SARIF_DESCRIPTION_BYTES) : STR("(no text)"));
    buf_add_char(out, '}');
}

static const char *security_severity(enum severity s)
{
    static const char *const scores[] = {"1.0", "2.5", "5.5", "8.0", "9.5"};
    return scores[s];
}

/* How often a finding is right by the way the question is asked: what is written in one attribute is certain, a
 * conclusion from several resources is nearly so; what looks like a secret, and what stands nowhere in the files,
 * can be otherwise. */
static const char *precision(const struct rule *rule)
{
    if (str_eq_c(rule->category, "secrets") || rule->n_absent_when || rule->on_unknown == STATUS_FAIL)
        return "medium";
    return rule->at.n && !rule->when && !rule->each ? "very-high" : "high";
}

static void write_tags(const struct rule *rule, struct arena *a, struct buf *out)
{
    buf_add_c(out, "\"tags\":[\"security\",\"hipaa\",");
    buf_add_json(out, rule->category);
    for (size_t i = 0; i < rule->n_citations && i + 3 < SARIF_TAGS; i++) {
        buf_add_char(out, ',');
        buf_add_json(out, arena_printf(a, "HIPAA/" STR_FMT, STR_ARG(rule->citation[i].section)));
    }
    buf_add_char(out, ']');
}

/* A fence longer than any run of backticks in the text. */
static void write_fence(struct buf *out, str text)
{
    size_t longest = 2;
    for (size_t i = 0, run = 0; i < text.n; i++) {
        run = text.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        buf_add_char(out, '`');
}

static void write_fix(const struct rule_fix *fix, bool markdown, struct buf *out)
{
    str text = str_trim(fix->text);
    if (!markdown) {
        buf_printf(out, "\n\nFix in " STR_FMT ":\n" STR_FMT, STR_ARG(fix->format), STR_ARG(text));
        return;
    }
    buf_printf(out, "\n\n### Fix in " STR_FMT "\n\n", STR_ARG(fix->format));
    write_fence(out, text);
    buf_printf(out, "\n" STR_FMT "\n", STR_ARG(text));
    write_fence(out, text);
}

static void write_citation(const struct citation *c, bool markdown, struct buf *out)
{
    buf_printf(out, markdown ? "\n- `45 CFR " STR_FMT "`" : "\n45 CFR " STR_FMT, STR_ARG(c->section));
    if (c->because.n)
        buf_printf(out, ": " STR_FMT, STR_ARG(c->because));
}

static str help(const struct rule *rule, bool markdown, struct arena *a)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    if (markdown)
        buf_printf(&b, "## " STR_FMT "\n\n", STR_ARG(rule->title));
    buf_add(&b, rule->why.n ? str_trim(rule->why) : rule->title);
    buf_add_c(&b, markdown ? "\n\n### Evidence for\n" : "\n\nEvidence for:");
    for (size_t i = 0; i < rule->n_citations; i++)
        write_citation(&rule->citation[i], markdown, &b);
    for (size_t i = 0; i < rule->n_fixes; i++)
        if (rule->fix[i].text.n)
            write_fix(&rule->fix[i], markdown, &b);
    buf_printf(&b, markdown ? "\n\nMore: `hipaalint explain " STR_FMT "`" : "\n\nMore: hipaalint explain " STR_FMT,
               STR_ARG(rule->id));
    str text = buf_copy(&b, a);
    buf_release(&b);
    return text;
}

/* SARIF names are in PascalCase: "rds-storage-encrypted" becomes RdsStorageEncrypted. */
static str pascal_name(str name, struct arena *a)
{
    char *p = ARENA_ARRAY(a, char, name.n + 1);
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

void sarif_rule_write(const struct rule *rule, struct arena *a, struct buf *out)
{
    str title = arena_printf(a, STR_FMT ".", STR_ARG(rule->title));
    buf_add_c(out, "{\"id\":");
    buf_add_json(out, rule->id);
    buf_add_c(out, ",\"name\":");
    buf_add_json(out, pascal_name(rule->name, a));
    buf_add_char(out, ',');
    sarif_message(out, "shortDescription", title);
    buf_add_char(out, ',');
    sarif_message(out, "fullDescription", rule->why.n ? str_trim(rule->why) : title);
    buf_add_c(out, ",\"help\":{\"text\":");
    buf_add_json(out, help(rule, false, a));
    buf_add_c(out, ",\"markdown\":");
    buf_add_json(out, help(rule, true, a));
    buf_printf(out, "},\"helpUri\":\"%s\",\"defaultConfiguration\":{\"level\":\"%s\"},\"properties\":{", rule_url,
               sarif_level(rule->severity));
    write_tags(rule, a, out);
    buf_printf(out, ",\"precision\":\"%s\",\"security-severity\":\"%s\"}}", precision(rule),
               security_severity(rule->severity));
}
