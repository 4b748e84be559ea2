/*
 * Runs to save, and their bytes as they are saved.
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

/* The same as a tracker, whose table and ring have room and free places. */
xt_tracker *busy_tracker(void);

/* A snapshot that has the very bytes of `image`, unused slots included. */
xt_snapshot *with_all_slots(const xt_image *image);

/* What a file of `snapshot` has; the caller frees `header`. */
saved encode(const xt_snapshot *snapshot);

/* Makes the checksum of `bytes` that of what they are. */
void seal(saved *bytes);

/* Views the bytes, to change them. */
xt_image image_of(saved *bytes);

#endif
