/* hipaalint explain ID: what a rule asks, why, and how to fix. With paths: its findings there and, for
 * one resource, the condition with the value of every part. */
#include "cli/cli.h"
#include "cli/run.h"
#include "report/report.h"

static void heading(struct buf *out, const char *text)
{
    buf_printf(out, "\n%s\n", text);
}

/* Text under a heading, indented. */
static void block(struct buf *out, str text)
{
    str rest = str_trim(text);
    while (rest.p) {
        str line = str_cut(rest, '\n', &rest);
        buf_printf(out, "  " STR_FMT "\n", STR_ARG(line));
    }
}

static str section_title(const struct node *controls, str section)
{
    const struct node *sections = node_find(controls, "sections");
    if (!sections || sections->kind != NODE_LIST)
        return STR_NONE;
    for (size_t i = 0; i < sections->u.list.n; i++) {
        const struct node *s = sections->u.list.item[i];
        if (str_eq(node_string(node_find(s, "id")), section))
            return node_string(node_find(s, "title"));
    }
    return STR_NONE;
}

static void describe_mappings(struct buf *out, const struct rule *rule, struct pack *pack, struct arena *a)
{
    const struct frameworks all = pack_frameworks(pack);
    for (size_t i = 0; i < all.n; i++) {
        const struct framework *f = &all.at[i];
        struct mapped m = framework_sections(f, rule, a);
        if (!m.n)
            continue;
        buf_printf(out, "\n" STR_FMT "\n ", STR_ARG(f->title));
        for (size_t k = 0; k < m.n; k++)
            buf_printf(out, "%s " STR_FMT, k ? "," : "", STR_ARG(m.section[k]));
        buf_add_c(out, "\n");
    }
}

static void describe(struct buf *out, const struct rule *rule, const struct node *controls)
{
    buf_printf(out, STR_FMT " " STR_FMT " (" STR_FMT ")\n", STR_ARG(rule->id), STR_ARG(rule->title),
               STR_ARG(rule->name));
    buf_printf(out, "severity %s, category " STR_FMT ", profile " STR_FMT "\n", severity_name(rule->severity),
               STR_ARG(rule->category), STR_ARG(rule->profile));
    if (rule->why.n) {
        heading(out, "Why");
        block(out, rule->why);
    }
    heading(out, "Evidence for (45 CFR)");
    for (size_t i = 0; i < rule->n_citations; i++) {
        const struct citation *c = &rule->citation[i];
        str title = section_title(controls, c->section);
        buf_printf(out, "  " STR_FMT "%s" STR_FMT "\n", STR_ARG(c->section), title.n ? "  " : "", STR_ARG(title));
        if (c->because.n)
            block(out, c->because);
    }
    for (size_t i = 0; i < rule->n_fixes; i++) {
        const struct rule_fix *fix = &rule->fix[i];
        buf_printf(out, "\nFix in " STR_FMT "%s" STR_FMT "%s\n", STR_ARG(fix->format),
                   fix->mechanical  ? " (hipaalint fix makes it)"
                   : fix->by_hand.n ? " (by hand: "
                                    : "",
                   STR_ARG(fix->by_hand), fix->by_hand.n ? ")" : "");
        block(out, rule->fix[i].text);
    }
    if (rule->n_equivalents)
        heading(out, "The same question elsewhere");
    for (size_t i = 0; i < rule->n_equivalents; i++) {
        buf_printf(out, "  " STR_FMT ":", STR_ARG(rule->equivalent[i].source));
        for (size_t k = 0; k < rule->equivalent[i].n; k++)
            buf_printf(out, "%s " STR_FMT, k ? "," : "", STR_ARG(rule->equivalent[i].id[k]));
        buf_add_c(out, "\n");
    }
}

static bool names_resource(const struct resource *r, str wanted)
{
    return str_eq(r->address, wanted) || str_eq(r->name, wanted) ||
           (str_starts(r->address, wanted) && r->address.n > wanted.n && r->address.p[wanted.n] == '[');
}

