/*
 * Radix selection, most significant digit first: the values are counted by a digit, and
 * only those with the digit of a wanted element are processed further.
 *
 * A digit is the distance from the smallest value as a floating-point number of few bits.
 * Durations span many orders of magnitude: the highest bits alone would be 0 for most of
 * them, and wouldn't separate these.
 */
#include "quantile.h"

#include <assert.h>
#include <float.h>
#include <string.h>

enum {
    FEW_VALUES = 32, /* so few are faster to sort than to count */
    MIN_PRECISION = 3,
    MAX_PRECISION = 5, /* so that the counters fit in the L1 cache */
    MAX_DIGITS = (65 - MAX_PRECISION) << MAX_PRECISION,
};

#define NOT_WANTED UINT32_MAX

/* Values of which some elements are wanted. */
typedef struct xt_search {
    uint64_t *values;
    uint64_t *scratch; /* room for `count` values */
    size_t count;
    size_t wanted;      /* number of wanted elements */
    size_t *ranks;      /* the index of each in the sorted values; ascending */
    uint64_t *results;  /* receives those elements */
    uint32_t *counters; /* MAX_DIGITS of them */
} xt_search;

/* The values that have one digit: `count` of them, from `start` in the scratch. */
typedef struct xt_bucket {
    size_t start;
    size_t count;
    size_t wanted;
} xt_bucket;

/*
 * Let D be the decimal, with k digits, n the count, and p = D * n. Let i be an integer of
 * at most n, and u = 2^-53; the relative error of rounding to a double is at most u / (1
 * + u). The double that D is read as, and its product with n, are rounded once each, so
 * |product - p| <= ((1 + u / (1 + u))^2 - 1) * p <= 2u * p.
 * - If p = i, then |product - i| <= 2u * i, and the rank is i.
 * - Else |p - i| >= 10^-k, so |product - i| >= 10^-k - 2u * p, which is above 2u * i if
 *   10^-k > 4u * n; and the product is on the same side of i as p.
 * So the rank is the integer i nearest to the product, or i + 1 if the product is above i
 * by more than 2u * i. 2u is DBL_EPSILON; i * 2u and product - i are exact. If doubles
 * are computed with extra bits (x87), the errors are smaller.
 */
uint64_t xt_quantile_rank(double quantile, uint64_t count) {
    double product = quantile * (double)count;
    uint64_t nearest = (uint64_t)(product + 0.5);
    bool is_above = product - (double)nearest > (double)nearest * DBL_EPSILON;
    uint64_t rank = nearest + is_above;
    assert(count < UINT64_C(1) << 53);
    return rank > 0 ? rank : 1;
}

bool xt_quantiles_order(xt_quantiles *quantiles, size_t count, const double asked_for[]) {
    if (count > XT_MAX_QUANTILES) {
        return false;
    }
    quantiles->count = count;
    for (size_t i = 0; i < count; i++) {
        size_t j = i;
        if (!(asked_for[i] >= 0 && asked_for[i] <= 1)) { /* it may be NaN */
            return false;
        }
        for (; j > 0 && quantiles->ascending[j - 1] > asked_for[i]; j--) {
            quantiles->ascending[j] = quantiles->ascending[j - 1];
            quantiles->places[j] = quantiles->places[j - 1];
        }
        quantiles->ascending[j] = asked_for[i];
        quantiles->places[j] = i;
    }
    return true;
}

static void sort_few(uint64_t values[], size_t count) {
    for (size_t i = 1; i < count; i++) {
        uint64_t value = values[i];
        size_t j = i;
        for (; j > 0 && values[j - 1] > value; j--) {
            values[j] = values[j - 1];
        }
        values[j] = value;
    }
}

static int highest_bit(uint64_t value) {
    return 63 - __builtin_clzll(value);
}

/* How many bits of a digit follow its highest bit: few for few values, as each pass
 * visits all counters. */
static int precision_for(size_t count) {
    int precision = highest_bit(count) - 5;
    return precision < MIN_PRECISION   ? MIN_PRECISION
           : precision > MAX_PRECISION ? MAX_PRECISION
                                       : precision;
}

/*
 * The position of the highest bit of `distance` and the `precision` bits after it,
 * combined into one number, which increases with the distance. A distance below
 * 2^(precision + 1) is its own digit.
 */
static inline size_t digit_of(uint64_t distance, int precision) {
    int shift = highest_bit(distance | UINT64_C(1) << precision) - precision;
    return ((size_t)shift << precision) + (size_t)(distance >> shift);
}

