#include "base/image_layout.h"
#include "base/testing.h"

struct leaf {
    str name;
    uint64_t large;
};

struct tree {
    str title, none, empty;
    const char *exact;
    uint32_t exact_length;
    sym kind;
    struct leaf inside;
    const struct leaf *one, *missing;
    const struct leaf *many;
    size_t n_many;
    const struct leaf **each;
    uint32_t n_each;
    const struct image *nested;
    const int *imported;
    int small, negative;
    const struct tree *below;
    bool is_number;
    union {
        str text;
        uint64_t number;
    } u;
};

static const int imports[] = {7, 8};

static uint32_t number_of(const void *imported)
{
    return (uint32_t)((const int *)imported - imports);
}

static const void *import(uint32_t number)
{
    return &imports[number];
}

static const struct image_field leaf_fields[] = {FIELD_TEXT(struct leaf, name)};
static const struct image_layout leaf_layout = LAYOUT(struct leaf, leaf);

static const struct image_layout *tree_variant(const void *object)
{
    static const struct image_field text_fields[] = {FIELD_TEXT(struct tree, u.text)};
    static const struct image_layout text = LAYOUT(struct tree, text), plain = {sizeof(struct tree), NULL, 0, NULL};
    return ((const struct tree *)object)->is_number ? &plain : &text;
}

static const struct image_layout tree_layout;
static const struct image_field tree_fields[] = {
    FIELD_TEXT(struct tree, title),
    FIELD_TEXT(struct tree, none),
    FIELD_TEXT(struct tree, empty),
    FIELD_CHARACTERS(struct tree, exact, exact_length),
    FIELD_SYM(struct tree, kind),
    FIELD_INSIDE(struct tree, inside, leaf_layout),
    FIELD_ONE(struct tree, one, leaf_layout),
    FIELD_ONE(struct tree, missing, leaf_layout),
    FIELD_ARRAY(struct tree, many, n_many, leaf_layout),
    FIELD_POINTERS(struct tree, each, n_each, leaf_layout),
    FIELD_NESTED(struct tree, nested),
    FIELD_IMPORT(struct tree, imported),
    FIELD_ONE(struct tree, below, tree_layout),
};
static const struct image_layout tree_layout = {sizeof(struct tree), tree_fields, ARRAY_LEN(tree_fields), tree_variant};

static void expect_leaf(const struct leaf *l, const char *name, uint64_t large)
{
    assert_non_null(l);
    assert_true(str_eq_c(l->name, name));
    assert_int_equal(l->large, large);
}

/* Both as they are in the arena after they were frozen. */
static const struct tree *through_image(const struct tree *t, struct buf *image, struct arena *a)
{
    buf_init(image, SIZE_MAX);
    image_freeze(t, &tree_layout, number_of, image);
    return image_thaw((const struct image *)(const void *)image->p, import, a);
}

static void test_image__keeps_every_kind_of_field(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct leaf leaf = {STR("leaf"), UINT64_MAX}, many[] = {{STR("first"), 0}, {STR("second"), 70000}};
    const struct leaf *each[] = {&leaf, NULL, &many[1]};
    struct buf inner, outer;
    buf_init(&inner, SIZE_MAX);
    image_freeze(&leaf, &leaf_layout, NULL, &inner);
    struct tree below = {.title = STR("below"), .is_number = true, .u.number = 12};
    struct tree t = {.title = STR("a title"),
                     .empty = STR(""),
                     .exact = "1.50and more",
                     .exact_length = 4,
                     .kind = sym_of(STR("kind.of.it")),
                     .inside = {STR("inside"), 1},
                     .one = &leaf,
                     .many = many,
                     .n_many = 2,
                     .each = each,
                     .n_each = 3,
                     .nested = (const struct image *)(const void *)inner.p,
                     .imported = &imports[1],
                     .small = 3,
                     .negative = -1,
                     .below = &below,
                     .u.text = STR("title")};
    const struct tree *same = through_image(&t, &outer, a);
    assert_true(str_eq(same->title, t.title));
    assert_null(same->none.p);
    assert_non_null(same->empty.p);
    assert_int_equal(same->empty.n, 0);
    assert_memory_equal(same->exact, "1.50", 4);
    assert_int_equal(same->kind, t.kind);
    expect_leaf(&same->inside, "inside", 1);
    expect_leaf(same->one, "leaf", UINT64_MAX);
    assert_null(same->missing);
    expect_leaf(&same->many[0], "first", 0);
    expect_leaf(&same->many[1], "second", 70000);
    expect_leaf(same->each[0], "leaf", UINT64_MAX);
    assert_null(same->each[1]);
    expect_leaf(same->each[2], "second", 70000);
    expect_leaf(image_thaw(same->nested, NULL, a), "leaf", UINT64_MAX);
    assert_ptr_equal(same->imported, &imports[1]);
    assert_int_equal(same->small, 3);
    assert_int_equal(same->negative, -1);
    assert_int_equal(same->below->u.number, 12);
    assert_true(str_eq_c(same->below->title, "below"));
    assert_true(str_eq_c(same->u.text, "title"));
    buf_release(&inner);
    buf_release(&outer);
    arena_free(a);
}

static void test_image__equal_objects_are_one(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct leaf one = {STR("same"), 1}, two = {STR("same"), 1}, three = {STR("same"), 2};
    const struct leaf *each[] = {&one, &two, &three};
    struct tree t = {.each = each, .n_each = 3, .is_number = true};
    struct buf image;
    const struct tree *same = through_image(&t, &image, a);
    assert_ptr_equal(same->each[0], same->each[1]);
    assert_ptr_not_equal(same->each[0], same->each[2]);
    assert_ptr_equal(same->each[0]->name.p, same->each[2]->name.p);
    buf_release(&image);
    arena_free(a);
}

static void test_image__is_the_same_each_time(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct leaf many[] = {{STR("first"), 5}, {STR("second"), 6}};
    struct tree t = {.title = STR("title"), .kind = sym_of(STR("kind")), .many = many, .n_many = 2, .is_number = true};
    struct buf first, second;
    const struct tree *same = through_image(&t, &first, a);
    through_image(same, &second, a);
    assert_true(str_eq(buf_str(&first), buf_str(&second)));
    buf_release(&first);
    buf_release(&second);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image__keeps_every_kind_of_field),
        cmocka_unit_test(test_image__equal_objects_are_one),
        cmocka_unit_test(test_image__is_the_same_each_time),
    };
    int failed = cmocka_run_group_tests_name("image", tests, NULL, NULL);
    intern_release();
    return failed;
}
