#define _DEFAULT_SOURCE /* d_type */

#include "frontend/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/glob.h"
#include "base/path.h"
#include "base/vec.h"
#include "frontend/gitignore.h"

/* Directories that hold copies, caches or other people's code; never the author's infrastructure. */
static const char *const skipped_directories[] = {
    ".git",        ".hg",  ".svn",        "node_modules",  ".terraform", ".terragrunt-cache", ".venv",    "venv",
    "__pycache__", ".tox", ".mypy_cache", ".pytest_cache", ".idea",      ".vscode",           ".aws-sam", ".serverless",
};

static bool is_skipped_directory(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(skipped_directories); i++)
        if (str_eq_c(name, skipped_directories[i]))
            return true;
    return false;
}

static str why(int number)
{
    return number == EACCES || number == EPERM ? STR("permission denied")
           : number == ELOOP                   ? STR("symbolic links form a loop")
                                               : STR("input/output error");
}

bool walk_kind(str path, enum input_kind *ret)
{
    static const struct {
        const char *suffix;
        enum input_kind kind;
    } kinds[] = {
        {".tf", INPUT_HCL},          {".tofu", INPUT_HCL},
        {".tf.json", INPUT_TF_JSON}, {".tofu.json", INPUT_TF_JSON},
        {".tfvars", INPUT_TFVARS},   {".tfvars.json", INPUT_TFVARS},
        {".json", INPUT_JSON},       {".yaml", INPUT_YAML},
        {".yml", INPUT_YAML},        {".template", INPUT_YAML},
    };
    str name = path_base(path);
    if (str_eq_c(name, "Kustomization")) {
        *ret = INPUT_YAML;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_ends(name, str_of(kinds[i].suffix)) && name.n > strlen(kinds[i].suffix)) {
            *ret = kinds[i].kind;
            return true;
        }
    }
    return false;
}

str walk_repository(struct arena *a, str absolute, struct diag_list *diags)
{
    for (str dir = absolute;; dir = path_dir(dir)) {
        struct stat st;
        str git = path_join(a, dir, STR(".git"));
        if (stat(arena_cstr(a, git), &st) == 0)
            return dir;
        if (!path_is_absent(errno))
            diag_add_path(diags, DIAG_UNREADABLE, git, "cannot be looked at: " STR_FMT, STR_ARG(why(errno)));
        if (dir.n <= 1)
            return STR_NONE;
    }
}

void walk_init(struct walk *w, struct arena *a, struct diag_list *diags, const struct input_options *o, str root,
               bool use_gitignore)
{
    *w = (struct walk){.arena = a, .diags = diags, .options = o, .root = root, .use_gitignore = use_gitignore};
    map_init(&w->entered);
}

void walk_release(struct walk *w)
{
    VEC_RELEASE(w);
    map_release(&w->entered);
}

static bool is_excluded(const struct walk *w, str path)
{
    for (size_t i = 0; i < w->options->n_exclude; i++) {
        str pattern = w->options->exclude[i];
        if (glob_match(pattern, path) || glob_match(pattern, path_base(path)))
            return true;
    }
    return false;
}

struct entry {
    str name;
    unsigned char type; /* DT_DIR, DT_LNK, ... as the directory has it */
};

struct directory {
    str path; /* as shown; empty: the working directory */
    str real;
    const struct gitignore *ignore;
    unsigned depth;
    bool in_chart;
};

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Sorted by name; what was read of a directory that breaks off is kept, and *ret_error says why it broke off.
 * Closes it. */
