/*
 * The starts and ends of a run's executions, in the order in which they happened.
 */
#ifndef XT_EVENTS_H
#define XT_EVENTS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * The start or the end of the record at `index`, from 0 for the oldest. `order` orders
 * events of the same time. Bit 29 is 0 for the end of an execution that started earlier:
 * these come first. The index follows. Bit 0 is 0 for a start and 1 for an end, so that
 * an execution of duration 0 starts and then ends, with nothing in between.
 */
typedef struct xt_event {
    uint64_t time_us;
    uint32_t order;
} xt_event;

static inline bool xt_event_is_end(const xt_event *event) {
    return (event->order & 1) != 0;
}

static inline size_t xt_event_index(const xt_event *event) {
    return event->order >> 1 & (XT_MAX_HISTORY - 1);
}

/*
 * Stores the events of all records of `image`, two for each, in `events`, in the order of
 * time. At equal times ends come first, and both are in the order of the records. A start
 * before 1970 counts as at 0. O(n * log n); uses qsort.
 */
void xt_events_of(const xt_image *image, xt_event events[]);

#pragma GCC visibility pop

#endif
