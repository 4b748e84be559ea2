/*
 * The newest of some records: those that ended last, and of those that ended together the
 * ones that were recorded last.
 */
#ifndef XT_NEWEST_H
#define XT_NEWEST_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* Up to `capacity` records, by the numbers of their executions: the newest so far. */
typedef struct xt_newest {
    const xt_image *image;
    size_t capacity;
    uint64_t *sequences; /* room for `capacity`: a heap, with the oldest of them first */
    size_t count;
} xt_newest;

/* Takes in a record, each once. O(log capacity); O(1) for one older than all. */
void xt_newest_offer(xt_newest *newest, uint64_t sequence);

/* Puts the numbers in order, newest first; nothing can be offered after that. */
void xt_newest_sort(xt_newest *newest);

#pragma GCC visibility pop

#endif
