#include "histogram.h"

#include "quantile.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/*
 * The boundaries 10^6 * 2^(j/64) microseconds for j = 5 to 68, which is one octave, each
 * multiplied by 2^43 to fill 64 bits, and rounded down. An integer is above a boundary if
 * and only if it is above the rounded boundary, so comparing with these is exact. The
 * last entry is above all values.
 */
static const uint64_t boundaries[65] = {
    0x80dce96d484cbf25, 0x82442334960ceda4, 0x83af4661ce7c1d52, 0x851e5ddc7f9a447e,
    0x869174aa9d4d22d2, 0x880895f0d61d84b2, 0x8983ccf2e8e0bff7, 0x8b032513fb50fc8e,
    0x8c86a9d6f196e2b6, 0x8e0e66dec6c74fad, 0x8f9a67eee657b934, 0x912ab8eb868bef75,
    0x92bf65da03dff487, 0x94587ae13d70a83d, 0x95f60449f2660eae, 0x97980e7f2061ff7f,
    0x993ea60e62f613f4, 0x9ae9d7a85423b18a, 0x9c99b020ede91700, 0x9e4e3c6fecde59ab,
    0xa00789b133e54924, 0xa1c5a52530ef37b6, 0xa3889c3142dbae26, 0xa5507c60207319f3,
    0xa71d536240808dbc, 0xa8ef2f0e430db402, 0xaac61d615bc41d3b, 0xaca22c7fbd771b14,
    0xae836ab506d9636b, 0xb069e674b061bed8, 0xb255ae5a7b620f75, 0xb446d12ae25405e5,
    0xb63d5dd38a5ee3eb, 0xb839636bb619b537, 0xba3af134b98d70a0, 0xbc42169a6f7a7d91,
    0xbe4ee333afe52329, 0xc06166c2c7ec7068, 0xc279b135f2ef36a2, 0xc497d2a7d502b97b,
    0xc6bbdb5ff6bec1e3, 0xc8e5dbd34262cbad, 0xcb15e4a482580fdd, 0xcd4c06a4e1143813,
    0xcf8852d46a609253, 0xd1cada628e09a6cd, 0xd413aeaea3fb1c62, 0xd662e14871cbe373,
    0xd8b883f0b1bea989, 0xdb14a8999b3aa3b6, 0xdd7761676cc0c8be, 0xdfe0c0b0f7619f98,
    0xe250d9002bb7d250, 0xe4c7bd12a86bc110, 0xe7457fda4a445ce0, 0xe9ca347dbdc99d8f,
    0xec55ee59127cf258, 0xeee8c0fe4fac18fc, 0xf182c0360ae2d356, 0xf424000000000000,
    0xf6cc9493aaf2a70e, 0xf97c9260e32398c7, 0xfc340e1078904907, 0xfef31c84d29b9f02,
    UINT64_MAX,
};

enum { FIRST_BOUNDARY = 5, BUCKETS_PER_OCTAVE = 64, OCTAVE_OF_A_SECOND = 20 };

/*
 * How many boundaries lie below the cell [(128 + c) * 2^56, (129 + c) * 2^56). Boundaries
 * are at least 2^63 * 0.0108 apart, which is more than the size of a cell, so each cell
 * contains at most one.
 */
static const uint8_t boundaries_below_cell[128] = {
    0,  1,  1,  2,  3,  3,  4,  5,  5,  6,  7,  7,  8,  9,  9,  10, 11, 11, 12,
    13, 13, 14, 15, 15, 16, 16, 17, 18, 18, 19, 19, 20, 20, 21, 22, 22, 23, 23,
    24, 24, 25, 26, 26, 27, 27, 28, 28, 29, 29, 30, 30, 31, 31, 32, 32, 33, 33,
    34, 34, 35, 35, 36, 36, 37, 37, 38, 38, 39, 39, 40, 40, 41, 41, 42, 42, 42,
    43, 43, 44, 44, 45, 45, 46, 46, 46, 47, 47, 48, 48, 49, 49, 49, 50, 50, 51,
    51, 52, 52, 52, 53, 53, 54, 54, 54, 55, 55, 56, 56, 56, 57, 57, 58, 58, 58,
    59, 59, 59, 60, 60, 61, 61, 61, 62, 62, 62, 63, 63, 64,
};

