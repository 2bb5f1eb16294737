#include "base/testing.h"
#include "base/vec.h"
#include "syntax/edit.h"
#include "syntax/hcl.h"
#include "syntax/yaml.h"

struct text {
    struct document d;
    struct documents all;
};

static void read_text(struct text *t, struct sources *sources, const char *path, const char *text, struct arena *a)
{
    struct diag_list diags;
    diag_list_init(&diags, a);
    const struct source *s = source_add(sources, str_of(path), str_of(text));
    *t = (struct text){0};
    if (str_ends(str_of(path), STR(".tf"))) {
        t->d = hcl_read(s, a, &diags);
    } else {
        yaml_read(s, a, &diags, &t->all);
        t->d = t->all.at[0];
    }
    assert_int_equal(diags.n, 0);
    diag_list_release(&diags);
}

static const struct node *inside(const struct node *n)
{
    return n->kind == NODE_BLOCK ? n->u.block->body : n;
}

/* The mapping that holds `out`, which is a key of it. */
static const struct node *holder(const struct node *n, const char *out)
{
    n = inside(n);
    if (n->kind == NODE_LIST) {
        for (size_t i = 0; i < n->u.list.n; i++) {
            const struct node *found = holder(n->u.list.item[i], out);
            if (found)
                return found;
        }
    }
    if (n->kind == NODE_CALL)
        return holder(n->u.call->argument[0], out);
    if (n->kind != NODE_MAP && n->kind != NODE_BODY)
        return NULL;
    if (node_find_entry(n, str_of(out)))
        return n;
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node *found = holder(n->u.map.entry[i].value, out);
        if (found)
            return found;
    }
    return NULL;
}

/* `out` goes; the entries of the snippet, if there is one, take its place. NULL: refused. */
static const struct {
    const char *name, *path, *text, *out, *in, *want;
} table[] = {
    {"an argument", "a.tf", "x \"y\" {\n  a = 1\n  b = 2\n}\n", "a", NULL, "x \"y\" {\n  b = 2\n}\n"},
    {"one line of a block", "a.tf", "x { a = 1 }\n", "a", "b = 2", "x {\n  b = 2\n}\n"},
    {"one line, two for one", "a.tf", "x { a = 1 }\n", "a", "b = 2\nc {}\n", "x {\n  b = 2\n\n  c {}\n}\n"},
    {"several on a line", "a.tf", "x = { a = 1, b = 2 }\n", "a", NULL, "x = { b = 2 }\n"},
    {"in an object", "a.tf", "x = { a = 1, b = 2 }\n", "b", "c = 3\nd = 4", "x = { a = 1, c = 3, d = 4 }\n"},
    {"the last of an object", "a.tf", "x = { a = 1, b = 2 }\n", "b", NULL, "x = { a = 1 }\n"},
    {"all of an object", "a.tf", "x = { a = 1 }\n", "a", NULL, "x = {}\n"},
    {"lines of an object", "a.tf", "x = f({\n  a = 1 # one\n  b = 2\n})\n", "a", NULL, "x = f({\n  b = 2\n})\n"},
    {"lines of an object, new", "a.tf", "x = {\n  a = 1\n  b = 2\n}\n", "a", "c = 3\nd = 4",
     "x = {\n  c = 3\n  d = 4\n  b = 2\n}\n"},

    {"a line", "a.yaml", "x:\n  a: 1\n  b: 2\n", "a", NULL, "x:\n  b: 2\n"},
    {"a line, new", "a.yaml", "x:\n  a: 1\n  b: 2\n", "a", "c: 3\nd: {e: 4}\n", "x:\n  c: 3\n  d: {e: 4}\n  b: 2\n"},
    {"the only line", "a.yaml", "x:\n  a: 1\ny: 2\n", "a", NULL, "x:\n  {}\ny: 2\n"},
    {"the only line, new", "a.yaml", "x:\n  a:\n  - 1\n  - 2\ny: 2\n", "a", "b: 3", "x:\n  b: 3\ny: 2\n"},
    {"behind a dash", "a.yaml", "- a: 1\n  b: 2\n", "a", NULL, "- b: 2\n"},
    {"behind a dash, new", "a.yaml", "- a: 1\n  b: 2\n", "a", "c: 3\nd: 4\n", "- c: 3\n  d: 4\n  b: 2\n"},
    {"of several", "a.yaml", "x: {a: 1, b: 2}\n", "a", NULL, "x: {b: 2}\n"},
    {"of braces", "a.yaml", "x: {a: 1}\n", "a", "b: 2\nc: 3\n", "x: {b: 2, c: 3}\n"},
    {"an alias", "a.yaml", "x: {a: &v 1, b: 2}\ny: *v\n", "a", "b: 2", NULL},
};

static void test_edit__out_and_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena *a = arena_new();
        struct sources *sources = sources_new();
        struct text to, from = {0};
        struct edits edits = {0};
        read_text(&to, sources, table[i].path, table[i].text, a);
        if (table[i].in)
            read_text(&from, sources, table[i].path, table[i].in, a);
        struct editor e = {.to = &to.d, .from = table[i].in ? &from.d : &to.d, .arena = a, .edits = &edits};
        const struct node *map = holder(to.d.root, table[i].out);
        const struct node_entry *old = node_find_entry(map, str_of(table[i].out));
        bool ok = table[i].in ? edit_swap(&e, map, old, from.d.root->u.map.entry, from.d.root->u.map.n)
                              : edit_remove(&e, map, old);
        ok = ok && edits_sort(edits.at, edits.n);
        str text = ok ? edits_apply(to.d.source->text, to.d.source->id, edits.at, edits.n, a) : STR("(refused)");
        if (!str_eq(text, table[i].want ? str_of(table[i].want) : STR("(refused)")))
            fail_msg("%s: " STR_FMT, table[i].name, STR_ARG(text));
        VEC_RELEASE(&edits);
        sources_free(sources);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_edit__out_and_in)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
