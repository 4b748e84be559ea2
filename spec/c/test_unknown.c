/*
 * Executions with an unknown duration or end.
 */
#include "exectrack_snapshot.h"
#include "image.h"

#include "support_cmocka.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { HISTORY = 20 };

static uint64_t now_us = 1000;

static xt_tracker *new_tracker(size_t max_history) {
    xt_options options = options_at(&now_us, max_history);
    return tracker_with(&options);
}

static void add(xt_tracker *tracker, xt_status status, uint64_t duration_us,
                xt_timing timing) {
    const xt_execution execution = {.tool = xt_text_of("read"),
                                    .outcome = {.status = status},
                                    .duration_us = duration_us,
                                    .timing = timing};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static void add_undated(xt_tracker *tracker, xt_status status) {
    const xt_execution execution = {.tool = xt_text_of("read"),
                                    .outcome = {.status = status},
                                    .duration_us = 5,
                                    .end_us = 77,
                                    .is_undated = true};
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void totals_averages_and_extremes_are_of_what_was_measured(void **state) {
    (void)state;
    const xt_counts counts = {4, 3, 1, 0, 0, 0, 40, 1, 1, 5000};
    const double quantiles[] = {0, 1};
    double values_us[2];
    xt_tracker *tracker = new_tracker(HISTORY);
    const xt_image *image = xt_tracker_image(tracker);
    add(tracker, XT_SUCCESS, 5000, XT_ELAPSED);
    add(tracker, XT_SUCCESS, 10, XT_MEASURED);
    add(tracker, XT_FAILED, 30, XT_MEASURED);
    add(tracker, XT_SUCCESS, 1, XT_UNTIMED);
    xt_tool_stats stats = stats_of(tracker, "read");
    assert_memory_equal(&stats.lifetime, &counts, sizeof counts);
    assert_memory_equal(&stats.window, &counts, sizeof counts);
    assert_int_equal(stats.min_duration_us, 10);
    assert_int_equal(stats.max_duration_us, 30);
    assert_true(xt_image_average_duration(image, 1, &values_us[0]));
    assert_true(values_us[0] == 20);
    assert_true(xt_image_tool_quantiles(image, 1, 2, quantiles, values_us));
    assert_true(values_us[0] >= 10 && values_us[1] <= 30);
    assert_int_equal(execution_of_age(image, 0).duration_us, 0);
    assert_int_equal(execution_of_age(image, 0).timing, XT_UNTIMED);
    assert_int_equal(execution_of_age(image, 3).duration_us, 5000);
    close_sound(tracker);
}

static void tool_that_was_never_measured_has_no_average_and_no_quantiles(void **state) {
    (void)state;
    const double half = 0.5;
    double value_us = -1;
    uint64_t recent_us = 7;
    xt_tool_histogram histogram;
    xt_tracker *tracker = new_tracker(HISTORY);
    const xt_image *image = xt_tracker_image(tracker);
    add(tracker, XT_SUCCESS, 5000, XT_ELAPSED);
    add(tracker, XT_SUCCESS, 0, XT_UNTIMED);
    assert_false(xt_image_average_duration(image, 1, &value_us));
    assert_false(xt_image_tool_quantiles(image, 1, 1, &half, &value_us));
    assert_int_equal(xt_image_recent_quantile(image, 1, half, &recent_us), 0);
    assert_int_equal(recent_us, 7);
    assert_true(xt_image_tool_histogram(image, 1, XT_OUTCOME_ALL, &histogram));
    assert_int_equal(histogram.zero_count + histogram.bucket_count, 0);
    assert_int_equal(stats_of(tracker, "read").max_duration_us, 0);
    close_sound(tracker);
}

/* The shortest duration is 0 if none was measured, and then that of the first. */
static void first_that_is_measured_is_the_shortest(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(HISTORY);
    add(tracker, XT_SUCCESS, 0, XT_UNTIMED);
    add(tracker, XT_SUCCESS, 3, XT_MEASURED);
    assert_int_equal(stats_of(tracker, "read").min_duration_us, 3);
    add(tracker, XT_SUCCESS, 0, XT_MEASURED);
    add(tracker, XT_SUCCESS, 4, XT_MEASURED);
    assert_int_equal(stats_of(tracker, "read").min_duration_us, 0);
    close_sound(tracker);
}

static void what_leaves_the_window_is_no_longer_counted_there(void **state) {
    (void)state;
    const xt_counts left = {1, 1, 0, 0, 0, 0, 9, 0, 0, 0};
    const xt_timing timings[] = {XT_ELAPSED, XT_UNTIMED};
    for (size_t i = 0; i < 2; i++) {
        xt_tracker *tracker = new_tracker(1);
        add(tracker, XT_SUCCESS, 5000, timings[i]);
        add(tracker, XT_SUCCESS, 9, XT_MEASURED);
        xt_counts window = stats_of(tracker, "read").window;
        assert_memory_equal(&window, &left, sizeof left);
        close_sound(tracker);
    }
}

/* A tool whose window counts more than its lifetime, after one was left out there. */
static void window_that_has_more_than_the_lifetime_is_found(void **state) {
    (void)state;
    const xt_timing timings[] = {XT_ELAPSED, XT_UNTIMED};
    for (size_t i = 0; i < 2; i++) {
        xt_tracker *tracker = new_tracker(HISTORY);
        const xt_image *image = xt_tracker_image(tracker);
        add(tracker, XT_SUCCESS, 0, timings[i]);
        begin_change(tracker);
        xt_lifetime *lifetimes[] = {&image->tools[0].lifetime, &image->header->lifetime};
        for (size_t j = 0; j < 2; j++) { /* the other one of the two */
            lifetimes[j]->untimed = timings[i] == XT_ELAPSED;
            lifetimes[j]->elapsed = timings[i] == XT_UNTIMED;
        }
        end_change(tracker);
        assert_string_equal(verdict_on(image),
                            "a tool's window counts more than its lifetime");
        xt_tracker_close(tracker);
    }
}

static void another_timing_is_refused(void **state) {
    (void)state;
    const xt_execution execution = {.tool = xt_text_of("read"), .timing = (xt_timing)3};
    xt_tracker *tracker = new_tracker(HISTORY);
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_ERROR_TIMING);
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_ERROR_TIMING);
    assert_int_equal(xt_image_recorded(xt_tracker_image(tracker)), 0);
    close_sound(tracker);
}

