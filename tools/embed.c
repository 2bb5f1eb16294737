/* embed.c - makes the rule packs part of the binary: embed RULES_DIR OUT.c OUT.bin
 *
 * Reads every file of the directory with our own YAML reader, loads models and rules with the very loaders of the
 * program, and writes the tables of src/policy/pack_embedded.h. Any diagnostic is an error: the binary is never built
 * from a broken pack. Output depends on the files' content and names only. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/vec.h"
#include "policy/pack_embedded.h"
#include "policy/rule_image.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

/* What the loaders find embedded here: nothing yet. */
const char pack_data[1] = "";
const struct pack_item pack_models[1], pack_builtin[1], pack_files[1];
const struct pack_name pack_model_names[1], pack_rule_kinds[1];
const size_t pack_models_n, pack_model_names_n, pack_builtin_n, pack_rule_kinds_n, pack_files_n;

struct text {
    str path;
    str text; /* compact JSON, or the file as it is */
    str kind; /* of a rule, the first that it asks about; else empty */
    bool raw; /* not a document */
    struct pack_item item;
};

struct name {
    str name;
    uint32_t name_at, item;
};

struct texts {
    struct text *at;
    size_t n, cap;
};

struct names {
    struct name *at;
    size_t n, cap;
};

struct embed {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    struct buf blob;
    size_t root_length;
    struct texts models, rules, files;
    struct names model_names, rule_kinds;
};

static void die(const char *what, const char *which)
{
    fprintf(stderr, "embed: %s: %s\n", which, what);
    exit(1);
}

static void write_json(struct buf *out, const struct node *n);

static void write_entry(struct buf *out, const struct node_entry *e, bool *first)
{
    if (!*first)
        buf_add_char(out, ',');
    *first = false;
    buf_add_json(out, node_string(e->key));
    buf_add_char(out, ':');
    write_json(out, e->value);
}

static void write_json(struct buf *out, const struct node *n)
{
    bool first = true;
    switch (n->kind) {
    case NODE_BOOL:
        buf_add_c(out, n->u.boolean ? "true" : "false");
        break;
    case NODE_NUMBER:
        buf_add(out, n->u.number.text);
        break;
    case NODE_STRING:
        buf_add_json(out, n->u.string);
        break;
    case NODE_LIST:
        buf_add_char(out, '[');
        for (size_t i = 0; i < n->u.list.n; i++) {
            if (i)
                buf_add_char(out, ',');
            write_json(out, n->u.list.item[i]);
        }
        buf_add_char(out, ']');
        break;
    case NODE_MAP:
        buf_add_char(out, '{');
        for (size_t i = 0; i < n->u.map.n; i++)
            write_entry(out, &n->u.map.entry[i], &first);
        buf_add_char(out, '}');
        break;
    default:
        buf_add_c(out, "null");
        break;
    }
}

static str json_of(struct embed *e, const struct node *n)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    write_json(&out, n);
    str text = buf_copy(&out, e->arena);
    buf_release(&out);
    return text;
}

static void add_names(struct names *to, const struct node *names, size_t item)
{
    if (!names)
        return;
    if (names->kind == NODE_STRING)
        VEC_PUSH(to, ((struct name){.name = names->u.string, .item = (uint32_t)item}));
    if (names->kind == NODE_LIST)
        for (size_t i = 0; i < names->u.list.n; i++)
            add_names(to, names->u.list.item[i], item);
    if (names->kind == NODE_MAP)
        for (size_t i = 0; i < names->u.map.n; i++)
            add_names(to, names->u.map.entry[i].key, item);
}

static void add_model(struct embed *e, str path, const struct node *root)
{
    size_t item = e->models.n;
    VEC_PUSH(&e->models, ((struct text){.path = path, .text = json_of(e, root)}));
    add_names(&e->model_names, node_find(root, "kind"), item);
    add_names(&e->model_names, node_find(root, "types"), item);
}

static void add_rule(struct embed *e, str path, const struct node *root)
{
    size_t item = e->rules.n, first = e->rule_kinds.n;
    add_names(&e->rule_kinds, node_find(root, "resource"), item);
    add_names(&e->rule_kinds, node_find(node_find(root, "absent"), "when"), item);
    str kind = first < e->rule_kinds.n ? e->rule_kinds.at[first].name : STR_NONE;
    VEC_PUSH(&e->rules, ((struct text){.path = path, .text = json_of(e, root), .kind = kind}));
}

