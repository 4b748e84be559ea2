/*
 * Snapshots for tests: taken, checked, compared, and made while allocations fail or give
 * memory that isn't zeroed.
 */
#ifndef SUPPORT_SNAPSHOT_H
#define SUPPORT_SNAPSHOT_H

#include "exectrack_snapshot.h"
#include "image.h"

/* A snapshot of `image`, checked, from the system's allocator. */
xt_snapshot *snapshot_of(const xt_image *image);

/* Whether two texts have the same bytes. */
bool same_text(xt_text a, xt_text b);

/* Execution `sequence` of `image`, which is retained. */
xt_execution execution_of(const xt_image *image, uint64_t sequence);

/* The execution `age` records older than the newest, which is retained. */
xt_execution execution_of_age(const xt_image *image, size_t age);

/* Whether two executions are the same in every field. */
bool same_execution(const xt_execution *a, const xt_execution *b);

/* Fails the test unless both images have the same records with the same numbers. */
void assert_same_records(const xt_image *a, const xt_image *b);

/* The same for everything that doesn't depend on the records, including denials. */
void assert_same_apart_from_records(const xt_image *a, const xt_image *b);

/* The same for everything that can be read. */
void assert_same_reading(const xt_image *a, const xt_image *b);

/* A function that makes a snapshot, as `context` says. */
typedef xt_error snapshot_maker(const void *context, const xt_allocator *allocator,
                                xt_snapshot **snapshot);

/*
 * Lets each of the `allocations` that `make` needs fail in turn, alone and with all later
 * ones. Fails the test unless that returns XT_ERROR_MEMORY and releases all blocks.
 */
void assert_survives_want_of_memory(snapshot_maker *make, const void *context,
                                    int allocations);

/* Fails the test unless `make` makes the same bytes in memory that isn't zeroed. */
void assert_same_in_dirty_memory(snapshot_maker *make, const void *context);

#endif
