#include "frontend/input.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/pool.h"
#include "base/vec.h"
#include "frontend/claim.h"
#include "frontend/walk.h"
#include "syntax/hcl.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

/* The public part comes first, so that a struct inputs * is one of these. */
struct inputs_private {
    struct inputs public;
    pthread_mutex_t lock;      /* guards file, by_real and arena once jobs run */
    pthread_mutex_t text_lock; /* guards by_text; taken last */
    bool discovering;
    struct map by_text;           /* then: hash of a text of HCL -> the first file read with it, without a diagnostic */
    struct input_changes changes; /* no files: everything counts */
    bool unclaimed_ok;
    size_t n_found;            /* by discovery: those after them were asked for */
    bool *found_as_context;    /* by the first n_found */
    const struct inputs *from; /* these are a fork of them; NULL */
    const struct map *changed; /* but for these real paths */
};

static bool first_byte_is_brace(str text)
{
    str t = str_trim(text);
    return t.n && (t.p[0] == '{' || t.p[0] == '[');
}

static bool looks_like_hcl(str text)
{
    static const char *const words[] = {"resource \"", "module \"",   "variable \"", "provider \"",
                                        "data \"",     "terraform {", "locals {",    "output \""};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains(text, str_of(words[i])))
            return true;
    return false;
}

/* `.template` files are YAML or JSON, and a file of unknown name is what its text looks like. */
static enum input_kind kind_of_text(const struct input_file *f, str text)
{
    if (f->kind == INPUT_OTHER && !first_byte_is_brace(text) && looks_like_hcl(text))
        return INPUT_HCL;
    if ((f->kind == INPUT_OTHER || str_ends(f->path, STR(".template"))) && first_byte_is_brace(text))
        return INPUT_JSON;
    return f->kind == INPUT_OTHER ? INPUT_YAML : f->kind;
}

static void add_document(struct input_file *f, struct document d)
{
    f->documents.at = ARENA_NEW(f->tree, struct document);
    f->documents.at[0] = d;
    f->documents.n = f->documents.cap = 1;
}

static void claim_documents(struct input_file *f)
{
    f->document_claim = ARENA_ARRAY(f->arena, enum input_claim, f->documents.n);
    for (size_t i = 0; i < f->documents.n; i++) {
        const struct document *d = &f->documents.at[i];
        f->incomplete |= d->incomplete;
        enum input_claim claim = f->kind == INPUT_TF_JSON ? CLAIM_TERRAFORM : input_claim_document(d, f->path);
        f->document_claim[i] = claim;
        if (f->claim == CLAIM_NONE)
            f->claim = claim;
    }
}

/* Names that mark a file as something we know and do not lint. */
static enum input_claim claim_of_name(const struct input_file *f)
{
    str name = path_base(f->path);
    if (f->kind == INPUT_HELM)
        return CLAIM_HELM_CHART;
    if (str_eq_c(name, "Chart.yaml"))
        return CLAIM_HELM_CHART;
    return CLAIM_NONE;
}

/* Reads HCL, or copies what was read of the same text before: repositories are full of such files. Only while they are
 * discovered: later, those who are done with a file free its documents. */
static struct document read_hcl(struct inputs_private *in, struct input_file *f, struct diag_list *diags)
{
    if (!in->discovering)
        return hcl_read_apart(f->source, f->tree, f->arena, diags);
    uint64_t hash = str_hash(f->source->text);
    str key = {(const char *)&hash, sizeof(hash)};
    pthread_mutex_lock(&in->text_lock);
    const struct input_file *twin = map_find(&in->by_text, key);
    pthread_mutex_unlock(&in->text_lock);
    if (twin && str_eq(twin->source->text, f->source->text))
        return document_copy(&twin->documents.at[0], f->source, f->tree);
    return hcl_read_apart(f->source, f->tree, f->arena, diags);
}

static void remember_text(struct inputs_private *in, struct input_file *f)
{
    if (!in->discovering || f->kind != INPUT_HCL || f->diags.n || f->incomplete)
        return;
    uint64_t hash = str_hash(f->source->text);
    pthread_mutex_lock(&in->text_lock);
    map_add(&in->by_text, (str){arena_copy(f->arena, &hash, sizeof(hash)), sizeof(hash)}, f);
    pthread_mutex_unlock(&in->text_lock);
}