/*
 * Replaces the count of each digit by the index in the scratch where its values go, or by
 * NOT_WANTED. Makes the ranks relative to their buckets. Returns the number of wanted
 * buckets.
 */
static size_t place_buckets(const xt_search *search, size_t digits, xt_bucket buckets[]) {
    uint32_t *counters = search->counters;
    size_t bucket_count = 0;
    size_t passed = 0;
    size_t placed = 0;
    size_t next = 0;
    for (size_t digit = 0; digit < digits; digit++) {
        size_t count = counters[digit];
        size_t first = next;
        while (next < search->wanted && search->ranks[next] - passed < count) {
            search->ranks[next++] -= passed;
        }
        passed += count;
        if (next == first) {
            counters[digit] = NOT_WANTED;
        } else {
            counters[digit] = (uint32_t)placed;
            buckets[bucket_count++] = (xt_bucket){placed, count, next - first};
            placed += count;
        }
    }
    return bucket_count;
}

/* Splits the values by their digits: stores the wanted buckets in the scratch. */
static size_t split(const xt_search *search, uint64_t min, uint64_t max,
                    xt_bucket buckets[]) {
    const uint64_t *values = search->values;
    uint32_t *counters = search->counters;
    int precision = precision_for(search->count);
    size_t digits = digit_of(max - min, precision) + 1;
    memset(counters, 0, digits * sizeof counters[0]);
    for (size_t i = 0; i < search->count; i++) {
        counters[digit_of(values[i] - min, precision)]++;
    }
    size_t bucket_count = place_buckets(search, digits, buckets);
    for (size_t i = 0; i < search->count; i++) {
        uint32_t *place = &counters[digit_of(values[i] - min, precision)];
        if (*place != NOT_WANTED) {
            search->scratch[(*place)++] = values[i];
        }
    }
    return bucket_count;
}

/*
 * If the values are few, or all equal, stores the wanted elements and returns true. Else
 * stores the smallest and the largest value, and returns false.
 */
static bool answer_at_once(const xt_search *search, uint64_t *min, uint64_t *max) {
    uint64_t *values = search->values;
    if (search->count <= FEW_VALUES) {
        sort_few(values, search->count);
        for (size_t i = 0; i < search->wanted; i++) {
            search->results[i] = values[search->ranks[i]];
        }
        return true;
    }
    *min = values[0];
    *max = values[0];
    for (size_t i = 1; i < search->count; i++) {
        *min = values[i] < *min ? values[i] : *min;
        *max = values[i] > *max ? values[i] : *max;
    }
    for (size_t i = 0; *min == *max && i < search->wanted; i++) {
        search->results[i] = *min;
    }
    return *min == *max;
}

/*
 * Stores the wanted elements. The values of a bucket differ by less than 2^shift, and one
 * of them differs from the smallest value by at least 2^(shift + precision), or shift is
 * 0 and they are equal. So each recursion makes the difference at least 4 bits shorter,
 * and the depth is at most 16.
 */
static void select_wanted(const xt_search *search) {
    uint64_t min;
    uint64_t max;
    xt_bucket buckets[XT_MAX_QUANTILES];
    size_t next = 0;
    if (answer_at_once(search, &min, &max)) {
        return;
    }
    size_t bucket_count = split(search, min, max, buckets);
    for (size_t i = 0; i < bucket_count; i++) {
        const xt_bucket *bucket = &buckets[i];
        xt_search part = {
            .values = search->scratch + bucket->start,
            .scratch = search->values, /* the wanted ones have been copied */
            .count = bucket->count,
            .wanted = bucket->wanted,
            .ranks = search->ranks + next,
            .results = search->results + next,
            .counters = search->counters,
        };
        select_wanted(&part);
        next += bucket->wanted;
    }
}

void xt_quantiles_select(const xt_quantiles *quantiles, size_t count, uint64_t values[],
                         uint64_t scratch[], uint64_t results[]) {
    size_t ranks[XT_MAX_QUANTILES];
    uint64_t ascending[XT_MAX_QUANTILES];
    uint32_t counters[MAX_DIGITS];
    assert(count > 0 && count <= XT_MAX_HISTORY);
    for (size_t i = 0; i < quantiles->count; i++) {
        ranks[i] = (size_t)xt_quantile_rank(quantiles->ascending[i], count) - 1;
    }
    select_wanted(&(xt_search){values, scratch, count, quantiles->count, ranks, ascending,
                               counters});
    for (size_t i = 0; i < quantiles->count; i++) {
        results[quantiles->places[i]] = ascending[i];
    }
}
