#include "graph/testing.h"

static const char service[] =
    "kind: acme.store\n"
    "title: Acme store\n"
    "attributes:\n"
    "  name:\n"
    "  encrypted: {default: false, source: handbook}\n"
    "  key: {refers: acme.key, key: id}\n"
    "  limits.rate: {default: 5, source: handbook}\n"
    "  rules.enabled: {default: true, source: handbook}\n"
    "  audit.level: {default: none, inside: true, source: handbook}\n"
    "  policy: {policy: {use: resource}}\n"
    "identity: {name: name, arn: 'arn:*:acme:*:*:store/{name}'}\n"
    "types:\n"
    "  acme_store:\n"
    "    properties: name encrypted:bool size:number key_id tags:map policy:json zones:list suspended:bool hosts "
    "audit{level path}\n"
    "      rule[name enabled:bool when{day hour:number}] versioning{status extra} limits{rate:number burst:number} "
    "note:any\n"
    "    map:\n"
    "      key: key_id\n"
    "      rules:\n"
    "        from: rule\n"
    "        each: {hour: when.hour, id: name}\n"
    "      versioned: {from: versioning.status, values: {Enabled: true, 'false': false}, otherwise: false}\n"
    "      active: {from: suspended, negate: true}\n"
    "      hosts: {split: ','}\n"
    "      size: {default: 10, since: 2024-01-01, source: provider}\n"
    "  ACME::Store::Store:\n"
    "    properties: StoreName Encrypted:bool Size:number KMSKeyId Tags[Key Value] Policy:json Zones:list State "
    "Hosts:list\n"
    "      Rules[RuleName Enabled:bool When{Day Hour:number}] Versioning{Status Extra} Limits{Rate:number "
    "Burst:number}\n"
    "      Audit{Level Path} Note:any Old{Encrypted:bool} Settings[Key Value]\n"
    "    map:\n"
    "      logs: {from: settings, pairs: [key, value], entry: log.enabled, values: {true: true, false: false}}\n"
    "      name: store_name\n"
    "      key: kms_key_id\n"
    "      encrypted: [encrypted, old.encrypted]\n"
    "      rules:\n"
    "        from: rules\n"
    "        each: {hour: when.hour, id: rule_name}\n"
    "      versioned: {from: versioning.status, values: {Enabled: true}, otherwise: false}\n"
    "      active: {from: state, values: {Active: true, Suspended: false}}\n"
    "      tags: {from: tags, pairs: [key, value]}\n"
    "      first_zone: {from: zones, first: true}\n"
    "      audited: {from: audit, present: true}\n"
    "      origin: {value: cloud}\n"
    "---\n"
    "kind: acme.key\n"
    "identity: {name: id}\n"
    "types:\n"
    "  acme_key: {properties: id}\n"
    "---\n"
    "kind: acme.crd\n"
    "define: {image: imageName}\n"
    "types:\n"
    "  acme.io/Thing:\n"
    "    properties: spec{containerName container[@image] …} …\n"
    "    rename: {container: containers}\n"
    "---\n"
    "kind: acme.small\n"
    "types:\n"
    "  acme_engine: {properties: engine size, when: {engine: [tiny, 'mini*']}}\n"
    "---\n"
    "kind: acme.large\n"
    "types:\n"
    "  acme_engine: {properties: engine size}\n";

/* One row: type, raw as JSON, one path of the result, its value as JSON ("": absent). */
struct row {
    const char *type, *raw, *path, *want;
};

