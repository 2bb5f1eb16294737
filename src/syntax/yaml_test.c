#include "syntax/testing.h"

#include <math.h>

#include "syntax/yaml.h"

/* The root of the first document. */
static const struct node *read_text(struct fixture *f, str text)
{
    prepare(f, "test.yaml", text);
    yaml_read(f->source, f->arena, &f->diags, &f->documents);
    return f->documents.n == 0 ? NULL : f->documents.at[0].root;
}

/* All documents, one a line; "..." after an incomplete one. */
static void dump(const struct fixture *f, struct buf *out)
{
    for (size_t i = 0; i < f->documents.n; i++) {
        assert_int_equal(f->documents.at[i].index, i);
        buf_add_c(out, i == 0 ? "" : "\n");
        node_dump(f->documents.at[i].root, out);
        buf_add_c(out, f->documents.at[i].incomplete ? " ..." : "");
    }
}

static void check_documents(const struct fixture *f, const char *expected)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    dump(f, &b);
    assert_str(buf_str(&b), expected);
    buf_release(&b);
}

static void check(const char *text, const char *expected)
{
    struct fixture f;

    read_text(&f, str_of(text));
    if (f.diags.n != 0)
        fail_msg("%s: " STR_FMT, text, STR_ARG(f.diags.at[0].message));
    check_documents(&f, expected);
    done(&f);
}

/* One diagnostic, at line:column, with `part` in its text. */
static void check_diag(const char *text, enum diag_id id, unsigned line, unsigned column, const char *part,
                       const char *expected)
{
    struct fixture f;
    struct position p;

    read_text(&f, str_of(text));
    check_documents(&f, expected);
    assert_int_equal(f.diags.n, 1);
    p = source_position(f.source, f.diags.at[0].at.start);
    if (f.diags.at[0].id != id || p.line != line || p.column != column ||
        !str_contains(f.diags.at[0].message, str_of(part)))
        fail_msg("%s: %s at %u:%u: " STR_FMT, text, diag_id_name(f.diags.at[0].id), p.line, p.column,
                 STR_ARG(f.diags.at[0].message));
    done(&f);
}

static void check_at(const struct fixture *f, const struct node *n, const char *text, unsigned flags)
{
    assert_non_null(n);
    assert_str(str_slice(f->source->text, n->at.start, n->at.end), text);
    assert_int_equal(n->flags, flags);
}

/* ---------------------------------------------------------------- scalars */

static void test_yaml__plain_scalars(void **state)
{
    (void)state;
    check("[~, null, Null, NULL, nULL, nil]", "[null,null,null,null,\"nULL\",\"nil\"]");
    check("[true, True, TRUE, false, False, FALSE, tRUE, y, n]",
          "[true,true,true,false,false,false,\"tRUE\",\"y\",\"n\"]");
    check("[yes, Yes, YES, no, No, NO, on, On, ON, off, Off, OFF, yeS, oN]",
          "[true,true,true,false,false,false,true,true,true,false,false,false,\"yeS\",\"oN\"]");
    check("[0, 12, -3, +4, 0x1F, 0o17, 0755, 0b101, 1_000]", "[0,12,-3,+4,0x1F,0o17,0755,0b101,1_000]");
    check("[1.5, -.5, 1., 1e3, 1.5E-3, .inf, -.INF, .nan]", "[1.5,-.5,1.,1e3,1.5E-3,.inf,-.INF,.nan]");
    check("[08, 012345678901, 0x, 0xG, 1e, 1.2.3, -, ., +, 10s, 1:30, 1e999, -x]",
          "[\"08\",\"012345678901\",\"0x\",\"0xG\",\"1e\",\"1.2.3\",\"-\",\".\",\"+\",\"10s\",\"1:30\",\"1e999\",\"-"
          "x\"]");
    check("[2010-09-09, 2001-12-14t21:59:43.10-05:00, a b]",
          "[\"2010-09-09\",\"2001-12-14t21:59:43.10-05:00\",\"a b\"]");
    check("['1', \"true\", '']", "[\"1\",\"true\",\"\"]");
    check("a:\nb:", "{\"a\":null,\"b\":null}");
    check("one\n two\n\n three", "\"one two\\nthree\"");
}

