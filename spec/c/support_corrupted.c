#include "support_corrupted.h"

static void record_failure(xt_tracker *tracker, const char *error_type) {
    const xt_execution execution = {
        .tool = xt_text_of("read"),
        .outcome = {.status = XT_FAILED, .error_type = xt_text_of(error_type)},
        .duration_us = 300,
    };
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static void fill(xt_tracker *tracker, uint64_t *now_us) {
    record(tracker, "read", XT_SUCCESS, 100);
    record_failure(tracker, "ENOENT");
    record(tracker, "write", XT_TIMED_OUT, 5000);
    record_failure(tracker, "EACCES");
    xt_tracker_start(tracker, xt_text_of("read"), 0);
    xt_span span = xt_tracker_start(tracker, xt_text_of("write"), 0);
    xt_tracker_start(tracker, xt_text_of("read"), 0);
    xt_tracker_start(tracker, xt_text_of("idle"), 0);
    *now_us += 1000;
    record(tracker, "read", XT_SUCCESS, 400);
    finish(tracker, &span, XT_CANCELLED);
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read"), .args_hash = 7},
                    xt_text_of("ENOENT"), 1);
}

xt_tracker *sound_tracker(void) {
    static uint64_t now_us;
    now_us = 1000000;
    xt_options options = options_at(&now_us, 4);
    options.max_tools = 3;
    options.max_in_flight = 3;
    xt_tracker *tracker = tracker_with(&options);
    fill(tracker, &now_us);
    assert_sound(tracker);
    return tracker;
}
