/*
 * xt_image_check with histograms that don't match their tools, in runs of one tool.
 */
#include "image.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static const char *const ends =
    "a tool's histograms don't match its shortest or longest duration";
static const char *const sums =
    "a tool's total of successes or of all else doesn't match its durations";

/* The check's message for a run of `read` with two executions of each duration, after its
 * shortest and longest duration were changed to `min_us` and `max_us`. */
static const char *verdict_after(uint64_t success_us, uint64_t failed_us, uint64_t min_us,
                                 uint64_t max_us) {
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 0);
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, success_us);
    record(tracker, "read", XT_FAILED, failed_us);
    record(tracker, "read", XT_SUCCESS, success_us);
    record(tracker, "read", XT_CANCELLED, failed_us);
    assert_sound(tracker);
    xt_tracker_image(tracker)->tools[0].min_us = min_us;
    xt_tracker_image(tracker)->tools[0].max_us = max_us;
    const char *verdict = verdict_on(xt_tracker_image(tracker));
    xt_tracker_close(tracker);
    return verdict;
}

static void finds_a_shortest_that_is_not_in_the_lowest_bucket_of_both(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) { /* the shorter ones succeeded, or failed */
        uint64_t a_us = i == 0 ? 100 : 400;
        uint64_t b_us = 500 - a_us;
        assert_string_equal(verdict_after(a_us, b_us, 100, 400), "sound");
        assert_string_equal(verdict_after(a_us, b_us, 98, 400), ends);
        assert_string_equal(verdict_after(a_us, b_us, 102, 400), ends);
        assert_string_equal(verdict_after(a_us, b_us, 0, 400), ends);
    }
    assert_string_equal(verdict_after(0, 400, 10, 400), ends);
    assert_string_equal(verdict_after(400, 0, 10, 400), ends);
}

static void finds_a_longest_that_is_not_in_the_highest_bucket_of_both(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        uint64_t a_us = i == 0 ? 100 : 400;
        uint64_t b_us = 500 - a_us;
        assert_string_equal(verdict_after(a_us, b_us, 100, 395), ends);
        assert_string_equal(verdict_after(a_us, b_us, 100, 406), ends);
    }
}

static void finds_a_duration_beyond_the_end_of_the_other_histogram(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 0);
    xt_tracker *tracker = tracker_with(&options);
    xt_tool *tool = &xt_tracker_image(tracker)->tools[0];
    record(tracker, "read", XT_SUCCESS, 1);
    record(tracker, "read", XT_SUCCESS, 1000);
    record(tracker, "read", XT_FAILED, 2);
    record(tracker, "read", XT_FAILED, 700);
    tool->min_us = 2;
    assert_string_equal(verdict_on(xt_tracker_image(tracker)), ends);
    tool->min_us = 1;
    assert_sound(tracker);
    tool->max_us = 700;
    assert_string_equal(verdict_on(xt_tracker_image(tracker)), ends);
    xt_tracker_close(tracker);
}

static void finds_a_longest_of_0_that_is_none(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 0);
    record(tracker, "read", XT_SUCCESS, 1);
    assert_sound(tracker);
    image->tools[0].max_us = 0;
    image->tools[0].lifetime.total_us = 0;
    image->header->lifetime.total_us = 0;
    assert_string_equal(verdict_on(image), ends);
    xt_tracker_close(tracker);
}

static void finds_a_total_of_failures_where_there_are_none(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 5);
    record(tracker, "read", XT_SUCCESS, 6);
    image->tools[0].other_us = 1;
    assert_string_equal(verdict_on(image), sums);
    image->tools[0].lifetime.total_us = XT_MAX_COUNT; /* it has stopped */
    image->header->lifetime.total_us = XT_MAX_COUNT;
    assert_string_equal(verdict_on(image), sums);
    image->tools[0].other_us = 0;
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void takes_totals_that_have_stopped(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 5);
    record(tracker, "read", XT_FAILED, 5);
    image->tools[0].lifetime.total_us = XT_MAX_COUNT;
    image->header->lifetime.total_us = XT_MAX_COUNT;
    image->tools[0].other_us = XT_MAX_COUNT;
    assert_sound(tracker);
    image->tools[0].other_us = 1;
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void takes_a_histogram_with_a_full_counter(void **state) {
    (void)state;
    const uint64_t more = UINT64_C(1) << 40;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 0);
    record(tracker, "read", XT_SUCCESS, 0);
    image->tools[0].lifetime.by_status[XT_SUCCESS] += more;
    image->header->lifetime.by_status[XT_SUCCESS] += more;
    image->header->recorded += more;
    image->histograms[0].zero_count = UINT32_MAX - 1;
    assert_string_equal(verdict_on(image),
                        "a tool's histograms don't match its executions");
    image->histograms[0].zero_count = UINT32_MAX;
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_shortest_that_is_not_in_the_lowest_bucket_of_both),
        cmocka_unit_test(finds_a_longest_that_is_not_in_the_highest_bucket_of_both),
        cmocka_unit_test(finds_a_duration_beyond_the_end_of_the_other_histogram),
        cmocka_unit_test(finds_a_longest_of_0_that_is_none),
        cmocka_unit_test(finds_a_total_of_failures_where_there_are_none),
        cmocka_unit_test(takes_totals_that_have_stopped),
        cmocka_unit_test(takes_a_histogram_with_a_full_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
