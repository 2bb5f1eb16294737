#include "policy/testing.h"

static const char service[] = "kind: aws.kms.key\n"
                              "types:\n"
                              "  key: {properties: 'description key_id'}\n"
                              "---\n"
                              "kind: aws.kms.alias\n"
                              "identity: {name: name}\n"
                              "types:\n"
                              "  alias: {properties: name}\n"
                              "---\n"
                              "kind: acme.store\n"
                              "attributes: {key: {refers: [aws.kms.key, aws.kms.alias]}}\n"
                              "identity: {name: name, arn: 'arn:*:acme:*:*:store/{name}'}\n"
                              "types:\n"
                              "  store: {properties: 'name key secret'}\n"
                              "---\n"
                              "kind: acme.selection\n"
                              "attributes: {resources: {refers: acme.store}}\n"
                              "types:\n"
                              "  selection: {properties: 'resources:list'}\n";

struct question {
    const char *title;
    const char *store;     /* attributes of store.a, which is asked */
    const char *selection; /* of selection.s; NULL: there is none */
    const char *expression;
    enum status want;
};

#define KEY      "customerKey(resource.key)"
#define COVERS   "resources('acme.selection').exists(s, s.resources.covers(resource, 'arn:*:acme:*:*:store/*'))"
#define SAME     "sameResource(resource.key, resource.secret)"
#define NO_STORE "{\"name\": \"a\"}"

