/* Manifests inside resources of another format. */
#include "frontend/kubernetes/kubernetes.h"

#include "base/vec.h"
#include "frontend/kubernetes/manifest.h"
#include "syntax/yaml.h"

static void add_objects(struct graph_builder *b, const struct k8s_objects *objects, const struct resource *written_as)
{
    for (size_t i = 0; i < objects->n; i++) {
        struct resource *r = k8s_emit(b, &objects->at[i]);
        r->address = i ? arena_printf(b->arena, STR_FMT "#%zu", STR_ARG(written_as->address), i + 1) : written_as->address;
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
}

static void leave_out(struct graph_builder *b, const struct value *v, const struct resource *written_as, const char *why)
{
    span at = value_span(v);
    diag_add(b->diags, DIAG_NOT_ANALYSED, at.file ? at : written_as->header, "the manifest of " STR_FMT " %s",
             STR_ARG(written_as->address), why);
    b->unit.incomplete = true;
}

/* The text is not in a file as it is (a heredoc, a template): everything in it stands where the text does. */
static void add_text(struct graph_builder *b, const struct value *text, const struct resource *written_as)
{
    span at = value_span(text);
    struct k8s_place place = {.file = at.file, .whole = at};
    const struct source *s = source_add(b->sources, written_as->address, arena_str(b->arena, text->u.string));
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
    if (value_is(manifest, VALUE_STRING)) {
        add_text(b, manifest, written_as);
    } else if (value_is(manifest, VALUE_MAP) || value_is(manifest, VALUE_LIST)) {
        struct k8s_objects objects = {0};
        add_value(b, manifest, written_as, &objects);
        add_objects(b, &objects, written_as);
        VEC_RELEASE(&objects);
    } else {
        leave_out(b, manifest, written_as, "is not known");
    }
}
