/*
 * Everything that can be asked of an image, with assertions on the answers.
 */
#ifndef EXERCISE_H
#define EXERCISE_H

#include "exectrack_snapshot.h"

#include "support_random.h"

/* Memory for snapshots that isn't zeroed, and whose ends a sanitizer guards. */
extern const xt_allocator dirty_allocator;

/*
 * Reads, selects, groups, merges and encodes `snapshot`, which keeps its invariants, and
 * aborts when something isn't as it must be. `random` chooses what to ask.
 */
void exercise(const xt_snapshot *snapshot, random_source *random);

#endif
