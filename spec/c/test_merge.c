/*
 * Merging, case by case. test_merge_limits.c has merges of more than fits,
 * test_merge_model.c merges of random runs.
 */
#include "support_cmocka.h"
#include "support_merge.h"
#include "support_tracker.h"

static uint64_t now_us = 1000;

static xt_tracker *make_tracker(void) {
    xt_options options = options_at(&now_us, 10);
    return tracker_with(&options);
}

static void tools_of_the_same_name_are_one(void **state) {
    (void)state;
    xt_tracker *a = make_tracker();
    xt_tracker *b = make_tracker();
    record_at(a, "read", XT_SUCCESS, 30, 1);
    record_at(a, "edit", XT_CANCELLED, 7, 2);
    record_at(b, "read", XT_TIMED_OUT, 10, 9);
    xt_tracker_start(b, xt_text_of("read"), 0);
    xt_tracker_start(b, xt_text_of("bash"), 0);
    xt_snapshot *snapshot = merge_and_close(a, b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    const xt_counts counts = {2, 1, 0, 1, 0, 0, 40, 0, 0, 0};
    const xt_tool_stats expected = {counts, counts, 10, 30, 10, 9, 9, 1, 1, 1};
    xt_tool_stats actual = stats_in(merge, "read");
    assert_true(same_tool_stats(&actual, &expected));
    assert_int_equal(xt_image_tool_count(merge), 3);
    assert_true(is_text(xt_image_tool_name(merge, 1), "bash"));
    assert_true(is_text(xt_image_tool_name(merge, 2), "edit"));
    assert_true(is_text(xt_image_tool_name(merge, 3), "read"));
    assert_int_equal(xt_image_stats(merge).lifetime.executions, 3);
    assert_int_equal(xt_image_stats(merge).in_flight, 2);
    xt_snapshot_close(snapshot);
}

static void merging_empty_runs_gives_an_empty_one(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *images[] = {xt_tracker_image(tracker), xt_tracker_image(tracker)};
    xt_snapshot *snapshot = merged(2, images, XT_KEEP_ALL);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_bytes(merge), sizeof(xt_header));
    assert_int_equal(xt_image_tool_count(merge), 0);
    assert_int_equal(xt_image_record_count(merge), 0);
    assert_int_equal(xt_image_max_history(merge), 20);
    const merging what = {2, images, XT_KEEP_ALL};
    assert_same_in_dirty_memory(make_merge, &what);
    assert_survives_want_of_memory(make_merge, &what, 2);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void run_that_is_merged_twice_counts_twice(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    record(tracker, "read", XT_FAILED, 30);
    xt_tracker_start(tracker, xt_text_of("read"), 5);
    const xt_image *image = xt_tracker_image(tracker);
    xt_snapshot *snapshot = merge_two(image, image);
    const xt_image *merge = xt_snapshot_image(snapshot);
    xt_tool_stats stats = stats_in(merge, "read");
    assert_int_equal(stats.lifetime.executions, 2);
    assert_int_equal(stats.window.total_duration_us, 60);
    assert_int_equal(stats.failure_streak, 1);
    assert_int_equal(xt_image_in_flight(merge, 0, NULL), 2);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void streak_is_of_the_run_in_which_the_tool_ended_last(void **state) {
    (void)state;
    xt_tracker *a = make_tracker();
    xt_tracker *b = make_tracker();
    record_at(a, "read", XT_FAILED, 0, 10);
    record_at(a, "read", XT_FAILED, 0, 20);
    record_at(a, "edit", XT_FAILED, 0, 20);
    record_at(b, "read", XT_FAILED, 0, 15);
    record_at(b, "read", XT_SUCCESS, 0, 21);
    record_at(b, "edit", XT_SUCCESS, 0, 19);
    xt_snapshot *snapshot = merge_and_close(a, b);
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(stats_in(merge, "read").failure_streak, 0);
    assert_int_equal(stats_in(merge, "read").last_failure_us, 20);
    assert_int_equal(stats_in(merge, "edit").failure_streak, 1);
    assert_int_equal(stats_in(merge, "edit").failure_rounds, 1);
    xt_snapshot_close(snapshot);
}

static void records_are_ordered_by_end_and_then_by_their_other_fields(void **state) {
    (void)state;
    /* In ascending order: each field has priority over all fields after it. */
    const xt_execution sorted[] = {
        {.tool = xt_text_of("b"), .duration_us = 9, .end_us = 4},
        {.tool = xt_text_of("a"), .duration_us = 9, .args_hash = 9, .end_us = 5},
        {.tool = xt_text_of("b"), .end_us = 5},
        {.tool = xt_text_of("b"),
         .outcome = {.error_type = xt_text_of("E")},
         .end_us = 5},
        {.tool = xt_text_of("b"),
         .outcome = {.error_type = xt_text_of("F")},
         .end_us = 5},
        {.tool = xt_text_of("b"), .args_hash = 1, .end_us = 5},
        {.tool = xt_text_of("b"), .duration_us = 1, .end_us = 5},
        {.tool = xt_text_of("b"), .outcome = {.status = XT_CANCELLED}, .end_us = 5},
        {.tool = xt_text_of("b"), .outcome = {.was_cached = true}, .end_us = 5},
    };
    xt_tracker *trackers[] = {make_tracker(), make_tracker()};
    for (size_t i = 9; i-- > 0;) {
        assert_int_equal(xt_tracker_record_at(trackers[i % 2], &sorted[i]), XT_OK);
    }
    assert_int_equal(xt_tracker_image(trackers[0])->header->flags, XT_FLAG_UNORDERED);
    xt_snapshot *snapshot = merge_and_close(trackers[0], trackers[1]);
    const xt_image *merge = xt_snapshot_image(snapshot);
    for (size_t i = 0; i < 9; i++) {
        xt_execution actual = execution_of(merge, i + 1);
        xt_execution expected = sorted[i];
        expected.tool_id = xt_image_tool_id(merge, expected.tool);
        assert_true(same_execution(&actual, &expected));
    }
    assert_int_equal(merge->header->flags, 0);
    xt_snapshot_close(snapshot);
}

static void newest_records_are_kept(void **state) {
    (void)state;
    const size_t most[] = {
        0, 1, 3, 4, 5, XT_MAX_HISTORY, XT_MAX_HISTORY + 1, XT_KEEP_ALL - 1, XT_KEEP_ALL};
    const size_t histories[] = {
        0, 1, 3, 4, 5, XT_MAX_HISTORY, XT_MAX_HISTORY, XT_MAX_HISTORY, 20};
    xt_tracker *a = make_tracker();
    xt_tracker *b = make_tracker();
    record_at(a, "read", XT_SUCCESS, 1, 10);
    record_at(a, "read", XT_SUCCESS, 4, 40);
    record_at(b, "read", XT_SUCCESS, 2, 20);
    record_at(b, "edit", XT_SUCCESS, 3, 30);
    for (size_t i = 0; i < 9; i++) {
        const xt_image *images[] = {xt_tracker_image(a), xt_tracker_image(b)};
        xt_snapshot *snapshot = merged(2, images, most[i]);
        const xt_image *merge = xt_snapshot_image(snapshot);
        size_t kept = most[i] < 4 ? most[i] : 4;
        assert_int_equal(xt_image_max_history(merge), histories[i]);
        assert_int_equal(xt_image_record_count(merge), kept);
        assert_int_equal(xt_image_recorded(merge), 4);
        for (size_t age = 0; age < kept; age++) {
            assert_int_equal(execution_of_age(merge, age).duration_us, 4 - age);
        }
        assert_int_equal(xt_image_stats(merge).window.executions, kept);
        assert_int_equal(xt_image_stats(merge).lifetime.executions, 4);
        xt_snapshot_close(snapshot);
    }
    xt_tracker_close(a);
    xt_tracker_close(b);
}

static xt_snapshot *merge_with_labels(xt_text a, xt_text b) {
    xt_options options = options_at(&now_us, 1);
    options.label = a;
    xt_tracker *left = tracker_with(&options);
    options.label = b;
    xt_tracker *right = tracker_with(&options);
    return merge_and_close(left, right);
}

static void label_is_that_of_all_or_none(void **state) {
    (void)state;
    const xt_text texts[] = {text_of("", 0), text_of("a", 1), text_of("b", 1),
                             text_of("a\0", 2)};
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            xt_snapshot *snapshot = merge_with_labels(texts[i], texts[j]);
            const xt_image *merge = xt_snapshot_image(snapshot);
            size_t length = i == j ? texts[i].length : 0;
            assert_int_equal(xt_image_label(merge).length, length);
            assert_true(length == 0 || same_text(xt_image_label(merge), texts[i]));
            xt_snapshot_close(snapshot);
        }
    }
}