static void what_is_undated_ends_at_its_number_whatever_is_cleared(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(HISTORY);
    const xt_image *image = xt_tracker_image(tracker);
    add_undated(tracker, XT_SUCCESS);
    add_undated(tracker, XT_SUCCESS);
    assert_int_equal(execution_of_age(image, 1).end_us, 1);
    assert_int_equal(execution_of_age(image, 0).end_us, 2);
    assert_true(execution_of_age(image, 0).is_undated);
    assert_true(xt_image_is_in_order(image));
    xt_tracker_clear(tracker);
    add(tracker, XT_SUCCESS, 1, XT_MEASURED);
    assert_true(xt_image_is_in_order(image));
    add_undated(tracker, XT_SUCCESS);
    assert_int_equal(execution_of_age(image, 0).end_us, 3);
    assert_false(xt_image_is_in_order(image));
    close_sound(tracker);
}

static void number_of_what_is_undated_stops_at_the_largest(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(HISTORY);
    const xt_image *image = xt_tracker_image(tracker);
    begin_change(tracker);
    image->header->recorded = XT_MAX_COUNT - 2;
    image->header->undated = XT_MAX_COUNT - 2;
    end_change(tracker);
    add_undated(tracker, XT_SUCCESS);
    add_undated(tracker, XT_SUCCESS);
    begin_change(tracker);
    image->header->recorded = XT_MAX_COUNT;
    end_change(tracker);
    assert_int_equal(image->header->undated, XT_MAX_COUNT);
    add_undated(tracker, XT_SUCCESS);
    assert_int_equal(image->header->undated, XT_MAX_COUNT);
    assert_int_equal(image->records[2].end_us, XT_MAX_COUNT);
    xt_tracker_close(tracker); /* its counts have stopped */
}

