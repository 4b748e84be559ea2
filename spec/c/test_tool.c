#include "tool.h"

#include "support_cmocka.h"

static uint64_t packed(uint64_t duration_us, xt_status status) {
    return xt_record_of(
               &(xt_execution){.duration_us = duration_us, .outcome.status = status}, 1,
               0)
        .packed;
}

static void add(xt_tool *tool, xt_status status, uint64_t duration_us, uint64_t end_us) {
    const xt_record record = {.end_us = end_us, .packed = packed(duration_us, status)};
    xt_tool_add(tool, &record);
    assert_null(xt_tool_check(tool));
}

static void shortest_and_longest_are_of_every_status(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_CANCELLED, 50, 1);
    assert_int_equal(tool.min_us, 50);
    assert_int_equal(tool.max_us, 50);
    add(&tool, XT_FAILED, 70, 2);
    add(&tool, XT_SUCCESS, 60, 3);
    add(&tool, XT_TIMED_OUT, 40, 4);
    assert_int_equal(tool.min_us, 40);
    assert_int_equal(tool.max_us, 70);
}

static void total_of_all_but_successes_is_of_what_was_measured(void **state) {
    (void)state;
    const xt_timing timings[] = {XT_ELAPSED, XT_UNTIMED};
    xt_tool tool = {0};
    add(&tool, XT_SUCCESS, 1000, 1);
    assert_int_equal(tool.other_us, 0);
    add(&tool, XT_FAILED, 1, 2);
    add(&tool, XT_TIMED_OUT, 20, 3);
    add(&tool, XT_CANCELLED, 300, 4);
    for (size_t i = 0; i < 2; i++) {
        const xt_execution unmeasured = {
            .outcome = {.status = XT_FAILED}, .duration_us = 5, .timing = timings[i]};
        xt_record record = xt_record_of(&unmeasured, 1, 0);
        xt_tool_add(&tool, &record);
    }
    assert_int_equal(tool.other_us, 321);
    assert_int_equal(tool.lifetime.total_us, 1321);
}

static void total_of_all_but_successes_stops_at_the_largest_count(void **state) {
    (void)state;
    xt_tool tool = {.lifetime = {.by_status = {0, 4000}, .total_us = XT_MAX_COUNT - 1},
                    .max_us = XT_MAX_DURATION_US,
                    .other_us = XT_MAX_COUNT - 1};
    add(&tool, XT_FAILED, 1, 1);
    assert_int_equal(tool.other_us, XT_MAX_COUNT);
    add(&tool, XT_CANCELLED, 1, 1);
    assert_int_equal(tool.other_us, XT_MAX_COUNT);
    const xt_tool other = tool;
    xt_tool_merge(&tool, &other);
    assert_int_equal(tool.other_us, XT_MAX_COUNT);
}

static void shortest_stays_zero_after_a_duration_of_zero(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_CANCELLED, 0, 1);
    add(&tool, XT_CANCELLED, 5, 2);
    assert_int_equal(tool.min_us, 0);
    assert_int_equal(tool.max_us, 5);
}

static void streak_counts_failures_and_time_outs_until_a_success(void **state) {
    (void)state;
    const xt_status statuses[] = {XT_SUCCESS,   XT_FAILED,    XT_TIMED_OUT,
                                  XT_CANCELLED, XT_FAILED,    XT_CANCELLED,
                                  XT_SUCCESS,   XT_CANCELLED, XT_FAILED};
    const uint32_t streaks[] = {0, 1, 2, 2, 3, 3, 0, 0, 1};
    xt_tool tool = {0};
    for (uint64_t i = 0; i < 9; i++) {
        add(&tool, statuses[i], 10, 100 * (i + 1));
        assert_int_equal(tool.failure_streak, streaks[i]);
        assert_int_equal(tool.failure_rounds, streaks[i]);
    }
}

static void failures_that_ran_at_the_same_time_are_one_round(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_FAILED, 100, 1000);
    add(&tool, XT_FAILED, 150, 1010);
    add(&tool, XT_TIMED_OUT, 121, 1020);
    assert_int_equal(tool.failure_streak, 3);
    assert_int_equal(tool.failure_rounds, 1);
}

