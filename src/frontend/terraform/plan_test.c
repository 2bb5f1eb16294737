/* Roots, modules, instances, variables: configurations to resources. */
#include "base/testing.h"
#include "frontend/terraform/terraform.h"
#include "frontend/terraform/testing.h"

#define OPEN(t, options, ...)                                                                                          \
    struct testing t = {0};                                                                                            \
    static const struct testing_file t##_files[] = {__VA_ARGS__};                                                      \
    testing_open(&t, t##_files, ARRAY_LEN(t##_files), options)

#define assert_attribute(t, address, path, json) assert_string_equal(testing_json(t, address, path), json)

static void test_plan__attributes_blocks_and_references(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf",
          "variable \"encrypt\" {\n  default = true\n}\n"
          "locals { tags = { a = \"b\" } }\n"
          "resource \"aws_kms_key\" \"k\" { description = \"x\" }\n"
          "resource \"aws_ebs_volume\" \"v\" {\n  encrypted = var.encrypt\n  kms_key_id = aws_kms_key.k.arn\n"
          "  tags = local.tags\n  size = 4 * 2\n  block { x = 1 }\n  block { x = 2 }\n  lifecycle { prevent_destroy = "
          "true }\n}\n"});
    assert_int_equal(graph_count(t.graph), 2);
    assert_attribute(&t, "aws_ebs_volume.v", "encrypted", "true");
    assert_attribute(&t, "aws_ebs_volume.v", "size", "8");
    assert_attribute(&t, "aws_ebs_volume.v", "tags", "{\"a\":\"b\"}");
    assert_attribute(&t, "aws_ebs_volume.v", "block", "[{\"x\":1},{\"x\":2}]");
    assert_attribute(&t, "aws_ebs_volume.v", "lifecycle", "absent");
    const struct resource *r = testing_find(&t, "aws_ebs_volume.v");
    assert_non_null(value_get(r->metadata, STR("lifecycle")));
    const struct value *key = value_get(r->raw, STR("kms_key_id"));
    assert_int_equal(key->kind, VALUE_UNKNOWN);
    assert_true(key->flags & VALUE_NONEMPTY);
    assert_str(key->ref->address, "aws_kms_key.k");
    assert_str(key->ref->attribute, "arn");
    bool found = false;
    for (const struct origin *o = value_get(r->raw, STR("encrypted"))->origin; o; o = o->via)
        found |= str_eq_c(origin_note(o), "default of var.encrypt");
    assert_true(found);
    testing_close(&t);
}

/* Precedence. */

#define DECLARED "variable \"x\" {\n  default = \"default\"\n}\nresource \"a_b\" \"c\" { v = var.x }\n"

static void test_plan__variable_precedence(void **state)
{
    static const struct assignment assigned[] = {{{"x", 1}, {"cli", 3}}};
    struct frontend_options with_var = {.var = assigned, .n_vars = 1};
    (void)state;
    OPEN(a, NULL, {"main.tf", DECLARED});
    assert_attribute(&a, "a_b.c", "v", "\"default\"");
    testing_close(&a);
    OPEN(b, NULL, {"main.tf", DECLARED}, {"terraform.tfvars", "x = \"tfvars\"\n"});
    assert_attribute(&b, "a_b.c", "v", "\"tfvars\"");
    testing_close(&b);
    OPEN(c, NULL, {"main.tf", DECLARED}, {"terraform.tfvars", "x = \"tfvars\"\n"},
         {"terraform.tfvars.json", "{\"x\": \"json\"}"});
    assert_attribute(&c, "a_b.c", "v", "\"json\"");
    testing_close(&c);
    OPEN(d, NULL, {"main.tf", DECLARED}, {"terraform.tfvars", "x = \"tfvars\"\n"}, {"a.auto.tfvars", "x = \"a\"\n"},
         {"b.auto.tfvars", "x = \"b\"\n"});
    assert_attribute(&d, "a_b.c", "v", "\"b\"");
    testing_close(&d);
    OPEN(e, &with_var, {"main.tf", DECLARED}, {"b.auto.tfvars", "x = \"b\"\n"});
    assert_attribute(&e, "a_b.c", "v", "\"cli\"");
    testing_close(&e);
}

