/* What the functions of the domain say of arguments of other types, of what is not known, and of nothing. */
#include "policy/testing.h"

static const char service[] =
    "kind: acme.key\n"
    "types:\n"
    "  key: {properties: 'name'}\n"
    "---\n"
    "kind: acme.store\n"
    "attributes: {key: {refers: acme.key}}\n"
    "identity: {name: name, arn: 'arn:*:acme:*:*:store/{name}'}\n"
    "types:\n"
    "  store: {properties: 'name key secret rules:list policy:map open:list none:map holes:list number:number text "
    "other chosen'}\n";

/* The attributes of store.a, which is asked. */
static const char store[] =
    "{\"name\": \"a\", \"key\": {\"$ref\": \"key.k.arn\"}, \"secret\": {\"$unknown\": \"no value\"},"
    " \"rules\": [{\"protocol\": {\"$unknown\": \"no protocol\"}},"
    " {\"protocol\": \"tcp\", \"from_port\": {\"$unknown\": \"no port\"}}],"
    " \"policy\": {\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"},"
    " {\"$choice\": \"A\", \"true\": {\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"}, \"false\": "
    "null},"
    " {\"Effect\": \"Allow\", \"Action\": {\"$text\": [{\"$choice\": \"B\", \"true\": \"sqs\", \"false\": \"sns\"}, "
    "\":Get\"]}, \"Resource\": \"*\"}]},"
    " \"open\": {\"$partial\": [\"x\"]}, \"none\": {\"$partial\": {}}, \"holes\": [{\"$unknown\": \"no element\"}], "
    "\"number\": 3,"
    " \"text\": {\"$text\": [\"arn:aws:s3:::\", {\"$unknown\": \"bucket\"}, \"/logs/\", {\"$unknown\": \"day\"}, "
    "\"y\"]},"
    " \"other\": {\"$text\": [\"arn:aws:sqs:::\", {\"$unknown\": \"queue\"}]},"
    " \"chosen\": {\"$text\": [{\"$choice\": \"B\", \"true\": \"sqs\", \"false\": null}, \":Get\"]}}";

#define ALLOW "{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'"

struct row {
    const char *expression, *want; /* JSON, or "error: ..." or "unknown: ..." */
};

