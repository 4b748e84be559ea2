#include "image.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_history) {
    now_us = 1000000;
    xt_options options = options_at(&now_us, max_history);
    return tracker_with(&options);
}

/* Closes the tracker of a test, whose image must be valid. */
static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static xt_stats all_stats(const xt_tracker *tracker) {
    return xt_image_stats(xt_tracker_image(tracker));
}

/* test_execution_tracker_bounds of the reference implementation. */
static void history_is_bounded_and_stats_are_not(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5);
    for (int i = 0; i < 10; i++) {
        const xt_execution execution = {.tool = xt_text_of("read_file"),
                                        .outcome = {.was_cached = i % 2 == 0},
                                        .duration_us = 100000};
        assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    }
    assert_int_equal(xt_image_record_count(xt_tracker_image(tracker)), 5);
    assert_int_equal(all_stats(tracker).lifetime.executions, 10);
    assert_int_equal(all_stats(tracker).lifetime.cached_hits, 5);
    close_sound(tracker);
}

/* test_tool_id_interning of the reference implementation. */
static void tool_is_interned_once(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10);
    record(tracker, "read_file", XT_SUCCESS, 100000);
    record(tracker, "read_file", XT_SUCCESS, 50000);
    record(tracker, "write_file", XT_SUCCESS, 200000);
    assert_int_equal(xt_image_tool_count(xt_tracker_image(tracker)), 2);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("read_file")), 1);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("write_file")), 2);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("grep")), 0);
    close_sound(tracker);
}

/* test_avg_duration of the reference implementation. */
static void average_is_that_of_the_tool(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10);
    const xt_image *image = xt_tracker_image(tracker);
    double average_us = -1;
    record(tracker, "read_file", XT_SUCCESS, 100000);
    record(tracker, "read_file", XT_SUCCESS, 200000);
    record(tracker, "read_file", XT_SUCCESS, 300000);
    assert_true(xt_image_average_duration(image, 1, &average_us));
    assert_true(average_us == 200000);
    average_us = -1;
    assert_false(xt_image_average_duration(image, 2, &average_us));
    assert_true(average_us == -1);
    close_sound(tracker);
}

static void create_names_the_option_that_is_out_of_range(void **state) {
    (void)state;
    xt_tracker *tracker = (void *)&now_us;
    xt_options options = xt_options_default();
    options.max_history = SIZE_MAX;
    assert_int_equal(xt_tracker_create(&options, &tracker), XT_ERROR_MAX_HISTORY);
    assert_null(tracker);
    options = xt_options_default();
    options.max_tools = 0;
    assert_int_equal(xt_tracker_create(&options, &tracker), XT_ERROR_MAX_TOOLS);
    options.max_tools = SIZE_MAX;
    assert_int_equal(xt_tracker_create(&options, &tracker), XT_ERROR_MAX_TOOLS);
    options = xt_options_default();
    options.max_in_flight = SIZE_MAX;
    assert_int_equal(xt_tracker_create(&options, &tracker), XT_ERROR_MAX_IN_FLIGHT);
    options = xt_options_default();
    options.label = text_of("", SIZE_MAX);
    assert_int_equal(xt_tracker_create(&options, &tracker), XT_ERROR_LABEL);
    assert_null(tracker);
}

static void defaults_are_1000_records_512_tools_and_64_in_flight(void **state) {
    (void)state;
    xt_options options = xt_options_default();
    assert_int_equal(options.max_history, 1000);
    assert_int_equal(options.max_tools, 512);
    assert_int_equal(options.max_in_flight, 64);
    assert_int_equal(options.label.length, 0);
    assert_null(options.clock.now_us);
    assert_null(options.allocator.allocate);
    xt_tracker *tracker = tracker_with(NULL);
    const xt_header *header = xt_tracker_image(tracker)->header;
    assert_int_equal(header->max_history, 1000);
    assert_int_equal(header->max_tools, 512);
    assert_int_equal(header->max_in_flight, 64);
    close_sound(tracker);
}

static void closing_nothing_is_ignored(void **state) {
    (void)state;
    xt_tracker_close(NULL);
}

static void unknown_status_records_nothing(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 0);
    xt_execution execution = {.tool = xt_text_of("new"),
                              .outcome = {.status = (xt_status)4}};
    void *before = copy_of_block(tracker);
    now_us++;
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_ERROR_STATUS);
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_ERROR_STATUS);
    execution.outcome.status = (xt_status)-1;
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_ERROR_STATUS);
    assert_int_equal(xt_tracker_finish(tracker, &span, &execution.outcome, NULL),
                     XT_ERROR_STATUS);
    assert_true(is_block(tracker, before));
    assert_int_equal(finish(tracker, &span, XT_SUCCESS), 1);
    free(before);
    close_sound(tracker);
}