static void test_plan__var_file_between_auto_and_var(void **state)
{
    char path[] = "/tmp/tfvars-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x = \"file\"\n", 11), 11);
    close(fd);
    const str file = str_of(path);
    struct frontend_options o = {.var_file = &file, .n_var_files = 1};
    OPEN(t, &o, {"main.tf", DECLARED}, {"b.auto.tfvars", "x = \"b\"\n"});
    assert_attribute(&t, "a_b.c", "v", "\"file\"");
    testing_close(&t);
    remove(path);
}

static void test_plan__argument_wins_over_default_and_names_do_not_mix(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf",
          "variable \"x\" {\n  default = \"root\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  x = \"argument\"\n}\n"
          "module \"n\" {\n  source = \"./m\"\n}\nresource \"a_b\" \"r\" { v = module.m.out }\n"},
         {"m/main.tf", DECLARED "output \"out\" { value = \"${var.x}!\" }\n"},
         {"terraform.tfvars", "x = \"tfvars\"\n"});
    assert_attribute(&t, "module.m.a_b.c", "v", "\"argument\"");
    assert_attribute(&t, "module.n.a_b.c", "v", "\"default\"");
    assert_attribute(&t, "a_b.r", "v", "\"argument!\"");
    assert_int_equal(graph_unit_count(t.graph), 1);
    assert_str(testing_find(&t, "module.m.a_b.c")->call->name, "module.m");
    testing_close(&t);
}

static void test_plan__module_alone_leaves_variables_to_the_caller(void **state)
{
    struct frontend_options assume = {.assume_defaults = true};
    (void)state;
    OPEN(t, NULL,
         {"main.tf",
          "variable \"name\" {}\nvariable \"on\" {\n  default = false\n}\nresource \"a_b\" \"c\" { v = var.on }\n"});
    assert_true(strstr(testing_json(&t, "a_b.c", "v"), "caller") != NULL);
    testing_close(&t);
    OPEN(u, &assume,
         {"main.tf",
          "variable \"name\" {}\nvariable \"on\" {\n  default = false\n}\nresource \"a_b\" \"c\" { v = var.on }\n"});
    assert_attribute(&u, "a_b.c", "v", "false");
    testing_close(&u);
}

/* Instances. */

struct instances {
    const char *argument; /* of the resource or the call */
    size_t n;
    const char *suffix; /* of the first */
    enum presence presence;
};

static const struct instances matrix[] = {
    {"", 1, "", PRESENT},
    {"count = 0", 0, "", PRESENT},
    {"count = 1", 1, "[0]", PRESENT},
    {"count = 2", 2, "[0]", PRESENT},
    {"count = var.unknown", 1, "", PRESENCE_UNKNOWN},
    {"count = var.flag ? 1 : 0", 1, "[0]", PRESENCE_CHOICE},
    {"for_each = {}", 0, "", PRESENT},
    {"for_each = toset([\"a\"])", 1, "[\"a\"]", PRESENT},
    {"for_each = { a = 1, b = 2 }", 2, "[\"a\"]", PRESENT},
    {"for_each = var.unknown", 1, "", PRESENCE_UNKNOWN},
    {"for_each = var.flag ? toset([\"a\"]) : toset([])", 1, "[\"a\"]", PRESENCE_CHOICE},
};

