/*
 * Merges of more than fits in the tables, or in a counter.
 */
#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_merge.h"
#include "support_tracker.h"

#include <stdio.h>

static uint64_t now_us = 1000;

static xt_tracker *make_tracker(size_t max_history) {
    xt_options options = options_at(&now_us, max_history);
    return tracker_with(&options);
}

/* A run with `count` executions in flight, all listed. */
static xt_tracker *tracker_with_running(size_t count) {
    xt_options options = options_at(&now_us, 0);
    options.max_in_flight = count;
    xt_tracker *tracker = tracker_with(&options);
    for (size_t i = 0; i < count; i++) {
        now_us += 2;
        xt_tracker_start(tracker, xt_text_of("read"), 0);
    }
    return tracker;
}

static void oldest_of_too_many_in_flight_are_listed(void **state) {
    (void)state;
    now_us = 1000;
    xt_tracker *a = tracker_with_running(40000); /* at 1002, 1004 and so on */
    now_us = 1001;
    xt_tracker *b = tracker_with_running(40000); /* at 1003, 1005 and so on */
    xt_snapshot *snapshot = merge_and_close(a, b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    xt_running *running = calloc(XT_MAX_IN_FLIGHT, sizeof *running);
    assert_non_null(running);
    assert_int_equal(xt_image_in_flight(merge, XT_MAX_IN_FLIGHT, running),
                     XT_MAX_IN_FLIGHT);
    for (size_t i = 0; i < XT_MAX_IN_FLIGHT; i++) {
        assert_int_equal(running[i].start_us, 1002 + i);
    }
    assert_int_equal(merge->header->max_in_flight, XT_MAX_IN_FLIGHT);
    assert_int_equal(xt_image_stats(merge).in_flight, 80000);
    assert_int_equal(stats_in(merge, "read").in_flight, 80000);
    free(running);
    xt_snapshot_close(snapshot);
}

/* 2^32 records and more: on 32 bits their size doesn't fit in a size_t. */
static void more_records_than_32_bits_count_are_too_much_for_them(void **state) {
    (void)state;
    enum { RECORDS = 65536, RUNS = 65537 };
    static const xt_image *images[RUNS];
    counting_allocator account = {.fails_at = 1, .for_good = true};
    xt_allocator allocator = allocator_of(&account);
    xt_tracker *tracker = make_tracker(RECORDS);
    for (int i = 0; i < RECORDS; i++) {
        record(tracker, "read", XT_SUCCESS, 1);
    }
    for (int i = 0; i < RUNS; i++) {
        images[i] = xt_tracker_image(tracker);
    }
    xt_snapshot *merge = (xt_snapshot *)(void *)&account;
    assert_int_equal(xt_snapshot_merge(RUNS, images, XT_KEEP_ALL, &allocator, &merge),
                     XT_ERROR_MEMORY);
    assert_null(merge);
    assert_int_equal(account.calls, SIZE_MAX > UINT32_MAX);
    xt_tracker_close(tracker);
}

/* A run with 200 failures of `tool` for reasons of their own, and a denial of each. */
static xt_tracker *tracker_with_denials(const char *tool, uint64_t count) {
    xt_tracker *tracker = make_tracker(200);
    const xt_image *image = xt_tracker_image(tracker);
    for (uint32_t i = 0; i < 200; i++) {
        char reason[16];
        snprintf(reason, sizeof reason, "E%03u", i);
        record_failure(tracker, tool, reason);
        begin_change(tracker);
        image->denials[i] = (xt_denial){count, 50, 0, i + 1};
        end_change(tracker);
    }
    begin_change(tracker);
    image->header->denial_count = 200;
    image->header->denials_overflowed = 1000;
    end_change(tracker);
    return tracker;
}

static void denials_beyond_the_table_overflow(void **state) {
    (void)state;
    xt_snapshot *snapshot =
        merge_and_close(tracker_with_denials("read", 7), tracker_with_denials("edit", 5));
    const xt_image *merge = xt_snapshot_image(snapshot);
    const xt_denial last_edit = {5, 50, 0, 200};
    const xt_denial first_read = {7, 50, 1, 1};
    const xt_denial last = {7, 50, 1, 56};
    assert_int_equal(merge->header->denial_count, 256);
    assert_memory_equal(&merge->denials[199], &last_edit, sizeof last);
    assert_memory_equal(&merge->denials[200], &first_read, sizeof last);
    assert_memory_equal(&merge->denials[255], &last, sizeof last);
    assert_int_equal(merge->header->denials_overflowed, 2000 + 144 * 7);
    xt_snapshot_close(snapshot);
}

/* A run with `count` error types, of four bytes and so many zeros. */
static xt_tracker *tracker_with_error_types(char first, int count, int zeros) {
    xt_tracker *tracker = make_tracker(200);
    for (int i = 0; i < count; i++) {
        char name[XT_NAME_BYTES + 1];
        snprintf(name, sizeof name, "%c%03d%0*d", first, i, zeros, 0);
        record_failure(tracker, "read", name);
    }
    return tracker;
}

static void error_types_beyond_the_table_are_other(void **state) {
    (void)state;
    xt_tracker *b = tracker_with_error_types('F', 200, 1);
    xt_tracker_deny(b, &(xt_call){.tool = xt_text_of("read")}, xt_text_of("F1990"), 4);
    xt_snapshot *snapshot = merge_and_close(tracker_with_error_types('E', 200, 1), b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_error_type_count(merge), 257);
    assert_true(is_text(xt_image_error_type(merge, 200), "E1990"));
    assert_true(is_text(xt_image_error_type(merge, 256), "F0550"));
    assert_true(is_text(xt_image_error_type(merge, 257), "(other)"));
    size_t others = 0;
    for (size_t age = 0; age < 400; age++) {
        others += is_text(execution_of_age(merge, age).outcome.error_type, "(other)");
    }
    assert_int_equal(others, 144);
    assert_int_equal(merge->denials[0].reason, 257);
    assert_int_equal(merge->denied[0].reason, 257);
    xt_snapshot_close(snapshot);
}

static void denials_for_error_types_that_are_other_add_up(void **state) {
    (void)state;
    xt_tracker *b = tracker_with_error_types('F', 200, 1);
    const xt_image *image = xt_tracker_image(b);
    image->header->denial_count = 2;
    image->denials[0] = (xt_denial){3, 9, 0, 200};
    image->denials[1] = (xt_denial){4, 8, 0, 199};
    xt_snapshot *snapshot = merge_and_close(tracker_with_error_types('E', 200, 1), b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    const xt_denial expected = {7, 9, 0, 257};
    assert_int_equal(merge->header->denial_count, 1);
    assert_memory_equal(merge->denials, &expected, sizeof expected);
    xt_snapshot_close(snapshot);
}

static void error_types_whose_bytes_do_not_fit_are_other(void **state) {
    (void)state;
    xt_snapshot *snapshot = merge_and_close(tracker_with_error_types('E', 50, 246),
                                            tracker_with_error_types('F', 50, 246));
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_error_type_count(merge), 66); /* 16,384 bytes / 250 */
    assert_int_equal(xt_image_error_type(merge, 65).length, 250);
    assert_true(is_text(xt_image_error_type(merge, 66), "(other)"));
    xt_snapshot_close(snapshot);
}

/* A run of `count` tools in flight, named by numbers of five digits from `first` on. */
static xt_tracker *tracker_with_tools(uint32_t first, uint32_t count) {
    xt_options options = options_at(&now_us, 5);
    options.max_tools = count;
    options.max_in_flight = 0;
    xt_tracker *tracker = tracker_with(&options);
    for (uint32_t i = first; i < first + count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%05u", i);
        xt_tracker_start(tracker, xt_text_of(name), 0);
    }
    return tracker;
}

static void tools_beyond_the_largest_table_are_other(void **state) {
    (void)state;
    xt_tracker *a = tracker_with_tools(0, 40000);
    xt_tracker *b = tracker_with_tools(30000, 40000);
    record(b, "69999", XT_FAILED, 5);
    record(b, "69998", XT_SUCCESS, 6);
    record(b, "65534", XT_SUCCESS, 7);
    xt_snapshot *snapshot = merge_and_close(a, b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_tool_count(merge), 65536);
    assert_int_equal(merge->header->max_tools, XT_MAX_TOOLS);
    assert_true(is_text(xt_image_tool_name(merge, 65535), "65534"));
    assert_true(is_text(xt_image_tool_name(merge, 65536), "(other)"));
    assert_int_equal(stats_in(merge, "35000").in_flight, 2);
    assert_int_equal(stats_in(merge, "(other)").in_flight, 70000 - 65535);
    assert_int_equal(stats_in(merge, "(other)").lifetime.executions, 2);
    assert_int_equal(execution_of(merge, 1).tool_id, 65535);
    assert_int_equal(execution_of(merge, 2).tool_id, 65536);
    assert_int_equal(execution_of(merge, 3).tool_id, 65536);
    xt_snapshot_close(snapshot);
}

/* Fails the test unless merges of the three in every order are `expected`. */
static void assert_any_order_gives(const xt_image *const images[3],
                                   const xt_snapshot *expected) {
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        const xt_image *ordered[] = {images[orders[i][0]], images[orders[i][1]],
                                     images[orders[i][2]]};
        xt_snapshot *merge = merged(3, ordered, XT_KEEP_ALL);
        assert_true(xt_snapshot_equals(merge, expected));
        xt_snapshot_close(merge);
    }
}

