#include "base/testing.h"
#include "policy/pack_embedded.h"
#include "policy/rule_image.h"
#include "syntax/json.h"

/* Every embedded model and rule: its image is what its text makes now, and thawed it is the same again. */

struct packed {
    const struct pack_item *at;
    size_t n;
    size_t field; /* of the item: where its image is */
    bool (*freeze)(const struct document *d, struct diag_list *diags, struct buf *out);
    void (*again)(const struct image *image, struct buf *out);
};

static void rule_again(const struct image *image, struct buf *out)
{
    struct arena *arena = arena_new();
    rule_freeze_again(rule_thaw(image, arena), out);
    arena_free(arena);
}

static void prose_again(const struct image *image, struct buf *out)
{
    struct arena *arena = arena_new();
    struct rule rule = {0};
    rule_thaw_prose(&rule, image, arena);
    rule_freeze_prose_again(&rule, out);
    arena_free(arena);
}

static void expect_same(const struct image *image, const struct buf *made, const struct pack_item *item)
{
    if (made->n != image->bytes || memcmp(made->p, image, made->n) != 0)
        fail_msg("%s: the image differs from its text", pack_data + item->path);
}

static void check(const struct packed *p, size_t i)
{
    struct arena *arena = arena_new();
    struct diag_list diags;
    struct buf out;
    diag_list_init(&diags, arena);
    buf_init(&out, SIZE_MAX);
    const struct pack_item *item = &p->at[i];
    const struct image *image =
        (const struct image *)(const void *)(pack_data +
                                             *(const uint32_t *)(const void *)((const char *)item + p->field));
    struct source source = {.path = arena_printf(arena, "builtin:%s", pack_data + item->path),
                            .text = {pack_data + item->text, item->size}};
    struct document d = json_read(&source, arena, &diags);
    assert_true(p->freeze(&d, &diags, &out));
    assert_int_equal(diags.n, 0);
    expect_same(image, &out, item);
    buf_clear(&out);
    p->again(image, &out);
    expect_same(image, &out, item);
    buf_release(&out);
    diag_list_release(&diags);
    arena_free(arena);
}

static void test_pack__models_are_what_their_texts_say(void **state)
{
    (void)state;
    struct packed p = {pack_models, pack_models_n, offsetof(struct pack_item, image), model_freeze, model_freeze_again};
    assert_true(p.n > 0);
    for (size_t i = 0; i < p.n; i++)
        check(&p, i);
}

static void test_pack__rules_are_what_their_texts_say(void **state)
{
    (void)state;
    struct packed p = {pack_builtin, pack_builtin_n, offsetof(struct pack_item, image), rule_freeze, rule_again};
    assert_true(p.n > 0);
    for (size_t i = 0; i < p.n; i++)
        check(&p, i);
}

static void test_pack__prose_is_what_the_texts_say(void **state)
{
    (void)state;
    struct packed p = {pack_builtin, pack_builtin_n, offsetof(struct pack_item, prose), rule_freeze_prose, prose_again};
    for (size_t i = 0; i < p.n; i++)
        check(&p, i);
}

static bool freeze_file(const struct document *d, struct diag_list *diags, struct buf *out)
{
    (void)diags;
    node_freeze(d->root, out);
    return true;
}

static void file_again(const struct image *image, struct buf *out)
{
    struct arena *arena = arena_new();
    node_freeze(image_thaw(image, NULL, arena), out);
    arena_free(arena);
}

static void test_pack__other_files_are_what_their_texts_say(void **state)
{
    (void)state;
    struct packed p = {pack_files, pack_files_n, offsetof(struct pack_item, image), freeze_file, file_again};
    size_t checked = 0;
    for (size_t i = 0; i < p.n; i++) {
        if (!str_ends(str_of(pack_data + pack_files[i].path), STR(".yaml")))
            continue;
        check(&p, i);
        checked++;
    }
    assert_true(checked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack__models_are_what_their_texts_say),
        cmocka_unit_test(test_pack__rules_are_what_their_texts_say),
        cmocka_unit_test(test_pack__prose_is_what_the_texts_say),
        cmocka_unit_test(test_pack__other_files_are_what_their_texts_say),
    };
    int failed = cmocka_run_group_tests_name("pack", tests, NULL, NULL);
    intern_release();
    return failed;
}
