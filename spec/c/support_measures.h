/*
 * Made-up measures, of which random runs have some in any order, and the values of executions
 * by the names of these measures, whatever their order in an image.
 */
#ifndef SUPPORT_MEASURES_H
#define SUPPORT_MEASURES_H

#include "support_random.h"

#include "exectrack_read.h"

/* Stores some of the measures that there are, and returns how many; often none. */
size_t random_measures(random_source *source, xt_measure measures[XT_MAX_MEASURES]);

/* Stores a value for each measure, or for some; some are so large that sums stop. */
void random_values(random_source *source, uint64_t values[XT_MAX_MEASURES]);

/*
 * Stores the values of an execution of `image`, which may be null, in the order of the bytes
 * of the names of all measures that there are. Returns `by_name`.
 */
const uint64_t *values_by_name(const xt_image *image, const uint64_t *values,
                               uint64_t by_name[XT_MAX_MEASURES]);

/* The execution with them, in `by_name`. */
xt_execution with_values_by_name(const xt_image *image, xt_execution execution,
                                 uint64_t by_name[XT_MAX_MEASURES]);

/* Less than, equal to or greater than 0, as two such rows compare; none is last. */
int compare_by_name(const uint64_t a[XT_MAX_MEASURES], const uint64_t b[XT_MAX_MEASURES]);

/* What `image` says of tool `tool_id` in each of the measures, in that order; zeros for one
 * that it doesn't have. */
void stats_by_name(const xt_image *image, uint32_t tool_id,
                   xt_measure_stats stats[XT_MAX_MEASURES]);

/* Adds the values, which are in that order, to all but the sum of the window. */
void count_values(const uint64_t by_name[XT_MAX_MEASURES],
                  xt_measure_stats stats[XT_MAX_MEASURES]);

#endif
