/*
 * Exact quantiles of durations, and how far an estimate may be from them.
 */
#ifndef SUPPORT_QUANTILES_H
#define SUPPORT_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

void sort_durations(uint64_t durations[], size_t count);

/* ceil(q * count), at least 1, q being taken as a decimal of 15 places: digit by digit. */
size_t nearest_rank(double q, size_t count);

/* Element ceil(q * n) of the `count` sorted durations, of which there is at least one. */
uint64_t nearest_rank_us(const uint64_t sorted[], size_t count, double q);

/*
 * The relative error that is promised for the `count` sorted durations: 1.1 % while they
 * span less than 64,000 times, 2.2 % up to 4 * 10^9, 4.4 % beyond. Zeros don't count.
 */
double promised_error(const uint64_t sorted[], size_t count);

#endif
