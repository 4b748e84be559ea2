/*
 * Random operations that can be repeated: each depends only on a seed, on its number, and
 * on the run that it changes.
 */
#ifndef SUPPORT_OPERATIONS_H
#define SUPPORT_OPERATIONS_H

#include "exectrack_recorder.h"

/* Options whose tables are so small that they overflow. `*now_us` is set by each
 * operation; `measures` are copied when a tracker is made. */
xt_recorder_options operation_options(uint64_t seed, uint64_t *now_us);

/* Performs operation `number` on `tracker`, whose options are these. */
void operate(xt_tracker *tracker, uint64_t seed, uint64_t number, uint64_t *now_us);

#endif
