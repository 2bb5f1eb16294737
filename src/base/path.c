#define _DEFAULT_SOURCE /* realpath, syscall */

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

str path_join(struct arena *a, str dir, str name)
{
    char *out;
    size_t slash;

    if (path_is_absolute(name) || dir.n == 0 || str_eq(dir, STR(".")))
        return arena_str(a, name);
    if (name.n == 0)
        return arena_str(a, dir);
    slash = dir.p[dir.n - 1] != '/';
    out = arena_alloc(a, dir.n + slash + name.n + 1);
    memcpy(out, dir.p, dir.n);
    if (slash)
        out[dir.n] = '/';
    memcpy(out + dir.n + slash, name.p, name.n);
    return (str){out, dir.n + slash + name.n};
}

static str without_trailing_slashes(str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    return path;
}

str path_dir(str path)
{
    size_t slash;

    path = without_trailing_slashes(path);
    slash = str_rfind_char(path, '/');
    if (slash == SIZE_MAX)
        return STR(".");
    return without_trailing_slashes(str_slice(path, 0, slash == 0 ? 1 : slash));
}

str path_base(str path)
{
    size_t slash;

    path = without_trailing_slashes(path);
    slash = str_rfind_char(path, '/');
    if (slash == SIZE_MAX || path.n == 1)
        return path;
    return str_slice(path, slash + 1, path.n);
}

str path_extension(str path)
{
    str base = path_base(path);
    size_t dot = str_rfind_char(base, '.');

    if (dot == SIZE_MAX || dot == 0 || dot + 1 == base.n)
        return STR("");
    return str_slice(base, dot, base.n);
}

str path_normalise(struct arena *a, str path)
{
    bool absolute = path_is_absolute(path);
    char *out = arena_alloc(a, path.n + 2);
    size_t root = absolute;
    size_t n = root;    /* bytes written */
    size_t kept = root; /* leading bytes that ".." must not take away */
    str rest = path;

    if (absolute)
        out[0] = '/';
    while (rest.p != NULL) {
        str part = str_cut(rest, '/', &rest);

        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR(".."))) {
            if (n > kept) {
                while (n > kept && out[n - 1] != '/')
                    n--;
                if (n > root && n > kept)
                    n--;
                continue;
            }
            if (absolute)
                continue;
        }
        if (n > root)
            out[n++] = '/';
        memcpy(out + n, part.p, part.n);
        n += part.n;
        if (str_eq(part, STR("..")))
            kept = n;
    }
    if (n == 0)
        out[n++] = '.';
    out[n] = '\0';
    return (str){out, n};
}

bool path_is_absolute(str path)
{
    return path.n > 0 && path.p[0] == '/';
}

bool path_is_below(str path, str root)
{
    if (str_eq(root, STR(".")) || root.n == 0)
        return !path_is_absolute(path) && !str_eq(path, STR("..")) && !str_starts(path, STR("../"));
    if (!str_starts(path, root))
        return false;
    return path.n == root.n || root.p[root.n - 1] == '/' || path.p[root.n] == '/';
}

str path_relative(struct arena *a, str path, str base)
{
    size_t ups = 0;
    size_t n = 0;
    char *out;

    if (!path_is_absolute(path) || !path_is_absolute(base))
        return arena_str(a, path);
    for (base = without_trailing_slashes(base); !path_is_below(path, base); base = path_dir(base))
        ups++;
    path = str_slice(path, base.n, path.n);
    if (path.n > 0 && path.p[0] == '/')
        path = str_slice(path, 1, path.n);
    if (ups == 0 && path.n == 0)
        return STR(".");
    out = arena_alloc(a, ups * 3 + path.n + 1);
    for (size_t i = 0; i < ups; i++, n += 3)
        memcpy(out + n, "../", 3);
    if (path.n == 0)
        out[--n] = '\0';
    memcpy(out + n, path.p, path.n);
    return (str){out, n + path.n};
}

bool path_is_absent(int number)
{
    return number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG;
}

