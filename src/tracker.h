/*
 * A tracker as those files see it that make, replay or keep one.
 */
#ifndef XT_TRACKER_H
#define XT_TRACKER_H

#include "clock.h"
#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * The block of memory that a tracker's image lives in. It belongs to the tracker, which
 * gives it to `release`, unless that is null, when it is closed.
 */
typedef struct xt_storage {
    void *block; /* aligned to 8 */
    size_t bytes;
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
    xt_journal *journal; /* that is told of each change; null for none */
} xt_storage;

struct xt_tracker {
    xt_image image;
    xt_journal *journal; /* null in private memory */
    /* What isn't said by the image at a glance: */
    bool is_plain;          /* no journal, no measures and no texts of arguments */
    uint64_t newest_end_us; /* of the record recorded last; 0 without one */
    xt_name_index tools;
    xt_name_index error_types;
    xt_clock clock;
    xt_system_clock system_clock;
    xt_storage storage; /* of the image */
    void *memory; /* of this; in private memory of the image too, which it begins with */
    size_t bytes;
    xt_allocator allocator; /* that gave the memory */
    uint32_t index_slots[];
};

/*
 * Makes an empty tracker, as xt_tracker_create does, in `storage`, whose block is zeroed
 * and as large as xt_build_plan says. After an error the storage is still the caller's.
 */
xt_error xt_tracker_create_in(const xt_storage *storage, const xt_options *options,
                              xt_tracker **tracker);

/*
 * Goes on with the run whose image `storage` holds, from where it was. Of `options` only
 * clock, allocator and seed count.
 *
 * Returns XT_OK, or leaves `*tracker` null and returns XT_ERROR_MEMORY, an error of
 * xt_image_check_header, or XT_ERROR_INVALID: then `*wrong` says which invariant is broken,
 * or that nothing can be added, as to a snapshot's image. After an error the storage is
 * still the caller's, and unchanged. O(size).
 */
xt_error xt_tracker_open_in(const xt_storage *storage, const xt_options *options,
                            xt_tracker **tracker, const char **wrong);

/*
 * Empties `image` as xt_tracker_clear says, which begins to count anew at `cleared_us`: the
 * clock's latest reading, which stays. Then it was cleared `clears` times. It can be
 * repeated, and begun anew when it was interrupted: what it does follows from these two
 * and from how many names and histograms there are, which it keeps.
 */
void xt_image_clear(xt_image *image, uint64_t cleared_us, uint64_t clears,
                    xt_journal *journal);

/*
 * Finishes `span`, which is in flight, and records `execution` for it, at its own times:
 * a duration may reach further back than the clock does. `execution` has the span's tool.
 */
void xt_tracker_finish_as(xt_tracker *tracker, xt_span *span,
                          const xt_execution *execution);

/*
 * Has the clock stand at `now_us`, or at its latest reading if that is later, until it is
 * set again. From then on the tracker has no other clock.
 */
void xt_tracker_set_clock(xt_tracker *tracker, uint64_t now_us);

#pragma GCC visibility pop

#endif
