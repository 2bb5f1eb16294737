/* Values of the graph in CEL: laxness, unknowns, text with holes, choices in worlds, reads. */
#include "base/testing.h"
#include "policy/cel_ast.h"

static const struct cel_variable variables[] = {{{"resource", 8}, NULL}, {{"item", 4}, NULL}};

/* Fields of a resource are its attributes; "neighbour" is another resource. */
static struct resource neighbour;

static bool host_field(struct cel_context *c, const struct cel_value *object, str name, struct cel_value *ret)
{
    const struct resource *r = object->u.resource;
    if (str_eq_c(name, "neighbour")) {
        *ret = cel_resource(&neighbour);
        return true;
    }
    const struct value *v = value_get(r->attributes, name);
    if (!v)
        return false;
    *ret = cel_from_graph(c, v, r->id + 1);
    return true;
}

static const struct cel_host host = {.field = host_field};
static const struct cel_environment environment = {
    .variable = variables, .n_variables = ARRAY_LEN(variables), .host = &host};

struct fixture {
    struct arena *arena;
    struct diag_list diags;
    struct cel_context context;
    struct value_entry entry[16];
    size_t n;
    struct resource resource;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = alloc_get(sizeof *f);
    f->arena = arena_new();
    diag_list_init(&f->diags, f->arena);
    cel_context_init(&f->context, f->arena);
    f->resource.id = 6;
    f->resource.address = STR("aws_db_instance.phi");
    neighbour.id = 7;
    neighbour.address = STR("aws_subnet.a");
    return f;
}

static void fixture_free(struct fixture *f)
{
    cel_context_release(&f->context);
    diag_list_release(&f->diags);
    arena_free(f->arena);
    alloc_put(f, sizeof *f);
}

static void set(struct fixture *f, const char *key, const struct value *v)
{
    f->entry[f->n++] = (struct value_entry){.key = str_of(key), .value = v};
}

static const struct value *text(struct fixture *f, const char *s)
{
    return value_string(f->arena, str_of(s), NULL);
}

static const struct value *unknown(struct fixture *f, const char *reason)
{
    return value_unknown(f->arena, str_of(reason), NULL);
}

static const struct value *list(struct fixture *f, size_t n, const struct value *a, const struct value *b,
                                const struct value *c)
{
    const struct value **item = ARENA_ARRAY(f->arena, const struct value *, 3);
    item[0] = a;
    item[1] = b;
    item[2] = c;
    return value_list(f->arena, item, n, NULL);
}

static const struct value *map(struct fixture *f, const char *key, const struct value *v)
{
    struct value_entry *e = ARENA_NEW(f->arena, struct value_entry);
    *e = (struct value_entry){.key = str_of(key), .value = v};
    return value_map(f->arena, e, 1, NULL);
}

static const struct value *with_flags(struct fixture *f, const struct value *v, uint16_t flags)
{
    struct value *copy = value_copy(f->arena, v);
    copy->flags |= flags;
    return copy;
}

static struct cel_value eval(struct fixture *f, const char *expression)
{
    struct cel_value v, binding[2] = {cel_null(), cel_lax_null()};
    f->resource.attributes = value_map(f->arena, f->entry, f->n, NULL);
    binding[0] = cel_resource(&f->resource);
    struct cel_program *p = cel_compile(str_of(expression), 0, 0, false, SPAN_NONE, &environment, f->arena, &f->diags);
    if (!p)
        fail_msg("%s: " STR_FMT, expression, STR_ARG(f->diags.at[0].message));
    cel_eval(p, binding, &f->context, &v);
    return v;
}

static void check(struct fixture *f, const char *expression, enum cel_truth wanted)
{
    struct cel_value v = eval(f, expression);
    if (cel_truth(&v) != wanted) {
        struct buf b;
        buf_init(&b, 4096);
        cel_value_brief(&f->context, &v, &b, 200);
        print_message("%s gave %s\n", expression, b.p);
        buf_release(&b);
        fail();
    }
}

static void yes(struct fixture *f, const char *expression)
{
    check(f, expression, CEL_YES);
}

