/*
 * The boundaries of a histogram's buckets, by exact arithmetic that is slow and simple.
 */
#ifndef SUPPORT_BOUNDARY_H
#define SUPPORT_BOUNDARY_H

#include <stdint.h>

/*
 * The largest integer of microseconds that isn't above the boundary `index` of
 * `scale`, 10^6 * 2^(index / 2^scale), by comparing duration^(2^scale) with
 * (10^6)^(2^scale) * 2^index; at most 2^56 - 1. `scale` is from 0 to 6, the boundary from
 * 1/2 to 2^57 microseconds.
 */
uint64_t exact_boundary_us(int32_t index, int scale);

#endif
