#include "image.h"

#include "support_cmocka.h"
#include "support_tracker.h"

#include <math.h>

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_history) {
    now_us = 1000000;
    xt_options options = options_at(&now_us, max_history);
    options.label = text_of("run\0 1", 6);
    return tracker_with(&options);
}

static void empty_tracker_answers_zero_and_nothing(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5);
    const xt_image *image = xt_tracker_image(tracker);
    xt_stats stats = xt_image_stats(image);
    const xt_counts none = {0};
    xt_execution execution;
    assert_memory_equal(&stats.lifetime, &none, sizeof none);
    assert_memory_equal(&stats.window, &none, sizeof none);
    assert_int_equal(stats.overflowed, 0);
    assert_int_equal(stats.in_flight, 0);
    assert_int_equal(xt_image_tool_count(image), 0);
    assert_int_equal(xt_image_record_count(image), 0);
    assert_int_equal(xt_image_recorded(image), 0);
    assert_int_equal(xt_image_max_history(image), 5);
    assert_int_equal(xt_image_in_flight(image, 0, NULL), 0);
    assert_false(xt_image_execution(image, 0, &execution));
    assert_false(xt_image_execution(image, 1, &execution));
    assert_int_equal(xt_image_created_us(image), 1000000);
    assert_int_equal(xt_image_now_us(image), 1000000);
    xt_tracker_close(tracker);
}

static void tool_that_does_not_exist_has_no_answers(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5);
    const xt_image *image = xt_tracker_image(tracker);
    const uint32_t ids[] = {0, 2, UINT32_MAX};
    const double median = 0.5;
    record(tracker, "read", XT_SUCCESS, 1);
    for (size_t i = 0; i < 3; i++) {
        xt_tool_stats stats = {.in_flight = 9};
        double value = -1;
        assert_false(xt_image_tool_stats(image, ids[i], &stats));
        assert_false(xt_image_tool_quantiles(image, ids[i], 1, &median, &value));
        assert_false(xt_image_average_duration(image, ids[i], &value));
        assert_null(xt_image_tool_name(image, ids[i]).bytes);
        assert_int_equal(xt_image_tool_name(image, ids[i]).length, 0);
        assert_int_equal(stats.in_flight, 9);
        assert_true(value == -1);
    }
    xt_tracker_close(tracker);
}

static void stats_of_a_tool_are_its_own(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    record(tracker, "read", XT_SUCCESS, 30);
    record(tracker, "write", XT_FAILED, 1000);
    now_us += 5;
    record(tracker, "read", XT_TIMED_OUT, 10);
    now_us += 5;
    record(tracker, "read", XT_CANCELLED, 20);
    xt_tracker_start(tracker, xt_text_of("read"), 0);
    const xt_tool_stats expected = {
        .lifetime = {.executions = 3,
                     .successful = 1,
                     .timed_out = 1,
                     .cancelled = 1,
                     .total_duration_us = 60},
        .window = {.executions = 2,
                   .timed_out = 1,
                   .cancelled = 1,
                   .total_duration_us = 30},
        .min_duration_us = 10,
        .max_duration_us = 30,
        .other_duration_us = 30,
        .last_end_us = 1000010,
        .last_failure_us = 1000005,
        .failure_streak = 1,
        .failure_rounds = 1,
        .in_flight = 1,
    };
    xt_tool_stats actual = stats_of(tracker, "read");
    assert_true(same_tool_stats(&actual, &expected));
    xt_tracker_close(tracker);
}

static void average_is_over_the_window_and_not_truncated(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    const xt_image *image = xt_tracker_image(tracker);
    double average_us;
    record(tracker, "read", XT_SUCCESS, 1000);
    record(tracker, "read", XT_CANCELLED, 1);
    record(tracker, "read", XT_FAILED, 2);
    assert_true(xt_image_average_duration(image, 1, &average_us));
    assert_true(average_us == 1.5);
    xt_tracker_close(tracker);
}

