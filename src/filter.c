/*
 * Selecting records, and taking a snapshot of those selected.
 */
#include "builder.h"

#include <string.h>

enum { WORD_BITS = 64 };

xt_filter xt_filter_all(void) {
    return (xt_filter){
        .statuses = {true, true, true, true},
        .cached = {true, true},
        .before_us = UINT64_MAX,
        .max_duration_us = XT_MAX_DURATION_US,
    };
}

size_t xt_selection_words(const xt_image *image) {
    return ((size_t)image->header->record_count + WORD_BITS - 1) / WORD_BITS;
}

/* Every condition is asked of every record: a branch on one would be mispredicted. */
static bool passes(const xt_filter *filter, const bool by_outcome[8],
                   const xt_record *record) {
    uint64_t duration_us = xt_record_duration_us(record);
    return (filter->tools == NULL || filter->tools[record->tool + 1]) &
           (filter->error_types == NULL || filter->error_types[record->error_type]) &
           by_outcome[record->packed >> XT_STATUS_SHIFT & 7] &
           (record->end_us >= filter->since_us) & (record->end_us < filter->before_us) &
           (duration_us >= filter->min_duration_us) &
           (duration_us <= filter->max_duration_us);
}

void xt_image_select(const xt_image *image, const xt_filter *filter,
                     uint64_t selection[]) {
    bool by_outcome[8]; /* by the three bits of status and cached */
    xt_stretch stretches[2];
    size_t i = 0;
    for (unsigned bits = 0; bits < 8; bits++) {
        by_outcome[bits] = filter->statuses[bits & 3] && filter->cached[bits >> 2];
    }
    memset(selection, 0, xt_selection_words(image) * sizeof selection[0]);
    xt_image_stretches(image, stretches);
    for (int stretch = 0; stretch < 2; stretch++) {
        const xt_record *records = stretches[stretch].records;
        for (size_t j = 0; j < stretches[stretch].count; j++, i++) {
            uint64_t bit = passes(filter, by_outcome, &records[j]);
            selection[i / WORD_BITS] |= bit << i % WORD_BITS;
        }
    }
}

/* Word `i` of `selection`, which there is, without the bits that are of no record. */
static uint64_t word_of(const xt_image *image, const uint64_t selection[], size_t i) {
    size_t left = image->header->record_count - i * WORD_BITS;
    return left < WORD_BITS ? selection[i] & ((UINT64_C(1) << left) - 1) : selection[i];
}

/* How many records of `image` are selected. */
static size_t count_selected(const xt_image *image, const uint64_t selection[]) {
    size_t count = 0;
    for (size_t i = 0; i < xt_selection_words(image); i++) {
        count += (size_t)__builtin_popcountll(word_of(image, selection, i));
    }
    return count;
}

/* Copies the records of `image` that are selected, after the first `skip` of them. */
static void copy_selected(const xt_image *image, const uint64_t selection[], size_t skip,
                          xt_record records[]) {
    xt_stretch stretches[2];
    xt_image_stretches(image, stretches);
    for (size_t i = 0; i < xt_selection_words(image); i++) {
        for (uint64_t left = word_of(image, selection, i); left != 0; left &= left - 1) {
            size_t place = i * WORD_BITS + (size_t)__builtin_ctzll(left);
            if (skip > 0) {
                skip--;
            } else {
                *records++ = place < stretches[0].count
                                 ? stretches[0].records[place]
                                 : stretches[1].records[place - stretches[0].count];
            }
        }
    }
}

xt_error xt_snapshot_select(const xt_image *image, const uint64_t selection[],
                            size_t last, const xt_allocator *allocator,
                            xt_snapshot **snapshot) {
    size_t selected = count_selected(image, selection);
    size_t count = selected < last ? selected : last;
    xt_builder builder;
    xt_error error = xt_builder_open_like(&builder, image, count, allocator);
    *snapshot = builder.snapshot;
    if (error == XT_OK) {
        copy_selected(image, selection, selected - count,
                      xt_builder_add_records(&builder, count));
        xt_builder_count_windows(&builder);
        xt_builder_finish(&builder);
    }
    return error;
}
