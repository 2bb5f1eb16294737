/* Manifests inside resources of another format. */
#include "frontend/kubernetes/kubernetes.h"

#include "base/vec.h"
#include "frontend/kubernetes/manifest.h"
#include "syntax/yaml.h"

static void take_place(struct graph_builder *b, struct resource *r, size_t nth, const struct resource *written_as)
{
    r->address = written_as->address;
    if (nth > 0)
        r->address = arena_printf(b->arena, STR_FMT "#%zu", STR_ARG(written_as->address), nth + 1);
    r->at = written_as->at;
    r->header = written_as->header;
    r->call = written_as->call;
    r->instance = written_as->instance;
    r->display_path = written_as->display_path;
    r->incomplete |= written_as->incomplete;
    r->open = written_as->open;
    r->presence = written_as->presence;
    r->exists = written_as->exists;
    r->region_key = written_as->region_key;
    r->metadata = written_as->metadata;
}

static void add_objects(struct graph_builder *b, const struct k8s_objects *objects, const struct resource *written_as)
{
    size_t first = b->n;
    for (size_t i = 0; i < objects->n; i++)
        k8s_emit(b, &objects->at[i]);
    for (size_t i = first; i < b->n; i++)
        take_place(b, b->resource[i], i - first, written_as);
}

static void leave_out(struct graph_builder *b, const struct value *v, const struct resource *written_as,
                      const char *why)
{
    span at = value_span(v);
    diag_add(b->diags, DIAG_NOT_ANALYSED, at.file ? at : written_as->header, "the manifest of " STR_FMT " %s",
             STR_ARG(written_as->address), why);
    b->unit.incomplete = true;
}

/* The text with numbered marks for the parts that are not known. */
static str text_of(struct graph_builder *b, const struct value *text, struct k8s_place *place)
{
    if (text->kind == VALUE_STRING)
        return arena_str(b->arena, text->u.string);
    struct buf all;
    const struct value **holes = ARENA_ARRAY(b->arena, const struct value *, text->u.list.n);
    buf_init(&all, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < text->u.list.n; i++) {
        const struct value *part = text->u.list.item[i];
        if (value_is(part, VALUE_STRING)) {
            buf_add(&all, part->u.string);
            continue;
        }
        holes[place->n_holes] = part;
        buf_printf(&all, K8S_HOLE_OPEN "%zu" K8S_HOLE_CLOSE, place->n_holes++);
    }
    place->hole = holes;
    str s = buf_copy(&all, b->arena);
    buf_release(&all);
    return s;
}

/* The text is not in a file as it is (a heredoc, a template): everything in it stands where the text does. */
static void add_text(struct graph_builder *b, const struct value *text, const struct resource *written_as)
{
    span at = value_span(text);
    struct k8s_place place = {.file = at.file, .whole = at};
    const struct source *s = source_add(b->sources, written_as->address, text_of(b, text, &place));
    struct documents documents = {0};
    struct diag_list diags;
    struct k8s_objects objects = {0};
    diag_list_init(&diags, b->arena);
    yaml_read(s, b->arena, &diags, &documents);
    for (size_t i = 0; i < diags.n; i++)
        diags.at[i].at = at;
    for (size_t i = 0; i < documents.n; i++) {
        k8s_read_document(b->arena, &documents.at[i], place, &diags, &objects);
        b->unit.incomplete |= documents.at[i].incomplete;
    }
    diag_append(b->diags, &diags);
    diag_list_release(&diags);
    add_objects(b, &objects, written_as);
    VEC_RELEASE(&objects);
}

static void add_value(struct graph_builder *b, const struct value *v, const struct resource *written_as,
                      struct k8s_objects *to)
{
    if (value_is(v, VALUE_MAP)) {
        k8s_read_value(b->arena, v, b->diags, to);
        return;
    }
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < v->u.list.n; i++) {
        if (value_is(v->u.list.item[i], VALUE_MAP))
            k8s_read_value(b->arena, v->u.list.item[i], b->diags, to);
        else
            leave_out(b, v->u.list.item[i], written_as, "is not known");
    }
}

void kubernetes_add_value(struct graph_builder *b, const struct value *manifest, const struct resource *written_as)
{
    if (value_is(manifest, VALUE_STRING) || value_is(manifest, VALUE_TEXT)) {
        add_text(b, manifest, written_as);
    } else if (value_is(manifest, VALUE_MAP) || value_is(manifest, VALUE_LIST)) {
        struct k8s_objects objects = {0};
        add_value(b, manifest, written_as, &objects);
        b->unit.incomplete |= objects.n == 0;
        add_objects(b, &objects, written_as);
        VEC_RELEASE(&objects);
    } else {
        leave_out(b, manifest, written_as, "is not known");
    }
}