static void tool_whose_records_are_gone_has_stats_but_no_average(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    const xt_image *image = xt_tracker_image(tracker);
    double average_us = -1;
    record(tracker, "read", XT_SUCCESS, 1000);
    record(tracker, "write", XT_SUCCESS, 7);
    assert_false(xt_image_average_duration(image, 1, &average_us));
    assert_true(average_us == -1);
    assert_int_equal(stats_of(tracker, "read").lifetime.executions, 1);
    assert_int_equal(stats_of(tracker, "read").window.executions, 0);
    xt_tracker_close(tracker);
}

static void tool_that_only_started_has_stats_but_no_quantiles(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    const double median = 0.5;
    double value_us = -1;
    xt_tracker_start(tracker, xt_text_of("read"), 0);
    const xt_tool_stats expected = {.in_flight = 1};
    xt_tool_stats actual = stats_of(tracker, "read");
    assert_true(same_tool_stats(&actual, &expected));
    assert_false(
        xt_image_tool_quantiles(xt_tracker_image(tracker), 1, 1, &median, &value_us));
    assert_true(value_us == -1);
    xt_tracker_close(tracker);
}

/* The histogram of `outcome` of tool 1, which exists. */
static xt_tool_histogram histogram_of(const xt_tracker *tracker,
                                      xt_outcome_kind outcome) {
    xt_tool_histogram histogram;
    assert_true(
        xt_image_tool_histogram(xt_tracker_image(tracker), 1, outcome, &histogram));
    return histogram;
}

static void histogram_is_that_of_the_lifetime_durations(void **state) {
    (void)state;
    const uint64_t durations_us[] = {0, 1000000, 1000001, 1000001};
    xt_tracker *tracker = make_tracker(1);
    for (size_t i = 0; i < 4; i++) {
        record(tracker, "read", XT_SUCCESS, durations_us[i]);
    }
    xt_tool_histogram histogram = histogram_of(tracker, XT_OUTCOME_SUCCESS);
    assert_int_equal(histogram.scale, 6);
    assert_int_equal(histogram.zero_count, 1);
    assert_int_equal(histogram.offset, -1); /* bucket -1 ends at base^0: a second */
    assert_int_equal(histogram.bucket_count, 2);
    assert_int_equal(histogram.counts[0], 1);
    assert_int_equal(histogram.counts[1], 2);
    assert_false(xt_image_tool_histogram(xt_tracker_image(tracker), 2, XT_OUTCOME_ALL,
                                         &histogram));
    xt_tracker_close(tracker);
}

static void histograms_tell_successes_from_all_else(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    record(tracker, "read", XT_FAILED, 0);
    record(tracker, "read", XT_TIMED_OUT, 1000000);
    record(tracker, "read", XT_CANCELLED, 1000001);
    xt_tool_histogram others = histogram_of(tracker, XT_OUTCOME_OTHER);
    xt_tool_histogram all = histogram_of(tracker, XT_OUTCOME_ALL);
    xt_tool_histogram successes = histogram_of(tracker, XT_OUTCOME_SUCCESS);
    assert_int_equal(others.zero_count, 1);
    assert_int_equal(others.offset, -1);
    assert_int_equal(others.bucket_count, 2);
    assert_memory_equal(&all, &others, sizeof all);
    assert_int_equal(successes.scale, 6);
    assert_int_equal(successes.zero_count, 0);
    assert_int_equal(successes.offset, 0);
    assert_int_equal(successes.bucket_count, 0);
    record(tracker, "read", XT_SUCCESS, 1);
    successes = histogram_of(tracker, XT_OUTCOME_SUCCESS);
    all = histogram_of(tracker, XT_OUTCOME_ALL);
    assert_int_equal(successes.scale, 6);
    assert_int_equal(successes.bucket_count, 1);
    assert_int_equal(all.scale, 4); /* for 20 octaves */
    assert_int_equal(all.zero_count, 1);
    assert_int_equal(all.bucket_count, 320);
    assert_int_equal(all.counts[0], 1);
    assert_int_equal(all.counts[319] + all.counts[318], 2);
    xt_tracker_close(tracker);
}

