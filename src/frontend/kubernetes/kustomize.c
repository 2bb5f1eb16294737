#include "frontend/kubernetes/kustomize.h"

#include "base/path.h"
#include "frontend/kubernetes/edit.h"

void kustomize_init(struct kustomize *k, struct inputs *in, struct arena *a, struct diag_list *diags)
{
    *k = (struct kustomize){.in = in, .arena = a, .diags = diags};
    map_init(&k->active);
    map_init(&k->read);
}

void kustomize_release(struct kustomize *k)
{
    map_release(&k->active);
    map_release(&k->read);
    VEC_RELEASE(&k->vars);
}

static void build_layer(struct kustomize *k, str path, const struct call_site *call, span from, bool component,
                        struct built_list *objects);

/* ---------------------------------------------------------------- resources */

static void read_manifests(struct layer *l, const struct input_file *f, span from)
{
    struct kustomize *k = l->k;
    const struct documents *documents = kustomize_documents(k, f);
    struct k8s_objects found = {0};
    for (size_t i = 0; i < documents->n; i++)
        k8s_read_document(k->arena, &documents->at[i], (struct k8s_place){0}, k->diags, &found);
    for (size_t i = 0; i < found.n; i++) {
        found.at[i].call = l->call;
        kustomize_add(k, l->objects, &found.at[i]);
    }
    if (!found.n && !k->incomplete)
        diag_add(k->diags, DIAG_ODDITY, from, "the file " STR_FMT " holds no manifest", STR_ARG(f->path));
    VEC_RELEASE(&found);
}

static void remote_base(struct kustomize *k, str entry, span from)
{
    diag_add(k->diags, DIAG_NOT_ANALYSED, from,
             "the remote base " STR_FMT " is not analysed: vendor it, or lint what `kustomize build` prints",
             STR_ARG(entry));
    k->remote = true;
}

static const struct call_site *call_from(struct layer *l, span at)
{
    struct call_site *call = ARENA_NEW(l->k->arena, struct call_site);
    call->at = at;
    call->name = arena_printf(l->k->arena, "kustomization " STR_FMT, STR_ARG(l->dir));
    call->outer = l->call;
    return call;
}

static void take_in(struct built_list *to, struct built_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        VEC_PUSH(to, from->at[i]);
    VEC_RELEASE(from);
}

static void accumulate_entry(struct layer *l, const struct value *entry, bool component)
{
    struct kustomize *k = l->k;
    str text = value_str(entry);
    span from = value_span(entry);
    if (!text.n) {
        diag_add(k->diags, DIAG_STRUCTURE, from, "an entry that is no path");
        k->incomplete = true;
        return;
    }
    if (str_contains(text, STR("\n"))) { /* a whole manifest as an entry */
        struct kustomize_text t = kustomize_inline(l, entry);
        struct k8s_objects found = {0};
        for (size_t i = 0; i < t.documents.n; i++)
            k8s_read_document(k->arena, &t.documents.at[i], t.place, k->diags, &found);
        for (size_t i = 0; i < found.n; i++)
            kustomize_add(k, l->objects, &found.at[i]);
        VEC_RELEASE(&found);
        return;
    }
    if (kustomize_is_remote(text)) {
        remote_base(k, text, from);
        return;
    }
    str path = path_normalise(k->arena, path_join(k->arena, l->dir, text));
    bool is_directory;
    str kustomization = kustomize_find(k, path, &is_directory);
    if (!is_directory) {
        const struct input_file *f = kustomize_open(l, text, from);
        if (f)
            read_manifests(l, f, from);
        return;
    }
    if (!kustomization.n) {
        diag_add(k->diags, DIAG_NOT_FOUND, from, "the directory " STR_FMT " has no kustomization", STR_ARG(path));
        k->incomplete = true;
        return;
    }
    struct built_list own = {0};
    build_layer(k, kustomization, call_from(l, from), from, component, component ? l->objects : &own);
    take_in(l->objects, &own);
}

static void accumulate(struct layer *l, const char *field, bool component)
{
    const struct value *list = value_get(l->spec, str_of(field));
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++)
        accumulate_entry(l, list->u.list.item[i], component);
}

/* ---------------------------------------------------------------- what is not done */

