/* A library to preload that makes calls fail, counted over all threads.
 *
 *     HIPAALINT_FAULT=CLASS:N[:ERRNO[:on]]   e.g. read:3, any:17, write:1:28; `on`: the N-th and all that follow
 *     HIPAALINT_FAULT_LOG=FILE               gets the name of the call that failed; not made when N was not reached
 *
 * Classes: open, read, stat, dir, link, map, write, rename, thread, malloc; any (all but malloc), in (the first six).
 * `short:1` makes every read and write move one byte at most, and every other read fail with EINTR first.
 *
 * With HIPAALINT_FAULT_FORK=STEP:ASK:TELL:DIR one process of one thread tries N, N + STEP, N + 2 * STEP...: at each the
 * process forks, the call fails in the child alone, and the parent goes on when the child has ended; what came before
 * the call is not run again. TELL and ASK are descriptors: "N" is told before the fork, and "N STATUS CALL" after, each
 * time a byte is waited for. Meanwhile whoever listens moves DIR to DIR.kept and makes a copy in its place, so that the
 * child writes to files of its own.
 * tools/faults.py drives it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char class_wanted[16];
static long wanted;
static int number = EIO;
static int fails_on; /* every call after the first that failed fails, too */
static long step;    /* 0: nothing is forked */
static int ask_fd, tell_fd;
static char directory[4096];
static atomic_long seen;
static atomic_int odd;
static atomic_int own; /* calls of this library itself do not count */

__attribute__((constructor)) static void configure(void)
{
    const char *what = getenv("HIPAALINT_FAULT"), *fork_at = getenv("HIPAALINT_FAULT_FORK");
    size_t n = what ? strcspn(what, ":") : 0;
    if (n == 0 || n >= sizeof(class_wanted) || what[n] != ':')
        return;
    char *end;
    wanted = strtol(what + n + 1, &end, 10);
    if (*end == ':')
        number = (int)strtol(end + 1, &end, 10);
    fails_on = strcmp(end, ":on") == 0;
    if (fork_at && sscanf(fork_at, "%ld:%d:%d:%4095s", &step, &ask_fd, &tell_fd, directory) != 4)
        abort();
    memcpy(class_wanted, what, n);
}

static void record(const char *call)
{
    const char *path = getenv("HIPAALINT_FAULT_LOG");
    long fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    syscall(SYS_write, fd, call, strlen(call));
    syscall(SYS_close, fd);
}

static void tell(const char *text, size_t n)
{
    char answer;
    if (syscall(SYS_write, tell_fd, text, n) != (long)n || syscall(SYS_read, ask_fd, &answer, 1) != 1)
        _exit(125);
}