static void add_yaml(struct embed *e, const struct source *s, str path)
{
    struct documents documents = {0};
    yaml_read(s, e->arena, &e->diags, &documents);
    for (size_t i = 0; i < documents.n; i++) {
        const struct node *root = documents.at[i].root;
        if (!root || root->kind != NODE_MAP) {
            if (root && root->kind != NODE_NULL)
                VEC_PUSH(&e->files, ((struct text){.path = path, .text = json_of(e, root)}));
        } else if (str_starts(path, STR("model/"))) {
            add_model(e, path, root);
        } else if (node_find(root, "id") && node_find(root, "assert")) {
            add_rule(e, path, root);
        } else {
            VEC_PUSH(&e->files, ((struct text){.path = path, .text = json_of(e, root)}));
        }
    }
}

static void add_file(struct embed *e, str path)
{
    enum source_error error;
    const struct source *s = source_open(e->sources, path, STR_NONE, &error);
    if (!s)
        die(source_error_text(error), arena_cstr(e->arena, path));
    str below = arena_str(e->arena, str_slice(path, e->root_length + 1, path.n));
    if (str_ends(path, STR(".yaml"))) {
        add_yaml(e, s, below);
    } else if (str_starts(below, STR("data/"))) {
        VEC_PUSH(&e->files, ((struct text){.path = below, .text = s->text, .raw = true}));
    }
}

static void walk(struct embed *e, str dir)
{
    DIR *d = opendir(arena_cstr(e->arena, dir));
    if (!d)
        die("cannot read the directory", arena_cstr(e->arena, dir));
    VEC(str) names = {0};
    for (struct dirent *entry; (entry = readdir(d));)
        if (entry->d_name[0] != '.')
            VEC_PUSH(&names, path_join(e->arena, dir, arena_str(e->arena, str_of(entry->d_name))));
    closedir(d);
    if (names.n)
        qsort(names.at, names.n, sizeof(str), str_compare);
    for (size_t i = 0; i < names.n; i++) {
        struct stat st;
        if (stat(arena_cstr(e->arena, names.at[i]), &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            walk(e, names.at[i]);
        else
            add_file(e, names.at[i]);
    }
    VEC_RELEASE(&names);
}

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int c = str_cmp(x->name, y->name);
    return c ? c : (x->item > y->item) - (x->item < y->item);
}

/* Names end in NUL. */
static uint32_t put_name(struct embed *e, str name)
{
    uint32_t at = (uint32_t)e->blob.n;
    buf_add(&e->blob, name);
    buf_add_char(&e->blob, '\0');
    return at;
}

static void put_paths(struct embed *e, struct texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->at[i].item.path =
            i && str_eq(t->at[i].path, t->at[i - 1].path) ? t->at[i - 1].item.path : put_name(e, t->at[i].path);
}

static void put_names(struct embed *e, struct names *names)
{
    size_t kept = 0;
    if (names->n)
        qsort(names->at, names->n, sizeof(*names->at), compare_names);
    for (size_t i = 0; i < names->n; i++) {
        struct name *last = kept ? &names->at[kept - 1] : NULL;
        bool same = last && str_eq(last->name, names->at[i].name);
        if (same && last->item == names->at[i].item)
            continue;
        uint32_t at = same ? last->name_at : put_name(e, names->at[i].name);
        names->at[kept] = names->at[i];
        names->at[kept++].name_at = at;
    }
    names->n = kept;
}

static void put_texts(struct embed *e, struct texts *t, bool raw)
{
    for (size_t i = 0; i < t->n; i++) {
        struct text *one = &t->at[i];
        if (one->raw != raw)
            continue;
        one->item.text = (uint32_t)e->blob.n;
        one->item.size = (uint32_t)one->text.n;
        buf_add(&e->blob, one->text);
        buf_add_char(&e->blob, '\n');
    }
}

static int compare_kinds(const void *a, const void *b)
{
    const struct text *x = *(struct text *const *)a, *y = *(struct text *const *)b;
    int c = str_cmp(x->kind, y->kind);
    return c ? c : (x > y) - (x < y);
}

/* The images of what the texts say: of no source, so that positions are in no file. Those of a kind stand together. `field`:
 * of the item, for their offsets. */
static void put_images(struct embed *e, struct texts *t,
                       bool (*freeze)(const struct document *d, struct diag_list *diags, struct buf *out), size_t field)
{
    struct text **order = ARENA_ARRAY(e->arena, struct text *, t->n);
    for (size_t i = 0; i < t->n; i++)
        order[i] = &t->at[i];
    if (t->n)
        qsort(order, t->n, sizeof(*order), compare_kinds);
    for (size_t i = 0; i < t->n; i++) {
        if (order[i]->raw)
            continue;
        struct source source = {.path = arena_printf(e->arena, "builtin:" STR_FMT, STR_ARG(order[i]->path)),
                                .text = order[i]->text};
        struct document d = json_read(&source, e->arena, &e->diags);
        while (e->blob.n % IMAGE_ALIGNMENT)
            buf_add_char(&e->blob, '\0');
        *(uint32_t *)(void *)((char *)&order[i]->item + field) = (uint32_t)e->blob.n;
        if (!freeze(&d, &e->diags, &e->blob))
            return;
    }
}

static bool freeze_document(const struct document *d, struct diag_list *diags, struct buf *out)
{
    (void)diags;
    node_freeze(d->root, out);
    return true;
}

static void write_items(FILE *out, const char *name, const struct texts *t)
{
    fprintf(out, "const struct pack_item %s[] = {\n", name);
    for (size_t i = 0; i < t->n; i++) {
        const struct pack_item *item = &t->at[i].item;
        fprintf(out, "    {%u, %u, %u, %u, %u},\n", item->path, item->text, item->size, item->image, item->prose);
    }
    fprintf(out, "    {0, 0, 0, 0, 0},\n};\nconst size_t %s_n = %zu;\n", name, t->n);
}

static void write_names(FILE *out, const char *name, const struct names *names)
{
    fprintf(out, "const struct pack_name %s[] = {\n", name);
    for (size_t i = 0; i < names->n; i++)
        fprintf(out, "    {%u, %u},\n", names->at[i].name_at, names->at[i].item);
    fprintf(out, "    {0, 0},\n};\nconst size_t %s_n = %zu;\n", name, names->n);
}

/* What a run needs stands together, and the texts at the end: pages that nobody reads stay on the disk. */
static void fill_blob(struct embed *e)
{
    put_names(e, &e->model_names);
    put_names(e, &e->rule_kinds);
    put_paths(e, &e->models);
    put_paths(e, &e->rules);
    put_paths(e, &e->files);
    put_images(e, &e->files, freeze_document, offsetof(struct pack_item, image));
    put_texts(e, &e->files, false); /* parameters, which every run reads, among them */
    put_images(e, &e->models, model_freeze, offsetof(struct pack_item, image));
    put_images(e, &e->rules, rule_freeze, offsetof(struct pack_item, image));
    put_images(e, &e->rules, rule_freeze_prose, offsetof(struct pack_item, prose));
    put_texts(e, &e->files, true);
    put_texts(e, &e->models, false);
    put_texts(e, &e->rules, false);
}

static void write_tables(struct embed *e, const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out)
        die("cannot write", path);
    fprintf(out, "/* Made by tools/embed.c from rules/. */\n#include \"policy/pack_embedded.h\"\n\n");
    write_items(out, "pack_models", &e->models);
    write_items(out, "pack_builtin", &e->rules);
    write_items(out, "pack_files", &e->files);
    write_names(out, "pack_model_names", &e->model_names);
    write_names(out, "pack_rule_kinds", &e->rule_kinds);
    if (fclose(out) != 0)
        die("cannot write", path);
}

