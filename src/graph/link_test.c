#include "graph/testing.h"

/* Scenarios are tables: the model below, a list of resources, and what is asked of the result. */

static const char service[] = "kind: acme.store\n"
                              "attributes:\n"
                              "  name:\n"
                              "  key: {refers: acme.key, key: id}\n"
                              "  versioning.enabled: {default: false, source: handbook}\n"
                              "  peer: {refers: acme.store}\n"
                              "identity: {name: name, arn: ['arn:*:acme:*:*:store/{name}', 'arn:*:acme:::{name}']}\n"
                              "types:\n"
                              "  store: {properties: 'name key tags:map versioning{enabled:bool} peer peers:list'}\n"
                              "---\n"
                              "kind: acme.versioning\n"
                              "companion: {of: acme.store, by: store, key: name, into: versioning}\n"
                              "attributes: {level: {default: 1, source: handbook}}\n"
                              "types:\n"
                              "  versioning: {properties: 'store enabled:bool level:number'}\n"
                              "---\n"
                              "kind: acme.policy\n"
                              "companion: {of: acme.store, by: store, key: name, into: ., take: [policy]}\n"
                              "types:\n"
                              "  policy: {properties: 'store policy:json extra'}\n"
                              "---\n"
                              "kind: acme.rule\n"
                              "companion: {of: acme.store, by: store, into: rules, many: true}\n"
                              "types:\n"
                              "  rule: {properties: 'store port:number'}\n"
                              "---\n"
                              "kind: acme.rule_note\n"
                              "companion: {of: acme.rule, by: rule, into: note}\n"
                              "types:\n"
                              "  rule_note: {properties: 'rule text'}\n"
                              "---\n"
                              "kind: acme.key\n"
                              "identity: {name: id, arn: 'arn:*:kms:*:*:key/{id}'}\n"
                              "types:\n"
                              "  key: {properties: id}\n"
                              "---\n"
                              "kind: acme.attached\n"
                              "companion: {of: acme.store, by: stores, key: name, into: attached, many: true}\n"
                              "types:\n"
                              "  attached: {properties: 'stores:list what'}\n";

struct item {
    const char *address; /* "unit|address", the type is the address up to its first "." */
    const char *raw;
    const char *extra; /* flags: d data, o open, u presence unknown, i incomplete; c:{choice} exists */
};

struct scenario {
    const char *title;
    struct item item[8];
    const char *of, *path, *want; /* "": absent */
};

