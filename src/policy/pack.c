#include "policy/pack.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/vec.h"
#include "policy/pack_embedded.h"
#include "policy/rule_image.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

struct pack {
    struct arena *arena;
    struct sources *sources;
    struct diag_list *diags;
    bool full, prose, no_builtin, directories;
    struct model *model;
    struct ruleset *rules;
    size_t n_finished;                           /* of the rules: those that are in order */
    bool *model_loaded;                          /* by index of pack_models */
    bool *rule_loaded;                           /* by index of pack_builtin */
    const struct node *controls, *more_controls; /* embedded; of a directory */
    const struct node *more_frameworks;
    VEC(struct document) later; /* rules of directories: after all models and parameters */
};

static const char *name_at(uint32_t offset)
{
    return pack_data + offset;
}

static str text_of(const struct pack_item *t)
{
    return (str){pack_data + t->text, t->size};
}

static const struct image *image_of(uint32_t offset)
{
    return (const struct image *)(const void *)(pack_data + offset);
}

static const struct source *source_of(struct pack *p, const struct pack_item *t)
{
    return source_add(p->sources, arena_printf(p->arena, "builtin:%s", name_at(t->path)), text_of(t));
}

static struct document read_embedded(struct pack *p, const struct pack_item *t)
{
    return json_read(source_of(p, t), p->arena, p->diags);
}

/* Where a message says that an embedded document is. Without directories there is nothing that could contradict it. */
static uint32_t file_of(struct pack *p, const struct pack_item *t)
{
    return p->directories ? source_of(p, t)->id : 0;
}

/* The first index whose name is `name`; n when there is none. */
static size_t find_name(const struct pack_name *names, size_t n, str name)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(str_of(name_at(names[middle].name)), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && str_eq_c(name, name_at(names[low].name)) ? low : n;
}

static bool load_model(struct pack *p, size_t item)
{
    if (p->model_loaded[item])
        return false;
    p->model_loaded[item] = true;
    const struct pack_item *t = &pack_models[item];
    return model_add_image(p->model, image_of(t->image), file_of(p, t), p->diags);
}

static bool load_model_by_name(struct model *m, str name, void *context)
{
    (void)m;
    struct pack *p = context;
    bool any = false;
    for (size_t i = find_name(pack_model_names, pack_model_names_n, name);
         i < pack_model_names_n && str_eq_c(name, name_at(pack_model_names[i].name)); i++)
        any |= load_model(p, pack_model_names[i].item);
    return any;
}

static void load_rule(struct pack *p, size_t item)
{
    if (p->rule_loaded[item])
        return;
    p->rule_loaded[item] = true;
    const struct pack_item *t = &pack_builtin[item];
    if (!p->full) {
        ruleset_add_image(p->rules, image_of(t->image), p->prose ? image_of(t->prose) : NULL, file_of(p, t), p->diags);
        return;
    }
    struct document d = read_embedded(p, t);
    ruleset_add(p->rules, &d, p->diags);
}

static void load_rules_by_kind(struct pack *p, str kind)
{
    for (size_t i = find_name(pack_rule_kinds, pack_rule_kinds_n, kind);
         i < pack_rule_kinds_n && str_eq_c(kind, name_at(pack_rule_kinds[i].name)); i++)
        load_rule(p, pack_rule_kinds[i].item);
}

/* ---------------------------------------------------------------- directories */

static void add_document(struct pack *p, const struct document *d)
{
    if (!d->root || d->root->kind == NODE_NULL)
        return;
    if (d->root->kind != NODE_MAP) {
        diag_add(p->diags, DIAG_RULE, d->root->at, "expected a mapping: a rule, a model document or parameters");
        return;
    }
    if (node_find(d->root, "kind"))
        model_add(p->model, d, p->diags);
    else if (node_find(d->root, "parameters"))
        ruleset_add_parameters(p->rules, d, p->diags);
    else if (node_find(d->root, "sections"))
        p->more_controls = d->root;
    else if (node_find(d->root, "frameworks"))
        p->more_frameworks = d->root;
    else
        VEC_PUSH(&p->later, *d);
}