static const struct row rows[] = {
    /* Two formats, one kind. */
    {"acme_store", "{\"name\": \"a\", \"encrypted\": \"true\"}", "encrypted", "true"},
    {"ACME::Store::Store", "{\"StoreName\": \"a\", \"Encrypted\": \"true\"}", "encrypted", "true"},
    {"ACME::Store::Store", "{\"StoreName\": \"a\"}", "name", "\"a\""},
    {"ACME::Store::Store", "{\"StoreName\": \"a\"}", "store_name", ""},
    {"ACME::Store::Store", "{\"KMSKeyId\": \"k\"}", "key", "\"k\""},
    /* Alternatives: also inside a choice. */
    {"ACME::Store::Store", "{\"Old\": {\"Encrypted\": true}}", "encrypted", "true"},
    {"ACME::Store::Store",
     "{\"Encrypted\": {\"$choice\": \"P\", \"a\": true, \"b\": null}, \"Old\": {\"Encrypted\": \"false\"}}",
     "encrypted", "{\"choice\":\"P\",\"options\":{\"a\":true,\"b\":false}}"},
    {"ACME::Store::Store", "{\"Old\": {\"Encrypted\": true}}", "old", ""},
    /* Defaults: of the kind, of the type, nested, in lists, only inside, never over an unknown. */
    {"acme_store", "{}", "encrypted", "false"},
    {"acme_store", "{\"encrypted\": null}", "encrypted", "false"},
    {"acme_store", "{}", "size", "10"},
    {"ACME::Store::Store", "{}", "size", ""},
    {"acme_store", "{}", "limits", "{\"rate\":5}"},
    {"acme_store", "{\"limits\": [{\"burst\": 1}]}", "limits", "{\"burst\":1,\"rate\":5}"},
    {"acme_store", "{\"limits\": {\"$unknown\": \"u\"}}", "limits", "{\"unknown\":\"u\"}"},
    {"acme_store", "{\"encrypted\": {\"$unknown\": \"u\"}}", "encrypted", "{\"unknown\":\"u\"}"},
    {"acme_store", "{\"encrypted\": {\"$choice\": \"P\", \"a\": \"true\", \"b\": null}}", "encrypted",
     "{\"choice\":\"P\",\"options\":{\"a\":true,\"b\":false}}"},
    {"acme_store", "{}", "audit", ""},
    {"acme_store", "{\"audit\": [{\"path\": \"x\"}]}", "audit", "{\"path\":\"x\",\"level\":\"none\"}"},
    {"acme_store", "{\"rule\": [{\"name\": \"r\"}]}", "rules", "[{\"id\":\"r\",\"enabled\":true}]"},
    /* Blocks and lists. */
    {"acme_store", "{\"rule\": {\"name\": \"r\", \"when\": [{\"hour\": \"3\", \"day\": \"mon\"}]}}", "rules",
     "[{\"when\":{\"day\":\"mon\"},\"hour\":3,\"id\":\"r\",\"enabled\":true}]"},
    {"ACME::Store::Store", "{\"Rules\": [{\"RuleName\": \"r\", \"When\": {\"Hour\": 3}}]}", "rules",
     "[{\"hour\":3,\"id\":\"r\",\"enabled\":true}]"},
    {"acme_store", "{\"rule\": [{\"$choice\": \"P\", \"a\": {\"name\": \"r\"}, \"b\": null}]}", "rules",
     "[{\"choice\":\"P\",\"options\":{\"a\":{\"id\":\"r\",\"enabled\":true},\"b\":null}}]"},
    {"acme_store", "{\"limits\": {\"$partial\": [{\"rate\": 1}]}}", "limits",
     "{\"unknown\":\"the number of blocks is not known\"}"},
    {"acme_store", "{\"versioning\": {\"$partial\": [{\"status\": \"Enabled\"}]}}", "versioned",
     "{\"unknown\":\"the number of blocks is not known\"}"},
    {"acme_store", "{\"limits\": [{\"rate\": 1}, {\"rate\": 2}]}", "limits", "[{\"rate\":1},{\"rate\":2}]"},
    {"acme_store", "{\"limits\": [], \"audit\": []}", "audit", ""},
    {"acme_store", "{\"limits\": {\"$choice\": \"P\", \"y\": [{\"rate\": 1}], \"n\": []}}", "limits",
     "{\"choice\":\"P\",\"options\":{\"y\":{\"rate\":1},\"n\":{\"rate\":5}}}"},
    {"acme_store", "{\"zones\": \"one\"}", "zones", "[\"one\"]"},
    /* Operations. */
    {"acme_store", "{\"versioning\": [{\"status\": \"Enabled\"}]}", "versioned", "true"},
    {"acme_store", "{\"versioning\": [{\"status\": \"Off\"}]}", "versioned", "false"},
    {"acme_store", "{\"versioning\": [{\"status\": \"Off\"}]}", "versioning", ""},
    {"acme_store", "{\"versioning\": [{\"status\": \"Off\", \"extra\": \"e\"}]}", "versioning", "{\"extra\":\"e\"}"},
    {"acme_store", "{\"versioning\": {\"$unknown\": \"u\"}}", "versioned", "{\"unknown\":\"u\"}"},
    {"acme_store", "{\"versioning\": [{\"status\": {\"$choice\": \"P\", \"a\": \"Enabled\", \"b\": \"Off\"}}]}",
     "versioned", "{\"choice\":\"P\",\"options\":{\"a\":true,\"b\":false}}"},
    {"acme_store", "{\"suspended\": \"false\"}", "active", "true"},
    {"acme_store", "{\"suspended\": {\"$unknown\": \"u\"}}", "active", "{\"unknown\":\"u\"}"},
    {"acme_store", "{\"hosts\": \"a, b,,c\"}", "hosts", "[\"a\",\"b\",\"c\"]"},
    {"ACME::Store::Store", "{\"Zones\": [\"x\", \"y\"]}", "first_zone", "\"x\""},
    {"ACME::Store::Store", "{\"Audit\": {\"Path\": \"x\"}}", "audited", "true"},
    {"ACME::Store::Store", "{\"Audit\": {\"Path\": \"x\"}}", "audit.path", "\"x\""},
    {"ACME::Store::Store", "{}", "audited", "false"},
    {"ACME::Store::Store", "{\"Audit\": {\"$choice\": \"P\", \"a\": {\"Path\": \"x\"}, \"b\": null}}", "audited",
     "{\"choice\":\"P\",\"options\":{\"a\":true,\"b\":false}}"},
    {"ACME::Store::Store", "{}", "origin", "\"cloud\""},
    /* Pairs. */
    {"ACME::Store::Store", "{\"Tags\": [{\"Key\": \"Team\", \"Value\": \"x\"}]}", "tags", "{\"Team\":\"x\"}"},
    {"ACME::Store::Store",
     "{\"Tags\": [{\"$choice\": \"P\", \"a\": {\"Key\": \"Team\", \"Value\": \"x\"}, \"b\": null}]}", "tags",
     "{\"Team\":{\"choice\":\"P\",\"options\":{\"a\":\"x\",\"b\":null}}}"},
    {"ACME::Store::Store",
     "{\"Settings\": [{\"Key\": \"x\", \"Value\": \"y\"}, {\"Key\": \"log.enabled\", \"Value\": \"true\"}]}", "logs",
     "true"},
    {"ACME::Store::Store", "{\"Settings\": [{\"Key\": \"x\", \"Value\": \"y\"}]}", "logs", ""},
    {"ACME::Store::Store", "{\"Settings\": [{\"Key\": {\"$unknown\": \"u\"}, \"Value\": \"y\"}]}", "logs",
     "{\"unknown\":\"the settings are not all known\"}"},
    {"ACME::Store::Store",
     "{\"Settings\": [{\"$choice\": \"P\", \"a\": {\"Key\": \"log.enabled\", \"Value\": \"true\"}, \"b\": null}]}",
     "logs", "{\"choice\":\"P\",\"options\":{\"a\":true,\"b\":null}}"},
    {"ACME::Store::Store", "{\"Tags\": {\"$unknown\": \"u\"}}", "tags", "{\"unknown\":\"u\"}"},
    {"acme_store", "{\"tags\": {\"TeamName\": \"x\"}}", "tags", "{\"TeamName\":\"x\"}"},
    /* Policies. */
    {"acme_store", "{\"policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\"}]}\"}", "policy",
     "{\"Statement\":[{\"Effect\":\"Deny\"}]}"},
    {"ACME::Store::Store", "{\"Policy\": {\"Statement\": []}}", "policy", "{\"Statement\":[]}"},
    {"acme_store", "{\"policy\": {\"$text\": [\"{\\\"R\\\": [\\\"\", {\"$ref\": \"acme_key.k.arn\"}, \"/*\\\"]}\"]}}",
     "policy", "{\"R\":[{\"unknown\":\"known after apply: acme_key.k.arn\",\"text\":\"${\xe2\x80\xa6}/*\"}]}"},
    {"acme_store", "{\"policy\": {\"$text\": [\"{\\\"R\\\": \", {\"$unknown\": \"u\"}, \", \\\"S\\\": true}\"]}}",
     "policy", "{\"R\":{\"unknown\":\"u\"},\"S\":true}"},
    {"acme_store", "{\"policy\": {\"$text\": [\"{\\\"\", {\"$unknown\": \"u\"}, \":sub\\\": 1}\"]}}", "policy",
     "{\"${\xe2\x80\xa6}:sub\":1}"},
    {"acme_store", "{\"policy\": {\"$text\": [\"{\\\"R\\\": \\\"\", {\"$unknown\": \"u\"}, \"\"]}}", "policy",
     "{\"unknown\":\"JSON text that is not fully known\"}"},
    {"acme_store", "{\"policy\": \"\"}", "policy", ""},
    {"acme_store", "{\"policy\": {\"$choice\": \"P\", \"a\": \"{}\", \"b\": null}}", "policy",
     "{\"choice\":\"P\",\"options\":{\"a\":{},\"b\":null}}"},
    /* What the model does not describe. */
    {"acme_store", "{\"NewThing\": {\"SomeKey\": 1}}", "new_thing.some_key", "1"},
    {"acme_store", "{\"note\": {\"OneKey\": [{\"TwoKey\": \"x\"}]}}", "note", "{\"one_key\":[{\"two_key\":\"x\"}]}"},
    {"acme.io/v1/Thing",
     "{\"spec\": {\"containerName\": \"c\", \"container\": [{\"imageName\": \"i\", \"moreThings\": 1}]}}", "spec",
     "{\"container_name\":\"c\",\"containers\":[{\"image_name\":\"i\",\"more_things\":1}]}"},
};

