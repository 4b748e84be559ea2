/*
 * The starts and ends of a run's executions, in the order in which they happened.
 */
#ifndef XT_EVENTS_H
#define XT_EVENTS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * The start or the end of the record at `index`, from 0 for the oldest. `order` and then
 * `place` order events of the same time. Bit 29 of `order` is 0 for events that come
 * first. The index follows. Bit 0 is 0 for a start and 1 for an end. `place` is twice the
 * index, but for the start of an execution with others within it, twice that of the first
 * of these; and 1 more for an end.
 */
typedef struct xt_event {
    uint64_t time_us;
    uint32_t order;
    uint32_t place;
} xt_event;

static inline bool xt_event_is_end(const xt_event *event) {
    return (event->order & 1) != 0;
}

static inline size_t xt_event_index(const xt_event *event) {
    return event->order >> 1 & (XT_MAX_HISTORY - 1);
}

/*
 * Stores the events of all records of `image`, two for each, in `events`, in the order of
 * time. At equal times ends come first, and both are in the order of the records; an
 * execution of duration 0 starts and ends with nothing in between. But if the records are
 * in the order of their ends, an execution starts before all that are within it, and ends
 * after them: so the executions of one coroutine are in the order in which they took
 * place, even if all times are the same. A start before 1970 counts as at 0.
 * O(n * log n); uses qsort.
 */
void xt_events_of(const xt_image *image, xt_event events[]);

#pragma GCC visibility pop

#endif