/* A run with one execution and one in flight of a tool that became `(other)`, and one of
 * a tool whose name is `(other)`. */
static xt_tracker *tracker_with_other(void) {
    xt_options options = options_at(&now_us, 5);
    options.max_tools = 1;
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "00000", XT_SUCCESS, 1);
    record(tracker, "late", XT_SUCCESS, 2);
    xt_tracker_start(tracker, xt_text_of("late"), 0);
    record(tracker, "(other)", XT_SUCCESS, 3);
    return tracker;
}

static void executions_of_tools_that_merging_made_other_overflow(void **state) {
    (void)state;
    xt_tracker *a = tracker_with_tools(0, 40000);
    xt_tracker *b = tracker_with_tools(30000, 40000);
    xt_tracker *c = tracker_with_other();
    record(b, "65534", XT_SUCCESS, 7); /* the last that fits */
    record(b, "65535", XT_SUCCESS, 7);
    for (int i = 0; i < 10; i++) {
        record(b, "69999", XT_FAILED, 5); /* only half of them are retained */
    }
    const xt_image *images[] = {xt_tracker_image(a), xt_tracker_image(b),
                                xt_tracker_image(c)};
    assert_int_equal(xt_image_stats(images[2]).overflowed, 2);
    xt_snapshot *snapshot = merged(3, images, XT_KEEP_ALL);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_stats(merge).overflowed, 2 + 1 + 10 + (70000 - 65535));
    assert_any_order_gives(images, snapshot);
    xt_snapshot *again = merge_one(merge); /* (other) isn't counted as lost again */
    assert_true(xt_snapshot_equals(again, snapshot));
    xt_snapshot_close(again);
    xt_snapshot_close(snapshot);
    xt_tracker_close(a);
    xt_tracker_close(b);
    xt_tracker_close(c);
}