static void check_number(const char *text, double expected)
{
    struct fixture f;
    const struct node *n = read_text(&f, str_of(text));

    assert_int_equal(n->kind, NODE_NUMBER);
    assert_true(n->u.number.value >= expected && n->u.number.value <= expected);
    assert_str(n->u.number.text, text);
    assert_str(yaml_scalar_text(n, f.source), text);
    done(&f);
}

static void test_yaml__numbers(void **state)
{
    (void)state;
    check_number("0755", 493);
    check_number("0o17", 15);
    check_number("-0x1F", -31);
    check_number("0b101", 5);
    check_number("1_000", 1000);
    check_number("1.10", 1.1);
    check_number("+12", 12);
    check_number("-.5", -0.5);
    check_number("123456789012345678901234567890", 123456789012345678901234567890.0);
    check_number(".inf", (double)INFINITY);
    check_number("-.Inf", (double)-INFINITY);
}

static void test_yaml__scalar_text(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("[yes, ~, !!null , 1.10, 'a', \"b\\n\", !Ref No, !!bool 'yes', [x]]"));
    static const char *const texts[] = {"yes", "~", "", "1.10", "a", "b\n", "No", "yes", ""};

    (void)state;
    assert_int_equal(n->u.list.n, ARRAY_LEN(texts));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_str(yaml_scalar_text(n->u.list.item[i], f.source), texts[i]);
    assert_str(yaml_scalar_text(NULL, f.source), "");
    done(&f);
}

static void test_yaml__styles_and_raw_text(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("p: x y\n"
                                             "q: 'a b'\n"
                                             "r: 'it''s'\n"
                                             "s: \"t\\t\"\n"
                                             "t: |  # why\n"
                                             "  one\n"
                                             "  two\n\n"
                                             "u: >-\n"
                                             "  a\n"
                                             "  b\n"
                                             "v: c\n"
                                             "  d\n"));

    (void)state;
    check_at(&f, node_find(n, "p"), "x y", NODE_PLAIN | NODE_RAW);
    assert_ptr_equal(node_find(n, "p")->u.string.p, f.source->text.p + 3);
    check_at(&f, node_find(n, "q"), "'a b'", NODE_QUOTED | NODE_RAW);
    check_at(&f, node_find(n, "r"), "'it''s'", NODE_QUOTED);
    check_at(&f, node_find(n, "s"), "\"t\\t\"", NODE_QUOTED);
    check_at(&f, node_find(n, "t"), "|  # why\n  one\n  two", NODE_HEREDOC);
    assert_str(node_string(node_find(n, "t")), "one\ntwo\n");
    check_at(&f, node_find(n, "u"), ">-\n  a\n  b", NODE_HEREDOC);
    assert_str(node_string(node_find(n, "u")), "a b");
    check_at(&f, node_find(n, "v"), "c\n  d", NODE_PLAIN);
    check_at(&f, n,
             "p: x y\nq: 'a b'\nr: 'it''s'\ns: \"t\\t\"\nt: |  # why\n  one\n  two\n\nu: >-\n  a\n  b\nv: c\n  d", 0);
    check_at(&f, n->u.map.entry[0].key, "p", NODE_PLAIN | NODE_RAW);
    done(&f);
}

/* libyaml counts code points, spans are bytes. */
static void test_yaml__spans_of_text_that_is_not_ascii(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("\xC3\xA9: \"\xF0\x9F\x98\x80 x\" # \xE2\x82\xAC\r\n"
                                             "b: [\xC3\xBC, {c: \xC3\xB6\xC3\xB6, d: !T  \xC3\xA4}]\r\n"
                                             "e: end\r\n"));
    const struct node *list = node_find(n, "b");

    (void)state;
    check_at(&f, n->u.map.entry[0].key, "\xC3\xA9", NODE_PLAIN | NODE_RAW);
    check_at(&f, n->u.map.entry[0].value, "\"\xF0\x9F\x98\x80 x\"", NODE_QUOTED | NODE_RAW);
    check_at(&f, list, "[\xC3\xBC, {c: \xC3\xB6\xC3\xB6, d: !T  \xC3\xA4}]", NODE_FLOW);
    check_at(&f, list->u.list.item[0], "\xC3\xBC", NODE_PLAIN | NODE_RAW);
    check_at(&f, list->u.list.item[1], "{c: \xC3\xB6\xC3\xB6, d: !T  \xC3\xA4}", NODE_FLOW);
    check_at(&f, node_find(list->u.list.item[1], "c"), "\xC3\xB6\xC3\xB6", NODE_PLAIN | NODE_RAW);
    check_at(&f, node_find(list->u.list.item[1], "d"), "!T  \xC3\xA4", 0);
    check_at(&f, node_find(n, "e"), "end", NODE_PLAIN | NODE_RAW);
    done(&f);
}

