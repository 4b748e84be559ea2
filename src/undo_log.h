/*
 * The undo log of a recorder's file: opening its journal, and recovering from an operation
 * that was interrupted because its process was killed. Makes no system calls.
 */
#ifndef XT_UNDO_LOG_H
#define XT_UNDO_LOG_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* The journal of `image`, which has an undo log and no unfinished operation. It is valid
 * as long as the image's block. */
xt_journal xt_undo_log_journal(const xt_image *image);

/*
 * Undoes the unfinished operation of `image`, if there is one; one that cleared it is done
 * again. An image without an undo log has none. `image` may also be a copy of the block,
 * even of one that is damaged: only its header must have been checked.
 *
 * True if no operation is unfinished now, and the generation is even. False, with nothing
 * changed, if the log is damaged. Being killed in this function harms nothing: the log
 * stays as it is, and the generation changes last. O(size of the log), or for a clear
 * O(tools + texts).
 */
bool xt_undo_log_recover(xt_image *image);

#pragma GCC visibility pop

#endif