static void nothing_overflows_while_there_is_room(void **state) {
    (void)state;
    xt_tracker *a = tracker_with_error_types('E', 128, 1);
    xt_tracker *b = tracker_with_error_types('F', 128, 1);
    xt_tracker_start(b, xt_text_of("read"), 0);
    xt_snapshot *snapshot = merge_and_close(a, b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_error_type_count(merge), 256);
    assert_int_equal(xt_image_stats(merge).overflowed, 0);
    assert_int_equal(xt_image_stats(merge).error_types_overflowed, 0);
    xt_snapshot_close(snapshot);
}

static void records_whose_error_type_merging_made_other_overflow(void **state) {
    (void)state;
    xt_tracker *a = tracker_with_error_types('E', 200, 1);
    xt_tracker *b = tracker_with_error_types('F', 200, 1);
    xt_tracker *c = tracker_with_error_types('G', 258, 1); /* 2 of them overflow */
    record_failure(b, "read", "F0550");                    /* the last that fits */
    record_failure(b, "read", "F0560");
    record_failure(b, "read", "F1990");
    record(b, "read", XT_FAILED, 1); /* without an error type */
    record_failure(c, "read", "(other)");
    const xt_image *images[] = {xt_tracker_image(a), xt_tracker_image(b),
                                xt_tracker_image(c)};
    assert_int_equal(xt_image_record_count(images[1]), 200);
    assert_int_equal(xt_image_stats(images[2]).error_types_overflowed, 2);
    xt_snapshot *snapshot = merged(3, images, XT_KEEP_ALL);
    const xt_image *merge = xt_snapshot_image(snapshot);
    /* F0560 to F1990, two of them twice; c's retained ones, 3 of them (other) before. */
    const uint64_t lost = (144 + 2) + (200 - 3);
    assert_int_equal(xt_image_stats(merge).error_types_overflowed, 2 + lost);
    assert_int_equal(xt_image_stats(merge).overflowed, 0);
    assert_any_order_gives(images, snapshot);
    xt_snapshot *again = merge_one(merge);
    assert_true(xt_snapshot_equals(again, snapshot));
    xt_snapshot_close(again);
    xt_snapshot_close(snapshot);
    xt_tracker_close(a);
    xt_tracker_close(b);
    xt_tracker_close(c);
}

