#define _POSIX_C_SOURCE 200809L /* for clock_gettime */
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64

#include "clock.h"

#include "support_cmocka.h"
#include "support_tracker.h"

#include <errno.h>
#include <time.h>

/* A machine that was on for `awake_us`, and slept for `asleep_us` besides. */
static struct {
    uint64_t set_us; /* Unix time when it was switched on, by the present setting */
    uint64_t awake_us;
    uint64_t asleep_us;
} machine;

/* The system's clocks on that machine: replaces the function of the C library. */
int clock_gettime(clockid_t id, struct timespec *time) {
    uint64_t now_us = machine.awake_us + machine.asleep_us;
    if (id == CLOCK_REALTIME) {
        now_us += machine.set_us;
#ifdef CLOCK_BOOTTIME
    } else if (id == CLOCK_MONOTONIC) {
        now_us -= machine.asleep_us;
    } else if (id != CLOCK_BOOTTIME) {
#else
    } else if (id != CLOCK_MONOTONIC) {
#endif
        errno = EINVAL;
        return -1;
    }
    time->tv_sec = (time_t)(now_us / 1000000);
    time->tv_nsec = (long)(now_us % 1000000 * 1000 + 999);
    return 0;
}

static int switch_on(void **state) {
    (void)state;
    machine.set_us = UINT64_C(1700000000000000);
    machine.awake_us = 5000001;
    machine.asleep_us = 0;
    return 0;
}

static void system_clock_starts_at_unix_time(void **state) {
    (void)state;
    xt_system_clock clock = xt_system_clock_start();
    assert_int_equal(xt_system_clock_now_us(&clock), UINT64_C(1700000005000001));
}

static void system_clock_counts_what_the_machine_sleeps(void **state) {
    (void)state;
    xt_system_clock clock = xt_system_clock_start();
    machine.awake_us += 3;
    machine.asleep_us += UINT64_C(8) * 3600 * 1000000;
    assert_int_equal(xt_system_clock_now_us(&clock), UINT64_C(1700028805000004));
}

static void system_clock_goes_on_when_the_time_is_set(void **state) {
    (void)state;
    xt_system_clock clock = xt_system_clock_start();
    machine.set_us -= UINT64_C(3600) * 1000000;
    machine.awake_us += 3;
    assert_int_equal(xt_system_clock_now_us(&clock), UINT64_C(1700000005000004));
}

static void system_clock_is_right_after_2038(void **state) {
    (void)state;
    machine.set_us = UINT64_C(1) << 52;
    xt_system_clock clock = xt_system_clock_start();
    assert_int_equal(xt_system_clock_now_us(&clock), (UINT64_C(1) << 52) + 5000001);
}

static void tracker_without_a_clock_uses_the_system_clock(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_created_us(image), UINT64_C(1700000005000001));
    assert_int_equal(xt_image_now_us(image), UINT64_C(1700000005000001));
    machine.asleep_us += 7;
    assert_int_equal(xt_tracker_now_us(tracker), UINT64_C(1700000005000008));
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void tracker_never_goes_back_with_a_clock_that_does(void **state) {
    (void)state;
    uint64_t now_us = 5000;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    const uint64_t readings[] = {4000, 6000, 5999, 0, 6001};
    const uint64_t expected[] = {5000, 6000, 6000, 6000, 6001};
    for (size_t i = 0; i < 5; i++) {
        now_us = readings[i];
        record(tracker, "read", XT_SUCCESS, 1);
        xt_execution newest;
        assert_true(xt_image_execution(xt_tracker_image(tracker), i + 1, &newest));
        assert_int_equal(newest.end_us, expected[i]);
        assert_int_equal(xt_tracker_now_us(tracker), expected[i]);
        assert_sound(tracker);
    }
    assert_int_equal(xt_tracker_image(tracker)->header->flags, 0);
    xt_tracker_close(tracker);
}

static void span_takes_no_negative_time_with_a_clock_that_goes_back(void **state) {
    (void)state;
    uint64_t now_us = 5000;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 0);
    now_us = 1000;
    assert_int_equal(finish(tracker, &span, XT_SUCCESS), 0);
    assert_int_equal(stats_of(tracker, "read").lifetime.total_duration_us, 0);
    assert_int_equal(stats_of(tracker, "read").last_end_us, 5000);
    xt_tracker_close(tracker);
}