/* A field that is mistyped would do nothing, and kustomize refuses it. */
static void note_unknown_fields(struct layer *l)
{
    static const char *const known[] = {"apiVersion",
                                        "kind",
                                        "metadata",
                                        "openapi",
                                        "namePrefix",
                                        "nameSuffix",
                                        "namespace",
                                        "commonLabels",
                                        "labels",
                                        "commonAnnotations",
                                        "patchesStrategicMerge",
                                        "patchesJson6902",
                                        "patches",
                                        "images",
                                        "imageTags",
                                        "replacements",
                                        "replicas",
                                        "vars",
                                        "sortOptions",
                                        "resources",
                                        "components",
                                        "crds",
                                        "bases",
                                        "configMapGenerator",
                                        "secretGenerator",
                                        "helmGlobals",
                                        "helmCharts",
                                        "helmChartInflationGenerator",
                                        "generatorOptions",
                                        "configurations",
                                        "generators",
                                        "transformers",
                                        "validators",
                                        "buildMetadata",
                                        "inventory"};
    for (size_t i = 0; value_is(l->spec, VALUE_MAP) && i < l->spec->u.map.n; i++) {
        const struct value_entry *e = &l->spec->u.map.entry[i];
        bool is_known = false;
        for (size_t j = 0; j < ARRAY_LEN(known) && !is_known; j++)
            is_known = str_eq_c(e->key, known[j]);
        if (!is_known)
            diag_add(l->k->diags, DIAG_STRUCTURE, e->key_at, "a kustomization has no field \"" STR_FMT "\"",
                     STR_ARG(e->key));
    }
}

static void refuse_shape(struct layer *l, const struct value *v, const char *field, const char *what)
{
    diag_add(l->k->diags, DIAG_STRUCTURE, value_span(v), "%s must be %s", field, what);
    l->k->incomplete = true;
}

static void note_shapes(struct layer *l)
{
    static const char *const texts[] = {"namePrefix", "nameSuffix", "namespace"};
    static const char *const maps[] = {"commonLabels", "commonAnnotations", "generatorOptions"};
    static const char *const lists[] = {
        "resources",          "bases",           "components", "patches",      "patchesStrategicMerge",
        "patchesJson6902",    "images",          "replicas",   "replacements", "vars",
        "configMapGenerator", "secretGenerator", "labels"};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct value *v = value_get(l->spec, str_of(lists[i]));
        if (!v || v->kind == VALUE_LIST || v->kind == VALUE_NULL)
            continue;
        refuse_shape(l, v, lists[i], "a list");
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct value *v = value_get(l->spec, str_of(texts[i]));
        if (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST))
            refuse_shape(l, v, texts[i], "text");
    }
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const struct value *v = value_get(l->spec, str_of(maps[i]));
        if (v && v->kind != VALUE_MAP && v->kind != VALUE_NULL)
            refuse_shape(l, v, maps[i], "a mapping");
    }
}

