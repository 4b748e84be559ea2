/*
 * Times in names of files.
 */
#ifndef XT_UTC_H
#define XT_UTC_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The most bytes of such a time, with the zero at its end: a year has up to 6 digits. */
enum { XT_UTC_BYTES = sizeof "2942470110T040054Z" };

/*
 * Writes the Unix time `time_us`, at most XT_MAX_COUNT, as a date and a time to the second
 * in UTC, in the short form of ISO 8601: `20261125T204038Z`. A year has at least 4 digits.
 */
void xt_utc_write(uint64_t time_us, char text[XT_UTC_BYTES]);

#pragma GCC visibility pop

#endif
