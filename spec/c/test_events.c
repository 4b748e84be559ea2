/*
 * The starts and ends of a run's executions, in order.
 */
#include "events.h"

#include "support_cmocka.h"
#include "support_random.h"
#include "support_tracker.h"

enum { MOST = 120 };

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_history) {
    now_us = 1;
    xt_options options = options_at(&now_us, max_history);
    return tracker_with(&options);
}

/* An execution from `start_us` to `end_us`. */
static void run(xt_tracker *tracker, uint64_t start_us, uint64_t end_us) {
    record_at(tracker, "read", XT_SUCCESS, end_us - start_us, end_us);
}

/* Asserts one event: an end or a start of the record at `index`. */
static void assert_event(const xt_event *event, uint64_t time_us, bool is_end,
                         size_t index) {
    assert_int_equal(event->time_us, time_us);
    assert_int_equal(xt_event_is_end(event), is_end);
    assert_int_equal(xt_event_index(event), index);
}

static void run_without_records_has_none(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    xt_event event = {7, 7, 7};
    xt_events_of(xt_tracker_image(tracker), NULL);
    record(tracker, "read", XT_SUCCESS, 1);
    xt_events_of(xt_tracker_image(tracker), &event);
    assert_int_equal(event.time_us, 7);
    xt_tracker_close(tracker);
}

static void events_are_in_the_order_of_time(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_event events[4];
    run(tracker, 12, 20);
    run(tracker, 10, 30);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 10, false, 1);
    assert_event(&events[1], 12, false, 0);
    assert_event(&events[2], 20, true, 0);
    assert_event(&events[3], 30, true, 1);
    xt_tracker_close(tracker);
}

static void order_is_right_however_far_apart_the_times_are(void **state) {
    (void)state;
    const uint64_t late_us = XT_MAX_COUNT - 5;
    xt_tracker *tracker = make_tracker(4);
    xt_event events[4];
    run(tracker, late_us, late_us + 3);
    run(tracker, 1, UINT64_C(3) << 31);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 1, false, 1);
    assert_event(&events[1], UINT64_C(3) << 31, true, 1);
    assert_event(&events[2], late_us, false, 0);
    assert_event(&events[3], late_us + 3, true, 0);
    xt_tracker_close(tracker);
}

static void ends_come_before_starts_of_the_same_time(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_event events[8];
    run(tracker, 10, 20);
    run(tracker, 15, 20);
    run(tracker, 20, 30);
    run(tracker, 20, 40);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[2], 20, true, 0);
    assert_event(&events[3], 20, true, 1);
    assert_event(&events[4], 20, false, 2);
    assert_event(&events[5], 20, false, 3);
    xt_tracker_close(tracker);
}

static void events_of_one_time_are_in_the_order_of_the_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_event events[6];
    run(tracker, 10, 40);
    run(tracker, 10, 40);
    run(tracker, 10, 30);
    xt_events_of(xt_tracker_image(tracker), events);
    for (size_t i = 0; i < 3; i++) {
        assert_event(&events[i], 10, false, i);
    }
    assert_event(&events[3], 30, true, 2);
    assert_event(&events[4], 40, true, 0);
    assert_event(&events[5], 40, true, 1);
    xt_tracker_close(tracker);
}

static void what_ends_as_it_starts_does_it_in_one_go(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_event events[8];
    run(tracker, 20, 30);
    run(tracker, 20, 20);
    run(tracker, 20, 20);
    run(tracker, 10, 20);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 10, false, 3);
    assert_event(&events[1], 20, true, 3);
    assert_event(&events[2], 20, false, 0);
    assert_event(&events[3], 20, false, 1);
    assert_event(&events[4], 20, true, 1);
    assert_event(&events[5], 20, false, 2);
    assert_event(&events[6], 20, true, 2);
    assert_event(&events[7], 30, true, 0);
    xt_tracker_close(tracker);
}

static void start_before_1970_counts_as_at_0(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_event events[4];
    record_at(tracker, "read", XT_SUCCESS, 100, 5);
    record_at(tracker, "read", XT_SUCCESS, 100, 0);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 0, false, 0);
    assert_event(&events[1], 0, false, 1);
    assert_event(&events[2], 0, true, 1);
    assert_event(&events[3], 5, true, 0);
    xt_tracker_close(tracker);
}

static void indexes_count_from_the_oldest_record_that_is_retained(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    xt_event events[4];
    run(tracker, 10, 11);
    run(tracker, 12, 13);
    run(tracker, 14, 15);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 12, false, 0);
    assert_event(&events[1], 13, true, 0);
    assert_event(&events[2], 14, false, 1);
    assert_event(&events[3], 15, true, 1);
    xt_tracker_close(tracker);
}

static void index_may_be_that_of_the_last_record_that_fits(void **state) {
    (void)state;
    const uint32_t last = XT_MAX_HISTORY - 1;
    const uint32_t begins = UINT32_C(1) << 29;
    assert_event(&(xt_event){1, begins | last << 1, 0}, 1, false, last);
    assert_event(&(xt_event){1, begins | last << 1 | 1, 0}, 1, true, last);
    assert_event(&(xt_event){1, last << 1 | 1, 0}, 1, true, last);
}