static void every_status_counts_in_all_and_in_the_total(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    record(tracker, "read", XT_SUCCESS, 1);
    record(tracker, "read", XT_FAILED, 20);
    record(tracker, "read", XT_TIMED_OUT, 300);
    record(tracker, "read", XT_CANCELLED, 4000);
    xt_stats stats = all_stats(tracker);
    const xt_counts lifetime = {4, 1, 1, 1, 1, 0, 4321, 0, 0, 0};
    const xt_counts window = {2, 0, 0, 1, 1, 0, 4300, 0, 0, 0};
    assert_memory_equal(&stats.lifetime, &lifetime, sizeof lifetime);
    assert_memory_equal(&stats.window, &window, sizeof window);
    close_sound(tracker);
}

static void tracker_without_history_counts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    xt_execution execution;
    for (int i = 0; i < 3; i++) {
        record(tracker, "read", XT_FAILED, 7);
    }
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_record_count(image), 0);
    assert_int_equal(xt_image_recorded(image), 3);
    assert_false(xt_image_execution(image, 3, &execution));
    assert_int_equal(all_stats(tracker).lifetime.total_duration_us, 21);
    assert_int_equal(all_stats(tracker).window.executions, 0);
    assert_int_equal(stats_of(tracker, "read").failure_streak, 3);
    close_sound(tracker);
}

static void imported_records_stay_in_the_order_of_recording(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    const xt_image *image = xt_tracker_image(tracker);
    xt_execution execution;
    record_at(tracker, "read", XT_SUCCESS, 1, 500);
    record_at(tracker, "read", XT_SUCCESS, 2, 500);
    assert_int_equal(image->header->flags, 0);
    record_at(tracker, "read", XT_FAILED, 3, 499);
    assert_int_equal(image->header->flags, XT_FLAG_UNORDERED);
    assert_true(xt_image_execution(image, 3, &execution));
    assert_int_equal(execution.end_us, 499);
    assert_true(xt_image_execution(image, 2, &execution));
    assert_int_equal(execution.end_us, 500);
    assert_int_equal(stats_of(tracker, "read").last_end_us, 500);
    assert_int_equal(stats_of(tracker, "read").last_failure_us, 499);
    assert_sound(tracker);
    xt_tracker_clear(tracker);
    assert_int_equal(image->header->flags, 0);
    close_sound(tracker);
}

static void
too_long_a_duration_and_too_late_an_end_are_stored_as_the_maximum(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    xt_execution execution;
    record_at(tracker, "read", XT_SUCCESS, XT_MAX_DURATION_US + 1, UINT64_MAX);
    record_at(tracker, "read", XT_SUCCESS, UINT64_MAX, XT_MAX_COUNT + 1);
    for (uint64_t sequence = 1; sequence <= 2; sequence++) {
        assert_true(xt_image_execution(xt_tracker_image(tracker), sequence, &execution));
        assert_int_equal(execution.duration_us, XT_MAX_DURATION_US);
        assert_int_equal(execution.end_us, XT_MAX_COUNT);
    }
    assert_int_equal(all_stats(tracker).lifetime.total_duration_us,
                     2 * XT_MAX_DURATION_US);
    close_sound(tracker);
}

static void total_stops_at_the_largest_count(void **state) {
    (void)state;
    /* 2048 * (2^52 - 1) is 2^63 - 2048: one more would wrap Lua's integers. */
    xt_tracker *tracker = make_tracker(4);
    for (int i = 0; i < 2048; i++) {
        record(tracker, i % 2 == 0 ? "read" : "write", XT_SUCCESS, XT_MAX_DURATION_US);
    }
    assert_int_equal(all_stats(tracker).lifetime.total_duration_us, XT_MAX_COUNT - 2047);
    assert_sound(tracker);
    for (int i = 0; i < 1100; i++) {
        record(tracker, "read", XT_SUCCESS, XT_MAX_DURATION_US);
        assert_int_equal(all_stats(tracker).lifetime.total_duration_us, XT_MAX_COUNT);
        assert_sound(tracker);
    }
    assert_int_equal(stats_of(tracker, "read").lifetime.total_duration_us, XT_MAX_COUNT);
    assert_int_equal(stats_of(tracker, "write").lifetime.total_duration_us,
                     1024 * XT_MAX_DURATION_US);
    assert_int_equal(all_stats(tracker).lifetime.executions, 3148);
    close_sound(tracker);
}

