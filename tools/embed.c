/* embed.c - makes the rule packs part of the binary: embed RULES_DIR OUT.c OUT.bin
 *
 * Reads every file of the directory with our own YAML reader and writes the tables of
 * src/policy/pack_embedded.h. Any diagnostic is an error: the binary is never built from a broken pack.
 * Output depends on the files' content and names only. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/vec.h"
#include "syntax/yaml.h"

struct text {
    str path;
    const struct node *root; /* NULL: the bytes of `raw` */
    str raw;
    uint32_t path_at, offset, size;
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

static void write_json_string(struct buf *out, str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c == '\n')
            buf_add_c(out, "\\n");
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

/* `without`: keys left out at the top level; NULL-terminated, or NULL. */
static void write_json(struct buf *out, const struct node *n, const char *const *without)
{
    switch (n->kind) {
    case NODE_NULL:
        buf_add_c(out, "null");
        break;
    case NODE_BOOL:
        buf_add_c(out, n->u.boolean ? "true" : "false");
        break;
    case NODE_NUMBER:
        buf_add(out, n->u.number.text);
        break;
    case NODE_STRING:
        write_json_string(out, n->u.string);
        break;
    case NODE_LIST:
        buf_add_char(out, '[');
        for (size_t i = 0; i < n->u.list.n; i++) {
            if (i)
                buf_add_char(out, ',');
            write_json(out, n->u.list.item[i], NULL);
        }
        buf_add_char(out, ']');
        break;
    case NODE_MAP: {
        bool first = true;
        buf_add_char(out, '{');
        for (size_t i = 0; i < n->u.map.n; i++) {
            const struct node_entry *e = &n->u.map.entry[i];
            bool skip = false;
            for (size_t k = 0; without && without[k]; k++)
                skip |= str_eq_c(node_string(e->key), without[k]);
            if (skip)
                continue;
            if (!first)
                buf_add_char(out, ',');
            first = false;
            write_json_string(out, node_string(e->key));
            buf_add_char(out, ':');
            write_json(out, e->value, NULL);
        }
        buf_add_char(out, '}');
        break;
    }
    default:
        buf_add_c(out, "null");
        break;
    }
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
    VEC_PUSH(&e->models, ((struct text){.path = path, .root = root}));
    add_names(&e->model_names, node_find(root, "kind"), item);
    add_names(&e->model_names, node_find(root, "types"), item);
}

static void add_rule(struct embed *e, str path, const struct node *root)
{
    size_t item = e->rules.n;
    VEC_PUSH(&e->rules, ((struct text){.path = path, .root = root}));
    add_names(&e->rule_kinds, node_find(root, "resource"), item);
    add_names(&e->rule_kinds, node_find(node_find(root, "absent"), "when"), item);
}

static void add_yaml(struct embed *e, const struct source *s, str path)
{
    struct documents documents = {0};
    yaml_read(s, e->arena, &e->diags, &documents);
    for (size_t i = 0; i < documents.n; i++) {
        const struct node *root = documents.at[i].root;
        if (!root || root->kind != NODE_MAP) {
            if (root && root->kind != NODE_NULL)
                VEC_PUSH(&e->files, ((struct text){.path = path, .root = root}));
        } else if (str_starts(path, STR("model/"))) {
            add_model(e, path, root);
        } else if (node_find(root, "id") && node_find(root, "assert")) {
            add_rule(e, path, root);
        } else {
            VEC_PUSH(&e->files, ((struct text){.path = path, .root = root}));
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
        VEC_PUSH(&e->files, ((struct text){.path = below, .raw = s->text}));
    }
}

static int compare_paths(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
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
        qsort(names.at, names.n, sizeof(str), compare_paths);
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
        t->at[i].path_at =
            i && str_eq(t->at[i].path, t->at[i - 1].path) ? t->at[i - 1].path_at : put_name(e, t->at[i].path);
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

static void put_texts(struct embed *e, struct texts *t, const char *const *without)
{
    for (size_t i = 0; i < t->n; i++) {
        struct text *one = &t->at[i];
        one->offset = (uint32_t)e->blob.n;
        if (one->root)
            write_json(&e->blob, one->root, without);
        else
            buf_add(&e->blob, one->raw);
        one->size = (uint32_t)e->blob.n - one->offset;
        buf_add_char(&e->blob, '\n');
    }
}

static void write_texts(FILE *out, const char *name, const struct texts *t, bool with_count)
{
    fprintf(out, "const struct pack_text %s[] = {\n", name);
    for (size_t i = 0; i < t->n; i++)
        fprintf(out, "    {%u, %u, %u},\n", t->at[i].path_at, t->at[i].offset, t->at[i].size);
    fprintf(out, "    {0, 0, 0},\n};\n");
    if (with_count)
        fprintf(out, "const size_t %s_n = %zu;\n", name, t->n);
}

static void write_names(FILE *out, const char *name, const struct names *names)
{
    fprintf(out, "const struct pack_name %s[] = {\n", name);
    for (size_t i = 0; i < names->n; i++)
        fprintf(out, "    {%u, %u},\n", names->at[i].name_at, names->at[i].item);
    fprintf(out, "    {0, 0},\n};\nconst size_t %s_n = %zu;\n", name, names->n);
}

/* What a run needs stands together, and the prose at the end: pages that nobody reads stay on the disk. */
static void write_pack(struct embed *e, const char *path)
{
    static const char *const prose[] = {"why", "fix", "examples", NULL};
    FILE *out = fopen(path, "w");
    if (!out)
        die("cannot write", path);
    fprintf(out, "/* Made by tools/embed.c from rules/. */\n#include \"policy/pack_embedded.h\"\n\n");
    put_names(e, &e->model_names);
    put_names(e, &e->rule_kinds);
    put_paths(e, &e->models);
    put_paths(e, &e->rules);
    put_paths(e, &e->files);
    put_texts(e, &e->models, NULL);
    write_texts(out, "pack_models", &e->models, true);
    put_texts(e, &e->rules, prose);
    write_texts(out, "pack_rules_core", &e->rules, true);
    put_texts(e, &e->files, NULL);
    write_texts(out, "pack_files", &e->files, true);
    put_texts(e, &e->rules, NULL);
    write_texts(out, "pack_rules_full", &e->rules, false);
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
    if (!report(&e))
        return 1;
    write_pack(&e, argv[2]);
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
    return 0;
}
