/* own(), resourceAt(), arnService(), isDeclared(). */
#include "policy/testing.h"

static const char service[] = "kind: acme.wall.group\n"
                              "identity: {name: name}\n"
                              "attributes: {certificate: {refers: acme.keys.certificate}}\n"
                              "types:\n"
                              "  group: {properties: 'name certificate rules[port:number]'}\n"
                              "---\n"
                              "kind: acme.wall.rule\n"
                              "companion: {of: acme.wall.group, by: group, into: rules, many: true}\n"
                              "attributes: {group: {refers: acme.wall.group}}\n"
                              "types:\n"
                              "  rule: {properties: 'group port:number'}\n"
                              "---\n"
                              "kind: acme.keys.certificate\n"
                              "types:\n"
                              "  certificate: {properties: 'name'}\n";

struct question {
    const char *title;
    const char *subject;
    const char *group; /* attributes of group.g */
    const char *expression;
    enum status want;
};

#define INLINE "{\"rules\": [{\"port\": 1}]}"

static const struct question questions[] = {
    {"all rules", "group.g", INLINE, "resource.rules.size() == 2", STATUS_PASS},
    {"those of the group", "group.g", INLINE, "resource.own('rules').all(r, r.port == 1)", STATUS_PASS},
    {"and only those", "group.g", INLINE, "resource.own('rules').size() == 1", STATUS_PASS},
    {"a group without any", "group.g", "{}", "resource.own('rules').size() == 0", STATUS_PASS},
    {"a rule is its own", "rule.r", INLINE, "resource.own('rules').all(r, r.port == 2)", STATUS_PASS},
    {"a rule of a group elsewhere", "rule.s", INLINE, "resource.own('rules').all(r, r.port == 3)", STATUS_PASS},
    {"rules that are not known", "group.g", "{\"rules\": {\"$partial\": [{\"port\": 1}]}}",
     "resource.own('rules').all(r, r.port == 1)", STATUS_UNKNOWN},
    {"by address", "rule.r", INLINE, "resourceAt('group.g').kind == 'acme.wall.group'", STATUS_PASS},
    {"no such address", "rule.r", INLINE, "resourceAt('group.x').kind == 'acme.wall.group'", STATUS_UNKNOWN},
    {"an ARN", "group.g", "{\"certificate\": \"arn:aws:keys:us-east-1:1:certificate/1\"}",
     "arnService(resource.certificate) == 'keys'", STATUS_PASS},
    {"an ARN of another service", "group.g", "{\"certificate\": \"arn:aws:iam::1:server-certificate/1\"}",
     "arnService(resource.certificate) == 'keys'", STATUS_FAIL},
    {"an ARN with a hole", "group.g",
     "{\"certificate\": {\"$text\": [\"arn:aws:keys:\", {\"$unknown\": \"a region\"}]}}",
     "arnService(resource.certificate) == 'keys'", STATUS_PASS},
    {"a reference", "group.g", "{\"certificate\": {\"$ref\": \"certificate.c.arn\"}}",
     "arnService(resource.certificate) == 'keys'", STATUS_PASS},
    {"not known", "group.g", "{\"certificate\": {\"$unknown\": \"var.c\"}}",
     "arnService(resource.certificate) == 'keys'", STATUS_UNKNOWN},
    {"declared", "group.g", "{\"certificate\": {\"$ref\": \"certificate.c.arn\"}}", "isDeclared(resource.certificate)",
     STATUS_PASS},
    {"declared elsewhere", "group.g", "{\"certificate\": \"arn:aws:keys:us-east-1:1:certificate/1\"}",
     "isDeclared(resource.certificate)", STATUS_FAIL},
    {"an input is not declared", "group.g", "{\"certificate\": {\"$unknown\": \"var.c\"}}",
     "isDeclared(resource.certificate)", STATUS_FAIL},
    {"what is absent is not declared", "group.g", "{}", "isDeclared(resource.certificate)", STATUS_FAIL},
    {"absent", "group.g", "{}", "arnService(resource.certificate) == 'keys'", STATUS_FAIL},
    {"other text", "group.g", "{\"certificate\": \"name\"}", "arnService(resource.certificate) == ''", STATUS_PASS},
};

static void add(struct world *w, struct graph_builder *b, const char *type, const char *name, const char *raw,
                uint32_t at)
{
    add_named(w, b, type, name, raw)->header = (span){.file = 1, .start = at, .end = at + 1};
}

static enum status answer(const struct question *q)
{
    struct world w;
    struct graph_builder *b = unit_of(&w, service);
    add(&w, b, "group", "g", q->group, 10);
    add(&w, b, "rule", "r", "{\"group\": {\"$ref\": \"group.g.id\"}, \"port\": 2}", 20);
    add(&w, b, "rule", "s", "{\"group\": \"elsewhere\", \"port\": 3}", 30);
    add(&w, b, "certificate", "c", "{}", 40);
    return ask_and_free(&w, q->subject, q->expression);
}

static void test_functions_resource__answers(void **state)
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_functions_resource__answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
