/* What must not happen, whatever the files say: no crash, no endless run, nothing silent. */
#include "base/path.h"
#include "base/testing.h"
#include "frontend/terraform/terraform.h"
#include "frontend/terraform/testing.h"

static void open_text(struct testing *t, const char *text)
{
    const struct testing_file f = {"main.tf", text};
    memset(t, 0, sizeof(*t));
    testing_open(t, &f, 1, NULL);
}

static void assert_unknown(struct testing *t, const char *address, const char *attribute)
{
    const struct resource *r = testing_find(t, address);
    assert_non_null(r);
    assert_int_equal(value_get(r->raw, str_of(attribute))->kind, VALUE_UNKNOWN);
}

static void test_hostile__cycles_of_values(void **state)
{
    struct testing t;
    (void)state;
    open_text(&t, "locals {\n  a = local.b\n  b = local.a\n}\nresource \"a_b\" \"c\" { v = local.a }\n");
    assert_true(testing_diags(&t, DIAG_CYCLE) > 0);
    assert_unknown(&t, "a_b.c", "v");
    testing_close(&t);
    open_text(&t, "resource \"a_b\" \"c\" { v = a_b.d.id }\nresource \"a_b\" \"d\" { v = a_b.c.id }\n");
    assert_true(testing_diags(&t, DIAG_CYCLE) > 0);
    assert_int_equal(graph_count(t.graph), 2);
    testing_close(&t);
    open_text(&t, "module \"m\" {\n  source = \"./m\"\n  x = module.m.y\n}\n");
    assert_int_equal(testing_diags(&t, DIAG_MODULE_MISSING), 1);
    testing_close(&t);
}

static void test_hostile__modules_that_call_themselves(void **state)
{
    static const struct testing_file self[] = {
        {"main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"},
        {"m/main.tf", "module \"again\" {\n  source = \"../m\"\n}\nresource \"a_b\" \"c\" {}\n"}};
    static const struct testing_file pair[] = {
        {"a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\nresource \"a_b\" \"a\" {}\n"},
        {"b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\nresource \"a_b\" \"b\" {}\n"}};
    struct testing t = {0};
    (void)state;
    testing_open(&t, self, 2, NULL);
    assert_int_equal(testing_diags(&t, DIAG_CYCLE), 1);
    assert_non_null(testing_find(&t, "module.m.a_b.c"));
    testing_close(&t);
    testing_open(&t, pair, 2, NULL);
    assert_true(testing_diags(&t, DIAG_CYCLE) > 0);
    assert_int_equal(graph_unit_count(t.graph), 1);
    testing_close(&t);
}

static void test_hostile__too_many_instances(void **state)
{
    struct testing t;
    (void)state;
    open_text(&t, "resource \"a_b\" \"c\" { count = 1e9 }\n");
    assert_int_equal(testing_diags(&t, DIAG_LIMIT), 1);
    assert_int_equal(graph_count(t.graph), 1);
    assert_true(graph_at(t.graph, 0)->open);
    testing_close(&t);
    open_text(&t, "resource \"a_b\" \"c\" {\n  for_each = toset([for p in setproduct(range(300), range(300)) : "
                  "\"${p[0]}-${p[1]}\"])\n}\n");
    assert_int_equal(testing_diags(&t, DIAG_LIMIT), 1);
    assert_int_equal(graph_count(t.graph), 1);
    testing_close(&t);
    open_text(&t, "resource \"a_b\" \"c\" { v = range(1e9) }\n");
    assert_true(testing_diags(&t, DIAG_LIMIT) > 0);
    testing_close(&t);
}

/* Ten times ten times ... of one value, and of one text. */
static void test_hostile__bombs(void **state)
{
    struct testing t;
    struct buf text;
    (void)state;
    buf_init(&text, 1 << 20);
    buf_add_c(&text, "locals {\n  l0 = [\"x\"]\n  t0 = \"xxxxxxxxxx\"\n");
    for (int i = 1; i < 30; i++) {
        buf_printf(&text, "  l%d = [local.l%d, local.l%d, local.l%d, local.l%d]\n", i, i - 1, i - 1, i - 1, i - 1);
        buf_printf(&text, "  t%d = \"${local.t%d}${local.t%d}${local.t%d}\"\n", i, i - 1, i - 1, i - 1);
    }
    buf_add_c(
        &text,
        "}\nresource \"a_b\" \"c\" {\n  t = local.t29\n  j = jsonencode(local.l29)\n  e = local.l29 == local.l28\n"
        "  f = flatten(local.l29)\n  d = distinct(local.l29)\n  c = true ? local.l29 : null\n  s = toset(local.l29)\n"
        "  k = contains(local.l29, local.l28)\n  m = tolist(local.l29)\n}\n");
    str s = buf_str(&text);
    open_text(&t, s.p);
    buf_release(&text);
    assert_false(value_is_known(value_get(testing_find(&t, "a_b.c")->raw, STR("t"))));
    testing_close(&t);
}