static void write_blob(struct embed *e, const char *path)
{
    FILE *out = fopen(path, "wb");
    if (!out || fwrite(e->blob.p, 1, e->blob.n, out) != e->blob.n || fclose(out) != 0)
        die("cannot write", path);
}

static bool report(const struct embed *e)
{
    for (size_t i = 0; i < e->diags.n; i++) {
        const struct diag *d = &e->diags.at[i];
        const struct source *s = source_at(e->sources, d->at.file);
        struct position p = s ? source_position(s, d->at.start) : (struct position){0, 0};
        fprintf(stderr, STR_FMT ":%u:%u: " STR_FMT "\n", STR_ARG(s ? s->path : d->path), p.line, p.column,
                STR_ARG(d->message));
    }
    return e->diags.n == 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: embed RULES_DIR OUT.c OUT.bin\n");
        return 2;
    }
    struct embed e = {.arena = arena_new(), .sources = sources_new(), .root_length = strlen(argv[1])};
    diag_list_init(&e.diags, e.arena);
    buf_init(&e.blob, 64u << 20);
    walk(&e, str_of(argv[1]));
    if (report(&e))
        fill_blob(&e);
    if (!report(&e))
        return 1;
    write_tables(&e, argv[2]);
    write_blob(&e, argv[3]);
    buf_release(&e.blob);
    diag_list_release(&e.diags);
    VEC_RELEASE(&e.models);
    VEC_RELEASE(&e.rules);
    VEC_RELEASE(&e.files);
    VEC_RELEASE(&e.model_names);
    VEC_RELEASE(&e.rule_kinds);
    sources_free(e.sources);
    arena_free(e.arena);
    intern_release();
    return 0;
}
