/*
 * Executions in flight: starting, finishing, and spans that a tracker must refuse.
 */
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

static xt_span start(xt_tracker *tracker, const char *tool) {
    return xt_tracker_start(tracker, xt_text_of(tool), 0);
}

static size_t listed(const xt_tracker *tracker) {
    return xt_image_in_flight(xt_tracker_image(tracker), 0, NULL);
}

/* Fails the test unless `tracker` refuses `span` and is unchanged. */
static void assert_refused(xt_tracker *tracker, const xt_span *span) {
    xt_span token = *span;
    uint64_t duration_us = 77;
    void *before = copy_of_block(tracker);
    assert_int_equal(xt_tracker_finish(tracker, &token, &(xt_outcome){0}, &duration_us),
                     XT_ERROR_SPAN);
    assert_true(is_block(tracker, before));
    assert_memory_equal(&token, span, sizeof token);
    assert_int_equal(duration_us, 77);
    assert_sound(tracker);
    free(before);
}

static void finishing_records_the_time_since_the_start(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    const xt_image *image = xt_tracker_image(tracker);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 0xabcd);
    uint64_t duration_us;
    xt_execution execution;
    const xt_outcome outcome = {
        .status = XT_FAILED, .was_cached = true, .error_type = xt_text_of("ENOENT")};
    assert_int_equal(xt_image_record_count(image), 0);
    assert_int_equal(stats_of(tracker, "read").in_flight, 1);
    now_us += 1234;
    assert_int_equal(xt_tracker_finish(tracker, &span, &outcome, &duration_us), XT_OK);
    assert_int_equal(duration_us, 1234);
    assert_int_equal(span.serial, 0);
    assert_true(xt_image_execution(image, 1, &execution));
    assert_true(is_text(execution.tool, "read"));
    assert_int_equal(execution.outcome.status, XT_FAILED);
    assert_true(execution.outcome.was_cached);
    assert_true(is_text(execution.outcome.error_type, "ENOENT"));
    assert_int_equal(execution.duration_us, 1234);
    assert_int_equal(execution.args_hash, 0xabcd);
    assert_int_equal(execution.end_us, 1001234);
    assert_int_equal(stats_of(tracker, "read").in_flight, 0);
    assert_int_equal(xt_image_stats(image).in_flight, 0);
    close_sound(tracker);
}

static void duration_may_go_nowhere(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_span span = start(tracker, "read");
    assert_int_equal(xt_tracker_finish(tracker, &span, &(xt_outcome){0}, NULL), XT_OK);
    close_sound(tracker);
}

static void serials_count_the_starts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    for (uint64_t serial = 1; serial <= 5; serial++) {
        assert_int_equal(start(tracker, "read").serial, serial);
    }
    xt_tracker_clear(tracker);
    assert_int_equal(start(tracker, "read").serial, 6);
    close_sound(tracker);
}

static void list_is_in_the_order_of_the_starts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_span a = start(tracker, "a");
    xt_span b = start(tracker, "b");
    start(tracker, "c");
    finish(tracker, &a, XT_SUCCESS);
    start(tracker, "d");
    finish(tracker, &b, XT_SUCCESS);
    start(tracker, "e");
    const char *const expected[] = {"c", "d", "e"};
    xt_running running[3];
    assert_int_equal(xt_image_in_flight(xt_tracker_image(tracker), 3, running), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_text(running[i].tool, expected[i]));
    }
    close_sound(tracker);
}

static void start_beyond_the_table_is_timed_and_counted_but_not_listed(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_span first = start(tracker, "read");
    xt_span second = start(tracker, "read");
    assert_int_equal(second.slot, 0);
    assert_int_equal(listed(tracker), 1);
    assert_int_equal(stats_of(tracker, "read").in_flight, 2);
    now_us += 10;
    assert_int_equal(finish(tracker, &second, XT_SUCCESS), 10);
    assert_int_equal(listed(tracker), 1);
    assert_int_equal(finish(tracker, &first, XT_SUCCESS), 10);
    assert_int_equal(listed(tracker), 0);
    assert_int_equal(stats_of(tracker, "read").lifetime.executions, 2);
    close_sound(tracker);
}

static void tracker_that_lists_nothing_times_all_the_same(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    xt_span span = start(tracker, "read");
    now_us += 5;
    assert_int_equal(listed(tracker), 0);
    assert_int_equal(finish(tracker, &span, XT_SUCCESS), 5);
    close_sound(tracker);
}