static void read_documents(struct inputs_private *in, struct input_file *f, struct diag_list *diags)
{
    f->tree = arena_new();
    f->documents = (struct documents){0};
    switch (f->kind) {
    case INPUT_HCL:
        add_document(f, read_hcl(in, f, diags));
        break;
    case INPUT_TF_JSON:
    case INPUT_JSON:
        add_document(f, json_read_apart(f->source, f->tree, f->arena, diags));
        break;
    default:
        yaml_read_apart(f->source, f->tree, f->arena, diags, &f->documents);
        break;
    }
}

static void parse(struct inputs *in, struct input_file *f)
{
    str text = f->source->text;
    f->kind = kind_of_text(f, text);
    f->claim = claim_of_name(f);
    if (f->claim != CLAIM_NONE || f->kind == INPUT_TFVARS)
        return;
    if (!str_trim(text).n) {
        diag_add_as(&f->diags, DIAG_EMPTY, DIAG_NOTE, (span){f->source->id, 0, 0}, "the file is empty");
        if (f->kind == INPUT_HCL)
            f->claim = CLAIM_TERRAFORM;
        return;
    }
    bool data = f->kind == INPUT_JSON || f->kind == INPUT_YAML;
    /* What is not text (UTF-16 without its mark, ...) cannot be looked through for signs that it is ours. */
    bool is_text = str_find_char(text, '\0') == SIZE_MAX;
    if (data && !f->meant && is_text && !claim_worth_parsing(text, f->path))
        return;
    if (!document_check_text(f->source, &f->diags)) {
        f->incomplete = true;
        return;
    }
    read_documents((struct inputs_private *)in, f, &f->diags);
    claim_documents(f);
    remember_text((struct inputs_private *)in, f);
}

/* A file that turned out to be none of ours keeps quiet, unless somebody named it or its text says
 * that it was meant to be one of ours. */
static void drop_noise(struct input_file *f)
{
    if (f->claim != CLAIM_NONE || f->meant || !f->diags.n || f->kind == INPUT_HCL || f->kind == INPUT_TF_JSON)
        return;
    str text = f->source ? f->source->text : STR_NONE;
    bool meant = text.n && (str_find_char(text, '\0') != SIZE_MAX || claim_worth_parsing(text, f->path));
    if (!meant && diag_count(&f->diags, DIAG_WARNING)) {
        diag_list_release(&f->diags);
        diag_list_init(&f->diags, f->arena);
    }
}

static enum diag_id diag_of_error(enum source_error e)
{
    switch (e) {
    case SOURCE_MISSING:
        return DIAG_NOT_FOUND;
    case SOURCE_TOO_LARGE:
        return DIAG_TOO_LARGE;
    case SOURCE_OUTSIDE_ROOT:
        return DIAG_OUTSIDE_ROOT;
    case SOURCE_CHANGED:
        return DIAG_FILE_CHANGED;
    default:
        return DIAG_UNREADABLE;
    }
}

static struct input_file *file_new(str path, enum input_kind kind)
{
    struct arena *arena = arena_new();
    struct input_file *f = ARENA_NEW(arena, struct input_file);
    f->arena = arena;
    f->path = arena_str(arena, path);
    f->kind = kind;
    diag_list_init(&f->diags, arena);
    return f;
}

static void read_file(struct inputs *in, struct input_file *f, str allowed_root)
{
    enum source_error error;
    f->source = source_open(in->sources, f->path, allowed_root, &error);
    if (f->source && !f->real.n) { /* nobody would find it by name */
        f->source = NULL;
        error = SOURCE_CHANGED;
    }
    if (!f->source) {
        f->incomplete = true;
        diag_add_path(&f->diags, diag_of_error(error), f->path, "cannot read the file: %s", source_error_text(error));
        return;
    }
    parse(in, f);
    drop_noise(f);
}

static void read_one(void *context, size_t i, unsigned worker)
{
    (void)worker;
    struct inputs *in = context;
    struct input_file *f = in->file[i];
    if (!f->source)
        read_file(in, f, f->named ? STR_NONE : in->root);
}

/* Large files first: a tree is made by one thread. Sizes are only looked at where that matters. */
static void read_all(struct inputs *in, unsigned jobs)
{
    size_t bytes = in->n * sizeof(uint64_t);
    uint64_t *size = alloc_get(bytes);
    struct stat st;
    for (size_t i = 0; i < in->n && pool_jobs(jobs) > 1; i++)
        size[i] = in->file[i]->real.n && stat(in->file[i]->real.p, &st) == 0 ? (uint64_t)st.st_size : 0;
    pool_run_by_weight(jobs, in->n, size, read_one, in);
    alloc_put(size, bytes);
}

