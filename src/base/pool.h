/* pool.h - run one function over many items on several threads.
 *
 * Items are handed out in order; each worker has an index, so results go into per-item or
 * per-worker places and are merged by the caller in item order: output never depends on timing.
 * If a thread cannot be started the others do its work. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/base.h"

typedef void pool_fn(void *context, size_t item, unsigned worker);

/* `jobs` 0 means the number of cores (at most LIMIT_THREADS). Returns when all items are done. */
void pool_run(unsigned jobs, size_t items, pool_fn *fn, void *context);
/* As pool_run, but the heaviest item first, so that none is left to one thread at the end. */
void pool_run_by_weight(unsigned jobs, size_t items, const uint64_t *weight, pool_fn *fn, void *context);
unsigned pool_jobs(unsigned wanted); /* the number of workers that pool_run would use */

#endif
