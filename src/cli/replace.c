#include "cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "cli/output.h"

static const str bom = {"\xEF\xBB\xBF", 3};

/* The file's bytes, and what it is; no bytes of what is no regular file. False, with errno, when it cannot be read. */
static bool read_raw(const char *path, struct buf *out, struct stat *status)
{
    char chunk[65536];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool ok = fstat(fd, status) == 0, more = ok && S_ISREG(status->st_mode);
    while (more) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        ok = n >= 0;
        more = n > 0 && !out->overflow;
        if (more)
            buf_add(out, (str){chunk, (size_t)n});
    }
    int number = errno;
    close(fd);
    errno = number;
    return ok;
}

static bool is_text(str raw, str text, str *ret_bom)
{
    bool marked = str_starts(raw, bom);
    *ret_bom = marked ? bom : STR_NONE;
    return str_eq(marked ? str_slice(raw, bom.n, raw.n) : raw, text);
}

bool replace_check(str real, str text, str *ret_bom)
{
    struct arena *a = arena_new();
    struct buf raw;
    struct stat status;
    buf_init(&raw, LIMIT_FILE_BYTES + 16);
    bool ok = read_raw(arena_cstr(a, real), &raw, &status);
    if (!ok)
        path_note_trouble(real);
    ok = ok && is_text(buf_str(&raw), text, ret_bom);
    buf_release(&raw);
    arena_free(a);
    return ok;
}

static bool fail(struct arena *a, str *ret_why, const char *what)
{
    *ret_why = arena_printf(a, "%s: %s", what, strerror(errno));
    return false;
}

static bool write_beside(const char *path, const char *temporary, const struct stat *status, str mark, str now,
                         struct arena *a, str *ret_why)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(a, ret_why, "cannot create a file beside it");
    bool ok = output_write_all(fd, mark) && output_write_all(fd, now) && fchmod(fd, status->st_mode & 07777) == 0;
    if (!ok)
        fail(a, ret_why, "cannot write");
    if (close(fd) != 0 && ok)
        ok = fail(a, ret_why, "cannot write");
    if (ok && rename(temporary, path) != 0)
        ok = fail(a, ret_why, "cannot rename");
    if (!ok)
        unlink(temporary);
    return ok;
}

bool replace_file(str real, str before, str now, struct arena *a, str *ret_why)
{
    const char *path = arena_cstr(a, real);
    struct buf raw;
    struct stat status;
    str mark;
    buf_init(&raw, LIMIT_FILE_BYTES + 16);
    bool ok = read_raw(path, &raw, &status);
    if (!ok)
        fail(a, ret_why, "cannot read");
    if (ok && !is_text(buf_str(&raw), before, &mark)) {
        *ret_why = STR("it changed while it was linted");
        ok = false;
    }
    if (ok && !(status.st_mode & 0222)) {
        *ret_why = STR("it is read-only");
        ok = false;
    }
    str temporary = arena_printf(a, STR_FMT ".tmp.%ld", STR_ARG(real), (long)getpid());
    ok = ok && write_beside(path, temporary.p, &status, mark, now, a, ret_why);
    buf_release(&raw);
    return ok;
}