static void quantiles_are_of_successes_and_all_else(void **state) {
    (void)state;
    const double quantiles[] = {0.25, 0.5, 1};
    double values_us[3];
    xt_tracker *tracker = make_tracker(1);
    record(tracker, "read", XT_FAILED, 10);
    record(tracker, "read", XT_SUCCESS, 100);
    record(tracker, "read", XT_SUCCESS, 100);
    record(tracker, "read", XT_CANCELLED, 1000);
    assert_true(
        xt_image_tool_quantiles(xt_tracker_image(tracker), 1, 3, quantiles, values_us));
    assert_true(values_us[0] == 10);
    assert_true(values_us[1] > 99 && values_us[1] < 101);
    assert_true(values_us[2] == 1000);
    xt_tracker_close(tracker);
}

static void quantiles_of_constant_durations_are_exact(void **state) {
    (void)state;
    const double quantiles[] = {0, 0.5, 0.99, 1};
    const uint64_t durations[] = {0, 1, 123457, XT_MAX_DURATION_US};
    for (size_t i = 0; i < 4; i++) {
        double values_us[4] = {-1, -1, -1, -1};
        xt_tracker *tracker = make_tracker(0);
        for (int j = 0; j < 10; j++) {
            record(tracker, "read", XT_SUCCESS, durations[i]);
        }
        assert_true(xt_image_tool_quantiles(xt_tracker_image(tracker), 1, 4, quantiles,
                                            values_us));
        for (size_t j = 0; j < 4; j++) {
            assert_true(values_us[j] == (double)durations[i]);
        }
        xt_tracker_close(tracker);
    }
}

static void quantiles_are_within_the_shortest_and_the_longest(void **state) {
    (void)state;
    const double quantiles[] = {0, 0.5, 1};
    double values_us[3];
    xt_tracker *tracker = make_tracker(0);
    /* The first is below the middle of its bucket, the last above that of its bucket. */
    record(tracker, "read", XT_SUCCESS, 1000001);
    record(tracker, "read", XT_SUCCESS, 1500000);
    record(tracker, "read", XT_SUCCESS, 2000000);
    assert_true(
        xt_image_tool_quantiles(xt_tracker_image(tracker), 1, 3, quantiles, values_us));
    assert_true(values_us[0] >= 1000001 && values_us[0] < 1011000);
    assert_true(fabs(values_us[1] - 1500000) < 0.0055 * 1500000);
    assert_true(values_us[2] <= 2000000 && values_us[2] > 1978000);
    xt_tracker_close(tracker);
}

static void quantiles_of_no_quantiles_store_nothing(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    record(tracker, "read", XT_SUCCESS, 1);
    assert_true(xt_image_tool_quantiles(xt_tracker_image(tracker), 1, 0, NULL, NULL));
    xt_tracker_close(tracker);
}

static void execution_has_all_that_was_recorded(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5);
    const xt_execution given = {
        .tool = text_of("re\0ad", 5),
        .outcome = {.status = XT_TIMED_OUT,
                    .was_cached = true,
                    .error_type = xt_text_of("ETIME")},
        .duration_us = 1234,
        .args_hash = UINT32_MAX,
        .tool_id = 99,
        .end_us = 5,
    };
    xt_execution read;
    now_us += 7;
    assert_int_equal(xt_tracker_record(tracker, &given), XT_OK);
    assert_true(xt_image_execution(xt_tracker_image(tracker), 1, &read));
    assert_int_equal(read.tool.length, 5);
    assert_memory_equal(read.tool.bytes, "re\0ad", 5);
    assert_int_equal(read.outcome.status, XT_TIMED_OUT);
    assert_true(read.outcome.was_cached);
    assert_true(is_text(read.outcome.error_type, "ETIME"));
    assert_int_equal(read.duration_us, 1234);
    assert_int_equal(read.args_hash, UINT32_MAX);
    assert_int_equal(read.tool_id, 1);
    assert_int_equal(read.end_us, 1000007);
    xt_tracker_close(tracker);
}

