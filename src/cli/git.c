#include "cli/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/progress.h"

enum { MAX_ARGUMENTS = 24, NOT_STARTED = 127, MAX_OUTPUT = 256u << 20, MAX_SAID = 4096 };

/* ---------------------------------------------------------------- running it */

/* In the child. What a hook exports about another repository must not count, and nothing may be fetched. */
static void become_git(int out, int err, char **arguments)
{
    static const char *const unset[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF", "GIT_TRACE"};
    for (size_t i = 0; i < ARRAY_LEN(unset); i++)
        unsetenv(unset[i]);
    setenv("LC_ALL", "C", 1);
    setenv("GIT_OPTIONAL_LOCKS", "0", 1);
    setenv("GIT_TERMINAL_PROMPT", "0", 1);
    setenv("GIT_NO_LAZY_FETCH", "1", 1);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        _exit(NOT_STARTED);
    signal(SIGPIPE, SIG_DFL);
    execvp("git", arguments);
    _exit(NOT_STARTED);
}

/* One read of what is there; false at the end. */
static bool drain(int fd, struct buf *to)
{
    char chunk[65536];
    ssize_t n = read(fd, chunk, sizeof(chunk));
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    buf_add(to, (str){chunk, (size_t)n});
    return n > 0;
}

static void drain_both(int out, int err, struct buf *to_out, struct buf *to_err)
{
    struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    struct buf *to[2] = {to_out, to_err};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2; i++)
            if (fds[i].fd >= 0 && fds[i].revents && !drain(fds[i].fd, to[i]))
                fds[i].fd = -1;
    }
}

static int exit_status_of(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return NOT_STARTED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : NOT_STARTED;
}