static void test_yaml__spans_of_collections(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("a:\n"
                                             "  - x: 1\n"
                                             "    y:\n"
                                             "\n"
                                             "  # between\n"
                                             "  - z\n"
                                             "b: &n !T\n"
                                             "  k: v\n"
                                             "c: [p: q ]\n"
                                             "d: {}\n"));
    const struct node *a = node_find(n, "a"), *b = node_find(n, "b");

    (void)state;
    check_at(&f, a, "- x: 1\n    y:\n\n  # between\n  - z", 0);
    check_at(&f, a->u.list.item[0], "x: 1\n    y:", 0);
    check_at(&f, b, "!T\n  k: v", 0);
    check_at(&f, b->u.tagged.value, "k: v", 0);
    assert_str(b->u.tagged.tag, "T");
    check_at(&f, node_find(n, "c")->u.list.item[0], "p: q", NODE_FLOW);
    check_at(&f, node_find(n, "d"), "{}", NODE_FLOW);
    done(&f);
}

/* ---------------------------------------------------------------- tags */

static void test_yaml__local_tags(void **state)
{
    (void)state;
    check("a: !Sub 'x-${y}'\nb: !GetAtt A.Arn\nc: !If [p, !Ref q, 1]\nd: !Join\n- ','\n- [x]\ne: !Base64 {a: !Sub x}\n",
          "{\"a\":!Sub \"x-${y}\",\"b\":!GetAtt \"A.Arn\",\"c\":!If [\"p\",!Ref \"q\",1],\"d\":!Join [\",\",[\"x\"]],"
          "\"e\":!Base64 {\"a\":!Sub \"x\"}}");
}

static void test_yaml__standard_tags(void **state)
{
    (void)state;
    check("[!!str 12, !!str yes, !!int '7', !!float 1, !!bool 'on', !!null '', ! 5, !!timestamp 2001-01-01]",
          "[\"12\",\"yes\",7,1,true,null,\"5\",\"2001-01-01\"]");
    check("[!!binary aGVs bG8=, !!binary 'AAEC', !!seq [1], !!map {a: 1}, !!set {a, b}]",
          "[\"hello\",\"AAEC\",[1],{\"a\":1},{\"a\":null,\"b\":null}]");
    check("!<tag:yaml.org,2002:str> 1", "\"1\"");
    check("%TAG !e! tag:example.com,2000:\n---\n!e!foo x\n", "!tag:example.com,2000:foo \"x\"");
    check_diag("a: !!int x", DIAG_ODDITY, 1, 10, "does not fit its tag !!int", "{\"a\":\"x\"}");
    check_diag("a: !!map [x]", DIAG_ODDITY, 1, 4, "does not fit a list", "{\"a\":[\"x\"]}");
}

/* ---------------------------------------------------------------- keys */

static void test_yaml__keys_are_strings(void **state)
{
    (void)state;
    check("{1: a, true: b, on: c, ~: d, 'x': e, !!str 2: f, !T g: h, 1.10: i}",
          "{\"1\":\"a\",\"true\":\"b\",\"on\":\"c\",\"~\":\"d\",\"x\":\"e\",\"2\":\"f\",\"g\":\"h\",\"1.10\":\"i\"}");
    check("&k 12: a\nb: *k\n", "{\"12\":\"a\",\"b\":12}");
}

static void test_yaml__keys_that_are_not_scalars(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("? [a, b]\n: c\nd: e\n"));

    (void)state;
    check_documents(&f, "{\"d\":\"e\"} ...");
    assert_true((n->flags & NODE_INCOMPLETE) != 0);
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(f.diags.at[0].id, DIAG_STRUCTURE);
    assert_int_equal(f.diags.at[0].at.start, 2);
    done(&f);
    check_diag("a: {{ .Values.x }}\nb: 1\n", DIAG_NOT_ANALYSED, 1, 5, "a template that was not rendered",
               "{\"a\":{},\"b\":1} ...");
}