static void test_model__normalises(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w = world_new();
        assert_true(add_model(&w, service));
        struct resource r = {.type = sym_of(str_of(rows[i].type)), .raw = value_from_json(&w, rows[i].raw)};
        model_normalise(w.model, &r, w.arena, &w.diags);
        const struct value *v = value_path(r.attributes, str_of(rows[i].path));
        str got = v ? json_of(&w, v) : STR_NONE;
        if (!str_eq_c(got, rows[i].want))
            fail_msg("row %zu (%s, %s): got " STR_FMT ", want %s", i, rows[i].type, rows[i].raw, STR_ARG(got),
                     rows[i].want);
        assert_int_equal(w.diags.n, 0);
        world_free(&w);
    }
}

static void test_model__defaults_are_marked_and_found(void **state)
{
    (void)state;
    struct world w = world_new();
    assert_true(add_model(&w, service));
    struct resource r = {.type = sym_of(STR("acme_store")), .raw = value_from_json(&w, "{}")};
    model_normalise(w.model, &r, w.arena, &w.diags);
    assert_true(value_get(r.attributes, STR("size"))->flags & VALUE_DEFAULTED);
    assert_true(value_path(r.attributes, STR("limits.rate"))->flags & VALUE_DEFAULTED);
    const struct model_default *d = model_find_default(w.model, r.type, STR("size"));
    assert_str(d->since, "2024-01-01");
    assert_str(d->source, "provider");
    assert_null(model_find_default(w.model, r.type, STR("name")));
    assert_non_null(model_find_default(w.model, r.type, STR("encrypted")));
    world_free(&w);
}