static void failure_that_started_when_the_one_before_ended_is_a_round(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_FAILED, 100, 1000);
    add(&tool, XT_FAILED, 100, 1100);
    assert_int_equal(tool.failure_rounds, 2);
    add(&tool, XT_FAILED, 101, 1200);
    assert_int_equal(tool.failure_rounds, 2);
    add(&tool, XT_TIMED_OUT, 0, 1200);
    assert_int_equal(tool.failure_rounds, 3);
    assert_int_equal(tool.failure_streak, 4);
}

static void first_failure_after_a_success_is_a_round_whenever_it_started(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_FAILED, 100, 1000);
    add(&tool, XT_SUCCESS, 1, 1001);
    assert_int_equal(tool.failure_rounds, 0);
    add(&tool, XT_FAILED, 900, 1002);
    assert_int_equal(tool.failure_streak, 1);
    assert_int_equal(tool.failure_rounds, 1);
}

static void cached_executions_neither_count_nor_end_a_streak(void **state) {
    (void)state;
    xt_tool tool = {0};
    const xt_status statuses[] = {XT_SUCCESS, XT_FAILED, XT_TIMED_OUT, XT_CANCELLED};
    add(&tool, XT_FAILED, 10, 100);
    for (size_t i = 0; i < 4; i++) {
        const xt_execution cached = {
            .outcome = {.status = statuses[i], .was_cached = true}};
        xt_record record = xt_record_of(&cached, 1, 0);
        record.end_us = 200 + i;
        xt_tool_add(&tool, &record);
        assert_null(xt_tool_check(&tool));
        assert_int_equal(tool.failure_streak, 1);
        assert_int_equal(tool.failure_rounds, 1);
        assert_int_equal(tool.last_failure_us, 100);
    }
    assert_int_equal(tool.last_end_us, 203);
}

static void success_that_started_before_the_latest_failure_ends_no_streak(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_FAILED, 10, 100);
    add(&tool, XT_FAILED, 10, 200);
    add(&tool, XT_SUCCESS, 101, 300);
    assert_int_equal(tool.failure_streak, 2);
    assert_int_equal(tool.failure_rounds, 2);
    add(&tool, XT_SUCCESS, 100, 300);
    assert_int_equal(tool.failure_streak, 0);
    assert_int_equal(tool.failure_rounds, 0);
}

static void undated_success_ends_a_streak(void **state) {
    (void)state;
    const xt_execution undated = {.is_undated = true};
    xt_tool tool = {0};
    add(&tool, XT_FAILED, 10, 100);
    xt_record record = xt_record_of(&undated, 1, 0);
    record.end_us = 1; /* its number */
    xt_tool_add(&tool, &record);
    assert_int_equal(tool.failure_streak, 0);
}

static void last_times_are_the_latest(void **state) {
    (void)state;
    xt_tool tool = {0};
    add(&tool, XT_TIMED_OUT, 1, 500);
    add(&tool, XT_FAILED, 1, 400);
    assert_int_equal(tool.last_end_us, 500);
    assert_int_equal(tool.last_failure_us, 500);
    add(&tool, XT_CANCELLED, 1, 600);
    add(&tool, XT_SUCCESS, 1, 700);
    assert_int_equal(tool.last_end_us, 700);
    assert_int_equal(tool.last_failure_us, 500);
}

static void adding_leaves_the_window_and_what_is_in_flight(void **state) {
    (void)state;
    const xt_window empty = {0};
    xt_tool tool = {.in_flight = 3};
    add(&tool, XT_FAILED, 7, 1);
    assert_memory_equal(&tool.window, &empty, sizeof empty);
    assert_int_equal(tool.in_flight, 3);
}

