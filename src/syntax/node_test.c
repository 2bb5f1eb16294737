#include "base/testing.h"
#include "syntax/reader.h"

#include "syntax/document.h"

/* ---------------------------------------------------------------- trees made by hand */

static const struct node *text(struct arena *a, enum node_kind kind, const char *s)
{
    struct node *n = ARENA_NEW(a, struct node);

    n->kind = (uint8_t)kind;
    n->u.string = str_of(s);
    return n;
}

static const struct node *var(struct arena *a, const char *name)
{
    return text(a, NODE_VARIABLE, name);
}

static const struct node *number(struct arena *a, const char *digits)
{
    struct node *n = ARENA_NEW(a, struct node);

    n->kind = NODE_NUMBER;
    n->u.number.text = str_of(digits);
    return n;
}

static const struct node **list_of(struct arena *a, const struct node *x, const struct node *y)
{
    const struct node **item = ARENA_ARRAY(a, const struct node *, 2);

    item[0] = x;
    item[1] = y;
    return item;
}

static struct node *of_kind(struct arena *a, enum node_kind kind)
{
    struct node *n = ARENA_NEW(a, struct node);

    n->kind = (uint8_t)kind;
    return n;
}

static struct node *pair(struct arena *a, enum node_kind kind, const struct node *left, const struct node *right)
{
    struct node *n = of_kind(a, kind);

    n->u.pair.left = left;
    n->u.pair.right = right;
    return n;
}

static struct node *map_of(struct arena *a, enum node_kind kind, const char *key, const struct node *value,
                           const char *key2, const struct node *value2)
{
    struct node *n = of_kind(a, kind);
    struct node_entry *entry = ARENA_ARRAY(a, struct node_entry, 2);

    entry[0] = (struct node_entry){text(a, NODE_STRING, key), value};
    entry[1] = (struct node_entry){text(a, NODE_STRING, key2), value2};
    n->u.map.entry = entry;
    n->u.map.n = 2;
    return n;
}

static struct node *loop(struct arena *a, enum node_kind kind, const char *key_name, const struct node *key,
                         const struct node *value)
{
    struct node *n = of_kind(a, kind);

    n->u.loop = arena_alloc(a, sizeof(*n->u.loop));
    n->u.loop->key_name = str_of(key_name);
    n->u.loop->value_name = STR("v");
    n->u.loop->source = var(a, "xs");
    n->u.loop->key = key;
    n->u.loop->value = value;
    return n;
}

static void check(const struct node *n, const char *expected)
{
    struct buf b;

    buf_init(&b, 4096);
    node_dump(n, &b);
    assert_str(buf_str(&b), expected);
    buf_release(&b);
}

/* ---------------------------------------------------------------- dump */

static void test_node_dump__values(void **state)
{
    struct arena *a = arena_new();
    struct node *n = of_kind(a, NODE_BOOL), *tagged = of_kind(a, NODE_TAGGED), *list = of_kind(a, NODE_LIST);

    (void)state;
    check(NULL, "()");
    check(of_kind(a, NODE_NULL), "null");
    check(n, "false");
    n->u.boolean = true;
    check(n, "true");
    check(number(a, "1.50"), "1.50");
    check(text(a, NODE_STRING, "q\" \\ \n\t\r \001 \xC3\xA9"), "\"q\\\" \\\\ \\n\\t\\r \\u0001 \xC3\xA9\"");
    check(text(a, NODE_STRING, ""), "\"\"");
    check(list, "[]");
    list->u.list.item = list_of(a, number(a, "1"), n);
    list->u.list.n = 2;
    check(list, "[1,true]");
    check(map_of(a, NODE_MAP, "a", number(a, "1"), "b", list), "{\"a\":1,\"b\":[1,true]}");
    tagged->u.tagged.tag = STR("Sub");
    tagged->u.tagged.value = text(a, NODE_STRING, "x");
    check(tagged, "!Sub \"x\"");
    check(of_kind(a, NODE_ERROR), "(error)");
    arena_free(a);
}