static void test_yaml__duplicate_keys(void **state)
{
    struct buf b;
    struct fixture f;
    const struct node *n;

    (void)state;
    check_diag("a: 1\nb: 2\n\"a\": 3\n", DIAG_DUPLICATE_KEY, 3, 1, "first at line 1", "{\"a\":3,\"b\":2}");
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 40; i++)
        buf_printf(&b, "k%d: %d\n", i % 39, i);
    n = read_text(&f, buf_str(&b));
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(n->u.map.n, 39);
    assert_str(n->u.map.entry[0].value->u.number.text, "39");
    done(&f);
    buf_release(&b);
}

/* ---------------------------------------------------------------- anchors and merge keys */

static void test_yaml__aliases(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("a: &x {k: &y [1]}\nb: *x\nc: *y\nd: &x 2\ne: *x\n*x : f\n"));

    (void)state;
    assert_int_equal(f.diags.n, 0);
    check_documents(&f, "{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]},\"c\":[1],\"d\":2,\"e\":2,\"2\":\"f\"}");
    check_at(&f, node_find(n, "a"), "{k: &y [1]}", NODE_FLOW);
    check_at(&f, node_find(n, "b"), "{k: &y [1]}", NODE_FLOW | NODE_ALIASED);
    assert_ptr_equal(node_find(node_find(n, "b"), "k"), node_find(node_find(n, "a"), "k"));
    done(&f);
    check_diag("a: *x\n", DIAG_SYNTAX, 1, 4, "no anchor &x before", "{\"a\":(error)} ...");
    check_diag("a: &x [1, *x]\n", DIAG_CYCLE, 1, 11, "inside what it refers to", "{\"a\":[1,(error)]} ...");
    check_diag("a: &x 1\n---\nb: *x\n", DIAG_SYNTAX, 3, 4, "no anchor &x", "{\"a\":1}\n{\"b\":(error)} ...");
}

static void test_yaml__merge_keys(void **state)
{
    struct fixture f;
    const struct node *n;

    (void)state;
    check("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc: {<<: [{x: 4}, *a], z: 5}\nd: {<<: *a}\n",
          "{\"a\":{\"x\":1,\"y\":2},\"b\":{\"y\":3,\"x\":1},\"c\":{\"z\":5,\"x\":4,\"y\":2},\"d\":{\"x\":1,\"y\":2}}");
    check("a: {'<<': {x: 1}}", "{\"a\":{\"<<\":{\"x\":1}}}");
    n = read_text(&f, STR("a: &a {x: 1}\nb: {<<: *a, y: 2}\n"));
    assert_int_equal(node_find(node_find(n, "b"), "x")->flags, NODE_PLAIN | NODE_RAW | NODE_ALIASED | NODE_MERGED);
    assert_int_equal(node_find(node_find(n, "b"), "y")->flags, NODE_PLAIN | NODE_RAW);
    assert_int_equal(node_find(node_find(n, "a"), "x")->flags, NODE_PLAIN | NODE_RAW);
    done(&f);
    check_diag("a: {<<: 1, b: 2}", DIAG_STRUCTURE, 1, 9, "takes a mapping or a list of mappings, not a number",
               "{\"a\":{\"b\":2}} ...");
    check_diag("a: {<<: [1], b: 2}", DIAG_STRUCTURE, 1, 9, "not a list of other things", "{\"a\":{\"b\":2}} ...");
}

static void test_yaml__alias_bomb(void **state)
{
    struct fixture f;
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    buf_add_c(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        buf_printf(&b, "a%d: &a%d [*a%d", i, i, i - 1);
        for (int k = 0; k < 8; k++)
            buf_printf(&b, ", *a%d", i - 1);
        buf_add_c(&b, "]\n");
    }
    read_text(&f, buf_str(&b));
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(f.diags.at[0].id, DIAG_LIMIT);
    assert_true(f.documents.at[0].incomplete);
    done(&f);
    buf_release(&b);
}

