/*
 * The system's clock as a tracker reads it: Unix time when it was started, plus the time
 * passed since then, in microseconds. It advances while the machine sleeps, if the system
 * has such a clock. Setting the system's time doesn't change it. There is one source for
 * each kind of system, in posix/ and windows/.
 */
#ifndef XT_CLOCK_H
#define XT_CLOCK_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct xt_system_clock {
    uint64_t offset_us; /* Unix time minus the steady clock's, modulo 2^64 */
    int steady;         /* which clock is never set: a clockid_t on POSIX */
} xt_system_clock;

/* Starts a clock that shows Unix time now. */
xt_system_clock xt_system_clock_start(void);

/* Unix time in microseconds; never less than an earlier reading of the same clock. */
uint64_t xt_system_clock_now_us(const xt_system_clock *clock);

/* Waits for about so many microseconds. */
void xt_pause(unsigned us);

#pragma GCC visibility pop

#endif