static void test_node_dump__bodies_and_blocks(void **state)
{
    struct arena *a = arena_new();
    struct node *block = of_kind(a, NODE_BLOCK);
    const struct node *inner = map_of(a, NODE_BODY, "a", number(a, "1"), "b", var(a, "x"));

    (void)state;
    check(inner, "(body (= a 1) (= b x))");
    check(of_kind(a, NODE_BODY), "(body)");
    block->u.block = arena_alloc(a, sizeof(*block->u.block));
    block->u.block->type = STR("data");
    block->u.block->label = list_of(a, text(a, NODE_STRING, "t"), text(a, NODE_STRING, "n"));
    block->u.block->n_labels = 2;
    block->u.block->body = inner;
    check(map_of(a, NODE_BODY, "data", block, "z", number(a, "2")),
          "(body (block data \"t\" \"n\" (body (= a 1) (= b x))) (= z 2))");
    arena_free(a);
}

static void test_node_dump__operations(void **state)
{
    struct arena *a = arena_new();
    const struct node *x = var(a, "x"), *y = var(a, "y");
    static const char *const binary[] = {"||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"};
    struct node *n = of_kind(a, NODE_UNARY);

    (void)state;
    n->u.unary.operand = x;
    n->op = OP_NOT;
    check(n, "(! x)");
    n->op = OP_NEGATE;
    check(n, "(- x)");
    for (unsigned op = OP_OR; op <= OP_MOD; op++) {
        struct node *b = of_kind(a, NODE_BINARY);

        b->op = (uint8_t)op;
        b->u.binary.left = x;
        b->u.binary.right = y;
        check(b, arena_printf(a, "(%s x y)", binary[op - OP_OR]).p);
    }
    n = of_kind(a, NODE_CONDITIONAL);
    n->u.conditional.test = x;
    n->u.conditional.yes = y;
    n->u.conditional.no = x;
    check(n, "(if x y x)");
    n->kind = NODE_TEMPLATE_IF;
    n->u.conditional.no = NULL;
    check(n, "(template-if x y)");
    n->u.conditional.yes = NULL;
    check(n, "(template-if x)");
    n->u.conditional.no = y;
    check(n, "(template-if x () y)");
    check(pair(a, NODE_PAREN, x, NULL), "(paren x)");
    check(pair(a, NODE_INDEX, x, y), "(index x y)");
    arena_free(a);
}

static void test_node_dump__traversals_calls_and_templates(void **state)
{
    struct arena *a = arena_new();
    const struct node *x = var(a, "x");
    struct node *get = of_kind(a, NODE_GET), *splat = of_kind(a, NODE_SPLAT), *call = of_kind(a, NODE_CALL);
    struct node *template = of_kind(a, NODE_TEMPLATE);

    (void)state;
    get->u.get.object = x;
    get->u.get.name = STR("id");
    check(get, "(get x id)");
    splat->u.splat.source = x;
    check(splat, "(attribute-splat x)");
    splat->u.splat.full = true;
    get->u.get.object = var(a, "");
    splat->u.splat.each = get;
    check(splat, "(splat x (get . id))");
    call->u.call = arena_alloc(a, sizeof(*call->u.call));
    call->u.call->name = STR("f");
    check(call, "(call f)");
    call->u.call->argument = list_of(a, x, number(a, "1"));
    call->u.call->n = 2;
    check(call, "(call f x 1)");
    call->u.call->expand_last = true;
    check(call, "(call f x 1 ...)");
    template->u.template.part = list_of(a, text(a, NODE_STRING, "a "), x);
    template->u.template.n = 2;
    check(template, "(template \"a \" x)");
    arena_free(a);
}

static void test_node_dump__loops(void **state)
{
    struct arena *a = arena_new();
    struct node *n = loop(a, NODE_FOR, "", NULL, var(a, "v"));

    (void)state;
    check(n, "(for-list (v) xs v)");
    n->u.loop->test = var(a, "t");
    check(n, "(for-list (v) xs v (when t))");
    n = loop(a, NODE_FOR, "k", var(a, "k"), var(a, "v"));
    check(n, "(for-map (k v) xs k v)");
    n->u.loop->group = true;
    n->u.loop->test = var(a, "t");
    check(n, "(for-map (k v) xs k v ... (when t))");
    check(loop(a, NODE_TEMPLATE_FOR, "k", NULL, text(a, NODE_STRING, "s")), "(template-for (k v) xs \"s\")");
    arena_free(a);
}

/* ---------------------------------------------------------------- access */