static void check_instances(const struct instances *row, bool module)
{
    char text[1024], address[256];
    struct testing t = {0};
    (void)snprintf(text, sizeof(text),
                   "variable \"unknown\" {}\nvariable \"flag\" {}\nterraform {\n  cloud {}\n}\n%s {\n  %s\n  %s\n}\n",
                   module ? "module \"m\"" : "resource \"a_b\" \"c\"", module ? "source = \"./m\"" : "v = 1",
                   row->argument);
    const struct testing_file files[] = {{"main.tf", text}, {"m/main.tf", "resource \"a_b\" \"c\" {\n  v = 1\n}\n"}};
    testing_open(&t, files, module ? 2 : 1, NULL);
    (void)snprintf(address, sizeof(address), module ? "module.m%s.a_b.c" : "a_b.c%s", row->suffix);
    assert_int_equal(graph_count(t.graph), row->n);
    if (row->n) {
        const struct resource *r = testing_find(&t, address);
        assert_non_null(r);
        assert_int_equal(r->presence, row->presence);
        assert_int_equal(r->exists != NULL, row->presence == PRESENCE_CHOICE);
        assert_int_equal(r->open, row->presence == PRESENCE_UNKNOWN);
    }
    testing_close(&t);
}

static void test_plan__instance_matrix(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matrix); i++) {
        check_instances(&matrix[i], false);
        check_instances(&matrix[i], true);
    }
}

static void test_plan__references_to_instances(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf",
          "resource \"a_b\" \"n\" {\n  count = 2\n  v = count.index\n}\n"
          "resource \"a_b\" \"e\" {\n  for_each = { x = 1, y = 2 }\n  v = each.value\n}\n"
          "resource \"a_c\" \"r\" {\n  one = a_b.n[1].v\n  all = a_b.n[*].v\n  key = a_b.e[\"y\"].v\n"
          "  ids = [for k, r in a_b.e : r.id]\n  sum = sum(values(a_b.e)[*].v)\n}\n"
          "resource \"a_c\" \"chain\" {\n  for_each = a_b.e\n  v = each.value.v\n  id = each.value.id\n}\n"});
    assert_attribute(&t, "a_c.r", "one", "1");
    assert_attribute(&t, "a_c.r", "all", "[0,1]");
    assert_attribute(&t, "a_c.r", "key", "2");
    assert_attribute(&t, "a_c.r", "sum", "3");
    assert_attribute(&t, "a_c.chain[\"y\"]", "v", "2");
    const struct value *id = value_get(testing_find(&t, "a_c.chain[\"x\"]")->raw, STR("id"));
    assert_str(id->ref->address, "a_b.e[\"x\"]");
    testing_close(&t);
}

static void test_plan__dynamic_blocks(void **state)
{
    (void)state;
    OPEN(
        t, NULL,
        {"main.tf",
         "variable \"u\" {}\nvariable \"flag\" {}\nterraform {\n  cloud {}\n}\n"
         "resource \"a_b\" \"known\" {\n  setting { n = 0 }\n  dynamic \"setting\" {\n    for_each = { a = 1, b = 2 }\n"
         "    iterator = it\n    content {\n      n = it.value\n      k = it.key\n    }\n  }\n}\n"
         "resource \"a_b\" \"none\" {\n  dynamic \"setting\" {\n    for_each = []\n    content { n = 1 }\n  }\n}\n"
         "resource \"a_b\" \"unknown\" {\n  dynamic \"setting\" {\n    for_each = var.u\n    content { n = 1 }\n  "
         "}\n}\n"
         "resource \"a_b\" \"choice\" {\n  dynamic \"setting\" {\n    for_each = var.flag ? [1] : []\n    content { n "
         "= setting.value }\n  }\n}\n"});
    assert_attribute(&t, "a_b.known", "setting", "[{\"n\":0},{\"n\":1,\"k\":\"a\"},{\"n\":2,\"k\":\"b\"}]");
    assert_attribute(&t, "a_b.none", "setting", "absent");
    const struct value *v = value_get(testing_find(&t, "a_b.unknown")->raw, STR("setting"));
    assert_true(v->flags & VALUE_PARTIAL);
    assert_int_equal(value_get(v->u.list.item[0], STR("n"))->kind, VALUE_UNKNOWN);
    v = value_get(testing_find(&t, "a_b.choice")->raw, STR("setting"));
    assert_int_equal(v->kind, VALUE_CHOICE);
    assert_null(v->u.choice.option[1]);
    testing_close(&t);
}

