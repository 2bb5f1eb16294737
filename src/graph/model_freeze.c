#include <assert.h>

#include "base/image_layout.h"
#include "graph/model_internal.h"

/* Documents of the model as images: where the pointers of a document and of the bodies of its types are. */

/* Values of the model: data without references. */

static const struct image_layout *value_variant(const void *object);
static const struct image_layout value_layout = {sizeof(struct value), NULL, 0, value_variant};

static const struct image_field value_entry_fields[] = {
    FIELD_TEXT(struct value_entry, key),
    FIELD_ONE(struct value_entry, value, value_layout),
};
static const struct image_layout value_entry_layout = LAYOUT(struct value_entry, value_entry);

static const struct image_field number_fields[] = {
    FIELD_CHARACTERS(struct value, u.number.exact, exact_length),
};
static const struct image_field string_fields[] = {FIELD_TEXT(struct value, u.string)};
static const struct image_field list_fields[] = {FIELD_POINTERS(struct value, u.list.item, u.list.n, value_layout)};
static const struct image_field map_fields[] = {FIELD_ARRAY(struct value, u.map.entry, u.map.n, value_entry_layout)};
static const struct image_layout plain = {sizeof(struct value), NULL, 0, NULL};
static const struct image_layout number = LAYOUT(struct value, number);
static const struct image_layout string = LAYOUT(struct value, string);
static const struct image_layout list = LAYOUT(struct value, list);
static const struct image_layout map = LAYOUT(struct value, map);

static const struct image_layout *value_variant(const void *object)
{
    const struct value *v = object;
    assert(!v->origin && !v->ref);
    switch ((enum value_kind)v->kind) {
    case VALUE_NUMBER:
        return &number;
    case VALUE_STRING:
        return &string;
    case VALUE_LIST:
        return &list;
    case VALUE_MAP:
        return &map;
    default:
        assert(v->kind == VALUE_NULL || v->kind == VALUE_BOOL);
        return &plain;
    }
}

/* The body of a type. */

static const struct image_field path_fields[] = {
    FIELD_TEXT(struct path, text),
    FIELD_ARRAY(struct path, step, n, image_str_layout),
};
static const struct image_layout path_layout = LAYOUT(struct path, path);

static const struct image_layout properties_layout;
static const struct image_field property_fields[] = {
    FIELD_TEXT(struct property, name),
    FIELD_TEXT(struct property, folded),
    FIELD_ONE(struct property, inside, properties_layout),
};
static const struct image_layout property_layout = LAYOUT(struct property, property);
static const struct image_layout slot_layout = {sizeof(uint16_t), NULL, 0, NULL};
static const struct image_field properties_fields[] = {
    FIELD_ARRAY(struct properties, at, n, property_layout),
    FIELD_ARRAY(struct properties, slot, n_slots, slot_layout),
};
static const struct image_layout properties_layout = LAYOUT(struct properties, properties);

static const struct image_field default_fields[] = {
    FIELD_ONE(struct model_default, value, value_layout),
    FIELD_TEXT(struct model_default, since),
    FIELD_TEXT(struct model_default, source),
};
static const struct image_layout default_layout = LAYOUT(struct model_default, default);

static const struct image_field translation_fields[] = {
    FIELD_TEXT(struct translation, from),
    FIELD_ONE(struct translation, to, value_layout),
};
static const struct image_layout translation_layout = LAYOUT(struct translation, translation);

static const struct image_layout mapping_set_layout;
static const struct image_field mapping_fields[] = {
    FIELD_INSIDE(struct mapping, target, path_layout),
    FIELD_ARRAY(struct mapping, from, n_from, path_layout),
    FIELD_ONE(struct mapping, constant, value_layout),
    FIELD_ARRAY(struct mapping, translation, n_translations, translation_layout),
    FIELD_ONE(struct mapping, otherwise, value_layout),
    FIELD_TEXT(struct mapping, pair_key),
    FIELD_TEXT(struct mapping, pair_value),
    FIELD_TEXT(struct mapping, entry),
    FIELD_POINTERS(struct mapping, each, n_from, mapping_set_layout),
    FIELD_ONE(struct mapping, default_value, default_layout),
};
static const struct image_layout mapping_layout = LAYOUT(struct mapping, mapping);
static const struct image_field mapping_set_fields[] = {
    FIELD_ONE(struct mapping_set, properties, properties_layout),
    FIELD_ARRAY(struct mapping_set, at, n, mapping_layout),
};
static const struct image_layout mapping_set_layout = LAYOUT(struct mapping_set, mapping_set);