static void no(struct fixture *f, const char *expression)
{
    check(f, expression, CEL_NO);
}

static void maybe(struct fixture *f, const char *expression)
{
    check(f, expression, CEL_MAYBE);
}

static void wrong(struct fixture *f, const char *expression)
{
    check(f, expression, CEL_WRONG);
}

static void test_cel_graph__scalars_convert(void **state)
{
    struct fixture *f = fixture_new();
    struct value *exact = value_number(f->arena, 9007199254740993.0, NULL);
    (void)state;
    value_set_exact(exact, STR("9007199254740993"));
    set(f, "port", value_number(f->arena, 5432, NULL));
    set(f, "ratio", value_number(f->arena, 0.5, NULL));
    set(f, "exact", exact);
    set(f, "name", text(f, "phi"));
    set(f, "on", value_bool(f->arena, true, NULL));
    yes(f, "resource.port == 5432 && type(resource.port) == int && resource.port / 2 == 2716");
    yes(f, "resource.ratio == 0.5 && resource.port * resource.ratio == 2716.0");
    yes(f, "resource.exact == 9007199254740993");
    yes(f, "resource.name + '!' == 'phi!' && resource.on");
    fixture_free(f);
}

static void test_cel_graph__absent_is_null(void **state)
{
    struct fixture *f = fixture_new();
    (void)state;
    set(f, "empty", value_null(f->arena, NULL));
    set(f, "config", map(f, "mode", text(f, "strict")));
    yes(f, "resource.gone == null && resource.gone.deeper[3].x == null && resource.empty == null");
    yes(f, "!has(resource.gone) && !has(resource.gone.deeper) && !has(resource.empty)");
    yes(f, "has(resource.config) && has(resource.config.mode) && !has(resource.config.other)");
    no(f, "resource.gone");
    yes(f, "!resource.gone && (resource.gone || true)");
    no(f, "resource.gone && true");
    yes(f, "size(resource.gone) == 0 && resource.gone.all(x, x.y) && !resource.gone.exists(x, x.y)");
    yes(f, "!('a' in resource.gone) && resource.gone.map(x, x.y).size() == 0");
    no(f, "resource.gone >= 7");
    no(f, "resource.gone < 7");
    no(f, "resource.gone.startsWith('a')");
    no(f, "resource.gone.matches('a')");
    no(f, "resource.gone.lowerAscii().contains('a')");
    yes(f, "resource.?gone.orValue(5) == 5 && resource.config.?mode.orValue('') == 'strict'");
    yes(f, "!sets.intersects(resource.gone, [1])");
    wrong(f, "resource.gone + 1 == 2");
    /* What is made in CEL is strict. */
    wrong(f, "{}.gone == null");
    wrong(f, "!null");
    wrong(f, "[1][2] == null");
    fixture_free(f);
}

static void test_cel_graph__one_block_is_entered(void **state)
{
    struct fixture *f = fixture_new();
    (void)state;
    set(f, "one", list(f, 1, map(f, "port", value_number(f->arena, 22, NULL)), NULL, NULL));
    set(f, "none", list(f, 0, NULL, NULL, NULL));
    set(f, "two", list(f, 2, map(f, "port", text(f, "a")), map(f, "port", text(f, "b")), NULL));
    yes(f, "resource.one.port == 22 && has(resource.one.port) && resource.one[0].port == 22");
    yes(f, "resource.none.port == null && !has(resource.none.port)");
    wrong(f, "resource.two.port == 'a'");
    yes(f, "resource.two.map(b, b.port) == ['a', 'b'] && resource.two[5] == null");
    yes(f, "resource.two.filter(b, b.port == 'x')[0].port == null");
    fixture_free(f);
}