static void test_model__kind_by_condition(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *kind;
    } table[] = {{"{\"engine\": \"tiny\"}", "acme.small"},
                 {"{\"engine\": \"mini-2\"}", "acme.small"},
                 {"{\"engine\": \"huge\"}", "acme.large"},
                 {"{}", "acme.large"},
                 {"{\"engine\": {\"$unknown\": \"u\"}}", "acme.large"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct world w = world_new();
        assert_true(add_model(&w, service));
        struct resource r = {.type = sym_of(STR("acme_engine")), .raw = value_from_json(&w, table[i].raw)};
        model_normalise(w.model, &r, w.arena, &w.diags);
        assert_str(sym_str(r.kind), table[i].kind);
        world_free(&w);
    }
}

static void test_model__policy_positions_are_those_of_the_source(void **state)
{
    (void)state;
    struct world w = world_new();
    assert_true(add_model(&w, service));
    const char *text = "policy = '{\"Statement\": [{\"Effect\": \"Deny\"}]}'";
    const struct source *s = source_add(w.sources, STR("main.x"), str_of(text));
    span at = {s->id, 9, (uint32_t)strlen(text)};
    struct value_entry e = {
        .key = STR("policy"),
        .value = value_string(w.arena, str_slice(s->text, 10, s->text.n - 1), origin_new(w.arena, at, STR_NONE, NULL))};
    struct graph_builder *b = graph_unit_begin(w.graph, STR("u"), STR("x"), 0, w.sources, &w.diags);
    struct resource *r = graph_add(b, STR("acme_store"), STR("acme_store.a"));
    r->raw = value_map(w.arena, &e, 1, NULL);
    graph_link(w.graph, w.model, w.sources, 1, &w.diags);
    const struct value *effect = value_path(r->attributes, STR("policy.Statement.Effect"));
    assert_str(value_str(effect), "Deny");
    assert_str(str_slice(s->text, value_span(effect).start, value_span(effect).end), "\"Deny\"");
    world_free(&w);
}

