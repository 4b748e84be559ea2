/*
 * A measure: a number of the user's own that executions may have, such as the cost.
 *
 * A value is an integer of at most XT_MAX_COUNT, in multiples of the measure's scale, or
 * XT_NO_MEASURE for none. An image has up to XT_MAX_MEASURES measures. The values of an
 * execution are an array with one for each measure, and so are the sums of a tool.
 */
#ifndef XT_MEASURE_H
#define XT_MEASURE_H

#include "tool.h"

#pragma GCC visibility push(hidden)

/* A measure as it is stored in an image. */
typedef struct xt_measure_entry {
    double scale;         /* a value of 1 is this much of the unit; finite and above 0 */
    uint32_t name_length; /* from 1 */
    uint32_t unit_length;
    char name[XT_MEASURE_BYTES]; /* then zeros */
    char unit[XT_MEASURE_BYTES];
} xt_measure_entry;

_Static_assert(sizeof(xt_measure_entry) == 80, "part of the image's format");

/* Statistics of the values of a tool's executions. All 0 if there are no values. */
typedef struct xt_tool_measure {
    uint64_t sum;   /* of the lifetime; this and the count stop at XT_MAX_COUNT */
    uint64_t count; /* executions that have a value */
    uint64_t max;
    uint64_t window_sum; /* of the retained records, modulo 2^64 */
} xt_tool_measure;

_Static_assert(sizeof(xt_tool_measure) == 32, "part of the image's format");

/* Whether an image can have these measures. */
bool xt_measures_are_valid(size_t count, const xt_measure measures[]);

/* Convert to and from the public form. `measure` is valid; the names of the result of
 * xt_measure_of point into `entry`. */
xt_measure_entry xt_measure_entry_of(const xt_measure *measure);
xt_measure xt_measure_of(const xt_measure_entry *entry);

/*
 * The value for `number`, which is finite and at least 0, of the unit of a measure with
 * this scale: rounded to the nearest, at most XT_MAX_COUNT. And the number for a value:
 * the nearest double, if the scale is an integer or the reciprocal of one.
 */
uint64_t xt_measure_value(double number, double scale);
double xt_measure_number(uint64_t value, double scale);

/* Compares the bytes of their names, like xt_text_compare. */
int xt_measure_compare(const xt_measure_entry *a, const xt_measure_entry *b);

/* Null for valid entries, else a message. */
const char *xt_measure_check_entries(size_t count, const xt_measure_entry entries[]);

/* Counts `value`, which isn't XT_NO_MEASURE, in all but the window. */
static inline void xt_tool_measure_add(xt_tool_measure *measure, uint64_t value) {
    measure->sum = xt_count_sum(measure->sum, value);
    measure->count = xt_count_sum(measure->count, 1);
    if (value > measure->max) {
        measure->max = value;
    }
}

/* Adds the statistics of the same tool in another run, except the window. */
void xt_tool_measure_merge(xt_tool_measure *measure, const xt_tool_measure *other);

/*
 * Null for valid statistics of a tool with this number of `executions`, whose retained
 * records have the statistics `records`; else a message.
 */
const char *xt_tool_measure_check(const xt_tool_measure *measure, uint64_t executions,
                                  const xt_tool_measure *records);

#pragma GCC visibility pop

#endif
