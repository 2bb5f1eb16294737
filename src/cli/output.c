#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

bool output_write_all(int fd, str text)
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
    cli_say("hipaalint: cannot write " STR_FMT ": %s (%s)\n", STR_ARG(path), what, strerror(errno));
    return false;
}

static bool is_special(const char *name)
{
    struct stat st;
    return stat(name, &st) == 0 && !S_ISREG(st.st_mode);
}

/* What a program that is stopped leaves behind. */
static char unfinished[LIMIT_PATH_BYTES + 32];

void output_abandon(void)
{
    if (unfinished[0])
        unlink(unfinished);
}

bool output_open(struct output *o, str path)
{
    *o = (struct output){.path = path, .fd = STDOUT_FILENO, .ok = true, .arena = arena_new()};
    if (!path.n || str_eq_c(path, "-")) {
        o->path = STR_NONE;
        fflush(stdout);
        return true;
    }
    const char *final = arena_cstr(o->arena, path);
    bool direct = is_special(final); /* /dev/null, a pipe */
    if (!direct)
        o->temporary = arena_printf(o->arena, STR_FMT ".tmp.%ld", STR_ARG(path), (long)getpid()).p;
    o->fd = direct ? open(final, O_WRONLY | O_CLOEXEC | O_NOCTTY)
                   : open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    o->ok = o->fd >= 0;
    if (!o->ok)
        fail(path, direct ? "open" : "create");
    else if (!direct && strlen(o->temporary) < sizeof(unfinished))
        memcpy(unfinished, o->temporary, strlen(o->temporary) + 1);
    return o->ok;
}

void output_take(void *output, str text)
{
    struct output *o = output;
    if (!o->ok || output_write_all(o->fd, text))
        return;
    o->ok = false;
    if (o->path.n || errno != EPIPE)
        fail(o->path.n ? o->path : STR("standard output"), "write");
}

bool output_close(struct output *o)
{
    bool opened = o->fd >= 0;
    if (o->path.n && opened) {
        if (close(o->fd) != 0 && o->ok)
            o->ok = fail(o->path, "close");
        if (o->ok && o->temporary && rename(o->temporary, arena_cstr(o->arena, o->path)) != 0)
            o->ok = fail(o->path, "rename");
        if (!o->ok && o->temporary)
            unlink(o->temporary);
        unfinished[0] = '\0';
    }
    arena_free(o->arena);
    return o->ok;
}

bool output_write(str path, str text)
{
    struct output o;
    if (output_open(&o, path))
        output_take(&o, text);
    return output_close(&o);
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

/* FORCE_HYPERLINK decides where it is set; else the terminal must be known to have them. */
bool output_has_links(bool to_terminal)
{
    static const char *const variables[] = {"WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID"};
    static const char *const programs[] = {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio"};
    static const char *const terms[] = {"xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty", "contour"};
    const char *force = getenv("FORCE_HYPERLINK"), *vte = getenv("VTE_VERSION"), *program = getenv("TERM_PROGRAM"),
               *term = getenv("TERM");
    if (!to_terminal)
        return false;
    if (force && *force)
        return strcmp(force, "0") != 0;
    if (is_set("TMUX") || (term && strncmp(term, "screen", sizeof("screen") - 1) == 0))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        if (is_set(variables[i]))
            return true;
    for (size_t i = 0; program && i < ARRAY_LEN(programs); i++)
        if (strcmp(program, programs[i]) == 0)
            return true;
    for (size_t i = 0; term && i < ARRAY_LEN(terms); i++)
        if (strcmp(term, terms[i]) == 0)
            return true;
    enum { FIRST_VTE = 5000 }; /* 0.50 */
    return vte && strtol(vte, NULL, 10) >= FIRST_VTE;
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
