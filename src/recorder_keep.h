/*
 * Removing files of recorders from a directory.
 */
#ifndef XT_RECORDER_KEEP_H
#define XT_RECORDER_KEEP_H

#include "recorder_file.h"

#pragma GCC visibility push(hidden)

/*
 * Removes the oldest recorders with this label from the directory of `place`, until it has
 * `keep` of them, or only such that are open. A file is one of them if xt_recorder_name
 * could have named it and it has the header of a recorder with this label. No other file
 * is removed. What can't be read or removed stays. O(files in the directory).
 */
void xt_recorder_keep(const xt_recorder_place *place, xt_text label, size_t keep,
                      const xt_allocator *allocator);

/* Removes the new files that processes left in the directory of `place` as they died before
 * these had their names. O(files in the directory). */
void xt_recorder_remove_unfinished(const xt_recorder_place *place);

#pragma GCC visibility pop

#endif