static int compare_files(const void *a, const void *b)
{
    return str_cmp((*(struct input_file *const *)a)->path, (*(struct input_file *const *)b)->path);
}

static void push_file(struct inputs *in, struct input_file *f)
{
    if (in->n == in->cap)
        in->file = vec_grow(in->file, &in->cap, sizeof(*in->file));
    in->file[in->n++] = f;
}

static bool is_unchanged(const struct inputs *in, str real)
{
    const struct input_changes *c = &((const struct inputs_private *)in)->changes;
    if (!c->files || !real.n || map_has(c->files, real) || map_has(c->directories, path_dir(real)))
        return false;
    for (str at = path_dir(real); c->trees->n && at.n > 1; at = path_dir(at))
        if (map_has(c->trees, at))
            return false;
    return true;
}

/* Adds unless the same real file is there already; a named file is no longer mere context. */
static struct input_file *add_file(struct inputs *in, str path, str real, enum input_kind kind, bool named,
                                   bool context)
{
    struct input_file *old = real.n ? map_find(&in->by_real, real) : NULL;
    bool unclaimed_ok = ((struct inputs_private *)in)->unclaimed_ok;
    context |= is_unchanged(in, real);
    if (old) {
        old->named |= named;
        old->meant |= named && !unclaimed_ok;
        old->context &= context;
        return old;
    }
    struct input_file *f = file_new(path, kind);
    f->real = real;
    f->named = named;
    f->meant = named && !unclaimed_ok;
    f->context = context;
    push_file(in, f);
    if (real.n)
        map_set(&in->by_real, real, f);
    return f;
}

/* The neighbours of a named file: what its evaluation needs. */
static void widen(struct inputs *in, str path, enum input_kind kind)
{
    str dir = path_dir(path);
    str *names;
    bool exists;
    size_t n = inputs_list(dir, in->arena, in->diags, &names, &exists);
    bool terraform = kind == INPUT_HCL || kind == INPUT_TF_JSON || kind == INPUT_TFVARS;
    for (size_t i = 0; i < n; i++) {
        enum input_kind k;
        if (!walk_kind(names[i], &k))
            continue;
        bool same =
            terraform ? k == INPUT_HCL || k == INPUT_TF_JSON || k == INPUT_TFVARS : k == INPUT_YAML || k == INPUT_JSON;
        if (same)
            add_file(in, names[i], source_real(in->sources, in->arena, names[i]), k, false, true);
    }
}

/* The Chart.yaml of the chart below whose templates/ the file lies: it is to be rendered, not read. STR_NONE. */
static str chart_of(struct inputs *in, str path)
{
    struct stat st;
    for (str dir = path_dir(path); dir.n > 1; dir = path_dir(dir)) {
        str chart = path_join(in->arena, path_dir(dir), STR("Chart.yaml"));
        if (str_eq_c(path_base(dir), "templates") && stat(arena_cstr(in->arena, chart), &st) == 0)
            return chart;
    }
    return STR_NONE;
}

static void add_named(struct inputs *in, struct walk *w, str path)
{
    struct stat st;
    str real = source_real(in->sources, in->arena, path);
    if (!real.n || !path_stat(in->arena, real, &st)) {
        if (path_is_absent(errno))
            diag_add_path(in->diags, DIAG_NOT_FOUND, path, "no such file or directory");
        else
            diag_add_path(in->diags, DIAG_UNREADABLE, path, "the path cannot be looked at");
        return;
    }
    if (S_ISDIR(st.st_mode)) {
        if (w->options->no_walk)
            return;
        size_t before = w->n;
        walk_directory(w, path, real);
        for (size_t i = before; i < w->n; i++) {
            const struct walk_found *found = &w->at[i];
            str at = found->real.n ? found->real : source_real(in->sources, in->arena, found->path);
            if (found->real.n)
                source_know_directory(in->sources, path_dir(found->path), path_dir(found->real));
            add_file(in, found->path, at, found->kind, false, false);
        }
        return;
    }
    enum input_kind kind = INPUT_OTHER;
    walk_kind(path, &kind);
    str chart = kind == INPUT_YAML ? chart_of(in, path) : STR_NONE;
    if (chart.n) {
        kind = INPUT_HELM;
        /* which says so */
        add_file(in, chart, source_real(in->sources, in->arena, chart), INPUT_YAML, false, false);
    }
    add_file(in, path, real, kind, true, false);
    widen(in, path, kind);
}