static void what_is_undated_is_no_tool_s_last(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(HISTORY);
    add_undated(tracker, XT_FAILED);
    xt_tool_stats stats = stats_of(tracker, "read");
    assert_int_equal(stats.last_end_us, 0);
    assert_int_equal(stats.last_failure_us, 0);
    add(tracker, XT_TIMED_OUT, 1, XT_UNTIMED);
    add_undated(tracker, XT_FAILED);
    stats = stats_of(tracker, "read");
    assert_int_equal(stats.last_end_us, 1000);
    assert_int_equal(stats.last_failure_us, 1000);
    close_sound(tracker);
}

static void each_undated_failure_is_a_round(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(HISTORY);
    add(tracker, XT_FAILED, 10, XT_MEASURED);
    add(tracker, XT_FAILED, 10, XT_MEASURED); /* in the same round */
    add_undated(tracker, XT_FAILED);
    add_undated(tracker, XT_TIMED_OUT);
    xt_tool_stats stats = stats_of(tracker, "read");
    assert_int_equal(stats.failure_streak, 4);
    assert_int_equal(stats.failure_rounds, 3);
    close_sound(tracker);
}

static void what_is_undated_has_not_started_at_any_time(void **state) {
    (void)state;
    uint64_t start_us;
    xt_tracker *tracker = new_tracker(HISTORY);
    const xt_image *image = xt_tracker_image(tracker);
    add_undated(tracker, XT_SUCCESS);
    add(tracker, XT_SUCCESS, 100, XT_ELAPSED);
    assert_int_equal(xt_image_starts(image, XT_ALL_TOOLS, -1), 1);
    assert_true(xt_image_nth_start(image, 1, -1, 1, &start_us));
    assert_int_equal(start_us, 900);
    close_sound(tracker);
}

static xt_groups *groups_of(const xt_tracker *tracker, const xt_grouping *grouping) {
    xt_groups *groups;
    assert_int_equal(xt_image_group(xt_tracker_image(tracker), grouping, NULL, &groups),
                     XT_OK);
    return groups;
}

static void groups_have_quantiles_of_what_was_measured_alone(void **state) {
    (void)state;
    const double quantiles[] = {0, 1};
    const xt_grouping grouping = {.key_count = 1,
                                  .keys = {XT_BY_STATUS},
                                  .quantile_count = 2,
                                  .quantiles = quantiles};
    xt_tracker *tracker = new_tracker(HISTORY);
    add(tracker, XT_SUCCESS, 5000, XT_ELAPSED);
    add(tracker, XT_FAILED, 20, XT_MEASURED);
    add(tracker, XT_FAILED, 0, XT_UNTIMED);
    xt_groups *groups = groups_of(tracker, &grouping);
    xt_group successes = xt_groups_get(groups, 0);
    xt_group failures = xt_groups_get(groups, 1);
    assert_int_equal(successes.quantiles_us[0], 0);
    assert_int_equal(successes.quantiles_us[1], 0);
    assert_int_equal(successes.min_duration_us, 0);
    assert_int_equal(successes.counts.elapsed_duration_us, 5000);
    assert_int_equal(failures.quantiles_us[0], 20);
    assert_int_equal(failures.quantiles_us[1], 20);
    assert_int_equal(failures.counts.untimed, 1);
    xt_groups_close(groups);
    close_sound(tracker);
}

static void no_interval_has_what_is_undated(void **state) {
    (void)state;
    const double half = 0.5;
    const xt_grouping by_time = {.key_count = 1,
                                 .keys = {XT_BY_TIME},
                                 .every_us = 10,
                                 .quantile_count = 1,
                                 .quantiles = &half};
    const xt_grouping at_once = {0};
    xt_tracker *tracker = new_tracker(HISTORY);
    add_undated(tracker, XT_SUCCESS);
    xt_groups *groups = groups_of(tracker, &by_time);
    assert_int_equal(xt_groups_count(groups), 0);
    xt_groups_close(groups);
    record_at(tracker, "read", XT_SUCCESS, 8, 3); /* the interval of the number 1, too */
    groups = groups_of(tracker, &by_time);
    assert_int_equal(xt_groups_count(groups), 1);
    assert_int_equal(xt_groups_get(groups, 0).counts.executions, 1);
    assert_int_equal(xt_groups_get(groups, 0).quantiles_us[0], 8);
    xt_groups_close(groups);
    groups = groups_of(tracker, &at_once);
    assert_int_equal(xt_groups_get(groups, 0).counts.executions, 2);
    assert_int_equal(xt_groups_get(groups, 0).first_end_us, 3);
    xt_groups_close(groups);
    close_sound(tracker);
}

