/*
 * Making a snapshot of a recorder: of its file, whether a process writes it now or not, or
 * of a copy of its bytes.
 */
#ifndef XT_RECORDER_READ_H
#define XT_RECORDER_READ_H

#include "recorder_copy.h"
#include "snapshot.h"

#pragma GCC visibility push(hidden)

/* Whether `header`, which was checked, is that of a recorder. */
static inline bool xt_is_recorder(const xt_header *header) {
    return header->undo_slots > 0;
}

/*
 * Stores a snapshot of the recorder that `source` has, which begins with `header`, which
 * was checked, in `*snapshot`, with what is known of its writer. It lives if `file`, a
 * descriptor, has its lock; -1 for none. Takes no lock, and writes nothing.
 *
 * If the writer changes the recorder meanwhile, tries again, for at most 100 ms; on a
 * machine so busy that there were only few tries, for longer.
 *
 * Returns XT_OK; XT_ERROR_MEMORY, XT_ERROR_SIZE, XT_ERROR_FILE with the reason in `errno`,
 * XT_ERROR_CHANGING; or XT_ERROR_INVALID, with a message in `*wrong`. The memory for the
 * copy comes from the system, as pages, of which only those that are used cost anything.
 */
xt_error xt_recorder_read(const xt_recorder_source *source, int file,
                          const xt_header *header, const xt_allocator *allocator,
                          xt_snapshot **snapshot, const char **wrong);

/* The same for `file`, a descriptor. */
xt_error xt_recorder_load(int file, const xt_header *header,
                          const xt_allocator *allocator, xt_snapshot **snapshot,
                          const char **wrong);

/* The same for `bytes`, as many as the header says, which don't change. */
xt_error xt_recorder_decode(const void *bytes, const xt_header *header,
                            const xt_allocator *allocator, xt_snapshot **snapshot,
                            const char **wrong);

#pragma GCC visibility pop

#endif
