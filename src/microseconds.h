/*
 * Microseconds of times and durations that are given as numbers of other units. Rounds to
 * the nearest; halves are rounded up.
 */
#ifndef XT_MICROSECONDS_H
#define XT_MICROSECONDS_H

#include "exectrack.h"

#include <math.h>

/* The latest time in seconds. */
#define XT_MAX_SECONDS 9223372036854

/* `number`, from 0 to below 2^63, rounded to the nearest integer. */
static inline uint64_t xt_to_nearest(double number) {
    int64_t below = (int64_t)number; /* one instruction; to uint64_t takes a dozen */
    return (uint64_t)below + (number - (double)below >= 0.5);
}

/*
 * Stores the microseconds of a duration in milliseconds, at most XT_MAX_DURATION_US.
 * False for a negative or infinite number and for NaN.
 */
static inline bool xt_us_of_ms(double duration_ms, uint64_t *duration_us) {
    double us = duration_ms * 1000;
    if (us >= 0 && us < (double)XT_MAX_DURATION_US) {
        *duration_us = xt_to_nearest(us);
        return true;
    }
    *duration_us = XT_MAX_DURATION_US;
    return duration_ms >= 0 && !isinf(duration_ms);
}

/*
 * Stores the microseconds of a time in Unix seconds. False for any other number than one
 * from 0 to XT_MAX_SECONDS. Until the year 2106, times in microseconds that were divided
 * by 1e6 give exactly the same microseconds.
 */
static inline bool xt_us_of_seconds(double seconds, uint64_t *us) {
    if (!(seconds >= 0 && seconds <= (double)XT_MAX_SECONDS)) {
        return false;
    }
    uint64_t whole = (uint64_t)seconds;
    *us = whole * 1000000 + xt_to_nearest((seconds - (double)whole) * 1e6);
    return true;
}

#endif