static void instance_is_the_sum_of_all(void **state) {
    (void)state;
    xt_options options = options_at(&now_us, 1);
    memset(options.instance, 0xff, XT_INSTANCE_BYTES);
    xt_tracker *most = tracker_with(&options);
    memset(options.instance, 0, XT_INSTANCE_BYTES);
    options.instance[0] = 0x80;
    options.instance[15] = 0x02;
    xt_tracker *other = tracker_with(&options);
    const uint8_t sum[XT_INSTANCE_BYTES] = {0x80, [15] = 0x01}; /* modulo 2^128 */
    uint8_t actual[XT_INSTANCE_BYTES];
    xt_snapshot *alone = merge_one(xt_tracker_image(other));
    xt_image_instance(xt_snapshot_image(alone), actual);
    assert_memory_equal(actual, options.instance, sizeof actual);
    xt_snapshot *both = merge_two(xt_tracker_image(most), xt_snapshot_image(alone));
    xt_image_instance(xt_snapshot_image(both), actual);
    assert_memory_equal(actual, sum, sizeof actual);
    xt_snapshot_close(both);
    xt_snapshot_close(alone);
    xt_tracker_close(most);
    xt_tracker_close(other);
}

static void it_counts_from_the_first_and_its_time_is_the_latest(void **state) {
    (void)state;
    now_us = 500;
    xt_tracker *a = make_tracker();
    now_us = 600;
    xt_tracker *b = make_tracker();
    now_us = 700;
    xt_tracker_now_us(a);
    xt_tracker_clear(a);
    xt_snapshot *snapshot = merge_two(xt_tracker_image(b), xt_tracker_image(a));
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_created_us(merge), 500);
    assert_int_equal(xt_image_cleared_us(merge), 600);
    assert_int_equal(xt_image_now_us(merge), 700);
    xt_snapshot_close(snapshot);
    xt_snapshot_close(merge_and_close(a, b));
}

