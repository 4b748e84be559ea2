#include "newest.h"

static uint64_t end_of(const xt_image *image, uint64_t sequence) {
    uint32_t age = (uint32_t)(image->header->recorded - sequence);
    return image->records[xt_image_place(image->header, age)].end_us;
}

/* Whether the record at `place` of the heap is newer than record `than`. */
static bool is_newer(const xt_newest *newest, size_t place, uint64_t than) {
    uint64_t sequence = newest->sequences[place];
    uint64_t end_us = end_of(newest->image, sequence);
    uint64_t other_us = end_of(newest->image, than);
    return end_us != other_us ? end_us > other_us : sequence > than;
}

/* Stores `sequence` at the free place `at`, or nearer to the first place. */
static void sift_up(xt_newest *newest, size_t at, uint64_t sequence) {
    while (at > 0 && is_newer(newest, (at - 1) / 2, sequence)) {
        newest->sequences[at] = newest->sequences[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    newest->sequences[at] = sequence;
}

/* Stores `sequence` at the first of `count` places, which is free, or further from it. */
static void sift_down(xt_newest *newest, size_t count, uint64_t sequence) {
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_newer(newest, child, newest->sequences[child + 1])) {
            child++;
        }
        if (is_newer(newest, child, sequence)) {
            break;
        }
        newest->sequences[at] = newest->sequences[child];
        at = child;
    }
    newest->sequences[at] = sequence;
}

void xt_newest_offer(xt_newest *newest, uint64_t sequence) {
    if (newest->count < newest->capacity) {
        sift_up(newest, newest->count++, sequence);
    } else if (newest->count > 0 && !is_newer(newest, 0, sequence)) {
        sift_down(newest, newest->count, sequence);
    }
}

void xt_newest_sort(xt_newest *newest) {
    for (size_t last = newest->count; last > 1; last--) {
        uint64_t oldest = newest->sequences[0];
        sift_down(newest, last - 1, newest->sequences[last - 1]);
        newest->sequences[last - 1] = oldest;
    }
}

size_t xt_image_newest(const xt_image *image, size_t capacity, uint64_t sequences[]) {
    const xt_header *header = image->header;
    size_t count = capacity < header->record_count ? capacity : header->record_count;
    if (xt_image_is_in_order(image)) {
        for (size_t i = 0; i < count; i++) {
            sequences[i] = header->recorded - i;
        }
        return count;
    }
    xt_newest newest = {.image = image, .capacity = count, .sequences = sequences};
    for (uint32_t age = 0; age < header->record_count; age++) {
        xt_newest_offer(&newest, header->recorded - age);
    }
    xt_newest_sort(&newest);
    return count;
}