static void window_takes_away_what_it_added(void **state) {
    (void)state;
    const xt_window empty = {0};
    const xt_record records[] = {
        xt_record_of(
            &(xt_execution){.duration_us = XT_MAX_DURATION_US,
                            .outcome = {.status = XT_CANCELLED, .was_cached = true}},
            1, 0),
        {.packed = packed(3, XT_FAILED)}};
    xt_window window = {0};
    xt_window_add(&window, &records[0]);
    xt_window_add(&window, &records[1]);
    xt_window other = window;
    assert_int_equal(window.total_us, XT_MAX_DURATION_US + 3);
    assert_int_equal(window.by_status[XT_CANCELLED], 1);
    assert_int_equal(window.by_status[XT_FAILED], 1);
    assert_int_equal(window.cached_hits, 1);
    xt_window_remove(&window, &other, &records[0]);
    assert_int_equal(window.total_us, 3);
    assert_memory_equal(&other, &window, sizeof window);
    xt_window_remove(&other, &window, &records[1]);
    assert_memory_equal(&window, &empty, sizeof empty);
    assert_memory_equal(&other, &empty, sizeof empty);
}

static void clearing_keeps_only_what_is_in_flight(void **state) {
    (void)state;
    xt_tool tool = {.in_flight = 2};
    const xt_tool expected = {.in_flight = 2};
    add(&tool, XT_FAILED, 7, 1);
    xt_tool_clear(&tool);
    assert_memory_equal(&tool, &expected, sizeof tool);
}

static void sums_stop_at_the_largest_count(void **state) {
    (void)state;
    assert_int_equal(xt_count_sum(1, 2), 3);
    assert_int_equal(xt_count_sum(XT_MAX_COUNT - 1, 1), XT_MAX_COUNT);
    assert_int_equal(xt_count_sum(XT_MAX_COUNT, 1), XT_MAX_COUNT);
    assert_int_equal(xt_count_sum(XT_MAX_COUNT, XT_MAX_COUNT), XT_MAX_COUNT);
    const xt_lifetime lifetime = {
        .by_status = {XT_MAX_COUNT, XT_MAX_COUNT, XT_MAX_COUNT, XT_MAX_COUNT}};
    assert_int_equal(xt_lifetime_executions(&lifetime), XT_MAX_COUNT);
}

static void check_takes_a_tool_whose_counts_are_full(void **state) {
    (void)state;
    /* The sum has stopped, so it says nothing about the durations. */
    xt_tool tool = {.lifetime = {.by_status = {1000}, .total_us = XT_MAX_COUNT},
                    .max_us = 5};
    assert_null(xt_tool_check(&tool));
    tool.lifetime.by_status[0] = XT_MAX_COUNT;
    tool.lifetime.total_us = 1;
    assert_null(xt_tool_check(&tool));
    tool.lifetime.by_status[0] = 1000;
    tool.lifetime.total_us = 5001;
    assert_string_equal(
        xt_tool_check(&tool),
        "a tool's total doesn't match its shortest and longest durations");
}

/* A merge of two tools, which must be the same in both orders. */
static xt_tool merged(const xt_tool *a, const xt_tool *b) {
    xt_tool result = *a;
    xt_tool reversed = *b;
    xt_tool_merge(&result, b);
    xt_tool_merge(&reversed, a);
    assert_memory_equal(&result, &reversed, sizeof result);
    return result;
}

static void merging_adds_up_lifetimes(void **state) {
    (void)state;
    xt_lifetime lifetime = {{1, 2, 3, 4}, 5, 6, 7, 8, 9};
    const xt_lifetime other = {{10, 20, 30, 40}, 50, 60, 70, 80, 90};
    const xt_lifetime expected = {{11, 22, 33, 44}, 55, 66, 77, 88, 99};
    xt_lifetime_merge(&lifetime, &other);
    assert_memory_equal(&lifetime, &expected, sizeof expected);
}

static void merged_lifetimes_stop_at_the_largest_count(void **state) {
    (void)state;
    const uint64_t most = XT_MAX_COUNT;
    xt_lifetime lifetime = {{most, most - 1, 0, 1}, most - 2, most, most, 1, most - 1};
    const xt_lifetime other = {{1, 1, most, most}, 3, most, 1, most, 2};
    const xt_lifetime expected = {{most, most, most, most}, most, most, most, most, most};
    xt_lifetime_merge(&lifetime, &other);
    assert_memory_equal(&lifetime, &expected, sizeof expected);
}