static void test_model__policy_that_is_no_json_is_unknown(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"policy\": \"{\\\"a\\\": \"}", "{\"policy\": \"not json\"}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct world w = world_new();
        assert_true(add_model(&w, service));
        struct resource r = {.type = sym_of(STR("acme_store")), .raw = value_from_json(&w, bad[i])};
        model_normalise(w.model, &r, w.arena, &w.diags);
        assert_int_equal(value_get(r.attributes, STR("policy"))->kind, VALUE_UNKNOWN);
        assert_int_equal(w.diags.n, 1);
        assert_int_equal(w.diags.at[0].id, DIAG_POLICY_DOCUMENT);
        world_free(&w);
    }
}

static void test_model__incomplete_resource_has_no_absent_attributes(void **state)
{
    (void)state;
    struct world w = world_new();
    assert_true(add_model(&w, service));
    struct resource r = {
        .type = sym_of(STR("acme_store")), .raw = value_from_json(&w, "{\"name\": \"a\"}"), .incomplete = true};
    model_normalise(w.model, &r, w.arena, &w.diags);
    assert_json(&w, value_get(r.attributes, STR("name")), "\"a\"");
    assert_json(&w, value_get(r.attributes, STR("encrypted")),
                "{\"unknown\":\"the block could not be parsed completely\"}");
    assert_json(&w, value_get(r.attributes, STR("policy")),
                "{\"unknown\":\"the block could not be parsed completely\"}");
    world_free(&w);
}

static void test_model__attributes_and_suggestions(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum attribute_state state;
        const char *near;
    } table[] = {
        {"encrypted", ATTRIBUTE_KNOWN, ""},
        {"rules.hour", ATTRIBUTE_KNOWN, ""},
        {"rules.when.day", ATTRIBUTE_KNOWN, ""},
        {"limits.rate", ATTRIBUTE_KNOWN, ""},
        {"tags.Team", ATTRIBUTE_OPEN, ""},
        {"policy.Statement.Effect", ATTRIBUTE_OPEN, ""},
        {"note.anything", ATTRIBUTE_OPEN, ""},
        {"encryptd", ATTRIBUTE_UNKNOWN, "encrypted"},
        {"rules.huor", ATTRIBUTE_UNKNOWN, "rules.hour"},
        {"kms_key_id", ATTRIBUTE_UNKNOWN, ""},
        {"first_zone", ATTRIBUTE_KNOWN, ""},
    };
    struct world w = world_new();
    assert_true(add_model(&w, service));
    const struct model_kind *k = model_kind(w.model, STR("acme.store"));
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        str near;
        enum attribute_state got = model_attribute(k, str_of(table[i].path), &near);
        if (got != table[i].state || !str_eq_c(near, table[i].near))
            fail_msg("%s: state %d, near " STR_FMT, table[i].path, (int)got, STR_ARG(near));
    }
    assert_int_equal(model_attribute(model_kind(w.model, STR("acme.crd")), STR("status.phase"), NULL), ATTRIBUTE_OPEN);
    world_free(&w);
}

static void test_model__fold(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"StorageEncrypted", "storage_encrypted"},
        {"KMSKeyId", "kms_key_id"},
        {"DBInstanceIdentifier", "db_instance_identifier"},
        {"EnableIAMDatabaseAuthentication", "enable_iam_database_authentication"},
        {"MultiAZ", "multi_az"},
        {"S3BucketName", "s3_bucket_name"},
        {"clusterIPs", "cluster_ips"},
        {"SSEAlgorithm", "sse_algorithm"},
        {"AmazonProvidedIPv6CidrBlock", "amazon_provided_ipv6_cidr_block"},
        {"hostIPC", "host_ipc"},
        {"VPCSecurityGroups", "vpc_security_groups"},
        {"snake_case", "snake_case"},
        {"MD5OfBody", "md5_of_body"},
        {"allowPrivilegeEscalation", "allow_privilege_escalation"},
        {"CACertificateIdentifier", "ca_certificate_identifier"},
        {"", ""},
        {"A", "a"},
        {"IPs", "ips"},
        {"some-name", "some_name"},
        {"KMSMasterKeyID", "kms_master_key_id"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_str(model_fold(a, str_of(table[i][0])), table[i][1]);
    arena_free(a);
}

