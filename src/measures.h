/*
 * The measures of an image: statistics for each tool, and the values of each record.
 */
#ifndef XT_MEASURES_H
#define XT_MEASURES_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* The statistics of the tool at index `tool`: one for each measure. */
static inline xt_tool_measure *xt_measures_sums(const xt_measures *measures,
                                                size_t tool) {
    return measures->sums + tool * measures->count;
}

/* The values of the record at `place` in the ring. */
static inline uint64_t *xt_measures_values(const xt_measures *measures, size_t place) {
    return measures->values + place * measures->count;
}

/* The same; null if the image has no measures or the record has no values. */
const uint64_t *xt_measures_given(const xt_measures *measures, size_t place);

/*
 * Counts `given`, the values of an execution of the tool at index `tool`, or null for
 * none. Stores them at the place of the next record, and subtracts those of the record
 * that is overwritten there. The image must have measures.
 */
void xt_measures_add(xt_image *image, uint32_t tool, const uint64_t *given,
                     xt_journal *journal);

/* Sets the windows of all tools to the sums of a snapshot's records. */
void xt_measures_count_windows(xt_image *image);

/* Zeroes the statistics of all tools. */
void xt_measures_clear(xt_image *image, xt_journal *journal);

/*
 * Null for valid measures, else a message. Tools and records must have been checked.
 * `scratch` has room for one for each tool.
 */
const char *xt_measures_check(const xt_image *image, xt_tool_measure scratch[]);

#pragma GCC visibility pop

#endif
