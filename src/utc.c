#include "utc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static bool is_leap(uint64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The days from 1 January of year 1 to that of `year`, in the Gregorian calendar. */
static uint64_t days_before(uint64_t year) {
    uint64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

/* The year of day `day`, counted from 0 on 1 January of year 1; `*day` becomes the day of
 * that year, from 0. */
static uint64_t split_year(uint64_t *day) {
    uint64_t year = *day / 366 + 1; /* not after the right one */
    year += (*day - days_before(year)) / 366;
    while (days_before(year + 1) <= *day) {
        year++;
    }
    *day -= days_before(year);
    return year;
}

/* The month of day `*day` of `year`, both from 0; `*day` becomes the day of that month. */
static unsigned split_month(uint64_t year, uint64_t *day) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned month = 0;
    for (;;) {
        unsigned length = days[month] + (month == 1 && is_leap(year) ? 1U : 0U);
        if (*day < length) {
            return month;
        }
        *day -= length;
        month++;
    }
}

void xt_utc_write(uint64_t time_us, char text[XT_UTC_BYTES]) {
    const uint64_t day_seconds = 86400;
    uint64_t seconds = time_us / 1000000;
    uint64_t day = seconds / day_seconds + days_before(1970);
    unsigned second = (unsigned)(seconds % day_seconds);
    uint64_t year =
        split_year(&day) % 1000000; /* so that the compiler knows its length */
    unsigned month = (split_month(year, &day) + 1) % 100;
    snprintf(text, XT_UTC_BYTES, "%04" PRIu64 "%02u%02uT%02u%02u%02uZ", year, month,
             (unsigned)(day + 1) % 100, second / 3600, second / 60 % 60, second % 60);
}