static bool is_one_of(sym kind, const sym *kinds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

/* Under its own kind, or one under which its type is listed also. */
static bool is_of_kind(const struct model *m, const struct rule *rule, const struct resource *r)
{
    size_t also = 0;
    for (sym kind = r->kind; kind; kind = model_next_also(m, r->type, &also))
        if (is_one_of(kind, rule->kind, rule->n_kinds))
            return true;
    return false;
}

/* A rule that asks for something beside the resource. */
static void explain_absence(struct run *r, const struct rule *rule, const struct resource *witness, struct buf *out)
{
    const struct unit *u = graph_unit(r->graph, witness->unit);
    const struct source *s = source_at(r->sources, witness->header.file);
    struct position p = s ? source_position(s, witness->header.start) : (struct position){0, 0};
    buf_printf(out, "\n" STR_FMT " (" STR_FMT ") ", STR_ARG(witness->address), STR_ARG(sym_str(witness->type)));
    if (s)
        buf_printf(out, STR_FMT ":%u:%u\n", STR_ARG(s->path), p.line, p.column);
    const struct resource *found = NULL;
    for (size_t i = u->first; i < u->first + u->n && !found; i++)
        if (is_of_kind(pack_model(r->pack), rule, graph_at(r->graph, i)) && !graph_at(r->graph, i)->is_data)
            found = graph_at(r->graph, i);
    if (found)
        buf_printf(out, "  beside it: " STR_FMT ", of which the rule asks\n", STR_ARG(found->address));
    else
        buf_printf(out, "  answer: %s: no " STR_FMT " is declared beside it\n", status_name(rule->absent),
                   STR_ARG(sym_str(rule->kind[0])));
}

static size_t explain_resources(struct run *r, const struct rule *rule, struct buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < graph_count(r->graph); i++) {
        const struct resource *resource = graph_at(r->graph, i);
        if (r->options->resource.n && !names_resource(resource, r->options->resource))
            continue;
        if (rule->absent != STATUS_NOT_APPLICABLE && !resource->is_data && r->options->resource.n &&
            is_one_of(resource->kind, rule->absent_when, rule->n_absent_when)) {
            explain_absence(r, rule, resource, out);
            shown++;
        }
        if (!is_of_kind(pack_model(r->pack), rule, resource))
            continue;
        buf_add_c(out, "\n");
        evaluate_explain(r->graph, r->analysis, r->rules, rule, resource, r->sources, out);
        shown++;
    }
    return shown;
}

static int explain(struct run *r, struct buf *out)
{
    const struct options *o = r->options;
    if (o->operands.n > 1 && !run_configure(r, o->operands.at + 1, o->operands.n - 1))
        return EXIT_USAGE;
    if (!run_open_pack(r, true))
        return EXIT_USAGE;
    struct ruleset *rules = pack_all_rules(r->pack, &r->diags);
    catalog_init(&r->catalog, false, rules, r->arena);
    if (rules)
        config_apply_rules(&r->config, rules, &r->catalog, r->arena, &r->diags);
    if (!rules || !run_check_pack_diags(r))
        return EXIT_USAGE;
    const struct rule *rule = ruleset_find(rules, o->operands.at[0]);
    if (!rule)
        return cli_usage_error("no rule is called '" STR_FMT "'; hipaalint rules lists them",
                               STR_ARG(o->operands.at[0]));
    describe(out, rule, pack_controls(r->pack));
    describe_mappings(out, rule, r->pack, r->arena);
    if (o->operands.n < 2)
        return EXIT_CLEAN;
    run_read(r, o->operands.at + 1, o->operands.n - 1);
    run_link(r);
    r->rules = rules;
    size_t shown = explain_resources(r, rule, out);
    if (!shown && o->resource.n)
        return cli_usage_error("no resource '" STR_FMT "' that the rule asks about", STR_ARG(o->resource));
    if (!shown)
        buf_add_c(out, "\nThere is no resource here that the rule asks about.\n");
    return run_is_incomplete(r) ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

int command_explain(const struct options *o)
{
    if (!o->operands.n)
        return cli_usage_error("explain needs the id or name of a rule");
    return run_answer(o, explain);
}