static void group_of_what_is_undated_ends_before_it_begins(void **state) {
    (void)state;
    const xt_grouping at_once = {0};
    xt_tracker *tracker = new_tracker(HISTORY);
    add_undated(tracker, XT_SUCCESS);
    xt_groups *groups = groups_of(tracker, &at_once);
    xt_group group = xt_groups_get(groups, 0);
    assert_true(group.first_end_us > group.last_end_us);
    xt_groups_close(groups);
    close_sound(tracker);
}

static void what_is_undated_is_replayed_first_and_one_by_one(void **state) {
    (void)state;
    xt_replay *replay;
    xt_replayed next;
    xt_tracker *run = new_tracker(HISTORY);
    add(run, XT_SUCCESS, 10, XT_MEASURED);
    add_undated(run, XT_FAILED);
    add_undated(run, XT_FAILED);
    assert_int_equal(xt_replay_create(xt_tracker_image(run), NULL, &replay), XT_OK);
    xt_options options = xt_replay_options(replay);
    xt_tracker *tracker = tracker_with(&options);
    const size_t places[] = {1, 2, 0};
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(xt_replay_next(replay, tracker, &next));
        assert_int_equal(next.index, places[i]);
        assert_int_equal(next.execution.is_undated, i < 2);
        assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).in_flight, 0);
        assert_int_equal(xt_image_recorded(xt_tracker_image(tracker)), i);
    }
    assert_false(xt_replay_next(replay, tracker, &next));
    assert_true(execution_of_age(xt_tracker_image(tracker), 2).is_undated);
    xt_replay_close(replay);
    close_sound(tracker);
    xt_tracker_close(run);
}

static void what_is_undated_is_within_no_call(void **state) {
    (void)state;
    uint32_t parents[2];
    uint64_t self_us[2];
    xt_tracker *a = new_tracker(HISTORY);
    xt_tracker *b = new_tracker(HISTORY);
    xt_execution execution = {.tool = xt_text_of("read"), .is_undated = true};
    assert_int_equal(xt_tracker_record_at(a, &execution), XT_OK);
    execution.depth = 1;
    assert_int_equal(xt_tracker_record_at(b, &execution), XT_OK);
    const xt_image *images[] = {xt_tracker_image(a), xt_tracker_image(b)};
    xt_snapshot *both; /* both have the same numbers */
    assert_int_equal(xt_snapshot_merge(2, images, XT_KEEP_ALL, NULL, &both), XT_OK);
    assert_int_equal(xt_image_parents(xt_snapshot_image(both), NULL, parents, self_us),
                     XT_OK);
    assert_int_equal(parents[0], 0);
    assert_int_equal(parents[1], 0);
    xt_snapshot_close(both);
    xt_tracker_close(a);
    xt_tracker_close(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_averages_and_extremes_are_of_what_was_measured),
        cmocka_unit_test(tool_that_was_never_measured_has_no_average_and_no_quantiles),
        cmocka_unit_test(first_that_is_measured_is_the_shortest),
        cmocka_unit_test(what_leaves_the_window_is_no_longer_counted_there),
        cmocka_unit_test(window_that_has_more_than_the_lifetime_is_found),
        cmocka_unit_test(another_timing_is_refused),
        cmocka_unit_test(what_is_undated_ends_at_its_number_whatever_is_cleared),
        cmocka_unit_test(number_of_what_is_undated_stops_at_the_largest),
        cmocka_unit_test(what_is_undated_is_no_tool_s_last),
        cmocka_unit_test(each_undated_failure_is_a_round),
        cmocka_unit_test(what_is_undated_has_not_started_at_any_time),
        cmocka_unit_test(groups_have_quantiles_of_what_was_measured_alone),
        cmocka_unit_test(no_interval_has_what_is_undated),
        cmocka_unit_test(group_of_what_is_undated_ends_before_it_begins),
        cmocka_unit_test(what_is_undated_is_replayed_first_and_one_by_one),
        cmocka_unit_test(what_is_undated_is_within_no_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