static struct entry *read_entries(struct arena *a, DIR *dir, size_t *ret_n, int *ret_error)
{
    VEC(struct entry) entries = {0};
    for (struct dirent *e; errno = 0, (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            VEC_PUSH(&entries, ((struct entry){arena_str(a, str_of(e->d_name)), e->d_type}));
    }
    *ret_error = errno;
    closedir(dir);
    struct entry *all = VEC_MOVE(&entries, a, ret_n);
    if (*ret_n)
        qsort(all, *ret_n, sizeof(*all), compare_entries);
    return all;
}

static void unreadable(struct diag_list *diags, str path, int number)
{
    diag_add_path(diags, DIAG_UNREADABLE, path, "cannot read the directory: " STR_FMT, STR_ARG(why(number)));
}

static void vanished(struct walk *w, str path)
{
    diag_add_path(w->diags, DIAG_FILE_CHANGED, path, "vanished while the directory was read");
}

/* Opens the directory by its real path, so that it is the one that was found below the root. */
static struct entry *list(struct walk *w, const struct directory *d, size_t *ret_n)
{
    int fd = path_open_real(arena_cstr(w->arena, d->real), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC), error = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct entry *entries = NULL;
    str path = d->path.n ? d->path : STR(".");
    *ret_n = 0;
    if (dir)
        entries = read_entries(w->arena, dir, ret_n, &error);
    else
        error = errno;
    if (!dir && fd >= 0)
        close(fd);
    if (!dir && (error == ENOENT || error == ENOTDIR || error == ELOOP))
        vanished(w, path);
    else if (error)
        unreadable(w->diags, path, error);
    return entries;
}

/* A link is followed when it stays inside the root. */
static bool may_follow(struct walk *w, str path, str real)
{
    if (!real.n)
        unreadable(w->diags, path, errno);
    else if (!path_is_below(real, w->root))
        diag_add_as(w->diags, DIAG_OUTSIDE_ROOT, DIAG_WARNING, SPAN_NONE, "the link " STR_FMT " leaves " STR_FMT,
                    STR_ARG(path), STR_ARG(w->root));
    else if (map_has(&w->entered, real))
        diag_add_path(w->diags, DIAG_LOOP, path, "the link leads to a directory that was already read");
    else
        return true;
    return false;
}

static bool is_chart_template(str path, bool in_chart)
{
    return in_chart && (str_contains(path, STR("/templates/")) || str_starts(path, STR("templates/")));
}

static void broken_link(struct walk *w, str path, int number)
{
    enum input_kind kind;
    bool ours = walk_kind(path, &kind);
    if (number == ELOOP)
        diag_add_path(w->diags, ours ? DIAG_UNREADABLE : DIAG_LOOP, path, "a link that leads to itself");
    else if (!path_is_absent(number))
        diag_add_path(w->diags, DIAG_UNREADABLE, path, "a link that cannot be followed: " STR_FMT,
                      STR_ARG(why(number)));
    else if (ours)
        diag_add_path(w->diags, DIAG_NOT_FOUND, path, "a link that leads nowhere");
}

/* What the entry is, where the directory does not say; false when that cannot be known. */
static bool look_at(struct walk *w, str path, unsigned char *type)
{
    struct stat st;
    enum input_kind kind;
    if (*type != DT_UNKNOWN)
        return true;
    if (lstat(arena_cstr(w->arena, path), &st) == 0) {
        *type = S_ISLNK(st.st_mode) ? DT_LNK : S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
        return true;
    }
    if (errno != ENOENT)
        diag_add_path(w->diags, DIAG_UNREADABLE, path, "cannot be looked at: " STR_FMT, STR_ARG(why(errno)));
    else if (walk_kind(path, &kind) || !path_extension(path).n) /* a file of ours, or a directory */
        vanished(w, path);
    return false;
}

static void enter(struct walk *w, const struct directory *d);

static void add_found(struct walk *w, str path, str real, enum input_kind kind)
{
    if (w->n >= LIMIT_FILES) {
        if (w->n == LIMIT_FILES)
            diag_add_path(w->diags, DIAG_LIMIT, path, "more than %u files", (unsigned)LIMIT_FILES);
        return;
    }
    VEC_PUSH(w, ((struct walk_found){.path = path, .real = real, .kind = kind}));
}

static void visit(struct walk *w, const struct directory *d, const struct entry *e)
{
    struct stat st;
    enum input_kind kind;
    bool ours = walk_kind(e->name, &kind), is_link;
    unsigned char type = e->type;
    if (type == DT_REG && !ours && !d->in_chart)
        return;
    str path = path_join(w->arena, d->path, e->name);
    if (!look_at(w, path, &type))
        return;
    is_link = type == DT_LNK;
    if (is_link && stat(arena_cstr(w->arena, path), &st) != 0) {
        broken_link(w, path, errno);
        return;
    }
    bool is_directory = is_link ? S_ISDIR(st.st_mode) : type == DT_DIR;
    if (is_excluded(w, path) || (w->use_gitignore && gitignore_matches(d->ignore, path, is_directory)))
        return;
    if (!is_directory) {
        if (is_chart_template(path, d->in_chart))
            kind = INPUT_HELM;
        else if (!ours)
            return;
        add_found(w, path, is_link ? STR_NONE : path_join(w->arena, d->real, e->name), kind);
        return;
    }
    if (is_skipped_directory(e->name))
        return;
    struct directory below = {path, STR_NONE, d->ignore, d->depth + 1, d->in_chart};
    below.real = is_link ? path_real(w->arena, path) : path_join(w->arena, d->real, e->name);
    if (!is_link || may_follow(w, path, below.real))
        enter(w, &below);
}

static bool has_name(const struct entry *entries, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(entries[i].name, name))
            return true;
    return false;
}