static void test_plan__conditions_share_their_input(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf", "variable \"on\" {}\nterraform {\n  cloud {}\n}\nresource \"a_b\" \"c\" {\n  x = var.on ? 1 : 2\n "
                     " y = !var.on ? 3 : 4\n"
                     "  same = var.on ? \"k\" : \"k\"\n}\n"});
    const struct value *raw = testing_find(&t, "a_b.c")->raw;
    const struct value *x = value_get(raw, STR("x")), *y = value_get(raw, STR("y"));
    assert_int_equal(x->kind, VALUE_CHOICE);
    assert_ptr_equal(x->u.choice.by, y->u.choice.by);
    assert_str(x->u.choice.by->name, "var.on");
    assert_int_equal((int)y->u.choice.option[0]->u.number.value, 4);
    assert_attribute(&t, "a_b.c", "same", "\"k\"");
    testing_close(&t);
}

static void test_plan__validation_gives_the_possible_values(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf", "variable \"env\" {\n  validation {\n    condition = contains([\"dev\", \"prod\"], var.env)\n    "
                     "error_message = \"x\"\n  }\n}\n"
                     "terraform {\n  cloud {}\n}\nresource \"a_b\" \"c\" {\n  v = var.env == \"prod\"\n}\n"});
    assert_attribute(&t, "a_b.c", "v", "{\"choice\":\"var.env\",\"options\":{\"dev\":false,\"prod\":true}}");
    assert_true(value_get(testing_find(&t, "a_b.c")->raw, STR("v"))->u.choice.by->known);
    testing_close(&t);
}

static void test_plan__types_of_variables(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf", "variable \"o\" {\n  type = object({ a = string, b = optional(number, 7), c = "
                     "optional(list(string)) })\n  default = { a = 1 }\n}\n"
                     "variable \"l\" {\n  type = list(string)\n  default = [1, true]\n}\n"
                     "variable \"n\" {\n  type = string\n  nullable = false\n  default = \"d\"\n}\n"
                     "resource \"a_b\" \"c\" {\n  o = var.o\n  l = var.l\n}\n"
                     "module \"m\" {\n  source = \"./m\"\n  n = null\n}\n"},
         {"m/main.tf", "variable \"n\" {\n  type = string\n  nullable = false\n  default = \"d\"\n}\nresource \"a_b\" "
                       "\"c\" { n = var.n }\n"});
    assert_attribute(&t, "a_b.c", "o", "{\"a\":\"1\",\"b\":7,\"c\":null}");
    assert_attribute(&t, "a_b.c", "l", "[\"1\",\"true\"]");
    assert_attribute(&t, "module.m.a_b.c", "n", "\"d\"");
    testing_close(&t);
}

static void test_plan__two_levels_of_modules(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"env/main.tf", "module \"outer\" {\n  source = \"../modules/outer\"\n  for_each = toset([\"a\", \"b\"])\n  "
                         "name = each.key\n}\n"
                         "resource \"a_b\" \"use\" { v = module.outer[\"b\"].id }\n"},
         {"modules/outer/main.tf", "variable \"name\" {}\nmodule \"inner\" {\n  source = \"../inner\"\n  name = "
                                   "\"x-${var.name}\"\n}\noutput \"id\" { value = module.inner.id }\n"},
         {"modules/inner/main.tf", "variable \"name\" {}\nresource \"aws_s3_bucket\" \"b\" { bucket = var.name "
                                   "}\noutput \"id\" { value = aws_s3_bucket.b.id }\n"});
    assert_int_equal(graph_unit_count(t.graph), 1);
    assert_attribute(&t, "module.outer[\"a\"].module.inner.aws_s3_bucket.b", "bucket", "\"x-a\"");
    const struct value *v = value_get(testing_find(&t, "a_b.use")->raw, STR("v"));
    assert_str(v->ref->address, "module.outer[\"b\"].module.inner.aws_s3_bucket.b");
    testing_close(&t);
}

