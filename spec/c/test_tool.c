#include "tool.h"

#include "support_cmocka.h"

static void add(xt_tool *tool, xt_status status, uint64_t duration_us, uint64_t end_us) {
    const xt_record record = {.end_us = end_us,
                              .packed = xt_record_pack(duration_us, status, false)};
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
        {.packed = xt_record_pack(XT_MAX_DURATION_US, XT_CANCELLED, true)},
        {.packed = xt_record_pack(3, XT_FAILED, false)}};
    xt_window window = {0};
    xt_window_add(&window, &records[0]);
    xt_window_add(&window, &records[1]);
    assert_int_equal(window.total_us, XT_MAX_DURATION_US + 3);
    assert_int_equal(window.by_status[XT_CANCELLED], 1);
    assert_int_equal(window.by_status[XT_FAILED], 1);
    assert_int_equal(window.cached_hits, 1);
    xt_window_remove(&window, &records[0]);
    assert_int_equal(window.total_us, 3);
    xt_window_remove(&window, &records[1]);
    assert_memory_equal(&window, &empty, sizeof empty);
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
    /* The sum says nothing of the durations any more. */
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
        "a tool's total doesn't lie between its shortest and longest durations");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortest_and_longest_are_of_every_status),
        cmocka_unit_test(shortest_stays_zero_after_a_duration_of_zero),
        cmocka_unit_test(streak_counts_failures_and_time_outs_until_a_success),
        cmocka_unit_test(failures_that_ran_at_the_same_time_are_one_round),
        cmocka_unit_test(failure_that_started_when_the_one_before_ended_is_a_round),
        cmocka_unit_test(first_failure_after_a_success_is_a_round_whenever_it_started),
        cmocka_unit_test(last_times_are_the_latest),
        cmocka_unit_test(adding_leaves_the_window_and_what_is_in_flight),
        cmocka_unit_test(window_takes_away_what_it_added),
        cmocka_unit_test(clearing_keeps_only_what_is_in_flight),
        cmocka_unit_test(sums_stop_at_the_largest_count),
        cmocka_unit_test(check_takes_a_tool_whose_counts_are_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