static void set_lifetime(xt_lifetime *lifetime, uint64_t count) {
    lifetime->by_status[XT_SUCCESS] = count;
    lifetime->by_status[XT_FAILED] = count;
    lifetime->cached_hits = count;
}

static void counts_stop_at_the_largest_count(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    const xt_image *image = xt_tracker_image(tracker);
    const xt_execution execution = {
        .tool = xt_text_of("read"), .outcome = {.was_cached = true}, .duration_us = 1};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    record(tracker, "read", XT_FAILED, 1);
    begin_change(tracker);
    set_lifetime(&image->header->lifetime, XT_MAX_COUNT - 1);
    set_lifetime(&image->tools[0].lifetime, XT_MAX_COUNT - 1);
    xt_histogram *failures = &image->histograms[1];
    failures->counters[xt_histogram_place(failures->lowest)] = UINT32_MAX;
    end_change(tracker);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
        xt_counts all = all_stats(tracker).lifetime;
        xt_counts own = stats_of(tracker, "read").lifetime;
        assert_int_equal(all.successful, XT_MAX_COUNT);
        assert_int_equal(all.cached_hits, XT_MAX_COUNT);
        assert_int_equal(all.executions, XT_MAX_COUNT);
        assert_int_equal(all.failed, XT_MAX_COUNT - 1);
        assert_memory_equal(&all, &own, sizeof all);
        assert_sound(tracker);
    }
    xt_tracker_close(tracker);
}

static void overflow_counts_stop_at_the_largest_count(void **state) {
    (void)state;
    now_us = 1;
    xt_options options = options_at(&now_us, 1);
    options.max_tools = 1;
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 1);
    begin_change(tracker);
    xt_tracker_image(tracker)->header->tools_overflowed = XT_MAX_COUNT - 1;
    end_change(tracker);
    record(tracker, "write", XT_SUCCESS, 1);
    assert_int_equal(all_stats(tracker).overflowed, XT_MAX_COUNT);
    record(tracker, "grep", XT_SUCCESS, 1);
    assert_int_equal(all_stats(tracker).overflowed, XT_MAX_COUNT);
    close_sound(tracker);
}

static void failure_streak_stops_at_the_largest_32_bits(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    record(tracker, "read", XT_FAILED, 1);
    xt_tool *tool = &xt_tracker_image(tracker)->tools[0];
    begin_change(tracker);
    tool->failure_streak = UINT32_MAX;
    tool->failure_rounds = UINT32_MAX;
    end_change(tracker);
    record(tracker, "read", XT_FAILED, 0);
    assert_int_equal(stats_of(tracker, "read").failure_streak, UINT32_MAX);
    assert_int_equal(stats_of(tracker, "read").failure_rounds, UINT32_MAX);
    xt_tracker_close(tracker);
}

static void more_tools_than_fit_count_as_other(void **state) {
    (void)state;
    now_us = 1;
    xt_options options = options_at(&now_us, 10);
    options.max_tools = 2;
    xt_tracker *tracker = tracker_with(&options);
    const char *const tools[] = {"read", "write", "grep", "ls", "read", "grep"};
    for (size_t i = 0; i < 6; i++) {
        record(tracker, tools[i], XT_SUCCESS, 1);
        assert_sound(tracker);
    }
    assert_int_equal(all_stats(tracker).overflowed, 3);
    assert_int_equal(xt_image_tool_count(xt_tracker_image(tracker)), 3);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("(other)")), 3);
    assert_int_equal(stats_of(tracker, "(other)").lifetime.executions, 3);
    assert_int_equal(stats_of(tracker, "read").lifetime.executions, 2);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("grep")), 0);
    close_sound(tracker);
}

static void more_error_types_than_256_count_as_other(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_execution newest;
    for (int i = 0; i < 260; i++) {
        char name[3] = {'E', (char)('a' + i / 26), (char)('a' + i % 26)};
        const xt_execution execution = {
            .tool = xt_text_of("read"),
            .outcome = {.status = XT_FAILED, .error_type = text_of(name, 3)}};
        assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
        assert_sound(tracker);
    }
    assert_int_equal(all_stats(tracker).error_types_overflowed, 4);
    assert_int_equal(all_stats(tracker).overflowed, 0);
    assert_true(xt_image_execution(xt_tracker_image(tracker), 260, &newest));
    assert_true(is_text(newest.outcome.error_type, "(other)"));
    close_sound(tracker);
}