static void add_file(struct pack *p, str path)
{
    enum source_error error;
    const struct source *s = source_open(p->sources, path, STR_NONE, &error);
    if (!s) {
        diag_add_path(p->diags, DIAG_RULE, path, "cannot read the file: %s", source_error_text(error));
        return;
    }
    if (!document_check_text(s, p->diags))
        return;
    struct documents documents = {0};
    size_t before = p->diags->n;
    yaml_read(s, p->arena, p->diags, &documents);
    bool broken = false;
    for (size_t i = before; i < p->diags->n; i++) {
        p->diags->at[i].id = DIAG_RULE;
        broken |= p->diags->at[i].severity == DIAG_ERROR;
    }
    if (broken) /* what is missing is not worth a message */
        return;
    for (size_t i = 0; i < documents.n; i++)
        add_document(p, &documents.at[i]);
}

static void add_path(struct pack *p, str path, unsigned depth)
{
    struct stat st, self;
    if (!path_stat(p->arena, path, &st)) {
        diag_add_path(p->diags, DIAG_RULE, path, "no such rule file or directory");
        return;
    }
    bool is_link = depth && lstat(arena_cstr(p->arena, path), &self) == 0 && S_ISLNK(self.st_mode);
    if (is_link && S_ISDIR(st.st_mode)) { /* two that lead upwards would be read 2^40 times */
        diag_add_path(p->diags, DIAG_LOOP, path, "links to directories of rules are not followed");
        return;
    }
    if (!S_ISDIR(st.st_mode)) {
        if (str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")))
            add_file(p, path);
        return;
    }
    DIR *dir = depth < LIMIT_DIR_DEPTH ? opendir(arena_cstr(p->arena, path)) : NULL;
    if (!dir) {
        diag_add_path(p->diags, DIAG_RULE, path, "cannot read the directory");
        return;
    }
    VEC(str) names = {0};
    for (struct dirent *e; errno = 0, (e = readdir(dir));)
        if (e->d_name[0] != '.')
            VEC_PUSH(&names, path_join(p->arena, path, arena_str(p->arena, str_of(e->d_name))));
    if (errno)
        diag_add_path(p->diags, DIAG_RULE, path, "cannot read the directory to its end");
    closedir(dir);
    if (names.n)
        qsort(names.at, names.n, sizeof(str), str_compare);
    for (size_t i = 0; i < names.n; i++)
        add_path(p, names.at[i], depth + 1);
    VEC_RELEASE(&names);
}

/* ---------------------------------------------------------------- opening */

static void add_embedded_files(struct pack *p)
{
    for (size_t i = 0; i < pack_files_n; i++) {
        if (strcmp(name_at(pack_files[i].path), "parameters.yaml") == 0) {
            struct document d = read_embedded(p, &pack_files[i]);
            ruleset_add_parameters(p->rules, &d, p->diags);
        }
    }
}

struct pack *pack_open(const struct pack_options *o, struct sources *sources, struct diag_list *diags)
{
    struct arena *arena = arena_new();
    struct pack *p = ARENA_NEW(arena, struct pack);
    *p = (struct pack){.arena = arena,
                       .sources = sources,
                       .diags = diags,
                       .full = o->full,
                       .prose = o->prose,
                       .no_builtin = o->no_builtin,
                       .directories = o->n_directories > 0};
    p->model_loaded = ARENA_ARRAY(arena, bool, pack_models_n + 1);
    p->rule_loaded = ARENA_ARRAY(arena, bool, pack_builtin_n + 1);
    p->model = model_new();
    p->rules = ruleset_new(p->model);
    model_set_loader(p->model, load_model_by_name, p);
    add_embedded_files(p);
    for (size_t i = 0; i < o->n_directories; i++)
        add_path(p, o->directory[i], 0);
    for (size_t i = 0; i < p->later.n; i++)
        ruleset_add(p->rules, &p->later.at[i], p->diags);
    VEC_RELEASE(&p->later);
    if (o->full) {
        for (size_t i = 0; i < pack_models_n; i++)
            load_model(p, i);
    }
    model_finish(p->model, diags);
    return p;
}

void pack_free(struct pack *p)
{
    if (!p)
        return;
    ruleset_free(p->rules);
    model_free(p->model);
    arena_free(p->arena);
}

struct model *pack_model(struct pack *p)
{
    return p->model;
}

static const struct node *embedded_document(struct pack *p, const char *path)
{
    for (size_t i = 0; i < pack_files_n; i++)
        if (strcmp(name_at(pack_files[i].path), path) == 0)
            return image_thaw(image_of(pack_files[i].image), NULL, p->arena);
    return NULL;
}

static const struct node *embedded_controls(struct pack *p)
{
    if (!p->controls)
        p->controls = embedded_document(p, "controls.yaml");
    return p->controls;
}

/* Of rules that were added later, built-in ones, only the places in the set are new. */
static struct ruleset *finish(struct pack *p, struct diag_list *diags)
{
    bool first = !p->n_finished;
    if (first || p->n_finished != ruleset_count(p->rules))
        ruleset_finish(p->rules, diags);
    if (first && (p->full || p->directories))
        ruleset_check_citations(p->rules, embedded_controls(p), p->more_controls, diags);
    p->n_finished = ruleset_count(p->rules);
    return p->rules;
}

/* Kinds under which types are listed besides their own. */
static void load_rules_of_other_kinds(struct pack *p, const struct graph *g)
{
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < graph_count(g); i++) {
        str type = sym_str(graph_at(g, i)->type);
        if (map_has(&seen, type))
            continue;
        map_set(&seen, type, p);
        size_t at = 0;
        for (sym kind; (kind = model_next_also(p->model, graph_at(g, i)->type, &at)) != 0;)
            load_rules_by_kind(p, sym_str(kind));
    }
    map_release(&seen);
}

