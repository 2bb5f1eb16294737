#include "cli/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

enum { FIRST_MS = 1000, NEXT_MS = 250, LINE_BYTES = 120 };

static struct {
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    bool running, stopping;
    const char *phase;
    struct timespec since;
} progress = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static volatile bool is_shown; /* read by signal handlers */

static const char erase[] = "\r\033[K";

static bool is_set(const char *name)
{
    const char *v = getenv(name);
    return v && *v;
}

static bool is_watched(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0 && !is_set("CI");
}

static struct timespec later(struct timespec t, long ms)
{
    t.tv_nsec += ms % 1000 * 1000000;
    t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

static void write_line(const char *phase, long seconds)
{
    char line[LINE_BYTES];
    int n = snprintf(line, sizeof(line), "%shipaalint: %s (%ld s)", erase, phase, seconds);
    is_shown = true;
    ssize_t written = write(STDERR_FILENO, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
    (void)written;
}

static void *watch(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&progress.lock);
    struct timespec next = later(progress.since, FIRST_MS);
    while (!progress.stopping) {
        if (pthread_cond_timedwait(&progress.wake, &progress.lock, &next) == 0)
            continue;
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (!progress.stopping)
            write_line(progress.phase, (long)(now.tv_sec - progress.since.tv_sec));
        next = later(now, NEXT_MS);
    }
    pthread_mutex_unlock(&progress.lock);
    return NULL;
}

void progress_start(bool quiet)
{
    if (quiet || progress.running || !is_watched())
        return;
    progress.phase = "starting";
    progress.stopping = false;
    clock_gettime(CLOCK_REALTIME, &progress.since);
    progress.running = pthread_create(&progress.thread, NULL, watch, NULL) == 0;
}

void progress_phase(const char *what)
{
    pthread_mutex_lock(&progress.lock);
    progress.phase = what;
    pthread_mutex_unlock(&progress.lock);
}

void progress_erase_now(void)
{
    if (!is_shown)
        return;
    is_shown = false;
    ssize_t written = write(STDERR_FILENO, erase, sizeof(erase) - 1);
    (void)written;
}

void progress_stop(void)
{
    if (!progress.running)
        return;
    pthread_mutex_lock(&progress.lock);
    progress.stopping = true;
    pthread_cond_signal(&progress.wake);
    pthread_mutex_unlock(&progress.lock);
    pthread_join(progress.thread, NULL);
    progress.running = false;
    progress_erase_now();
}