static void add_stdin(struct inputs *in, const struct input_options *o, str text)
{
    str path = o->stdin_path.n ? o->stdin_path : STR("<stdin>");
    enum input_kind kind = INPUT_OTHER;
    walk_kind(path, &kind);
    struct input_file *f = file_new(path, kind);
    f->named = f->meant = true;
    /* It stands where its name says, so that neighbours and roots are found as for a file. */
    f->real = path_normalise(in->arena, path_join(in->arena, path_cwd(in->arena), path));
    f->source = source_add(in->sources, f->path, text);
    push_file(in, f);
    map_add(&in->by_real, f->real, f);
    parse(in, f);
}

/* The deepest directory above both. */
static str common_directory(str a, str b)
{
    size_t last = 0, n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n && a.p[i] == b.p[i]; i++)
        if (a.p[i] == '/')
            last = i;
    bool whole = a.n == b.n && memcmp(a.p, b.p, n) == 0;
    if (whole || (a.n < b.n && path_is_below(b, a)))
        return a;
    if (path_is_below(a, b))
        return b;
    return last ? str_slice(a, 0, last) : STR("/");
}

/* What includes may not leave: the repository around the paths, else the directory that holds them all. */
static void find_root(struct inputs *in, const str *paths, size_t n)
{
    str root = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(paths[i], "-"))
            continue;
        str real = source_real(in->sources, in->arena, paths[i]);
        struct stat st;
        if (real.n && path_stat(in->arena, real, &st) && !S_ISDIR(st.st_mode)) {
            real = path_dir(real);
            /* Of a link to a file both sides: its neighbours are those of its name. */
            str beside = source_real(in->sources, in->arena, path_dir(paths[i]));
            if (beside.n)
                real = common_directory(real, beside);
        }
        if (real.n)
            root = root.n ? common_directory(root, real) : real;
        else if (!path_is_absent(errno))
            diag_add_path(in->diags, DIAG_UNREADABLE, paths[i], "the path cannot be resolved");
    }
    if (!root.n)
        root = path_cwd(in->arena);
    str repository = walk_repository(in->arena, root, in->diags);
    in->root_is_repository = repository.n > 0;
    in->root = repository.n ? repository : root;
    source_know_directory(in->sources, in->root, in->root);
}

static struct inputs_private *inputs_new(struct sources *sources, struct diag_list *diags)
{
    struct arena *arena = arena_new();
    struct inputs_private *private = ARENA_NEW(arena, struct inputs_private);
    pthread_mutex_init(&private->lock, NULL);
    pthread_mutex_init(&private->text_lock, NULL);
    private->public = (struct inputs){.arena = arena, .sources = sources, .diags = diags};
    map_init(&private->public.by_real);
    map_init(&private->by_text);
    return private;
}

struct inputs *inputs_discover(const str *paths, size_t n, const struct input_options *options, struct sources *sources,
                               struct diag_list *diags, str stdin_text)
{
    struct inputs_private *private = inputs_new(sources, diags);
    struct inputs *in = &private->public;
    struct arena *arena = in->arena;
    private->discovering = true;
    private->unclaimed_ok = options->unclaimed_ok;
    if (options->changes)
    private->changes = *options->changes;
    find_root(in, paths, n);

    struct walk w;
    walk_init(&w, arena, diags, options, in->root, in->root_is_repository && !options->no_gitignore);
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(paths[i], "-"))
            add_stdin(in, options, stdin_text);
        else
            add_named(in, &w, path_normalise(arena, paths[i]));
    }
    walk_release(&w);
    if (in->n)
        qsort(in->file, in->n, sizeof(*in->file), compare_files);
    private->n_found = in->n;
    private->found_as_context = ARENA_ARRAY(arena, bool, in->n + 1);
    for (size_t i = 0; i < in->n; i++)
    private->found_as_context[i] = in->file[i]->context;
    read_all(in, options->jobs);
    private->discovering = false;
    map_release(&private->by_text);
    return in;
}

/* What reading the same file gave elsewhere, but for its tree, which stays there. */
static void adopt(struct input_file *f, const struct input_file *from, const struct sources *sources)
{
    f->kind = from->kind;
    f->claim = from->claim;
    f->source = from->source ? source_at(sources, from->source->id) : NULL;
    f->documents = from->documents;
    f->document_claim = from->document_claim;
    f->incomplete = from->incomplete;
    diag_append(&f->diags, &from->diags);
}

/* Reads the file, unless these are a fork of inputs that know it. */
static void read_or_adopt(struct inputs *in, struct input_file *f, str allowed_root)
{
    const struct inputs_private *private = (const struct inputs_private *)in;
    const struct input_file *known =
        private->from && !map_has(private->changed, f->real) ? map_find(&private->from->by_real, f->real) : NULL;
    if (known && known->source)
        adopt(f, known, in->sources);
    else
        read_file(in, f, allowed_root);
}