int32_t xt_histogram_index(uint64_t duration_us, int scale) {
    assert(duration_us > 0 && scale >= 0 && scale <= XT_HISTOGRAM_SCALE);
    int octave = 63 - __builtin_clzll(duration_us); /* the position of its highest bit */
    uint64_t normalized = duration_us << (63 - octave);
    unsigned below = boundaries_below_cell[normalized >> 56 & 127];
    below += normalized > boundaries[below];
    int32_t index = (octave - OCTAVE_OF_A_SECOND) * BUCKETS_PER_OCTAVE + FIRST_BOUNDARY -
                    1 + (int32_t)below;
    /* Two adjacent buckets make one of the next lower scale; the shift rounds down. */
    return index >> (XT_HISTOGRAM_SCALE - scale);
}

static int scale_of(const xt_histogram *histogram) {
    return XT_HISTOGRAM_SCALE - (int)histogram->halvings;
}

static uint32_t *counter(xt_histogram *histogram, int32_t index) {
    return &histogram->counters[xt_histogram_place(index)];
}

static uint32_t counted(const xt_histogram *histogram, int32_t index) {
    return histogram->counters[xt_histogram_place(index)];
}

/* The index of the highest occupied bucket; lowest - 1 if there is none. */
static int32_t highest_index(const xt_histogram *histogram) {
    return histogram->lowest + (int32_t)histogram->width - 1;
}

static void count_more(uint32_t *count, uint32_t more) {
    *count = *count > UINT32_MAX - more ? UINT32_MAX : *count + more;
}

/* Lowers the scale by one. */
static void halve_resolution(xt_histogram *histogram) {
    assert(histogram->halvings < XT_HISTOGRAM_HALVINGS);
    xt_histogram finer = *histogram;
    memset(histogram->counters, 0, sizeof histogram->counters);
    for (uint32_t i = 0; i < finer.width; i++) {
        int32_t index = finer.lowest + (int32_t)i;
        count_more(counter(histogram, index >> 1), counted(&finer, index));
    }
    histogram->halvings++;
    if (finer.width > 0) {
        int32_t highest = highest_index(&finer) >> 1;
        histogram->lowest = finer.lowest >> 1;
        histogram->width = (uint32_t)(highest - histogram->lowest) + 1;
    }
}

static bool spans(const xt_histogram *histogram, int32_t index) {
    return (uint32_t)(index - histogram->lowest) < histogram->width;
}

/* Widens the span to include bucket `index`; false if that doesn't fit. */
static bool reach(xt_histogram *histogram, int32_t index) {
    if (histogram->width == 0) {
        histogram->lowest = index;
        histogram->width = 1;
        return true;
    }
    int32_t lowest = index < histogram->lowest ? index : histogram->lowest;
    int32_t highest = highest_index(histogram);
    uint32_t width = (uint32_t)((index > highest ? index : highest) - lowest) + 1;
    if (width > XT_HISTOGRAM_COUNTERS) {
        return false;
    }
    histogram->lowest = lowest;
    histogram->width = width;
    return true;
}

/* Widens the span to include bucket `index`, halving the resolution as often as
 * necessary, and returns the bucket's counter. Not inline, as this is rare. */
static __attribute__((noinline)) uint32_t *widen(xt_histogram *histogram, int32_t index,
                                                 xt_journal *journal) {
    xt_journal_touch(journal, histogram, offsetof(xt_histogram, counters));
    if (!reach(histogram, index)) {
        xt_journal_touch(journal, histogram->counters, sizeof histogram->counters);
        do {
            halve_resolution(histogram);
            index >>= 1;
        } while (!reach(histogram, index));
    }
    return counter(histogram, index);
}

uint32_t *xt_histogram_counter(xt_histogram *histogram, uint64_t duration_us,
                               xt_journal *journal) {
    if (duration_us == 0) {
        return &histogram->zero_count;
    }
    int32_t index = xt_histogram_index(duration_us, scale_of(histogram));
    return spans(histogram, index) ? counter(histogram, index)
                                   : widen(histogram, index, journal);
}

