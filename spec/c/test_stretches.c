#include "support_cmocka.h"
#include "support_snapshot.h"
#include "support_tracker.h"

static uint64_t now_us = 1000;

/* A tracker that has recorded `count` executions, of 1, 2, 3 and more microseconds. */
static xt_tracker *tracker_after(size_t max_history, uint64_t count) {
    xt_options options = options_at(&now_us, max_history);
    xt_tracker *tracker = tracker_with(&options);
    for (uint64_t duration_us = 1; duration_us <= count; duration_us++) {
        record(tracker, "read", XT_SUCCESS, duration_us);
    }
    return tracker;
}

/* Asserts the numbers of records of both stretches, with durations from `first` on. */
static void assert_stretches(const xt_image *image, size_t older, size_t newer,
                             uint64_t first) {
    xt_stretch stretches[2];
    xt_image_stretches(image, stretches);
    assert_int_equal(stretches[0].count, older);
    assert_int_equal(stretches[1].count, newer);
    for (size_t i = 0; i < older; i++) {
        assert_int_equal(xt_record_duration_us(&stretches[0].records[i]), first + i);
    }
    for (size_t i = 0; i < newer; i++) {
        assert_int_equal(xt_record_duration_us(&stretches[1].records[i]),
                         first + older + i);
    }
}

static void ring_without_records_has_none(void **state) {
    (void)state;
    for (size_t max_history = 0; max_history < 3; max_history++) {
        xt_tracker *tracker = tracker_after(max_history, 0);
        assert_stretches(xt_tracker_image(tracker), 0, 0, 0);
        xt_tracker_close(tracker);
    }
    xt_tracker *tracker = tracker_after(0, 5);
    assert_stretches(xt_tracker_image(tracker), 0, 0, 0);
    xt_tracker_close(tracker);
}

static void ring_that_is_not_full_has_one_stretch(void **state) {
    (void)state;
    for (size_t count = 1; count < 4; count++) {
        xt_tracker *tracker = tracker_after(4, count);
        assert_stretches(xt_tracker_image(tracker), count, 0, 1);
        xt_tracker_close(tracker);
    }
}

static void ring_that_is_just_full_has_one_stretch(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_after(4, 4);
    assert_stretches(xt_tracker_image(tracker), 4, 0, 1);
    xt_tracker_close(tracker);
    tracker = tracker_after(4, 8);
    assert_stretches(xt_tracker_image(tracker), 4, 0, 5);
    xt_tracker_close(tracker);
}

static void ring_that_has_wrapped_has_two(void **state) {
    (void)state;
    for (size_t over = 1; over < 4; over++) {
        xt_tracker *tracker = tracker_after(4, 4 + over);
        assert_stretches(xt_tracker_image(tracker), 4 - over, over, 1 + over);
        xt_tracker_close(tracker);
    }
}

static void ring_that_was_cleared_begins_anew(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_after(4, 6);
    xt_tracker_clear(tracker);
    assert_stretches(xt_tracker_image(tracker), 0, 0, 0);
    record(tracker, "read", XT_SUCCESS, 7);
    assert_stretches(xt_tracker_image(tracker), 1, 0, 7);
    xt_tracker_close(tracker);
}

static void snapshot_has_one_stretch(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_after(4, 6);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    assert_stretches(xt_snapshot_image(snapshot), 4, 0, 3);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_without_records_has_none),
        cmocka_unit_test(ring_that_is_not_full_has_one_stretch),
        cmocka_unit_test(ring_that_is_just_full_has_one_stretch),
        cmocka_unit_test(ring_that_has_wrapped_has_two),
        cmocka_unit_test(ring_that_was_cleared_begins_anew),
        cmocka_unit_test(snapshot_has_one_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
