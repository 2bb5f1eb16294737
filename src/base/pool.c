#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"

enum { STACK_BYTES = 8 << 20 }; /* readers and evaluators recurse LIMIT_DEPTH levels */

struct work {
    pool_fn *fn;
    void *context;
    size_t items;
    atomic_size_t next;
};

struct worker {
    struct work *work;
    unsigned index;
    pthread_t thread;
};

static void work_on(struct work *work, unsigned worker)
{
    size_t item;

    while ((item = atomic_fetch_add(&work->next, 1)) < work->items)
        work->fn(work->context, item, worker);
}

static void *thread_main(void *argument)
{
    struct worker *w = argument;

    work_on(w->work, w->index);
    return NULL;
}

unsigned pool_jobs(unsigned wanted)
{
    if (wanted == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);

        wanted = cores < 1 ? 1 : cores > LIMIT_THREADS ? LIMIT_THREADS : (unsigned)cores;
    }
    return wanted > LIMIT_THREADS ? LIMIT_THREADS : wanted;
}

/* Signals stay with the caller; only those that a thread causes itself may reach it. */
static void block_signals(sigset_t *ret_old)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t all;

    sigfillset(&all);
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        sigdelset(&all, own[i]);
    pthread_sigmask(SIG_BLOCK, &all, ret_old);
}

static bool start(struct worker *w)
{
    pthread_attr_t attributes;
    int error;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (error == 0)
        error = pthread_create(&w->thread, &attributes, thread_main, w);
    pthread_attr_destroy(&attributes);
    return error == 0;
}

void pool_run(unsigned jobs, size_t items, pool_fn *fn, void *context)
{
    struct worker workers[LIMIT_THREADS];
    struct work work = {fn, context, items, 0};
    unsigned started = 1; /* the caller is worker 0 */
    sigset_t old;

    jobs = pool_jobs(jobs);
    if (jobs > items)
        jobs = (unsigned)items;
    if (jobs > 1) {
        block_signals(&old);
        while (started < jobs) {
            workers[started] = (struct worker){.work = &work, .index = started};
            if (!start(&workers[started]))
                break;
            started++;
        }
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    work_on(&work, 0);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}

struct ranked {
    uint64_t weight;
    size_t item;
};

struct by_weight {
    pool_fn *fn;
    void *context;
    const struct ranked *order;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->item < y->item ? -1 : 1;
}

static void run_ranked(void *context, size_t item, unsigned worker)
{
    struct by_weight *w = context;

    w->fn(w->context, w->order[item].item, worker);
}

void pool_run_by_weight(unsigned jobs, size_t items, const uint64_t *weight, pool_fn *fn, void *context)
{
    size_t bytes = items * sizeof(struct ranked);
    struct by_weight w = {fn, context, NULL};
    struct ranked *order;

    if (pool_jobs(jobs) == 1 || items < 2) {
        pool_run(jobs, items, fn, context);
        return;
    }
    order = alloc_get(bytes);
    for (size_t i = 0; i < items; i++)
        order[i] = (struct ranked){weight[i], i};
    qsort(order, items, sizeof(*order), compare_ranked);
    w.order = order;
    pool_run(jobs, items, run_ranked, &w);
    alloc_put(order, bytes);
}