static void test_plan__json_syntax_and_overrides(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf.json", "{\"variable\": {\"n\": {\"default\": \"x\"}}, \"resource\": {\"a_b\": {\"c\": {\"name\": "
                          "\"${var.n}-1\", \"list\": [1, \"${var.n}\"],"
                          " \"block\": {\"on\": true}, \"count\": 1, \"dynamic\": {\"d\": {\"for_each\": [1, 2], "
                          "\"content\": {\"v\": \"${d.value}\"}}}}}}}"},
         {"more.tf", "resource \"a_b\" \"o\" {\n  x = 1\n  y = 1\n  blk { a = 1 }\n}\n"},
         {"more_override.tf", "resource \"a_b\" \"o\" {\n  y = 2\n  blk { b = 2 }\n}\n"});
    assert_attribute(&t, "a_b.c[0]", "name", "\"x-1\"");
    assert_attribute(&t, "a_b.c[0]", "list", "[1,\"x\"]");
    assert_attribute(&t, "a_b.c[0]", "block.on", "true");
    assert_attribute(&t, "a_b.c[0]", "d", "[{\"v\":1},{\"v\":2}]");
    assert_attribute(&t, "a_b.o", "x", "1");
    assert_attribute(&t, "a_b.o", "y", "2");
    assert_attribute(&t, "a_b.o", "blk", "[{\"b\":2}]");
    testing_close(&t);
}

static void test_plan__policy_documents(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf", "resource \"aws_s3_bucket\" \"b\" { bucket = \"phi\" }\n"
                     "data \"aws_iam_policy_document\" \"base\" {\n  statement {\n    sid = \"One\"\n    actions = "
                     "[\"s3:Get*\"]\n    resources = [\"*\"]\n  }\n}\n"
                     "data \"aws_iam_policy_document\" \"d\" {\n  source_policy_documents = "
                     "[data.aws_iam_policy_document.base.json]\n"
                     "  dynamic \"statement\" {\n    for_each = [\"Two\"]\n    content {\n      sid = "
                     "statement.value\n      effect = \"Deny\"\n      actions = [\"s3:*\", \"kms:*\"]\n"
                     "      resources = [\"${aws_s3_bucket.b.arn}/*\"]\n      principals {\n        type = \"AWS\"\n   "
                     "     identifiers = [\"*\"]\n      }\n"
                     "      condition {\n        test = \"Bool\"\n        variable = \"aws:SecureTransport\"\n        "
                     "values = [\"false\"]\n      }\n    }\n  }\n}\n"
                     "resource \"aws_s3_bucket_policy\" \"p\" { policy = data.aws_iam_policy_document.d.json }\n"
                     "resource \"a_b\" \"text\" { v = \"${data.aws_iam_policy_document.base.json}\" }\n"});
    const struct value *v = value_get(testing_find(&t, "aws_s3_bucket_policy.p")->raw, STR("policy"));
    assert_int_equal(v->kind, VALUE_MAP);
    assert_true(v->flags & VALUE_JSON);
    const struct value *statements = value_get(v, STR("Statement"));
    assert_int_equal(statements->u.list.n, 2);
    assert_str(value_str(value_get(statements->u.list.item[0], STR("Action"))), "s3:Get*");
    assert_str(value_str(value_path(statements->u.list.item[1], STR("Principal.AWS"))), "*");
    assert_str(value_str(value_path(statements->u.list.item[1], STR("Condition.Bool"))), "");
    testing_close(&t);
}

