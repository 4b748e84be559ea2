/*
 * Finding out whether a call is one of a loop. spec/loop_model_spec.lua compares it with a
 * model; this tests the limits.
 */
#include "support_cmocka.h"
#include "support_snapshot.h"
#include "support_tracker.h"

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_history) {
    now_us = 1000;
    xt_options options = options_at(&now_us, max_history);
    return tracker_with(&options);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

/* Records a success of "read" with these fingerprints. */
static void read_once(xt_tracker *tracker, uint32_t args_hash, uint32_t result_hash,
                      uint32_t session) {
    xt_execution execution = {.tool = xt_text_of("read"),
                              .args_hash = args_hash,
                              .outcome.result_hash = result_hash,
                              .session.hash = session};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static void fail_once(xt_tracker *tracker, uint32_t args_hash, const char *error_type) {
    xt_execution execution = {
        .tool = xt_text_of("read"),
        .args_hash = args_hash,
        .outcome = {.status = XT_FAILED, .error_type = xt_text_of(error_type)}};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

/* Asks about "read", the first tool. */
static xt_loop ask(const xt_tracker *tracker, uint32_t args_hash, size_t records) {
    const xt_loop_call call = {.tool_id = 1, .args_hash = args_hash, .records = records};
    return xt_image_loop(xt_tracker_image(tracker), &call);
}

static void there_is_no_loop_without_a_tool_or_arguments(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(9);
    const xt_loop none = {0};
    for (int i = 0; i < 4; i++) {
        read_once(tracker, 0, 7, 0);
    }
    xt_loop found = ask(tracker, 0, 9);
    assert_memory_equal(&found, &none, sizeof none);
    const uint32_t ids[] = {0, 2, XT_ALL_TOOLS};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const xt_loop_call call = {.tool_id = ids[i], .args_hash = 7, .records = 9};
        found = xt_image_loop(xt_tracker_image(tracker), &call);
        assert_memory_equal(&found, &none, sizeof none);
    }
    close_sound(tracker);
}

static void repeats_are_looked_for_among_2000_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3000);
    read_once(tracker, 7, 7, 0);
    for (int i = 0; i < 1999; i++) {
        read_once(tracker, 8, 8, 1);
    }
    assert_int_equal(ask(tracker, 7, 1).repeats, 1);
    read_once(tracker, 8, 8, 1);
    assert_int_equal(ask(tracker, 7, 2000).repeats, 0);
    assert_int_equal(ask(tracker, 7, 2001).repeats, 1);
    assert_int_equal(ask(tracker, 7, SIZE_MAX).repeats, 1);
    xt_loop_call call = {.tool_id = 1, .args_hash = 7, .records = 1, .searched = 2001};
    assert_int_equal(xt_image_loop(xt_tracker_image(tracker), &call).repeats, 1);
    call.searched = 2000;
    assert_int_equal(xt_image_loop(xt_tracker_image(tracker), &call).repeats, 0);
    close_sound(tracker);
}

static void a_cycle_has_at_most_6_calls(void **state) {
    (void)state;
    for (uint32_t length = 1; length <= XT_MAX_CYCLE + 1; length++) {
        xt_tracker *tracker = make_tracker(100);
        for (uint32_t i = 0; i < 3 * length; i++) {
            read_once(tracker, 1 + i % length, 7, 0);
        }
        xt_loop found = ask(tracker, 1, SIZE_MAX);
        bool is_found = length >= 2 && length <= XT_MAX_CYCLE;
        assert_int_equal(found.repeats, 3);
        assert_int_equal(found.cycle_calls, is_found ? length : 0);
        assert_int_equal(found.rounds, is_found ? 3 : 0);
        assert_int_equal(ask(tracker, 1, 3 * length - 1).rounds, is_found ? 2 : 0);
        assert_int_equal(ask(tracker, 1, 2 * length - 1).rounds, 0);
        assert_int_equal(ask(tracker, 2, SIZE_MAX).rounds, 0);
        close_sound(tracker);
    }
}

