#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/glob.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/base64.h"
#include "frontend/terraform/file.h"
#include "frontend/terraform/tree.h"
#include "syntax/hcl.h"

enum { MAX_TEMPLATE_DEPTH = 16 };

static str full_path(struct call *c, str path)
{
    struct tree *t = c->e->tree;
    return path_join(c->arena, t->root_dir, path);
}

static bool outside(struct call *c, str full, const struct value **ret_instead)
{
    struct tree *t = c->e->tree;
    str real = source_real(t->inputs->sources, c->arena, full);
    if (!real.n && path_is_absolute(full))
        real = path_normalise(c->arena, full);
    if (!real.n)
        real = path_normalise(c->arena, path_join(c->arena, path_cwd(c->arena), full));
    if (!t->allowed.n || path_is_below(real, t->allowed))
        return false;
    *ret_instead = eval_fail_as(c->e, DIAG_OUTSIDE_ROOT, c->node->at, "the path " STR_FMT " leaves the scanned root",
                                STR_ARG(full));
    return true;
}

static const struct value *no_files(struct call *c)
{
    return value_unknown(c->arena, STR("no files can be read here"), c->origin);
}

/* A file that is not there is often made later, by a build; one that is there and cannot be read is a gap. */
static const struct value *cannot_read(struct call *c, str path, enum source_error error)
{
    enum diag_id id = error == SOURCE_MISSING        ? DIAG_EXPRESSION
                      : error == SOURCE_TOO_LARGE    ? DIAG_TOO_LARGE
                      : error == SOURCE_OUTSIDE_ROOT ? DIAG_OUTSIDE_ROOT
                      : error == SOURCE_CHANGED      ? DIAG_FILE_CHANGED
                                                     : DIAG_UNREADABLE;
    return eval_fail_as(c->e, id, c->node->at, "%s(): " STR_FMT ": %s", c->function->name, STR_ARG(path),
                        source_error_text(error));
}

const struct source *file_read(struct call *c, str path, const struct value **ret_instead)
{
    struct tree *t = c->e->tree;
    enum source_error error;
    *ret_instead = NULL;
    if (!t || !t->inputs) {
        *ret_instead = no_files(c);
        return NULL;
    }
    str full = full_path(c, path);
    if (outside(c, full, ret_instead))
        return NULL;
    const struct source *s = source_open(t->inputs->sources, full, t->allowed, &error);
    if (!s)
        *ret_instead = cannot_read(c, path, error);
    return s;
}

static const struct value *fn_file(struct call *c)
{
    const struct value *instead;
    const struct source *s = file_read(c, function_str(c, 0), &instead);
    size_t bad;
    if (!s)
        return instead;
    if (!str_is_utf8(s->text, &bad))
        return function_fail(c, "the file is not valid UTF-8");
    span whole = {s->id, 0, (uint32_t)s->text.n};
    return value_string(c->arena, s->text,
                        origin_new(c->arena, c->node->at, STR_NONE, origin_new(c->arena, whole, s->path, NULL)));
}

static const struct value *fn_filebase64(struct call *c)
{
    const struct value *instead;
    const struct source *s = file_read(c, function_str(c, 0), &instead);
    return s ? function_string(c, base64_encode(c->arena, s->text)) : instead;
}

static const struct value *fn_fileexists(struct call *c)
{
    const struct value *instead;
    struct stat st;
    if (!c->e->tree || !c->e->tree->inputs)
        return no_files(c);
    str full = full_path(c, function_str(c, 0));
    if (outside(c, full, &instead))
        return instead;
    bool there = path_stat(c->arena, full, &st);
    if (!there && !path_is_absent(errno))
        return cannot_read(c, function_str(c, 0), SOURCE_IO);
    if (there && !S_ISREG(st.st_mode))
        return function_fail(c, STR_FMT " is not a regular file", STR_ARG(function_str(c, 0)));
    return value_bool(c->arena, there, c->origin);
}

/* fileset. */

struct listing {
    struct call *c;
    struct {
        const struct value **at;
        size_t n, cap;
    } found;
    str pattern;
    size_t seen;
    bool too_many, broken;
};

static void list_directory(struct listing *l, str dir, str below, unsigned depth)
{
    struct arena *a = l->c->arena;
    DIR *d = depth > LIMIT_DIR_DEPTH ? NULL : opendir(arena_cstr(a, dir));
    struct dirent *entry;
    struct stat st;
    l->too_many |= depth > LIMIT_DIR_DEPTH;
    l->broken |= !d && depth <= LIMIT_DIR_DEPTH && !path_is_absent(errno);
    while (d && !l->too_many && (errno = 0, entry = readdir(d)) != NULL) {
        str name = str_of(entry->d_name);
        if (str_eq_c(name, ".") || str_eq_c(name, ".."))
            continue;
        l->too_many |= ++l->seen > LIMIT_COLLECTION;
        str path = path_join(a, dir, arena_str(a, name));
        str relative = below.n ? path_join(a, below, arena_str(a, name)) : arena_str(a, name);
        if (lstat(arena_cstr(a, path), &st) != 0) {
            l->broken |= !path_is_absent(errno);
            continue;
        }
        if (S_ISDIR(st.st_mode))
            list_directory(l, path, relative, depth + 1);
        else if (S_ISREG(st.st_mode) && glob_match(l->pattern, relative))
            VEC_PUSH(&l->found, value_string(a, relative, l->c->origin));
    }
    l->broken |= d && !l->too_many && errno != 0;
    if (d)
        closedir(d);
}

