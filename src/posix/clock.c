#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* _TIME_BITS needs it */
#define _TIME_BITS 64        /* times after 2038 on 32 bits, too */

#include "clock.h"

#include <time.h>

/* On Linux CLOCK_MONOTONIC stops while the machine sleeps, and CLOCK_BOOTTIME doesn't.
 * macOS has no CLOCK_BOOTTIME, and its CLOCK_MONOTONIC doesn't stop. Old kernels, and
 * emulated ones, may lack CLOCK_BOOTTIME at run time. */
static clockid_t steady(void) {
#ifdef CLOCK_BOOTTIME
    struct timespec time;
    if (clock_gettime(CLOCK_BOOTTIME, &time) == 0) {
        return CLOCK_BOOTTIME;
    }
#endif
    return CLOCK_MONOTONIC;
}

static uint64_t read_us(clockid_t id) {
    struct timespec time;
    clock_gettime(id, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

xt_system_clock xt_system_clock_start(void) {
    clockid_t id = steady();
    return (xt_system_clock){read_us(CLOCK_REALTIME) - read_us(id), (int)id};
}

uint64_t xt_system_clock_now_us(const xt_system_clock *clock) {
    return clock->offset_us + read_us((clockid_t)clock->steady);
}

void xt_pause(unsigned us) {
    const struct timespec time = {.tv_sec = us / 1000000,
                                  .tv_nsec = (long)(us % 1000000 * 1000)};
    nanosleep(&time, NULL); /* a signal may end it early */
}
