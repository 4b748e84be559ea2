/*
 * An array that grows. Its items may move whenever one is added.
 */
#ifndef XT_GROWING_H
#define XT_GROWING_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* Zeroed it is empty. The user adds an item by storing it behind the last one and
 * incrementing `count`. */
typedef struct xt_growing {
    void *items;
    size_t count;
    size_t capacity;
    size_t bytes; /* of the memory of `items` */
} xt_growing;

/* Makes room for one more item of `item_bytes`. False if there is no memory; then nothing
 * changes. O(1), but O(items) when they are moved. */
bool xt_growing_reserve(xt_growing *array, size_t item_bytes, const xt_allocator *from);

/* Frees the memory; the array is empty. */
void xt_growing_close(xt_growing *array, const xt_allocator *from);

#pragma GCC visibility pop

#endif