static void test_plan__files_and_templates(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf",
          "resource \"a_b\" \"c\" {\n  f = file(\"${path.module}/x.txt\")\n  t = templatefile(\"t.tpl\", { n = [1, 2] "
          "})\n"
          "  e = fileexists(\"nope\")\n  s = fileset(path.module, \"*.t*\")\n  out = file(\"/etc/passwd\")\n}\n"},
         {"x.txt", "hello"}, {"t.tpl", "%{ for x in n ~}\n${x},\n%{ endfor ~}\n"});
    assert_attribute(&t, "a_b.c", "f", "\"hello\"");
    assert_attribute(&t, "a_b.c", "t", "\"1,\\n2,\\n\"");
    assert_attribute(&t, "a_b.c", "e", "false");
    assert_attribute(&t, "a_b.c", "s", "[\"main.tf\",\"t.tpl\",\"x.txt\"]");
    assert_int_equal(testing_diags(&t, DIAG_OUTSIDE_ROOT), 1);
    testing_close(&t);
}

static void test_plan__remote_and_missing_modules_are_said(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf",
          "module \"r\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n}\nmodule \"m\" {\n  source = \"./none\"\n}\n"
          "resource \"a_b\" \"c\" { v = module.r.id }\n"});
    assert_int_equal(testing_diags(&t, DIAG_NOT_ANALYSED), 1);
    assert_int_equal(testing_diags(&t, DIAG_MODULE_MISSING), 1);
    assert_true(graph_unit(t.graph, 0)->has_remote_parts);
    assert_int_equal(value_get(testing_find(&t, "a_b.c")->raw, STR("v"))->kind, VALUE_UNKNOWN);
    testing_close(&t);
}

static void test_plan__downloaded_modules_are_read(void **state)
{
    (void)state;
    OPEN(t, NULL, {"main.tf", "module \"r\" {\n  source = \"org/thing/aws\"\n}\n"},
         {".terraform/modules/modules.json", "{\"Modules\":[{\"Key\":\"\",\"Dir\":\".\"},{\"Key\":\"r\",\"Source\":"
                                             "\"x\",\"Dir\":\".terraform/modules/r\"}]}"},
         {".terraform/modules/r/main.tf", "resource \"a_b\" \"c\" { v = 1 }\n"});
    assert_attribute(&t, "module.r.a_b.c", "v", "1");
    assert_int_equal(graph_unit_count(t.graph), 1);
    testing_close(&t);
}

static void test_plan__default_tags(void **state)
{
    (void)state;
    OPEN(t, NULL,
         {"main.tf", "provider \"aws\" {\n  region = \"eu-west-1\"\n  default_tags {\n    tags = { team = \"x\", own = "
                     "\"no\" }\n  }\n}\n"
                     "resource \"aws_s3_bucket\" \"b\" { tags = { own = \"yes\" } }\ndata \"aws_region\" \"r\" {}\n"
                     "resource \"aws_x\" \"y\" { r = data.aws_region.r.name }\n"});
    assert_attribute(&t, "aws_s3_bucket.b", "tags", "{\"own\":\"yes\",\"team\":\"x\"}");
    assert_attribute(&t, "aws_x.y", "r", "\"eu-west-1\"");
    assert_non_null(value_get(testing_find(&t, "aws_x.y")->metadata, STR("default_tags")));
    assert_str(sym_str(graph_unit(t.graph, 0)->region), "eu-west-1");
    testing_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan__attributes_blocks_and_references),
        TEST(test_plan__variable_precedence),
        TEST(test_plan__var_file_between_auto_and_var),
        TEST(test_plan__argument_wins_over_default_and_names_do_not_mix),
        TEST(test_plan__module_alone_leaves_variables_to_the_caller),
        TEST(test_plan__instance_matrix),
        TEST(test_plan__references_to_instances),
        TEST(test_plan__dynamic_blocks),
        TEST(test_plan__conditions_share_their_input),
        TEST(test_plan__validation_gives_the_possible_values),
        TEST(test_plan__types_of_variables),
        TEST(test_plan__two_levels_of_modules),
        TEST(test_plan__json_syntax_and_overrides),
        TEST(test_plan__policy_documents),
        TEST(test_plan__files_and_templates),
        TEST(test_plan__remote_and_missing_modules_are_said),
        TEST(test_plan__downloaded_modules_are_read),
        TEST(test_plan__default_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
