#include "base/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"

/* Sources stand in chunks of 256, 512, 1024 ... that never move; adding holds the mutex, reading
 * takes no lock. */

enum { FIRST_CHUNK = 256, CHUNKS = 20, READ_ATTEMPTS = 3 };

struct lines {
    size_t n, cap;
    uint32_t start[];
};

struct entry {
    struct source public; /* first: a source is its entry */
    char *memory;         /* what the text points into, when it is ours */
    size_t memory_size;
    _Atomic(struct lines *) lines;
    uint32_t rank;
};

struct sources {
    pthread_mutex_t mutex;
    _Atomic(struct entry *) chunks[CHUNKS];
    _Atomic uint32_t n;
    struct map by_real_path;
    struct map overrides;   /* real path, to a str of what it holds */
    struct map directories; /* as given, to a str that holds the real path */
    struct arena *arena;    /* paths */
};

struct bytes {
    char *p;
    size_t n;
    size_t cap;
};

static struct entry *entry_at(const struct sources *all, uint32_t id, size_t *ret_chunk_size, unsigned *ret_chunk)
{
    size_t index = (size_t)id - 1;
    size_t size = FIRST_CHUNK;
    unsigned chunk = 0;
    struct entry *entries;

    while (index >= size) {
        index -= size;
        size *= 2;
        chunk++;
    }
    assert(chunk < CHUNKS); /* LIMIT_FILES is far below */
    if (ret_chunk != NULL) {
        *ret_chunk = chunk;
        *ret_chunk_size = size;
    }
    entries = atomic_load_explicit(&all->chunks[chunk], memory_order_acquire);
    return entries == NULL ? NULL : &entries[index];
}

static struct entry *entry_find(const struct sources *all, uint32_t id)
{
    if (id == 0 || id > atomic_load_explicit(&all->n, memory_order_acquire))
        return NULL;
    return entry_at(all, id, NULL, NULL);
}

static struct entry *entry_of(const struct source *s)
{
    return (struct entry *)(uintptr_t)s;
}

struct sources *sources_new(void)
{
    struct sources *all = alloc_get(sizeof(*all));

    pthread_mutex_init(&all->mutex, NULL);
    map_init(&all->by_real_path);
    map_init(&all->overrides);
    map_init(&all->directories);
    all->arena = arena_new();
    return all;
}

/* Where the entry of the next id stands, in a chunk that is made when it is the first there. */
static struct entry *next_entry(struct sources *all)
{
    size_t chunk_size;
    unsigned chunk;
    struct entry *e = entry_at(all, all->n + 1, &chunk_size, &chunk);

    if (e == NULL) {
        e = alloc_get(chunk_size * sizeof(*e));
        atomic_store_explicit(&all->chunks[chunk], e, memory_order_release);
    }
    return e;
}

struct sources *sources_fork(const struct sources *from)
{
    struct sources *all = sources_new();

    for (uint32_t id = 1; id <= from->n; id++) {
        const struct entry *e = entry_find(from, id);
        struct entry *copy = next_entry(all);

        copy->public = e->public;
        copy->rank = e->rank;
        atomic_store_explicit(&all->n, id, memory_order_release);
    }
    for (size_t i = 0; i < from->by_real_path.n; i++) {
        const struct source *s = from->by_real_path.at[i].value;

        map_set(&all->by_real_path, from->by_real_path.at[i].key, entry_find(all, s->id));
    }
    for (size_t i = 0; i < from->directories.n; i++)
        map_set(&all->directories, from->directories.at[i].key, from->directories.at[i].value);
    return all;
}

static size_t lines_size(size_t n)
{
    return sizeof(struct lines) + n * sizeof(uint32_t);
}