/* Mistakes of authors: the text after "kind: k\n", and what the message must contain. */
static void test_model__says_what_is_wrong(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"types: {t: {}}", "expected \"properties:\""},
        {"types: {t: {properties: 'a{b'}}", "expected }"},
        {"types: {t: {properties: 'a}'}}", "a closing bracket too many"},
        {"types: {t: {properties: 'a:strng'}}", "expected bool, number"},
        {"types: {t: {properties: 'a b a'}}", "stands twice"},
        {"types: {t: {properties: 'a{@b}'}}", "expected the name of a text under \"define:\""},
        {"define: {x: a b}\ntypes: {t: {properties: 'c{@y}'}}", "expected the name of a text under \"define:\""},
        {"define: {x: a b}\ntypes: {t: {properties: '@x b'}}", "stands twice"},
        {"define: {x: 'a{@x}'}\ntypes: {t: {properties: '@x'}}", "a definition that contains itself"},
        {"define: {x: 'a:strng'}\ntypes: {t: {properties: '@x'}}", "expected bool, number"},
        {"types: {t: {properties: 'a ? b'}}", "expected the name of a property"},
        {"types: {t: {properties: first_name, map: {x: frst_name}}}", "did you mean \"first_name\"?"},
        {"types: {t: {properties: 'a{inner}', map: {x: a.iner}}}", "did you mean \"inner\"?"},
        {"types: {t: {properties: a, map: {x: a.b}}}", "has nothing inside"},
        {"types: {t: {properties: a, map: {x: {form: a}}}}", "did you mean \"from\"?"},
        {"types: {t: {properties: a, map: {x: }}}", "expected \"normalised.path: source\""},
        {"types: {t: {properties: a, map: {x: {from: a, pairs: [k]}}}}", "expected two names"},
        {"types: {t: {properties: a, map: {x: {from: a, elements: k}}}}", "elements: expected two names"},
        {"types: {t: {properties: a, map: {x: {from: a, split: ab}}}}", "expected one character"},
        {"types: {t: {properties: a, map: {x: {from: a, wrap: set}}}}", "expected \"list\""},
        {"types: {t: {properties: a, map: {x: {from: a, negate: maybe}}}}", "negate: expected true"},
        {"types: {t: {properties: a, map: {x: {from: a, values: [b]}}}}", "values: expected a mapping"},
        {"types: {t: {properties: a, map: {x: {default: 1}}}}", "a default without \"source\""},
        {"types: {t: {properties: 'l[p]', map: {x: {from: l, each: {q: pp}}}}}", "did you mean \"p\"?"},
        {"types: {t: {properties: a, mapp: {}}}", "did you mean \"map\"?"},
        {"types: {t: {properties: a, when: [b]}}", "when: expected a mapping"},
        {"types: {t: {properties: a, when: {b: c}}}", "no property \"b\""},
        {"types: [t]", "types: expected a mapping"},
        {"atributes: {}", "did you mean \"attributes\"?"},
        {"attributes: {a: {refer: k}}", "did you mean \"refers\"?"},
        {"attributes: {a: {refers: kk}}", "there is no kind kk; did you mean k?"},
        {"attributes: {a: {policy: {use: resorce}}}", "policy: expected"},
        {"attributes: {a: 1}", "attributes: expected a mapping"},
        {"companion: {of: k}", "\"of\", \"by\" and \"into\" are needed"},
        {"companion: {of: k, by: b, into: ., many: true}", "\"many\" needs a list"},
        {"companion: {of: other, by: b, into: x}", "there is no kind other"},
        {"companion: {of: k, by: b, into: x}", "has no attribute b"},
        {"identity: name", "identity: expected a mapping"},
        {"types: {t: {properties: a}}\n---\nkind: l\ntypes: {t: {properties: a}}", "stands in several kinds"},
        {"types: {t: {properties: a}}\n---\nkind: k\ntypes: {t: {properties: a}}", "stands twice in kind k"},
        {"title: x\n---\n[1]", "expected a mapping"},
        {"title: x\n---\ntitle: y", "expected \"kind:\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct world w = world_new();
        str text = arena_printf(w.arena, "kind: k\n%s\n", table[i][0]);
        bool added = add_model(&w, text.p);
        bool finished = model_finish(w.model, &w.diags);
        bool found = false;
        for (size_t d = 0; d < w.diags.n; d++)
            found = found || (str_contains(w.diags.at[d].message, str_of(table[i][1])) && w.diags.at[d].at.file != 0);
        if (!found || (added && finished)) {
            print_diags(&w);
            fail_msg("row %zu: %s", i, table[i][0]);
        }
        world_free(&w);
    }
}