static struct {
    atomic_int state; /* 0: none, 1: being written, 2: written */
    int number;
    char path[256];
} trouble;

/* Keeps the first; errno stays as it is. */
void path_note_trouble(str path)
{
    int number = errno;
    int none = 0;

    if (path_is_absent(number) || !atomic_compare_exchange_strong(&trouble.state, &none, 1))
        return;
    path = str_slice(path, 0, sizeof(trouble.path) - 1);
    if (path.n != 0)
        memcpy(trouble.path, path.p, path.n);
    trouble.number = number;
    atomic_store(&trouble.state, 2);
}

bool path_had_trouble(struct arena *a, str *ret_path, int *ret_number)
{
    if (atomic_load(&trouble.state) != 2)
        return false;
    *ret_path = arena_str(a, str_of(trouble.path));
    *ret_number = trouble.number;
    return true;
}

bool path_stat(struct arena *a, str path, struct stat *ret)
{
    if (str_find_char(path, '\0') != SIZE_MAX) {
        errno = ENOENT;
        return false;
    }
    if (stat(arena_cstr(a, path), ret) == 0)
        return true;
    path_note_trouble(path);
    return false;
}

str path_real(struct arena *a, str path)
{
    char *real;
    str result;

    if (str_find_char(path, '\0') != SIZE_MAX) {
        errno = ENOENT;
        return STR_NONE;
    }
    real = realpath(arena_cstr(a, path), NULL);
    if (real == NULL) {
        path_note_trouble(path);
        return STR_NONE;
    }
    result = arena_str(a, str_of(real));
    free(real);
    return result;
}

str path_cwd(struct arena *a)
{
    char here[LIMIT_PATH_BYTES + 1];

    if (getcwd(here, sizeof(here)) == NULL) {
        path_note_trouble(STR("."));
        return STR_NONE;
    }
    return arena_str(a, str_of(here));
}

/* In one step, where the kernel can: Linux 5.6. False when it cannot, or may not in this container. */
static bool open_without_links(const char *real, int flags, int *ret_fd)
{
#ifdef SYS_openat2
    enum { RESOLVE_NO_LINKS = 0x04 };
    static atomic_bool missing;
    struct {
        uint64_t flags, mode, resolve;
    } how = {(uint64_t)flags, 0, RESOLVE_NO_LINKS};

    if (atomic_load_explicit(&missing, memory_order_relaxed))
        return false;
    do
        *ret_fd = (int)syscall(SYS_openat2, AT_FDCWD, real, &how, sizeof(how));
    while (*ret_fd < 0 && errno == EINTR);
    if (*ret_fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return true;
    if (errno == ENOSYS)
        atomic_store_explicit(&missing, true, memory_order_relaxed);
#else
    (void)real, (void)flags, (void)ret_fd;
#endif
    return false;
}

/* Is it the file of that name, and has the name no links? The kernel knows an opened file by its real path; else
 * (no /proc) the name is looked at once more. */
static bool is_called(int fd, const char *real)
{
    char link[32], target[LIMIT_PATH_BYTES + 1];
    struct stat opened, now;
    ssize_t n;
    char *again;
    bool same;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, target, sizeof(target) - 1);
    if (n > 0 && str_eq_c((str){target, (size_t)n}, real))
        return true;
    again = realpath(real, NULL);
    same = again != NULL && strcmp(again, real) == 0 && fstat(fd, &opened) == 0 && lstat(real, &now) == 0 &&
           now.st_dev == opened.st_dev && now.st_ino == opened.st_ino;
    free(again);
    return same;
}

int path_open_real(const char *real, int flags)
{
    int fd;

    if (open_without_links(real, flags, &fd))
        return fd;
    do
        fd = open(real, flags | O_NOFOLLOW);
    while (fd < 0 && errno == EINTR);
    if (fd >= 0 && !is_called(fd, real)) {
        close(fd);
        errno = ELOOP;
        return -1;
    }
    return fd;
}
