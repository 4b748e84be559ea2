/*
 * What the binding reads for policies, besides what exectrack_policy.h declares.
 */
#ifndef XT_RECENT_H
#define XT_RECENT_H

#include "exectrack_policy.h"

#pragma GCC visibility push(hidden)

/* How many executions started after a time, and when the nth newest of these did. */
typedef struct xt_nth_start {
    uint64_t count;    /* as `xt_image_starts` */
    uint64_t start_us; /* 0 if there are fewer than n, or if n is 0 */
} xt_nth_start;

/* Both at the cost of `xt_image_starts` if there are at most `n`, else at that of
 * `xt_image_nth_start`. */
xt_nth_start xt_image_starts_and_nth(const xt_image *image, uint32_t tool_id,
                                     int64_t after_us, uint64_t n);

#pragma GCC visibility pop

#endif
