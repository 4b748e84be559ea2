/*
 * The newest executions: by their ends, then by the order of recording.
 */
#include "support_cmocka.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

static random_source source;

static void are_none_of_no_records(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    uint64_t sequence = 77;
    assert_int_equal(xt_image_newest(xt_tracker_image(tracker), 1, &sequence), 0);
    assert_int_equal(xt_image_newest(xt_tracker_image(tracker), 0, NULL), 0);
    assert_int_equal(sequence, 77);
    xt_tracker_close(tracker);
}

static void are_those_recorded_last_while_in_order(void **state) {
    (void)state;
    uint64_t now_us = 5;
    uint64_t sequences[4] = {0, 0, 0, 77};
    xt_options options = options_at(&now_us, 3);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    for (int i = 0; i < 5; i++) {
        record(tracker, "read", XT_SUCCESS, 1);
    }
    assert_true(xt_image_is_in_order(image));
    assert_int_equal(xt_image_newest(image, 2, sequences), 2);
    assert_memory_equal(sequences, ((uint64_t[]){5, 4, 0, 77}), sizeof sequences);
    assert_int_equal(xt_image_newest(image, SIZE_MAX, sequences), 3);
    assert_memory_equal(sequences, ((uint64_t[]){5, 4, 3, 77}), sizeof sequences);
    xt_tracker_close(tracker);
}

static void are_those_that_ended_last_if_not_in_order(void **state) {
    (void)state;
    const uint64_t ends[] = {99, 30, 10, 20, 30, 20};
    const uint64_t newest_first[] = {5, 2, 6, 4, 3, 77};
    uint64_t now_us = 5;
    xt_options options = options_at(&now_us, 5);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    for (size_t i = 0; i < 6; i++) { /* the first isn't retained */
        record_at(tracker, "read", XT_SUCCESS, 1, ends[i]);
    }
    assert_false(xt_image_is_in_order(image));
    for (size_t capacity = 0; capacity <= 6; capacity++) {
        uint64_t sequences[6] = {0, 0, 0, 0, 0, 77};
        size_t count = xt_image_newest(image, capacity, sequences);
        assert_int_equal(count, capacity < 5 ? capacity : 5);
        assert_memory_equal(sequences, newest_first, count * sizeof sequences[0]);
        assert_int_equal(sequences[5], 77);
    }
    xt_tracker_close(tracker);
}

/* Whether execution `a` of `image` is newer than `b`; both are retained. */
static bool is_newer(const xt_image *image, uint64_t a, uint64_t b) {
    uint64_t end_us = execution_of(image, a).end_us;
    uint64_t other_us = execution_of(image, b).end_us;
    return end_us > other_us || (end_us == other_us && a > b);
}

static void are_those_of_the_sorted_records(void **state) {
    (void)state;
    for (int round = 0; round < 200; round++) {
        random_run run;
        uint64_t sequences[RUN_LONGEST];
        start_run(&run, &source, RUN_LONGEST);
        size_t records = xt_image_record_count(run.image);
        size_t capacity = random_below(&source, RUN_LONGEST);
        size_t count = xt_image_newest(run.image, capacity, sequences);
        uint64_t oldest = xt_image_recorded(run.image) - records + 1;
        assert_int_equal(count, capacity < records ? capacity : records);
        for (size_t i = 0; i < count; i++) { /* exactly those before it are newer */
            size_t newer = 0;
            for (size_t j = 0; j < records; j++) {
                newer += is_newer(run.image, oldest + j, sequences[i]);
            }
            assert_int_equal(newer, i);
        }
        close_run(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_none_of_no_records),
        cmocka_unit_test(are_those_recorded_last_while_in_order),
        cmocka_unit_test(are_those_that_ended_last_if_not_in_order),
        cmocka_unit_test(are_those_of_the_sorted_records),
    };
    source = random_seeded();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
