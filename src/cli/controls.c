/* hipaalint controls: section by section, what the files are evidence for, and what no file can show. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/report.h"

struct outcome {
    size_t pass, fail, unknown, suppressed;
};

struct control_rule {
    const struct rule *rule;
    struct outcome outcome;
};

struct control {
    str id, title, type, shown;
    struct control_rule *rule;
    size_t n_rules;
    struct outcome outcome;
    size_t resources;
    uint8_t *seen; /* one bit a resource */
};

struct controls {
    struct control *at;
    size_t n;
    struct arena *arena;
};

static bool cites(const struct rule *rule, str section)
{
    for (size_t i = 0; i < rule->n_citations; i++)
        if (str_eq(rule->citation[i].section, section))
            return true;
    return false;
}

static bool is_selected(const struct run *r, const struct rule *rule)
{
    const struct options *o = r->options;
    struct evaluate_options e = {
        .profile = o->profile, .only = o->only.at, .n_only = o->only.n, .skip = o->skip.at, .n_skip = o->skip.n};
    return evaluate_selects(&e, rule->id, rule->name, rule->category, rule->profile);
}

/* Does a mapping that counts in this profile bring the rule to the section? */
static bool is_mapped(const struct framework *f, str profile, const struct rule *rule, str section)
{
    return f && (!f->profile.n || str_eq(f->profile, profile)) && framework_names(f, rule, section);
}

static void gather_rules(const struct run *r, const struct framework *f, struct control *c)
{
    c->rule = ARENA_ARRAY(r->arena, struct control_rule, ruleset_count(r->rules) + 1);
    for (size_t i = 0; i < ruleset_count(r->rules); i++) {
        const struct rule *rule = ruleset_at(r->rules, i);
        if (is_selected(r, rule) && (cites(rule, c->id) || is_mapped(f, r->options->profile, rule, c->id)))
            c->rule[c->n_rules++].rule = rule;
    }
}

static void start(struct run *r, const struct framework *f, struct control *c)
{
    c->seen = ARENA_ARRAY(r->arena, uint8_t, graph_count(r->graph) / 8 + 1);
    gather_rules(r, f, c);
}

/* The sections of the Security Rule, and those that are proposed. */
static struct controls gather(struct run *r, const struct frameworks *frameworks)
{
    struct controls all = {.arena = r->arena};
    const struct framework *proposed = frameworks_find(frameworks, STR("nprm"));
    const struct node *root = pack_controls(r->pack), *sections = root ? node_find(root, "sections") : NULL;
    if (!sections || sections->kind != NODE_LIST)
        return all;
    all.at = ARENA_ARRAY(r->arena, struct control, sections->u.list.n + 1);
    for (size_t i = 0; i < sections->u.list.n; i++) {
        const struct node *n = sections->u.list.item[i];
        struct control *c = &all.at[all.n++];
        c->id = node_string(node_find(n, "id"));
        c->title = node_string(node_find(n, "title"));
        c->type = node_string(node_find(n, "type"));
        c->shown = node_string(node_find(n, "shown"));
        start(r, proposed, c);
    }
    return all;
}

static int compare_sections(const void *a, const void *b)
{
    return str_cmp(((const struct control *)a)->id, ((const struct control *)b)->id);
}

/* The sections of another framework that some rule is mapped to. */
static struct controls gather_framework(struct run *r, const struct framework *f)
{
    struct mapped sections = framework_all(f, r->arena);
    struct controls all = {.at = ARENA_ARRAY(r->arena, struct control, sections.n + 1), .arena = r->arena};
    for (size_t i = 0; i < sections.n; i++) {
        struct control c = {
            .id = sections.section[i], .title = f->title, .type = STR("mapped"), .shown = STR("partly")};
        start(r, f, &c);
        if (c.n_rules)
            all.at[all.n++] = c;
    }
    qsort(all.at, all.n, sizeof *all.at, compare_sections);
    return all;
}

static void add(struct outcome *o, const struct finding *f)
{
    size_t *to = f->suppressed              ? &o->suppressed
                 : f->status == STATUS_PASS ? &o->pass
                 : f->status == STATUS_FAIL ? &o->fail
                                            : &o->unknown;
    *to += f->n_instances;
}

static void add_to(struct control *c, struct control_rule *rule, const struct finding *f)
{
    add(&rule->outcome, f);
    add(&c->outcome, f);
    uint8_t bit = f->resource ? (uint8_t)(1u << (f->resource->id % 8)) : 0;
    if (bit && !(c->seen[f->resource->id / 8] & bit)) {
        c->seen[f->resource->id / 8] |= bit;
        c->resources += f->n_instances;
    }
}