static void execution_without_an_error_type_has_a_null_one(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5);
    xt_execution read;
    record(tracker, "", XT_SUCCESS, 0);
    assert_true(xt_image_execution(xt_tracker_image(tracker), 1, &read));
    assert_null(read.outcome.error_type.bytes);
    assert_int_equal(read.tool.length, 0);
    assert_non_null(read.tool.bytes);
    xt_tracker_close(tracker);
}

static void executions_keep_their_numbers(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    xt_execution execution;
    for (uint64_t sequence = 1; sequence <= 10; sequence++) {
        record(tracker, "read", XT_SUCCESS, sequence * 10);
        for (uint64_t number = 0; number <= sequence + 1; number++) {
            bool is_retained = number > 0 && number <= sequence && number + 3 > sequence;
            assert_int_equal(xt_image_execution(image, number, &execution), is_retained);
            assert_true(!is_retained || execution.duration_us == number * 10);
        }
    }
    assert_false(xt_image_execution(image, UINT64_MAX, &execution));
    xt_tracker_clear(tracker);
    assert_false(xt_image_execution(image, 10, &execution));
    record(tracker, "read", XT_SUCCESS, 1);
    assert_true(xt_image_execution(image, 11, &execution));
    assert_false(xt_image_execution(image, 10, &execution));
    xt_tracker_close(tracker);
}

static void in_flight_stores_no_more_than_there_is_room_for(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    xt_running running[3] = {{.serial = 77}, {.serial = 77}, {.serial = 77}};
    xt_tracker_start(tracker, xt_text_of("read"), 5);
    now_us += 10;
    xt_tracker_start(tracker, xt_text_of("write"), 6);
    assert_int_equal(xt_image_in_flight(image, 0, NULL), 2);
    assert_int_equal(xt_image_in_flight(image, 1, running), 2);
    assert_int_equal(running[0].serial, 1);
    assert_int_equal(running[1].serial, 77);
    assert_int_equal(xt_image_in_flight(image, 3, running), 2);
    assert_true(is_text(running[1].tool, "write"));
    assert_int_equal(running[1].tool_id, 2);
    assert_int_equal(running[1].args_hash, 6);
    assert_int_equal(running[1].start_us, 1000010);
    assert_int_equal(running[1].serial, 2);
    assert_int_equal(running[2].serial, 77);
    xt_tracker_close(tracker);
}

static void label_is_what_the_options_said(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    xt_text label = xt_image_label(xt_tracker_image(tracker));
    assert_int_equal(label.length, 6);
    assert_memory_equal(label.bytes, "run\0 1", 6);
    xt_tracker_close(tracker);
    tracker = tracker_with(NULL);
    assert_int_equal(xt_image_label(xt_tracker_image(tracker)).length, 0);
    xt_tracker_close(tracker);
}

static void tool_is_found_by_its_name(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    const xt_text names[] = {text_of("read", 4), text_of("", 0), text_of("read\0", 5),
                             text_of("rea", 3), text_of("\xff", 1)};
    assert_int_equal(xt_image_tool_id(image, names[0]), 0);
    for (uint32_t i = 0; i < 5; i++) {
        xt_tracker_start(tracker, names[i], 0);
        for (uint32_t j = 0; j < 5; j++) {
            assert_int_equal(xt_image_tool_id(image, names[j]), j <= i ? j + 1 : 0);
        }
    }
    assert_int_equal(xt_image_tool_id(image, text_of(NULL, 0)), 2);
    assert_int_equal(xt_image_tool_id(image, text_of("re", 2)), 0);
    assert_int_equal(xt_image_tool_id(image, text_of("reader", 6)), 0);
    xt_tracker_close(tracker);
}

