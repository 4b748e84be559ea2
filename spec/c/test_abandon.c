/*
 * xt_tracker_abandon: what it ends, what it leaves, and a host's clock that changes the tracker
 * meanwhile. That it announces its changes is checked by the journal of test builds.
 */
#include "exectrack_policy.h"
#include "tracker.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_in_flight) {
    now_us = 1000000;
    xt_options options = options_at(&now_us, 10);
    options.max_in_flight = max_in_flight;
    return tracker_with(&options);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static xt_span start(xt_tracker *tracker, const char *tool, const char *session) {
    xt_call call = {.tool = xt_text_of(tool), .args_hash = 0xabcd, .depth = 2};
    if (session != NULL) {
        call.session = xt_session_of(xt_text_of(session));
    }
    return xt_tracker_start_call(tracker, &call);
}

static size_t abandon(xt_tracker *tracker, const char *session) {
    size_t count = xt_tracker_abandon(
        tracker, session == NULL ? 0 : xt_session_of(xt_text_of(session)).hash);
    assert_sound(tracker);
    return count;
}

/* Execution number `serial`, counted from 1. */
static xt_execution execution_of(const xt_tracker *tracker, uint64_t serial) {
    xt_execution execution;
    assert_true(xt_image_execution(xt_tracker_image(tracker), serial, &execution));
    return execution;
}

static void session_ends_as_cancelled_in_the_order_of_the_starts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    start(tracker, "a", "s");
    now_us += 10;
    start(tracker, "b", "s");
    now_us += 5;
    assert_int_equal(abandon(tracker, "s"), 2);
    xt_execution first = execution_of(tracker, 1);
    assert_true(is_text(first.tool, "a"));
    assert_int_equal(first.outcome.status, XT_CANCELLED);
    assert_true(is_text(first.outcome.error_type, "abandoned"));
    assert_false(first.outcome.was_cached);
    assert_int_equal(first.timing, XT_MEASURED);
    assert_int_equal(first.duration_us, 15);
    assert_int_equal(first.end_us, 1000015);
    assert_int_equal(first.args_hash, 0xabcd);
    assert_int_equal(first.depth, 2);
    assert_true(is_text(first.session.name, "s"));
    xt_execution second = execution_of(tracker, 2);
    assert_true(is_text(second.tool, "b"));
    assert_int_equal(second.duration_us, 5);
    assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).in_flight, 0);
    assert_int_equal(stats_of(tracker, "a").in_flight, 0);
    assert_int_equal(abandon(tracker, "s"), 0);
    close_sound(tracker);
}

static void others_stay_and_those_without_a_session_are_one(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    xt_span spans[] = {start(tracker, "a", "s"), start(tracker, "b", NULL),
                       start(tracker, "c", "t"), start(tracker, "d", "s"),
                       start(tracker, "e", NULL)};
    assert_int_equal(abandon(tracker, "none"), 0);
    assert_int_equal(abandon(tracker, NULL), 2);
    xt_running running[4];
    assert_int_equal(xt_image_in_flight(xt_tracker_image(tracker), 4, running), 3);
    assert_true(is_text(running[0].tool, "a"));
    assert_true(is_text(running[1].tool, "c"));
    assert_true(is_text(running[2].tool, "d"));
    assert_int_equal(abandon(tracker, "s"), 2);
    assert_int_equal(finish(tracker, &spans[2], XT_SUCCESS), 0);
    close_sound(tracker);
}

static void abandoned_span_is_no_span(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    xt_span span = start(tracker, "a", "s");
    assert_true(xt_tracker_has(tracker, &span));
    abandon(tracker, "s");
    assert_false(xt_tracker_has(tracker, &span));
    start(tracker, "a", "s"); /* in the same slot */
    void *before = copy_of_block(tracker);
    assert_int_equal(xt_tracker_finish(tracker, &span, &(xt_outcome){0}, NULL),
                     XT_ERROR_SPAN);
    assert_true(is_block(tracker, before));
    free(before);
    close_sound(tracker);
}