struct place { /* where the findings of a rule count */
    struct control *control;
    struct control_rule *rule;
    struct place *next;
};

static void count(const struct run *r, struct controls *all)
{
    struct map places; /* by rule id */
    map_init(&places);
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < all->at[i].n_rules; k++) {
            struct place *p = ARENA_NEW(r->arena, struct place);
            *p = (struct place){.control = &all->at[i], .rule = &all->at[i].rule[k]};
            p->next = map_find(&places, p->rule->rule->id);
            map_set(&places, p->rule->rule->id, p);
        }
    for (size_t i = 0; i < r->findings.n; i++)
        for (struct place *p = map_find(&places, r->findings.at[i].rule->id); p; p = p->next)
            add_to(p->control, p->rule, &r->findings.at[i]);
    map_release(&places);
}

/* ---------------------------------------------------------------- writing */

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static bool is_proposed(const struct control *c)
{
    return str_starts(c->id, STR("NPRM-"));
}

static bool is_process(const struct control *c)
{
    return str_eq_c(c->shown, "process");
}

static void write_outcome(const struct outcome *o, struct buf *out)
{
    buf_printf(out, "%zu pass, %zu fail, %zu unknown, %zu suppressed", o->pass, o->fail, o->unknown, o->suppressed);
}

static void write_control(const struct run *r, const struct control *c, struct buf *out)
{
    buf_printf(out, STR_FMT "  " STR_FMT " (" STR_FMT ")%s\n", STR_ARG(c->id), STR_ARG(c->title), STR_ARG(c->type),
               is_proposed(c) ? ", not in force" : "");
    if (is_process(c) && !c->n_rules) {
        buf_add_c(out, "    no template can show it: policies, contracts and people\n");
        return;
    }
    if (!c->n_rules) {
        buf_add_c(out, "    no rule of this profile cites it\n");
        return;
    }
    buf_printf(out, "    evidence for it: %zu resource%s seen by %zu rule%s: ", c->resources, plural(c->resources),
               c->n_rules, plural(c->n_rules));
    write_outcome(&c->outcome, out);
    buf_add_c(out, "\n");
    if (str_eq_c(c->shown, "partly") || str_eq_c(c->shown, "indirect") || is_process(c))
        buf_printf(out, "    templates show it %s; the rest is procedure\n",
                   str_eq_c(c->shown, "partly") ? "in part"
                   : is_process(c)              ? "hardly"
                                                : "indirectly");
    for (size_t i = 0; i < c->n_rules; i++) {
        const struct control_rule *rule = &c->rule[i];
        const struct outcome *o = &rule->outcome;
        if (!o->fail && !o->unknown && !o->suppressed && !r->options->verbose)
            continue;
        buf_printf(out, "      %-12.*s ", STR_ARG(rule->rule->id));
        write_outcome(o, out);
        buf_printf(out, "  " STR_FMT "\n", STR_ARG(rule->rule->title));
    }
}

/* The entries of rules/undecidable.yaml; NULL: none. */
static const struct node *undecidable(const struct run *r)
{
    const struct node *root = pack_undecidable(r->pack), *list = root ? node_find(root, "undecidable") : NULL;
    return list && list->kind == NODE_LIST ? list : NULL;
}

static void write_undecidable(const struct run *r, struct buf *out)
{
    const struct node *list = undecidable(r);
    buf_printf(out, "%zu questions that no file answers%s\n", list ? list->u.list.n : 0,
               r->options->verbose ? ":" : " (-v lists them)");
    for (size_t i = 0; list && i < list->u.list.n && r->options->verbose; i++) {
        const struct node *n = list->u.list.item[i];
        str id = node_string(node_find(n, "id")), title = node_string(node_find(n, "title"));
        str reason = str_trim(node_string(node_find(n, "reason")));
        buf_printf(out, "  " STR_FMT "  " STR_FMT "\n    " STR_FMT "\n", STR_ARG(id), STR_ARG(title), STR_ARG(reason));
    }
}

