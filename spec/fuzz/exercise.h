/*
 * Calls all functions that read an image, and asserts their results.
 */
#ifndef EXERCISE_H
#define EXERCISE_H

#include "exectrack_snapshot.h"

#include "support_random.h"

/* Memory for snapshots that isn't zeroed, in blocks whose ends a sanitizer guards. */
extern const xt_allocator dirty_allocator;

/*
 * Reads, filters, groups, merges and encodes `snapshot`, which keeps its invariants, and
 * aborts if a result is wrong. `random` chooses the arguments.
 */
void exercise(const xt_snapshot *snapshot, random_source *random);

#endif
