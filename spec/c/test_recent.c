/*
 * What policies read: repeats, starts, executions in flight, and recent durations.
 */
#include "support_cmocka.h"
#include "support_random.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <math.h>

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_history, size_t max_in_flight) {
    now_us = 1000;
    xt_options options = options_at(&now_us, max_history);
    options.max_in_flight = max_in_flight;
    return tracker_with(&options);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void record_call(xt_tracker *tracker, const char *tool, uint32_t args_hash) {
    xt_execution execution = {.tool = xt_text_of(tool), .args_hash = args_hash};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static xt_span start(xt_tracker *tracker, const char *tool) {
    return xt_tracker_start(tracker, xt_text_of(tool), 0);
}

static uint64_t nth_start(const xt_image *image, uint32_t tool_id, int64_t after_us,
                          uint64_t n) {
    uint64_t start_us;
    assert_true(xt_image_nth_start(image, tool_id, after_us, n, &start_us));
    return start_us;
}

static void assert_fewer_starts(const xt_image *image, uint32_t tool_id, int64_t after_us,
                                uint64_t n) {
    uint64_t start_us = 77;
    assert_false(xt_image_nth_start(image, tool_id, after_us, n, &start_us));
    assert_int_equal(start_us, 77);
}

static void repeats_are_of_the_same_tool_and_arguments(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record_call(tracker, "read", 7);
    record_call(tracker, "read", 8);
    record_call(tracker, "write", 7);
    record_call(tracker, "read", 7);
    record_call(tracker, "read", 0);
    assert_int_equal(xt_image_repeats(image, 1, 7, 5, 0), 2);
    assert_int_equal(xt_image_repeats(image, 1, 8, 5, 0), 1);
    assert_int_equal(xt_image_repeats(image, 1, 0, 5, 0), 1);
    assert_int_equal(xt_image_repeats(image, 2, 7, 5, 0), 1);
    assert_int_equal(xt_image_repeats(image, 2, 8, 5, 0), 0);
    assert_int_equal(xt_image_repeats(image, 3, 7, 5, 0), 0);
    assert_int_equal(xt_image_repeats(image, 0, 7, 5, 0), 0);
    assert_int_equal(xt_image_repeats(image, XT_ALL_TOOLS, 7, 5, 0), 0);
    close_sound(tracker);
}

static void repeats_are_of_the_same_session(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    xt_execution execution = {.tool = xt_text_of("read"), .args_hash = 7};
    for (uint32_t session = 0; session < 3; session++) {
        const xt_call call = {
            .tool = execution.tool, .args_hash = 7, .session = {.hash = session}};
        execution.session.hash = session;
        for (uint32_t i = 0; i < session; i++) {
            assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
        }
        xt_tracker_start_call(tracker, &call);
    }
    assert_int_equal(xt_image_repeats(image, 1, 7, 5, 0), 1);
    assert_int_equal(xt_image_repeats(image, 1, 7, 5, 1), 2);
    assert_int_equal(xt_image_repeats(image, 1, 7, 5, 2), 3);
    assert_int_equal(xt_image_repeats(image, 1, 7, 1, 1), 2);
    assert_int_equal(xt_image_repeats(image, 1, 7, 1, 2), 2);
    assert_int_equal(xt_image_repeats(image, 1, 7, 0, 2), 1);
    assert_int_equal(xt_image_repeats(image, 1, 7, 5, 3), 0);
    close_sound(tracker);
}

static void sessions_are_looked_for_among_2000_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3000, 4);
    const xt_image *image = xt_tracker_image(tracker);
    xt_execution execution = {
        .tool = xt_text_of("read"), .args_hash = 7, .session = {.hash = 1}};
    xt_tracker_record(tracker, &execution);
    for (int i = 0; i < 1999; i++) {
        record_call(tracker, "read", 7);
    }
    assert_int_equal(xt_image_repeats(image, 1, 7, 1, 1), 1);
    record_call(tracker, "read", 7);
    assert_int_equal(xt_image_repeats(image, 1, 7, 1, 1), 0);
    assert_int_equal(xt_image_repeats(image, 1, 7, 2000, 1), 0);
    assert_int_equal(xt_image_repeats(image, 1, 7, 2001, 1), 1);
    close_sound(tracker);
}