static const struct question questions[] = {
    {"no key", NO_STORE, NULL, KEY, STATUS_FAIL},
    {"an empty key", "{\"key\": \"\"}", NULL, KEY, STATUS_FAIL},
    {"a key of the customer", "{\"key\": {\"$ref\": \"key.k.arn\"}}", NULL, KEY, STATUS_PASS},
    {"an alias of the customer", "{\"key\": {\"$ref\": \"alias.own.arn\"}}", NULL, KEY, STATUS_PASS},
    {"an alias of AWS", "{\"key\": {\"$ref\": \"alias.service.arn\"}}", NULL, KEY, STATUS_FAIL},
    {"an alias of AWS by name", "{\"key\": \"alias/aws/acme\"}", NULL, KEY, STATUS_FAIL},
    {"an ARN", "{\"key\": \"arn:aws:kms:us-east-1:111122223333:key/1\"}", NULL, KEY, STATUS_PASS},
    {"an ARN with a hole",
     "{\"key\": {\"$text\": [\"arn:aws:kms:us-east-1:\", {\"$unknown\": \"account\"}, \":key/1\"]}}", NULL, KEY,
     STATUS_PASS},
    {"what lies behind an ARN with a hole",
     "{\"key\": {\"$text\": [\"arn:aws:kms:us-east-1:\", {\"$unknown\": \"account\"}, \":key/1\"]}}", NULL,
     "ref(resource.key).grants.size() == 0", STATUS_UNKNOWN},
    {"a key that is not among the files", "{\"key\": {\"$ref\": \"key.elsewhere.arn\"}}", NULL, KEY, STATUS_PASS},
    {"an input without value", "{\"key\": {\"$unknown\": \"var.key has no value\"}}", NULL, KEY, STATUS_UNKNOWN},

    {"one key twice", "{\"key\": {\"$ref\": \"key.k.arn\"}, \"secret\": {\"$ref\": \"key.k.key_id\"}}", NULL, SAME,
     STATUS_PASS},
    {"two keys", "{\"key\": {\"$ref\": \"key.k.arn\"}, \"secret\": {\"$ref\": \"alias.own.arn\"}}", NULL, SAME,
     STATUS_FAIL},
    {"one id as text", "{\"key\": \"key-1\", \"secret\": \"key-1\"}", NULL, SAME, STATUS_PASS},
    {"two ids as text", "{\"key\": \"key-1\", \"secret\": \"key-2\"}", NULL, SAME, STATUS_FAIL},
    {"text and a key of the files", "{\"key\": {\"$ref\": \"key.k.arn\"}, \"secret\": \"key-2\"}", NULL, SAME,
     STATUS_FAIL},
    {"one that is not among the files",
     "{\"key\": {\"$ref\": \"key.gone.arn\"}, \"secret\": {\"$ref\": \"key.gone.id\"}}", NULL, SAME, STATUS_PASS},
    {"two that are not", "{\"key\": {\"$ref\": \"key.gone.arn\"}, \"secret\": {\"$ref\": \"key.lost.arn\"}}", NULL,
     SAME, STATUS_FAIL},
    {"one that is and one that is not",
     "{\"key\": {\"$ref\": \"key.k.arn\"}, \"secret\": {\"$ref\": \"key.lost.arn\"}}", NULL, SAME, STATUS_FAIL},
    {"two look-ups", "{\"key\": {\"$ref\": \"data.key.a.arn\"}, \"secret\": {\"$ref\": \"data.key.b.arn\"}}", NULL,
     SAME, STATUS_UNKNOWN},
    {"nothing is not the same as nothing", NO_STORE, NULL, SAME, STATUS_FAIL},
    {"a key and an input", "{\"key\": {\"$ref\": \"key.k.arn\"}, \"secret\": {\"$unknown\": \"no value\"}}", NULL, SAME,
     STATUS_UNKNOWN},

    {"no secret", NO_STORE, NULL, "inClear(resource.secret)", STATUS_FAIL},
    {"a literal", "{\"secret\": \"hunter2\"}", NULL, "inClear(resource.secret)", STATUS_PASS},
    {"an unknown secret", "{\"secret\": {\"$unknown\": \"var.secret has no value\"}}", NULL, "inClear(resource.secret)",
     STATUS_UNKNOWN},

    {"by reference", NO_STORE, "{\"resources\": [{\"$ref\": \"store.a.arn\"}]}", COVERS, STATUS_PASS},
    {"by reference to another", NO_STORE, "{\"resources\": [{\"$ref\": \"store.b.arn\"}]}", COVERS, STATUS_FAIL},
    {"by ARN", NO_STORE, "{\"resources\": [\"arn:aws:acme:us-east-1:111122223333:store/a\"]}", COVERS, STATUS_PASS},
    {"by the ARN of another", NO_STORE, "{\"resources\": [\"arn:aws:acme:us-east-1:111122223333:store/b\"]}", COVERS,
     STATUS_FAIL},
    {"by pattern", NO_STORE, "{\"resources\": [\"arn:aws:acme:*:*:store/*\"]}", COVERS, STATUS_PASS},
    {"by the pattern of another service", NO_STORE, "{\"resources\": [\"arn:aws:s3:::*\"]}", COVERS, STATUS_FAIL},
    {"everything", NO_STORE, "{\"resources\": [\"*\"]}", COVERS, STATUS_PASS},
    {"something unknown", NO_STORE, "{\"resources\": [{\"$unknown\": \"var.resources has no value\"}]}", COVERS,
     STATUS_UNKNOWN},
    {"nothing", NO_STORE, "{\"resources\": []}", COVERS, STATUS_FAIL},
    {"no list at all", NO_STORE, "{}", COVERS, STATUS_FAIL},

    {"what is not known", NO_STORE, NULL, "unknown('why')", STATUS_UNKNOWN},
    {"what is not known does not matter", NO_STORE, NULL, "unknown('why') || resource.name == 'a'", STATUS_PASS},
};

static enum status answer(const struct question *q)
{
    struct world w;
    struct graph_builder *b = unit_of(&w, service);
    add_named(&w, b, "store", "a", q->store);
    add_named(&w, b, "store", "b", "{\"name\": \"b\"}");
    add_named(&w, b, "key", "k", "{}");
    add_named(&w, b, "alias", "own", "{\"name\": \"alias/own\"}");
    add_named(&w, b, "alias", "service", "{\"name\": \"alias/aws/acme\"}");
    if (q->selection)
        add_named(&w, b, "selection", "s", q->selection);
    return ask_and_free(&w, "store.a", q->expression);
}

static void test_functions_graph__answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        enum status got = answer(&questions[i]);
        if (got != questions[i].want)
            fail_msg("%s: %s, not %s", questions[i].title, status_name(got), status_name(questions[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_functions_graph__answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
