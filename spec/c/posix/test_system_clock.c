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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(system_clock_starts_at_unix_time, switch_on),
        cmocka_unit_test_setup(system_clock_counts_what_the_machine_sleeps, switch_on),
        cmocka_unit_test_setup(system_clock_goes_on_when_the_time_is_set, switch_on),
        cmocka_unit_test_setup(system_clock_is_right_after_2038, switch_on),
        cmocka_unit_test_setup(tracker_without_a_clock_uses_the_system_clock, switch_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