static void repeats_are_among_the_newest_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3, 4);
    const xt_image *image = xt_tracker_image(tracker);
    const size_t beyond_32_bits = SIZE_MAX > UINT32_MAX ? (size_t)UINT32_MAX + 1 : 4;
    for (uint32_t args_hash = 4; args_hash > 0; args_hash--) {
        record_call(tracker, "read", args_hash);
    }
    assert_int_equal(xt_image_repeats(image, 1, 1, 0, 0), 0);
    assert_int_equal(xt_image_repeats(image, 1, 1, 1, 0), 1);
    assert_int_equal(xt_image_repeats(image, 1, 2, 1, 0), 0);
    assert_int_equal(xt_image_repeats(image, 1, 3, 2, 0), 0);
    assert_int_equal(xt_image_repeats(image, 1, 3, 3, 0), 1);
    assert_int_equal(xt_image_repeats(image, 1, 3, beyond_32_bits, 0), 1);
    assert_int_equal(xt_image_repeats(image, 1, 4, SIZE_MAX, 0), 0);
    close_sound(tracker);
}

static void what_is_listed_in_flight_repeats_too(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3, 3);
    const xt_image *image = xt_tracker_image(tracker);
    record_call(tracker, "read", 7);
    xt_tracker_start(tracker, xt_text_of("read"), 7);
    xt_tracker_start(tracker, xt_text_of("write"), 7);
    xt_tracker_start(tracker, xt_text_of("read"), 8);
    xt_tracker_start(tracker, xt_text_of("read"), 7); /* unlisted */
    assert_int_equal(xt_image_repeats(image, 1, 7, 3, 0), 2);
    assert_int_equal(xt_image_repeats(image, 1, 7, 0, 0), 1);
    close_sound(tracker);
}

static void starts_are_after_a_time_and_not_at_it(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record_at(tracker, "read", XT_SUCCESS, 10, 110);  /* starts at 100 */
    record_at(tracker, "write", XT_SUCCESS, 60, 160); /* starts at 100 */
    record_at(tracker, "read", XT_SUCCESS, 0, 200);
    assert_int_equal(xt_image_starts(image, 1, 99), 2);
    assert_int_equal(xt_image_starts(image, 1, 100), 1);
    assert_int_equal(xt_image_starts(image, 1, 200), 0);
    assert_int_equal(xt_image_starts(image, 2, 99), 1);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, 99), 3);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, 100), 1);
    assert_int_equal(xt_image_starts(image, 3, 0), 0);
    assert_int_equal(xt_image_starts(image, 0, -1), 0);
    close_sound(tracker);
}

static void everything_starts_after_a_time_before_1970(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record_at(tracker, "read", XT_SUCCESS, 10, 5);
    record_at(tracker, "read", XT_SUCCESS, 0, 0);
    assert_int_equal(xt_image_starts(image, 1, 0), 0);
    assert_int_equal(xt_image_starts(image, 1, -1), 2);
    assert_int_equal(xt_image_starts(image, 1, INT64_MIN), 2);
    assert_int_equal(nth_start(image, 1, -1, 2), 0);
    assert_fewer_starts(image, 1, 0, 1);
    close_sound(tracker);
}

static void start_is_found_behind_a_record_that_ended_earlier(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record_at(tracker, "read", XT_SUCCESS, 10, 500);
    record_at(tracker, "read", XT_SUCCESS, 10, 300);
    assert_int_equal(xt_image_starts(image, 1, 300), 1);
    assert_int_equal(nth_start(image, 1, 300, 1), 490);
    close_sound(tracker);
}