void xt_histogram_merge(xt_histogram *histogram, const xt_histogram *other) {
    count_more(&histogram->zero_count, other->zero_count);
    if (other->width == 0) {
        return;
    }
    while (histogram->halvings < other->halvings) {
        halve_resolution(histogram);
    }
    int32_t lowest = other->lowest;
    int32_t highest = highest_index(other);
    uint32_t shift = histogram->halvings - other->halvings;
    while (!reach(histogram, lowest >> shift) || !reach(histogram, highest >> shift)) {
        halve_resolution(histogram);
        shift++;
    }
    for (int32_t index = lowest; index <= highest; index++) {
        count_more(counter(histogram, index >> shift), counted(other, index));
    }
}

uint64_t xt_histogram_count(const xt_histogram *histogram) {
    uint64_t count = histogram->zero_count;
    for (size_t i = 0; i < XT_HISTOGRAM_COUNTERS; i++) {
        count += histogram->counters[i];
    }
    return count;
}

/*
 * The estimate for a bucket with the boundaries l and u: 2lu / (l + u). Its largest
 * relative error, (u - l) / (u + l), is the smallest that is possible with one value.
 */
static double midpoint_us(int32_t index, int scale) {
    double buckets_per_octave = (double)(1 << scale);
    double base = exp2(1 / buckets_per_octave);
    return 1e6 * exp2(index / buckets_per_octave) * 2 * base / (1 + base);
}

void xt_histogram_quantiles(const xt_histogram *histogram, size_t count,
                            const double quantiles[], double values_us[]) {
    uint64_t total = xt_histogram_count(histogram);
    int32_t index = histogram->lowest - 1;
    uint64_t passed = histogram->zero_count;
    for (size_t i = 0; i < count; i++) {
        uint64_t rank = xt_quantile_rank(quantiles[i], total);
        while (passed < rank && index < highest_index(histogram)) {
            index++;
            passed += counted(histogram, index);
        }
        bool is_zero = index < histogram->lowest;
        values_us[i] = is_zero ? 0 : midpoint_us(index, scale_of(histogram));
    }
}

void xt_histogram_read(const xt_histogram *histogram, xt_tool_histogram *read) {
    *read = (xt_tool_histogram){
        .scale = scale_of(histogram),
        .zero_count = histogram->zero_count,
        .offset = histogram->lowest,
        .bucket_count = histogram->width,
    };
    for (uint32_t i = 0; i < histogram->width; i++) {
        read->counts[i] = counted(histogram, histogram->lowest + (int32_t)i);
    }
}

void xt_histogram_from(xt_histogram *histogram, const xt_tool_histogram *read) {
    *histogram = (xt_histogram){
        .zero_count = read->zero_count,
        .halvings = (uint32_t)XT_HISTOGRAM_SCALE - (uint32_t)read->scale,
        .lowest = read->offset,
        .width = read->bucket_count,
    };
    for (uint32_t i = 0; i < read->bucket_count && i < XT_HISTOGRAM_COUNTERS; i++) {
        uint32_t index = (uint32_t)read->offset + i;
        histogram->counters[xt_histogram_place((int32_t)index)] = read->counts[i];
    }
}

const char *xt_histogram_check(const xt_histogram *histogram) {
    if (histogram->halvings > XT_HISTOGRAM_HALVINGS) {
        return "a histogram's scale is out of range";
    }
    int scale = scale_of(histogram);
    if (histogram->width > XT_HISTOGRAM_COUNTERS ||
        histogram->lowest < xt_histogram_index(1, scale) ||
        histogram->lowest > xt_histogram_index(XT_MAX_DURATION_US, scale) ||
        highest_index(histogram) > xt_histogram_index(XT_MAX_DURATION_US, scale)) {
        return "a histogram's span is out of range";
    }
    uint32_t outside = XT_HISTOGRAM_COUNTERS - histogram->width;
    for (uint32_t i = 0; i < outside; i++) {
        if (counted(histogram, highest_index(histogram) + 1 + (int32_t)i) != 0) {
            return "a histogram counts outside its span";
        }
    }
    if (histogram->width == 0) {
        return histogram->lowest == 0 ? NULL : "an empty histogram has a span";
    }
    if (counted(histogram, histogram->lowest) == 0 ||
        counted(histogram, highest_index(histogram)) == 0) {
        return "a histogram's span ends in an empty bucket";
    }
    return NULL;
}