void sources_free(struct sources *all)
{
    size_t size = FIRST_CHUNK;

    if (all == NULL)
        return;
    for (uint32_t id = 1; id <= all->n; id++) {
        struct entry *e = entry_find(all, id);
        struct lines *lines = e->lines;

        alloc_put(e->memory, e->memory_size);
        if (lines != NULL)
            alloc_put(lines, lines_size(lines->cap));
    }
    for (size_t i = 0; i < CHUNKS; i++, size *= 2)
        alloc_put(all->chunks[i], size * sizeof(struct entry));
    map_release(&all->by_real_path);
    map_release(&all->overrides);
    map_release(&all->directories);
    arena_free(all->arena);
    pthread_mutex_destroy(&all->mutex);
    alloc_put(all, sizeof(*all));
}

const char *source_error_text(enum source_error e)
{
    switch (e) {
    case SOURCE_OK:
        return "no error";
    case SOURCE_MISSING:
        return "no such file";
    case SOURCE_DENIED:
        return "permission denied";
    case SOURCE_NOT_A_FILE:
        return "not a regular file";
    case SOURCE_TOO_LARGE:
        return "over the size limit";
    case SOURCE_OUTSIDE_ROOT:
        return "outside the scanned root";
    case SOURCE_LOOP:
        return "symbolic links form a loop";
    case SOURCE_CHANGED:
        return "it changed while it was read";
    case SOURCE_IO:
        break;
    }
    return "cannot be read";
}

static enum source_error error_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return SOURCE_MISSING;
    case EACCES:
    case EPERM:
        return SOURCE_DENIED;
    case ELOOP:
        return SOURCE_LOOP;
    case EISDIR:
    case ENXIO:
    case ENODEV:
        return SOURCE_NOT_A_FILE;
    case EFBIG:
    case EOVERFLOW:
        return SOURCE_TOO_LARGE;
    default:
        return SOURCE_IO;
    }
}

/* Encodes a code unit of UTF-16 that is half of nothing in a way that no UTF-8 reader accepts, so
 * that it is reported where it stands. */
static size_t encode_lone_surrogate(uint32_t unit, char out[4])
{
    out[0] = (char)(0xE0 | unit >> 12);
    out[1] = (char)(0x80 | (unit >> 6 & 0x3F));
    out[2] = (char)(0x80 | (unit & 0x3F));
    return 3;
}

static struct bytes utf16_to_utf8(str s, bool big_endian)
{
    const unsigned char *u = (const unsigned char *)s.p;
    struct bytes out = {NULL, 0, s.n / 2 * 3 + 1};
    size_t high = big_endian ? 0 : 1;
    size_t low = 1 - high;
    size_t i = 0;

    out.p = alloc_get(out.cap);
    for (; i + 1 < s.n; i += 2) {
        uint32_t c = (uint32_t)u[i + high] << 8 | u[i + low];

        if ((c & 0xFC00) == 0xD800 && i + 3 < s.n) {
            uint32_t second = (uint32_t)u[i + 2 + high] << 8 | u[i + 2 + low];

            if ((second & 0xFC00) == 0xDC00) {
                c = 0x10000 + ((c & 0x3FF) << 10) + (second & 0x3FF);
                i += 2;
            }
        }
        if ((c & 0xFFFFF800) == 0xD800)
            out.n += encode_lone_surrogate(c, out.p + out.n);
        else
            out.n += utf8_encode(c, out.p + out.n);
    }
    if (i < s.n)
        out.p[out.n++] = (char)0xFF; /* half a code unit */
    return out;
}

/* Gives the text without its byte order mark, as UTF-8. *memory is replaced when it was UTF-16. */
static str without_bom(str text, struct bytes *memory)
{
    bool big_endian = str_starts(text, STR("\xFE\xFF"));
    struct bytes converted;

    if (str_starts(text, STR("\xEF\xBB\xBF")))
        return str_slice(text, 3, text.n);
    if (!big_endian && !str_starts(text, STR("\xFF\xFE")))
        return text;
    converted = utf16_to_utf8(str_slice(text, 2, text.n), big_endian);
    alloc_put(memory->p, memory->cap);
    *memory = converted;
    return (str){converted.p, converted.n};
}