static void test_cel_graph__unknowns_absorb(void **state)
{
    struct fixture *f = fixture_new();
    (void)state;
    set(f, "u", unknown(f, "var.x has no value"));
    set(f, "w", unknown(f, "second"));
    set(f, "ref", value_ref(f->arena, NULL, STR("known after apply"), NULL));
    no(f, "resource.u && false");
    no(f, "false && resource.u");
    yes(f, "resource.u || true");
    maybe(f, "resource.u || false");
    maybe(f, "resource.u && 1 / 0 > 0");
    maybe(f, "1 / 0 > 0 || resource.u");
    maybe(f, "!resource.u");
    maybe(f, "resource.u == 1");
    maybe(f, "resource.u ? true : true");
    maybe(f, "resource.u.deeper.x == 2");
    maybe(f, "has(resource.u)");
    maybe(f, "has(resource.u.deeper)");
    yes(f, "has(resource.ref) && resource.ref != null && resource.ref != ''");
    maybe(f, "resource.ref == 'arn'");
    maybe(f, "resource.u == null");
    maybe(f, "resource.u.startsWith('a')");
    maybe(f, "resource.u.all(x, x)");
    no(f, "[true, resource.u, false].all(x, x)");
    yes(f, "[resource.u, 3].exists(x, x == 3)");
    maybe(f, "[resource.u, 3].all(x, x == 3)");
    yes(f, "3 in [resource.u, 3]");
    maybe(f, "4 in [resource.u, 3]");
    maybe(f, "resource.u in ['a']");
    no(f, "resource.u in []");
    no(f, "[resource.u, 1] == [1, 2]");
    maybe(f, "[resource.u, 2] == [1, 2]");
    maybe(f, "['a', resource.u].join() == 'a'");
    maybe(f, "[1, 2].exists_one(x, resource.u)");
    no(f, "[1, 1, 2].exists_one(x, x == 1 || resource.u)");
    struct cel_value v = eval(f, "resource.u == 1 || resource.w == 2");
    assert_str(v.u.text, "var.x has no value");
    fixture_free(f);
}

static void test_cel_graph__partial_lists_and_maps(void **state)
{
    struct fixture *f = fixture_new();
    (void)state;
    set(f, "rules",
        with_flags(f, list(f, 2, value_number(f->arena, 22, NULL), value_number(f->arena, 443, NULL), NULL),
                   VALUE_PARTIAL));
    set(f, "tags", with_flags(f, map(f, "class", text(f, "phi")), VALUE_PARTIAL));
    set(f, "mixed", list(f, 2, unknown(f, "for_each"), value_number(f->arena, 1, NULL), NULL));
    no(f, "resource.rules.all(p, p != 22)");
    maybe(f, "resource.rules.all(p, p > 0)");
    yes(f, "resource.rules.exists(p, p == 22)");
    maybe(f, "resource.rules.exists(p, p == 80)");
    maybe(f, "size(resource.rules) == 2");
    maybe(f, "resource.rules[0] == 22");
    maybe(f, "resource.rules == [22, 443]");
    no(f, "resource.rules == [22]");
    yes(f, "22 in resource.rules");
    maybe(f, "80 in resource.rules");
    yes(f, "resource.rules.filter(p, p < 100).exists(p, p == 22)");
    maybe(f, "resource.rules.filter(p, p < 100).all(p, p == 22)");
    maybe(f, "resource.rules.map(p, p + 1).all(p, p > 0)");
    yes(f, "resource.tags['class'] == 'phi' && resource.tags.class == 'phi' && has(resource.tags.class)");
    maybe(f, "resource.tags.owner == 'x'");
    maybe(f, "has(resource.tags.owner)");
    maybe(f, "resource.mixed.filter(p, p == 1).all(p, p == 1)");
    yes(f, "resource.mixed.filter(p, p == 1).exists(p, p == 1)");
    fixture_free(f);
}