/* git -C DIR ... ARGUMENT...; its exit status, NOT_STARTED when it could not be run. */
static int run_git(const char *dir, const char *const *argument, struct buf *out, struct buf *err)
{
    const char *all[MAX_ARGUMENTS] = {"git",
                                      "-C",
                                      dir,
                                      "-c",
                                      "core.fsmonitor=false",
                                      "-c",
                                      "core.hooksPath=/dev/null",
                                      "-c",
                                      "protocol.allow=never",
                                      "-c",
                                      "diff.relative=false"};
    size_t n = 0;
    while (all[n])
        n++;
    for (; *argument && n + 1 < MAX_ARGUMENTS; argument++)
        all[n++] = *argument;
    buf_clear(out);
    buf_clear(err);
    int to_out[2], to_err[2];
    if (pipe(to_out) != 0)
        return NOT_STARTED;
    if (pipe(to_err) != 0) {
        close(to_out[0]);
        close(to_out[1]);
        return NOT_STARTED;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become_git(to_out[1], to_err[1], (char **)all);
    close(to_out[1]);
    close(to_err[1]);
    if (child > 0)
        drain_both(to_out[0], to_err[0], out, err);
    close(to_out[0]);
    close(to_err[0]);
    return child > 0 ? exit_status_of(child) : NOT_STARTED;
}

/* ---------------------------------------------------------------- asking */

struct asking {
    struct arena *a;
    str rev;
    const char *dir; /* where git runs: the top of the repository once it is known */
    struct buf out, err;
};

static int ask(struct asking *q, const char *const *argument)
{
    return run_git(q->dir, argument, &q->out, &q->err);
}

/* The first line, without its newline. */
static str answer(const struct buf *b)
{
    return str_cut(buf_str(b), '\n', &(str){0});
}

static bool refuse(struct asking *q, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool refuse(struct asking *q, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str text = arena_vprintf(q->a, fmt, ap);
    va_end(ap);
    progress_stop();
    cli_say("hipaalint: --since: " STR_FMT "\n", STR_ARG(text));
    return false;
}

static bool is_shallow(struct asking *q)
{
    static const char *const shallow[] = {"rev-parse", "--is-shallow-repository", NULL};
    return ask(q, shallow) == 0 && str_eq_c(answer(&q->out), "true");
}

static str directory_of(struct asking *q, str path)
{
    struct stat st;
    bool is_file = stat(arena_cstr(q->a, path), &st) == 0 && !S_ISDIR(st.st_mode);
    return is_file ? path_dir(path) : path;
}

static bool find_top(struct asking *q, const str *paths, size_t n)
{
    static const char *const top[] = {"rev-parse", "--show-toplevel", NULL};
    str first = n && !str_eq_c(paths[0], "-") ? directory_of(q, paths[0]) : STR(".");
    q->dir = arena_cstr(q->a, first);
    int status = ask(q, top);
    if (status == NOT_STARTED)
        return refuse(q, "git could not be run; it must be in PATH");
    if (status != 0)
        return refuse(q, "'" STR_FMT "' is in no git repository (git says: " STR_FMT ")", STR_ARG(first),
                      STR_ARG(answer(&q->err)));
    str real = path_real(q->a, answer(&q->out));
    for (size_t i = 0; i < n; i++) {
        str path = str_eq_c(paths[i], "-") ? STR_NONE : path_real(q->a, paths[i]);
        if (path.n && !path_is_below(path, real))
            return refuse(q, "'" STR_FMT "' is not in the repository " STR_FMT, STR_ARG(paths[i]), STR_ARG(real));
    }
    q->dir = arena_cstr(q->a, real);
    return true;
}

/* The commit that the working tree is compared with; NULL after a message. */
static const char *find_commit(struct asking *q)
{
    const char *commit = arena_printf(q->a, STR_FMT "^{commit}", STR_ARG(q->rev)).p;
    const char *const verify[] = {"rev-parse", "--verify", "--quiet", commit, NULL};
    if (ask(q, verify) != 0) {
        if (is_shallow(q))
            refuse(q, "'" STR_FMT "' is not in this shallow clone; fetch more of the history (fetch-depth: 0)",
                   STR_ARG(q->rev));
        else
            refuse(q, "'" STR_FMT "' is no commit of this repository", STR_ARG(q->rev));
        return NULL;
    }
    const char *id = arena_cstr(q->a, answer(&q->out));
    const char *const base[] = {"merge-base", id, "HEAD", NULL};
    if (ask(q, base) == 0)
        return arena_cstr(q->a, answer(&q->out));
    bool shallow = is_shallow(q);
    progress_stop();
    if (shallow)
        fprintf(stderr, "hipaalint: --since: this shallow clone does not reach back to where the branches part; "
                        "everything that differs from the commit itself counts as changed\n");
    return id;
}

/* ---------------------------------------------------------------- the answer */

static void note(struct map *m, str key)
{
    if (key.n)
        map_set(m, key, m);
}

static void note_path(struct asking *q, struct git_changes *c, str relative, bool deleted)
{
    struct stat st;
    str path = path_join(q->a, str_of(q->dir), arena_str(q->a, relative));
    if (deleted) {
        c->n_deleted++;
        note(&c->directories, path_real(q->a, path_dir(path)));
    } else if (stat(arena_cstr(q->a, path), &st) == 0) {
        note(S_ISDIR(st.st_mode) ? &c->trees : &c->files, path_real(q->a, path));
    }
}

/* "M\0path\0D\0path\0..." */
static bool read_diff(struct asking *q, struct git_changes *c, const char *commit)
{
    const char *const diff[] = {"diff",
                                "--name-status",
                                "-z",
                                "--no-renames",
                                "--no-ext-diff",
                                "--no-textconv",
                                "--ignore-submodules=dirty",
                                commit,
                                "--",
                                NULL};
    if (ask(q, diff) != 0 || q->out.overflow)
        return refuse(q, "git diff failed (" STR_FMT ")", STR_ARG(answer(&q->err)));
    for (str rest = buf_str(&q->out); rest.p && rest.n;) {
        str status = str_cut(rest, '\0', &rest);
        str path = rest.p ? str_cut(rest, '\0', &rest) : STR_NONE;
        if (path.n)
            note_path(q, c, path, str_eq_c(status, "D"));
    }
    return true;
}

static bool read_untracked(struct asking *q, struct git_changes *c)
{
    static const char *const others[] = {"ls-files", "--others", "--exclude-standard", "-z", NULL};
    if (ask(q, others) != 0 || q->out.overflow)
        return refuse(q, "git ls-files failed (" STR_FMT ")", STR_ARG(answer(&q->err)));
    for (str rest = buf_str(&q->out); rest.p && rest.n;)
        note_path(q, c, str_cut(rest, '\0', &rest), false);
    return true;
}

bool git_changes_read(struct git_changes *c, str rev, const str *paths, size_t n, struct arena *a)
{
    struct asking q = {.a = a, .rev = rev};
    *c = (struct git_changes){0};
    map_init(&c->files);
    map_init(&c->directories);
    map_init(&c->trees);
    /* What begins with a dash would be an option of git's. */
    if (!rev.n || rev.p[0] == '-')
        return refuse(&q, "'" STR_FMT "' is no commit", STR_ARG(rev));
    buf_init(&q.out, MAX_OUTPUT);
    buf_init(&q.err, MAX_SAID);
    bool ok = find_top(&q, paths, n);
    const char *commit = ok ? find_commit(&q) : NULL;
    ok = commit && read_diff(&q, c, commit) && read_untracked(&q, c);
    buf_release(&q.out);
    buf_release(&q.err);
    return ok;
}

void git_changes_release(struct git_changes *c)
{
    map_release(&c->files);
    map_release(&c->directories);
    map_release(&c->trees);
}
