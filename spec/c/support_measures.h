/*
 * The measures that random runs use, each run some of them in any order. To compare runs,
 * values are stored "by name": one for each measure here, in the order of the names.
 */
#ifndef SUPPORT_MEASURES_H
#define SUPPORT_MEASURES_H

#include "support_random.h"

#include "exectrack_read.h"

/* Stores some of the measures in random order, and returns how many; often none. */
size_t random_measures(random_source *source, xt_measure measures[XT_MAX_MEASURES]);

/* Stores values for all or some measures; some are so large that sums stop. */
void random_values(random_source *source, uint64_t values[XT_MAX_MEASURES]);

/*
 * Stores the `values` of an execution of `image` by name. They may be null. Returns
 * `by_name`.
 */
const uint64_t *values_by_name(const xt_image *image, const uint64_t *values,
                               uint64_t by_name[XT_MAX_MEASURES]);

/* The execution with its values by name, which are stored in `by_name`. */
xt_execution with_values_by_name(const xt_image *image, xt_execution execution,
                                 uint64_t by_name[XT_MAX_MEASURES]);

/* Compares values by name: less than, equal to or greater than 0; no value is last. */
int compare_by_name(const uint64_t a[XT_MAX_MEASURES], const uint64_t b[XT_MAX_MEASURES]);

/* Stores the statistics of tool `tool_id` by name; zeros for a measure that the image
 * doesn't have. */
void stats_by_name(const xt_image *image, uint32_t tool_id,
                   xt_measure_stats stats[XT_MAX_MEASURES]);

/* Adds values by name to all but the sum of the window. */
void count_values(const uint64_t by_name[XT_MAX_MEASURES],
                  xt_measure_stats stats[XT_MAX_MEASURES]);

#endif