/* The size is a hint only: files grow, shrink, or lie about it (those in /proc). A NUL follows the text. */
static enum source_error read_all(int fd, size_t size, struct bytes *ret)
{
    struct bytes b = {NULL, 0, size + 1};
    bool at_end = false;
    int number = 0;

    b.p = alloc_get_unset(b.cap);
    while (!at_end && number == 0) {
        ssize_t got;

        if (b.n == b.cap) {
            b.p = alloc_resize(b.p, b.cap, b.cap * 2 + 4096);
            b.cap = b.cap * 2 + 4096;
        }
        got = read(fd, b.p + b.n, b.cap - b.n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            number = errno;
        else
            b.n += (size_t)got;
        if (b.n > LIMIT_FILE_BYTES)
            number = EFBIG;
        /* All that the size promised and not the byte more that there was room for: that was the end. */
        at_end = got == 0 || (b.n == size && size != 0);
    }
    if (number != 0) {
        alloc_put(b.p, b.cap);
        return error_of(number);
    }
    b.p[b.n] = '\0';
    *ret = b;
    return SOURCE_OK;
}

static bool is_unchanged(int fd, const struct stat *before, size_t n)
{
    struct stat now;

    if (fstat(fd, &now) != 0 || now.st_size != before->st_size || now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        return false;
    return now.st_size == 0 || (off_t)n == now.st_size; /* files in /proc have no size */
}

/* Half of an old text and half of a new one is neither: reads again what somebody writes meanwhile. */
static enum source_error read_whole(int fd, struct stat *status, struct bytes *ret)
{
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        enum source_error error;

        if (attempt > 0 && (lseek(fd, 0, SEEK_SET) != 0 || fstat(fd, status) != 0))
            return error_of(errno);
        error = read_all(fd, (size_t)status->st_size, ret);
        if (error != SOURCE_OK || is_unchanged(fd, status, ret->n))
            return error;
        alloc_put(ret->p, ret->cap);
        *ret = (struct bytes){NULL, 0, 0};
    }
    return SOURCE_CHANGED;
}

static enum source_error read_file(str real, struct bytes *ret)
{
    struct stat status;
    enum source_error error = SOURCE_OK;
    int fd = path_open_real(real.p, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return errno == ELOOP ? SOURCE_CHANGED : error_of(errno); /* no link a moment ago */
    if (fstat(fd, &status) != 0)
        error = error_of(errno);
    else if (!S_ISREG(status.st_mode))
        error = SOURCE_NOT_A_FILE;
    else if (status.st_size > (off_t)LIMIT_FILE_BYTES)
        error = SOURCE_TOO_LARGE;
    else
        error = read_whole(fd, &status, ret);
    close(fd);
    return error;
}

/* Call with the mutex held. */
static void remember_directory(struct sources *all, str dir, str real)
{
    map_set(&all->directories, arena_str(all->arena, dir), arena_copy(all->arena, &real, sizeof(real)));
}

/* STR_NONE when it cannot be resolved. Asked for each file, so answered from memory. */
static str real_directory(struct sources *all, str dir)
{
    str *known, real;

    pthread_mutex_lock(&all->mutex);
    known = map_find(&all->directories, dir);
    real = known != NULL ? *known : path_real(all->arena, dir);
    if (known == NULL && real.p != NULL)
        remember_directory(all, dir, real);
    pthread_mutex_unlock(&all->mutex);
    return real;
}

static str known_directory(struct sources *all, str dir)
{
    str *known;

    pthread_mutex_lock(&all->mutex);
    known = map_find(&all->directories, dir);
    pthread_mutex_unlock(&all->mutex);
    return known != NULL ? *known : STR_NONE;
}

void source_know_directory(struct sources *all, str dir, str real)
{
    pthread_mutex_lock(&all->mutex);
    if (!map_has(&all->directories, dir))
        remember_directory(all, dir, arena_str(all->arena, real));
    pthread_mutex_unlock(&all->mutex);
}

/* The real path, unless the last part of the name is a link: that of the directory is known. */
static bool likely_real(struct sources *all, str path, char text[LIMIT_PATH_BYTES], str *ret)
{
    str name = path_base(path), dir;
    size_t n;

    if (name.n == 0 || path.p[path.n - 1] == '/' || str_eq(name, STR(".")) || str_eq(name, STR("..")) ||
        str_find_char(path, '\0') != SIZE_MAX)
        return false;
    dir = real_directory(all, path_dir(path));
    n = dir.n == 1 ? 0 : dir.n; /* the slash of "/" */
    if (dir.p == NULL || n + 1 + name.n >= LIMIT_PATH_BYTES)
        return false;
    memcpy(text, dir.p, n);
    text[n] = '/';
    memcpy(text + n + 1, name.p, name.n);
    text[n + 1 + name.n] = '\0';
    *ret = (str){text, n + 1 + name.n};
    return true;
}

str source_real(struct sources *all, struct arena *a, str path)
{
    char text[LIMIT_PATH_BYTES];
    struct stat status;
    str real = known_directory(all, path);

    if (real.p != NULL)
        return arena_str(a, real);
    if (likely_real(all, path, text, &real) && lstat(text, &status) == 0 && !S_ISLNK(status.st_mode))
        return arena_str(a, real);
    return path_real(a, path);
}

static bool is_allowed(struct sources *all, str real, str root)
{
    if (root.n == 0)
        return true;
    root = real_directory(all, root);
    return root.p != NULL && path_is_below(real, root);
}

static enum source_error resolve(struct sources *all, struct arena *a, str path, str root, str *ret_real)
{
    struct stat status;
    str real = path_real(a, path);
    int number = errno;