static const struct image_field condition_fields[] = {
    FIELD_INSIDE(struct condition, attribute, path_layout),
    FIELD_ARRAY(struct condition, value, n, image_str_layout),
};
static const struct image_layout condition_layout = LAYOUT(struct condition, condition);

static const struct image_field rename_fields[] = {
    FIELD_TEXT(struct rename, from),
    FIELD_TEXT(struct rename, to),
};
static const struct image_layout rename_layout = LAYOUT(struct rename, rename);

static const struct image_field body_fields[] = {
    FIELD_ARRAY(struct type_body, condition, n_conditions, condition_layout),
    FIELD_INSIDE(struct type_body, map, mapping_set_layout),
    FIELD_ARRAY(struct type_body, rename, n_renames, rename_layout),
};
static const struct image_layout body_layout = LAYOUT(struct type_body, body);

/* The document. */

static const struct image_field type_fields[] = {
    FIELD_SYM(struct type_document, name),
    FIELD_NESTED(struct type_document, body),
    FIELD_ARRAY(struct type_document, top, n_top, image_str_layout),
};
static const struct image_layout type_layout = LAYOUT(struct type_document, type);

static const struct image_field attribute_fields[] = {
    FIELD_TEXT(struct attribute, path),
    FIELD_INSIDE(struct attribute, steps, path_layout),
    FIELD_ARRAY(struct attribute, refers, n_refers, image_sym_layout),
    FIELD_TEXT(struct attribute, refers_key),
    FIELD_TEXT(struct attribute, policy_use),
    FIELD_ONE(struct attribute, default_value, default_layout),
};
static const struct image_layout attribute_layout = LAYOUT(struct attribute, attribute);

static const struct image_field companion_fields[] = {
    FIELD_SYM(struct model_companion, of),
    FIELD_TEXT(struct model_companion, by),
    FIELD_TEXT(struct model_companion, key),
    FIELD_TEXT(struct model_companion, into),
    FIELD_ARRAY(struct model_companion, take, n_take, image_str_layout),
};
static const struct image_layout companion_layout = LAYOUT(struct model_companion, companion);

static const struct image_field document_fields[] = {
    FIELD_SYM(struct model_document, kind),
    FIELD_TEXT(struct model_document, title),
    FIELD_ARRAY(struct model_document, attribute, n_attributes, attribute_layout),
    FIELD_TEXT(struct model_document, identity_name),
    FIELD_ARRAY(struct model_document, identity_arn, n_identity_arns, image_str_layout),
    FIELD_ARRAY(struct model_document, companion, n_companions, companion_layout),
    FIELD_ARRAY(struct model_document, type, n_types, type_layout),
};
static const struct image_layout document_layout = LAYOUT(struct model_document, document);

/* The bodies become images of their own, so that only those are thawed that somebody asks for. */
static void freeze_body(const struct type_body *body, struct type_document *said, struct arena *a)
{
    struct buf image;
    buf_init(&image, SIZE_MAX);
    image_freeze(body, &body_layout, NULL, &image);
    said->body = arena_copy(a, image.p, image.n);
    buf_release(&image);
}

static bool freeze_type(struct model *m, struct type_document *said, struct diag_list *diags)
{
    struct model_kind kind = {.model = m};
    struct model_type type = {.name = said->name, .kind = &kind, .said = said, .at = said->at};
    bool good = model_type_parse(m, &type, diags);
    said->n_top = model_type_top_names(&kind, &type.body, m->arena, &said->top);
    freeze_body(&type.body, said, m->arena);
    said->node = said->defines = NULL;
    return good;
}

bool model_freeze(const struct document *d, struct diag_list *diags, struct buf *out)
{
    struct model *m = model_new();
    struct model_document said;
    bool good = model_read_document(m->arena, d->root, &said, diags);
    for (size_t i = 0; i < said.n_types; i++)
        good = freeze_type(m, &said.type[i], diags) && good;
    if (good)
        image_freeze(&said, &document_layout, NULL, out);
    model_free(m);
    return good;
}

void model_freeze_again(const struct image *image, struct buf *out)
{
    struct arena *arena = arena_new();
    const struct model_document *said = image_thaw(image, NULL, arena);
    for (size_t i = 0; i < said->n_types; i++)
        freeze_body(image_thaw(said->type[i].body, NULL, arena), &said->type[i], arena);
    image_freeze(said, &document_layout, NULL, out);
    arena_free(arena);
}