struct inputs *inputs_fork(const struct inputs *from, const struct map *changed, struct sources *sources,
                           struct diag_list *diags)
{
    const struct inputs_private *other = (const struct inputs_private *)from;
    struct inputs_private *private = inputs_new(sources, diags);
    struct inputs *in = &private->public;
    private->unclaimed_ok = other->unclaimed_ok;
    private->changes = other->changes;
    private->from = from;
    private->changed = changed;
    in->root = from->root;
    in->root_is_repository = from->root_is_repository;
    for (size_t i = 0; i < other->n_found; i++) {
        const struct input_file *known = from->file[i];
        struct input_file *f = file_new(known->path, known->kind);
        f->real = known->real;
        f->named = known->named;
        f->meant = known->meant;
        f->context = other->found_as_context[i];
        push_file(in, f);
        if (f->real.n)
            map_set(&in->by_real, f->real, f);
        if (map_has(changed, f->real))
            read_file(in, f, STR_NONE);
        else
            adopt(f, known, sources);
    }
    return in;
}

static void free_tree(struct input_file *f)
{
    arena_free(f->tree);
    f->tree = NULL;
    f->documents.at = NULL;
}

void inputs_free_trees(struct inputs *in)
{
    for (size_t i = 0; i < in->n; i++)
        free_tree(in->file[i]);
}

void inputs_done(struct inputs *in, struct input_file *f)
{
    struct inputs_private *private = (struct inputs_private *)in;
    pthread_mutex_lock(&private->lock);
    if (!f->held && f->tree)
        free_tree(f);
    pthread_mutex_unlock(&private->lock);
}

/* With the lock. What there is to say of the file was said when it was read first. */
static void hold(struct inputs_private *in, struct input_file *f)
{
    f->held = true;
    if (f->documents.at || !f->documents.n)
        return;
    struct diag_list unheard;
    diag_list_init(&unheard, f->arena);
    read_documents(in, f, &unheard);
    diag_list_release(&unheard);
}

void inputs_hold(struct inputs *in, struct input_file *f)
{
    struct inputs_private *private = (struct inputs_private *)in;
    pthread_mutex_lock(&private->lock);
    hold(private, f);
    pthread_mutex_unlock(&private->lock);
}

void inputs_free(struct inputs *in)
{
    if (!in)
        return;
    for (size_t i = 0; i < in->n; i++) {
        diag_list_release(&in->file[i]->diags);
        arena_free(in->file[i]->tree);
        arena_free(in->file[i]->arena);
    }
    alloc_put(in->file, in->cap * sizeof(*in->file));
    map_release(&in->by_real);
    map_release(&((struct inputs_private *)in)->by_text);
    pthread_mutex_destroy(&((struct inputs_private *)in)->lock);
    pthread_mutex_destroy(&((struct inputs_private *)in)->text_lock);
    arena_free(in->arena);
}

/* Where it was asked for, when there is such a place. */
static void refuse(struct diag_list *diags, enum diag_id id, str path, span from, const char *what)
{
    if (from.file)
        diag_add(diags, id, from, "%s: " STR_FMT, what, STR_ARG(path));
    else
        diag_add_path(diags, id, path, "%s", what);
}

struct input_file *inputs_open(struct inputs *in, str path, str allowed_root, span from, struct diag_list *diags)
{
    struct inputs_private *private = (struct inputs_private *)in;
    pthread_mutex_lock(&private->lock);
    struct input_file *f = NULL;
    str real = source_real(in->sources, in->arena, path);
    if (!real.n && !path_is_absent(errno)) {
        refuse(diags, DIAG_UNREADABLE, path, from, "the path cannot be resolved");
    } else if (!real.n) {
        refuse(diags, DIAG_NOT_FOUND, path, from, "no such file");
    } else if (allowed_root.n && !path_is_below(real, allowed_root)) {
        refuse(diags, DIAG_OUTSIDE_ROOT, path, from, "the path leaves the scanned root");
    } else {
        enum input_kind kind = INPUT_OTHER;
        walk_kind(path, &kind);
        f = add_file(in, path_normalise(in->arena, path), real, kind, false, false);
        if (!f->source && !f->incomplete)
            read_or_adopt(in, f, allowed_root);
        hold(private, f);
    }
    pthread_mutex_unlock(&private->lock);
    return f && f->source ? f : NULL;
}
