/*
 * A histogram of durations: OpenTelemetry's exponential histogram, in fixed memory.
 *
 * At scale s the bucket with index i counts the durations d, in seconds, with
 * base^i < d <= base^(i+1), where base = 2^(2^-s). The scale starts at 6. When the
 * occupied buckets no longer fit the counters, it is lowered by one, which merges pairs
 * of adjacent buckets. Durations are integers of microseconds below 2^56, so scale 3
 * holds them all.
 *
 * The counter of bucket i is counters[i mod 512]. The occupied buckets span at most 512
 * indexes, so no two share a counter, and no counter moves when the span grows.
 *
 * A histogram of zero bytes is an empty one.
 *
 * Source: OpenTelemetry specification, metrics data model, "ExponentialHistogram".
 */
#ifndef XT_HISTOGRAM_H
#define XT_HISTOGRAM_H

#include "exectrack_read.h"
#include "journal.h"

#pragma GCC visibility push(hidden)

enum {
    XT_HISTOGRAM_COUNTERS = XT_HISTOGRAM_BUCKETS,
    XT_HISTOGRAM_SCALE = 6,
    XT_HISTOGRAM_HALVINGS = 3
};

typedef struct xt_histogram {
    uint32_t zero_count; /* durations of 0; this and the counters stop at 2^32 - 1 */
    uint32_t halvings;   /* how often the resolution was halved: the scale is 6 - this */
    int32_t lowest;      /* index of the lowest occupied bucket; 0 if there is none */
    uint32_t width;      /* from the lowest to the highest occupied bucket; 0 if none */
    uint32_t counters[XT_HISTOGRAM_COUNTERS];
} xt_histogram;

_Static_assert(sizeof(xt_histogram) == 2064, "part of the image's format");

/* The index in `counters` of bucket `index`. */
static inline size_t xt_histogram_place(int32_t index) {
    return (uint32_t)index % XT_HISTOGRAM_COUNTERS;
}

/*
 * The index at `scale`, 0 to 6, of the bucket of `duration_us`, 1 to 2^56 - 1. Exact: it
 * compares integers with the boundaries, rounded down, and computes no logarithm.
 */
int32_t xt_histogram_index(uint64_t duration_us, int scale);

/*
 * The counter of `duration_us`, below 2^56. Widens the span of the histogram to its
 * bucket first, and touches what that changes. The caller must touch and increment the
 * counter. O(1), amortised over the three times that the scale is lowered.
 */
uint32_t *xt_histogram_counter(xt_histogram *histogram, uint64_t duration_us,
                               xt_journal *journal);

/* Counts `duration_us`, below 2^56. Touches what it changes. O(1) amortised, likewise. */
static inline void xt_histogram_add(xt_histogram *histogram, uint64_t duration_us,
                                    xt_journal *journal) {
    uint32_t *count = xt_histogram_counter(histogram, duration_us, journal);
    xt_journal_touch_fast(journal, count, sizeof *count);
    *count += *count < UINT32_MAX;
}

/*
 * Adds the counts of `other`. The result is the same as if the durations of both had been
 * counted in one histogram, as long as no counter is full. O(1): 512 counters.
 */
void xt_histogram_merge(xt_histogram *histogram, const xt_histogram *other);

/* Whether it counts no durations. */
static inline bool xt_histogram_is_empty(const xt_histogram *histogram) {
    return (histogram->zero_count | histogram->width) == 0;
}

/* How many durations are counted; a full counter misses later ones. O(1). */
uint64_t xt_histogram_count(const xt_histogram *histogram);

/*
 * Estimates quantiles. `values_us[i]` receives an estimate of the sorted durations'
 * element number xt_quantile_rank(quantiles[i], count). `quantiles` are from 0 to 1 and
 * ascend. The estimate lies in the bucket of the true value, so the relative error is at
 * most (base - 1) / (base + 1): 0.54 %, 1.08 %, 2.17 %, 4.33 % at scales 6, 5, 4, 3. For
 * an empty histogram all are 0. O(1): one pass over 512 counters.
 */
void xt_histogram_quantiles(const xt_histogram *histogram, size_t count,
                            const double quantiles[], double values_us[]);

/* Convert to and from the public form. xt_histogram_from accepts any values: check its
 * result with xt_histogram_check. */
void xt_histogram_read(const xt_histogram *histogram, xt_tool_histogram *read);
void xt_histogram_from(xt_histogram *histogram, const xt_tool_histogram *read);

/* Null for a valid histogram, else a message. O(1): 512 counters. */
const char *xt_histogram_check(const xt_histogram *histogram);

#pragma GCC visibility pop

#endif