/* Which records are read shows only in an inconsistent run. */
static void scan_of_records_in_order_ends_at_the_first_that_ended_by_then(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record_at(tracker, "read", XT_SUCCESS, 10, 500);
    record_at(tracker, "read", XT_SUCCESS, 10, 300);
    record_at(tracker, "read", XT_SUCCESS, 10, 600);
    image->header->flags = 0;
    assert_int_equal(xt_image_starts(image, 1, 300), 1);
    assert_int_equal(xt_image_starts(image, 1, 299), 2);
    xt_tracker_close(tracker);
}

static void what_is_in_flight_has_started(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 2);
    const xt_image *image = xt_tracker_image(tracker);
    start(tracker, "read");
    now_us = 1100;
    start(tracker, "write");
    start(tracker, "read"); /* isn't listed */
    now_us = 1200;
    assert_int_equal(xt_image_starts(image, 1, 1000), 1);
    xt_tracker_now_us(tracker);
    assert_int_equal(xt_image_starts(image, 1, 999), 2);
    assert_int_equal(xt_image_starts(image, 1, 1000), 1);
    assert_int_equal(xt_image_starts(image, 1, 1199), 1);
    assert_int_equal(xt_image_starts(image, 1, 1200), 0);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, 999), 3);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, 1099), 2);
    assert_int_equal(nth_start(image, XT_ALL_TOOLS, 999, 1), 1200);
    assert_int_equal(nth_start(image, XT_ALL_TOOLS, 999, 2), 1100);
    assert_int_equal(nth_start(image, XT_ALL_TOOLS, 999, 3), 1000);
    assert_fewer_starts(image, XT_ALL_TOOLS, 999, 4);
    assert_fewer_starts(image, XT_ALL_TOOLS, 1000, 3);
    close_sound(tracker);
}

static void nth_start_counts_from_1(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    assert_fewer_starts(image, XT_ALL_TOOLS, -1, 1);
    record(tracker, "read", XT_SUCCESS, 0);
    assert_fewer_starts(image, XT_ALL_TOOLS, -1, 0);
    assert_int_equal(nth_start(image, XT_ALL_TOOLS, -1, 1), 1000);
    assert_fewer_starts(image, XT_ALL_TOOLS, -1, UINT64_MAX);
    assert_fewer_starts(image, 2, -1, 1);
    close_sound(tracker);
}

static void nth_start_is_found_at_every_distance_from_the_first(void **state) {
    (void)state;
    for (int bit = 0; bit < 62; bit++) {
        for (uint64_t distance_us = (UINT64_C(1) << bit) - 1;
             distance_us <= (UINT64_C(1) << bit) + 1; distance_us++) {
            xt_tracker *tracker = make_tracker(3, 4);
            const xt_image *image = xt_tracker_image(tracker);
            record_at(tracker, "read", XT_SUCCESS, 0, 1000);
            record_at(tracker, "read", XT_SUCCESS, 0, 1000 + distance_us);
            assert_int_equal(nth_start(image, 1, 999, 1), 1000 + distance_us);
            assert_int_equal(nth_start(image, 1, 999, 2), 1000);
            close_sound(tracker);
        }
    }
}

static void nth_start_may_be_after_the_latest_reading(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record_at(tracker, "read", XT_SUCCESS, 0, XT_MAX_COUNT);
    record_at(tracker, "read", XT_SUCCESS, 1, XT_MAX_COUNT);
    record(tracker, "read", XT_SUCCESS, 0);
    assert_int_equal(nth_start(image, 1, -1, 1), XT_MAX_COUNT);
    assert_int_equal(nth_start(image, 1, 5000, 2), XT_MAX_COUNT - 1);
    assert_int_equal(nth_start(image, 1, 999, 3), 1000);
    assert_fewer_starts(image, 1, 1000, 3);
    assert_fewer_starts(image, 1, INT64_MAX, 1);
    close_sound(tracker);
}

