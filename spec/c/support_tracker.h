/*
 * Trackers for tests: with a clock that the test sets, checked, and filled in one line.
 */
#ifndef SUPPORT_TRACKER_H
#define SUPPORT_TRACKER_H

#include "image.h"

/* A clock whose time is `*now_us`. */
xt_clock clock_at(uint64_t *now_us);

/* The default options with this clock and `max_history`. */
xt_options options_at(uint64_t *now_us, size_t max_history);

/* A tracker with `options`, which are in their ranges. */
xt_tracker *tracker_with(const xt_options *options);

/* The text `string`, of `length` bytes, which may hold zeros. */
xt_text text_of(const char *string, size_t length);

/* Whether `text` is `string`. */
bool is_text(xt_text text, const char *string);

/* Records an execution of `tool`, and fails the test if it isn't recorded. */
void record(xt_tracker *tracker, const char *tool, xt_status status,
            uint64_t duration_us);

/* The same for one that ended at `end_us`. */
void record_at(xt_tracker *tracker, const char *tool, xt_status status,
               uint64_t duration_us, uint64_t end_us);

/* Finishes `span` with `status`, and fails the test if it isn't recorded. Returns the
 * microseconds. */
uint64_t finish(xt_tracker *tracker, xt_span *span, xt_status status);

/* The statistics of `tool`, which exists. */
xt_tool_stats stats_of(const xt_tracker *tracker, const char *tool);

/* Whether two statistics are the same, whatever the bytes between their fields. */
bool same_tool_stats(const xt_tool_stats *a, const xt_tool_stats *b);

/* Adds `execution` to `counts`. */
void count_execution(xt_counts *counts, const xt_execution *execution);

/* "sound", or the message of xt_image_check. */
const char *verdict_on(const xt_image *image);

#define assert_sound(tracker)                                                            \
    assert_string_equal(verdict_on(xt_tracker_image(tracker)), "sound")

/* The test may change the image of `tracker` itself between these two calls. */
void begin_change(xt_tracker *tracker);
void end_change(xt_tracker *tracker);

/* A copy of the image's block, to compare with; the caller frees it. */
void *copy_of_block(const xt_tracker *tracker);

/* Whether the image's block still has the bytes of `copy`. */
bool is_block(const xt_tracker *tracker, const void *copy);

#endif
