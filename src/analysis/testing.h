/* testing.h - tables of scenarios for the tests of this folder. Included by tests only.
 *
 * A table is a file of YAML documents:
 *
 *     title: what is shown
 *     model: [ec2-network, rds]            # files of rules/model; may be left out (see below)
 *     terraform: {aws_subnet.s: {vpc_id: {$ref: aws_vpc.v.id}}, ...}
 *     cloudformation: {s AWS::EC2::Subnet: {VpcId: {$ref: v.Ref}}, ...}
 *     resources: {name type: ...}          # any other format
 *     remote: true                         # the unit has parts that are not read
 *     data: [name, ...]  maybe: [name, ...]  open: [name, ...]  choice: {name: {$choice: ...}}
 *     want: {s.is_public: true, s.zones: [a], s.route_table: unknown}
 *
 * Values are written as in graph/testing.h. Each format of a scenario is a world of its own with the same
 * answers. What is wanted: a scalar, a list (with "..." at its end when it is partial), `unknown`, null for absent,
 * or the text of a choice. The first document of a table may be a `default:` for `model`, and the following
 * may hold `kind:` (they are added to the model of every scenario). */
#ifndef ANALYSIS_TESTING_H
#define ANALYSIS_TESTING_H

#include <stdio.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "graph/testing.h"

struct scenario_world {
    struct world w;
    struct graph_builder *b;
    struct analysis *analysis;
};

static const char *test_root(void)
{
    static const char *const places[] = {".", "..", "../..", "../../.."};
    static char path[64];
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        snprintf(path, sizeof(path), "%s/rules/model", places[i]);
        if (access(path, R_OK) == 0)
            return places[i];
    }
    return NULL;
}

static struct documents read_table(struct world *w, const char *path)
{
    enum source_error error;
    struct documents documents = {0};
    const struct source *s =
        source_open(w->sources, arena_printf(w->arena, "%s/%s", test_root(), path), STR_NONE, &error);
    if (!s)
        fail_msg("%s: %s", path, source_error_text(error));
    yaml_read(s, w->arena, &w->diags, &documents);
    return documents;
}

static void add_model_files(struct world *w, const struct node *names)
{
    for (size_t i = 0; names && i < names->u.list.n; i++) {
        struct documents d =
            read_table(w, arena_cstr(w->arena, arena_printf(w->arena, "rules/model/" STR_FMT ".yaml",
                                                            STR_ARG(node_string(names->u.list.item[i])))));
        for (size_t k = 0; k < d.n; k++)
            model_add(w->model, &d.at[k], &w->diags);
    }
}

static bool is_listed(const struct node *list, str name)
{
    for (size_t i = 0; list && i < list->u.list.n; i++)
        if (str_eq(node_string(list->u.list.item[i]), name))
            return true;
    return false;
}

/* "aws_subnet.s" is a type and a name, and an address; "s AWS::EC2::Subnet" has the name as its address. */
static void add_resource(struct scenario_world *s, const struct node *scenario, str key, const struct node *raw)
{
    str second, first = str_cut(key, ' ', &second), type = second;
    str name = first;
    if (!second.p) {
        type = str_cut(first, '.', &name);
        str rest;
        str plain = str_cut(name, '[', &rest);
        name = plain;
    }
    struct resource *r = graph_add(s->b, type, first);
    r->name = name;
    r->raw = value_from_node(&s->w, raw);
    r->at = r->header = raw->at;
    r->is_data = is_listed(node_find(scenario, "data"), name);
    r->open = is_listed(node_find(scenario, "open"), name);
    if (is_listed(node_find(scenario, "maybe"), name) || r->open)
        r->presence = PRESENCE_UNKNOWN;
    const struct node *choices = node_find(scenario, "choice");
    const struct node_entry *choice = choices ? node_find_entry(choices, name) : NULL;
    if (choice) {
        r->presence = PRESENCE_CHOICE;
        r->exists = value_from_node(&s->w, choice->value);
    }
}

static struct scenario_world scenario_begin(void)
{
    struct scenario_world s = {.w = world_new()};
    s.b = graph_unit_begin(s.w.graph, STR("unit"), STR("test"), 0, s.w.sources, &s.w.diags);
    return s;
}

static void scenario_run(struct scenario_world *s, const struct analysis_options *o)
{
    graph_link(s->w.graph, s->w.model, s->w.sources, 1, &s->w.diags);
    s->analysis = analysis_run(s->w.graph, o, &s->w.diags);
}

static void scenario_free(struct scenario_world *s)
{
    analysis_free(s->analysis);
    world_free(&s->w);
}

static str fact_text(struct world *w, const struct value *v)
{
    if (!v)
        return STR("absent");
    if (v->kind == VALUE_UNKNOWN)
        return STR("unknown");
    str json = json_of(w, v);
    if (v->kind == VALUE_STRING)
        return v->u.string;
    if ((v->kind == VALUE_LIST || v->kind == VALUE_MAP) && (v->flags & VALUE_PARTIAL))
        return arena_printf(w->arena, STR_FMT "...", STR_ARG(json));
    return json;
}