    if (real.p == NULL) {
        /* Pipes in /dev/fd have no real path. */
        if (number == ENOENT && str_find_char(path, '\0') == SIZE_MAX && stat(arena_cstr(a, path), &status) == 0)
            return SOURCE_NOT_A_FILE;
        return error_of(number);
    }
    *ret_real = real;
    return is_allowed(all, real, root) ? SOURCE_OK : SOURCE_OUTSIDE_ROOT;
}

/* Call with the mutex held. */
static const struct source *add(struct sources *all, str path, str text, struct bytes memory, bool made_by_us)
{
    uint32_t id = all->n + 1, mark = memory.p != NULL ? (uint32_t)(text.p - memory.p) : 0;
    struct entry *e = next_entry(all);

    e->public = (struct source){id, arena_str(all->arena, path), text, mark, made_by_us};
    e->memory = memory.p;
    e->memory_size = memory.cap;
    atomic_store_explicit(&all->n, id, memory_order_release);
    return &e->public;
}

/* "a/../b/x" and "c/../b/x" are shown alike, whoever came first; not where links make them differ. */
static str without_detours(struct sources *all, struct arena *scratch, str path, str real)
{
    str plain = path_normalise(scratch, path);

    return str_eq(source_real(all, scratch, plain), real) ? plain : path;
}

static const struct source *find_real(struct sources *all, str real)
{
    const struct source *s;

    pthread_mutex_lock(&all->mutex);
    s = map_find(&all->by_real_path, real);
    pthread_mutex_unlock(&all->mutex);
    return s;
}

static const struct source *keep(struct sources *all, str path, str real, str text, struct bytes *memory)
{
    struct arena *scratch = str_contains(path, STR("/../")) ? arena_new() : NULL;
    str shown = scratch != NULL ? without_detours(all, scratch, path, real) : path;
    const struct source *s;

    pthread_mutex_lock(&all->mutex);
    s = map_find(&all->by_real_path, real);
    if (s == NULL) {
        s = add(all, shown, text, *memory, false);
        map_set(&all->by_real_path, arena_str(all->arena, real), (void *)(uintptr_t)s);
        memory->p = NULL;
    }
    pthread_mutex_unlock(&all->mutex);
    alloc_put(memory->p, memory->cap); /* another thread was first */
    arena_free(scratch);
    return s;
}

static const struct source *open_real(struct sources *all, str path, str real, enum source_error *ret_error)
{
    struct bytes memory = {NULL, 0, 0};
    const struct source *s = find_real(all, real);
    const str *overridden;

    *ret_error = SOURCE_OK;
    if (s != NULL)
        return s;
    overridden = map_find(&all->overrides, real);
    if (overridden)
        return keep(all, path, real, *overridden, &memory);
    *ret_error = read_file(real, &memory);
    return *ret_error == SOURCE_OK ? keep(all, path, real, without_bom((str){memory.p, memory.n}, &memory), &memory)
                                   : NULL;
}

void source_override(struct sources *all, str real, str text)
{
    str *kept = ARENA_NEW(all->arena, str);
    struct entry *e = map_find(&all->by_real_path, real);

    *kept = text;
    map_set(&all->overrides, real, kept);
    if (e != NULL) {
        e->public.text = text;
        e->public.mark = 0;
    }
}

/* Nearly no name is a link. What is none is opened at once; all else, and what fails, is looked at closely. */
const struct source *source_open(struct sources *all, str path, str root, enum source_error *ret_error)
{
    char text[LIMIT_PATH_BYTES];
    const struct source *s = NULL;
    struct arena *scratch;
    str real;

    *ret_error = SOURCE_OK;
    if (likely_real(all, path, text, &real) && is_allowed(all, real, root))
        s = open_real(all, path, real, ret_error);
    if (s != NULL || *ret_error == SOURCE_MISSING)
        return s;
    scratch = arena_new();
    *ret_error = resolve(all, scratch, path, root, &real);
    if (*ret_error == SOURCE_OK)
        s = open_real(all, path, real, ret_error);
    arena_free(scratch);
    return s;
}

const struct source *source_add(struct sources *all, str path, str text)
{
    struct bytes memory = {NULL, 0, 0};
    const struct source *s;

    text = without_bom(text, &memory);
    pthread_mutex_lock(&all->mutex);
    s = add(all, path, text, memory, true);
    pthread_mutex_unlock(&all->mutex);
    return s;
}

const struct source *source_at(const struct sources *all, uint32_t id)
{
    struct entry *e = entry_find(all, id);

    return e == NULL ? NULL : &e->public;
}

size_t sources_count(const struct sources *all)
{
    return atomic_load_explicit(&all->n, memory_order_acquire);
}

static size_t find_cr(str text, size_t from)
{
    const char *cr = from < text.n ? memchr(text.p + from, '\r', text.n - from) : NULL;

    return cr != NULL ? (size_t)(cr - text.p) : text.n;
}

/* The offset past the first line break at or after i; SIZE_MAX when there is none. *cr is where the next CR
 * stands (text.n: nowhere): it is looked for again only when it was passed, since few files have one. */
static size_t past_line_break(str text, size_t i, size_t *cr)
{
    const char *lf;

    if (*cr < i)
        *cr = find_cr(text, i);
    lf = i < *cr ? memchr(text.p + i, '\n', *cr - i) : NULL;
    if (lf != NULL)
        return (size_t)(lf - text.p) + 1;
    if (*cr == text.n)
        return SIZE_MAX;
    return *cr + 1 < text.n && text.p[*cr + 1] == '\n' ? *cr + 2 : *cr + 1;
}

static struct lines *find_lines(str text)
{
    enum { USUAL_LINE = 24 };
    size_t cap = text.n / USUAL_LINE + 2;
    struct lines *lines = alloc_get_unset(lines_size(cap));
    size_t n = 0;
    size_t cr = find_cr(text, 0);