static void test_cel_graph__text_with_holes(void **state)
{
    struct fixture *f = fixture_new();
    const struct value *parts[] = {text(f, "arn:aws:s3:::"), unknown(f, "bucket name"), text(f, "/*")};
    (void)state;
    set(f, "arn", value_text(f->arena, parts, 3, NULL));
    yes(f, "resource.arn.startsWith('arn:aws:s3')");
    no(f, "resource.arn.startsWith('arn:aws-cn')");
    maybe(f, "resource.arn.startsWith('arn:aws:s3:::phi')");
    yes(f, "resource.arn.endsWith('/*')");
    no(f, "resource.arn.endsWith('/x')");
    yes(f, "resource.arn.contains(':s3:')");
    maybe(f, "resource.arn.contains('phi')");
    no(f, "resource.arn == '*'");
    yes(f, "resource.arn != null && has(resource.arn) && resource.arn != '' && resource.arn != 5");
    maybe(f, "resource.arn == 'arn:aws:s3:::phi/*'");
    no(f, "resource.arn in ['*', 'arn:aws:s3:::*']");
    maybe(f, "resource.arn.matches('phi')");
    maybe(f, "resource.arn.size() == 0");
    maybe(f, "resource.arn.name.size() == 5");
    maybe(f, "'x' + resource.arn == 'xarn:aws:s3:::phi/*'");
    fixture_free(f);
}

static void test_cel_graph__choices_are_decided_by_the_world(void **state)
{
    static const str labels[] = {{"prod", 4}, {"dev", 3}};
    static const struct decider by = {.name = {"Environment", 11}, .option = labels, .n_options = 2};
    struct fixture *f = fixture_new();
    const struct value *options[] = {value_bool(f->arena, true, NULL), value_bool(f->arena, false, NULL)};
    const struct value *some[] = {text(f, "kms"), NULL};
    const struct value *maybe_item = value_choice(f->arena, &by, some, NULL);
    const struct value *parts[] = {text(f, "alias/"), maybe_item};
    (void)state;
    set(f, "encrypted", value_choice(f->arena, &by, options, NULL));
    set(f, "key", maybe_item);
    set(f, "list", list(f, 2, text(f, "a"), maybe_item, NULL));
    set(f, "config", map(f, "key", maybe_item));
    set(f, "alias", value_text(f->arena, parts, 2, NULL));
    struct cel_value v = eval(f, "resource.encrypted");
    assert_int_equal(v.kind, CEL_UNKNOWN);
    assert_str(v.u.text, "depends on Environment");
    assert_ptr_equal(f->context.wanted, &by);
    no(f, "resource.encrypted && false");
    maybe(f, "size(resource.list) == 1");
    maybe(f, "has(resource.key)");
    yes(f, "resource.list.exists(x, x == 'a')");
    yes(f, "resource.alias.startsWith('alias/')");
    struct cel_world prod = {.by = &by, .option = 0}, dev = {.by = &by, .option = 1};
    f->context.world = &prod;
    yes(f, "resource.encrypted && resource.key == 'kms' && resource.list == ['a', 'kms'] && 'key' in resource.config");
    yes(f, "resource.alias == 'alias/kms'");
    assert_null(f->context.wanted);
    f->context.world = &dev;
    no(f, "resource.encrypted");
    yes(f, "resource.key == null && !has(resource.key) && resource.list == ['a'] && resource.list.size() == 1");
    yes(f, "!('key' in resource.config) && size(resource.config) == 0 && !has(resource.config.key)");
    fixture_free(f);
}

static void test_cel_graph__reads_are_recorded(void **state)
{
    struct fixture *f = fixture_new();
    const struct value *port = value_number(f->arena, 22, NULL);
    struct value_entry cidr = {.key = STR("cidr"), .value = text(f, "10.0.0.0/8")};
    (void)state;
    neighbour.attributes = value_map(f->arena, &cidr, 1, NULL);
    set(f, "rules", list(f, 2, map(f, "port", port), map(f, "port", text(f, "x")), NULL));
    yes(f, "!resource.gone && resource.rules.exists(r, r.port == 22) && resource.neighbour.cidr != ''");
    const struct cel_context *c = &f->context;
    assert_int_equal(c->n_reads, 5);
    assert_str(c->read[0].variable, "resource");
    assert_str(c->read[0].path, "gone");
    assert_null(c->read[0].value);
    assert_str(c->read[1].path, "rules");
    assert_int_equal(c->read[1].owner, 7);
    assert_str(c->read[2].path, "rules.port");
    assert_ptr_equal(c->read[2].value, port);
    assert_int_equal(c->read[2].owner, 7);
    assert_str(c->read[4].path, "neighbour.cidr");
    assert_int_equal(c->read[4].owner, 8);
    fixture_free(f);
}

