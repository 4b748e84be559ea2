/*
 * Directories of recorders' files: what differs between systems, besides recorder_file.h.
 * There is one source for each kind of system, in posix/ and windows/.
 *
 * Knows nothing of runs. A function that returns false or -1 has set `errno`.
 */
#ifndef XT_RECORDER_DIRECTORY_H
#define XT_RECORDER_DIRECTORY_H

#include "recorder_file.h"

#pragma GCC visibility push(hidden)

/* Makes a directory at `place`, for its owner alone (mode 0700), unless there is one.
 * ENOTDIR if something else is there. */
bool xt_directory_make(const xt_recorder_place *place);

/* Calls `visit` with the name of each entry of the directory that is open as `directory`,
 * in no order. */
bool xt_directory_list(int directory, void (*visit)(void *context, const char *name),
                       void *context);

/*
 * Opens the file at `place` for reading, and stores its size; the caller calls `close`. It
 * isn't locked. EINVAL for what isn't a regular file, which isn't waited for.
 */
int xt_directory_open_file(const xt_recorder_place *place, uint64_t *bytes);

/* Removes the file at `place`. */
bool xt_directory_remove(const xt_recorder_place *place);

#pragma GCC visibility pop

#endif