static void similar_failures_are_at_most_64(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(100);
    for (uint32_t i = 1; i <= XT_MAX_SIMILAR_FAILURES + 1; i++) {
        fail_once(tracker, i, "EIO");
        uint32_t most = i < XT_MAX_SIMILAR_FAILURES ? i : XT_MAX_SIMILAR_FAILURES;
        assert_int_equal(ask(tracker, 99, SIZE_MAX).failures, most);
    }
    assert_int_equal(ask(tracker, 5, SIZE_MAX).failures, XT_MAX_SIMILAR_FAILURES - 4);
    fail_once(tracker, 80, "");
    assert_int_equal(ask(tracker, 99, SIZE_MAX).failures, 0);
    close_sound(tracker);
}

static void deny(xt_tracker *tracker, uint32_t args_hash, const char *reason) {
    const xt_call call = {.tool = xt_text_of("read"), .args_hash = args_hash};
    xt_tracker_deny(tracker, &call, xt_text_of(reason), ++now_us);
}

static void denied_calls_count_if_they_were_repeated_ones(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(9);
    read_once(tracker, 7, 7, 0);
    deny(tracker, 7, XT_REPEATED_CALL);
    deny(tracker, 7, "repeated_calls");
    deny(tracker, 7, "repeated");
    deny(tracker, 8, XT_REPEATED_CALL);
    deny(tracker, 7, XT_REPEATED_CALL);
    assert_int_equal(ask(tracker, 7, 9).denied, 2);
    read_once(tracker, 8, 7, 0);
    assert_int_equal(ask(tracker, 7, 2).denied, 2);
    assert_int_equal(ask(tracker, 7, 1).denied, 0);
    for (int i = 0; i < XT_MAX_DENIED_CALLS; i++) {
        deny(tracker, 7, XT_REPEATED_CALL);
    }
    assert_int_equal(ask(tracker, 7, 9).denied, XT_MAX_DENIED_CALLS);
    close_sound(tracker);
}

static void snapshot_answers_as_its_tracker_did(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(9);
    const xt_loop_call call = {.tool_id = 1, .args_hash = 7, .records = 9};
    for (int i = 0; i < 3; i++) {
        read_once(tracker, 7, 7, 0);
        fail_once(tracker, 8, "EIO");
    }
    deny(tracker, 7, XT_REPEATED_CALL);
    xt_tracker_start(tracker, xt_text_of("read"), 7);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    xt_loop found = xt_image_loop(xt_snapshot_image(snapshot), &call);
    assert_int_equal(found.repeats, 4);
    assert_int_equal(found.denied, 1);
    assert_int_equal(found.cycle_calls, 2);
    assert_int_equal(found.rounds, 3);
    assert_int_equal(found.failures, 1);
    xt_snapshot_close(snapshot);
    close_sound(tracker);
}

static void the_newest_of_a_session_are_among_2000_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3000);
    const xt_image *image = xt_tracker_image(tracker);
    uint64_t sequences[3] = {0};
    read_once(tracker, 1, 0, 5);
    for (int i = 0; i < 1997; i++) {
        read_once(tracker, 2, 0, 0);
    }
    read_once(tracker, 3, 0, 5);
    read_once(tracker, 4, 0, 5);
    assert_int_equal(xt_image_newest_of_session(image, 5, 3, sequences), 3);
    assert_int_equal(sequences[0], 2000);
    assert_int_equal(sequences[1], 1999);
    assert_int_equal(sequences[2], 1);
    read_once(tracker, 5, 0, 0);
    assert_int_equal(xt_image_newest_of_session(image, 5, 3, sequences), 2);
    assert_int_equal(xt_image_newest_of_session(image, 5, 1, sequences), 1);
    assert_int_equal(xt_image_newest_of_session(image, 5, 0, NULL), 0);
    assert_int_equal(xt_image_newest_of_session(image, 6, 3, sequences), 0);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_loop_without_a_tool_or_arguments),
        cmocka_unit_test(repeats_are_looked_for_among_2000_records),
        cmocka_unit_test(a_cycle_has_at_most_6_calls),
        cmocka_unit_test(similar_failures_are_at_most_64),
        cmocka_unit_test(denied_calls_count_if_they_were_repeated_ones),
        cmocka_unit_test(snapshot_answers_as_its_tracker_did),
        cmocka_unit_test(the_newest_of_a_session_are_among_2000_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