static void note_unread(struct layer *l)
{
    static const struct {
        const char *field, *what;
        bool adds_objects;
    } unread[] = {
        {"helmCharts", "charts are not rendered: run `kustomize build --enable-helm` and lint what it prints", true},
        {"helmChartInflationGenerator",
         "charts are not rendered: run `kustomize build --enable-helm` and lint what it prints", true},
        {"generators", "generator plugins are not run: lint what `kustomize build` prints", true},
        {"transformers", "transformer plugins are not run: lint what `kustomize build` prints", true},
        {"configurations", "transformer configurations are not read: references of custom resources stay as they are",
         false},
        {"crds", "`crds` are not read: references of custom resources stay as they are", false},
        {"openapi", "`openapi` is not read: lists of custom resources are replaced by patches", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(unread); i++) {
        const struct value_entry *e = value_get_entry(l->spec, str_of(unread[i].field));
        if (!e || !e->value || e->value->kind == VALUE_NULL)
            continue;
        diag_add_as(l->k->diags, DIAG_NOT_ANALYSED, unread[i].adds_objects ? DIAG_WARNING : DIAG_NOTE, e->key_at, "%s",
                    unread[i].what);
        l->k->remote |= unread[i].adds_objects;
    }
}

/* ---------------------------------------------------------------- one kustomization */

static const struct document *kustomization_document(struct kustomize *k, const struct input_file *f)
{
    const struct documents *documents = kustomize_documents(k, f);
    for (size_t i = 0; i < documents->n; i++)
        if (documents->at[i].root && documents->at[i].root->kind == NODE_MAP)
            return &documents->at[i];
    return NULL;
}

static void transform(struct layer *l)
{
    accumulate(l, "resources", false);
    accumulate(l, "bases", false);
    kustomize_generate(l);
    accumulate(l, "components", true);
    kustomize_patch(l);
    kustomize_namespace(l);
    kustomize_prefix_suffix(l);
    kustomize_labels(l);
    kustomize_annotations(l);
    kustomize_patch_json6902(l);
    kustomize_replicas(l);
    kustomize_images(l);
    kustomize_replacements(l);
    const struct value *vars = value_get(l->spec, STR("vars"));
    for (size_t i = 0; value_is(vars, VALUE_LIST) && i < vars->u.list.n; i++)
        VEC_PUSH(&l->k->vars, vars->u.list.item[i]);
}

static void run_layer(struct kustomize *k, const struct input_file *f, const struct call_site *call, bool component,
                      struct built_list *objects)
{
    const struct document *d = kustomization_document(k, f);
    if (!d) {
        bool empty = !str_trim(f->source->text).n;
        diag_add(k->diags, empty ? DIAG_ODDITY : DIAG_STRUCTURE, (span){f->source->id, 0, 0}, "%s",
                 empty ? "the kustomization is empty" : "a kustomization must be a mapping");
        return;
    }
    k->incomplete |= d->incomplete;
    struct layer l = {
        .k = k, .path = f->path, .dir = path_dir(f->path), .source = f->source, .call = call, .objects = objects};
    l.spec = k8s_value_of(k->arena, d->root, (struct k8s_place){0});
    str kind = k8s_text_at(l.spec, "kind");
    bool is_component = str_eq_c(kind, "Component");
    if (!is_component && value_get(l.spec, STR("kind")) && !str_eq_c(kind, "Kustomization"))
        diag_add(k->diags, DIAG_STRUCTURE, value_span(value_get(l.spec, STR("kind"))),
                 "the kind of a kustomization is Kustomization or Component");
    if (is_component != component && call)
        diag_add(k->diags, DIAG_STRUCTURE, value_span(value_get(l.spec, STR("kind"))),
                 is_component ? "a component stands among the resources" : "what stands among the components is none");
    note_unknown_fields(&l);
    note_shapes(&l);
    note_unread(&l);
    transform(&l);
}

static void build_layer(struct kustomize *k, str path, const struct call_site *call, span from, bool component,
                        struct built_list *objects)
{
    const struct input_file *f = inputs_open(k->in, path, k->in->root, from, k->diags);
    if (!f) {
        k->incomplete = true;
        return;
    }
    if (map_find(&k->active, f->path)) {
        diag_add(k->diags, DIAG_CYCLE, from, "the kustomization " STR_FMT " contains itself", STR_ARG(f->path));
        k->incomplete = true;
        return;
    }
    if (++k->calls > LIMIT_MODULE_CALLS || k->depth >= LIMIT_MODULE_DEPTH) {
        diag_add(k->diags, DIAG_LIMIT, from, "kustomizations are nested deeper than %u levels, or too many",
                 (unsigned)LIMIT_MODULE_DEPTH);
        k->incomplete = true;
        return;
    }
    k->depth++;
    map_set(&k->active, f->path, k);
    run_layer(k, f, call, component, objects);
    map_set(&k->active, f->path, NULL);
    k->depth--;
}

/* ---------------------------------------------------------------- the whole */

static bool is_local_only(const struct value *v)
{
    const struct value *annotations = value_path(v, STR("metadata.annotations"));
    const struct value *local = value_get(annotations, STR("config.kubernetes.io/local-config"));
    return str_eq_c(value_str(local), "true");
}

void kustomize_build(struct kustomize *k, str path, struct k8s_objects *ret)
{
    struct built_list objects = {0};
    build_layer(k, path, NULL, SPAN_NONE, false, &objects);
    kustomize_hash_names(k, &objects);
    kustomize_fix_references(k, &objects);
    kustomize_resolve_vars(k, &objects);
    for (size_t i = 0; i < objects.n; i++)
        if (!is_local_only(objects.at[i]->o.value))
            VEC_PUSH(ret, objects.at[i]->o);
    VEC_RELEASE(&objects);
}