static void span_that_straddles_clear_counts_after_it(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_span is_listed = start(tracker, "read");
    xt_span unlisted = start(tracker, "write");
    now_us += 10;
    xt_tracker_clear(tracker);
    assert_int_equal(listed(tracker), 1);
    assert_int_equal(finish(tracker, &is_listed, XT_FAILED), 10);
    assert_int_equal(finish(tracker, &unlisted, XT_SUCCESS), 10);
    assert_int_equal(stats_of(tracker, "read").lifetime.failed, 1);
    assert_int_equal(stats_of(tracker, "write").lifetime.total_duration_us, 10);
    assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).lifetime.executions, 2);
    close_sound(tracker);
}

static void span_finishes_once(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_span is_listed = start(tracker, "read");
    xt_span unlisted = start(tracker, "read");
    start(tracker, "read");
    finish(tracker, &is_listed, XT_SUCCESS);
    finish(tracker, &unlisted, XT_SUCCESS);
    assert_refused(tracker, &is_listed);
    assert_refused(tracker, &unlisted);
    assert_refused(tracker, &(xt_span){0});
    close_sound(tracker);
}

static void copy_of_a_finished_span_is_refused(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    xt_span span = start(tracker, "read");
    start(tracker, "read");
    xt_span copy = span;
    finish(tracker, &span, XT_SUCCESS);
    assert_refused(tracker, &copy);
    start(tracker, "read"); /* takes the same slot */
    assert_refused(tracker, &copy);
    close_sound(tracker);
}

static void copy_of_a_finished_span_that_was_not_listed_is_refused(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    start(tracker, "read");
    xt_span unlisted = start(tracker, "read");
    xt_span copy = unlisted;
    finish(tracker, &unlisted, XT_SUCCESS);
    assert_refused(tracker, &copy); /* all in flight are listed */
    start(tracker, "write");
    assert_refused(tracker, &copy); /* all of its tool in flight are listed */
    close_sound(tracker);
}

static void span_of_a_tool_or_slot_that_does_not_exist_is_refused(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    xt_span span = start(tracker, "read");
    xt_span wrong = span;
    wrong.tool_id = 0;
    assert_refused(tracker, &wrong);
    wrong.tool_id = 2;
    assert_refused(tracker, &wrong);
    wrong = span;
    wrong.slot = 2;
    assert_refused(tracker, &wrong);
    wrong.slot = UINT32_MAX;
    assert_refused(tracker, &wrong);
    close_sound(tracker);
}

static void span_of_another_tracker_is_refused(void **state) {
    (void)state;
    xt_tracker *other = make_tracker(2);
    xt_tracker *tracker = make_tracker(2);
    start(other, "read");
    xt_span foreign = start(other, "read");
    assert_refused(tracker, &foreign);
    start(tracker, "read");
    assert_refused(tracker, &foreign);
    close_sound(tracker);
    close_sound(other);
}

static void span_of_another_tracker_with_another_tool_is_refused(void **state) {
    (void)state;
    xt_tracker *other = make_tracker(2);
    xt_tracker *tracker = make_tracker(2);
    record(other, "read", XT_SUCCESS, 1);
    xt_span foreign = start(other, "write");
    start(tracker, "read"); /* has the same serial and slot */
    start(tracker, "write");
    assert_refused(tracker, &foreign);
    close_sound(tracker);
    close_sound(other);
}

static void span_of_another_tracker_with_another_start_is_refused(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    start(tracker, "read");
    xt_tracker *other = make_tracker(2);
    now_us += 500;
    xt_span foreign = start(other, "read"); /* has the same tool, serial and slot */
    assert_refused(tracker, &foreign);
    xt_tracker_now_us(tracker); /* from here on its start isn't in the future */
    assert_refused(tracker, &foreign);
    close_sound(tracker);
    close_sound(other);
}

static void span_of_another_tracker_with_other_arguments_is_refused(void **state) {
    (void)state;
    xt_tracker *other = make_tracker(2);
    xt_tracker *tracker = make_tracker(2);
    xt_span foreign = xt_tracker_start(other, xt_text_of("read"), 1);
    xt_tracker_start(tracker, xt_text_of("read"), 2);
    assert_refused(tracker, &foreign);
    close_sound(tracker);
    close_sound(other);
}

static void unlisted_span_of_another_tracker_is_refused(void **state) {
    (void)state;
    xt_tracker *other = make_tracker(0);
    xt_tracker *tracker = make_tracker(2);
    xt_span foreign = start(other, "read");
    start(tracker, "read");
    assert_refused(tracker, &foreign);
    close_sound(tracker);
    close_sound(other);
}

