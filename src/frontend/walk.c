#include "frontend/walk.h"

#include <dirent.h>
#include <errno.h>
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

static int compare_names(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

/* False with errno when the directory cannot be opened. What was read of one that breaks off is kept,
 * and *ret_error says why it broke off. */
static bool read_names(struct arena *a, str path, str **ret_names, size_t *ret_n, int *ret_error)
{
    DIR *dir = opendir(path.n ? arena_cstr(a, path) : ".");
    if (!dir)
        return false;
    VEC(str) names = {0};
    for (struct dirent *e; errno = 0, (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            VEC_PUSH(&names, arena_str(a, str_of(e->d_name)));
    }
    *ret_error = errno;
    closedir(dir);
    *ret_names = VEC_MOVE(&names, a, ret_n);
    if (*ret_n)
        qsort(*ret_names, *ret_n, sizeof(str), compare_names);
    return true;
}

static void unreadable(struct diag_list *diags, str path, int number)
{
    diag_add_path(diags, DIAG_UNREADABLE, path, "cannot read the directory: " STR_FMT, STR_ARG(why(number)));
}

static bool list_names(struct walk *w, str path, str **ret_names, size_t *ret_n)
{
    int error = 0;
    bool is_open = read_names(w->arena, path, ret_names, ret_n, &error);
    if (!is_open || error)
        unreadable(w->diags, path.n ? path : STR("."), is_open ? error : errno);
    return is_open;
}

static void enter(struct walk *w, str path, const struct gitignore *ignore, unsigned depth, bool in_chart);

/* A link is followed when it stays inside the root; a directory is entered once. */
static bool may_enter(struct walk *w, str path, bool is_link)
{
    str real = path_real(w->arena, path.n ? path : STR("."));
    if (!real.n) {
        unreadable(w->diags, path, errno);
        return false;
    }
    if (is_link && !path_is_below(real, w->root)) {
        diag_add_as(w->diags, DIAG_OUTSIDE_ROOT, DIAG_WARNING, SPAN_NONE, "the link " STR_FMT " leaves " STR_FMT,
                    STR_ARG(path), STR_ARG(w->root));
        return false;
    }
    if (map_has(&w->entered, real)) {
        if (is_link)
            diag_add_path(w->diags, DIAG_LOOP, path, "the link leads to a directory that was already read");
        return false;
    }
    map_set(&w->entered, real, &w->entered);
    return true;
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

static void visit(struct walk *w, str path, const struct gitignore *ignore, unsigned depth, bool in_chart)
{
    struct stat st;
    enum input_kind kind;
    if (lstat(arena_cstr(w->arena, path), &st) != 0) {
        if (errno != ENOENT)
            diag_add_path(w->diags, DIAG_UNREADABLE, path, "cannot be looked at: " STR_FMT, STR_ARG(why(errno)));
        else if (walk_kind(path, &kind) || !path_extension(path).n) /* a file of ours, or a directory */
            diag_add_path(w->diags, DIAG_FILE_CHANGED, path, "vanished while the directory was read");
        return;
    }
    bool is_link = S_ISLNK(st.st_mode);
    if (is_link && stat(arena_cstr(w->arena, path), &st) != 0) {
        broken_link(w, path, errno);
        return;
    }
    bool is_directory = S_ISDIR(st.st_mode);
    if (is_excluded(w, path) || (w->use_gitignore && gitignore_matches(ignore, path, is_directory)))
        return;
    if (is_directory) {
        if (!is_skipped_directory(path_base(path)) && may_enter(w, path, is_link))
            enter(w, path, ignore, depth + 1, in_chart);
        return;
    }
    if (is_chart_template(path, in_chart))
        kind = INPUT_HELM;
    else if (!walk_kind(path, &kind))
        return;
    if (w->n >= LIMIT_FILES) {
        if (w->n == LIMIT_FILES)
            diag_add_path(w->diags, DIAG_LIMIT, path, "more than %u files", (unsigned)LIMIT_FILES);
        return;
    }
    VEC_PUSH(w, ((struct walk_found){.path = path, .kind = kind}));
}

static bool has_chart(const str *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(names[i], "Chart.yaml"))
            return true;
    return false;
}

static void enter(struct walk *w, str path, const struct gitignore *ignore, unsigned depth, bool in_chart)
{
    if (depth > LIMIT_DIR_DEPTH || path.n > LIMIT_PATH_BYTES) {
        diag_add_path(w->diags, DIAG_LIMIT, path, "directories are nested deeper than %u levels",
                      (unsigned)LIMIT_DIR_DEPTH);
        return;
    }
    str *names;
    size_t n;
    if (!list_names(w, path, &names, &n))
        return;
    if (w->use_gitignore)
        ignore = gitignore_read(w->arena, path, ignore, w->diags);
    in_chart |= has_chart(names, n);
    for (size_t i = 0; i < n; i++)
        visit(w, path_join(w->arena, path, names[i]), ignore, depth, in_chart);
}

/* The .gitignore files between the repository's root and the directory that was named. */
static const struct gitignore *ignores_above(struct walk *w, str path)
{
    str real = path_real(w->arena, path);
    if (!real.n || !path_is_below(real, w->root) || path_is_absolute(path) || str_starts(path, STR("..")))
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

void walk_directory(struct walk *w, str path)
{
    if (!may_enter(w, path, false))
        return;
    const struct gitignore *ignore = w->use_gitignore ? ignores_above(w, path) : NULL;
    enter(w, str_eq_c(path, ".") ? STR_NONE : path, ignore, 0, false);
}

size_t inputs_list(str dir, struct arena *a, struct diag_list *diags, str **ret_paths, bool *ret_exists)
{
    str *names = NULL;
    size_t n = 0;
    int error = 0;
    *ret_exists = read_names(a, dir, &names, &n, &error);
    if (!*ret_exists && !path_is_absent(errno))
        error = errno;
    if (error)
        unreadable(diags, dir, error);
    for (size_t i = 0; i < n; i++)
        names[i] = path_join(a, dir, names[i]);
    *ret_paths = names;
    return n;
}