static void in_flight_is_in_the_order_of_starts(void **state) {
    (void)state;
    xt_tracker *trackers[] = {make_tracker(), make_tracker()};
    const char *const tools[] = {"d", "c", "b", "a", "c", "c"};
    const uint32_t hashes[] = {9, 8, 1, 1, 2, 1};
    const size_t places[] = {0, 1, 3, 2, 5, 4}; /* the last four start at the same time */
    for (size_t i = 0; i < 6; i++) {
        now_us += i < 3 ? 1 : 0;
        xt_tracker_start(trackers[i % 2], xt_text_of(tools[i]), hashes[i]);
    }
    xt_snapshot *snapshot = merge_and_close(trackers[0], trackers[1]);
    const xt_image *merge = xt_snapshot_image(snapshot);
    xt_running running[6];
    assert_int_equal(xt_image_in_flight(merge, 6, running), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_true(is_text(running[i].tool, tools[places[i]]));
        assert_int_equal(running[i].args_hash, hashes[places[i]]);
        assert_int_equal(running[i].serial, i + 1);
    }
    assert_int_equal(running[0].start_us, running[5].start_us - 2);
    xt_snapshot_close(snapshot);
}

/* A run of a failure of read for each of the `count` reasons, with a denial of 7. */
static xt_tracker *tracker_with_denials(size_t count, const char *const reasons[],
                                        uint64_t last_us) {
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    for (uint32_t i = 0; i < count; i++) {
        record_failure(tracker, "read", reasons[i]);
        begin_change(tracker);
        image->denials[i] = (xt_denial){7, last_us, 0, i + 1};
        end_change(tracker);
    }
    begin_change(tracker);
    image->header->denial_count = (uint32_t)count;
    image->header->denials_overflowed = last_us;
    end_change(tracker);
    return tracker;
}