static void clear_empties_all_but_names_ids_and_what_is_in_flight(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(5);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_FAILED, 5);
    record(tracker, "write", XT_TIMED_OUT, 6);
    xt_tracker_start(tracker, xt_text_of("write"), 3);
    begin_change(tracker);
    image->header->denial_count = 1;
    image->denials[0] = (xt_denial){.count = 1, .tool = 0, .reason = 1};
    image->header->denials_overflowed = 1;
    end_change(tracker);
    xt_tracker_clear(tracker);
    xt_stats stats = all_stats(tracker);
    const xt_counts none = {0};
    assert_memory_equal(&stats.lifetime, &none, sizeof none);
    assert_memory_equal(&stats.window, &none, sizeof none);
    assert_int_equal(stats.in_flight, 1);
    assert_int_equal(xt_image_record_count(image), 0);
    assert_int_equal(xt_image_recorded(image), 2);
    assert_int_equal(image->header->denial_count, 0);
    assert_int_equal(image->header->denials_overflowed, 0);
    const xt_tool_stats write = {.in_flight = 1};
    xt_tool_stats actual = stats_of(tracker, "write");
    assert_true(same_tool_stats(&actual, &write));
    assert_true(is_text(xt_image_tool_name(image, 1), "read"));
    record(tracker, "write", XT_SUCCESS, 1);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("write")), 2);
    assert_int_equal(xt_image_recorded(image), 3);
    close_sound(tracker);
}

static void counting_begins_when_the_tracker_is_made_or_cleared(void **state) {
    (void)state;
    uint64_t clock_us = 1000;
    xt_options options = options_at(&clock_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_cleared_us(image), 1000);
    clock_us = 2000;
    record(tracker, "read", XT_SUCCESS, 1);
    assert_int_equal(xt_image_cleared_us(image), 1000);
    clock_us = 3000; /* clearing doesn't read the clock */
    xt_tracker_clear(tracker);
    assert_int_equal(xt_image_cleared_us(image), 2000);
    assert_int_equal(xt_image_created_us(image), 1000);
    close_sound(tracker);
}

static void clear_empties_the_histogram(void **state) {
    (void)state;
    const double median = 0.5;
    double value_us = -1;
    xt_tracker *tracker = make_tracker(5);
    record(tracker, "read", XT_SUCCESS, 1);
    record(tracker, "read", XT_SUCCESS, XT_MAX_DURATION_US);
    xt_tracker_clear(tracker);
    const xt_image *image = xt_tracker_image(tracker);
    assert_false(xt_image_tool_quantiles(image, 1, 1, &median, &value_us));
    assert_true(value_us == -1);
    assert_int_equal(image->histograms[0].halvings, 0);
    record(tracker, "read", XT_SUCCESS, 70);
    assert_true(xt_image_tool_quantiles(image, 1, 1, &median, &value_us));
    assert_true(value_us == 70);
    close_sound(tracker);
}

static void clear_zeroes_what_overflowed(void **state) {
    (void)state;
    now_us = 1;
    xt_options options = options_at(&now_us, 10);
    options.max_tools = 1;
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 1);
    record(tracker, "write", XT_SUCCESS, 1);
    begin_change(tracker);
    xt_tracker_image(tracker)->header->error_types_overflowed = 5;
    end_change(tracker);
    xt_tracker_clear(tracker);
    assert_int_equal(all_stats(tracker).overflowed, 0);
    assert_int_equal(all_stats(tracker).error_types_overflowed, 0);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_is_bounded_and_stats_are_not),
        cmocka_unit_test(tool_is_interned_once),
        cmocka_unit_test(average_is_that_of_the_tool),
        cmocka_unit_test(create_names_the_option_that_is_out_of_range),
        cmocka_unit_test(defaults_are_1000_records_512_tools_and_64_in_flight),
        cmocka_unit_test(closing_nothing_is_ignored),
        cmocka_unit_test(unknown_status_records_nothing),
        cmocka_unit_test(every_status_counts_in_all_and_in_the_total),
        cmocka_unit_test(tracker_without_history_counts),
        cmocka_unit_test(imported_records_stay_in_the_order_of_recording),
        cmocka_unit_test(
            too_long_a_duration_and_too_late_an_end_are_stored_as_the_maximum),
        cmocka_unit_test(total_stops_at_the_largest_count),
        cmocka_unit_test(counts_stop_at_the_largest_count),
        cmocka_unit_test(overflow_counts_stop_at_the_largest_count),
        cmocka_unit_test(failure_streak_stops_at_the_largest_32_bits),
        cmocka_unit_test(more_tools_than_fit_count_as_other),
        cmocka_unit_test(more_error_types_than_256_count_as_other),
        cmocka_unit_test(clear_empties_all_but_names_ids_and_what_is_in_flight),
        cmocka_unit_test(counting_begins_when_the_tracker_is_made_or_cleared),
        cmocka_unit_test(clear_empties_the_histogram),
        cmocka_unit_test(clear_zeroes_what_overflowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