/* Depth that only aliases make. */
static void test_yaml__alias_depth(void **state)
{
    struct fixture f;
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    buf_add_c(&b, "a0: &a0 1\n");
    for (int i = 1; i < 20; i++) {
        buf_printf(&b, "a%d: &a%d ", i, i);
        for (int k = 0; k < 100; k++)
            buf_add_char(&b, '[');
        buf_printf(&b, "*a%d", i - 1);
        for (int k = 0; k < 100; k++)
            buf_add_char(&b, ']');
        buf_add_char(&b, '\n');
    }
    read_text(&f, buf_str(&b));
    assert_true(f.diags.n > 0);
    assert_int_equal(f.diags.at[0].id, DIAG_LIMIT);
    assert_int_equal(source_position(f.source, f.diags.at[0].at.start).line, 6);
    done(&f);
    buf_release(&b);
}

/* ---------------------------------------------------------------- depth */

static void check_depth(const char *open, const char *value, unsigned depth, bool too_deep)
{
    struct fixture f;
    struct buf b;

    buf_init(&b, 1 << 26);
    for (unsigned i = 0; i < depth; i++) {
        for (unsigned k = 0; *open == 'k' && k < i; k++)
            buf_add_char(&b, ' ');
        buf_add_c(&b, open);
    }
    for (unsigned k = 0; *open == 'k' && k <= depth; k++)
        buf_add_char(&b, ' ');
    buf_add_c(&b, value);
    for (unsigned i = 0; *open == '[' && i < depth; i++)
        buf_add_char(&b, ']');
    buf_add_c(&b, "\n---\nnext: 1\n");
    assert_false(b.overflow);
    read_text(&f, buf_str(&b));
    assert_int_equal(f.diags.n, too_deep);
    if (too_deep)
        assert_int_equal(f.diags.at[0].id, DIAG_LIMIT);
    assert_int_equal(f.documents.n, 2);
    assert_int_equal(f.documents.at[0].incomplete, too_deep);
    assert_false(f.documents.at[1].incomplete);
    assert_non_null(node_find(f.documents.at[1].root, "next"));
    done(&f);
    buf_release(&b);
}

static void test_yaml__depth_is_limited(void **state)
{
    (void)state;
    check_depth("[", "1", LIMIT_DEPTH, false);
    check_depth("[", "1", LIMIT_DEPTH + 1, true);
    check_depth("[", "1", 10000, true);
    check_depth("[\n", "1", 10000, true);
    check_depth("- ", "1", 10000, true);
    check_depth("? ", "1", 10000, true);
    check_depth("k:\n", "1", LIMIT_DEPTH, false);
    check_depth("k:\n", "1", 2000, true);
}

/* ---------------------------------------------------------------- streams and errors */

static void test_yaml__streams(void **state)
{
    (void)state;
    check("", "");
    check("# nothing\n", "");
    check("a: 1\n---\n- 2\n...\n---\n--- # x\n'3'\n", "{\"a\":1}\n[2]\nnull\n\"3\"");
    check("--- |\n text\n--- {a: 1}\n", "\"text\\n\"\n{\"a\":1}");
    check("a: 1\r\n---\r\nb: 2\r\n", "{\"a\":1}\n{\"b\":2}");
    check("a: 1\n\xEF\xBB\xBF---\nb: \xC3\xA9\n",
          "{\"a\":1}\n{\"b\":\"\xC3\xA9\"}"); /* files joined with their marks */
}

static void test_yaml__a_broken_document_does_not_lose_the_others(void **state)
{
    (void)state;
    check_diag("a: 1\n---\nb: [1, 2\nc: 3\n---\nd: 4\n", DIAG_SYNTAX, 4, 2, "expected ',' or ']'",
               "{\"a\":1}\n{\"b\":[1,\"2 c\"]} ...\n{\"d\":4}");
    check_diag("a: \"x\n---\nb: 1\n", DIAG_SYNTAX, 1, 4, "is not closed before the document ends", "{} ...\n{\"b\":1}");
    check_diag("--- |0\n---\nb: 1\n", DIAG_SYNTAX, 1, 6, "indentation indicator", "() ...\n{\"b\":1}");
    check_diag("{a: b}\nc: d\n---\ne: f\n", DIAG_SYNTAX, 2, 1, "expected the end of the document, or '---'",
               "{\"a\":\"b\"} ...\n{\"e\":\"f\"}");
    check_diag("a: |\n  --- no\n  x\nb: @\n---no\n---\nc: 1\n", DIAG_SYNTAX, 4, 4, "unless it is quoted",
               "{\"a\":\"--- no\\nx\\n\"} ...\n{\"c\":1}");
    check_diag("%YAML 2.0\n---\na: 1\n", DIAG_SYNTAX, 1, 1, "incompatible", "() ...\n{\"a\":1}");
    check_diag("\xC3\xA9: [\n---\n\xC3\xA9: 1\n", DIAG_SYNTAX, 2, 1, "expected a value",
               "{\"\xC3\xA9\":[]} ...\n{\"\xC3\xA9\":1}");
}

