/*
 * Replays of runs, and the state of a tracker during one. The order of events is tested
 * in test_events.c, the decisions of policies in replay_spec.lua.
 */
#include "exectrack_policy.h"
#include "snapshot.h"

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

static uint64_t now_us;

static xt_tracker *new_run(void) {
    now_us = 1000;
    xt_options options = options_at(&now_us, 10);
    options.max_tools = 3;
    options.max_in_flight = 2;
    options.ignored_args = 7;
    options.label = xt_text_of("nightly");
    options.session_names = 20;
    return tracker_with(&options);
}

static xt_replay *replay_of(const xt_image *image) {
    xt_replay *replay;
    assert_int_equal(xt_replay_create(image, NULL, &replay), XT_OK);
    return replay;
}

static xt_tracker *tracker_for(const xt_replay *replay) {
    xt_options options = xt_replay_options(replay);
    return tracker_with(&options);
}

static void replay_of_nothing_is_over_at_once(void **state) {
    (void)state;
    xt_replayed next;
    xt_tracker *run = new_run();
    xt_replay *replay = replay_of(xt_tracker_image(run));
    xt_tracker *tracker = tracker_for(replay);
    assert_int_equal(xt_image_created_us(xt_tracker_image(tracker)), 1000);
    assert_false(xt_replay_next(replay, tracker, &next));
    xt_replay_close(replay);
    xt_replay_close(NULL);
    assert_int_equal(xt_tracker_now_us(tracker),
                     1000); /* the clock outlives the replay */
    xt_tracker_close(tracker);
    xt_tracker_close(run);
}

static void tracker_has_the_limits_and_other_options_of_the_run(void **state) {
    (void)state;
    xt_tracker *run = new_run();
    xt_replay *replay = replay_of(xt_tracker_image(run));
    xt_tracker *tracker = tracker_for(replay);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_max_history(image), XT_RECENT_RECORDS);
    assert_int_equal(xt_image_max_tools(image), 3);
    assert_int_equal(xt_image_max_in_flight(image), 2);
    assert_int_equal(xt_image_max_texts(image, XT_SESSION_NAMES), 24);
    assert_int_equal(xt_image_ignored_args(image), 7);
    assert_true(is_text(xt_image_label(image), "nightly"));
    xt_replay_close(replay);
    xt_tracker_close(tracker);
    xt_tracker_close(run);
}

static void
executions_start_and_end_at_their_times_unless_they_are_skipped(void **state) {
    (void)state;
    xt_replayed next;
    xt_tracker *run = new_run();
    record_at(run, "read", XT_SUCCESS, 400, 2000);
    record_at(run, "write", XT_FAILED, 900, 2500); /* while the first is in flight */
    record_at(run, "read", XT_SUCCESS, 100, 2700);
    xt_replay *replay = replay_of(xt_tracker_image(run));
    xt_tracker *tracker = tracker_for(replay);
    const xt_image *image = xt_tracker_image(tracker);

    assert_true(xt_replay_next(replay, tracker, &next));
    assert_int_equal(next.index, 0);
    assert_int_equal(next.now_us, 1600);
    assert_true(is_text(next.execution.tool, "read"));
    assert_int_equal(next.execution.duration_us, 400);
    assert_int_equal(xt_image_now_us(image), 1600);
    assert_int_equal(xt_image_stats(image).in_flight, 0);

    assert_true(xt_replay_next(replay, tracker, &next));
    assert_int_equal(next.now_us, 1600);
    assert_int_equal(next.index, 1);
    assert_int_equal(xt_image_stats(image).in_flight, 1);
    xt_replay_skip(replay);

    assert_true(xt_replay_next(replay, tracker, &next));
    assert_int_equal(next.index, 2);
    assert_int_equal(next.now_us, 2600);
    assert_int_equal(xt_image_stats(image).in_flight, 0);
    assert_int_equal(xt_image_stats(image).lifetime.executions, 1);
    assert_int_equal(execution_of_age(image, 0).end_us, 2000);

    assert_false(xt_replay_next(replay, tracker, &next));
    assert_int_equal(xt_image_now_us(image), 2700);
    assert_int_equal(xt_image_stats(image).lifetime.executions, 2);
    assert_false(xt_replay_next(replay, tracker, &next));
    assert_sound(tracker);
    xt_replay_close(replay);
    xt_tracker_close(tracker);
    xt_tracker_close(run);
}

/* All are replayed, in whatever order they were recorded. */
static void replayed_run_counts_what_the_records_do(void **state) {
    (void)state;
    random_source source = random_seeded();
    for (int round = 0; round < 50; round++) {
        random_run run;
        xt_replayed next;
        size_t count = 0;
        start_run(&run, &source, 200);
        xt_replay *replay = replay_of(run.image);
        xt_tracker *tracker = tracker_for(replay);
        while (xt_replay_next(replay, tracker, &next)) {
            count++;
        }
        xt_counts replayed = xt_image_stats(xt_tracker_image(tracker)).lifetime;
        xt_counts window = xt_image_stats(run.image).window;
        assert_int_equal(count, xt_image_record_count(run.image));
        assert_memory_equal(&replayed, &window, sizeof window);
        assert_sound(tracker);
        xt_replay_close(replay);
        xt_tracker_close(tracker);
        close_run(&run);
    }
}

static void without_memory_there_is_no_replay(void **state) {
    (void)state;
    counting_allocator account = {.fails_at = 1};
    xt_allocator allocator = allocator_of(&account);
    xt_tracker *run = new_run();
    xt_replay *replay = (xt_replay *)(void *)&account;
    assert_int_equal(xt_replay_create(xt_tracker_image(run), &allocator, &replay),
                     XT_ERROR_MEMORY);
    assert_null(replay);
    assert_int_equal(xt_replay_create(xt_tracker_image(run), &allocator, &replay), XT_OK);
    xt_replay_close(replay);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    xt_tracker_close(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_of_nothing_is_over_at_once),
        cmocka_unit_test(tracker_has_the_limits_and_other_options_of_the_run),
        cmocka_unit_test(executions_start_and_end_at_their_times_unless_they_are_skipped),
        cmocka_unit_test(replayed_run_counts_what_the_records_do),
        cmocka_unit_test(without_memory_there_is_no_replay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
