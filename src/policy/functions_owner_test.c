/* owner(), keptOnDelete(), keptOnReplace(). */
#include "policy/testing.h"

static const char service[] = "kind: acme.store\n"
                              "identity: {name: name}\n"
                              "types:\n"
                              "  store: {properties: 'name'}\n"
                              "---\n"
                              "kind: acme.lock\n"
                              "companion: {of: acme.store, by: store, into: lock}\n"
                              "attributes: {store: {refers: acme.store}}\n"
                              "types:\n"
                              "  lock: {properties: 'store days:number'}\n";

struct question {
    const char *title;
    const char *lock;     /* attributes of lock.l, which is asked */
    const char *metadata; /* of both; NULL: none */
    const char *expression;
    enum status want;
};

#define MINE "{\"store\": {\"$ref\": \"store.a.id\"}}"

static const struct question questions[] = {
    {"merged", MINE, NULL, "resource.owner() != null", STATUS_PASS},
    {"attributes of the owner", MINE, NULL, "resource.owner().name == 'a'", STATUS_PASS},
    {"of a store of others", "{\"store\": \"elsewhere\"}", NULL, "resource.owner() == null", STATUS_PASS},
    {"nothing is said", MINE, NULL, "resource.keptOnDelete()", STATUS_FAIL},
    {"retained", MINE, "{\"DeletionPolicy\": \"Retain\"}", "resource.keptOnDelete()", STATUS_PASS},
    {"not retained on replacement", MINE, "{\"DeletionPolicy\": \"Retain\"}", "resource.keptOnReplace()", STATUS_FAIL},
    {"a snapshot", MINE, "{\"UpdateReplacePolicy\": \"Snapshot\"}", "resource.keptOnReplace()", STATUS_PASS},
    {"except on create", MINE, "{\"DeletionPolicy\": \"RetainExceptOnCreate\"}", "resource.keptOnDelete()",
     STATUS_PASS},
    {"deleted", MINE, "{\"DeletionPolicy\": \"Delete\"}", "resource.keptOnDelete()", STATUS_FAIL},
    {"not known", MINE, "{\"DeletionPolicy\": {\"$unknown\": \"a parameter\"}}", "resource.keptOnDelete()",
     STATUS_UNKNOWN},
    {"refused", MINE, "{\"lifecycle\": {\"prevent_destroy\": true}}",
     "resource.keptOnDelete() && resource.keptOnReplace()", STATUS_PASS},
    {"not refused", MINE, "{\"lifecycle\": {\"prevent_destroy\": false}}", "resource.keptOnReplace()", STATUS_FAIL},
};

static enum status answer(const struct question *q)
{
    struct world w;
    struct graph_builder *b = unit_of(&w, service);
    struct resource *lock = add_named(&w, b, "lock", "l", q->lock);
    if (q->metadata)
        lock->metadata = value_from_json(&w, q->metadata);
    add_named(&w, b, "store", "a", "{\"name\": \"a\"}");
    return ask_and_free(&w, "lock.l", q->expression);
}

static void test_functions_owner__answers(void **state)
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_functions_owner__answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
