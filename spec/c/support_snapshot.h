/*
 * Snapshots for tests: taken, checked, compared with what they are of, and made while
 * memory runs out or is dirty.
 */
#ifndef SUPPORT_SNAPSHOT_H
#define SUPPORT_SNAPSHOT_H

#include "exectrack_snapshot.h"
#include "image.h"

/* A sound snapshot of `image`, with the system's allocator. */
xt_snapshot *snapshot_of(const xt_image *image);

/* Whether two texts have the same bytes. */
bool same_text(xt_text a, xt_text b);

/* What `image` says of execution `sequence`, which it retains. */
xt_execution execution_of(const xt_image *image, uint64_t sequence);

/* Execution `age` records older than the newest, which is retained. */
xt_execution execution_of_age(const xt_image *image, size_t age);

/* Whether two executions are the same in every field. */
bool same_execution(const xt_execution *a, const xt_execution *b);

/* Fails the test unless both images have the same records, by number. */
void assert_same_records(const xt_image *a, const xt_image *b);

/* The same for all that isn't counted from the records, denials included. */
void assert_same_apart_from_records(const xt_image *a, const xt_image *b);

/* The same for everything that can be read. */
void assert_same_reading(const xt_image *a, const xt_image *b);

/* What makes a snapshot, of whatever `context` says. */
typedef xt_error snapshot_maker(const void *context, const xt_allocator *allocator,
                                xt_snapshot **snapshot);

/*
 * Lets each of the `allocations` that `make` needs fail in turn, once and for good, and
 * fails the test if that gives anything but XT_ERROR_MEMORY, or leaves a block behind.
 */
void assert_survives_want_of_memory(snapshot_maker *make, const void *context,
                                    int allocations);

/* Fails the test unless `make` gives the same bytes in memory that was never zeroed. */
void assert_same_in_dirty_memory(snapshot_maker *make, const void *context);

#endif