static void unlisted_span_of_the_future_is_refused(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    xt_span span = start(tracker, "read");
    xt_span wrong = span;
    wrong.serial = 2;
    assert_refused(tracker, &wrong);
    wrong = span;
    wrong.start_us = now_us + 1;
    assert_refused(tracker, &wrong);
    finish(tracker, &span, XT_SUCCESS);
    close_sound(tracker);
}

typedef struct reentrant {
    xt_tracker *tracker;
    xt_span *span; /* the next reading finishes it; null for none */
    uint64_t now_us;
} reentrant;

static uint64_t finish_and_read(void *context) {
    reentrant *clock = context;
    xt_span *span = clock->span;
    clock->span = NULL;
    if (span != NULL) {
        assert_int_equal(xt_tracker_finish(clock->tracker, span, &(xt_outcome){0}, NULL),
                         XT_OK);
    }
    return ++clock->now_us;
}

static void span_that_the_clock_finishes_is_finished_once(void **state) {
    (void)state;
    reentrant clock = {0};
    xt_options options = xt_options_default();
    options.clock = (xt_clock){finish_and_read, &clock};
    assert_int_equal(xt_tracker_create(&options, &clock.tracker), XT_OK);
    xt_span span = xt_tracker_start(clock.tracker, xt_text_of("read"), 0);
    xt_span copy = span;
    clock.span = &copy;
    assert_int_equal(xt_tracker_finish(clock.tracker, &span, &(xt_outcome){0}, NULL),
                     XT_ERROR_SPAN);
    assert_int_equal(xt_image_stats(xt_tracker_image(clock.tracker)).in_flight, 0);
    assert_int_equal(xt_image_recorded(xt_tracker_image(clock.tracker)), 1);
    close_sound(clock.tracker);
}

static void execution_may_start_when_a_policy_was_asked(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    const xt_image *image = xt_tracker_image(tracker);
    xt_running running;
    now_us += 100;
    uint64_t asked_us = xt_tracker_now_us(tracker);
    now_us += 50;
    xt_span span = xt_tracker_start_at(
        tracker, &(xt_call){.tool = xt_text_of("read"), .args_hash = 0xabcd}, asked_us);
    assert_int_equal(span.start_us, 1000100);
    assert_int_equal(xt_image_now_us(image), 1000100); /* the clock isn't read */
    assert_int_equal(xt_image_in_flight(image, 1, &running), 1);
    assert_int_equal(running.start_us, 1000100);
    assert_int_equal(running.args_hash, 0xabcd);
    assert_int_equal(stats_of(tracker, "read").in_flight, 1);
    assert_int_equal(finish(tracker, &span, XT_SUCCESS), 50);
    close_sound(tracker);
}

static void start_later_than_the_latest_reading_counts_as_that(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    now_us += 50;
    xt_span span =
        xt_tracker_start_at(tracker, &(xt_call){.tool = xt_text_of("read")}, 1000001);
    assert_int_equal(span.start_us, 1000000);
    span =
        xt_tracker_start_at(tracker, &(xt_call){.tool = xt_text_of("read")}, UINT64_MAX);
    assert_int_equal(span.start_us, 1000000);
    assert_int_equal(finish(tracker, &span, XT_SUCCESS), 50);
    close_sound(tracker);
}

static void list_is_in_the_order_of_starting_whatever_the_times(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    xt_running running[2];
    start(tracker, "a");
    xt_tracker_start_at(tracker, &(xt_call){.tool = xt_text_of("b")}, 5);
    xt_span unlisted =
        xt_tracker_start_at(tracker, &(xt_call){.tool = xt_text_of("c")}, 7);
    assert_int_equal(xt_image_in_flight(xt_tracker_image(tracker), 2, running), 2);
    assert_true(is_text(running[1].tool, "b"));
    assert_int_equal(running[1].start_us, 5);
    assert_int_equal(running[1].serial, 2);
    assert_int_equal(finish(tracker, &unlisted, XT_SUCCESS), 999993);
    close_sound(tracker);
}

/* An execution as in a replay: a failure of 5000 us that ended at `end_us`. */
static xt_execution failure_at(uint64_t end_us) {
    return (xt_execution){
        .outcome = {.status = XT_FAILED,
                    .was_cached = true,
                    .error_type = xt_text_of("ENOENT")},
        .duration_us = 5000,
        .args_hash = 0xabcd,
        .end_us = end_us,
    };
}