static const struct row rows[] = {
    {"[1].isAnyCidr()", "error: no such overload: isAnyCidr(list)"},
    {"(1).isPrivateCidr()", "error: no such overload: isPrivateCidr(int)"},
    {"'10.0.0.0/8'.containsCidr(1)", "error: no such overload: containsCidr(string, int)"},
    {"'10.0.0.0/8'.containsCidr('here')", "false"},
    {"(1).prefixLength()", "error: no such overload: prefixLength(int)"},
    {"'0.0.0.0/0'.coverEverything()", "error: no such overload: coverEverything(string)"},
    {"[resource.secret, '0.0.0.0/1'].coverEverything()", "unknown: no value"},
    {"[resource.secret, '0.0.0.0/1', '128.0.0.0/1'].coverEverything()", "true"},
    {"{'protocol': 'tcp'}.coversPort('http')", "error: no such overload: coversPort(map, string)"},
    {"'tcp'.coversPort(22)", "error: no such overload: coversPort(string, int)"},
    {"{'protocol': 'tcp'}.coversPort(22.0)", "true"},
    {"{'protocol': 'tcp'}.coversAnyPort(22)", "error: no such overload: coversAnyPort(map, int)"},
    {"(1).coversAnyPort([22])", "error: no such overload: coversAnyPort(int, list)"},
    {"{'protocol': 'tcp', 'from_port': 1, 'to_port': 9}.coversAnyPort(['x', 10])", "false"},
    {"(1).coversAllPorts()", "error: no such overload: coversAllPorts(int)"},
    {"(1).portCount()", "error: no such overload: portCount(int)"},
    {"{'protocol': 'tcp', 'from_port': 9, 'to_port': 1}.portCount()", "0"},
    {"{'protocol': 'icmp'}.portCount()", "0"},
    {"(1).isAllProtocols()", "error: no such overload: isAllProtocols(int)"},
    {"resource.rules[0].coversPort(22)", "unknown: no protocol"},
    {"resource.rules[0].coversAnyPort([22])", "unknown: no protocol"},
    {"resource.rules[0].coversAllPorts()", "unknown: no protocol"},
    {"resource.rules[0].isAllProtocols()", "unknown: no protocol"},
    {"resource.rules[1].coversPort(22)", "unknown: no port"},
    {"resource.rules[1].portCount()", "unknown: no port"},
    {"resource.rules[1].isAllProtocols()", "false"},

    {"resource.related(1)", "error: no such overload: related(resource, int)"},
    {"resource.related('acme.key', 1)", "error: no such overload: related(resource, string, int)"},
    {"'a'.related('acme.key')", "error: no such overload: related(string, string)"},
    {"'a'.isUsed()", "error: no such overload: isUsed(string)"},
    {"ref(resource.key).isUsed()", "true"},
    {"resources(1)", "error: no such overload: resources(int)"},
    {"resources('acme.store', 'name')", "error: no such overload: resources(string, string)"},
    {"resources('acme.store', 1, 'a')", "error: no such overload: resources(string, int, string)"},
    {"resources('acme.store', 'name', 'a').size()", "1"},
    {"resources('acme.unheard').size()", "0"},
    {"ref(1)", "error: no such overload: ref(int)"},
    {"ref(null)", "null"},
    {"ref(resource.secret)", "unknown: no value"},
    {"['*'].covers('a', 'arn:*')", "error: no such overload: covers(list, string, string)"},
    {"['*'].covers(resource, 1)", "error: no such overload: covers(list, resource, int)"},
    {"null.covers(resource, 'arn:*')", "false"},
    {"sameResource(1, resource)", "error: no such overload: sameResource(int, resource)"},
    {"sameResource(null, resource)", "false"},
    {"sameResource(resource, resource)", "true"},
    {"customerKey(null)", "false"},
    {"customerKey('')", "false"},
    {"customerKey(resource.secret)", "unknown: no value"},
    {"unknown(1)", "error: no such overload: unknown(int)"},
    {"unknown('why')", "unknown: why"},
    {"'a'.owner()", "error: no such overload: owner(string)"},
    {"'a'.keptOnDelete()", "error: no such overload: DeletionPolicy(string)"},

    {"resource.own(1)", "error: no such overload: own(resource, int)"},
    {"'a'.own('rules')", "error: no such overload: own(string, string)"},
    {"resource.own('rules').size()", "2"},
    {"resource.own('name')", "\"a\""},
    {"resource.own('unheard')", "null"},
    {"resourceAt(1)", "error: no such overload: resourceAt(int)"},
    {"resourceAt('store.b')", "unknown: there is no such resource in the unit"},
    {"resourceAt('key.k').name", "\"k\""},
    {"arnService(1)", "error: no such overload: arnService(int)"},
    {"arnService(null)", "null"},
    {"arnService(resource)", "\"store\""},
    {"arnService(resource.key)", "\"key\""},
    {"arnService('arn:aws:acm:us-east-1:1:certificate/x')", "\"acm\""},
    {"arnService('no arn')", "\"\""},
    {"arnService(resource.secret)", "unknown: no value"},
    {"isDeclared(resource)", "true"},
    {"isDeclared(resource.key)", "true"},
    {"isDeclared('key.k')", "false"},
    {"isDeclared(resource.secret)", "false"},
    {"isDeclared(1)", "false"},

    {"(1).statements()", "error: no such overload: statements(int)"},
    {"(1).publicStatements()", "error: no such overload: publicStatements(int)"},
    {"(1).principals()", "error: no such overload: principals(int)"},
    {"(1).accounts()", "error: no such overload: accounts(int)"},
    {"(1).webIdentities()", "error: no such overload: webIdentities(int)"},
    {"(1).grantees('s3:*')", "error: no such overload: grantees(int, string)"},
    {"{}.grantees(true)", "error: no such overload: grantees(map, bool)"},
    {"(1).allows('s3:*')", "error: no such overload: allows(int, string)"},
    {"{}.allows('s3:*', true)", "error: no such overload: allows(map, string, bool)"},
    {"{}.allows('s3:*', '*', 1)", "error: no such overload: allows(map, string, string, int)"},
    {"{}.denies('s3:*', '*', {1: 'a'})", "error: no such overload: denies(map, string, string, map)"},
    {"resource.secret.allowsSome('s3:*')", "unknown: no value"},
    {"{}.allowsSome('s3:*', '*', resource.secret)", "unknown: no value"},
    {"(1).allowsPublic()", "error: no such overload: allowsPublic(int)"},
    {"{}.allowsPublic(true)", "error: no such overload: allowsPublic(map, bool)"},
    {"(1).guardsConfusedDeputy()", "error: no such overload: guardsConfusedDeputy(int)"},
    {"(1).externalAccountsGuarded()", "error: no such overload: externalAccountsGuarded(int)"},
    {"{}.deniesInsecureTransport(1)", "error: no such overload: deniesInsecureTransport(map, int)"},
    {"{}.requiresTls('new')", "error: no such overload: requiresTls(map, string)"},
    {"{}.requiresTls(1.2)", "error: no such overload: requiresTls(map, double)"},
    {"(1).wildcardActions()", "error: no such overload: wildcardActions(int)"},
    {"{}.wholeServices(true)", "error: no such overload: wholeServices(map, bool)"},
    {"{}.broadActions('all')", "error: no such overload: broadActions(map, string)"},
    {"{}.broadActions('read', 1)", "error: no such overload: broadActions(map, string, int)"},
    {"iamActions('s3:*', 'all')", "error: no such overload: iamActions(string, string)"},
    {"managedPolicy(1)", "error: no such overload: managedPolicy(int)"},
    {"managedPolicy('arn:aws:iam::aws:policy/None')", "unknown: the statements of the managed policy are not known"},
    {"[].permits('get', 1)", "error: no such overload: permits(list, string, int)"},
    {"'a'.permits('get', 'secrets')", "error: no such overload: permits(string, string, string)"},
    {"[{'apiGroups': [''], 'resources': ['secrets'], 'verbs': ['get', 'list']}].permits('get', 'secrets')", "true"},
    {"[{'apiGroups': [''], 'resources': ['secrets'], 'verbs': ['get']}].permits('list', 'secrets')", "false"},

    {"{'Statement': [" ALLOW
     ", 'Condition': {'StringEquals': {'aws:a': ['x', 'y']}}}]}.allows('s3:Get', '*', {'aws:a': 'x'})",
     "true"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'StringEquals': {'aws:a': ['x', 'y']}}}]}.allows('s3:Get', '*', {'AWS:A': 'z'})",
     "false"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'StringEquals': {'aws:a': ['x', 'y']}}}]}.allows('s3:Get', '*', {'aws:a': null})",
     "false"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'StringEquals': {'aws:a': ['x', 'y']}}}]}.allows('s3:Get', '*', {'aws:a': resource.secret})",
     "unknown: a part of the policy is not known"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'StringEquals': {'aws:a': resource.secret}}}]}.allows('s3:Get', '*', {'aws:a': 'x'})",
     "unknown: a part of the policy is not known"},
    {"{'Statement': [" ALLOW ", 'Condition': {'ForAllValues:StringEquals': {'aws:a': ['x', 'y']}}}]}.allows('s3:Get', "
     "'*', {'aws:a': ['x', 'z']})",
     "false"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'NumericLessThan': {'s3:TlsVersion': 1.2}}}]}.allows('s3:Get', '*', {'s3:TlsVersion': 1})",
     "true"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'NumericLessThan': {'s3:TlsVersion': 2u}}}]}.allows('s3:Get', '*', {'s3:TlsVersion': 2})",
     "false"},
    {"{'Statement': [" ALLOW
     ", 'Condition': {'Bool': {'aws:SecureTransport': true}}}]}.allows('s3:Get', '*', {'aws:SecureTransport': true})",
     "true"},
    {"{'Statement': [" ALLOW "}]}.allows('s3:Get', resource, {'principal': 'arn:aws:iam::111122223333:role/x'})",
     "true"},
    {"{'Statement': [" ALLOW "}]}.allows('s3:Get', resource)", "true"},
    {"{'Statement': [" ALLOW "}]}.allows('ec2:Get')", "false"},
    {"{'Statement': [" ALLOW "}]}.allows(resource.secret)", "unknown: a part of the policy is not known"},
    {"{'Statement': [" ALLOW ", 'Principal': '*'}]}.publicStatements().size()", "1"},
    {"{'Statement': [" ALLOW ", 'Principal': {'AWS': resource.secret}}]}.publicStatements()",
     "unknown: a part of the policy is not known"},
    {"{'Statement': [" ALLOW ", 'Principal': '*'}, optional.none()]}.allowsPublic()", "true"},
    {"resource.policy.allows('s3:Get')", "unknown: depends on A"},
    {"resource.policy.allows('ec2:Get')", "unknown: depends on A"},
    {"resource.policy.allows('sqs:Get')", "unknown: depends on A"},
    {"resource.policy.allowsSome('iam:Get')", "unknown: depends on A"},
    {"resource.policy.statements().size()", "unknown: more elements are possible"},
    {"{'Statement': "
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
     "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}.allows('s3:Get')",
     "unknown: nested too deeply"},
    {"iamActions('s3:GetObject')", "unknown: the table of IAM actions is not loaded"},

    {"'%s'.format([resource])", "\"store.a\""},
    {"'%s'.format([resource.policy])", "unknown: more elements are possible"},
    {"[resource, resource.secret][0]", "{\"resource\":\"store.a\"}"},
    {"resource.open.size()", "unknown: more elements are possible"},
    {"resource.open.first()", "unknown: more elements are possible"},
    {"resource.open[0]", "unknown: not all elements are known"},
    {"resource.open.name", "unknown: not all elements are known"},
    {"resource.open == ['x']", "unknown: more elements are possible"},
    {"resource.open.coverEverything()", "unknown: more prefixes are possible"},
    {"optional.ofNonZeroValue(resource.open)", "[\"x\"]"},
    {"optional.of(resource.secret) == optional.of(1)", "unknown: no value"},
    {"optional.ofNonZeroValue(resource.none)", "unknown: more keys are possible"},
    {"resource.secret.?a", "unknown: no value"},
    {"[resource.secret].name", "error: no such overload: a value of type list has no field 'name'"},
    {"resource.holes.name", "unknown: no element"},
    {"resource.open.sortBy(x, x)", "unknown: more elements are possible"},
    {"[1, 2].transformMapEntry(i, v, resource.secret).size()", "unknown: more keys are possible"},
    {"math.ceil(resource.number)", "3.0"},
    {"resource.number + 1u", "4.0"},
    {"resource.text == 'arn:aws:s3:::x/logs/2024/y'", "unknown: bucket"},
    {"resource.text == 'arn:aws:s3:::x/data/y'", "false"},
    {"resource.text == resource.other", "false"},
    {"resource.text == 1", "false"},
    {"resource.chosen", "unknown: undecided"},
};

