#include "graph/testing.h"

#define WORLD(w)                                                                                                       \
    struct world w = world_new();                                                                                      \
    (void)state

static void test_value__json_of_every_kind(void **state)
{
    WORLD(w);
    const char *text = "{\"a\":null,\"b\":true,\"c\":[1,-2.5,\"x\\\"\\n\"],\"d\":{}}";
    assert_json(&w, value_from_json(&w, text), text);
    assert_json(&w, value_from_json(&w, "{\"$unknown\": \"why\"}"), "{\"unknown\":\"why\"}");
    assert_json(&w, value_from_json(&w, "{\"$choice\": \"P\", \"yes\": 1, \"no\": null}"),
                "{\"choice\":\"P\",\"options\":{\"yes\":1,\"no\":null}}");
    assert_json(&w, value_from_json(&w, "{\"$text\": [\"arn:\", {\"$unknown\": \"account\"}, \":x\"]}"),
                "{\"unknown\":\"account\",\"text\":\"arn:${\xe2\x80\xa6}:x\"}");
    world_free(&w);
}

static void test_value__sensitive_is_hidden_unless_revealed(void **state)
{
    WORLD(w);
    struct value *v = value_string(w.arena, STR("secret"), NULL);
    v->flags |= VALUE_SENSITIVE;
    assert_json(&w, v, "{\"sensitive\":true}");
    struct buf out;
    buf_init(&out, 100);
    value_to_json(v, &out, VALUE_JSON_REVEAL);
    assert_str(buf_str(&out), "\"secret\"");
    buf_clear(&out);
    value_brief(v, &out, 20);
    assert_str(buf_str(&out), "(sensitive)");
    buf_release(&out);
    world_free(&w);
}

static void test_value__choice_collapses_when_equal(void **state)
{
    WORLD(w);
    const struct value *v = value_from_json(&w, "{\"$choice\": \"P\", \"a\": [1], \"b\": [1]}");
    assert_int_equal(v->kind, VALUE_LIST);
    assert_null(value_from_json(&w, "{\"$choice\": \"Q\", \"a\": null, \"b\": null}"));
    v = value_from_json(&w, "{\"$choice\": \"R\", \"a\": {\"$unknown\": \"x\"}, \"b\": {\"$unknown\": \"x\"}}");
    assert_int_equal(v->kind, VALUE_CHOICE);
    world_free(&w);
}

static void test_value__choice_inside_itself_takes_the_same_option(void **state)
{
    WORLD(w);
    const struct value *v = value_from_json(&w, "{\"$choice\": \"P\", \"a\": {\"$choice\": \"P\", \"a\": 1, \"b\": 2}, "
                                                "\"b\": {\"$choice\": \"P\", \"a\": 3, \"b\": 4}}");
    assert_json(&w, v, "{\"choice\":\"P\",\"options\":{\"a\":1,\"b\":4}}");
    world_free(&w);
}

static const struct value *twice(void *context, const struct value *v)
{
    double d;
    return value_to_number(v, &d) ? value_number(context, 2 * d, NULL) : v;
}

static void test_value__lift_keeps_shape_and_decides_once(void **state)
{
    WORLD(w);
    const struct value *v = value_from_json(
        &w, "{\"$choice\": \"P\", \"a\": {\"$choice\": \"Q\", \"x\": {\"$choice\": \"P\", \"a\": 1, \"b\": 2},"
            " \"y\": null}, \"b\": 5}");
    assert_json(&w, value_lift(w.arena, v, twice, w.arena),
                "{\"choice\":\"P\",\"options\":{\"a\":{\"choice\":\"Q\",\"options\":{\"x\":2,\"y\":null}},\"b\":10}}");
    assert_null(value_lift(w.arena, NULL, twice, w.arena));
    world_free(&w);
}

static void test_value__lift_over_budget_is_unknown(void **state)
{
    WORLD(w);
    const struct value *v = value_number(w.arena, 1, NULL);
    for (int i = 0; i < 40; i++) {
        struct decider *d = ARENA_NEW(w.arena, struct decider);
        const str labels[] = {STR("a"), STR("b")};
        d->option = arena_copy(w.arena, labels, sizeof(labels));
        d->n_options = 2;
        const struct value *options[] = {v, value_number(w.arena, i + 2, NULL)};
        v = value_choice(w.arena, d, options, NULL);
    }
    assert_int_equal(value_lift(w.arena, v, twice, w.arena)->kind, VALUE_UNKNOWN);
    world_free(&w);
}

static void test_value__text_joins_and_flattens(void **state)
{
    WORLD(w);
    assert_json(&w, value_from_json(&w, "{\"$text\": [\"a\", 1, true, \"\"]}"), "\"a1true\"");
    assert_json(&w, value_from_json(&w, "{\"$text\": []}"), "\"\"");
    const struct value *v = value_from_json(
        &w,
        "{\"$text\": [\"a\", {\"$text\": [\"b\", {\"$ref\": \"r.x.arn\"}, \"c\"]}, \"d\", {\"$ref\": \"r.x.arn\"}]}");
    assert_int_equal(v->kind, VALUE_TEXT);
    assert_int_equal(v->u.list.n, 4);
    assert_str(v->u.list.item[0]->u.string, "ab");
    assert_str(v->u.list.item[2]->u.string, "cd");
    assert_str(value_find_ref(v)->address, "r.x");
    assert_null(v->ref->next);
    assert_true(v->flags & VALUE_NONEMPTY);
    v = value_from_json(&w, "{\"$text\": [{\"$ref\": \"r.x.arn\"}]}");
    assert_int_equal(v->kind, VALUE_UNKNOWN);
    world_free(&w);
}