static void test_hostile__broken_text(void **state)
{
    static const char *const texts[] = {
        "resource \"a_b\" \"c\" {\n  v = <<EOT\nno end",
        "resource \"a_b\" \"c\" {\n  v = \"${",
        "resource \"a_b\" {}\n",
        "resource {}\nvariable {}\nmodule {}\nlocals = 1\n",
        "module \"m\" {}\n",
        "module \"m\" { source = var.x }\n",
        "resource \"a_b\" \"c\" {\n  dynamic \"x\" {}\n  dynamic {}\n}\n",
        "resource \"a_b\" \"c\" { count = \"x\" }\n",
        "resource \"a_b\" \"c\" { for_each = [1, 2] }\n",
        "resource \"a_b\" \"c\" { for_each = null }\n",
        "variable \"x\" {\n  type = nonsense(string)\n  default = 1\n}\nresource \"a_b\" \"c\" { v = var.x }\n",
        "variable \"x\" {\n  type = number\n  default = \"text\"\n}\nresource \"a_b\" \"c\" { v = var.x }\n",
        "resource \"a_b\" \"c\" { v = each.value }\n",
        "resource \"a_b\" \"c\" { v = self.x }\n",
        "resource \"a_b\" \"c\" { v = data.x }\n",
        "resource \"a_b\" \"c\" { v = nothing }\n",
        "resource \"a_b\" \"c\" { v = a_b.none.id }\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct testing t;
        open_text(&t, texts[i]);
        bool said = t.diags.n > 0;
        testing_close(&t);
        if (!said)
            print_error("nothing said about: %s\n", texts[i]);
        assert_true(said);
    }
}

/* Plans. */

#define PLAN_RESOURCE                                                                                                  \
    "{\"address\": \"module.m.aws_ebs_volume.v[0]\", \"mode\": \"managed\", \"type\": \"aws_ebs_volume\", \"name\": "  \
    "\"v\", "                                                                                                          \
    "\"index\": 0, \"values\": {\"encrypted\": false, \"size\": 8, \"kms\": null, \"b\": [{\"x\": 1}]}}"
#define PLAN(version)                                                                                                  \
    "{\"format_version\": \"" version "\", \"terraform_version\": \"1.9.0\", \"planned_values\": {\"root_module\": "   \
    "{\"resources\": [], \"child_modules\": [{\"address\": \"module.m\", \"resources\": [" PLAN_RESOURCE "]}]}}, "     \
    "\"resource_changes\": [{\"address\": \"module.m.aws_ebs_volume.v[0]\", \"change\": {\"after_unknown\": "          \
    "{\"kms_key_id\": true, \"id\": true}}}], \"configuration\": {\"root_module\": {\"module_calls\": {\"m\": "        \
    "{\"module\": "                                                                                                    \
    "{\"resources\": [{\"address\": \"aws_ebs_volume.v\", \"mode\": \"managed\", \"type\": \"aws_ebs_volume\", "       \
    "\"name\": \"v\", "                                                                                                \
    "\"expressions\": {\"kms_key_id\": {\"references\": [\"aws_kms_key.k.arn\", \"aws_kms_key.k\"]}}}]}}}}}}"

static void test_hostile__plan_is_joined_to_its_sources(void **state)
{
    static const struct testing_file files[] = {
        {"plan.json", PLAN("1.2")},
        {"main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"},
        {"m/main.tf",
         "resource \"aws_ebs_volume\" \"v\" {\n  count = 1\n  encrypted = false\n  b {\n    x = 1\n  }\n}\n"}};
    struct testing t = {0};
    (void)state;
    testing_open(&t, files, 3, NULL);
    assert_int_equal(graph_count(t.graph), 1);
    const struct resource *r = testing_find(&t, "module.m.aws_ebs_volume.v[0]");
    assert_non_null(r);
    assert_str(r->instance, "[0]");
    assert_str(path_base(source_at(t.sources, r->header.file)->path), "main.tf");
    const struct value *encrypted = value_get(r->raw, STR("encrypted"));
    assert_int_equal(
        source_position(source_at(t.sources, value_span(encrypted).file), value_span(encrypted).start).line, 3);
    const struct value *key = value_get(r->raw, STR("kms_key_id"));
    assert_str(key->ref->address, "module.m.aws_kms_key.k");
    assert_str(key->ref->attribute, "arn");
    assert_null(value_get(r->raw, STR("kms")));
    assert_str(r->call->name, "module.m");
    testing_close(&t);
}

static void test_hostile__plans_that_are_cut_or_new(void **state)
{
    const char *whole = PLAN("1.2");
    char text[4096];
    struct testing t = {0};
    (void)state;
    for (size_t n = 60; n < strlen(whole); n += 37) {
        memcpy(text, whole, n);
        text[n] = '\0';
        const struct testing_file f = {"plan.json", text};
        testing_open(&t, &f, 1, NULL);
        assert_true(t.diags.n > 0);
        testing_close(&t);
    }
    const struct testing_file newer = {"plan.json", PLAN("7.0")};
    testing_open(&t, &newer, 1, NULL);
    assert_int_equal(testing_diags(&t, DIAG_UNSUPPORTED), 1);
    assert_int_equal(graph_count(t.graph), 1);
    testing_close(&t);
}

/* What stands before the type is no path of modules. */
static void test_hostile__plan_addresses_of_no_module(void **state)
{
    static const char *const addresses[] = {"module2m.a_b.c", "modulem.a_b.c", ".a_b.c", "x.y.z.a_b.c",
                                            "module..a_b.c"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        char text[512];
        struct testing t = {0};
        (void)snprintf(text, sizeof(text),
                       "{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\", \"planned_values\": "
                       "{\"root_module\": {\"resources\": [{\"address\": \"%s\", \"mode\": \"managed\", \"type\": "
                       "\"a_b\", \"name\": \"c\", \"values\": {\"x\": 1}}]}}}",
                       addresses[i]);
        const struct testing_file files[] = {{"plan.json", text}, {"main.tf", "locals {}\n"}};
        testing_open(&t, files, 2, NULL);
        assert_non_null(testing_find(&t, addresses[i]));
        testing_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hostile__cycles_of_values),
        TEST(test_hostile__modules_that_call_themselves),
        TEST(test_hostile__too_many_instances),
        TEST(test_hostile__bombs),
        TEST(test_hostile__broken_text),
        TEST(test_hostile__plan_is_joined_to_its_sources),
        TEST(test_hostile__plans_that_are_cut_or_new),
        TEST(test_hostile__plan_addresses_of_no_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