static const struct scenario scenarios[] = {
    {"by reference",
     {{"a|store.s", "{\"name\": \"n\"}", ""},
      {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", ""}},
     "a|store.s",
     "versioning",
     "{\"enabled\":true,\"level\":1}"},
    {"by equal text in the unit",
     {{"a|store.s", "{\"name\": \"n\"}", ""}, {"a|versioning.v", "{\"store\": \"n\", \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "true"},
    {"another name is another owner",
     {{"a|store.s", "{\"name\": \"n\"}", ""}, {"a|versioning.v", "{\"store\": \"m\", \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "false"},
    {"by text across units when unique",
     {{"a|store.s", "{\"name\": \"n\"}", ""}, {"b|versioning.v", "{\"store\": \"n\", \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "true"},
    {"not across units when there are two",
     {{"a|store.s", "{\"name\": \"n\"}", ""},
      {"b|store.s", "{\"name\": \"n\"}", ""},
      {"c|versioning.v", "{\"store\": \"n\", \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "false"},
    {"the same address in another unit is not meant",
     {{"a|store.s", "{}", ""},
      {"b|store.s", "{}", ""},
      {"b|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "false"},
    {"instances by their key",
     {{"a|store.s[\"x\"]", "{}", ""},
      {"a|store.s[\"y\"]", "{}", ""},
      {"a|versioning.v[\"y\"]", "{\"store\": {\"$ref\": \"store.s[\\\"y\\\"].id\"}, \"enabled\": true}", ""}},
     "a|store.s[\"y\"]",
     "versioning.enabled",
     "true"},
    {"not the other instance",
     {{"a|store.s[\"x\"]", "{}", ""},
      {"a|store.s[\"y\"]", "{}", ""},
      {"a|versioning.v[\"y\"]", "{\"store\": {\"$ref\": \"store.s[\\\"y\\\"].id\"}, \"enabled\": true}", ""}},
     "a|store.s[\"x\"]",
     "versioning.enabled",
     "false"},
    {"an index that may be left out",
     {{"a|store.s[0]", "{}", ""}, {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", ""}},
     "a|store.s[0]",
     "versioning.enabled",
     "true"},
    {"any instance of a family may be meant",
     {{"a|store.s[0]", "{}", ""},
      {"a|store.s[1]", "{}", ""},
      {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", "ou"}},
     "a|store.s[1]",
     "versioning",
     "{\"unknown\":\"may be set by versioning.v\"}"},
    {"both stand for the same unknown set",
     {{"a|store.s", "{}", "ou"},
      {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", "ou"}},
     "a|store.s",
     "versioning.enabled",
     "true"},
    {"presence unknown",
     {{"a|store.s", "{}", ""}, {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", "u"}},
     "a|store.s",
     "versioning",
     "{\"unknown\":\"may be set by versioning.v\"}"},
    {"presence by choice",
     {{"a|store.s", "{}", ""},
      {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}",
       "c:{\"$choice\": \"P\", \"y\": true, \"n\": false}"}},
     "a|store.s",
     "versioning",
     "{\"choice\":\"P\",\"options\":{\"y\":{\"enabled\":true,\"level\":1},\"n\":{\"enabled\":false}}}"},
    {"owner by choice",
     {{"a|store.s", "{}", ""},
      {"a|store.t", "{}", ""},
      {"a|versioning.v",
       "{\"store\": {\"$choice\": \"P\", \"y\": {\"$ref\": \"store.s.id\"}, \"n\": {\"$ref\": \"store.t.id\"}}, "
       "\"enabled\": true}",
       ""}},
     "a|store.t",
     "versioning.enabled",
     "{\"unknown\":\"depends on an undecided input\"}"},
    {"an owner that cannot be told",
     {{"a|store.s", "{}", ""},
      {"a|store.t", "{}", ""},
      {"a|versioning.v", "{\"store\": {\"$unknown\": \"u\"}, \"enabled\": true}", ""},
      {"a|versioning.w", "{\"store\": {\"$ref\": \"store.t.id\"}, \"enabled\": true}", ""}},
     "a|store.s",
     "versioning",
     "{\"unknown\":\"may be set by versioning.v\"}"},
    {"an owner that cannot be told does not touch one that has its own",
     {{"a|store.s", "{}", ""},
      {"a|store.t", "{}", ""},
      {"a|versioning.v", "{\"store\": {\"$unknown\": \"u\"}, \"enabled\": true}", ""},
      {"a|versioning.w", "{\"store\": {\"$ref\": \"store.t.id\"}, \"enabled\": true}", ""}},
     "a|store.t",
     "versioning.enabled",
     "true"},
    {"an owner that cannot be told, in another unit",
     {{"a|store.s", "{}", ""}, {"b|versioning.v", "{\"store\": {\"$unknown\": \"u\"}, \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "false"},
    {"an owner outside the graph",
     {{"a|store.s", "{}", ""},
      {"a|versioning.v", "{\"store\": {\"$ref\": \"module.remote.id\"}, \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "false"},
    {"through another companion",
     {{"a|store.s", "{}", ""},
      {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}, \"enabled\": true}", ""},
      {"a|policy.p", "{\"store\": {\"$ref\": \"versioning.v.store\"}, \"policy\": \"{\\\"a\\\": 1}\"}", ""}},
     "a|store.s",
     "policy",
     "{\"a\":1}"},
    {"into the top level, only what is taken",
     {{"a|store.s", "{\"name\": \"n\"}", ""},
      {"a|policy.p", "{\"store\": \"n\", \"policy\": \"{}\", \"extra\": \"x\"}", ""}},
     "a|store.s",
     "extra",
     ""},
    {"into the top level, presence unknown",
     {{"a|store.s", "{\"name\": \"n\"}", ""}, {"a|policy.p", "{\"store\": \"n\", \"policy\": \"{}\"}", "u"}},
     "a|store.s",
     "policy",
     "{\"unknown\":\"may be set by policy.p\"}"},
    {"into the top level, owner that cannot be told",
     {{"a|store.s", "{\"name\": \"n\"}", ""},
      {"a|policy.p", "{\"store\": {\"$unknown\": \"u\"}, \"policy\": \"{}\"}", ""}},
     "a|store.s",
     "policy",
     "{\"unknown\":\"may be set by policy.p\"}"},
    {"many",
     {{"a|store.s", "{}", ""},
      {"a|rule.a", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 1}", ""},
      {"a|rule.b", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 2}", ""},
      {"a|rule.c", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 3}", ""}},
     "a|store.s",
     "rules",
     "[{\"port\":1},{\"port\":2},{\"port\":3}]"},
    {"many, one by choice",
     {{"a|store.s", "{}", ""},
      {"a|rule.a", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 1}", ""},
      {"a|rule.b", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 2}",
       "c:{\"$choice\": \"P\", \"y\": true, \"n\": false}"}},
     "a|store.s",
     "rules",
     "[{\"port\":1},{\"choice\":\"P\",\"options\":{\"y\":{\"port\":2},\"n\":null}}]"},
    {"a companion of a companion",
     {{"a|store.s", "{}", ""},
      {"a|rule_note.n", "{\"rule\": {\"$ref\": \"rule.a.id\"}, \"text\": \"t\"}", ""},
      {"a|rule.a", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 1}", ""}},
     "a|store.s",
     "rules",
     "[{\"port\":1,\"note\":{\"text\":\"t\"}}]"},
    {"several owners",
     {{"a|store.s", "{\"name\": \"n\"}", ""},
      {"a|store.t", "{\"name\": \"m\"}", ""},
      {"a|attached.x", "{\"stores\": [{\"$ref\": \"store.s.id\"}, \"m\"], \"what\": \"w\"}", ""}},
     "a|store.t",
     "attached",
     "[{\"what\":\"w\"}]"},
    {"an incomplete companion",
     {{"a|store.s", "{}", ""}, {"a|versioning.v", "{\"store\": {\"$ref\": \"store.s.id\"}}", "i"}},
     "a|store.s",
     "versioning.enabled",
     "{\"unknown\":\"the block could not be parsed completely\"}"},
    {"what is looked up is no companion",
     {{"a|store.s", "{\"name\": \"n\"}", ""}, {"a|versioning.v", "{\"store\": \"n\", \"enabled\": true}", "d"}},
     "a|store.s",
     "versioning.enabled",
     "false"},
    {"an ARN names the owner",
     {{"a|store.s", "{\"name\": \"n\"}", ""},
      {"a|versioning.v", "{\"store\": \"arn:aws:acme:eu-west-1:1:store/n\", \"enabled\": true}", ""}},
     "a|store.s",
     "versioning.enabled",
     "true"},
};

struct built {
    struct world w;
    struct graph_builder *unit[3];
};

static struct resource *add_item(struct built *b, const struct item *it, const char *const *units)
{
    str address, unit = str_cut(str_of(it->address), '|', &address);
    size_t u = (size_t)(unit.p[0] - 'a');
    if (!b->unit[u])
        b->unit[u] = graph_unit_begin(b->w.graph, str_of(units[u]), STR("test"), u, b->w.sources, &b->w.diags);
    str rest;
    struct resource *r = graph_add(b->unit[u], str_cut(address, '.', &rest), address);
    r->raw = value_from_json(&b->w, it->raw);
    r->name = rest;
    if (str_starts(str_of(it->extra), STR("c:"))) {
        r->presence = PRESENCE_CHOICE;
        r->exists = value_from_json(&b->w, it->extra + 2);
        return r;
    }
    r->is_data = strchr(it->extra, 'd') != NULL;
    r->open = strchr(it->extra, 'o') != NULL;
    r->incomplete = strchr(it->extra, 'i') != NULL;
    r->presence = strchr(it->extra, 'u') ? PRESENCE_UNKNOWN : PRESENT;
    return r;
}

static struct built build(const struct item *items, size_t n, unsigned jobs)
{
    static const char *const units[] = {"unit-a", "unit-b", "unit-c"};
    struct built b = {.w = world_new()};
    assert_true(add_model(&b.w, service));
    for (size_t i = 0; i < n && items[i].address; i++)
        add_item(&b, &items[i], units);
    graph_link(b.w.graph, b.w.model, b.w.sources, jobs, &b.w.diags);
    return b;
}

static struct resource *find(struct built *b, const char *where)
{
    str address, unit = str_cut(str_of(where), '|', &address);
    for (size_t i = 0; i < graph_unit_count(b->w.graph); i++) {
        if (graph_unit(b->w.graph, i)->name.p[5] == unit.p[0])
            return graph_find(b->w.graph, i, address);
    }
    return NULL;
}

static void test_link__companions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        const struct scenario *s = &scenarios[i];
        struct built b = build(s->item, ARRAY_LEN(s->item), 1 + (unsigned)i % 2);
        struct resource *r = find(&b, s->of);
        assert_non_null(r);
        const struct value *v = value_path(r->attributes, str_of(s->path));
        str got = v ? json_of(&b.w, v) : STR_NONE;
        if (!str_eq_c(got, s->want))
            fail_msg("%s: got " STR_FMT ", want %s", s->title, STR_ARG(got), s->want);
        world_free(&b.w);
    }
}

static void test_link__owner_by_choice_is_a_choice(void **state)
{
    (void)state;
    static const struct item items[] = {{"a|store.s", "{}", ""},
                                        {"a|store.t", "{}", ""},
                                        {"a|versioning.v",
                                         "{\"store\": {\"$choice\": \"P\", \"y\": {\"$ref\": \"store.s.id\"}, \"n\": "
                                         "{\"$ref\": \"store.t.id\"}}, \"enabled\": true}",
                                         ""}};
    struct built b = build(items, ARRAY_LEN(items), 1);
    assert_json(&b.w, value_get(find(&b, "a|store.t")->attributes, STR("versioning")),
                "{\"choice\":\"P\",\"options\":{\"y\":{\"enabled\":false},\"n\":{\"enabled\":true,\"level\":1}}}");
    assert_int_equal(find(&b, "a|store.s")->n_companions, 1);
    assert_ptr_equal(find(&b, "a|store.s")->companion[0], find(&b, "a|versioning.v"));
    assert_ptr_equal(find(&b, "a|versioning.v")->companion_of, find(&b, "a|store.s"));
    world_free(&b.w);
}

static void test_link__many_that_may_be_there_leave_the_list_open(void **state)
{
    (void)state;
    static const struct item items[] = {{"a|store.s", "{}", ""},
                                        {"a|rule.a", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 1}", ""},
                                        {"a|rule.b", "{\"store\": {\"$ref\": \"store.s.id\"}, \"port\": 2}", "u"}};
    struct built b = build(items, ARRAY_LEN(items), 1);
    const struct value *v = value_get(find(&b, "a|store.s")->attributes, STR("rules"));
    assert_int_equal(v->u.list.n, 1);
    assert_true(v->flags & VALUE_PARTIAL);
    world_free(&b.w);
}

static void test_link__a_file_that_could_not_be_read(void **state)
{
    (void)state;
    struct world w = world_new();
    assert_true(add_model(&w, service));
    struct graph_builder *b = graph_unit_begin(w.graph, STR("u"), STR("t"), 0, w.sources, &w.diags);
    struct resource *r = graph_add(b, STR("store"), STR("store.s"));
    r->raw = value_from_json(&w, "{\"name\": \"n\"}");
    b->unit.incomplete = true;
    graph_link(w.graph, w.model, w.sources, 1, &w.diags);
    assert_json(&w, value_get(r->attributes, STR("versioning")),
                "{\"unknown\":\"may be set in a file that could not be read\"}");
    assert_json(&w, value_get(r->attributes, STR("policy")),
                "{\"unknown\":\"may be set in a file that could not be read\"}");
    assert_true(value_get(r->attributes, STR("rules"))->flags & VALUE_PARTIAL);
    world_free(&w);
}

/* Edges. */

struct edge_row {
    const char *title, *raw, *attribute, *to;
};

static void test_link__edges(void **state)
{
    (void)state;
    static const struct edge_row table[] = {
        {"a reference", "{\"key\": {\"$ref\": \"key.k.arn\"}}", "key", "a|key.k"},
        {"inside a list", "{\"peers\": [{\"$ref\": \"store.t.id\"}]}", "peers", "a|store.t"},
        {"inside a text", "{\"tags\": {\"x\": {\"$text\": [\"a\", {\"$ref\": \"store.t.id\"}]}}}", "tags.x",
         "a|store.t"},
        {"in an alternative", "{\"key\": {\"$choice\": \"P\", \"y\": {\"$ref\": \"key.k.arn\"}, \"n\": null}}", "key",
         "a|key.k"},
        {"a name", "{\"key\": \"k-1\"}", "key", "a|key.k"},
        {"a name in an alternative", "{\"key\": {\"$choice\": \"P\", \"y\": \"k-1\", \"n\": \"other\"}}", "key",
         "a|key.k"},
        {"an ARN", "{\"key\": \"arn:aws:kms:eu-west-1:123:key/k-1\"}", "key", "a|key.k"},
        {"an ARN with holes",
         "{\"key\": {\"$text\": [\"arn:aws:kms:\", {\"$unknown\": \"region\"}, \":\", {\"$unknown\": \"account\"}, "
         "\":key/k-1\"]}}",
         "key", "a|key.k"},
        {"an ARN with more behind the name", "{\"peer\": \"arn:aws:acme:::t/objects/*\"}", "peer", "a|store.t"},
        {"an ARN of the wrong kind", "{\"key\": \"arn:aws:acme:::t\"}", "", ""},
        {"an unknown name", "{\"key\": \"nobody\"}", "", ""},
        {"a reference to nothing", "{\"key\": {\"$ref\": \"key.gone.arn\"}}", "", ""},
        {"an instance that is not there", "{\"key\": {\"$ref\": \"key.k[3].arn\"}}", "", ""},
        {"a name of another unit", "{\"key\": \"k-2\"}", "key", "b|key.far"},
        {"itself", "{\"peer\": {\"$ref\": \"store.s.id\"}}", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct item items[] = {{"a|store.s", table[i].raw, ""},
                               {"a|store.t", "{\"name\": \"t\"}", ""},
                               {"a|key.k", "{\"id\": \"k-1\"}", ""},
                               {"b|key.far", "{\"id\": \"k-2\"}", ""}};
        struct built b = build(items, ARRAY_LEN(items), 1);
        struct resource *r = find(&b, "a|store.s"), *to = table[i].to[0] ? find(&b, table[i].to) : NULL;
        if (r->n_edges != (to != NULL) ||
            (to && (r->edge[0].to != to || !str_eq_c(r->edge[0].attribute, table[i].attribute))))
            fail_msg("%s: %zu edges", table[i].title, r->n_edges);
        if (to) {
            bool ambiguous;
            assert_int_equal(to->n_back_edges, 1);
            assert_ptr_equal(to->back_edge[0].to, r);
            assert_ptr_equal(graph_resolve(b.w.graph, r, r->edge[0].value, &ambiguous), to);
        }
        world_free(&b.w);
    }
}

static void test_link__names_that_several_have_are_ambiguous(void **state)
{
    (void)state;
    static const struct item items[] = {{"a|store.s", "{\"name\": \"n\"}", ""},
                                        {"b|store.s", "{\"name\": \"n\"}", ""},
                                        {"b|store.looked_up", "{\"name\": \"n\"}", "d"},
                                        {"b|store.only", "{\"name\": \"o\"}", "d"}};
    struct built b = build(items, ARRAY_LEN(items), 2);
    bool ambiguous;
    sym kind = sym_of(STR("acme.store"));
    assert_ptr_equal(graph_find_by(b.w.graph, 0, kind, STR("name"), STR("n"), &ambiguous), find(&b, "a|store.s"));
    assert_ptr_equal(graph_find_by(b.w.graph, 1, kind, STR("name"), STR("n"), &ambiguous), find(&b, "b|store.s"));
    assert_null(graph_find_by(b.w.graph, 7, kind, STR("name"), STR("n"), &ambiguous));
    assert_true(ambiguous);
    assert_non_null(graph_find_by(b.w.graph, 7, kind, STR("name"), STR("o"), &ambiguous));
    assert_null(graph_find_by(b.w.graph, 0, kind, STR("name"), STR("none"), &ambiguous));
    assert_false(ambiguous);
    size_t n;
    graph_of_kind(b.w.graph, kind, &n);
    assert_int_equal(n, 4);
    world_free(&b.w);
}

static void test_link__units_are_in_their_order_whoever_came_first(void **state)
{
    (void)state;
    struct world w = world_new();
    assert_true(add_model(&w, service));
    static const char *const names[] = {"z", "b", "a"};
    static const size_t orders[] = {0, 1, 1};
    for (size_t i = 3; i-- > 0;) {
        struct graph_builder *b = graph_unit_begin(w.graph, str_of(names[i]), STR("t"), orders[i], w.sources, &w.diags);
        graph_add(b, STR("mystery"), STR("mystery.x"))->raw = value_from_json(&w, "{\"SomeName\": 1}");
    }
    graph_link(w.graph, w.model, w.sources, 2, &w.diags);
    assert_str(graph_unit(w.graph, 0)->name, "z");
    assert_str(graph_unit(w.graph, 1)->name, "a");
    assert_str(graph_unit(w.graph, 2)->name, "b");
    assert_int_equal(graph_at(w.graph, 2)->unit, 2);
    assert_int_equal((uintptr_t)map_find(graph_unmodelled(w.graph), STR("mystery")), 3);
    assert_json(&w, graph_at(w.graph, 0)->attributes, "{\"some_name\":1}");
    world_free(&w);
}

/* Twice the resources take about twice the time: a rough check that nothing is quadratic. */

static double link_many(size_t n, size_t *ret_bytes)
{
    struct world w = world_new();
    struct timespec from, to;
    assert_true(add_model(&w, service));
    struct graph_builder *b = graph_unit_begin(w.graph, STR("u"), STR("t"), 0, w.sources, &w.diags);
    const struct value *same = value_from_json(&w, "{\"name\": \"same\", \"key\": \"k-1\"}");
    size_t before = alloc_in_use();
    for (size_t i = 0; i < n; i++) {
        str address = arena_printf(b->arena, "store.s[%zu]", i);
        struct resource *r = graph_add(b, STR("store"), address);
        r->raw = same;
        r = graph_add(b, STR("rule"), arena_printf(b->arena, "rule.r[%zu]", i));
        struct ref *ref = ARENA_NEW(b->arena, struct ref);
        ref->address = i % 2 ? address : STR("store.s[0]");
        struct value_entry *e = ARENA_NEW(b->arena, struct value_entry);
        *e = (struct value_entry){.key = STR("store"), .value = value_ref(b->arena, ref, STR("r"), NULL)};
        r->raw = value_map(b->arena, e, 1, NULL);
    }
    clock_gettime(CLOCK_MONOTONIC, &from);
    graph_link(w.graph, w.model, w.sources, 2, &w.diags);
    clock_gettime(CLOCK_MONOTONIC, &to);
    *ret_bytes = (alloc_in_use() - before) / (2 * n);
    assert_int_equal(graph_count(w.graph), 2 * n);
    assert_int_equal(value_get(graph_at(w.graph, 0)->attributes, STR("rules"))->u.list.n, (n + 1) / 2);
    world_free(&w);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void test_link__is_linear(void **state)
{
    (void)state;
    size_t bytes;
    size_t n = TESTING_SANITIZED ? 5000 : 25000;
    double small = link_many(n, &bytes), large = link_many(2 * n, &bytes);
    print_message("%zu resources: %.3f s, %zu bytes each; half of them: %.3f s\n", 4 * n, large, bytes, small);
    assert_true(large < 5 * small + 0.2);
    assert_true(bytes < 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link__companions),
        cmocka_unit_test(test_link__owner_by_choice_is_a_choice),
        cmocka_unit_test(test_link__many_that_may_be_there_leave_the_list_open),
        cmocka_unit_test(test_link__a_file_that_could_not_be_read),
        cmocka_unit_test(test_link__edges),
        cmocka_unit_test(test_link__names_that_several_have_are_ambiguous),
        /* Every name is interned by now: nothing else may be left. */
        TEST(test_link__units_are_in_their_order_whoever_came_first),
        cmocka_unit_test(test_link__is_linear),
    };
    int failed = cmocka_run_group_tests_name("link", tests, NULL, NULL);
    intern_release();
    return failed;
}
