#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"

static bool write_all(int fd, str text)
{
    while (text.n) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text.p += n;
        text.n -= (size_t)n;
    }
    return true;
}

static bool fail(str path, const char *what)
{
    fprintf(stderr, "hipaalint: cannot write " STR_FMT ": %s (%s)\n", STR_ARG(path), what, strerror(errno));
    return false;
}

static bool is_special(const char *name)
{
    struct stat st;
    return stat(name, &st) == 0 && !S_ISREG(st.st_mode);
}

static bool write_directly(str path, const char *name, str text)
{
    int fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(path, "open");
    bool ok = write_all(fd, text);
    return close(fd) == 0 && ok ? true : fail(path, "write");
}

static bool write_file(str path, str text)
{
    struct arena *a = arena_new();
    const char *final = arena_cstr(a, path);
    bool ok;
    if (is_special(final)) {
        ok = write_directly(path, final, text); /* /dev/null, a pipe */
        arena_free(a);
        return ok;
    }
    const char *temporary = arena_printf(a, STR_FMT ".tmp.%ld", STR_ARG(path), (long)getpid()).p;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    ok = fd >= 0;
    if (!ok)
        fail(path, "create");
    if (ok && !write_all(fd, text))
        ok = fail(path, "write");
    if (fd >= 0 && close(fd) != 0 && ok)
        ok = fail(path, "close");
    if (ok && rename(temporary, final) != 0)
        ok = fail(path, "rename");
    if (!ok && fd >= 0)
        unlink(temporary);
    arena_free(a);
    return ok;
}

bool output_write(str path, str text)
{
    if (path.n && !str_eq_c(path, "-"))
        return write_file(path, text);
    fflush(stdout);
    if (write_all(STDOUT_FILENO, text))
        return true;
    return errno == EPIPE ? false : fail(STR("standard output"), "write");
}

bool output_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

unsigned output_width(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

static bool is_set(const char *name)
{
    const char *v = getenv(name);
    return v && *v;
}

bool output_wants_color(int when, bool to_terminal)
{
    if (when != WHEN_AUTO)
        return when == WHEN_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    const char *force = getenv("CLICOLOR_FORCE"), *color = getenv("CLICOLOR"), *term = getenv("TERM");
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    if (color && strcmp(color, "0") == 0)
        return false;
    return to_terminal && !(term && strcmp(term, "dumb") == 0);
}
