/*
 * Selections of records: a bit for each record that says whether it is selected. The bit
 * of record i, from 0 for the oldest, is bit i % 64 of word i / 64. The bits after the
 * last record are 0.
 */
#ifndef XT_SELECTION_H
#define XT_SELECTION_H

#include "exectrack_snapshot.h"

#pragma GCC visibility push(hidden)

/* How many words a selection of `image` has. */
size_t xt_selection_words(const xt_image *image);

/* Stores the selection of the records that pass `filter`, but ignores its `last`.
 * O(records * log sessions). */
void xt_selection_of(const xt_image *image, const xt_filter *filter,
                     uint64_t selection[]);

/*
 * Takes a snapshot of `image` with only the newest `last` of the selected records, as
 * xt_snapshot_filter does. Overwrites `selection`.
 */
xt_error xt_snapshot_select(const xt_image *image, uint64_t selection[], size_t last,
                            const xt_allocator *allocator, xt_snapshot **snapshot);

#pragma GCC visibility pop

#endif
