/* Which configuration file counts, and reading it. */
#include "cli/config_internal.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "syntax/yaml.h"

static const char file_name[] = ".hipaalint.yaml";

/* A file that is there and cannot be looked at is there: reading it then says why. */
static bool exists(struct arena *a, str path)
{
    struct stat st;
    return lstat(arena_cstr(a, path), &st) == 0 || !path_is_absent(errno);
}

static bool is_directory(struct arena *a, str path)
{
    struct stat st;
    return path_stat(a, path, &st) && S_ISDIR(st.st_mode);
}

/* The root of the repository that `dir` lies in; STR_NONE. */
static str repository_of(str dir, struct arena *a)
{
    for (str at = dir;; at = path_dir(at)) {
        if (exists(a, path_join(a, at, STR(".git"))))
            return at;
        if (at.n <= 1)
            return STR_NONE;
    }
}

/* The nearest file at or above the directory of the input; STR_NONE. */
static str find_for(str input, str cwd, struct sources *sources, struct arena *a)
{
    str absolute = source_real(sources, a, input);
    if (!absolute.n)
        return STR_NONE;
    str dir = is_directory(a, absolute) ? absolute : path_dir(absolute);
    str top = repository_of(dir, a);
    if (!top.n)
        top = path_is_below(dir, cwd) ? cwd : dir;
    for (str at = dir;; at = path_dir(at)) {
        str file = path_join(a, at, str_of(file_name));
        if (exists(a, file))
            return file;
        if (str_eq(at, top) || at.n <= 1)
            return STR_NONE;
    }
}

static bool find(struct config *c, const struct options *o, const str *paths, size_t n, struct arena *a,
                 struct sources *sources, struct diag_list *diags)
{
    str cwd = path_cwd(a), found = STR_NONE;
    if (o->no_config)
        return true;
    if (o->config.n) {
        c->path = o->config;
        c->dir = path_dir(path_normalise(a, path_join(a, cwd, o->config)));
        return true;
    }
    for (size_t i = 0; i < n || (i == 0 && !n); i++) {
        str input = n ? paths[i] : STR(".");
        str file = find_for(str_eq_c(input, "-") ? STR(".") : input, cwd, sources, a);
        if (found.n && file.n && !str_eq(file, found)) {
            diag_add_path(diags, DIAG_CONFIG, file,
                          "the paths have different configurations (" STR_FMT "); use --config FILE", STR_ARG(found));
            return false;
        }
        found = file.n ? file : found;
    }
    if (found.n) {
        c->dir = path_dir(found);
        c->path = path_is_below(found, cwd) ? path_relative(a, found, cwd) : found;
    }
    return true;
}

static bool read_file(struct config *c, struct arena *a, struct sources *sources, struct diag_list *diags)
{
    enum source_error error;
    c->source = source_open(sources, c->path, STR_NONE, &error);
    if (!c->source) {
        diag_add_path(diags, DIAG_CONFIG, c->path, "cannot read the configuration: %s", source_error_text(error));
        return false;
    }
    struct documents documents = {0};
    size_t before = diags->n;
    if (document_check_text(c->source, diags))
        yaml_read(c->source, a, diags, &documents);
    bool ok = true;
    for (size_t i = before; i < diags->n; i++) {
        ok &= diags->at[i].severity != DIAG_ERROR;
        diags->at[i].id = DIAG_CONFIG;
    }
    if (!ok || !documents.n || documents.at[0].root->kind == NODE_NULL)
        return ok;
    c->root = documents.at[0].root;
    if (documents.n > 1 || c->root->kind != NODE_MAP) {
        diag_add(diags, DIAG_CONFIG, c->root->at, "expected one mapping");
        return false;
    }
    return true;
}

bool config_load(struct config *c, struct options *o, const str *paths, size_t n, struct arena *a,
                 struct sources *sources, struct diag_list *diags)
{
    *c = (struct config){.inline_mode = INLINE_ALLOW};
    if (!find(c, o, paths, n, a, sources, diags))
        return false;
    if (!c->path.n)
        return true;
    return read_file(c, a, sources, diags) && (!c->root || config_read(c, o, a, diags));
}
