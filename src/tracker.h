/*
 * The internals of a tracker, for the files that make, open or replay one.
 */
#ifndef XT_TRACKER_H
#define XT_TRACKER_H

#include "clock.h"
#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * The block of memory of a tracker's image. It belongs to the tracker, which calls
 * `release`, unless that is null, when it is closed: before it is freed itself.
 */
typedef struct xt_storage {
    void *block; /* aligned to 8 */
    size_t bytes;
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
    /* Null for none. It is used only after xt_tracker_create_in has returned, so the caller
       can open it then; a new image has an undo log for it. */
    xt_journal *journal;
} xt_storage;

struct xt_tracker {
    xt_image image;
    xt_journal *journal; /* null in private memory */
    /* Computed from the image, for speed: */
    bool is_plain;           /* no measures, no texts of arguments, and no journal */
    bool is_plain_announced; /* the same, but with a journal */
    uint64_t newest_end_us;  /* of the last record; 0 if there is none */
    xt_name_index tools;
    xt_name_index error_types;
    xt_clock clock;
    xt_system_clock system_clock;
    xt_storage storage; /* of the image */
    void *memory; /* contains this struct; in private memory it begins with the image */
    size_t bytes; /* of `memory` */
    xt_allocator allocator; /* of `memory` */
    uint32_t index_slots[];
};

/*
 * Makes an empty tracker, as xt_tracker_create does, in `storage`, whose block is zeroed
 * and has the size that xt_build_plan stores. After an error the caller still owns the
 * storage.
 */
xt_error xt_tracker_create_in(const xt_storage *storage, const xt_options *options,
                              xt_tracker **tracker);

/*
 * Makes a tracker that continues the run whose image is in `storage`. Of `options` only
 * clock, allocator and seed are used.
 *
 * Returns XT_OK; or sets `*tracker` to null and returns XT_ERROR_MEMORY, an error of
 * xt_image_check_header, or XT_ERROR_INVALID: then `*wrong` says which invariant is
 * broken, or why nothing can be recorded (as in a snapshot's image). After an error the
 * caller still owns the storage, which is unchanged. O(size).
 */
xt_error xt_tracker_open_in(const xt_storage *storage, const xt_options *options,
                            xt_tracker **tracker, const char **wrong);

/*
 * Empties `image` as xt_tracker_clear says. The new lifetime begins at `cleared_us`, the
 * clock's latest reading, which stays; `clears` becomes the number of clears. It can be
 * repeated, also after it was interrupted: its effect depends only on the arguments and
 * on the numbers of names and histograms, which it doesn't change.
 */
void xt_image_clear(xt_image *image, uint64_t cleared_us, uint64_t clears,
                    xt_journal *journal);

/*
 * As xt_tracker_record_at and xt_tracker_start_at. If `known` isn't 0 it is the identifier of the
 * tool, as xt_tracker_tool_id said, and its name isn't looked up.
 */
xt_error xt_tracker_record_known(xt_tracker *tracker, const xt_execution *execution,
                                 uint32_t known);
xt_span xt_tracker_start_known(xt_tracker *tracker, const xt_call *call, uint32_t known,
                               uint64_t start_us);

/* Whether `span` is in flight. An unlisted one is checked only enough to keep the counters
 * consistent. */
bool xt_tracker_has(const xt_tracker *tracker, const xt_span *span);

/*
 * Finishes `span`, which is in flight, and records `execution` for it, with the times of
 * `execution`: its start may be before the tracker was made. It has the span's tool.
 */
void xt_tracker_finish_as(xt_tracker *tracker, xt_span *span,
                          const xt_execution *execution);

/*
 * Ends all executions in flight as cancelled, with this error type, at the latest reading of
 * the clock. The timing of those that are listed is elapsed, of the others untimed, as
 * nothing says when they began.
 */
void xt_tracker_end_all(xt_tracker *tracker, xt_text error_type);

/*
 * Stops the clock at `now_us`, or at its latest reading if that is later, until it is set
 * again. From then on the tracker uses no other clock.
 */
void xt_tracker_set_clock(xt_tracker *tracker, uint64_t now_us);

#pragma GCC visibility pop

#endif
