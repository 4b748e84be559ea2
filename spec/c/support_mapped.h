/*
 * Trackers whose image is in a block of memory like a recorder's file.
 */
#ifndef SUPPORT_MAPPED_H
#define SUPPORT_MAPPED_H

#include "undo_log.h"

#include "tracker.h"

typedef struct mapped_run {
    xt_tracker *tracker;
    const xt_image *image; /* the tracker's */
    xt_journal journal;
    void *block;
    void *own_block; /* null if the block is the caller's */
} mapped_run;

/*
 * Makes `mapped` a tracker that goes on with the run of `image`, in a block of its own,
 * with the clock `now_us`. It must not be moved.
 */
void open_mapped(mapped_run *mapped, const xt_image *image, uint64_t *now_us);

/* The same in a block of the caller's, zeroed and of the size that `mapped_bytes` returns,
 * which stays when it is closed. */
void open_mapped_in(mapped_run *mapped, void *block, const xt_image *image,
                    uint64_t *now_us);
size_t mapped_bytes(const xt_image *image);

void close_mapped(mapped_run *mapped);

/* A copy of the block with an unfinished operation: the generation is odd. The caller
 * frees its header. */
xt_image copy_unfinished(const mapped_run *mapped);

/* Whether two images have the same bytes up to the writer, except the generation and the
 * latest reading of the clock. */
bool is_same_run(const xt_image *a, const xt_image *b);

#endif