    for (size_t i = 0; i != SIZE_MAX; i = past_line_break(text, i, &cr)) {
        if (n == cap) {
            lines = alloc_resize(lines, lines_size(cap), lines_size(2 * cap));
            cap *= 2;
        }
        lines->start[n++] = (uint32_t)i;
    }
    lines->n = n;
    lines->cap = cap;
    return lines;
}

/* The table is made by whoever asks first; of two that do at once one throws its own away. */
static const struct lines *lines_of(const struct source *s)
{
    struct entry *e = entry_of(s);
    struct lines *lines = atomic_load_explicit(&e->lines, memory_order_acquire);
    struct lines *made;

    if (lines != NULL)
        return lines;
    made = find_lines(s->text);
    if (atomic_compare_exchange_strong(&e->lines, &lines, made))
        return made;
    alloc_put(made, lines_size(made->cap));
    return lines;
}

struct position source_position(const struct source *s, uint32_t offset)
{
    const struct lines *lines = lines_of(s);
    size_t low = 0;
    size_t high = lines->n;

    if (offset > s->text.n)
        offset = (uint32_t)s->text.n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (lines->start[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (struct position){(uint32_t)low + 1, offset - lines->start[low] + 1};
}

uint32_t source_line_start(const struct source *s, uint32_t line)
{
    const struct lines *lines = lines_of(s);

    if (line == 0)
        return 0;
    return line > lines->n ? (uint32_t)s->text.n : lines->start[line - 1];
}

str source_line(const struct source *s, uint32_t line)
{
    uint32_t start = source_line_start(s, line);
    uint32_t end = source_line_start(s, line + 1);

    if (line == 0 || line == UINT32_MAX)
        return STR_NONE;
    if (end > start && s->text.p[end - 1] == '\n')
        end--;
    if (end > start && s->text.p[end - 1] == '\r')
        end--;
    return str_slice(s->text, start, end);
}

uint32_t source_line_count(const struct source *s)
{
    const struct lines *lines = lines_of(s);

    return (uint32_t)(lines->start[lines->n - 1] == s->text.n ? lines->n - 1 : lines->n);
}

static int compare_sources(const struct source *a, const struct source *b)
{
    int order = str_cmp(a->path, b->path);

    return order != 0 || a == b ? order : str_cmp(a->text, b->text);
}

static int compare_entries(const void *left, const void *right)
{
    const struct source *a = &(*(struct entry *const *)left)->public;
    const struct source *b = &(*(struct entry *const *)right)->public;
    int order = compare_sources(a, b);

    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

void sources_rank(struct sources *all)
{
    size_t n = sources_count(all);
    struct entry **sorted = alloc_get(n * sizeof(*sorted));

    for (size_t i = 0; i < n; i++)
        sorted[i] = entry_find(all, (uint32_t)i + 1);
    qsort(sorted, n, sizeof(*sorted), compare_entries);
    for (size_t i = 0; i < n; i++)
        sorted[i]->rank = (uint32_t)i + 1;
    alloc_put(sorted, n * sizeof(*sorted));
}

uint32_t source_rank(const struct sources *all, uint32_t id)
{
    struct entry *e = entry_find(all, id);

    return e == NULL ? 0 : e->rank;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

int span_compare(const struct sources *all, span a, span b)
{
    int order = 0;

    if (a.file != b.file) {
        struct entry *x = entry_find(all, a.file);
        struct entry *y = entry_find(all, b.file);

        if (x == NULL || y == NULL)
            order = (x != NULL) - (y != NULL);
        else if (x->rank != 0 && y->rank != 0)
            order = compare_numbers(x->rank, y->rank);
        else
            order = compare_sources(&x->public, &y->public);
    }
    if (order == 0)
        order = compare_numbers(a.start, b.start);
    return order != 0 ? order : compare_numbers(a.end, b.end);
}