static void note(void *data, str variable, str path, span at)
{
    struct buf *out = data;
    (void)at;
    buf_printf(out, STR_FMT ":" STR_FMT " ", STR_ARG(variable), STR_ARG(path));
}

static void test_cel_graph__attributes_are_listed(void **state)
{
    struct fixture *f = fixture_new();
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    struct cel_program *p = cel_compile(
        STR("resource.a.b && has(resource.c) && resource.d.filter(x, x.e == 1)[0].f == 2 && "
            "resource.g.all(i, v, v.h > i) && cel.bind(k, resource.l, k.m) && item.n['o'] in resource.p.map(q, q.r)"),
        0, 0, false, SPAN_NONE, &environment, f->arena, &f->diags);
    assert_non_null(p);
    cel_each_attribute(p, note, &out);
    assert_str(buf_str(&out),
               "resource:a.b resource:c resource:d.f resource:d resource:d.e resource:g resource:g.h resource:l "
               "resource:l.m item:n.o resource:p resource:p.r ");
    buf_release(&out);
    fixture_free(f);
}

struct trace {
    size_t n;
    bool saw_root;
};

static void trace(void *data, const struct cel_node *n, const struct cel_value *v)
{
    struct trace *t = data;
    t->n++;
    t->saw_root = n->kind == CEL_NODE_AND && v->kind == CEL_BOOL && !v->u.boolean;
}

static void test_cel_graph__every_value_can_be_seen(void **state)
{
    struct fixture *f = fixture_new();
    struct trace t = {0};
    (void)state;
    set(f, "port", value_number(f->arena, 22, NULL));
    f->context.on_value = trace;
    f->context.on_value_data = &t;
    no(f, "resource.port == 22 && resource.port > 100");
    assert_int_equal(t.n, 9);
    assert_true(t.saw_root);
    fixture_free(f);
}

static void test_cel_graph__sensitive_values_are_not_printed(void **state)
{
    struct fixture *f = fixture_new();
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    set(f, "password", with_flags(f, text(f, "hunter2"), VALUE_SENSITIVE));
    struct cel_value v = eval(f, "[resource.password]");
    cel_value_json(&f->context, &v, &out);
    assert_str(buf_str(&out), "[{\"sensitive\":true}]");
    buf_clear(&out);
    v = eval(f, "[resource.password + '!', resource.password.substring(1), string(size(resource.password))]");
    cel_value_json(&f->context, &v, &out);
    assert_str(buf_str(&out), "[{\"sensitive\":true},{\"sensitive\":true},{\"sensitive\":true}]");
    v = eval(f, "int(resource.password)");
    assert_str(v.u.text, "cannot convert '(sensitive)' to int");
    buf_release(&out);
    fixture_free(f);
}

static void test_cel_graph__a_million_elements_hit_the_limit(void **state)
{
    enum { MANY = 1000000 };
    struct fixture *f = fixture_new();
    const struct value **item = ARENA_ARRAY(f->arena, const struct value *, MANY);
    const struct value *one = value_number(f->arena, 1, NULL);
    (void)state;
    for (size_t i = 0; i < MANY; i++)
        item[i] = one;
    set(f, "many", value_list(f->arena, item, MANY, NULL));
    struct cel_value v = eval(f, "resource.many.all(x, x == 1)");
    assert_int_equal(v.kind, CEL_ERROR);
    assert_true(f->context.over_limit);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cel_graph__scalars_convert),
        TEST(test_cel_graph__absent_is_null),
        TEST(test_cel_graph__one_block_is_entered),
        TEST(test_cel_graph__unknowns_absorb),
        TEST(test_cel_graph__partial_lists_and_maps),
        TEST(test_cel_graph__text_with_holes),
        TEST(test_cel_graph__choices_are_decided_by_the_world),
        TEST(test_cel_graph__reads_are_recorded),
        TEST(test_cel_graph__attributes_are_listed),
        TEST(test_cel_graph__every_value_can_be_seen),
        TEST(test_cel_graph__sensitive_values_are_not_printed),
        TEST(test_cel_graph__a_million_elements_hit_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
