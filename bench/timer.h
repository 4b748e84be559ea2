/*
 * The benchmark's clock: nanoseconds of CPU time of this thread. What else the machine
 * does meanwhile isn't counted, though it still slows memory and caches down.
 */
#ifndef BENCH_TIMER_H
#define BENCH_TIMER_H

#include <stdint.h>
#include <time.h>

static inline int64_t bench_now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

#endif