/* Once for each directory, whichever way leads to it first. */
static void enter(struct walk *w, const struct directory *d)
{
    if (d->depth > LIMIT_DIR_DEPTH || d->path.n > LIMIT_PATH_BYTES) {
        diag_add_path(w->diags, DIAG_LIMIT, d->path, "directories are nested deeper than %u levels",
                      (unsigned)LIMIT_DIR_DEPTH);
        return;
    }
    if (map_has(&w->entered, d->real))
        return;
    map_set(&w->entered, d->real, &w->entered);
    size_t n;
    struct entry *entries = list(w, d, &n);
    struct directory here = *d;
    if (w->use_gitignore && has_name(entries, n, ".gitignore"))
        here.ignore = gitignore_read(w->arena, d->path, d->ignore, w->diags);
    here.in_chart |= has_name(entries, n, "Chart.yaml");
    for (size_t i = 0; i < n; i++)
        visit(w, &here, &entries[i]);
}

/* The .gitignore files between the repository's root and the directory that was named. */
static const struct gitignore *ignores_above(struct walk *w, str path, str real)
{
    if (!path_is_below(real, w->root) || path_is_absolute(path) || str_starts(path, STR("..")))
        return NULL;
    const struct gitignore *ignore = NULL;
    str cwd = path_cwd(w->arena);
    if (!path_is_below(cwd, w->root))
        return NULL;
    if (str_eq_c(path, "."))
        return NULL;
    ignore = gitignore_read(w->arena, STR("."), NULL, w->diags);
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/')
            ignore = gitignore_read(w->arena, str_slice(path, 0, i), ignore, w->diags);
    return ignore;
}

void walk_directory(struct walk *w, str path, str real)
{
    struct directory d = {str_eq_c(path, ".") ? STR_NONE : path, real, NULL, 0, false};
    if (w->use_gitignore)
        d.ignore = ignores_above(w, path, real);
    enter(w, &d);
}

size_t inputs_list(str dir, struct arena *a, struct diag_list *diags, str **ret_paths, bool *ret_exists)
{
    DIR *open = opendir(dir.n ? arena_cstr(a, dir) : ".");
    struct entry *entries = NULL;
    size_t n = 0;
    int error = 0;
    *ret_exists = open != NULL;
    if (open)
        entries = read_entries(a, open, &n, &error);
    else if (!path_is_absent(errno))
        error = errno;
    if (error)
        unreadable(diags, dir, error);
    str *paths = ARENA_ARRAY(a, str, n);
    for (size_t i = 0; i < n; i++)
        paths[i] = path_join(a, dir, entries[i].name);
    *ret_paths = paths;
    return n;
}