struct ruleset *pack_rules(struct pack *p, const struct graph *g, struct diag_list *diags)
{
    if (p->no_builtin)
        return finish(p, diags);
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < graph_count(g); i++) {
        sym kind = graph_at(g, i)->kind;
        str name = kind ? sym_str(kind) : STR_NONE;
        if (!kind || map_has(&seen, name))
            continue;
        map_set(&seen, name, p);
        load_rules_by_kind(p, name);
    }
    load_rules_of_other_kinds(p, g);
    map_release(&seen);
    return finish(p, diags);
}

struct ruleset *pack_all_rules(struct pack *p, struct diag_list *diags)
{
    for (size_t i = 0; i < pack_builtin_n && !p->no_builtin; i++)
        load_rule(p, i);
    return finish(p, diags);
}

const struct node *pack_controls(struct pack *p)
{
    return p->more_controls ? p->more_controls : embedded_controls(p);
}

const struct node *pack_undecidable(struct pack *p)
{
    return embedded_document(p, "undecidable.yaml");
}

struct frameworks pack_frameworks(struct pack *p)
{
    const struct node *root = p->more_frameworks ? p->more_frameworks : embedded_document(p, "mappings.yaml");
    return frameworks_read(root, p->arena, p->diags);
}

size_t pack_builtin_rules(void)
{
    return pack_builtin_n;
}

const struct rule *pack_builtin_rule(size_t i, struct arena *a)
{
    return rule_thaw(image_of(pack_builtin[i].image), a);
}

str pack_file(const char *path)
{
    for (size_t i = 0; i < pack_files_n; i++)
        if (strcmp(name_at(pack_files[i].path), path) == 0)
            return text_of(&pack_files[i]);
    return STR_NONE;
}
