/*
 * The measures of several runs as those of one: united by name, in the order of the bytes of
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
 * Adds those of a run. Returns null; or one that is there with another unit or scale, or
 * that has no room, where it stands in `measures`.
 */
const xt_measure_entry *xt_measure_union_add(xt_measure_union *into,
                                             const xt_measures *measures);

/* The place of the one called as `entry` is; the count if there is none. */
uint32_t xt_measure_union_find(const xt_measure_union *in, const xt_measure_entry *entry);

/* Adds what a run's tool at index `tool` adds up to, in `measures`, to the row of `sums`. */
void xt_measure_union_merge(const xt_measure_union *in, xt_tool_measure sums[],
                            const xt_measures *measures, uint32_t tool);

#pragma GCC visibility pop

#endif