static void replay_finishes_at_the_times_of_the_execution(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    const xt_image *image = xt_tracker_image(tracker);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 0xabcd);
    xt_span copy = span;
    xt_execution failure = failure_at(1000003);
    xt_execution execution;
    now_us += 50;
    xt_tracker_finish_as(tracker, &span, &failure);
    assert_true(xt_image_execution(image, 1, &execution));
    assert_true(is_text(execution.tool, "read"));
    assert_int_equal(execution.outcome.status, XT_FAILED);
    assert_true(execution.outcome.was_cached);
    assert_true(is_text(execution.outcome.error_type, "ENOENT"));
    assert_int_equal(execution.duration_us, 5000);
    assert_int_equal(execution.args_hash, 0xabcd);
    assert_int_equal(execution.end_us, 1000003);
    assert_int_equal(xt_image_now_us(image), 1000000); /* the clock isn't read */
    assert_int_equal(stats_of(tracker, "read").in_flight, 0);
    assert_int_equal(listed(tracker), 0);
    assert_int_equal(span.serial, 0);
    assert_refused(tracker, &copy);
    close_sound(tracker);
}

static void replay_may_finish_what_is_not_listed_and_out_of_order(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_span is_listed = start(tracker, "read");
    xt_span unlisted = start(tracker, "read");
    xt_execution later = failure_at(3000);
    xt_execution earlier = failure_at(2000);
    xt_tracker_finish_as(tracker, &unlisted, &later);
    assert_int_equal(listed(tracker), 1);
    xt_tracker_finish_as(tracker, &is_listed, &earlier);
    assert_int_equal(listed(tracker), 0);
    assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).in_flight, 0);
    assert_int_equal(stats_of(tracker, "read").lifetime.failed, 2);
    assert_int_equal(stats_of(tracker, "read").last_end_us, 3000);
    close_sound(tracker);
}

static void what_is_in_flight_stops_at_the_largest_32_bits(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10);
    const xt_image *image = xt_tracker_image(tracker);
    xt_span listed_one = start(tracker, "read");
    start(tracker, "write");
    begin_change(tracker);
    image->tools[0].in_flight = UINT32_MAX - 1;
    image->header->running = UINT32_MAX;
    end_change(tracker);
    start(tracker, "read");
    xt_span beyond = start(tracker, "read");
    assert_int_equal(beyond.slot, 0);
    assert_int_equal(stats_of(tracker, "read").in_flight, UINT32_MAX);
    assert_int_equal(xt_image_stats(image).in_flight, UINT32_MAX);
    assert_sound(tracker);
    finish(tracker, &beyond, XT_SUCCESS);
    finish(tracker, &listed_one, XT_SUCCESS);
    assert_int_equal(stats_of(tracker, "read").in_flight, UINT32_MAX - 2);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span_that_the_clock_finishes_is_finished_once),
        cmocka_unit_test(finishing_records_the_time_since_the_start),
        cmocka_unit_test(duration_may_go_nowhere),
        cmocka_unit_test(serials_count_the_starts),
        cmocka_unit_test(list_is_in_the_order_of_the_starts),
        cmocka_unit_test(start_beyond_the_table_is_timed_and_counted_but_not_listed),
        cmocka_unit_test(tracker_that_lists_nothing_times_all_the_same),
        cmocka_unit_test(span_that_straddles_clear_counts_after_it),
        cmocka_unit_test(span_finishes_once),
        cmocka_unit_test(copy_of_a_finished_span_is_refused),
        cmocka_unit_test(copy_of_a_finished_span_that_was_not_listed_is_refused),
        cmocka_unit_test(span_of_a_tool_or_slot_that_does_not_exist_is_refused),
        cmocka_unit_test(span_of_another_tracker_is_refused),
        cmocka_unit_test(span_of_another_tracker_with_another_tool_is_refused),
        cmocka_unit_test(span_of_another_tracker_with_another_start_is_refused),
        cmocka_unit_test(span_of_another_tracker_with_other_arguments_is_refused),
        cmocka_unit_test(unlisted_span_of_another_tracker_is_refused),
        cmocka_unit_test(unlisted_span_of_the_future_is_refused),
        cmocka_unit_test(execution_may_start_when_a_policy_was_asked),
        cmocka_unit_test(start_later_than_the_latest_reading_counts_as_that),
        cmocka_unit_test(list_is_in_the_order_of_starting_whatever_the_times),
        cmocka_unit_test(replay_finishes_at_the_times_of_the_execution),
        cmocka_unit_test(replay_may_finish_what_is_not_listed_and_out_of_order),
        cmocka_unit_test(what_is_in_flight_stops_at_the_largest_32_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
