/* hipaalint rules: the rules as a table or as JSON. */
#include "base/glob.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
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
        report_json_string(out, at[i]);
    }
    buf_add_char(out, ']');
}

static void json_field(struct buf *out, const char *key, str value)
{
    buf_printf(out, ", \"%s\": ", key);
    report_json_string(out, value);
}

static void json_rule(struct buf *out, const struct rule *rule, const struct model *m, struct arena *a)
{
    buf_add_c(out, "  {\"id\": ");
    report_json_string(out, rule->id);
    json_field(out, "name", rule->name);
    json_field(out, "title", rule->title);
    json_field(out, "severity", str_of(severity_name(rule->severity)));
    json_field(out, "category", rule->category);
    json_field(out, "profile", rule->profile);
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
            report_json_string(out, types[k]);
        }
    }
    buf_add_c(out, "], \"equivalents\": {");
    for (size_t i = 0; i < rule->n_equivalents; i++) {
        const struct equivalent *e = &rule->equivalent[i];
        if (i)
            buf_add_c(out, ", ");
        report_json_string(out, e->source);
        buf_add_c(out, ": [");
        for (size_t k = 0; k < e->n; k++) {
            if (k)
                buf_add_c(out, ", ");
            report_json_string(out, e->id[k]);
        }
        buf_add_char(out, ']');
    }
    buf_printf(out, "}, \"examples\": %zu}", rule->n_examples);
}

static void write_rules(const struct options *o, struct run *r, const struct ruleset *rules, bool json, struct buf *out)
{
    bool first = true;
    buf_add_c(out, json ? "[\n" : "");
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        const struct rule *rule = ruleset_at(rules, i);
        if (!is_selected(o, rule))
            continue;
        if (json) {
            buf_add_c(out, first ? "" : ",\n");
            json_rule(out, rule, ruleset_model(rules), r->arena);
        } else {
            buf_printf(out, "%-14.*s %-9s %-22.*s %-7.*s " STR_FMT "\n", STR_ARG(rule->id),
                       severity_name(rule->severity), STR_ARG(rule->category), STR_ARG(rule->profile),
                       STR_ARG(rule->title));
        }
        first = false;
    }
    buf_add_c(out, json ? "\n]\n" : "");
}

int command_rules(const struct options *o)
{
    bool json = o->formats.n && str_eq_c(o->formats.at[0], "json");
    if (o->formats.n && !json && !str_eq_c(o->formats.at[0], "text"))
        return cli_usage_error("rules are printed as text or json");
    struct run r;
    run_init(&r, o);
    int status = EXIT_USAGE;
    const struct ruleset *rules = run_open_pack(&r, true) ? pack_all_rules(r.pack, &r.diags) : NULL;
    if (rules && run_check_pack_diags(&r)) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        write_rules(o, &r, rules, json, &out);
        status = output_write(o->output, buf_str(&out)) ? EXIT_CLEAN : EXIT_INCOMPLETE;
        buf_release(&out);
    }
    run_release(&r);
    return status;
}