static void test_yaml__errors_are_readable(void **state)
{
    (void)state;
    check_diag("a: b: c\n", DIAG_SYNTAX, 1, 5, "a mapping value is not allowed here", "{\"a\":\"b\"} ...");
    check_diag("a: 1\n b: 2\n", DIAG_SYNTAX, 2, 3, "a mapping value is not allowed here", "{\"a\":\"1 b\"} ...");
    check_diag("m:\n  a: 1\n c: 2\n", DIAG_SYNTAX, 3, 2, "in the mapping that starts at line 1",
               "{\"m\":{\"a\":1}} ...");
    check_diag("a:\n\tb: 1\n", DIAG_SYNTAX, 2, 1, "a tab cannot be used to indent", "{} ...");
    check_diag("a: [1, 2\n", DIAG_SYNTAX, 1, 4, "the list that starts here is not closed", "{\"a\":[1,2]} ...");
    check_diag("a: {b: 1\n", DIAG_SYNTAX, 1, 4, "the mapping that starts here is not closed", "{\"a\":{\"b\":1}} ...");
    check_diag("a: 'x\n", DIAG_SYNTAX, 1, 4, "the quoted text that starts here is not closed", "{} ...");
    check_diag("a: 1\nbc\nd: 2\n", DIAG_SYNTAX, 2, 1, "expected ':' after this key", "{\"a\":1} ...");
    check_diag("a: \"\\d\"\n", DIAG_SYNTAX, 1, 5, "unknown escape", "{} ...");
    check_diag("- a\nb: 1\n", DIAG_SYNTAX, 2, 1, "expected '-'", "[\"a\"] ...");
    check_diag("a: 1\n{% if x %}\nb: 2\n", DIAG_SYNTAX, 2, 2, "a template that was not rendered", "{\"a\":1} ...");
    check_diag("m:\n  {{- include \"x\" . }}\n", DIAG_SYNTAX, 2, 5, "a template that was not rendered",
               "{\"m\":{}} ...");
}

static void test_yaml__bad_characters_do_not_lose_the_file(void **state)
{
    struct fixture f;
    const struct node *n = read_text(&f, STR("a: caf\xE9\nb: [\xC3\xA9, \"\xFF\"]\n"));

    (void)state;
    assert_int_equal(f.diags.n, 0); /* document_check_text speaks of it */
    assert_true(f.documents.at[0].incomplete);
    assert_str(node_string(node_find(n, "a")), "caf\xE9");
    assert_int_equal(node_find(n, "b")->u.list.n, 2);
    done(&f);
    check_diag("a: x\001y\001\nb: 2\n", DIAG_SYNTAX, 1, 5, "U+0001", "{\"a\":\"x\\u0001y\\u0001\",\"b\":2} ...");
}

static void test_yaml__many_broken_documents(void **state)
{
    struct fixture f;
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add_c(&b, "---\na: [\n");
    read_text(&f, buf_str(&b));
    assert_int_equal(f.diags.n, LIMIT_FILE_DIAGNOSTICS);
    assert_int_equal(f.diags.at[LIMIT_FILE_DIAGNOSTICS - 1].id, DIAG_LIMIT);
    done(&f);
    buf_release(&b);
}

/* The limit is of the file: it is said once, and later documents are not read. */
static void test_yaml__too_many_nodes(void **state)
{
    struct fixture f;
    struct buf b;

    (void)state;
    buf_init(&b, 16 << 20);
    buf_add_char(&b, '[');
    for (unsigned i = 0; i <= LIMIT_NODES; i++)
        buf_add_c(&b, "1,");
    buf_add_c(&b, "1]\n---\na: 1\n---\nb: 1\n");
    read_text(&f, buf_str(&b));
    assert_int_equal(f.diags.n, 1);
    assert_int_equal(f.diags.at[0].id, DIAG_LIMIT);
    assert_int_equal(f.documents.n, 1);
    assert_true(f.documents.at[0].incomplete);
    done(&f);
    buf_release(&b);
}

