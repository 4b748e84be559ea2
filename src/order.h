/*
 * Comparing two numbers, for qsort.
 */
#ifndef XT_ORDER_H
#define XT_ORDER_H

#include <stdint.h>

/* Negative if `a` is before `b`, 0 if they are equal, else positive. */
static inline int xt_order(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

#endif