static str wanted_text(struct world *w, const struct node *n)
{
    if (n->kind == NODE_NULL)
        return STR("absent");
    if (n->kind == NODE_STRING)
        return n->u.string;
    const struct value *v = value_from_node(w, n);
    if (v->kind == VALUE_LIST && v->u.list.n && str_eq_c(value_str(v->u.list.item[v->u.list.n - 1]), "...")) {
        v = value_list(w->arena, v->u.list.item, v->u.list.n - 1, NULL);
        return arena_printf(w->arena, STR_FMT "...", STR_ARG(json_of(w, v)));
    }
    return json_of(w, v);
}

static const struct resource *find_named(const struct graph *g, str name)
{
    for (size_t i = 0; i < graph_count(g); i++)
        if (str_eq(graph_at(g, i)->name, name) || str_eq(graph_at(g, i)->address, name))
            return graph_at(g, i);
    return NULL;
}

/* Of maps in a list only the keys that are wanted count. */
static bool has_wanted(struct world *w, const struct value *got, const struct value *want)
{
    if (want->kind == VALUE_LIST && value_is(got, VALUE_LIST)) {
        bool same = want->u.list.n == got->u.list.n && !(got->flags & VALUE_PARTIAL);
        for (size_t i = 0; same && i < want->u.list.n; i++)
            same = got->u.list.item[i] && has_wanted(w, got->u.list.item[i], want->u.list.item[i]);
        return same;
    }
    if (want->kind == VALUE_MAP && value_is(got, VALUE_MAP)) {
        for (size_t i = 0; i < want->u.map.n; i++) {
            const struct value *one = value_get(got, want->u.map.entry[i].key);
            if (!one || !has_wanted(w, one, want->u.map.entry[i].value))
                return false;
        }
        return true;
    }
    return str_eq(fact_text(w, got), fact_text(w, want));
}

/* The number of answers that were wrong. */
static unsigned check_wanted(struct scenario_world *s, str title, const char *format, const struct node *want)
{
    unsigned wrong = 0;
    for (size_t i = 0; want && i < want->u.map.n; i++) {
        str key = node_string(want->u.map.entry[i].key);
        size_t dot = str_find_char(key, '.');
        const struct resource *r = find_named(s->w.graph, str_slice(key, 0, dot));
        if (!r)
            fail_msg(STR_FMT ": no resource " STR_FMT, STR_ARG(title), STR_ARG(key));
        str path = str_slice(key, dot + 1, key.n);
        const struct value *v = value_path(r->facts, path);
        str got = fact_text(&s->w, v), wanted = wanted_text(&s->w, want->u.map.entry[i].value);
        const struct node *n = want->u.map.entry[i].value;
        bool structure = v && n->kind == NODE_LIST && !str_ends(wanted, STR("..."));
        if (structure ? !has_wanted(&s->w, v, value_from_node(&s->w, n)) : !str_eq(got, wanted)) {
            print_message("%s, " STR_FMT ": " STR_FMT " is " STR_FMT ", not " STR_FMT "\n", format, STR_ARG(title),
                          STR_ARG(key), STR_ARG(got), STR_ARG(wanted));
            wrong++;
        }
    }
    return wrong;
}

static unsigned run_scenario(const char *path, size_t at, const char *format, const struct analysis_options *o,
                             unsigned *ret_count)
{
    struct scenario_world s = scenario_begin();
    struct documents table = read_table(&s.w, path);
    const struct node *scenario = table.at[at].root, *resources = node_find(scenario, format);
    unsigned wrong = 0;
    if (resources) {
        const struct node *model = node_find(scenario, "model");
        add_model_files(&s.w, model ? model : node_find(table.at[0].root, "default"));
        for (size_t i = 0; i < table.n; i++)
            if (node_find(table.at[i].root, "kind"))
                model_add(s.w.model, &table.at[i], &s.w.diags);
        s.b->unit.has_remote_parts = node_find(scenario, "remote") != NULL;
        for (size_t i = 0; i < resources->u.map.n; i++)
            add_resource(&s, scenario, node_string(resources->u.map.entry[i].key), resources->u.map.entry[i].value);
        scenario_run(&s, o);
        wrong = check_wanted(&s, node_string(node_find(scenario, "title")), format, node_find(scenario, "want"));
        ++*ret_count;
    }
    for (size_t i = 0; i < s.w.diags.n; i++)
        if (s.w.diags.at[i].severity == DIAG_ERROR && s.w.diags.at[i].id != DIAG_STRUCTURE)
            fail_msg("%s: " STR_FMT, path, STR_ARG(s.w.diags.at[i].message));
    scenario_free(&s);
    return wrong;
}

/* Runs every scenario of the table in every format that it has; returns how many worlds were built. */
static UNUSED unsigned run_table(const char *path, const struct analysis_options *o)
{
    static const char *const formats[] = {"terraform", "cloudformation", "resources"};
    unsigned wrong = 0, count = 0;
    struct world w = world_new();
    size_t n = read_table(&w, path).n;
    world_free(&w);
    for (size_t i = 0; i < n; i++)
        for (size_t f = 0; f < ARRAY_LEN(formats); f++)
            wrong += run_scenario(path, i, formats[f], o, &count);
    print_message("%s: %u worlds\n", path, count);
    assert_int_equal(wrong, 0);
    return count;
}

#endif