static void running_is_what_started_since(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 3);
    const xt_image *image = xt_tracker_image(tracker);
    xt_span first = start(tracker, "read");
    now_us = 1100;
    start(tracker, "write");
    start(tracker, "read");
    start(tracker, "read"); /* isn't listed */
    assert_int_equal(xt_image_running(image, XT_ALL_TOOLS, 0), 4);
    assert_int_equal(xt_image_running(image, XT_ALL_TOOLS, 1000), 4);
    assert_int_equal(xt_image_running(image, XT_ALL_TOOLS, 1001), 3);
    assert_int_equal(xt_image_running(image, XT_ALL_TOOLS, 1101), 1);
    assert_int_equal(xt_image_running(image, 1, 0), 3);
    assert_int_equal(xt_image_running(image, 1, 1100), 2);
    assert_int_equal(xt_image_running(image, 1, UINT64_MAX), 1);
    assert_int_equal(xt_image_running(image, 2, 1100), 1);
    assert_int_equal(xt_image_running(image, 2, 1101), 0);
    assert_int_equal(xt_image_running(image, 3, 0), 0);
    assert_int_equal(xt_image_running(image, 0, 0), 0);
    assert_int_equal(xt_image_running(image, 0, 1), 0);
    finish(tracker, &first, XT_SUCCESS);
    assert_int_equal(xt_image_running(image, 1, 0), 2);
    close_sound(tracker);
}

static void more_may_be_in_flight_than_all_tools_can_say(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 2);
    const xt_image *image = xt_tracker_image(tracker);
    start(tracker, "read");
    now_us = 1100;
    start(tracker, "write");
    image->tools[0].in_flight = UINT32_MAX;
    image->tools[1].in_flight = UINT32_MAX;
    image->header->running = UINT64_C(2) * UINT32_MAX;
    assert_int_equal(xt_image_running(image, XT_ALL_TOOLS, 0), UINT32_MAX);
    assert_int_equal(xt_image_running(image, XT_ALL_TOOLS, 1100), UINT32_MAX - 1);
    assert_int_equal(xt_image_running(image, 2, 2000), UINT32_MAX - 1);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, 999), UINT32_MAX);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, 1000), UINT32_MAX - 1);
    assert_int_equal(nth_start(image, XT_ALL_TOOLS, 999, UINT32_MAX), 1000);
    close_sound(tracker);
}

static void snapshot_answers_as_its_tracker_did(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5, 1);
    record(tracker, "read", XT_SUCCESS, 100);
    start(tracker, "read");
    start(tracker, "read");
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    const xt_image *image = xt_snapshot_image(snapshot);
    uint64_t value_us = 0;
    assert_int_equal(xt_image_repeats(image, 1, 0, 5, 0), 2);
    assert_int_equal(xt_image_starts(image, 1, 900), 2);
    assert_int_equal(nth_start(image, 1, 0, 3), 900);
    assert_int_equal(xt_image_running(image, 1, 1001), 1);
    assert_int_equal(xt_image_recent_quantile(image, 1, 1, &value_us), 1);
    assert_int_equal(value_us, 100);
    xt_snapshot_close(snapshot);
    close_sound(tracker);
}

/* Asserts a quantile of the recent durations of `tool_id`, and their number. */
static void assert_recent(const xt_image *image, uint32_t tool_id, double quantile,
                          size_t count, uint64_t expected_us) {
    uint64_t value_us = 77;
    assert_int_equal(xt_image_recent_quantile(image, tool_id, quantile, &value_us),
                     count);
    assert_int_equal(value_us, expected_us);
}

static void recent_quantile_is_the_nearest_rank(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10, 4);
    const xt_image *image = xt_tracker_image(tracker);
    const uint64_t durations_us[] = {30, 10, 40, 20};
    for (size_t i = 0; i < 4; i++) {
        record(tracker, "read", i == 3 ? XT_TIMED_OUT : XT_FAILED, durations_us[i]);
        record(tracker, "write", XT_SUCCESS, 1000);
    }
    assert_recent(image, 1, 0, 4, 10);
    assert_recent(image, 1, 0.25, 4, 10);
    assert_recent(image, 1, 0.26, 4, 20);
    assert_recent(image, 1, 0.75, 4, 30);
    assert_recent(image, 1, 1, 4, 40);
    assert_recent(image, 2, 0.5, 4, 1000);
    close_sound(tracker);
}

