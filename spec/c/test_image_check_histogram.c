/*
 * What xt_image_check says of histograms that don't fit their tools, in runs of one tool.
 */
#include "image.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static void finds_a_zero_that_its_tool_has_not_as_shortest(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 0);
    record(tracker, "read", XT_SUCCESS, 10);
    record(tracker, "read", XT_SUCCESS, 90);
    assert_sound(tracker);
    xt_tracker_image(tracker)->tools[0].min_us = 10;
    assert_string_equal(
        verdict_on(xt_tracker_image(tracker)),
        "a histogram doesn't begin or end with its tool's shortest or longest");
    xt_tracker_close(tracker);
}

static void finds_a_longest_that_its_tool_has_not(void **state) {
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
    assert_string_equal(
        verdict_on(image),
        "a histogram doesn't begin or end with its tool's shortest or longest");
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
                        "a histogram doesn't count its tool's executions");
    image->histograms[0].zero_count = UINT32_MAX;
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_zero_that_its_tool_has_not_as_shortest),
        cmocka_unit_test(finds_a_longest_that_its_tool_has_not),
        cmocka_unit_test(takes_a_histogram_with_a_full_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