static const struct value *fn_fileset(struct call *c)
{
    const struct value *instead;
    if (!c->e->tree || !c->e->tree->inputs)
        return no_files(c);
    str full = full_path(c, function_str(c, 0));
    if (outside(c, full, &instead))
        return instead;
    struct listing l = {.c = c, .pattern = path_normalise(c->arena, function_str(c, 1))};
    list_directory(&l, full, STR_NONE, 0);
    size_t n;
    const struct value **items = VEC_MOVE(&l.found, c->arena, &n);
    if (l.broken)
        return cannot_read(c, function_str(c, 0), SOURCE_IO);
    if (l.too_many)
        return eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "fileset(): more than %u files, or directories too deep",
                            (unsigned)LIMIT_COLLECTION);
    return tf_set(c->arena, items, n, c->origin);
}

/* Templates. */

static const struct value *render(struct call *c, const struct node *n, const struct value *variables)
{
    struct evaluator *e = c->e;
    const struct binding *bound = NULL;
    if (!n)
        return function_fail(c, "the template cannot be read");
    for (size_t i = 0; i < variables->u.map.n; i++) {
        struct binding *b = ARENA_NEW(c->arena, struct binding);
        *b = (struct binding){variables->u.map.entry[i].key, variables->u.map.entry[i].value, bound};
        bound = b;
    }
    struct scope s = {.module = c->scope->module, .bound = bound, .template_only = true};
    e->template_depth++;
    const struct value *v = eval_node(e, n, &s);
    e->template_depth--;
    return v;
}

static bool can_render(struct call *c, const struct value *variables, const struct value **ret_instead)
{
    if (c->e->template_depth >= MAX_TEMPLATE_DEPTH)
        *ret_instead = eval_fail_as(c->e, DIAG_LIMIT, c->node->at, "templates are nested too deeply");
    else if (!value_is(variables, VALUE_MAP))
        *ret_instead = variables && !tf_settled(variables) ? function_unknown(c)
                                                           : function_fail(c, "the variables must be an object");
    else
        return true;
    return false;
}

static const struct value *fn_templatefile(struct call *c)
{
    const struct value *instead;
    struct evaluator *e = c->e;
    if (!value_is(c->arg[0], VALUE_STRING))
        return function_unknown(c);
    const struct source *s = file_read(c, function_str(c, 0), &instead);
    if (!s || !can_render(c, c->arg[1], &instead))
        return instead;
    const struct node *n = map_find(&e->tree->template, s->path);
    if (!n) {
        n = hcl_read_template(s->text, s->id, 0, true, c->node->at, c->arena, e->diags);
        map_set(&e->tree->template, s->path, (void *)(uintptr_t)n);
    }
    return render(c, n, c->arg[1]);
}

static const struct value *fn_templatestring(struct call *c)
{
    const struct value *instead;
    if (!value_is(c->arg[0], VALUE_STRING))
        return function_unknown(c);
    if (!can_render(c, c->arg[1], &instead))
        return instead;
    return render(c, hcl_read_template(function_str(c, 0), 0, 0, false, c->node->at, c->arena, c->e->diags), c->arg[1]);
}

/* Paths as text. */

static const struct value *fn_basename(struct call *c)
{
    str s = function_str(c, 0);
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    if (s.n == 0)
        return function_string(c, STR("."));
    return function_string(c, str_eq_c(s, "/") ? s : path_base(s));
}

static const struct value *fn_dirname(struct call *c)
{
    str s = function_str(c, 0);
    size_t slash = str_rfind_char(s, '/');
    if (slash == SIZE_MAX)
        return function_string(c, STR("."));
    str dir = path_normalise(c->arena, str_slice(s, 0, slash + 1));
    return function_string(c, dir.n ? dir : STR("."));
}

static const struct value *fn_abspath(struct call *c)
{
    str s = function_str(c, 0);
    if (path_is_absolute(s))
        return function_string(c, path_normalise(c->arena, s));
    str base = c->e->tree ? c->e->tree->root->module->real : path_cwd(c->arena);
    return function_string(c, path_normalise(c->arena, path_join(c->arena, base, s)));
}

static const struct value *fn_pathexpand(struct call *c)
{
    str s = function_str(c, 0);
    if (!str_starts(s, STR("~")))
        return function_string(c, s);
    return value_unknown(c->arena, STR("pathexpand() depends on who runs it"), c->origin);
}

const struct function functions_file[] = {
    {"file", "s", fn_file, 0},
    {"filebase64", "s", fn_filebase64, 0},
    {"fileexists", "s", fn_fileexists, 0},
    {"fileset", "ss", fn_fileset, 0},
    {"templatefile", "sa", fn_templatefile, FN_UNKNOWNS | FN_NULLS | FN_PARTIAL},
    {"templatestring", "sa", fn_templatestring, FN_UNKNOWNS | FN_NULLS | FN_PARTIAL},
    {"basename", "s", fn_basename, 0},
    {"dirname", "s", fn_dirname, 0},
    {"abspath", "s", fn_abspath, 0},
    {"pathexpand", "s", fn_pathexpand, 0},
    {NULL, NULL, NULL, 0},
};
