/*
 * A measure: a number of the user's own that executions may have, such as what one cost.
 *
 * A value is a whole number of scaled units, at most XT_MAX_COUNT, or XT_NO_MEASURE for none.
 * An image has up to XT_MAX_MEASURES measures; the values of an execution are a row of as
 * many, and so are the sums of a tool.
 */
#ifndef XT_MEASURE_H
#define XT_MEASURE_H

#include "tool.h"

#pragma GCC visibility push(hidden)

/* What a measure is, as it stands in an image. */
typedef struct xt_measure_entry {
    double scale;         /* how much of the unit a value of 1 is; finite and above 0 */
    uint32_t name_length; /* from 1 */
    uint32_t unit_length;
    char name[XT_MEASURE_BYTES]; /* then zeros */
    char unit[XT_MEASURE_BYTES];
} xt_measure_entry;

_Static_assert(sizeof(xt_measure_entry) == 80, "part of the image's format");

/* What the executions of a tool add up to. Zeros without values. */
typedef struct xt_tool_measure {
    uint64_t sum;   /* of the lifetime; this and the count stop at XT_MAX_COUNT */
    uint64_t count; /* executions that have a value */
    uint64_t max;
    uint64_t window_sum; /* of the records that are retained, modulo 2^64 */
} xt_tool_measure;

_Static_assert(sizeof(xt_tool_measure) == 32, "part of the image's format");

/* Whether an image can have these measures. */
bool xt_measures_are_valid(size_t count, const xt_measure measures[]);

/* The entry of `measure`, which is valid, and the measure of `entry`, which it points into. */
xt_measure_entry xt_measure_entry_of(const xt_measure *measure);
xt_measure xt_measure_of(const xt_measure_entry *entry);

/* By the bytes of their names: below, above or equal to 0. */
int xt_measure_compare(const xt_measure_entry *a, const xt_measure_entry *b);

/* Null for sound entries, else what is wrong with them. */
const char *xt_measure_check_entries(size_t count, const xt_measure_entry entries[]);

/* Counts a given `value` in all but the window. */
static inline void xt_tool_measure_add(xt_tool_measure *measure, uint64_t value) {
    measure->sum = xt_count_sum(measure->sum, value);
    measure->count = xt_count_sum(measure->count, 1);
    if (value > measure->max) {
        measure->max = value;
    }
}

/* Adds another run's executions of the tool, in all but the window. */
void xt_tool_measure_merge(xt_tool_measure *measure, const xt_tool_measure *other);

/*
 * Null for sound sums of a tool with so many `executions`, of which `records`, with their
 * window, are what is retained; else what is wrong with them.
 */
const char *xt_tool_measure_check(const xt_tool_measure *measure, uint64_t executions,
                                  const xt_tool_measure *records);

#pragma GCC visibility pop

#endif
