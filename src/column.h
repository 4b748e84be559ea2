/*
 * A column: items of one size by their place, from 0, in chunks of memory. An item never
 * moves, and chunks can be freed one by one.
 */
#ifndef XT_COLUMN_H
#define XT_COLUMN_H

#include "growing.h"

#pragma GCC visibility push(hidden)

enum { XT_CHUNK_SHIFT = 15, XT_CHUNK_ITEMS = 1 << XT_CHUNK_SHIFT };

/* Zeroed it is empty. A chunk without items needs no memory. */
typedef struct xt_column {
    xt_growing chunks; /* void *; null for no memory */
} xt_column;

/* Allocates the chunk of the item at `place`, unless it has one already; the bytes of a
 * new chunk are `fill`. False if there is no memory; then no chunk changes. O(1), but
 * O(chunks) when the list of chunks grows. */
bool xt_column_reserve(xt_column *column, size_t item_bytes, size_t place, int fill,
                       const xt_allocator *from);

/* The address of the item at `place`; null if its chunk has no memory. */
static inline void *xt_column_at(const xt_column *column, size_t item_bytes,
                                 size_t place) {
    void *const *chunks = column->chunks.items;
    size_t chunk = place >> XT_CHUNK_SHIFT;
    if (chunk >= column->chunks.count || chunks[chunk] == NULL) {
        return NULL;
    }
    return (char *)chunks[chunk] + (place & (XT_CHUNK_ITEMS - 1)) * item_bytes;
}

/* Frees the chunk of the item at `place`, if it has memory. */
void xt_column_release(xt_column *column, size_t item_bytes, size_t place,
                       const xt_allocator *from);

/* Frees the memory; the column is empty. */
void xt_column_close(xt_column *column, size_t item_bytes, const xt_allocator *from);

#pragma GCC visibility pop

#endif