static void test_node__find(void **state)
{
    struct arena *a = arena_new();
    const struct node *one = number(a, "1"), *two = number(a, "2");
    const struct node *map = map_of(a, NODE_MAP, "a", one, "bb", two);
    struct node *computed = map_of(a, NODE_MAP, "x", one, "a", two);

    (void)state;
    assert_ptr_equal(node_find(map, "a"), one);
    assert_ptr_equal(node_find(map, "bb"), two);
    assert_null(node_find(map, "b"));
    assert_null(node_find(map, ""));
    assert_null(node_find(one, "a"));
    assert_null(node_find(NULL, "a"));
    assert_ptr_equal(node_find_entry(map, STR("bb"))->value, two);
    assert_ptr_equal(node_find(map_of(a, NODE_BODY, "a", one, "a", two), "a"), one);
    ((struct node_entry *)(uintptr_t)computed->u.map.entry)[0].key = var(a, "a"); /* (a) = 1 */
    assert_ptr_equal(node_find(computed, "a"), two);
    assert_str(node_string(text(a, NODE_STRING, "s")), "s");
    assert_ptr_equal(node_string(one).p, NULL);
    assert_ptr_equal(node_string(NULL).p, NULL);
    for (int kind = NODE_NULL; kind <= NODE_ERROR; kind++)
        assert_non_null(node_kind_name((enum node_kind)kind));
    arena_free(a);
}

/* ---------------------------------------------------------------- document_check_text */

static void check_text(str bytes, bool readable, int id, uint32_t at, const char *part)
{
    struct sources *sources = sources_new();
    struct arena *arena = arena_new();
    const struct source *s = source_add(sources, STR("f"), bytes);
    struct diag_list diags;

    diag_list_init(&diags, arena);
    assert_int_equal(document_check_text(s, &diags), readable);
    assert_int_equal(diags.n, id >= 0);
    if (id >= 0) {
        assert_int_equal(diags.at[0].id, id);
        assert_int_equal(diags.at[0].at.start, at);
        assert_true(str_contains(diags.at[0].message, str_of(part)));
    }
    diag_list_release(&diags);
    arena_free(arena);
    sources_free(sources);
}

static void test_document__check_text(void **state)
{
    char random[4096];
    unsigned seed = 1;

    (void)state;
    check_text(STR("a: \xC3\xA9\n"), true, -1, 0, "");
    check_text(STR_NONE, false, DIAG_EMPTY, 0, "empty");
    check_text(STR(" \n\t\r\n"), false, DIAG_EMPTY, 0, "empty");
    check_text(STR("a: b\0c\n"), false, DIAG_NOT_TEXT, 4, "a NUL byte");
    check_text(STR("a\0:\0 \0b\0\n\0"), false, DIAG_NOT_TEXT, 1, "UTF-16");
    check_text(STR("caf\xE9 au lait"), true, DIAG_ENCODING, 3, "0xE9 is not valid UTF-8");
    check_text(STR("caf\xE9 \xC3\xA9 \xFF\xFE, long enough"), true, DIAG_ENCODING, 3, "one of 3");
    for (size_t i = 0; i < sizeof(random); i++) {
        seed = seed * 1103515245 + 12345;
        random[i] = (char)(seed >> 16);
    }
    for (size_t i = 0; i < sizeof(random); i++)
        random[i] = random[i] == 0 ? 1 : random[i];
    check_text((str){random, sizeof(random)}, false, DIAG_NOT_TEXT, 0, "binary");
    random[100] = 0;
    check_text((str){random, sizeof(random)}, false, DIAG_NOT_TEXT, 100, "binary");
}

static void test_node__pool_is_full_past_the_limit(void **state)
{
    struct node_pool pool = {.arena = arena_new()};
    (void)state;
    node_new(&pool, NODE_NULL, 0, SPAN_NONE);
    assert_false(node_pool_full(&pool));
    pool.total = LIMIT_NODES;
    assert_false(node_pool_full(&pool));
    pool.left = 0;
    node_new(&pool, NODE_NULL, 0, SPAN_NONE);
    assert_true(node_pool_full(&pool));
    arena_free(pool.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_node__pool_is_full_past_the_limit),
        TEST(test_node_dump__values),
        TEST(test_node_dump__bodies_and_blocks),
        TEST(test_node_dump__operations),
        TEST(test_node_dump__traversals_calls_and_templates),
        TEST(test_node_dump__loops),
        TEST(test_node__find),
        TEST(test_document__check_text),
    };

    return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
