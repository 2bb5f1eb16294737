/* hipaalint rules: the rules as a table, as JSON, or as a reference in Markdown. */
#include "base/glob.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/rules_reference.h"
#include "report/report.h"

static bool matches(const struct rule *rule, str pattern)
{
    return glob_match(pattern, rule->id) || glob_match(pattern, rule->name) || glob_match(pattern, rule->category);
}

static bool matches_any(const struct rule *rule, const struct str_list *patterns)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (matches(rule, patterns->at[i]))
            return true;
    return false;
}

static bool is_selected(const struct options *o, const struct rule *rule)
{
    bool wanted = !o->only.n && !o->operands.n;
    wanted |= matches_any(rule, &o->only) || matches_any(rule, &o->operands);
    return wanted && !matches_any(rule, &o->skip);
}

static void json_strings(struct buf *out, const char *key, const str *at, size_t n)
{
    buf_printf(out, ", \"%s\": [", key);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_c(out, ", ");
        buf_add_json(out, at[i]);
    }
    buf_add_char(out, ']');
}

static void json_mappings(struct buf *out, const struct rule *rule, const struct frameworks *all, struct arena *a)
{
    buf_add_c(out, "}, \"mappings\": {");
    for (size_t i = 0, written = 0; i < all->n; i++) {
        struct mapped m = framework_sections(&all->at[i], rule, a);
        if (!m.n)
            continue;
        buf_add_c(out, written++ ? ", " : "");
        buf_add_json(out, all->at[i].id);
        buf_add_c(out, ": [");
        for (size_t k = 0; k < m.n; k++) {
            buf_add_c(out, k ? ", " : "");
            buf_add_json(out, m.section[k]);
        }
        buf_add_char(out, ']');
    }
}

static void json_rule(struct buf *out, const struct rule *rule, const struct model *m,
                      const struct frameworks *mappings, struct arena *a)
{
    buf_add_c(out, "  {\"id\": ");
    buf_add_json(out, rule->id);
    report_json_field(out, "name", rule->name);
    report_json_field(out, "title", rule->title);
    report_json_field(out, "severity", str_of(severity_name(rule->severity)));
    report_json_field(out, "category", rule->category);
    report_json_field(out, "profile", rule->profile);
    str *sections = ARENA_ARRAY(a, str, rule->n_citations + 1);
    for (size_t i = 0; i < rule->n_citations; i++)
        sections[i] = rule->citation[i].section;
    json_strings(out, "hipaa", sections, rule->n_citations);
    str *kinds = ARENA_ARRAY(a, str, rule->n_kinds + 1);
    for (size_t i = 0; i < rule->n_kinds; i++)
        kinds[i] = sym_str(rule->kind[i]);
    json_strings(out, "resource", kinds, rule->n_kinds);
    buf_add_c(out, ", \"types\": [");
    size_t written = 0;
    for (size_t i = 0; i < rule->n_kinds; i++) {
        const struct model_kind *kind = model_kind(m, kinds[i]);
        const str *types = NULL;
        size_t n = kind ? model_kind_types(kind, &types) : 0;
        for (size_t k = 0; k < n; k++) {
            if (written++)
                buf_add_c(out, ", ");
            buf_add_json(out, types[k]);
        }
    }
    buf_add_c(out, "], \"equivalents\": {");
    for (size_t i = 0; i < rule->n_equivalents; i++) {
        const struct equivalent *e = &rule->equivalent[i];
        if (i)
            buf_add_c(out, ", ");
        buf_add_json(out, e->source);
        buf_add_c(out, ": [");
        for (size_t k = 0; k < e->n; k++) {
            if (k)
                buf_add_c(out, ", ");
            buf_add_json(out, e->id[k]);
        }
        buf_add_char(out, ']');
    }
    json_mappings(out, rule, mappings, a);
    buf_printf(out, "}, \"examples\": %zu}", rule->n_examples);
}

static void write_line(const struct rule *rule, struct buf *out)
{
    buf_printf(out, "%-14.*s %-9s %-22.*s %-7.*s " STR_FMT "\n", STR_ARG(rule->id), severity_name(rule->severity),
               STR_ARG(rule->category), STR_ARG(rule->profile), STR_ARG(rule->title));
}

static void write_json(struct run *r, const struct ruleset *rules, const struct rule **at, size_t n, struct buf *out)
{
    const struct frameworks mappings = pack_frameworks(r->pack);
    buf_add_c(out, "[\n");
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, i ? ",\n" : "");
        json_rule(out, at[i], ruleset_model(rules), &mappings, r->arena);
    }
    buf_add_c(out, "\n]\n");
}

static void write_rules(const struct options *o, struct run *r, const struct ruleset *rules, str format,
                        struct buf *out)
{
    const struct rule **at = ARENA_ARRAY(r->arena, const struct rule *, ruleset_count(rules) + 1);
    size_t n = 0;
    for (size_t i = 0; i < ruleset_count(rules); i++)
        if (is_selected(o, ruleset_at(rules, i)))
            at[n++] = ruleset_at(rules, i);
    if (str_eq_c(format, "json"))
        write_json(r, rules, at, n, out);
    else if (str_eq_c(format, "markdown"))
        rules_reference(at, n, r->pack, r->arena, out);
    else
        for (size_t i = 0; i < n; i++)
            write_line(at[i], out);
}

int command_rules(const struct options *o)
{
    str format = o->formats.n ? o->formats.at[0] : STR("text");
    if (!str_eq_c(format, "json") && !str_eq_c(format, "text") && !str_eq_c(format, "markdown"))
        return cli_usage_error("rules are printed as text, json or markdown");
    struct run r;
    run_init(&r, o);
    int status = EXIT_USAGE;
    const struct ruleset *rules = run_open_pack(&r, true) ? pack_all_rules(r.pack, &r.diags) : NULL;
    if (rules && run_check_pack_diags(&r)) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        write_rules(o, &r, rules, format, &out);
        status = output_write(o->output, buf_str(&out)) ? EXIT_CLEAN : EXIT_INCOMPLETE;
        buf_release(&out);
    }
    run_release(&r);
    return status;
}
