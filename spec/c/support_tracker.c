#include "support_tracker.h"

#include "support_cmocka.h"
#include "tracker.h"

static uint64_t read_variable(void *context) {
    return *(const uint64_t *)context;
}

xt_clock clock_at(uint64_t *now_us) {
    return (xt_clock){read_variable, now_us};
}

xt_options options_at(uint64_t *now_us, size_t max_history) {
    xt_options options = xt_options_default();
    options.clock = clock_at(now_us);
    options.max_history = max_history;
    options.instance[0] = 1; /* so that equal trackers have equal images */
    return options;
}

xt_tracker *tracker_with(const xt_options *options) {
    xt_tracker *tracker;
    assert_int_equal(xt_tracker_create(options, &tracker), XT_OK);
    return tracker;
}

xt_text text_of(const char *string, size_t length) {
    return (xt_text){string, length};
}

bool is_text(xt_text text, const char *string) {
    return text.bytes != NULL && text.length == strlen(string) &&
           memcmp(text.bytes, string, text.length) == 0;
}

static xt_execution execution_of(const char *tool, xt_status status,
                                 uint64_t duration_us) {
    return (xt_execution){.tool = xt_text_of(tool),
                          .outcome = {.status = status},
                          .duration_us = duration_us};
}

void record(xt_tracker *tracker, const char *tool, xt_status status,
            uint64_t duration_us) {
    xt_execution execution = execution_of(tool, status, duration_us);
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

void record_at(xt_tracker *tracker, const char *tool, xt_status status,
               uint64_t duration_us, uint64_t end_us) {
    xt_execution execution = execution_of(tool, status, duration_us);
    execution.end_us = end_us;
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
}

uint64_t finish(xt_tracker *tracker, xt_span *span, xt_status status) {
    uint64_t duration_us = 0;
    xt_outcome outcome = {.status = status};
    assert_int_equal(xt_tracker_finish(tracker, span, &outcome, &duration_us), XT_OK);
    return duration_us;
}

xt_tool_stats stats_of(const xt_tracker *tracker, const char *tool) {
    xt_tool_stats stats;
    uint32_t id = xt_tracker_tool_id(tracker, xt_text_of(tool));
    assert_true(xt_image_tool_stats(xt_tracker_image(tracker), id, &stats));
    return stats;
}

bool same_tool_stats(const xt_tool_stats *a, const xt_tool_stats *b) {
    const size_t bytes = offsetof(xt_tool_stats, in_flight) + sizeof a->in_flight;
    return memcmp(a, b, bytes) == 0;
}

void count_execution(xt_counts *counts, const xt_execution *execution) {
    uint64_t *by_status[] = {&counts->successful, &counts->failed, &counts->timed_out,
                             &counts->cancelled};
    counts->executions++;
    ++*by_status[execution->outcome.status];
    counts->cached_hits += execution->outcome.was_cached;
    counts->untimed += execution->timing == XT_UNTIMED;
    counts->elapsed += execution->timing == XT_ELAPSED;
    if (execution->timing == XT_ELAPSED) {
        counts->elapsed_duration_us += execution->duration_us;
    } else {
        counts->total_duration_us += execution->duration_us;
    }
}

const char *verdict_on(const xt_image *image) {
    void *scratch = malloc(xt_image_check_bytes(image));
    assert_non_null(scratch);
    const char *wrong = xt_image_check(image, scratch);
    free(scratch);
    return wrong != NULL ? wrong : "sound";
}

void begin_change(xt_tracker *tracker) {
    const xt_image *image = &tracker->image;
    xt_journal_begin_clear(tracker->journal, 0, 0); /* without a limit */
    xt_journal_touch(tracker->journal, image->header, xt_image_bytes(image));
}

void end_change(xt_tracker *tracker) {
    xt_journal_end(tracker->journal);
}

void *copy_of_block(const xt_tracker *tracker) {
    const xt_image *image = xt_tracker_image(tracker);
    size_t bytes = xt_image_bytes(image);
    void *copy = malloc(bytes);
    assert_non_null(copy);
    return memcpy(copy, image->header, bytes);
}

bool is_block(const xt_tracker *tracker, const void *copy) {
    const xt_image *image = xt_tracker_image(tracker);
    return memcmp(copy, image->header, xt_image_bytes(image)) == 0;
}