static void recent_quantile_out_of_range_stores_nothing(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 5);
    start(tracker, "write");
    assert_recent(image, 1, -0.01, 0, 77);
    assert_recent(image, 1, 1.01, 0, 77);
    assert_recent(image, 1, (double)NAN, 0, 77);
    assert_recent(image, 1, (double)INFINITY, 0, 77);
    assert_recent(image, 2, 0.5, 0, 77);
    assert_recent(image, 3, 0.5, 0, 77);
    assert_recent(image, 0, 0.5, 0, 77);
    assert_recent(image, XT_ALL_TOOLS, 0.5, 0, 77);
    close_sound(tracker);
}

static void recent_durations_are_of_neither_cancelled_nor_cached_ones(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1000, 4);
    const xt_image *image = xt_tracker_image(tracker);
    const xt_execution cached = {
        .tool = xt_text_of("read"), .outcome = {.was_cached = true}, .duration_us = 1};
    record(tracker, "read", XT_SUCCESS, 500);
    for (int i = 0; i < XT_RECENT_EXECUTIONS; i++) {
        record(tracker, "read", XT_CANCELLED, 9000);
        assert_int_equal(xt_tracker_record(tracker, &cached), XT_OK);
    }
    assert_recent(image, 1, 0, 1, 500); /* nor do they count among the recent ones */
    assert_recent(image, 1, 1, 1, 500);
    close_sound(tracker);
}

static void recent_durations_are_of_the_newest_executions(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1000, 4);
    const xt_image *image = xt_tracker_image(tracker);
    for (uint64_t duration_us = 1; duration_us <= 250; duration_us++) {
        record(tracker, "read", XT_SUCCESS, duration_us);
    }
    assert_recent(image, 1, 0, 200, 51);
    assert_recent(image, 1, 0.5, 200, 150);
    assert_recent(image, 1, 1, 200, 250);
    close_sound(tracker);
}

static void recent_durations_are_among_the_newest_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5000, 4);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 5);
    record(tracker, "read", XT_SUCCESS, 6);
    for (int i = 0; i < XT_RECENT_RECORDS - 1; i++) {
        record(tracker, "write", XT_SUCCESS, 1);
    }
    assert_recent(image, 1, 0, 1, 6);
    record(tracker, "write", XT_SUCCESS, 1);
    assert_recent(image, 1, 0, 0, 77);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_are_of_the_same_tool_and_arguments),
        cmocka_unit_test(repeats_are_of_the_same_session),
        cmocka_unit_test(sessions_are_looked_for_among_2000_records),
        cmocka_unit_test(repeats_are_among_the_newest_records),
        cmocka_unit_test(what_is_listed_in_flight_repeats_too),
        cmocka_unit_test(starts_are_after_a_time_and_not_at_it),
        cmocka_unit_test(everything_starts_after_a_time_before_1970),
        cmocka_unit_test(start_is_found_behind_a_record_that_ended_earlier),
        cmocka_unit_test(scan_of_records_in_order_ends_at_the_first_that_ended_by_then),
        cmocka_unit_test(what_is_in_flight_has_started),
        cmocka_unit_test(nth_start_counts_from_1),
        cmocka_unit_test(nth_start_is_found_at_every_distance_from_the_first),
        cmocka_unit_test(nth_start_may_be_after_the_latest_reading),
        cmocka_unit_test(running_is_what_started_since),
        cmocka_unit_test(more_may_be_in_flight_than_all_tools_can_say),
        cmocka_unit_test(snapshot_answers_as_its_tracker_did),
        cmocka_unit_test(recent_quantile_is_the_nearest_rank),
        cmocka_unit_test(recent_quantile_out_of_range_stores_nothing),
        cmocka_unit_test(recent_durations_are_of_neither_cancelled_nor_cached_ones),
        cmocka_unit_test(recent_durations_are_of_the_newest_executions),
        cmocka_unit_test(recent_durations_are_among_the_newest_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
