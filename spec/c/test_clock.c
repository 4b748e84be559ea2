/* The clocks that trackers are given. */
#include "support_cmocka.h"
#include "support_tracker.h"

static void tracker_never_goes_back_with_a_clock_that_does(void **state) {
    (void)state;
    uint64_t now_us = 5000;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    const uint64_t readings[] = {4000, 6000, 5999, 0, 6001};
    const uint64_t expected[] = {5000, 6000, 6000, 6000, 6001};
    for (size_t i = 0; i < 5; i++) {
        now_us = readings[i];
        record(tracker, "read", XT_SUCCESS, 1);
        xt_execution newest;
        assert_true(xt_image_execution(xt_tracker_image(tracker), i + 1, &newest));
        assert_int_equal(newest.end_us, expected[i]);
        assert_int_equal(xt_tracker_now_us(tracker), expected[i]);
        assert_sound(tracker);
    }
    assert_int_equal(xt_tracker_image(tracker)->header->flags, 0);
    xt_tracker_close(tracker);
}

static void span_takes_no_negative_time_with_a_clock_that_goes_back(void **state) {
    (void)state;
    uint64_t now_us = 5000;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 0);
    now_us = 1000;
    assert_int_equal(finish(tracker, &span, XT_SUCCESS), 0);
    assert_int_equal(stats_of(tracker, "read").lifetime.total_duration_us, 0);
    assert_int_equal(stats_of(tracker, "read").last_end_us, 5000);
    xt_tracker_close(tracker);
}

static void times_beyond_the_largest_count_are_that(void **state) {
    (void)state;
    uint64_t now_us = UINT64_MAX;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    assert_int_equal(xt_image_created_us(xt_tracker_image(tracker)), XT_MAX_COUNT);
    assert_int_equal(xt_tracker_now_us(tracker), XT_MAX_COUNT);
    record(tracker, "read", XT_SUCCESS, 1);
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void imported_times_do_not_move_the_clock(void **state) {
    (void)state;
    uint64_t now_us = 5000;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    record_at(tracker, "read", XT_SUCCESS, 1, 9000);
    assert_int_equal(xt_tracker_now_us(tracker), 5000);
    assert_int_equal(xt_image_now_us(xt_tracker_image(tracker)), 5000);
    xt_tracker_close(tracker);
}

/* A clock that compares the image with a copy from before the operation. */
typedef struct watching_clock {
    const xt_tracker *tracker;
    void *before;
    uint64_t now_us;
    int readings;
    int touched; /* how many readings found the image changed */
} watching_clock;

static uint64_t read_and_watch(void *context) {
    watching_clock *clock = context;
    clock->readings++;
    if (clock->tracker != NULL) {
        clock->touched += !is_block(clock->tracker, clock->before);
    }
    return ++clock->now_us;
}

/* Copies the image, with which the clock compares during the next operation. */
static void watch(watching_clock *clock, const xt_tracker *tracker) {
    free(clock->before);
    clock->before = copy_of_block(tracker);
    clock->tracker = tracker;
    clock->readings = 0;
}

static void clock_is_read_once_and_before_the_image_is_touched(void **state) {
    (void)state;
    watching_clock clock = {.now_us = 1000};
    xt_options options = xt_options_default();
    options.max_history = 2;
    options.clock = (xt_clock){read_and_watch, &clock};
    xt_tracker *tracker = tracker_with(&options);
    assert_int_equal(clock.readings, 1);
    for (int i = 0; i < 4; i++) {
        const char *tool = i % 2 == 0 ? "read" : "write";
        watch(&clock, tracker);
        record(tracker, tool, XT_FAILED, 1);
        assert_int_equal(clock.readings, 1);
        watch(&clock, tracker);
        xt_span span = xt_tracker_start(tracker, xt_text_of(i == 3 ? "new" : tool), 0);
        assert_int_equal(clock.readings, 1);
        watch(&clock, tracker);
        finish(tracker, &span, XT_SUCCESS);
        assert_int_equal(clock.readings, 1);
        watch(&clock, tracker);
        xt_tracker_now_us(tracker);
        assert_int_equal(clock.readings, 1);
    }
    assert_int_equal(clock.touched, 0);
    free(clock.before);
    xt_tracker_close(tracker);
}

static void clock_is_not_read_by_what_does_not_need_it(void **state) {
    (void)state;
    watching_clock clock = {.now_us = 1000};
    xt_options options = xt_options_default();
    options.clock = (xt_clock){read_and_watch, &clock};
    xt_tracker *tracker = tracker_with(&options);
    xt_execution bad = {.outcome = {.status = (xt_status)4}};
    xt_span none = {0};
    record_at(tracker, "read", XT_SUCCESS, 1, 1);
    assert_int_equal(xt_tracker_record(tracker, &bad), XT_ERROR_STATUS);
    assert_int_equal(xt_tracker_finish(tracker, &none, &(xt_outcome){0}, NULL),
                     XT_ERROR_SPAN);
    xt_tracker_clear(tracker);
    assert_int_equal(clock.readings, 1);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracker_never_goes_back_with_a_clock_that_does),
        cmocka_unit_test(span_takes_no_negative_time_with_a_clock_that_goes_back),
        cmocka_unit_test(times_beyond_the_largest_count_are_that),
        cmocka_unit_test(imported_times_do_not_move_the_clock),
        cmocka_unit_test(clock_is_read_once_and_before_the_image_is_touched),
        cmocka_unit_test(clock_is_not_read_by_what_does_not_need_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