static void test_value__path_through_what_is_not_known(void **state)
{
    WORLD(w);
    const struct value *v = value_from_json(&w, "{\"a\": [{\"b\": 1}], \"u\": {\"$unknown\": \"why\"}, \"p\": "
                                                "{\"$partial\": {\"x\": 1}}, \"two\": [{\"b\": 1}, {\"b\": 2}],"
                                                " \"c\": {\"$choice\": \"P\", \"y\": {\"b\": 1}, \"n\": null}}");
    assert_json(&w, value_path(v, STR("a.b")), "1");
    assert_json(&w, value_path(v, STR("u.b.c")), "{\"unknown\":\"why\"}");
    assert_json(&w, value_path(v, STR("p.x")), "1");
    assert_int_equal(value_path(v, STR("p.y"))->kind, VALUE_UNKNOWN);
    assert_int_equal(value_path(v, STR("c.b"))->kind, VALUE_UNKNOWN);
    assert_null(value_path(v, STR("two.b")));
    assert_null(value_path(v, STR("none.b")));
    assert_null(value_path(NULL, STR("a")));
    world_free(&w);
}

static void test_value__coercions(void **state)
{
    WORLD(w);
    bool b;
    double d;
    str s;
    assert_true(value_to_bool(value_string(w.arena, STR("True"), NULL), &b) && b);
    assert_true(value_to_bool(value_string(w.arena, STR("0"), NULL), &b) && !b);
    assert_false(value_to_bool(value_string(w.arena, STR("maybe"), NULL), &b));
    assert_true(value_to_number(value_string(w.arena, STR("3"), NULL), &d) && d > 2.9 && d < 3.1);
    assert_false(value_to_number(value_string(w.arena, STR("3 apples"), NULL), &d));
    assert_true(value_to_text(value_number(w.arena, 7, NULL), w.arena, &s));
    assert_str(s, "7");
    assert_true(value_to_text(value_number(w.arena, 0.1, NULL), w.arena, &s));
    assert_str(s, "0.1");
    assert_true(value_to_text(value_number(w.arena, 123456789012.0, NULL), w.arena, &s));
    assert_str(s, "123456789012");
    assert_false(value_to_bool(NULL, &b) || value_to_number(NULL, &d) || value_to_text(NULL, w.arena, &s));
    world_free(&w);
}

static void test_value__equality_and_knowledge(void **state)
{
    WORLD(w);
    const struct value *a = value_from_json(&w, "{\"x\": 1, \"y\": [true]}");
    assert_true(value_equal(a, value_from_json(&w, "{\"y\": [true], \"x\": 1}")));
    assert_false(value_equal(a, value_from_json(&w, "{\"y\": [true], \"x\": 2}")));
    assert_false(value_equal(a, NULL));
    const struct value *u = value_from_json(&w, "[{\"$unknown\": \"x\"}]");
    assert_false(value_equal(u, u));
    assert_true(value_is_known(a));
    assert_false(value_is_known(u));
    assert_false(value_is_known(value_from_json(&w, "{\"$partial\": []}")));
    world_free(&w);
}

/* A list of two of the same list, forty times: 2^40 paths. */
static void test_value__shared_parts_do_not_blow_up(void **state)
{
    WORLD(w);
    const struct value *v[2] = {value_number(w.arena, 1, NULL), value_number(w.arena, 1, NULL)};
    for (int i = 0; i < 40; i++) {
        for (int side = 0; side < 2; side++) {
            const struct value **items = ARENA_ARRAY(w.arena, const struct value *, 2);
            items[0] = items[1] = v[side];
            v[side] = value_list(w.arena, items, 2, NULL);
        }
    }
    assert_false(value_is_known(v[0]));
    assert_false(value_equal(v[0], v[1]));
    struct buf out;
    buf_init(&out, 1000);
    value_to_json(v[0], &out, 0);
    assert_true(out.overflow);
    buf_release(&out);
    world_free(&w);
}

static void test_value__brief(void **state)
{
    static const struct {
        const char *json, *brief;
    } table[] = {
        {"\"AES256\"", "\"AES256\""},
        {"7", "7"},
        {"[1,2,3]", "[..3 items..]"},
        {"[\"0.0.0.0/0\"]", "[\"0.0.0.0/0\"]"},
        {"[]", "[]"},
        {"{\"a\": 1}", "{..1 entry..}"},
        {"{\"$unknown\": \"x\"}", "unknown"},
        {"{\"$text\": [\"a-\", {\"$unknown\": \"x\"}]}", "\"a-${\xe2\x80\xa6}\""},
        {"{\"$choice\": \"P\", \"a\": 1, \"b\": null}", "1 or absent"},
        {"\"a very long text that goes on and on\"", "\"a very long text that g..."},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        WORLD(w);
        struct buf out;
        buf_init(&out, 1000);
        value_brief(value_from_json(&w, table[i].json), &out, 27);
        assert_str(buf_str(&out), table[i].brief);
        buf_release(&out);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_value__json_of_every_kind),
        TEST(test_value__sensitive_is_hidden_unless_revealed),
        TEST(test_value__choice_collapses_when_equal),
        TEST(test_value__choice_inside_itself_takes_the_same_option),
        TEST(test_value__lift_keeps_shape_and_decides_once),
        TEST(test_value__lift_over_budget_is_unknown),
        TEST(test_value__text_joins_and_flattens),
        TEST(test_value__path_through_what_is_not_known),
        TEST(test_value__coercions),
        TEST(test_value__equality_and_knowledge),
        TEST(test_value__shared_parts_do_not_blow_up),
        TEST(test_value__brief),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