/* What is open for writing below DIR.kept is opened again in the copy, at the same place of the file. */
static void move_to_copy(void)
{
    size_t n = strlen(directory);
    for (int fd = 0; fd < 256; fd++) {
        char link[64], path[4096];
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        ssize_t length = syscall(SYS_readlink, link, path, sizeof(path) - 1);
        int flags = fcntl(fd, F_GETFL), kept = fcntl(fd, F_GETFD);
        if (length < (ssize_t)n + 5 || flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
            continue;
        path[length] = '\0';
        if (strncmp(path, directory, n) != 0 || strncmp(path + n, ".kept", 5) != 0)
            continue;
        memmove(path + n, path + n + 5, (size_t)length - n - 5 + 1);
        long copy = syscall(SYS_openat, AT_FDCWD, path, flags & ~(O_CREAT | O_EXCL | O_TRUNC), 0);
        if (copy < 0)
            _exit(125);
        syscall(SYS_lseek, copy, syscall(SYS_lseek, fd, 0, SEEK_CUR), SEEK_SET);
        syscall(SYS_dup3, copy, fd, kept & FD_CLOEXEC ? O_CLOEXEC : 0);
        syscall(SYS_close, copy);
    }
}

/* Whether this process is the child, in which the call fails. */
static int fork_here(const char *call)
{
    char line[128];
    int status = 0;
    own = 1;
    tell(line, (size_t)snprintf(line, sizeof(line), "%ld\n", wanted));
    pid_t child = fork();
    if (child == 0) {
        move_to_copy();
        wanted = 0;
        own = 0;
        return 1;
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        _exit(125);
    tell(line, (size_t)snprintf(line, sizeof(line), "%ld %d %s\n", wanted, status, call));
    wanted += step;
    own = 0;
    return 0;
}

static int is_wanted(const char *class)
{
    static const char *const not_in[] = {"write", "rename", "thread", "malloc"};
    if (strcmp(class_wanted, "any") == 0)
        return strcmp(class, "malloc") != 0;
    if (strcmp(class_wanted, "in") != 0)
        return strcmp(class_wanted, class) == 0;
    for (size_t i = 0; i < sizeof(not_in) / sizeof(not_in[0]); i++)
        if (strcmp(class, not_in[i]) == 0)
            return 0;
    return 1;
}

static int must_fail(const char *class, const char *call)
{
    static atomic_int failing;
    if (!is_wanted(class))
        return 0;
    if (own || (atomic_fetch_add(&seen, 1) + 1 != wanted && !failing))
        return 0;
    if (!failing && step && !fork_here(call))
        return 0;
    if (!failing && !step)
        record(call);
    failing = fails_on;
    errno = number;
    return 1;
}

static int is_short(void)
{
    return strcmp(class_wanted, "short") == 0;
}

#define NEXT(type, name, ...)                                                                                          \
    static type (*next)(__VA_ARGS__);                                                                                  \
    if (!next)                                                                                                         \
    *(void **)&next = dlsym(RTLD_NEXT, name)

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list ap;
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    NEXT(int, "open", const char *, int, ...);
    return must_fail("open", "open") ? -1 : next(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list ap;
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    NEXT(int, "openat", int, const char *, int, ...);
    return must_fail("open", "openat") ? -1 : next(at, path, flags, mode);
}

/* openat2 has no function of its own. */
long syscall(long call, ...)
{
    long a[6];
    va_list ap;
    va_start(ap, call);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    NEXT(long, "syscall", long, ...);
#ifdef SYS_openat2
    if (call == SYS_openat2 && must_fail("open", "openat2"))
        return -1;
#endif
    return next(call, a[0], a[1], a[2], a[3], a[4], a[5]);
}

FILE *fopen(const char *path, const char *mode)
{
    NEXT(FILE *, "fopen", const char *, const char *);
    return must_fail("open", "fopen") ? NULL : next(path, mode);
}

ssize_t read(int fd, void *to, size_t n)
{
    NEXT(ssize_t, "read", int, void *, size_t);
    if (is_short()) {
        if (atomic_fetch_add(&odd, 1) % 2 == 0) {
            errno = EINTR;
            return -1;
        }
        n = n > 1 ? 1 : n;
    }
    return must_fail("read", "read") ? -1 : next(fd, to, n);
}

ssize_t write(int fd, const void *from, size_t n)
{
    NEXT(ssize_t, "write", int, const void *, size_t);
    if (is_short())
        n = n > 1 ? 1 : n;
    return must_fail("write", "write") ? -1 : next(fd, from, n);
}

size_t fwrite(const void *from, size_t size, size_t n, FILE *f)
{
    NEXT(size_t, "fwrite", const void *, size_t, size_t, FILE *);
    return must_fail("write", "fwrite") ? 0 : next(from, size, n, f);
}

/* What is closed is closed: only the answer is bad. */
int close(int fd)
{
    NEXT(int, "close", int);
    int fails = must_fail("write", "close");
    int got = next(fd);
    if (fails)
        errno = number;
    return fails ? -1 : got;
}

int fclose(FILE *f)
{
    NEXT(int, "fclose", FILE *);
    int fails = must_fail("write", "fclose");
    int got = next(f);
    if (fails)
        errno = number;
    return fails ? EOF : got;
}

int fflush(FILE *f)
{
    NEXT(int, "fflush", FILE *);
    int fails = must_fail("write", "fflush");
    int got = next(f);
    if (fails)
        errno = number;
    return fails ? EOF : got;
}

size_t fread(void *to, size_t size, size_t n, FILE *f)
{
    NEXT(size_t, "fread", void *, size_t, size_t, FILE *);
    return must_fail("read", "fread") ? 0 : next(to, size, n, f);
}

ssize_t pread(int fd, void *to, size_t n, off_t at)
{
    NEXT(ssize_t, "pread", int, void *, size_t, off_t);
    if (is_short())
        n = n > 1 ? 1 : n;
    return must_fail("read", "pread") ? -1 : next(fd, to, n, at);
}

off_t lseek(int fd, off_t to, int from)
{
    NEXT(off_t, "lseek", int, off_t, int);
    return must_fail("read", "lseek") ? -1 : next(fd, to, from);
}

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t from)
{
    NEXT(void *, "mmap", void *, size_t, int, int, int, off_t);
    return must_fail("map", "mmap") ? MAP_FAILED : next(at, n, protection, flags, fd, from);
}

int munmap(void *at, size_t n)
{
    NEXT(int, "munmap", void *, size_t);
    return must_fail("map", "munmap") ? -1 : next(at, n);
}

int madvise(void *at, size_t n, int advice)
{
    NEXT(int, "madvise", void *, size_t, int);
    return must_fail("map", "madvise") ? -1 : next(at, n, advice);
}

int fchmod(int fd, mode_t mode)
{
    NEXT(int, "fchmod", int, mode_t);
    return must_fail("write", "fchmod") ? -1 : next(fd, mode);
}

FILE *fdopen(int fd, const char *mode)
{
    NEXT(FILE *, "fdopen", int, const char *);
    return must_fail("open", "fdopen") ? NULL : next(fd, mode);
}

int pipe(int ends[2])
{
    NEXT(int, "pipe", int[2]);
    return must_fail("thread", "pipe") ? -1 : next(ends);
}

int rename(const char *from, const char *to)
{
    NEXT(int, "rename", const char *, const char *);
    return must_fail("rename", "rename") ? -1 : next(from, to);
}

int unlink(const char *path)
{
    NEXT(int, "unlink", const char *);
    return must_fail("rename", "unlink") ? -1 : next(path);
}

int stat(const char *path, struct stat *ret)
{
    NEXT(int, "stat", const char *, struct stat *);
    return must_fail("stat", "stat") ? -1 : next(path, ret);
}

int lstat(const char *path, struct stat *ret)
{
    NEXT(int, "lstat", const char *, struct stat *);
    return must_fail("stat", "lstat") ? -1 : next(path, ret);
}

int fstat(int fd, struct stat *ret)
{
    NEXT(int, "fstat", int, struct stat *);
    return must_fail("stat", "fstat") ? -1 : next(fd, ret);
}

int fstatat(int at, const char *path, struct stat *ret, int flags)
{
    NEXT(int, "fstatat", int, const char *, struct stat *, int);
    return must_fail("stat", "fstatat") ? -1 : next(at, path, ret, flags);
}

DIR *opendir(const char *path)
{
    NEXT(DIR *, "opendir", const char *);
    return must_fail("dir", "opendir") ? NULL : next(path);
}

DIR *fdopendir(int fd)
{
    NEXT(DIR *, "fdopendir", int);
    return must_fail("dir", "fdopendir") ? NULL : next(fd);
}

struct dirent *readdir(DIR *d)
{
    NEXT(struct dirent *, "readdir", DIR *);
    return must_fail("dir", "readdir") ? NULL : next(d);
}

ssize_t readlink(const char *path, char *to, size_t n)
{
    NEXT(ssize_t, "readlink", const char *, char *, size_t);
    return must_fail("link", "readlink") ? -1 : next(path, to, n);
}

char *realpath(const char *path, char *resolved)
{
    static char *(*next)(const char *, char *);
    if (!next) /* the older version of the symbol does not take NULL */
        *(void **)&next = dlvsym(RTLD_NEXT, "realpath", "GLIBC_2.3");
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "realpath");
    return must_fail("link", "realpath") ? NULL : next(path, resolved);
}

char *getcwd(char *to, size_t n)
{
    NEXT(char *, "getcwd", char *, size_t);
    return must_fail("link", "getcwd") ? NULL : next(to, n);
}

int pthread_create(pthread_t *ret, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    NEXT(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    return must_fail("thread", "pthread_create") ? EAGAIN : next(ret, attributes, start, argument);
}

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
    return must_fail("malloc", "malloc") ? errno = ENOMEM, NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return must_fail("malloc", "calloc") ? errno = ENOMEM, NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return must_fail("malloc", "realloc") ? errno = ENOMEM, NULL : __libc_realloc(p, n);
}