static bool load_service(struct model *m, str name, void *context)
{
    struct world *w = context;
    (void)m;
    return (str_starts(name, STR("acme")) || str_starts(name, STR("ACME"))) && add_model(w, service);
}

static void test_model__loads_what_is_asked_for_once(void **state)
{
    (void)state;
    struct world w = world_new();
    model_set_loader(w.model, load_service, &w);
    assert_null(model_type(w.model, STR("other_thing")));
    const struct model_type *t = model_type(w.model, STR("acme_store"));
    assert_non_null(t);
    assert_str(sym_str(model_type_kind(t)), "acme.store");
    assert_ptr_equal(model_type(w.model, STR("acme_store")), t);
    const str *types;
    assert_int_equal(model_kind_types(model_kind(w.model, STR("acme.store")), &types), 2);
    assert_str(types[1], "ACME::Store::Store");
    world_free(&w);
}

static void test_model__deep_and_shared_input_is_bounded(void **state)
{
    (void)state;
    struct world w = world_new();
    assert_true(add_model(&w, service));
    const struct value *v = value_number(w.arena, 1, NULL);
    for (int i = 0; i < 60; i++) {
        const struct value **items = ARENA_ARRAY(w.arena, const struct value *, 2);
        items[0] = items[1] = v;
        v = value_list(w.arena, items, 2, NULL);
    }
    struct value_entry e = {.key = STR("note"), .value = v};
    struct resource r = {.type = sym_of(STR("acme_store")), .raw = value_map(w.arena, &e, 1, NULL)};
    model_normalise(w.model, &r, w.arena, &w.diags);
    assert_int_equal(w.diags.n, 1);
    assert_int_equal(w.diags.at[0].id, DIAG_LIMIT);
    world_free(&w);
}

static size_t limit_diags(unsigned n_properties)
{
    struct arena *a = arena_new();
    struct sources *sources = sources_new();
    struct diag_list diags;
    struct documents documents = {0};
    struct buf text;
    struct model *m = model_new();
    size_t n = 0;
    diag_list_init(&diags, a);
    buf_init(&text, 4u << 20);
    buf_add_c(&text,
              "kind: acme.wide\ntitle: Wide\nattributes: {name: {}}\ntypes:\n  acme_wide:\n    properties: name");
    for (unsigned i = 1; i < n_properties; i++)
        buf_printf(&text, " p%u", i);
    buf_add_c(&text, "\n    map: {}\n");
    yaml_read(source_add(sources, STR("wide.yaml"), buf_str(&text)), a, &diags, &documents);
    model_add(m, &documents.at[0], &diags);
    model_finish(m, &diags);
    for (size_t i = 0; i < diags.n; i++)
        n += str_contains(diags.at[i].message, STR("too many properties"));
    model_free(m);
    buf_release(&text);
    diag_list_release(&diags);
    sources_free(sources);
    arena_free(a);
    intern_release();
    return n;
}

static void test_model__properties_are_limited(void **state)
{
    (void)state;
    assert_int_equal(limit_diags(LIMIT_MODEL_PROPERTIES - 1), 0);
    assert_int_equal(limit_diags(LIMIT_MODEL_PROPERTIES + 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model__properties_are_limited),
        cmocka_unit_test(test_model__normalises),
        cmocka_unit_test(test_model__defaults_are_marked_and_found),
        cmocka_unit_test(test_model__kind_by_condition),
        cmocka_unit_test(test_model__policy_positions_are_those_of_the_source),
        cmocka_unit_test(test_model__policy_that_is_no_json_is_unknown),
        cmocka_unit_test(test_model__incomplete_resource_has_no_absent_attributes),
        cmocka_unit_test(test_model__attributes_and_suggestions),
        TEST(test_model__fold),
        cmocka_unit_test(test_model__says_what_is_wrong),
        cmocka_unit_test(test_model__loads_what_is_asked_for_once),
        cmocka_unit_test(test_model__deep_and_shared_input_is_bounded),
    };
    int failed = cmocka_run_group_tests_name("model", tests, NULL, NULL);
    intern_release();
    return failed;
}