static void max_history_adds_up_to_the_largest_there_is(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10);
    xt_snapshot *a = snapshot_of(xt_tracker_image(tracker));
    xt_snapshot *b = snapshot_of(xt_tracker_image(tracker));
    const xt_image *images[] = {xt_snapshot_image(a), xt_snapshot_image(b)};
    const uint32_t histories[][2] = {{(1 << 28) - 10, (1 << 28)},
                                     {(1 << 28) - 11, (1 << 28) - 1},
                                     {(1 << 28) - 9, (1 << 28)},
                                     {(1 << 28), (1 << 28)}};
    for (size_t i = 0; i < 4; i++) {
        images[0]->header->max_history = histories[i][0];
        xt_snapshot *snapshot = merge_two(images[0], images[1]);
        const xt_image *merge = xt_snapshot_image(snapshot);
        assert_int_equal(xt_image_max_history(merge), histories[i][1]);
        xt_snapshot_close(snapshot);
    }
    xt_snapshot_close(a);
    xt_snapshot_close(b);
    xt_tracker_close(tracker);
}

/* Sets all counts of the only tool to the maximum minus `below`. */
static void forge_counts(const xt_image *image, xt_status status, uint32_t below) {
    const uint64_t count = XT_MAX_COUNT - below;
    xt_header *header = image->header;
    xt_tool *tool = &image->tools[0];
    xt_histogram *histogram = &image->histograms[0];
    tool->lifetime.by_status[status] = count;
    tool->lifetime.cached_hits = count;
    tool->lifetime.total_us = count;
    tool->other_us = status == XT_SUCCESS ? 0 : count;
    header->lifetime = tool->lifetime;
    histogram->counters[(uint32_t)histogram->lowest % XT_HISTOGRAM_COUNTERS] = UINT32_MAX;
    header->recorded = count;
    header->tools_overflowed = count;
    header->error_types_overflowed = count;
    header->denials_overflowed = count;
    header->in_flight.serial = count;
    tool->in_flight = UINT32_MAX - below;
    header->running = UINT32_MAX - below;
}

/* A run with one tool whose counts are forged, and a denial. */
static xt_tracker *forged_tracker(const char *tool, xt_status status, uint32_t below) {
    const xt_execution execution = {
        .tool = xt_text_of(tool),
        .outcome = {.status = status,
                    .was_cached = true,
                    .error_type = xt_text_of("EPERM")},
        .duration_us = 1,
    };
    xt_tracker *tracker = make_tracker(1);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    xt_tracker_start(tracker, xt_text_of(tool), 0);
    forge_counts(image, status, below);
    image->header->denial_count = 1;
    image->denials[0] = (xt_denial){XT_MAX_COUNT - below, 1, 0, 1};
    assert_sound(tracker);
    return tracker;
}

static void assert_counts(const xt_image *image, uint64_t count, uint32_t in_flight) {
    const xt_counts lifetime = {count, count, 0, 0, 0, count, count, 0, 0, 0};
    xt_stats stats = xt_image_stats(image);
    xt_tool_stats tool = stats_in(image, "read");
    assert_memory_equal(&stats.lifetime, &lifetime, sizeof lifetime);
    assert_memory_equal(&tool.lifetime, &lifetime, sizeof lifetime);
    assert_int_equal(xt_image_recorded(image), count);
    assert_int_equal(stats.overflowed, count);
    assert_int_equal(stats.error_types_overflowed, count);
    assert_int_equal(image->header->denials_overflowed, count);
    assert_int_equal(image->header->in_flight.serial, count);
    assert_int_equal(image->denials[0].count, count);
    assert_int_equal(stats.in_flight, in_flight);
    assert_int_equal(tool.in_flight, in_flight);
    assert_int_equal(xt_image_in_flight(image, 0, NULL), 2);
}

