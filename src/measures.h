/*
 * The measures of an image: what its executions have of them, added up by tool, and each
 * value of its records.
 */
#ifndef XT_MEASURES_H
#define XT_MEASURES_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* The sums of tool `tool`, an index. */
static inline xt_tool_measure *xt_measures_sums(const xt_measures *measures,
                                                size_t tool) {
    return measures->sums + tool * measures->count;
}

/* The values of the record at `place` in the ring. */
static inline uint64_t *xt_measures_values(const xt_measures *measures, size_t place) {
    return measures->values + place * measures->count;
}

/* The same; null if it has none. */
const uint64_t *xt_measures_given(const xt_measures *measures, size_t place);

/*
 * Counts `given`, the values of an execution of tool `tool`, an index, or null. They go with
 * the record that comes next, and those of the record that makes room for it go. For an
 * image that has measures.
 */
void xt_measures_add(xt_image *image, uint32_t tool, const uint64_t *given,
                     xt_journal *journal);

/* Makes the windows of all tools what the records of a snapshot have. */
void xt_measures_count_windows(xt_image *image);

/* Zeroes the sums of all tools. */
void xt_measures_clear(xt_image *image, xt_journal *journal);

/*
 * Null for sound measures, else what is wrong with them. Tools and records are checked.
 * `scratch` is room for one for each tool.
 */
const char *xt_measures_check(const xt_image *image, xt_tool_measure scratch[]);

#pragma GCC visibility pop

#endif
