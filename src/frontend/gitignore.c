#include "frontend/gitignore.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/glob.h"
#include "base/path.h"
#include "base/vec.h"

struct gitignore_pattern {
    str glob;
    bool negated;
    bool directory_only;
    bool anchored; /* has a slash before its end: matched against the whole relative path */
};

enum { GITIGNORE_BYTES = 1 << 20 };

static bool parse_line(str line, struct gitignore_pattern *ret)
{
    while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\r'))
        line.n--;
    if (!line.n || line.p[0] == '#')
        return false;
    struct gitignore_pattern p = {0};
    if (line.p[0] == '!') {
        p.negated = true;
        line = str_slice(line, 1, line.n);
    }
    if (line.n && line.p[line.n - 1] == '/') {
        p.directory_only = true;
        line.n--;
    }
    p.anchored = str_find_char(line, '/') != SIZE_MAX;
    if (line.n && line.p[0] == '/')
        line = str_slice(line, 1, line.n);
    p.glob = line;
    *ret = p;
    return line.n > 0;
}

/* False when the file is not a regular one, is too large or cannot be read to its end. As git does, a link
 * is not followed. */
static bool read_text(int fd, struct arena *a, str *ret)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > GITIGNORE_BYTES)
        return false;
    size_t cap = (size_t)st.st_size + 1, n = 0;
    char *text = ARENA_ARRAY(a, char, cap);
    while (n < cap) {
        ssize_t got = read(fd, text + n, cap - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret = (str){text, n};
    return n == (size_t)st.st_size;
}

const struct gitignore *gitignore_read(struct arena *a, str dir, const struct gitignore *above, struct diag_list *diags)
{
    str path = path_join(a, dir, STR(".gitignore")), text;
    int fd = open(arena_cstr(a, path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && path_is_absent(errno))
        return above;
    bool ok = fd >= 0 && read_text(fd, a, &text);
    if (fd >= 0)
        close(fd);
    if (!ok) {
        diag_add_path(diags, DIAG_UNREADABLE, path, "cannot be read (a regular file of at most 1 MiB is expected)");
        return above;
    }

    VEC(struct gitignore_pattern) patterns = {0};
    str rest = text;
    while (rest.p) {
        str line = str_cut(rest, '\n', &rest);
        struct gitignore_pattern p;
        if (parse_line(line, &p))
            VEC_PUSH(&patterns, p);
    }
    struct gitignore *g = ARENA_NEW(a, struct gitignore);
    g->above = above;
    g->dir = dir;
    g->pattern = VEC_MOVE(&patterns, a, &g->n);
    return g;
}

/* `path` below `dir`, without the slash; the whole path when dir is ".". */
static str below(str path, str dir)
{
    if (str_eq_c(dir, ".") || !dir.n)
        return path;
    str rest = str_slice(path, dir.n, path.n);
    while (rest.n && rest.p[0] == '/')
        rest = str_slice(rest, 1, rest.n);
    return rest;
}

bool gitignore_matches(const struct gitignore *g, str path, bool is_directory)
{
    for (; g; g = g->above) {
        str relative = below(path, g->dir);
        for (size_t i = g->n; i-- > 0;) {
            const struct gitignore_pattern *p = &g->pattern[i];
            if (p->directory_only && !is_directory)
                continue;
            if (glob_match(p->glob, p->anchored ? relative : path_base(relative)))
                return !p->negated;
        }
    }
    return false;
}