static void counts_stop_at_the_largest_and_never_wrap(void **state) {
    (void)state;
    const uint32_t below[] = {0, 1, 5};
    for (size_t i = 0; i < 3; i++) {
        xt_snapshot *snapshot =
            merge_and_close(forged_tracker("read", XT_SUCCESS, below[i]),
                            forged_tracker("read", XT_SUCCESS, 5));
        const xt_image *merge = xt_snapshot_image(snapshot);
        assert_counts(merge, XT_MAX_COUNT, UINT32_MAX);
        assert_int_equal(merge->histograms[0].width, 1);
        xt_snapshot_close(snapshot);
    }
}

static void counts_below_the_largest_are_exact(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_tracker_start(tracker, xt_text_of("read"), 0);
    xt_tracker_start(tracker, xt_text_of("edit"), 0);
    xt_tracker_start(tracker, xt_text_of("edit"), 0);
    xt_snapshot *snapshot =
        merge_and_close(forged_tracker("read", XT_SUCCESS, 5), tracker);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_stats(merge).lifetime.executions, XT_MAX_COUNT - 5);
    assert_int_equal(merge->header->in_flight.serial, XT_MAX_COUNT - 2);
    assert_int_equal(xt_image_stats(merge).in_flight, UINT32_MAX - 2);
    assert_int_equal(stats_in(merge, "read").in_flight, UINT32_MAX - 4);
    xt_snapshot_close(snapshot);
}

static void executions_of_all_statuses_stop_at_the_largest(void **state) {
    (void)state;
    xt_snapshot *snapshot = merge_and_close(forged_tracker("read", XT_SUCCESS, 5),
                                            forged_tracker("read", XT_FAILED, 5));
    const xt_image *merge = xt_snapshot_image(snapshot);
    const xt_counts lifetime = {XT_MAX_COUNT,
                                XT_MAX_COUNT - 5,
                                XT_MAX_COUNT - 5,
                                0,
                                0,
                                XT_MAX_COUNT,
                                XT_MAX_COUNT,
                                0,
                                0,
                                0};
    xt_tool_stats stats = stats_in(merge, "read");
    assert_memory_equal(&stats.lifetime, &lifetime, sizeof lifetime);
    xt_snapshot_close(snapshot);
}

static void in_flight_of_all_tools_stops_at_the_largest(void **state) {
    (void)state;
    xt_snapshot *snapshot = merge_and_close(forged_tracker("read", XT_SUCCESS, 5),
                                            forged_tracker("edit", XT_SUCCESS, 5));
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_stats(merge).in_flight, UINT32_MAX);
    assert_int_equal(stats_in(merge, "read").in_flight, UINT32_MAX - 5);
    assert_int_equal(stats_in(merge, "edit").in_flight, UINT32_MAX - 5);
    xt_snapshot_close(snapshot);
}

static void denials_that_overflow_stop_at_the_largest(void **state) {
    (void)state;
    xt_tracker *a = tracker_with_denials("read", XT_MAX_COUNT / 3);
    xt_tracker *b = tracker_with_denials("edit", 5);
    xt_snapshot *snapshot = merge_and_close(a, b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(merge->header->denials_overflowed, XT_MAX_COUNT);
    xt_snapshot_close(snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_records_than_32_bits_count_are_too_much_for_them),
        cmocka_unit_test(oldest_of_too_many_in_flight_are_listed),
        cmocka_unit_test(denials_beyond_the_table_overflow),
        cmocka_unit_test(error_types_beyond_the_table_are_other),
        cmocka_unit_test(denials_for_error_types_that_are_other_add_up),
        cmocka_unit_test(error_types_whose_bytes_do_not_fit_are_other),
        cmocka_unit_test(tools_beyond_the_largest_table_are_other),
        cmocka_unit_test(executions_of_tools_that_merging_made_other_overflow),
        cmocka_unit_test(nothing_overflows_while_there_is_room),
        cmocka_unit_test(records_whose_error_type_merging_made_other_overflow),
        cmocka_unit_test(max_history_adds_up_to_the_largest_there_is),
        cmocka_unit_test(counts_stop_at_the_largest_and_never_wrap),
        cmocka_unit_test(counts_below_the_largest_are_exact),
        cmocka_unit_test(executions_of_all_statuses_stop_at_the_largest),
        cmocka_unit_test(in_flight_of_all_tools_stops_at_the_largest),
        cmocka_unit_test(denials_that_overflow_stop_at_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
