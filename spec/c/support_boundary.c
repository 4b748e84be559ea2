#include "support_boundary.h"

#include "exectrack.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Enough for (2^57)^64 and for (10^6)^64 * 2^(37 * 64). */
enum { LIMBS = 128 };

/* A natural number, its lowest 32 bits first. */
typedef struct natural {
    size_t length;
    uint32_t limbs[LIMBS];
} natural;

static natural natural_of(uint64_t n) {
    natural result = {0};
    for (; n != 0; n >>= 32) {
        result.limbs[result.length++] = (uint32_t)n;
    }
    return result;
}

static natural square(const natural *a) {
    natural result = {0};
    assert(a->length * 2 <= LIMBS);
    for (size_t i = 0; i < a->length; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < a->length; j++) {
            uint64_t product = (uint64_t)a->limbs[i] * a->limbs[j];
            carry += result.limbs[i + j] + (product & UINT32_MAX);
            result.limbs[i + j] = (uint32_t)carry;
            carry = (carry >> 32) + (product >> 32);
        }
        result.limbs[i + a->length] = (uint32_t)carry;
    }
    result.length = a->length * 2;
    while (result.length > 0 && result.limbs[result.length - 1] == 0) {
        result.length--;
    }
    return result;
}

static natural shifted_left(const natural *a, uint32_t bits) {
    natural result = {.length = a->length + bits / 32 + 1};
    assert(result.length <= LIMBS);
    for (size_t i = 0; i < a->length; i++) {
        uint64_t limb = (uint64_t)a->limbs[i] << bits % 32;
        result.limbs[i + bits / 32] |= (uint32_t)limb;
        result.limbs[i + bits / 32 + 1] = (uint32_t)(limb >> 32);
    }
    while (result.length > 0 && result.limbs[result.length - 1] == 0) {
        result.length--;
    }
    return result;
}

/* n^(2^scale) */
static natural power(uint64_t n, int scale) {
    natural result = natural_of(n);
    for (int i = 0; i < scale; i++) {
        result = square(&result);
    }
    return result;
}

static bool is_above(const natural *a, const natural *b) {
    if (a->length != b->length) {
        return a->length > b->length;
    }
    for (size_t i = a->length; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) {
            return a->limbs[i] > b->limbs[i];
        }
    }
    return false;
}

/* Whether `duration_us` is above the boundary. */
static bool is_above_boundary(uint64_t duration_us, const natural *second, int32_t index,
                              int scale) {
    natural left = power(duration_us, scale);
    natural right = shifted_left(second, index > 0 ? (uint32_t)index : 0);
    left = shifted_left(&left, index < 0 ? (uint32_t)-index : 0);
    return is_above(&left, &right);
}

uint64_t exact_boundary_us(int32_t index, int scale) {
    natural second = power(1000000, scale);
    /* A logarithm isn't exact, but good enough for a first guess. */
    double guess_us = 1e6 * exp2((double)index / (double)(1 << scale));
    uint64_t low = (uint64_t)guess_us;
    uint64_t margin = 1 + (low >> 48);
    uint64_t high = low + margin;
    low -= low < margin ? low : margin;
    assert(!is_above_boundary(low, &second, index, scale));
    assert(is_above_boundary(high, &second, index, scale));
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (is_above_boundary(middle, &second, index, scale)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return low < XT_MAX_DURATION_US ? low : XT_MAX_DURATION_US;
}