static void what_is_beyond_the_table_stays_and_can_be_finished(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    start(tracker, "a", "s");
    xt_span beyond = start(tracker, "a", "s");
    assert_int_equal(abandon(tracker, "s"), 1);
    assert_int_equal(stats_of(tracker, "a").in_flight, 1);
    assert_int_equal(finish(tracker, &beyond, XT_SUCCESS), 0);
    assert_int_equal(stats_of(tracker, "a").in_flight, 0);
    close_sound(tracker);
}

/* A clock whose next reading does `action` first. */
typedef struct busy_clock {
    xt_tracker *tracker;
    void (*action)(xt_tracker *tracker);
    uint64_t now_us;
} busy_clock;

static uint64_t act_and_read(void *context) {
    busy_clock *clock = context;
    void (*action)(xt_tracker *) = clock->action;
    clock->action = NULL;
    if (action != NULL) {
        action(clock->tracker);
    }
    return ++clock->now_us;
}

static void record_one(xt_tracker *tracker) {
    record(tracker, "recorded", XT_SUCCESS, 1);
}

static void start_one(xt_tracker *tracker) {
    start(tracker, "started", "s");
}

static void abandon_all(xt_tracker *tracker) {
    assert_int_equal(abandon(tracker, "s"), 2);
}

static void clock_comes_first(void **state) {
    (void)state;
    const struct {
        void (*action)(xt_tracker *);
        size_t count;
        uint64_t recorded;
    } cases[] = {{record_one, 2, 3},
                 {start_one, 3, 3},
                 {abandon_all, 0, 2},
                 {xt_tracker_clear, 2, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        busy_clock clock = {.now_us = 1000};
        xt_options options = options_at(&now_us, 10);
        options.clock = (xt_clock){act_and_read, &clock};
        clock.tracker = tracker_with(&options);
        start(clock.tracker, "a", "s");
        start(clock.tracker, "b", "s");
        clock.action = cases[i].action;
        assert_int_equal(abandon(clock.tracker, "s"), cases[i].count);
        assert_int_equal(xt_image_recorded(xt_tracker_image(clock.tracker)),
                         cases[i].recorded);
        assert_int_equal(xt_image_stats(xt_tracker_image(clock.tracker)).in_flight, 0);
        close_sound(clock.tracker);
    }
}

static void run_with_abandoned_calls_is_replayed(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(8);
    start(tracker, "a", "s");
    start(tracker, "b", NULL);
    now_us += 10;
    abandon(tracker, "s");
    now_us += 10;
    abandon(tracker, NULL);
    xt_replay *replay;
    assert_int_equal(xt_replay_create(xt_tracker_image(tracker), NULL, &replay), XT_OK);
    xt_options options = xt_replay_options(replay);
    xt_tracker *again = tracker_with(&options);
    xt_replayed next;
    size_t calls = 0;
    while (xt_replay_next(replay, again, &next)) {
        calls++;
    }
    assert_int_equal(calls, 2);
    assert_int_equal(xt_image_recorded(xt_tracker_image(again)), 2);
    for (uint64_t serial = 1; serial <= 2; serial++) {
        xt_execution a = execution_of(tracker, serial), b = execution_of(again, serial);
        assert_int_equal(a.duration_us, b.duration_us);
        assert_int_equal(a.outcome.status, b.outcome.status);
        assert_true(is_text(b.outcome.error_type, "abandoned"));
    }
    xt_replay_close(replay);
    close_sound(again);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_ends_as_cancelled_in_the_order_of_the_starts),
        cmocka_unit_test(others_stay_and_those_without_a_session_are_one),
        cmocka_unit_test(abandoned_span_is_no_span),
        cmocka_unit_test(what_is_beyond_the_table_stays_and_can_be_finished),
        cmocka_unit_test(clock_comes_first),
        cmocka_unit_test(run_with_abandoned_calls_is_replayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
