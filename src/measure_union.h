/*
 * The union of the measures of several runs: each name once, in the order of the bytes of
 * their names.
 */
#ifndef XT_MEASURE_UNION_H
#define XT_MEASURE_UNION_H

#include "measures.h"

#pragma GCC visibility push(hidden)

typedef struct xt_measure_union {
    uint32_t count;
    xt_measure_entry entries[XT_MAX_MEASURES];
} xt_measure_union;

/*
 * Adds the measures of a run. Returns null; or the first entry of `measures` that has
 * another unit or scale than the measure of the same name, or for which there is no room.
 */
const xt_measure_entry *xt_measure_union_add(xt_measure_union *into,
                                             const xt_measures *measures);

/* The index of the measure with the name of `entry`; the count if there is none. */
uint32_t xt_measure_union_find(const xt_measure_union *in, const xt_measure_entry *entry);

/* Adds the statistics in `measures` of the tool at index `tool` to `sums`, which has one
 * for each measure of the union. */
void xt_measure_union_merge(const xt_measure_union *in, xt_tool_measure sums[],
                            const xt_measures *measures, uint32_t tool);

#pragma GCC visibility pop

#endif