static void denials_of_the_same_tool_and_reason_add_up(void **state) {
    (void)state;
    const char *const reasons[] = {"D", "C", "B", "A"};
    xt_snapshot *snapshot = merge_and_close(tracker_with_denials(3, reasons, 50),
                                            tracker_with_denials(3, reasons + 1, 40));
    const xt_image *merge = xt_snapshot_image(snapshot);
    const xt_denial expected[] = {
        {7, 40, 0, 1}, {14, 50, 0, 2}, {14, 50, 0, 3}, {7, 50, 0, 4}};
    assert_int_equal(merge->header->denial_count, 4);
    assert_memory_equal(merge->denials, expected, sizeof expected);
    assert_int_equal(merge->header->denials_overflowed, 90);
    xt_snapshot_close(snapshot);
}

static void room_for_tools_grows_with_them(void **state) {
    (void)state;
    xt_options options = options_at(&now_us, 5);
    options.max_tools = 2;
    xt_tracker *a = tracker_with(&options);
    options.max_tools = 3;
    xt_tracker *b = tracker_with(&options);
    record(a, "d", XT_SUCCESS, 1);
    record(a, "b", XT_SUCCESS, 1);
    xt_snapshot *snapshot = merge_two(xt_tracker_image(a), xt_tracker_image(b));
    const xt_image *merge = xt_snapshot_image(snapshot);
    assert_int_equal(merge->header->max_tools, 3);
    xt_snapshot_close(snapshot);
    record(b, "a", XT_SUCCESS, 1);
    record(b, "e", XT_SUCCESS, 1);
    record(b, "c", XT_SUCCESS, 1);
    snapshot = merge_and_close(a, b);
    merge = xt_snapshot_image(snapshot);
    assert_int_equal(merge->header->max_tools, 5);
    assert_int_equal(xt_image_tool_count(merge), 5);
    xt_snapshot_close(snapshot);
}

static void merging_one_run_sorts_it(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    record_at(tracker, "read", XT_SUCCESS, 1, 20);
    record_at(tracker, "edit", XT_SUCCESS, 2, 10);
    xt_tracker *sorted = make_tracker();
    record_at(sorted, "edit", XT_SUCCESS, 2, 10);
    record_at(sorted, "read", XT_SUCCESS, 1, 20);
    xt_snapshot *merge = merge_one(xt_tracker_image(tracker));
    xt_snapshot *taken = snapshot_of(xt_tracker_image(sorted));
    xt_snapshot *again = merge_one(xt_snapshot_image(taken));
    assert_true(xt_snapshot_equals(merge, taken));
    assert_true(xt_snapshot_equals(again, taken));
    xt_snapshot_close(merge);
    xt_snapshot_close(taken);
    xt_snapshot_close(again);
    xt_tracker_close(tracker);
    xt_tracker_close(sorted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tools_of_the_same_name_are_one),
        cmocka_unit_test(merging_empty_runs_gives_an_empty_one),
        cmocka_unit_test(run_that_is_merged_twice_counts_twice),
        cmocka_unit_test(streak_is_of_the_run_in_which_the_tool_ended_last),
        cmocka_unit_test(records_are_ordered_by_end_and_then_by_their_other_fields),
        cmocka_unit_test(newest_records_are_kept),
        cmocka_unit_test(label_is_that_of_all_or_none),
        cmocka_unit_test(instance_is_the_sum_of_all),
        cmocka_unit_test(it_counts_from_the_first_and_its_time_is_the_latest),
        cmocka_unit_test(in_flight_is_in_the_order_of_starts),
        cmocka_unit_test(denials_of_the_same_tool_and_reason_add_up),
        cmocka_unit_test(room_for_tools_grows_with_them),
        cmocka_unit_test(merging_one_run_sorts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
