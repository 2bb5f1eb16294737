/* A library to preload that makes one call fail: the n-th of its class, counted over all threads.
 *
 *     HIPAALINT_FAULT=CLASS:N[:ERRNO]   e.g. read:3, any:17, write:1:28
 *     HIPAALINT_FAULT_LOG=FILE          gets the name of the call that failed; not made when N was not reached
 *
 * Classes: open, read, stat, dir, link, write, rename, thread, malloc, any (all but malloc). `short:1` makes
 * every read and write move one byte at most, and every other read fail with EINTR first.
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char class_wanted[16];
static long wanted;
static int number = EIO;
static atomic_long seen;
static atomic_int odd;

__attribute__((constructor)) static void configure(void)
{
    const char *what = getenv("HIPAALINT_FAULT");
    size_t n = what ? strcspn(what, ":") : 0;
    if (n == 0 || n >= sizeof(class_wanted) || what[n] != ':')
        return;
    char *end;
    wanted = strtol(what + n + 1, &end, 10);
    if (*end == ':')
        number = atoi(end + 1);
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

static int must_fail(const char *class, const char *call)
{
    if (strcmp(class_wanted, class) != 0 && (strcmp(class_wanted, "any") != 0 || strcmp(class, "malloc") == 0))
        return 0;
    if (atomic_fetch_add(&seen, 1) + 1 != wanted)
        return 0;
    record(call);
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
