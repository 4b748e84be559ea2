#define _WIN32_WINNT 0x0602 /* Windows 8, which GetSystemTimePreciseAsFileTime needs */

#include "clock.h"

#include <windows.h>

/* Unix time in microseconds. The system counts units of 100 ns since the year 1601. */
static uint64_t unix_time_us(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t since_1601 = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return since_1601 / 10 - UINT64_C(11644473600000000);
}

/* Microseconds since a fixed point in the past. Counts time during which the machine
 * sleeps, and never goes back. */
static uint64_t steady_us(void) {
    LARGE_INTEGER ticks;
    LARGE_INTEGER frequency;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&frequency);
    uint64_t count = (uint64_t)ticks.QuadPart;
    uint64_t per_second = (uint64_t)frequency.QuadPart;
    return count / per_second * 1000000 + count % per_second * 1000000 / per_second;
}

xt_system_clock xt_system_clock_start(void) {
    return (xt_system_clock){.offset_us = unix_time_us() - steady_us()};
}

uint64_t xt_system_clock_now_us(const xt_system_clock *clock) {
    return clock->offset_us + steady_us();
}

void xt_pause(unsigned us) {
    Sleep((us + 999) / 1000);
}
