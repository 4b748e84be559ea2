/*
 * Quantiles by nearest rank: which element of sorted values a quantile is; and exact
 * quantiles of integers, such as the durations of a group, selected without a full sort.
 */
#ifndef XT_QUANTILE_H
#define XT_QUANTILE_H

#include "exectrack_snapshot.h"

#pragma GCC visibility push(hidden)

/*
 * Which of `count` sorted values, counted from 1, is the `quantile`, from 0 to 1: element
 * ceil(quantile * count), or the first. `count` is below 2^53. The quantile is taken as
 * the decimal that it was written as: 0.07 of 100 values is the 7th, although the double
 * is above 0.07. This is exact for decimals of k digits if 10^k * count is below 2^51:
 * for 6 digits with any number of records, and for 3 digits with any histogram. O(1).
 */
uint64_t xt_quantile_rank(double quantile, uint64_t count);

/* The quantiles to select, ascending, and the place of each in the caller's order. */
typedef struct xt_quantiles {
    size_t count;
    double ascending[XT_MAX_QUANTILES];
    size_t places[XT_MAX_QUANTILES];
} xt_quantiles;

/*
 * Sorts the `count` quantiles. False if there are more than XT_MAX_QUANTILES, or if one
 * isn't from 0 to 1.
 */
bool xt_quantiles_order(xt_quantiles *quantiles, size_t count, const double asked_for[]);

/*
 * Stores the quantiles of the `count` values, of which there is at least one, in
 * `results`, in the caller's order. Overwrites `values`, and `scratch`, which has room
 * for as many. O(count), whatever the values are.
 */
void xt_quantiles_select(const xt_quantiles *quantiles, size_t count, uint64_t values[],
                         uint64_t scratch[], uint64_t results[]);

#pragma GCC visibility pop

#endif
