#include "events.h"

#include "order.h"

#include <stdlib.h>

/* Not set for the end of an execution that started earlier, and so did all within it. */
enum { BEGINS = 1 << 29 };

/* Of starts at the same place, that of the outermost execution comes first: its record
 * comes last. */
static int compare_events(const void *a, const void *b) {
    const xt_event *left = a;
    const xt_event *right = b;
    return left->time_us != right->time_us ? xt_order(left->time_us, right->time_us)
           : ((left->order ^ right->order) & BEGINS) != 0
               ? xt_order(left->order & BEGINS, right->order & BEGINS)
           : left->place != right->place ? xt_order(left->place, right->place)
                                         : xt_order(right->order, left->order);
}

static uint32_t depth_of(const xt_image *image, uint32_t index) {
    const xt_header *header = image->header;
    uint32_t age = header->record_count - 1 - index;
    return xt_record_depth(&image->records[xt_image_place(header, age)]);
}

/* Stores the start and the end of `record`, which is at `index`. */
static void store_events(const xt_record *record, uint32_t index, xt_event events[2]) {
    uint64_t start_us = xt_record_start_us(record);
    uint32_t started_now = record->end_us == start_us ? BEGINS : 0;
    events[0] = (xt_event){start_us, BEGINS | index << 1, 2 * index};
    events[1] = (xt_event){record->end_us, started_now | index << 1 | 1, 2 * index + 1};
}

/*
 * Moves the start of the record at `index`, whose events are stored, to the place of the
 * first execution within it; and its end behind one within it that starts at that time.
 * Those within it are just before it, are deeper, and started with it or later; those
 * within one of them are passed over at once, so that the cost for all records is O(n).
 */
static void enclose(const xt_image *image, uint32_t index, uint32_t depth,
                    xt_event events[]) {
    xt_event *start = &events[2 * (size_t)index];
    xt_event *end = start + 1;
    uint32_t first = index;
    while (first > 0 && depth_of(image, first - 1) > depth) {
        const xt_event *inner = &events[2 * (size_t)(first - 1)];
        if (inner[0].time_us < start->time_us) {
            break;
        }
        if (inner[1].time_us == end->time_us) {
            end->order |= inner[1].order & BEGINS;
        }
        first = inner[0].place / 2;
    }
    start->place = 2 * first;
}

void xt_events_of(const xt_image *image, xt_event events[]) {
    xt_stretch stretches[2];
    uint32_t index = 0;
    const bool is_in_order = xt_image_is_in_order(image);
    xt_image_stretches(image, stretches);
    for (int stretch = 0; stretch < 2; stretch++) {
        for (size_t i = 0; i < stretches[stretch].count; i++, index++) {
            const xt_record *record = &stretches[stretch].records[i];
            store_events(record, index, &events[2 * (size_t)index]);
            if (is_in_order) {
                enclose(image, index, xt_record_depth(record), events);
            }
        }
    }
    if (index > 0) {
        qsort(events, 2 * (size_t)index, sizeof events[0], compare_events);
    }
}