static void merging_is_as_if_one_tool_had_recorded_all(void **state) {
    (void)state;
    xt_tool a = {.in_flight = 2};
    xt_tool b = {.in_flight = 3};
    xt_tool all = {.in_flight = 5};
    add(&a, XT_SUCCESS, 50, 100);
    add(&a, XT_FAILED, 10, 300);
    add(&b, XT_CANCELLED, 90, 900);
    add(&b, XT_TIMED_OUT, 20, 1000);
    add(&all, XT_SUCCESS, 50, 100);
    add(&all, XT_CANCELLED, 90, 900);
    add(&all, XT_TIMED_OUT, 20, 1000);
    add(&all, XT_FAILED, 10, 300);
    all.failure_streak = 1; /* that of the tool that ended later */
    all.failure_rounds = 1;
    xt_tool merge = merged(&a, &b);
    assert_memory_equal(&merge, &all, sizeof all);
    assert_null(xt_tool_check(&merge));
}

static void merging_with_an_unused_tool_changes_nothing(void **state) {
    (void)state;
    const xt_tool unused = {0};
    xt_tool tool = {0};
    add(&tool, XT_FAILED, 7, 3);
    xt_tool merge = merged(&tool, &unused);
    assert_memory_equal(&merge, &tool, sizeof tool);
    assert_int_equal(merge.min_us, 7);
    merge = merged(&unused, &unused);
    assert_memory_equal(&merge, &unused, sizeof unused);
}

static void merged_shortest_stays_zero(void **state) {
    (void)state;
    xt_tool a = {0};
    xt_tool b = {0};
    add(&a, XT_SUCCESS, 0, 1);
    add(&b, XT_SUCCESS, 5, 1);
    assert_int_equal(merged(&a, &b).min_us, 0);
    assert_int_equal(merged(&a, &b).max_us, 5);
}

static void merged_streak_is_of_the_one_that_ended_last(void **state) {
    (void)state;
    xt_tool failing = {0};
    xt_tool recovered = {0};
    add(&failing, XT_FAILED, 1, 10);
    add(&failing, XT_FAILED, 1, 20);
    add(&recovered, XT_SUCCESS, 1, 19);
    assert_int_equal(merged(&failing, &recovered).failure_streak, 2);
    assert_int_equal(merged(&failing, &recovered).failure_rounds, 2);
    add(&recovered, XT_SUCCESS, 1, 21);
    assert_int_equal(merged(&failing, &recovered).failure_streak, 0);
    assert_int_equal(merged(&failing, &recovered).failure_rounds, 0);
    assert_int_equal(merged(&failing, &recovered).last_failure_us, 20);
}

static void merged_streak_of_those_that_ended_together_is_the_longer(void **state) {
    (void)state;
    xt_tool a = {0};
    xt_tool b = {0};
    add(&a, XT_FAILED, 1, 100);
    add(&b, XT_SUCCESS, 1, 100);
    assert_int_equal(merged(&a, &b).failure_streak, 1);
    add(&b, XT_FAILED, 100, 100);
    add(&b, XT_FAILED, 100, 100);
    assert_int_equal(merged(&a, &b).failure_streak, 2);
    assert_int_equal(merged(&a, &b).failure_rounds, 1);
    add(&a, XT_FAILED, 0, 100);
    assert_int_equal(merged(&a, &b).failure_streak, 2);
    assert_int_equal(merged(&a, &b).failure_rounds, 2);
}

static void merging_leaves_the_window_and_what_is_listed(void **state) {
    (void)state;
    xt_tool tool = {.window = {.total_us = 1}, .in_flight = 3, .listed = 2};
    const xt_tool other = {.window = {.total_us = 9}, .in_flight = 4, .listed = 4};
    const xt_tool expected = {.window = {.total_us = 1}, .in_flight = 7, .listed = 2};
    xt_tool_merge(&tool, &other);
    assert_memory_equal(&tool, &expected, sizeof expected);
}