static void times_beyond_the_largest_count_are_that(void **state) {
    (void)state;
    uint64_t now_us = UINT64_MAX;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    assert_int_equal(xt_image_created_us(xt_tracker_image(tracker)), XT_MAX_COUNT);
    assert_int_equal(xt_tracker_now_us(tracker), XT_MAX_COUNT);
    record(tracker, "read", XT_SUCCESS, 1);
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void imported_times_do_not_move_the_clock(void **state) {
    (void)state;
    uint64_t now_us = 5000;
    xt_options options = options_at(&now_us, 10);
    xt_tracker *tracker = tracker_with(&options);
    record_at(tracker, "read", XT_SUCCESS, 1, 9000);
    assert_int_equal(xt_tracker_now_us(tracker), 5000);
    assert_int_equal(xt_image_now_us(xt_tracker_image(tracker)), 5000);
    xt_tracker_close(tracker);
}

/* A clock that compares the image with a copy from before the operation. */
typedef struct watching_clock {
    const xt_tracker *tracker;
    void *before;
    uint64_t now_us;
    int readings;
    int touched; /* how many readings found the image changed */
} watching_clock;

static uint64_t read_and_watch(void *context) {
    watching_clock *clock = context;
    clock->readings++;
    if (clock->tracker != NULL) {
        clock->touched += !is_block(clock->tracker, clock->before);
    }
    return ++clock->now_us;
}

/* Copies the image, with which the clock compares during the next operation. */
static void watch(watching_clock *clock, const xt_tracker *tracker) {
    free(clock->before);
    clock->before = copy_of_block(tracker);
    clock->tracker = tracker;
    clock->readings = 0;
}

static void clock_is_read_once_and_before_the_image_is_touched(void **state) {
    (void)state;
    watching_clock clock = {.now_us = 1000};
    xt_options options = xt_options_default();
    options.max_history = 2;
    options.clock = (xt_clock){read_and_watch, &clock};
    xt_tracker *tracker = tracker_with(&options);
    assert_int_equal(clock.readings, 1);
    for (int i = 0; i < 4; i++) {
        const char *tool = i % 2 == 0 ? "read" : "write";
        watch(&clock, tracker);
        record(tracker, tool, XT_FAILED, 1);
        assert_int_equal(clock.readings, 1);
        watch(&clock, tracker);
        xt_span span = xt_tracker_start(tracker, xt_text_of(i == 3 ? "new" : tool), 0);
        assert_int_equal(clock.readings, 1);
        watch(&clock, tracker);
        finish(tracker, &span, XT_SUCCESS);
        assert_int_equal(clock.readings, 1);
        watch(&clock, tracker);
        xt_tracker_now_us(tracker);
        assert_int_equal(clock.readings, 1);
    }
    assert_int_equal(clock.touched, 0);
    free(clock.before);
    xt_tracker_close(tracker);
}

static void clock_is_not_read_by_what_does_not_need_it(void **state) {
    (void)state;
    watching_clock clock = {.now_us = 1000};
    xt_options options = xt_options_default();
    options.clock = (xt_clock){read_and_watch, &clock};
    xt_tracker *tracker = tracker_with(&options);
    xt_execution bad = {.outcome = {.status = (xt_status)4}};
    xt_span none = {0};
    record_at(tracker, "read", XT_SUCCESS, 1, 1);
    assert_int_equal(xt_tracker_record(tracker, &bad), XT_ERROR_STATUS);
    assert_int_equal(xt_tracker_finish(tracker, &none, &(xt_outcome){0}, NULL),
                     XT_ERROR_SPAN);
    xt_tracker_clear(tracker);
    assert_int_equal(clock.readings, 1);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(system_clock_starts_at_unix_time, switch_on),
        cmocka_unit_test_setup(system_clock_counts_what_the_machine_sleeps, switch_on),
        cmocka_unit_test_setup(system_clock_goes_on_when_the_time_is_set, switch_on),
        cmocka_unit_test_setup(system_clock_is_right_after_2038, switch_on),
        cmocka_unit_test_setup(tracker_without_a_clock_uses_the_system_clock, switch_on),
        cmocka_unit_test(tracker_never_goes_back_with_a_clock_that_does),
        cmocka_unit_test(span_takes_no_negative_time_with_a_clock_that_goes_back),
        cmocka_unit_test(times_beyond_the_largest_count_are_that),
        cmocka_unit_test(imported_times_do_not_move_the_clock),
        cmocka_unit_test(clock_is_read_once_and_before_the_image_is_touched),
        cmocka_unit_test(clock_is_not_read_by_what_does_not_need_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