static void write_text(const struct run *r, const struct controls *all, struct buf *out)
{
    size_t process = 0, cited = 0, seen = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct control *c = &all->at[i];
        if (is_proposed(c) && !c->n_rules)
            continue;
        process += is_process(c) && !c->n_rules;
        cited += c->n_rules > 0;
        seen += c->resources > 0;
        write_control(r, c, out);
    }
    buf_add_c(out, "\n");
    write_undecidable(r, out);
    buf_printf(out,
               "%zu sections are cited by rules, %zu of them have resources here; %zu sections no template can show.\n"
               "This is evidence for an assessment. No tool can say from files that a system meets the rule.\n",
               cited, seen, process);
}

static void json_outcome(const struct outcome *o, struct buf *out)
{
    buf_printf(out, ", \"pass\": %zu, \"fail\": %zu, \"unknown\": %zu, \"suppressed\": %zu", o->pass, o->fail,
               o->unknown, o->suppressed);
}

static void json_undecidable(const struct run *r, struct buf *out)
{
    static const char *const keys[] = {"id", "title", "reason"};
    const struct node *list = undecidable(r);
    buf_add_c(out, "], \"undecidable\": [");
    for (size_t i = 0; list && i < list->u.list.n; i++) {
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            buf_printf(out, "%s\"%s\": ", k ? ", " : i ? ",\n  {" : "\n  {", keys[k]);
            buf_add_json(out, str_trim(node_string(node_find(list->u.list.item[i], keys[k]))));
        }
        buf_add_char(out, '}');
    }
    buf_add_c(out, "]}\n");
}

static void write_json(const struct run *r, const struct controls *all, struct buf *out)
{
    buf_add_c(out, "{\"sections\": [");
    for (size_t i = 0; i < all->n; i++) {
        const struct control *c = &all->at[i];
        buf_add_c(out, i ? ",\n  {\"id\": " : "\n  {\"id\": ");
        buf_add_json(out, c->id);
        report_json_field(out, "title", c->title);
        report_json_field(out, "type", c->type);
        report_json_field(out, "shown", c->shown);
        buf_printf(out, ", \"resources\": %zu", c->resources);
        json_outcome(&c->outcome, out);
        buf_add_c(out, ", \"rules\": [");
        for (size_t k = 0; k < c->n_rules; k++) {
            buf_add_c(out, k ? ", {\"id\": " : "{\"id\": ");
            buf_add_json(out, c->rule[k].rule->id);
            json_outcome(&c->rule[k].outcome, out);
            buf_add_char(out, '}');
        }
        buf_add_c(out, "]}");
    }
    json_undecidable(r, out);
}

static int unknown_framework(const struct frameworks *all, str name)
{
    struct buf known;
    buf_init(&known, SIZE_MAX);
    for (size_t i = 0; i < all->n; i++)
        buf_printf(&known, "%s" STR_FMT, i ? ", " : "", STR_ARG(all->at[i].id));
    int status = cli_usage_error("unknown framework '" STR_FMT "': " STR_FMT, STR_ARG(name), STR_ARG(buf_str(&known)));
    buf_release(&known);
    return status;
}

static int show(struct run *r, bool json, bool every)
{
    const struct str_list *paths = &r->options->operands;
    if (!run_configure(r, paths->at, paths->n) || !run_open_pack(r, false) || !run_read(r, paths->at, paths->n))
        return EXIT_USAGE;
    run_link(r);
    pack_all_rules(r->pack, &r->diags); /* also those that ask about nothing here */
    r->effective.verbose = true;        /* passes count */
    if (!run_evaluate(r))
        return EXIT_USAGE;
    r->effective.verbose = every;
    const struct frameworks frameworks = pack_frameworks(r->pack);
    const struct framework *f = frameworks_find(&frameworks, r->options->framework);
    if (r->options->framework.n && !f)
        return unknown_framework(&frameworks, r->options->framework);
    struct controls all = f ? gather_framework(r, f) : gather(r, &frameworks);
    count(r, &all);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (json)
        write_json(r, &all, &out);
    else
        write_text(r, &all, &out);
    bool written = output_write(r->options->output, buf_str(&out));
    buf_release(&out);
    if (run_is_incomplete(r))
        run_print_diags(r);
    return written && !run_is_incomplete(r) ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

int command_controls(const struct options *o)
{
    bool json = o->formats.n && str_eq_c(o->formats.at[0], "json");
    if (o->formats.n && !json && !str_eq_c(o->formats.at[0], "text"))
        return cli_usage_error("controls are printed as text or json");
    struct run r;
    run_init(&r, o);
    int status = show(&r, json, o->verbose);
    run_release(&r);
    return status;
}
