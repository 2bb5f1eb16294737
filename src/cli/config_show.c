/* hipaalint config: what is in force, and where each value comes from. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/report.h"

static void row(struct run *r, struct buf *out, const char *key, const char *option, str value)
{
    buf_printf(out, "%s: ", key);
    report_safe_text(out, value);
    str origin = config_origin(&r->config, r->options, key, option, r->arena);
    buf_add_c(out, "  # ");
    report_safe_text(out, origin);
    buf_add_c(out, "\n");
}

static str joined(const str *at, size_t n, struct arena *a)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add_char(&b, '[');
    for (size_t i = 0; i < n; i++) {
        buf_add_c(&b, i ? ", " : "");
        buf_add(&b, at[i]);
    }
    buf_add_char(&b, ']');
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static void list_row(struct run *r, struct buf *out, const char *key, const struct str_list *list)
{
    bool both = options_is_given(r->options, key) && r->config.root && node_find(r->config.root, key) &&
                strcmp(key, "only") != 0;
    if (!both) {
        row(r, out, key, key, joined(list->at, list->n, r->arena));
        return;
    }
    buf_printf(out, "%s: ", key);
    report_safe_text(out, joined(list->at, list->n, r->arena));
    buf_add_c(out, "  # command line, ");
    report_safe_text(out, config_origin(&r->config, r->options, key, NULL, r->arena));
    buf_add_c(out, "\n");
}

static void write_parameters(struct run *r, const struct ruleset *rules, struct buf *out)
{
    const struct value *all = ruleset_parameters(rules, r->arena);
    buf_add_c(out, "parameters:\n");
    for (size_t i = 0; i < all->u.map.n; i++) {
        const struct value_entry *e = &all->u.map.entry[i];
        buf_add_c(out, "  ");
        report_safe_text(out, e->key);
        buf_add_c(out, ": ");
        struct buf b;
        buf_init(&b, LIMIT_STRING_BYTES);
        value_to_json(e->value, &b, 0);
        report_safe_text(out, buf_str(&b));
        buf_release(&b);
        span from = SPAN_NONE;
        for (size_t k = 0; k < r->config.n_parameters; k++)
            if (str_eq(r->config.parameter[k].name, e->key))
                from = r->config.parameter[k].value->at;
        if (from.file) {
            buf_add_c(out, "  # ");
            report_safe_text(out, r->config.path);
            buf_printf(out, ":%u\n", source_position(r->config.source, from.start).line);
        } else {
            buf_add_c(out, "  # default\n");
        }
    }
}

static void write_rest(struct run *r, struct buf *out)
{
    const struct config *c = &r->config;
    buf_add_c(out, c->n_severities ? "severity:\n" : "severity: {}  # default\n");
    for (size_t i = 0; i < c->n_severities; i++) {
        buf_add_c(out, "  ");
        report_safe_text(out, c->severity[i].rule);
        buf_printf(out, ": %s  # ", severity_name(c->severity[i].severity));
        report_safe_text(out, c->path);
        buf_printf(out, ":%u: ", source_position(c->source, c->severity[i].at.start).line);
        report_safe_text(out, c->severity[i].reason);
        buf_add_c(out, "\n");
    }
    buf_add_c(out, c->n_exceptions ? "exceptions:\n" : "exceptions: []  # default\n");
    for (size_t i = 0; i < c->n_exceptions; i++) {
        const struct suppression *x = &c->exception[i];
        buf_add_c(out, "  - ");
        report_safe_text(out, c->exception_rules[i]);
        buf_add_c(out, "  # ");
        report_safe_text(out, c->path);
        buf_printf(out, ":%u: ", source_position(c->source, x->at.start).line);
        report_safe_text(out, x->reason);
        buf_add_c(out, "\n");
    }
}

static void write(struct run *r, const struct ruleset *rules, struct buf *out)
{
    static const char *const modes[] = {"allow", "off", "require-reason"};
    const struct options *o = r->options;
    const struct config *c = &r->config;
    buf_add_c(out, "# configuration file: ");
    report_safe_text(out, c->path.n ? c->path : o->no_config ? STR("none (--no-config)") : STR("none"));
    buf_add_c(out, "\n");
    row(r, out, "profile", "profile", o->profile.n ? o->profile : STR("base"));
    list_row(r, out, "only", &o->only);
    list_row(r, out, "skip", &o->skip);
    list_row(r, out, "exclude", c->exclude.n ? &c->exclude : &o->exclude);
    list_row(r, out, "rules", &o->rules);
    row(r, out, "fail-on", "fail-on", str_of(severity_name(o->fail_on)));
    row(r, out, "inline-suppressions", NULL, str_of(modes[c->inline_mode]));
    row(r, out, "foreign-suppressions", "foreign-suppressions",
        r->options->foreign_suppressions ? STR("true") : STR("false"));
    row(r, out, "classification", NULL,
        arena_printf(r->arena, "{keys: " STR_FMT ", values: " STR_FMT "}",
                     STR_ARG(joined(c->classification_key, c->n_classification_keys, r->arena)),
                     STR_ARG(joined(c->classified_value, c->n_classified_values, r->arena))));
    write_parameters(r, rules, out);
    write_rest(r, out);
}

static int show(struct run *r)
{
    const struct str_list *paths = &r->options->operands;
    if (!run_configure(r, paths->at, paths->n) || !run_open_pack(r, false))
        return EXIT_USAGE;
    struct ruleset *rules = pack_all_rules(r->pack, &r->diags);
    catalog_init(&r->catalog, false, rules, r->arena);
    config_apply_rules(&r->config, rules, &r->catalog, r->arena, &r->diags);
    if (!run_check_pack_diags(r))
        return EXIT_USAGE;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    write(r, rules, &out);
    bool written = output_write(r->options->output, buf_str(&out));
    buf_release(&out);
    return written ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

/* `show` is an operand that may be there: hipaalint config show [PATH]. */
int command_config(const struct options *o)
{
    struct options own = *o;
    if (own.operands.n && str_eq_c(own.operands.at[0], "show")) {
        own.operands.at++;
        own.operands.n--;
    }
    struct run r;
    run_init(&r, &own);
    int status = show(&r);
    run_release(&r);
    return status;
}
