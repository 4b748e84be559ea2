/*
 * Selects the newest of some records: those that ended last, and of those with the same
 * end the ones that were recorded last.
 */
#ifndef XT_NEWEST_H
#define XT_NEWEST_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* The newest records so far, at most `capacity`, by the numbers of their executions. */
typedef struct xt_newest {
    const xt_image *image;
    size_t capacity;
    uint64_t *sequences; /* room for `capacity`: a heap with the oldest of them first */
    size_t count;
} xt_newest;

/* Adds a record, if it is among the newest. Each record may be offered once. O(log
 * capacity); O(1) if it is older than all. */
void xt_newest_offer(xt_newest *newest, uint64_t sequence);

/* Sorts the numbers, newest first. No record can be offered afterwards. O(n * log n). */
void xt_newest_sort(xt_newest *newest);

#pragma GCC visibility pop

#endif