static void tool_is_found_by_as_much_of_its_name_as_counts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    char name[XT_NAME_BYTES + 2];
    memset(name, 'x', sizeof name);
    xt_tracker_start(tracker, text_of(name, XT_NAME_BYTES + 1), 0);
    name[XT_NAME_BYTES] = 'y';
    assert_int_equal(xt_image_tool_id(image, text_of(name, XT_NAME_BYTES + 2)), 1);
    assert_int_equal(xt_image_tool_id(image, text_of(name, XT_NAME_BYTES + 1)), 1);
    assert_int_equal(xt_image_tool_id(image, text_of(name, XT_NAME_BYTES)), 1);
    assert_int_equal(xt_image_tool_id(image, text_of(name, XT_NAME_BYTES - 1)), 0);
    xt_tracker_close(tracker);
}

static void record_failure(xt_tracker *tracker, xt_text error_type) {
    const xt_execution execution = {
        .tool = xt_text_of("read"),
        .outcome = {.status = XT_FAILED, .error_type = error_type}};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static void error_types_are_numbered_as_they_came(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_error_type_count(image), 0);
    assert_null(xt_image_error_type(image, 1).bytes);
    record_failure(tracker, xt_text_of("ETIME"));
    record_failure(tracker, xt_text_of(""));
    record_failure(tracker, xt_text_of("EACCES"));
    record_failure(tracker, xt_text_of("ETIME"));
    assert_int_equal(xt_image_error_type_count(image), 2);
    assert_null(xt_image_error_type(image, 0).bytes);
    assert_int_equal(xt_image_error_type(image, 0).length, 0);
    assert_true(is_text(xt_image_error_type(image, 1), "ETIME"));
    assert_true(is_text(xt_image_error_type(image, 2), "EACCES"));
    assert_null(xt_image_error_type(image, 3).bytes);
    assert_null(xt_image_error_type(image, UINT32_MAX).bytes);
    xt_tracker_clear(tracker);
    assert_int_equal(xt_image_error_type_count(image), 2);
    xt_tracker_close(tracker);
}

static void error_types_beyond_the_table_are_one(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    for (unsigned i = 0; i < XT_ERROR_TYPES + 2; i++) {
        const char name[2] = {(char)('a' + i % 26), (char)('a' + i / 26)};
        record_failure(tracker, text_of(name, 2));
    }
    assert_int_equal(xt_image_error_type_count(image), XT_ERROR_TYPES + 1);
    assert_true(is_text(xt_image_error_type(image, XT_ERROR_TYPES), "vj"));
    assert_true(is_text(xt_image_error_type(image, XT_ERROR_TYPES + 1), "(other)"));
    assert_int_equal(xt_image_stats(image).error_types_overflowed, 2);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_tracker_answers_zero_and_nothing),
        cmocka_unit_test(tool_that_does_not_exist_has_no_answers),
        cmocka_unit_test(stats_of_a_tool_are_its_own),
        cmocka_unit_test(average_is_over_the_window_and_not_truncated),
        cmocka_unit_test(tool_whose_records_are_gone_has_stats_but_no_average),
        cmocka_unit_test(tool_that_only_started_has_stats_but_no_quantiles),
        cmocka_unit_test(histogram_is_that_of_the_lifetime_durations),
        cmocka_unit_test(histograms_tell_successes_from_all_else),
        cmocka_unit_test(quantiles_are_of_successes_and_all_else),
        cmocka_unit_test(quantiles_of_constant_durations_are_exact),
        cmocka_unit_test(quantiles_are_within_the_shortest_and_the_longest),
        cmocka_unit_test(quantiles_of_no_quantiles_store_nothing),
        cmocka_unit_test(execution_has_all_that_was_recorded),
        cmocka_unit_test(execution_without_an_error_type_has_a_null_one),
        cmocka_unit_test(executions_keep_their_numbers),
        cmocka_unit_test(in_flight_stores_no_more_than_there_is_room_for),
        cmocka_unit_test(label_is_what_the_options_said),
        cmocka_unit_test(tool_is_found_by_its_name),
        cmocka_unit_test(tool_is_found_by_as_much_of_its_name_as_counts),
        cmocka_unit_test(error_types_are_numbered_as_they_came),
        cmocka_unit_test(error_types_beyond_the_table_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
