#include "events.h"

#include <stdlib.h>

enum { BEGINS = 1 << 29 }; /* not set for the end of an execution that started earlier */

static int compare_events(const void *a, const void *b) {
    const xt_event *left = a;
    const xt_event *right = b;
    return left->time_us != right->time_us
               ? (left->time_us > right->time_us) - (left->time_us < right->time_us)
               : (left->order > right->order) - (left->order < right->order);
}

/* Stores the start and the end of `record`, which is at `index`. */
static void store_events(const xt_record *record, uint32_t index, xt_event events[2]) {
    uint64_t start_us = xt_record_start_us(record);
    uint32_t started_now = record->end_us == start_us ? BEGINS : 0;
    events[0] = (xt_event){start_us, BEGINS | index << 1};
    events[1] = (xt_event){record->end_us, started_now | index << 1 | 1};
}

void xt_events_of(const xt_image *image, xt_event events[]) {
    xt_stretch stretches[2];
    uint32_t index = 0;
    xt_image_stretches(image, stretches);
    for (int stretch = 0; stretch < 2; stretch++) {
        for (size_t i = 0; i < stretches[stretch].count; i++, index++) {
            store_events(&stretches[stretch].records[i], index,
                         &events[2 * (size_t)index]);
        }
    }
    if (index > 0) {
        qsort(events, 2 * (size_t)index, sizeof events[0], compare_events);
    }
}