/* ---------------------------------------------------------------- comments */

static void check_comment(const struct fixture *f, size_t i, const char *text, bool own_line)
{
    const struct comment *c = &f->documents.at[0].comment[i];

    assert_true(i < f->documents.at[0].n_comments);
    assert_str(c->text, text);
    assert_int_equal(c->own_line, own_line);
    assert_int_equal(f->source->text.p[c->at.start], '#');
    assert_true(c->at.end == f->source->text.n || strchr("\r\n", f->source->text.p[c->at.end]) != NULL);
}

static void test_yaml__comments(void **state)
{
    struct fixture f;

    (void)state;
    read_text(&f, STR("# Source: chart/x.yaml\r\n"
                      "a: 'q # no' # one\n"
                      "b: x#no # two  \n"
                      "c: |  # three\n"
                      "  # no\n"
                      "  text # no\n"
                      "# four\n"
                      "d: \"l\n"
                      "  # no\n"
                      "  \"   # five\n"
                      "e: [ # six\n"
                      "  1, 'x#y', # seven \xC3\xA9\n"
                      "  2]\n"
                      "---\n"
                      "  ## eight\n"
                      "f: >-\n"
                      "  # no\n"
                      "\n"
                      "g: p\t#nine"));
    assert_int_equal(f.diags.n, 0);
    assert_int_equal(f.documents.n, 2);
    assert_int_equal(f.documents.at[0].n_comments, 10);
    assert_ptr_equal(f.documents.at[1].comment, f.documents.at[0].comment);
    check_comment(&f, 0, "Source: chart/x.yaml", true);
    check_comment(&f, 1, "one", false);
    check_comment(&f, 2, "two", false);
    check_comment(&f, 3, "three", false);
    check_comment(&f, 4, "four", true);
    check_comment(&f, 5, "five", false);
    check_comment(&f, 6, "six", false);
    check_comment(&f, 7, "seven \xC3\xA9", false);
    check_comment(&f, 8, "# eight", true);
    check_comment(&f, 9, "nine", false);
    done(&f);
}

/* ---------------------------------------------------------------- robustness */

static void test_yaml__every_prefix(void **state)
{
    static const char text[] = "%YAML 1.1\n---\n# c \xC3\xA9\na: &x !T [1, 'q', \"\\u00e9\\\"\"]\n? k\n: |2-\n   b\n\n"
                               "<<: {m: *x}\n--- >\n f\n...\n---\n- {p: , q}\n-\n";

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = n == 0 ? NULL : alloc_get(n);
        struct fixture f;
        struct buf b;

        if (n != 0)
            memcpy(copy, text, n);
        buf_init(&b, 1 << 16);
        read_text(&f, (str){copy, n});
        dump(&f, &b);
        assert_true(f.diags.n <= 1);
        buf_release(&b);
        done(&f);
        alloc_put(copy, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_yaml__plain_scalars),
        TEST(test_yaml__numbers),
        TEST(test_yaml__scalar_text),
        TEST(test_yaml__styles_and_raw_text),
        TEST(test_yaml__spans_of_text_that_is_not_ascii),
        TEST(test_yaml__spans_of_collections),
        TEST(test_yaml__local_tags),
        TEST(test_yaml__standard_tags),
        TEST(test_yaml__keys_are_strings),
        TEST(test_yaml__keys_that_are_not_scalars),
        TEST(test_yaml__duplicate_keys),
        TEST(test_yaml__aliases),
        TEST(test_yaml__merge_keys),
        TEST(test_yaml__alias_bomb),
        TEST(test_yaml__alias_depth),
        TEST(test_yaml__depth_is_limited),
        TEST(test_yaml__streams),
        TEST(test_yaml__a_broken_document_does_not_lose_the_others),
        TEST(test_yaml__errors_are_readable),
        TEST(test_yaml__bad_characters_do_not_lose_the_file),
        TEST(test_yaml__many_broken_documents),
        TEST(test_yaml__too_many_nodes),
        TEST(test_yaml__comments),
        TEST(test_yaml__every_prefix),
    };

    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