static str said(struct world *w, const struct cel_value *v, struct cel_context *c)
{
    if (v->kind == CEL_ERROR || v->kind == CEL_UNKNOWN)
        return arena_printf(w->arena, "%s: " STR_FMT, v->kind == CEL_ERROR ? "error" : "unknown", STR_ARG(v->u.text));
    struct buf out;
    buf_init(&out, 1 << 16);
    cel_value_json(c, v, &out);
    str json = buf_copy(&out, w->arena);
    buf_release(&out);
    return json;
}

static str answer(struct world *w, const struct resource *r, const char *expression)
{
    struct cel_program *p =
        cel_compile(str_of(expression), 0, 0, false, SPAN_NONE, environment_get(), w->arena, &w->diags);
    if (!p) {
        print_diags(w);
        fail_msg("%s", expression);
    }
    struct environment environment = {.graph = w->graph, .subject = r};
    struct cel_value v, binding[ENV_VARIABLES] = {[ENV_RESOURCE] = cel_resource(r),
                                                  [ENV_ITEM] = cel_null(),
                                                  [ENV_ADDRESS] = cel_string(r->address),
                                                  [ENV_PARAM] = cel_null()};
    struct cel_context c;
    cel_context_init(&c, w->arena);
    c.data = &environment;
    cel_eval(p, binding, &c, &v);
    str s = said(w, &v, &c);
    cel_context_release(&c);
    return s;
}

static void test_functions_types__say_what_they_do_not_take(void **state)
{
    struct world w;
    size_t wrong = 0;
    (void)state;
    struct graph_builder *b = unit_of(&w, service);
    add_named(&w, b, "store", "a", store);
    add_named(&w, b, "key", "k", "{\"name\": \"k\"}");
    graph_link(w.graph, w.model, w.sources, 1, &w.diags);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str got = answer(&w, graph_find(w.graph, 0, STR("store.a")), rows[i].expression);
        if (!str_eq_c(got, rows[i].want)) {
            print_message("%s gave " STR_FMT ", not %s\n", rows[i].expression, STR_ARG(got), rows[i].want);
            wrong++;
        }
    }
    world_free(&w);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_functions_types__say_what_they_do_not_take)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