static void merged_in_flight_stops_where_it_is_full(void **state) {
    (void)state;
    const xt_tool full = {.in_flight = UINT32_MAX};
    const xt_tool some = {.in_flight = UINT32_MAX - 1};
    const xt_tool one = {.in_flight = 1};
    assert_int_equal(merged(&some, &one).in_flight, UINT32_MAX);
    assert_int_equal(merged(&full, &one).in_flight, UINT32_MAX);
    assert_int_equal(merged(&some, &full).in_flight, UINT32_MAX);
}

/* The message of xt_tool_check for a tool with two unmeasured executions. */
static const char *verdict(uint64_t untimed, uint64_t elapsed, uint64_t elapsed_us) {
    const xt_tool tool = {.lifetime = {.by_status = {2},
                                       .untimed = untimed,
                                       .elapsed = elapsed,
                                       .elapsed_us = elapsed_us}};
    return xt_tool_check(&tool);
}

static void what_was_not_measured_is_some_of_all(void **state) {
    (void)state;
    const char *wrong = "a tool's untimed or elapsed executions are out of range";
    assert_null(verdict(0, 2, 2 * XT_MAX_DURATION_US));
    assert_string_equal(verdict(0, 2, 2 * XT_MAX_DURATION_US + 1), wrong);
    assert_null(verdict(2, 0, 0));
    assert_string_equal(verdict(2, 0, 1), wrong);
    assert_string_equal(verdict(2, 1, 0), wrong);
    assert_string_equal(verdict(1, 2, 0), wrong);
    assert_string_equal(verdict(XT_MAX_COUNT, 1, 0), wrong);
    assert_string_equal(verdict(XT_MAX_COUNT + 1, 0, 0), wrong);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortest_and_longest_are_of_every_status),
        cmocka_unit_test(total_of_all_but_successes_is_of_what_was_measured),
        cmocka_unit_test(total_of_all_but_successes_stops_at_the_largest_count),
        cmocka_unit_test(shortest_stays_zero_after_a_duration_of_zero),
        cmocka_unit_test(streak_counts_failures_and_time_outs_until_a_success),
        cmocka_unit_test(failures_that_ran_at_the_same_time_are_one_round),
        cmocka_unit_test(failure_that_started_when_the_one_before_ended_is_a_round),
        cmocka_unit_test(first_failure_after_a_success_is_a_round_whenever_it_started),
        cmocka_unit_test(cached_executions_neither_count_nor_end_a_streak),
        cmocka_unit_test(success_that_started_before_the_latest_failure_ends_no_streak),
        cmocka_unit_test(undated_success_ends_a_streak),
        cmocka_unit_test(last_times_are_the_latest),
        cmocka_unit_test(adding_leaves_the_window_and_what_is_in_flight),
        cmocka_unit_test(window_takes_away_what_it_added),
        cmocka_unit_test(clearing_keeps_only_what_is_in_flight),
        cmocka_unit_test(sums_stop_at_the_largest_count),
        cmocka_unit_test(check_takes_a_tool_whose_counts_are_full),
        cmocka_unit_test(merging_adds_up_lifetimes),
        cmocka_unit_test(merged_lifetimes_stop_at_the_largest_count),
        cmocka_unit_test(merging_is_as_if_one_tool_had_recorded_all),
        cmocka_unit_test(merging_with_an_unused_tool_changes_nothing),
        cmocka_unit_test(merged_shortest_stays_zero),
        cmocka_unit_test(merged_streak_is_of_the_one_that_ended_last),
        cmocka_unit_test(merged_streak_of_those_that_ended_together_is_the_longer),
        cmocka_unit_test(merging_leaves_the_window_and_what_is_listed),
        cmocka_unit_test(merged_in_flight_stops_where_it_is_full),
        cmocka_unit_test(what_was_not_measured_is_some_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
