/* testing.h - for the tests of this folder: values and models from text. Included by tests only.
 *
 * Values are written as JSON with marks: {"$unknown": "why"}, {"$ref": "address.attribute"},
 * {"$choice": "Name", "a": value, "b": value} (known labels; null: absent), {"$text": [part, ...]},
 * {"$partial": list or map}, {"$block": list}. */
#ifndef GRAPH_TESTING_H
#define GRAPH_TESTING_H

#include "base/testing.h"
#include "graph/graph.h"
#include "graph/model.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

struct world {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct map deciders;
    struct model *model;
    struct graph *graph;
};

static UNUSED struct world world_new(void)
{
    struct world w = {.arena = arena_new(), .sources = sources_new()};
    diag_list_init(&w.diags, w.arena);
    map_init(&w.deciders);
    w.model = model_new();
    w.graph = graph_new();
    return w;
}

static UNUSED void world_free(struct world *w)
{
    graph_free(w->graph);
    model_free(w->model);
    map_release(&w->deciders);
    diag_list_release(&w->diags);
    sources_free(w->sources);
    arena_free(w->arena);
}

static const struct value *value_from_node(struct world *w, const struct node *n);

static const struct value *choice_from_node(struct world *w, const struct node *n, str name)
{
    size_t count = n->u.map.n - 1;
    struct decider *by = map_find(&w->deciders, name);
    if (!by) {
        str *labels = ARENA_ARRAY(w->arena, str, count);
        for (size_t i = 0; i < count; i++)
            labels[i] = node_string(n->u.map.entry[i + 1].key);
        by = ARENA_NEW(w->arena, struct decider);
        *by = (struct decider){.name = name, .option = labels, .n_options = count, .known = true};
        map_set(&w->deciders, name, by);
    }
    const struct value **option = ARENA_ARRAY(w->arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        const struct node *v = n->u.map.entry[i + 1].value;
        option[i] = v->kind == NODE_NULL ? NULL : value_from_node(w, v);
    }
    return value_choice(w->arena, by, option, origin_new(w->arena, n->at, STR_NONE, NULL));
}

static struct ref *ref_from_text(struct world *w, str text)
{
    struct ref *r = ARENA_NEW(w->arena, struct ref);
    size_t dot = str_rfind_char(text, '.');
    r->address = str_slice(text, 0, dot);
    r->attribute = dot == SIZE_MAX ? STR_NONE : str_slice(text, dot + 1, text.n);
    return r;
}

static const struct value *flagged(struct world *w, const struct value *v, uint16_t flag)
{
    struct value *copy = value_copy(w->arena, v);
    copy->flags |= flag;
    return copy;
}

static const struct value *map_from_node(struct world *w, const struct node *n, const struct origin *o)
{
    str mark = n->u.map.n ? node_string(n->u.map.entry[0].key) : STR_NONE;
    const struct node *first = n->u.map.n ? n->u.map.entry[0].value : NULL;
    if (str_eq_c(mark, "$unknown"))
        return value_unknown(w->arena, node_string(first), o);
    if (str_eq_c(mark, "$ref"))
        return value_ref(w->arena, ref_from_text(w, node_string(first)),
                         arena_printf(w->arena, "known after apply: " STR_FMT, STR_ARG(node_string(first))), o);
    if (str_eq_c(mark, "$choice"))
        return choice_from_node(w, n, node_string(first));
    if (str_eq_c(mark, "$partial"))
        return flagged(w, value_from_node(w, first), VALUE_PARTIAL);
    if (str_eq_c(mark, "$block"))
        return flagged(w, value_from_node(w, first), VALUE_IS_BLOCK);
    if (str_eq_c(mark, "$text")) {
        const struct value **parts = ARENA_ARRAY(w->arena, const struct value *, first->u.list.n);
        for (size_t i = 0; i < first->u.list.n; i++)
            parts[i] = value_from_node(w, first->u.list.item[i]);
        return value_text(w->arena, parts, first->u.list.n, o);
    }
    struct value_entry *entries = ARENA_ARRAY(w->arena, struct value_entry, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++)
        entries[i] = (struct value_entry){node_string(n->u.map.entry[i].key), n->u.map.entry[i].key->at,
                                          value_from_node(w, n->u.map.entry[i].value)};
    return value_map(w->arena, entries, n->u.map.n, o);
}

static const struct value *value_from_node(struct world *w, const struct node *n)
{
    const struct origin *o = origin_new(w->arena, n->at, STR_NONE, NULL);
    switch ((enum node_kind)n->kind) {
    case NODE_BOOL:
        return value_bool(w->arena, n->u.boolean, o);
    case NODE_NUMBER:
        return value_number(w->arena, n->u.number.value, o);
    case NODE_STRING:
        return value_string(w->arena, n->u.string, o);
    case NODE_LIST: {
        const struct value **items = ARENA_ARRAY(w->arena, const struct value *, n->u.list.n);
        for (size_t i = 0; i < n->u.list.n; i++)
            items[i] = value_from_node(w, n->u.list.item[i]);
        return value_list(w->arena, items, n->u.list.n, o);
    }
    case NODE_MAP:
        return map_from_node(w, n, o);
    default:
        return value_null(w->arena, o);
    }
}

static UNUSED const struct value *value_from_json(struct world *w, const char *json)
{
    const struct source *s = source_add(w->sources, STR("test.json"), str_of(json));
    struct document d = json_read(s, w->arena, &w->diags);
    assert_int_equal(w->diags.n, 0);
    assert_non_null(d.root);
    return value_from_node(w, d.root);
}

static UNUSED bool add_model(struct world *w, const char *yaml)
{
    struct documents documents = {0};
    bool good = true;
    yaml_read(source_add(w->sources, STR("model.yaml"), str_of(yaml)), w->arena, &w->diags, &documents);
    for (size_t i = 0; i < documents.n; i++)
        good = model_add(w->model, &documents.at[i], &w->diags) && good;
    return good;
}

static UNUSED str json_of(struct world *w, const struct value *v)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    value_to_json(v, &out, 0);
    str s = buf_copy(&out, w->arena);
    buf_release(&out);
    return s;
}

static UNUSED void print_diags(const struct world *w)
{
    for (size_t i = 0; i < w->diags.n; i++)
        print_message("%s: " STR_FMT "\n", diag_id_name(w->diags.at[i].id), STR_ARG(w->diags.at[i].message));
}

#define assert_json(w, v, text)                                                                                        \
    do {                                                                                                               \
        str assert_json_ = json_of((w), (v));                                                                          \
        if (!str_eq_c(assert_json_, (text)))                                                                           \
            fail_msg("got  " STR_FMT "\nwant %s", STR_ARG(assert_json_), (text));                                      \
    } while (0)

#endif
