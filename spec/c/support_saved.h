/*
 * Runs to save, and their saved bytes.
 */
#ifndef SUPPORT_SAVED_H
#define SUPPORT_SAVED_H

#include "exectrack_snapshot.h"
#include "image.h"

/* Bytes of a saved run, in a block of exactly that size, aligned for its header. */
typedef struct saved {
    xt_header *header;
    size_t count;
} saved;

/* Snapshots, which the caller closes: of one record; of all that a run can have. */
xt_snapshot *small_snapshot(void);
xt_snapshot *busy_snapshot(void);

/* The run of the second as a tracker, whose table and ring have free places. */
xt_tracker *busy_tracker(void);

/* A snapshot with exactly the bytes of `image`, including unused slots. */
xt_snapshot *with_all_slots(const xt_image *image);

/* The bytes of a file of `snapshot`; the caller frees `header`. */
saved encode(const xt_snapshot *snapshot);

/* Corrects the checksum of `bytes`. */
void seal(saved *bytes);

/* A view of the bytes, to change them. */
xt_image image_of(saved *bytes);

#endif
