/*
 * Clearing a tracker's image.
 */
#include "measures.h"
#include "tracker.h"

#include <string.h>

void xt_image_clear(xt_image *image, uint64_t cleared_us, uint64_t clears,
                    xt_journal *journal) {
    xt_header *header = image->header;
    uint32_t tools = header->tool_names.count;
    size_t histograms_bytes = header->histogram_count * sizeof image->histograms[0];
    xt_journal_touch(journal, (char *)header + XT_CHANGING_START, XT_CHANGING_BYTES);
    xt_journal_touch(journal, &header->cleared_us, sizeof header->cleared_us);
    xt_journal_touch(journal, &header->clears, sizeof header->clears);
    xt_journal_touch(journal, image->tools, tools * sizeof image->tools[0]);
    xt_journal_touch(journal, image->histograms, histograms_bytes);
    xt_measures_clear(image, journal);
    for (uint32_t i = 0; i < tools; i++) {
        xt_tool_clear(&image->tools[i]);
    }
    memset(image->histograms, 0, histograms_bytes); /* tools keep their places */
    header->cleared_us = cleared_us;
    header->clears = clears;
    header->flags &= ~(uint32_t)XT_FLAGS;
    header->denial_count = 0;
    header->denials_overflowed = 0;
    header->denied_count = 0;
    header->denied_next = 0;
    header->record_count = 0;
    header->record_next = 0;
    header->lifetime = (xt_lifetime){0};
    header->window = (xt_window){0};
    header->tools_overflowed = 0;
    header->error_types_overflowed = 0;
    xt_texts_clear(&image->texts[XT_ARGS_TEXTS], journal);
    xt_texts_clear(&image->texts[XT_ERROR_TEXTS], journal);
}

void xt_tracker_clear(xt_tracker *tracker) {
    const xt_header *header = tracker->image.header;
    uint64_t clears = header->clears + 1;
    xt_journal_begin_clear(tracker->journal, header->now_us, clears);
    xt_image_clear(&tracker->image, header->now_us, clears, tracker->journal);
    tracker->newest_end_us = 0;
    xt_journal_end(tracker->journal);
}
