/*
 * Exact quantiles of durations, and the permitted error of an estimate.
 */
#ifndef SUPPORT_QUANTILES_H
#define SUPPORT_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

void sort_durations(uint64_t durations[], size_t count);

/* ceil(q * count), at least 1, with q as a decimal of 15 digits, computed by digits. */
size_t nearest_rank(double q, size_t count);

/* Element ceil(q * n) of the `count` sorted durations, of which there is at least one. */
uint64_t nearest_rank_us(const uint64_t sorted[], size_t count, double q);

/*
 * The documented relative error for the `count` sorted durations: 1.1 % while they span
 * less than a factor of 64,000, 2.2 % up to 4 * 10^9, 4.4 % beyond. Durations of 0 don't
 * count.
 */
double promised_error(const uint64_t sorted[], size_t count);

#endif
