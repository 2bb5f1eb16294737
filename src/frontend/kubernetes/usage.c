#include "frontend/kubernetes/usage.h"

#include "base/path.h"
#include "base/vec.h"
#include "frontend/kubernetes/kustomize.h"

struct use {
    size_t from, to; /* indexes of kustomizations */
};

struct scan {
    struct usage *usage;
    struct map index; /* real path -> index of the kustomization + 1 */
    VEC(struct use) uses;
    size_t current;
    str dir;      /* real directory of the current one */
    bool *wanted; /* of each: it, or a file that it uses, is to be linted (not mere context) */
};

static const struct node *document_of(const struct input_file *f)
{
    for (size_t i = 0; i < f->documents.n; i++)
        if (f->documents.at[i].root && f->documents.at[i].root->kind == NODE_MAP)
            return f->documents.at[i].root;
    return NULL;
}

static void use_path(struct scan *s, str entry)
{
    struct arena *a = s->usage->arena;
    if (!entry.n || kustomize_is_remote(entry) || str_contains(entry, STR("\n")))
        return;
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
    str path = path_normalise(a, path_join(a, s->dir, entry));
    str real = source_real(s->usage->in->sources, a, path);
    if (!real.n)
        return;
    const struct input_file *f = map_find(&s->usage->in->by_real, real);
    s->wanted[s->current] |= f && !f->context;
    map_set(&s->usage->files, real, s);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t to = (size_t)(uintptr_t)map_find(&s->index, path_join(a, real, str_of(names[i])));
        struct use use = {s->current, to - 1};
        if (to)
            VEC_PUSH(&s->uses, use);
    }
}

/* A list of paths; of "key=path"; or of maps with `path`. */
static void use_list(struct scan *s, const struct node *list, bool keyed)
{
    if (list && list->kind == NODE_STRING)
        use_path(s, list->u.string);
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->u.list.n; i++) {
        const struct node *item = list->u.list.item[i];
        str text = node_string(item);
        size_t equals = keyed ? str_find_char(text, '=') : SIZE_MAX;
        use_path(s, equals == SIZE_MAX ? text : str_slice(text, equals + 1, text.n));
        use_path(s, node_string(node_find(item, "path")));
    }
}

static void scan_one(struct scan *s, const struct node *root)
{
    static const char *const lists[] = {"resources",      "bases",           "components",
                                        "patches",        "patchesJson6902", "crds",
                                        "configurations", "generators",      "patchesStrategicMerge",
                                        "transformers",   "validators",      "replacements"};
    static const char *const generators[] = {"configMapGenerator", "secretGenerator"};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        use_list(s, node_find(root, lists[i]), false);
    for (size_t i = 0; i < ARRAY_LEN(generators); i++) {
        const struct node *list = node_find(root, generators[i]);
        for (size_t j = 0; list && list->kind == NODE_LIST && j < list->u.list.n; j++) {
            use_list(s, node_find(list->u.list.item[j], "files"), true);
            use_list(s, node_find(list->u.list.item[j], "envs"), false);
            use_list(s, node_find(list->u.list.item[j], "env"), false);
        }
    }
    use_path(s, node_string(node_find(node_find(root, "openapi"), "path")));
}

static void collect(struct usage *u, struct scan *s)
{
    VEC(struct input_file *) all = {0};
    for (size_t i = 0; i < u->in->n; i++) {
        struct input_file *f = u->in->file[i];
        if (f->claim != CLAIM_KUSTOMIZATION || !f->source)
            continue;
        VEC_PUSH(&all, f);
        if (f->real.n)
            map_set(&s->index, f->real, (void *)(uintptr_t)all.n);
    }
    u->kustomization = VEC_MOVE(&all, u->arena, &u->n_kustomizations);
}

/* Marks everything that `from` uses, directly or not. */
static void reach(const struct scan *s, const size_t *first, bool *reached, size_t from)
{
    VEC(size_t) work = {0};
    reached[from] = true;
    VEC_PUSH(&work, from);
    while (work.n) {
        size_t at = work.at[--work.n];
        for (size_t i = first[at]; i < s->uses.n && s->uses.at[i].from == at; i++) {
            size_t to = s->uses.at[i].to;
            if (reached[to])
                continue;
            reached[to] = true;
            VEC_PUSH(&work, to);
        }
    }
    VEC_RELEASE(&work);
}

/* Those that nobody uses; and of those that only use each other the first. */
static void find_roots(struct usage *u, const struct scan *s)
{
    size_t n = u->n_kustomizations;
    u->is_root = ARENA_ARRAY(u->arena, bool, n + 1);
    bool *used = ARENA_ARRAY(u->arena, bool, n + 1), *reached = ARENA_ARRAY(u->arena, bool, n + 1);
    size_t *first = ARENA_ARRAY(u->arena, size_t, n + 1);
    for (size_t i = 0; i < n; i++)
        first[i] = SIZE_MAX;
    for (size_t i = s->uses.n; i-- > 0;) {
        first[s->uses.at[i].from] = i;
        used[s->uses.at[i].to] |= s->uses.at[i].to != s->uses.at[i].from;
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            if (reached[i] || !s->wanted[i] || (pass == 0 && used[i]))
                continue;
            u->is_root[i] = true;
            reach(s, first, reached, i);
        }
    }
}

void usage_init(struct usage *u, struct inputs *in, struct arena *a)
{
    *u = (struct usage){.in = in, .arena = a};
    struct scan s = {.usage = u};
    map_init(&u->files);
    map_init(&s.index);
    collect(u, &s);
    s.wanted = ARENA_ARRAY(a, bool, u->n_kustomizations + 1);
    for (size_t i = 0; i < u->n_kustomizations; i++) {
        const struct input_file *f = u->kustomization[i];
        s.current = i;
        s.wanted[i] = !f->context;
        s.dir = path_dir(f->real.n ? f->real : f->path);
        if (document_of(f))
            scan_one(&s, document_of(f));
    }
    find_roots(u, &s);
    map_release(&s.index);
    VEC_RELEASE(&s.uses);
}

void usage_release(struct usage *u)
{
    map_release(&u->files);
}
