/*
 * The starts and ends of a run's executions, in the order in which they happened.
 */
#ifndef XT_EVENTS_H
#define XT_EVENTS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * The start or the end of the record at `index`, from 0 for the oldest. `order` tells
 * events of the same time apart: bit 29 is 0 for the end of what started earlier, which
 * comes first; then the index; bit 0 is 0 for a start, so that what ends as it starts
 * does it in one go.
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
 * time; at equal times ends come first, and both in the order of the records. A start
 * before 1970 counts as at 0. O(n * log n); uses qsort.
 */
void xt_events_of(const xt_image *image, xt_event events[]);

#pragma GCC visibility pop

#endif