/* An execution within `depth` others. */
static void run_within(xt_tracker *tracker, uint32_t depth, uint64_t start_us,
                       uint64_t end_us) {
    xt_execution execution = {
        .tool = xt_text_of("read"),
        .duration_us = end_us - start_us,
        .end_us = end_us,
        .depth = depth,
    };
    xt_tracker_record_at(tracker, &execution);
}

/* Asserts that these are events of time 20, of the records at `indexes` in this order:
 * each once for its start, and once more for its end. */
static void assert_order(const xt_event events[], size_t count, const size_t indexes[]) {
    bool has_started[8] = {false};
    for (size_t i = 0; i < count; i++) {
        assert_event(&events[i], 20, has_started[indexes[i]], indexes[i]);
        has_started[indexes[i]] = true;
    }
}

static void calls_within_calls_nest_even_if_no_time_passes(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    xt_event events[16];
    run_within(tracker, 0, 20, 20);
    run_within(tracker, 2, 20, 20);
    run_within(tracker, 1, 20, 20);
    run_within(tracker, 1, 20, 20);
    run_within(tracker, 0, 20, 20);
    run_within(tracker, 0, 20, 20);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_order(events, 12, (size_t[]){0, 0, 4, 2, 1, 1, 2, 3, 3, 4, 5, 5});
    xt_tracker_close(tracker);
}

static void call_starts_before_what_starts_within_it_and_lasts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    xt_event events[16];
    run_within(tracker, 1, 20, 30);
    run_within(tracker, 1, 35, 40);
    run_within(tracker, 0, 20, 40);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 20, false, 2);
    assert_event(&events[1], 20, false, 0);
    assert_event(&events[2], 30, true, 0);
    assert_event(&events[4], 40, true, 1);
    assert_event(&events[5], 40, true, 2);
    xt_tracker_close(tracker);
}

static void call_ends_after_what_starts_within_it_and_ends_at_once(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    xt_event events[16];
    run_within(tracker, 1, 10, 20);
    run_within(tracker, 1, 20, 20);
    run_within(tracker, 0, 10, 20);
    run_within(tracker, 0, 20, 50);
    xt_events_of(xt_tracker_image(tracker), events);
    assert_event(&events[0], 10, false, 2);
    assert_event(&events[1], 10, false, 0);
    assert_event(&events[2], 20, true, 0);
    assert_event(&events[3], 20, false, 1);
    assert_event(&events[4], 20, true, 1);
    assert_event(&events[5], 20, true, 2);
    assert_event(&events[6], 20, false, 3);
    xt_tracker_close(tracker);
}

/* The naive model, of records of depth 0: asserts all events of `image` at `time_us`. Returns the next event. */
static const xt_event *assert_moment(const xt_event *next, const xt_image *image,
                                     uint64_t time_us) {
    uint64_t oldest = xt_image_recorded(image) - xt_image_record_count(image) + 1;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < xt_image_record_count(image); i++) {
            xt_execution execution;
            assert_true(xt_image_execution(image, oldest + i, &execution));
            bool is_early = execution.duration_us >= execution.end_us;
            uint64_t start_us = is_early ? 0 : execution.end_us - execution.duration_us;
            bool ends = execution.end_us == time_us;
            bool starts = start_us == time_us;
            if (pass == 1 && starts) {
                assert_event(next++, time_us, false, i);
            }
            if (ends && pass == starts) {
                assert_event(next++, time_us, true, i);
            }
        }
    }
    return next;
}

static void events_are_those_of_the_model(void **state) {
    (void)state;
    random_source source = random_seeded();
    for (int round = 0; round < 200; round++) {
        xt_event events[2 * MOST];
        xt_tracker *tracker = make_tracker(1 + random_below(&source, MOST));
        const xt_image *image = xt_tracker_image(tracker);
        const bool is_in_order = round % 2 == 0;
        uint64_t end_us = 0;
        for (uint32_t left = random_below(&source, MOST + 30); left > 0; left--) {
            end_us = is_in_order ? end_us + (end_us < 29 && random_below(&source, 4) == 0)
                                 : random_below(&source, 30);
            record_at(tracker, "read", XT_SUCCESS, random_below(&source, 8), end_us);
        }
        xt_events_of(image, events);
        const xt_event *next = events;
        for (uint64_t time_us = 0; time_us < 30; time_us++) {
            next = assert_moment(next, image, time_us);
        }
        assert_ptr_equal(next, events + 2 * xt_image_record_count(image));
        xt_tracker_close(tracker);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_without_records_has_none),
        cmocka_unit_test(events_are_in_the_order_of_time),
        cmocka_unit_test(order_is_right_however_far_apart_the_times_are),
        cmocka_unit_test(ends_come_before_starts_of_the_same_time),
        cmocka_unit_test(events_of_one_time_are_in_the_order_of_the_records),
        cmocka_unit_test(what_ends_as_it_starts_does_it_in_one_go),
        cmocka_unit_test(calls_within_calls_nest_even_if_no_time_passes),
        cmocka_unit_test(call_starts_before_what_starts_within_it_and_lasts),
        cmocka_unit_test(call_ends_after_what_starts_within_it_and_ends_at_once),
        cmocka_unit_test(start_before_1970_counts_as_at_0),
        cmocka_unit_test(indexes_count_from_the_oldest_record_that_is_retained),
        cmocka_unit_test(index_may_be_that_of_the_last_record_that_fits),
        cmocka_unit_test(events_are_those_of_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
